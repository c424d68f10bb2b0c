//! From a page struct to a response.

pub mod error_page;
pub mod filters;
pub mod format;
pub mod fragments;
pub mod notices;
pub mod page;
pub mod page_cache;
pub mod placeholder;
