//! Well-known exports in CSV, JSON or XML, whose columns mean something else than their names say.

use super::mapping::RawField;
use super::usual_columns::{normalize, usual_field};
use crate::catalog::record::{Key, Value};

/// How the columns of one program's exports are read.
#[derive(Debug, Clone, Default)]
pub struct Profile {
    /// The program, for messages; empty for files of any other origin.
    pub name: &'static str,
    /// The list that `id` values belong to; unset: that of the file.
    pub list: Option<&'static str>,
    /// Normalised columns with their fields; `None` for columns that are not used.
    columns: Vec<(String, Option<Key>)>,
    /// Delimiters of the values in one cell; unset: found in each cell.
    pub separators: Option<&'static [char]>,
    /// A column that says what kind of title a record is about, and the kinds that are films.
    kinds: Option<(&'static str, Vec<String>)>,
    /// Whether texts are TMDB's.
    pub is_tmdb: bool,
    /// Whether several rows may be about one film, as in results of Wikidata's query service.
    pub merges_rows: bool,
    /// Whether the order of keys has no meaning.
    pub is_unordered: bool,
    /// Whether keys are those of Marquee's own form.
    is_own: bool,
}

type ColumnTable = &'static [(&'static str, Option<Key>)];

const RADARR: ColumnTable = &[
    ("incinemas", Some(Key::Released)),
    ("releasedate", None),
    ("physicalrelease", None),
    ("digitalrelease", None),
    ("originallanguagename", Some(Key::Language)),
    ("originallanguageid", None),
    ("tags", None),
    ("id", Some(Key::Id)),
];

const TMDB: ColumnTable = &[
    ("id", Some(Key::Tmdb)),
    ("genreids", Some(Key::Genres)),
    ("keywordskeywords", Some(Key::Tags)),
    ("origincountry", None),
];

const TRAKT: ColumnTable = &[
    ("idstrakt", None),
    ("idsslug", None),
    ("released", Some(Key::Released)),
    ("year", Some(Key::Year)),
];

const LETTERBOXD: ColumnTable = &[
    ("date", None),
    ("watcheddate", None),
    ("tags", None),
    ("description", None),
    ("position", None),
];

const IMDB_LIST: ColumnTable = &[
    ("const", Some(Key::Imdb)),
    ("description", None),
    ("position", None),
    ("created", None),
    ("url", None),
    ("releasedate", Some(Key::Released)),
];

const SCHEMA_ORG: ColumnTable = &[
    ("name", Some(Key::Title)),
    ("alternatename", Some(Key::OriginalTitle)),
    ("datepublished", Some(Key::Released)),
    ("datecreated", Some(Key::Released)),
    ("inlanguage", Some(Key::Language)),
    ("countryoforigin", Some(Key::Country)),
    ("sameas", Some(Key::Link)),
    ("id", None),
    ("url", None),
    ("position", None),
];

const KODI: ColumnTable = &[
    ("uniqueidimdb", Some(Key::Imdb)),
    ("uniqueidtmdb", Some(Key::Tmdb)),
    ("uniqueidwikidata", Some(Key::Wikidata)),
    ("id", Some(Key::Imdb)),
    ("imdbid", Some(Key::Imdb)),
    ("tag", Some(Key::Tags)),
    ("actor", Some(Key::Cast)),
    ("name", None),
];

/// TMDB's genres of films, which its lists name by number.
const TMDB_GENRES: [(&str, &str); 19] = [
    ("28", "Action"),
    ("12", "Adventure"),
    ("16", "Animation"),
    ("35", "Comedy"),
    ("80", "Crime"),
    ("99", "Documentary"),
    ("18", "Drama"),
    ("10751", "Family"),
    ("14", "Fantasy"),
    ("36", "History"),
    ("27", "Horror"),
    ("10402", "Music"),
    ("9648", "Mystery"),
    ("10749", "Romance"),
    ("878", "Science Fiction"),
    ("10770", "TV Movie"),
    ("53", "Thriller"),
    ("10752", "War"),
    ("37", "Western"),
];

impl Profile {
    /// Returns the profile of a file with these columns, of any origin where none is known.
    pub fn detect(columns: &[&str], title_types: &[String]) -> Self {
        let names: Vec<String> = columns.iter().map(|column| normalize(column)).collect();
        let has = |wanted: &[&str]| wanted.iter().all(|name| names.iter().any(|n| n == name));
        let any = |wanted: &[&str]| wanted.iter().any(|name| names.iter().any(|n| n == name));
        let titles = || title_types.iter().map(|kind| normalize(kind)).collect();
        if has(&["letterboxduri"]) {
            return Self::of("Letterboxd", LETTERBOXD);
        }
        if has(&["const", "titletype"]) {
            let kinds = Some(("titletype", titles()));
            return Self { kinds, separators: Some(&[',']), ..Self::of("an IMDb list", IMDB_LIST) };
        }
        if has(&["tmdbid"]) && any(&["sorttitle", "incinemas", "titleslug"]) {
            let profile = Self::of("Radarr", RADARR);
            return Self { list: Some("radarr"), is_tmdb: true, ..profile };
        }
        if has(&["originaltitle", "originallanguage", "overview", "id"]) {
            let kinds = Some(("mediatype", vec!["movie".to_owned()]));
            return Self { is_tmdb: true, kinds, ..Self::of("TMDB", TMDB) };
        }
        if has(&["idstrakt"]) {
            return Self::of("Trakt", TRAKT);
        }
        if has(&["type", "name"]) && columns.iter().any(|column| column.ends_with("@type")) {
            let kinds = Some(("type", vec!["movie".to_owned()]));
            return Self { kinds, ..Self::of("schema.org", SCHEMA_ORG) };
        }
        Self::wikidata(columns).unwrap_or_default()
    }

    /// Marquee's own form.
    pub fn own() -> Self {
        Self { name: "Marquee", is_own: true, ..Self::default() }
    }

    pub fn kodi() -> Self {
        Self { list: Some("kodi"), ..Self::of("Kodi", KODI) }
    }

    fn of(name: &'static str, table: ColumnTable) -> Self {
        let columns = table.iter().map(|(column, key)| ((*column).to_owned(), *key)).collect();
        Self { name, columns, ..Self::default() }
    }

    /// Results of Wikidata's query service: `?film` is an item, `?filmLabel` its name. The first item
    /// with a label is the film.
    fn wikidata(columns: &[&str]) -> Option<Self> {
        let labelled = |column: &&&str| {
            let label = format!("{column}Label");
            columns.contains(&label.as_str())
        };
        let usual = ["item", "film", "movie"];
        let film = columns.iter().find(|column| usual.contains(*column) && labelled(column))?;
        let mut fields = vec![
            (normalize(film), Some(Key::Wikidata)),
            (normalize(&format!("{film}Label")), Some(Key::Title)),
            (normalize(&format!("{film}Description")), None),
        ];
        for column in columns.iter().filter(|column| *column != film && labelled(column)) {
            let label = normalize(&format!("{column}Label"));
            let field = usual_field(column).map(|(key, _)| key);
            fields.push((normalize(column), None));
            fields.push((label, field));
        }
        Some(Self { name: "Wikidata", columns: fields, merges_rows: true, ..Self::default() })
    }

    /// Returns the field of a column that this profile knows.
    pub fn field(&self, column: &str) -> Option<Option<Key>> {
        if self.is_own
            && let Some(key) = Key::from_name(column)
        {
            return Some(Some(key));
        }
        let name = normalize(column);
        self.columns.iter().find(|(known, _)| *known == name).map(|(_, field)| *field)
    }

    /// Returns why a record is about something else than a film.
    pub fn excludes(&self, fields: &[RawField]) -> Option<&'static str> {
        let is_true =
            |value: &Value| matches!(value, Value::Text(text) if text.eq_ignore_ascii_case("true"));
        let is_adult =
            |field: &RawField| field.column == "adult" && field.values.iter().any(is_true);
        if self.is_tmdb && fields.iter().any(is_adult) {
            return Some("films for adults");
        }
        let (column, films) = self.kinds.as_ref()?;
        let mut kinds = fields.iter().filter(|field| normalize(&field.column) == *column);
        let is_film = |value: &Value| match value {
            Value::Text(text) => films.contains(&normalize(text)),
            _ => false,
        };
        let kind = kinds.next().filter(|field| !field.values.is_empty())?;
        (!kind.values.iter().any(is_film)).then_some("titles of another type")
    }

    /// Returns a value as it is usually written.
    pub fn value(&self, key: Key, text: String) -> String {
        if self.is_tmdb && key == Key::Genres {
            let genre = TMDB_GENRES.iter().find(|(number, _)| *number == text.trim());
            return genre.map_or(text, |(_, name)| (*name).to_owned());
        }
        // TMDB and Radarr write 0 for a running time that is not known.
        if self.is_tmdb && key == Key::Runtime && matches!(text.trim(), "0" | "0.0") {
            return String::new();
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(columns: &[&str]) -> &'static str {
        Profile::detect(columns, &[]).name
    }

    #[test]
    fn exports_are_known_by_their_columns() {
        assert_eq!(name(&["Date", "Name", "Year", "Letterboxd URI"]), "Letterboxd");
        assert_eq!(name(&["Position", "Const", "Title", "Title Type"]), "an IMDb list");
        assert_eq!(name(&["title", "sortTitle", "tmdbId"]), "Radarr");
        assert_eq!(name(&["id", "original_title", "original_language", "overview"]), "TMDB");
        assert_eq!(name(&["title", "year", "ids.trakt"]), "Trakt");
        assert_eq!(name(&["@type", "name"]), "schema.org");
        assert_eq!(name(&["film", "filmLabel", "directorLabel"]), "Wikidata");
        assert_eq!(name(&["title", "year", "id"]), "");
    }

    #[test]
    fn wikidata_items_are_replaced_by_labels() {
        let profile =
            Profile::detect(&["film", "filmLabel", "country", "countryLabel", "imdb"], &[]);
        assert_eq!(profile.field("film"), Some(Some(Key::Wikidata)));
        assert_eq!(profile.field("filmLabel"), Some(Some(Key::Title)));
        assert_eq!(profile.field("country"), Some(None));
        assert_eq!(profile.field("countryLabel"), Some(Some(Key::Country)));
        assert_eq!(profile.field("imdb"), None);
    }
}
