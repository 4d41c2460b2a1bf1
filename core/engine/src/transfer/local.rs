//! Errors of the local side.

use std::borrow::Cow;
use std::fmt::Display;
use std::io;
use std::path::Path;

use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::ErrorContext;

use super::TransferError;

impl TransferError {
    /// An error of the local file `path`, with the code and the retry class of the table.
    pub(crate) fn local(code: ResultCode, text: impl Into<Cow<'static, str>>) -> TransferError {
        TransferError {
            code,
            context: ErrorContext::LocalFile,
            class: code.retry_class(),
            http_status: None,
            retry_after: None,
            text: text.into(),
            cancelled: false,
        }
    }

    /// The system refused an operation on the local file `path`; `doing` is "writing", for example.
    pub(crate) fn local_io(doing: impl Display, path: &Path, error: &io::Error) -> TransferError {
        TransferError::local(code_of(error), format!("{doing} {} failed: {error}", path.display()))
    }
}

/// The attempt was cancelled while it worked at `path`.
pub(crate) fn cancelled(path: &Path) -> TransferError {
    let text = format!("the copy of {} was cancelled", path.display());
    TransferError { cancelled: true, ..TransferError::local(ResultCode::BG_E_WIN32_OPERATION_ABORTED, text) }
}

/// The code for a failed file operation.
pub(crate) fn code_of(error: &io::Error) -> ResultCode {
    ResultCode::from_io(error)
}

/// Whether there is no room left, on the disk or in the user's quota.
pub(crate) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}
