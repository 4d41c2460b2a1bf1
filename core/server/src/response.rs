//! Responses.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bgcopy_protocol::upload::{Answer, Refusal};
use hyper::body::{Body, Bytes, Frame, SizeHint};
use hyper::header::{CACHE_CONTROL, CONTENT_LENGTH, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};

/// The body of a response.
pub enum Payload {
    /// None, or what fits a line.
    Text(Bytes),
}

impl Body for Payload {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let Payload::Text(text) = &mut *self;
        let text = std::mem::take(text);
        Poll::Ready((!text.is_empty()).then(|| Ok(Frame::data(text))))
    }

    fn is_end_stream(&self) -> bool {
        let Payload::Text(text) = self;
        text.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        let Payload::Text(text) = self;
        SizeHint::with_exact(text.len() as u64)
    }
}

/// A response without a body.
pub fn empty(status: u16) -> Response<Payload> {
    let mut response = Response::new(Payload::Text(Bytes::new()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    response
}

/// A response of the upload protocol.
pub fn ack(result: Result<Answer, Refusal>) -> Response<Payload> {
    let (status, headers) = match result {
        Ok(answer) => (200, answer.headers()),
        Err(refusal) => (refusal.status, refusal.headers()),
    };
    let mut response = empty(status);
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
