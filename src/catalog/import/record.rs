//! One line of the file, read with a cataloguer's eye.

use chrono::{Datelike, NaiveDate};
use serde::Deserialize;
use unicode_normalization::UnicodeNormalization;

use crate::catalog::fold::fold;

/// Between Roundhay Garden Scene's forerunners and any announced film.
const YEARS: std::ops::RangeInclusive<i64> = 1870..=2199;
const RUNTIMES: std::ops::RangeInclusive<i64> = 1..=6000;
const MOST_TAGS: usize = 20;

pub enum Record {
    Film(Film),
    Director(Director),
}

pub enum Rejected {
    /// The file is not what it should be.
    Damaged(anyhow::Error),
    /// The record alone cannot be used.
    Unusable(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Film {
    pub title: String,
    pub original_title: Option<String>,
    pub year: Option<i16>,
    pub released_on: Option<NaiveDate>,
    pub runtime: Option<i16>,
    pub directors: Vec<String>,
    pub tags: Vec<String>,
    pub countries: Vec<String>,
    pub languages: Vec<String>,
    pub actors: Vec<String>,
    pub text: Option<Text>,
    /// Scheme and value, the most trustworthy first.
    pub identifiers: Vec<(&'static str, String)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Director {
    pub name: String,
    pub sort_name: Option<String>,
    pub born: Option<i16>,
    pub died: Option<i16>,
    pub country: Option<String>,
    pub text: Option<Text>,
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

/// The keys as they stand in files; unknown ones are passed over.
#[derive(Deserialize)]
struct Line {
    director: Option<String>,
    sort_name: Option<String>,
    born: Option<i64>,
    died: Option<i64>,
    biography: Option<String>,

    title: Option<String>,
    original_title: Option<String>,
    year: Option<i64>,
    released: Option<String>,
    runtime: Option<i64>,
    directors: Option<Vec<String>>,
    genres: Option<Vec<String>>,
    tags: Option<Vec<String>>,
    #[serde(default)]
    country: OneOrMore,
    #[serde(default)]
    language: OneOrMore,
    cast: Option<Vec<String>>,
    synopsis: Option<String>,
    plot: Option<String>,

    source: Option<String>,
    source_url: Option<String>,
    licence: Option<String>,
    licence_url: Option<String>,

    wikidata: Option<String>,
    imdb: Option<String>,
    wikipedia: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(untagged, expecting = "a text or a list of texts")]
enum OneOrMore {
    #[default]
    None,
    One(String),
    More(Vec<String>),
}

pub fn parse(line: &str, left_out: &mut dyn FnMut(String)) -> Result<Record, Rejected> {
    let line: Line = serde_json::from_str(line).map_err(|e| Rejected::Damaged(e.into()))?;
    match line.director {
        Some(_) => line.director(left_out).map(Record::Director),
        None => line.film(left_out).map(Record::Film),
    }
}

impl Line {
    fn film(mut self, left_out: &mut dyn FnMut(String)) -> Result<Film, Rejected> {
        let title = self.title.as_deref().and_then(clean);
        let title = title.ok_or_else(|| Rejected::Unusable("no title".into()))?;
        let year = within("year", self.year, YEARS, left_out);
        let mut directors: Vec<String> = Vec::new();
        for name in self.directors.iter().flatten().filter_map(|name| clean(name)) {
            if is_no_name(&name) {
                left_out(format!("{name:?} is no director's name"));
            } else if !directors.contains(&name) {
                directors.push(name);
            }
        }
        let text = match self.synopsis.take() {
            Some(synopsis) => self.text(&synopsis, None),
            None => self.plot.take().and_then(|plot| {
                let page = self.wikipedia.clone().filter(|page| page.contains("wikipedia.org/"));
                self.text(&plot, page)
            }),
        };
        Ok(Film {
            original_title: self.original_title.as_deref().and_then(clean).filter(|t| *t != title),
            title,
            year,
            released_on: released(self.released.as_deref(), year, left_out),
            runtime: within("runtime", self.runtime, RUNTIMES, left_out),
            directors,
            tags: tag_names(self.genres.iter().chain(&self.tags).flatten()),
            countries: cleaned(&self.country.list()),
            languages: cleaned(&self.language.list()),
            actors: cleaned(&self.cast.take().unwrap_or_default()),
            identifiers: [
                ("wikidata", &self.wikidata),
                ("imdb", &self.imdb),
                ("wikipedia", &self.wikipedia),
            ]
            .into_iter()
            .filter_map(|(scheme, value)| Some((scheme, clean(value.as_deref()?)?)))
            .collect(),
            text,
        })
    }

    fn director(mut self, left_out: &mut dyn FnMut(String)) -> Result<Director, Rejected> {
        let name = self.director.as_deref().and_then(clean).filter(|name| !is_no_name(name));
        let name = name.ok_or_else(|| Rejected::Unusable("no director's name".into()))?;
        let born = within("born", self.born, 1700..=2199, left_out);
        let mut died = within("died", self.died, 1700..=2199, left_out);
        if let (Some(from), Some(to)) = (born, died)
            && to < from
        {
            left_out(format!("died {to} before being born {from}"));
            died = None;
        }
        let text = self.biography.take().and_then(|text| self.text(&text, None));
        Ok(Director {
            name,
            sort_name: self.sort_name.as_deref().and_then(clean).map(|name| fold(&name)),
            born,
            died,
            country: cleaned(&self.country.list()).into_iter().next(),
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

impl OneOrMore {
    fn list(&mut self) -> Vec<String> {
        match std::mem::take(self) {
            Self::None => Vec::new(),
            Self::One(text) => vec![text],
            Self::More(texts) => texts,
        }
    }
}

/// Without control and direction marks, in composed letters, with single spaces; `None` if blank.
fn clean(text: &str) -> Option<String> {
    let invisible = |c: &char| {
        matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'
            | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let visible = text.nfc().filter(|c| !invisible(c));
    let spaced: String = visible.map(|c| if c.is_control() { ' ' } else { c }).collect();
    let words: Vec<&str> = spaced.split_whitespace().collect();
    (!words.is_empty()).then(|| words.join(" "))
}

fn cleaned(texts: &[String]) -> Vec<String> {
    let mut list: Vec<String> = Vec::new();
    for text in texts.iter().filter_map(|text| clean(text)) {
        if !list.contains(&text) {
            list.push(text);
        }
    }
    list
}

fn within(
    name: &str,
    value: Option<i64>,
    range: std::ops::RangeInclusive<i64>,
    left_out: &mut dyn FnMut(String),
) -> Option<i16> {
    let value = value?;
    if range.contains(&value) {
        return i16::try_from(value).ok();
    }
    left_out(format!("{name} {value} is not within {} to {}", range.start(), range.end()));
    None
}

/// `YYYY-MM-DD`; the first of January is how sources write that only the year is known.
fn released(
    text: Option<&str>,
    year: Option<i16>,
    left_out: &mut dyn FnMut(String),
) -> Option<NaiveDate> {
    let text = text?;
    let Ok(date) = text.parse::<NaiveDate>() else {
        left_out(format!("released {text:?} is no date"));
        return None;
    };
    let only_the_year = date.ordinal() == 1;
    let of_another_year = year.is_some_and(|year| i32::from(year) != date.year());
    (!only_the_year && !of_another_year).then_some(date)
}

/// What stands in a name's place when nobody knew it.
fn is_no_name(name: &str) -> bool {
    let folded = fold(name);
    let placeholder = ["various", "unknown", "n a", "none", "uncredited", "various directors"];
    placeholder.contains(&folded.as_str()) || !folded.starts_with(char::is_alphabetic)
}

/// Genres and tags as one list: each once, in one spelling, genres first.
fn tag_names<'a>(names: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for name in names.filter_map(|name| clean(name)) {
        let name = tag_name(&name);
        if !fold(&name).is_empty() && !tags.iter().any(|tag| fold(tag) == fold(&name)) {
            tags.push(name);
        }
    }
    tags.truncate(MOST_TAGS);
    tags
}

/// "drama film" and "Drama" are one tag, "Drama". Sources differ in more than the suffix:
/// the table holds the spellings of Wikipedia's lists and of Wikidata.
fn tag_name(name: &str) -> String {
    let lower = name.to_lowercase();
    let bare = lower.strip_suffix(" film").unwrap_or(&lower);
    let name = match bare {
        "noir" => "film noir",
        "animated" | "traditionally animated" => "animation",
        "sport" => "sports",
        "biographical" => "biography",
        "historical period drama" => "historical",
        "romantic" => "romance",
        "sci-fi" => "science fiction",
        "coming-of-age story" => "coming of age",
        "film based on literature" => "literary adaptation",
        "lgbt-related" | "lgbtq" => "LGBTQ",
        "christmas" => "Christmas",
        bare => bare,
    };
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn film(line: &str) -> (Film, Vec<String>) {
        let mut notes = Vec::new();
        match parse(line, &mut |note| notes.push(note)) {
            Ok(Record::Film(film)) => (film, notes),
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
        assert_eq!(film.directors, ["A B"]);
        assert_eq!(film.countries, ["Italy"]);
        assert_eq!(film.released_on.unwrap().to_string(), "1950-03-04");
        assert_eq!(film.runtime, None);
        assert_eq!(notes.len(), 2, "{notes:?}");
    }

    #[test]
    fn the_first_of_january_means_that_only_the_year_is_known() {
        assert_eq!(
            film(r#"{"title":"T","year":1950,"released":"1950-01-01"}"#).0.released_on,
            None
        );
        assert_eq!(
            film(r#"{"title":"T","year":1951,"released":"1950-05-01"}"#).0.released_on,
            None
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
    fn unusable_is_not_damaged() {
        let parse = |line| parse(line, &mut |_| {});
        assert!(matches!(parse(r#"{"year":1950}"#), Err(Rejected::Unusable(_))));
        assert!(matches!(parse(r#"{"director":"??"}"#), Err(Rejected::Unusable(_))));
        for line in ["{", "[]", "null", r#"{"title":5}"#, r#"{"title":"T","directors":"A"}"#] {
            assert!(matches!(parse(line), Err(Rejected::Damaged(_))), "{line}");
        }
    }
}
