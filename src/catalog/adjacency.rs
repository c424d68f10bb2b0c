//! Lists of numbers in compressed sparse row form.

/// A compact list of lists: list `n` is `items[starts[n]..starts[n + 1]]`.
#[derive(PartialEq)]
pub struct Adjacency {
    starts: Vec<u32>,
    /// The items of all lists, concatenated.
    pub items: Vec<u32>,
}

impl Adjacency {
    /// Builds `lists` lists from pairs of a list's number and an item. The items of a list keep their
    /// order.
    pub fn new(lists: usize, pairs: impl Iterator<Item = (u32, u32)> + Clone) -> Self {
        let mut starts = vec![0; lists + 1];
        for (list, _) in pairs.clone() {
            starts[list as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut next = starts.clone();
        let mut items = vec![0; starts[lists] as usize];
        for (list, item) in pairs {
            let at = &mut next[list as usize];
            items[*at as usize] = item;
            *at += 1;
        }
        Self { starts, items }
    }

    /// Returns the lists that contain each of the `items` items, ascending.
    pub fn transposed(&self, items: usize) -> Self {
        let pairs = |list| self.get(list).iter().map(move |item| (*item, list));
        Self::new(items, (0..self.count()).flat_map(pairs))
    }

    /// Returns the number of lists.
    pub fn count(&self) -> u32 {
        u32::try_from(self.starts.len() - 1).expect("fewer than 2^32 lists")
    }

    /// Returns the items of a list.
    pub fn get(&self, list: u32) -> &[u32] {
        let (from, to) = (self.starts[list as usize], self.starts[list as usize + 1]);
        &self.items[from as usize..to as usize]
    }

    /// Returns the number of items in a list.
    pub fn len(&self, list: u32) -> u32 {
        self.starts[list as usize + 1] - self.starts[list as usize]
    }
}
