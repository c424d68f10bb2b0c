//! JSON objects of any origin: one after the other, in a list, or in a list within an object.

mod fields;
mod layout;

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use anyhow::bail;
use serde_json::{Map, Value};
use struson::reader::{JsonReader, JsonStreamReader, ReaderError, ReaderSettings, ValueType};
use struson::serde::DeserializerError;

pub use self::layout::Layout;
use self::layout::{RecordPath, Step};
use super::super::diagnostics::{Diagnostics, SourceLocation};
use super::super::input::{Bytes, Opened};
use super::super::limited::MAX_RECORD;
use super::super::mapping::Columns;
use super::super::plan::ColumnPlan;
use super::super::profile::Profile;
use super::super::source::{ReadOptions, Source, SourceRecord};
use super::super::usual_columns::title_columns;
use super::MergedRows;

/// Deeper nesting is no list of films.
const MAX_DEPTH: u32 = 64;

pub struct Json {
    reader: JsonStreamReader<Bounded>,
    /// Bytes that the current record may still take.
    left: Rc<Cell<usize>>,
    path: RecordPath,
    /// Steps of the path that were entered.
    entered: usize,
    /// Whether a value was read.
    started: bool,
    location: SourceLocation,
    columns: Columns,
    encoding_error: String,
    merged: MergedRows,
}

impl Json {
    /// Opens a file; `is_own` says that it is in Marquee's form, where blank values clear facts.
    ///
    /// # Errors
    /// When no object has a title.
    pub fn new(file: Opened, options: &ReadOptions, is_own: bool) -> anyhow::Result<Self> {
        let name = file.name.clone();
        if file.head.trim_ascii().is_empty() {
            bail!("{name}: the file is empty");
        }
        let layout = Layout::of(&file.head);
        let Some(path) = layout.path(options) else {
            let error = first_error(&file.head);
            bail!(
                "{name}: no object has a title{error}. Found: {}; a title is looked for in {} and the \
                 like. --map title=KEY names another",
                layout.describe(),
                title_columns()
            );
        };
        let mut profile = match is_own {
            true => Profile::own(),
            false => layout.profile(&path, options),
        };
        profile.is_unordered = true;
        let blank_clears = is_own || options.clear_blank;
        let columns = Columns::new(options.mapping.clone(), profile, blank_clears);
        let left = Rc::new(Cell::new(MAX_RECORD));
        Ok(Self {
            encoding_error: Opened::encoding_error(&file.head),
            reader: reader(Bounded { bytes: file.bytes, left: left.clone() }),
            left,
            path,
            entered: 0,
            started: false,
            location: SourceLocation::new(name, 1),
            columns,
            merged: MergedRows::default(),
        })
    }

    pub fn profile(&self) -> &Profile {
        self.columns.profile()
    }

    fn object(&mut self) -> anyhow::Result<Option<Map<String, Value>>> {
        self.left.set(MAX_RECORD);
        self.next_object().map_err(|error| {
            let position = self.reader.current_position(false).line_pos;
            let line = position.map_or(self.location.line, |position| position.line + 1);
            let location = SourceLocation { line, ..self.location.clone() };
            let text = error.to_string();
            match text.contains("UTF-8") {
                true => anyhow::anyhow!("{location}: {}", self.encoding_error),
                false => {
                    anyhow::anyhow!("{location}: the file is cut off, damaged or not JSON: {text}")
                }
            }
        })
    }

    /// Returns the next object at the path, from wherever the last one ended.
    fn next_object(&mut self) -> Result<Option<Map<String, Value>>, ReaderError> {
        loop {
            let container = self.entered.checked_sub(1).map(|last| &self.path.steps[last]);
            if self.started && !self.reader.has_next()? {
                match container {
                    None => return Ok(None),
                    Some(Step::Element) => self.reader.end_array()?,
                    Some(Step::Member(_)) => self.reader.end_object()?,
                }
                self.entered -= 1;
                continue;
            }
            self.started = true;
            if let Some(Step::Member(wanted)) = container
                && self.reader.next_name_owned()? != *wanted
            {
                self.skip()?;
                continue;
            }
            let found = self.reader.peek()?;
            match (self.path.steps.get(self.entered), found) {
                (None, ValueType::Object) => {
                    let position = self.reader.current_position(false).line_pos;
                    self.location.line = position.map_or(0, |position| position.line) + 1;
                    return self.deserialize().map(Some);
                }
                (Some(Step::Element), ValueType::Array) => self.reader.begin_array()?,
                (Some(Step::Member(_)), ValueType::Object) => self.reader.begin_object()?,
                _ => {
                    self.skip()?;
                    continue;
                }
            }
            self.entered += 1;
        }
    }

    fn deserialize(&mut self) -> Result<Map<String, Value>, ReaderError> {
        self.reader.deserialize_next().map_err(|error| match error {
            DeserializerError::ReaderError(error) => error,
            error => ReaderError::IoError {
                error: io::Error::other(error.to_string()),
                location: self.reader.current_position(false),
            },
        })
    }

    /// Passes over a value of any size.
    fn skip(&mut self) -> Result<(), ReaderError> {
        self.left.set(usize::MAX);
        self.reader.skip_value()?;
        self.left.set(MAX_RECORD);
        Ok(())
    }

    fn record(&mut self, diagnostics: &mut Diagnostics) -> anyhow::Result<Option<SourceRecord>> {
        while let Some(object) = self.object()? {
            let fields = fields::flatten(object, &self.path.inner);
            let location = self.location.clone();
            if let Some(draft) = self.columns.draft(fields, &location, diagnostics) {
                return Ok(Some(SourceRecord { location, draft }));
            }
        }
        Ok(None)
    }
}

impl Source for Json {
    fn next(&mut self, diagnostics: &mut Diagnostics) -> anyhow::Result<Option<SourceRecord>> {
        if !self.columns.profile().merges_rows {
            return self.record(diagnostics);
        }
        let mut merged = std::mem::take(&mut self.merged);
        let next = merged.next(|| self.record(diagnostics));
        self.merged = merged;
        next
    }

    fn columns(&self) -> Vec<ColumnPlan> {
        self.columns.plan()
    }
}

fn reader<R: Read>(bytes: R) -> JsonStreamReader<R> {
    let settings = ReaderSettings {
        allow_multiple_top_level: true,
        max_nesting_depth: Some(MAX_DEPTH),
        track_path: false,
        ..ReaderSettings::default()
    };
    JsonStreamReader::new_custom(bytes, settings)
}

/// Returns what is wrong where a document begins, for messages.
fn first_error(head: &[u8]) -> String {
    let error = reader(head).peek().err();
    error.map(|error| format!(" ({error})")).unwrap_or_default()
}

/// Bytes up to a limit, which the owner renews.
struct Bounded {
    bytes: Bytes,
    left: Rc<Cell<usize>>,
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.left.get();
        if left == 0 {
            return Err(io::Error::other(format!("the record is longer than {MAX_RECORD} bytes")));
        }
        let end = buffer.len().min(left);
        let read = self.bytes.read(&mut buffer[..end])?;
        self.left.set(left - read);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::import::tests::opened;

    fn titles(text: &str) -> anyhow::Result<Vec<(u64, String)>> {
        let file = opened("f.json", text.as_bytes())?;
        let mut json = Json::new(file, &ReadOptions::default(), false)?;
        let mut titles = Vec::new();
        while let Some(record) = json.next(&mut Diagnostics::default())? {
            let title = record.draft.first(crate::catalog::record::Key::Title).unwrap_or("-");
            titles.push((record.location.line, title.to_owned()));
        }
        Ok(titles)
    }

    fn just_titles(text: &str) -> Vec<String> {
        titles(text).unwrap().into_iter().map(|(_, title)| title).collect()
    }

    #[test]
    fn objects_are_read_with_their_lines() {
        let list = "[\n {\"title\": \"a } \\\" {\"},\n\n {\"title\": \"b\"}\n]";
        assert_eq!(titles(list).unwrap(), [(2, "a } \" {".into()), (4, "b".into())]);
        assert_eq!(
            titles("{\"title\":1}\n{\"title\":2}").unwrap(),
            [(1, "1".into()), (2, "2".into())]
        );
    }

    #[test]
    fn json_list_is_found_inside_an_object() {
        for text in [
            r#"{"total": 2, "films": [{"title": "a", "year": 1}, {"title": "b", "year": 2}]}"#,
            r#"{"genres": [{"id": 1, "name": "x"}], "data": {"nodes": [{"title": "a", "year": 1}, {"title": "b", "year": 2}]}, "x": []}"#,
            r#"[{"plays": 1, "movie": {"title": "a", "year": 1}}, {"movie": {"title": "b", "year": 2}}]"#,
            r#"{"lists": [{"items": [{"title": "a", "year": 1}]}, {"items": [{"title": "b", "year": 2}]}]}"#,
            r#"{"results": {"bindings": [
                {"film": {"type": "uri", "value": "http://www.wikidata.org/entity/Q1"}, "filmLabel": {"type": "literal", "value": "a"}},
                {"film": {"type": "uri", "value": "http://www.wikidata.org/entity/Q2"}, "filmLabel": {"type": "literal", "value": "b"}}]}}"#,
        ] {
            assert_eq!(just_titles(text), ["a", "b"], "{text}");
        }
        assert_eq!(just_titles(r#"{"title": "a", "genres": [{"id": 1, "name": "x"}]}"#), ["a"]);
    }

    #[test]
    fn damage_is_reported_with_its_line() {
        let error = |text: &str| format!("{:#}", titles(text).unwrap_err());
        assert!(error("[{\"title\":1},\n{\"title\":").contains("f.json:2: the file is cut off"));
        assert!(error("[{\"title\":1},\n{\"title\" 1}]").contains("f.json:2"));
        assert!(error("[\n\"t\"]").contains("no object has a title"));
        assert!(error("{\"films\":[{\"a\":1}]}").contains("films[].a"));
        let endless = format!("[{{\"title\":\"{}", "x".repeat(3_000_000));
        assert!(error(&endless).contains("longer than"), "{}", error(&endless));
    }
}
