//! The admin: operators edit the site in the browser.
//!
//! To add a page:
//! 1. Add a row to the permission table in [`routes`]: method, path, access and handler. The router is
//!    built from the table, so a page without a row does not exist.
//! 2. Write the handler. It takes [`Operator`] for the person who is logged in, [`AdminRequest`] to
//!    respond with, and [`Form`] if it is a `POST`. It returns the page with
//!    [`AdminRequest::respond`], the same form with [`AdminRequest::respond_invalid`] if the form has
//!    problems, or [`AdminRequest::redirect`] with a [`Message`] for the next page.
//! 3. Write the page struct and its template. The template extends `admin/base.html`, names the page
//!    for tests in the block `page`, and lays out fields with the components of
//!    `templates/admin/components`.
//! 4. Add a link to `templates/admin/components/navigation.html` if the page belongs there.
//!
//! The logic is in `operators` and `catalog`; this module adds HTTP.

mod access;
mod cookies;
mod error_page;
mod form;
mod gate;
mod held;
mod message;
mod operator;
mod request;
pub(crate) mod routes;

mod account;
mod changes;
mod confirm;
mod dashboard;
mod find;
mod go;
mod login;
mod operators;
mod records;
mod second_factor;
mod security;
mod sessions;
mod set_up;
mod trash;

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::web::Data;

pub(crate) use self::form::Form;
pub(crate) use self::message::Message;
pub(crate) use self::operator::Operator;
pub(crate) use self::request::AdminRequest;
use crate::catalog::index::Catalog;
use crate::config::Settings;
use crate::db::Pool;
use crate::operators::{Client, Keyring, Logins};
use crate::sessions::{Sessions, operator_sessions};
use crate::web::http::client::{Networks, Proxies};
use crate::web::http::origin::Origin;
use crate::web::render::page::Templates;

/// The shared state of the admin's handlers. Cloning is cheap.
#[derive(Clone)]
pub(crate) struct Admin {
    pub(crate) pool: Pool,
    pub(crate) catalog: Catalog,
    templates: Templates,
    sessions: Sessions,
    logins: Logins,
    /// Clients elsewhere get 404; empty: all networks.
    networks: Networks,
    proxies: Proxies,
    public_url: Option<Origin>,
    /// Whether cookies are sent over HTTPS only.
    https_only: bool,
}

impl Admin {
    /// # Errors
    /// When a setting is invalid; names it.
    pub(crate) fn new(
        pool: Pool,
        catalog: Catalog,
        templates: Templates,
        settings: &Settings,
    ) -> anyhow::Result<Self> {
        let is_https = settings.public_url.as_ref().is_some_and(Origin::is_https);
        let https_only = is_https || settings.sessions.session_cookie_secure;
        let seconds = |seconds: u32| Duration::from_secs(seconds.into());
        let sessions = operator_sessions(
            pool.clone(),
            seconds(settings.admin_idle_timeout),
            seconds(settings.admin_session_age),
            https_only,
        )?;
        let secrets = &settings.sessions;
        let keyring = Keyring::new(secrets.secret_key.as_ref(), &secrets.secret_key_fallbacks)?;
        Ok(Self {
            logins: Logins::new(pool.clone(), keyring),
            pool,
            catalog,
            templates,
            sessions,
            networks: settings.admin_networks.clone(),
            proxies: settings.trusted_proxies.clone(),
            public_url: settings.public_url.clone(),
            https_only,
        })
    }

    pub(crate) fn sessions(&self) -> Sessions {
        self.sessions.clone()
    }

    /// Returns the state of the admin that handles a request.
    fn of(request: &HttpRequest) -> anyhow::Result<Data<Self>> {
        let admin = request.app_data::<Data<Self>>().cloned();
        admin.ok_or_else(|| anyhow::anyhow!("the admin is not configured"))
    }

    /// Returns the client of a request. What came over no network is a local client.
    fn client(&self, request: &HttpRequest) -> Client {
        let client = self.proxies.client(request);
        Client(client.map_or([127, 0, 0, 1].into(), |client| client.address))
    }
}
