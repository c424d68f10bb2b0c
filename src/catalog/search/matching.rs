//! The matches of each query term, and their combined scores.

/// A match of one query term with one movie or person.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub struct Match {
    /// Number of the movie or person.
    pub number: u32,
    /// From 0 to 1: the similarity of the words, times the worth of the field.
    pub score: f32,
    /// Letters of the title, or of the person's name, that the term covers.
    pub letters: f32,
    /// Letters of the original title that the term covers.
    pub original_letters: f32,
}

impl Match {
    /// Returns a match outside the titles, which covers none of their letters.
    pub fn outside_titles(number: u32, score: f32) -> Self {
        Self { number, score, letters: 0.0, original_letters: 0.0 }
    }
}

/// All matches of one query term, in ascending order of number, without duplicates.
#[derive(Debug, Default, Clone)]
pub struct MatchSet {
    matches: Vec<Match>,
    /// Whether a result may lack the term.
    optional: bool,
}

impl MatchSet {
    /// Sorts the matches and keeps the best values for each number.
    pub fn new(mut matches: Vec<Match>, optional: bool) -> Self {
        // The stable sort merges the few ascending runs of which `matches` consists.
        matches.sort_by_key(|one| one.number);
        matches.dedup_by(|next, best| {
            let same = next.number == best.number;
            if same {
                best.score = best.score.max(next.score);
                best.letters = best.letters.max(next.letters);
                best.original_letters = best.original_letters.max(next.original_letters);
            }
            same
        });
        Self { matches, optional }
    }

    pub fn len(&self) -> usize {
        self.matches.len()
    }

    pub fn into_matches(self) -> Vec<Match> {
        self.matches
    }

    /// Returns the inverse document frequency: rare terms weigh more.
    fn weight(&self, total: f32) -> f32 {
        (1.0 + total / (1.0 + as_f32(self.matches.len()))).ln()
    }
}

/// Returns the numbers that match every required term, ascending.
pub fn matching_all(sets: &[MatchSet]) -> Vec<u32> {
    let mut required: Vec<&MatchSet> = sets.iter().filter(|set| !set.optional).collect();
    required.sort_by_key(|set| set.matches.len());
    let Some((rarest, others)) = required.split_first() else { return Vec::new() };
    let mut numbers: Vec<u32> = rarest.matches.iter().map(|one| one.number).collect();
    for set in others {
        let mut cursor = Cursor(&set.matches);
        numbers.retain(|number| cursor.seek(*number).is_some());
    }
    numbers
}

/// Returns the numbers that match at least one required term with fewer than `max_matches`
/// matches, ascending. A more frequent term is no sign of relevance.
pub fn matching_any(sets: &[MatchSet], max_matches: usize) -> Vec<u32> {
    let selective = sets.iter().filter(|set| !set.optional && set.matches.len() < max_matches);
    let mut numbers: Vec<u32> =
        selective.flat_map(|set| set.matches.iter().map(|one| one.number)).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// The combined matches of all terms with one movie or person.
#[derive(Debug, Default, Clone, Copy)]
pub struct Score {
    /// From 0 to 1.
    pub score: f32,
    pub letters: f32,
    pub original_letters: f32,
}

/// Returns the combined score of each of `numbers`, which are ascending. `total` is the number of
/// all movies or people.
pub fn scores(sets: &[MatchSet], numbers: &[u32], total: usize) -> Vec<Score> {
    let mut scores = vec![Score::default(); numbers.len()];
    let weights: Vec<f32> = sets.iter().map(|set| set.weight(as_f32(total))).collect();
    let sum: f32 = weights.iter().sum();
    for (set, weight) in sets.iter().zip(weights) {
        let mut cursor = Cursor(&set.matches);
        for (number, total) in numbers.iter().zip(&mut scores) {
            if let Some(one) = cursor.seek(*number) {
                total.score += one.score * weight / sum;
                total.letters += one.letters;
                total.original_letters += one.original_letters;
            }
        }
    }
    scores
}

/// The remaining matches of a set, for lookups in ascending order.
struct Cursor<'a>(&'a [Match]);

impl<'a> Cursor<'a> {
    fn seek(&mut self, number: u32) -> Option<&'a Match> {
        let before = |one: &Match| one.number < number;
        // Galloping search: the next match is usually close.
        let mut step = 1;
        while self.0.get(step).is_some_and(before) {
            step *= 2;
        }
        let near = &self.0[..self.0.len().min(step + 1)];
        self.0 = &self.0[near.partition_point(before)..];
        self.0.first().filter(|one| one.number == number)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a weight need not be exact")]
fn as_f32(count: usize) -> f32 {
    count as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(numbers: &[u32], optional: bool) -> MatchSet {
        let matches = |number: &u32| Match::outside_titles(*number, 0.5);
        MatchSet::new(numbers.iter().map(matches).collect(), optional)
    }

    #[test]
    fn required_terms_restrict_the_results_and_optional_terms_do_not() {
        let (some, more) = (set(&[9, 3, 5, 3], false), set(&(0..100).collect::<Vec<_>>(), false));
        assert_eq!(matching_all(&[some.clone(), more.clone()]), [3, 5, 9]);
        assert_eq!(matching_all(&[some.clone(), set(&[7], true)]), [3, 5, 9]);
        assert_eq!(matching_all(&[some.clone(), set(&[5, 7], false), more.clone()]), [5]);
        assert_eq!(matching_any(&[some, set(&[7], false), more], 50), [3, 5, 7, 9]);
    }

    #[test]
    fn duplicate_matches_keep_the_best_values_and_rare_terms_weigh_more() {
        let twice = MatchSet::new(
            vec![
                Match { number: 1, score: 0.2, letters: 4.0, original_letters: 0.0 },
                Match { number: 1, score: 0.6, letters: 0.0, original_letters: 3.0 },
            ],
            false,
        );
        assert_eq!(
            twice.matches,
            [Match { number: 1, score: 0.6, letters: 4.0, original_letters: 3.0 }]
        );
        let (rare, common) = (set(&[1], false), set(&[1, 2, 3, 4, 5, 6, 7, 8], false));
        let scores = scores(&[rare, common], &[1, 2], 10);
        assert!((scores[0].score - 0.5).abs() < 1e-6, "{scores:?}");
        assert!(scores[1].score < 0.2, "{scores:?}");
    }
}
