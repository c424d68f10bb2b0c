//! The page cache: rendered pages in memory until the catalog changes. Hot pages are ready to send,
//! colder ones are compressed.

use std::future::Future;
use std::sync::Arc;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;
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
    requests: Requests,
}

/// Counts the requests of pages by where the page came from. Clones share their counters.
#[derive(Clone)]
struct Requests {
    family: Family<Outcome, Counter>,
    hit: Counter,
    compressed: Counter,
    miss: Counter,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Outcome {
    result: &'static str,
}

impl Default for Requests {
    fn default() -> Self {
        let family = Family::default();
        let counter = |result| -> Counter { family.get_or_create_owned(&Outcome { result }) };
        let (hit, compressed, miss) = (counter("hit"), counter("compressed"), counter("miss"));
        Self { family, hit, compressed, miss }
    }
}

/// The output of a template, before its placeholders are found.
pub(crate) struct Rendered {
    pub(crate) template: &'static str,
    pub(crate) html: String,
    pub(crate) film: Option<i32>,
    /// Whether to cache the page.
    pub(crate) cache: bool,
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
            requests: Requests::default(),
        }
    }

    /// Adds the counters of this cache.
    pub(crate) fn register(&self, registry: &mut Registry) {
        registry.register(
            "page_cache_requests",
            "Pages taken from the cache, decompressed from it, or rendered",
            self.requests.family.clone(),
        );
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
            self.requests.hit.inc();
            return Ok(page);
        }
        // Boxed to keep the future of a cache hit small.
        Box::pin(async {
            let place = match self.pages.get_value_or_guard_async(&key).await {
                Ok(page) => {
                    self.requests.hit.inc();
                    return Ok(page);
                }
                Err(place) => place,
            };
            if let Some(page) = self.compressed.get(&key) {
                self.requests.compressed.inc();
                let page = Arc::new(page.decompress()?);
                _ = place.insert(Arc::clone(&page));
                return Ok(page);
            }
            self.requests.miss.inc();
            let Rendered { template, html, film, cache, compress } = render.await?;
            let page = Arc::new(PageTemplate::new(&html, film)?);
            if cache {
                if compress {
                    let compressed = self.compressor.compress(template, &html, film)?;
                    self.compressed.insert(key.clone(), compressed.into());
                }
                _ = place.insert(Arc::clone(&page));
            }
            Ok(page)
        })
        .await
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
