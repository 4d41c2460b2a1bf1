//! Files and directories as downloads need them: relative to an open directory, never through a link.
//!
//! - [`Directory`], [`Directories`]: an open directory, and the few that are in use
//! - [`File`]: positional reads and writes, reservation, early write-back
//! - [`Source`]: a file to be copied; `attributes`: owner, permissions and labels that go along
//! - `walk`: from a path to an open directory, not through links of other users
//! - [`SyncGroup`]: many files made durable together
//! - [`Faults`]: fails the nth call where a test says so

mod attributes;
mod directory;
mod faults;
mod file;
mod source;
mod sync;
mod walk;

pub use directory::{Directories, Directory, SourceError, Usable};
pub use faults::{Call, Faults};
pub use file::File;
pub use source::{Attributes, Source};
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

/// Positions are signed in the system's interface.
fn signed(position: u64) -> io::Result<libc::off_t> {
    libc::off_t::try_from(position).map_err(|_| io::Error::from_raw_os_error(libc::EFBIG))
}
