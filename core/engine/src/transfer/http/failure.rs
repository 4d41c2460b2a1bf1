//! What can go wrong on the way to an HTTP response, and what the job is told about it.

use std::fmt;
use std::io;

use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::ErrorContext;

use super::url::Url;
use crate::transfer::TransferError;

/// What can go wrong between a request and the end of its answer.
#[derive(Debug)]
pub(super) enum Failure {
    Cancelled,
    /// The server sent nothing for too long.
    TimedOut,
    /// No connection was made in time.
    NoConnection,
    /// The connection broke.
    Io(io::Error),
    /// The server ended the connection before the end of its answer.
    Closed,
    /// What the program gave cannot be sent: a header with illegal characters.
    Unsendable(String),
    /// What came is no HTTP; the text says why.
    NotHttp(String),
    /// More headers than anybody needs.
    LongHead(&'static str),
    /// The name has no address, or nobody could be asked.
    Resolve(io::Error),
    /// No address of the host accepted a connection.
    Connect(io::Error),
    /// The certificate of the server was refused.
    Certificate(ResultCode, String),
    /// The client certificate of the job cannot be used.
    ClientCertificate(ResultCode, String),
    /// The proxy did not open a way to the server.
    Proxy(ResultCode, String),
    /// The TLS handshake or a TLS record failed otherwise.
    Tls(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Cancelled => write!(f, "cancelled"),
            Failure::TimedOut => write!(f, "timed out: the server sent nothing for too long"),
            Failure::NoConnection => write!(f, "timed out: no connection was made in time"),
            Failure::Io(error) => write!(f, "the connection failed: {error}"),
            Failure::Closed => write!(f, "the server closed the connection early"),
            Failure::Unsendable(why) => write!(f, "the request cannot be written: {why}"),
            Failure::NotHttp(why) => write!(f, "what the server sent is not HTTP: {why}"),
            Failure::LongHead(why) => write!(f, "the answer is too long: {why}"),
            Failure::Resolve(error) => write!(f, "the host name could not be resolved: {error}"),
            Failure::Connect(error) => write!(f, "no connection could be made: {error}"),
            Failure::Certificate(_, text) => write!(f, "the server's certificate was refused: {text}"),
            Failure::ClientCertificate(_, text) => {
                write!(f, "the client certificate of the job cannot be used: {text}")
            }
            Failure::Proxy(_, text) => write!(f, "{text}"),
            Failure::Tls(text) => write!(f, "the secure connection failed: {text}"),
        }
    }
}

impl std::error::Error for Failure {}

/// The server answered, but with something no correct server says.
pub(super) fn invalid_response(url: &Url, what: &str) -> TransferError {
    let code = ResultCode::BG_E_INVALID_SERVER_RESPONSE;
    let text = format!("the server's answer for {url} is invalid: {what}");
    TransferError::new(code, ErrorContext::RemoteFile, text).fatal()
}

pub(super) fn cancelled(url: &Url) -> TransferError {
    let code = ResultCode::BG_E_WINHTTP_OPERATION_CANCELLED;
    let text = format!("the transfer of {url} was cancelled");
    TransferError { cancelled: true, ..TransferError::new(code, ErrorContext::None, text).transient() }
}

/// The server ended the connection before the end of its answer.
pub(super) fn connection_closed(url: &Url) -> TransferError {
    let text = format!("the server closed the connection before {url} was complete");
    TransferError::new(ResultCode::BG_E_CONNECTION_CLOSED, ErrorContext::GeneralTransport, text).transient()
}

/// The error of a job whose request for `url`, or the answer to it, failed.
pub(super) fn of_failure(failure: &Failure, url: &Url) -> TransferError {
    let error = |code| TransferError::new(code, ErrorContext::GeneralTransport, format!("{url}: {failure}"));
    match failure {
        Failure::Cancelled => cancelled(url),
        Failure::TimedOut | Failure::NoConnection => error(ResultCode::BG_E_WINHTTP_TIMEOUT).transient(),
        Failure::Closed => connection_closed(url),
        Failure::Io(broken) if broken.kind() == io::ErrorKind::UnexpectedEof => connection_closed(url),
        Failure::Io(_) => error(ResultCode::BG_E_WINHTTP_CONNECTION_ERROR).transient(),
        Failure::Resolve(_) => error(ResultCode::BG_E_WINHTTP_NAME_NOT_RESOLVED).transient(),
        Failure::Connect(_) => error(ResultCode::BG_E_WINHTTP_CANNOT_CONNECT).transient(),
        Failure::Certificate(code, _) | Failure::ClientCertificate(code, _) => error(*code).fatal(),
        Failure::Proxy(code, _) => TransferError { http_status: code.http_status(), ..error(*code) },
        Failure::Tls(_) => error(ResultCode::BG_E_WINHTTP_SECURE_CHANNEL_ERROR).transient(),
        Failure::Unsendable(why) => {
            let text =
                format!("the request for {url} cannot be written: {why}; check the URL and custom headers");
            TransferError { text: text.into(), ..error(ResultCode::BG_E_INVALIDARG).fatal() }
        }
        Failure::NotHttp(_) => error(ResultCode::BG_E_WINHTTP_INVALID_SERVER_RESPONSE).transient(),
        Failure::LongHead(why) => invalid_response(url, why),
    }
}

#[cfg(test)]
mod tests {
    use bgcopy_protocol::RetryClass;

    use super::*;

    fn told(failure: Failure) -> TransferError {
        of_failure(&failure, &Url::parse("https://u:secret@h/f").unwrap())
    }

    #[test]
    fn failures_below_http_have_their_own_codes() {
        let broken = || io::Error::other("broken");
        for (failure, code, class) in [
            (Failure::Resolve(broken()), ResultCode::BG_E_WINHTTP_NAME_NOT_RESOLVED, RetryClass::Transient),
            (Failure::Connect(broken()), ResultCode::BG_E_WINHTTP_CANNOT_CONNECT, RetryClass::Transient),
            (Failure::Io(broken()), ResultCode::BG_E_WINHTTP_CONNECTION_ERROR, RetryClass::Transient),
            (Failure::TimedOut, ResultCode::BG_E_WINHTTP_TIMEOUT, RetryClass::Transient),
            (
                Failure::Tls("broken".into()),
                ResultCode::BG_E_WINHTTP_SECURE_CHANNEL_ERROR,
                RetryClass::Transient,
            ),
            (
                Failure::Certificate(ResultCode::BG_E_WINHTTP_SECURE_CERT_REVOKED, "broken".into()),
                ResultCode::BG_E_WINHTTP_SECURE_CERT_REVOKED,
                RetryClass::Fatal,
            ),
        ] {
            let error = told(failure);
            assert_eq!((error.code, error.class), (code, class));
            assert_eq!(error.context, ErrorContext::GeneralTransport);
            assert!(error.text.contains("https://h/f") && !error.text.contains("secret"), "{}", error.text);
            assert!(!error.cancelled);
        }
        assert!(told(Failure::Cancelled).cancelled);
    }
}
