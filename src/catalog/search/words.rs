//! Text as the words by which it is found.

use crate::catalog::fold::fold;

/// Words beyond these add nothing that a visitor would miss.
const MOST_WORDS: usize = 12;

/// Letters of a query beyond these are not read.
const MOST_LETTERS: usize = 200;

/// Parts of compounds shorter than this are no words by themselves: the "s" of "Rosemary's".
const SHORTEST_PART: usize = 3;

/// Bytes of the longest compound that is a word, too: more is a sentence with dashes.
const LONGEST_COMPOUND: usize = 30;

/// A word of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub word: String,
    /// Whether longer words that begin so will do: the visitor may still be typing.
    pub unfinished: bool,
    /// Whether a film may lack it: visitors add and leave out articles at will.
    pub optional: bool,
}

/// The words of what a visitor typed.
pub fn wanted(query: &str) -> Vec<Wanted> {
    let start: String = query.chars().take(MOST_LETTERS).collect();
    let mut wanted: Vec<Wanted> = Vec::new();
    let folded = fold(&start);
    for run in runs(&folded) {
        for word in pieces(run) {
            let single = is_unspaced(word) && word.chars().count() == 1;
            wanted.push(Wanted {
                optional: is_particle(word),
                unfinished: single,
                word: word.to_owned(),
            });
        }
    }
    wanted.truncate(MOST_WORDS);
    if let Some(last) = wanted.last_mut() {
        last.unfinished = true;
    }
    if wanted.iter().all(|wanted| wanted.optional) {
        wanted.iter_mut().for_each(|wanted| wanted.optional = false);
    }
    wanted
}

/// Calls `index` with each word under which a name is to be found; returns the letters of all
/// its words together, particles apart.
///
/// "Spider-Man" is found as "spider", "man" and "spiderman", "L'Avventura" also as "avventura",
/// "Rosemary's" also as "rosemary". Scripts that set no spaces give pairs of letters, so that any
/// part of a title is found.
pub fn of_name(name: &str, mut index: impl FnMut(&str)) -> usize {
    let mut all_letters = 0;
    for chunk in name.split_whitespace() {
        let folded = fold(chunk);
        for run in runs(&folded) {
            pieces(run).for_each(&mut index);
            if let Some((at, _)) = run.char_indices().next_back().filter(|_| is_unspaced(run)) {
                index(&run[at..]);
            }
            if !is_particle(run) {
                all_letters += run.chars().count();
            }
        }
        if folded.contains(' ') && folded.is_ascii() && folded.len() <= LONGEST_COMPOUND {
            index(&folded.replace(' ', ""));
        }
        if chunk.contains(['\'', '\u{2019}']) {
            let parts = chunk.split(['\'', '\u{2019}']).map(fold);
            parts.filter(|part| part.len() >= SHORTEST_PART).for_each(|part| {
                part.split(' ').for_each(&mut index);
            });
        }
    }
    all_letters
}

/// How many letters of its name a word stands for.
pub fn letters(word: &str) -> f32 {
    let letters = if is_unspaced(word) { 1 } else { word.chars().count() };
    u16::try_from(letters).map_or(f32::MAX, f32::from)
}

/// Words that say nothing about which film is meant.
fn is_particle(word: &str) -> bool {
    matches!(word, "the" | "a" | "an" | "and" | "of")
}

/// Pieces of folded text that are of one kind of script.
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

/// A run itself, or its pairs of letters.
fn pieces(run: &str) -> impl Iterator<Item = &str> {
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

/// Scripts that write words without spaces between them.
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
        wanted(query).into_iter().map(|wanted| wanted.word).collect()
    }

    #[test]
    fn compounds_are_found_whole_and_in_parts() {
        assert_eq!(name("Spider-Man 2").0, ["spider", "man", "spiderman", "2"]);
        assert_eq!(name("L'Avventura"), (vec!["lavventura".into(), "avventura".into()], 10));
        assert_eq!(name("Rosemary’s Baby").0, ["rosemarys", "rosemary", "baby"]);
        assert_eq!(name("WALL·E").0, ["wall", "e", "walle"]);
    }

    #[test]
    fn scripts_without_spaces_are_found_by_pairs_of_letters() {
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
    fn articles_may_be_missing_unless_they_are_all() {
        let optional = |query| wanted(query).iter().map(|w| w.optional).collect::<Vec<_>>();
        assert_eq!(optional("the birds"), [true, false]);
        assert_eq!(optional("the the"), [false, false]);
        let unfinished = |query| wanted(query).iter().map(|w| w.unfinished).collect::<Vec<_>>();
        assert_eq!(unfinished("jules and j"), [false, false, true]);
    }
}
