//! IMDb's files: title.basics, and as far as they are given title.crew, title.principals,
//! title.akas, title.ratings and name.basics.
//!
//! The real files have up to 90 million rows, so each is read once, from front to back, and only
//! what concerns a film is kept: rows of title.basics as text, credits as numbers, and the names of
//! those who are credited.

mod credits;
mod titles;
mod tsv;

use std::collections::HashMap;

use anyhow::{Context, bail};

use self::credits::{Credits, Names};
use self::titles::Titles;
use self::tsv::{Tsv, number};
use super::bytes::Opened;
use super::record::Person;
use super::report::Notes;
use super::source::{Entry, Reading, Source};

/// The highest `ordering` of title.principals that is kept, and so the longest cast.
const CAST: u16 = 10;

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

/// All that is to be known before the first film is complete.
struct Loaded {
    titles: Titles,
    directors: Credits,
    cast: Credits,
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

/// Whether a file that begins so is one of these.
pub fn recognises(head: &[u8]) -> bool {
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
    /// When a file is none of IMDb's, title.basics is missing, or there are two of one.
    pub fn new(opened: Vec<Opened>, reading: &Reading) -> anyhow::Result<Self> {
        let mut files = HashMap::new();
        for file in opened {
            let name = file.name.clone();
            let kind = kind(&file.head).with_context(|| format!("{name}: no file of IMDb's"))?;
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
        let Reading { title_types, min_votes, .. } = reading.clone();
        Ok(Self { files, rules: Rules { title_types, min_votes }, loaded: None })
    }

    fn load(&mut self, notes: &mut Notes) -> anyhow::Result<Loaded> {
        let basics = self.files.remove(BASICS).context("title.basics was read before")?;
        let mut titles = Titles::read(basics, &self.rules.title_types, notes)?;
        if let Some(file) = self.files.remove(RATINGS)
            && self.rules.min_votes > 0
        {
            titles.keep_voted(file, self.rules.min_votes, notes)?;
        }
        let mut directors = Credits::default();
        if let Some(file) = self.files.remove(CREW) {
            crew(file, &mut titles, &mut directors, notes)?;
        }
        let mut cast = Credits::default();
        if let Some(file) = self.files.remove(PRINCIPALS) {
            principals(file, &mut titles, &mut cast, notes)?;
        }
        directors.sort();
        cast.sort();
        let mut names = Names::wanted(&[&directors, &cast]);
        if let Some(file) = self.files.remove(NAMES) {
            names.read(file, notes)?;
        }
        let mut originals = HashMap::new();
        if let Some(file) = self.files.remove(AKAS) {
            originals = original_titles(file, &mut titles, notes)?;
        }
        Ok(Loaded { titles, directors, cast, names, originals, done: 0 })
    }
}

impl Source for Imdb {
    fn next(&mut self, notes: &mut Notes) -> anyhow::Result<Option<Entry>> {
        if self.loaded.is_none() {
            self.loaded = Some(self.load(notes)?);
        }
        Ok(self.loaded.as_mut().and_then(|loaded| loaded.next(notes)))
    }
}

impl Loaded {
    fn next(&mut self, notes: &mut Notes) -> Option<Entry> {
        let film = self.titles.nth(self.done)?;
        self.done += 1;
        let (place, mut draft) = self.titles.draft(film, notes);
        let mut named = |credits: &Credits| -> Vec<(u32, &str)> {
            let mut people = Vec::new();
            for person in credits.of(film) {
                match self.names.get(person) {
                    Some(name) => people.push((person, name)),
                    None => {
                        let reason = format!("nm{person:07} is not in name.basics");
                        notes.mend(&place, "a person without a name", reason);
                    }
                }
            }
            people
        };
        let director = |(person, name): (u32, &str)| Person {
            name: name.to_owned(),
            imdb: Some(format!("nm{person:07}")),
        };
        draft.directors = Some(named(&self.directors).into_iter().map(director).collect());
        draft.cast = Some(named(&self.cast).into_iter().map(|(_, name)| name.to_owned()).collect());
        if let Some(original) = self.originals.remove(&film) {
            draft.original_title = Some(original);
        }
        Some(Entry { place, draft })
    }
}

fn crew(
    file: Opened,
    titles: &mut Titles,
    directors: &mut Credits,
    notes: &mut Notes,
) -> anyhow::Result<()> {
    let mut tsv = Tsv::new(file, &["tconst", "directors"])?;
    while let Some(([title, people], place)) = tsv.next(notes)? {
        let Some(film) = titles.find(title) else { continue };
        let people = people.split(',').filter(|person| *person != tsv::NULL);
        for (order, person) in (0_u16..).zip(people) {
            if !number(person).is_some_and(|person| directors.add(film, order, person)) {
                let reason = format!("{person:?} is no number of a person");
                notes.mend(place, "no number of a person", reason);
            }
        }
    }
    Ok(())
}

fn principals(
    file: Opened,
    titles: &mut Titles,
    cast: &mut Credits,
    notes: &mut Notes,
) -> anyhow::Result<()> {
    let mut tsv = Tsv::new(file, &["tconst", "ordering", "nconst", "category"])?;
    while let Some(([title, ordering, person, category], place)) = tsv.next(notes)? {
        let Some(film) = titles.find(title) else { continue };
        if !matches!(category, "actor" | "actress" | "self") {
            continue;
        }
        let credit = ordering.parse().ok().zip(number(person));
        let is_read = |(ordering, person)| ordering > CAST || cast.add(film, ordering, person);
        if !credit.is_some_and(is_read) {
            let reason = format!("{ordering:?} and {person:?} are no place and no person");
            notes.mend(place, "no number of a person", reason);
        }
    }
    Ok(())
}

/// Titles that are marked as the original one and that title.basics does not have.
fn original_titles(
    file: Opened,
    titles: &mut Titles,
    notes: &mut Notes,
) -> anyhow::Result<HashMap<u32, String>> {
    let mut tsv = Tsv::new(file, &["titleId", "title", "isOriginalTitle"])?;
    let mut originals = HashMap::new();
    while let Some(([title, text, original], _)) = tsv.next(notes)? {
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
    fn files_are_known_by_their_columns() {
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
