//! The demonstration catalog, embedded in the binary.

use std::io::Cursor;

use rust_embed::Embed;

use super::import::{self, Input, Options, Plan};
use super::movies;
use crate::db::Connection;

#[derive(Embed)]
#[folder = "$CARGO_MANIFEST_DIR/data"]
#[include = "*.jsonl"]
struct Files;

/// Loads the demonstration catalog into an empty database. Returns `None` if there are movies already.
///
/// # Errors
/// When the database fails.
pub async fn load_into_empty(conn: &mut Connection) -> anyhow::Result<Option<Plan>> {
    if movies::count(conn).await? > 0 {
        return Ok(None);
    }
    load(conn).await.map(Some)
}

/// Imports the demonstration catalog.
///
/// # Errors
/// When the database fails.
pub async fn load(conn: &mut Connection) -> anyhow::Result<Plan> {
    let options = Options {
        source: "Marquee".to_owned(),
        licence: "MIT OR Apache-2.0".to_owned(),
        ..Options::default()
    };
    let mut report = |problem: &import::Problem| log::warn!("demo catalogue: {problem}");
    import::run(conn, inputs(), &options, &mut report).await
}

/// Returns the files in order of name, so that movies of equal titles always get the same slugs.
fn inputs() -> Vec<Input> {
    let mut names: Vec<_> = Files::iter().collect();
    names.sort();
    let files = names.into_iter().filter_map(|name| Some((Files::get(&name)?, name)));
    files
        .map(|(file, name)| Input::new(name.into_owned(), Cursor::new(file.data.into_owned())))
        .collect()
}
