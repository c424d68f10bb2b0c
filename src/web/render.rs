//! From a page struct to a response.

pub mod error_page;
mod filters;
pub mod format;
mod fragments;
mod gzip_template;
pub mod notices;
pub mod page;
mod page_body;
mod page_cache;
mod page_compressor;
pub mod page_context;
mod page_template;
pub mod placeholder;
pub mod renderer;
