//! The report on an upload.

use serde::Serialize;

use crate::catalog::lookup::MovieRef;
use crate::catalog::movies::Movie;
use crate::web::http::url;
use crate::web::pages::you::list_file::{MAX_LINES, Refusal};
use crate::web::render::page::Page;
use crate::web::visitor::Restored;

/// Maximum number of lines of one kind that are shown. The page counts all.
pub const MAX_SHOWN: usize = 30;
/// Maximum number of films that are offered for one ambiguous line.
pub const MAX_CHOICES: usize = 5;

/// The result of an import.
#[derive(Default, Serialize)]
pub struct ImportPage {
    /// `too_large`, `too_many_lines`, `no_title`, `not_a_list`, or empty.
    refusal: &'static str,
    /// Columns of a table without titles.
    columns: Vec<String>,
    max_lines: usize,
    /// The result of an export of this site.
    pub restored: Option<Restored>,
    /// The result of a list.
    imported: Option<Counts>,
    missing_count: usize,
    pub missing: Vec<LineText>,
    ambiguous_count: usize,
    pub ambiguous: Vec<Ambiguous>,
    /// Films that an older export identifies only by number.
    numbered_count: usize,
    numbered: Vec<Choice>,
    unreadable_count: usize,
    pub unreadable: Vec<LineText>,
    others_count: usize,
    others: Vec<String>,
    untitled_count: usize,
    untitled: Vec<LineText>,
    separate_count: usize,
    separate: Vec<String>,
    unused: Vec<String>,
}

/// A line of the file.
#[derive(Debug, Serialize)]
pub struct LineText {
    /// The name of the file in an archive, otherwise empty.
    file: String,
    line: u64,
    text: String,
}

/// A line that may mean several films.
#[derive(Serialize)]
pub struct Ambiguous {
    pub line: LineText,
    pub choices: Vec<Choice>,
}

#[derive(Serialize)]
pub struct Choice {
    href: String,
    title: String,
    year: Option<i16>,
}

/// Numbers of marks; `moved`, `already` and `no_room` are numbers of films.
#[derive(Default, Serialize)]
pub struct Counts {
    pub to_watchlist: usize,
    pub to_seen: usize,
    pub ratings: usize,
    /// Ratings rounded to half stars.
    pub rounded: usize,
    /// Rated films, which are marked as seen although the visitor chose the watchlist.
    pub moved: usize,
    pub already: usize,
    pub no_room: usize,
}

impl Page for ImportPage {
    const TEMPLATE: &'static str = "you/import.html";
}

impl ImportPage {
    pub fn refused(refusal: &Refusal) -> Self {
        let columns = match refusal {
            Refusal::NoTitle(columns) => columns.clone(),
            _ => Vec::new(),
        };
        let refusal = match refusal {
            Refusal::TooLarge => "too_large",
            Refusal::TooManyLines => "too_many_lines",
            Refusal::NoTitle(_) => "no_title",
            Refusal::NotAList => "not_a_list",
        };
        Self { refusal, columns, max_lines: MAX_LINES, ..Self::default() }
    }

    pub fn is_refused(&self) -> bool {
        !self.refusal.is_empty()
    }

    pub fn set_counts(&mut self, counts: Counts) {
        self.imported = Some(counts);
    }

    pub fn set_numbered(&mut self, count: usize, films: Vec<Choice>) {
        self.numbered_count = count;
        self.numbered = films;
    }

    pub fn set_skipped(
        &mut self,
        untitled: Vec<(String, u64)>,
        others: Vec<String>,
        separate: Vec<String>,
        unused: Vec<String>,
    ) {
        self.untitled_count = untitled.len();
        let lines = untitled.into_iter().take(MAX_SHOWN);
        self.untitled = lines.map(|(file, line)| LineText::value(&file, line, "")).collect();
        self.others_count = others.len();
        self.others = others;
        self.separate_count = separate.len();
        self.separate = separate;
        self.unused = unused;
    }

    /// Counts the lines of each kind, and removes those that are not shown.
    pub fn shorten(&mut self) {
        self.missing.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
        self.missing_count = self.missing.len();
        self.ambiguous_count = self.ambiguous.len();
        self.unreadable_count = self.unreadable.len();
        self.missing.truncate(MAX_SHOWN);
        self.ambiguous.truncate(MAX_SHOWN);
        self.unreadable.truncate(MAX_SHOWN);
        self.others.truncate(MAX_SHOWN);
        self.separate.truncate(MAX_SHOWN);
        self.unused.truncate(MAX_SHOWN);
    }
}

impl LineText {
    pub fn new(file: &str, line: u64, film: &MovieRef) -> Self {
        let year = film.year.map(|year| format!(" ({year})")).unwrap_or_default();
        Self::value(file, line, &format!("{}{year}", film.title))
    }

    pub fn value(file: &str, line: u64, text: &str) -> Self {
        Self { file: file.to_owned(), line, text: text.to_owned() }
    }
}

impl Choice {
    pub fn new(movie: &Movie) -> Self {
        Self { href: url::movie(&movie.slug), title: movie.title.clone(), year: movie.year }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::render::page::assert_complete;

    #[test]
    fn template_reads_only_fields_of_the_page() {
        for refusal in [
            Refusal::TooLarge,
            Refusal::TooManyLines,
            Refusal::NoTitle(vec!["a".into()]),
            Refusal::NotAList,
        ] {
            assert_complete(&ImportPage::refused(&refusal));
        }
        let line = || LineText::value("diary.csv", 3, "Dawn");
        let choice =
            || Choice { href: "/movies/dawn".into(), title: "Dawn".into(), year: Some(1950) };
        let mut page = ImportPage {
            missing: vec![line()],
            ambiguous: vec![Ambiguous { line: line(), choices: vec![choice()] }],
            unreadable: vec![line()],
            ..ImportPage::default()
        };
        page.restored = Some(Restored::default());
        let counts = Counts {
            to_watchlist: 1,
            to_seen: 2,
            ratings: 3,
            rounded: 4,
            moved: 5,
            already: 6,
            no_room: 7,
        };
        page.set_counts(counts);
        page.set_numbered(1, vec![choice()]);
        page.set_skipped(
            vec![(String::new(), 4)],
            vec!["Series".into()],
            vec!["likes/films.csv".into()],
            vec!["profile.csv".into()],
        );
        page.shorten();
        assert_complete(&page);
        page.set_counts(Counts::default());
        assert_complete(&page);
    }
}
