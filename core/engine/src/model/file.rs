//! A file of a job.

use bgcopy_protocol::enums::JobType;
use serde::{Deserialize, Serialize};

use super::progress::{FileProgress, SIZE_UNKNOWN};
use crate::transfer::Version;

/// How far a file has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Stage {
    /// Waits for a worker, perhaps with a part of it on disk.
    Waiting,
    /// A worker is at it.
    Running,
    /// Whole in the temporary file, not yet known to be on disk.
    Received,
    /// Whole and on disk.
    Done,
    /// Has its final name.
    Published,
}

/// No attempt has this number: nothing that one still reports counts.
pub const NO_ATTEMPT: u64 = u64::MAX;

/// A file of a job, as kept in memory.
#[derive(Clone, Debug)]
pub struct File {
    /// URL.
    pub remote: Box<str>,
    /// Final local path.
    pub local: Box<str>,
    /// How far it is.
    pub stage: Stage,
    /// Its `FileTransferred` has been told.
    pub told: bool,
    /// The attempt that worked at it last.
    pub attempt: u64,
    /// Size in bytes, or [`SIZE_UNKNOWN`].
    pub size: u64,
    /// Bytes an attempt in this process can continue from; at least `durable`.
    pub offset: u64,
    /// Bytes known to be on disk: where a new process continues.
    pub durable: u64,
    /// The version the bytes belong to; dropped once the file is done.
    pub version: Option<Box<Version>>,
    /// The program found the content right.
    pub valid: bool,
}

impl File {
    /// A file nothing is known about yet.
    #[must_use]
    pub fn new(remote: &str, local: &str) -> File {
        File {
            remote: remote.into(),
            local: local.into(),
            stage: Stage::Waiting,
            told: false,
            attempt: 0,
            size: SIZE_UNKNOWN,
            offset: 0,
            durable: 0,
            version: None,
            valid: false,
        }
    }

    /// Whether the program said that the content is right; completing the job says so, too.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.stage == Stage::Published || (self.stage == Stage::Done && self.valid)
    }

    /// Gives up what was transferred: the file is to be fetched from its beginning.
    pub fn discard(&mut self) {
        self.stage = Stage::Waiting;
        self.attempt = NO_ATTEMPT;
        self.told = false;
        self.offset = 0;
        self.durable = 0;
        self.version = None;
        self.valid = false;
    }

    /// Progress as programs see it; `received` is the live counter of a running attempt.
    #[must_use]
    pub fn progress(&self, kind: JobType, received: Option<(u64, u64)>) -> FileProgress {
        let (received, size) = received.unwrap_or((self.offset, self.size));
        FileProgress {
            bytes_total: size,
            bytes_transferred: received,
            completed: match kind {
                JobType::Download => self.stage == Stage::Published,
                JobType::Upload | JobType::UploadReply => self.stage >= Stage::Done,
            },
        }
    }
}

/// What a file is: stored once, when it is added.
#[derive(Debug, Serialize, Deserialize)]
pub struct FileRecord<'a> {
    /// URL.
    #[serde(borrow)]
    pub remote: std::borrow::Cow<'a, str>,
    /// Final local path.
    #[serde(borrow)]
    pub local: std::borrow::Cow<'a, str>,
}

/// How far a file has come: stored at checkpoints.
#[derive(Debug, Serialize, Deserialize)]
pub struct ProgressRecord {
    /// `Waiting`, `Done` or `Published`; the others live in memory only.
    pub stage: Stage,
    /// Size in bytes, or [`SIZE_UNKNOWN`].
    pub size: u64,
    /// Bytes on disk.
    pub durable: u64,
    /// The version they belong to.
    pub version: Option<Version>,
    /// The program found the content right.
    pub valid: bool,
}

impl From<&File> for ProgressRecord {
    fn from(file: &File) -> ProgressRecord {
        ProgressRecord {
            stage: if file.stage >= Stage::Done { file.stage } else { Stage::Waiting },
            size: file.size,
            durable: file.durable,
            version: file.version.as_deref().cloned(),
            valid: file.valid,
        }
    }
}
