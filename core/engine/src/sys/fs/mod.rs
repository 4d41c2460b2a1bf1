//! Files and directories as downloads need them: relative to an open directory, never through a link.
//!
//! - [`Directory`], [`Directories`]: an open directory, and the few that are in use
//! - [`File`]: positional reads and writes, reservation, early write-back
//! - [`SyncGroup`]: many files made durable together
//! - [`Faults`]: fails the nth call where a test says so

mod directory;
mod faults;
mod file;
mod sync;

pub use directory::{Directories, Directory, check_directory};
pub use faults::{Call, Faults};
pub use file::File;
pub(crate) use sync::same;
pub use sync::{GROUP_LIMIT, SyncGroup};

use std::io;

/// The result of a system call that gives -1 and errno on failure, tried again when interrupted.
fn retry(mut call: impl FnMut() -> libc::c_int) -> io::Result<libc::c_int> {
    loop {
        let result = call();
        if result >= 0 {
            return Ok(result);
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}
