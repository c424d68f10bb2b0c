//! `marquee migrate`

use marquee::config::Settings;

use super::Database;

/// Applies pending migrations, which opening the database does.
pub async fn run(settings: &Settings) -> anyhow::Result<()> {
    let database = Database::open(settings).await?;
    println!("The database schema is up to date.");
    database.close().await
}
