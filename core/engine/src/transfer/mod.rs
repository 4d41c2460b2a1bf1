//! One attempt at one file. Knows nothing of jobs, the queue or the store.
//!
//! - [`http`]: downloads over HTTP
//! - [`copy`]: copies of files on disks and mounted shares
//! - [`remote_name`]: which of the two a remote name asks for
//! - [`parts`]: the same for a file that is fetched in parts
//! - [`sink`]: the file that grows beside its destination; [`progress`]: how far it has come
//! - [`destination`]: names of local files, publishing and discarding
//! - [`upload`]: what is sent to a server, and what is known of the session there
//! - [`access`]: how servers are reached, and as whom
//! - `error`: why an attempt ended without the whole file

pub mod access;
pub mod copy;
pub mod destination;
pub(crate) mod error;
pub mod http;
pub mod parts;
pub mod progress;
pub mod remote_name;
pub mod share;
pub mod sink;
pub mod upload;

use bgcopy_protocol::flags::SecurityFlags;
use serde::{Deserialize, Serialize};

use self::access::Access;
pub use self::error::TransferError;
use crate::sys::cancel::CancelToken;

/// What identifies the version of a remote file: stored with the bytes it belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// Size in bytes, once known.
    pub size: Option<u64>,
    /// The ETag as sent, `W/` included.
    pub etag: Option<String>,
    /// The Last-Modified value as sent.
    pub last_modified: Option<String>,
}

/// What to fetch, and from where on.
#[derive(Debug)]
pub struct Download<'a> {
    /// http or https URL.
    pub url: &'a str,
    /// FOREGROUND priority: no HEAD, and a server without ranges is accepted.
    pub foreground: bool,
    /// Bytes already in the sink, a prefix of the file of `version`; 0 to begin.
    pub offset: u64,
    /// The version those bytes belong to; the default when `offset` is 0 and nothing is known.
    pub version: Version,
    /// The server makes the content while it sends it: no size, no ranges, always the whole of it with one request.
    pub dynamic: bool,
    /// The method that fetches the file, in place of GET: always the whole of it, with one request.
    pub method: Option<&'a str>,
    /// Which faults of certificates are ignored, and which redirects are followed.
    pub security: SecurityFlags,
    /// Further request headers.
    pub headers: &'a [(String, String)],
    /// How servers are reached, and as whom, where that is not the usual way.
    pub access: Option<&'a Access<'a>>,
}

/// Where the bytes go. Positions are the sink's: bytes arrive in order.
pub trait Sink {
    /// The response is accepted: its bytes follow from the present position on.
    ///
    /// Called before the first byte, and again after [`Sink::restart`]. Reserves space where the
    /// size is known.
    ///
    /// # Errors
    /// The file cannot be made or there is no room for it.
    fn begin(&mut self, version: &Version) -> Result<(), TransferError>;

    /// The remote file is another one than before: everything received is void, the position is 0.
    /// Returns only when that is on record.
    ///
    /// # Errors
    /// The change could not be recorded or the file not be emptied.
    fn restart(&mut self, why: &str) -> Result<(), TransferError>;

    /// A buffer to receive into; the bytes filled are then given to [`Sink::commit`].
    fn buffer(&mut self) -> &mut [u8];

    /// Takes the first `len` bytes of [`Sink::buffer`] as the next bytes of the file.
    ///
    /// # Errors
    /// They could not be written.
    fn commit(&mut self, len: usize) -> Result<(), TransferError>;

    /// Reads back bytes received earlier, to compare them.
    ///
    /// # Errors
    /// They are not there any more.
    fn read_back(&mut self, offset: u64, into: &mut [u8]) -> Result<(), TransferError>;
}

/// Hears what happens during an attempt, on the attempt's thread.
pub trait Observer {
    /// The server answered with something usable: CONNECTING becomes TRANSFERRING.
    fn connected(&self) {}
    /// The server answered, with anything: the status line and the header lines, each ended by CR LF.
    fn answered(&self, _headers: String) {}
    /// So many bytes are about to be received.
    fn body(&self, _bytes: u64) {}
    /// Followed redirects led to another URL, or one that is not followed leads there.
    fn redirected(&self, _url: &str) {}
    /// A new connection to `place` showed these certificates, its own first, and they are valid: whether it is
    /// the right server. Asked for jobs whose program looks at them, before the first request.
    ///
    /// # Errors
    /// It is not, or nobody can tell.
    fn accepts(&self, _place: &str, _chain: &[&[u8]]) -> Result<(), TransferError> {
        Ok(())
    }
    /// Asks for permission to receive up to `want` bytes: the hook of the rate limiter.
    /// Returns how many are allowed now (at least 1), after waiting where it must, or 0 when cancelled.
    fn allow(&self, want: usize, _cancel: &CancelToken) -> usize {
        want
    }
    /// Whether [`Observer::allow`] may make the attempt wait.
    fn is_limited(&self) -> bool {
        false
    }
    /// So many of the bytes allowed did not come.
    fn unused(&self, _bytes: usize) {}
}
