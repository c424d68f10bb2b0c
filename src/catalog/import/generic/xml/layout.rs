//! Where the films of an XML document are, found in its first bytes.

use std::collections::{BTreeMap, BTreeSet};

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::super::super::mapping::Columns;
use crate::catalog::record::Key;

/// The names of the values in each element, by the path to it.
#[derive(Default)]
pub struct Layout {
    elements: BTreeMap<Vec<String>, BTreeSet<String>>,
}

/// Elements deeper than this are no film's.
const MAX_DEPTH: usize = 32;

/// Elements that a message names.
const MAX_DESCRIBED: usize = 20;

impl Layout {
    /// Reads the structure of a document as far as its first bytes go.
    pub fn of(head: &[u8]) -> Self {
        let mut layout = Self::default();
        let mut reader = Reader::from_reader(head);
        reader.config_mut().expand_empty_elements = true;
        let mut path: Vec<String> = Vec::new();
        let mut buffer = Vec::new();
        // The head may end within an element.
        while let Ok(event) = reader.read_event_into(&mut buffer) {
            match event {
                Event::Start(_) if path.len() == MAX_DEPTH => break,
                Event::Start(element) => {
                    if let Ok(column) = column(&element) {
                        layout.elements.entry(path.clone()).or_default().insert(column);
                    }
                    path.push(element.local_name().as_ref().to_owned());
                    let attributes = element.attributes().filter_map(Result::ok);
                    let names = attributes.map(|attribute| attribute.key.as_ref().to_owned());
                    layout.elements.entry(path.clone()).or_default().extend(names);
                }
                Event::End(_) => _ = path.pop(),
                Event::Eof => break,
                _ => {}
            }
            buffer.clear();
        }
        layout
    }

    /// Returns the path to the elements that have a title and most other fields of a film, the outermost
    /// of several.
    pub fn film_path(&self, columns: &Columns) -> Option<Vec<String>> {
        let mut best: Option<(usize, &Vec<String>)> = None;
        for (path, names) in self.elements.iter().filter(|(path, _)| !path.is_empty()) {
            // An element that has a title of its own is no value, even if it is called "movie".
            let values = names.iter().filter(|name| !self.has_title(path, name, columns));
            let fields = values.filter_map(|name| columns.field_of(name));
            let fields: BTreeSet<Key> = fields.filter(|key| !key.is_incidental()).collect();
            if !fields.contains(&Key::Title) {
                continue;
            }
            let is_better = best.is_none_or(|(score, other)| {
                fields.len() > score || (fields.len() == score && path.len() < other.len())
            });
            if is_better {
                best = Some((fields.len(), path));
            }
        }
        best.map(|(_, path)| path.clone())
    }

    /// Returns whether the elements `name` below `path` contain a title.
    fn has_title(&self, path: &[String], name: &str, columns: &Columns) -> bool {
        let mut inner = path.to_vec();
        inner.push(name.to_owned());
        let names = self.elements.get(&inner);
        names.is_some_and(|names| {
            names.iter().any(|name| columns.field_of(name) == Some(Key::Title))
        })
    }

    /// Returns the elements, for messages.
    pub fn describe(&self) -> String {
        let mut paths: Vec<String> = Vec::new();
        for (path, names) in self.elements.iter().filter(|(path, _)| !path.is_empty()) {
            paths.extend(names.iter().map(|name| format!("{}/{name}", path.join("/"))));
        }
        if paths.is_empty() {
            return "no element with values".to_owned();
        }
        let more = paths.len() > MAX_DESCRIBED;
        paths.truncate(MAX_DESCRIBED);
        if more {
            paths.push("…".to_owned());
        }
        paths.join(", ")
    }
}

/// Returns the name of a value: that of its `name` attribute, else its tag, with the `type` of an
/// identifier as Kodi writes it: `uniqueid.imdb`.
pub fn column(element: &BytesStart<'_>) -> anyhow::Result<String> {
    let attribute = |name| -> anyhow::Result<Option<String>> {
        let attribute = element.try_get_attribute(name)?;
        let value =
            attribute.map(|one| one.normalized_value(XmlVersion::Explicit1_0)).transpose()?;
        Ok(value.map(std::borrow::Cow::into_owned))
    };
    if let Some(name) = attribute("name")? {
        return Ok(name);
    }
    let tag = element.local_name().as_ref().to_owned();
    Ok(match attribute("type")?.filter(|_| tag == "uniqueid") {
        Some(kind) => format!("{tag}.{kind}"),
        None => tag,
    })
}

/// Whether a document is about films as Kodi and Jellyfin write them: its outermost element is `movie`
/// or `videodb`.
pub fn is_kodi(start: &[u8]) -> bool {
    let mut reader = Reader::from_reader(start);
    let mut buffer = Vec::new();
    loop {
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(element)) => {
                return matches!(element.local_name().as_ref(), "movie" | "videodb");
            }
            Ok(Event::Eof) | Err(_) => return false,
            Ok(_) => buffer.clear(),
        }
    }
}
