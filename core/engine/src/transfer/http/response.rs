//! A response whose body is on its way (RFC 9112 section 6).

use std::io::ErrorKind;

use bgcopy_protocol::upload::Ack;

use super::body::Body;
use super::connection::Connection;
use super::failure::{self, Failure};
use super::head::Head;
use super::pool::{Pool, Route};
use super::tcp::Patience;
use super::url::Url;
use crate::sys::cancel::CancelToken;
use crate::transfer::TransferError;

/// The rest of an unwanted body up to this size is read so that the connection can be used again.
const WORTH_DRAINING: u64 = 16 * 1024;

/// A response whose body has not been read. When it is dropped, a connection that was read to the
/// end of the answer goes back to the pool; any other is closed.
pub(super) struct Response<'a> {
    pub head: Head,
    /// Where it came from, after redirects.
    pub url: Url,
    /// Why a 401 or 407 could not be answered.
    pub refusal: Option<String>,
    /// What it says of an upload; there after a packet.
    pub ack: Option<Box<Ack>>,
    pub body: Body,
    pub pool: &'a Pool,
    pub cancel: &'a CancelToken,
    /// There until it is dropped.
    pub connection: Option<(Route, Connection)>,
}

impl Response<'_> {
    /// Receives body bytes into `buffer`, which has room; 0 is the end. A body that breaks off is an
    /// error.
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> Result<usize, TransferError> {
        let Some((_, connection)) = &mut self.connection else { return Ok(0) };
        let patience = Patience::new(self.cancel, self.pool.settings().idle_timeout);
        self.body.read(connection, buffer, patience).map_err(|failure| {
            if self.cancel.is_cancelled() {
                return failure::cancelled(&self.url);
            }
            match failure {
                // In the middle of a body a reset is an end too early, like any other.
                Failure::Io(error) if error.kind() == ErrorKind::ConnectionReset => {
                    failure::connection_closed(&self.url)
                }
                other => failure::of_failure(&other, &self.url),
            }
        })
    }

    /// Whether the body goes on after what should have been all of it.
    pub(super) fn has_more(&mut self) -> Result<bool, TransferError> {
        // A body that breaks off here is as good as one that ends: the size is known.
        match self.read(&mut [0]) {
            Ok(more) => Ok(more > 0),
            Err(error) if error.cancelled => Err(error),
            Err(_) => Ok(false),
        }
    }

    /// Reads the end of the body, so that the connection can serve the next request.
    pub(super) fn finish(mut self) {
        // The end of a body that only the end of the connection tells is not worth waiting for.
        if self.head.chunked {
            let _ = self.has_more();
        }
    }

    /// Reads a short rest of the body, so that the connection can serve the next request.
    pub(super) fn drain(mut self) {
        if self.head.length.is_some_and(|length| length <= WORTH_DRAINING) {
            // A failure costs the connection and nothing else.
            while matches!(self.read(&mut [0; 4096]), Ok(1..)) {}
        }
    }
}

impl Drop for Response<'_> {
    fn drop(&mut self) {
        if self.body.is_complete()
            && self.head.keep_alive
            && let Some((route, connection)) = self.connection.take()
        {
            self.pool.put(route, connection);
        }
    }
}
