//! Names of languages and their codes.

use std::collections::HashMap;
use std::sync::LazyLock;

use isolang::Language;

use super::fold::fold;

/// Other names and codes, folded, each with its ISO 639 code.
const SPELLINGS: [(&str, &str); 24] = [
    ("cn", "yue"),
    ("cantonese", "yue"),
    ("mandarin", "zh"),
    ("mandarin chinese", "zh"),
    ("standard chinese", "zh"),
    ("farsi", "fa"),
    ("dari", "fa"),
    ("greek", "el"),
    ("modern greek", "el"),
    ("castilian", "es"),
    ("spanish castilian", "es"),
    ("flemish", "nl"),
    ("filipino", "tl"),
    ("iw", "he"),
    ("in", "id"),
    ("ji", "yi"),
    ("serbo croatian", "sh"),
    ("malay", "ms"),
    ("brazilian portuguese", "pt"),
    ("american english", "en"),
    ("british english", "en"),
    ("punjabi", "pa"),
    ("swahili", "sw"),
    ("hawaiian", "haw"),
];

/// Folded names and codes with the shortest ISO 639 code.
static LANGUAGES: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let mut languages = HashMap::new();
    // Those with a code of two letters come last and so win their names.
    let mut all: Vec<Language> = isolang::languages().collect();
    all.sort_by_key(|language| language.to_639_1().is_some());
    for language in all {
        let code = language.to_639_1().unwrap_or(language.to_639_3());
        languages.insert(language.to_639_3().to_owned(), code);
        languages.insert(code.to_owned(), code);
        let name = language.to_name().split(" (").next().unwrap_or_default();
        languages.insert(fold(name), code);
    }
    languages.extend(SPELLINGS.map(|(name, code)| (name.to_owned(), code)));
    languages
});

/// Returns the ISO 639 code of a language that is given by its code, by a locale (`pt-BR`) or by its
/// English name.
pub fn find(text: &str) -> Option<String> {
    let known = |text: &str| LANGUAGES.get(&fold(text)).map(|code| (*code).to_owned());
    known(text).or_else(|| {
        let (language, region) = text.split_once(['-', '_'])?;
        let is_locale = (2..=3).contains(&language.len()) && (2..=4).contains(&region.len());
        is_locale.then(|| known(language)).flatten()
    })
}

/// Whether the text says that a film has no words.
pub fn is_no_language(text: &str) -> bool {
    let none = ["xx", "zxx", "und", "mis", "no language", "no spoken language", "silent", "none"];
    none.contains(&fold(text).as_str())
}

/// The English name of an ISO 639 code (`ja`, `yue`); the code itself when it is unknown.
pub fn name(code: &str) -> String {
    let language = Language::from_639_1(code).or_else(|| Language::from_639_3(code));
    let Some(language) = language else { return code.to_owned() };
    // "Chinese", not "Mandarin Chinese (macrolanguage)" or "Modern Greek (1453-)".
    match code {
        "el" => "Greek".to_owned(),
        _ => language.to_name().split(" (").next().unwrap_or(code).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_codes_of_a_language_have_one_code() {
        for (text, code) in [
            ("ja", "ja"),
            ("JPN", "ja"),
            ("Japanese", "ja"),
            ("pt-BR", "pt"),
            ("Cantonese", "yue"),
            ("cn", "yue"),
            ("Greek", "el"),
            ("Persian", "fa"),
            ("Chinese", "zh"),
            ("Norwegian", "no"),
        ] {
            assert_eq!(find(text).as_deref(), Some(code), "{text}");
        }
        assert_eq!(find("Quenyaish"), None);
        assert!(is_no_language("xx") && !is_no_language("en"));
    }

    #[test]
    fn codes_become_words() {
        let names: Vec<_> = ["ja", "yue", "el", "fa", "zh", "sw", "x9"].map(name).into();
        assert_eq!(
            names,
            ["Japanese", "Yue Chinese", "Greek", "Persian", "Chinese", "Swahili", "x9"]
        );
    }
}
