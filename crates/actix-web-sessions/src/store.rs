//! The contract between sessions and the place where they are kept.
//!
//! The statements SC-1 to SC-35 of the contract are listed in the module `conformance`, which tests
//! them.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::data::{Changes, Data, integer};
use crate::error::{Result, StoreError, ValueError};
use crate::expiry::{Expiry, Life, Policy};
use crate::key::StoreKey;

/// For so long, what requests with a renewed id write and end reaches the session's new key.
pub const FOLLOW_PERIOD: Duration = Duration::from_secs(120);

/// For so long, a retired key is told from an unknown one, so that a slow request does not make the
/// browser lose its newer cookie.
pub const RETIREMENT_PERIOD: Duration = Duration::from_secs(600);

/// The rotations through which a retired key is followed.
pub const MAX_SUCCESSORS: usize = 16;

/// A live session as the store has it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Snapshot {
    /// All values.
    pub data: Data,
    /// The time since the session was made.
    pub age: Duration,
    /// Its expiry and the time left.
    pub life: Life,
}

impl Snapshot {
    /// Returns a snapshot of these parts.
    pub fn new(data: Data, age: Duration, life: Life) -> Self {
        Self { data, age, life }
    }
}

/// A session to be stored for the first time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NewSession {
    /// All values.
    pub data: Data,
    /// The session's own expiry.
    pub expiry: Expiry,
    /// The time since the session was made, which may have been in a cookie.
    pub age: Duration,
    /// For so long no second session can be made under this key, whatever happens to this one.
    pub reserved: Option<Duration>,
}

/// The answer to [`Store::load`].
#[derive(Debug, Clone, PartialEq)]
pub enum Loaded {
    /// The session is live.
    Found(Snapshot),
    /// The key was given up for another one a short time ago.
    Retired,
    /// The session was erased or has expired, and its key is still reserved.
    Ended,
    /// Nothing is known about the key.
    Missing,
}

/// The answer to [`Store::insert`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inserted {
    /// The session is stored.
    Created(Life),
    /// The key is live, retired or reserved; nothing was stored.
    Conflict,
}

/// The answer to [`Store::merge`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Merged {
    /// The changes are stored.
    Applied(Life),
    /// The changes are stored under the key that replaced this one, which only the request that
    /// made it knows: no cookie may be sent.
    AppliedToSuccessor,
    /// The key was retired by a login, or too long ago; nothing was stored.
    Refused,
    /// There is no live session; nothing was stored.
    Gone,
}

/// Whether writes with a retired key reach its successor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retire {
    /// They do, for [`FOLLOW_PERIOD`]: the same visitor has a new id.
    Follow,
    /// They do not: the session gained rights that the old id must not share.
    Refuse,
}

/// The answer to [`Store::rotate`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotated {
    /// The session is live under the new key, with the changes.
    Rotated(Life),
    /// The old key was retired before; nothing was stored.
    Retired,
    /// There is no live session; nothing was stored.
    Gone,
}

/// The answer to [`Store::add`].
#[derive(Debug, Clone, PartialEq)]
pub enum Added {
    /// The session after the addition.
    Applied(Snapshot),
    /// As [`Merged::AppliedToSuccessor`].
    AppliedToSuccessor(Snapshot),
    /// As [`Merged::Refused`].
    Refused,
    /// As [`Merged::Gone`].
    Gone,
    /// This store cannot do it atomically: the value is written with the other changes.
    Deferred,
}

/// The answer to [`Store::swap`].
#[derive(Debug, Clone, PartialEq)]
pub enum Swapped {
    /// The session after the write.
    Applied(Snapshot),
    /// As [`Merged::AppliedToSuccessor`].
    AppliedToSuccessor(Snapshot),
    /// The stored value is this one and not the expected one; nothing was stored.
    Differs(Value),
    /// As [`Merged::Refused`].
    Refused,
    /// As [`Merged::Gone`].
    Gone,
    /// As [`Added::Deferred`].
    Deferred,
}

/// The answer to [`Store::touch`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Touched {
    /// The session lives longer now.
    Extended(Life),
    /// It would gain too little; nothing was written.
    Fresh,
    /// As [`Loaded::Retired`].
    Retired,
    /// There is no live session.
    Gone,
}

/// What a store can do beyond the required methods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// [`Store::add`] and [`Store::swap`] are atomic.
    pub counters: bool,
    /// [`Store::sessions_of`] and [`Store::delete_of`] work.
    pub principals: bool,
    /// The precision of deadlines.
    pub granularity: Duration,
    /// Live sessions and reservations may be dropped when memory is short.
    pub evicts: bool,
}

impl Capabilities {
    /// Returns the capabilities of a store with the required methods alone.
    pub const fn new() -> Self {
        let granularity = Duration::from_millis(1);
        Self { counters: false, principals: false, granularity, evicts: false }
    }

    /// [`Store::add`] and [`Store::swap`] are atomic.
    pub const fn with_counters(self, counters: bool) -> Self {
        Self { counters, ..self }
    }

    /// [`Store::sessions_of`] and [`Store::delete_of`] work.
    pub const fn with_principals(self, principals: bool) -> Self {
        Self { principals, ..self }
    }

    /// The precision of deadlines.
    pub const fn with_granularity(self, granularity: Duration) -> Self {
        Self { granularity, ..self }
    }

    /// Sessions may be dropped when memory is short.
    pub const fn with_eviction(self, evicts: bool) -> Self {
        Self { evicts, ..self }
    }
}

impl Default for Capabilities {
    fn default() -> Self {
        Self::new()
    }
}

/// A place where sessions are kept. Each call is one step: it happens as a whole or not at all, at
/// one instant, and what depends on stored state (deadlines, counters, successors) is computed
/// there.
///
/// Most stores are easier to write as a [`RecordStore`](crate::RecordStore) inside
/// [`Versioned`](crate::Versioned).
pub trait Store: Send + Sync + 'static {
    /// Returns what is stored under the key.
    fn load(&self, key: &StoreKey) -> impl Future<Output = Result<Loaded>> + Send;

    /// Stores a new session, and never replaces one.
    fn insert(
        &self,
        key: &StoreKey,
        session: &NewSession,
        policy: &Policy,
    ) -> impl Future<Output = Result<Inserted>> + Send;

    /// Applies changes to what is stored, and extends the session.
    fn merge(
        &self,
        key: &StoreKey,
        changes: &Changes,
        policy: &Policy,
    ) -> impl Future<Output = Result<Merged>> + Send;

    /// Extends the session if it gains enough, without writing its data.
    fn touch(
        &self,
        key: &StoreKey,
        policy: &Policy,
    ) -> impl Future<Output = Result<Touched>> + Send;

    /// Moves the session to a new key with changes, and retires the old key in the same step.
    fn rotate(
        &self,
        old: &StoreKey,
        new: &StoreKey,
        changes: &Changes,
        retire: Retire,
        policy: &Policy,
    ) -> impl Future<Output = Result<Rotated>> + Send;

    /// Ends the session under this key or its successors. For the span of `reserve` the key cannot
    /// be used for a new session. A missing session is no error.
    fn delete(
        &self,
        key: &StoreKey,
        reserve: Option<Duration>,
    ) -> impl Future<Output = Result<()>> + Send;

    /// Stores `new` under `field` if the stored value equals `expected`; a missing value counts as
    /// `null`. Extends the session.
    fn swap(
        &self,
        _key: &StoreKey,
        _field: &str,
        _expected: &Value,
        _new: &Value,
        _policy: &Policy,
    ) -> impl Future<Output = Result<Swapped>> + Send {
        async { Ok(Swapped::Deferred) }
    }

    /// Adds to the integer under `field` by the rules of [`add_to`](crate::data::add_to), and
    /// extends the session.
    fn add(
        &self,
        key: &StoreKey,
        field: &str,
        by: i64,
        policy: &Policy,
    ) -> impl Future<Output = Result<Added>> + Send {
        async move {
            let mut expected = Value::Null;
            loop {
                let sum = integer(Some(&expected)).saturating_add(by).into();
                return Ok(match self.swap(key, field, &expected, &sum, policy).await? {
                    Swapped::Applied(snapshot) => Added::Applied(snapshot),
                    Swapped::AppliedToSuccessor(snapshot) => Added::AppliedToSuccessor(snapshot),
                    Swapped::Refused => Added::Refused,
                    Swapped::Gone => Added::Gone,
                    Swapped::Deferred => Added::Deferred,
                    Swapped::Differs(stored) => {
                        expected = stored;
                        continue;
                    }
                });
            }
        }
    }

    /// Refuses data that could not be stored.
    ///
    /// # Errors
    /// Says why.
    fn check(&self, _data: &Data) -> Result<(), ValueError> {
        Ok(())
    }

    /// Returns what this store can do.
    fn capabilities(&self) -> Capabilities {
        Capabilities::new()
    }

    /// Removes at most `limit` records that are over and not reserved; returns the number.
    fn delete_expired(&self, _limit: usize) -> impl Future<Output = Result<usize>> + Send {
        async { Ok(0) }
    }

    /// Returns how many records [`Store::delete_expired`] would remove in the end.
    fn count_expired(&self) -> impl Future<Output = Result<usize>> + Send {
        async { Ok(0) }
    }

    /// Returns whether the backend answers.
    fn ping(&self) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }

    /// Returns the live sessions of a principal.
    fn sessions_of(
        &self,
        _principal: &str,
    ) -> impl Future<Output = Result<Vec<(StoreKey, Snapshot)>>> + Send {
        async { Err(StoreError::unsupported("sessions_of")) }
    }

    /// Ends the sessions of a principal but one; returns the number.
    fn delete_of(
        &self,
        _principal: &str,
        _except: Option<&StoreKey>,
    ) -> impl Future<Output = Result<usize>> + Send {
        async { Err(StoreError::unsupported("delete_of")) }
    }
}

/// Hands a list of all asynchronous methods to another macro.
macro_rules! with_methods {
    ($macro:ident $($prefix:tt)*) => {
        $macro! { ($($prefix)*)
            load(key: [ref StoreKey]) -> Loaded;
            insert(key: [ref StoreKey], session: [ref NewSession], policy: [ref Policy])
                -> Inserted;
            merge(key: [ref StoreKey], changes: [ref Changes], policy: [ref Policy]) -> Merged;
            touch(key: [ref StoreKey], policy: [ref Policy]) -> Touched;
            rotate(old: [ref StoreKey], new: [ref StoreKey], changes: [ref Changes],
                retire: [val Retire], policy: [ref Policy]) -> Rotated;
            delete(key: [ref StoreKey], reserve: [val Option<Duration>]) -> ();
            swap(key: [ref StoreKey], field: [ref str], expected: [ref Value], new: [ref Value],
                policy: [ref Policy]) -> Swapped;
            add(key: [ref StoreKey], field: [ref str], by: [val i64], policy: [ref Policy])
                -> Added;
            delete_expired(limit: [val usize]) -> usize;
            count_expired() -> usize;
            ping() -> ();
            sessions_of(principal: [ref str]) -> Vec<(StoreKey, Snapshot)>;
            delete_of(principal: [ref str], except: [opt StoreKey]) -> usize;
        }
    };
}

macro_rules! argument {
    (ref $type:ty) => { &$type };
    (opt $type:ty) => { Option<&$type> };
    (val $type:ty) => { $type };
    ($life:lifetime ref $type:ty) => { &$life $type };
    ($life:lifetime opt $type:ty) => { Option<&$life $type> };
    ($life:lifetime val $type:ty) => { $type };
}

/// Implements [`Store`] for a type by calling the store in one of its fields.
macro_rules! delegate_store {
    ($type:ty, $inner:tt) => {
        const _: () = {
            use std::time::Duration;

            use serde_json::Value;
            use $crate::store::{
                Added, Inserted, Loaded, Merged, NewSession, Retire, Rotated, Snapshot, Store,
                Swapped, Touched, argument, delegate_store_methods, with_methods,
            };
            use $crate::{Capabilities, Changes, Data, Policy, Result, StoreKey, ValueError};

            impl Store for $type {
                fn check(&self, data: &Data) -> Result<(), ValueError> {
                    self.$inner.check(data)
                }

                fn capabilities(&self) -> Capabilities {
                    self.$inner.capabilities()
                }

                with_methods!(delegate_store_methods $inner);
            }
        };
    };
}

macro_rules! delegate_store_methods {
    (($inner:tt) $($name:ident($($arg:ident: [$($type:tt)+]),*) -> $out:ty;)*) => { $(
        async fn $name(&self $(, $arg: argument!($($type)+))*) -> Result<$out> {
            self.$inner.$name($($arg),*).await
        }
    )* };
}

pub(crate) use {argument, delegate_store, delegate_store_methods, with_methods};

type Boxed<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

macro_rules! dynamic_methods {
    (() $($name:ident($($arg:ident: [$($type:tt)+]),*) -> $out:ty;)*) => {
        /// [`Store`] with boxed futures, so that it can be a trait object.
        trait DynStore: Send + Sync {
            fn check(&self, data: &Data) -> Result<(), ValueError>;
            fn capabilities(&self) -> Capabilities;
            $(fn $name<'a>(&'a self $(, $arg: argument!('a $($type)+))*) -> Boxed<'a, $out>;)*
        }

        impl<S: Store> DynStore for S {
            fn check(&self, data: &Data) -> Result<(), ValueError> {
                Store::check(self, data)
            }

            fn capabilities(&self) -> Capabilities {
                Store::capabilities(self)
            }

            $(fn $name<'a>(&'a self $(, $arg: argument!('a $($type)+))*) -> Boxed<'a, $out> {
                Box::pin(Store::$name(self $(, $arg)*))
            })*
        }

        impl Store for BoxedStore {
            fn check(&self, data: &Data) -> Result<(), ValueError> {
                self.0.check(data)
            }

            fn capabilities(&self) -> Capabilities {
                self.0.capabilities()
            }

            $(async fn $name(&self $(, $arg: argument!($($type)+))*) -> Result<$out> {
                self.0.$name($($arg),*).await
            })*
        }
    };
}

with_methods!(dynamic_methods);

/// A store of any type, chosen at run time. Cloning is cheap.
#[derive(Clone)]
pub struct BoxedStore(Arc<dyn DynStore>);

impl BoxedStore {
    /// Boxes a store.
    pub fn new(store: impl Store) -> Self {
        Self(Arc::new(store))
    }
}

impl std::fmt::Debug for BoxedStore {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("BoxedStore")
    }
}
