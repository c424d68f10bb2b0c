//! A file as text: unpacked, decoded, and its first bytes seen without being used up.

use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::sync::Arc;

use anyhow::Context;
use bzip2::read::MultiBzDecoder;
use encoding_rs::Encoding;
use encoding_rs_io::DecodeReaderBytesBuilder;
use flate2::read::MultiGzDecoder;

use super::Input;

/// Bytes of one record; a longer one means that this is no file of records.
pub const LONGEST: usize = 1024 * 1024;

/// Enough to show the header line of every known form.
const HEAD: usize = 4096;

const BUFFER: usize = 128 * 1024;
const GZIP: &[u8] = b"\x1f\x8b";
const BZIP2: &[u8] = b"BZh";
const UTF_8_MARK: &[u8] = b"\xef\xbb\xbf";

pub type Bytes = Box<dyn BufRead>;

/// A file ready to be read.
pub struct Opened {
    pub name: Arc<str>,
    /// How it begins.
    pub head: Vec<u8>,
    /// All of it, the beginning too.
    pub bytes: Bytes,
}

/// Looks at the first bytes to see how the file is packed and encoded, whatever its name says. An
/// `encoding` that is given wins, except over the mark of a UTF-16 file.
pub fn open(input: Input, encoding: Option<&'static Encoding>) -> anyhow::Result<Opened> {
    let name: Arc<str> = input.name.into();
    let mut packed = BufReader::with_capacity(BUFFER, input.bytes);
    let start = packed.fill_buf().with_context(|| format!("reading {name}"))?;
    let bytes: Box<dyn Read> = if start.starts_with(GZIP) {
        Box::new(MultiGzDecoder::new(packed))
    } else if start.starts_with(BZIP2) {
        Box::new(MultiBzDecoder::new(packed))
    } else {
        Box::new(packed)
    };
    let (head, bytes) = with_head(bytes).with_context(|| name.clone())?;
    let utf_16 = [b"\xff\xfe", b"\xfe\xff"].iter().any(|mark| head.starts_with(*mark));
    let encoding = encoding.or_else(|| declared(&head));
    if !utf_16 && encoding.is_none() {
        return Ok(Opened { name, head, bytes: Box::new(bytes) });
    }
    let decoded = DecodeReaderBytesBuilder::new().encoding(encoding).build(bytes);
    let (head, bytes) = with_head(Box::new(decoded)).with_context(|| name.clone())?;
    Ok(Opened { name, head, bytes: Box::new(bytes) })
}

/// The first bytes, without a byte order mark, and the whole.
fn with_head(mut bytes: Box<dyn Read>) -> anyhow::Result<(Vec<u8>, impl BufRead)> {
    let mut head = Vec::new();
    let read = bytes.by_ref().take(HEAD as u64).read_to_end(&mut head);
    read.context("the file is cut off or damaged")?;
    if head.starts_with(UTF_8_MARK) {
        head.drain(..UTF_8_MARK.len());
    }
    let rest = BufReader::with_capacity(BUFFER, bytes);
    Ok((head.clone(), Cursor::new(head).chain(rest)))
}

/// The encoding that an XML file names in its first line, unless it is UTF-8.
fn declared(head: &[u8]) -> Option<&'static Encoding> {
    let head = head.strip_prefix(b"<?xml")?;
    let declaration = std::str::from_utf8(head.split(|byte| *byte == b'>').next()?).ok()?;
    let (_, value) = declaration.split_once("encoding=")?;
    let label = value.get(1..)?.split(['"', '\'']).next()?;
    Encoding::for_label(label.as_bytes()).filter(|encoding| *encoding != encoding_rs::UTF_8)
}

/// Passes bytes on until one record has taken too many: a reader that looks for an end which
/// never comes would fill the memory.
pub struct Limited {
    bytes: Bytes,
    left: usize,
    last: u8,
    ended: bool,
    line: u64,
}

impl Limited {
    pub fn new(bytes: Bytes) -> Self {
        Self { bytes, left: LONGEST, last: b'\n', ended: false, line: 1 }
    }

    /// The next record begins.
    pub fn renew(&mut self) {
        self.left = LONGEST;
    }

    /// Whether the file has ended, and not with the end of a line: that of a cut file is missing.
    pub fn ended_within_a_line(&self) -> bool {
        self.ended && self.last != b'\n'
    }

    /// The line that has been reached, from 1, by who reads through [`BufRead`].
    pub fn line(&self) -> u64 {
        self.line
    }

    fn check(&self) -> io::Result<()> {
        match self.left {
            0 => Err(io::Error::other(format!("the record is longer than {LONGEST} bytes"))),
            _ => Ok(()),
        }
    }
}

impl Read for Limited {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.check()?;
        let end = buffer.len().min(self.left);
        let read = self.bytes.read(&mut buffer[..end])?;
        self.left -= read;
        self.ended = read == 0;
        self.last = buffer[..read].last().copied().unwrap_or(self.last);
        Ok(read)
    }
}

impl BufRead for Limited {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.check()?;
        let buffer = self.bytes.fill_buf()?;
        Ok(&buffer[..buffer.len().min(self.left)])
    }

    fn consume(&mut self, amount: usize) {
        let used = self.bytes.fill_buf().map_or(&[][..], |buffer| &buffer[..amount]);
        self.line += used.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.bytes.consume(amount);
        self.left -= amount.min(self.left);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn text(bytes: &[u8], encoding: Option<&str>) -> anyhow::Result<String> {
        let input = Input { name: "file".into(), bytes: Box::new(Cursor::new(bytes.to_vec())) };
        let encoding = encoding.and_then(|label| Encoding::for_label(label.as_bytes()));
        let mut text = String::new();
        open(input, encoding)?.bytes.read_to_string(&mut text)?;
        Ok(text)
    }

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn bzip2(text: &[u8]) -> Vec<u8> {
        let level = bzip2::Compression::fast();
        let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), level);
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn packing_and_encoding_are_recognised() {
        let utf_16: Vec<u8> =
            "\u{feff}Café".encode_utf16().flat_map(|unit| unit.to_le_bytes()).collect();
        let twice = [gzip("Ca".as_bytes()), gzip("fé".as_bytes())].concat();
        for bytes in [
            "Café".into(),
            "\u{feff}Café".into(),
            utf_16.clone(),
            gzip(&utf_16),
            gzip("\u{feff}Café".as_bytes()),
            bzip2("Café".as_bytes()),
            twice,
        ] {
            assert_eq!(text(&bytes, None).unwrap(), "Café", "{bytes:?}");
        }
        assert_eq!(text(b"Caf\xe9", Some("latin1")).unwrap(), "Café");
        let xml = b"<?xml version='1.0' encoding='iso-8859-1'?><a>Caf\xe9</a>";
        assert!(text(xml, None).unwrap().ends_with("<a>Café</a>"));
        assert_eq!(text(b"", None).unwrap(), "");
    }

    #[test]
    fn a_cut_file_is_an_error() {
        for packed in [gzip(b"one two"), bzip2(b"one two")] {
            assert!(text(&packed[..packed.len() - 6], None).is_err());
        }
    }

    #[test]
    fn one_record_may_not_fill_the_memory() {
        let endless = BufReader::new(io::repeat(b'x'));
        let mut limited = Limited::new(Box::new(endless));
        let mut buffer = vec![0; LONGEST];
        limited.read_exact(&mut buffer).unwrap();
        limited.renew();
        limited.read_exact(&mut buffer).unwrap();
        assert!(limited.read_exact(&mut buffer).is_err());
    }
}
