//! A file of a job.

use super::link::JobCommand;
use super::{FileInfo, FileProgress, FileRange, Job, Result, reply};

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

    /// The ranges of the remote file that this one is made of, in order (`GetFileRanges`); none for a whole
    /// file.
    ///
    /// # Errors
    /// `BG_E_NOT_FOUND`, `BG_E_DISCONNECTED`.
    pub fn ranges(&self) -> Result<Vec<FileRange>> {
        reply!(self.job.file_call(JobCommand::FileRanges(self.index)), Ranges)
    }

    /// Asks for ranges before everything else (`RequestFileRanges`); of a job on demand only what was asked
    /// for is fetched. Ranges may overlap with others and with what is here: no byte is fetched twice.
    ///
    /// Once a job on demand has all that was requested it is SUSPENDED, or TRANSFERRED when that is all of its
    /// files; a further request then needs [`Job::resume`].
    ///
    /// # Errors
    /// `BG_E_INVALIDARG` without ranges, `BG_E_INVALID_RANGE` for one without bytes or outside the file,
    /// `BG_E_RANDOM_ACCESS_NOT_SUPPORTED` for a file that is not over HTTP, made of ranges, or whose server has
    /// no ranges, and in a job with dynamic content or an HTTP method of its own; `BG_E_INVALID_STATE`.
    pub fn request_ranges(&self, ranges: &[FileRange]) -> Result<()> {
        let command = JobCommand::RequestFileRanges(self.index, ranges.to_vec());
        reply!(self.job.file_call(command), Done).map(drop)
    }

    /// What is here of the file, in order and merged (`GetFilledFileRanges`): these bytes can be read from
    /// the temporary file.
    ///
    /// # Errors
    /// `BG_E_RANDOM_ACCESS_NOT_SUPPORTED` as for [`File::request_ranges`].
    pub fn filled_ranges(&self) -> Result<Vec<FileRange>> {
        reply!(self.job.file_call(JobCommand::FilledFileRanges(self.index)), Ranges)
    }

    /// Lets missing bytes come from `offset` on, before those ahead of it (`UpdateDownloadPosition`). Of a job
    /// on demand still only what was requested comes.
    ///
    /// # Errors
    /// `BG_E_INVALID_RANGE` for an offset outside the file, `BG_E_RANDOM_ACCESS_NOT_SUPPORTED` as for
    /// [`File::request_ranges`], `BG_E_INVALID_STATE`.
    pub fn update_download_position(&self, offset: u64) -> Result<()> {
        let command = JobCommand::UpdateDownloadPosition(self.index, offset);
        reply!(self.job.file_call(command), Done).map(drop)
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

    /// The headers of the last answer to a request for the file (`GetProperty` with `HTTP_RESPONSE_HEADERS`): the
    /// status line and the header lines, each ended by CR LF. `None` before there was one, and for copies.
    ///
    /// Kept with the job. Bytes that are not UTF-8 are taken for Latin-1.
    ///
    /// # Errors
    /// `BG_E_NOT_FOUND`, `BG_E_DISCONNECTED`.
    pub fn response_headers(&self) -> Result<Option<String>> {
        reply!(self.job.file_call(JobCommand::ResponseHeaders(self.index)), ResponseHeaders)
    }

    /// Bytes from the origin server and from peers (`GetPeerDownloadStats`); there are no peers.
    ///
    /// # Errors
    /// `BG_E_NOT_FOUND`, `BG_E_DISCONNECTED`.
    pub fn peer_download_stats(&self) -> Result<(u64, u64)> {
        Ok((self.progress()?.bytes_transferred, 0))
    }
}
