//! Pseudo-random numbers that are the same on every platform and in every version.

/// Returns the 64-bit FNV-1a hash of the concatenated `parts`.
pub fn hash(parts: &[&str]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// A splitmix64 generator.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Returns an index below `length`.
    pub fn index(&mut self, length: usize) -> usize {
        let length = u64::try_from(length).unwrap_or(1).max(1);
        usize::try_from(self.next() % length).unwrap_or(0)
    }

    /// Returns a number from `low` to `high`, both included.
    pub fn between(&mut self, low: i32, high: i32) -> i32 {
        let span = u64::from(high.abs_diff(low)) + 1;
        low + i32::try_from(self.next() % span).unwrap_or(0)
    }

    /// Returns a whole number from `low` to `high`, both included.
    pub fn number(&mut self, low: i32, high: i32) -> f64 {
        f64::from(self.between(low, high))
    }

    /// Returns a fraction from `low` to `high` hundredths.
    pub fn percent(&mut self, low: i32, high: i32) -> f64 {
        self.number(low, high) / 100.0
    }

    pub fn coin(&mut self) -> bool {
        self.next() & 1 == 1
    }

    /// Returns `1.0` or `-1.0`.
    pub fn sign(&mut self) -> f64 {
        if self.coin() { 1.0 } else { -1.0 }
    }

    /// Returns true with a probability of `percent` hundredths.
    pub fn chance(&mut self, percent: i32) -> bool {
        self.between(1, 100) <= percent
    }

    /// Returns one of `choices`, which must not be empty.
    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.index(choices.len())]
    }

    /// Returns one of `choices` in proportion to the weight beside it; `None` if all weigh nothing.
    pub fn weighted<T: Copy>(&mut self, choices: &[(T, i32)]) -> Option<T> {
        let total: i32 = choices.iter().map(|(_, weight)| weight.max(&0)).sum();
        let mut at = if total > 0 { self.between(1, total) } else { return None };
        choices.iter().find_map(|&(choice, weight)| {
            at -= weight.max(0);
            (at <= 0).then_some(choice)
        })
    }
}
