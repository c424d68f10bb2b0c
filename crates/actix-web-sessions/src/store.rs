//! The contract of session stores.
//!
//! The module `conformance` lists its statements SC-1 to SC-35, and tests them.

mod answers;

use std::time::Duration;

use serde_json::Value;

pub(crate) use self::answers::Changed;
pub use self::answers::{
    Added, Capabilities, Inserted, Loaded, Merged, NewSession, Retire, Rotated, Snapshot, Swapped,
    Touched,
};
pub use self::boxed::BoxedStore;
use crate::data::{Changes, Data, integer};
use crate::error::{Result, StoreError, ValueError};
use crate::expiry::Policy;
use crate::key::StoreKey;

/// The time for which writes and deletions with a renewed id apply to the session under its new
/// key.
pub const FOLLOW_PERIOD: Duration = Duration::from_secs(120);

/// The time for which a retired key is distinguished from an unknown one, so that the response to a
/// slow request does not remove the browser's newer cookie.
pub const RETIREMENT_PERIOD: Duration = Duration::from_secs(600);

/// The maximum number of rotations through which a retired key is followed.
pub const MAX_SUCCESSORS: usize = 16;

/// A session store. Each call is atomic, and values that depend on stored state (deadlines,
/// counters, successors) are computed by the store at the instant of the write.
///
/// Most stores are easier to write as a [`RecordStore`](crate::RecordStore) inside
/// [`Versioned`](crate::Versioned).
pub trait Store: Send + Sync + 'static {
    /// Returns the session under the key.
    fn load(&self, key: &StoreKey) -> impl Future<Output = Result<Loaded>> + Send;

    /// Stores a new session, and never replaces one.
    fn insert(
        &self,
        key: &StoreKey,
        session: &NewSession,
        policy: &Policy,
    ) -> impl Future<Output = Result<Inserted>> + Send;

    /// Applies changes to the stored session, and extends it.
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

    /// Deletes the session under this key or its successors. The key cannot be used for a new
    /// session before `reserve` has passed. A missing session is not an error.
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

    /// Checks that data can be stored.
    ///
    /// # Errors
    /// When they cannot, with the reason.
    fn check(&self, _data: &Data) -> Result<(), ValueError> {
        Ok(())
    }

    /// Returns the abilities of this store.
    fn capabilities(&self) -> Capabilities {
        Capabilities::default()
    }

    /// Removes at most `limit` records that have expired and are not reserved; returns their
    /// number.
    fn delete_expired(&self, _limit: usize) -> impl Future<Output = Result<usize>> + Send {
        async { Ok(0) }
    }

    /// Returns the number of records that repeated calls of [`Store::delete_expired`] would remove.
    fn count_expired(&self) -> impl Future<Output = Result<usize>> + Send {
        async { Ok(0) }
    }

    /// Checks that the backend answers.
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

    /// Deletes the sessions of a principal except one; returns their number.
    fn delete_of(
        &self,
        principal: &str,
        except: Option<&StoreKey>,
    ) -> impl Future<Output = Result<usize>> + Send {
        async move {
            let found = self.sessions_of(principal).await?;
            let others = found.iter().map(|(key, _)| key).filter(|key| Some(*key) != except);
            let mut ended = 0;
            for key in others {
                self.delete(key, None).await?;
                ended += 1;
            }
            Ok(ended)
        }
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

// After the macros that it uses.
mod boxed;
