//! Pages compressed for keeping. Pages of one template are much alike, so each is compressed with
//! another one as its dictionary: about a tenth remains.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use anyhow::anyhow;
use zstd_safe::{CCtx, CDict, DCtx, DDict};

use crate::web::render::placeholder::Rendered;

/// The fastest; others gain little beside the dictionary.
const LEVEL: i32 = 1;

thread_local! {
    static COMPRESSOR: RefCell<CCtx<'static>> = RefCell::new(CCtx::create());
    /// With room for the page.
    static DECOMPRESSOR: RefCell<(DCtx<'static>, Vec<u8>)> =
        RefCell::new((DCtx::create(), Vec::new()));
}

/// Compresses pages.
#[derive(Default)]
pub struct Packer(RwLock<HashMap<&'static str, Arc<Dictionary>>>);

/// What the pages of one template have in common.
struct Dictionary {
    compress: CDict<'static>,
    decompress: DDict<'static>,
}

/// A page with the names of its holes, compressed.
pub struct Packed {
    bytes: Box<[u8]>,
    /// Of the page.
    length: usize,
    film: Option<i32>,
    dictionary: Arc<Dictionary>,
}

impl Packer {
    /// Takes what [`Rendered::new`] takes.
    ///
    /// # Errors
    /// When the compressor fails.
    pub fn pack(
        &self,
        template: &'static str,
        html: &str,
        film: Option<i32>,
    ) -> anyhow::Result<Packed> {
        let dictionary = self.dictionary(template, html);
        let mut bytes = Vec::with_capacity(zstd_safe::compress_bound(html.len()));
        let compressed = COMPRESSOR.with_borrow_mut(|compressor| {
            compressor.compress_using_cdict(&mut bytes, html.as_bytes(), &dictionary.compress)
        });
        compressed.map_err(|code| failed("compressing", code))?;
        Ok(Packed { bytes: bytes.as_slice().into(), length: html.len(), film, dictionary })
    }

    /// The first page of each template stands for all that come.
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

impl Packed {
    /// Bytes in memory.
    pub fn size(&self) -> usize {
        size_of::<Self>() + self.bytes.len()
    }

    /// # Errors
    /// None: it was a page.
    pub fn unpack(&self) -> anyhow::Result<Rendered> {
        DECOMPRESSOR.with_borrow_mut(|(decompressor, html)| {
            html.clear();
            html.reserve(self.length);
            let dictionary = &self.dictionary.decompress;
            let decompressed = decompressor.decompress_using_ddict(html, &self.bytes, dictionary);
            decompressed.map_err(|code| failed("decompressing", code))?;
            Rendered::new(str::from_utf8(html)?, self.film)
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
    fn a_page_is_read_back_as_it_was_however_unlike_the_first_of_its_template() {
        let packer = Packer::default();
        let long = "<li>A tale of two cities".repeat(9_000);
        for html in ["<html>the first page", "", "é", &long, "<html>the second page"] {
            let packed = packer.pack("a.html", html, Some(17)).unwrap();
            let page = packed.unpack().unwrap();
            assert_eq!(page.film, Some(17));
            assert_eq!(page.for_nobody().unwrap(), html);
        }
    }

    #[test]
    fn pages_of_one_template_take_little_room() {
        let line = |n: u32| format!("<li>{n} {}</li>", n.wrapping_mul(0x9e37_79b9));
        let page =
            |name: &str| format!("<h1>{name}</h1>{}", (0..500).map(line).collect::<String>());
        let packer = Packer::default();
        packer.pack("a.html", &page("One"), None).unwrap();
        let packed = packer.pack("a.html", &page("Two"), None).unwrap();
        assert!(packed.size() < page("Two").len() / 50, "{} bytes", packed.size());
    }
}
