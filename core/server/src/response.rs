//! Responses.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bgcopy_protocol::upload::{Answer, Refusal};
use hyper::body::{Body, Bytes, Frame, SizeHint};
use hyper::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};

use crate::sender::{Chunk, Sender};
use crate::traffic::Paced;

/// The body of a response.
pub enum Payload {
    /// None, or what fits a line.
    Text(Bytes),
    /// Bytes of a file.
    File(Sender),
    /// Those of a file of a group.
    Paced(Paced),
}

impl Payload {
    /// No body.
    pub fn empty() -> Payload {
        Payload::Text(Bytes::new())
    }
}

impl Body for Payload {
    type Data = Chunk;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Chunk>, io::Error>>> {
        match &mut *self {
            Payload::Text(text) => {
                let text = std::mem::take(text);
                Poll::Ready((!text.is_empty()).then(|| Ok(Frame::data(Chunk::Bytes(text)))))
            }
            Payload::File(sender) => sender.poll(context).map_ok(Frame::data),
            Payload::Paced(paced) => paced.poll(context).map_ok(Frame::data),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.size_hint().exact() == Some(0)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(match self {
            Payload::Text(text) => text.len() as u64,
            Payload::File(sender) => sender.left(),
            Payload::Paced(paced) => paced.left(),
        })
    }
}

/// A response without a body.
pub fn empty(status: u16) -> Response<Payload> {
    let mut response = Response::new(Payload::empty());
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

/// Counters, for Prometheus.
pub fn text(text: String) -> Response<Payload> {
    let mut response = empty(200);
    let headers = response.headers_mut();
    headers.insert(CONTENT_LENGTH, HeaderValue::from(text.len()));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8"));
    *response.body_mut() = Payload::Text(Bytes::from(text));
    response
}
