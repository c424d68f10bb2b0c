//! A rendered page with unfilled placeholders.

use std::ops::Range;
use std::sync::{LazyLock, OnceLock};

use actix_web::web::Bytes;
use anyhow::Context as _;
use memchr::memmem::Finder;

use super::gzip_template::GzipTemplate;
use super::page_body::PageBody;
use super::placeholder::{END, Placeholder, SENTINEL, Values};
use crate::web::visitor::Visitor;

static FINDER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(SENTINEL.as_bytes()));

/// A page for everybody.
#[derive(Debug)]
pub(crate) struct PageTemplate {
    /// The page for an anonymous visitor, in UTF-8.
    html: Bytes,
    /// The placeholders, in order, with the bytes of their anonymous values.
    placeholders: Vec<(Range<usize>, Placeholder)>,
    /// The movie that the page is about.
    pub(crate) film: Option<i32>,
    /// For visitors without marks on the page's movies. Compressed on first use.
    gzip: OnceLock<GzipTemplate>,
}

impl PageTemplate {
    /// Finds the placeholders in the output of a template.
    ///
    /// # Errors
    /// When the template did anything with a placeholder but print it.
    pub(crate) fn new(rendered: &str, film: Option<i32>) -> anyhow::Result<Self> {
        let visitor = Visitor::anonymous();
        let anonymous = &Values::anonymous(&visitor);
        // The text before each placeholder, its anonymous value, and the placeholder.
        let (mut parts, mut values, mut rest) = (Vec::new(), String::new(), rendered);
        while let Some(at) = FINDER.find(rest.as_bytes()) {
            let named = &rest[at + SENTINEL.len()..];
            let (name, after) = named.split_once(END).context("a template cut a placeholder")?;
            let (placeholder, from) = (name.parse::<Placeholder>()?, values.len());
            placeholder.fill(anonymous, &mut values);
            parts.push((&rest[..at], from..values.len(), placeholder));
            rest = after;
        }
        // Long-lived: allocate exactly, without spare capacity.
        let size = parts.iter().map(|(before, ..)| before.len()).sum::<usize>();
        let mut html = String::with_capacity(size + values.len() + rest.len());
        let mut placeholders = Vec::with_capacity(parts.len());
        for (before, value, placeholder) in parts {
            html.push_str(before);
            let from = html.len();
            html.push_str(&values[value]);
            placeholders.push((from..html.len(), placeholder));
        }
        html.push_str(rest);
        Ok(Self { html: html.into(), placeholders, film, gzip: OnceLock::new() })
    }

    /// Returns the approximate size in memory, in bytes. A compressed copy takes a fifth of a page.
    pub(crate) fn size(&self) -> usize {
        self.html.len() + self.html.len() / 5 + size_of_val(self.placeholders.as_slice())
    }

    /// Returns the page for an anonymous visitor.
    ///
    /// # Errors
    /// Never: the page was made from text.
    pub(crate) fn render_anonymous(self) -> anyhow::Result<String> {
        Ok(String::from_utf8(self.html.into())?)
    }

    /// Returns the page with these values.
    pub(crate) fn fill(&self, values: &Values<'_>) -> PageBody {
        let (mut pieces, mut from) = (Vec::new(), 0);
        let visitor = values.visitor;
        let differing = |(_, one): &&(Range<usize>, Placeholder)| one.may_differ_for(visitor);
        for (at, placeholder) in self.placeholders.iter().filter(differing) {
            let mut text = String::new();
            placeholder.fill(values, &mut text);
            pieces.extend([self.html.slice(from..at.start), text.into()]);
            from = at.end;
        }
        pieces.push(self.html.slice(from..));
        pieces.into()
    }

    /// Returns the page with these values as a gzip file, compressed in advance. Returns `None` if
    /// the visitor has marked a movie of the page, which the compressed copy cannot show.
    ///
    /// # Errors
    /// When the compressor fails.
    pub(crate) fn fill_gzip(&self, values: &Values<'_>) -> anyhow::Result<Option<Vec<u8>>> {
        let is_marked = |(_, one): &(Range<usize>, Placeholder)| {
            one.mark().is_some() && one.may_differ_for(values.visitor)
        };
        if self.placeholders.iter().any(is_marked) {
            return Ok(None);
        }
        if let Some(template) = self.gzip.get() {
            return Ok(Some(template.fill(values)));
        }
        let template = self.compress()?;
        Ok(Some(self.gzip.get_or_init(|| template).fill(values)))
    }

    fn compress(&self) -> anyhow::Result<GzipTemplate> {
        let (mut parts, mut from) = (Vec::new(), 0);
        for (at, one) in self.placeholders.iter().filter(|(_, one)| one.mark().is_none()) {
            parts.push((&self.html[from..at.start], Some(*one)));
            from = at.end;
        }
        parts.push((&self.html[from..], None));
        GzipTemplate::new(parts.into_iter())
    }
}

#[cfg(test)]
mod tests {
    use actix_web::body::to_bytes;
    use futures_util::FutureExt;

    use super::*;

    /// Returns what a template prints for a placeholder.
    fn print(placeholder: Placeholder) -> String {
        serde_json::from_value(serde_json::to_value(placeholder).unwrap()).unwrap()
    }

    fn read(page: &PageTemplate) -> String {
        let body = to_bytes(page.fill(&Values::anonymous(&Visitor::anonymous())))
            .now_or_never()
            .unwrap()
            .unwrap();
        String::from_utf8(body.into()).unwrap()
    }

    #[test]
    fn page_template_fills_placeholders() {
        let placeholders = [Placeholder::Theme, Placeholder::SeenFilms, Placeholder::Listed(17)];
        let [theme, seen, listed] = placeholders.map(print);
        let html = format!("{theme}<p id=\"{seen}\">é{listed}</p>{theme}");
        let page = PageTemplate::new(&html, None).unwrap();
        assert_eq!(read(&page), "system<p id=\"none\">éfalse</p>system");
    }

    #[test]
    fn page_template_leaves_forged_placeholders() {
        let forged = print(Placeholder::Theme).replace(SENTINEL.as_str(), &"0".repeat(32));
        for text in [forged.as_str(), "theme;", "⟨theme⟩", ";", ""] {
            let page = PageTemplate::new(text, None).unwrap();
            assert_eq!(read(&page), text);
        }
    }

    #[test]
    fn page_template_rejects_damaged_placeholders() {
        let whole = print(Placeholder::Visits);
        assert!(PageTemplate::new(whole.trim_end_matches(END), None).is_err());
        assert!(PageTemplate::new(&whole.replace("visits", "VISITS"), None).is_err());
    }
}
