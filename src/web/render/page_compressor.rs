//! Compresses cached pages with zstd. Pages of one template are similar, so the first one is the
//! dictionary of the others, which shrinks them to about a tenth.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use anyhow::anyhow;
use zstd_safe::{CCtx, CDict, DCtx, DDict};

use super::page_template::PageTemplate;

/// The fastest level; the dictionary gains more than a higher one.
const LEVEL: i32 = 1;

thread_local! {
    static COMPRESSOR: RefCell<CCtx<'static>> = RefCell::new(CCtx::create());
    /// With a reused output buffer.
    static DECOMPRESSOR: RefCell<(DCtx<'static>, Vec<u8>)> =
        RefCell::new((DCtx::create(), Vec::new()));
}

/// One dictionary for each template.
#[derive(Default)]
pub(crate) struct PageCompressor(RwLock<HashMap<&'static str, Arc<Dictionary>>>);

/// The first page of a template, prepared for compression.
struct Dictionary {
    compress: CDict<'static>,
    decompress: DDict<'static>,
}

/// A compressed page, with unfilled placeholders.
pub(crate) struct CompressedPage {
    bytes: Box<[u8]>,
    /// Uncompressed size in bytes.
    length: usize,
    film: Option<i32>,
    dictionary: Arc<Dictionary>,
}

impl PageCompressor {
    /// Compresses the input of [`PageTemplate::new`].
    ///
    /// # Errors
    /// When the compressor fails.
    pub(crate) fn compress(
        &self,
        template: &'static str,
        html: &str,
        film: Option<i32>,
    ) -> anyhow::Result<CompressedPage> {
        let dictionary = self.dictionary(template, html);
        let mut bytes = Vec::with_capacity(zstd_safe::compress_bound(html.len()));
        let compressed = COMPRESSOR.with_borrow_mut(|compressor| {
            compressor.compress_using_cdict(&mut bytes, html.as_bytes(), &dictionary.compress)
        });
        compressed.map_err(|code| failed("compressing", code))?;
        Ok(CompressedPage { bytes: bytes.as_slice().into(), length: html.len(), film, dictionary })
    }

    /// Returns the template's dictionary; the first page becomes it.
    fn dictionary(&self, template: &'static str, html: &str) -> Arc<Dictionary> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(template).cloned();
        known.unwrap_or_else(|| {
            let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
            all.entry(template).or_insert_with(|| Arc::new(Dictionary::new(html))).clone()
        })
    }
}

impl Dictionary {
    fn new(html: &str) -> Self {
        Self {
            compress: CDict::create(html.as_bytes(), LEVEL),
            decompress: DDict::create(html.as_bytes()),
        }
    }
}

impl CompressedPage {
    /// Returns the size in memory, in bytes.
    pub(crate) fn size(&self) -> usize {
        size_of::<Self>() + self.bytes.len()
    }

    /// # Errors
    /// When the compressed data is damaged.
    pub(crate) fn decompress(&self) -> anyhow::Result<PageTemplate> {
        DECOMPRESSOR.with_borrow_mut(|(decompressor, html)| {
            html.clear();
            html.reserve(self.length);
            let dictionary = &self.dictionary.decompress;
            let decompressed = decompressor.decompress_using_ddict(html, &self.bytes, dictionary);
            decompressed.map_err(|code| failed("decompressing", code))?;
            PageTemplate::new(str::from_utf8(html)?, self.film)
        })
    }
}

fn failed(what: &str, code: usize) -> anyhow::Error {
    anyhow!("{what} a page: {}", zstd_safe::get_error_name(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compressed_page_round_trips() {
        let compressor = PageCompressor::default();
        let long = "<li>A tale of two cities".repeat(9_000);
        for html in ["<html>the first page", "", "é", &long, "<html>the second page"] {
            let compressed = compressor.compress("a.html", html, Some(17)).unwrap();
            let page = compressed.decompress().unwrap();
            assert_eq!(page.film, Some(17));
            assert_eq!(page.render_anonymous().unwrap(), html);
        }
    }

    #[test]
    fn similar_pages_compress_to_a_fraction() {
        let line = |n: u32| format!("<li>{n} {}</li>", n.wrapping_mul(0x9e37_79b9));
        let page =
            |name: &str| format!("<h1>{name}</h1>{}", (0..500).map(line).collect::<String>());
        let compressor = PageCompressor::default();
        compressor.compress("a.html", &page("One"), None).unwrap();
        let compressed = compressor.compress("a.html", &page("Two"), None).unwrap();
        assert!(compressed.size() < page("Two").len() / 50, "{} bytes", compressed.size());
    }
}
