//! A regular file that is read.

#![allow(unsafe_code)] // openat, lseek, fstat: named corner of `sys`

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::time::{Duration, SystemTime};

use super::walk::{Place, c_name, status};
use super::{Call, Faults, retry, signed};

/// A file opened for reading; it stays the same file when its name is given to another one.
#[derive(Debug)]
pub struct Source {
    inner: std::fs::File,
    faults: Faults,
}

/// What a [`Source`] is at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attributes {
    /// Length in bytes.
    pub size: u64,
    /// Bytes of the disk it takes.
    pub allocated: u64,
    /// Number of the file in its file system.
    pub inode: u64,
    /// Nanoseconds since 1970 of the last change of the content.
    pub modified: i128,
    /// Nanoseconds since 1970 of the last reading.
    pub accessed: i128,
    /// Permission bits, without those that set a user or group.
    pub mode: u32,
    /// User id.
    pub owner: u32,
    /// Group id.
    pub group: u32,
}

impl Attributes {
    /// The time of the last change of the content, as far as the clock goes.
    #[must_use]
    pub fn modified(&self) -> Option<SystemTime> {
        time(self.modified)
    }

    /// The time of the last reading, as far as the clock goes.
    #[must_use]
    pub fn accessed(&self) -> Option<SystemTime> {
        time(self.accessed)
    }
}

fn time(nanoseconds: i128) -> Option<SystemTime> {
    let distance = u64::try_from(nanoseconds.unsigned_abs()).ok().map(Duration::from_nanos)?;
    if nanoseconds < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(distance)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(distance)
    }
}

impl Source {
    /// Opens what a walk has found. Pipes and devices are not even opened: that alone may do something.
    pub(super) fn open(place: &Place, faults: Faults) -> io::Result<Source> {
        faults.check(Call::Open)?;
        let name = c_name(&place.name)?;
        let no_file = || io::Error::new(io::ErrorKind::InvalidInput, "not a regular file");
        match status(place.directory.as_fd(), &name)?.st_mode & libc::S_IFMT {
            libc::S_IFREG => {}
            libc::S_IFDIR => return Err(io::Error::from_raw_os_error(libc::EISDIR)),
            _ => return Err(no_file()),
        }
        // The name may be another's by now: no link, and no waiting for the other end of a pipe.
        let flags = libc::O_RDONLY | libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY | libc::O_CLOEXEC;
        // SAFETY: the name is NUL-terminated and outlives the call.
        let fd = retry(|| unsafe { libc::openat(place.directory.as_raw_fd(), name.as_ptr(), flags) })?;
        // SAFETY: fd was just opened and belongs to nobody else.
        let inner = std::fs::File::from(unsafe { OwnedFd::from_raw_fd(fd) });
        if !inner.metadata()?.is_file() {
            return Err(no_file());
        }
        Ok(Source { inner, faults })
    }

    /// What the file is now.
    ///
    /// # Errors
    /// The attributes cannot be read.
    pub fn attributes(&self) -> io::Result<Attributes> {
        self.faults.check(Call::Stat)?;
        let found = self.inner.metadata()?;
        let time =
            |seconds: i64, nanoseconds: i64| i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds);
        Ok(Attributes {
            size: found.len(),
            // st_blocks counts 512 bytes, whatever the file system's block size.
            allocated: found.blocks() * 512,
            inode: found.ino(),
            modified: time(found.mtime(), found.mtime_nsec()),
            accessed: time(found.atime(), found.atime_nsec()),
            mode: found.mode() & 0o777,
            owner: found.uid(),
            group: found.gid(),
        })
    }

    /// Reads some bytes from `offset` on; 0 at the end.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn read_at(&self, into: &mut [u8], offset: u64) -> io::Result<usize> {
        loop {
            self.faults.check(Call::Read)?;
            match self.inner.read_at(into, offset) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return result,
            }
        }
    }

    /// The next bytes at or behind `offset` that are no hole, as (first, end); `None` when only a hole follows.
    /// Where the file system does not know its holes, all of the first `size` bytes are none.
    #[must_use]
    pub fn data(&self, offset: u64, size: u64) -> Option<(u64, u64)> {
        let seek = |whence, from: u64| {
            let from = signed(from)?;
            // SAFETY: lseek takes no pointers and the descriptor is open.
            let to = unsafe { libc::lseek(self.inner.as_raw_fd(), from, whence) };
            u64::try_from(to).map_err(|_| io::Error::last_os_error())
        };
        let first = match seek(libc::SEEK_DATA, offset) {
            Ok(first) => first,
            Err(error) if error.raw_os_error() == Some(libc::ENXIO) => return None,
            Err(_) => return Some((offset, size)),
        };
        let end = seek(libc::SEEK_HOLE, first).unwrap_or(size);
        // What was written behind the size meanwhile is another version.
        (first < size).then(|| (first, end.clamp(first + 1, size)))
    }

    pub(super) fn descriptor(&self) -> BorrowedFd<'_> {
        self.inner.as_fd()
    }
}
