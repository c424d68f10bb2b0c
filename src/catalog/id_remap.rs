//! The change of position-based numbers when items of an ordered list are added or removed.

use roaring::RoaringBitmap;

/// Marks a removed item in place of its new number.
const REMOVED: u32 = u32::MAX;

/// Maps old positions to new ones. Kept items keep their order; a changed item counts as removed and
/// added.
pub struct IdRemap {
    /// The new number of each old one.
    kept: Vec<u32>,
    /// The numbers of the added items, ascending.
    added: Vec<u32>,
}

impl IdRemap {
    /// Returns the map from an empty list to one of `count` items.
    pub fn from_empty(count: u32) -> Self {
        Self { kept: Vec::new(), added: (0..count).collect() }
    }

    /// Returns the map for a list of `old` items of which those at the ascending positions `removed`
    /// are removed. `before` is the number of kept items before each added item, ascending.
    pub fn new(old: usize, removed: &[u32], before: &[u32]) -> Self {
        let (mut kept, mut added) = (Vec::with_capacity(old), Vec::with_capacity(before.len()));
        let (mut removed, mut before) = (removed.iter().peekable(), before.iter().peekable());
        let (mut next, mut passed) = (0, 0);
        for (number, _) in (0..).zip(0..old) {
            if removed.next_if(|removed| **removed == number).is_some() {
                kept.push(REMOVED);
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

    /// Returns the new number of a kept item.
    pub fn kept(&self, old: u32) -> Option<u32> {
        Some(self.kept[old as usize]).filter(|number| *number != REMOVED)
    }

    /// Returns the numbers of the added items, ascending.
    pub fn added(&self) -> &[u32] {
        &self.added
    }

    /// Returns the new number of items.
    pub fn count(&self) -> usize {
        let removed = self.kept.iter().filter(|number| **number == REMOVED).count();
        self.kept.len() - removed + self.added.len()
    }

    /// Merges the kept values of `old` with those of the added items, in the new order.
    pub fn merge<T>(
        &self,
        old: impl IntoIterator<Item = T>,
        added: impl IntoIterator<Item = T>,
    ) -> Vec<T> {
        let mut merged = Vec::with_capacity(self.kept.len() + self.added.len());
        let mut added = self.added.iter().zip(added).peekable();
        for (number, value) in self.kept.iter().zip(old) {
            if *number == REMOVED {
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

    /// Returns the new numbers of the kept items of a set.
    pub fn set(&self, old: &RoaringBitmap) -> RoaringBitmap {
        let kept = old.iter().filter_map(|number| self.kept(number));
        RoaringBitmap::from_sorted_iter(kept).expect("kept items keep their order")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kept_items_move_for_removed_and_added_ones() {
        let numbers = IdRemap::new(5, &[0, 3], &[0, 2, 2, 3]);
        let kept: Vec<_> = (0..5).map(|old| numbers.kept(old)).collect();
        assert_eq!(kept, [None, Some(1), Some(2), None, Some(5)]);
        assert_eq!(numbers.added(), [0, 3, 4, 6]);
        assert_eq!(
            numbers.merge("abcde".chars(), "WXYZ".chars()),
            ['W', 'b', 'c', 'X', 'Y', 'e', 'Z']
        );
        assert_eq!(numbers.set(&[0, 2, 4].into()), [2, 5].into());
        assert_eq!(IdRemap::from_empty(2).merge([], ['a', 'b']), ['a', 'b']);
    }
}
