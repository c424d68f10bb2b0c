//! A page compressed once, whose holes are filled without compressing it again.
//!
//! Deflate (RFC 1951) is a sequence of blocks. What is the same for everybody is compressed so that
//! no block refers to what stands before a hole; what fills a hole goes in between as a block that
//! is not compressed. Gzip (RFC 1952) wants a checksum of the whole, which is put together from
//! those of the parts.

use anyhow::ensure;
use crc32fast::Hasher;
use flate2::{Compress, Compression, FlushCompress, Status};

use super::Hole;
use crate::web::visitor::Visitor;

/// Deflate, no name, no time, no matter on which system.
const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// A last block that holds nothing.
const LAST: [u8; 2] = [3, 0];

/// Bytes that one block may hold as they are.
const STORED: usize = 0xffff;

#[derive(Debug)]
pub struct Gzipped(Vec<Part>);

/// What stands before a hole, or after the last one.
#[derive(Debug)]
struct Part {
    deflated: Vec<u8>,
    length: u32,
    crc: u32,
    /// By which a checksum is multiplied when this part follows.
    shift: u32,
    hole: Option<Hole>,
}

/// A checksum is a polynomial modulo this one, over bits, the highest power in the lowest bit.
const POLYNOMIAL: u32 = 0xedb8_8320;

/// The polynomial 1.
const ONE: u32 = 1 << 31;

impl Gzipped {
    /// From the text before each hole, and the text after the last.
    ///
    /// # Errors
    /// When the compressor does not take all of it.
    pub fn new<'a>(parts: impl Iterator<Item = (&'a [u8], Option<Hole>)>) -> anyhow::Result<Self> {
        let mut compressor = Compress::new(Compression::default(), false);
        let parts = parts.map(|(text, hole)| Part::new(&mut compressor, text, hole));
        parts.collect::<anyhow::Result<_>>().map(Self)
    }

    /// Bytes in memory.
    pub fn size(&self) -> usize {
        self.0.iter().map(|part| size_of_val(part) + part.deflated.len()).sum()
    }

    /// The page for this visitor, as a gzip file.
    pub fn fill(&self, visitor: &Visitor) -> Vec<u8> {
        let mut file = Vec::with_capacity(self.size() + 256);
        file.extend(HEAD);
        let (mut crc, mut length) = (0, 0_u32);
        let mut text = String::new();
        for part in &self.0 {
            file.extend_from_slice(&part.deflated);
            crc = product(part.shift, crc) ^ part.crc;
            length = length.wrapping_add(part.length);
            text.clear();
            if let Some(hole) = part.hole {
                hole.fill(visitor, &mut text);
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
    fn new(compressor: &mut Compress, text: &[u8], hole: Option<Hole>) -> anyhow::Result<Self> {
        let mut deflated = Vec::with_capacity(text.len() + text.len() / 100 + 64);
        let before = compressor.total_in();
        let status = compressor.compress_vec(text, &mut deflated, FlushCompress::Full)?;
        let taken = compressor.total_in() - before;
        let room = deflated.capacity() > deflated.len();
        ensure!(status == Status::Ok && taken == text.len() as u64 && room, "too little room");
        deflated.shrink_to_fit();
        let mut shift = Hasher::new_with_initial_len(ONE, 0);
        shift.combine(&Hasher::new_with_initial_len(0, text.len() as u64));
        let (length, crc, shift) = (count(text.len()), checksum(0, text), shift.finalize());
        Ok(Self { deflated, length, crc, shift, hole })
    }
}

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

fn checksum(before: u32, text: &[u8]) -> u32 {
    let mut hasher = Hasher::new_with_initial(before);
    hasher.update(text);
    hasher.finalize()
}

/// Gzip counts modulo 2³².
#[expect(clippy::cast_possible_truncation, reason = "as the format has it")]
fn count(bytes: usize) -> u32 {
    bytes as u32
}

fn store(text: &[u8], file: &mut Vec<u8>) {
    for block in text.chunks(STORED) {
        // Not longer than 16 bits can say.
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

    #[test]
    fn what_is_filled_in_is_read_in_its_place() {
        let long = "A tale of two cities. ".repeat(9_000);
        let texts = ["<html data-theme=\"", "\">", "", &long, "é</html>"];
        let holes = [Some(Hole::Theme), Some(Hole::Seen(17)), Some(Hole::Watchlist), None, None];
        let page = Gzipped::new(texts.map(str::as_bytes).into_iter().zip(holes)).unwrap();
        let file = page.fill(&Visitor::unknown());
        assert!(file.len() < 2_000, "{} bytes", file.len());
        let mut read = String::new();
        // It checks sum and length.
        GzDecoder::new(&*file).read_to_string(&mut read).unwrap();
        assert_eq!(read, format!("<html data-theme=\"system\">false{long}é</html>"));
    }

    #[test]
    fn a_text_of_any_length_is_stored() {
        for length in [0, 1, STORED - 1, STORED, STORED + 1, 3 * STORED] {
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
