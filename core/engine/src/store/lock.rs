//! One owner for a queue directory.

#![allow(unsafe_code)] // flock with a result std does not give: named corner

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::StoreError;

/// Name of the lock file in the queue's directory.
pub const LOCK_FILE: &str = "queue.lock";

/// Holds a queue directory for this process until dropped, or until the process ends in any way.
///
/// The file stays behind: removing it would let two processes lock two different files.
#[derive(Debug)]
pub struct OwnerLock {
    file: File,
    owner: u32,
}

impl OwnerLock {
    /// Takes the lock of `dir` and writes this process's id into it.
    ///
    /// # Errors
    /// [`StoreError::InUse`] when this or another process holds it, with the holder's process id
    /// where it can be read; [`StoreError::Io`] when the lock file cannot be used.
    pub fn take(dir: &Path) -> Result<OwnerLock, StoreError> {
        let path = dir.join(LOCK_FILE);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .custom_flags(libc::O_CLOEXEC | libc::O_NOFOLLOW)
            .open(&path)
            .map_err(|error| StoreError::io("opening", &path, &error))?;
        // SAFETY: the descriptor is open for the length of the call.
        while unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_EX | libc::LOCK_NB) } != 0 {
            let error = io::Error::last_os_error();
            match error.raw_os_error() {
                Some(libc::EINTR) => {}
                Some(libc::EWOULDBLOCK) => return Err(StoreError::InUse(holder(&mut file))),
                _ => return Err(StoreError::io("locking", &path, &error)),
            }
        }
        let owner = std::process::id();
        file.set_len(0)
            .and_then(|()| writeln!(file, "{owner}"))
            .map_err(|error| StoreError::io("writing", &path, &error))?;
        Ok(OwnerLock { file, owner })
    }
}

impl Drop for OwnerLock {
    fn drop(&mut self) {
        // Closing is not enough: a child that was forked and has not yet called exec shares the lock.
        // And a forked copy of this value must not end the lock of its parent.
        if self.owner == std::process::id() {
            // SAFETY: the descriptor is open for the length of the call.
            unsafe { libc::flock(self.file.as_raw_fd(), libc::LOCK_UN) };
        }
    }
}

/// The process id in the lock file; none while the holder has not written it yet.
fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.take(16).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn second_owner_is_told_the_pid_and_the_lock_ends_with_its_owner() {
        let dir = tempfile::tempdir().unwrap();
        let first = OwnerLock::take(dir.path()).unwrap();
        match OwnerLock::take(dir.path()) {
            Err(StoreError::InUse(Some(pid))) => assert_eq!(pid, std::process::id()),
            other => panic!("expected InUse with our pid, got {other:?}"),
        }
        drop(first);
        OwnerLock::take(dir.path()).unwrap();
    }

    #[test]
    fn lock_held_by_another_process_is_seen() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(LOCK_FILE), "4242\n").unwrap();
        // flock(1) tells on its output when it holds the lock, then waits for its input to end.
        let mut child = std::process::Command::new("flock")
            .arg(dir.path().join(LOCK_FILE))
            .args(["sh", "-c", "echo held; read _"])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut told = [0; 5];
        child.stdout.take().unwrap().read_exact(&mut told).unwrap();
        let second = OwnerLock::take(dir.path());
        drop(child.stdin.take());
        child.wait().unwrap();
        assert!(matches!(second, Err(StoreError::InUse(Some(4242)))), "{second:?}");
        OwnerLock::take(dir.path()).unwrap();
    }
}
