//! The facts of a movie or a person that an import, a command or a form stores.
//!
//! A [`Draft`] holds the values as they were written. [`Draft::movie`] and [`Draft::person`] are the
//! only validation: they return a record of valid facts and every [`Problem`], with its field. A record
//! serialises to the JSON form that `docs/import.md` describes, which an import reads back.

pub mod date;
pub mod draft;
pub mod identifier;
mod key;
mod lists;
mod movie;
mod person;
mod problem;
pub mod runtime;
mod serialize;
pub mod text;
mod validate;

use std::collections::BTreeMap;

use chrono::NaiveDate;

pub use self::draft::{Draft, Field, Rules, Value};
pub use self::identifier::Scheme;
pub use self::key::Key;
pub use self::person::PersonRecord;
pub use self::problem::{Code, Problem};

pub const MAX_NAME_LENGTH: usize = 500;
pub const MAX_TEXT_LENGTH: usize = 20_000;
pub const MAX_URL_LENGTH: usize = 2000;
pub const MAX_DIRECTORS: usize = 50;
pub const MAX_TAGS: usize = 20;
pub const MAX_COUNTRIES: usize = 30;
pub const MAX_LANGUAGES: usize = 30;
pub const MAX_CAST: usize = 500;

/// A change of one stored fact.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Patch<T> {
    #[default]
    Keep,
    Clear,
    Set(T),
}

impl<T> Patch<T> {
    pub fn as_set(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Clear => None,
        }
    }

    pub fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }

    /// Converts a value that is set.
    pub fn map<U>(self, convert: impl FnOnce(T) -> U) -> Patch<U> {
        match self {
            Self::Keep => Patch::Keep,
            Self::Clear => Patch::Clear,
            Self::Set(value) => Patch::Set(convert(value)),
        }
    }

    /// Returns the fact after the change.
    pub fn apply(self, stored: Option<T>) -> Option<T> {
        match self {
            Self::Keep => stored,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }
}

impl<T> Patch<Vec<T>> {
    /// Returns the list after the change.
    pub fn apply_list(self, stored: Vec<T>) -> Vec<T> {
        self.apply(Some(stored)).unwrap_or_default()
    }
}

impl<T> From<Option<T>> for Patch<T> {
    /// Sets what is there and keeps the rest.
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Keep, Self::Set)
    }
}

/// The facts of one movie. The title is set in every valid record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MovieRecord {
    pub slug: Option<String>,
    pub title: String,
    pub original_title: Patch<String>,
    pub year: Patch<i16>,
    pub released: Patch<NaiveDate>,
    /// Minutes.
    pub runtime: Patch<i16>,
    pub directors: Patch<Vec<PersonName>>,
    /// The main genre first.
    pub tags: Patch<Vec<String>>,
    /// English names.
    pub countries: Patch<Vec<String>>,
    /// ISO 639 codes.
    pub languages: Patch<Vec<String>>,
    /// In order of credit.
    pub cast: Patch<Vec<CreditName>>,
    pub synopsis: Patch<SourcedText>,
    /// Identifiers of the movie on other sites.
    pub identifiers: BTreeMap<Scheme, Patch<String>>,
    /// Identifiers that single lists gave the movie, by the name of the list.
    pub list_ids: BTreeMap<String, String>,
}

/// A credited person. The IMDb identifier distinguishes people of the same name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PersonName {
    pub name: String,
    /// `nm0000041`
    pub imdb: Option<String>,
}

impl From<String> for PersonName {
    fn from(name: String) -> Self {
        Self { name, imdb: None }
    }
}

impl From<&str> for PersonName {
    fn from(name: &str) -> Self {
        name.to_owned().into()
    }
}

/// A person in a cast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditName {
    pub person: PersonName,
    /// The name of the part.
    pub character: Option<String>,
}

impl From<PersonName> for CreditName {
    fn from(person: PersonName) -> Self {
        Self { person, character: None }
    }
}

/// A synopsis or biography with its origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourcedText {
    pub text: String,
    /// `None` stands for the source that the operator names for the whole import.
    pub source: Option<TextSource>,
    /// The page that the text was taken from.
    pub url: Option<String>,
}

/// The author of a text and its licence.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TextSource {
    pub name: String,
    pub licence: String,
    pub licence_url: Option<String>,
}

impl TextSource {
    /// Returns the source of texts that the operators wrote themselves.
    pub fn own() -> Self {
        let (name, licence) = ("the operator of this site".into(), "not stated".into());
        Self { name, licence, licence_url: None }
    }
}
