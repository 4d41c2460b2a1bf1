//! A connection to a server: plain or encrypted bytes, and what was received and not yet consumed.

use super::buffer::{Buffer, SMALL};
use super::failure::Failure;
use super::tcp::{Patience, Tcp, portion};
use super::tls::{Plain, Tls};

/// How the bytes travel.
#[derive(Debug)]
pub(super) enum Link {
    Plain(Tcp),
    Tls(Box<Tls>),
}

/// A connection in use or in the pool.
#[derive(Debug)]
pub(super) struct Connection {
    link: Link,
    input: Buffer,
    /// Has carried a request to its end: the server may close it at any moment.
    served: bool,
}

impl Connection {
    pub(super) fn new(link: Link) -> Connection {
        Connection { link, input: Buffer::default(), served: false }
    }

    pub(super) fn has_served(&self) -> bool {
        self.served
    }

    /// What the server showed, its own certificate first; nothing where it is not encrypted.
    pub(super) fn certificates(&self) -> Vec<&[u8]> {
        match &self.link {
            Link::Plain(_) => Vec::new(),
            Link::Tls(tls) => tls.certificates(),
        }
    }

    /// Sends all of `bytes`.
    pub(super) fn send(&mut self, bytes: &[u8], patience: Patience) -> Result<(), Failure> {
        match &mut self.link {
            Link::Plain(tcp) => tcp.send(bytes, patience),
            Link::Tls(tls) => tls.send(bytes, patience),
        }
    }

    /// What has been received and not consumed.
    pub(super) fn input(&self) -> &[u8] {
        self.input.bytes()
    }

    pub(super) fn consume(&mut self, amount: usize) {
        self.input.consume(amount);
    }

    /// Receives more into [`Connection::input`]; 0 is the end of the stream.
    pub(super) fn fill(&mut self, patience: Patience) -> Result<usize, Failure> {
        let before = self.input.len();
        let received = match &mut self.link {
            Link::Plain(tcp) => tcp.receive(self.input.space(SMALL), 0, patience)?,
            Link::Tls(tls) => {
                tls.receive(&mut Plain::new(&mut [], &mut self.input), 0, patience)?;
                return Ok(self.input.len() - before);
            }
        };
        self.input.filled(received);
        Ok(received)
    }

    /// Receives bytes of a body into `into`, all of which is still to come; 0 is the end of the stream.
    pub(super) fn receive(&mut self, into: &mut [u8], patience: Patience) -> Result<usize, Failure> {
        if !self.input.is_empty() {
            let amount = self.input.len().min(into.len());
            into[..amount].copy_from_slice(&self.input.bytes()[..amount]);
            self.input.consume(amount);
            return Ok(amount);
        }
        let expected = portion(into.len());
        let into = &mut into[..expected];
        match &mut self.link {
            Link::Plain(tcp) => tcp.receive(into, expected, patience),
            Link::Tls(tls) => tls.receive(&mut Plain::new(into, &mut self.input), expected, patience),
        }
    }

    /// Whether it can take another request: nothing arrived since the last answer, not even the end.
    pub(super) fn is_quiet(&self) -> bool {
        self.input.is_empty()
            && match &self.link {
                Link::Plain(tcp) => tcp.is_quiet(),
                Link::Tls(tls) => tls.is_quiet(),
            }
    }

    /// Gives back memory for as long as it waits for its next request.
    pub(super) fn rest(&mut self) {
        self.served = true;
        self.input.shrink();
        if let Link::Tls(tls) = &mut self.link {
            tls.shrink();
        }
    }
}
