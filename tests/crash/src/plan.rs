//! What the client program is to do: its one argument, as JSON.

use std::path::PathBuf;

use bgcopy_protocol::enums::JobType;
use serde::{Deserialize, Serialize};

/// A queue and the jobs that are to come to their end in it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Plan {
    /// Directory of the queue.
    pub queue: PathBuf,
    /// The jobs.
    pub jobs: Vec<Job>,
    /// Bytes a second of all background jobs together.
    pub rate: Option<u64>,
}

/// A job, told from others by its name.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Job {
    /// Its display name.
    pub name: String,
    /// Its type.
    pub kind: JobType,
    /// FOREGROUND, not NORMAL.
    pub foreground: bool,
    /// Its bytes go to the final names.
    pub high_performance: bool,
    /// How it ends.
    pub ending: Ending,
    /// Its files: URL and local path.
    pub files: Vec<(String, PathBuf)>,
    /// Where the reply to its upload goes.
    pub reply: Option<PathBuf>,
    /// An earlier client has said that it was made: it must be there, unless it has ended.
    pub made: bool,
    /// An earlier client was about to end it: it may be gone.
    pub ended: bool,
}

/// How a job ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ending {
    /// Complete, once it is transferred.
    Complete,
    /// Complete, once some but not all of its files are transferred.
    CompletePart,
    /// Cancel, once some bytes are there.
    Cancel,
}

impl Job {
    /// A job without files that is to be completed.
    #[must_use]
    pub fn new(name: &str, foreground: bool, ending: Ending) -> Job {
        Job {
            name: name.into(),
            kind: JobType::Download,
            foreground,
            high_performance: false,
            ending,
            files: Vec::new(),
            reply: None,
            made: false,
            ended: false,
        }
    }
}
