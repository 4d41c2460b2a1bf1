//! Files that are fetched in parts: pieces of the remote file, each written at its place in the local one.

use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bgcopy_protocol::file_range::Plan;

use super::destination::Target;
use super::error::is_full;
use super::progress::Progress;
use super::sink::{Buffer, OpenError, RestartRecorder, continued, create, disk_full};
use super::{Sink, TransferError, Version};
use crate::sys::clock::Clock;
use crate::sys::crash;
use crate::sys::fs::File;

/// Bytes wait no longer than this for the buffer to fill.
const WRITE_DELAY: Duration = Duration::from_millis(100);

/// Where pieces go. Of [`Sink`], positions are those of the local file, and [`Sink::begin`] makes the size of
/// the remote file known.
pub trait PartSink: Sink {
    /// What is to be fetched next; `size` is the size of the remote file in bytes, where it is known.
    ///
    /// # Errors
    /// Something is wanted that the file does not have.
    fn plan(&mut self, size: Option<u64>) -> Result<Plan, TransferError>;

    /// The next bytes go to `position`.
    ///
    /// # Errors
    /// Those before could not be written.
    fn seek(&mut self, position: u64) -> Result<(), TransferError>;
}

/// The file of a download in parts, beside its destination.
///
/// Nothing here syncs: whoever wants the bytes durable takes [`Progress::snapshot`]. When dropped before
/// [`PartFile::finish`], what is in the buffer is still written.
pub struct PartFile<'a> {
    target: Target,
    progress: Arc<Progress>,
    recorder: &'a dyn RestartRecorder,
    clock: &'a dyn Clock,
    buffer: &'a mut Buffer,
    file: Option<Arc<File>>,
    /// Where the buffer goes.
    position: u64,
    /// Bytes in the buffer.
    filled: usize,
    last_write: u64,
    /// The first failure: nothing more is accepted.
    broken: Option<TransferError>,
}

impl<'a> PartFile<'a> {
    /// The file of `target`, of which the bytes of `progress` are there.
    ///
    /// # Errors
    /// [`OpenError::Lost`] when they are not.
    pub fn open(
        target: Target,
        progress: Arc<Progress>,
        recorder: &'a dyn RestartRecorder,
        clock: &'a dyn Clock,
        buffer: &'a mut Buffer,
    ) -> Result<PartFile<'a>, OpenError> {
        let end = progress.filled().map_or(0, |filled| filled.end());
        let mut file = None;
        if end > 0 {
            let (found, _) = continued(&target, end)?;
            let found = Arc::new(found);
            progress.set_file(Arc::clone(&found), Arc::clone(&target.directory));
            file = Some(found);
        }
        let last_write = clock.monotonic();
        let broken = None;
        Ok(PartFile {
            target,
            progress,
            recorder,
            clock,
            buffer,
            file,
            position: 0,
            filled: 0,
            last_write,
            broken,
        })
    }

    /// The server accepted; the local file will have `total` bytes, where that is known.
    ///
    /// # Errors
    /// The file cannot be made.
    pub fn begin(&mut self, version: &Version, total: Option<u64>) -> Result<(), TransferError> {
        self.flush()?;
        self.progress.begin_parts(version, total);
        self.file().map(drop)
    }

    /// Writes what is left. A whole file is cut to its size, gets `modified` as its time, and is given back;
    /// it is not synced.
    ///
    /// # Errors
    /// The system refused.
    pub fn finish(mut self, modified: Option<SystemTime>) -> Result<Option<Arc<File>>, TransferError> {
        self.flush()?;
        let (written, total) = (self.progress.written(), self.progress.total());
        if total != Some(written) {
            return Ok(None);
        }
        let file = self.file()?;
        // Stale bytes of an earlier version may lie behind the end.
        file.set_len(written).map_err(|error| self.failed("cutting", &error))?;
        if let Some(modified) = modified
            && let Err(error) = file.set_times(modified, None)
        {
            log::warn!("setting the time of {} failed: {error}", self.target.temp_path().display());
        }
        self.progress.finish(written);
        Ok(Some(file))
    }

    fn file(&mut self) -> Result<Arc<File>, TransferError> {
        if let Some(file) = &self.file {
            return Ok(Arc::clone(file));
        }
        let file = create(&self.target, 0o666).map_err(|error| self.failed("creating", &error))?;
        crash::point("temp-file-created");
        let file = Arc::new(file);
        self.progress.set_file(Arc::clone(&file), Arc::clone(&self.target.directory));
        self.file = Some(Arc::clone(&file));
        Ok(file)
    }

    /// Writes what is in the buffer.
    ///
    /// # Errors
    /// The system refused.
    pub fn flush(&mut self) -> Result<(), TransferError> {
        if let Some(error) = &self.broken {
            return Err(error.clone());
        }
        let result = if self.filled == 0 { Ok(()) } else { self.file().and_then(|file| self.write(&file)) };
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
                    let end = self.position + written as u64;
                    self.progress.fill(self.position, end);
                    self.position = end;
                }
                Err(error) if is_full(&error) => {
                    return Err(disk_full(&self.target, file, bytes.len() as u64));
                }
                Err(error) => return Err(self.failed("writing", &error)),
            }
        }
        Ok(())
    }

    fn failed(&self, doing: &str, error: &io::Error) -> TransferError {
        TransferError::local_io(doing, &self.target.temp_path(), error)
    }

    /// The remote file is another one than before; see [`Sink::restart`].
    ///
    /// # Errors
    /// The change could not be recorded or the file not be emptied.
    pub fn restart(&mut self, why: &str) -> Result<(), TransferError> {
        if let Some(error) = &self.broken {
            return Err(error.clone());
        }
        // As in `TempFile`: the epoch, the record, and only then the bytes.
        let epoch = self.progress.restart();
        self.filled = 0;
        let emptied = self.recorder.restarted(epoch, why).and_then(|()| {
            crash::point("restart-recorded");
            match &self.file {
                Some(file) => file.set_len(0).map_err(|error| self.failed("emptying", &error)),
                None => Ok(()),
            }
        });
        if let Err(error) = &emptied {
            self.broken = Some(error.clone());
        }
        emptied
    }

    /// See [`PartSink::seek`].
    ///
    /// # Errors
    /// Bytes before could not be written.
    pub fn seek(&mut self, position: u64) -> Result<(), TransferError> {
        if position != self.position + self.filled as u64 {
            self.flush()?;
            self.position = position;
        }
        Ok(())
    }

    /// See [`Sink::buffer`].
    pub fn buffer(&mut self) -> &mut [u8] {
        &mut self.buffer.as_mut()[self.filled..]
    }

    /// See [`Sink::commit`].
    ///
    /// # Errors
    /// The bytes could not be written.
    pub fn commit(&mut self, len: usize) -> Result<(), TransferError> {
        if let Some(error) = &self.broken {
            return Err(error.clone());
        }
        self.filled += len;
        let waited = self.clock.monotonic().saturating_sub(self.last_write);
        if self.filled == self.buffer.as_mut().len() || u128::from(waited) >= WRITE_DELAY.as_nanos() {
            self.flush()?;
        }
        Ok(())
    }

    /// See [`Sink::read_back`].
    ///
    /// # Errors
    /// The bytes are not there any more.
    pub fn read_back(&mut self, offset: u64, into: &mut [u8]) -> Result<(), TransferError> {
        self.flush()?;
        let file = self.file()?;
        file.read_at(into, offset).map_err(|error| self.failed("reading back", &error))
    }
}

impl Drop for PartFile<'_> {
    fn drop(&mut self) {
        if self.broken.is_none()
            && let Err(error) = self.flush()
        {
            log::debug!("the last bytes received will be fetched again: {}", error.text);
        }
    }
}
