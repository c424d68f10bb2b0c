use super::Dimension;
use crate::catalog::people::Role;

/// A director of a movie.
pub(super) struct Director;

impl Dimension for Director {
    fn role(&self) -> Option<Role> {
        Some(Role::Director)
    }

    fn relatedness(&self) -> f64 {
        1.0
    }
}
