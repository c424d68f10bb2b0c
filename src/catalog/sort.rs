//! Sort orders of movie lists.

/// The sort order of a list of movies. Movies without the fact come last; ties are broken by title
/// and id.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sort {
    #[default]
    Newest,
    Oldest,
    Title,
    Shortest,
    Longest,
    /// The best search results first. Without a search as [`Sort::Newest`].
    Relevance,
    /// The movies that a visitor added last first. Without a visitor's list as [`Sort::Newest`].
    Added,
    /// By the visitor's rating, best first. Without a visitor's list as [`Sort::Newest`].
    Rating,
}

/// The fact that a list is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortKey {
    Year,
    Title,
    RunningTime,
    /// The order of [`Filter::ranked`](super::index::Filter::ranked).
    Rank,
}

/// The direction of a sort order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Ascending,
    Descending,
}

impl Sort {
    /// The orders that every list offers.
    pub const ALL: [Self; 5] =
        [Self::Newest, Self::Oldest, Self::Title, Self::Shortest, Self::Longest];

    /// Returns the name, the key and the direction.
    const fn definition(self) -> (&'static str, SortKey, Direction) {
        match self {
            Self::Newest => ("newest", SortKey::Year, Direction::Descending),
            Self::Oldest => ("oldest", SortKey::Year, Direction::Ascending),
            Self::Title => ("title", SortKey::Title, Direction::Ascending),
            Self::Shortest => ("shortest", SortKey::RunningTime, Direction::Ascending),
            Self::Longest => ("longest", SortKey::RunningTime, Direction::Descending),
            Self::Relevance => ("relevance", SortKey::Rank, Direction::Descending),
            Self::Added => ("added", SortKey::Rank, Direction::Descending),
            Self::Rating => ("rating", SortKey::Rank, Direction::Descending),
        }
    }

    /// Returns the order of that name, if it is one that every list offers.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.name() == name)
    }

    /// Returns the name in URLs.
    pub const fn name(self) -> &'static str {
        self.definition().0
    }

    pub const fn key(self) -> SortKey {
        self.definition().1
    }

    pub const fn direction(self) -> Direction {
        self.definition().2
    }
}
