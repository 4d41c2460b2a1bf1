//! Cancelling a blocked attempt from another thread.

#![allow(unsafe_code)] // eventfd and poll: named corner of `sys`

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Ends one attempt: a flag for loops and a descriptor for `poll`.
///
/// Clones share the same state. Once cancelled it stays cancelled; each attempt gets its own.
#[derive(Clone, Debug)]
pub struct CancelToken(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    cancelled: AtomicBool,
    event: OwnedFd,
}

impl CancelToken {
    /// A token that is not cancelled.
    ///
    /// # Errors
    /// No descriptor was left for the eventfd.
    pub fn new() -> io::Result<CancelToken> {
        // SAFETY: eventfd takes no pointers; the result is checked before it is owned.
        let fd = unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: fd was just made by eventfd and belongs to nobody else.
        let event = unsafe { OwnedFd::from_raw_fd(fd) };
        Ok(CancelToken(Arc::new(Inner { cancelled: AtomicBool::new(false), event })))
    }

    /// Cancels, and wakes whoever polls [`CancelToken::fd`]. Idempotent, from any thread.
    pub fn cancel(&self) {
        if !self.0.cancelled.swap(true, Ordering::SeqCst) {
            let one = 1u64.to_ne_bytes();
            // SAFETY: the buffer is 8 readable bytes and the descriptor is open.
            unsafe { libc::write(self.0.event.as_raw_fd(), one.as_ptr().cast(), one.len()) };
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
