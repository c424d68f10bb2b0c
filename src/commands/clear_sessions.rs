//! `marquee clear-sessions`

use std::time::Duration;

use marquee::config::{ClearSessions, Settings};
use marquee::db::Pool;
use marquee::sessions::Sweep;

use super::{Database, open_engine};

pub async fn run(settings: &Settings, options: ClearSessions) -> anyhow::Result<()> {
    let database = Database::open(settings).await?;
    let cleared = clear(settings, &database, options).await;
    database.close().await?;
    println!("{}", cleared?);
    Ok(())
}

async fn clear(
    settings: &Settings,
    database: &Database,
    options: ClearSessions,
) -> anyhow::Result<String> {
    let engine = open_engine(settings, database, &Pool::new(database.url(), 1)?)?;
    if options.dry_run {
        let expired = engine.sessions().count_expired().await?;
        return Ok(format!("{expired} expired sessions would be removed."));
    }
    let time_limit = options.max_seconds.map(Duration::from_secs);
    let sweep = Sweep { batch: options.batch.into(), time_limit };
    let swept = engine.sessions().sweep(sweep).await?;
    let rest = if swept.complete { "" } else { " Time limit reached; more may remain." };
    Ok(format!("{} expired sessions removed.{rest}", swept.removed))
}
