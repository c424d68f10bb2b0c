//! Words in what is told of films: their synopses and the names of their actors.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{Array, Integer, Text};
use diesel_async::RunQueryDsl;

use super::fold::fold;
use crate::db::Connection;

/// A word that more films have tells nothing: no more are looked at.
const MOST: i32 = 1000;

/// Characters that no text has, around the words of an excerpt that were looked for.
const MARKS: [char; 2] = ['\u{e000}', '\u{e001}'];

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

/// A piece of a text and whether it was looked for.
pub type Piece = (String, bool);

/// Ids of films of which all these words are told, in no particular order; English words also in
/// their other forms.
pub async fn with_all(conn: &mut Connection, query: &str) -> QueryResult<Vec<i32>> {
    let statement = "SELECT id FROM movies
        WHERE movie_words(synopsis, actors) @@ plainto_tsquery('english', $1)
          AND (synopsis IS NOT NULL OR actors <> '{}')
        LIMIT $2";
    let statement = diesel::sql_query(statement).bind::<Text, _>(fold(query));
    let ids: Vec<Id> = statement.bind::<Integer, _>(MOST).load(conn).await?;
    Ok(ids.into_iter().map(|row| row.id).collect())
}

/// Where these words stand in what is told of each of these films.
pub async fn excerpts(
    conn: &mut Connection,
    query: &str,
    ids: &[i32],
) -> QueryResult<HashMap<i32, Vec<Piece>>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let statement = "SELECT id, ts_headline('english',
            concat_ws(' With ', synopsis, nullif(array_to_string(actors, ', '), '')),
            plainto_tsquery('english', $1), $2) AS headline
        FROM movies WHERE id = ANY($3)";
    let [start, end] = MARKS;
    let options = format!("StartSel={start}, StopSel={end}, MinWords=18, MaxWords=32, ShortWord=2");
    let statement = diesel::sql_query(statement).bind::<Text, _>(fold(query));
    let statement = statement.bind::<Text, _>(options).bind::<Array<Integer>, _>(ids);
    let headlines: Vec<Headline> = statement.load(conn).await?;
    Ok(headlines.into_iter().map(|row| (row.id, pieces(&row.headline))).collect())
}

fn pieces(headline: &str) -> Vec<Piece> {
    let pieces = headline.split(MARKS).enumerate();
    pieces
        .filter(|(_, text)| !text.is_empty())
        .map(|(at, text)| (text.to_owned(), at % 2 == 1))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_falls_into_pieces() {
        let piece = |text: &str, marked| (text.to_owned(), marked);
        assert_eq!(
            pieces("a \u{e000}thief\u{e001}s"),
            [piece("a ", false), piece("thief", true), piece("s", false)]
        );
        assert_eq!(pieces("\u{e000}Rome\u{e001}"), [piece("Rome", true)]);
    }
}
