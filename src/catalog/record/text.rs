//! Texts in the spelling of the catalogue.

use html_escape::decode_html_entities;
use unicode_normalization::UnicodeNormalization;

use super::Code;
use crate::catalog::countries;
use crate::catalog::fold::fold;

/// Passes over a text whose entities are escaped several times.
const MAX_PASSES: usize = 8;

/// Inline markup that web pages leave in texts.
const TAGS: [&str; 15] = [
    "a", "b", "br", "div", "em", "i", "li", "p", "small", "span", "strong", "sub", "sup", "u", "ul",
];

/// Texts that programs write in place of a missing value.
const NO_VALUES: [&str; 26] = [
    "\\N",
    "NULL",
    "Null",
    "null",
    "N/A",
    "n/a",
    "NA",
    "#N/A",
    "#NA",
    "<NA>",
    "NaN",
    "nan",
    "NAN",
    "None",
    "none",
    "nil",
    "NaT",
    "undefined",
    "(null)",
    "-",
    "--",
    "—",
    "–",
    "[]",
    "{}",
    "[null]",
];

/// Returns the text in composed letters and with single spaces, without control and direction marks,
/// HTML entities and inline markup; `None` if nothing is left.
pub fn clean(text: &str) -> Option<String> {
    if is_clean(text) {
        return Some(text.to_owned());
    }
    let mut text = pass(text);
    for _ in 0..MAX_PASSES {
        let next = pass(&text);
        if next == text {
            break;
        }
        text = next;
    }
    (!text.is_empty()).then_some(text)
}

/// Whether nothing is to be changed, as in most texts: cheaper than to try.
fn is_clean(text: &str) -> bool {
    let is_plain = |byte: u8| (b' '..0x7f).contains(&byte) && !matches!(byte, b'&' | b'<');
    !text.is_empty()
        && text.bytes().all(is_plain)
        && !text.starts_with(' ')
        && !text.ends_with(' ')
        && !text.contains("  ")
}

fn pass(text: &str) -> String {
    let invisible = |c: &char| {
        matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'
            | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let decoded = if text.contains('&') { decode_html_entities(text) } else { text.into() };
    let plain = without_markup(&decoded);
    let visible = plain.nfc().filter(|c| !invisible(c));
    let spaced: String = visible.map(|c| if c.is_control() { ' ' } else { c }).collect();
    let mut text = String::with_capacity(spaced.len());
    for word in spaced.split_whitespace() {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(word);
    }
    text
}

/// Returns what [`clean`] removes from the text beside white space and invisible characters.
pub fn loss(text: &str) -> Option<Code> {
    if text.contains('<') && without_markup(text) != text {
        return Some(Code::Markup);
    }
    text.contains(|c: char| c.is_control() && !c.is_whitespace()).then_some(Code::ControlCharacters)
}

fn without_markup(text: &str) -> std::borrow::Cow<'_, str> {
    if !text.contains('<') {
        return text.into();
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        let (before, tag) = rest.split_at(start);
        plain.push_str(before);
        let name = tag[1..].trim_start_matches('/');
        let name_end = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
        let (name, after) = name.split_at(name_end);
        let end = tag.find('>').filter(|_| after.starts_with(['>', ' ', '/']));
        match end {
            Some(end) if TAGS.contains(&name.to_ascii_lowercase().as_str()) => {
                // Paragraphs and lines are words apart.
                if matches!(name, "br" | "p" | "div" | "li") {
                    plain.push(' ');
                }
                rest = &tag[end + 1..];
            }
            _ => {
                plain.push('<');
                rest = &tag[1..];
            }
        }
    }
    plain.push_str(rest);
    plain.into()
}

/// Whether the text only says that there is no value.
pub fn is_no_value(text: &str) -> bool {
    let text = text.trim();
    text.is_empty() || NO_VALUES.contains(&text)
}

/// Whether this is what sources write where a name is not known.
pub fn is_no_name(name: &str) -> bool {
    let folded = fold(name);
    let placeholders = [
        "various",
        "unknown",
        "n a",
        "none",
        "uncredited",
        "various directors",
        "various artists",
        "null",
        "anonymous",
        "not available",
        "director unknown",
        "unknown director",
    ];
    // Wikidata writes the number of an item that has no label.
    let is_item =
        |name: &str| name.strip_prefix('Q').is_some_and(|digits| digits.parse::<u64>().is_ok());
    placeholders.contains(&folded.as_str())
        || !folded.starts_with(char::is_alphabetic)
        || is_item(name)
}

/// Returns the tag in its one spelling: "drama film" and "Drama" are "Drama". Sources differ in more
/// than the suffix: the table holds the spellings of Wikipedia's lists, Wikidata, IMDb and MovieLens.
pub fn tag_name(name: &str) -> String {
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

/// Returns the usual English name of a country, and whether it is known.
pub fn country(text: &str) -> (String, bool) {
    countries::find(text).map_or_else(|| (text.to_owned(), false), |name| (name.to_owned(), true))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn entities_and_markup_are_decoded() {
        for (text, expected) in [
            ("Rock &amp;amp; Rule", "Rock & Rule"),
            ("L&#39;&Eacute;t&eacute;", "L'Été"),
            ("&quot;X&quot; &#x2014; Y", "\"X\" — Y"),
            ("<i>Emma</i><br/>again", "Emma again"),
            ("<a href=\"x\">Link</a>", "Link"),
            ("I <3 You, 1 < 2 > 0", "I <3 You, 1 < 2 > 0"),
            ("AT&T & Co", "AT&T & Co"),
            ("a\u{0}b\u{200f}\n c", "a b c"),
        ] {
            assert_eq!(clean(text).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(clean(" \u{200e} "), None);
    }

    #[test]
    fn tags_have_one_spelling() {
        assert_eq!(tag_name("western film"), "Western");
        assert_eq!(tag_name("ßbahn"), "Ssbahn");
        assert_eq!(tag_name("Sci-Fi"), "Science fiction");
    }

    proptest! {
        /// An export is imported unchanged.
        #[test]
        fn cleaning_is_idempotent(text in ".{0,40}(&(amp;){0,3})?(<b>)?( film)?( film)?") {
            if let Some(once) = clean(&text) {
                prop_assert_eq!(clean(&once), Some(once));
            }
            let once = tag_name(&text);
            prop_assert_eq!(tag_name(&once), once);
        }
    }
}
