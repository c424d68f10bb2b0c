//! Stores of any type.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::{
    Added, Capabilities, Inserted, Loaded, Merged, NewSession, Retire, Rotated, Snapshot, Store,
    Swapped, Touched,
};
use crate::data::{Changes, Data};
use crate::error::{Result, ValueError};
use crate::expiry::Policy;
use crate::key::StoreKey;

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
