//! What each command does. Every one of them brings the schema up to date first.

pub mod check;
pub mod clear_sessions;
pub mod export;
pub mod import;
pub mod migrate;
pub mod notices;
mod open_files;
mod secret;
pub mod serve;

use anyhow::Context;
use marquee::config::Settings;
use marquee::db::{self, Pool};
use marquee::sessions::Engine;
use private_postgres::PrivatePostgres;

/// The session engine of the settings. With a private database a missing `SECRET_KEY` is made
/// once and kept beside it.
fn open_engine(settings: &Settings, database: &Database, pool: &Pool) -> anyhow::Result<Engine> {
    let mut sessions = settings.sessions.clone();
    if sessions.needs_secret() && sessions.secret_key.is_none() && database.private.is_some() {
        sessions.secret_key = Some(secret::kept_in(&settings.data_dir)?);
    }
    Engine::open(&sessions, pool)
}

/// The database of the settings: the operator's, or the private one while this value lives.
pub struct Database {
    url: String,
    private: Option<PrivatePostgres>,
}

impl Database {
    /// Starts the private server if there is no `DATABASE_URL`; migrates.
    pub async fn open(settings: &Settings) -> anyhow::Result<Self> {
        let database = match &settings.database_url {
            Some(url) => Self { url: url.clone(), private: None },
            None => {
                let private = PrivatePostgres::start(&settings.data_dir, "marquee").await.context(
                    "cannot start the private Postgres; DATABASE_URL would name another one",
                )?;
                Self { url: private.url("marquee"), private: Some(private) }
            }
        };
        match db::migrate(&database.url).await {
            Ok(migrations) => {
                for migration in migrations {
                    log::info!("migrated: {migration}");
                }
                Ok(database)
            }
            Err(error) => {
                database.close().await?;
                Err(error)
            }
        }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn is_private(&self) -> bool {
        self.private.is_some()
    }

    /// Stops the private server, unless another process still uses it.
    pub async fn close(self) -> anyhow::Result<()> {
        match self.private {
            Some(private) => private.stop().await,
            None => Ok(()),
        }
    }
}
