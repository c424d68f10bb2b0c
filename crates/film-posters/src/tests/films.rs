//! Films of JSON Lines files, with the slugs that the site gives them.

use std::fs;
use std::path::Path;

use serde_json::Value;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::{Film, Poster};

pub struct DemoFilm {
    pub slug: String,
    pub title: String,
    pub year: Option<i16>,
    pub minutes: Option<i32>,
    pub tags: Vec<String>,
}

/// Reads the films of every `.jsonl` file in `folder`, the newest first.
pub fn read(folder: &Path) -> Vec<DemoFilm> {
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    files.sort();
    let text: String = files.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut films: Vec<DemoFilm> =
        lines.filter(|film| film["title"].is_string()).map(|film| demo_film(&film)).collect();
    films.sort_by(|one, other| (other.year, &one.title).cmp(&(one.year, &other.title)));
    films
}

fn demo_film(film: &Value) -> DemoFilm {
    let words = |field: &str| -> Vec<String> {
        let words = film[field].as_array().into_iter().flatten();
        words.filter_map(|word| word.as_str().map(str::to_owned)).collect()
    };
    let year: Option<i16> = film["year"].as_i64().map(|year| year.try_into().unwrap());
    let title = film["title"].as_str().unwrap().to_owned();
    let mut tags: Vec<String> = words("genres").iter().map(|tag| slug(tag)).collect();
    tags.extend(words("tags").iter().map(|tag| slug(tag)));
    DemoFilm {
        slug: year.map_or_else(|| slug(&title), |year| format!("{}-{year}", slug(&title))),
        title,
        year,
        minutes: film["runtime"].as_i64().map(|minutes| minutes.try_into().unwrap()),
        tags,
    }
}

fn slug(text: &str) -> String {
    let plain = text.replace(['\'', '’'], "").replace('&', " and ").replace('½', " 1 2");
    let letters: String = plain
        .nfkd()
        .filter(|letter| !is_combining_mark(*letter))
        .flat_map(char::to_lowercase)
        .collect();
    let words = letters.split(|letter: char| !letter.is_alphanumeric());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-")
}

impl DemoFilm {
    pub fn poster(&self) -> Poster {
        self.poster_of(crate::EDITION)
    }

    pub fn poster_of(&self, edition: &str) -> Poster {
        let tags: Vec<&str> = self.tags.iter().map(String::as_str).collect();
        let Self { slug, title, year, minutes, .. } = self;
        let film = Film { slug, title, year: *year, minutes: *minutes, tags: &tags };
        Poster::of_edition(&film, edition)
    }
}
