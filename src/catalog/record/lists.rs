//! Fields with several values: people, tags, countries and languages.

use super::draft::Value;
use super::identifier::imdb_person;
use super::text::{clean, country, is_no_name, is_no_value, loss, tag_name};
use super::validate::{Validator, is_too_long};
use super::{
    Code, CreditName, Key, MAX_CAST, MAX_COUNTRIES, MAX_DIRECTORS, MAX_LANGUAGES, MAX_TAGS, Patch,
    PersonName,
};
use crate::catalog::fold::fold;
use crate::catalog::languages;

impl Validator<'_> {
    /// Returns the values of one list, each once and at most `max`, as `read` returns them.
    fn list<T: PartialEq>(
        &mut self,
        keys: &[Key],
        max: usize,
        mut read: impl FnMut(&Value) -> Result<Option<(T, Option<Code>)>, Code>,
    ) -> Patch<Vec<T>> {
        let mut list: Vec<T> = Vec::new();
        let (mut is_present, mut is_blank) = (false, true);
        for key in keys {
            for field in self.fields(*key) {
                is_present = true;
                for value in &field.values {
                    let written = match value {
                        Value::Text(text) if is_no_value(text) => continue,
                        Value::Text(text) => text,
                        Value::Person(credit) => &credit.person.name,
                        Value::ListId { id, .. } => id,
                    };
                    is_blank = false;
                    match read(value) {
                        Ok(Some((item, code))) => {
                            if let Some(code) = code {
                                self.push(field.report(written, code));
                            }
                            if list.contains(&item) {
                            } else if list.len() == max {
                                self.push(field.report(written, Code::TooMany));
                            } else {
                                list.push(item);
                            }
                        }
                        Ok(None) => {}
                        Err(code) => self.push(field.report(written, code)),
                    }
                }
            }
        }
        match (is_present, is_blank, list.is_empty()) {
            (true, true, _) => self.blank(),
            (_, _, true) => Patch::Keep,
            _ => Patch::Set(list),
        }
    }

    pub(super) fn directors(&mut self) -> Patch<Vec<PersonName>> {
        self.list(&[Key::Directors], MAX_DIRECTORS, person)
    }

    pub(super) fn cast(&mut self) -> Patch<Vec<CreditName>> {
        self.list(&[Key::Cast], MAX_CAST, |value| {
            let Some((person, code)) = person(value)? else { return Ok(None) };
            let character = match value {
                Value::Person(credit) => credit.character.as_deref().and_then(clean),
                Value::Text(_) | Value::ListId { .. } => None,
            };
            let character = character.filter(|name| !is_no_value(name));
            if character.as_deref().is_some_and(is_too_long) {
                return Ok(Some((person.into(), Some(Code::TooLong))));
            }
            Ok(Some((CreditName { person, character }, code)))
        })
    }

    /// Genres come first: the first tag is the main genre.
    pub(super) fn tags(&mut self) -> Patch<Vec<String>> {
        let mut folded: Vec<String> = Vec::new();
        self.list(&[Key::Genres, Key::Tags], MAX_TAGS, |value| {
            let Some((name, code)) = plain(value)? else { return Ok(None) };
            let name = tag_name(&name);
            let letters = fold(&name);
            if letters.is_empty() {
                return Err(Code::NotAName);
            }
            if folded.contains(&letters) {
                return Ok(None);
            }
            folded.push(letters);
            Ok(Some((name, code)))
        })
    }

    pub(super) fn countries(&mut self) -> Patch<Vec<String>> {
        self.list(&[Key::Country], MAX_COUNTRIES, |value| {
            let Some((name, code)) = plain(value)? else { return Ok(None) };
            let (name, is_known) = country(&name);
            Ok(Some((name, if is_known { code } else { Some(Code::UnknownCountry) })))
        })
    }

    pub(super) fn languages(&mut self) -> Patch<Vec<String>> {
        self.list(&[Key::Language], MAX_LANGUAGES, |value| {
            let Some((name, code)) = plain(value)? else { return Ok(None) };
            if languages::is_no_language(&name) {
                return Ok(None);
            }
            languages::find(&name)
                .map(|language| Some((language, code)))
                .ok_or(Code::UnknownLanguage)
        })
    }
}

type Read<T> = Result<Option<(T, Option<Code>)>, Code>;

fn plain(value: &Value) -> Read<String> {
    let Value::Text(text) = value else { return Ok(None) };
    let code = loss(text);
    match clean(text) {
        Some(text) if is_too_long(&text) => Err(Code::TooLong),
        Some(text) => Ok(Some((text, code))),
        None => Ok(None),
    }
}

fn person(value: &Value) -> Read<PersonName> {
    let (name, imdb, code) = match value {
        Value::Person(CreditName { person, .. }) => {
            (clean(&person.name), person.imdb.as_deref(), None)
        }
        value => match plain(value)? {
            Some((name, code)) => (Some(name), None, code),
            None => return Ok(None),
        },
    };
    let Some(name) = name else { return Ok(None) };
    if is_no_name(&name) {
        return Err(Code::NotAName);
    }
    if is_too_long(&name) {
        return Err(Code::TooLong);
    }
    let imdb = match imdb {
        Some(imdb) => Some(imdb_person(imdb).ok_or(Code::NotAnIdentifier)?),
        None => None,
    };
    Ok(Some((PersonName { name, imdb }, code)))
}
