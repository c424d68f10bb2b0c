//! Files as text: decompressed and decoded, with their first bytes known.

use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use bzip2::read::MultiBzDecoder;
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use flate2::read::MultiGzDecoder;

use super::archive;
use super::decoder::Decoder;

/// Enough to show the header of a table, or the structure of a JSON or XML document.
const HEAD: usize = 64 * 1024;

const BUFFER: usize = 128 * 1024;

/// Memory that decompressing xz may take: archives made with the largest preset need 65 MiB.
const MAX_XZ_MEMORY: u64 = 80 * 1024 * 1024;
/// Window of zstd, as a power of two: 64 MiB.
const MAX_ZSTD_WINDOW: u32 = 26;

const GZIP: &[u8] = b"\x1f\x8b";
const BZIP2: &[u8] = b"BZh";
const XZ: &[u8] = b"\xfd7zXZ\x00";
const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd";
const ZIP: &[u8] = b"PK\x03\x04";
const UTF_8_MARK: &[u8] = b"\xef\xbb\xbf";

/// Files that hold no list of films, by their first bytes, each with advice.
const OTHER_FILES: [(&[u8], &str); 14] = [
    (b"PK\x05\x06", "is an empty zip archive"),
    (b"%PDF", "is a PDF document; export the list as CSV"),
    (b"\xd0\xcf\x11\xe0", "is an old Excel or Word file; save the table as CSV (UTF-8)"),
    (b"SQLite format 3", "is an SQLite database; export the table as CSV"),
    (b"PAR1", "is a Parquet file; convert it to CSV or JSON lines"),
    (b"7z\xbc\xaf\x27\x1c", "is a 7z archive; unpack it first"),
    (b"Rar!", "is a RAR archive; unpack it first"),
    (b"\x89PNG", "is a picture"),
    (b"\xff\xd8\xff", "is a picture"),
    (b"GIF8", "is a picture"),
    (b"\x7fELF", "is a program"),
    (b"ARROW1", "is an Arrow file; convert it to CSV or JSON lines"),
    (b"\x80\x04\x95", "is a Python pickle; convert it to CSV or JSON lines"),
    (b"\x80\x03", "is a Python pickle; convert it to CSV or JSON lines"),
];

pub type Bytes = Box<dyn BufRead>;

/// One file to import, or a folder of files.
pub struct Input {
    pub name: String,
    pub content: Content,
}

pub enum Content {
    /// Plain text, or compressed with gzip, bzip2, xz or zstd, or a zip archive.
    Bytes(Box<dyn Read + Send>),
    /// Files of the same format, one film each.
    Folder(Vec<PathBuf>),
}

impl Input {
    pub fn new(name: impl Into<String>, bytes: impl Read + Send + 'static) -> Self {
        Self { name: name.into(), content: Content::Bytes(Box::new(bytes)) }
    }

    /// Finds every `.nfo` file below a folder, as Kodi and Jellyfin write one for each film.
    ///
    /// # Errors
    /// When the folder cannot be read or holds no such file.
    pub fn folder(path: &Path) -> anyhow::Result<Self> {
        let name = path.display().to_string();
        let (mut files, mut folders) = (Vec::new(), vec![path.to_owned()]);
        while let Some(folder) = folders.pop() {
            let entries = folder.read_dir().with_context(|| folder.display().to_string())?;
            for entry in entries {
                let entry = entry?;
                let path = entry.path();
                let kind = entry.file_type()?;
                if kind.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|end| end.eq_ignore_ascii_case("nfo")) {
                    files.push(path);
                }
            }
        }
        if files.is_empty() {
            bail!("{name}: the folder holds no .nfo files; name other files one by one");
        }
        files.sort();
        Ok(Self { name, content: Content::Folder(files) })
    }
}

/// A file ready to be read.
pub struct Opened {
    pub name: Arc<str>,
    /// How it begins.
    pub head: Vec<u8>,
    /// All of it, the beginning too.
    pub bytes: Bytes,
}

impl Opened {
    /// Returns the error for text that is not UTF-8.
    pub fn encoding_error(head: &[u8]) -> String {
        let looks = match std::str::from_utf8(head) {
            Ok(_) => "windows-1252",
            Err(_) => {
                let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
                detector.feed(head, true);
                detector.guess(None, Utf8Detection::Deny).name()
            }
        };
        format!("the text is not UTF-8; it may be {looks}: --encoding {looks}")
    }
}

/// Opens a file, or every file of a zip archive. The first bytes show how it is compressed and encoded,
/// whatever its name says. An `encoding` that is given wins, except over the mark of a UTF-16 file.
///
/// # Errors
/// When the file is damaged or holds no text.
pub fn open(
    name: &str,
    bytes: Box<dyn Read + Send>,
    encoding: Option<&'static Encoding>,
) -> anyhow::Result<Vec<Opened>> {
    let mut compressed = BufReader::with_capacity(BUFFER, bytes);
    let start = compressed.fill_buf().with_context(|| format!("reading {name}"))?;
    if !start.starts_with(ZIP) {
        return Ok(vec![open_one(name, compressed, encoding)?]);
    }
    let entries = archive::entries(&mut compressed).with_context(|| name.to_owned())?;
    let mut opened = Vec::new();
    for entry in entries {
        let name = format!("{name}/{}", entry.name);
        let bytes = BufReader::with_capacity(BUFFER, entry.bytes);
        opened.push(open_one(&name, bytes, encoding)?);
    }
    Ok(opened)
}

fn open_one(
    name: &str,
    mut compressed: BufReader<Box<dyn Read + Send>>,
    encoding: Option<&'static Encoding>,
) -> anyhow::Result<Opened> {
    let context = || name.to_owned();
    let start = compressed.fill_buf().with_context(context)?;
    let bytes: Box<dyn Read> = if start.starts_with(GZIP) {
        Box::new(MultiGzDecoder::new(compressed))
    } else if start.starts_with(BZIP2) {
        Box::new(MultiBzDecoder::new(compressed))
    } else if start.starts_with(XZ) {
        let flags = liblzma::stream::CONCATENATED;
        let stream = liblzma::stream::Stream::new_stream_decoder(MAX_XZ_MEMORY, flags)?;
        Box::new(liblzma::bufread::XzDecoder::new_stream(compressed, stream))
    } else if start.starts_with(ZSTD) {
        let mut decoder = zstd::stream::read::Decoder::with_buffer(compressed)?;
        decoder.window_log_max(MAX_ZSTD_WINDOW)?;
        Box::new(decoder)
    } else {
        Box::new(compressed)
    };
    let (head, bytes) = with_head(bytes).with_context(context)?;
    if let Some(other) = other_file(&head) {
        bail!("{name}: the file {other}");
    }
    let encoding = mark(&head)
        .or(encoding.filter(|encoding| *encoding != UTF_8))
        .or_else(|| unmarked_utf_16(&head))
        .or_else(|| declared(&head));
    let Some(encoding) = encoding else {
        return Ok(Opened { name: name.into(), head, bytes: Box::new(bytes) });
    };
    let (head, bytes) = with_head(Box::new(Decoder::new(bytes, encoding))).with_context(context)?;
    Ok(Opened { name: name.into(), head, bytes: Box::new(bytes) })
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

/// Returns what the file is, if it is certainly no list of films.
fn other_file(head: &[u8]) -> Option<&'static str> {
    if let Some((_, what)) = OTHER_FILES.iter().find(|(start, _)| head.starts_with(start)) {
        return Some(what);
    }
    if [GZIP, BZIP2, XZ, ZSTD, ZIP].iter().any(|start| head.starts_with(start)) {
        return Some("is compressed twice; unpack it once");
    }
    if head.get(257..262) == Some(b"ustar") {
        return Some("is a tar archive; unpack it first");
    }
    let text = head.trim_ascii_start();
    let start: Vec<u8> = text.iter().take(15).map(u8::to_ascii_lowercase).collect();
    if start.starts_with(b"<!doctype html") || start.starts_with(b"<html") {
        return Some("is an HTML page, perhaps an error page; download the list again");
    }
    None
}

fn mark(head: &[u8]) -> Option<&'static Encoding> {
    Encoding::for_bom(head).map(|(encoding, _)| encoding).filter(|encoding| *encoding != UTF_8)
}

/// Text with a zero in nearly every second byte is UTF-16 without a mark.
fn unmarked_utf_16(head: &[u8]) -> Option<&'static Encoding> {
    let start = &head[..head.len().min(512) & !1];
    let zeros = |offset: usize| start.iter().skip(offset).step_by(2).filter(|b| **b == 0).count();
    let many = |count: usize| start.len() >= 4 && count * 10 > start.len() / 2 * 6;
    match (many(zeros(0)), many(zeros(1))) {
        (true, false) => Some(UTF_16BE),
        (false, true) => Some(UTF_16LE),
        _ => None,
    }
}

/// The encoding that an XML file names in its first line, unless it is UTF-8.
fn declared(head: &[u8]) -> Option<&'static Encoding> {
    let head = head.strip_prefix(b"<?xml")?;
    let declaration = std::str::from_utf8(head.split(|byte| *byte == b'>').next()?).ok()?;
    let (_, value) = declaration.split_once("encoding=")?;
    let label = value.get(1..)?.split(['"', '\'']).next()?;
    Encoding::for_label(label.as_bytes()).filter(|encoding| *encoding != UTF_8)
}

/// Opens one of the files of a folder.
///
/// # Errors
/// When it cannot be read.
pub fn open_path(path: &Path, encoding: Option<&'static Encoding>) -> anyhow::Result<Opened> {
    let name = path.display().to_string();
    let file = File::open(path).with_context(|| name.clone())?;
    let opened = open(&name, Box::new(file), encoding)?;
    opened.into_iter().next().with_context(|| format!("{name}: the archive is empty"))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn text(bytes: &[u8], encoding: Option<&str>) -> anyhow::Result<String> {
        let encoding = encoding.and_then(|label| Encoding::for_label(label.as_bytes()));
        let mut text = String::new();
        for mut file in open("file", Box::new(Cursor::new(bytes.to_vec())), encoding)? {
            file.bytes.read_to_string(&mut text)?;
        }
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

    fn xz(text: &[u8]) -> Vec<u8> {
        let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 1);
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn utf_16(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn compression_and_encoding_are_detected() {
        let twice = [gzip("Ca".as_bytes()), gzip("fé".as_bytes())].concat();
        for bytes in [
            "Café".into(),
            "\u{feff}Café".into(),
            utf_16("\u{feff}Café"),
            utf_16("Café"),
            gzip(&utf_16("\u{feff}Café")),
            gzip("\u{feff}Café".as_bytes()),
            bzip2("Café".as_bytes()),
            xz("Café".as_bytes()),
            [xz("Ca".as_bytes()), xz("fé".as_bytes())].concat(),
            zstd::encode_all("Café".as_bytes(), 1).unwrap(),
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
    fn wrong_encoding_is_an_error() {
        assert!(text(b"Caf\xe9", Some("utf-8")).is_err());
        let error = text("Café".as_bytes(), Some("utf-16le")).unwrap_err();
        assert!(format!("{error:#}").contains("UTF-16LE"), "{error:#}");
        assert!(
            Opened::encoding_error(b"Am\xe9lie, G\xfcnter").contains("--encoding windows-1252")
        );
    }

    #[test]
    fn truncated_file_is_an_error() {
        for packed in [gzip(b"one two"), bzip2(b"one two"), xz(b"one two")] {
            assert!(text(&packed[..packed.len() - 6], None).is_err());
        }
    }

    #[test]
    fn other_files_are_named() {
        for (bytes, what) in [
            (&b"%PDF-1.7"[..], "PDF"),
            (b"<!DOCTYPE HTML><title>404</title>", "HTML page"),
            (b"\n <html>", "HTML page"),
            (b"PK\x05\x06", "empty zip"),
        ] {
            let error = text(bytes, None).unwrap_err().to_string();
            assert!(error.contains(what), "{error}");
        }
        assert!(text(&gzip(&gzip(b"x")), None).unwrap_err().to_string().contains("twice"));
    }
}
