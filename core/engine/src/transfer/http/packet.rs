//! A packet of an upload: a request with a body, and an answer without one.

use std::cell::Ref;
use std::time::Duration;

use bgcopy_protocol::upload::Ack;

use super::connection::Connection;
use super::exchange::{Ask, Exchange};
use super::failure::Failure;
use super::head::Head;
use super::tcp::Patience;
use super::url::Url;
use crate::transfer::TransferError;

/// The longest that a server takes no byte of a packet.
const SEND_PATIENCE: Duration = Duration::from_secs(120);
/// An answer to a packet that broke off is here, or it never comes.
const EARLY_PATIENCE: Duration = Duration::from_secs(1);

/// A packet of an upload.
pub(super) struct Post<'p> {
    pub headers: Vec<(&'static str, String)>,
    pub body: Option<&'p dyn Content>,
    /// The last Fragment: its answer waits for the server application.
    pub last: bool,
}

impl Post<'_> {
    pub(super) fn length(&self) -> u64 {
        self.body.map_or(0, Content::length)
    }

    /// How long the answer may take, where others may take `usual`: servers give applications 5 minutes, which is as
    /// long as the usual patience.
    pub(super) fn patience(&self, usual: Duration) -> Duration {
        if self.last { usual + usual / 10 } else { usual }
    }
}

/// What a packet carries.
pub(super) trait Content {
    /// Number of bytes.
    fn length(&self) -> u64;

    /// Some of them from `at` on, at least one.
    fn portion(&self, at: u64) -> Result<Ref<'_, [u8]>, TransferError>;
}

/// The answer to a packet.
pub(super) struct Answered {
    pub ack: Ack,
    /// Why a 401 or 407 could not be answered.
    pub refusal: Option<String>,
    pub retry_after: Option<Duration>,
}

impl Exchange<'_> {
    /// Sends a packet of an upload to `url`; redirects are answers like others.
    pub(super) fn post(&self, url: &Url, post: &Post) -> Result<Answered, TransferError> {
        let ask = Ask { post: Some(post), ..Ask::default() };
        let mut response = self.once(url, &ask, None)?;
        let ack = response.ack.take().map(|ack| *ack).unwrap_or_default();
        let (refusal, retry_after) = (response.refusal.take(), response.head.retry_after);
        response.drain();
        Ok(Answered { ack, refusal, retry_after })
    }

    /// Sends the body of a packet; the inner failure is one of the connection.
    pub(super) fn send_body(
        &self,
        connection: &mut Connection,
        body: &dyn Content,
    ) -> Result<Result<(), Failure>, TransferError> {
        let mut sent = 0;
        while sent < body.length() {
            let portion = body.portion(sent)?;
            // A server may take long over all of it, but not over a portion.
            if let Err(failure) = connection.send(&portion, Patience::new(self.cancel, SEND_PATIENCE)) {
                return Ok(Err(failure));
            }
            sent += portion.len() as u64;
        }
        Ok(Ok(()))
    }

    /// The answer to a packet that could not be sent to its end, if there is one.
    pub(super) fn early_answer(&self, connection: &mut Connection) -> Option<(Head, Option<Box<Ack>>)> {
        let patience = Patience::new(self.cancel, EARLY_PATIENCE);
        let (head, ack) = self.answer_within(connection, true, patience).ok()?;
        // Where the next answer would begin is not certain.
        Some((Head { keep_alive: false, ..head }, ack))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_to_the_last_fragment_has_time_for_the_server_application() {
        const MINUTE: Duration = Duration::from_secs(60);
        for (last, patience) in [(false, 5 * MINUTE), (true, 5 * MINUTE + MINUTE / 2)] {
            let post = Post { headers: Vec::new(), body: None, last };
            assert_eq!(post.patience(5 * MINUTE), patience);
        }
    }
}
