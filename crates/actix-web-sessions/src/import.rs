//! Taking over sessions that another framework made.

use std::pin::Pin;
use std::time::Duration;

use crate::data::Data;
use crate::error::Result;
use crate::expiry::Expiry;
use crate::key::SessionId;

/// A session of another framework, which becomes one of ours when it is first written.
#[derive(Clone)]
pub struct Imported {
    /// The id under which it is stored here; the same for the same cookie, each time.
    pub id: SessionId,
    /// Its values.
    pub data: Data,
    /// Its own expiry.
    pub expiry: Expiry,
    /// The time until it ends in the other framework. For so long it is imported once only, so that
    /// an erase here is final.
    pub remaining: Duration,
}

/// Looks up cookies that no session of ours belongs to.
pub trait Importer: Send + Sync + 'static {
    /// Returns the live session behind a cookie's value, or `None`.
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
