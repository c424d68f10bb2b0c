//! The pages of a list.

use std::ops::Range;

use serde::Serialize;

use crate::web::error::LastPage;
use crate::web::http::query::Query;

/// The part of a list that a page shows, and links to the other pages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pagination {
    pub number: u32,
    pub last: u32,
    pub per_page: u32,
    pub total: i64,
    pub first_href: Option<String>,
    pub previous_href: Option<String>,
    pub next_href: Option<String>,
    pub last_href: Option<String>,
}

impl Pagination {
    /// Reads `page` from the query. Page 1 always exists; anything but a page number counts as 1.
    ///
    /// # Errors
    /// With the last page if the requested one is beyond it.
    pub fn new(path: &str, query: &Query<'_>, per_page: u32, total: i64) -> Result<Self, LastPage> {
        let pages = u32::try_from(total).unwrap_or(u32::MAX).div_ceil(per_page).max(1);
        let number = query.get("page").map_or(1, page_number);
        let rest = query.without(&["page"]);
        let href = |page: u32| match page {
            1 => rest.at(path),
            _ => rest.clone().with("page", page).at(path),
        };
        if number > pages {
            return Err(LastPage { href: href(pages), requested: number, pages });
        }
        let before = (1 < number).then_some(());
        let after = (number < pages).then_some(());
        Ok(Self {
            number,
            last: pages,
            per_page,
            total,
            first_href: before.map(|()| href(1)),
            previous_href: before.map(|()| href(number - 1)),
            next_href: after.map(|()| href(number + 1)),
            last_href: after.map(|()| href(pages)),
        })
    }

    /// Returns the positions in the list that the page shows.
    pub fn places(&self) -> Range<usize> {
        let per_page = self.per_page as usize;
        let from = (self.number as usize - 1) * per_page;
        from..from + per_page
    }

    pub fn offset(&self) -> i64 {
        i64::from(self.number - 1) * i64::from(self.per_page)
    }
}

/// Parses a page number; one too large for a `u32` is still beyond the end.
fn page_number(text: &str) -> u32 {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().unwrap_or(u32::MAX).max(1) } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages(query: &str, total: i64) -> Result<Pagination, LastPage> {
        Pagination::new("/movies", &Query::parse(query.as_bytes()), 24, total)
    }

    #[test]
    fn middle_page_links_to_all_others() {
        let page = pages("sort=title&page=2", 1312).unwrap();
        assert_eq!((page.number, page.last, page.offset()), (2, 55, 24));
        assert_eq!(page.first_href.as_deref(), Some("/movies?sort=title"));
        assert_eq!(page.previous_href.as_deref(), Some("/movies?sort=title"));
        assert_eq!(page.next_href.as_deref(), Some("/movies?sort=title&page=3"));
        assert_eq!(page.last_href.as_deref(), Some("/movies?sort=title&page=55"));
    }

    #[test]
    fn first_and_last_page_link_inwards_only() {
        let first = pages("", 25).unwrap();
        assert!(first.previous_href.is_none() && first.first_href.is_none());
        assert_eq!(first.next_href.as_deref(), Some("/movies?page=2"));
        let last = pages("page=2", 25).unwrap();
        assert!(last.next_href.is_none() && last.last_href.is_none());
        assert_eq!((pages("", 0).unwrap().number, pages("", 0).unwrap().last), (1, 1));
    }

    #[test]
    fn invalid_page_number_is_page_one_and_a_page_beyond_the_last_is_an_error() {
        for query in ["page=", "page=0", "page=-1", "page=x", "page=1.5", "page=%00"] {
            assert_eq!(pages(query, 100).unwrap().number, 1, "{query}");
        }
        for (query, requested) in [("page=6", 6), ("page=99999999999999999999", u32::MAX)] {
            let last = LastPage { href: "/movies?page=5".into(), requested, pages: 5 };
            assert_eq!(pages(query, 100), Err(last), "{query}");
        }
    }
}
