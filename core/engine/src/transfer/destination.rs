//! Names of local files: what may be asked for, where it grows, and how it gets its name.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bgcopy_protocol::enums::ErrorContext;
use bgcopy_protocol::limits::{MAX_NAME, MAX_PATH};
use bgcopy_protocol::{Guid, ResultCode};

use super::TransferError;
use crate::sys::fs::{Directories, Directory, Usable};

/// Why a path cannot be the destination of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The result of the call that named the path.
    pub code: ResultCode,
    /// What is wrong with it.
    pub text: String,
}

/// Checks destinations of files that are added together: a directory they share is examined once.
#[derive(Debug)]
pub struct DestinationCheck<'a> {
    directories: &'a Directories,
    usable: Option<(PathBuf, Usable)>,
}

impl<'a> DestinationCheck<'a> {
    /// A check of files that will be made in these directories.
    #[must_use]
    pub fn new(directories: &'a Directories) -> DestinationCheck<'a> {
        DestinationCheck { directories, usable: None }
    }

    /// Checks that a file can be downloaded to `path`, as far as that can be known before.
    /// Characters that Windows forbids are allowed.
    ///
    /// # Errors
    /// - `BG_E_INVALIDARG`: not absolute, NUL inside, ends with a slash, `.` or `..`
    /// - `BG_E_WIN32_FILENAME_EXCED_RANGE`: a component over 255 bytes, or the path over 4,095
    /// - `BG_E_WIN32_PATH_NOT_FOUND`: the directory is missing, or is a file
    /// - `BG_E_ACCESSDENIED`: the directory is not readable and writable
    /// - `BG_E_WIN32_DIRECTORY`: `path` is an existing directory
    /// - other codes for other answers of the system, such as a read-only file system
    pub fn check(&mut self, path: &Path) -> Result<(), Refused> {
        check_path(path)?;
        let refuse = |code, why: &str| Err(refused(path, code, why));
        let parent = path.parent().unwrap_or(Path::new("/"));
        if self.usable.as_ref().is_none_or(|(known, _)| known != parent) {
            self.usable = match self.directories.check(parent) {
                Ok(usable) => Some((parent.to_owned(), usable)),
                Err(error) => {
                    return refuse(directory_code(&error), &format!("its directory cannot be used: {error}"));
                }
            };
        }
        let name = path.file_name().unwrap_or_default();
        match self.usable.as_ref().map_or(Ok(false), |(_, usable)| usable.has_directory(name)) {
            Ok(true) => refuse(ResultCode::BG_E_WIN32_DIRECTORY, "there is a directory of this name"),
            Ok(false) => Ok(()),
            Err(error) => refuse(ResultCode::from_io(&error), &error.to_string()),
        }
    }
}

/// Checks that a file can have this path, whether it is there or not.
///
/// # Errors
/// `BG_E_INVALIDARG` and `BG_E_WIN32_FILENAME_EXCED_RANGE`, as [`DestinationCheck::check`].
pub fn check_path(path: &Path) -> Result<(), Refused> {
    let refuse = |code, why: &str| Err(refused(path, code, why));
    let bytes = path.as_os_str().as_bytes();
    if bytes.contains(&0) {
        return refuse(ResultCode::BG_E_INVALIDARG, "the path contains a NUL");
    }
    if !path.is_absolute() {
        return refuse(ResultCode::BG_E_INVALIDARG, "the local name must be an absolute path");
    }
    let name = bytes.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    if matches!(name, b"" | b"." | b"..") {
        return refuse(ResultCode::BG_E_INVALIDARG, "the path names no file");
    }
    if bytes.len() > MAX_PATH || bytes.split(|byte| *byte == b'/').any(|part| part.len() > MAX_NAME) {
        return refuse(
            ResultCode::BG_E_WIN32_FILENAME_EXCED_RANGE,
            "a path has at most 4095 bytes, and each name in it 255",
        );
    }
    Ok(())
}

fn refused(path: &Path, code: ResultCode, why: &str) -> Refused {
    Refused { code, text: format!("{}: {why}", path.display()) }
}

/// The code for a directory that cannot be opened: unlike a file, it is a path that is not found.
fn directory_code(error: &io::Error) -> ResultCode {
    match error.kind() {
        io::ErrorKind::NotFound => ResultCode::BG_E_WIN32_PATH_NOT_FOUND,
        _ => ResultCode::from_io(error),
    }
}

/// The file that grows until `final_path` is published: `.<name>.<8 hex>.part` beside it.
///
/// The same for the same job and file at any time, so that a leftover of a crash is known as ours.
#[must_use]
pub fn temp_path(final_path: &Path, job: Guid, index: u32) -> PathBuf {
    let name = final_path.file_name().unwrap_or_default();
    final_path.with_file_name(temp_name(name, job, index))
}

/// Where the bytes of a file go before it is published: to [`temp_path`], or at once to its final name.
#[must_use]
pub fn growing_path(final_path: &Path, job: Guid, index: u32, direct: bool) -> PathBuf {
    if direct { final_path.to_owned() } else { temp_path(final_path, job, index) }
}

fn temp_name(name: &OsStr, job: Guid, index: u32) -> OsString {
    let tail = format!(".{:08x}.part", name_hash(job, index));
    let room = MAX_NAME - 1 - tail.len();
    let bytes = name.as_bytes();
    let mut cut = bytes.len().min(room);
    // Not within a character, where the name is UTF-8: continuation bytes are 10xxxxxx.
    while cut > 0 && cut < bytes.len() && bytes[cut] & 0b1100_0000 == 0b1000_0000 {
        cut -= 1;
    }
    let mut temp = Vec::with_capacity(1 + cut + tail.len());
    temp.push(b'.');
    temp.extend_from_slice(&bytes[..cut]);
    temp.extend_from_slice(tail.as_bytes());
    OsString::from_vec(temp)
}

/// FNV-1a, folded to 32 bits: written here because the names it gives are on disk.
fn name_hash(job: Guid, index: u32) -> u32 {
    let mut hash = 0xCBF2_9CE4_8422_2325_u64;
    let mut add = |bytes: &[u8]| {
        for byte in bytes {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3);
        }
    };
    add(&job.data1.to_le_bytes());
    add(&job.data2.to_le_bytes());
    add(&job.data3.to_le_bytes());
    add(&job.data4);
    add(&index.to_le_bytes());
    (hash ^ (hash >> 32)) as u32
}

/// Where one file goes: its directory, held open, and its names in it before and after.
#[derive(Clone, Debug)]
pub struct Target {
    /// The side of the transfer it is on, for errors: local, unless it is what an upload goes to.
    pub side: ErrorContext,
    /// The directory of both names.
    pub directory: Arc<Directory>,
    /// The name while it grows.
    pub temp_name: OsString,
    /// The name once it is published.
    pub final_name: OsString,
}

/// What [`Target::publish`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Published {
    /// The file has its final name; durable after [`Directory::sync`].
    Renamed,
    /// There is no file of the temporary name: it was published before, or somebody removed it.
    Absent,
}

impl Target {
    /// Finds the directory of `final_path`; `temp_path` comes from the function of that name.
    /// `now` is the monotonic clock in nanoseconds.
    ///
    /// # Errors
    /// The directory is missing or not readable.
    pub fn open(
        directories: &Directories,
        final_path: &Path,
        temp_path: &Path,
        now: u64,
    ) -> Result<Target, TransferError> {
        let side = ErrorContext::LocalFile;
        let parent = final_path.parent().unwrap_or(Path::new("/"));
        let directory = directories.open(parent, now).map_err(|error| {
            let text = format!("opening the directory {} failed: {error}", parent.display());
            TransferError::local(directory_code(&error), text)
        })?;
        let name = |path: &Path| path.file_name().unwrap_or_default().to_owned();
        Ok(Target { side, directory, temp_name: name(temp_path), final_name: name(final_path) })
    }

    /// The same for what an upload goes to, if a file can be there: its faults are those of the remote side.
    ///
    /// # Errors
    /// As [`DestinationCheck::check`].
    pub fn open_remote(
        directories: &Directories,
        final_path: &Path,
        temp_path: &Path,
        now: u64,
    ) -> Result<Target, TransferError> {
        let side = ErrorContext::RemoteFile;
        DestinationCheck::new(directories)
            .check(final_path)
            .map_err(|refused| TransferError::local(refused.code, refused.text))
            .and_then(|()| Target::open(directories, final_path, temp_path, now))
            .map(|target| Target { side, ..target })
            .map_err(|error| error.of(side))
    }

    /// Gives the file its final name, replacing a file or link of that name (the link, not what it
    /// points to). Needs no open file. The caller syncs the directory afterwards.
    ///
    /// # Errors
    /// There is a directory of that name, or the system refuses.
    pub fn publish(&self) -> Result<Published, TransferError> {
        match self.directory.rename(&self.temp_name, &self.final_name) {
            Ok(()) => Ok(Published::Renamed),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Published::Absent),
            Err(error) => {
                let temp_path = self.temp_path();
                let doing = format_args!("renaming {} to", temp_path.display());
                Err(TransferError::local_io(doing, &self.final_path(), &error).of(self.side))
            }
        }
    }

    /// Removes the growing file, if it is there. Needs no open file.
    ///
    /// # Errors
    /// It is there and cannot be removed.
    pub fn discard(&self) -> Result<(), TransferError> {
        match self.directory.remove(&self.temp_name) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(TransferError::local_io("removing", &self.temp_path(), &error).of(self.side))
            }
            _ => Ok(()),
        }
    }

    /// The path while it grows.
    #[must_use]
    pub fn temp_path(&self) -> PathBuf {
        self.directory.path().join(&self.temp_name)
    }

    /// The path once it is published.
    #[must_use]
    pub fn final_path(&self) -> PathBuf {
        self.directory.path().join(&self.final_name)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;
    use crate::sys::fs::{Call, Faults};

    fn code(path: impl AsRef<Path>) -> Option<ResultCode> {
        DestinationCheck::new(&Directories::default()).check(path.as_ref()).err().map(|refused| refused.code)
    }

    #[test]
    fn what_cannot_be_a_destination_is_refused_with_its_code() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        std::fs::create_dir(dir.join("sub")).unwrap();
        std::fs::write(dir.join("file"), "").unwrap();
        symlink("/nowhere/at/all", dir.join("dangling")).unwrap();
        for name in ["new", "file", "dangling", "what? *:<>|\"", "...", "sub/../new"] {
            assert_eq!(code(dir.join(name)), None, "{name}");
        }
        let invalid = Some(ResultCode::BG_E_INVALIDARG);
        for path in ["", "relative", "./relative", "/"] {
            assert_eq!(code(path), invalid, "{path:?}");
        }
        for last in ["new/", "sub/", ".", "..", "new\0"] {
            assert_eq!(code(format!("{}/{last}", dir.display())), invalid, "{last:?}");
        }
        let long = Some(ResultCode::BG_E_WIN32_FILENAME_EXCED_RANGE);
        assert_eq!(code(dir.join("x".repeat(255))), None);
        assert_eq!(code(dir.join("x".repeat(256))), long);
        assert_eq!(code(format!("{}/{}new", dir.display(), "./".repeat(2048))), long);
        let missing = Some(ResultCode::BG_E_WIN32_PATH_NOT_FOUND);
        assert_eq!(code(dir.join("missing/new")), missing);
        assert_eq!(code(dir.join("file/new")), missing);
        assert_eq!(code(dir.join("sub")), Some(ResultCode::BG_E_WIN32_DIRECTORY));
    }

    #[test]
    fn a_directory_without_write_permission_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let sealed = dir.path().join("sealed");
        std::fs::create_dir(&sealed).unwrap();
        std::fs::set_permissions(&sealed, PermissionsExt::from_mode(0o500)).unwrap();
        if std::fs::write(sealed.join("probe"), "").is_ok() {
            eprintln!("skipped: permissions do not bind this user (root?)");
            return;
        }
        assert_eq!(code(sealed.join("new")), Some(ResultCode::BG_E_ACCESSDENIED));
    }

    #[test]
    fn the_temporary_name_is_stable_and_differs_by_job_and_file() {
        let job = Guid { data1: 0x0123_4567, data2: 0x89AB, data3: 0xCDEF, data4: [1, 2, 3, 4, 5, 6, 7, 8] };
        let path = temp_path(Path::new("/d/file.bin"), job, 3);
        // The number is on the disks of users: a change orphans their partial downloads.
        assert_eq!(path, Path::new("/d/.file.bin.3fa4453b.part"));
        assert_ne!(path, temp_path(Path::new("/d/file.bin"), job, 4));
        assert_ne!(path, temp_path(Path::new("/d/file.bin"), Guid { data1: 0, ..job }, 3));
    }

    #[test]
    fn a_long_name_is_cut_to_fit_at_a_character() {
        for name in ["x".repeat(255), "ä".repeat(127), "€".repeat(85), "x".repeat(240), "x".repeat(241)] {
            let temp = temp_path(&Path::new("/d").join(&name), Guid::default(), 0);
            let temp = temp.file_name().unwrap();
            assert!(temp.len() <= 255 && temp.to_str().is_some(), "{temp:?}");
            assert!(name.len() > 240 || temp.to_str().unwrap().contains(&format!(".{name}.")));
        }
    }

    struct Place {
        dir: tempfile::TempDir,
        target: Target,
    }

    fn place(faults: Faults) -> Place {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("final");
        let directories = Directories::new(faults);
        let target = Target::open(&directories, &path, &temp_path(&path, Guid::default(), 0), 0).unwrap();
        std::fs::write(target.temp_path(), "new").unwrap();
        Place { dir, target }
    }

    #[test]
    fn publishing_replaces_a_file_and_can_be_repeated() {
        let Place { dir: _dir, target } = place(Faults::none());
        std::fs::write(target.final_path(), "old").unwrap();
        assert_eq!(target.publish().unwrap(), Published::Renamed);
        assert_eq!(target.publish().unwrap(), Published::Absent);
        assert_eq!(std::fs::read(target.final_path()).unwrap(), b"new");
        assert!(!target.temp_path().exists());
    }

    #[test]
    fn publishing_replaces_a_link_and_never_what_it_points_to() {
        let Place { dir, target } = place(Faults::none());
        let precious = dir.path().join("precious");
        std::fs::write(&precious, "precious").unwrap();
        symlink(&precious, target.final_path()).unwrap();
        target.publish().unwrap();
        assert!(!target.final_path().is_symlink());
        assert_eq!(std::fs::read(precious).unwrap(), b"precious");
    }

    #[test]
    fn publishing_refuses_to_replace_a_directory() {
        let Place { dir: _dir, target } = place(Faults::none());
        std::fs::create_dir(target.final_path()).unwrap();
        let error = target.publish().unwrap_err();
        assert_eq!(error.code, ResultCode::BG_E_WIN32_DIRECTORY, "{}", error.text);
        assert!(target.temp_path().exists() && target.final_path().is_dir());
    }

    #[test]
    fn discarding_removes_the_file_once_and_a_link_instead_of_its_target() {
        let Place { dir, target } = place(Faults::none());
        target.discard().unwrap();
        target.discard().unwrap();
        assert!(!target.temp_path().exists());
        let precious = dir.path().join("precious");
        std::fs::write(&precious, "").unwrap();
        symlink(&precious, target.temp_path()).unwrap();
        target.discard().unwrap();
        assert!(precious.exists() && !target.temp_path().is_symlink());
    }

    #[test]
    fn a_failed_rename_says_what_and_where() {
        let Place { dir: _dir, target } = place(Faults::fail_call(Call::Rename, 1, libc::EROFS));
        let error = target.publish().unwrap_err();
        assert_eq!(error.code, ResultCode::BG_E_DESTINATION_LOCKED);
        assert!(error.text.contains(target.final_path().to_str().unwrap()), "{}", error.text);
        assert_eq!(target.publish().unwrap(), Published::Renamed);
    }

    #[test]
    fn one_directory_is_opened_once_for_many_files_and_again_when_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let here = dir.path().join("here");
        std::fs::create_dir(&here).unwrap();
        let faults = Faults::count_only();
        let directories = Directories::new(faults.clone());
        let open = |n: u32, now| {
            let path = here.join(n.to_string());
            Target::open(&directories, &path, &temp_path(&path, Guid::default(), n), now)
        };
        for n in 0..1000 {
            open(n, 0).unwrap();
        }
        assert_eq!(faults.total(), 1);
        std::fs::rename(&here, dir.path().join("elsewhere")).unwrap();
        std::fs::create_dir(&here).unwrap();
        let target = open(0, 2_000_000_000).unwrap();
        assert_eq!(faults.count(Call::OpenDirectory), 2);
        std::fs::write(target.temp_path(), "").unwrap();
        assert_eq!(target.publish().unwrap(), Published::Renamed);
        std::fs::remove_dir_all(&here).unwrap();
        assert_eq!(open(0, 4_000_000_000).unwrap_err().code, ResultCode::BG_E_WIN32_PATH_NOT_FOUND);
    }
}
