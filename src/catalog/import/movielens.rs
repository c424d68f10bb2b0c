//! MovieLens: the current form (movies.csv, and links.csv and tags.csv if they are given) and the
//! older ones (movies.dat of 1M and 10M, u.item of 100k). Ratings are not read: the site shows only
//! visitors' own.

mod title;

use std::collections::HashMap;

use anyhow::{Context, bail};

use super::diagnostics::{Diagnostics, SourceLocation};
use super::generic::csv;
use super::input::Opened;
use super::lines::Lines;
use super::source::{Source, SourceRecord};
use super::table::{Dialect, RFC_4180, Table};
use crate::catalog::record::{Draft, Key};

/// The genres of u.item, one column for each.
const GENRES_100K: [&str; 19] = [
    "unknown",
    "Action",
    "Adventure",
    "Animation",
    "Children's",
    "Comedy",
    "Crime",
    "Documentary",
    "Drama",
    "Fantasy",
    "Film-Noir",
    "Horror",
    "Musical",
    "Mystery",
    "Romance",
    "Sci-Fi",
    "Thriller",
    "War",
    "Western",
];

/// People who must give a tag before it becomes the film's.
const MIN_TAGGERS: u32 = 3;
const MAX_TAGS: usize = 8;

pub struct Movielens {
    films: Vec<Films>,
    links: Option<Table>,
    tags: Option<Table>,
    known: Option<Known>,
}

enum Films {
    Table(Table),
    /// `id::title::genres`
    Dat(Lines),
    /// `id|title|date||address|19 flags`
    Item(Lines),
}

/// Facts of the other files, by MovieLens' number.
#[derive(Default)]
struct Known {
    /// IMDb and TMDB.
    links: HashMap<u32, (Option<String>, Option<String>)>,
    tags: HashMap<u32, Vec<String>>,
}

/// The content of a file, known by its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Movies,
    Links,
    Tags,
    Ratings,
    Dat,
    Item,
}

/// Whether a file with this beginning is one of these.
pub fn detects(head: &[u8]) -> bool {
    kind(head).is_some()
}

/// The header may be quoted, and spreadsheets use other delimiters.
fn kind(head: &[u8]) -> Option<Kind> {
    let line = head.split(|byte| *byte == b'\n').next()?;
    let line = String::from_utf8_lossy(line.trim_ascii_end());
    let plain: String = line.chars().filter(|letter| *letter != '"').collect();
    match plain.replace([';', '\t'], ",").as_str() {
        "movieId,title,genres" => return Some(Kind::Movies),
        "movieId,imdbId,tmdbId" => return Some(Kind::Links),
        "userId,movieId,tag,timestamp" => return Some(Kind::Tags),
        "userId,movieId,rating,timestamp" => return Some(Kind::Ratings),
        _ => {}
    }
    let is_number = |text: &str| text.trim().parse::<u64>().is_ok();
    let fields: Vec<&str> = line.split("::").collect();
    if fields.len() == 3 && is_number(fields[0]) && !is_number(fields[2]) {
        return Some(Kind::Dat);
    }
    let fields: Vec<&str> = line.split('|').collect();
    (fields.len() == 24 && is_number(fields[0])).then_some(Kind::Item)
}

impl Movielens {
    /// # Errors
    /// When a file is none of these, or none holds films.
    pub fn new(files: Vec<Opened>) -> anyhow::Result<Self> {
        let mut movielens = Self { films: Vec::new(), links: None, tags: None, known: None };
        for file in files {
            let kind = kind(&file.head);
            let name = file.name.clone();
            let kind = kind.with_context(|| {
                format!("{name}: the first line is not that of one of MovieLens' files")
            })?;
            let delimiter = csv::delimiter(&file.head);
            let table = |file| Table::open(file, Dialect { delimiter, ..RFC_4180 }, &[]);
            match kind {
                Kind::Movies => movielens.films.push(Films::Table(table(file)?)),
                Kind::Dat => movielens.films.push(Films::Dat(Lines::lenient(file))),
                Kind::Item => movielens.films.push(Films::Item(Lines::lenient(file))),
                Kind::Links => movielens.links = Some(table(file)?),
                Kind::Tags => movielens.tags = Some(table(file)?),
                Kind::Ratings => log::info!("{name}: ratings are not imported"),
            }
        }
        if movielens.films.is_empty() {
            bail!("MovieLens: no file holds films; movies.csv is needed");
        }
        movielens.films.reverse();
        Ok(movielens)
    }
}

impl Source for Movielens {
    fn next(&mut self, diagnostics: &mut Diagnostics) -> anyhow::Result<Option<SourceRecord>> {
        let known = match self.known.take() {
            Some(known) => known,
            None => Known::read(self.links.take(), self.tags.take(), diagnostics)?,
        };
        let known = self.known.insert(known);
        while let Some(films) = self.films.last_mut() {
            match films.next(diagnostics)? {
                Some((location, film)) => {
                    if let Some(draft) = known.draft(film, &location, diagnostics) {
                        return Ok(Some(SourceRecord { location, draft }));
                    }
                }
                None => _ = self.films.pop(),
            }
        }
        Ok(None)
    }
}

/// A film as the file has it.
#[derive(Default)]
struct Film {
    id: String,
    title: String,
    genres: Vec<String>,
    released: Option<String>,
}

impl Films {
    fn next(
        &mut self,
        diagnostics: &mut Diagnostics,
    ) -> anyhow::Result<Option<(SourceLocation, Film)>> {
        let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
        match self {
            Self::Table(table) => {
                if !table.next(diagnostics)? {
                    return Ok(None);
                }
                let cell = |column| table.get(column).unwrap_or_default();
                let genres = owned(cell("genres").split('|').collect());
                let (id, title) = (cell("movieId").to_owned(), cell("title").to_owned());
                Ok(Some((table.location().clone(), Film { id, title, genres, released: None })))
            }
            Self::Dat(lines) => {
                let row = fields(lines, "::", 3, diagnostics)?;
                Ok(row.map(|(location, row)| {
                    let genres = owned(row[2].split('|').collect());
                    let (id, title) = (row[0].clone(), row[1].clone());
                    (location, Film { id, title, genres, released: None })
                }))
            }
            Self::Item(lines) => {
                let row = fields(lines, "|", 24, diagnostics)?;
                Ok(row.map(|(location, row)| {
                    let flags = GENRES_100K.iter().zip(&row[5..]);
                    let genres = flags.filter(|(_, flag)| flag.trim() == "1");
                    let genres = owned(genres.map(|(genre, _)| *genre).collect());
                    let (id, title) = (row[0].clone(), row[1].clone());
                    (location, Film { id, title, genres, released: day(&row[2]) })
                }))
            }
        }
    }
}

/// Returns the next line with the right number of fields; others are reported.
fn fields(
    lines: &mut Lines,
    delimiter: &str,
    wanted: usize,
    diagnostics: &mut Diagnostics,
) -> anyhow::Result<Option<(SourceLocation, Vec<String>)>> {
    loop {
        let Some(line) = lines.next()? else { return Ok(None) };
        let row: Vec<String> = line.split(delimiter).map(str::to_owned).collect();
        let location = lines.location().clone();
        if row.len() == wanted {
            return Ok(Some((location, row)));
        }
        if !lines.ended() {
            bail!("{location}: the file is cut off");
        }
        let reason = format!("{} fields instead of {wanted}", row.len());
        diagnostics.skip(&location, "a row with another number of columns", reason);
    }
}

/// `01-Jan-1995` as `1995-01-01`.
fn day(text: &str) -> Option<String> {
    Some(chrono::NaiveDate::parse_from_str(text.trim(), "%d-%b-%Y").ok()?.to_string())
}

impl Known {
    fn read(
        links: Option<Table>,
        tags: Option<Table>,
        diagnostics: &mut Diagnostics,
    ) -> anyhow::Result<Self> {
        let mut known = Self::default();
        if let Some(mut table) = links {
            while table.next(diagnostics)? {
                let Some(id) = number(&table, "movieId", diagnostics) else { continue };
                let imdb = table.get("imdbId").map(|digits| format!("tt{digits:0>7}"));
                known.links.insert(id, (imdb, table.get("tmdbId").map(str::to_owned)));
            }
        }
        if let Some(table) = tags {
            known.tags = frequent_tags(table, diagnostics)?;
        }
        Ok(known)
    }

    /// Returns the draft of a film; `None`, reported, for the row that 100k keeps for films that nobody
    /// could identify.
    fn draft(
        &self,
        film: Film,
        location: &SourceLocation,
        diagnostics: &mut Diagnostics,
    ) -> Option<Draft> {
        if film.title == "unknown" {
            diagnostics.skip(location, "an unknown film", "the film is \"unknown\"");
            return None;
        }
        let title = title::read(&film.title, location, diagnostics);
        let id: Option<u32> = film.id.trim().parse().ok();
        let (imdb, tmdb) = id.and_then(|id| self.links.get(&id)).cloned().unwrap_or_default();
        let is_genre = |genre: &String| !matches!(genre.as_str(), "(no genres listed)" | "unknown");
        let draft = Draft::new()
            .set(Key::Title, title.title)
            .set_some(Key::OriginalTitle, title.original)
            .set_some(Key::Year, title.year.map(|year| year.to_string()))
            .set_some(Key::Released, film.released)
            .set_list(Key::Genres, film.genres.into_iter().filter(is_genre))
            .set_list(Key::Tags, id.and_then(|id| self.tags.get(&id)).cloned().unwrap_or_default())
            .set_column(Key::Movielens, "movieId", Some(&film.id))
            .set_some(Key::Imdb, imdb)
            .set_some(Key::Tmdb, tmdb);
        Some(draft)
    }
}

/// Returns each film's tags that several people gave, the most frequent first.
fn frequent_tags(
    mut table: Table,
    diagnostics: &mut Diagnostics,
) -> anyhow::Result<HashMap<u32, Vec<String>>> {
    let mut numbers: HashMap<String, u32> = HashMap::new();
    let mut given: HashMap<(u32, u32), u32> = HashMap::new();
    while table.next(diagnostics)? {
        let Some(film) = number(&table, "movieId", diagnostics) else { continue };
        let Some(tag) = table.get("tag") else { continue };
        let next = u32::try_from(numbers.len()).context("too many tags")?;
        let tag = *numbers.entry(tag.to_lowercase()).or_insert(next);
        *given.entry((film, tag)).or_default() += 1;
    }
    let mut names: Vec<(u32, String)> =
        numbers.into_iter().map(|(name, tag)| (tag, name)).collect();
    names.sort_unstable();
    let mut kept: Vec<_> = given.into_iter().filter(|(_, times)| *times >= MIN_TAGGERS).collect();
    kept.sort_unstable_by_key(|((film, tag), times)| (*film, std::cmp::Reverse(*times), *tag));
    let mut tags: HashMap<u32, Vec<String>> = HashMap::new();
    for ((film, tag), _) in kept {
        let of_film = tags.entry(film).or_default();
        if of_film.len() < MAX_TAGS {
            of_film.push(names[tag as usize].1.clone());
        }
    }
    Ok(tags)
}

fn number(table: &Table, column: &str, diagnostics: &mut Diagnostics) -> Option<u32> {
    let text = table.get(column).unwrap_or_default();
    let number = text.parse().ok();
    if number.is_none() {
        let reason = format!("{column} {text:?} is not a number");
        diagnostics.skip(table.location(), "not a number", reason);
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_detected_by_their_first_line() {
        let item = format!("1|Toy Story (1995)|01-Jan-1995||http://x|{}", ["0"; 19].join("|"));
        for (line, expected) in [
            ("movieId,title,genres\r\n1,A", Some(Kind::Movies)),
            ("\"movieId\";\"title\";\"genres\"\n", Some(Kind::Movies)),
            ("1::Toy Story (1995)::Animation|Comedy\n", Some(Kind::Dat)),
            (&item, Some(Kind::Item)),
            ("1::1193::5::978300760\n", None),
            ("1::F::1::10::48067", None),
            ("title,year", None),
        ] {
            assert_eq!(kind(line.as_bytes()), expected, "{line}");
        }
        assert_eq!(day("26-Jan-1996").as_deref(), Some("1996-01-26"));
    }
}
