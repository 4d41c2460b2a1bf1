//! Waiting for a descriptor, a cancelled attempt or a deadline, whichever comes first.

#![allow(unsafe_code)] // poll: named corner of `sys`

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::time::{Duration, Instant};

use crate::sys::cancel::CancelToken;

/// What a descriptor is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interest {
    /// Bytes to read, or the end of them.
    Readable,
    /// Room to write, or the end of a connect.
    Writable,
}

/// Why [`wait`] returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wake {
    /// The descriptor is ready, or failed: the next call on it will not block.
    Ready,
    /// The attempt was cancelled.
    Cancelled,
    /// The time is over.
    TimedOut,
}

/// Waits until `fd` is ready, `cancel` is cancelled or `timeout` has passed; `None` is for ever.
///
/// A cancelled attempt wins over a ready descriptor.
///
/// # Errors
/// The kernel refused to poll: no memory.
pub fn wait(
    fd: impl AsFd,
    interest: Interest,
    cancel: Option<&CancelToken>,
    timeout: Option<Duration>,
) -> io::Result<Wake> {
    wait_or(fd.as_fd(), interest, cancel.map(|cancel| cancel.fd()), timeout)
}

/// As [`wait`]; any descriptor that becomes readable cancels.
///
/// # Errors
/// The kernel refused to poll: no memory.
pub fn wait_or(
    fd: BorrowedFd<'_>,
    interest: Interest,
    cancel: Option<BorrowedFd<'_>>,
    timeout: Option<Duration>,
) -> io::Result<Wake> {
    let events = match interest {
        Interest::Readable => libc::POLLIN,
        Interest::Writable => libc::POLLOUT,
    };
    let mut fds = [
        libc::pollfd { fd: fd.as_raw_fd(), events, revents: 0 },
        // A negative descriptor is skipped by poll.
        libc::pollfd { fd: cancel.map_or(-1, |fd| fd.as_raw_fd()), events: libc::POLLIN, revents: 0 },
    ];
    let deadline = timeout.map(|t| Instant::now() + t);
    let mut left = timeout;
    loop {
        // SAFETY: the pointer and length describe `fds`, both descriptors are borrowed for the call.
        let ready = unsafe { libc::poll(fds.as_mut_ptr(), fds.len() as libc::nfds_t, milliseconds(left)) };
        if ready < 0 {
            let error = io::Error::last_os_error();
            if error.kind() != io::ErrorKind::Interrupted {
                return Err(error);
            }
        }
        if fds[1].revents != 0 {
            return Ok(Wake::Cancelled);
        }
        if fds[0].revents != 0 {
            return Ok(Wake::Ready);
        }
        left = deadline.map(|d| d.saturating_duration_since(Instant::now()));
        if left == Some(Duration::ZERO) {
            return Ok(Wake::TimedOut);
        }
    }
}

/// Rounded up, so that a wait never ends before its deadline and spins.
fn milliseconds(timeout: Option<Duration>) -> libc::c_int {
    match timeout {
        None => -1,
        Some(t) => libc::c_int::try_from(t.as_micros().div_ceil(1000)).unwrap_or(libc::c_int::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_wait_ends_by_readiness_cancel_and_time() {
        let (reader, mut writer) = io::pipe().unwrap();
        let cancel = CancelToken::new().unwrap();
        let short = Some(Duration::from_millis(5));
        assert_eq!(wait(&reader, Interest::Readable, Some(&cancel), short).unwrap(), Wake::TimedOut);
        assert_eq!(wait(&writer, Interest::Writable, None, None).unwrap(), Wake::Ready);
        writer.write_all(b"x").unwrap();
        assert_eq!(wait(&reader, Interest::Readable, Some(&cancel), None).unwrap(), Wake::Ready);
        cancel.cancel();
        assert_eq!(wait(&reader, Interest::Readable, Some(&cancel), None).unwrap(), Wake::Cancelled);
    }

    #[test]
    fn the_end_of_a_stream_counts_as_readable() {
        let (reader, writer) = io::pipe().unwrap();
        drop(writer);
        assert_eq!(wait(&reader, Interest::Readable, None, None).unwrap(), Wake::Ready);
    }
}
