//! A job.

use std::any::Any;
use std::fmt;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

use bgcopy_protocol::enums::{AuthScheme, AuthTarget, CertStoreLocation, JobPriority, JobState, JobType};
use bgcopy_protocol::file_range::FileRange;
use bgcopy_protocol::flags::{AclFlags, CostFlags, JobPeerCachingFlags, SecurityFlags, TokenFlags};
use bgcopy_protocol::{Guid, ResultCode};

use super::callback::{Adapter, CertificateAdapter, ServerCertificateValidation};
use super::link::{Command, JobCommand, Link, Reply, mismatch};
use super::{Callback, CommandLine, Error, File, FileInfo, JobError, JobProgress, JobTimes, Result, reply};
use crate::model::property::{Property, PropertyId};
use crate::model::secret::Secret;
use crate::transfer::access::{CertificateName, ClientCertificate, Credentials, ProxySettings};

/// A handle to a job (`IBackgroundCopyJob` and its successors); clones are the same job.
///
/// Usable on any thread. While a handle is held, a job that ended still answers its getters.
#[derive(Clone)]
pub struct Job(Arc<Handle>);

struct Handle {
    link: Arc<dyn Link>,
    id: Guid,
}

impl Drop for Handle {
    fn drop(&mut self) {
        // A closed queue keeps nothing for handles.
        let _ = self.link.call(Command::Release(self.id));
    }
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Job({})", self.0.id)
    }
}

/// Makes the getter and the setter of a property.
macro_rules! property {
    ($(#[$get_doc:meta])* $get:ident, $(#[$set_doc:meta])* $set:ident, $variant:ident, $type:ty) => {
        $(#[$get_doc])*
        ///
        /// # Errors
        /// `BG_E_NOT_FOUND`, `BG_E_DISCONNECTED`.
        pub fn $get(&self) -> Result<$type> {
            match self.call(JobCommand::Get(PropertyId::$variant))? {
                Reply::Property(Property::$variant(value)) => Ok(value),
                other => Err(mismatch(&other)),
            }
        }

        $(#[$set_doc])*
        ///
        /// # Errors
        /// `BG_E_INVALID_STATE` for a job that ended, and what the limits above say.
        pub fn $set(&self, value: $type) -> Result<()> {
            self.done(JobCommand::Set(Property::$variant(value))).map(drop)
        }
    };
}

impl Job {
    pub(super) fn new(link: &Arc<dyn Link>, id: Guid) -> Job {
        Job(Arc::new(Handle { link: link.clone(), id }))
    }

    fn call(&self, command: JobCommand) -> Result<Reply> {
        self.0.link.call(Command::Job(self.0.id, command))
    }

    fn done(&self, command: JobCommand) -> Result<ResultCode> {
        reply!(self.call(command), Done)
    }

    /// The identifier (`GetId`).
    #[must_use]
    pub fn id(&self) -> Guid {
        self.0.id
    }

    /// Appends one file (`AddFile`).
    ///
    /// # Errors
    /// `BG_E_INVALIDARG` for a bad name, `BG_E_ACCESSDENIED` for a directory without write permission,
    /// `BG_E_INVALID_STATE`, `BG_E_TOO_MANY_FILES_IN_JOB`.
    pub fn add_file(&self, remote_name: &str, local_name: &str) -> Result<()> {
        let (remote_name, local_name) = (remote_name.to_owned(), local_name.to_owned());
        self.add_file_set(vec![FileInfo { remote_name, local_name }])
    }

    /// Appends files, all or none (`AddFileSet`).
    ///
    /// # Errors
    /// As [`Job::add_file`]; the text names the file.
    pub fn add_file_set(&self, files: Vec<FileInfo>) -> Result<()> {
        self.done(JobCommand::AddFiles(files)).map(drop)
    }

    /// Appends a file that is made of ranges of the remote one, one behind the other in this order
    /// (`AddFileWithRanges`). A range may go to the end of the file: `BG_LENGTH_TO_EOF`.
    ///
    /// The job goes to ERROR with `BG_E_INVALID_RANGE` when a range turns out to lie outside the remote file,
    /// and with `BG_E_INSUFFICIENT_RANGE_SUPPORT` when the server has no ranges.
    ///
    /// # Errors
    /// As [`Job::add_file`]; `BG_E_INVALIDARG` without ranges, `BG_E_INVALID_RANGE` for one without bytes or
    /// that cannot lie in a file, `BG_E_OVERLAPPING_RANGES`, `BG_E_TOO_MANY_RANGES_IN_FILE`,
    /// `BG_E_NOT_SUPPORTED_WITH_CUSTOM_HTTP_METHOD`.
    pub fn add_file_with_ranges(
        &self,
        remote_name: &str,
        local_name: &str,
        ranges: &[FileRange],
    ) -> Result<()> {
        let (remote_name, local_name) = (remote_name.to_owned(), local_name.to_owned());
        let file = FileInfo { remote_name, local_name };
        self.done(JobCommand::AddFileWithRanges(file, ranges.to_vec())).map(drop)
    }

    /// The files, in order of addition (`EnumFiles`).
    ///
    /// # Errors
    /// `BG_E_NOT_FOUND`, `BG_E_DISCONNECTED`.
    pub fn files(&self) -> Result<Vec<File>> {
        let count = reply!(self.call(JobCommand::FileCount), Number)?;
        Ok((0..count).map(|index| File::new(self.clone(), index)).collect())
    }

    /// Replaces the beginning of every remote name that begins with `old`, case-sensitive, all or none
    /// (`ReplaceRemotePrefix`); each as [`File::set_remote_name`] does.
    ///
    /// Gives `BG_S_FALSE` when no remote name begins with `old`.
    ///
    /// # Errors
    /// `BG_E_INVALIDARG` for an empty prefix or when a name would be a bad URL, `BG_E_INVALID_STATE`.
    pub fn replace_remote_prefix(&self, old: &str, new: &str) -> Result<ResultCode> {
        self.done(JobCommand::ReplaceRemotePrefix { old: old.to_owned(), new: new.to_owned() })
    }

    /// Stops all activity of the job until [`Job::resume`]; what arrived is kept (`Suspend`).
    ///
    /// # Errors
    /// `BG_E_INVALID_STATE` for a job that ended.
    pub fn suspend(&self) -> Result<()> {
        self.done(JobCommand::Suspend).map(drop)
    }

    /// Puts the job into the queue, or retries at once (`Resume`).
    ///
    /// # Errors
    /// `BG_E_EMPTY` without files, `BG_E_INVALID_STATE` for a job that ended.
    pub fn resume(&self) -> Result<()> {
        self.done(JobCommand::Resume).map(drop)
    }

    /// Ends the job and deletes everything it fetched (`Cancel`).
    ///
    /// What was uploaded stays. The session of an upload that is not over is cancelled at the server afterwards, which
    /// is tried for 24 hours, or for the no-progress timeout if that is shorter.
    ///
    /// Gives `BG_S_UNABLE_TO_DELETE_FILES` when a temporary file is left.
    ///
    /// # Errors
    /// `BG_E_INVALID_STATE` for a job that ended.
    pub fn cancel(&self) -> Result<ResultCode> {
        self.done(JobCommand::Cancel)
    }

    /// Gives finished files their final names, durably, and ends the job (`Complete`).
    ///
    /// Gives `BG_S_PARTIAL_COMPLETE` when only some files were finished; the rest is deleted.
    ///
    /// # Errors
    /// `BG_E_INVALID_STATE` for a job that ended, or the error of a rename: the job stays then.
    pub fn complete(&self) -> Result<ResultCode> {
        self.done(JobCommand::Complete)
    }

    /// Download, upload or upload-reply (`GetType`).
    ///
    /// # Errors
    /// `BG_E_NOT_FOUND`, `BG_E_DISCONNECTED`.
    pub fn job_type(&self) -> Result<JobType> {
        reply!(self.call(JobCommand::Type), Type)
    }

    /// The state (`GetState`).
    ///
    /// # Errors
    /// `BG_E_NOT_FOUND`, `BG_E_DISCONNECTED`.
    pub fn state(&self) -> Result<JobState> {
        reply!(self.call(JobCommand::State), State)
    }

    /// Bytes and files so far (`GetProgress`).
    ///
    /// # Errors
    /// `BG_E_NOT_FOUND`, `BG_E_DISCONNECTED`.
    pub fn progress(&self) -> Result<JobProgress> {
        reply!(self.call(JobCommand::Progress), Progress)
    }

    /// When things happened (`GetTimes`).
    ///
    /// # Errors
    /// `BG_E_NOT_FOUND`, `BG_E_DISCONNECTED`.
    pub fn times(&self) -> Result<JobTimes> {
        reply!(self.call(JobCommand::Times), Times)
    }

    /// User id of the owner (`GetOwner` gives it as text).
    ///
    /// # Errors
    /// `BG_E_NOT_FOUND`, `BG_E_DISCONNECTED`.
    pub fn owner(&self) -> Result<u32> {
        reply!(self.call(JobCommand::Owner), Number)
    }

    /// Makes the caller the owner (`TakeOwnership`); credentials, client certificate, custom
    /// headers, program and helper token of the former owner are taken away, growing files become the caller's; nothing else changes.
    ///
    /// # Errors
    /// `BG_E_ACCESSDENIED` for somebody else's job without being root, `BG_E_NEW_OWNER_NO_FILE_ACCESS` when the
    /// caller may not use a growing file, `BG_E_INVALID_STATE`.
    pub fn take_ownership(&self) -> Result<()> {
        self.done(JobCommand::TakeOwnership).map(drop)
    }

    /// Gives the job a helper token (`SetHelperToken`): an open directory, which the queue duplicates, in place of
    /// an earlier one. As [`Job::set_helper_token_flags`] says, files of the job are then opened through it, by their
    /// paths as before, but without symbolic links below it; files elsewhere are `BG_E_ACCESSDENIED`. This process
    /// needs no right to reach the directory by its path. Not kept when the process ends: a job with flags then goes
    /// to ERROR with `BG_E_TOKEN_REQUIRED`, until it gets another token or no flags.
    ///
    /// # Errors
    /// `BG_E_INVALIDARG` for what is no directory, `BG_E_INVALID_STATE` for a job that ended.
    pub fn set_helper_token(&self, directory: impl AsFd) -> Result<()> {
        self.take_token(directory.as_fd().try_clone_to_owned())
    }

    /// As [`Job::set_helper_token`], for callers that know the directory by the number of its descriptor. What is not
    /// open is `BG_E_INVALIDARG`.
    ///
    /// # Errors
    /// As [`Job::set_helper_token`].
    pub fn set_helper_token_descriptor(&self, directory: i32) -> Result<()> {
        self.take_token(crate::sys::descriptor::duplicate(directory))
    }

    fn take_token(&self, directory: std::io::Result<OwnedFd>) -> Result<()> {
        let directory = directory.map_err(|error| {
            Error::new(ResultCode::BG_E_INVALIDARG, format!("the helper token cannot be used: {error}"))
        })?;
        self.0.link.set_helper_token(self.0.id, Some(directory))
    }

    /// Takes the helper token away (`ClearHelperToken`); the flags stay. A job that runs or waits goes to ERROR with
    /// `BG_E_TOKEN_REQUIRED` when it has flags.
    ///
    /// # Errors
    /// `BG_E_INVALID_STATE` for a job that ended.
    pub fn clear_helper_token(&self) -> Result<()> {
        self.0.link.set_helper_token(self.0.id, None)
    }

    /// The user id of the owner of the directory that is the helper token, `None` without a token
    /// (`GetHelperTokenSid` gives it as text).
    ///
    /// # Errors
    /// `BG_E_NOT_FOUND`, `BG_E_DISCONNECTED`.
    pub fn helper_token_owner(&self) -> Result<Option<u32>> {
        reply!(self.call(JobCommand::HelperToken), HelperToken)
    }

    property!(
        /// What the helper token is used for (`GetHelperTokenFlags`).
        helper_token_flags,
        /// Says what the helper token is used for (`SetHelperTokenFlags`): `LOCAL_FILE` for the local file of a
        /// download, temporary and final; `NETWORK` for a remote name that is a file. It may be set later than the
        /// flags, but before the job runs: else ERROR with `BG_E_TOKEN_REQUIRED`.
        set_helper_token_flags, HelperTokenFlags, TokenFlags
    );

    /// Whether the owner is root (`GetOwnerElevationState`).
    ///
    /// # Errors
    /// `BG_E_NOT_FOUND`, `BG_E_DISCONNECTED`.
    pub fn owner_is_elevated(&self) -> Result<bool> {
        Ok(self.owner()? == 0)
    }

    /// The integrity level of the owner in the numbers of Windows (`GetOwnerIntegrityLevel`): 0x3000, high,
    /// for root and 0x2000, medium, for others.
    ///
    /// # Errors
    /// `BG_E_NOT_FOUND`, `BG_E_DISCONNECTED`.
    pub fn owner_integrity_level(&self) -> Result<u32> {
        Ok(if self.owner_is_elevated()? { 0x3000 } else { 0x2000 })
    }

    /// Failures of this job so far (`GetErrorCount`).
    ///
    /// # Errors
    /// `BG_E_NOT_FOUND`, `BG_E_DISCONNECTED`.
    pub fn error_count(&self) -> Result<u32> {
        reply!(self.call(JobCommand::ErrorCount), Number)
    }

    /// What went wrong (`GetError`).
    ///
    /// # Errors
    /// `BG_E_ERROR_INFORMATION_UNAVAILABLE` outside ERROR and TRANSIENT_ERROR.
    pub fn error(&self) -> Result<JobError> {
        let record = reply!(self.call(JobCommand::Error), Error)?;
        Ok(JobError::new(self.clone(), *record))
    }

    property!(
        /// Whether only what programs request of the files is fetched ([`File::request_ranges`]).
        on_demand_mode,
        /// Fetches only what programs request of the files, at any time; false fetches the rest, too.
        set_on_demand_mode, OnDemandMode, bool
    );
    property!(
        /// Whether servers make the content while they send it.
        dynamic_content,
        /// Takes what servers make while they send it: neither size nor ranges are needed, an interruption means to
        /// begin again, and only a job in the foreground moves. Until the first [`Job::resume`], and not with ranges
        /// or another HTTP method.
        set_dynamic_content, DynamicContent, bool
    );
    property!(
        /// Whether bytes go to the final names, and progress is not stored.
        high_performance,
        /// Writes bytes to the final names at once, and stores no progress: after the end of the process an
        /// unfinished file begins again; Cancel leaves it behind. Until the first file is added.
        set_high_performance, HighPerformance, bool
    );
    property!(
        /// The name for people (`GetDisplayName`).
        display_name,
        /// Sets the name for people, at most 256 characters (`SetDisplayName`).
        set_display_name, DisplayName, String
    );
    property!(
        /// The description for people (`GetDescription`).
        description,
        /// Sets the description, at most 1,024 characters (`SetDescription`).
        set_description, Description, String
    );
    property!(
        /// The priority (`GetPriority`).
        priority,
        /// Sets the priority, also of a running job (`SetPriority`).
        set_priority, Priority, JobPriority
    );
    property!(
        /// Which events are told, see [`crate::model::property::notify`] (`GetNotifyFlags`).
        notify_flags,
        /// Says which events are told; undefined bits give `BG_E_NOTIMPL` (`SetNotifyFlags`).
        set_notify_flags, NotifyFlags, u32
    );
    property!(
        /// Seconds before a transient error is tried again (`GetMinimumRetryDelay`).
        minimum_retry_delay,
        /// Sets the retry delay in seconds; less than 5 is raised to 5 (`SetMinimumRetryDelay`).
        set_minimum_retry_delay, MinimumRetryDelay, u32
    );
    property!(
        /// Seconds without progress after which a transient error is final (`GetNoProgressTimeout`).
        no_progress_timeout,
        /// Sets the no-progress timeout in seconds; 0 makes every error final (`SetNoProgressTimeout`).
        set_no_progress_timeout, NoProgressTimeout, u32
    );
    property!(
        /// Seconds the job may spend transferring (`GetMaximumDownloadTime`).
        maximum_download_time,
        /// Sets the seconds the job may spend in CONNECTING and TRANSFERRING (`SetMaximumDownloadTime`).
        set_maximum_download_time, MaximumDownloadTime, u32
    );
    property!(
        /// Which faults of certificates are ignored, and which redirects are followed (`GetSecurityFlags`).
        security_flags,
        /// Says how certificates are checked, and which redirects are followed (`SetSecurityFlags`). With
        /// `ENABLE_CRL_CHECK` what came of unfinished https files before is fetched anew.
        set_security_flags, SecurityFlags, SecurityFlags
    );

    property!(
        /// The HTTP method that fetches files, `GET` in a new job (`GetHttpMethod`).
        http_method,
        /// Sets the HTTP method, before the first Resume: else `BG_E_READ_ONLY_PROPERTY_AFTER_RESUME`. A
        /// method other than `GET` puts the job into the foreground for good, makes every error final, and
        /// lets Resume fetch unfinished files from the beginning (`SetHttpMethod`).
        set_http_method, HttpMethod, String
    );
    property!(
        /// What the job allows peers (`GetPeerCachingFlags`).
        peer_caching_flags,
        /// Says what the job allows peers (`SetPeerCachingFlags`). There is no peer cache that uses it.
        set_peer_caching_flags, PeerCachingFlags, JobPeerCachingFlags
    );
    property!(
        /// What of owner and access lists is copied (`GetFileACLFlags`).
        file_acl_flags,
        /// Says what of owner and access lists is copied with files that are no URLs of http servers
        /// (`SetFileACLFlags`): owner, group, permissions with access lists, `security` attributes. Without the
        /// right to, TRANSIENT_ERROR with `BG_E_ACCESSDENIED`. `BG_E_INVALID_STATE` also in TRANSFERRED.
        set_file_acl_flags, FileAclFlags, AclFlags
    );

    /// Sets the headers that are sent with every request: lines that end with CR LF, at most 16,383
    /// characters; `None` or an empty text takes them away (`SetCustomHeaders`). They are encrypted on disk.
    ///
    /// # Errors
    /// `BG_E_STRING_TOO_LONG`, `BG_E_INVALIDARG` for what is no header line, `BG_E_ACCESSDENIED` to
    /// anybody but the owner, `BG_E_INVALID_STATE` for a job that ended.
    pub fn set_custom_headers(&self, headers: Option<&str>) -> Result<()> {
        let headers = headers.filter(|text| !text.is_empty()).map(|text| Secret::new(text.to_owned()));
        self.done(JobCommand::SetCustomHeaders(headers)).map(drop)
    }

    /// The headers that were set (`GetCustomHeaders`).
    ///
    /// # Errors
    /// `BG_E_ACCESSDENIED` to anybody but the owner, and after [`Job::make_custom_headers_write_only`];
    /// `BG_E_WIN32_READ_FAULT` when they cannot be decrypted.
    pub fn custom_headers(&self) -> Result<Option<String>> {
        let headers = reply!(self.call(JobCommand::CustomHeaders), CustomHeaders)?;
        Ok(headers.map(|headers| headers.reveal().to_owned()))
    }

    /// Lets nobody read the custom headers any more, also those set later (`MakeCustomHeadersWriteOnly`).
    ///
    /// # Errors
    /// `BG_E_ACCESSDENIED` to anybody but the owner, `BG_E_INVALID_STATE` for a job that ended.
    pub fn make_custom_headers_write_only(&self) -> Result<()> {
        self.done(JobCommand::MakeCustomHeadersWriteOnly).map(drop)
    }

    /// Sets a user name and a password for one kind of challenge, in place of the former ones
    /// (`SetCredentials`). They are encrypted on disk, and sent when a server or proxy asks for them with
    /// Basic or Digest; other schemes are kept, and never match.
    ///
    /// # Errors
    /// `BG_E_INVALIDARG` without a user name and a password, but for both missing with NTLM and Negotiate;
    /// `BG_E_USERNAME_TOO_LARGE`, `BG_E_PASSWORD_TOO_LARGE`, `BG_E_ACCESSDENIED` to anybody but the owner,
    /// `BG_E_INVALID_STATE` for a job that ended.
    pub fn set_credentials(&self, credentials: Credentials) -> Result<()> {
        self.done(JobCommand::SetCredentials(credentials)).map(drop)
    }

    /// Takes credentials away (`RemoveCredentials`); gives `BG_S_FALSE` when there are none.
    ///
    /// # Errors
    /// `BG_E_ACCESSDENIED` to anybody but the owner, `BG_E_INVALID_STATE` for a job that ended.
    pub fn remove_credentials(&self, target: AuthTarget, scheme: AuthScheme) -> Result<ResultCode> {
        self.done(JobCommand::RemoveCredentials(target, scheme))
    }

    /// Sets the certificate that servers are shown when they ask for one (`SetClientCertificateByID`,
    /// `SetClientCertificateByName`). It must be in the store with its key, and is read again when a server is
    /// connected to.
    ///
    /// # Errors
    /// `BG_E_NOTIMPL` for locations other than the user's and the machine's, `BG_E_WIN32_FILE_NOT_FOUND` for a
    /// store, `BG_E_CRYPT_NOT_FOUND` for a certificate that is not there, `BG_E_STRING_TOO_LONG`,
    /// `BG_E_ACCESSDENIED` for a store that cannot be read and to anybody but the owner, `BG_E_INVALID_STATE`.
    pub fn set_client_certificate(
        &self,
        location: CertStoreLocation,
        store: &str,
        name: CertificateName,
    ) -> Result<()> {
        self.done(JobCommand::SetClientCertificate(location, store.to_owned(), name)).map(drop)
    }

    /// Takes the client certificate away (`RemoveClientCertificate`); gives `BG_S_FALSE` when there is none.
    ///
    /// # Errors
    /// `BG_E_ACCESSDENIED` to anybody but the owner, `BG_E_INVALID_STATE` for a job that ended.
    pub fn remove_client_certificate(&self) -> Result<ResultCode> {
        self.done(JobCommand::RemoveClientCertificate)
    }

    /// The client certificate (`GetClientCertificate`).
    ///
    /// # Errors
    /// `BG_E_RPC_BAD_STUB_DATA` when there is none, `BG_E_ACCESSDENIED` to anybody but the owner.
    pub fn client_certificate(&self) -> Result<ClientCertificate> {
        reply!(self.call(JobCommand::ClientCertificate), ClientCertificate)
    }

    property!(
        /// Which proxies are used (`GetProxySettings`), as they were set.
        proxy_settings,
        /// Says which proxies are used, also by a running job (`SetProxySettings`). Lists go with `OVERRIDE`
        /// only, else `BG_E_INVALIDARG`; `BG_E_PROXY_LIST_TOO_LARGE` and `BG_E_PROXY_BYPASS_LIST_TOO_LARGE`
        /// beyond 32 KiB. A malformed list is an error of the job, `BG_E_INVALID_PROXY_INFO`.
        set_proxy_settings, ProxySettings, ProxySettings
    );
    property!(
        /// Whether the user's `.netrc` may answer proxies (`GetProperty` USE_STORED_CREDENTIALS).
        stored_credentials,
        /// Says whether the user's `.netrc` may answer proxies (`SetProperty` USE_STORED_CREDENTIALS).
        set_stored_credentials, StoredCredentials, bool
    );
    property!(
        /// Connections of which costs may be used (`GetProperty` COST_FLAGS).
        cost_flags,
        /// Says connections of which costs may be used (`SetProperty` COST_FLAGS). Every connection counts as
        /// unrestricted: without that flag the job waits in TRANSIENT_ERROR.
        set_cost_flags, CostFlags, CostFlags
    );
    property!(
        /// Class to activate for notifications (`GetProperty` NOTIFICATION_CLSID).
        notification_clsid,
        /// Keeps a class for notifications (`SetProperty` NOTIFICATION_CLSID); nothing is activated.
        set_notification_clsid, NotificationClsid, Guid
    );
    property!(
        /// Most bytes of all files together, `SIZE_UNKNOWN` for no limit (`GetProperty` MAX_DOWNLOAD_SIZE).
        max_download_size,
        /// Sets the most bytes of all files together (`SetProperty` MAX_DOWNLOAD_SIZE): a job that has more goes
        /// to ERROR. 0 gives `BG_E_MAX_DOWNLOAD_SIZE_INVALID_VALUE`, the time after the first Resume
        /// `BG_E_READ_ONLY_PROPERTY_AFTER_RESUME`.
        set_max_download_size, MaxDownloadSize, u64
    );
    property!(
        /// Least milliseconds between two `job_modification` (`GetProperty` MINIMUM_NOTIFICATION_INTERVAL_MS).
        minimum_notification_interval,
        /// Sets the least milliseconds between two `job_modification` (`SetProperty`
        /// MINIMUM_NOTIFICATION_INTERVAL_MS).
        set_minimum_notification_interval, MinimumNotificationInterval, u32
    );

    property!(
        /// The program that is run for the job (`GetNotifyCmdLine`).
        notify_cmd_line,
        /// Sets the program that is run when the job is TRANSFERRED or in ERROR, as its notify flags say,
        /// unless a callback takes the event; `None` for no program (`SetNotifyCmdLine`). Run again after the
        /// retry delay, at most 60 s, until its exit code is 0 or the job leaves that state.
        set_notify_cmd_line, NotifyCmdLine, Option<CommandLine>
    );

    /// Waits until the job rests: until it is transferred, in error, suspended or has ended. Gives its state, and
    /// false when the time was over first; no timeout waits for ever. BITS has no such method.
    ///
    /// # Errors
    /// `BG_E_REQUEST_CANCELED` when `cancel` became readable; the job goes on. `BG_E_DISCONNECTED` when the
    /// queue was closed meanwhile.
    pub fn wait(
        &self,
        timeout: Option<Duration>,
        cancel: Option<BorrowedFd<'_>>,
    ) -> Result<(JobState, bool)> {
        self.0.link.wait(self.0.id, timeout, cancel)
    }

    /// Registers who looks at the certificates of servers before the first request to them; `None` clears
    /// (`SetServerCertificateValidationInterface`). What was accepted is not asked about again until the next
    /// registration. What is declined is a transient error with the code of the answer. Not kept when the process ends:
    /// a job that had one then fails with `BG_E_SERVER_CERT_VALIDATION_INTERFACE_REQUIRED` until there is one again.
    ///
    /// # Errors
    /// `BG_E_READ_ONLY_WHEN_JOB_ACTIVE` unless the job is SUSPENDED, in ERROR or TRANSFERRED; `BG_E_ACCESSDENIED` to
    /// anybody but the owner, `BG_E_INVALID_STATE` for a job that ended.
    pub fn set_server_certificate_validation(
        &self,
        validation: Option<Arc<dyn ServerCertificateValidation>>,
    ) -> Result<()> {
        let link = Arc::downgrade(&self.0.link);
        let listener = validation.map(|validation| Arc::new(CertificateAdapter { link, validation }) as _);
        self.0.link.check_certificates(self.0.id, listener)
    }

    /// Registers who hears the events of this job; `None` clears (`SetNotifyInterface`).
    ///
    /// An event that happened before is still told. When it returns, the former callback is not
    /// called any more, unless this is called from inside it. Not kept when the process ends.
    ///
    /// # Errors
    /// `BG_E_INVALID_STATE` for a job that ended.
    pub fn set_callback(&self, callback: Option<Arc<dyn Callback>>) -> Result<()> {
        let link = Arc::downgrade(&self.0.link);
        let listener = callback.map(|callback| Arc::new(Adapter { link, callback }) as _);
        self.0.link.subscribe(self.0.id, listener)
    }

    /// Who hears the events of this job (`GetNotifyInterface`).
    ///
    /// # Errors
    /// `BG_E_NOT_FOUND`, `BG_E_DISCONNECTED`.
    pub fn callback(&self) -> Result<Option<Arc<dyn Callback>>> {
        let listener: Option<Arc<dyn Any + Send + Sync>> =
            self.0.link.listener(self.0.id)?.map(|listener| listener as _);
        let adapter = listener.and_then(|listener| listener.downcast::<Adapter>().ok());
        Ok(adapter.map(|adapter| adapter.callback.clone()))
    }

    /// Bytes of the reply so far, and its size, unknown before it begins (`GetReplyProgress`).
    ///
    /// # Errors
    /// `BG_E_NOTIMPL` for a job that is no upload-reply.
    pub fn reply_progress(&self) -> Result<(u64, u64)> {
        let progress = reply!(self.call(JobCommand::ReplyProgress), FileProgress)?;
        Ok((progress.bytes_transferred, progress.bytes_total))
    }

    /// The reply, empty where there is none (`GetReplyData`).
    ///
    /// # Errors
    /// `BG_E_NOTIMPL` for a job that is no upload-reply, `BG_E_INVALID_STATE` before the reply is here,
    /// `BG_E_TOO_LARGE` for more than 1 MiB: it is read from its file, after Complete.
    pub fn reply_data(&self) -> Result<Vec<u8>> {
        reply!(self.call(JobCommand::ReplyData), Bytes)
    }

    /// Says where the reply goes, an absolute path; `None` and an empty text for a name beside the uploaded file
    /// (`SetReplyFileName`).
    ///
    /// # Errors
    /// `BG_E_NOTIMPL` for a job that is no upload-reply, `BG_E_INVALID_STATE` once the reply is being fetched, and
    /// what [`Job::add_file`] says about local paths.
    pub fn set_reply_file_name(&self, name: Option<&str>) -> Result<()> {
        let name = name.filter(|name| !name.is_empty()).map(str::to_owned);
        self.done(JobCommand::SetReplyFileName(name)).map(drop)
    }

    /// Where the reply goes; none before a name was given or a file added (`GetReplyFileName`).
    ///
    /// # Errors
    /// `BG_E_NOTIMPL` for a job that is no upload-reply.
    pub fn reply_file_name(&self) -> Result<Option<String>> {
        reply!(self.call(JobCommand::ReplyFileName), OptionalText)
    }

    pub(super) fn file_call(&self, command: JobCommand) -> Result<Reply> {
        self.call(command)
    }
}
