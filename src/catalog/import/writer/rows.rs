//! Films' rows, many in one statement. Their values go as one array a column, which costs a
//! fraction of as many values one by one.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{BoxedSqlQuery, SqlQuery};
use diesel::sql_query;
use diesel::sql_types::{Array, Date, Integer, Nullable, SmallInt, Text};
use diesel_async::RunQueryDsl;

use super::{Entry, Row};
use crate::catalog::import::slugs::Inserted;
use crate::db::Connection;
use crate::schema::{movie_directors, movie_identifiers, movie_tags};

/// Between the texts of one list: no text of the catalogue has a control character.
const SEPARATOR: &str = "\u{1f}";

/// The columns of [`Row`], and what they become.
const COLUMNS: &str = "title, original_title, sort_title, year, released_on, runtime, countries, \
     languages, actors, synopsis, synopsis_source_id, synopsis_url";
const VALUES: &str = "c.title, c.original_title, c.sort_title, c.year, c.released_on, c.runtime, \
     string_to_array(c.countries, e'\\x1f'), string_to_array(c.languages, e'\\x1f'), \
     string_to_array(c.actors, e'\\x1f'), c.synopsis, c.synopsis_source_id, c.synopsis_url";

/// Before them stands what names the row.
const ARRAYS: &str = "unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";

type Statement<'a> = BoxedSqlQuery<'a, Pg, SqlQuery>;

/// Returns those rows whose address was free.
pub async fn insert(
    conn: &mut Connection,
    slugs: &[&str],
    rows: &[&Row],
) -> QueryResult<Vec<Inserted>> {
    let statement = sql_query(format!(
        "INSERT INTO movies (slug, {COLUMNS}) SELECT c.slug, {VALUES} \
         FROM {ARRAYS} AS c (slug, {COLUMNS}) ON CONFLICT (slug) DO NOTHING RETURNING slug, id"
    ));
    let statement = statement.into_boxed().bind::<Array<Text>, _>(slugs);
    with_values(statement, rows).load(conn).await
}

pub async fn update(conn: &mut Connection, films: &[(i32, &Entry)]) -> QueryResult<()> {
    if films.is_empty() {
        return Ok(());
    }
    let ids: Vec<i32> = films.iter().map(|(id, _)| *id).collect();
    let rows: Vec<&Row> = films.iter().map(|(_, film)| &film.row).collect();
    let statement = sql_query(format!(
        "UPDATE movies AS m SET ({COLUMNS}) = ROW ({VALUES}) \
         FROM {ARRAYS} AS c (id, {COLUMNS}) WHERE m.id = c.id"
    ));
    let statement = statement.into_boxed().bind::<Array<Integer>, _>(&ids);
    with_values(statement, &rows).execute(conn).await?;
    let credits = movie_directors::table.filter(movie_directors::movie_id.eq_any(&ids));
    diesel::delete(credits).execute(conn).await?;
    let tagged = movie_tags::table.filter(movie_tags::movie_id.eq_any(&ids));
    diesel::delete(tagged).execute(conn).await?;
    let identifiers = movie_identifiers::table.filter(movie_identifiers::movie_id.eq_any(&ids));
    diesel::delete(identifiers).execute(conn).await?;
    attach(conn, films).await
}

/// What hangs on films that have none of it yet.
pub async fn attach(conn: &mut Connection, films: &[(i32, &Entry)]) -> QueryResult<()> {
    type Others = fn(&Entry) -> &[i32];
    let places = |of: Others| {
        let (mut ids, mut others, mut positions) = (Vec::new(), Vec::new(), Vec::new());
        for (id, film) in films {
            for (position, other) in (0_i16..).zip(of(film)) {
                ids.push(*id);
                others.push(*other);
                positions.push(position);
            }
        }
        (ids, others, positions)
    };
    let tables: [(&str, Others); 2] = [
        ("movie_directors (movie_id, director_id, position)", |film| &film.directors),
        ("movie_tags (movie_id, tag_id, position)", |film| &film.tags),
    ];
    for (columns, of) in tables {
        let (ids, others, positions) = places(of);
        sql_query(format!("INSERT INTO {columns} SELECT * FROM unnest($1, $2, $3)"))
            .bind::<Array<Integer>, _>(ids)
            .bind::<Array<Integer>, _>(others)
            .bind::<Array<SmallInt>, _>(positions)
            .execute(conn)
            .await?;
    }
    let named = films.iter().flat_map(|(id, film)| {
        film.identifiers.iter().map(|(scheme, value)| (*id, (scheme.as_str(), value.as_str())))
    });
    let (ids, named): (Vec<i32>, Vec<(&str, &str)>) = named.unzip();
    let (schemes, values): (Vec<&str>, Vec<&str>) = named.into_iter().unzip();
    let columns = "movie_identifiers (movie_id, scheme, value)";
    sql_query(format!("INSERT INTO {columns} SELECT * FROM unnest($1, $2, $3)"))
        .bind::<Array<Integer>, _>(ids)
        .bind::<Array<Text>, _>(schemes)
        .bind::<Array<Text>, _>(values)
        .execute(conn)
        .await?;
    Ok(())
}

fn with_values<'a>(statement: Statement<'a>, rows: &[&'a Row]) -> Statement<'a> {
    fn column<'a, T>(rows: &[&'a Row], value: impl Fn(&'a Row) -> T) -> Vec<T> {
        rows.iter().map(|row| value(row)).collect()
    }
    statement
        .bind::<Array<Text>, _>(column(rows, |row| &row.title))
        .bind::<Array<Nullable<Text>>, _>(column(rows, |row| row.original_title.as_ref()))
        .bind::<Array<Text>, _>(column(rows, |row| &row.sort_title))
        .bind::<Array<Nullable<SmallInt>>, _>(column(rows, |row| row.year))
        .bind::<Array<Nullable<Date>>, _>(column(rows, |row| row.released_on))
        .bind::<Array<Nullable<SmallInt>>, _>(column(rows, |row| row.runtime))
        .bind::<Array<Text>, _>(column(rows, |row| row.countries.join(SEPARATOR)))
        .bind::<Array<Text>, _>(column(rows, |row| row.languages.join(SEPARATOR)))
        .bind::<Array<Text>, _>(column(rows, |row| row.actors.join(SEPARATOR)))
        .bind::<Array<Nullable<Text>>, _>(column(rows, |row| row.synopsis.as_ref()))
        .bind::<Array<Nullable<Integer>>, _>(column(rows, |row| row.synopsis_source_id))
        .bind::<Array<Nullable<Text>>, _>(column(rows, |row| row.synopsis_url.as_ref()))
}
