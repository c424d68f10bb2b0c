//! The commands, and the database that they share.

pub mod check;
pub mod clear_sessions;
pub mod export;
pub mod import;
pub mod migrate;
pub mod notices;
mod open_files;
pub mod operators;
pub mod records;
mod secret;
pub mod serve;

use anyhow::Context;
use marquee::config::{Author, Settings};
use marquee::db::{self, Connection, DatabaseUrl, Pool};
use marquee::operators::Actor;
use marquee::sessions::Engine;
use nix::unistd::{Uid, User};
use private_postgres::PrivatePostgres;

/// Opens the session engine of the settings. With a private Postgres, a missing `SECRET_KEY` is
/// generated once and stored beside it.
fn open_engine(settings: &Settings, database: &Database, pool: &Pool) -> anyhow::Result<Engine> {
    let mut sessions = settings.sessions.clone();
    if sessions.needs_secret() && sessions.secret_key.is_none() && database.private.is_some() {
        sessions.secret_key = Some(secret::load_or_generate(&settings.data_dir)?);
    }
    Engine::open(&sessions, pool)
}

/// Returns the author of a command's changes.
///
/// # Errors
/// When there is no operator of that name.
async fn actor(conn: &mut Connection, author: &Author) -> anyhow::Result<Actor> {
    let Some(name) = &author.operator else {
        let user = User::from_uid(Uid::current()).ok().flatten();
        let name = user.map_or_else(|| Uid::current().to_string(), |user| user.name);
        return Ok(Actor::command_line(&name));
    };
    let account = marquee::operators::find(conn, name).await?;
    let account = account.with_context(|| format!("as: there is no operator {name:?}"))?;
    Ok(Actor { id: Some(account.id), name: account.name, network: None })
}

/// The database of the settings: the one of `DATABASE_URL`, or a private Postgres that runs as long as
/// this value lives.
pub struct Database {
    url: String,
    private: Option<PrivatePostgres>,
}

impl Database {
    /// Starts the private Postgres if `DATABASE_URL` is unset, and applies pending migrations. Logs which
    /// database it is.
    pub async fn open(settings: &Settings) -> anyhow::Result<Self> {
        let database = match &settings.database_url {
            Some(url) => {
                let target = url.parse::<DatabaseUrl>()?.describe();
                log::info!("database: {target}");
                Self { url: url.clone(), private: None }
            }
            None => {
                let directory = settings.data_dir.display();
                log::info!("database: private Postgres in {directory} (DATABASE_URL is unset)");
                let private = PrivatePostgres::start(&settings.data_dir, "marquee").await.context(
                    "cannot start the private Postgres; set DATABASE_URL to use another",
                )?;
                Self { url: private.url("marquee"), private: Some(private) }
            }
        };
        match db::migrate(&database.url).await {
            Ok(migrations) => {
                for migration in migrations {
                    log::info!("applied migration {migration}");
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

    /// Stops the private Postgres unless another process uses it.
    pub async fn close(self) -> anyhow::Result<()> {
        match self.private {
            Some(private) => private.stop().await,
            None => Ok(()),
        }
    }
}
