//! The schema: bringing it up to date, and asking whether it is.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{Connection, connect};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!();

diesel::table! {
    /// Diesel's own list of what ran.
    __diesel_schema_migrations (version) {
        version -> Text,
    }
}

/// Brings the schema up to date; returns the names of the migrations that ran.
///
/// Several processes may start at once: an advisory lock lets one of them do it.
///
/// # Errors
/// When the server cannot be reached or a migration fails.
pub async fn migrate(url: &str) -> anyhow::Result<Vec<String>> {
    let mut connection = connect(url).await?;
    connection.batch_execute("SELECT pg_advisory_lock(7305701)").await?;
    let mut connection = AsyncConnectionWrapper::<Connection>::from(connection);
    tokio::task::spawn_blocking(move || {
        let ran = connection
            .run_pending_migrations(MIGRATIONS)
            .map_err(|error| anyhow::anyhow!(error).context("migrating the database"))?;
        Ok(ran.iter().map(ToString::to_string).collect())
    })
    .await?
}

/// How many of this program's migrations the database has not seen. A newer program's, which
/// this one does not know, do not matter.
///
/// # Errors
/// When the server does not answer.
pub async fn pending_migrations(connection: &mut Connection) -> QueryResult<usize> {
    static VERSIONS: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
        let all: Vec<Box<dyn Migration<Pg>>> =
            MIGRATIONS.migrations().expect("their names were checked when they were embedded");
        all.iter().map(|migration| migration.name().version().to_string()).collect()
    });
    let versions = __diesel_schema_migrations::table.select(__diesel_schema_migrations::version);
    let ran: Vec<String> = versions.load(connection).await?;
    let ran: BTreeSet<String> = ran.into_iter().collect();
    Ok(VERSIONS.difference(&ran).count())
}
