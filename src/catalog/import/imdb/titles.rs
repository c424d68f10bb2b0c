//! The films among the rows of title.basics, kept as text until they are yielded.

use anyhow::Context;

use super::super::diagnostics::{Diagnostics, SourceLocation};
use super::super::input::Opened;
use super::tsv::{NULL, Tsv, number};
use crate::catalog::record::{Draft, Key};

pub struct Titles {
    location: SourceLocation,
    rows: Vec<Row>,
    /// Fields of all rows with tabs between: title, original title (empty if it is the same), year,
    /// minutes, genres.
    text: String,
    /// Indices of `rows` in order of number.
    by_number: Vec<u32>,
    /// The last film found: rows of one film mostly follow each other.
    last: (u32, Option<u32>),
}

struct Row {
    number: u32,
    line: u32,
    /// Of its fields in the text.
    start: u32,
}

impl Titles {
    pub fn read(
        file: Opened,
        title_types: &[String],
        diagnostics: &mut Diagnostics,
    ) -> anyhow::Result<Self> {
        let columns = [
            "tconst",
            "titleType",
            "primaryTitle",
            "originalTitle",
            "isAdult",
            "startYear",
            "runtimeMinutes",
            "genres",
        ];
        let mut tsv = Tsv::new(file, &columns)?;
        let location = tsv.location().clone();
        let (rows, text, by_number) = (Vec::new(), String::new(), Vec::new());
        let mut titles = Self { location, rows, text, by_number, last: (0, None) };
        while let Some(([id, kind, title, original, adult, year, minutes, genres], location)) =
            tsv.next(diagnostics)?
        {
            if !title_types.iter().any(|wanted| wanted == kind) {
                diagnostics.exclude("titles of another type");
                continue;
            }
            if adult == "1" {
                diagnostics.exclude("films for adults");
                continue;
            }
            let original = if original == title { "" } else { original };
            let start = titles.text.len();
            for field in [title, original, year, minutes, genres] {
                titles.text.push_str(field);
                titles.text.push('\t');
            }
            let Some(number) = number(id) else {
                titles.text.truncate(start);
                diagnostics.skip(
                    location,
                    "not the number of a title",
                    format!("{id:?} is not a tconst"),
                );
                continue;
            };
            let start = u32::try_from(start).context("title.basics holds too many films")?;
            let line = u32::try_from(location.line).context("title.basics is too long")?;
            titles.rows.push(Row { number, line, start });
        }
        titles.text.shrink_to_fit();
        titles.index(diagnostics)?;
        Ok(titles)
    }

    /// Sorts by number; of two rows with one number the first counts.
    fn index(&mut self, diagnostics: &mut Diagnostics) -> anyhow::Result<()> {
        let count = u32::try_from(self.rows.len()).context("title.basics holds too many films")?;
        let mut order: Vec<u32> = (0..count).collect();
        let number = |rows: &[Row], index: u32| rows[index as usize].number;
        order.sort_unstable_by_key(|index| (number(&self.rows, *index), *index));
        order.dedup_by(|second, first| {
            let again = number(&self.rows, *second) == number(&self.rows, *first);
            if again {
                let row = &self.rows[*second as usize];
                let location = SourceLocation { line: row.line.into(), ..self.location.clone() };
                let reason = format!("tt{:07} is in the file already", row.number);
                diagnostics.skip(&location, "a repeated record", reason);
            }
            again
        });
        self.by_number = order;
        Ok(())
    }

    /// Removes the films that have fewer votes.
    pub fn keep_voted(
        &mut self,
        ratings: Opened,
        min_votes: u32,
        diagnostics: &mut Diagnostics,
    ) -> anyhow::Result<()> {
        let mut kept = vec![false; self.rows.len()];
        let mut tsv = Tsv::new(ratings, &["tconst", "numVotes"])?;
        while let Some(([title, votes], _)) = tsv.next(diagnostics)? {
            let enough = votes.parse::<u32>().is_ok_and(|votes| votes >= min_votes);
            if enough && let Some(film) = self.find(title) {
                kept[film as usize] = true;
            }
        }
        let before = self.by_number.len();
        self.by_number.retain(|index| kept[*index as usize]);
        for _ in self.by_number.len()..before {
            diagnostics.exclude("films with fewer votes");
        }
        self.last = (0, None);
        Ok(())
    }

    /// Returns the film of that tconst.
    pub fn find(&mut self, title: &str) -> Option<u32> {
        let number = number(title)?;
        if self.last.0 != number {
            let of_row = |index: &u32| self.rows[*index as usize].number;
            let found = self.by_number.binary_search_by_key(&number, of_row);
            self.last = (number, found.ok().map(|at| self.by_number[at]));
        }
        self.last.1
    }

    /// Whether the row has that title, as the usual or as the original one.
    pub fn has(&self, film: u32, title: &str) -> bool {
        let mut fields = self.fields(&self.rows[film as usize]);
        let usual = fields.next() == Some(title);
        usual || fields.next() == Some(title)
    }

    /// Returns a film by its position in the order of numbers.
    pub fn nth(&self, nth: usize) -> Option<u32> {
        self.by_number.get(nth).copied()
    }

    /// Returns the draft of a film. The original title of title.akas, if any, counts before that of
    /// title.basics.
    pub fn draft(&self, film: u32, original: Option<&str>) -> (SourceLocation, Draft) {
        let row = &self.rows[film as usize];
        let location = SourceLocation { line: row.line.into(), ..self.location.clone() };
        let mut fields = self.fields(row).map(|field| if field == NULL { "" } else { field });
        let mut field = || fields.next().unwrap_or_default();
        let (title, of_basics, year, minutes, genres) =
            (field(), field(), field(), field(), field());
        let genres = genres.split(',').filter(|genre| !genre.is_empty());
        let draft = Draft::new()
            .set_column(Key::Title, "primaryTitle", Some(title))
            .set_column(Key::OriginalTitle, "originalTitle", Some(original.unwrap_or(of_basics)))
            .set_column(Key::Year, "startYear", Some(year))
            .set_column(Key::Runtime, "runtimeMinutes", Some(minutes))
            .set_list(Key::Genres, genres.map(str::to_owned))
            .set(Key::Imdb, format!("tt{:07}", row.number));
        (location, draft)
    }

    fn fields(&self, row: &Row) -> std::str::Split<'_, char> {
        self.text[row.start as usize..].split('\t')
    }
}
