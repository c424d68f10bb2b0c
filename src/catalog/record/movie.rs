//! The one validation of a movie's facts.

use chrono::{Datelike, NaiveDate};

use super::date::{self, ParsedDate};
use super::draft::{Field, Value};
use super::identifier::{self, Scheme, imdb_from_digits};
use super::text::{clean, is_no_value, loss};
use super::validate::{Validator, is_too_long};
use super::{Code, Draft, Key, MovieRecord, Patch, Problem, Rules, SourcedText, runtime};

const MAX_LIST_ID_LENGTH: usize = 200;

/// Length of `tt0017925`: IMDb pads its numbers to seven digits.
const MIN_IMDB_LENGTH: usize = 9;

impl Draft {
    /// Validates the record of a movie. `None` if it cannot be used.
    pub fn movie(self, rules: &Rules) -> (Option<MovieRecord>, Vec<Problem>) {
        let mut validator = Validator::new(self, rules);
        let record = validator.movie();
        (record, validator.finish())
    }
}

impl Validator<'_> {
    fn movie(&mut self) -> Option<MovieRecord> {
        let (title, title_year) = self.title()?;
        let original_title = self.text(Key::OriginalTitle);
        let (year, released) = self.dates(title_year);
        let mut record = MovieRecord {
            slug: self.slug(),
            original_title: match original_title {
                // Equal to the title it is no further fact.
                Patch::Set(original) if original == title => Patch::Keep,
                other => other,
            },
            title,
            year,
            released,
            runtime: self.runtime(),
            directors: self.directors(),
            tags: self.tags(),
            countries: self.countries(),
            languages: self.languages(),
            cast: self.cast(),
            ..MovieRecord::default()
        };
        self.identifiers(&mut record);
        record.synopsis = self.synopsis(&record);
        Some(record)
    }

    /// Returns the title, and the year that stands in brackets after it where no field holds one.
    fn title(&mut self) -> Option<(String, Option<i64>)> {
        let has_year = self.draft.fields().iter().any(|field| {
            field.key == Key::Year
                && field.values.iter().any(|v| matches!(v, Value::Text(t) if !is_no_value(t)))
        });
        let rank = self.one(Key::Rank);
        let Some(Patch::Set((written, field))) = self.one(Key::Title) else {
            self.report(Key::Title, "", Code::MissingTitle);
            return None;
        };
        if let Some(code) = loss(&written) {
            self.push(field.report(&written, code));
        }
        let Some(mut title) = clean(&written) else {
            self.push(field.report(&written, Code::MissingTitle));
            return None;
        };
        if let Some(Patch::Set((rank, _))) = rank
            && let Some(rest) = title.strip_prefix(rank.trim())
            && let Some(rest) = rest.strip_prefix(['.', ')']).map(str::trim_start)
            && !rest.is_empty()
        {
            self.push(field.report(&written, Code::RankInTitle));
            title = rest.to_owned();
        }
        let mut year = None;
        if !has_year
            && let Some((before, inside)) =
                title.strip_suffix(')').and_then(|t| t.rsplit_once(" ("))
            && inside.len() == 4
            && let Ok((found, None)) = date::parse_year(inside)
        {
            self.push(field.report(&written, Code::YearInTitle));
            year = Some(found);
            title = before.trim_end().to_owned();
        }
        if is_too_long(&title) {
            self.push(field.report(&written, Code::TooLong));
            return None;
        }
        Some((title, year))
    }

    /// Returns the year and the day of release. A day gives the year where no field does; the first of
    /// January is how sources write that only the year is known.
    fn dates(&mut self, title_year: Option<i64>) -> (Patch<i16>, Patch<NaiveDate>) {
        let mut year = match self.one(Key::Year) {
            None | Some(Patch::Keep) => Patch::Keep,
            Some(Patch::Clear) => Patch::Clear,
            Some(Patch::Set((text, field))) => match date::parse_year(&text) {
                Ok((year, code)) => {
                    if let Some(code) = code {
                        self.push(field.report(&text, code));
                    }
                    Patch::Set(year)
                }
                Err(code) => {
                    self.push(field.report(&text, code));
                    Patch::Keep
                }
            },
        };
        if year.is_keep() {
            year = title_year.into();
        }
        let mut released = Patch::Keep;
        match self.one(Key::Released) {
            None | Some(Patch::Keep) => {}
            Some(Patch::Clear) => released = Patch::Clear,
            Some(Patch::Set((text, field))) => {
                match date::parse(&text, self.rules.date_format.as_deref()) {
                    ParsedDate::Unknown(code) => self.push(field.report(&text, code)),
                    ParsedDate::Year(found, code) => {
                        if let Some(code) = code {
                            self.push(field.report(&text, code));
                        }
                        self.year_of_release(&mut year, found, &text, &field);
                    }
                    ParsedDate::Day(day) => {
                        let of_year =
                            self.year_of_release(&mut year, day.year().into(), &text, &field);
                        if of_year && (day.ordinal() != 1 || self.rules.is_typed) {
                            released = Patch::Set(day);
                        }
                    }
                }
            }
        }
        let year = match year {
            Patch::Set(year) => i16::try_from(year).map_or(Patch::Keep, Patch::Set),
            Patch::Clear => Patch::Clear,
            Patch::Keep => Patch::Keep,
        };
        (year, released)
    }

    /// Uses the year of a date where no other is known; returns whether the film is of that year.
    fn year_of_release(
        &mut self,
        year: &mut Patch<i64>,
        found: i64,
        text: &str,
        field: &Field,
    ) -> bool {
        match year {
            Patch::Set(year) if *year == found => true,
            Patch::Set(_) => {
                self.push(field.report(text, Code::OtherYear));
                false
            }
            Patch::Keep | Patch::Clear if date::YEARS.contains(&found) => {
                *year = Patch::Set(found);
                true
            }
            Patch::Keep | Patch::Clear => {
                self.push(field.report(text, Code::NotAYear));
                false
            }
        }
    }

    fn runtime(&mut self) -> Patch<i16> {
        match self.one(Key::Runtime) {
            None | Some(Patch::Keep) => Patch::Keep,
            Some(Patch::Clear) => Patch::Clear,
            Some(Patch::Set((text, field))) => match runtime::parse(&text) {
                Ok((minutes, code)) => {
                    if let Some(code) = code {
                        self.push(field.report(&text, code));
                    }
                    Patch::Set(minutes)
                }
                Err(code) => {
                    self.push(field.report(&text, code));
                    Patch::Keep
                }
            },
        }
    }

    fn identifiers(&mut self, record: &mut MovieRecord) {
        for scheme in Scheme::ALL {
            let Some(key) = Key::from_name(scheme.name()) else { continue };
            match self.one(key) {
                None | Some(Patch::Keep) => {}
                Some(Patch::Clear) => _ = record.identifiers.insert(scheme, Patch::Clear),
                Some(Patch::Set((text, field))) => match identifier_of(scheme, &text, &field) {
                    Some(value) => _ = record.identifiers.insert(scheme, Patch::Set(value)),
                    None => self.push(field.report(&text, Code::NotAnIdentifier)),
                },
            }
        }
        for field in self.fields(Key::Link) {
            for value in &field.values {
                let Value::Text(text) = value else { continue };
                match identifier::from_url(text) {
                    Some((scheme, value)) => {
                        record.identifiers.entry(scheme).or_insert(Patch::Set(value));
                    }
                    None if is_no_value(text) => {}
                    None => self.push(field.report(text, Code::UnknownLink)),
                }
            }
        }
        self.list_ids(record);
    }

    /// Reads the ids that the list itself assigns. An id of IMDb's form is IMDb's.
    fn list_ids(&mut self, record: &mut MovieRecord) {
        let list = self.rules.list.clone();
        let fields = self.fields(Key::Ids).into_iter().chain(self.fields(Key::Id));
        for field in fields.collect::<Vec<_>>() {
            for value in &field.values {
                let (list, id) = match value {
                    Value::ListId { list, id } => (Some(list.as_str()), id),
                    Value::Text(id) => (list.as_deref(), id),
                    Value::Person(_) => continue,
                };
                let Some(id) = clean(id).filter(|id| !is_no_value(id)) else { continue };
                if field.key == Key::Id
                    && let Some(imdb) =
                        Scheme::Imdb.parse(&id).filter(|imdb| imdb.len() >= MIN_IMDB_LENGTH)
                    && !record.identifiers.contains_key(&Scheme::Imdb)
                {
                    record.identifiers.insert(Scheme::Imdb, Patch::Set(imdb));
                    continue;
                }
                // Spreadsheets write whole numbers with decimals.
                let id = id.strip_suffix(".0").map_or(id.as_str(), |whole| whole).to_owned();
                match list.and_then(clean) {
                    Some(list)
                        if id.chars().count().max(list.chars().count()) <= MAX_LIST_ID_LENGTH =>
                    {
                        record.list_ids.entry(list).or_insert(id);
                    }
                    _ => self.push(field.report(&id, Code::TooLong)),
                }
            }
        }
    }

    fn synopsis(&mut self, record: &MovieRecord) -> Patch<SourcedText> {
        let plot = self.fields(Key::Plot);
        let has_synopsis = self.draft.fields().iter().any(|field| {
            field.key == Key::Synopsis
                && field.values.iter().any(|v| matches!(v, Value::Text(t) if !is_no_value(t)))
        });
        if has_synopsis {
            for field in plot {
                for value in &field.values {
                    if let Value::Text(text) = value
                        && !is_no_value(text)
                    {
                        self.push(field.report(text, Code::Repeated));
                    }
                }
            }
            return self.sourced_text(Key::Synopsis, None);
        }
        let page = record.identifiers.get(&Scheme::Wikipedia).and_then(Patch::as_set).cloned();
        let was_given = !plot.is_empty();
        for field in plot {
            self.draft.push(
                Key::Synopsis,
                field.column.clone().or(Some("plot".into())),
                field.values,
            );
        }
        self.sourced_text(Key::Synopsis, page.filter(|_| was_given))
    }
}

/// A column that is named an id may hold the digits alone.
fn identifier_of(scheme: Scheme, text: &str, field: &Field) -> Option<String> {
    let is_id = |column: &str| {
        let column = column.to_lowercase();
        column.ends_with("id") || column.ends_with("const")
    };
    let digits = (scheme == Scheme::Imdb && field.column.as_deref().is_some_and(is_id))
        .then(|| imdb_from_digits(text.trim()));
    scheme.parse(text).or(digits.flatten())
}
