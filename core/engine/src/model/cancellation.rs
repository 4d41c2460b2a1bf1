//! The session of an upload that is to be cancelled.

use bgcopy_protocol::Guid;
use bgcopy_protocol::flags::SecurityFlags;
use serde::{Deserialize, Serialize};

use super::job::Job;
use crate::transfer::access::AccessRecord;
use crate::transfer::upload::Session;

/// The longest that a server is tried for, in seconds.
pub const PATIENCE: u32 = 24 * 3600;

/// What is stored of it: the job is gone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Cancellation {
    /// The job it was of, to which its secrets are sealed.
    pub job: Guid,
    /// URL.
    pub remote: Box<str>,
    /// What is known of it.
    pub session: Session,
    /// Checks of certificates.
    pub security: SecurityFlags,
    /// Headers for every request, encrypted.
    pub headers: Option<Box<[u8]>>,
    /// How the server is reached, and as whom, where that is not the usual way.
    pub access: Option<Box<AccessRecord>>,
    /// Seconds before the server is tried again.
    pub retry_delay: u32,
    /// Wall clock of the next attempt.
    pub retry_at: i64,
    /// Wall clock of the end of all attempts.
    pub until: i64,
}

impl Cancellation {
    /// Of the session of a job's upload, if it has one; `now` is the wall clock.
    #[must_use]
    pub fn of(job: &Job, now: i64) -> Option<Cancellation> {
        let file = job.files().first()?;
        let session = file.upload.as_deref().filter(|session| session.id.is_some())?;
        let record = &job.record;
        let most = record.no_progress_timeout.min(PATIENCE);
        Some(Cancellation {
            job: job.id,
            remote: file.remote.clone(),
            session: session.clone(),
            security: record.security_flags,
            headers: record.custom_headers.clone(),
            access: record.access.clone(),
            retry_delay: record.minimum_retry_delay,
            retry_at: now,
            until: now.saturating_add(i64::from(most) * 1_000_000_000),
        })
    }
}
