//! Kodi and Jellyfin: a folder with an `.nfo` file for each film.

use std::path::PathBuf;

use super::diagnostics::{Diagnostics, SourceLocation};
use super::generic::xml::{Xml, is_kodi};
use super::input;
use super::options::ReadOptions;
use super::plan::ColumnPlan;
use super::source::{Source, SourceRecord};

pub struct NfoFolder {
    files: std::vec::IntoIter<PathBuf>,
    file: Option<Xml>,
    columns: Vec<ColumnPlan>,
    options: ReadOptions,
}

impl NfoFolder {
    pub fn new(files: Vec<PathBuf>, options: &ReadOptions) -> Self {
        let files = files.into_iter();
        Self { files, file: None, columns: Vec::new(), options: options.clone() }
    }

    /// Opens the next file that is about a film.
    fn open(&mut self, diagnostics: &mut Diagnostics) -> anyhow::Result<bool> {
        for path in self.files.by_ref() {
            let file = input::open_path(&path, self.options.encoding)?;
            if is_kodi(file.head.trim_ascii_start()) {
                self.file = Some(Xml::new(file, &self.options)?);
                return Ok(true);
            }
            let location = SourceLocation::new(file.name, 1);
            let message = "the file is not about a film: it has no <movie> element";
            diagnostics.skip(&location, "not a film", message);
        }
        Ok(false)
    }
}

impl Source for NfoFolder {
    fn next(&mut self, diagnostics: &mut Diagnostics) -> anyhow::Result<Option<SourceRecord>> {
        loop {
            if let Some(file) = &mut self.file {
                if let Some(record) = file.next(diagnostics)? {
                    return Ok(Some(record));
                }
                for column in file.columns() {
                    if !self.columns.contains(&column) {
                        self.columns.push(column);
                    }
                }
                self.file = None;
            }
            if !self.open(diagnostics)? {
                return Ok(None);
            }
        }
    }

    fn columns(&self) -> Vec<ColumnPlan> {
        self.columns.clone()
    }
}
