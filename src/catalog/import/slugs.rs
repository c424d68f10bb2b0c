//! Addresses for what is new: readable, and free.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use diesel::sql_types::{Integer, Text};

/// The address a row would like to have.
pub struct Wanted<'a> {
    /// As its record says; taken if it is free.
    pub own: Option<&'a str>,
    /// Made from its name; gets a number if it is taken.
    pub base: String,
}

/// A row that went in, as the statement returns it.
#[derive(QueryableByName)]
pub struct Inserted {
    #[diesel(sql_type = Text)]
    slug: String,
    #[diesel(sql_type = Integer)]
    id: i32,
}

/// Remembers which number comes next for names that many share.
#[derive(Default)]
pub struct Slugs {
    next: HashMap<String, u32>,
    /// Addresses that lead elsewhere.
    reserved: &'static [&'static str],
}

impl Slugs {
    pub fn without(reserved: &'static [&'static str]) -> Self {
        Self { reserved, ..Self::default() }
    }

    /// Runs `insert` with an address for each row, again for those whose address was taken, until
    /// every row has one. `insert` returns which of the addresses it was given went in.
    pub async fn insert<F>(&mut self, wanted: &[Wanted<'_>], mut insert: F) -> QueryResult<Vec<i32>>
    where
        F: AsyncFnMut(&[(usize, String)]) -> QueryResult<Vec<Inserted>>,
    {
        let mut ids = vec![0; wanted.len()];
        let mut open: Vec<usize> = (0..wanted.len()).collect();
        let mut first = true;
        while !open.is_empty() {
            let mut tried: Vec<(usize, String)> = Vec::with_capacity(open.len());
            for index in &open {
                let Wanted { own, base } = &wanted[*index];
                let slug = match own {
                    Some(own) if first && !self.reserved.contains(own) => (*own).to_owned(),
                    _ => self.numbered(base),
                };
                tried.push((*index, slug));
            }
            first = false;
            // The same address twice in one statement: the first has it, the others go on.
            let mut seen = HashSet::new();
            tried.retain(|(_, slug)| seen.insert(slug.clone()));
            let inserted = insert(&tried).await?.into_iter();
            let inserted: HashMap<String, i32> = inserted.map(|row| (row.slug, row.id)).collect();
            for (index, slug) in tried {
                if let Some(id) = inserted.get(&slug) {
                    ids[index] = *id;
                }
            }
            open.retain(|index| ids[*index] == 0);
        }
        // Most names are met once; to remember all would cost more than to find out again.
        self.next.retain(|_, next| *next > 2);
        Ok(ids)
    }

    /// `base`, then `base-2`, `base-3` …
    fn numbered(&mut self, base: &str) -> String {
        let taken = u32::from(self.reserved.contains(&base));
        let next = self.next.entry(base.to_owned()).or_insert(1 + taken);
        *next += 1;
        match *next {
            2 => base.to_owned(),
            next => format!("{base}-{}", next - 1),
        }
    }
}
