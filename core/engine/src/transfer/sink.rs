//! The file that grows beside its destination.

use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::ErrorContext;

use super::destination::Target;
use super::error::is_full;
use super::progress::Progress;
use super::{Sink, TransferError, Version};
use crate::sys::clock::Clock;
use crate::sys::crash;
use crate::sys::fs::File;

/// Files up to this size are written without asking for room first: the write itself tells.
const SMALL: u64 = 256 << 10;

/// Files up to this size are written in portions of `MEDIUM_WRITE`: several of them are under way at
/// once, each with a buffer of its own.
const MEDIUM: u64 = 4 << 20;
const MEDIUM_WRITE: usize = 512 << 10;

/// How much is written before the kernel is asked to begin with the disk.
const WRITE_BACK_STEP: u64 = 4 << 20;

/// Files up to this size are left to the sync at their end.
const WRITE_BACK_FROM: u64 = 8 << 20;

/// Bytes of a slow transfer wait no longer than this for the buffer to fill.
const WRITE_DELAY: Duration = Duration::from_millis(100);

const PAGE: usize = 4096;

/// A page-aligned receive buffer, kept by a worker from file to file.
///
/// Its memory is taken from the system page by page as it is first used.
#[derive(Debug)]
pub struct Buffer {
    bytes: Vec<u8>,
    start: usize,
    len: usize,
}

impl Buffer {
    /// The size for a fast network.
    pub const LARGE: usize = 1 << 20;

    /// A buffer of `len` bytes, rounded up to whole pages.
    #[must_use]
    pub fn new(len: usize) -> Buffer {
        let len = len.max(1).next_multiple_of(PAGE);
        // Zeroed memory of this size comes untouched from the system; the page more allows to align.
        let bytes = vec![0; len + PAGE];
        let start = bytes.as_ptr().align_offset(PAGE);
        Buffer { bytes, start, len }
    }

    pub(super) fn as_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[self.start..][..self.len]
    }
}

/// Puts a restart on record.
pub trait RestartRecorder {
    /// Records durably that nothing of the file is there any more. Returns only then, because new
    /// bytes arrive next: a crash in between must not join them to old ones.
    /// `epoch` is the new epoch; claims for earlier ones are void.
    ///
    /// # Errors
    /// It could not be recorded; the file is left as it is.
    fn restarted(&self, epoch: u64, why: &str) -> Result<(), TransferError>;
}

/// Why a growing file cannot be continued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenError {
    /// The bytes on record are not there (the text says why): record offset 0 and begin again.
    Lost(String),
    /// The system refused.
    Failed(TransferError),
}

/// The [`Sink`] of a download or a copy: whole buffers, written in place beside the destination.
///
/// Nothing here syncs: whoever wants the bytes durable takes [`Progress::snapshot`]. When dropped
/// before [`TempFile::finish`], what is in the buffer is still written, to be continued later.
pub struct TempFile<'a> {
    target: Target,
    progress: Arc<Progress>,
    recorder: &'a dyn RestartRecorder,
    clock: &'a dyn Clock,
    buffer: &'a mut Buffer,
    /// Made when the first response is accepted: an attempt that gets none leaves nothing behind.
    file: Option<Arc<File>>,
    /// Where the buffer goes: everything before is written.
    position: u64,
    /// Bytes in the buffer.
    filled: usize,
    total: Option<u64>,
    /// Permissions of a new file, less the umask.
    mode: u32,
    /// How far the file may reach on the disk: stale bytes of an earlier attempt, or reserved room.
    extent: u64,
    /// Write-back was asked for up to here.
    written_back: u64,
    /// When the buffer was last written, in monotonic nanoseconds.
    last_write: u64,
    /// The first failure: the position is no longer certain, so nothing more is accepted.
    broken: Option<TransferError>,
}

impl<'a> TempFile<'a> {
    /// The file of `target`, from `progress.written()` on.
    ///
    /// At offset 0 a leftover of that name is replaced, once there is something to write. At any
    /// other it must be a regular file with at least that many bytes.
    ///
    /// # Errors
    /// [`OpenError::Lost`] when there is nothing to continue.
    pub fn open(
        target: Target,
        progress: Arc<Progress>,
        recorder: &'a dyn RestartRecorder,
        clock: &'a dyn Clock,
        buffer: &'a mut Buffer,
    ) -> Result<TempFile<'a>, OpenError> {
        let offset = progress.written();
        let (mut file, mut extent) = (None, 0);
        if offset > 0 {
            let (found, size) = continued(&target, offset)?;
            let found = Arc::new(found);
            progress.set_file(Arc::clone(&found), Arc::clone(&target.directory));
            (file, extent) = (Some(found), size);
        }
        Ok(TempFile {
            total: progress.total(),
            target,
            progress,
            recorder,
            last_write: clock.monotonic(),
            clock,
            buffer,
            file,
            position: offset,
            filled: 0,
            mode: 0o666,
            extent,
            written_back: offset,
            broken: None,
        })
    }

    /// Ends the file: writes what is left, cuts it to its size and sets `modified` as its time, and
    /// `accessed` as that of the last reading.
    ///
    /// The file given back is not synced: add it to a [`crate::sys::fs::SyncGroup`], then publish it.
    ///
    /// # Errors
    /// The system refused, or bytes are missing.
    pub fn finish(
        mut self,
        modified: Option<SystemTime>,
        accessed: Option<SystemTime>,
    ) -> Result<Arc<File>, TransferError> {
        self.flush()?;
        if let Some(total) = self.total
            && total != self.position
        {
            let text = format!(
                "{} was ended after {} of {total} bytes",
                self.target.temp_path().display(),
                self.position
            );
            return Err(TransferError::local(ResultCode::BG_E_UNEXPECTED, text).of(self.target.side));
        }
        let file = self.file()?;
        if self.extent > self.position {
            file.set_len(self.position).map_err(|error| self.failed("cutting", &error))?;
        }
        if let Some(modified) = modified
            && let Err(error) = file.set_times(modified, accessed)
        {
            // A file without the server's date is still the file.
            log::warn!("setting the time of {} failed: {error}", self.target.temp_path().display());
        }
        self.progress.finish(self.position);
        Ok(file)
    }

    /// As [`Sink::begin`], without reserving room; a new file is made with the permissions `mode`, less
    /// the umask.
    ///
    /// # Errors
    /// The file cannot be made.
    pub fn begin_copy(&mut self, version: &Version, mode: u32) -> Result<Arc<File>, TransferError> {
        self.mode = mode;
        self.start(version)
    }

    /// Reserves room for all of the file.
    ///
    /// # Errors
    /// There is none.
    pub fn reserve_all(&mut self) -> Result<(), TransferError> {
        let file = self.file()?;
        match self.total {
            Some(size) if size > SMALL && size > self.position && self.extent < size => {
                self.reserve(&file, size)
            }
            _ => Ok(()),
        }
    }

    /// The side of the transfer the file is on.
    #[must_use]
    pub fn side(&self) -> ErrorContext {
        self.target.side
    }

    /// How many bytes of the file have been taken.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.position + self.filled as u64
    }

    /// The file, and where the next bytes belong in it: somebody else may write them.
    ///
    /// # Errors
    /// What was taken before cannot be written.
    pub fn place(&mut self) -> Result<(Arc<File>, u64), TransferError> {
        self.flush()?;
        Ok((self.file()?, self.position))
    }

    /// Takes `len` bytes that somebody else has written at [`TempFile::place`].
    ///
    /// # Errors
    /// The file is broken since an earlier failure.
    pub fn written_in_place(&mut self, len: u64) -> Result<(), TransferError> {
        let (file, _) = self.place()?;
        self.position += len;
        self.progress.advance(self.position);
        self.write_back(&file);
        Ok(())
    }

    /// Leaves a hole: the next `len` bytes are zero and take no room.
    ///
    /// # Errors
    /// The length cannot be changed.
    pub fn skip(&mut self, len: u64) -> Result<(), TransferError> {
        let (file, position) = self.place()?;
        let end = position + len;
        let sized = match self.extent > self.position {
            // What an earlier attempt left there is not zero.
            true => file.set_len(self.position),
            false => Ok(()),
        };
        let sized = sized.and_then(|()| file.set_len(end));
        if let Err(error) = sized {
            let failed = self.failed("extending", &error);
            self.broken = Some(failed.clone());
            return Err(failed);
        }
        self.extent = end;
        self.position = end;
        self.progress.advance(end);
        Ok(())
    }

    /// The open file, made where it is not there yet.
    pub(crate) fn file(&mut self) -> Result<Arc<File>, TransferError> {
        if let Some(file) = &self.file {
            return Ok(Arc::clone(file));
        }
        let file = create(&self.target, self.mode).map_err(|error| self.failed("creating", &error))?;
        crash::point("temp-file-created");
        let file = Arc::new(file);
        self.progress.set_file(Arc::clone(&file), Arc::clone(&self.target.directory));
        self.file = Some(Arc::clone(&file));
        Ok(file)
    }

    /// How much of the buffer is used: up to a multiple of its size in the file, so that writes stay
    /// aligned after a resume at any offset.
    fn limit(&self) -> usize {
        let len = match self.total {
            Some(total) if total <= MEDIUM => self.buffer.len.min(MEDIUM_WRITE),
            _ => self.buffer.len,
        };
        len - (self.position % len as u64) as usize
    }

    /// Writes what is in the buffer.
    fn flush(&mut self) -> Result<(), TransferError> {
        if let Some(error) = &self.broken {
            return Err(error.clone());
        }
        if self.filled == 0 {
            return Ok(());
        }
        let result = self.file().and_then(|file| self.write(&file));
        self.filled = 0;
        self.last_write = self.clock.monotonic();
        if let Err(error) = &result {
            self.broken = Some(error.clone());
        }
        result
    }

    fn write(&mut self, file: &File) -> Result<(), TransferError> {
        let mut from = 0;
        while from < self.filled {
            let bytes = &self.buffer.as_mut()[from..self.filled];
            match file.write_at(bytes, self.position) {
                Ok(written) => {
                    from += written;
                    self.position += written as u64;
                    self.progress.advance(self.position);
                }
                Err(error) if is_full(&error) => {
                    let needed = self.total.map_or(bytes.len() as u64, |total| total - self.position);
                    return Err(self.disk_full(file, needed));
                }
                Err(error) => return Err(self.failed("writing", &error)),
            }
        }
        self.write_back(file);
        Ok(())
    }

    /// Asks the kernel to begin with the disk, where enough has come together.
    fn write_back(&mut self, file: &File) {
        let unasked = self.position.saturating_sub(self.written_back);
        if unasked >= WRITE_BACK_STEP && self.total.unwrap_or(self.position) > WRITE_BACK_FROM {
            file.start_write_back(self.written_back, unasked);
            self.written_back = self.position;
        }
    }

    fn start(&mut self, version: &Version) -> Result<Arc<File>, TransferError> {
        self.flush()?;
        self.progress.begin(version);
        self.total = version.size;
        self.last_write = self.clock.monotonic();
        self.file()
    }

    /// Makes sure there is room up to `size`.
    fn reserve(&mut self, file: &File, size: u64) -> Result<(), TransferError> {
        let held = match self.extent {
            0 => 0,
            _ => file.allocated().map_err(|error| self.failed("examining", &error))?,
        };
        let needed = size.saturating_sub(held.max(self.position));
        // Asked first, because a reservation that fails half-way has already filled the disk. A file
        // system that does not tell is tried.
        if file.free_space().is_ok_and(|free| free < needed) {
            return Err(self.disk_full(file, needed));
        }
        match file.reserve(self.position, size - self.position) {
            Ok(()) => {
                self.extent = self.extent.max(size);
                Ok(())
            }
            Err(error) if is_full(&error) => {
                // Gives back what was reserved, and stale bytes nobody vouches for.
                if let Err(error) = file.set_len(self.position) {
                    log::debug!("releasing room of {} failed: {error}", self.target.temp_path().display());
                }
                Err(self.disk_full(file, needed))
            }
            Err(error) => Err(self.failed("reserving room for", &error)),
        }
    }

    fn disk_full(&self, file: &File, needed: u64) -> TransferError {
        disk_full(&self.target, file, needed)
    }

    fn failed(&self, doing: &str, error: &io::Error) -> TransferError {
        TransferError::local_io(doing, &self.target.temp_path(), error).of(self.target.side)
    }
}

/// There is no room for `needed` more bytes of a growing file.
pub(super) fn disk_full(target: &Target, file: &File, needed: u64) -> TransferError {
    let path = target.temp_path();
    let free = file.free_space().map_or("an unknown number".to_owned(), |free| free.to_string());
    let text = format!(
        "no room for {}: {needed} more bytes are needed and {free} are free; free some space, the \
         transfer is tried again later",
        path.display()
    );
    TransferError::local(ResultCode::BG_E_WIN32_DISK_FULL, text).of(target.side)
}

/// Opens the file of an earlier attempt, and tells its length.
pub(super) fn continued(target: &Target, offset: u64) -> Result<(File, u64), OpenError> {
    let path = target.temp_path();
    let lost = |why: &str| {
        Err(OpenError::Lost(format!("{}: {why}; the file is fetched from its beginning", path.display())))
    };
    match target.directory.open_existing(&target.temp_name) {
        Ok((file, size)) if size >= offset => Ok((file, size)),
        Ok((_, size)) => lost(&format!("only {size} of {offset} bytes are there")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => lost("it was removed"),
        Err(error)
            // Not to be written to (EACCES): a copy of a file that is read-only, finished and not recorded.
            if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::PermissionDenied)
                || matches!(error.raw_os_error(), Some(libc::ELOOP | libc::EISDIR | libc::ENXIO)) =>
        {
            lost("something else has taken its place")
        }
        Err(error) => {
            Err(OpenError::Failed(TransferError::local_io("opening", &path, &error).of(target.side)))
        }
    }
}

/// Makes the file new, in place of a leftover: the name has the job in it, so the leftover is ours.
pub(super) fn create(target: &Target, mode: u32) -> io::Result<File> {
    match target.directory.create(&target.temp_name, mode) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            target.directory.remove(&target.temp_name)?;
            target.directory.create(&target.temp_name, mode)
        }
        made => made,
    }
}

impl Sink for TempFile<'_> {
    fn begin(&mut self, version: &Version) -> Result<(), TransferError> {
        self.start(version)?;
        self.reserve_all()
    }

    fn restart(&mut self, why: &str) -> Result<(), TransferError> {
        if let Some(error) = &self.broken {
            return Err(error.clone());
        }
        // First the epoch, so that no claim for the old bytes is accepted after the record; then the
        // record; only then may the bytes go.
        let epoch = self.progress.restart();
        (self.filled, self.position, self.written_back, self.total) = (0, 0, 0, None);
        let emptied = self.recorder.restarted(epoch, why).and_then(|()| {
            crash::point("restart-recorded");
            match &self.file {
                Some(file) => file.set_len(0).map_err(|error| self.failed("emptying", &error)),
                None => Ok(()),
            }
        });
        match &emptied {
            Ok(()) => self.extent = 0,
            Err(error) => self.broken = Some(error.clone()),
        }
        emptied
    }

    fn buffer(&mut self) -> &mut [u8] {
        let (filled, limit) = (self.filled, self.limit());
        &mut self.buffer.as_mut()[filled..limit]
    }

    fn commit(&mut self, len: usize) -> Result<(), TransferError> {
        if let Some(error) = &self.broken {
            return Err(error.clone());
        }
        self.filled += len;
        assert!(self.filled <= self.limit(), "more bytes committed than the buffer has");
        let waited = self.clock.monotonic().saturating_sub(self.last_write);
        if self.filled == self.limit() || u128::from(waited) >= WRITE_DELAY.as_nanos() {
            self.flush()?;
        }
        Ok(())
    }

    fn read_back(&mut self, offset: u64, into: &mut [u8]) -> Result<(), TransferError> {
        if offset.saturating_add(into.len() as u64) > self.position {
            self.flush()?;
        }
        let file = self.file()?;
        file.read_at(into, offset).map_err(|error| self.failed("reading back", &error))
    }
}

impl Drop for TempFile<'_> {
    fn drop(&mut self) {
        if self.broken.is_none()
            && let Err(error) = self.flush()
        {
            log::debug!("the last bytes received will be fetched again: {}", error.text);
        }
    }
}

#[cfg(test)]
mod tests;
