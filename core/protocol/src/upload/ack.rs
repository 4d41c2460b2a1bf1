//! Responses.

use super::{MAX_HEADER, MAX_HOST_ID, Once, PROTOCOL, SessionId, header};
use crate::ResultCode;
use crate::enums::ErrorContext;
use crate::limits::MAX_URL;

/// What a server answers to a request that it carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The session was created.
    Created {
        /// Its identifier.
        session: SessionId,
        /// Another name of the server for the rest of the session, and after how many seconds without contact the
        /// first name is used again.
        host: Option<(String, u32)>,
    },
    /// The server is there.
    Pong,
    /// The server has the bytes up to `received`.
    Received {
        /// Of this session.
        session: SessionId,
        /// How many bytes, from the first on.
        received: u64,
        /// Where the reply is, once all bytes are there.
        reply: Option<String>,
    },
    /// The session is over.
    Ended {
        /// This one.
        session: SessionId,
    },
}

/// What a server answers to a request that it refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// What failed; absent where the status says everything.
    pub code: Option<ResultCode>,
    /// Who failed: the server (`RemoteFile`) or its application (`RemoteApplication`).
    pub context: ErrorContext,
    /// How many bytes the server has, where that is what is wrong.
    pub received: Option<u64>,
}

impl Refusal {
    /// A refusal by the server itself.
    #[must_use]
    pub const fn new(status: u16, code: ResultCode) -> Refusal {
        Refusal { status, code: Some(code), context: ErrorContext::RemoteFile, received: None }
    }

    /// A refusal by the server application.
    #[must_use]
    pub const fn application(status: u16, code: ResultCode) -> Refusal {
        Refusal { status, code: Some(code), context: ErrorContext::RemoteApplication, received: None }
    }

    /// A malformed packet, a range that makes no sense, a target that is a directory.
    #[must_use]
    pub const fn malformed() -> Refusal {
        Refusal::new(400, ResultCode::BG_E_INVALIDARG)
    }

    /// A body that is encoded.
    #[must_use]
    pub const fn encoding() -> Refusal {
        Refusal::new(415, ResultCode::BG_E_INVALIDARG)
    }

    /// No such session, or one of another URL or user.
    #[must_use]
    pub const fn session_not_found() -> Refusal {
        Refusal::new(500, ResultCode::BG_E_SESSION_NOT_FOUND)
    }

    /// Uploads are switched off here.
    #[must_use]
    pub const fn disabled() -> Refusal {
        Refusal::new(501, ResultCode::BG_E_ACCESSDENIED)
    }

    /// No right to write the file, or it is there and stays.
    #[must_use]
    pub const fn access_denied() -> Refusal {
        Refusal::new(403, ResultCode::BG_E_ACCESSDENIED)
    }

    /// The directory of the file does not exist.
    #[must_use]
    pub const fn no_directory() -> Refusal {
        Refusal::new(404, ResultCode::BG_E_WIN32_PATH_NOT_FOUND)
    }

    /// The upload is larger than allowed.
    #[must_use]
    pub const fn too_large() -> Refusal {
        Refusal::new(500, ResultCode::BG_E_TOO_LARGE)
    }

    /// The disk is full.
    #[must_use]
    pub const fn disk_full() -> Refusal {
        Refusal::new(500, ResultCode::BG_E_WIN32_DISK_FULL)
    }

    /// A Fragment that begins behind the `received` bytes which the server has.
    #[must_use]
    pub const fn out_of_step(received: u64) -> Refusal {
        Refusal { status: 416, code: None, context: ErrorContext::RemoteFile, received: Some(received) }
    }

    /// The headers of the protocol.
    #[must_use]
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        let mut headers = common();
        if let Some(received) = self.received {
            headers.push((header::RECEIVED_CONTENT_RANGE, received.to_string()));
        }
        if let Some(code) = self.code {
            headers.push((header::ERROR_CODE, format!("0x{:08X}", code.0)));
            headers.push((header::ERROR_CONTEXT, format!("0x{:X}", i32::from(self.context))));
        }
        headers
    }
}

impl Answer {
    /// The headers of the protocol; the status is 200.
    #[must_use]
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        let mut headers = common();
        match self {
            Answer::Pong => {}
            Answer::Created { session, host } => {
                headers.push((header::PROTOCOL, PROTOCOL.to_string().to_ascii_lowercase()));
                headers.push((header::SESSION_ID, session.as_str().to_owned()));
                if let Some((host, seconds)) = host {
                    headers.push((header::HOST_ID, host.clone()));
                    headers.push((header::HOST_ID_FALLBACK_TIMEOUT, seconds.to_string()));
                }
                headers.push((header::ACCEPT_ENCODING, "identity".to_owned()));
            }
            Answer::Received { session, received, reply } => {
                headers.push((header::SESSION_ID, session.as_str().to_owned()));
                headers.push((header::RECEIVED_CONTENT_RANGE, received.to_string()));
                if let Some(reply) = reply {
                    headers.push((header::REPLY_URL, reply.clone()));
                }
            }
            Answer::Ended { session } => headers.push((header::SESSION_ID, session.as_str().to_owned())),
        }
        headers
    }
}

fn common() -> Vec<(&'static str, String)> {
    vec![("Pragma", "no-cache".to_owned()), (header::PACKET_TYPE, "Ack".to_owned())]
}

/// A response as a client reads it: what is malformed is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ack {
    /// The HTTP status.
    pub status: u16,
    /// The layer of BITS made the response, not the web server or a proxy before it.
    pub is_ack: bool,
    /// The server took another protocol than the only one.
    pub other_protocol: bool,
    /// The session that was created.
    pub session: Option<SessionId>,
    /// Another name of the server.
    pub host: Option<String>,
    /// Seconds without contact after which the first name is used again; `None` is never.
    pub host_fallback: Option<u32>,
    /// How many bytes the server has, from the first on.
    pub received: Option<u64>,
    /// Where the reply is.
    pub reply: Option<String>,
    /// What failed; never of a success.
    pub code: Option<ResultCode>,
    /// The server application failed.
    pub application: bool,
    /// The name of a header without which the upload cannot go on, and which is there and makes no sense.
    pub malformed: Option<&'static str>,
}

impl Ack {
    /// Reads the headers of a response.
    pub fn parse<'a>(status: u16, headers: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Ack {
        let mut values = [Once::default(); NAMES.len()];
        for (name, value) in headers {
            if let Some(at) = NAMES.iter().position(|wanted| name.eq_ignore_ascii_case(wanted)) {
                // What is too long makes no sense, whatever it says.
                values[at].set(if value.len() <= MAX_HEADER { value } else { NO_TEXT });
            }
        }
        let text = |name: &str| {
            let at = NAMES.iter().position(|known| *known == name)?;
            values[at].text().ok().flatten().filter(|text| !text.is_empty())
        };
        let is_there = |name: &str| {
            let at = NAMES.iter().position(|known| *known == name);
            // What is empty says that there is none.
            at.is_some_and(|at| !matches!(values[at].text(), Ok(None | Some(""))))
        };
        let failed = !(200..300).contains(&status);
        let received =
            text(header::RECEIVED_CONTENT_RANGE).or_else(|| text(header::RECEIVED_CONTENT_RANGE_MISSPELT));
        let code = text(header::ERROR_CODE).or_else(|| text(header::ERROR)).and_then(hexadecimal);
        let context = text(header::ERROR_CONTEXT).and_then(hexadecimal);
        let received = received.and_then(decimal);
        let reply = text(header::REPLY_URL).filter(|url| url.len() <= MAX_URL).map(str::to_owned);
        let counts = [header::RECEIVED_CONTENT_RANGE, header::RECEIVED_CONTENT_RANGE_MISSPELT];
        let malformed = match () {
            () if received.is_none() && counts.into_iter().any(is_there) => {
                Some(header::RECEIVED_CONTENT_RANGE)
            }
            () if reply.is_none() && is_there(header::REPLY_URL) => Some(header::REPLY_URL),
            () => None,
        };
        Ack {
            status,
            is_ack: text(header::PACKET_TYPE).is_some_and(|kind| kind.eq_ignore_ascii_case("ack")),
            other_protocol: text(header::PROTOCOL).is_some_and(|told| told.parse() != Ok(PROTOCOL)),
            session: text(header::SESSION_ID).and_then(SessionId::parse),
            host: text(header::HOST_ID).filter(|host| is_host(host)).map(str::to_owned),
            host_fallback: text(header::HOST_ID_FALLBACK_TIMEOUT).and_then(|seconds| seconds.parse().ok()),
            received,
            reply,
            // A known server attaches a code to successes.
            code: code.filter(|code| failed && *code != 0).map(|code| ResultCode(code.cast_signed())),
            application: failed && context == Some(7),
            malformed,
        }
    }
}

const NAMES: [&str; 11] = [
    header::PACKET_TYPE,
    header::PROTOCOL,
    header::SESSION_ID,
    header::HOST_ID,
    header::HOST_ID_FALLBACK_TIMEOUT,
    header::RECEIVED_CONTENT_RANGE,
    header::RECEIVED_CONTENT_RANGE_MISSPELT,
    header::REPLY_URL,
    header::ERROR_CODE,
    header::ERROR,
    header::ERROR_CONTEXT,
];

/// Stands for a value that cannot be read.
const NO_TEXT: &[u8] = b"\xff";

/// One to eight digits, with or without `0x`.
fn hexadecimal(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
    let good = (1..=8).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    good.then(|| u32::from_str_radix(digits, 16).ok()).flatten()
}

/// Digits only: `u64::from_str` would take a sign too.
fn decimal(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// A name or an address, perhaps with a port; nothing that would lead out of the host part of a URL.
fn is_host(host: &str) -> bool {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte);
    host.len() <= MAX_HOST_ID && host.bytes().all(good)
}
