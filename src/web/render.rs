//! From a page struct to a response.

#![warn(unreachable_pub)]

pub(crate) mod error_page;
mod filters;
pub(crate) mod format;
mod fragments;
mod gzip_template;
pub(crate) mod notices;
pub(crate) mod page;
mod page_body;
mod page_cache;
mod page_compressor;
pub(crate) mod page_context;
mod page_template;
pub(crate) mod placeholder;
pub(crate) mod renderer;
