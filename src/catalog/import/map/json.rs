//! JSON objects of any origin, in a list or one after the other.

use std::io::BufRead;

use anyhow::{Context, bail};
use serde_json::Value;

use super::super::bytes::{Bytes, LONGEST, Opened};
use super::super::report::{Notes, Place};
use super::super::source::{Entry, Source};
use super::{Fields, Map};

pub struct Json {
    objects: Objects,
    map: Map,
}

impl Json {
    pub fn new(file: Opened, map: Map) -> Self {
        Self { objects: Objects::new(file), map }
    }
}

impl Source for Json {
    fn next(&mut self, notes: &mut Notes) -> anyhow::Result<Option<Entry>> {
        let Some(object) = self.objects.next()? else { return Ok(None) };
        let place = self.objects.place.clone();
        let fields: Fields =
            object.into_iter().map(|(column, value)| (column, texts(value))).collect();
        let draft = self.map.draft(&fields, &[], &place, notes);
        Ok(Some(Entry { place, draft }))
    }
}

/// Text, number, or a list of them; of an object its `name`.
fn texts(value: Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text],
        Value::Number(number) => vec![number.to_string()],
        Value::Array(values) => values.into_iter().flat_map(texts).collect(),
        Value::Object(mut object) => object.remove("name").map(texts).unwrap_or_default(),
        Value::Null | Value::Bool(_) => Vec::new(),
    }
}

/// Finds where each outermost object ends, so that one at a time is in memory.
struct Objects {
    bytes: Bytes,
    /// Where the object read last begins.
    place: Place,
    line: u64,
}

impl Objects {
    fn new(file: Opened) -> Self {
        Self { bytes: file.bytes, place: Place { file: file.name, line: 1 }, line: 1 }
    }

    fn next(&mut self) -> anyhow::Result<Option<serde_json::Map<String, Value>>> {
        let object = self.cut_out().with_context(|| self.place.to_string())?;
        let Some(object) = object else { return Ok(None) };
        let object = serde_json::from_slice(&object).with_context(|| self.place.to_string())?;
        Ok(Some(object))
    }

    /// The bytes of the next object.
    fn cut_out(&mut self) -> anyhow::Result<Option<Vec<u8>>> {
        let mut object: Vec<u8> = Vec::new();
        let (mut depth, mut in_text, mut escaped) = (0_u32, false, false);
        loop {
            let buffer = self.bytes.fill_buf().context("the file is cut off or damaged")?;
            if buffer.is_empty() {
                match depth {
                    0 => return Ok(None),
                    _ => bail!("the file is cut off: the object has no end"),
                }
            }
            let mut used = 0;
            let mut ended = false;
            for byte in buffer {
                used += 1;
                self.line += u64::from(*byte == b'\n');
                match byte {
                    _ if escaped => escaped = false,
                    b'\\' if in_text => escaped = true,
                    b'"' if depth > 0 => in_text = !in_text,
                    _ if in_text => {}
                    b'{' => {
                        if depth == 0 {
                            self.place.line = self.line;
                        }
                        depth += 1;
                    }
                    b'}' if depth > 0 => {
                        depth -= 1;
                        ended = depth == 0;
                    }
                    b'[' | b']' | b',' | b' ' | b'\t' | b'\r' | b'\n' => {}
                    _ if depth == 0 => {
                        self.place.line = self.line;
                        bail!("the file is no list of JSON objects");
                    }
                    _ => {}
                }
                if depth > 0 || ended {
                    object.push(*byte);
                }
                if ended {
                    break;
                }
            }
            self.bytes.consume(used);
            if object.len() > LONGEST {
                bail!("the object is longer than {LONGEST} bytes");
            }
            if ended {
                return Ok(Some(object));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::import::bytes;
    use crate::catalog::import::tests::input;

    fn titles(text: &str) -> anyhow::Result<Vec<(u64, Vec<String>)>> {
        let mut objects = Objects::new(bytes::open(input("f.json", text.as_bytes()), None)?);
        let mut titles = Vec::new();
        while let Some(mut object) = objects.next()? {
            titles.push((objects.place.line, texts(object.remove("t").unwrap())));
        }
        Ok(titles)
    }

    #[test]
    fn objects_are_cut_out_of_a_list_or_a_row() {
        let list = "[\n {\"t\": \"a } \\\" {\"},\n\n {\"t\": [{\"name\": \"b\"}, 5, null]}\n]";
        assert_eq!(
            titles(list).unwrap(),
            [(2, vec!["a } \" {".to_owned()]), (4, vec!["b".into(), "5".into()])]
        );
        assert_eq!(titles("{\"t\":1}\n{\"t\":2}").unwrap().len(), 2);
        assert_eq!(titles("[]").unwrap(), []);
    }

    #[test]
    fn damage_is_told_with_its_line() {
        let error = |text: &str| format!("{:#}", titles(text).unwrap_err());
        assert!(error("[{\"t\":1},\n{\"t\":").contains("f.json:2: the file is cut off"));
        assert!(error("[\n\"t\"]").contains("f.json:2: the file is no list of JSON objects"));
        assert!(error("{\"t\" 1}").contains("f.json:1"));
        assert!(error(&format!("[{{\"t\":\"{}", "x".repeat(3_000_000))).contains("longer than"));
    }
}
