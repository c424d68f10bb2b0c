//! Full-text search of synopses in Postgres.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{Array, Integer, Text};
use diesel_async::RunQueryDsl;

use super::fold::fold;
use crate::db::Connection;

/// Maximum number of results; a word in more movies is not selective.
const MAX_RESULTS: i32 = 1000;

/// Private-use characters that enclose the matched words of an excerpt.
const DELIMITERS: [char; 2] = ['\u{e000}', '\u{e001}'];

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = Integer)]
    id: i32,
}

#[derive(QueryableByName)]
struct Headline {
    #[diesel(sql_type = Integer)]
    id: i32,
    #[diesel(sql_type = Text)]
    headline: String,
}

/// A part of an excerpt, and whether it matches the query.
pub type ExcerptSpan = (String, bool);

/// Returns the ids of the movies whose synopsis contains all words of the query, in no
/// particular order. English words match in all their forms.
pub async fn find(conn: &mut Connection, query: &str) -> QueryResult<Vec<i32>> {
    let statement = "SELECT id FROM movies
        WHERE movie_words(synopsis) @@ plainto_tsquery('english', $1) AND synopsis IS NOT NULL
        LIMIT $2";
    let statement = diesel::sql_query(statement).bind::<Text, _>(fold(query));
    let ids: Vec<Id> = statement.bind::<Integer, _>(MAX_RESULTS).load(conn).await?;
    Ok(ids.into_iter().map(|row| row.id).collect())
}

/// Loads an excerpt with the words of the query for each of these movies.
pub async fn excerpts(
    conn: &mut Connection,
    query: &str,
    ids: &[i32],
) -> QueryResult<HashMap<i32, Vec<ExcerptSpan>>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let statement = "SELECT id,
            ts_headline('english', synopsis, plainto_tsquery('english', $1), $2) AS headline
        FROM movies WHERE id = ANY($3) AND synopsis IS NOT NULL";
    let [start, end] = DELIMITERS;
    let options = format!("StartSel={start}, StopSel={end}, MinWords=18, MaxWords=32, ShortWord=2");
    let statement = diesel::sql_query(statement).bind::<Text, _>(fold(query));
    let statement = statement.bind::<Text, _>(options).bind::<Array<Integer>, _>(ids);
    let headlines: Vec<Headline> = statement.load(conn).await?;
    Ok(headlines.into_iter().map(|row| (row.id, spans(&row.headline))).collect())
}

fn spans(headline: &str) -> Vec<ExcerptSpan> {
    let spans = headline.split(DELIMITERS).enumerate();
    spans
        .filter(|(_, text)| !text.is_empty())
        .map(|(at, text)| (text.to_owned(), at % 2 == 1))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headline_is_split_at_the_delimiters() {
        let span = |text: &str, marked| (text.to_owned(), marked);
        assert_eq!(
            spans("a \u{e000}thief\u{e001}s"),
            [span("a ", false), span("thief", true), span("s", false)]
        );
        assert_eq!(spans("\u{e000}Rome\u{e001}"), [span("Rome", true)]);
    }
}
