//! The operator of a request.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use chrono::{Duration, Utc};
use serde::Serialize;

use super::Admin;
use crate::operators::{self, Account, Actor, Role};
use crate::sessions::Session;
use crate::web::error::{Error, Result};

/// The session's value for the time of the last password, in seconds since 1970.
pub(super) const CONFIRMED_AT: &str = "confirmed_at";

/// How long a typed password confirms what needs confirmation.
const CONFIRMATION_AGE: Duration = Duration::minutes(10);

/// The person who is logged in.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Operator {
    pub(crate) id: i32,
    /// The name to log in with.
    pub(crate) name: String,
    /// The name for readers.
    pub(crate) shown_name: String,
    pub(crate) role: Role,
    /// The password was typed within the last ten minutes.
    pub(crate) is_confirmed: bool,
    /// The network that the request came from.
    network: String,
}

impl Operator {
    /// Loads the operator of a request's session. Returns `None` without a session, and
    /// for a disabled operator.
    ///
    /// # Errors
    /// When the database does not respond.
    pub(super) async fn load(request: &HttpRequest) -> Result<Option<Self>> {
        let session = Session::open(request).await?;
        let Some(id) = session.principal().and_then(|id| id.parse().ok()) else { return Ok(None) };
        let admin = Admin::of(request)?;
        let account = operators::load(&mut *admin.pool.get().await?, id).await?;
        let confirmed_at: Option<i64> = session.get(CONFIRMED_AT).ok().flatten();
        let age = confirmed_at.map(|at| Utc::now().timestamp() - at);
        let is_confirmed = age.is_some_and(|age| age < CONFIRMATION_AGE.num_seconds());
        Ok(account.filter(Account::is_enabled).map(|account| Self {
            id,
            shown_name: account.shown_name().to_owned(),
            name: account.name,
            role: account.role,
            is_confirmed,
            network: admin.client(request).network(),
        }))
    }

    /// Returns the operator as the author of changes.
    pub(crate) fn actor(&self) -> Actor {
        Actor { id: Some(self.id), name: self.name.clone(), network: Some(self.network.clone()) }
    }

    /// Whether the operator may change records.
    pub(crate) fn can_edit(&self) -> bool {
        self.role != Role::Viewer
    }

    pub(crate) fn is_owner(&self) -> bool {
        self.role == Role::Owner
    }
}

impl FromRequest for Operator {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    /// Returns the operator that [`super::access::authorize`] loaded.
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let operator = request.extensions().get::<Self>().cloned();
        ready(operator.ok_or_else(|| anyhow::anyhow!("the route is open to anybody").into()))
    }
}
