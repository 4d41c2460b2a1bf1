//! Cancelling a blocked attempt from another thread.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::event_fd::EventFd;
use super::poll::{Interest, wait};

/// Ends one attempt: a flag for loops and a descriptor for `poll`.
///
/// Clones share the same state. Once cancelled it stays cancelled; each attempt gets its own.
#[derive(Clone, Debug)]
pub struct CancelToken(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    cancelled: AtomicBool,
    event: EventFd,
}

impl CancelToken {
    /// A token that is not cancelled.
    ///
    /// # Errors
    /// No descriptor was left for the eventfd.
    pub fn new() -> io::Result<CancelToken> {
        Ok(CancelToken(Arc::new(Inner { cancelled: AtomicBool::new(false), event: EventFd::new()? })))
    }

    /// Cancels, and wakes whoever polls [`CancelToken::fd`]. Idempotent, from any thread.
    pub fn cancel(&self) {
        if !self.0.cancelled.swap(true, Ordering::SeqCst) {
            self.0.event.signal();
        }
    }

    /// Whether [`CancelToken::cancel`] was called.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.cancelled.load(Ordering::SeqCst)
    }

    /// Waits until cancelled, at most for `time`; whether it is.
    #[must_use]
    pub fn wait(&self, time: Duration) -> bool {
        // Where poll fails there is no memory, and waiting less than asked for does no harm.
        let _ = wait(self.fd(), Interest::Readable, None, Some(time));
        self.is_cancelled()
    }

    /// Readable once cancelled; put it beside the socket in `poll`.
    #[must_use]
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.0.event.as_fd()
    }
}
