//! Cancelling a blocked attempt from another thread.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::event_fd::EventFd;

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

    /// Readable once cancelled; put it beside the socket in `poll`.
    #[must_use]
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.0.event.as_fd()
    }
}
