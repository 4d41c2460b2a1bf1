//! What a client does about a response.

use super::{Ack, Kind};
use crate::ResultCode;
use crate::enums::ErrorContext;

/// What a client does about a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reaction {
    /// The request was carried out; of a Fragment, also when the server was out of step and said where it is.
    Done,
    /// The server wants to know who asks.
    Challenge,
    /// The session is gone: another one is created, and the file is sent from its beginning.
    NewSession,
    /// The Fragment was too large: a smaller one is sent.
    Smaller,
    /// The job fails until somebody acts.
    Fatal(ResultCode, ErrorContext),
    /// The same is tried again later.
    Transient(ResultCode, ErrorContext),
}

impl Reaction {
    /// What to do about the response to a request of this kind.
    #[must_use]
    pub fn to(kind: Kind, ack: &Ack) -> Reaction {
        let ending = matches!(kind, Kind::CloseSession | Kind::CancelSession);
        let lost = ack.code == Some(ResultCode::BG_E_SESSION_NOT_FOUND);
        match ack.status {
            200 | 201 => return Reaction::Done,
            416 if kind == Kind::Fragment && ack.received.is_some() => return Reaction::Done,
            // All bytes were acknowledged, or nobody wants them any more: what is gone needs no end.
            _ if lost && ending => return Reaction::Done,
            _ if lost => return Reaction::NewSession,
            401 | 407 => return Reaction::Challenge,
            413 if kind == Kind::Fragment => return Reaction::Smaller,
            // Nothing would become better by sending it again.
            300..=499 if ending => return Reaction::Done,
            _ => {}
        }
        let context =
            if ack.application { ErrorContext::RemoteApplication } else { ErrorContext::RemoteFile };
        let code = ack.code.filter(|code| code.0 < 0).unwrap_or(ResultCode::from_http_status(ack.status));
        let hopeless = matches!(
            code,
            ResultCode::BG_E_TOO_LARGE
                | ResultCode::BG_E_INVALIDARG
                | ResultCode::BG_E_CLIENT_SERVER_PROTOCOL_MISMATCH
        );
        if !ending && (hopeless || is_fatal(ack.status)) {
            Reaction::Fatal(code, context)
        } else {
            Reaction::Transient(code, context)
        }
    }
}

fn is_fatal(status: u16) -> bool {
    matches!(status, 300..=305 | 307 | 400..=407 | 410..=499 | 501 | 505)
}
