//! A file of a job.

use super::link::JobCommand;
use super::{FileInfo, FileProgress, Job, Result, reply};

/// A handle to a file of a job (`IBackgroundCopyFile` and its successors).
#[derive(Clone, Debug)]
pub struct File {
    job: Job,
    index: u32,
}

impl File {
    pub(super) fn new(job: Job, index: u32) -> File {
        File { job, index }
    }

    /// The job.
    #[must_use]
    pub fn job(&self) -> &Job {
        &self.job
    }

    /// Place in the order of addition, from 0.
    #[must_use]
    pub fn index(&self) -> u32 {
        self.index
    }

    /// The URL (`GetRemoteName`).
    ///
    /// # Errors
    /// `BG_E_NOT_FOUND`, `BG_E_DISCONNECTED`.
    pub fn remote_name(&self) -> Result<String> {
        Ok(self.names()?.remote_name)
    }

    /// Gives the file another URL (`SetRemoteName`), durably.
    ///
    /// A transfer under way goes on with it. Bytes on disk are kept where the new server proves to
    /// have the same file; otherwise the file begins again. A transferred file stays transferred.
    ///
    /// # Errors
    /// `BG_E_INVALIDARG` for a bad URL, `BG_E_INVALID_STATE` for a job that ended.
    pub fn set_remote_name(&self, remote_name: &str) -> Result<()> {
        let command = JobCommand::SetRemoteName(self.index, remote_name.to_owned());
        reply!(self.job.file_call(command), Done).map(drop)
    }

    /// The final path (`GetLocalName`).
    ///
    /// # Errors
    /// `BG_E_NOT_FOUND`, `BG_E_DISCONNECTED`.
    pub fn local_name(&self) -> Result<String> {
        Ok(self.names()?.local_name)
    }

    fn names(&self) -> Result<FileInfo> {
        reply!(self.job.file_call(JobCommand::File(self.index)), File)
    }

    /// Bytes so far (`IBackgroundCopyFile::GetProgress`).
    ///
    /// # Errors
    /// `BG_E_NOT_FOUND`, `BG_E_DISCONNECTED`.
    pub fn progress(&self) -> Result<FileProgress> {
        reply!(self.job.file_call(JobCommand::FileProgress(self.index)), FileProgress)
    }

    /// Path of the file that receives the bytes, beside the final one (`GetTemporaryName`).
    ///
    /// # Errors
    /// `BG_E_NOT_FOUND`, `BG_E_DISCONNECTED`.
    pub fn temporary_name(&self) -> Result<String> {
        reply!(self.job.file_call(JobCommand::TemporaryName(self.index)), Text)
    }

    /// Says whether the content of a transferred file is right (`SetValidationState`).
    ///
    /// A wrong one is to be fetched again: its progress is 0, and the job goes to ERROR with
    /// `BG_E_VALIDATION_FAILED` until `Job::resume`. A suspended job stays suspended.
    ///
    /// # Errors
    /// `BG_E_PENDING` before the file is transferred, `BG_E_INVALID_STATE` for a job that ended.
    pub fn set_validation_state(&self, valid: bool) -> Result<()> {
        reply!(self.job.file_call(JobCommand::SetValidationState(self.index, valid)), Done).map(drop)
    }

    /// Whether the content was found right (`GetValidationState`); true for every completed file.
    ///
    /// # Errors
    /// `BG_E_NOT_FOUND`, `BG_E_DISCONNECTED`.
    pub fn validation_state(&self) -> Result<bool> {
        reply!(self.job.file_call(JobCommand::ValidationState(self.index)), Flag)
    }

    /// Bytes from the origin server and from peers (`GetPeerDownloadStats`); there are no peers.
    ///
    /// # Errors
    /// `BG_E_NOT_FOUND`, `BG_E_DISCONNECTED`.
    pub fn peer_download_stats(&self) -> Result<(u64, u64)> {
        Ok((self.progress()?.bytes_transferred, 0))
    }
}
