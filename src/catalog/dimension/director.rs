use super::Dimension;
use crate::catalog::index::{Directors, Index};

/// A director of a movie.
pub(super) struct Director;

impl Dimension for Director {
    fn credits<'a>(&self, index: &'a Index) -> Option<&'a Directors> {
        Some(index.credits())
    }

    fn relatedness(&self) -> f64 {
        1.0
    }
}
