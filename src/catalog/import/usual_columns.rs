//! Usual names of columns in several languages.

use crate::catalog::fold::fold;
use crate::catalog::record::Key;

/// Fields with the columns that mean them, as [`normalize`] returns those. The first are the most usual.
pub const USUAL_COLUMNS: [(Key, &[&str]); 25] = [
    (
        Key::Title,
        &[
            "title",
            "name",
            "film",
            "movie",
            "filmtitle",
            "movietitle",
            "primarytitle",
            "seriestitle",
            "moviename",
            "filmname",
            "titel",
            "titre",
            "titulo",
            "titolo",
        ],
    ),
    (
        Key::OriginalTitle,
        &["originaltitle", "originalname", "originaltitel", "titreoriginal", "titulooriginal"],
    ),
    (
        Key::Year,
        &[
            "year",
            "releaseyear",
            "startyear",
            "yearofrelease",
            "titleyear",
            "releasedyear",
            "jahr",
            "annee",
            "ano",
            "anno",
            "productionyear",
            "filmyear",
            "movieyear",
        ],
    ),
    (
        Key::Released,
        &[
            "released",
            "releasedate",
            "initialreleasedate",
            "date",
            "premiere",
            "premiered",
            "publicationdate",
            "datepublished",
            "premieredate",
            "dateofrelease",
        ],
    ),
    (
        Key::Runtime,
        &[
            "runtime",
            "runtimeminutes",
            "runtimemins",
            "runtimemin",
            "duration",
            "durationmin",
            "durationminutes",
            "minutes",
            "length",
            "laufzeit",
            "runningtime",
            "runningtimeminutes",
            "runtimeinminutes",
            "duree",
            "duracion",
            "durata",
            "movieduration",
        ],
    ),
    (
        Key::Directors,
        &[
            "directors",
            "director",
            "directedby",
            "directorname",
            "directornames",
            "regie",
            "regisseur",
            "realisateur",
            "regista",
            "directorlabel",
            "creditscrewdirector",
        ],
    ),
    (Key::Genres, &["genres", "genre", "listedin", "genero", "generos", "maingenre", "genrelabel"]),
    (Key::Tags, &["tags", "tag", "keywords", "plotkeywords", "stichworte"]),
    (
        Key::Country,
        &[
            "country",
            "countries",
            "productioncountries",
            "countryoforigin",
            "land",
            "pays",
            "pais",
            "paese",
            "origincountry",
            "countrylabel",
        ],
    ),
    (
        Key::Language,
        &[
            "language",
            "languages",
            "originallanguage",
            "spokenlanguages",
            "sprache",
            "langue",
            "idioma",
            "lingua",
            "languagelabel",
        ],
    ),
    (
        Key::Cast,
        &[
            "cast",
            "actors",
            "actor",
            "starring",
            "stars",
            "star",
            "darsteller",
            "besetzung",
            "acteurs",
            "reparto",
            "castmembers",
            "star1",
            "star2",
            "star3",
            "star4",
            "actor1name",
            "actor2name",
            "actor3name",
            "creditscast",
        ],
    ),
    (Key::Synopsis, &["synopsis"]),
    (
        Key::Plot,
        &[
            "plot",
            "overview",
            "description",
            "summary",
            "storyline",
            "handlung",
            "moviedescription",
        ],
    ),
    (Key::Source, &["source"]),
    (Key::SourceUrl, &["sourceurl"]),
    (Key::Licence, &["licence", "license"]),
    (Key::LicenceUrl, &["licenceurl", "licenseurl"]),
    (Key::Wikidata, &["wikidata", "wikidataid"]),
    (
        Key::Imdb,
        &["imdb", "imdbid", "imdbtitleid", "tconst", "const", "idsimdb", "imdburl", "imdblink"],
    ),
    (Key::Tmdb, &["tmdb", "tmdbid", "idstmdb", "themoviedbid"]),
    (Key::Wikipedia, &["wikipedia", "wikipediaurl", "wikipage"]),
    (Key::Movielens, &["movielens", "movielensid"]),
    (Key::Id, &["id", "movieid", "filmid", "showid", "titleid"]),
    (Key::Link, &["sameas", "item"]),
    (Key::Rank, &["rank", "position", "no", "nr"]),
];

/// Returns the field that a column means by its usual names, and the rank of that name.
pub fn usual_field(column: &str) -> Option<(Key, usize)> {
    let name = normalize(column);
    USUAL_COLUMNS.iter().find_map(|(key, names)| {
        names.iter().position(|usual| *usual == name).map(|rank| (*key, rank))
    })
}

/// Returns the usual columns of a title, for messages.
pub fn title_columns() -> String {
    USUAL_COLUMNS[0].1[..6].join(", ")
}

/// Letters and digits alone, without case and accents: `Release Date` and `release_date` are one.
pub fn normalize(column: &str) -> String {
    fold(column).chars().filter(|letter| letter.is_alphanumeric()).collect()
}
