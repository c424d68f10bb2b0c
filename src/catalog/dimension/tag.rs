use super::{Dimension, Neighbours};
use crate::catalog::index::{Facts, Values};

/// Subjects and genres.
pub(super) struct Tag;

impl Dimension for Tag {
    fn collection(&self) -> Option<&'static str> {
        Some("tags")
    }

    fn values(&self, facts: &mut Facts<'_>) -> Values {
        std::mem::take(&mut facts.tags)
    }

    fn is_cumulative(&self) -> bool {
        true
    }

    fn neighbours(&self) -> Neighbours {
        Neighbours::Similar
    }

    fn relatedness(&self) -> f64 {
        1.0
    }
}
