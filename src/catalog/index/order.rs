//! An order by a number that most films have: the year, the running time.

use std::collections::BTreeMap;
use std::ops::Range;

use roaring::RoaringBitmap;

use super::{Document, Values};
use crate::catalog::adjacency::Adjacency;

/// Documents of equal rank are in order of title; those without the number come last in either
/// direction.
#[derive(PartialEq)]
pub struct Order {
    /// Every number that any document has, ascending.
    numbers: Vec<i16>,
    /// Place of each document's number among all numbers; one more than the last when it has none.
    ranks: Vec<u16>,
    /// The documents of each rank.
    documents: Adjacency,
    /// The rank of those without the number.
    unknown: u16,
}

impl Order {
    /// From the number of each document.
    pub fn new(numbers: &[Option<i16>]) -> Self {
        let mut distinct: Vec<i16> = numbers.iter().flatten().copied().collect();
        distinct.sort_unstable();
        distinct.dedup();
        let rank = |number: Option<i16>| {
            number
                .map_or(distinct.len(), |number| distinct.partition_point(|&other| other < number))
        };
        let short = |rank| u16::try_from(rank).expect("there are 65,536 numbers of 16 bits");
        let ranks: Vec<u16> = numbers.iter().map(|number| short(rank(*number))).collect();
        let pairs = (0..).zip(&ranks).map(|(document, rank)| (u32::from(*rank), document));
        let documents = Adjacency::new(distinct.len() + 1, pairs);
        Self { ranks, documents, unknown: short(distinct.len()), numbers: distinct }
    }

    /// The number of each document.
    pub fn numbers(&self) -> impl Iterator<Item = Option<i16>> {
        self.ranks.iter().map(|rank| self.numbers.get(usize::from(*rank)).copied())
    }

    /// Documents by the class of their number.
    pub fn classes<T: Ord>(&self, class: impl Fn(i16) -> T) -> Values<T> {
        let mut classes: BTreeMap<T, RoaringBitmap> = BTreeMap::new();
        for (rank, number) in (0..).zip(&self.numbers) {
            let documents = self.documents.get(rank).iter().copied();
            let documents = RoaringBitmap::from_sorted_iter(documents);
            *classes.entry(class(*number)).or_default() |=
                documents.expect("documents of one rank are in order");
        }
        Values(classes.into_iter().collect())
    }

    /// The documents that have this number, by title.
    pub fn with(&self, number: i16) -> &[Document] {
        let rank = self.numbers.binary_search(&number).ok().and_then(|rank| rank.try_into().ok());
        rank.map_or(&[], |rank| self.documents.get(rank))
    }

    /// Greater for a greater number; 0 for none.
    pub fn height(&self, document: Document) -> u16 {
        let rank = self.ranks[document as usize];
        if rank == self.unknown { 0 } else { rank + 1 }
    }

    /// The documents of `set` at these places of the order. Of the whole catalogue only they are
    /// touched.
    pub fn page(
        &self,
        set: &RoaringBitmap,
        descending: bool,
        places: Range<usize>,
    ) -> Vec<Document> {
        let whole = self.is_whole(set);
        let sizes = if whole { Vec::new() } else { self.sizes(set) };
        let mut page = Vec::new();
        let mut skip = places.start;
        for rank in self.sequence(descending) {
            let documents = self.documents.get(rank);
            let size = if whole { documents.len() } else { sizes[rank as usize] };
            if skip >= size {
                skip -= size;
                continue;
            }
            let wanted = places.len() - page.len();
            if whole {
                page.extend(documents[skip..].iter().take(wanted));
            } else {
                let members = documents.iter().filter(|document| set.contains(**document));
                page.extend(members.skip(skip).take(wanted));
            }
            if page.len() == places.len() {
                break;
            }
            skip = 0;
        }
        page
    }

    /// At which place of the order a document of `set` stands, from 0.
    pub fn place(&self, set: &RoaringBitmap, descending: bool, document: Document) -> usize {
        let own = u32::from(self.ranks[document as usize]);
        let before = self.sequence(descending).take_while(|rank| *rank != own);
        let before: usize = if self.is_whole(set) {
            before.map(|rank| self.documents.get(rank).len()).sum()
        } else {
            let sizes = self.sizes(set);
            before.map(|rank| sizes[rank as usize]).sum()
        };
        let peers = self.documents.get(own).iter().take_while(|peer| **peer != document);
        before + peers.filter(|peer| set.contains(**peer)).count()
    }

    fn is_whole(&self, set: &RoaringBitmap) -> bool {
        set.len() == self.ranks.len() as u64
    }

    fn sequence(&self, descending: bool) -> impl Iterator<Item = u32> {
        let last = u32::from(self.unknown);
        let known = (0..last).map(move |at| if descending { last - 1 - at } else { at });
        known.chain([last])
    }

    /// How many documents of `set` have each rank.
    fn sizes(&self, set: &RoaringBitmap) -> Vec<usize> {
        let mut sizes = vec![0; usize::from(self.unknown) + 1];
        for document in set {
            sizes[usize::from(self.ranks[document as usize])] += 1;
        }
        sizes
    }
}
