//! The films among the rows of title.basics, kept as text until their turn comes.

use anyhow::Context;

use super::super::bytes::Opened;
use super::super::clean;
use super::super::record::Draft;
use super::super::report::{Notes, Place};
use super::tsv::{NULL, Tsv, number};

pub struct Titles {
    place: Place,
    rows: Vec<Row>,
    /// Fields of all rows with tabs between: title, original title (empty if it is the same), year,
    /// minutes, genres.
    text: String,
    /// Indices of `rows` in order of number.
    by_number: Vec<u32>,
    /// Rows of one film mostly follow each other in every file.
    last: (u32, Option<u32>),
}

struct Row {
    number: u32,
    line: u32,
    /// Of its fields in the text.
    start: u32,
}

impl Titles {
    pub fn read(file: Opened, title_types: &[String], notes: &mut Notes) -> anyhow::Result<Self> {
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
        let place = tsv.place().clone();
        let (rows, text, by_number) = (Vec::new(), String::new(), Vec::new());
        let mut titles = Self { place, rows, text, by_number, last: (0, None) };
        while let Some(([id, kind, title, original, adult, year, minutes, genres], place)) =
            tsv.next(notes)?
        {
            if !title_types.iter().any(|wanted| wanted == kind) {
                notes.pass_over("titles of another type");
                continue;
            }
            if adult == "1" {
                notes.pass_over("films for adults");
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
                notes.skip(place, "no number of a title", format!("{id:?} is no tconst"));
                continue;
            };
            let start = u32::try_from(start).context("title.basics holds too many films")?;
            let line = u32::try_from(place.line).context("title.basics is too long")?;
            titles.rows.push(Row { number, line, start });
        }
        titles.text.shrink_to_fit();
        titles.index(notes)?;
        Ok(titles)
    }

    /// Finds the order of numbers; of two rows with one number the first is meant.
    fn index(&mut self, notes: &mut Notes) -> anyhow::Result<()> {
        let count = u32::try_from(self.rows.len()).context("title.basics holds too many films")?;
        let mut order: Vec<u32> = (0..count).collect();
        let number = |rows: &[Row], index: u32| rows[index as usize].number;
        order.sort_unstable_by_key(|index| (number(&self.rows, *index), *index));
        order.dedup_by(|second, first| {
            let again = number(&self.rows, *second) == number(&self.rows, *first);
            if again {
                let row = &self.rows[*second as usize];
                let place = Place { line: row.line.into(), ..self.place.clone() };
                let reason = format!("tt{:07} stands in the file already", row.number);
                notes.skip(&place, "a repeated record", reason);
            }
            again
        });
        self.by_number = order;
        Ok(())
    }

    /// Leaves the films that have that many votes.
    pub fn keep_voted(
        &mut self,
        ratings: Opened,
        min_votes: u32,
        notes: &mut Notes,
    ) -> anyhow::Result<()> {
        let mut kept = vec![false; self.rows.len()];
        let mut tsv = Tsv::new(ratings, &["tconst", "numVotes"])?;
        while let Some(([title, votes], _)) = tsv.next(notes)? {
            let enough = votes.parse::<u32>().is_ok_and(|votes| votes >= min_votes);
            if enough && let Some(film) = self.find(title) {
                kept[film as usize] = true;
            }
        }
        let before = self.by_number.len();
        self.by_number.retain(|index| kept[*index as usize]);
        for _ in self.by_number.len()..before {
            notes.pass_over("films with fewer votes");
        }
        self.last = (0, None);
        Ok(())
    }

    /// The film of that tconst.
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

    /// The film after so many others, in order of number.
    pub fn nth(&self, nth: usize) -> Option<u32> {
        self.by_number.get(nth).copied()
    }

    pub fn draft(&self, film: u32, notes: &mut Notes) -> (Place, Draft) {
        let row = &self.rows[film as usize];
        let place = Place { line: row.line.into(), ..self.place.clone() };
        let mut fields = self.fields(row).map(|field| if field == NULL { "" } else { field });
        let mut field = || fields.next().unwrap_or_default();
        let (title, original, year, minutes, genres) =
            (field(), field(), field(), field(), field());
        let genres = genres.split(',').filter(|genre| !genre.is_empty());
        let draft = Draft {
            title: Some(title.to_owned()),
            original_title: Some(original.to_owned()),
            year: clean::number("startYear", year, &place, notes),
            runtime: clean::number("runtimeMinutes", minutes, &place, notes),
            genres: Some(genres.map(str::to_owned).collect()),
            imdb: Some(format!("tt{:07}", row.number)),
            ..Draft::default()
        };
        (place, draft)
    }

    fn fields(&self, row: &Row) -> std::str::Split<'_, char> {
        self.text[row.start as usize..].split('\t')
    }
}
