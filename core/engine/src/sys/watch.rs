//! Hearing of changes in files and directories, also of those that are not there yet.

#![allow(unsafe_code)] // inotify: named corner of `sys`

use std::ffi::CString;
use std::io;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::cancel::CancelToken;
use super::poll::{self, Interest, Wake};

/// Names come and go, files are written or may be read by others than before, or the path itself ends.
const CHANGES: u32 = libc::IN_CREATE
    | libc::IN_DELETE
    | libc::IN_MOVED_FROM
    | libc::IN_MOVED_TO
    | libc::IN_CLOSE_WRITE
    | libc::IN_ATTRIB
    | libc::IN_DELETE_SELF
    | libc::IN_MOVE_SELF;
/// Something comes that may be on the way to a path.
const ARRIVALS: u32 = libc::IN_CREATE | libc::IN_MOVED_TO | libc::IN_DELETE_SELF | libc::IN_MOVE_SELF;

/// Watches paths from its making to the first change.
#[derive(Debug)]
pub struct Watch(OwnedFd);

impl Watch {
    /// Begins to watch: directories and files at these paths, and where one is missing, the nearest
    /// directory above it. What is read after this and changes later is noticed.
    ///
    /// # Errors
    /// No descriptor is left, or the user has as many watches as the system allows.
    pub fn new<P: AsRef<Path>>(paths: &[P]) -> io::Result<Watch> {
        // SAFETY: inotify_init1 takes no pointers; the result is checked before it is owned.
        let fd = unsafe { libc::inotify_init1(libc::IN_CLOEXEC | libc::IN_NONBLOCK) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: fd was just made and belongs to nobody else.
        let watch = Watch(unsafe { OwnedFd::from_raw_fd(fd) });
        for path in paths {
            watch.add_nearest(path.as_ref())?;
        }
        Ok(watch)
    }

    fn add_nearest(&self, path: &Path) -> io::Result<()> {
        let mut missing = None;
        for (place, mask) in path.ancestors().zip(std::iter::once(CHANGES).chain(std::iter::repeat(ARRIVALS)))
        {
            if !self.add(place, mask)? {
                missing = Some(place);
                continue;
            }
            return match missing {
                // It came before its parent was watched.
                Some(child) if self.add(child, ARRIVALS)? => self.add_nearest(path),
                _ => Ok(()),
            };
        }
        Ok(())
    }

    /// Watches one path; false when there is none, or the user may not see it.
    fn add(&self, path: &Path, mask: u32) -> io::Result<bool> {
        let Ok(name) = CString::new(path.as_os_str().as_bytes()) else { return Ok(false) };
        // One path may be a directory for one and on the way to something for another.
        let mask = mask | libc::IN_MASK_ADD;
        // SAFETY: the descriptor is open, and the name ends with NUL and outlives the call.
        if unsafe { libc::inotify_add_watch(self.0.as_raw_fd(), name.as_ptr(), mask) } >= 0 {
            return Ok(true);
        }
        let error = io::Error::last_os_error();
        match error.raw_os_error() {
            Some(libc::ENOENT | libc::ENOTDIR | libc::EACCES | libc::ELOOP) => Ok(false),
            _ => Err(error),
        }
    }

    /// Waits for a change; false when `cancel` was cancelled first.
    ///
    /// # Errors
    /// As [`poll::wait`].
    pub fn wait(&self, cancel: &CancelToken) -> io::Result<bool> {
        Ok(poll::wait(self.0.as_fd(), Interest::Readable, Some(cancel), None)? == Wake::Ready)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// Whether something has changed by now.
    fn changed(watch: &Watch) -> bool {
        let now = Some(std::time::Duration::ZERO);
        poll::wait(watch.0.as_fd(), Interest::Readable, None, now).unwrap() == Wake::Ready
    }

    #[test]
    fn every_change_of_a_watched_directory_is_heard_and_reading_is_none() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("a");
        let changes: [&dyn Fn(); 4] = [
            &|| fs::write(&file, "1").unwrap(),
            &|| fs::write(&file, "2").unwrap(),
            &|| fs::rename(&file, place.path().join("b")).unwrap(),
            &|| fs::remove_file(place.path().join("b")).unwrap(),
        ];
        for (number, change) in changes.iter().enumerate() {
            let watch = Watch::new(&[place.path()]).unwrap();
            let _ = fs::read_dir(place.path()).unwrap().count();
            let _ = fs::read(&file);
            assert!(!changed(&watch), "before {number}");
            change();
            assert!(changed(&watch), "{number}");
        }
    }

    #[test]
    fn what_comes_on_the_way_to_a_missing_path_is_heard() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("a/b/c");
        for step in ["a", "a/b", "a/b/c"] {
            let watch = Watch::new(&[&path]).unwrap();
            fs::create_dir(place.path().join(step)).unwrap();
            assert!(changed(&watch), "{step}");
        }
        let watch = Watch::new(&[&path]).unwrap();
        fs::write(place.path().join("other"), "").unwrap();
        assert!(!changed(&watch), "nothing on the way to it");
    }

    #[test]
    fn the_target_of_a_link_is_watched() {
        let place = tempfile::tempdir().unwrap();
        let (target, link) = (place.path().join("target"), place.path().join("sub"));
        fs::write(&target, "1").unwrap();
        fs::create_dir(&link).unwrap();
        let link = link.join("link");
        std::os::unix::fs::symlink(&target, &link).unwrap();
        let watch = Watch::new(&[&link]).unwrap();
        fs::write(&target, "2").unwrap();
        assert!(changed(&watch));
    }

    #[test]
    fn waiting_ends_with_a_cancel() {
        let place = tempfile::tempdir().unwrap();
        let watch = Watch::new(&[place.path()]).unwrap();
        let cancel = CancelToken::new().unwrap();
        cancel.cancel();
        assert!(!watch.wait(&cancel).unwrap());
    }
}
