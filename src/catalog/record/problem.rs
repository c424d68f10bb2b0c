//! Values that were not stored as they were written.

use std::fmt;
use std::sync::Arc;

use super::Key;

/// A value that was left out or stored in another form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub field: Key,
    /// The column or key in the file, where it differs from the field's name.
    pub column: Option<Arc<str>>,
    pub value: String,
    pub code: Code,
}

/// The reason for a [`Problem`]. Its text completes "VALUE …".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Code {
    MissingTitle,
    MissingName,
    NotAYear,
    YearSpan,
    YearExtracted,
    NotADate,
    AmbiguousDate,
    TwoDigitYear,
    IncompleteDate,
    OtherYear,
    NotARuntime,
    RuntimeRounded,
    RuntimeApproximate,
    NotAName,
    InvertedName,
    NotAnIdentifier,
    UnknownLink,
    NotAUrl,
    NotASlug,
    TooLong,
    TooMany,
    UnknownCountry,
    UnknownLanguage,
    AmbiguousList,
    NotAList,
    NotAText,
    Repeated,
    YearInTitle,
    RankInTitle,
    Markup,
    ControlCharacters,
    DiedBeforeBirth,
    WithoutText,
    MissingTagName,
    MissingText,
    NotALevel,
    EndsBeforeStart,
}

impl Code {
    pub fn text(self) -> &'static str {
        match self {
            Self::MissingTitle => "is not a title: a film needs one",
            Self::MissingName => "is not a name: a director needs one",
            Self::NotAYear => "is not a year from 1870 to 2199; left out",
            Self::YearSpan => "covers several years; the first is used",
            Self::YearExtracted => "is not a plain year; the only year in it is used",
            Self::NotADate => {
                "is not a date; left out (--date-format names the format, as in \"%d/%m/%Y\")"
            }
            Self::AmbiguousDate => {
                "may be day/month or month/day; only the year is used (--date-format \"%d/%m/%Y\" or \
                 \"%m/%d/%Y\" decides)"
            }
            Self::TwoDigitYear => {
                "has a year of two digits; left out (--date-format, as \"%d-%b-%y\", reads it)"
            }
            Self::IncompleteDate => "is not a complete date; only the year is used",
            Self::OtherYear => "is not in the film's year; left out",
            Self::NotARuntime => "is not a running time of 1 to 6000 minutes; left out",
            Self::RuntimeRounded => "was rounded to whole minutes",
            Self::RuntimeApproximate => "is approximate; stored as exact minutes",
            Self::NotAName => "is not a person's name; left out",
            Self::InvertedName => "was read as \"family name, given name\"",
            Self::NotAnIdentifier => "is not an identifier of that site; left out",
            Self::UnknownLink => "is not a page on Wikidata, IMDb, TMDB or Wikipedia; left out",
            Self::NotAUrl => "is not an http or https address; left out",
            Self::NotASlug => "is not a valid slug; a new one is made",
            Self::TooLong => "is too long; left out",
            Self::TooMany => "is beyond the number of values allowed; left out",
            Self::UnknownCountry => "is not a known country; stored as written",
            Self::UnknownLanguage => "is not a known language; left out",
            Self::AmbiguousList => {
                "may hold several values; left out (--separators names the delimiter, as in \",\")"
            }
            Self::NotAList => "is not a readable list; left out",
            Self::NotAText => "has parts without a name; left out",
            Self::Repeated => "is a second value of the same field; left out",
            Self::YearInTitle => "has the year in the title; stored apart",
            Self::RankInTitle => "has the position in the title; left out",
            Self::Markup => "has HTML markup, which was removed",
            Self::ControlCharacters => "has control characters, which were removed",
            Self::DiedBeforeBirth => "is before the year of birth; left out",
            Self::WithoutText => "describes a text that is not there; left out",
            Self::MissingTagName => "is not the name of a tag: it needs a letter or a digit",
            Self::MissingText => "is not a text: a notice needs one",
            Self::NotALevel => "is not a level: choose info or warning",
            Self::EndsBeforeStart => "is before the first day",
        }
    }

    /// Returns the first part of the text: what is wrong, without what an import makes of it.
    pub fn reason(self) -> &'static str {
        self.text().split("; ").next().unwrap_or_default()
    }

    /// Whether nothing of the value was stored.
    pub fn is_left_out(self) -> bool {
        !matches!(
            self,
            Self::YearSpan
                | Self::YearExtracted
                | Self::AmbiguousDate
                | Self::IncompleteDate
                | Self::RuntimeRounded
                | Self::RuntimeApproximate
                | Self::InvertedName
                | Self::UnknownCountry
                | Self::YearInTitle
                | Self::RankInTitle
                | Self::Markup
                | Self::ControlCharacters
        )
    }
}

/// Values are shortened to this many characters in messages.
const SHOWN: usize = 80;

impl Problem {
    /// Returns the value, shortened.
    pub fn shown_value(&self) -> String {
        let mut value: String = self.value.chars().take(SHOWN).collect();
        if value.len() < self.value.len() {
            value.push('…');
        }
        value
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = self.column.as_deref().unwrap_or_else(|| self.field.name());
        let value = self.shown_value();
        write!(out, "{field}: {value:?} {}", self.code.text())
    }
}
