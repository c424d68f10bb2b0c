//! XML of any origin: an element for each film, at any depth, with an element or attribute for each
//! value. The meaning of a value is in its `name` attribute (as Solr writes it), else in its tag.

mod layout;

use std::collections::HashMap;

use anyhow::{Context, bail};
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

pub use self::layout::is_kodi;
use super::super::diagnostics::{Diagnostics, SourceLocation};
use super::super::input::Opened;
use super::super::limited::Limited;
use super::super::mapping::{Columns, RawField};
use super::super::plan::ColumnPlan;
use super::super::profile::Profile;
use super::super::source::{ReadOptions, Source, SourceRecord};
use super::super::usual_columns::title_columns;
use crate::catalog::record::Value;

pub struct Xml {
    reader: Reader<Limited>,
    buffer: Vec<u8>,
    location: SourceLocation,
    /// Names of the open elements, down to those of films.
    path: Vec<String>,
    /// Open elements.
    depth: usize,
    /// Names of the elements from the outermost to a film's.
    film_path: Vec<String>,
    columns: Columns,
}

/// A value being read, with the elements inside it.
#[derive(Default)]
struct Film {
    fields: Vec<RawField>,
    /// Column to its position in `fields`.
    positions: HashMap<String, usize>,
    column: String,
    text: String,
    /// Texts of inner elements, with their tags.
    inner: Vec<(String, String)>,
    tag: String,
}

impl Xml {
    /// # Errors
    /// When no element holds a title.
    pub fn new(file: Opened, options: &ReadOptions) -> anyhow::Result<Self> {
        let kodi = is_kodi(file.head.trim_ascii_start());
        let profile = if kodi { Profile::kodi() } else { Profile::default() };
        let layout = layout::Layout::of(&file.head);
        let columns = Columns::new(options.mapping.clone(), profile, options.clear_blank);
        let Some(film_path) = layout.film_path(&columns) else {
            bail!(
                "{}: no element holds a title. Found: {}; a title is looked for in {} and the like. \
                 --map title=ELEMENT names another",
                file.name,
                layout.describe(),
                title_columns()
            );
        };
        let mut reader = Reader::from_reader(Limited::new(file.bytes));
        reader.config_mut().expand_empty_elements = true;
        let location = SourceLocation::new(file.name, 1);
        let (path, depth) = (Vec::new(), 0);
        Ok(Self { reader, buffer: Vec::new(), location, path, depth, film_path, columns })
    }

    pub fn profile(&self) -> &Profile {
        self.columns.profile()
    }

    /// Returns the next film's fields; the location is where its element begins.
    fn film(&mut self) -> anyhow::Result<Option<Vec<RawField>>> {
        let film_depth = self.film_path.len();
        let mut film = Film::default();
        let mut inside = false;
        loop {
            self.buffer.clear();
            let event = self.reader.read_event_into(&mut self.buffer);
            let line = self.reader.get_ref().line();
            if !inside {
                self.location.line = line;
            }
            match event.map_err(|error| damaged(&error))? {
                Event::Start(element) => {
                    self.depth += 1;
                    if self.depth <= film_depth {
                        self.path.push(element.local_name().as_ref().to_owned());
                        if self.path == self.film_path {
                            inside = true;
                            film.attributes(&element)?;
                        }
                    } else if inside && self.depth == film_depth + 1 {
                        film.column = layout::column(&element)?;
                        film.text.clear();
                        film.inner.clear();
                    } else if inside {
                        film.text.clear();
                        film.tag = element.local_name().as_ref().to_owned();
                    }
                }
                Event::End(_) => {
                    if inside && self.depth == film_depth + 1 {
                        film.end_value();
                    } else if inside && self.depth > film_depth {
                        film.end_inner();
                    }
                    if self.depth <= film_depth {
                        self.path.pop();
                    }
                    self.depth -= 1;
                    if self.depth + 1 == film_depth {
                        self.reader.get_mut().renew();
                        if inside {
                            return Ok(Some(film.fields));
                        }
                    }
                }
                Event::Text(text) if inside => film.text.push_str(&text),
                Event::CData(text) if inside => film.text.push_str(&text),
                Event::GeneralRef(reference) if inside => {
                    film.text.push_str(&referred(&reference)?);
                }
                Event::Eof if self.depth > 0 => bail!("the file is cut off: an element has no end"),
                Event::Eof => return Ok(None),
                _ => {}
            }
        }
    }
}

impl Source for Xml {
    fn next(&mut self, diagnostics: &mut Diagnostics) -> anyhow::Result<Option<SourceRecord>> {
        loop {
            let film = self.film();
            let location = self.location.clone();
            let Some(fields) = film.with_context(|| location.to_string())? else { return Ok(None) };
            if let Some(draft) = self.columns.draft(fields, &location, diagnostics) {
                return Ok(Some(SourceRecord { location, draft }));
            }
        }
    }

    fn columns(&self) -> Vec<ColumnPlan> {
        self.columns.plan()
    }
}

impl Film {
    /// Attributes of the film's own element are values too.
    fn attributes(&mut self, element: &BytesStart<'_>) -> anyhow::Result<()> {
        for attribute in element.attributes() {
            let attribute = attribute?;
            let value = attribute.normalized_value(XmlVersion::Explicit1_0)?;
            let column = attribute.key.as_ref().to_owned();
            self.push(column, value.into_owned());
        }
        Ok(())
    }

    fn end_inner(&mut self) {
        let text = std::mem::take(&mut self.text);
        if !text.trim().is_empty() {
            self.inner.push((self.tag.clone(), text));
        }
    }

    /// A value is a text, a list of elements of one name, or one with a `name` among other elements.
    fn end_value(&mut self) {
        let text = std::mem::take(&mut self.text);
        let column = std::mem::take(&mut self.column);
        let inner = std::mem::take(&mut self.inner);
        let Some((first, _)) = inner.first() else {
            self.push(column, text);
            return;
        };
        let is_list = inner.iter().all(|(tag, _)| tag == first);
        let named = inner.iter().any(|(tag, _)| tag == "name");
        if !is_list && !named {
            let position = self.position(column);
            self.fields[position].unreadable = Some(inner[0].1.clone());
            return;
        }
        for (tag, text) in inner {
            if is_list || tag == "name" {
                self.push(column.clone(), text);
            }
        }
    }

    fn push(&mut self, column: String, text: String) {
        let position = self.position(column);
        let field = &mut self.fields[position];
        if !text.trim().is_empty() {
            field.values.push(Value::Text(text));
        }
    }

    fn position(&mut self, column: String) -> usize {
        let next = self.fields.len();
        let position = *self.positions.entry(column.clone()).or_insert(next);
        if position == next {
            let values = Vec::new();
            self.fields.push(RawField { column, values, unreadable: None, is_list: false });
        }
        position
    }
}

/// A character by number or one of the five entities of XML. A file's own entities are not expanded: they
/// could fill the memory.
fn referred(reference: &BytesRef<'_>) -> anyhow::Result<String> {
    if let Some(letter) = reference.resolve_char_ref()? {
        return Ok(letter.to_string());
    }
    match quick_xml::escape::resolve_xml_entity(reference) {
        Some(text) => Ok(text.to_owned()),
        None => bail!("&{}; is not known", &**reference),
    }
}

fn damaged(error: &quick_xml::Error) -> anyhow::Error {
    match error {
        quick_xml::Error::Io(error) => anyhow::anyhow!("the file is cut off or damaged: {error}"),
        error => anyhow::anyhow!("{error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::import::tests::opened;

    type Found = Vec<(u64, Vec<(String, Vec<String>)>)>;

    fn films(text: &str) -> anyhow::Result<Found> {
        let mut xml = Xml::new(opened("f.xml", text.as_bytes())?, &ReadOptions::default())?;
        let mut films = Vec::new();
        while let Some(fields) = xml.film().with_context(|| xml.location.to_string())? {
            let text = |value: Value| match value {
                Value::Text(text) => text,
                _ => panic!(),
            };
            let field = |field: RawField| {
                (field.column, field.values.into_iter().map(text).collect::<Vec<_>>())
            };
            films.push((xml.location.line, fields.into_iter().map(field).collect()));
        }
        Ok(films)
    }

    fn field(column: &str, values: &[&str]) -> (String, Vec<String>) {
        (column.into(), values.iter().map(|value| (*value).to_owned()).collect())
    }

    #[test]
    fn values_are_named_by_attribute_or_by_tag() {
        let text = "<?xml version=\"1.0\"?>\n<add>\n<doc>\n<field name=\"name\">A &amp; B &#233;</field>
            <field name=\"genre\">x</field><field name=\"genre\"><![CDATA[y<]]></field></doc></add>";
        assert_eq!(
            films(text).unwrap(),
            [(3, vec![field("name", &["A & B é"]), field("genre", &["x", "y<"])])]
        );
        let text =
            "<f><film id=\"7\"><title>C</title><genres><g>x</g><g>y</g></genres><plot/></film></f>";
        assert_eq!(
            films(text).unwrap()[0].1,
            [
                field("id", &["7"]),
                field("title", &["C"]),
                field("genres", &["x", "y"]),
                field("plot", &[])
            ]
        );
    }

    #[test]
    fn films_are_found_at_any_depth() {
        let deep = "<r><info><name>x</name></info><list><m><title>A</title><year>1</year></m>\
            <m><title>B</title></m></list></r>";
        let titles: Vec<_> =
            films(deep).unwrap().into_iter().map(|(_, f)| f[0].1[0].clone()).collect();
        assert_eq!(titles, ["A", "B"]);
        let attributes = "<r><m title=\"A\" year=\"1\"/><m title=\"B\"/></r>";
        assert_eq!(films(attributes).unwrap().len(), 2);
        let one = "<movie><actor><name>N</name><role>R</role></actor><title>A</title></movie>";
        assert_eq!(films(one).unwrap()[0].1, [field("actor", &["N"]), field("title", &["A"])]);
    }

    #[test]
    fn damage_is_reported_with_its_line() {
        let error = |text: &str| format!("{:#}", films(text).unwrap_err());
        let cut = "<a><b><title>1</title></b>\n<b><title>2";
        assert!(error(cut).contains("f.xml:2: the file is cut off"));
        let entity = "<a><b><title>&bomb;</title></b></a>";
        assert!(error(entity).contains("f.xml:1: &bomb; is not known"));
        assert!(error("<a><b><title></b></a>").contains("f.xml:1"));
        let deep = format!("<a><b><title>x</title></b>{}", "<b>".repeat(1_000_000));
        assert!(error(&deep).contains("longer than"));
        assert!(error("<a><b><c>1</c></b></a>").contains("a/b/c"));
    }
}
