//! The epoch of the copies in Redis. It stands in the database, which decides what was written.

use anyhow::ensure;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::db::Pool;
use crate::schema::session_cache;

#[derive(Clone)]
pub struct Epoch {
    /// Of its own: where all others are busy, reading must not fall to the database, too.
    pool: Pool,
}

impl Epoch {
    /// # Errors
    /// As [`Pool::new`].
    pub fn new(pool: &Pool) -> anyhow::Result<Self> {
        Ok(Self { pool: pool.beside(1, "")? })
    }

    pub async fn read(&self) -> anyhow::Result<String> {
        let connection = &mut self.pool.get().await?;
        Ok(session_cache::table.select(session_cache::epoch).first(connection).await?)
    }

    pub async fn set(&self, epoch: &str) -> anyhow::Result<()> {
        let connection = &mut self.pool.get().await?;
        let set = session_cache::epoch.eq(epoch);
        let rows = diesel::update(session_cache::table).set(set).execute(connection).await?;
        ensure!(rows == 1, "the table session_cache must have one row");
        Ok(())
    }
}
