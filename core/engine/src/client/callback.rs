//! Callbacks of a job.

use std::any::Any;
use std::sync::Arc;

use bgcopy_protocol::file_range::FileRange;
use bgcopy_protocol::{Guid, ResultCode};

use super::link::{CertificateListener, Event, EventKind, Link, Listener};
use super::{File, Job, JobError};
use crate::model::property::notify;

/// Hears what happens to a job (`IBackgroundCopyCallback`, 2 and 3).
///
/// Methods run on dispatcher threads, one at a time for a job and at most four at once for a queue,
/// never under a lock: they may call any method of the job. Anything but `BG_S_OK` from
/// `job_transferred`, `job_error`, or a failure from `file_transferred`, lets the event be told again.
pub trait Callback: Any + Send + Sync {
    /// Notify flags of the events it takes, always the same: all of them. The others are for the program of the job,
    /// where there is one. Must not call anything of this crate, nor wait.
    fn hears(&self) -> u32 {
        notify::ALL
    }

    /// All files are transferred; `Job::complete` gives them their names.
    fn job_transferred(&self, _job: &Job) -> ResultCode {
        ResultCode::BG_S_OK
    }

    /// The job is in ERROR: repair and resume, complete what is there, or cancel.
    fn job_error(&self, _job: &Job, _error: &JobError) -> ResultCode {
        ResultCode::BG_S_OK
    }

    /// Bytes moved, files were added, a property or the state changed. Merged when they come fast.
    fn job_modification(&self, _job: &Job) -> ResultCode {
        ResultCode::BG_S_OK
    }

    /// A file is whole; told in order of addition.
    fn file_transferred(&self, _job: &Job, _file: &File) -> ResultCode {
        ResultCode::BG_S_OK
    }

    /// These ranges of a file arrived since the last time: parts of what was requested, or of what comes by
    /// itself. Merged when they come fast.
    fn file_ranges_transferred(&self, _job: &Job, _file: &File, _ranges: &[FileRange]) -> ResultCode {
        ResultCode::BG_S_OK
    }
}

/// Looks at certificates of servers (`IBackgroundCopyServerCertificateValidationCallback`).
pub trait ServerCertificateValidation: Send + Sync {
    /// Whether the server is the right one. Called on the thread of the transfer, before its first request, after
    /// the usual checks; `chain` has the certificate of the server and those it sent along, in DER. Anything but
    /// success declines.
    ///
    /// The transfer waits: to complete or cancel a job or to close the queue from here is `BG_E_INVALID_STATE`.
    fn validate_server_certificate(&self, job: &Job, file: &File, chain: &[&[u8]]) -> ResultCode;
}

/// Turns plain values into a call with handles.
pub(super) struct CertificateAdapter {
    pub link: std::sync::Weak<dyn Link>,
    pub validation: Arc<dyn ServerCertificateValidation>,
}

impl CertificateListener for CertificateAdapter {
    fn validate(&self, job: Guid, file: u32, chain: &[&[u8]]) -> ResultCode {
        let Some(link) = self.link.upgrade() else { return ResultCode::BG_E_DISCONNECTED };
        match super::manager::find(&link, job) {
            Ok(job) => {
                let file = File::new(job.clone(), file);
                self.validation.validate_server_certificate(&job, &file, chain)
            }
            Err(error) => error.code,
        }
    }
}

/// Turns plain events into calls with handles.
pub(super) struct Adapter {
    pub link: std::sync::Weak<dyn Link>,
    pub callback: Arc<dyn Callback>,
}

impl Listener for Adapter {
    fn hears(&self) -> u32 {
        self.callback.hears()
    }

    fn notify(&self, event: &Event) -> ResultCode {
        // The queue that tells is alive; a closed one tells nothing.
        let Some(link) = self.link.upgrade() else { return ResultCode::BG_S_OK };
        let job = match super::manager::find(&link, event.job) {
            Ok(job) => job,
            // It ended in the meantime: nothing left to tell.
            Err(_) => return ResultCode::BG_S_OK,
        };
        match &event.kind {
            EventKind::JobTransferred => self.callback.job_transferred(&job),
            EventKind::JobError(record) => {
                let error = JobError::new(job.clone(), (**record).clone());
                self.callback.job_error(&job, &error)
            }
            EventKind::JobModification => self.callback.job_modification(&job),
            EventKind::FileTransferred(index) => {
                let file = File::new(job.clone(), *index);
                self.callback.file_transferred(&job, &file)
            }
            EventKind::FileRangesTransferred(index, ranges) => {
                let file = File::new(job.clone(), *index);
                self.callback.file_ranges_transferred(&job, &file, ranges)
            }
        }
    }
}
