//! One record of a file, read with a cataloguer's eye: sources fill in a [`Draft`], and what may
//! stand in the catalogue becomes a [`Film`] or a [`Director`].

use std::ops::RangeInclusive;

use chrono::{Datelike, NaiveDate};
use serde::Deserialize;

use super::clean::{clean, cleaned, country, date, is_no_name, tag_names, within};
use super::report::{Notes, Place};
use crate::catalog::fold::{fold, is_slug};

/// Between Roundhay Garden Scene's forerunners and any announced film.
const YEARS: RangeInclusive<i64> = 1870..=2199;
const RUNTIMES: RangeInclusive<i64> = 1..=6000;
const LIVES: RangeInclusive<i64> = 1700..=2199;

pub enum Record {
    Film(Film),
    Director(Director),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Film {
    /// The address to have, if it is still free.
    pub slug: Option<String>,
    pub title: String,
    pub original_title: Option<String>,
    pub year: Option<i16>,
    pub released_on: Option<NaiveDate>,
    pub runtime: Option<i16>,
    pub directors: Vec<Person>,
    pub tags: Vec<String>,
    pub countries: Vec<String>,
    pub languages: Vec<String>,
    pub actors: Vec<String>,
    pub text: Option<Text>,
    /// Scheme and value.
    pub identifiers: Vec<(&'static str, String)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Director {
    pub slug: Option<String>,
    pub person: Person,
    pub sort_name: Option<String>,
    pub born: Option<i16>,
    pub died: Option<i16>,
    pub country: Option<String>,
    pub text: Option<Text>,
}

/// A director as a record names one: two of one name are told apart by their numbers.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
#[serde(from = "Named")]
pub struct Person {
    pub name: String,
    /// `nm0000041`
    pub imdb: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "a name, or an object with a name")]
enum Named {
    Name(String),
    Numbered { name: String, imdb: Option<String> },
}

/// A synopsis or biography and where it is from; `None` means the import's own source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    pub text: String,
    pub source: Option<Origin>,
    /// The page it stands on.
    pub url: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    pub name: String,
    pub licence: String,
    pub licence_url: Option<String>,
}

/// A record as its file has it, under the keys of our own form; unknown ones are passed over.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Draft {
    pub slug: Option<String>,

    pub director: Option<String>,
    pub sort_name: Option<String>,
    pub born: Option<i64>,
    pub died: Option<i64>,
    pub biography: Option<String>,

    pub title: Option<String>,
    pub original_title: Option<String>,
    pub year: Option<i64>,
    pub released: Option<String>,
    pub runtime: Option<i64>,
    pub directors: Option<Vec<Person>>,
    pub genres: Option<Vec<String>>,
    pub tags: Option<Vec<String>>,
    pub country: OneOrMore,
    pub language: OneOrMore,
    pub cast: Option<Vec<String>>,
    pub synopsis: Option<String>,
    pub plot: Option<String>,

    pub source: Option<String>,
    pub source_url: Option<String>,
    pub licence: Option<String>,
    pub licence_url: Option<String>,

    pub wikidata: Option<String>,
    pub imdb: Option<String>,
    pub tmdb: Option<String>,
    pub wikipedia: Option<String>,
    pub movielens: Option<String>,
    pub omdb: Option<String>,
    /// What the file itself calls the film.
    pub id: Option<String>,
}

#[derive(Debug, Deserialize, Default)]
#[serde(untagged, expecting = "a text or a list of texts")]
pub enum OneOrMore {
    #[default]
    None,
    One(String),
    More(Vec<String>),
}

impl Draft {
    /// `None` when it cannot be used; the notes say why.
    pub fn record(self, place: &Place, notes: &mut Notes) -> Option<Record> {
        match self.director {
            Some(_) => self.into_director(place, notes).map(Record::Director),
            None => self.into_film(place, notes).map(Record::Film),
        }
    }

    fn into_film(mut self, place: &Place, notes: &mut Notes) -> Option<Film> {
        let Some(title) = self.title.as_deref().and_then(clean) else {
            notes.skip(place, "no title", "no title");
            return None;
        };
        let released = self.released.take().and_then(|text| date("released", &text, place, notes));
        let year = self.year.or_else(|| released.map(|date| date.year().into()));
        let year = within("year", year, &YEARS, place, notes);
        let mut directors: Vec<Person> = Vec::new();
        for person in self.directors.iter().flatten().filter_map(Person::cleaned) {
            if is_no_name(&person.name) {
                let reason = format!("{:?} is no director's name", person.name);
                notes.mend(place, "no director's name", reason);
            } else if !directors.contains(&person) {
                directors.push(person);
            }
        }
        let text = match self.synopsis.take() {
            Some(synopsis) => self.text(&synopsis, None),
            None => self.plot.take().and_then(|plot| {
                let page = self.wikipedia.clone().filter(|page| page.contains("wikipedia.org/"));
                self.text(&plot, page)
            }),
        };
        Some(Film {
            slug: self.slug.take().filter(|slug| is_slug(slug)),
            original_title: self.original_title.as_deref().and_then(clean).filter(|t| *t != title),
            title,
            year,
            released_on: released.filter(|date| is_day(*date, year)),
            runtime: within("runtime", self.runtime, &RUNTIMES, place, notes),
            directors,
            tags: tag_names(self.genres.iter().chain(&self.tags).flatten()),
            countries: cleaned(&self.country.list()).into_iter().map(country).collect(),
            languages: cleaned(&self.language.list()),
            actors: cleaned(&self.cast.take().unwrap_or_default()),
            identifiers: self.identifiers(),
            text,
        })
    }

    fn identifiers(&self) -> Vec<(&'static str, String)> {
        let schemes = [
            ("wikidata", &self.wikidata),
            ("imdb", &self.imdb),
            ("tmdb", &self.tmdb),
            ("wikipedia", &self.wikipedia),
            ("movielens", &self.movielens),
            ("omdb", &self.omdb),
            ("id", &self.id),
        ];
        let given =
            schemes.into_iter().filter_map(|(scheme, value)| Some((scheme, value.as_deref()?)));
        given.filter_map(|(scheme, value)| Some((scheme, clean(value)?))).collect()
    }

    fn into_director(mut self, place: &Place, notes: &mut Notes) -> Option<Director> {
        let name = self.director.as_deref().and_then(clean).filter(|name| !is_no_name(name));
        let Some(name) = name else {
            notes.skip(place, "no director's name", "no director's name");
            return None;
        };
        let born = within("born", self.born, &LIVES, place, notes);
        let mut died = within("died", self.died, &LIVES, place, notes);
        if let (Some(from), Some(to)) = (born, died)
            && to < from
        {
            let reason = format!("died {to} before being born {from}");
            notes.mend(place, "dead before being born", reason);
            died = None;
        }
        let text = self.biography.take().and_then(|text| self.text(&text, None));
        Some(Director {
            slug: self.slug.take().filter(|slug| is_slug(slug)),
            person: Person { name, imdb: self.imdb.as_deref().and_then(clean) },
            sort_name: self.sort_name.as_deref().and_then(clean).map(|name| fold(&name)),
            born,
            died,
            country: cleaned(&self.country.list()).into_iter().map(country).next(),
            text,
        })
    }

    /// A plot beside a Wikipedia link is from there, unless the record names another source.
    fn text(&mut self, text: &str, wikipedia: Option<String>) -> Option<Text> {
        let text = clean(text)?;
        let (source, url) = match (self.source.take(), wikipedia) {
            (Some(name), _) => {
                let licence = self.licence.take().unwrap_or_else(|| "not stated".into());
                let licence_url = self.licence_url.take();
                (Some(Origin { name, licence, licence_url }), self.source_url.take())
            }
            (None, Some(page)) => (
                Some(Origin {
                    name: "Wikipedia".into(),
                    licence: "CC BY-SA 4.0".into(),
                    licence_url: Some("https://creativecommons.org/licenses/by-sa/4.0/".into()),
                }),
                Some(page),
            ),
            (None, None) => (None, self.source_url.take()),
        };
        let url = url.filter(|url| url.starts_with("https://") || url.starts_with("http://"));
        Some(Text { text, source, url })
    }
}

impl From<Named> for Person {
    fn from(named: Named) -> Self {
        match named {
            Named::Name(name) => name.into(),
            Named::Numbered { name, imdb } => Self { name, imdb },
        }
    }
}

impl From<String> for Person {
    fn from(name: String) -> Self {
        Self { name, imdb: None }
    }
}

impl Person {
    /// `None` without a name.
    fn cleaned(&self) -> Option<Self> {
        Some(Self { name: clean(&self.name)?, imdb: self.imdb.as_deref().and_then(clean) })
    }
}

impl OneOrMore {
    fn list(&mut self) -> Vec<String> {
        match std::mem::take(self) {
            Self::None => Vec::new(),
            Self::One(text) => vec![text],
            Self::More(texts) => texts,
        }
    }
}

/// The first of January is how sources write that only the year is known; a day of another year
/// than the film's is that of some other showing.
fn is_day(date: NaiveDate, year: Option<i16>) -> bool {
    date.ordinal() != 1 && year.is_some_and(|year| i32::from(year) == date.year())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> (Option<Record>, Vec<String>) {
        let place = Place { file: "file".into(), line: 1 };
        let mut notes = Notes::default();
        let record = serde_json::from_str::<Draft>(line).unwrap().record(&place, &mut notes);
        (record, notes.take().0.into_iter().map(|problem| problem.reason).collect())
    }

    fn film(line: &str) -> (Film, Vec<String>) {
        match read(line) {
            (Some(Record::Film(film)), notes) => (film, notes),
            _ => panic!("{line}"),
        }
    }

    #[test]
    fn a_record_is_cleaned() {
        let (film, notes) = film(
            r#"{"title":" \u200fA\u0000 Title ","year":1950,"released":"1950-03-04","genres":["Noir"],
                "tags":["film noir","drama film"],"directors":["A B","A B","Various"],
                "country":"Italy","language":["it"],"runtime":9999,"unknown":{}}"#,
        );
        assert_eq!(film.title, "A Title");
        assert_eq!(film.tags, ["Film noir", "Drama"]);
        assert_eq!(film.directors, ["A B".to_owned().into()]);
        assert_eq!(film.countries, ["Italy"]);
        assert_eq!(film.released_on.unwrap().to_string(), "1950-03-04");
        assert_eq!(film.runtime, None);
        assert_eq!(notes.len(), 2, "{notes:?}");
    }

    #[test]
    fn a_date_is_a_day_of_the_films_year_or_no_more_than_a_year() {
        let dated = |line| {
            let film = film(line).0;
            (film.year, film.released_on.map(|date| date.to_string()))
        };
        assert_eq!(
            dated(r#"{"title":"T","year":1950,"released":"1950-01-01"}"#),
            (Some(1950), None)
        );
        assert_eq!(
            dated(r#"{"title":"T","year":1951,"released":"1950-05-01"}"#),
            (Some(1951), None)
        );
        assert_eq!(dated(r#"{"title":"T","released":"1950-01-01"}"#), (Some(1950), None));
        assert_eq!(
            dated(r#"{"title":"T","released":"1950-05-01"}"#),
            (Some(1950), Some("1950-05-01".into()))
        );
    }

    #[test]
    fn a_text_beside_a_wikipedia_link_is_wikipedias() {
        let page = "https://en.wikipedia.org/wiki/T";
        let text = film(&format!(r#"{{"title":"T","plot":"P.","wikipedia":"{page}"}}"#)).0.text;
        let text = text.unwrap();
        assert_eq!(text.source.unwrap().licence, "CC BY-SA 4.0");
        assert_eq!(text.url.as_deref(), Some(page));
        let own = film(&format!(r#"{{"title":"T","synopsis":"P.","wikipedia":"{page}"}}"#)).0;
        assert!(own.text.unwrap().source.is_none());
        assert_eq!(own.identifiers, [("wikipedia", page.to_owned())]);
    }

    #[test]
    fn a_record_without_a_name_is_unusable() {
        for line in [r#"{"year":1950}"#, r#"{"title":" \u200e "}"#, r#"{"director":"??"}"#] {
            let (record, notes) = read(line);
            assert!(record.is_none() && notes.len() == 1, "{line}");
        }
    }
}
