//! Why an attempt ended without the whole file.

use std::borrow::Cow;
use std::fmt::Display;
use std::io;
use std::path::Path;
use std::time::Duration;

use bgcopy_protocol::enums::ErrorContext;
use bgcopy_protocol::{ResultCode, RetryClass};

/// Why an attempt ended without the whole file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferError {
    /// The code a program sees.
    pub code: ResultCode,
    /// Which side the error belongs to.
    pub context: ErrorContext,
    /// Whether trying again can help.
    pub class: RetryClass,
    /// The HTTP status, where the server sent one.
    pub http_status: Option<u16>,
    /// The server's Retry-After.
    pub retry_after: Option<Duration>,
    /// What failed and what to do, with the URL or path.
    pub text: Cow<'static, str>,
    /// The attempt was cancelled: not an error of the job.
    pub cancelled: bool,
}

impl TransferError {
    /// An error with the retry class that its code has in the table.
    pub(crate) fn new(
        code: ResultCode,
        context: ErrorContext,
        text: impl Into<Cow<'static, str>>,
    ) -> TransferError {
        TransferError {
            code,
            context,
            class: code.retry_class(),
            http_status: None,
            retry_after: None,
            text: text.into(),
            cancelled: false,
        }
    }

    /// An error of the local file.
    pub(crate) fn local(code: ResultCode, text: impl Into<Cow<'static, str>>) -> TransferError {
        TransferError::new(code, ErrorContext::LocalFile, text)
    }

    /// The system refused an operation on the local file `path`; `doing` is "writing", for example.
    pub(crate) fn local_io(doing: impl Display, path: &Path, error: &io::Error) -> TransferError {
        let text = format!("{doing} {} failed: {error}", path.display());
        TransferError::local(ResultCode::from_io(error), text)
    }

    /// The attempt was cancelled while it worked at `path`.
    pub(crate) fn local_cancelled(path: &Path) -> TransferError {
        let text = format!("the copy of {} was cancelled", path.display());
        let error = TransferError::local(ResultCode::BG_E_WIN32_OPERATION_ABORTED, text);
        TransferError { cancelled: true, ..error }
    }

    /// The same error of another side.
    pub(crate) fn of(self, context: ErrorContext) -> TransferError {
        TransferError { context, ..self }
    }

    /// Nobody answered.
    pub(crate) fn is_unreached(&self) -> bool {
        !self.cancelled && self.http_status.is_none() && self.context == ErrorContext::GeneralTransport
    }

    /// Trying again does not help.
    pub(crate) fn fatal(self) -> TransferError {
        TransferError { class: RetryClass::Fatal, ..self }
    }

    /// Trying again may help.
    pub(crate) fn transient(self) -> TransferError {
        TransferError { class: RetryClass::Transient, ..self }
    }
}

/// Whether there is no room left, on the disk or in the user's quota.
pub(crate) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}
