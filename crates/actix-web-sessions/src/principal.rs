//! The user of a session, and the devices of a user.

use std::fmt;
use std::ops::Deref;
use std::time::Duration;

use serde::Serialize;

use crate::key::StoreKey;

/// The name under which a session's data hold its principal.
pub(crate) const PRINCIPAL: &str = "_principal";

/// The name under which a session's data hold its label.
pub(crate) const LABEL: &str = "_label";

/// A user, as the application names it, and the session in which that was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    pub(crate) name: String,
    pub(crate) current: Option<StoreKey>,
}

impl Principal {
    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.name
    }
}

impl Deref for Principal {
    type Target = str;

    fn deref(&self) -> &str {
        &self.name
    }
}

impl AsRef<str> for Principal {
    fn as_ref(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.name)
    }
}

impl PartialEq<str> for Principal {
    fn eq(&self, other: &str) -> bool {
        self.name == other
    }
}

impl PartialEq<&str> for Principal {
    fn eq(&self, other: &&str) -> bool {
        self.name == *other
    }
}

impl From<&str> for Principal {
    fn from(name: &str) -> Self {
        Self { name: name.to_owned(), current: None }
    }
}

impl From<String> for Principal {
    fn from(name: String) -> Self {
        Self { name, current: None }
    }
}

impl From<&String> for Principal {
    fn from(name: &String) -> Self {
        name.as_str().into()
    }
}

impl From<&Self> for Principal {
    fn from(principal: &Self) -> Self {
        principal.clone()
    }
}

/// One session of a principal, for a list of devices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SessionInfo {
    /// Names the session to [`Sessions::end`](crate::Sessions::end); opens nothing.
    pub handle: String,
    /// The time since it was made.
    pub age: Duration,
    /// The time until it ends if it is not used.
    pub remaining: Duration,
    /// The label that the application set.
    pub label: Option<String>,
    /// Whether it is the one in which the list was asked for.
    pub current: bool,
}
