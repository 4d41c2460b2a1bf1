//! Enumerations and flags with the values of the Windows SDK.

use serde::{Deserialize, Serialize};

/// Which part of the system an error belongs to (`BG_ERROR_CONTEXT`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[repr(i32)]
pub enum ErrorContext {
    /// No error.
    None = 0,
    /// Unknown.
    Unknown = 1,
    /// The queue itself.
    GeneralQueueManager = 2,
    /// While notifying the program.
    QueueManagerNotification = 3,
    /// The local file or volume.
    LocalFile = 4,
    /// The remote file or URL.
    RemoteFile = 5,
    /// The transport, not tied to the remote file.
    GeneralTransport = 6,
    /// The server application behind an upload.
    RemoteApplication = 7,
    /// The program's certificate check.
    ServerCertificateCallback = 8,
}
