//! Our own form: one JSON object on each line.

use anyhow::Context;

use super::bytes::Opened;
use super::lines::Lines;
use super::record::Draft;
use super::report::Notes;
use super::source::{Entry, Source};

pub struct JsonLines(Lines);

impl JsonLines {
    pub fn new(file: Opened) -> Self {
        Self(Lines::new(file))
    }
}

impl Source for JsonLines {
    fn next(&mut self, _: &mut Notes) -> anyhow::Result<Option<Entry>> {
        let Some(line) = self.0.next()? else { return Ok(None) };
        let draft: Result<Draft, _> = serde_json::from_str(line);
        let place = self.0.place().clone();
        let draft = draft.with_context(|| place.to_string())?;
        Ok(Some(Entry { place, draft }))
    }
}
