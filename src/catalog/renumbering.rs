//! New numbers for things that are numbered by their places in an order, when some of them change.

use roaring::RoaringBitmap;

/// In place of a number: the thing changed or is no longer there.
const GONE: u32 = u32::MAX;

/// What stays as it is keeps its order, so that its numbers only close up or make room. What
/// changed counts as gone, and as added again.
pub struct Renumbering {
    /// The new number of each old one.
    kept: Vec<u32>,
    /// New numbers of what is added, ascending.
    added: Vec<u32>,
}

impl Renumbering {
    /// Of so many things there was none before.
    pub fn of_new(count: u32) -> Self {
        Self { kept: Vec::new(), added: (0..count).collect() }
    }

    /// Of `old` things those at `gone` fall away, ascending. `before` says of each thing that is
    /// added, in their order, how many of those that are kept stand before it.
    pub fn new(old: usize, gone: &[u32], before: &[u32]) -> Self {
        let (mut kept, mut added) = (Vec::with_capacity(old), Vec::with_capacity(before.len()));
        let (mut gone, mut before) = (gone.iter().peekable(), before.iter().peekable());
        let (mut next, mut passed) = (0, 0);
        for (number, _) in (0..).zip(0..old) {
            if gone.next_if(|gone| **gone == number).is_some() {
                kept.push(GONE);
                continue;
            }
            while before.next_if(|before| **before <= passed).is_some() {
                added.push(next);
                next += 1;
            }
            kept.push(next);
            next += 1;
            passed += 1;
        }
        added.extend((next..).zip(before).map(|(number, _)| number));
        Self { kept, added }
    }

    /// The new number of what is as it was.
    pub fn kept(&self, old: u32) -> Option<u32> {
        Some(self.kept[old as usize]).filter(|number| *number != GONE)
    }

    /// The numbers of what is added, ascending.
    pub fn added(&self) -> &[u32] {
        &self.added
    }

    /// How many there are now.
    pub fn count(&self) -> usize {
        let gone = self.kept.iter().filter(|number| **number == GONE).count();
        self.kept.len() - gone + self.added.len()
    }

    /// What is known of each thing, in the new order: of `old` what is kept, and `added`.
    pub fn merge<T>(
        &self,
        old: impl IntoIterator<Item = T>,
        added: impl IntoIterator<Item = T>,
    ) -> Vec<T> {
        let mut merged = Vec::with_capacity(self.kept.len() + self.added.len());
        let mut added = self.added.iter().zip(added).peekable();
        for (number, value) in self.kept.iter().zip(old) {
            if *number == GONE {
                continue;
            }
            while let Some((_, new)) = added.next_if(|(new, _)| *new < number) {
                merged.push(new);
            }
            merged.push(value);
        }
        merged.extend(added.map(|(_, new)| new));
        merged
    }

    /// Those of a set that are kept.
    pub fn set(&self, old: &RoaringBitmap) -> RoaringBitmap {
        let kept = old.iter().filter_map(|number| self.kept(number));
        RoaringBitmap::from_sorted_iter(kept).expect("what is kept keeps its order")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_closes_up_and_makes_room() {
        let numbers = Renumbering::new(5, &[0, 3], &[0, 2, 2, 3]);
        let kept: Vec<_> = (0..5).map(|old| numbers.kept(old)).collect();
        assert_eq!(kept, [None, Some(1), Some(2), None, Some(5)]);
        assert_eq!(numbers.added(), [0, 3, 4, 6]);
        assert_eq!(
            numbers.merge("abcde".chars(), "WXYZ".chars()),
            ['W', 'b', 'c', 'X', 'Y', 'e', 'Z']
        );
        assert_eq!(numbers.set(&[0, 2, 4].into()), [2, 5].into());
        assert_eq!(Renumbering::of_new(2).merge([], ['a', 'b']), ['a', 'b']);
    }
}
