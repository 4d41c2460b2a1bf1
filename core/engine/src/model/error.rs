//! Errors of calls, and the error record of a job.

use std::borrow::Cow;
use std::fmt;

use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::ErrorContext;
use serde::{Deserialize, Serialize};

/// Why a call failed: a code for programs and a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Error {
    /// The result code, always a failure.
    pub code: ResultCode,
    /// What failed, on what; empty where the text of the code says it all.
    pub detail: Cow<'static, str>,
}

impl Error {
    /// An error that says more than its code.
    pub fn new(code: ResultCode, detail: impl Into<Cow<'static, str>>) -> Error {
        Error { code, detail: detail.into() }
    }
}

impl From<ResultCode> for Error {
    fn from(code: ResultCode) -> Error {
        Error { code, detail: Cow::Borrowed("") }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = if self.detail.is_empty() { self.code.text() } else { &*self.detail };
        write!(f, "{text} [{}]", self.code)
    }
}

impl std::error::Error for Error {}

/// The result of a call.
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong with a job: stored with it, readable in ERROR and TRANSIENT_ERROR until it
/// transfers again (`IBackgroundCopyError`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorRecord {
    /// The code.
    pub code: ResultCode,
    /// Which side it belongs to.
    pub context: ErrorContext,
    /// Index of the file in work, where the error is tied to one.
    pub file: Option<u32>,
    /// `http`, `https` or `file`, where the error is tied to the transfer.
    pub protocol: Option<Cow<'static, str>>,
    /// The HTTP status, where there was one.
    pub http_status: Option<u16>,
    /// What failed, with the URL or path.
    pub text: Cow<'static, str>,
}
