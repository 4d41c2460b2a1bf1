//! Descriptors that a caller knows by their number.

#![allow(unsafe_code)] // fcntl: named corner of `sys`

use std::io;
use std::os::fd::{FromRawFd, OwnedFd};

/// Duplicates an open descriptor; the caller's own stays as it is.
///
/// # Errors
/// The number is no open descriptor, or no descriptor is left.
pub fn duplicate(number: i32) -> io::Result<OwnedFd> {
    // SAFETY: F_DUPFD_CLOEXEC takes no pointers and leaves the descriptor alone; a number that is none is EBADF.
    let fd = unsafe { libc::fcntl(number, libc::F_DUPFD_CLOEXEC, 0) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: fd was just made by fcntl and belongs to nobody else.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::os::fd::AsRawFd;

    use super::duplicate;

    #[test]
    fn a_duplicate_is_the_same_file_and_what_is_not_open_is_refused() {
        let mut pipe = std::io::pipe().unwrap();
        let copy = duplicate(pipe.1.as_raw_fd()).unwrap();
        drop(pipe.1);
        std::fs::File::from(copy).write_all(b"here").unwrap();
        assert_eq!(std::io::read_to_string(&mut pipe.0).unwrap(), "here");
        assert_eq!(duplicate(-1).unwrap_err().raw_os_error(), Some(libc::EBADF));
        assert_eq!(duplicate(i32::MAX).unwrap_err().raw_os_error(), Some(libc::EBADF));
    }
}
