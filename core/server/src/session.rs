//! What is known of one upload.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use bgcopy_protocol::upload::SessionId;
use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex, watch};

use crate::config::Directory;
use crate::storage::{Found, Storage};
use crate::tree::Tree;
use crate::url_path::UrlPath;

/// A directory that is served.
pub struct Place {
    /// As configured.
    pub settings: Directory,
    /// Device and number of the directory.
    pub device: (u64, u64),
    /// The directory itself.
    pub tree: Tree,
    /// The uploads that are not yet in it; none where uploads are disabled.
    pub storage: Option<Arc<Storage>>,
    /// How many sessions it has.
    pub sessions: Arc<AtomicUsize>,
}

/// What of a session is on disk.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Its identifier.
    pub id: SessionId,
    /// The directory it was begun in.
    pub url_prefix: String,
    /// Names that lead from there to the file.
    pub target: Vec<String>,
    /// The URL of its Create-Session.
    pub url: String,
    /// The host name that the client was told to use from then on.
    pub host: Option<String>,
    /// Who began it; nobody known for an anonymous one.
    pub principal: Option<String>,
    /// When, in seconds since 1970.
    pub created: i64,
    /// The size of the file, once a Fragment has told it.
    pub total: Option<u64>,
    /// How far it is.
    pub stage: Stage,
    /// What the server application said when it was told of the upload.
    pub verdict: Option<Verdict>,
}

/// Where the reply of a server application is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reply {
    /// With the session.
    Stored,
    /// Where the application says.
    Static(String),
}

/// What a server application said of an upload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// It took it.
    Taken {
        /// The file gets its name.
        copy: bool,
        /// The reply.
        reply: Option<Reply>,
    },
    /// It answered 403, and is not asked again.
    Forbidden,
}

/// How far a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// Bytes are missing, or nobody could be told that they are there.
    Receiving,
    /// The file gets its name: when it is not in the session any more, it has it.
    Publishing,
    /// All is done but the end of the session.
    Finished,
}

/// An upload.
pub struct Session {
    /// Its identifier.
    pub id: SessionId,
    /// Where its bytes are until they have their name.
    pub storage: Arc<Storage>,
    /// The directory it was begun in, by the URL: what is said of that may change.
    url_prefix: UrlPath,
    /// How many sessions that directory has.
    pub siblings: Arc<AtomicUsize>,
    /// Names that lead from there to the file.
    pub target: Vec<String>,
    /// Who began it.
    pub principal: Option<String>,
    /// When it was begun, in seconds since 1970.
    pub created: i64,
    /// When it last made progress, in seconds since 1970.
    progress: AtomicI64,
    /// Counts requests: a new one ends the reading of an older one, which its client has given up.
    turn: watch::Sender<u64>,
    /// Changes one at a time.
    pub state: Mutex<State>,
}

/// What changes in a session.
pub struct State {
    /// What is, or is to be, on disk.
    pub record: Record,
    /// The record on disk is this one.
    pub saved: bool,
    /// The directory of the session is durable.
    pub entered: bool,
    /// A client was told of bytes that are on disk.
    pub promised: bool,
    /// Bytes that are in the file.
    pub received: u64,
    /// Bytes that are on disk.
    pub durable: u64,
    /// The session has ended.
    pub gone: bool,
}

impl Session {
    /// A session of a directory, as it is on disk; `promised` unless it is a new one.
    pub fn new(place: &Place, storage: Arc<Storage>, found: Found, promised: bool) -> Session {
        let Found { record, received, progress } = found;
        // A file that has its name was on disk before it got it.
        let durable = if record.stage == Stage::Finished { received } else { 0 };
        Session {
            id: record.id.clone(),
            storage,
            url_prefix: place.settings.url_prefix.clone(),
            siblings: Arc::clone(&place.sessions),
            target: record.target.clone(),
            principal: record.principal.clone(),
            created: record.created,
            progress: AtomicI64::new(progress),
            turn: watch::Sender::new(0),
            state: Mutex::new(State {
                record,
                saved: true,
                entered: false,
                promised,
                received,
                durable,
                gone: false,
            }),
        }
    }

    /// It was begun in this directory, and is received there still.
    pub fn is_in(&self, place: &Place) -> bool {
        place.storage.as_ref().is_some_and(|storage| Arc::ptr_eq(storage, &self.storage))
            && place.settings.url_prefix == self.url_prefix
    }

    /// Begins a request: those before it stop waiting for their bodies. It is over when the receiver changes.
    pub fn begin(&self) -> watch::Receiver<u64> {
        self.turn.send_modify(|turn| *turn += 1);
        self.turn.subscribe()
    }

    /// Notes progress.
    pub fn progress(&self) {
        self.progress.store(now(), Ordering::Relaxed);
    }

    /// It made no progress for as long as its directory lets it.
    pub fn expired(&self, place: &Place, now: i64) -> bool {
        let timeout = i64::try_from(place.settings.session_timeout.as_secs()).unwrap_or(i64::MAX);
        now.saturating_sub(self.progress.load(Ordering::Relaxed)) >= timeout
    }
}

/// Seconds since 1970.
pub fn now() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX)
}
