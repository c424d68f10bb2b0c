//! The operator's notices, shown on every page until the visitor dismisses them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{NaiveDate, Utc};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::page::{Page, Templates};
use super::placeholder::Notice;
use crate::catalog::index::Catalog;
use crate::catalog::notices;
use crate::catalog::read_pool::ReadPool;
use crate::web::error::Result;
use crate::web::http::url::local;

#[derive(Serialize)]
struct NoticePart {
    slug: String,
    warning: bool,
    spans: Vec<Span>,
}

/// Part of a notice's text, possibly a link.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Span {
    text: String,
    href: Option<String>,
}

impl Page for NoticePart {
    const TEMPLATE: &'static str = "notice.html";
}

/// Notices with the catalog version and the day that they belong to.
type Loaded = ((i64, NaiveDate), Arc<[Notice]>);

/// The active notices, loaded again for each catalog version and each day.
pub(crate) struct Notices {
    templates: Templates,
    catalog: Catalog,
    reads: ReadPool,
    loaded: Mutex<Loaded>,
}

impl Notices {
    pub(crate) fn new(templates: Templates, catalog: Catalog, reads: ReadPool) -> Self {
        Self { templates, catalog, reads, loaded: Mutex::default() }
    }

    /// Returns the active notices. If they cannot be loaded, returns the previous ones: no page
    /// fails because of a notice.
    pub(crate) async fn current(&self) -> Arc<[Notice]> {
        let current = (self.catalog.current().version(), Utc::now().date_naive());
        let (loaded, previous) = self.loaded().clone();
        if loaded == current {
            return previous;
        }
        match self.load(current.1).await {
            Ok(notices) => {
                let notices: Arc<[Notice]> = notices.into();
                let mut loaded = self.loaded();
                if loaded.0 < current {
                    *loaded = (current, Arc::clone(&notices));
                }
                notices
            }
            Err(error) => {
                log::warn!("cannot load the notices, showing the previous ones: {error}");
                previous
            }
        }
    }

    fn loaded(&self) -> MutexGuard<'_, Loaded> {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn load(&self, day: NaiveDate) -> Result<Vec<Notice>> {
        let conn = &mut self.reads.get().await?;
        let notices = notices::list(conn).await?.into_iter().filter(|notice| notice.is_shown(day));
        notices.map(|notice| self.render(notice)).collect()
    }

    fn render(&self, notice: notices::Notice) -> Result<Notice> {
        let notices::Notice { slug, level, text, .. } = notice;
        let digest: [u8; 32] = Sha256::digest(format!("{level} {text}")).into();
        let digest = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        let part =
            NoticePart { slug: slug.clone(), warning: level == "warning", spans: spans(&text) };
        let html = self.templates.render(&part)?.render_anonymous()?;
        Ok(Notice { slug, digest, html })
    }
}

/// Splits a text at links to pages of this site, written as in Markdown: `[Your data](/you)`.
fn spans(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut rest = text;
    while let Some((before, label, href, after)) = next_link(rest) {
        spans.push(Span { text: before.to_owned(), href: None });
        spans.push(Span { text: label.to_owned(), href: Some(href.to_owned()) });
        rest = after;
    }
    spans.push(Span { text: rest.to_owned(), href: None });
    spans.retain(|span| !span.text.is_empty());
    spans
}

/// Returns the text before the first link, its label and URL, and the text after it.
fn next_link(text: &str) -> Option<(&str, &str, &str, &str)> {
    let (head, tail) = text.split_once("](")?;
    let (before, label) = head.rsplit_once('[')?;
    let (href, after) = tail.split_once(')')?;
    (local(href) == href).then_some((before, label, href, after))
}

/// Returns the text of a notice without the URLs of links.
pub(crate) fn plain_text(text: &str) -> String {
    spans(text).into_iter().map(|span| span.text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::render::page::assert_complete;

    #[test]
    fn template_reads_only_fields_of_the_notice() {
        assert_complete(&NoticePart { slug: "a".into(), warning: true, spans: spans("<b>") });
    }

    #[test]
    fn links_to_pages_of_this_site_are_links() {
        let parts = |text| -> Vec<(String, Option<String>)> {
            spans(text).into_iter().map(|span| (span.text, span.href)).collect()
        };
        let plain = |text: &str| (text.to_owned(), None);
        let link = ("Your data".to_owned(), Some("/you".to_owned()));
        assert_eq!(parts("See [Your data](/you)."), [plain("See "), link, plain(".")]);
        for text in
            ["a [b] (c)", "[x](https://evil.example/)", "[x](//evil.example)", "]( [", "[x](/y"]
        {
            assert_eq!(parts(text), [plain(text)]);
        }
        assert_eq!(plain_text("See [Your data](/you)."), "See Your data.");
    }
}
