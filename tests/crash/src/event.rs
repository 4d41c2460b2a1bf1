//! What the client program says: one JSON object a line.

use serde::{Deserialize, Serialize};

/// Something that a client did or saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A job as the queue has it on disk, before anything runs: durable bytes of each file.
    Found {
        /// Job.
        job: String,
        /// State.
        state: String,
        /// Durable bytes of each file.
        durable: Vec<u64>,
    },
    /// The job is made and resumed.
    Made {
        /// Job.
        job: String,
    },
    /// Bytes moved or something else changed; said at each checkpoint.
    Progress {
        /// Job.
        job: String,
        /// Bytes received.
        bytes: u64,
        /// Whole files.
        files: u32,
    },
    /// TRANSIENT_ERROR; the client resumes it.
    Transient {
        /// Job.
        job: String,
        /// Text of the error.
        text: String,
    },
    /// TRANSFERRED.
    Transferred {
        /// Job.
        job: String,
    },
    /// ERROR; the client leaves it there.
    Error {
        /// Job.
        job: String,
        /// Number of the code.
        code: i32,
        /// Context of the error.
        context: String,
        /// Text of the error.
        text: String,
    },
    /// Complete or Cancel is called next.
    Ending {
        /// Job.
        job: String,
    },
    /// Complete or Cancel has returned success.
    Ended {
        /// Job.
        job: String,
    },
    /// A job that an earlier client made has vanished.
    Lost {
        /// Job.
        job: String,
    },
    /// Every job has ended, or stays in ERROR; the queue is closed.
    Done,
}
