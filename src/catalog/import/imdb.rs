//! IMDb's files: title.basics, and as far as they are given title.crew, title.principals,
//! title.akas, title.ratings and name.basics.
//!
//! The real files have up to 90 million rows, so each is read once, from front to back, and only what
//! concerns a film is kept: rows of title.basics as text, credits as numbers, and the names of credited
//! people.

mod credits;
mod titles;
mod tsv;

use std::collections::HashMap;

use anyhow::{Context, bail};

use self::credits::{Characters, Credits, Names};
use self::titles::Titles;
use self::tsv::{Tsv, number};
use super::diagnostics::Diagnostics;
use super::input::Opened;
use super::source::{ReadOptions, Source, SourceRecord};
use crate::catalog::record::{CreditName, Key, PersonName};

/// The highest `ordering` of title.principals that is kept, and so the longest cast.
const MAX_CAST: u16 = 10;

pub struct Imdb {
    files: HashMap<&'static str, Opened>,
    rules: Rules,
    loaded: Option<Loaded>,
}

/// Which titles are films of interest.
struct Rules {
    title_types: Vec<String>,
    min_votes: u32,
}

/// The files that must be read before the first film.
struct Loaded {
    titles: Titles,
    directors: Credits,
    cast: Credits,
    characters: Characters,
    names: Names,
    originals: HashMap<u32, String>,
    /// Films yielded.
    done: usize,
}

/// Files by their columns: a renamed one is still known.
const BASICS: &str = "title.basics";
const CREW: &str = "title.crew";
const PRINCIPALS: &str = "title.principals";
const AKAS: &str = "title.akas";
const RATINGS: &str = "title.ratings";
const EPISODE: &str = "title.episode";
const NAMES: &str = "name.basics";

/// Whether a file with this beginning is one of these.
pub fn detects(head: &[u8]) -> bool {
    kind(head).is_some()
}

fn kind(head: &[u8]) -> Option<&'static str> {
    let header = std::str::from_utf8(head.split(|byte| *byte == b'\n').next()?).ok()?;
    let columns: Vec<&str> = header.trim_end().split('\t').collect();
    let has = |column| columns.contains(&column);
    match *columns.first()? {
        "titleId" => Some(AKAS),
        "nconst" => Some(NAMES),
        "tconst" if has("titleType") => Some(BASICS),
        "tconst" if has("nconst") => Some(PRINCIPALS),
        "tconst" if has("directors") => Some(CREW),
        "tconst" if has("numVotes") => Some(RATINGS),
        "tconst" if has("parentTconst") => Some(EPISODE),
        _ => None,
    }
}

impl Imdb {
    /// # Errors
    /// When a file is none of IMDb's, title.basics is missing, or there are two files of one kind.
    pub fn new(opened: Vec<Opened>, options: &ReadOptions) -> anyhow::Result<Self> {
        let mut files = HashMap::new();
        for file in opened {
            let name = file.name.clone();
            let kind = kind(&file.head).with_context(|| {
                format!("{name}: the columns are not those of one of IMDb's files")
            })?;
            if files.insert(kind, file).is_some() {
                bail!("{name}: there is another {kind}");
            }
        }
        if !files.contains_key(BASICS) {
            bail!("IMDb: title.basics is needed");
        }
        if files.contains_key(CREW) && !files.contains_key(NAMES) {
            bail!("IMDb: title.crew holds numbers only; name.basics is needed beside it");
        }
        if files.contains_key(PRINCIPALS) && !files.contains_key(NAMES) {
            bail!("IMDb: title.principals holds numbers only; name.basics is needed beside it");
        }
        let ReadOptions { title_types, min_votes, .. } = options.clone();
        Ok(Self { files, rules: Rules { title_types, min_votes }, loaded: None })
    }

    fn load(&mut self, diagnostics: &mut Diagnostics) -> anyhow::Result<Loaded> {
        let basics = self.files.remove(BASICS).context("title.basics was read before")?;
        let mut titles = Titles::read(basics, &self.rules.title_types, diagnostics)?;
        if let Some(file) = self.files.remove(RATINGS)
            && self.rules.min_votes > 0
        {
            titles.keep_voted(file, self.rules.min_votes, diagnostics)?;
        }
        let mut directors = Credits::default();
        if let Some(file) = self.files.remove(CREW) {
            crew(file, &mut titles, &mut directors, diagnostics)?;
        }
        let (mut cast, mut characters) = (Credits::default(), Characters::default());
        if let Some(file) = self.files.remove(PRINCIPALS) {
            principals(file, &mut titles, &mut cast, &mut characters, diagnostics)?;
        }
        directors.sort();
        cast.sort();
        characters.sort();
        let mut names = Names::of(&[&directors, &cast]);
        if let Some(file) = self.files.remove(NAMES) {
            names.read(file, diagnostics)?;
        }
        let mut originals = HashMap::new();
        if let Some(file) = self.files.remove(AKAS) {
            originals = original_titles(file, &mut titles, diagnostics)?;
        }
        Ok(Loaded { titles, directors, cast, characters, names, originals, done: 0 })
    }
}

impl Source for Imdb {
    fn next(&mut self, diagnostics: &mut Diagnostics) -> anyhow::Result<Option<SourceRecord>> {
        if self.loaded.is_none() {
            self.loaded = Some(self.load(diagnostics)?);
        }
        Ok(self.loaded.as_mut().and_then(|loaded| loaded.next(diagnostics)))
    }
}

impl Loaded {
    fn next(&mut self, diagnostics: &mut Diagnostics) -> Option<SourceRecord> {
        let film = self.titles.nth(self.done)?;
        self.done += 1;
        let (location, mut draft) =
            self.titles.draft(film, self.originals.get(&film).map(String::as_str));
        let mut named = |credits: &Credits| -> Vec<(u16, PersonName)> {
            let mut people = Vec::new();
            for (position, person) in credits.of(film) {
                match self.names.get(person) {
                    Some(name) => {
                        let (name, imdb) = (name.to_owned(), Some(format!("nm{person:07}")));
                        people.push((position, PersonName { name, imdb }));
                    }
                    None => {
                        let reason = format!("nm{person:07} is not in name.basics");
                        diagnostics.fix(&location, "a person without a name", reason);
                    }
                }
            }
            people
        };
        let part = |(position, person)| {
            let character = self.characters.get(film, position).map(str::to_owned);
            CreditName { person, character }
        };
        draft = draft
            .set_people(
                Key::Directors,
                named(&self.directors).into_iter().map(|(_, person)| person),
            )
            .set_people(Key::Cast, named(&self.cast).into_iter().map(part));
        Some(SourceRecord { location, draft })
    }
}

fn crew(
    file: Opened,
    titles: &mut Titles,
    directors: &mut Credits,
    diagnostics: &mut Diagnostics,
) -> anyhow::Result<()> {
    let mut tsv = Tsv::new(file, &["tconst", "directors"])?;
    while let Some(([title, people], location)) = tsv.next(diagnostics)? {
        let Some(film) = titles.find(title) else { continue };
        let people = people.split(',').filter(|person| *person != tsv::NULL);
        for (order, person) in (0_u16..).zip(people) {
            if !number(person).is_some_and(|person| directors.add(film, order, person)) {
                let reason = format!("{person:?} is not the number of a person");
                diagnostics.fix(location, "not the number of a person", reason);
            }
        }
    }
    Ok(())
}

fn principals(
    file: Opened,
    titles: &mut Titles,
    cast: &mut Credits,
    characters: &mut Characters,
    diagnostics: &mut Diagnostics,
) -> anyhow::Result<()> {
    let columns = ["tconst", "ordering", "nconst", "category", "characters"];
    let mut tsv = Tsv::new(file, &columns)?;
    while let Some(([title, ordering, person, category, named], location)) =
        tsv.next(diagnostics)?
    {
        let Some(film) = titles.find(title) else { continue };
        if !matches!(category, "actor" | "actress" | "self") {
            continue;
        }
        let credit = ordering.parse().ok().zip(number(person));
        let is_read = |(ordering, person)| ordering > MAX_CAST || cast.add(film, ordering, person);
        if !credit.is_some_and(is_read) {
            let reason = format!("{ordering:?} and {person:?} are not a position and a person");
            diagnostics.fix(location, "not the number of a person", reason);
        }
        if let Some((ordering, _)) = credit.filter(|(ordering, _)| *ordering <= MAX_CAST)
            && named != tsv::NULL
            && !characters.add(film, ordering, named)
        {
            let reason = format!("characters {named:?} are not a list; left out");
            diagnostics.fix(location, "not a list", reason);
        }
    }
    Ok(())
}

/// Titles that are marked as the original one and that title.basics does not have.
fn original_titles(
    file: Opened,
    titles: &mut Titles,
    diagnostics: &mut Diagnostics,
) -> anyhow::Result<HashMap<u32, String>> {
    let mut tsv = Tsv::new(file, &["titleId", "title", "isOriginalTitle"])?;
    let mut originals = HashMap::new();
    while let Some(([title, text, original], _)) = tsv.next(diagnostics)? {
        if original == "1"
            && let Some(film) = titles.find(title)
            && !titles.has(film, text)
        {
            originals.insert(film, text.to_owned());
        }
    }
    Ok(originals)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_detected_by_their_columns() {
        for (header, expected) in [
            ("tconst\ttitleType\tprimaryTitle\toriginalTitle", Some(BASICS)),
            ("tconst\tordering\tnconst\tcategory\tjob\tcharacters\r\n", Some(PRINCIPALS)),
            ("tconst\tdirectors\twriters\n", Some(CREW)),
            ("tconst\taverageRating\tnumVotes\n", Some(RATINGS)),
            ("titleId\tordering\ttitle", Some(AKAS)),
            ("nconst\tprimaryName", Some(NAMES)),
            ("title\tyear", None),
            ("", None),
        ] {
            assert_eq!(kind(header.as_bytes()), expected, "{header}");
        }
    }
}
