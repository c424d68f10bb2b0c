//! Import from the table `django_session`.

use std::time::Duration;

use diesel::OptionalExtension;
use diesel::sql_types::{Double, Text};
use diesel_async::RunQueryDsl;

use super::{RECORD_SALT, Signed, imported};
use crate::error::{Result, StoreError};
use crate::import::{Imported, Importer};
use crate::key::SessionId;
use crate::stores::DieselPostgres;

/// Imports sessions of the engines `db` and `cached_db`, from the table `django_session` in the
/// database of the sessions.
#[derive(Clone)]
pub struct DjangoDb {
    store: DieselPostgres,
    secrets: Vec<String>,
}

impl std::fmt::Debug for DjangoDb {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("DjangoDb")
    }
}

impl DjangoDb {
    /// Takes the store whose connections are used, and Django's `SECRET_KEY` and
    /// `SECRET_KEY_FALLBACKS`.
    pub fn new(
        store: &DieselPostgres,
        secret_keys: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        let secrets = secret_keys.into_iter().map(Into::into).collect();
        Self { store: store.clone(), secrets }
    }
}

#[derive(diesel::QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    session_data: String,
    #[diesel(sql_type = Double)]
    remaining: f64,
}

impl Importer for DjangoDb {
    async fn import(&self, cookie: &str) -> Result<Option<Imported>> {
        let Some(id) = SessionId::parse(cookie) else { return Ok(None) };
        let query = diesel::sql_query(
            "SELECT session_data, extract(epoch FROM expire_date - now())::float8 AS remaining \
             FROM django_session WHERE session_key = $1 AND expire_date > now()",
        );
        let connection = &mut self.store.connection().await?;
        let row = query.bind::<Text, _>(cookie).get_result::<Row>(connection).await;
        let row = row.optional().map_err(StoreError::unavailable)?;
        Ok(row.and_then(|row| {
            let verify = |secret: &String| Signed::verify(&row.session_data, RECORD_SALT, secret);
            let signed = self.secrets.iter().find_map(verify)?;
            imported(id, signed.data, Duration::try_from_secs_f64(row.remaining).ok()?)
        }))
    }
}
