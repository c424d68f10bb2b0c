//! MovieLens: the current form (movies.csv, and links.csv and tags.csv if they are given) and the
//! older ones (movies.dat of 1M and 10M, u.item of 100k). Ratings are not read: the site shows no
//! ratings but the visitor's own.

mod title;

use std::collections::HashMap;

use anyhow::{Context, bail};

use super::bytes::Opened;
use super::lines::Lines;
use super::record::Draft;
use super::report::{Notes, Place};
use super::source::{Entry, Source};
use super::table::{RFC_4180, Table};

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

/// Visitors must agree on a tag before it becomes the film's, and only the most agreed on count.
const LEAST_TAGGERS: u32 = 3;
const MOST_TAGS: usize = 8;

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

/// What the other files say, by MovieLens' number.
#[derive(Default)]
struct Known {
    /// IMDb and TMDB.
    links: HashMap<u32, (Option<String>, Option<String>)>,
    tags: HashMap<u32, Vec<String>>,
}

/// What a file holds, by how it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Movies,
    Links,
    Tags,
    Ratings,
    Dat,
    Item,
}

/// Whether a file that begins so is one of these.
pub fn recognises(head: &[u8]) -> bool {
    kind(head).is_some()
}

fn kind(head: &[u8]) -> Option<Kind> {
    let line = head.split(|byte| *byte == b'\n').next()?;
    match line.trim_ascii_end() {
        b"movieId,title,genres" => return Some(Kind::Movies),
        b"movieId,imdbId,tmdbId" => return Some(Kind::Links),
        b"userId,movieId,tag,timestamp" => return Some(Kind::Tags),
        b"userId,movieId,rating,timestamp" => return Some(Kind::Ratings),
        _ => {}
    }
    let line = String::from_utf8_lossy(line);
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
            let kind = kind.with_context(|| format!("{name}: no file of films of MovieLens"))?;
            let table = |file| Table::open(file, RFC_4180, &[]);
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
    fn next(&mut self, notes: &mut Notes) -> anyhow::Result<Option<Entry>> {
        let known = match self.known.take() {
            Some(known) => known,
            None => Known::read(self.links.take(), self.tags.take(), notes)?,
        };
        let known = self.known.insert(known);
        while let Some(films) = self.films.last_mut() {
            match films.next(notes)? {
                Some((place, film)) => {
                    let draft = known.draft(film, &place, notes);
                    return Ok(Some(Entry { place, draft }));
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
    fn next(&mut self, notes: &mut Notes) -> anyhow::Result<Option<(Place, Film)>> {
        let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
        match self {
            Self::Table(table) => {
                if !table.next(notes)? {
                    return Ok(None);
                }
                let cell = |column| table.get(column).unwrap_or_default();
                let genres = owned(cell("genres").split('|').collect());
                let (id, title) = (cell("movieId").to_owned(), cell("title").to_owned());
                Ok(Some((table.place().clone(), Film { id, title, genres, released: None })))
            }
            Self::Dat(lines) => {
                let row = fields(lines, "::", 3, notes)?;
                Ok(row.map(|(place, row)| {
                    let genres = owned(row[2].split('|').collect());
                    let (id, title) = (row[0].clone(), row[1].clone());
                    (place, Film { id, title, genres, released: None })
                }))
            }
            Self::Item(lines) => {
                let row = fields(lines, "|", 24, notes)?;
                Ok(row.map(|(place, row)| {
                    let flags = GENRES_100K.iter().zip(&row[5..]);
                    let genres = flags.filter(|(_, flag)| flag.trim() == "1");
                    let genres = owned(genres.map(|(genre, _)| *genre).collect());
                    let (id, title) = (row[0].clone(), row[1].clone());
                    (place, Film { id, title, genres, released: day(&row[2]) })
                }))
            }
        }
    }
}

/// The next line that has as many fields as it should; others are reported.
fn fields(
    lines: &mut Lines,
    delimiter: &str,
    wanted: usize,
    notes: &mut Notes,
) -> anyhow::Result<Option<(Place, Vec<String>)>> {
    loop {
        let Some(line) = lines.next()? else { return Ok(None) };
        let row: Vec<String> = line.split(delimiter).map(str::to_owned).collect();
        let place = lines.place().clone();
        if row.len() == wanted {
            return Ok(Some((place, row)));
        }
        if !lines.ended() {
            bail!("{place}: the file is cut off");
        }
        let reason = format!("{} fields instead of {wanted}", row.len());
        notes.skip(&place, "a row of another width", reason);
    }
}

/// `01-Jan-1995` as `1995-01-01`.
fn day(text: &str) -> Option<String> {
    Some(chrono::NaiveDate::parse_from_str(text.trim(), "%d-%b-%Y").ok()?.to_string())
}

impl Known {
    fn read(links: Option<Table>, tags: Option<Table>, notes: &mut Notes) -> anyhow::Result<Self> {
        let mut known = Self::default();
        if let Some(mut table) = links {
            while table.next(notes)? {
                let Some(id) = number(&table, "movieId", notes) else { continue };
                let imdb = table.get("imdbId").map(|digits| format!("tt{digits:0>7}"));
                known.links.insert(id, (imdb, table.get("tmdbId").map(str::to_owned)));
            }
        }
        if let Some(table) = tags {
            known.tags = agreed(table, notes)?;
        }
        Ok(known)
    }

    fn draft(&self, film: Film, place: &Place, notes: &mut Notes) -> Draft {
        if film.title == "unknown" {
            // The row that 100k keeps for a film nobody could identify has no name to show.
            return Draft::default();
        }
        let title = title::read(&film.title, place, notes);
        let id: Option<u32> = film.id.trim().parse().ok();
        if id.is_none() {
            let reason = format!("movieId {:?} is no number", film.id);
            notes.mend(place, "no number", reason);
        }
        let (imdb, tmdb) = id.and_then(|id| self.links.get(&id)).cloned().unwrap_or_default();
        let is_genre = |genre: &String| !matches!(genre.as_str(), "(no genres listed)" | "unknown");
        Draft {
            title: Some(title.title),
            original_title: title.original,
            year: title.year,
            released: film.released,
            genres: Some(film.genres.into_iter().filter(is_genre).collect()),
            tags: id.and_then(|id| self.tags.get(&id)).cloned(),
            movielens: id.map(|id| id.to_string()),
            imdb,
            tmdb,
            ..Draft::default()
        }
    }
}

/// Each film's tags that several visitors gave, the most given first.
fn agreed(mut table: Table, notes: &mut Notes) -> anyhow::Result<HashMap<u32, Vec<String>>> {
    let mut numbers: HashMap<String, u32> = HashMap::new();
    let mut given: HashMap<(u32, u32), u32> = HashMap::new();
    while table.next(notes)? {
        let Some(film) = number(&table, "movieId", notes) else { continue };
        let Some(tag) = table.get("tag") else { continue };
        let next = u32::try_from(numbers.len()).context("too many tags")?;
        let tag = *numbers.entry(tag.to_lowercase()).or_insert(next);
        *given.entry((film, tag)).or_default() += 1;
    }
    let mut names: Vec<(u32, String)> =
        numbers.into_iter().map(|(name, tag)| (tag, name)).collect();
    names.sort_unstable();
    let mut kept: Vec<_> = given.into_iter().filter(|(_, times)| *times >= LEAST_TAGGERS).collect();
    kept.sort_unstable_by_key(|((film, tag), times)| (*film, std::cmp::Reverse(*times), *tag));
    let mut tags: HashMap<u32, Vec<String>> = HashMap::new();
    for ((film, tag), _) in kept {
        let of_film = tags.entry(film).or_default();
        if of_film.len() < MOST_TAGS {
            of_film.push(names[tag as usize].1.clone());
        }
    }
    Ok(tags)
}

fn number(table: &Table, column: &str, notes: &mut Notes) -> Option<u32> {
    let text = table.get(column).unwrap_or_default();
    let number = text.parse().ok();
    if number.is_none() {
        let reason = format!("{column} {text:?} is no number");
        notes.skip(table.place(), "no number", reason);
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_first_line() {
        let item = format!("1|Toy Story (1995)|01-Jan-1995||http://x|{}", ["0"; 19].join("|"));
        for (line, expected) in [
            ("movieId,title,genres\r\n1,A", Some(Kind::Movies)),
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
