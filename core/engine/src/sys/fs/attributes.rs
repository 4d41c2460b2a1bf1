//! Owner, permissions, access lists and labels, from one file to another.

#![allow(unsafe_code)] // fchown, fgetxattr, fsetxattr, flistxattr: named corner of `sys`

use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::os::unix::fs::PermissionsExt;

use super::{Call, File, Source, retry};

/// Access lists beside the permission bits: of POSIX, and of NFS version 4.
const ACCESS_LISTS: [&CStr; 2] = [c"system.posix_acl_access", c"system.nfs4_acl"];

/// Labels of security modules, capabilities, integrity: names that begin so.
const SECURITY: &[u8] = b"security.";

impl File {
    /// Gives the file to another user, another group, or both. What it has already is not asked for.
    ///
    /// # Errors
    /// EPERM without the right to.
    pub fn set_owner(&self, user: Option<u32>, group: Option<u32>) -> io::Result<()> {
        self.check(Call::Permissions)?;
        // -1 leaves it as it is.
        let id = |id: Option<u32>| id.unwrap_or(u32::MAX);
        // SAFETY: fchown takes no pointers and the descriptor is open.
        retry(|| unsafe { libc::fchown(self.descriptor().as_raw_fd(), id(user), id(group)) }).map(drop)
    }

    /// Permission bits.
    ///
    /// # Errors
    /// The attributes cannot be read.
    pub fn mode(&self) -> io::Result<u32> {
        self.check(Call::Stat)?;
        Ok(self.handle().metadata()?.permissions().mode() & 0o7777)
    }

    /// Sets the permission bits.
    ///
    /// # Errors
    /// EPERM for another user's file.
    pub fn set_mode(&self, mode: u32) -> io::Result<()> {
        self.check(Call::Permissions)?;
        self.handle().set_permissions(std::fs::Permissions::from_mode(mode))
    }

    /// Gives the file the access lists of `source`. A source without leaves what the directory gave.
    ///
    /// # Errors
    /// EPERM for another user's file. Nothing is done where one of the file systems knows no access lists.
    pub fn copy_access_lists(&self, source: &Source) -> io::Result<()> {
        ACCESS_LISTS.iter().try_for_each(|name| self.copy_attribute(source, name))
    }

    /// Gives the file the `security` attributes of `source`.
    ///
    /// # Errors
    /// EPERM without the right to set one of them.
    pub fn copy_security_attributes(&self, source: &Source) -> io::Result<()> {
        for name in list(source.descriptor()).or_else(ignore_unsupported)? {
            if name.to_bytes().starts_with(SECURITY) {
                self.copy_attribute(source, &name)?;
            }
        }
        Ok(())
    }

    fn copy_attribute(&self, source: &Source, name: &CStr) -> io::Result<()> {
        let Some(value) = get(source.descriptor(), name).or_else(ignore_unsupported)? else { return Ok(()) };
        self.check(Call::Permissions)?;
        let fd = self.descriptor().as_raw_fd();
        // SAFETY: the name is NUL-terminated, and the value as long as said.
        let set =
            retry(|| unsafe { libc::fsetxattr(fd, name.as_ptr(), value.as_ptr().cast(), value.len(), 0) });
        set.map(drop).or_else(ignore_unsupported)
    }
}

/// File systems without attributes, as FAT: they get lost there, silently as on Windows.
fn ignore_unsupported<T: Default>(error: io::Error) -> io::Result<T> {
    match error.raw_os_error() {
        Some(libc::EOPNOTSUPP | libc::ENOSYS) => Ok(T::default()),
        _ => Err(error),
    }
}

/// The value of an attribute, `None` when there is none of that name.
fn get(fd: BorrowedFd<'_>, name: &CStr) -> io::Result<Option<Vec<u8>>> {
    let fd = fd.as_raw_fd();
    // SAFETY: the name is NUL-terminated, and the buffer as long as said.
    let read =
        |into: &mut [u8]| unsafe { libc::fgetxattr(fd, name.as_ptr(), into.as_mut_ptr().cast(), into.len()) };
    match whole(read) {
        Err(error) if error.raw_os_error() == Some(libc::ENODATA) => Ok(None),
        other => other.map(Some),
    }
}

fn list(fd: BorrowedFd<'_>) -> io::Result<Vec<CString>> {
    let fd = fd.as_raw_fd();
    // SAFETY: the buffer is as long as said.
    let names = whole(|into| unsafe { libc::flistxattr(fd, into.as_mut_ptr().cast(), into.len()) })?;
    Ok(names.split(|byte| *byte == 0).filter_map(|name| CString::new(name).ok()).collect())
}

/// Asks for the length, then for as much; again when it has grown in between.
fn whole(mut read: impl FnMut(&mut [u8]) -> isize) -> io::Result<Vec<u8>> {
    loop {
        let mut value = vec![0; asked(read(&mut []))?];
        match asked(read(&mut value)) {
            Ok(len) => {
                value.truncate(len);
                return Ok(value);
            }
            Err(error) if error.raw_os_error() == Some(libc::ERANGE) => {}
            Err(error) => return Err(error),
        }
    }
}

fn asked(result: isize) -> io::Result<usize> {
    usize::try_from(result).map_err(|_| io::Error::last_os_error())
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::path::Path;

    use super::super::{Directories, Faults};
    use super::*;

    /// A file with an attribute, and a new one; `None` where the attribute cannot be set here.
    fn pair(dir: &Path, name: &CStr, value: &[u8]) -> Option<(Source, File)> {
        let path = dir.join("source");
        std::fs::write(&path, "").unwrap();
        let path = CString::new(path.to_str().unwrap()).unwrap();
        // SAFETY: both names are NUL-terminated, and the value as long as said.
        let set =
            unsafe { libc::setxattr(path.as_ptr(), name.as_ptr(), value.as_ptr().cast(), value.len(), 0) };
        if set != 0 {
            eprintln!("skipped: {name:?} cannot be set: {}", io::Error::last_os_error());
            return None;
        }
        let directories = Directories::new(Faults::none());
        let source = directories.open_source(&dir.join("source")).unwrap();
        let copy = directories.open(dir, 0).unwrap().create(OsStr::new("copy"), 0o666).unwrap();
        Some((source, copy))
    }

    #[test]
    fn an_access_list_is_copied_and_nothing_else() {
        // Version 2; owner rw, user 1234 r, group r, mask r, others none: tag, permissions, id.
        let entries =
            [(1u16, 6u16, u32::MAX), (2, 4, 1234), (4, 4, u32::MAX), (16, 4, u32::MAX), (32, 0, u32::MAX)];
        let mut list = 2u32.to_le_bytes().to_vec();
        for (tag, permissions, id) in entries {
            list.extend_from_slice(&tag.to_le_bytes());
            list.extend_from_slice(&permissions.to_le_bytes());
            list.extend_from_slice(&id.to_le_bytes());
        }
        let dir = tempfile::tempdir().unwrap();
        let Some((source, copy)) = pair(dir.path(), ACCESS_LISTS[0], &list) else { return };
        copy.copy_security_attributes(&source).unwrap();
        assert_eq!(get(copy.descriptor(), ACCESS_LISTS[0]).unwrap(), None);
        copy.copy_access_lists(&source).unwrap();
        assert_eq!(get(copy.descriptor(), ACCESS_LISTS[0]).unwrap(), Some(list));
    }

    #[test]
    fn security_attributes_are_copied() {
        let dir = tempfile::tempdir().unwrap();
        let Some((source, copy)) = pair(dir.path(), c"security.bgcopy", b"label") else { return };
        copy.copy_access_lists(&source).unwrap();
        assert_eq!(get(copy.descriptor(), c"security.bgcopy").unwrap(), None);
        copy.copy_security_attributes(&source).unwrap();
        assert_eq!(get(copy.descriptor(), c"security.bgcopy").unwrap().as_deref(), Some(&b"label"[..]));
    }
}
