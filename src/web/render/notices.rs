//! The operator's notices, shown on every page until the visitor dismisses them.

use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::page::Page;
use crate::catalog::notices;
use crate::web::error::Result;
use crate::web::http::url::local;
use crate::web::state::Site;

/// A notice as shown to visitors who have not dismissed it.
#[derive(Debug)]
pub struct Notice {
    pub slug: String,
    /// A digest of level and text, which sessions store for dismissed notices.
    pub digest: String,
    pub html: String,
}

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

/// The active notices, and the version of the catalog that they were read at.
#[derive(Clone, Default)]
pub struct Notices(Arc<Mutex<(i64, Arc<[Notice]>)>>);

impl Notices {
    fn get(&self) -> (i64, Arc<[Notice]>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Site {
    /// Returns the active notices. Reloads them when the catalog has changed; if that fails, returns
    /// the previous ones, so that no page fails because of a notice.
    pub(in crate::web) async fn notices(&self) -> Arc<[Notice]> {
        let version = self.catalog.current().version();
        let (of, notices) = self.notices.get();
        if of == version {
            return notices;
        }
        match self.read_notices().await {
            Ok(read) => {
                let read: Arc<[Notice]> = read.into();
                let mut kept = self.notices.0.lock().unwrap_or_else(PoisonError::into_inner);
                if kept.0 < version {
                    *kept = (version, Arc::clone(&read));
                }
                read
            }
            Err(error) => {
                log::warn!("the notices stay as they were: {error}");
                notices
            }
        }
    }

    async fn read_notices(&self) -> Result<Vec<Notice>> {
        let conn = &mut self.pool.get().await?;
        let notices = notices::list(conn).await?.into_iter().filter(|notice| notice.active);
        notices.map(|notice| self.shown(notice)).collect()
    }

    fn shown(&self, notice: notices::Notice) -> Result<Notice> {
        let notices::Notice { slug, level, text, .. } = notice;
        let digest: [u8; 32] = Sha256::digest(format!("{level} {text}")).into();
        let digest = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        let part =
            NoticePart { slug: slug.clone(), warning: level == "warning", spans: spans(&text) };
        let html = self.templates.render(&part)?.for_nobody()?;
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
pub fn plain_text(text: &str) -> String {
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
