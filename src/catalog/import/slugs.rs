//! Readable and unique slugs for new rows.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;

/// The slug that a new row is to have.
pub struct SlugRequest<'a> {
    /// That of its record, used if it is free.
    pub own: Option<&'a str>,
    /// Made from its name; gets a number if it is taken.
    pub base: String,
}

/// Remembers the next number for names that many rows share.
#[derive(Default)]
pub struct Slugs {
    next: HashMap<String, u32>,
    /// Slugs of other pages.
    reserved: &'static [&'static str],
}

impl Slugs {
    pub fn without(reserved: &'static [&'static str]) -> Self {
        Self { reserved, ..Self::default() }
    }

    /// Runs `insert` with a slug for each row, again for those whose slug was taken, until every row has
    /// one; returns their ids. `insert` returns the slugs and ids of the rows that were inserted.
    pub async fn insert<F>(
        &mut self,
        requests: &[SlugRequest<'_>],
        mut insert: F,
    ) -> QueryResult<Vec<i32>>
    where
        F: AsyncFnMut(&[(usize, String)]) -> QueryResult<Vec<(String, i32)>>,
    {
        let mut ids = vec![0; requests.len()];
        let mut open: Vec<usize> = (0..requests.len()).collect();
        let mut first = true;
        while !open.is_empty() {
            let mut tried: Vec<(usize, String)> = Vec::with_capacity(open.len());
            for index in &open {
                let SlugRequest { own, base } = &requests[*index];
                let slug = match own {
                    Some(own) if first && !self.reserved.contains(own) => (*own).to_owned(),
                    _ => self.numbered(base),
                };
                tried.push((*index, slug));
            }
            first = false;
            // Of several rows with one slug the first gets it.
            let mut seen = HashSet::new();
            tried.retain(|(_, slug)| seen.insert(slug.clone()));
            let inserted: HashMap<String, i32> = insert(&tried).await?.into_iter().collect();
            for (index, slug) in tried {
                if let Some(id) = inserted.get(&slug) {
                    ids[index] = *id;
                }
            }
            open.retain(|index| ids[*index] == 0);
        }
        // Most names occur once; remembering all would cost more than another attempt.
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
