//! `marquee migrate`

use marquee::config::Settings;

use super::Database;

/// Opening a database is what migrates it.
pub async fn run(settings: &Settings) -> anyhow::Result<()> {
    let database = Database::open(settings).await?;
    println!("The database schema is up to date.");
    database.close().await
}
