//! The seam between a program and its queue: commands, replies and events are plain values.
//!
//! Nothing above this trait knows whether the queue lives in this process.

use std::any::Any;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

use bgcopy_protocol::enums::{AuthScheme, AuthTarget, CertStoreLocation, JobState, JobType};
use bgcopy_protocol::file_range::FileRange;
use bgcopy_protocol::{Guid, ResultCode};
use serde::{Deserialize, Serialize};

use crate::model::error::{ErrorRecord, Result};
use crate::model::progress::{FileProgress, JobProgress, JobTimes};
use crate::model::property::{Property, PropertyId, notify};
use crate::model::secret::Secret;
use crate::transfer::access::{CertificateName, ClientCertificate, Credentials};

/// A remote and a local name (`BG_FILE_INFO`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileInfo {
    /// http, https or file URL, or absolute path, at most 2,200 characters.
    pub remote_name: String,
    /// Absolute path in an existing directory.
    pub local_name: String,
}

/// What a program asks of the queue.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Command {
    /// `CreateJob` → [`Reply::Job`].
    CreateJob {
        /// Name for people.
        display_name: String,
        /// Type.
        kind: JobType,
    },
    /// `IBackgroundCopyQMgr::CreateGroup`: a job with this identifier. → [`Reply::Job`]
    CreateGroup(Guid),
    /// `IBackgroundCopyQMgr::GetGroup`: the caller becomes its owner. → [`Reply::Job`]
    FindGroup(Guid),
    /// `IBackgroundCopyQMgr::EnumGroups`: those of the caller, for root all. → [`Reply::Groups`]
    EnumGroups,
    /// `GetJob` → [`Reply::Job`].
    FindJob(Guid),
    /// `EnumJobs` → [`Reply::Jobs`].
    EnumJobs {
        /// All users' jobs; administrators only.
        all_users: bool,
    },
    /// Whether a policy has another value than a setting the queue was opened with. → [`Reply::Flag`]
    IsOverridden,
    /// A handle to this job is gone: its final state need not be kept for it. → [`Reply::Done`]
    Release(Guid),
    /// Something about one job.
    Job(Guid, JobCommand),
}

/// What a program asks about one job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum JobCommand {
    /// `AddFile`, `AddFileSet`: all or none. → [`Reply::Done`]
    AddFiles(Vec<FileInfo>),
    /// `AddFileWithRanges`: these ranges of the remote file, one behind the other. → [`Reply::Done`]
    AddFileWithRanges(FileInfo, Vec<FileRange>),
    /// → [`Reply::Done`]
    Suspend,
    /// → [`Reply::Done`]
    Resume,
    /// → [`Reply::Done`]
    Cancel,
    /// → [`Reply::Done`]
    Complete,
    /// → [`Reply::Done`]
    Set(Property),
    /// → [`Reply::Property`]
    Get(PropertyId),
    /// Headers for every request, lines that end with CR LF; `None` takes them away. → [`Reply::Done`]
    SetCustomHeaders(Option<Secret>),
    /// → [`Reply::CustomHeaders`]
    CustomHeaders,
    /// From now on nobody may read the headers. → [`Reply::Done`]
    MakeCustomHeadersWriteOnly,
    /// In place of those of the same target and scheme. → [`Reply::Done`]
    SetCredentials(Credentials),
    /// `BG_S_FALSE` when there are none. → [`Reply::Done`]
    RemoveCredentials(AuthTarget, AuthScheme),
    /// Where it is, the name of the store, and which of it. → [`Reply::Done`]
    SetClientCertificate(CertStoreLocation, String, CertificateName),
    /// `BG_S_FALSE` when there is none. → [`Reply::Done`]
    RemoveClientCertificate,
    /// → [`Reply::ClientCertificate`]
    ClientCertificate,
    /// → [`Reply::Type`]
    Type,
    /// → [`Reply::State`]
    State,
    /// → [`Reply::Progress`]
    Progress,
    /// → [`Reply::Times`]
    Times,
    /// User id of the owner. → [`Reply::Number`]
    Owner,
    /// → [`Reply::Number`]
    ErrorCount,
    /// → [`Reply::Error`]
    Error,
    /// User id of whom the helper token stands for. → [`Reply::HelperToken`]
    HelperToken,
    /// The caller becomes the owner. → [`Reply::Done`]
    TakeOwnership,
    /// Whether the content of a file is right. → [`Reply::Done`]
    SetValidationState(u32, bool),
    /// Whether the content of a file was found right. → [`Reply::Flag`]
    ValidationState(u32),
    /// Another URL for a file. → [`Reply::Done`]
    SetRemoteName(u32, String),
    /// All or none; `BG_S_FALSE` when no remote name begins with `old`. → [`Reply::Done`]
    ReplaceRemotePrefix {
        /// What the names begin with, case-sensitive.
        old: String,
        /// What they begin with afterwards.
        new: String,
    },
    /// `IBackgroundCopyGroup::CreateJob`: gives a group its job. → [`Reply::Done`]
    CreateGroupJob(Guid),
    /// The job of a group. → [`Reply::GroupJob`]
    GroupJob,
    /// Number of files. → [`Reply::Number`]
    FileCount,
    /// One file of the job. → [`Reply::File`]
    File(u32),
    /// Progress of one file. → [`Reply::FileProgress`]
    FileProgress(u32),
    /// The ranges a file is made of; none for a whole file. → [`Reply::Ranges`]
    FileRanges(u32),
    /// These ranges of a file come before the rest, or alone. → [`Reply::Done`]
    RequestFileRanges(u32, Vec<FileRange>),
    /// What is here of a file. → [`Reply::Ranges`]
    FilledFileRanges(u32),
    /// The file is fetched from this byte on. → [`Reply::Done`]
    UpdateDownloadPosition(u32, u64),
    /// Where the reply goes; `None` for a name beside the uploaded file. → [`Reply::Done`]
    SetReplyFileName(Option<String>),
    /// → [`Reply::OptionalText`]
    ReplyFileName,
    /// → [`Reply::FileProgress`]
    ReplyProgress,
    /// The reply, of at most 1 MiB. → [`Reply::Bytes`]
    ReplyData,
    /// Path of the temporary file. → [`Reply::Text`]
    TemporaryName(u32),
    /// The headers of the last answer to a request for a file. → [`Reply::ResponseHeaders`]
    ResponseHeaders(u32),
}

/// What the queue answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Reply {
    /// It is done, perhaps with a remark.
    Done(ResultCode),
    /// A job.
    Job(Guid),
    /// Jobs, in order of creation.
    Jobs(Vec<Guid>),
    /// Groups of the legacy queue manager, in order of creation.
    Groups(Vec<Guid>),
    /// The one job of a group.
    GroupJob(Option<Guid>),
    /// A property.
    Property(Property),
    /// The headers that were set.
    CustomHeaders(Option<Secret>),
    /// The client certificate of a job.
    ClientCertificate(ClientCertificate),
    /// A job type.
    Type(JobType),
    /// A state.
    State(JobState),
    /// Progress of a job.
    Progress(JobProgress),
    /// Times of a job.
    Times(JobTimes),
    /// A number.
    Number(u32),
    /// A user id, where there is a helper token.
    HelperToken(Option<u32>),
    /// Yes or no.
    Flag(bool),
    /// Parts of a file.
    Ranges(Vec<FileRange>),
    /// A text.
    Text(String),
    /// A text, if there is one.
    OptionalText(Option<String>),
    /// The content of a small file.
    Bytes(Vec<u8>),
    /// The status line and header lines of an answer, where there was one.
    ResponseHeaders(Option<String>),
    /// The error of a job.
    Error(Box<ErrorRecord>),
    /// A file's names.
    File(FileInfo),
    /// Progress of a file.
    FileProgress(FileProgress),
}

/// Something that happened to a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The job.
    pub job: Guid,
    /// What happened.
    pub kind: EventKind,
}

/// What happened (`IBackgroundCopyCallback` and its successors).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EventKind {
    /// All files are transferred.
    JobTransferred,
    /// The job is in ERROR.
    JobError(Box<ErrorRecord>),
    /// Bytes moved, or a property or the state changed.
    JobModification,
    /// A file is whole.
    FileTransferred(u32),
    /// Ranges of a file arrived.
    FileRangesTransferred(u32, Vec<FileRange>),
}

impl EventKind {
    /// The notify flag that lets it through.
    #[must_use]
    pub fn flag(&self) -> u32 {
        match self {
            EventKind::JobTransferred => notify::JOB_TRANSFERRED,
            EventKind::JobError(_) => notify::JOB_ERROR,
            EventKind::JobModification => notify::JOB_MODIFICATION,
            EventKind::FileTransferred(_) => notify::FILE_TRANSFERRED,
            EventKind::FileRangesTransferred(..) => notify::FILE_RANGES_TRANSFERRED,
        }
    }
}

/// Hears events of a job on a dispatcher thread; never under a lock, may call back.
pub trait Listener: Any + Send + Sync {
    /// Flags of the events it takes, always the same; asked for under the lock.
    fn hears(&self) -> u32 {
        notify::ALL
    }

    /// Takes an event; anything but success lets it be told again later.
    fn notify(&self, event: &Event) -> ResultCode;
}

/// Looks at certificates of servers, on the thread of a transfer; never under a lock.
pub trait CertificateListener: Send + Sync {
    /// Whether the server is the right one for a file; `chain` has its certificate and those it sent along, in DER.
    fn validate(&self, job: Guid, file: u32, chain: &[&[u8]]) -> ResultCode;
}

/// A queue, wherever it lives.
pub trait Link: Send + Sync {
    /// Carries out one command on the caller's thread; durable when it returns success.
    ///
    /// # Errors
    /// The code of the failed rule; nothing has changed then.
    fn call(&self, command: Command) -> Result<Reply>;

    /// Registers who hears the events of a job; `None` clears. When it returns, the former listener
    /// is not called any more, unless the caller is inside that very call.
    ///
    /// # Errors
    /// `BG_E_NOT_FOUND`, or `BG_E_INVALID_STATE` for a job that ended.
    fn subscribe(&self, job: Guid, listener: Option<Arc<dyn Listener>>) -> Result<()>;

    /// Registers who looks at the certificates of servers for a job; `None` clears. When it returns, the former
    /// one is not called any more.
    ///
    /// # Errors
    /// `BG_E_READ_ONLY_WHEN_JOB_ACTIVE` unless the job is SUSPENDED, in ERROR or TRANSFERRED; `BG_E_ACCESSDENIED` to
    /// anybody but its owner.
    fn check_certificates(&self, job: Guid, listener: Option<Arc<dyn CertificateListener>>) -> Result<()>;

    /// Who looks at the certificates of servers for a job.
    ///
    /// # Errors
    /// `BG_E_NOT_FOUND`.
    fn certificate_listener(&self, job: Guid) -> Result<Option<Arc<dyn CertificateListener>>>;

    /// The listener of a job.
    ///
    /// # Errors
    /// `BG_E_NOT_FOUND`.
    fn listener(&self, job: Guid) -> Result<Option<Arc<dyn Listener>>>;

    /// Waits until a job rests: until it is neither queued nor moving nor about to be tried again. Gives its
    /// state, and false when the time was over first.
    ///
    /// # Errors
    /// `BG_E_REQUEST_CANCELED` when `cancel` became readable; the queue was closed.
    fn wait(
        &self,
        job: Guid,
        timeout: Option<Duration>,
        cancel: Option<BorrowedFd<'_>>,
    ) -> Result<(JobState, bool)>;

    /// Gives a job a helper token, an open directory, in place of an earlier one; `None` takes it away.
    ///
    /// # Errors
    /// `BG_E_INVALIDARG` for what is no directory, `BG_E_NOT_FOUND`, `BG_E_ACCESSDENIED`, or
    /// `BG_E_INVALID_STATE` for a job that ended.
    fn set_helper_token(&self, job: Guid, directory: Option<OwnedFd>) -> Result<()>;

    /// A descriptor of its own that is readable while [`Link::next_event`] has something.
    /// From the first call on, the events of all jobs are kept for it, as their notify flags say.
    ///
    /// # Errors
    /// No descriptor is left.
    fn event_fd(&self) -> Result<OwnedFd>;

    /// The next kept event.
    ///
    /// # Errors
    /// The queue is closed.
    fn next_event(&self) -> Result<Option<Event>>;

    /// Stops all transfers, makes their progress durable and gives the queue free. Idempotent.
    ///
    /// # Errors
    /// The last progress could not be stored.
    fn close(&self) -> Result<()>;
}

/// The error for a reply that does not belong to the command: the other side is not this version.
pub(crate) fn mismatch(reply: &Reply) -> crate::model::error::Error {
    crate::model::error::Error::new(
        ResultCode::BG_E_UNEXPECTED,
        format!("the queue gave an answer of another kind: {reply:?}"),
    )
}
