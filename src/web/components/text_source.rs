//! Where a text is from, and under which licence.

use serde::Serialize;

use crate::catalog::sources::Source;

#[derive(Serialize)]
pub struct SourceLine {
    pub name: String,
    pub url: Option<String>,
    pub licence: String,
    pub licence_url: Option<String>,
}

impl SourceLine {
    pub fn new(source: Source, page: Option<String>) -> Self {
        let Source { name, url, licence, licence_url, .. } = source;
        Self { name, url: page.or(url), licence, licence_url }
    }
}
