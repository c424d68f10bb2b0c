//! Many short lists in one piece of memory.

/// List `n` is `items[starts[n]..starts[n + 1]]`.
#[derive(PartialEq)]
pub struct Lists {
    starts: Vec<u32>,
    /// Those of all lists, one after the other.
    pub items: Vec<u32>,
}

impl Lists {
    /// Each pair is a list's number and an item; the items of a list keep their order.
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

    /// For each of so many items the lists that hold it, ascending.
    pub fn turned(&self, items: usize) -> Self {
        let pairs = |list| self.get(list).iter().map(move |item| (*item, list));
        Self::new(items, (0..self.count()).flat_map(pairs))
    }

    /// How many lists there are.
    pub fn count(&self) -> u32 {
        u32::try_from(self.starts.len() - 1).expect("lists are numbered in 32 bits")
    }

    pub fn get(&self, list: u32) -> &[u32] {
        let (from, to) = (self.starts[list as usize], self.starts[list as usize + 1]);
        &self.items[from as usize..to as usize]
    }

    /// How many items the list has.
    pub fn len(&self, list: u32) -> u32 {
        self.starts[list as usize + 1] - self.starts[list as usize]
    }
}
