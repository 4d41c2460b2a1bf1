//! One attempt at the copy of a file, from one place of the file system to another. Which of the two is remote
//! is the caller's business.
//!
//! The file systems share the bytes where they can, else the kernel copies them, else they pass through the
//! buffer; under a limit they always do. Holes stay holes.

use std::path::Path;
use std::time::{Duration, Instant};

use bgcopy_protocol::enums::ErrorContext;
use bgcopy_protocol::flags::AclFlags;
use bgcopy_protocol::{ResultCode, RetryClass};

use super::sink::TempFile;
use super::upload::Stamp;
use super::{Observer, Sink, TransferError, Version};
use crate::sys::cancel::CancelToken;
use crate::sys::fs::{self, Attributes, Directories, SourceError};

/// So often a file that changes meanwhile is begun again before the job is to wait.
const BEGINNINGS: usize = 3;

/// Shared at once: no data moves, but long lists of extents take time, and a cancel should not wait for them.
const SHARED_AT_ONCE: u64 = 1 << 30;

/// Copied by the kernel at once, at least and at most: as much as takes about `AT_ONCE`.
const COPIED_AT_ONCE: (u64, u64) = (256 << 10, 64 << 20);
const AT_ONCE: Duration = Duration::from_millis(20);

/// Read at once through the buffer.
const READ_AT_ONCE: usize = 512 << 10;

/// How much is compared where nothing but size and date says that a part belongs to the file.
const OVERLAP: u64 = 64 << 10;

/// The file that is copied, open.
#[derive(Debug)]
pub struct Source<'a> {
    file: fs::Source,
    path: &'a Path,
    side: ErrorContext,
}

/// How a copy ended well.
#[derive(Debug)]
pub struct Copied {
    /// What was copied.
    pub version: Version,
    attributes: Attributes,
}

impl<'a> Source<'a> {
    /// Opens the file at `path` on the `side` of the transfer it is on.
    ///
    /// # Errors
    /// `BG_E_WIN32_PATH_NOT_FOUND` when a directory is missing, `BG_E_WIN32_FILE_NOT_FOUND`,
    /// `BG_E_ACCESSDENIED`, `BG_E_WIN32_DIRECTORY`, `BG_E_WIN32_NOT_SUPPORTED` for pipes and devices, and
    /// what else the system answers.
    pub fn open(
        directories: &Directories,
        path: &'a Path,
        side: ErrorContext,
    ) -> Result<Source<'a>, TransferError> {
        let opened = directories.open_source(path).map_err(|failed| {
            let (code, error) = match failed {
                SourceError::Directory(error) if error.kind() == std::io::ErrorKind::NotFound => {
                    (ResultCode::BG_E_WIN32_PATH_NOT_FOUND, error)
                }
                SourceError::File(error) if error.kind() == std::io::ErrorKind::InvalidInput => {
                    (ResultCode::BG_E_WIN32_NOT_SUPPORTED, error)
                }
                SourceError::Directory(error) | SourceError::File(error) => {
                    (ResultCode::from_io(&error), error)
                }
            };
            TransferError::new(code, side, format!("opening {} failed: {error}", path.display()))
        });
        Ok(Source { file: opened?, path, side })
    }

    /// What tells this version of the file from another one.
    ///
    /// # Errors
    /// The attributes cannot be read.
    pub fn stamp(&self) -> Result<Stamp, TransferError> {
        let attributes = self.attributes()?;
        Ok(Stamp { size: attributes.size, modified: attributes.modified })
    }

    /// Reads some bytes from `offset` on; 0 at the end.
    pub(super) fn read_at(&self, into: &mut [u8], offset: u64) -> Result<usize, TransferError> {
        self.file.read_at(into, offset).map_err(|error| self.failed("reading", &error))
    }

    /// The first `size` bytes.
    ///
    /// # Errors
    /// They cannot be read, or there are fewer.
    pub fn read_all(&self, size: u64) -> Result<Vec<u8>, TransferError> {
        let mut bytes = vec![0; usize::try_from(size).unwrap_or_default()];
        let mut filled = 0;
        while filled < bytes.len() {
            match self.read_at(&mut bytes[filled..], filled as u64)? {
                0 => return Err(self.changed()),
                read => filled += read,
            }
        }
        Ok(bytes)
    }

    pub(super) fn path(&self) -> &'a Path {
        self.path
    }

    fn attributes(&self) -> Result<Attributes, TransferError> {
        self.file.attributes().map_err(|error| self.failed("examining", &error))
    }

    fn failed(&self, doing: &str, error: &std::io::Error) -> TransferError {
        TransferError::local_io(doing, self.path, error).of(self.side)
    }

    /// The file is another one than a moment ago.
    pub(super) fn changed(&self) -> TransferError {
        let (code, class) = match self.side {
            // It is to be sent as it was when the job began: the program decides.
            ErrorContext::LocalFile => (ResultCode::BG_E_LOCAL_FILE_CHANGED, RetryClass::Fatal),
            _ => (ResultCode::BG_E_REMOTE_FILE_CHANGED, RetryClass::Transient),
        };
        let text = format!("{} changes while it is copied", self.path.display());
        TransferError { class, ..TransferError::new(code, self.side, text) }
    }
}

/// What tells one version of a file from another: its inode and the time of the last change, to the nanosecond.
fn version_of(attributes: &Attributes) -> Version {
    let Attributes { size, inode, modified, .. } = attributes;
    // The header's form of a date holds the years up to 9999.
    let http_date = (0..253_402_300_800_000_000_000).contains(modified);
    let date = attributes.modified().filter(|_| http_date).map(httpdate::fmt_http_date);
    Version { size: Some(*size), etag: Some(format!("\"{inode:x}-{modified:x}\"")), last_modified: date }
}

/// Copies `source` to `sink`, from where the sink is on, if what is there belongs to the same version of the
/// file, which was `known`; else from its beginning.
///
/// `accept` hears the size before a byte is copied. Ends within 100 ms of a cancel, as far as the file systems
/// let it, with an error marked as cancelled. Nothing is finished yet: see [`finish`].
///
/// # Errors
/// Why the attempt ended early. What is in the sink by then is valid: a further attempt may continue there.
pub fn copy(
    source: &Source<'_>,
    sink: &mut TempFile<'_>,
    known: &Version,
    accept: &dyn Fn(u64) -> Result<(), TransferError>,
    observer: &dyn Observer,
    cancel: &CancelToken,
) -> Result<Copied, TransferError> {
    let mut copying = Copying { source, sink, observer, cancel, way: Way::Share, portion: COPIED_AT_ONCE.0 };
    let mut known = known.clone();
    for _ in 0..BEGINNINGS {
        let attributes = source.attributes()?;
        let version = version_of(&attributes);
        copying.keep_what_belongs(&known, &version)?;
        accept(attributes.size)?;
        observer.connected();
        copying.run(&version, &attributes)?;
        let after = source.attributes()?;
        if version_of(&after) == version {
            // Copying counts as reading.
            return Ok(Copied { version, attributes: Attributes { accessed: attributes.accessed, ..after } });
        }
        if source.side == ErrorContext::LocalFile {
            break;
        }
        known = version;
    }
    Err(source.changed())
}

/// Gives the copy what goes along with the bytes: permissions as far as the umask lets them, `flags` of owner,
/// group, access lists and labels, and the times. Then ends it.
///
/// # Errors
/// `BG_E_ACCESSDENIED`, transient, where this user may not set what `flags` ask for; what else the system answers.
pub fn finish(
    source: &Source<'_>,
    mut sink: TempFile<'_>,
    copied: &Copied,
    flags: AclFlags,
) -> Result<std::sync::Arc<fs::File>, TransferError> {
    let file = sink.file()?;
    give(source, &file, &copied.attributes, flags).map_err(|error| {
        let text = format!(
            "copying owner, permissions or labels of {} failed: {error}; grant the right to, or clear the file ACL \
             flags of the job",
            source.path.display()
        );
        let error = TransferError::local(ResultCode::from_io(&error), text).of(sink.side());
        let denied = error.code == ResultCode::BG_E_ACCESSDENIED;
        if denied { error.transient() } else { error }
    })?;
    sink.finish(copied.attributes.modified(), copied.attributes.accessed())
}

fn give(source: &Source<'_>, file: &fs::File, from: &Attributes, flags: AclFlags) -> std::io::Result<()> {
    let user = flags.contains(AclFlags::OWNER).then_some(from.owner);
    let group = flags.contains(AclFlags::GROUP_OWNER).then_some(from.group);
    if user.is_some() || group.is_some() {
        file.set_owner(user, group)?;
    }
    if flags.contains(AclFlags::DACL) {
        file.set_mode(from.mode)?;
        file.copy_access_lists(&source.file)?;
    } else {
        // It was made with what the owner needs to write it, less the umask.
        let mode = file.mode()?;
        if mode & !from.mode != 0
            && let Err(error) = file.set_mode(mode & from.mode)
        {
            log::debug!("the copy of {} keeps its permissions: {error}", source.path.display());
        }
    }
    if flags.contains(AclFlags::SACL) {
        file.copy_security_attributes(&source.file)?;
    }
    Ok(())
}

/// How bytes get from one file to the other. Each way is for what the one before cannot.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Share,
    Kernel,
    Buffer,
}

struct Copying<'a, 'f> {
    source: &'a Source<'a>,
    sink: &'a mut TempFile<'f>,
    observer: &'a dyn Observer,
    cancel: &'a CancelToken,
    way: Way,
    /// What the kernel is asked to copy at once.
    portion: u64,
}

impl Copying<'_, '_> {
    /// Empties the sink unless what is in it belongs to the file.
    fn keep_what_belongs(&mut self, known: &Version, now: &Version) -> Result<(), TransferError> {
        let position = self.sink.position();
        if position == 0 {
            return Ok(());
        }
        let why = match &known.etag {
            // What is sent is the file as it was when that began.
            Some(tag) if Some(tag) != now.etag.as_ref() && self.source.side == ErrorContext::LocalFile => {
                return Err(self.source.changed());
            }
            Some(_) if known.etag != now.etag || known.size != now.size => "it was changed",
            Some(_) => return Ok(()),
            // The file had another name: size, date and what is at the seam decide.
            None if known.size.is_some_and(|size| now.size != Some(size)) => "its size is another one",
            None if known.last_modified != now.last_modified => "its date is another one",
            None if now.size.is_some_and(|size| size < position) => "it is shorter than what is here",
            None if self.overlap_is_equal(position)? => return Ok(()),
            None => "its content is another one",
        };
        self.sink.restart(why)
    }

    fn overlap_is_equal(&mut self, position: u64) -> Result<bool, TransferError> {
        let from = position.saturating_sub(OVERLAP);
        let len = usize::try_from(position - from).unwrap_or_default();
        let (mut here, mut there) = (vec![0; len], vec![0; len]);
        let mut filled = 0;
        while filled < len {
            let read = self.source.file.read_at(&mut there[filled..], from + filled as u64);
            match read.map_err(|error| self.source.failed("reading", &error))? {
                0 => return Ok(false),
                read => filled += read,
            }
        }
        self.sink.read_back(from, &mut here)?;
        Ok(here == there)
    }

    /// Copies the rest of the file.
    fn run(&mut self, version: &Version, attributes: &Attributes) -> Result<(), TransferError> {
        let size = attributes.size;
        // Its owner must be able to write it until it is whole.
        self.sink.begin_copy(version, attributes.mode | 0o600)?;
        if size == 0 {
            return self.check_empty();
        }
        self.share(size)?;
        if attributes.allocated >= size {
            self.sink.reserve_all()?;
            return self.copy_to(size);
        }
        while let Some((first, end)) = self.source.file.data(self.sink.position(), size) {
            self.skip_to(first)?;
            self.copy_to(end)?;
            if self.sink.position() >= size {
                break;
            }
        }
        self.skip_to(size)
    }

    /// Files that the system makes up as they are read have no size beforehand.
    fn check_empty(&mut self) -> Result<(), TransferError> {
        let read = self.source.file.read_at(&mut [0], 0);
        match read.map_err(|error| self.source.failed("reading", &error))? {
            0 => Ok(()),
            _ if self.source.attributes()?.size > 0 => Err(self.source.changed()),
            _ => {
                let text = format!("{} does not tell its size", self.source.path.display());
                Err(TransferError::new(ResultCode::BG_E_MISSING_FILE_SIZE, self.source.side, text))
            }
        }
    }

    fn check_cancel(&self) -> Result<(), TransferError> {
        if self.cancel.is_cancelled() {
            Err(TransferError::local_cancelled(self.source.path))
        } else {
            Ok(())
        }
    }

    /// Lets the file systems share what is left, if they can; what they cannot is left to the other ways.
    fn share(&mut self, size: u64) -> Result<(), TransferError> {
        while self.way == Way::Share && self.sink.position() < size && !self.observer.is_limited() {
            self.check_cancel()?;
            let (file, at) = self.sink.place()?;
            let len = (size - at).min(SHARED_AT_ONCE);
            match file.share(&self.source.file, at, len) {
                Ok(()) => self.sink.written_in_place(len)?,
                Err(_) => self.way = Way::Kernel,
            }
        }
        if self.way == Way::Share {
            self.way = Way::Kernel;
        }
        Ok(())
    }

    fn skip_to(&mut self, end: u64) -> Result<(), TransferError> {
        self.check_cancel()?;
        match end.saturating_sub(self.sink.position()) {
            0 => Ok(()),
            len => self.sink.skip(len),
        }
    }

    /// Copies bytes up to `end`.
    fn copy_to(&mut self, end: u64) -> Result<(), TransferError> {
        while self.sink.position() < end {
            self.check_cancel()?;
            if self.way == Way::Buffer || self.observer.is_limited() {
                self.copy_through_buffer(end)?;
            } else {
                self.copy_in_kernel(end)?;
            }
        }
        Ok(())
    }

    fn copy_in_kernel(&mut self, end: u64) -> Result<(), TransferError> {
        let (file, at) = self.sink.place()?;
        let started = Instant::now();
        match file.copy(&self.source.file, at, self.portion.min(end - at)) {
            // Whether it is the end of the file, or one of the two cannot be read or written, shows the other way.
            Ok(0) | Err(_) => self.way = Way::Buffer,
            Ok(copied) => {
                self.sink.written_in_place(copied)?;
                let (least, most) = COPIED_AT_ONCE;
                self.portion = match started.elapsed() {
                    time if time < AT_ONCE / 2 => (self.portion * 2).min(most),
                    time if time > AT_ONCE * 2 => (self.portion / 2).max(least),
                    _ => self.portion,
                };
            }
        }
        Ok(())
    }

    fn copy_through_buffer(&mut self, end: u64) -> Result<(), TransferError> {
        let at = self.sink.position();
        let most = self.sink.buffer().len().min(READ_AT_ONCE);
        let want = usize::try_from(end - at).map_or(most, |left| left.min(most));
        let allowed = self.observer.allow(want, self.cancel);
        self.check_cancel()?;
        let read = self.source.file.read_at(&mut self.sink.buffer()[..allowed], at);
        self.observer.unused(allowed - read.as_ref().map_or(0, |read| *read));
        match read.map_err(|error| self.source.failed("reading", &error))? {
            // It was cut off meanwhile.
            0 => Err(self.source.changed()),
            read => self.sink.commit(read),
        }
    }
}
