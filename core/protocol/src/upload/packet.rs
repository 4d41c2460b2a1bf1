//! Requests.

use super::{FragmentRange, MAX_HEADER, MAX_PROTOCOLS, Once, PROTOCOL, Refusal, SessionId, header};
use crate::Guid;

/// The kinds of requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Begins a session.
    CreateSession,
    /// Shows that the server is there.
    Ping,
    /// Carries bytes.
    Fragment,
    /// Ends a session of which the client has everything it wants.
    CloseSession,
    /// Gives a session up.
    CancelSession,
}

impl Kind {
    const ALL: [Kind; 5] =
        [Kind::CreateSession, Kind::Ping, Kind::Fragment, Kind::CloseSession, Kind::CancelSession];

    /// The value of the header, as Windows spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::CreateSession => "Create-Session",
            Kind::Ping => "Ping",
            Kind::Fragment => "Fragment",
            Kind::CloseSession => "Close-Session",
            Kind::CancelSession => "Cancel-Session",
        }
    }

    /// Reads the header, in either case.
    #[must_use]
    pub fn parse(value: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.as_str().eq_ignore_ascii_case(value))
    }
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Packet {
    /// Begins a session.
    CreateSession {
        /// The client offers the protocol of this module.
        supported: bool,
    },
    /// Shows that the server is there.
    Ping,
    /// Carries bytes.
    Fragment {
        /// Of this session.
        session: SessionId,
        /// Which bytes.
        range: FragmentRange,
    },
    /// Ends a session.
    CloseSession {
        /// This one.
        session: SessionId,
    },
    /// Gives a session up.
    CancelSession {
        /// This one.
        session: SessionId,
    },
}

impl Packet {
    /// Reads the headers of a request with a body of `length` bytes; no length is none told.
    ///
    /// # Errors
    /// What a server answers: 400 with `BG_E_INVALIDARG` for what is malformed, and 500 with
    /// `BG_E_SESSION_NOT_FOUND` where a session is missing.
    pub fn parse<'a>(
        headers: impl IntoIterator<Item = (&'a str, &'a [u8])>,
        length: Option<u64>,
    ) -> Result<Packet, Refusal> {
        let [mut kind, mut protocols, mut session, mut range, mut encoding] = [Once::default(); 5];
        for (name, value) in headers {
            if value.len() > MAX_HEADER {
                return Err(Refusal::malformed());
            }
            for (wanted, slot) in [
                (header::PACKET_TYPE, &mut kind),
                (header::SUPPORTED_PROTOCOLS, &mut protocols),
                (header::SESSION_ID, &mut session),
                (header::CONTENT_RANGE, &mut range),
                (header::CONTENT_ENCODING, &mut encoding),
            ] {
                if name.eq_ignore_ascii_case(wanted) {
                    slot.set(value);
                }
            }
        }
        let text = |value: Once<'a>| value.text().map_err(|()| Refusal::malformed());
        let kind = text(kind)?.and_then(Kind::parse).ok_or_else(Refusal::malformed)?;
        let length = length.ok_or_else(Refusal::malformed)?;
        if kind != Kind::Fragment && length != 0 {
            return Err(Refusal::malformed());
        }
        let session = || {
            let session = session.text().ok().flatten().and_then(SessionId::parse);
            session.ok_or_else(Refusal::session_not_found)
        };
        Ok(match kind {
            Kind::Ping => Packet::Ping,
            Kind::CreateSession => {
                Packet::CreateSession { supported: offers(text(protocols)?.unwrap_or_default())? }
            }
            Kind::Fragment => {
                if text(encoding)?.is_some_and(|encoding| !encoding.eq_ignore_ascii_case("identity")) {
                    return Err(Refusal::encoding());
                }
                let session = session()?;
                let range = text(range)?.and_then(|range| FragmentRange::parse(range, length).ok());
                Packet::Fragment { session, range: range.ok_or_else(Refusal::malformed)? }
            }
            Kind::CloseSession => Packet::CloseSession { session: session()? },
            Kind::CancelSession => Packet::CancelSession { session: session()? },
        })
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Packet::CreateSession { .. } => Kind::CreateSession,
            Packet::Ping => Kind::Ping,
            Packet::Fragment { .. } => Kind::Fragment,
            Packet::CloseSession { .. } => Kind::CloseSession,
            Packet::CancelSession { .. } => Kind::CancelSession,
        }
    }

    /// The session it belongs to.
    #[must_use]
    pub fn session(&self) -> Option<&SessionId> {
        match self {
            Packet::CreateSession { .. } | Packet::Ping => None,
            Packet::Fragment { session, .. }
            | Packet::CloseSession { session }
            | Packet::CancelSession { session } => Some(session),
        }
    }

    /// The headers of the protocol for a request; `name` is that of the local file, and goes along where it can.
    #[must_use]
    pub fn headers(&self, name: &str) -> Vec<(&'static str, String)> {
        let mut headers = vec![(header::PACKET_TYPE, self.kind().as_str().to_owned())];
        if let Packet::CreateSession { .. } = self {
            headers.push((header::SUPPORTED_PROTOCOLS, PROTOCOL.to_string().to_ascii_lowercase()));
        }
        if let Some(session) = self.session() {
            headers.push((header::SESSION_ID, session.as_str().to_owned()));
        }
        if matches!(self, Packet::Fragment { .. } | Packet::CloseSession { .. }) && is_content_name(name) {
            headers.push((header::CONTENT_NAME, name.to_owned()));
        }
        if let Packet::Fragment { range, .. } = self {
            headers.push((header::CONTENT_RANGE, range.to_string()));
        }
        headers
    }
}

/// Whether a client's list has the protocol of this module.
fn offers(list: &str) -> Result<bool, Refusal> {
    let mut offered = list.split([' ', ',', '\t']).filter(|entry| !entry.is_empty());
    let known = offered.by_ref().take(MAX_PROTOCOLS).any(|entry| entry.parse::<Guid>() == Ok(PROTOCOL));
    Ok(known)
}

/// Whether a name may stand in a header: no encoding is known for others than these.
fn is_content_name(name: &str) -> bool {
    let good = |byte: u8| matches!(byte, b' '..=b'~') && !br#"\/:*?"<>|"#.contains(&byte);
    !name.is_empty() && name.len() <= 260 && name.bytes().all(good) && name.trim() == name
}
