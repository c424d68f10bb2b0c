//! Storing movies, many in one statement. The values of a column are sent as one array, which costs a
//! fraction of as many single values.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{BoxedSqlQuery, SqlQuery};
use diesel::sql_query;
use diesel::sql_types::{Array, Date, Integer, Nullable, SmallInt, Text};
use diesel_async::RunQueryDsl;

use crate::catalog::people::Role;
use crate::db::Connection;
use crate::schema::{credits, movie_identifiers, movie_tags, movies};

/// A movie with its credits, tags and identifiers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StoredMovie {
    pub row: MovieRow,
    /// Ids of people, in order of credit.
    pub directors: Vec<i32>,
    /// In order of credit.
    pub cast: Vec<StoredPart>,
    /// The main genre first.
    pub tags: Vec<i32>,
    /// By scheme.
    pub identifiers: BTreeMap<String, String>,
}

/// An actor's credit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPart {
    /// Id of the person.
    pub person: i32,
    pub character: Option<String>,
}

/// The columns of a movie that can be changed, but for its slug.
#[derive(Debug, Clone, PartialEq, Eq, Default, HasQuery)]
#[diesel(table_name = movies)]
pub struct MovieRow {
    pub title: String,
    pub original_title: Option<String>,
    pub sort_title: String,
    pub year: Option<i16>,
    pub released_on: Option<NaiveDate>,
    pub runtime: Option<i16>,
    pub countries: Vec<String>,
    pub languages: Vec<String>,
    pub synopsis: Option<String>,
    pub synopsis_source_id: Option<i32>,
    pub synopsis_url: Option<String>,
}

/// A movie that was inserted.
#[derive(Debug, QueryableByName)]
pub struct Inserted {
    #[diesel(sql_type = Text)]
    pub slug: String,
    #[diesel(sql_type = Integer)]
    pub id: i32,
}

/// Separates the texts of one list: no text of the catalogue has a control character.
const SEPARATOR: &str = "\u{1f}";

type Statement<'a> = BoxedSqlQuery<'a, Pg, SqlQuery>;

/// Defines the columns in one place: their names, their types, the values to send, and what a statement
/// makes of a value. `$2` and up are their parameters.
macro_rules! columns {
    ($($name:ident: $kind:ty = $value:expr, $parameter:literal, $select:literal;)+) => {
        const NAMES: &str = concat!($(stringify!($name), ", ",)+ "");
        const PARAMETERS: &str = concat!("$1", $(", ", $parameter),+);
        const SELECTED: &str = concat!($($select, ", ",)+ "");

        fn bind_values<'a>(statement: Statement<'a>, rows: &[&'a MovieRow]) -> Statement<'a> {
            fn column<'a, T>(rows: &[&'a MovieRow], value: impl Fn(&'a MovieRow) -> T) -> Vec<T> {
                rows.iter().map(|row| value(row)).collect()
            }
            statement$(.bind::<Array<$kind>, _>(column(rows, $value)))+
        }
    };
}

columns! {
    title: Text = |row| &row.title, "$2", "c.title";
    original_title: Nullable<Text> = |row| row.original_title.as_ref(), "$3", "c.original_title";
    sort_title: Text = |row| &row.sort_title, "$4", "c.sort_title";
    year: Nullable<SmallInt> = |row| row.year, "$5", "c.year";
    released_on: Nullable<Date> = |row| row.released_on, "$6", "c.released_on";
    runtime: Nullable<SmallInt> = |row| row.runtime, "$7", "c.runtime";
    countries: Text = |row| row.countries.join(SEPARATOR), "$8",
        "string_to_array(c.countries, e'\\x1f')";
    languages: Text = |row| row.languages.join(SEPARATOR), "$9",
        "string_to_array(c.languages, e'\\x1f')";
    synopsis: Nullable<Text> = |row| row.synopsis.as_ref(), "$10", "c.synopsis";
    synopsis_source_id: Nullable<Integer> = |row| row.synopsis_source_id, "$11",
        "c.synopsis_source_id";
    synopsis_url: Nullable<Text> = |row| row.synopsis_url.as_ref(), "$12", "c.synopsis_url";
}

/// Loads movies with everything attached to them.
pub async fn load(conn: &mut Connection, ids: &[i32]) -> QueryResult<HashMap<i32, StoredMovie>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = movies::table
        .filter(movies::id.eq_any(ids))
        .select((movies::id, MovieRow::as_select()))
        .load::<(i32, MovieRow)>(conn)
        .await?;
    let stored = |(id, row)| (id, StoredMovie { row, ..StoredMovie::default() });
    let mut movies: HashMap<i32, StoredMovie> = rows.into_iter().map(stored).collect();
    type Row = (i32, i32, String, Option<String>);
    let credits = credits::table
        .filter(credits::movie_id.eq_any(ids))
        .order((credits::movie_id, credits::position))
        .select((credits::movie_id, credits::person_id, credits::role, credits::character));
    for (movie, person, role, character) in credits.load::<Row>(conn).await? {
        let movie = movies.entry(movie).or_default();
        match Role::from_name(&role) {
            Some(Role::Director) => movie.directors.push(person),
            Some(Role::Actor) => movie.cast.push(StoredPart { person, character }),
            None => {}
        }
    }
    let tags = movie_tags::table
        .filter(movie_tags::movie_id.eq_any(ids))
        .order((movie_tags::movie_id, movie_tags::position))
        .select((movie_tags::movie_id, movie_tags::tag_id));
    for (movie, tag) in tags.load::<(i32, i32)>(conn).await? {
        movies.entry(movie).or_default().tags.push(tag);
    }
    let identifiers = movie_identifiers::table
        .filter(movie_identifiers::movie_id.eq_any(ids))
        .select((movie_identifiers::movie_id, movie_identifiers::scheme, movie_identifiers::value));
    for (movie, scheme, value) in identifiers.load::<(i32, String, String)>(conn).await? {
        movies.entry(movie).or_default().identifiers.insert(scheme, value);
    }
    Ok(movies)
}

/// Inserts movies under these slugs. Returns those whose slug was free; the others are not stored.
pub async fn insert(
    conn: &mut Connection,
    movies: &[(&str, &StoredMovie)],
) -> QueryResult<Vec<Inserted>> {
    let (slugs, stored): (Vec<&str>, Vec<&StoredMovie>) = movies.iter().copied().unzip();
    let rows: Vec<&MovieRow> = stored.iter().map(|movie| &movie.row).collect();
    let statement = sql_query(format!(
        "INSERT INTO movies ({NAMES}slug) SELECT {SELECTED}c.slug \
         FROM unnest({PARAMETERS}) AS c (slug, {}) ON CONFLICT (slug) DO NOTHING RETURNING slug, id",
        NAMES.trim_end_matches(", ")
    ));
    let statement = statement.into_boxed().bind::<Array<Text>, _>(&slugs);
    let inserted: Vec<Inserted> = bind_values(statement, &rows).load(conn).await?;
    let by_slug: HashMap<&str, &StoredMovie> = slugs.iter().copied().zip(stored).collect();
    let attached =
        inserted.iter().filter_map(|movie| Some((movie.id, *by_slug.get(movie.slug.as_str())?)));
    attach(conn, &attached.collect::<Vec<_>>()).await?;
    Ok(inserted)
}

/// Replaces everything but the slugs of movies.
pub async fn update(conn: &mut Connection, movies: &[(i32, &StoredMovie)]) -> QueryResult<()> {
    if movies.is_empty() {
        return Ok(());
    }
    let ids: Vec<i32> = movies.iter().map(|(id, _)| *id).collect();
    let rows: Vec<&MovieRow> = movies.iter().map(|(_, movie)| &movie.row).collect();
    let statement = sql_query(format!(
        "UPDATE movies AS m SET ({}) = ROW ({}) FROM unnest({PARAMETERS}) AS c (id, {}) \
         WHERE m.id = c.id",
        NAMES.trim_end_matches(", "),
        SELECTED.trim_end_matches(", "),
        NAMES.trim_end_matches(", ")
    ));
    let statement = statement.into_boxed().bind::<Array<Integer>, _>(&ids);
    bind_values(statement, &rows).execute(conn).await?;
    let credited = credits::table.filter(credits::movie_id.eq_any(&ids));
    diesel::delete(credited).execute(conn).await?;
    let tagged = movie_tags::table.filter(movie_tags::movie_id.eq_any(&ids));
    diesel::delete(tagged).execute(conn).await?;
    let identifiers = movie_identifiers::table.filter(movie_identifiers::movie_id.eq_any(&ids));
    diesel::delete(identifiers).execute(conn).await?;
    attach(conn, movies).await
}

/// Deletes movies with everything attached to them; returns how many there were.
pub async fn delete(conn: &mut Connection, ids: &[i32]) -> QueryResult<usize> {
    diesel::delete(movies::table.filter(movies::id.eq_any(ids))).execute(conn).await
}

/// Stores credits, tags and identifiers of movies that have none.
async fn attach(conn: &mut Connection, movies: &[(i32, &StoredMovie)]) -> QueryResult<()> {
    attach_credits(conn, movies).await?;
    let (mut ids, mut tags, mut positions) = (Vec::new(), Vec::new(), Vec::new());
    for (id, movie) in movies {
        for (position, tag) in (0_i16..).zip(&movie.tags) {
            ids.push(*id);
            tags.push(*tag);
            positions.push(position);
        }
    }
    sql_query(
        "INSERT INTO movie_tags (movie_id, tag_id, position) SELECT * FROM unnest($1, $2, $3)",
    )
    .bind::<Array<Integer>, _>(ids)
    .bind::<Array<Integer>, _>(tags)
    .bind::<Array<SmallInt>, _>(positions)
    .execute(conn)
    .await?;
    let (mut ids, mut schemes, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for (id, movie) in movies {
        for (scheme, value) in &movie.identifiers {
            ids.push(*id);
            schemes.push(scheme.as_str());
            values.push(value.as_str());
        }
    }
    let statement = "INSERT INTO movie_identifiers (movie_id, scheme, value)
        SELECT * FROM unnest($1, $2, $3)";
    sql_query(statement)
        .bind::<Array<Integer>, _>(ids)
        .bind::<Array<Text>, _>(schemes)
        .bind::<Array<Text>, _>(values)
        .execute(conn)
        .await?;
    Ok(())
}

/// Stores the credits of movies that have none.
async fn attach_credits(conn: &mut Connection, movies: &[(i32, &StoredMovie)]) -> QueryResult<()> {
    let (mut ids, mut people, mut positions) = (Vec::new(), Vec::new(), Vec::new());
    let (mut roles, mut characters) = (Vec::new(), Vec::new());
    for (id, movie) in movies {
        let directors = movie.directors.iter().map(|person| (*person, None));
        let cast = movie.cast.iter().map(|part| (part.person, part.character.as_deref()));
        let directors = (0_i16..).zip(directors).map(|credit| (Role::Director, credit));
        let cast = (0_i16..).zip(cast).map(|credit| (Role::Actor, credit));
        for (role, (position, (person, character))) in directors.chain(cast) {
            ids.push(*id);
            people.push(person);
            positions.push(position);
            roles.push(role.name());
            characters.push(character);
        }
    }
    let statement = "INSERT INTO credits (movie_id, person_id, position, role, character)
        SELECT * FROM unnest($1, $2, $3, $4, $5)";
    sql_query(statement)
        .bind::<Array<Integer>, _>(ids)
        .bind::<Array<Integer>, _>(people)
        .bind::<Array<SmallInt>, _>(positions)
        .bind::<Array<Text>, _>(roles)
        .bind::<Array<Nullable<Text>>, _>(characters)
        .execute(conn)
        .await?;
    Ok(())
}
