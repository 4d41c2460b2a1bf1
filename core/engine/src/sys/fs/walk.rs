//! Finding what a path names, name by name, without being led astray by links of other users.

#![allow(unsafe_code)] // openat, fstatat, readlinkat: named corner of `sys`

use std::ffi::{CStr, CString, OsStr, OsString};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::LazyLock;

use super::retry;
use crate::sys::user;

/// As many links as the kernel follows.
const MOST_LINKS: usize = 40;

/// Who may lay links: root. In a user namespace root has another number, that of the root directory's owner.
static ROOT: LazyLock<u32> = LazyLock::new(|| std::fs::metadata("/").map_or(0, |root| root.uid()));

/// A name in an open directory. It is no link that may be followed.
#[derive(Debug)]
pub(super) struct Place {
    /// Opened with O_PATH.
    pub directory: OwnedFd,
    pub name: OsString,
}

/// Why a walk ended early.
#[derive(Debug)]
pub(super) struct Stopped {
    pub error: io::Error,
    /// It was the last name, not a directory on the way.
    pub last: bool,
}

/// Finds the directory of an absolute path and the name in it; links are followed, also that of the last name.
///
/// A symbolic link that neither the caller nor root laid is not followed (EACCES): whoever can write to one
/// directory on the way could lead the caller to any other.
pub(super) fn walk(path: &Path) -> Result<Place, Stopped> {
    let at_root = |error| Stopped { error, last: false };
    let root = open_path(None, c"/").map_err(at_root)?;
    let mut directory = root.try_clone().map_err(at_root)?;
    let mut names = Vec::new();
    push_names(&mut names, path.as_os_str());
    let mut links = 0;
    while let Some(name) = names.pop() {
        let stopped = |error| Stopped { error, last: names.is_empty() };
        let c_name = c_name(&name).map_err(stopped)?;
        if name != ".." {
            let there = status(directory.as_fd(), &c_name).map_err(stopped)?;
            if there.st_mode & libc::S_IFMT == libc::S_IFLNK {
                links += 1;
                if links > MOST_LINKS {
                    return Err(stopped(io::Error::from_raw_os_error(libc::ELOOP)));
                }
                if there.st_uid != user::effective() && there.st_uid != 0 && there.st_uid != *ROOT {
                    let text = format!("the symbolic link {} belongs to another user", name.display());
                    return Err(stopped(io::Error::new(io::ErrorKind::PermissionDenied, text)));
                }
                let target = read_link(directory.as_fd(), &c_name).map_err(stopped)?;
                if target.as_bytes().starts_with(b"/") {
                    directory = root.try_clone().map_err(stopped)?;
                }
                push_names(&mut names, &target);
                continue;
            }
            if names.is_empty() {
                return Ok(Place { directory, name });
            }
        }
        directory = open_path(Some(directory.as_fd()), &c_name)
            .map_err(|error| Stopped { error, last: names.is_empty() })?;
    }
    Ok(Place { directory, name: ".".into() })
}

/// Finds a directory below another one; no link is followed, and no name may be `..` (EACCES).
pub(super) fn walk_below(root: BorrowedFd<'_>, path: &Path) -> io::Result<OwnedFd> {
    let mut names = Vec::new();
    push_names(&mut names, path.as_os_str());
    let mut directory = open_path(Some(root), c".")?;
    while let Some(name) = names.pop() {
        if name == ".." {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, "the path leaves the directory"));
        }
        directory = open_path(Some(directory.as_fd()), &c_name(&name)?)?;
    }
    Ok(directory)
}

/// The names of a path in front of those that are still to be visited; the next one is the last.
fn push_names(names: &mut Vec<OsString>, path: &OsStr) {
    let parts = path.as_bytes().split(|byte| *byte == b'/');
    names.extend(
        parts
            .rev()
            .filter(|part| !matches!(*part, b"" | b"."))
            .map(|part| OsStr::from_bytes(part).to_owned()),
    );
}

/// Opens a directory to go on from; no permission to read it is needed.
pub(super) fn open_path(at: Option<BorrowedFd<'_>>, name: &CStr) -> io::Result<OwnedFd> {
    let at = at.map_or(libc::AT_FDCWD, |at| at.as_raw_fd());
    let flags = libc::O_PATH | libc::O_DIRECTORY | libc::O_NOFOLLOW | libc::O_CLOEXEC;
    // SAFETY: the name is NUL-terminated and outlives the call.
    let fd = retry(|| unsafe { libc::openat(at, name.as_ptr(), flags) })?;
    // SAFETY: fd was just opened and belongs to nobody else.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// The attributes of a name, of a link and not of what it points to.
pub(super) fn status(at: BorrowedFd<'_>, name: &CStr) -> io::Result<libc::stat> {
    // SAFETY: stat is plain data for which zero is a value.
    let mut there: libc::stat = unsafe { std::mem::zeroed() };
    let flags = libc::AT_SYMLINK_NOFOLLOW;
    // SAFETY: the name is NUL-terminated, and `there` writable for the call.
    retry(|| unsafe { libc::fstatat(at.as_raw_fd(), name.as_ptr(), &raw mut there, flags) })?;
    Ok(there)
}

fn read_link(at: BorrowedFd<'_>, name: &CStr) -> io::Result<OsString> {
    let mut target = vec![0u8; libc::PATH_MAX as usize];
    // SAFETY: the name is NUL-terminated, and the buffer as long as said.
    let len =
        unsafe { libc::readlinkat(at.as_raw_fd(), name.as_ptr(), target.as_mut_ptr().cast(), target.len()) };
    let len = usize::try_from(len).map_err(|_| io::Error::last_os_error())?;
    target.truncate(len);
    Ok(OsString::from_vec(target))
}

pub(super) fn c_name(name: &OsStr) -> io::Result<CString> {
    CString::new(name.as_bytes()).map_err(|_| io::Error::from_raw_os_error(libc::EINVAL))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{lchown, symlink};

    use super::*;

    fn found(path: &Path) -> io::Result<std::path::PathBuf> {
        let place = walk(path).map_err(|stopped| stopped.error)?;
        let directory = format!("/proc/self/fd/{}", place.directory.as_raw_fd());
        Ok(std::fs::read_link(directory)?.join(place.name))
    }

    #[test]
    fn own_links_and_those_of_root_are_followed_wherever_they_lead() {
        let dir = tempfile::tempdir().unwrap();
        let dir = std::fs::canonicalize(dir.path()).unwrap();
        std::fs::create_dir_all(dir.join("a/b")).unwrap();
        std::fs::write(dir.join("a/b/file"), "").unwrap();
        symlink(dir.join("a"), dir.join("absolute")).unwrap();
        symlink("../a/b/../b", dir.join("a/relative")).unwrap();
        symlink("b/file", dir.join("a/to-file")).unwrap();
        let file = dir.join("a/b/file");
        for path in ["a/b/file", "absolute/b//file", "absolute/relative/./file", "a/to-file", "a/b/../b/file"]
        {
            assert_eq!(found(&dir.join(path)).unwrap(), file, "{path}");
        }
        assert_eq!(found(Path::new("/")).unwrap(), Path::new("/."));
        symlink("round", dir.join("round")).unwrap();
        assert_eq!(found(&dir.join("round")).unwrap_err().raw_os_error(), Some(libc::ELOOP));
        let stopped = walk(&dir.join("a/missing/file")).unwrap_err();
        assert_eq!((stopped.error.kind(), stopped.last), (io::ErrorKind::NotFound, false));
        assert!(walk(&dir.join("a/missing")).unwrap_err().last);
    }

    #[test]
    fn a_link_of_another_user_is_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("real")).unwrap();
        std::fs::write(dir.path().join("real/file"), "").unwrap();
        symlink("real", dir.path().join("planted")).unwrap();
        if lchown(dir.path().join("planted"), Some(65533), None).is_err() {
            eprintln!("skipped: only root can make another user's link");
            return;
        }
        let error = found(&dir.path().join("planted/file")).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
        assert!(error.to_string().contains("planted"), "{error}");
        assert!(found(&dir.path().join("real/file")).is_ok());
    }

    #[test]
    fn below_a_directory_there_are_no_links_and_no_way_up() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("root/sub")).unwrap();
        symlink("sub", dir.path().join("root/link")).unwrap();
        let root = open_path(None, &c_name(dir.path().join("root").as_os_str()).unwrap()).unwrap();
        assert!(walk_below(root.as_fd(), Path::new("")).is_ok());
        assert!(walk_below(root.as_fd(), Path::new("sub")).is_ok());
        assert!(walk_below(root.as_fd(), Path::new("link")).is_err());
        let error = walk_below(root.as_fd(), Path::new("sub/../..")).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
    }
}
