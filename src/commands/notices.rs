//! `marquee notices`

use anyhow::Context;
use marquee::catalog::editing::{self, Kind, Submission, save, trash};
use marquee::catalog::notices::{self, Notice};
use marquee::config::{Author, ChangeNotice, Notices, Settings};
use marquee::db;

use super::{Database, records};

pub async fn run(settings: &Settings, notices: Notices) -> anyhow::Result<()> {
    let database = Database::open(settings).await?;
    let changed = change(database.url(), notices.change).await;
    database.close().await?;
    changed
}

async fn change(url: &str, change: Option<ChangeNotice>) -> anyhow::Result<()> {
    let conn = &mut db::connect(url).await?;
    let author = records::author(conn, &Author { operator: None }).await?;
    match change {
        None => {
            for Notice { slug, level, text, active, .. } in notices::list(conn).await? {
                let level = if active { level } else { format!("{level}, inactive") };
                println!("{slug} ({level}): {text}");
            }
        }
        Some(ChangeNotice::Set { slug, text, warning, inactive }) => {
            let values = [
                ("slug", slug.as_str()),
                ("text", text.as_str()),
                ("level", if warning { "warning" } else { "info" }),
                ("active", if inactive { "" } else { "yes" }),
            ];
            let (submission, _) = Submission::from_pairs(Kind::Notice, values.into_iter());
            let known = editing::id_of(conn, Kind::Notice, &slug).await?;
            let saved = save(conn, Kind::Notice, known, &submission, &author).await;
            saved.map_err(records::refusal)?;
        }
        Some(ChangeNotice::Remove { slug }) => {
            let id = editing::id_of(conn, Kind::Notice, &slug).await?.with_context(|| {
                format!("there is no notice {slug:?}; `marquee notices` lists them")
            })?;
            let removed = trash::remove(conn, Kind::Notice, &[id], None, &author, None).await;
            removed.map_err(records::refusal)?;
        }
    }
    Ok(())
}
