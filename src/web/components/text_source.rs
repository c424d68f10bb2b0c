//! The source and the licence of a text.

use serde::Serialize;

use crate::catalog::sources::Source;

/// The licence of imported texts that the operator did not state.
const NOT_STATED: &str = "not stated";

#[derive(Serialize)]
pub struct TextSource {
    pub name: String,
    pub url: Option<String>,
    /// `None` if it is not stated.
    pub licence: Option<String>,
    pub licence_url: Option<String>,
}

impl TextSource {
    pub fn new(source: Source, page: Option<String>) -> Self {
        let Source { name, url, licence, licence_url, .. } = source;
        let licence = Some(licence).filter(|licence| licence != NOT_STATED);
        Self { name, url: page.or(url), licence, licence_url }
    }
}
