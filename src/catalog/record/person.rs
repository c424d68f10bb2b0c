//! The facts of one person.

use super::draft::Field;
use super::identifier::imdb_person;
use super::text::{clean, country, is_no_name};
use super::validate::{Validator, number_of};
use super::{Code, CreditName, Draft, Key, Patch, PersonName, Problem, Rules, SourcedText, Value};
use crate::catalog::fold::fold;

const LIFETIMES: std::ops::RangeInclusive<i64> = 1700..=2199;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRecord {
    pub slug: Option<String>,
    pub person: PersonName,
    /// Folded, family name first.
    pub sort_name: Patch<String>,
    pub born: Patch<i16>,
    pub died: Patch<i16>,
    /// English name.
    pub country: Patch<String>,
    pub biography: Patch<SourcedText>,
}

impl Draft {
    /// Validates the record of a person. `None` if it cannot be used.
    pub fn person(self, rules: &Rules) -> (Option<PersonRecord>, Vec<Problem>) {
        let mut validator = Validator::new(self, rules);
        let record = validator.person();
        (record, validator.finish())
    }
}

impl Validator<'_> {
    fn person(&mut self) -> Option<PersonRecord> {
        let imdb = self.person_identifier();
        let names = self.fields(Key::Directors);
        let Some(mut person) = self.name(&names) else {
            let value =
                names.iter().flat_map(|field| &field.values).find_map(|value| match value {
                    Value::Text(text) => Some(text.clone()),
                    _ => None,
                });
            self.report(Key::Directors, &value.unwrap_or_default(), Code::MissingName);
            return None;
        };
        person.imdb = imdb.or(person.imdb);
        let born = self.lifetime(Key::Born);
        let mut died = self.lifetime(Key::Died);
        if let (Patch::Set(from), Patch::Set(to)) = (&born, &died)
            && to < from
        {
            self.report(Key::Died, &to.to_string(), Code::DiedBeforeBirth);
            died = Patch::Keep;
        }
        let sort_name = match self.text(Key::SortName) {
            Patch::Set(name) => Patch::Set(fold(&name)),
            Patch::Clear | Patch::Keep => Patch::Keep,
        };
        let biography = self.sourced_text(Key::Biography, None);
        let country = self.one_country();
        Some(PersonRecord { slug: self.slug(), person, sort_name, born, died, country, biography })
    }

    fn name(&self, fields: &[Field]) -> Option<PersonName> {
        fields.iter().flat_map(|field| &field.values).find_map(|value| {
            let person = match value {
                Value::Text(name) => PersonName::from(clean(name)?),
                Value::Person(CreditName { person, .. }) => {
                    PersonName { name: clean(&person.name)?, imdb: person.imdb.clone() }
                }
                Value::ListId { .. } => return None,
            };
            let length = person.name.chars().count();
            (!is_no_name(&person.name) && length <= super::MAX_NAME_LENGTH).then_some(person)
        })
    }

    fn person_identifier(&mut self) -> Option<String> {
        match self.one(Key::Imdb)? {
            Patch::Set((text, field)) => {
                let identifier = imdb_person(&text);
                if identifier.is_none() {
                    self.push(field.report(&text, Code::NotAnIdentifier));
                }
                identifier
            }
            Patch::Clear | Patch::Keep => None,
        }
    }

    fn lifetime(&mut self, key: Key) -> Patch<i16> {
        match self.one(key) {
            None | Some(Patch::Keep) => Patch::Keep,
            Some(Patch::Clear) => Patch::Clear,
            Some(Patch::Set((text, field))) => {
                let year = number_of(&text).filter(|year| LIFETIMES.contains(year));
                match year.and_then(|year| i16::try_from(year).ok()) {
                    Some(year) => Patch::Set(year),
                    None => {
                        self.push(field.report(&text, Code::NotAYear));
                        Patch::Keep
                    }
                }
            }
        }
    }

    fn one_country(&mut self) -> Patch<String> {
        match self.one(Key::Country) {
            None | Some(Patch::Keep) => Patch::Keep,
            Some(Patch::Clear) => Patch::Clear,
            Some(Patch::Set((text, field))) => {
                let Some(name) = clean(&text) else { return Patch::Keep };
                let (name, is_known) = country(&name);
                if !is_known {
                    self.push(field.report(&text, Code::UnknownCountry));
                }
                Patch::Set(name)
            }
        }
    }
}
