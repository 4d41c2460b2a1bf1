//! What one attempt at the upload of a file begins with, and what is known of its session at the server.

use bgcopy_protocol::flags::SecurityFlags;
use bgcopy_protocol::upload::SessionId;
use serde::{Deserialize, Serialize};

use super::access::Access;
use super::copy::Source;
use super::progress::Progress;
use super::sink::Buffer;
use super::{Observer, TransferError};
use crate::sys::cancel::CancelToken;

/// What tells one version of a local file from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Size in bytes.
    pub size: u64,
    /// Nanoseconds since 1970 of the last change.
    pub modified: i128,
}

/// What is known of an upload: stored with its file, so that another process can go on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its name at the server; none before it is created.
    pub id: Option<SessionId>,
    /// The name of the server for the rest of the session, where that is not the one in the URL.
    pub host: Option<String>,
    /// Seconds without contact to `host` after which the URL is used as it is; `None` is never.
    pub host_fallback: Option<u32>,
    /// Wall clock in nanoseconds of the first failure to reach `host` since it was reached last.
    pub unreached_since: Option<i64>,
    /// Bytes that the server has, from the first on.
    pub offset: u64,
    /// The file as it was when the session was created.
    pub file: Option<Stamp>,
    /// Most bytes of a Fragment, once the server refused more.
    pub ceiling: Option<u64>,
    /// The server has everything.
    pub delivered: bool,
    /// Where the reply is, as the server wrote it.
    pub reply: Option<String>,
}

impl Session {
    /// The server does not know it any more; its host is asked for another one.
    pub fn lose(&mut self) {
        *self = Session {
            host: self.host.take(),
            host_fallback: self.host_fallback,
            unreached_since: self.unreached_since,
            file: self.file,
            ceiling: self.ceiling,
            ..Session::default()
        };
    }

    /// Another name of the server could not be reached at the wall clock `now`: when that has lasted as long as the
    /// server said, the name in the URL is used again.
    pub fn unreached(&mut self, now: i64) {
        if self.host.is_some() {
            self.unreached_since.get_or_insert(now);
        }
    }

    /// Gives `host` up when it could not be reached for as long as the server said.
    pub fn fall_back(&mut self, now: i64) {
        if let (Some(since), Some(seconds)) = (self.unreached_since, self.host_fallback)
            && now.saturating_sub(since) >= i64::from(seconds) * 1_000_000_000
        {
            (self.host, self.host_fallback, self.unreached_since) = (None, None, None);
        }
    }
}

/// What to send, and where.
#[derive(Debug)]
pub struct Upload<'a> {
    /// http or https URL.
    pub url: &'a str,
    /// The name of the local file.
    pub name: &'a str,
    /// The file; not needed once the server has everything.
    pub source: Option<&'a Source<'a>>,
    /// The session stays open when the server has everything, because its reply is not here.
    pub keep_open: bool,
    /// Which faults of certificates are ignored.
    pub security: SecurityFlags,
    /// Further request headers.
    pub headers: &'a [(String, String)],
    /// How servers are reached, and as whom, where that is not the usual way.
    pub access: Option<&'a Access<'a>>,
}

/// What an attempt at an upload works with.
pub struct Sending<'a> {
    /// What is known of the session, kept up to date.
    pub session: Session,
    /// Where changes of it are recorded.
    pub journal: &'a dyn Journal,
    /// Counts the bytes that the server has.
    pub progress: &'a Progress,
    /// Hears what happens, and limits the rate.
    pub observer: &'a dyn Observer,
    /// Holds what is being sent.
    pub buffer: &'a mut Buffer,
    /// Ends the attempt.
    pub cancel: &'a CancelToken,
}

/// Puts what is known of a session on record.
pub trait Journal {
    /// Records it; returns only when that is durable, if asked to.
    ///
    /// # Errors
    /// It could not be recorded.
    fn record(&self, session: &Session, durably: bool) -> Result<(), TransferError>;
}

/// How an attempt at an upload ended well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// The server has everything, and the session is open for its reply.
    Delivered,
    /// The server has everything, and the session is over.
    Closed,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_host_is_given_up_when_its_time_is_over() {
        const SECOND: i64 = 1_000_000_000;
        let mut session =
            Session { host: Some("node".into()), host_fallback: Some(900), ..Session::default() };
        session.fall_back(5_000 * SECOND);
        assert!(session.host.is_some(), "it was reached so far");
        session.unreached(100 * SECOND);
        session.unreached(500 * SECOND);
        session.fall_back(999 * SECOND);
        assert!(session.host.is_some(), "900 s have not passed");
        session.fall_back(1_000 * SECOND);
        assert_eq!((session.host, session.unreached_since), (None, None));
    }

    #[test]
    fn a_host_without_a_time_is_never_given_up() {
        let mut session = Session { host: Some("node".into()), ..Session::default() };
        session.unreached(0);
        session.fall_back(i64::MAX);
        assert!(session.host.is_some());
    }

    #[test]
    fn a_lost_session_leaves_its_host_and_the_file() {
        let file = Some(Stamp { size: 9, modified: 1 });
        let mut session = Session {
            id: SessionId::parse("x"),
            host: Some("node".into()),
            offset: 5,
            file,
            ceiling: Some(5120),
            delivered: true,
            reply: Some("r".into()),
            ..Session::default()
        };
        session.lose();
        let left = Session { host: Some("node".into()), file, ceiling: Some(5120), ..Session::default() };
        assert_eq!(session, left);
    }
}
