//! The message that the next page shows once.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::sessions::Session;
use crate::web::error::Result;

/// The session's value for the message.
const MESSAGE: &str = "message";

/// The result of an action. `templates/admin/components/message.html` has the words for each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Message {
    AccountSaved,
    /// Some of the records have changed again.
    BulkChanged,
    BulkDone {
        count: usize,
    },
    BulkUndone {
        count: usize,
    },
    ChangeUndone,
    DeviceSessionEnded,
    JobFinished,
    NothingChanged,
    OperatorAdded {
        name: String,
    },
    OperatorDisabled {
        name: String,
    },
    OperatorEnabled {
        name: String,
    },
    OperatorLinkCreated {
        name: String,
    },
    OperatorSaved {
        name: String,
    },
    OperatorSecondFactorRemoved {
        name: String,
    },
    OtherSessionsEnded {
        count: usize,
    },
    PasswordChanged,
    RecordCreated {
        title: String,
    },
    RecordPurged,
    RecordRestored {
        title: String,
        new_slug: Option<String>,
    },
    RecordSaved {
        title: String,
    },
    RecordTrashed {
        title: String,
    },
    RecordsMerged {
        title: String,
    },
    SecondFactorRemoved,
    SessionsEnded {
        name: String,
        count: usize,
    },
    VersionRestored {
        version: i32,
    },
}

/// A message as it was stored: another version of the program may have left it.
pub(super) type TakenMessage = Value;

impl Message {
    /// Stores the message for the next page.
    ///
    /// # Errors
    /// When the session cannot hold it.
    pub(super) fn leave(&self, session: &Session) -> Result<()> {
        Ok(session.set(MESSAGE, self)?)
    }

    /// Returns the stored message and removes it.
    pub(super) fn take(session: &Session) -> Option<TakenMessage> {
        session.pop(MESSAGE).ok().flatten()
    }
}
