//! An open regular file.

#![allow(unsafe_code)] // fallocate, copy_file_range, FICLONERANGE, fstatfs and others: named corner of `sys`

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::time::SystemTime;

use super::{Call, Faults, Source, retry, signed};

/// A file opened for reading and writing through a [`super::Directory`]. Closed when dropped.
///
/// All methods may be used from several threads at once.
#[derive(Debug)]
pub struct File {
    inner: std::fs::File,
    faults: Faults,
}

impl File {
    pub(super) fn new(fd: OwnedFd, faults: Faults) -> File {
        File { inner: fd.into(), faults }
    }

    /// Writes some of `bytes` at `offset`: how many may be fewer than given, but not 0.
    ///
    /// # Errors
    /// Nothing was written.
    pub fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        loop {
            self.faults.check(Call::Write)?;
            match self.inner.write_at(bytes, offset) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(0) if !bytes.is_empty() => return Err(io::ErrorKind::WriteZero.into()),
                result => return result,
            }
        }
    }

    /// Reads exactly `into.len()` bytes from `offset` on.
    ///
    /// # Errors
    /// The file is shorter, or cannot be read.
    pub fn read_at(&self, into: &mut [u8], offset: u64) -> io::Result<()> {
        self.faults.check(Call::Read)?;
        self.inner.read_exact_at(into, offset)
    }

    /// The length in bytes.
    ///
    /// # Errors
    /// The attributes cannot be read.
    pub fn size(&self) -> io::Result<u64> {
        self.faults.check(Call::Stat)?;
        Ok(self.inner.metadata()?.len())
    }

    /// What it is, asked of the system.
    pub(super) fn metadata(&self) -> io::Result<std::fs::Metadata> {
        self.faults.check(Call::Stat)?;
        self.inner.metadata()
    }

    /// Bytes of the disk it takes, reservations included.
    ///
    /// # Errors
    /// The attributes cannot be read.
    pub fn allocated(&self) -> io::Result<u64> {
        self.faults.check(Call::Stat)?;
        // st_blocks counts 512 bytes, whatever the file system's block size.
        Ok(self.inner.metadata()?.blocks() * 512)
    }

    /// Cuts or extends it to `len` bytes, and releases what was reserved behind them.
    ///
    /// # Errors
    /// The length cannot be changed.
    pub fn set_len(&self, len: u64) -> io::Result<()> {
        self.faults.check(Call::Truncate)?;
        self.inner.set_len(len)
    }

    /// Reserves room for `len` bytes from `offset` on, without changing the length.
    /// Does nothing where the file system cannot, or lives in memory.
    ///
    /// # Errors
    /// There is no room (ENOSPC, EDQUOT); part of it may be reserved all the same.
    pub fn reserve(&self, offset: u64, len: u64) -> io::Result<()> {
        self.faults.check(Call::Reserve)?;
        if self.is_in_memory()? {
            // There is no layout to win, and every page would be taken now, while the server waits.
            return Ok(());
        }
        let (offset, len) = (signed(offset)?, signed(len)?);
        // SAFETY: fallocate takes no pointers and the descriptor is open.
        let done = retry(|| unsafe {
            libc::fallocate(self.inner.as_raw_fd(), libc::FALLOC_FL_KEEP_SIZE, offset, len)
        });
        match done {
            Err(error) if matches!(error.raw_os_error(), Some(libc::EOPNOTSUPP | libc::ENOSYS)) => Ok(()),
            other => other.map(drop),
        }
    }

    fn is_in_memory(&self) -> io::Result<bool> {
        // SAFETY: statfs is plain data for which zero is a value.
        let mut info: libc::statfs = unsafe { std::mem::zeroed() };
        // SAFETY: `info` is writable and the descriptor is open.
        retry(|| unsafe { libc::fstatfs(self.inner.as_raw_fd(), &raw mut info) })?;
        Ok(info.f_type == libc::TMPFS_MAGIC)
    }

    /// Bytes an ordinary user can still write to the file system this file is on.
    ///
    /// # Errors
    /// The file system does not tell.
    pub fn free_space(&self) -> io::Result<u64> {
        self.faults.check(Call::Stat)?;
        // SAFETY: statvfs is plain data for which zero is a value.
        let mut info: libc::statvfs = unsafe { std::mem::zeroed() };
        // SAFETY: `info` is writable and the descriptor is open.
        retry(|| unsafe { libc::fstatvfs(self.inner.as_raw_fd(), &raw mut info) })?;
        Ok(info.f_bavail.saturating_mul(info.f_frsize))
    }

    /// Asks the kernel to begin writing these bytes to the disk, and returns at once.
    /// A hint: it makes nothing durable, and failures show in [`File::sync_data`].
    pub fn start_write_back(&self, offset: u64, len: u64) {
        if self.faults.check(Call::WriteBack).is_err() {
            return;
        }
        if let (Ok(offset), Ok(len)) = (signed(offset), signed(len)) {
            // SAFETY: sync_file_range takes no pointers and the descriptor is open.
            unsafe {
                libc::sync_file_range(self.inner.as_raw_fd(), offset, len, libc::SYNC_FILE_RANGE_WRITE)
            };
        }
    }

    /// Lets bytes of `source` be bytes of this file, from the same `offset` on, without copying them:
    /// what is written later to one is not in the other.
    ///
    /// # Errors
    /// The file systems cannot do it, or not for this part: part of it may be done.
    pub fn share(&self, source: &Source, offset: u64, len: u64) -> io::Result<()> {
        self.faults.check(Call::Share)?;
        let range = libc::file_clone_range {
            src_fd: i64::from(source.descriptor().as_raw_fd()),
            src_offset: offset,
            src_length: len,
            dest_offset: offset,
        };
        // SAFETY: the range outlives the call, and both descriptors are open.
        retry(|| unsafe { libc::ioctl(self.inner.as_raw_fd(), libc::FICLONERANGE, &raw const range) })
            .map(drop)
    }

    /// Lets the kernel copy up to `len` bytes of `source` to the same `offset` here; how many it copied.
    ///
    /// # Errors
    /// Nothing was copied: the file systems cannot do it, or reading or writing failed.
    pub fn copy(&self, source: &Source, offset: u64, len: u64) -> io::Result<u64> {
        self.faults.check(Call::Copy)?;
        let (mut from, mut to) = (signed(offset)?, signed(offset)?);
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        let (source, fd) = (source.descriptor().as_raw_fd(), self.inner.as_raw_fd());
        // SAFETY: both positions are writable for the call, and both descriptors open.
        let copied = unsafe { libc::copy_file_range(source, &raw mut from, fd, &raw mut to, len, 0) };
        u64::try_from(copied).map_err(|_| io::Error::last_os_error())
    }

    /// Makes content and length durable.
    ///
    /// # Errors
    /// Bytes written since the last success may be lost, even if a later call succeeds.
    pub fn sync_data(&self) -> io::Result<()> {
        self.faults.check(Call::Sync)?;
        self.inner.sync_data()
    }

    /// Sets the time of last modification, and that of the last reading where one is given.
    ///
    /// # Errors
    /// The file system refuses.
    pub fn set_times(&self, modified: SystemTime, accessed: Option<SystemTime>) -> io::Result<()> {
        self.faults.check(Call::Times)?;
        let times = std::fs::FileTimes::new().set_modified(modified);
        self.inner.set_times(accessed.map_or(times, |accessed| times.set_accessed(accessed)))
    }

    pub(super) fn check(&self, call: Call) -> io::Result<()> {
        self.faults.check(call)
    }

    pub(super) fn handle(&self) -> &std::fs::File {
        &self.inner
    }

    pub(super) fn descriptor(&self) -> BorrowedFd<'_> {
        self.inner.as_fd()
    }
}
