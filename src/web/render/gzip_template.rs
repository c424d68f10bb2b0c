//! A page template that is compressed once and filled for each visitor.
//!
//! Deflate (RFC 1951) is a sequence of blocks. The text between placeholders is compressed so that
//! no block refers back across a placeholder; the value of a placeholder becomes an uncompressed
//! block in between. The checksum of the whole (gzip, RFC 1952) is combined from those of the parts.

use anyhow::ensure;
use crc32fast::Hasher;
use flate2::{Compress, Compression, FlushCompress, Status};

use super::placeholder::{Placeholder, Values};

/// The gzip header: deflate, without name, time or operating system.
const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// An empty final block.
const LAST: [u8; 2] = [3, 0];

/// Maximum size of an uncompressed block, in bytes.
const MAX_STORED_SIZE: usize = 0xffff;

#[derive(Debug)]
pub(crate) struct GzipTemplate(Vec<Part>);

/// The text before a placeholder, or after the last one.
#[derive(Debug)]
struct Part {
    deflated: Vec<u8>,
    length: u32,
    crc: u32,
    /// Multiplies the checksum of what precedes this part.
    shift: u32,
    placeholder: Option<Placeholder>,
}

/// CRC-32 is a polynomial over bits modulo this one; the lowest bit has the highest power.
const POLYNOMIAL: u32 = 0xedb8_8320;

/// The polynomial 1.
const ONE: u32 = 1 << 31;

impl GzipTemplate {
    /// Compresses the text before each placeholder and the text after the last one.
    ///
    /// # Errors
    /// When the compressor fails.
    pub(crate) fn new<'a>(
        parts: impl Iterator<Item = (&'a [u8], Option<Placeholder>)>,
    ) -> anyhow::Result<Self> {
        let mut compressor = Compress::new(Compression::default(), false);
        let parts = parts.map(|(text, placeholder)| Part::new(&mut compressor, text, placeholder));
        parts.collect::<anyhow::Result<_>>().map(Self)
    }

    /// Returns the size in memory, in bytes.
    pub(crate) fn size(&self) -> usize {
        self.0.iter().map(|part| size_of_val(part) + part.deflated.len()).sum()
    }

    /// Returns the page with these values, as a gzip file.
    pub(crate) fn fill(&self, values: &Values<'_>) -> Vec<u8> {
        let mut file = Vec::with_capacity(self.size() + 256);
        file.extend(HEAD);
        let (mut crc, mut length) = (0, 0_u32);
        let mut text = String::new();
        for part in &self.0 {
            file.extend_from_slice(&part.deflated);
            crc = product(part.shift, crc) ^ part.crc;
            length = length.wrapping_add(part.length);
            text.clear();
            if let Some(placeholder) = part.placeholder {
                placeholder.fill(values, &mut text);
            }
            store(text.as_bytes(), &mut file);
            crc = checksum(crc, text.as_bytes());
            length = length.wrapping_add(count(text.len()));
        }
        file.extend(LAST);
        file.extend(crc.to_le_bytes());
        file.extend(length.to_le_bytes());
        file
    }
}

impl Part {
    fn new(
        compressor: &mut Compress,
        text: &[u8],
        placeholder: Option<Placeholder>,
    ) -> anyhow::Result<Self> {
        let mut deflated = Vec::with_capacity(text.len() + text.len() / 100 + 64);
        let before = compressor.total_in();
        let status = compressor.compress_vec(text, &mut deflated, FlushCompress::Full)?;
        let taken = compressor.total_in() - before;
        let room = deflated.capacity() > deflated.len();
        ensure!(
            status == Status::Ok && taken == text.len() as u64 && room,
            "output buffer too small"
        );
        deflated.shrink_to_fit();
        let mut shift = Hasher::new_with_initial_len(ONE, 0);
        shift.combine(&Hasher::new_with_initial_len(0, text.len() as u64));
        let (length, crc, shift) = (count(text.len()), checksum(0, text), shift.finalize());
        Ok(Self { deflated, length, crc, shift, placeholder })
    }
}

/// Multiplies two polynomials modulo [`POLYNOMIAL`].
fn product(one: u32, mut other: u32) -> u32 {
    let mut product = 0;
    for power in 0..32 {
        if one & ONE >> power != 0 {
            product ^= other;
        }
        other = other >> 1 ^ if other & 1 == 1 { POLYNOMIAL } else { 0 };
    }
    product
}

/// Continues the checksum of the text before.
fn checksum(before: u32, text: &[u8]) -> u32 {
    let mut hasher = Hasher::new_with_initial(before);
    hasher.update(text);
    hasher.finalize()
}

/// Returns a length as gzip stores it, modulo 2³².
#[expect(clippy::cast_possible_truncation, reason = "defined by the format")]
fn count(bytes: usize) -> u32 {
    bytes as u32
}

/// Appends uncompressed blocks.
fn store(text: &[u8], file: &mut Vec<u8>) {
    for block in text.chunks(MAX_STORED_SIZE) {
        // At most `MAX_STORED_SIZE`.
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        file.push(0);
        file.extend(length.to_le_bytes());
        file.extend((!length).to_le_bytes());
        file.extend_from_slice(block);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;

    use super::*;
    use crate::web::visitor::Visitor;

    #[test]
    fn gzip_template_fills_placeholders() {
        let long = "A tale of two cities. ".repeat(9_000);
        let texts = ["<html data-theme=\"", "\">", "", &long, "é</html>"];
        let placeholders = [
            Some(Placeholder::Theme),
            Some(Placeholder::Seen(17)),
            Some(Placeholder::Watchlist),
            None,
            None,
        ];
        let page =
            GzipTemplate::new(texts.map(str::as_bytes).into_iter().zip(placeholders)).unwrap();
        let file = page.fill(&Values::anonymous(&Visitor::anonymous()));
        assert!(file.len() < 2_000, "{} bytes", file.len());
        let mut read = String::new();
        // The decoder checks checksum and length.
        GzDecoder::new(&*file).read_to_string(&mut read).unwrap();
        assert_eq!(read, format!("<html data-theme=\"system\">false{long}é</html>"));
    }

    #[test]
    fn store_writes_text_of_any_length() {
        for length in
            [0, 1, MAX_STORED_SIZE - 1, MAX_STORED_SIZE, MAX_STORED_SIZE + 1, 3 * MAX_STORED_SIZE]
        {
            let mut file = HEAD.to_vec();
            let text = vec![b'x'; length];
            store(&text, &mut file);
            file.extend(LAST);
            file.extend(checksum(0, &text).to_le_bytes());
            file.extend(count(length).to_le_bytes());
            let mut read = Vec::new();
            GzDecoder::new(&*file).read_to_end(&mut read).unwrap();
            assert_eq!(read, text);
        }
    }
}
