//! Progress and times as programs see them.

use serde::{Deserialize, Serialize};

pub use bgcopy_protocol::limits::SIZE_UNKNOWN;

/// Progress of a job (`BG_JOB_PROGRESS`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobProgress {
    /// Sum of the files' sizes in bytes; [`SIZE_UNKNOWN`] while one of them is unknown.
    pub bytes_total: u64,
    /// Bytes received.
    pub bytes_transferred: u64,
    /// Number of files.
    pub files_total: u32,
    /// Files that are whole.
    pub files_transferred: u32,
}

/// Progress of a file (`BG_FILE_PROGRESS`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileProgress {
    /// Size in bytes, or [`SIZE_UNKNOWN`].
    pub bytes_total: u64,
    /// Bytes received.
    pub bytes_transferred: u64,
    /// Downloads: the file has its final name.
    pub completed: bool,
}

/// When things happened, in nanoseconds since 1970; 0 for not yet (`BG_JOB_TIMES`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobTimes {
    /// The job was created.
    pub creation: i64,
    /// Bytes moved, a property or the state changed.
    pub modification: i64,
    /// The job became TRANSFERRED.
    pub transfer_completion: i64,
}
