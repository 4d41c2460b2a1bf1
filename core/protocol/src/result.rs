//! Result codes: what a call returns, and why a job stopped.

use std::fmt;
use std::io;

use serde::{Deserialize, Serialize};

pub use crate::result_table::{Entry, TABLE};

const FACILITY_MASK: u32 = 0xFFFF_0000;
const FACILITY_WIN32: u32 = 0x8007_0000;
const FACILITY_HTTP: u32 = 0x8019_0000;

/// A result value with the layout and numbers of an HRESULT: negative means failure.
///
/// The named codes are associated constants: `ResultCode::BG_E_NOT_FOUND`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ResultCode(pub i32);

/// Whether a failure can cure itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RetryClass {
    /// The job goes to ERROR and waits for somebody.
    Fatal,
    /// The job goes to TRANSIENT_ERROR and is tried again after its retry delay.
    Transient,
    /// The job goes to TRANSIENT_ERROR and is tried again when the condition ends; no timer.
    Waiting,
    /// Not a state of a job: returned by calls only.
    NotAJobError,
}

impl ResultCode {
    /// The code of an HTTP status, such as `BG_E_HTTP_ERROR_404` of 404.
    #[must_use]
    pub const fn from_http_status(status: u16) -> ResultCode {
        ResultCode((FACILITY_HTTP | status as u32) as i32)
    }

    /// The HTTP status this code was made of.
    #[must_use]
    pub const fn http_status(self) -> Option<u16> {
        match self.in_facility(FACILITY_HTTP) {
            // The facility also holds the message identifiers, from 0x4000 on.
            Some(status) if status >= 100 && status <= 999 => Some(status),
            _ => None,
        }
    }

    /// The code of a Win32 error number; 0 gives `BG_S_OK`.
    /// A number that is an HRESULT already comes back unchanged.
    #[must_use]
    pub const fn from_win32(error: u32) -> ResultCode {
        if error as i32 <= 0 {
            ResultCode(error as i32)
        } else {
            ResultCode((FACILITY_WIN32 | error & 0xFFFF) as i32)
        }
    }

    /// The code of an operating-system error number (`errno`), always a failure that a job can have.
    ///
    /// Numbers without a counterpart, 0 included, give `BG_E_FAIL`.
    #[must_use]
    pub fn from_errno(errno: i32) -> ResultCode {
        ResultCode::from_io(&io::Error::from_raw_os_error(errno))
    }

    /// The code of a failed system call, always a failure that a job can have; also where the error was
    /// given a text of its own and has only its kind left.
    #[must_use]
    pub fn from_io(error: &io::Error) -> ResultCode {
        use io::ErrorKind as Kind;
        // Numbers differ between Unixes; the standard library knows those of this one.
        match error.kind() {
            Kind::NotFound => ResultCode::BG_E_WIN32_FILE_NOT_FOUND,
            Kind::NotADirectory => ResultCode::BG_E_WIN32_PATH_NOT_FOUND,
            Kind::PermissionDenied => ResultCode::BG_E_ACCESSDENIED,
            Kind::StorageFull | Kind::QuotaExceeded => ResultCode::BG_E_WIN32_DISK_FULL,
            Kind::ReadOnlyFilesystem | Kind::ResourceBusy | Kind::StaleNetworkFileHandle => {
                ResultCode::BG_E_DESTINATION_LOCKED
            }
            Kind::ExecutableFileBusy => ResultCode::BG_E_WIN32_SHARING_VIOLATION,
            Kind::AlreadyExists => ResultCode::BG_E_WIN32_FILE_EXISTS,
            Kind::IsADirectory => ResultCode::BG_E_WIN32_DIRECTORY,
            Kind::DirectoryNotEmpty => ResultCode::BG_E_WIN32_DIR_NOT_EMPTY,
            Kind::CrossesDevices => ResultCode::BG_E_WIN32_NOT_SAME_DEVICE,
            Kind::TooManyLinks => ResultCode::BG_E_WIN32_TOO_MANY_LINKS,
            Kind::FileTooLarge => ResultCode::BG_E_WIN32_FILE_TOO_LARGE,
            Kind::InvalidFilename => ResultCode::BG_E_WIN32_FILENAME_EXCED_RANGE,
            Kind::InvalidInput => ResultCode::BG_E_INVALIDARG,
            Kind::OutOfMemory => ResultCode::BG_E_OUTOFMEMORY,
            Kind::Unsupported => ResultCode::BG_E_WIN32_NOT_SUPPORTED,
            Kind::WouldBlock => ResultCode::BG_E_WIN32_RETRY,
            Kind::Interrupted => ResultCode::BG_E_WIN32_OPERATION_ABORTED,
            Kind::TimedOut => ResultCode::BG_E_WINHTTP_TIMEOUT,
            Kind::ConnectionRefused
            | Kind::AddrNotAvailable
            | Kind::HostUnreachable
            | Kind::NetworkUnreachable
            | Kind::NetworkDown => ResultCode::BG_E_WINHTTP_CANNOT_CONNECT,
            Kind::ConnectionReset | Kind::ConnectionAborted | Kind::NotConnected | Kind::BrokenPipe => {
                ResultCode::BG_E_WINHTTP_CONNECTION_ERROR
            }
            _ => Self::from_errno_without_kind(error.raw_os_error().unwrap_or(0)),
        }
    }

    fn from_errno_without_kind(errno: i32) -> ResultCode {
        // The low numbers are the same on every Unix.
        const EIO: i32 = 5;
        const ENXIO: i32 = 6;
        const EBADF: i32 = 9;
        const ENODEV: i32 = 19;
        const ENFILE: i32 = 23;
        const EMFILE: i32 = 24;
        const ELOOP: i32 = if cfg!(any(target_os = "linux", target_os = "android")) { 40 } else { 62 };
        match errno {
            EIO => ResultCode::BG_E_WIN32_IO_DEVICE,
            ENXIO | ENODEV => ResultCode::BG_E_WIN32_DEVICE_NOT_CONNECTED,
            EBADF => ResultCode::BG_E_WIN32_INVALID_HANDLE,
            ENFILE | EMFILE => ResultCode::BG_E_WIN32_TOO_MANY_OPEN_FILES,
            ELOOP => ResultCode::BG_E_WIN32_CANT_RESOLVE_FILENAME,
            _ => ResultCode::BG_E_FAIL,
        }
    }

    /// Whether the code stands for a failure.
    #[must_use]
    pub const fn is_failure(self) -> bool {
        self.0 < 0
    }

    /// Whether the code stands for a success, `BG_S_FALSE` and other special kinds included.
    #[must_use]
    pub const fn is_success(self) -> bool {
        self.0 >= 0
    }

    /// The name of the constant, such as `BG_E_NOT_FOUND`; `None` for a code outside the table.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        self.entry().map(|entry| entry.name)
    }

    /// One English sentence or two: what is wrong and what to do. Never empty.
    #[must_use]
    pub fn text(self) -> &'static str {
        if let Some(entry) = self.entry() {
            return entry.text;
        }
        match self.http_status() {
            Some(308) => "The server moved the file for good; give the job the new URL.",
            Some(429) => "The server receives too many requests; the transfer is tried again later.",
            Some(100..=199) => "The server sent an interim answer and no result.",
            Some(200..=299) => "The server reported success in a way that does not fit the request.",
            Some(300..=399) => "The server sent the client to another place in a way it cannot follow.",
            Some(400..=499) => "The server refused the request; check the URL and the settings of the job.",
            Some(_) => "The server failed to answer the request; ask its administrator if this persists.",
            None if self.is_success() => "The call succeeded.",
            None if self.in_facility(FACILITY_WIN32).is_some() => {
                "The operating system refused the operation; look the number up as a Win32 error."
            }
            None => "The operation failed for a reason this version has no text for.",
        }
    }

    /// Whether trying again can help, when this code is why a transfer stopped.
    #[must_use]
    pub fn retry_class(self) -> RetryClass {
        if let Some(entry) = self.entry() {
            return entry.class;
        }
        if self.is_success() {
            return RetryClass::NotAJobError;
        }
        if let Some(status) = self.http_status() {
            return http_class(status);
        }
        match self.in_facility(FACILITY_WIN32) {
            // Sockets and the HTTP stack: a network fault may pass, a local one hardly does.
            Some(10_000..=12_199) => RetryClass::Transient,
            _ => RetryClass::Fatal,
        }
    }

    const fn in_facility(self, facility: u32) -> Option<u16> {
        let bits = self.0 as u32;
        if bits & FACILITY_MASK == facility { Some(bits as u16) } else { None }
    }

    fn entry(self) -> Option<&'static Entry> {
        TABLE.iter().find(|entry| entry.code == self)
    }
}

/// The rule BITS documents, but for 429: the status is younger than the rule and means "later".
pub(crate) const fn http_class(status: u16) -> RetryClass {
    match status {
        300..=305 | 307 => RetryClass::Fatal,
        408 | 409 | 429 => RetryClass::Transient,
        400..=499 | 501 | 505 => RetryClass::Fatal,
        _ => RetryClass::Transient,
    }
}

impl fmt::Display for ResultCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.name(), self.http_status()) {
            (Some(name), _) => write!(f, "{name} (0x{:08X})", self.0),
            (None, Some(status)) => write!(f, "HTTP status {status} (0x{:08X})", self.0),
            (None, None) => write!(f, "0x{:08X}", self.0),
        }
    }
}

impl fmt::Debug for ResultCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
