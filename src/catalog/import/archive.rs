//! The files of a zip archive, read in place.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

use anyhow::{Context, bail, ensure};
use flate2::read::DeflateDecoder;
use zip::{CompressionMethod, ZipArchive};

/// More files are no list of films.
const MAX_FILES: usize = 10_000;

pub struct Entry {
    pub name: String,
    pub bytes: Box<dyn Read + Send>,
}

/// Returns the files of an archive that can only be read from front to back. Its list of files is at
/// its end, so it is copied to a temporary file first.
///
/// # Errors
/// When the archive is damaged, encrypted or empty.
pub fn entries(archive: &mut dyn Read) -> anyhow::Result<Vec<Entry>> {
    let mut file = tempfile::tempfile().context("creating a temporary file")?;
    io::copy(archive, &mut file).context("copying the archive to a temporary file")?;
    read(&SharedFile { file: Arc::new(file), position: 0 })
}

/// Returns the files of an archive, without folders and hidden files.
///
/// # Errors
/// When the archive is damaged, encrypted or empty.
pub fn read(source: &(impl Read + Seek + Clone + Send + 'static)) -> anyhow::Result<Vec<Entry>> {
    let mut archive = ZipArchive::new(source.clone()).context("the zip archive is damaged")?;
    ensure!(archive.len() <= MAX_FILES, "the zip archive has more than {MAX_FILES} files");
    let mut entries = Vec::new();
    for index in 0..archive.len() {
        let file = archive.by_index_raw(index).context("the zip archive is damaged")?;
        let name = file.name().context("the zip archive is damaged")?.into_owned();
        let is_hidden = name.split('/').any(|part| part.starts_with('.') || part == "__MACOSX");
        if file.is_dir() || is_hidden {
            continue;
        }
        ensure!(!file.encrypted(), "{name}: the zip archive is encrypted; unpack it first");
        if name == "xl/workbook.xml" || name == "mimetype" {
            bail!("the file is a spreadsheet; save the table as CSV (UTF-8)");
        }
        let start = file.data_start().context("the zip archive is damaged")?;
        let mut packed = source.clone();
        packed.seek(SeekFrom::Start(start))?;
        let packed = packed.take(file.compressed_size());
        let bytes: Box<dyn Read + Send> = match file.compression() {
            CompressionMethod::Stored => Box::new(packed),
            CompressionMethod::Deflated => Box::new(DeflateDecoder::new(packed)),
            other => {
                bail!("{name}: the compression {other} is not known; unpack the archive first")
            }
        };
        let bytes =
            Box::new(Checked { bytes, hasher: crc32fast::Hasher::new(), crc: file.crc32() });
        entries.push(Entry { name, bytes });
    }
    ensure!(!entries.is_empty(), "the zip archive has no files");
    Ok(entries)
}

/// Compares the checksum at the end.
struct Checked<R> {
    bytes: R,
    hasher: crc32fast::Hasher,
    crc: u32,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.bytes.read(buffer)?;
        self.hasher.update(&buffer[..read]);
        if read == 0 && !buffer.is_empty() && self.hasher.clone().finalize() != self.crc {
            return Err(io::Error::other("the zip archive is damaged: a checksum differs"));
        }
        Ok(read)
    }
}

/// A file that several readers share, each with a position of its own.
#[derive(Clone)]
struct SharedFile {
    file: Arc<std::fs::File>,
    position: u64,
}

impl Read for SharedFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = std::os::unix::fs::FileExt::read_at(&*self.file, buffer, self.position)?;
        self.position += read as u64;
        Ok(read)
    }
}

impl Seek for SharedFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
            SeekFrom::End(offset) => self.file.metadata()?.len().checked_add_signed(offset),
        };
        self.position = position.ok_or_else(|| io::Error::other("a position before the start"))?;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use super::*;

    pub fn archive(files: &[(&str, &str)]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in files {
            let options = zip::write::SimpleFileOptions::default()
                .compression_method(CompressionMethod::Stored);
            writer.start_file(*name, options).unwrap();
            writer.write_all(text.as_bytes()).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn texts(bytes: &[u8]) -> anyhow::Result<Vec<(String, String)>> {
        let mut texts = Vec::new();
        for mut entry in entries(&mut Cursor::new(bytes))? {
            let mut text = String::new();
            entry.bytes.read_to_string(&mut text)?;
            texts.push((entry.name, text));
        }
        Ok(texts)
    }

    #[test]
    fn files_are_all_read_and_checked() {
        let mut bytes = archive(&[("a.csv", "one"), ("__MACOSX/a.csv", "x"), ("b/c.csv", "two")]);
        let expected = [("a.csv".into(), "one".into()), ("b/c.csv".into(), "two".into())];
        assert_eq!(texts(&bytes).unwrap(), expected);
        let at = bytes.windows(3).position(|part| part == b"one").unwrap();
        bytes[at] = b'x';
        assert!(texts(&bytes).unwrap_err().to_string().contains("checksum"));
        assert!(texts(&bytes[..bytes.len() - 9]).is_err());
    }

    #[test]
    fn spreadsheets_are_named() {
        let error = texts(&archive(&[("xl/workbook.xml", "<x/>")])).unwrap_err();
        assert!(error.to_string().contains("spreadsheet"), "{error}");
    }
}
