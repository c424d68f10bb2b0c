//! Values of a draft, taken out one by one, checked and cleaned.

use super::draft::{Field, Value};
use super::identifier::is_web_address;
use super::text::{clean, is_no_value, loss};
use super::{
    Code, Draft, Key, MAX_NAME_LENGTH, MAX_TEXT_LENGTH, Patch, Problem, Rules, SourcedText,
    TextSource,
};
use crate::catalog::fold::{is_slug, sort_title};

/// Bytes of a folded title or of a name that an index can hold.
const MAX_INDEXED_BYTES: usize = 2000;

/// A draft whose fields are taken out one by one.
pub(super) struct Validator<'a> {
    pub(super) draft: Draft,
    pub(super) rules: &'a Rules,
    problems: Vec<Problem>,
}

/// A value with the field that it is from.
type OneValue = Patch<(String, Field)>;

impl<'a> Validator<'a> {
    pub(super) fn new(mut draft: Draft, rules: &'a Rules) -> Self {
        let problems = std::mem::take(&mut draft.problems);
        Self { draft, rules, problems }
    }

    pub(super) fn finish(self) -> Vec<Problem> {
        self.problems
    }

    pub(super) fn push(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    pub(super) fn report(&mut self, field: Key, value: &str, code: Code) {
        self.push(Problem { field, column: None, value: value.to_owned(), code });
    }

    pub(super) fn fields(&mut self, key: Key) -> Vec<Field> {
        self.draft.take(key)
    }

    pub(super) fn blank<T>(&self) -> Patch<T> {
        if self.rules.blank_clears { Patch::Clear } else { Patch::Keep }
    }

    /// Returns the first value of a field that holds one; `None` if the field is not there. Further
    /// values are reported.
    pub(super) fn one(&mut self, key: Key) -> Option<OneValue> {
        let fields = self.fields(key);
        let mut found: Option<(String, Field)> = None;
        let is_present = !fields.is_empty();
        for field in fields {
            for value in &field.values {
                let Value::Text(text) = value else { continue };
                if is_no_value(text) {
                    continue;
                }
                match &found {
                    None => found = Some((text.clone(), field.clone())),
                    Some((first, _)) if first.trim() == text.trim() => {}
                    Some(_) => self.push(field.report(text, Code::Repeated)),
                }
            }
        }
        match found {
            Some(found) => Some(Patch::Set(found)),
            None => is_present.then(|| self.blank()),
        }
    }

    /// Returns a cleaned text.
    pub(super) fn text(&mut self, key: Key) -> Patch<String> {
        match self.one(key) {
            None | Some(Patch::Keep) => Patch::Keep,
            Some(Patch::Clear) => Patch::Clear,
            Some(Patch::Set((text, field))) => {
                if let Some(code) = loss(&text) {
                    self.push(field.report(&text, code));
                }
                match clean(&text) {
                    Some(text) if is_too_long(&text) => {
                        self.push(field.report(&text, Code::TooLong));
                        Patch::Keep
                    }
                    Some(text) => Patch::Set(text),
                    None => self.blank(),
                }
            }
        }
    }

    /// Returns a text that is indexed together with another.
    fn short_text(&mut self, key: Key) -> Patch<String> {
        let text = self.text(key);
        match text.as_set().filter(|text| text.len() > MAX_INDEXED_BYTES / 2).cloned() {
            Some(long) => {
                self.report(key, &long, Code::TooLong);
                Patch::Keep
            }
            None => text,
        }
    }

    pub(super) fn slug(&mut self) -> Option<String> {
        match self.one(Key::Slug)? {
            Patch::Set((slug, _)) if is_slug(&slug) => Some(slug),
            Patch::Set((slug, field)) => {
                self.push(field.report(&slug, Code::NotASlug));
                None
            }
            Patch::Keep | Patch::Clear => None,
        }
    }

    /// Returns a text with its source. A text from a Wikipedia page is Wikipedia's, unless the record
    /// names another source.
    pub(super) fn sourced_text(
        &mut self,
        key: Key,
        wikipedia: Option<String>,
    ) -> Patch<SourcedText> {
        let text = match self.one(key) {
            None | Some(Patch::Keep) => Patch::Keep,
            Some(Patch::Clear) => Patch::Clear,
            Some(Patch::Set((text, field))) => {
                if let Some(code) = loss(&text) {
                    self.push(field.report(&text, code));
                }
                match clean(&text) {
                    Some(text) if text.chars().count() > MAX_TEXT_LENGTH => {
                        self.push(field.report(&text, Code::TooLong));
                        Patch::Keep
                    }
                    Some(text) => Patch::Set(text),
                    None => self.blank(),
                }
            }
        };
        let name = self.short_text(Key::Source);
        let licence = self.short_text(Key::Licence);
        let licence_url = self.url(Key::LicenceUrl);
        let source_url = self.url(Key::SourceUrl);
        let text = match text {
            Patch::Set(text) => text,
            Patch::Keep | Patch::Clear => {
                if let Patch::Set(name) = &name {
                    self.report(Key::Source, name, Code::WithoutText);
                }
                return if matches!(text, Patch::Clear) { Patch::Clear } else { Patch::Keep };
            }
        };
        let (source, url) = match (name, wikipedia) {
            (Patch::Set(name), _) => {
                let licence = licence.apply(None).unwrap_or_else(|| "not stated".to_owned());
                (Some(TextSource { name, licence, licence_url }), source_url)
            }
            (_, Some(page)) => (Some(TextSource::wikipedia()), Some(page)),
            (_, None) => {
                if let Patch::Set(licence) = licence {
                    self.report(Key::Licence, &licence, Code::WithoutText);
                }
                (None, source_url)
            }
        };
        Patch::Set(SourcedText { text, source, url })
    }

    fn url(&mut self, key: Key) -> Option<String> {
        match self.one(key)? {
            Patch::Set((url, _)) if is_web_address(url.trim()) => Some(url.trim().to_owned()),
            Patch::Set((url, field)) => {
                self.push(field.report(&url, Code::NotAUrl));
                None
            }
            Patch::Keep | Patch::Clear => None,
        }
    }
}

impl TextSource {
    fn wikipedia() -> Self {
        Self {
            name: "Wikipedia".into(),
            licence: "CC BY-SA 4.0".into(),
            licence_url: Some("https://creativecommons.org/licenses/by-sa/4.0/".into()),
        }
    }
}

pub(super) fn is_too_long(text: &str) -> bool {
    text.chars().count() > MAX_NAME_LENGTH
        || text.len().max(sort_title(text).len()) > MAX_INDEXED_BYTES
}

/// Parses a whole number, with or without decimals of 0.
pub(super) fn number_of(text: &str) -> Option<i64> {
    let text = text.trim();
    text.strip_suffix(".0").unwrap_or(text).parse().ok()
}
