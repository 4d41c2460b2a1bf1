//! The BITS upload protocol: packets over HTTP, as client and server need them.
//!
//! A client sends one file in a session: Create-Session, Fragments, Close-Session; each request has the method
//! [`METHOD`] and one of the packets of [`Packet`], each response is an [`Ack`]. Nothing here reads or writes: headers
//! come in as pairs and go out as pairs.
//!
//! - [`packet`]: the requests
//! - [`ack`]: the responses
//! - [`range`]: which bytes a Fragment carries, and what becomes of them
//! - [`session`]: identifiers of sessions
//! - [`reaction`]: what a client does about a response

pub mod ack;
pub mod packet;
pub mod range;
pub mod reaction;
pub mod session;

pub use ack::{Ack, Answer, Refusal};
pub use packet::{Kind, Packet};
pub use range::{FragmentRange, Placement};
pub use reaction::Reaction;
pub use session::SessionId;

use crate::Guid;

/// The method of all requests.
pub const METHOD: &str = "BITS_POST";
/// The only version of the protocol: `{7df0354d-249b-430f-820d-3d2a9bef4931}`.
pub const PROTOCOL: Guid = Guid::from_u128(0x7df0354d_249b_430f_820d_3d2a9bef4931);
/// Most bytes of the value of one header.
pub const MAX_HEADER: usize = 4_096;
/// Most characters of a session identifier.
pub const MAX_SESSION_ID: usize = 100;
/// Most protocols that a client may offer.
pub const MAX_PROTOCOLS: usize = 100;
/// Most characters of the name of a host.
pub const MAX_HOST_ID: usize = 300;
/// Fewest bytes of a Fragment that is not the last one.
pub const MIN_FRAGMENT: u64 = 5 * 1024;
/// Most bytes of a Fragment of a client.
pub const MAX_FRAGMENT: u64 = 13 * 1024 * 1024;

/// The names of the headers, as they are sent; they are compared without regard to case.
pub mod header {
    /// The kind of a packet; `Ack` in responses.
    pub const PACKET_TYPE: &str = "BITS-Packet-Type";
    /// The protocols that a client offers.
    pub const SUPPORTED_PROTOCOLS: &str = "BITS-Supported-Protocols";
    /// The one that the server took.
    pub const PROTOCOL: &str = "BITS-Protocol";
    /// The session.
    pub const SESSION_ID: &str = "BITS-Session-Id";
    /// Another name of the server, for the rest of the session.
    pub const HOST_ID: &str = "BITS-Host-Id";
    /// Seconds without contact after which the first name is used again.
    pub const HOST_ID_FALLBACK_TIMEOUT: &str = "BITS-Host-Id-Fallback-Timeout";
    /// How many bytes the server has, from the first on.
    pub const RECEIVED_CONTENT_RANGE: &str = "BITS-Received-Content-Range";
    /// As a known server spells it.
    pub const RECEIVED_CONTENT_RANGE_MISSPELT: &str = "BITS-Recieved-Content-Range";
    /// Where the reply of an upload is.
    pub const REPLY_URL: &str = "BITS-Reply-URL";
    /// What failed, in hexadecimal.
    pub const ERROR_CODE: &str = "BITS-Error-Code";
    /// The same by its other name.
    pub const ERROR: &str = "BITS-Error";
    /// Who failed.
    pub const ERROR_CONTEXT: &str = "BITS-Error-Context";
    /// The name of the local file.
    pub const CONTENT_NAME: &str = "Content-Name";
    /// The bytes of a Fragment.
    pub const CONTENT_RANGE: &str = "Content-Range";
    /// Only `identity` exists.
    pub const CONTENT_ENCODING: &str = "Content-Encoding";
    /// What a server accepts in Fragments.
    pub const ACCEPT_ENCODING: &str = "Accept-Encoding";
}

/// The value of a header that must not be there twice.
#[derive(Clone, Copy, Debug, Default)]
struct Once<'a>(Option<&'a [u8]>, bool);

impl<'a> Once<'a> {
    fn set(&mut self, value: &'a [u8]) {
        self.1 |= self.0.is_some_and(|first| first != value);
        self.0 = Some(value);
    }

    /// The text, without the white space around it; an error for two different ones and for what is no text.
    fn text(self) -> Result<Option<&'a str>, ()> {
        match self {
            Once(_, true) => Err(()),
            Once(None, _) => Ok(None),
            Once(Some(value), _) => match std::str::from_utf8(value) {
                Ok(text) => Ok(Some(text.trim_matches([' ', '\t']))),
                Err(_) => Err(()),
            },
        }
    }
}
