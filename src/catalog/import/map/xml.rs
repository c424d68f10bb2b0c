//! XML of any origin: below the outermost element one element for each film, below that one for
//! each value. What a value means says its `name` attribute (as Solr writes it), else its tag.

use std::collections::HashMap;

use anyhow::{Context, bail};
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::super::bytes::{Limited, Opened};
use super::super::report::{Notes, Place};
use super::super::source::{Entry, Source};
use super::{Fields, Map};

/// Depth of a film's element and of its values' elements.
const FILM: usize = 2;
const VALUE: usize = 3;

pub struct Xml {
    reader: Reader<Limited>,
    buffer: Vec<u8>,
    place: Place,
    /// Open elements.
    depth: usize,
    map: Map,
}

/// The film being read.
#[derive(Default)]
struct Film {
    fields: Fields,
    /// Column to its place in `fields`.
    columns: HashMap<String, usize>,
    column: String,
    text: String,
}

impl Xml {
    pub fn new(file: Opened, map: Map) -> Self {
        let mut reader = Reader::from_reader(Limited::new(file.bytes));
        reader.config_mut().expand_empty_elements = true;
        let place = Place { file: file.name, line: 1 };
        Self { reader, buffer: Vec::new(), place, depth: 0, map }
    }

    /// The next film's fields; the place is where its element begins.
    fn film(&mut self) -> anyhow::Result<Option<Fields>> {
        let mut film = Film::default();
        loop {
            self.buffer.clear();
            let event = self.reader.read_event_into(&mut self.buffer);
            let line = self.reader.get_ref().line();
            if self.depth < FILM {
                self.place.line = line;
            }
            match event.map_err(|error| damaged(&error))? {
                Event::Start(element) => {
                    self.depth += 1;
                    match self.depth {
                        ..FILM => {}
                        FILM => film.start(&element)?,
                        VALUE => {
                            film.column = column(&element)?;
                            film.text.clear();
                        }
                        // An element inside a value's is another value of the same column.
                        _ => film.end_value(),
                    }
                }
                Event::End(_) => {
                    if self.depth >= VALUE {
                        film.end_value();
                    }
                    self.depth -= 1;
                    if self.depth == FILM - 1 {
                        self.reader.get_mut().renew();
                        return Ok(Some(film.fields));
                    }
                }
                Event::Text(text) if self.depth >= VALUE => film.text.push_str(&text),
                Event::CData(text) if self.depth >= VALUE => film.text.push_str(&text),
                Event::GeneralRef(reference) if self.depth >= VALUE => {
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
    fn next(&mut self, notes: &mut Notes) -> anyhow::Result<Option<Entry>> {
        let film = self.film();
        let place = self.place.clone();
        let Some(fields) = film.with_context(|| place.to_string())? else { return Ok(None) };
        let draft = self.map.draft(&fields, &[], &place, notes);
        Ok(Some(Entry { place, draft }))
    }
}

impl Film {
    /// Attributes of the film's own element are values too.
    fn start(&mut self, element: &BytesStart<'_>) -> anyhow::Result<()> {
        for attribute in element.attributes() {
            let attribute = attribute?;
            let value = attribute.normalized_value(XmlVersion::Explicit1_0)?;
            attribute.key.as_ref().clone_into(&mut self.column);
            self.text.push_str(&value);
            self.end_value();
        }
        Ok(())
    }

    fn end_value(&mut self) {
        let text = std::mem::take(&mut self.text);
        if text.trim().is_empty() {
            return;
        }
        let next = self.fields.len();
        let index = *self.columns.entry(self.column.clone()).or_insert(next);
        if index == next {
            self.fields.push((self.column.clone(), Vec::new()));
        }
        self.fields[index].1.push(text);
    }
}

fn column(element: &BytesStart<'_>) -> anyhow::Result<String> {
    Ok(match element.try_get_attribute("name")? {
        Some(name) => name.normalized_value(XmlVersion::Explicit1_0)?.into_owned(),
        None => element.local_name().as_ref().to_owned(),
    })
}

/// A character by number or one of the five that XML names; a file's own entities are not
/// followed, as they could be made to fill the memory.
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
    use crate::catalog::import::bytes;
    use crate::catalog::import::tests::input;

    fn films(text: &str) -> anyhow::Result<Vec<(u64, Fields)>> {
        let file = bytes::open(input("f.xml", text.as_bytes()), None)?;
        let mut xml = Xml::new(file, Map::default());
        let mut films = Vec::new();
        while let Some(film) = xml.film().with_context(|| xml.place.to_string())? {
            films.push((xml.place.line, film));
        }
        Ok(films)
    }

    fn field(column: &str, values: &[&str]) -> (String, Vec<String>) {
        (column.into(), values.iter().map(|value| (*value).to_owned()).collect())
    }

    #[test]
    fn values_are_named_by_attribute_or_by_tag() {
        let text = "<?xml version=\"1.0\"?>\n<add>\n<doc>\n<field name=\"name\">A &amp; B &#233;</field>
            <field name=\"genre\">x</field><field name=\"genre\"><![CDATA[y<]]></field></doc>
            <!-- no film --><film id=\"7\"><title>C</title><genres><g>x</g><g>y</g></genres><plot/></film></add>";
        assert_eq!(
            films(text).unwrap(),
            [
                (3, vec![field("name", &["A & B é"]), field("genre", &["x", "y<"])]),
                (
                    6,
                    vec![field("id", &["7"]), field("title", &["C"]), field("genres", &["x", "y"])]
                ),
            ]
        );
    }

    #[test]
    fn damage_is_told_with_its_line() {
        let error = |text: &str| format!("{:#}", films(text).unwrap_err());
        assert!(error("<a><b><c>1</c></b>\n<b><c>2").contains("f.xml:2: the file is cut off"));
        assert!(error("<a><b><c>&bomb;</c></b></a>").contains("f.xml:1: &bomb; is not known"));
        assert!(error("<a><b></c></b></a>").contains("f.xml:1"));
        let deep = format!("<a>{}", "<b>".repeat(1_000_000));
        assert!(error(&deep).contains("longer than"));
    }
}
