//! The error of a job.

use std::fmt;

use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::ErrorContext;

use super::manager::error_description;
use super::{ErrorRecord, File, Job, Result};

/// What went wrong with a job (`IBackgroundCopyError`): a copy that stays as it is.
#[derive(Clone, Debug)]
pub struct JobError {
    job: Job,
    record: ErrorRecord,
}

impl JobError {
    pub(super) fn new(job: Job, record: ErrorRecord) -> JobError {
        JobError { job, record }
    }

    pub(super) fn job(&self) -> &Job {
        &self.job
    }

    /// The code (`GetError`).
    #[must_use]
    pub fn code(&self) -> ResultCode {
        self.record.code
    }

    /// Which side it belongs to (`GetError`).
    #[must_use]
    pub fn context(&self) -> ErrorContext {
        self.record.context
    }

    /// What failed, with the URL or path: more than the description of the code.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.record.text
    }

    /// The file in work (`GetFile`).
    ///
    /// # Errors
    /// `BG_E_FILE_NOT_AVAILABLE` when the error is not tied to one.
    pub fn file(&self) -> Result<File> {
        match self.record.file {
            Some(index) => Ok(File::new(self.job.clone(), index)),
            None => Err(ResultCode::BG_E_FILE_NOT_AVAILABLE.into()),
        }
    }

    /// `http`, `https` or `file` (`GetProtocol`).
    ///
    /// # Errors
    /// `BG_E_PROTOCOL_NOT_AVAILABLE` when the error is not tied to the transfer.
    pub fn protocol(&self) -> Result<&str> {
        self.record.protocol.as_deref().ok_or_else(|| ResultCode::BG_E_PROTOCOL_NOT_AVAILABLE.into())
    }

    /// The status of the HTTP answer that was the error, if it was one.
    #[must_use]
    pub fn http_status(&self) -> Option<u16> {
        self.record.http_status.or(self.record.code.http_status())
    }

    /// Text of the code (`GetErrorDescription`).
    ///
    /// # Errors
    /// `BG_E_INVALIDARG` for language 0.
    pub fn description(&self, language: u32) -> Result<String> {
        error_description(self.record.code, language)
    }

    /// Text of the context (`GetErrorContextDescription`).
    ///
    /// # Errors
    /// `BG_E_INVALIDARG` for language 0.
    pub fn context_description(&self, language: u32) -> Result<String> {
        error_description(self.record.context.message_code(), language)
    }
}

impl fmt::Display for JobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{}]", self.record.text, self.record.code)
    }
}
