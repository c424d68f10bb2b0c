//! What a visitor typed, as words to look for.

use super::fold::fold;

/// Words beyond these add nothing that a visitor would miss.
const MOST_WORDS: usize = 8;

/// Folded words; all of them must occur.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Words(Vec<String>);

impl Words {
    pub fn parse(query: &str) -> Self {
        let start: String = query.chars().take(200).collect();
        Self(fold(&start).split_whitespace().take(MOST_WORDS).map(str::to_owned).collect())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `LIKE` patterns. Folded words hold letters and digits only: nothing needs escaping.
    pub fn patterns(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|word| format!("%{word}%"))
    }

    /// The words as one folded text, for ranking by likeness.
    pub fn text(&self) -> String {
        self.0.join(" ")
    }
}
