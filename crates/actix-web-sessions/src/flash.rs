//! Messages for the next page that the client sees, as Django's messages framework.
//!
//! ```
//! # use actix_web::{HttpResponse, Result};
//! use actix_web_sessions::flash::{Flash, Message};
//!
//! async fn save(flash: Flash) -> Result<HttpResponse> {
//!     flash.success("The film is saved.")?;
//!     Ok(HttpResponse::SeeOther().insert_header(("location", "/")).finish())
//! }
//!
//! async fn index(flash: Flash) -> Result<String> {
//!     let messages: Vec<Message> = flash.drain().await?;
//!     Ok(messages.iter().map(|message| format!("{}: {}\n", message.level, message.text)).collect())
//! }
//! ```
//!
//! Each message is a value of its own in the session, and is removed atomically when it is read:
//! two tabs neither lose nor repeat one. With [`FirstVisit::Sealed`](crate::FirstVisit::Sealed) the
//! messages of a new client are in its cookie. Templates must escape the text.

use std::fmt;
use std::pin::Pin;
use std::time::SystemTime;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use serde::{Deserialize, Serialize};

use crate::data::{Data, encode};
use crate::error::{OpenError, Result, UpdateError, ValueError};
use crate::expiry::since_epoch;
use crate::session::Session;

/// Precedes the name of each message in the session.
const PREFIX: &str = "_flash:";

/// The importance of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// For developers; not recorded unless the minimum level is lowered.
    Debug,
    /// Information.
    Info,
    /// An action succeeded.
    Success,
    /// An action may fail later.
    Warning,
    /// An action failed.
    Error,
}

impl Level {
    /// Returns the name in lower case, such as for a CSS class.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Success => "success",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Message {
    /// The importance.
    pub level: Level,
    /// The text, not escaped.
    pub text: String,
    /// Tags of the application; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub extra_tags: String,
}

impl Message {
    /// Returns the name of the level.
    pub fn level_tag(&self) -> &'static str {
        self.level.as_str()
    }

    /// Returns the extra tags and the name of the level, separated by a space.
    pub fn tags(&self) -> String {
        format!("{} {}", self.extra_tags, self.level).trim_start().to_owned()
    }
}

/// The messages of a client, as an argument of a handler.
///
/// Messages below [`Level::Info`] are not recorded. Put a [`Level`] into `app_data` to choose
/// another minimum for the application, or call [`Flash::minimum`].
#[derive(Debug, Clone)]
pub struct Flash {
    session: Session,
    minimum: Level,
}

impl Flash {
    /// Returns the messages of a session.
    pub fn of(session: &Session) -> Self {
        Self { session: session.clone(), minimum: Level::Info }
    }

    /// Sets the level below which messages are not recorded.
    #[must_use]
    pub fn minimum(self, minimum: Level) -> Self {
        Self { minimum, ..self }
    }

    /// Adds a message.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub fn add(&self, level: Level, text: impl Into<String>) -> Result<(), ValueError> {
        self.add_tagged(level, text, "")
    }

    /// Adds a message with tags of the application.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub fn add_tagged(
        &self,
        level: Level,
        text: impl Into<String>,
        extra_tags: impl Into<String>,
    ) -> Result<(), ValueError> {
        if level < self.minimum {
            return Ok(());
        }
        let message = Message { level, text: text.into(), extra_tags: extra_tags.into() };
        self.session.put(Data::from_iter([(self.next_name(), encode("", message)?)]))
    }

    /// Returns a name that sorts after those of the messages before.
    fn next_name(&self) -> String {
        let mut tie = [0; 4];
        _ = getrandom::fill(&mut tie);
        let last = self.names().pop();
        let last = last
            .and_then(|name| u64::from_str_radix(name.strip_prefix(PREFIX)?.get(..16)?, 16).ok());
        let now = since_epoch(SystemTime::now());
        let order = last.map_or(now, |last| now.max(last + 1));
        format!("{PREFIX}{order:016x}{:08x}", u32::from_le_bytes(tie))
    }

    /// Returns the names of all messages, in order.
    fn names(&self) -> Vec<String> {
        let names = self.session.read(|state| {
            let names = state.data.keys().filter(|name| name.starts_with(PREFIX));
            names.cloned().collect::<Vec<_>>()
        });
        let mut names = names.unwrap_or_default();
        names.sort();
        names
    }

    /// Removes all messages and returns them, in the order in which they were added. Takes effect
    /// in the store at once, as [`Session::transact`]. Messages added later are for the next call.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn drain(&self) -> Result<Vec<Message>> {
        let mut messages = Vec::new();
        for name in self.names() {
            let taken = self.session.transact(&name, Option::<Message>::take).await;
            match taken {
                Ok(message) => messages.extend(message),
                Err(UpdateError::Store(error)) => return Err(error),
                // Not a message, or another request logged in meanwhile.
                Err(UpdateError::Value(_) | UpdateError::Refused) => {}
            }
            self.session.delete(&name);
        }
        Ok(messages)
    }
}

macro_rules! shortcuts {
    ($($name:ident $level:ident;)*) => { impl Flash { $(
        #[doc = concat!("Adds a message of [`Level::", stringify!($level), "`].")]
        ///
        /// # Errors
        /// When it cannot be stored.
        pub fn $name(&self, text: impl Into<String>) -> Result<(), ValueError> {
            self.add(Level::$level, text)
        }
    )* } };
}

shortcuts! {
    debug Debug;
    info Info;
    success Success;
    warning Warning;
    error Error;
}

impl FromRequest for Flash {
    type Error = OpenError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, OpenError>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let flash = Self::of(&Session::open(&request).await?);
            let minimum = request.app_data::<Level>().copied().unwrap_or(Level::Info);
            Ok(flash.minimum(minimum))
        })
    }
}
