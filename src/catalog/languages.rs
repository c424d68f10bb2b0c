//! English names of languages.

use isolang::Language;

/// Returns the English name of an ISO 639 code (`ja`, `yue`), or the code itself if it is unknown.
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
    fn name_returns_the_language_or_the_unknown_code() {
        let names: Vec<_> = ["ja", "yue", "el", "fa", "zh", "sw", "x9"].map(name).into();
        assert_eq!(
            names,
            ["Japanese", "Yue Chinese", "Greek", "Persian", "Chinese", "Swahili", "x9"]
        );
    }
}
