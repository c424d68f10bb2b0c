//! `marquee notices`

use anyhow::{Context, ensure};
use marquee::catalog::notices::{self, Notice};
use marquee::config::{ChangeNotice, Notices, Settings};
use marquee::db;

use super::Database;

pub async fn run(settings: &Settings, notices: Notices) -> anyhow::Result<()> {
    let database = Database::open(settings).await?;
    let changed = change(database.url(), notices.change).await;
    database.close().await?;
    changed
}

async fn change(url: &str, change: Option<ChangeNotice>) -> anyhow::Result<()> {
    let conn = &mut db::connect(url).await?;
    match change {
        None => {
            for Notice { slug, level, text, active } in notices::list(conn).await? {
                let level = if active { level } else { format!("{level}, inactive") };
                println!("{slug} ({level}): {text}");
            }
        }
        Some(ChangeNotice::Set { slug, text, warning, inactive }) => {
            let level = if warning { "warning" } else { "info" }.to_owned();
            let notice = Notice { slug, level, text, active: !inactive };
            let rule = "the slug must be 1 to 60 of a-z, 0-9 and -; the text 1 to 1000 characters";
            notices::set(conn, &notice).await.context(rule)?;
        }
        Some(ChangeNotice::Remove { slug }) => {
            ensure!(
                notices::remove(conn, &slug).await?,
                "there is no notice {slug:?}; `marquee notices` lists them"
            );
        }
    }
    Ok(())
}
