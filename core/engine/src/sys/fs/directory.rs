//! An open directory, through which all files in it are reached.

#![allow(unsafe_code)] // openat, renameat, unlinkat, faccessat, syncfs: named corner of `sys`

use std::collections::VecDeque;
use std::ffi::OsStr;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;

use super::walk::{self, Place, Stopped, c_name};
use super::{Call, Faults, File, Source, retry};
use crate::sys::user;

/// A directory kept open, so that its files are found even if a parent is renamed, and cheaply.
///
/// Names are single components. All methods may be used from several threads at once.
#[derive(Debug)]
pub struct Directory {
    handle: std::fs::File,
    path: PathBuf,
    /// Device and inode, by which a directory is known whatever its name.
    identity: (u64, u64),
    owner: u32,
    faults: Faults,
}

impl Directory {
    /// Opens the directory at `path`. It must be readable, because it is synced after renames.
    ///
    /// # Errors
    /// There is no directory at `path`, it is not readable, or the path goes through a symbolic link that
    /// neither this user nor root laid (EACCES).
    pub fn open(path: &Path, faults: Faults) -> io::Result<Directory> {
        faults.check(Call::OpenDirectory)?;
        let place = walk::walk(path).map_err(|stopped| stopped.error)?;
        Directory::at(place.directory.as_fd(), &place.name, path, faults)
    }

    fn at(at: BorrowedFd<'_>, name: &OsStr, path: &Path, faults: Faults) -> io::Result<Directory> {
        let name = c_name(name)?;
        let flags = libc::O_RDONLY | libc::O_DIRECTORY | libc::O_NOFOLLOW | libc::O_CLOEXEC;
        // SAFETY: the name is NUL-terminated and outlives the call.
        let fd = retry(|| unsafe { libc::openat(at.as_raw_fd(), name.as_ptr(), flags) })?;
        // SAFETY: fd was just opened and belongs to nobody else.
        let handle = std::fs::File::from(unsafe { OwnedFd::from_raw_fd(fd) });
        let metadata = handle.metadata()?;
        let identity = (metadata.dev(), metadata.ino());
        Ok(Directory { handle, path: path.to_owned(), identity, owner: metadata.uid(), faults })
    }

    /// The path it was opened with.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The number of the device it is on.
    #[must_use]
    pub fn device(&self) -> u64 {
        self.identity.0
    }

    /// Creates a file for reading and writing, with the permissions `mode` less the umask.
    ///
    /// # Errors
    /// EEXIST when the name is taken, by whatever it may be.
    pub fn create(&self, name: &OsStr, mode: u32) -> io::Result<File> {
        self.open_file(name, libc::O_CREAT | libc::O_EXCL, mode)
    }

    /// Opens a regular file made earlier for reading and writing, and tells its length in bytes.
    ///
    /// # Errors
    /// ENOENT when there is none, ELOOP when the name is a symbolic link, InvalidInput when it is
    /// no regular file, or one that another user may have put in its place: it has further names, through
    /// which others would be written to, or belongs neither to this user nor to root nor to the owner of the
    /// directory.
    pub fn open_existing(&self, name: &OsStr) -> io::Result<(File, u64)> {
        // O_NONBLOCK: opening a pipe put in its place must not wait for a peer.
        let file = self.open_file(name, libc::O_NONBLOCK, 0)?;
        let found = file.metadata()?;
        let refuse = |why: &str| Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        if !found.is_file() {
            return refuse("not a regular file");
        }
        if found.nlink() > 1 {
            return refuse("a file with further names");
        }
        // Where all files seem to belong to one user, as on some mounts, the directory does, too.
        if ![user::effective(), 0, self.owner].contains(&found.uid()) {
            return refuse("a file of another user");
        }
        Ok((file, found.len()))
    }

    /// Makes a regular file this user's, where the system lets it; what else may be of that name is left alone.
    ///
    /// # Errors
    /// ENOENT when there is none, EACCES when this user may not read and write it.
    pub fn take_over(&self, name: &OsStr) -> io::Result<()> {
        let file = match self.open_file(name, libc::O_NONBLOCK, 0) {
            // Whoever continues the file sees that it is another one.
            Err(error) if matches!(error.raw_os_error(), Some(libc::ELOOP | libc::EISDIR | libc::ENXIO)) => {
                return Ok(());
            }
            opened => opened?,
        };
        let found = file.metadata()?;
        if found.is_file() && found.nlink() == 1 && found.uid() != user::effective() {
            // Where all files belong to one user, as on some mounts, it is not possible and not needed.
            let _ = file.set_owner(Some(user::effective()), None);
        }
        Ok(())
    }

    fn open_file(&self, name: &OsStr, flags: libc::c_int, mode: libc::c_uint) -> io::Result<File> {
        self.faults.check(Call::Open)?;
        let name = c_name(name)?;
        let flags = flags | libc::O_RDWR | libc::O_NOFOLLOW | libc::O_CLOEXEC;
        // SAFETY: the name is NUL-terminated and both outlive the call.
        let fd = retry(|| unsafe { libc::openat(self.handle.as_raw_fd(), name.as_ptr(), flags, mode) })?;
        // SAFETY: fd was just opened and belongs to nobody else.
        Ok(File::new(unsafe { OwnedFd::from_raw_fd(fd) }, self.faults.clone()))
    }

    /// Renames `from` to `to`, replacing a file or symbolic link of that name.
    ///
    /// # Errors
    /// ENOENT when `from` is missing, EISDIR when `to` is a directory.
    pub fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        self.faults.check(Call::Rename)?;
        let (from, to) = (c_name(from)?, c_name(to)?);
        let fd = self.handle.as_raw_fd();
        // SAFETY: the names are NUL-terminated and outlive the call.
        retry(|| unsafe { libc::renameat(fd, from.as_ptr(), fd, to.as_ptr()) }).map(drop)
    }

    /// Removes a file or symbolic link.
    ///
    /// # Errors
    /// ENOENT when it is missing, EISDIR when it is a directory.
    pub fn remove(&self, name: &OsStr) -> io::Result<()> {
        self.faults.check(Call::Unlink)?;
        let name = c_name(name)?;
        // SAFETY: the name is NUL-terminated and outlives the call.
        retry(|| unsafe { libc::unlinkat(self.handle.as_raw_fd(), name.as_ptr(), 0) }).map(drop)
    }

    /// Makes the names in it durable: what was created, renamed and removed.
    ///
    /// # Errors
    /// They may be lost with the power.
    pub fn sync(&self) -> io::Result<()> {
        self.faults.check(Call::Sync)?;
        self.handle.sync_all()
    }

    /// Makes the whole file system it is on durable. Before Linux 5.8 lost writes are not reported.
    pub(super) fn sync_file_system(&self) -> io::Result<()> {
        self.faults.check(Call::SyncFileSystem)?;
        // SAFETY: syncfs takes no pointers and the descriptor is open.
        retry(|| unsafe { libc::syncfs(self.handle.as_raw_fd()) }).map(drop)
    }
}

/// Why a file cannot be opened for reading.
#[derive(Debug)]
pub enum SourceError {
    /// A directory on the way.
    Directory(io::Error),
    /// The file itself.
    File(io::Error),
}

impl Root {
    /// The directory of a path below, and the name in it.
    fn find(&self, path: &Path) -> io::Result<Place> {
        let rest = path.strip_prefix(&self.path).map_err(|_| {
            let text = format!("not below {}, the directory of the helper token", self.path.display());
            io::Error::new(io::ErrorKind::PermissionDenied, text)
        })?;
        let (parent, name) = match (rest.parent(), rest.file_name()) {
            (Some(parent), Some(name)) => (parent, name.to_owned()),
            (Some(_), None) => return Err(io::Error::from_raw_os_error(libc::EACCES)),
            (None, _) => (rest, ".".into()),
        };
        Ok(Place { directory: walk::walk_below(self.handle.as_fd(), parent)?, name })
    }
}

/// How many directories [`Directories`] keeps open.
const KEPT: usize = 16;

/// How long an open directory is used without asking whether its path still leads to it.
const FRESH_NS: u64 = 1_000_000_000;

/// The directories used last, kept open: 10,000 files in one directory open it once.
///
/// They are found by their paths from the root directory on, or only below one that somebody opened.
#[derive(Debug, Default)]
pub struct Directories {
    kept: Mutex<VecDeque<Kept>>,
    root: Option<Root>,
    faults: Faults,
}

/// A directory that was given as a descriptor.
#[derive(Debug)]
struct Root {
    handle: OwnedFd,
    path: PathBuf,
    owner: u32,
}

#[derive(Debug)]
struct Kept {
    directory: Arc<Directory>,
    checked: u64,
}

/// A directory in which files can be made: what [`Directories::check`] found.
#[derive(Debug)]
pub struct Usable {
    /// Opened with O_PATH.
    directory: OwnedFd,
}

impl Usable {
    /// Whether there is a directory of this name in it; a link to one is none.
    ///
    /// # Errors
    /// That cannot be known.
    pub fn has_directory(&self, name: &OsStr) -> io::Result<bool> {
        match walk::status(self.directory.as_fd(), &c_name(name)?) {
            Ok(there) => Ok(there.st_mode & libc::S_IFMT == libc::S_IFDIR),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}

impl Directories {
    /// None kept yet; `faults` goes to all that will be opened.
    #[must_use]
    pub fn new(faults: Faults) -> Directories {
        Directories { kept: Mutex::default(), root: None, faults }
    }

    /// Those at and below the directory that `handle` is, by the paths they have now: what is elsewhere is
    /// refused (EACCES), and so is every symbolic link below. Whether this process could reach the directory by
    /// its path does not matter.
    ///
    /// # Errors
    /// ENOTDIR when it is no directory, ENOENT when it was removed.
    pub fn below(handle: OwnedFd, faults: Faults) -> io::Result<Directories> {
        let handle = std::fs::File::from(handle);
        let there = handle.metadata()?;
        if !there.is_dir() {
            return Err(io::Error::from_raw_os_error(libc::ENOTDIR));
        }
        if there.nlink() == 0 {
            return Err(io::Error::from_raw_os_error(libc::ENOENT));
        }
        let path = std::fs::read_link(format!("/proc/self/fd/{}", handle.as_raw_fd()))?;
        let root = Root { handle: handle.into(), path, owner: there.uid() };
        Ok(Directories { kept: Mutex::default(), root: Some(root), faults })
    }

    /// The user id of the owner of the directory they are all below, where there is one.
    #[must_use]
    pub fn owner(&self) -> Option<u32> {
        self.root.as_ref().map(|root| root.owner)
    }

    /// Asks whether this process may make files in the directory at `path`, and sync it afterwards.
    ///
    /// # Errors
    /// ENOENT and ENOTDIR when there is no such directory, EACCES when it is not readable and writable or the
    /// path goes through a symbolic link that neither this user nor root laid, EROFS when its file system is
    /// read-only.
    pub fn check(&self, path: &Path) -> io::Result<Usable> {
        let place = self.find(path).map_err(|stopped| stopped.error)?;
        let directory = walk::open_path(Some(place.directory.as_fd()), &c_name(&place.name)?)?;
        let mode = libc::R_OK | libc::W_OK | libc::X_OK;
        let at = directory.as_raw_fd();
        // SAFETY: the name is NUL-terminated and outlives the call.
        retry(|| unsafe { libc::faccessat(at, c".".as_ptr(), mode, libc::AT_EACCESS) })?;
        Ok(Usable { directory })
    }

    fn find(&self, path: &Path) -> Result<Place, Stopped> {
        match &self.root {
            None => walk::walk(path),
            Some(root) => root.find(path).map_err(|error| Stopped { error, last: false }),
        }
    }

    fn open_new(&self, path: &Path) -> io::Result<Arc<Directory>> {
        self.faults.check(Call::OpenDirectory)?;
        let place = self.find(path).map_err(|stopped| stopped.error)?;
        let directory = Directory::at(place.directory.as_fd(), &place.name, path, self.faults.clone())?;
        Ok(Arc::new(directory))
    }

    /// Whether the path still leads to a directory that was opened by it.
    fn leads_to(&self, path: &Path, identity: (u64, u64)) -> io::Result<bool> {
        self.faults.check(Call::Stat)?;
        Ok(match &self.root {
            None => std::fs::metadata(path).is_ok_and(|there| (there.dev(), there.ino()) == identity),
            Some(root) => root
                .find(path)
                .and_then(|place| walk::status(place.directory.as_fd(), &c_name(&place.name)?))
                .is_ok_and(|there| (there.st_dev, there.st_ino) == identity),
        })
    }

    /// The directory at `path`, opened now or at most a second before `now` (monotonic
    /// nanoseconds), or found to be still the one at that path.
    ///
    /// # Errors
    /// As [`Directory::open`].
    pub fn open(&self, path: &Path, now: u64) -> io::Result<Arc<Directory>> {
        let mut kept = self.kept.lock();
        if let Some(at) = kept.iter().position(|kept| kept.directory.path == path)
            && let Some(mut found) = kept.remove(at)
        {
            if now.saturating_sub(found.checked) > FRESH_NS {
                if !self.leads_to(path, found.directory.identity)? {
                    found.directory = self.open_new(path)?;
                }
                found.checked = now;
            }
            let directory = Arc::clone(&found.directory);
            kept.push_front(found);
            return Ok(directory);
        }
        let directory = self.open_new(path)?;
        kept.truncate(KEPT - 1);
        kept.push_front(Kept { directory: Arc::clone(&directory), checked: now });
        Ok(directory)
    }

    /// Opens the regular file at `path` for reading.
    ///
    /// # Errors
    /// There is none ([`SourceError::Directory`] when its directory is missing), it cannot be read, or it is
    /// something else, as a pipe or a device: these are not opened.
    pub fn open_source(&self, path: &Path) -> Result<Source, SourceError> {
        let place = self.find(path).map_err(|stopped| match stopped.last {
            true => SourceError::File(stopped.error),
            false => SourceError::Directory(stopped.error),
        })?;
        Source::open(&place, self.faults.clone()).map_err(SourceError::File)
    }

    /// Closes all that nobody else holds, so that a file system can be unmounted.
    pub fn clear(&self) {
        self.kept.lock().clear();
    }
}
