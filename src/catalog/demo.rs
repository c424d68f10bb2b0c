//! The demonstration catalogue inside the program.

use std::io::Cursor;

use rust_embed::Embed;

use super::import::{self, Input, Options, Reading, Summary};
use super::movies;
use crate::db::Connection;

#[derive(Embed)]
#[folder = "$CARGO_MANIFEST_DIR/data"]
#[include = "*.jsonl"]
struct Files;

/// Loads the demonstration catalogue into an empty one; `None` when there are films already.
///
/// # Errors
/// When the database fails.
pub async fn load_into_empty(conn: &mut Connection) -> anyhow::Result<Option<Summary>> {
    if movies::count(conn).await? > 0 {
        return Ok(None);
    }
    load(conn).await.map(Some)
}

/// Imports the demonstration catalogue like any other file.
///
/// # Errors
/// When the database fails.
pub async fn load(conn: &mut Connection) -> anyhow::Result<Summary> {
    let options = Options {
        source: "Marquee".to_owned(),
        licence: "MIT OR Apache-2.0".to_owned(),
        replace: false,
        reading: Reading::default(),
    };
    let mut report = |problem: &import::Problem| log::warn!("demo catalogue: {problem}");
    import::run(conn, inputs(), &options, &mut report).await
}

/// The files in order of name, so that equal names get the same addresses everywhere.
fn inputs() -> Vec<Input> {
    let mut names: Vec<_> = Files::iter().collect();
    names.sort();
    let files = names.into_iter().filter_map(|name| Some((Files::get(&name)?, name)));
    files
        .map(|(file, name)| Input {
            name: name.into_owned(),
            bytes: Box::new(Cursor::new(file.data.into_owned())),
        })
        .collect()
}
