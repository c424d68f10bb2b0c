//! The page cache: rendered pages in memory until the catalog changes. Hot pages are ready to send,
//! colder ones are compressed.

use std::future::Future;
use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::page_compressor::{CompressedPage, PageCompressor};
use super::page_context::CacheKey;
use super::page_template::PageTemplate;
use crate::web::error::Result;

pub(crate) struct PageCache {
    pages: Cache<CacheKey, Arc<PageTemplate>, Size>,
    compressor: PageCompressor,
    compressed: Cache<CacheKey, Arc<CompressedPage>, Size>,
}

/// The output of a template, before its placeholders are found.
pub(crate) struct Rendered {
    pub(crate) template: &'static str,
    pub(crate) html: String,
    pub(crate) film: Option<i32>,
    /// Whether to keep a compressed copy.
    pub(crate) compress: bool,
}

impl PageCache {
    /// Creates a cache of this size in MiB. Three tenths of it are for pages ready to send.
    pub(crate) fn new(mib: u32) -> Self {
        let total = u64::from(mib) << 20;
        let plain = total * 3 / 10;
        let estimated_pages = |room: u64, size| usize::try_from(room / size).unwrap_or(usize::MAX);
        let compressed = total - plain;
        Self {
            pages: Cache::with_weighter(estimated_pages(plain, 32 << 10), plain, Size),
            compressor: PageCompressor::default(),
            compressed: Cache::with_weighter(
                estimated_pages(compressed, 4 << 10),
                compressed,
                Size,
            ),
        }
    }

    /// Returns the page of that key; renders it if it is missing. Concurrent misses are coalesced.
    ///
    /// # Errors
    /// Those of `render`, which are not cached.
    pub(crate) async fn get_or_render(
        &self,
        key: CacheKey,
        render: impl Future<Output = Result<Rendered>>,
    ) -> Result<Arc<PageTemplate>> {
        if let Some(page) = self.pages.get(&key) {
            return Ok(page);
        }
        let make = async {
            if let Some(page) = self.compressed.get(&key) {
                return Ok(Arc::new(page.decompress()?));
            }
            let Rendered { template, html, film, compress } = render.await?;
            let page = PageTemplate::new(&html, film)?;
            if compress {
                let compressed = self.compressor.compress(template, &html, film)?;
                self.compressed.insert(key.clone(), compressed.into());
            }
            Ok(Arc::new(page))
        };
        // Boxed to keep the future of a cache hit small.
        Box::pin(self.pages.get_or_insert_async(&key, make)).await
    }
}

/// Weighs entries by their size in memory.
#[derive(Clone)]
struct Size;

impl Size {
    fn of(key: &CacheKey, page: usize) -> u64 {
        u64::try_from(key.size() + page).unwrap_or(u64::MAX)
    }
}

impl Weighter<CacheKey, Arc<PageTemplate>> for Size {
    fn weight(&self, key: &CacheKey, page: &Arc<PageTemplate>) -> u64 {
        Self::of(key, page.size())
    }
}

impl Weighter<CacheKey, Arc<CompressedPage>> for Size {
    fn weight(&self, key: &CacheKey, page: &Arc<CompressedPage>) -> u64 {
        Self::of(key, page.size())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_cache_uses_all_of_its_memory() {
        let PageCache { pages, compressed, .. } = PageCache::new(20);
        // Each is divided among shards, and rounded.
        let capacity = pages.capacity() + compressed.capacity();
        assert!((20 << 20..=21 << 20).contains(&capacity), "{capacity}");
        assert!(pages.capacity() > 0 && compressed.capacity() > pages.capacity());
    }
}
