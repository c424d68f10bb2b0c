//! Language codes as words.

use isolang::Language;

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
    fn codes_become_words() {
        let names: Vec<_> = ["ja", "yue", "el", "fa", "zh", "sw", "x9"].map(name).into();
        assert_eq!(
            names,
            ["Japanese", "Yue Chinese", "Greek", "Persian", "Chinese", "Swahili", "x9"]
        );
    }
}
