//! What a group sends: how many transfers at once, and how fast.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::body::Buf;
use parking_lot::Mutex;
use tokio::time::{Instant, Sleep};

use crate::outlet::Outlet;
use crate::sender::{Chunk, Sender};

/// The transfers of a group.
#[derive(Default)]
pub struct Traffic(Mutex<Flow>);

#[derive(Default)]
struct Flow {
    transfers: u32,
    /// When the bytes that were sent so far have had their time.
    due: Option<Instant>,
}

/// A place among the transfers of a group, until it is dropped.
pub struct Ticket(Arc<Traffic>);

impl Traffic {
    /// A place, unless there are `limit` transfers already.
    pub fn enter(self: &Arc<Self>, limit: u32) -> Option<Ticket> {
        let mut flow = self.0.lock();
        if flow.transfers >= limit {
            return None;
        }
        flow.transfers += 1;
        Some(Ticket(Arc::clone(self)))
    }

    /// Counts bytes; returns when more may be sent.
    fn count(&self, bytes: u64, rate: u64) -> Instant {
        let mut flow = self.0.lock();
        let now = Instant::now();
        let begin = flow.due.map_or(now, |due| due.max(now));
        let due = begin + Duration::from_secs_f64(bytes as f64 / rate as f64);
        flow.due = Some(due);
        due
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.0.0.lock().transfers -= 1;
    }
}

/// The rest of a body that keeps to the pace of its group.
pub struct Paced {
    sender: Sender,
    ticket: Ticket,
    /// Bytes a second; 0 for no limit.
    rate: u64,
    wait: Pin<Box<Sleep>>,
}

impl Paced {
    /// Sends what a sender has.
    pub fn new(mut sender: Sender, ticket: Ticket, rate: u64) -> Paced {
        let mut due = Instant::now();
        if rate > 0 {
            // Eight times a second, so that a slow pace is an even one.
            sender.portion(usize::try_from(rate / 8).unwrap_or(usize::MAX));
            due = ticket.0.count(0, rate);
        }
        Paced { sender, ticket, rate, wait: Box::pin(tokio::time::sleep_until(due)) }
    }

    /// Sends through the outlet of its connection, where there is no pace to keep to.
    pub fn direct(&mut self, outlet: Outlet) {
        if self.rate == 0 {
            self.sender.direct(outlet);
        }
    }

    /// How many bytes are left.
    pub fn left(&self) -> u64 {
        self.sender.left()
    }

    /// The next bytes, when it is time; none at the end.
    ///
    /// # Errors
    /// As [`Sender::poll`].
    pub fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Chunk>>> {
        if self.rate > 0 {
            ready!(self.wait.as_mut().poll(context));
        }
        let chunk = ready!(self.sender.poll(context));
        if let (Some(Ok(chunk)), true) = (&chunk, self.rate > 0) {
            let due = self.ticket.0.count(chunk.remaining() as u64, self.rate);
            self.wait.as_mut().reset(due);
        }
        Poll::Ready(chunk)
    }
}
