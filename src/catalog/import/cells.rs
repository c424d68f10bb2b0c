//! Several values in one cell: lists in the notation of a program, or values with delimiters between.

use html_escape::decode_html_entities;
use serde_json::Value;

use super::literal;
use crate::catalog::record::{Code, Key};
use crate::catalog::{countries, languages};

/// Words of a tag; a longer part shows that a comma belongs to a sentence.
const MAX_TAG_WORDS: usize = 5;

/// A value of a cell, and what is to be reported of it.
pub type Part = (String, Option<Code>);

/// Returns the values of a cell. `separators`, if given, decide alone.
///
/// # Errors
/// A cell that may hold several values, or that is not a readable list.
pub fn split(cell: &str, key: Key, separators: Option<&[char]>) -> Result<Vec<Part>, Code> {
    let cell = decode_html_entities(cell.trim());
    if let Some(separators) = separators {
        return Ok(plain(cell.split(separators)));
    }
    if cell.starts_with(['[', '{', '(']) && cell.ends_with([']', '}', ')']) {
        return names(&cell).map(|names| names.into_iter().map(|name| (name, None)).collect());
    }
    for separator in ["|", ";", " / ", "\n"] {
        if cell.contains(separator) {
            let parts = plain(cell.split(separator));
            return Ok(if key.is_people() {
                parts.into_iter().map(inverted).collect()
            } else {
                parts
            });
        }
    }
    match key {
        Key::Country => known(&cell, |part| countries::find(part).is_some()),
        Key::Language => known(&cell, |part| languages::find(part).is_some()),
        Key::Genres | Key::Tags => tags(&cell),
        key if key.is_people() => people(&cell),
        _ => Ok(plain([cell.as_ref()].into_iter())),
    }
}

fn plain<'a>(parts: impl Iterator<Item = &'a str>) -> Vec<Part> {
    let parts = parts.map(str::trim).filter(|part| !part.is_empty());
    parts.map(|part| (part.to_owned(), None)).collect()
}

/// The texts or names of a JSON list, a Python list or a Postgres array.
fn names(cell: &str) -> Result<Vec<String>, Code> {
    if let Some(value) = literal::read(cell) {
        return texts(&value).ok_or(Code::NotAList);
    }
    let inside = cell.strip_prefix('{').and_then(|cell| cell.strip_suffix('}'));
    let inside = inside.filter(|inside| !inside.contains(['{', '}', ':'])).ok_or(Code::NotAList)?;
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .escape(Some(b'\\'))
        .from_reader(inside.as_bytes());
    let row = reader.records().next().and_then(Result::ok).ok_or(Code::NotAList)?;
    Ok(row.iter().map(str::to_owned).collect())
}

/// Texts, numbers, and the names of objects; `None` if something else is among them.
fn texts(value: &Value) -> Option<Vec<String>> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Object(object) => Some(object.get("name")?.as_str()?.to_owned()),
        Value::Null => Some(String::new()),
        Value::Bool(_) | Value::Array(_) => None,
    };
    match value {
        Value::Array(values) => values.iter().map(text).collect(),
        Value::Object(object) if object.is_empty() => Some(Vec::new()),
        value => text(value).map(|text| vec![text]),
    }
}

/// Splits at commas and slashes where every part is a known name, and the whole is none.
fn known(cell: &str, is_known: impl Fn(&str) -> bool) -> Result<Vec<Part>, Code> {
    if !is_known(cell) {
        for separator in [',', '/', '&'] {
            let parts = plain(cell.split(separator));
            if parts.len() > 1 && parts.iter().all(|(part, _)| is_known(part)) {
                return Ok(parts);
            }
        }
        let parts = cell.split(',').map(str::trim);
        if cell.contains(',') && parts.clone().filter(|part| is_known(part)).count() > 1 {
            return Ok(plain(parts));
        }
    }
    if cell.contains(',') && !is_known(cell) {
        return Err(Code::AmbiguousList);
    }
    Ok(plain([cell].into_iter()))
}

/// Splits tags at commas and slashes: a tag of many words is a sentence.
fn tags(cell: &str) -> Result<Vec<Part>, Code> {
    let is_short = |part: &str| part.split_whitespace().count() <= MAX_TAG_WORDS;
    let separator = if cell.contains(',') { ',' } else { '/' };
    let parts = plain(cell.split(separator));
    let are_words = |part: &str| part.chars().any(char::is_alphabetic);
    if parts.len() > 1 && parts.iter().all(|(part, _)| is_short(part) && are_words(part)) {
        return Ok(parts);
    }
    if cell.contains(',') || !is_short(cell) {
        return Err(Code::AmbiguousList);
    }
    Ok(plain([cell].into_iter()))
}

/// Splits names of people at commas, "and" and "&", where that leaves whole names.
fn people(cell: &str) -> Result<Vec<Part>, Code> {
    let parts = name_parts(cell);
    let words = |name: &str| name.split_whitespace().count();
    let whole = parts.iter().filter(|name| words(name) > 1).count();
    match parts.as_slice() {
        [] => Ok(Vec::new()),
        [_] => Ok(joined(cell)),
        [family, given] if words(family) == 1 && words(given) == 1 => {
            Ok(vec![(format!("{given} {family}"), Some(Code::InvertedName))])
        }
        names if whole == names.len() || (names.len() > 2 && 2 * whole > names.len()) => {
            Ok(names.iter().flat_map(|name| joined(name)).collect())
        }
        _ => Err(Code::AmbiguousList),
    }
}

/// Parts between commas; "Jr." and the like belong to the name before them.
fn name_parts(cell: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for part in cell.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let is_suffix = matches!(part.trim_end_matches('.'), "Jr" | "Sr" | "II" | "III" | "IV");
        match parts.last_mut() {
            Some(name) if is_suffix => {
                name.push_str(", ");
                name.push_str(part);
            }
            _ => {
                let name = part.strip_prefix("and ").or_else(|| part.strip_prefix("& "));
                parts.push(name.unwrap_or(part).to_owned());
            }
        }
    }
    parts
}

/// Two people with "&" or "and" between, where both have more than one word.
fn joined(name: &str) -> Vec<Part> {
    for separator in [" & ", " and "] {
        let parts = plain(name.split(separator));
        if parts.len() > 1 && parts.iter().all(|(part, _)| part.contains(' ')) {
            return parts;
        }
    }
    plain([name].into_iter())
}

/// "Kurosawa, Akira" in a list with other delimiters.
fn inverted((name, code): Part) -> Part {
    match name_parts(&name).as_slice() {
        [family, given] if family.split_whitespace().count() <= 2 => {
            (format!("{given} {family}"), Some(Code::InvertedName))
        }
        _ => (name, code),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn values(cell: &str, key: Key) -> Vec<String> {
        split(cell, key, None).unwrap().into_iter().map(|(value, _)| value).collect()
    }

    #[test]
    fn lists_of_programs_are_read() {
        for cell in [
            "['Comedy', 'Film Noir']",
            r#"["Comedy", "Film Noir"]"#,
            "[{'id': 1, 'name': 'Comedy'}, {'id': 2, 'name': 'Film Noir'}]",
            "{Comedy,\"Film Noir\"}",
            "Comedy|Film Noir",
            "Comedy; Film Noir",
            "Comedy / Film Noir",
            "Comedy, Film Noir",
            "Comedy/Film Noir",
        ] {
            assert_eq!(values(cell, Key::Genres), ["Comedy", "Film Noir"], "{cell}");
        }
        assert_eq!(values("Law &amp; Order", Key::Genres), ["Law & Order"]);
        assert_eq!(split("[{'x': 1}]", Key::Cast, None), Err(Code::NotAList));
        assert_eq!(split("{'a': 'b'}", Key::Genres, None), Err(Code::NotAList));
    }

    #[test]
    fn names_are_split_only_into_whole_names() {
        for (cell, expected) in [
            ("Ann Lee, Bo Ek", vec!["Ann Lee", "Bo Ek"]),
            ("Ann Lee & Bo Ek", vec!["Ann Lee", "Bo Ek"]),
            ("Ann Lee and Bo Ek", vec!["Ann Lee", "Bo Ek"]),
            ("Ann Lee; Bo Ek", vec!["Ann Lee", "Bo Ek"]),
            ("Zendaya, Ann Lee, Bo Ek", vec!["Zendaya", "Ann Lee", "Bo Ek"]),
            ("Sam Poe, Jr.", vec!["Sam Poe, Jr."]),
            ("Lee, Ann", vec!["Ann Lee"]),
            ("Lee, Ann|van Ek, Bo", vec!["Ann Lee", "Bo van Ek"]),
            ("Simon & Garfunkel", vec!["Simon & Garfunkel"]),
            ("Ann Lee", vec!["Ann Lee"]),
        ] {
            assert_eq!(values(cell, Key::Directors), expected, "{cell}");
        }
        for cell in ["Lee, Ann Mary", "Lee, Ann, Ek, Bo"] {
            assert_eq!(split(cell, Key::Cast, None), Err(Code::AmbiguousList), "{cell}");
        }
        let by_comma = split("Lee, Ann", Key::Cast, Some(&[','])).unwrap();
        assert_eq!(by_comma, [("Lee".to_owned(), None), ("Ann".to_owned(), None)]);
    }

    #[test]
    fn countries_and_languages_are_split_where_each_part_is_known() {
        assert_eq!(values("USA, France", Key::Country), ["USA", "France"]);
        assert_eq!(values("Korea, South", Key::Country), ["Korea, South"]);
        assert_eq!(values("en/fr", Key::Language), ["en", "fr"]);
        assert_eq!(values("Ruritania", Key::Country), ["Ruritania"]);
        assert_eq!(split("Oz, Ruritania", Key::Country, None), Err(Code::AmbiguousList));
    }

    proptest! {
        #[test]
        fn any_cell_is_split_or_refused(cell in "[\\[\\]{}()'\"|;,/& a-zA-Z0-9é\n]{0,40}") {
            for key in [Key::Directors, Key::Genres, Key::Country, Key::Language, Key::Id] {
                _ = split(&cell, key, None);
            }
        }
    }
}
