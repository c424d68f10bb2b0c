//! Splits names and queries into words (tokenization).

use crate::catalog::fold::fold;

/// Maximum number of terms in a query; further ones are ignored.
const MAX_TERMS: usize = 12;

/// Maximum length of a query in characters; the rest is ignored.
const MAX_QUERY_LETTERS: usize = 200;

/// Minimum length in bytes of the part of a compound that is indexed by itself: not the "s" of
/// "Rosemary's".
const MIN_PART_LENGTH: usize = 3;

/// Maximum length in bytes of a compound that is also indexed as one word; longer ones are
/// sentences with dashes.
const MAX_COMPOUND_LENGTH: usize = 30;

/// A word of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryTerm {
    pub word: String,
    /// Whether the word also matches as a prefix: the visitor may still be typing.
    pub is_prefix: bool,
    /// Whether a result may lack the word, as visitors add and omit articles at will.
    pub optional: bool,
}

/// Splits a query into terms.
pub fn terms(query: &str) -> Vec<QueryTerm> {
    let start: String = query.chars().take(MAX_QUERY_LETTERS).collect();
    let mut terms: Vec<QueryTerm> = Vec::new();
    let folded = fold(&start);
    for run in runs(&folded) {
        for word in tokens(run) {
            let single = is_unspaced(word) && word.chars().count() == 1;
            terms.push(QueryTerm {
                optional: is_stop_word(word),
                is_prefix: single,
                word: word.to_owned(),
            });
        }
    }
    terms.truncate(MAX_TERMS);
    if let Some(last) = terms.last_mut() {
        last.is_prefix = true;
    }
    if terms.iter().all(|term| term.optional) {
        terms.iter_mut().for_each(|term| term.optional = false);
    }
    terms
}

/// Calls `index` with each word of a name, and returns the number of letters of all words but stop
/// words.
///
/// "Spider-Man" is indexed as "spider", "man" and "spiderman", "L'Avventura" also as "avventura",
/// "Rosemary's" also as "rosemary". Scripts without spaces are indexed as bigrams, so that any part
/// of a title matches.
pub fn of_name(name: &str, mut index: impl FnMut(&str)) -> usize {
    let mut all_letters = 0;
    for chunk in name.split_whitespace() {
        let folded = fold(chunk);
        for run in runs(&folded) {
            tokens(run).for_each(&mut index);
            if let Some((at, _)) = run.char_indices().next_back().filter(|_| is_unspaced(run)) {
                index(&run[at..]);
            }
            if !is_stop_word(run) {
                all_letters += run.chars().count();
            }
        }
        if folded.contains(' ') && folded.is_ascii() && folded.len() <= MAX_COMPOUND_LENGTH {
            index(&folded.replace(' ', ""));
        }
        if chunk.contains(['\'', '\u{2019}']) {
            let parts = chunk.split(['\'', '\u{2019}']).map(fold);
            parts.filter(|part| part.len() >= MIN_PART_LENGTH).for_each(|part| {
                part.split(' ').for_each(&mut index);
            });
        }
    }
    all_letters
}

/// Returns the number of letters of a name that a word covers.
pub fn letters(word: &str) -> f32 {
    let letters = if is_unspaced(word) { 1 } else { word.chars().count() };
    u16::try_from(letters).map_or(f32::MAX, f32::from)
}

/// Returns whether the word carries no meaning in a query.
fn is_stop_word(word: &str) -> bool {
    matches!(word, "the" | "a" | "an" | "and" | "of")
}

/// Splits folded text into runs of one kind of script.
fn runs(folded: &str) -> impl Iterator<Item = &str> {
    folded.split(' ').flat_map(|word| {
        let mut rest = word;
        std::iter::from_fn(move || {
            let first = rest.chars().next().map(is_unspaced_letter)?;
            let end = rest.find(|letter| is_unspaced_letter(letter) != first);
            let (run, after) = rest.split_at(end.unwrap_or(rest.len()));
            rest = after;
            Some(run)
        })
    })
}

/// Returns the run itself, or its bigrams.
fn tokens(run: &str) -> impl Iterator<Item = &str> {
    let starts: Vec<usize> = match is_unspaced(run) {
        true => run.char_indices().map(|(at, _)| at).chain([run.len()]).collect(),
        false => vec![0, run.len()],
    };
    let width = if starts.len() > 2 { 2 } else { 1 };
    (width..starts.len()).map(move |end| &run[starts[end - width]..starts[end]])
}

fn is_unspaced(word: &str) -> bool {
    word.starts_with(is_unspaced_letter)
}

/// Returns whether the letter is of a script without spaces between words.
fn is_unspaced_letter(letter: char) -> bool {
    matches!(letter,
        '\u{0e00}'..='\u{0eff}'        // Thai, Lao
        | '\u{1000}'..='\u{109f}'      // Burmese
        | '\u{1780}'..='\u{17ff}'      // Khmer
        | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' // Kana
        | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' // Han
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(name: &str) -> (Vec<String>, usize) {
        let mut words = Vec::new();
        let letters = of_name(name, |word| words.push(word.to_owned()));
        (words, letters)
    }

    fn query(query: &str) -> Vec<String> {
        terms(query).into_iter().map(|term| term.word).collect()
    }

    #[test]
    fn compounds_are_indexed_whole_and_in_parts() {
        assert_eq!(name("Spider-Man 2").0, ["spider", "man", "spiderman", "2"]);
        assert_eq!(name("L'Avventura"), (vec!["lavventura".into(), "avventura".into()], 10));
        assert_eq!(name("Rosemary’s Baby").0, ["rosemarys", "rosemary", "baby"]);
        assert_eq!(name("WALL·E").0, ["wall", "e", "walle"]);
    }

    #[test]
    fn scripts_without_spaces_are_indexed_as_bigrams() {
        assert_eq!(
            name("七人の侍"),
            (["七人", "人の", "の侍", "侍"].map(String::from).to_vec(), 4)
        );
        assert_eq!(name("ゴジラ-1.0").0, ["ゴジ", "ジラ", "ラ", "1", "0"]);
        assert_eq!(query("七人の侍"), ["七人", "人の", "の侍"]);
        assert_eq!(query("侍"), ["侍"]);
        assert_eq!(query("벌새"), ["벌새"]);
    }

    #[test]
    fn stop_words_are_optional_unless_the_query_has_no_other_words() {
        let optional = |query| terms(query).iter().map(|w| w.optional).collect::<Vec<_>>();
        assert_eq!(optional("the birds"), [true, false]);
        assert_eq!(optional("the the"), [false, false]);
        let is_prefix = |query| terms(query).iter().map(|w| w.is_prefix).collect::<Vec<_>>();
        assert_eq!(is_prefix("jules and j"), [false, false, true]);
    }
}
