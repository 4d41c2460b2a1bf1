//! Identifiers of sessions.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::MAX_SESSION_ID;
use crate::Guid;

/// What names a session: made by the server, opaque to the client, which gives it back as it came.
///
/// It stands for the permission to write: [`fmt::Debug`] shows only its beginning, for logs.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SessionId(String);

impl SessionId {
    /// The identifier of a new session, of 16 random bytes.
    #[must_use]
    pub fn from_random(bytes: [u8; 16]) -> SessionId {
        SessionId(Guid::from_random(bytes).to_string())
    }

    /// Takes an identifier from a header; none for an empty one, one of more than 100 characters, and one with other
    /// characters than the visible ones of ASCII.
    #[must_use]
    pub fn parse(value: &str) -> Option<SessionId> {
        let good =
            (1..=MAX_SESSION_ID).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_graphic());
        good.then(|| SessionId(value.to_owned()))
    }

    /// The spelling under which a server knows its sessions: a GUID in any case, with or without braces, is the same.
    #[must_use]
    pub fn canonical(&self) -> SessionId {
        match self.0.parse::<Guid>() {
            Ok(guid) => SessionId(guid.to_string()),
            Err(_) => self.clone(),
        }
    }

    /// The text of the header.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}...", self.0.get(..9).unwrap_or_default())
    }
}
