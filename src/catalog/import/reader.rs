//! Lines of a plain or gzip file, in bounded memory.

use std::io::{BufRead, BufReader, Read};

use anyhow::{Context, bail};
use flate2::read::MultiGzDecoder;

/// Bytes of one line; a longer one means that this is no file of records.
const LONGEST: u64 = 1024 * 1024;

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

pub struct Lines<'a> {
    name: String,
    bytes: Box<dyn BufRead + Send + 'a>,
    line: Vec<u8>,
    number: u64,
}

impl<'a> Lines<'a> {
    /// Looks at the first bytes to see whether the file is compressed, whatever its name says.
    pub fn new(name: String, bytes: Box<dyn Read + Send + 'a>) -> anyhow::Result<Self> {
        let mut bytes = BufReader::with_capacity(64 * 1024, bytes);
        let start = bytes.fill_buf().with_context(|| format!("reading {name}"))?;
        let gzip = start.starts_with(&GZIP_MAGIC);
        let bytes: Box<dyn BufRead + Send> = match gzip {
            true => Box::new(BufReader::with_capacity(64 * 1024, MultiGzDecoder::new(bytes))),
            false => Box::new(bytes),
        };
        Ok(Self { name, bytes, line: Vec::new(), number: 0 })
    }

    /// The next line that is not blank, with its number from 1.
    pub fn next(&mut self) -> anyhow::Result<Option<(u64, &str)>> {
        let place = |name: &str, number| format!("{name}:{number}");
        match Self::read(&mut self.bytes, &mut self.line, &mut self.number) {
            Ok(true) => {}
            Ok(false) => return Ok(None),
            Err(error) => return Err(error.context(place(&self.name, self.number))),
        }
        let text = std::str::from_utf8(self.line.trim_ascii())
            .context("the line is not UTF-8")
            .with_context(|| place(&self.name, self.number))?;
        Ok(Some((self.number, text)))
    }

    fn read(bytes: &mut dyn BufRead, line: &mut Vec<u8>, number: &mut u64) -> anyhow::Result<bool> {
        loop {
            *number += 1;
            line.clear();
            let read = bytes.take(LONGEST + 1).read_until(b'\n', line);
            if read.context("the file is cut off or damaged")? == 0 {
                return Ok(false);
            }
            if line.len() as u64 > LONGEST {
                bail!("the line is longer than {LONGEST} bytes");
            }
            if *number == 1 && line.starts_with(BYTE_ORDER_MARK) {
                line.drain(..BYTE_ORDER_MARK.len());
            }
            if !line.trim_ascii().is_empty() {
                return Ok(true);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn read(bytes: &[u8]) -> anyhow::Result<Vec<(u64, String)>> {
        let mut lines = Lines::new("file".into(), Box::new(bytes))?;
        let mut all = Vec::new();
        while let Some((number, text)) = lines.next()? {
            all.push((number, text.to_owned()));
        }
        Ok(all)
    }

    fn gzip(text: &str) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn mark_line_ends_and_blank_lines_are_no_content() {
        let lines = read(b"\xef\xbb\xbfone\r\n\r\n  \ntwo").unwrap();
        assert_eq!(lines, [(1, "one".into()), (4, "two".into())]);
        assert_eq!(read(b"").unwrap(), []);
    }

    #[test]
    fn gzip_is_recognised_and_a_cut_one_is_an_error() {
        let packed = gzip("one\ntwo\n");
        assert_eq!(read(&packed).unwrap().len(), 2);
        assert_eq!(read(&[packed.clone(), packed.clone()].concat()).unwrap().len(), 4);
        assert!(
            format!("{:#}", read(&packed[..packed.len() - 6]).unwrap_err()).contains("cut off")
        );
    }

    #[test]
    fn what_is_no_text_or_no_line_is_an_error() {
        assert!(
            format!("{:#}", read(b"caf\xe9\n").unwrap_err())
                .contains("file:1: the line is not UTF-8")
        );
        assert!(format!("{:#}", read(&vec![b'a'; 2_000_000]).unwrap_err()).contains("longer"));
    }
}
