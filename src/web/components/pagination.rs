//! Page numbers in; offsets and links out.

use std::ops::Range;

use serde::Serialize;

use crate::web::http::query::{Query, join};
use crate::web::render::format::grouped;

/// Which part of a list a page shows, and the ways to the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pagination {
    pub number: u32,
    pub last: u32,
    pub per_page: u32,
    pub total: i64,
    /// "25–48 of 1,312"
    pub range: String,
    pub first_href: Option<String>,
    pub previous_href: Option<String>,
    pub next_href: Option<String>,
    pub last_href: Option<String>,
}

impl Pagination {
    /// `Err` holds the last page's address when the one asked for lies beyond. Page 1 always
    /// exists; what is no page number counts as 1.
    pub fn new(path: &str, query: &Query<'_>, per_page: u32, total: i64) -> Result<Self, String> {
        let pages = u32::try_from(total).unwrap_or(u32::MAX).div_ceil(per_page).max(1);
        let number = query.get("page").map_or(1, page_number);
        let rest = query.without(&["page"]);
        let href = |page: u32| match (page, rest.is_empty()) {
            (1, _) => join(path, &rest),
            (_, true) => format!("{path}?page={page}"),
            (_, false) => format!("{path}?{rest}&page={page}"),
        };
        if number > pages {
            return Err(href(pages));
        }
        let from = i64::from(number - 1) * i64::from(per_page) + 1;
        let to = (from + i64::from(per_page) - 1).min(total);
        let before = (1 < number).then_some(());
        let after = (number < pages).then_some(());
        Ok(Self {
            number,
            last: pages,
            per_page,
            total,
            range: format!("{}–{} of {}", grouped(from.min(to)), grouped(to), grouped(total)),
            first_href: before.map(|()| href(1)),
            previous_href: before.map(|()| href(number - 1)),
            next_href: after.map(|()| href(number + 1)),
            last_href: after.map(|()| href(pages)),
        })
    }

    /// The places of the list that the page shows.
    pub fn places(&self) -> Range<usize> {
        let per_page = self.per_page as usize;
        let from = (self.number as usize - 1) * per_page;
        from..from + per_page
    }

    pub fn offset(&self) -> i64 {
        i64::from(self.number - 1) * i64::from(self.per_page)
    }

    pub fn limit(&self) -> i64 {
        i64::from(self.per_page)
    }
}

/// More digits than a number holds still lie beyond the end.
fn page_number(text: &str) -> u32 {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().unwrap_or(u32::MAX).max(1) } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages(query: &str, total: i64) -> Result<Pagination, String> {
        Pagination::new("/movies", &Query::parse(query.as_bytes()), 24, total)
    }

    #[test]
    fn a_middle_page_leads_everywhere() {
        let page = pages("sort=title&page=2", 1312).unwrap();
        assert_eq!((page.number, page.last, page.offset()), (2, 55, 24));
        assert_eq!(page.range, "25–48 of 1,312");
        assert_eq!(page.first_href.as_deref(), Some("/movies?sort=title"));
        assert_eq!(page.previous_href.as_deref(), Some("/movies?sort=title"));
        assert_eq!(page.next_href.as_deref(), Some("/movies?sort=title&page=3"));
        assert_eq!(page.last_href.as_deref(), Some("/movies?sort=title&page=55"));
    }

    #[test]
    fn the_ends_lead_inwards_only() {
        let first = pages("", 25).unwrap();
        assert!(first.previous_href.is_none() && first.first_href.is_none());
        assert_eq!(first.next_href.as_deref(), Some("/movies?page=2"));
        let last = pages("page=2", 25).unwrap();
        assert!(last.next_href.is_none() && last.last_href.is_none());
        assert_eq!(last.range, "25–25 of 25");
        assert_eq!(pages("", 0).unwrap().range, "0–0 of 0");
    }

    #[test]
    fn nonsense_is_page_one_and_beyond_the_end_is_no_page() {
        for query in ["page=", "page=0", "page=-1", "page=x", "page=1.5", "page=%00"] {
            assert_eq!(pages(query, 100).unwrap().number, 1, "{query}");
        }
        assert_eq!(pages("page=6", 100), Err("/movies?page=5".into()));
        assert_eq!(pages("page=99999999999999999999", 100), Err("/movies?page=5".into()));
    }
}
