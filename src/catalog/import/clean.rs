//! Texts of a record as a catalogue writes them.

use std::ops::RangeInclusive;

use chrono::NaiveDate;
use unicode_normalization::UnicodeNormalization;

use super::report::{Notes, Place};
use crate::catalog::fold::fold;

const MOST_TAGS: usize = 20;

/// Without control and direction marks, in composed letters, with single spaces; `None` if blank.
/// `&amp;` is what some sources took over from a web page.
pub fn clean(text: &str) -> Option<String> {
    let invisible = |c: &char| {
        matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'
            | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let visible = text.nfc().filter(|c| !invisible(c));
    let spaced: String = visible.map(|c| if c.is_control() { ' ' } else { c }).collect();
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut text = words.join(" ");
    while text.contains("&amp;") {
        text = text.replace("&amp;", "&");
    }
    (!text.is_empty()).then_some(text)
}

pub fn cleaned(texts: &[String]) -> Vec<String> {
    let mut list: Vec<String> = Vec::new();
    for text in texts.iter().filter_map(|text| clean(text)) {
        if !list.contains(&text) {
            list.push(text);
        }
    }
    list
}

pub fn within(
    name: &str,
    value: Option<i64>,
    range: &RangeInclusive<i64>,
    place: &Place,
    notes: &mut Notes,
) -> Option<i16> {
    let value = value?;
    if range.contains(&value) {
        return i16::try_from(value).ok();
    }
    let reason = format!("{name} {value} is not within {} to {}", range.start(), range.end());
    notes.mend(place, "a number out of range left out", reason);
    None
}

/// A number as tables hold it (`95`, `95.0`); `None` if blank.
pub fn number(name: &str, text: &str, place: &Place, notes: &mut Notes) -> Option<i64> {
    let text = text.trim();
    let whole = match text.split_once('.') {
        Some((whole, rest)) if rest.bytes().all(|digit| digit == b'0') => whole,
        _ => text,
    };
    match whole.parse() {
        Ok(number) => Some(number),
        Err(_) => {
            if !text.is_empty() {
                notes.mend(place, "no number", format!("{name} {text:?} is no number"));
            }
            None
        }
    }
}

/// `YYYY-MM-DD`, also with a time behind it; `None` if blank.
pub fn date(name: &str, text: &str, place: &Place, notes: &mut Notes) -> Option<NaiveDate> {
    let text = text.trim();
    let day = text.split(['T', ' ']).next()?;
    match day.parse() {
        Ok(date) => Some(date),
        Err(_) => {
            if !text.is_empty() {
                notes.mend(place, "no date", format!("{name} {text:?} is no date"));
            }
            None
        }
    }
}

/// What stands in a name's place when nobody knew it.
pub fn is_no_name(name: &str) -> bool {
    let folded = fold(name);
    let placeholder = ["various", "unknown", "n a", "none", "uncredited", "various directors"];
    placeholder.contains(&folded.as_str()) || !folded.starts_with(char::is_alphabetic)
}

/// Genres and tags as one list: each once, in one spelling, genres first.
pub fn tag_names<'a>(names: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    let mut folded: Vec<String> = Vec::new();
    for name in names.filter_map(|name| clean(name)) {
        let name = tag_name(&name);
        let letters = fold(&name);
        if !letters.is_empty() && !folded.contains(&letters) {
            tags.push(name);
            folded.push(letters);
        }
        if tags.len() == MOST_TAGS {
            break;
        }
    }
    tags
}

/// "drama film" and "Drama" are one tag, "Drama". Sources differ in more than the suffix: the
/// table holds the spellings of Wikipedia's lists, Wikidata, IMDb and MovieLens.
fn tag_name(name: &str) -> String {
    let lower = name.to_lowercase();
    let bare = lower.trim_end_matches(" film");
    let name = match bare {
        "noir" | "film-noir" => "film noir",
        "animated" | "traditionally animated" => "animation",
        "sport" => "sports",
        "biographical" => "biography",
        "historical period drama" => "historical",
        "romantic" => "romance",
        "sci-fi" => "science fiction",
        "children" => "children's",
        "coming-of-age story" => "coming of age",
        "film based on literature" => "literary adaptation",
        "lgbt-related" | "lgbtq" => "LGBTQ",
        "christmas" => "Christmas",
        "imax" => "IMAX",
        bare => bare,
    };
    let mut letters = name.chars();
    let Some(first) = letters.next() else { return String::new() };
    // Of "ß" it makes two letters.
    let mut first = first.to_uppercase();
    first.next().into_iter().chain(first.flat_map(char::to_lowercase)).chain(letters).collect()
}

/// The usual English name where a source has a longer one.
pub fn country(name: String) -> String {
    match name.as_str() {
        "United States of America" => "United States".to_owned(),
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_tag_begins_with_one_capital() {
        let name = |name: &str| tag_names([name.to_owned()].iter());
        assert_eq!(name("western film"), ["Western"]);
        assert_eq!(name("ßbahn"), ["Ssbahn"]);
    }

    proptest! {
        /// What was exported comes back as it was.
        #[test]
        fn cleaning_twice_is_cleaning_once(text in ".{0,40}(&(amp;){0,3})?( film)?( film)?") {
            if let Some(once) = clean(&text) {
                prop_assert_eq!(clean(&once), Some(once));
            }
            let once = tag_names([text].iter());
            prop_assert_eq!(tag_names(once.iter()), once);
        }
    }
}
