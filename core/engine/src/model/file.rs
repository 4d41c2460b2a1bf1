//! A file of a job.

use std::borrow::Cow;

use bgcopy_protocol::enums::JobType;
use bgcopy_protocol::file_range::FileRange;
use serde::{Deserialize, Serialize};

use super::progress::{FileProgress, SIZE_UNKNOWN};
use super::ranges::{Parts, Selection};
use crate::transfer::Version;
use crate::transfer::upload::Session;

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
    /// It is fetched in parts, not from the first byte to the last.
    pub parts: Option<Box<Parts>>,
    /// The headers of the last answer to a request for it, shortened; see [`super::response_headers`].
    pub response_headers: Option<Box<str>>,
    /// What is known of its session at the server, while it is sent to one.
    pub upload: Option<Box<Session>>,
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
            parts: None,
            response_headers: None,
            upload: None,
        }
    }

    /// A file that is made of these ranges of the remote one; see [`super::ranges::check_ranges`].
    #[must_use]
    pub fn with_ranges(remote: &str, local: &str, ranges: Vec<FileRange>) -> File {
        File { parts: Some(Box::new(Parts::joined(ranges))), ..File::new(remote, local) }
    }

    /// The size of the remote file in bytes, once known.
    #[must_use]
    pub fn remote_size(&self) -> Option<u64> {
        match self.parts.as_deref() {
            Some(Parts { selection: Selection::Joined(_), .. }) => self.version.as_deref()?.size,
            _ => Some(self.size).filter(|size| *size != SIZE_UNKNOWN),
        }
    }

    /// Whether a worker has something to do; of a job on demand, what was requested.
    #[must_use]
    pub fn is_wanted(&self, on_demand: bool) -> bool {
        self.stage == Stage::Waiting
            && match &self.parts {
                Some(parts) => parts.wants(self.remote_size(), on_demand),
                None => !on_demand,
            }
    }

    /// From now on its bytes come in the order that the program says.
    pub fn in_parts(&mut self) -> &mut Parts {
        self.parts.get_or_insert_with(|| Box::new(Parts::placed(self.offset, self.durable)))
    }

    /// Nothing of it is here any more.
    pub fn lose(&mut self) {
        self.offset = 0;
        self.durable = 0;
        self.version = None;
        if let Some(parts) = &mut self.parts {
            parts.clear();
        }
    }

    /// What is not on disk is fetched again.
    pub fn fall_back(&mut self) {
        self.offset = self.durable;
        if let Some(parts) = &mut self.parts {
            parts.filled = parts.durable.clone();
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
        self.lose();
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
    pub remote: Cow<'a, str>,
    /// Final local path.
    #[serde(borrow)]
    pub local: Cow<'a, str>,
    /// The ranges that it is made of, where it is not the whole remote file.
    pub ranges: Option<Vec<FileRange>>,
}

/// How far a file has come: stored at checkpoints.
#[derive(Debug, Serialize, Deserialize)]
pub struct ProgressRecord<'a> {
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
    /// What is wanted and here of a file that is fetched in parts.
    pub parts: Option<Box<Parts>>,
    /// The headers of the last answer to a request for it, shortened.
    #[serde(borrow)]
    pub response_headers: Option<Cow<'a, str>>,
    /// What is known of its session at the server, while it is sent to one.
    pub upload: Option<Box<Session>>,
}

impl<'a> From<&'a File> for ProgressRecord<'a> {
    fn from(file: &'a File) -> ProgressRecord<'a> {
        ProgressRecord {
            stage: if file.stage >= Stage::Done { file.stage } else { Stage::Waiting },
            size: file.size,
            durable: file.durable,
            version: file.version.as_deref().cloned(),
            valid: file.valid,
            parts: file.parts.clone(),
            response_headers: file.response_headers.as_deref().map(Cow::Borrowed),
            upload: file.upload.clone(),
        }
    }
}
