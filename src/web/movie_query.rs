//! What a list of films is asked for: its criteria, its order, and the search.

pub mod criteria;
pub mod parameters;
pub mod search;
pub mod view;
