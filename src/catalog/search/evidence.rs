//! What speaks for a film or a director, gathered word by word and weighed together.

/// What one word of a query says for one film or director.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub struct Evidence {
    /// Of the film or director.
    pub number: u32,
    /// From 0 to 1: how exactly the word stands there, and how telling its place is.
    pub strength: f32,
    /// Letters of the title, or of the director's name, that the word accounts for.
    pub letters: f32,
    /// Letters of the original title.
    pub original: f32,
}

impl Evidence {
    /// By a word that stands in no title.
    pub fn weak(number: u32, strength: f32) -> Self {
        Self { number, strength, letters: 0.0, original: 0.0 }
    }
}

/// All that one word says: evidence in ascending order of number, one for each.
#[derive(Debug, Default, Clone)]
pub struct Clue {
    pub evidence: Vec<Evidence>,
    /// Whether what lacks the word may still be meant.
    pub optional: bool,
}

impl Clue {
    /// Of several testimonies for the same number the best counts.
    pub fn new(mut evidence: Vec<Evidence>, optional: bool) -> Self {
        // It comes as a few ascending runs, which the stable sort merges.
        evidence.sort_by_key(|evidence| evidence.number);
        evidence.dedup_by(|next, best| {
            let same = next.number == best.number;
            if same {
                best.strength = best.strength.max(next.strength);
                best.letters = best.letters.max(next.letters);
                best.original = best.original.max(next.original);
            }
            same
        });
        Self { evidence, optional }
    }

    /// Rarer words tell more.
    fn weight(&self, all: f32) -> f32 {
        (1.0 + all / (1.0 + count(self.evidence.len()))).ln()
    }
}

/// The numbers for which every word speaks that is not optional, in ascending order.
pub fn with_every(clues: &[Clue]) -> Vec<u32> {
    let mut required: Vec<&Clue> = clues.iter().filter(|clue| !clue.optional).collect();
    required.sort_by_key(|clue| clue.evidence.len());
    let Some((rarest, others)) = required.split_first() else { return Vec::new() };
    let mut numbers: Vec<u32> = rarest.evidence.iter().map(|evidence| evidence.number).collect();
    for clue in others {
        let mut finder = Finder(&clue.evidence);
        numbers.retain(|number| finder.find(*number).is_some());
    }
    numbers
}

/// The numbers for which any word speaks that is not optional, but for those of which only words
/// speak that `most` or more have: there are too many of them to be near to anything.
pub fn with_any(clues: &[Clue], most: usize) -> Vec<u32> {
    let telling = clues.iter().filter(|clue| !clue.optional && clue.evidence.len() < most);
    let mut numbers: Vec<u32> =
        telling.flat_map(|clue| clue.evidence.iter().map(|evidence| evidence.number)).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// All the evidence for one number together.
#[derive(Debug, Default, Clone, Copy)]
pub struct Sum {
    /// From 0 to 1.
    pub strength: f32,
    pub letters: f32,
    pub original: f32,
}

/// The evidence for each of these ascending numbers, of `all` that there are.
pub fn weigh(clues: &[Clue], numbers: &[u32], all: usize) -> Vec<Sum> {
    let mut sums = vec![Sum::default(); numbers.len()];
    let weights: Vec<f32> = clues.iter().map(|clue| clue.weight(count(all))).collect();
    let whole: f32 = weights.iter().sum();
    for (clue, weight) in clues.iter().zip(weights) {
        let mut finder = Finder(&clue.evidence);
        for (number, sum) in numbers.iter().zip(&mut sums) {
            if let Some(evidence) = finder.find(*number) {
                sum.strength += evidence.strength * weight / whole;
                sum.letters += evidence.letters;
                sum.original += evidence.original;
            }
        }
    }
    sums
}

/// Looks ascending numbers up.
struct Finder<'a>(&'a [Evidence]);

impl<'a> Finder<'a> {
    fn find(&mut self, number: u32) -> Option<&'a Evidence> {
        let before = |evidence: &Evidence| evidence.number < number;
        // The next one is mostly near: steps that double find it sooner than halving does.
        let mut step = 1;
        while self.0.get(step).is_some_and(before) {
            step *= 2;
        }
        let near = &self.0[..self.0.len().min(step + 1)];
        self.0 = &self.0[near.partition_point(before)..];
        self.0.first().filter(|evidence| evidence.number == number)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a weight need not be exact")]
fn count(many: usize) -> f32 {
    many as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clue(numbers: &[u32], optional: bool) -> Clue {
        let evidence =
            |number: &u32| Evidence { number: *number, strength: 0.5, ..Evidence::default() };
        Clue::new(numbers.iter().map(evidence).collect(), optional)
    }

    #[test]
    fn every_word_must_speak_but_the_optional_ones() {
        let (some, more) = (clue(&[9, 3, 5, 3], false), clue(&(0..100).collect::<Vec<_>>(), false));
        assert_eq!(with_every(&[some.clone(), more.clone()]), [3, 5, 9]);
        assert_eq!(with_every(&[some.clone(), clue(&[7], true)]), [3, 5, 9]);
        assert_eq!(with_every(&[some.clone(), clue(&[5, 7], false), more.clone()]), [5]);
        assert_eq!(with_any(&[some, clue(&[7], false), more], 50), [3, 5, 7, 9]);
    }

    #[test]
    fn the_best_testimony_counts_and_rare_words_weigh_more() {
        let twice = Clue::new(
            vec![
                Evidence { number: 1, strength: 0.2, letters: 4.0, original: 0.0 },
                Evidence { number: 1, strength: 0.6, letters: 0.0, original: 3.0 },
            ],
            false,
        );
        assert_eq!(
            twice.evidence,
            [Evidence { number: 1, strength: 0.6, letters: 4.0, original: 3.0 }]
        );
        let (rare, common) = (clue(&[1], false), clue(&[1, 2, 3, 4, 5, 6, 7, 8], false));
        let sums = weigh(&[rare, common], &[1, 2], 10);
        assert!((sums[0].strength - 0.5).abs() < 1e-6, "{sums:?}");
        assert!(sums[1].strength < 0.2, "{sums:?}");
    }
}
