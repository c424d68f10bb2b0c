//! Lines of a file, in bounded memory.

use std::io::{BufRead, Read};

use anyhow::{Context, bail};

use super::diagnostics::SourceLocation;
use super::input::{Bytes, Opened};
use super::limited::MAX_RECORD;

pub struct Lines {
    bytes: Bytes,
    line: Vec<u8>,
    location: SourceLocation,
    /// ISO-8859-1 where a line is not UTF-8; otherwise that is an error.
    lenient: bool,
    decoded: String,
    encoding_error: String,
}

impl Lines {
    pub fn new(file: Opened) -> Self {
        let location = SourceLocation { file: file.name, line: 0 };
        Self {
            encoding_error: Opened::encoding_error(&file.head),
            bytes: file.bytes,
            line: Vec::new(),
            location,
            lenient: false,
            decoded: String::new(),
        }
    }

    /// Opens a file from before UTF-8 was usual: a line with letters beyond ASCII in the old encoding
    /// is practically never valid UTF-8.
    pub fn lenient(file: Opened) -> Self {
        Self { lenient: true, ..Self::new(file) }
    }

    /// The location of the line read last.
    pub fn location(&self) -> &SourceLocation {
        &self.location
    }

    /// Returns the next line that is not blank, without its end.
    pub fn next(&mut self) -> anyhow::Result<Option<&str>> {
        let read = self.read();
        if !read.with_context(|| self.location.to_string())? {
            return Ok(None);
        }
        let line = self.line.strip_suffix(b"\n").unwrap_or(&self.line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match std::str::from_utf8(line) {
            Ok(text) => Ok(Some(text)),
            Err(_) if self.lenient => {
                self.decoded = encoding_rs::mem::decode_latin1(line).into_owned();
                Ok(Some(&self.decoded))
            }
            Err(_) => bail!("{}: {}", self.location, self.encoding_error),
        }
    }

    /// Whether the line read last had an end: the last line of a cut file has none.
    pub fn ended(&self) -> bool {
        self.line.ends_with(b"\n")
    }

    fn read(&mut self) -> anyhow::Result<bool> {
        loop {
            self.location.line += 1;
            self.line.clear();
            let mut bytes = (&mut self.bytes).take(MAX_RECORD as u64 + 1);
            let read = bytes.read_until(b'\n', &mut self.line);
            if read.context("the file is cut off or damaged")? == 0 {
                return Ok(false);
            }
            if self.line.len() > MAX_RECORD {
                bail!("the line is longer than {MAX_RECORD} bytes");
            }
            if !self.line.trim_ascii().is_empty() {
                return Ok(true);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::import::tests::opened;

    fn read(bytes: &[u8]) -> anyhow::Result<Vec<(u64, String)>> {
        all(Lines::new(opened("file", bytes)?))
    }

    fn all(mut lines: Lines) -> anyhow::Result<Vec<(u64, String)>> {
        let mut all = Vec::new();
        while let Some(text) = lines.next()? {
            let text = text.to_owned();
            all.push((lines.location().line, text));
        }
        Ok(all)
    }

    #[test]
    fn byte_order_mark_line_ends_and_blank_lines_are_removed() {
        let lines = read(b"\xef\xbb\xbfone\r\n\r\n  \ntwo\t").unwrap();
        assert_eq!(lines, [(1, "one".into()), (4, "two\t".into())]);
        assert_eq!(read(b"").unwrap(), []);
    }

    #[test]
    fn other_encodings_and_endless_lines_are_errors() {
        let error = format!("{:#}", read(b"caf\xe9\n").unwrap_err());
        assert!(error.contains("file:1: the text is not UTF-8"), "{error}");
        assert!(format!("{:#}", read(&vec![b'a'; 2_000_000]).unwrap_err()).contains("longer"));
    }

    #[test]
    fn lines_of_an_old_file_may_differ_in_encoding() {
        let opened = opened("file", b"caf\xe9\ncaf\xc3\xa9\n").unwrap();
        let texts: Vec<String> =
            all(Lines::lenient(opened)).unwrap().into_iter().map(|(_, text)| text).collect();
        assert_eq!(texts, ["café", "café"]);
    }
}
