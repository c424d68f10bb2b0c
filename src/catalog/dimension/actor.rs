use super::Dimension;
use crate::catalog::people::Role;

/// An actor of a movie.
pub(super) struct Actor;

impl Dimension for Actor {
    fn role(&self) -> Option<Role> {
        Some(Role::Actor)
    }

    /// The names of actors would cost every list a statement.
    fn has_panel(&self) -> bool {
        false
    }
}
