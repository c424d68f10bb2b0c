//! Import of sessions from other frameworks.

use std::pin::Pin;
use std::time::Duration;

use crate::data::Data;
use crate::error::Result;
use crate::expiry::Expiry;
use crate::key::SessionId;

/// A session of another framework. It is stored here when it is first written.
#[derive(Clone)]
pub struct Imported {
    /// The id under which it is stored here. It must be the same each time for the same cookie.
    pub id: SessionId,
    /// Its values.
    pub data: Data,
    /// Its own expiry.
    pub expiry: Expiry,
    /// The time until it ends in the other framework. Until then it is imported only once, even if
    /// it is deleted here.
    pub remaining: Duration,
}

/// Finds the sessions of another framework by their cookies.
pub trait Importer: Send + Sync + 'static {
    /// Returns the live session that belongs to the value of a cookie.
    fn import(&self, cookie: &str) -> impl Future<Output = Result<Option<Imported>>> + Send;
}

type Answer<'a> = Pin<Box<dyn Future<Output = Result<Option<Imported>>> + Send + 'a>>;

/// [`Importer`] with a boxed future.
pub(crate) trait DynImporter: Send + Sync {
    fn import<'a>(&'a self, cookie: &'a str) -> Answer<'a>;
}

impl<I: Importer> DynImporter for I {
    fn import<'a>(&'a self, cookie: &'a str) -> Answer<'a> {
        Box::pin(Importer::import(self, cookie))
    }
}
