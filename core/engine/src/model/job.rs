//! A job: its stored record, its files, and sums kept up to date so that nothing scans the files.

use bgcopy_protocol::enums::{JobPriority, JobState, JobType};
use bgcopy_protocol::flags::{AclFlags, CostFlags, JobPeerCachingFlags, SecurityFlags, TokenFlags};
use bgcopy_protocol::{Guid, limits, upload};
use serde::{Deserialize, Serialize};

use super::command_line::CommandLine;
use super::error::ErrorRecord;
use super::file::{File, NO_ATTEMPT, Stage};
use super::progress::{JobProgress, JobTimes, SIZE_UNKNOWN};
use super::property::{DEFAULT_METHOD, Property, PropertyId, notify};
use super::ranges::Parts;
use super::response_headers::{restore, shorten};
use super::state::JobView;
use crate::transfer::Version;
use crate::transfer::access::AccessRecord;

/// What a new job starts with.
#[derive(Clone, Copy, Debug)]
pub struct Defaults {
    /// Seconds before a retry.
    pub minimum_retry_delay: u32,
    /// Seconds without progress.
    pub no_progress_timeout: u32,
}

impl Default for Defaults {
    fn default() -> Defaults {
        Defaults {
            minimum_retry_delay: limits::DEFAULT_MINIMUM_RETRY_DELAY_S,
            no_progress_timeout: limits::DEFAULT_NO_PROGRESS_TIMEOUT_S,
        }
    }
}

/// Properties of a job for which no program has set a value.
#[derive(Clone, Copy, Debug)]
pub struct Unset {
    /// Seconds in CONNECTING and TRANSFERRING.
    pub maximum_download_time: u32,
    /// Connections of which costs may be used.
    pub cost_flags: CostFlags,
}

/// A job that is about to end: recorded before the first file is touched, so that a crash in the
/// middle is finished at the next open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ending {
    /// `Complete`.
    Publish,
    /// `Cancel`.
    Discard,
}

/// What a job is besides when the legacy queue manager made it: a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The one job of the group.
    pub job: Option<Guid>,
}

/// What is stored of a job besides its files.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JobRecord {
    /// Place in the order of creation.
    pub sequence: u64,
    /// User id of the owner.
    pub owner: u32,
    /// Type.
    pub kind: JobType,
    /// State; CONNECTING and TRANSFERRING are stored as QUEUED.
    pub state: JobState,
    /// Priority.
    pub priority: JobPriority,
    /// Name for people.
    pub display_name: String,
    /// Description for people.
    pub description: String,
    /// Which events are told.
    pub notify_flags: u32,
    /// Seconds before a retry.
    pub minimum_retry_delay: u32,
    /// Seconds without progress.
    pub no_progress_timeout: u32,
    /// Seconds in CONNECTING and TRANSFERRING; `None` for what holds for jobs that have no time of their own.
    pub maximum_download_time: Option<u32>,
    /// Checks of certificates and handling of redirects.
    pub security_flags: SecurityFlags,
    /// The method that fetches files, in place of GET.
    pub http_method: Option<String>,
    /// Headers for every request, encrypted.
    pub custom_headers: Option<Box<[u8]>>,
    /// How servers are reached, and as whom, where that is not the usual way.
    pub access: Option<Box<AccessRecord>>,
    /// Nobody may read the headers any more.
    pub headers_write_only: bool,
    /// When things happened.
    pub times: JobTimes,
    /// What went wrong last.
    pub error: Option<ErrorRecord>,
    /// Failures so far.
    pub error_count: u32,
    /// Nanoseconds spent in CONNECTING and TRANSFERRING since the last Resume.
    pub download_time: u64,
    /// Wall clock of the first transient error since the last progress.
    pub stalled_since: Option<i64>,
    /// Wall clock of the next retry.
    pub retry_at: Option<i64>,
    /// Wall clock of the last call of a program or progress, from which inactivity is reckoned.
    pub touched: i64,
    /// Being completed or cancelled.
    pub ending: Option<Ending>,
    /// What the job allows peers.
    pub peer_caching_flags: JobPeerCachingFlags,
    /// What of owner and access lists is copied.
    pub file_acl_flags: AclFlags,
    /// Connections of which costs may be used; `None` for what holds for jobs of this priority.
    pub cost_flags: Option<CostFlags>,
    /// Class to activate for notifications.
    pub notification_clsid: Guid,
    /// Most bytes of all files together; [`SIZE_UNKNOWN`] for no limit.
    pub max_download_size: u64,
    /// Least milliseconds between two notifications of modification.
    pub minimum_notification_interval: u32,
    /// What to run when it is TRANSFERRED or in ERROR.
    pub notify_cmd_line: Option<CommandLine>,
    /// Only what programs request of the files is fetched.
    pub on_demand: bool,
    /// Servers make the content while they send it.
    pub dynamic_content: bool,
    /// Bytes go to the final names, and progress is not stored.
    pub high_performance: bool,
    /// It was resumed at least once.
    pub resumed: bool,
    /// It is a group of the legacy queue manager.
    pub group: Option<Group>,
    /// What the helper token is used for; the token itself lives in memory only.
    pub helper_token_flags: TokenFlags,
    /// Where the reply to an upload goes, where the program said so.
    pub reply_name: Option<String>,
    /// The headers of the first answer, which those of its files are compared with.
    pub first_headers: Option<Box<str>>,
}

/// A job, as kept in memory.
#[derive(Debug)]
pub struct Job {
    /// Identifier.
    pub id: Guid,
    /// The stored part.
    pub record: JobRecord,
    files: Vec<File>,
    /// No file before this index is waiting.
    first_waiting: usize,
    received: u32,
    done: u32,
    unknown_sizes: u32,
    known_total: u64,
    settled_bytes: u64,
}

impl Job {
    /// A new, suspended job without files.
    #[must_use]
    pub fn new(
        id: Guid,
        sequence: u64,
        owner: u32,
        kind: JobType,
        name: &str,
        now: i64,
        defaults: &Defaults,
    ) -> Job {
        Job::from_record(
            id,
            JobRecord {
                sequence,
                owner,
                kind,
                state: JobState::Suspended,
                priority: JobPriority::Normal,
                display_name: name.to_owned(),
                description: String::new(),
                notify_flags: notify::JOB_TRANSFERRED | notify::JOB_ERROR,
                minimum_retry_delay: defaults.minimum_retry_delay,
                no_progress_timeout: defaults.no_progress_timeout,
                maximum_download_time: None,
                security_flags: SecurityFlags::NONE,
                http_method: None,
                custom_headers: None,
                access: None,
                headers_write_only: false,
                times: JobTimes { creation: now, modification: now, transfer_completion: 0 },
                error: None,
                error_count: 0,
                download_time: 0,
                stalled_since: None,
                retry_at: None,
                touched: now,
                ending: None,
                peer_caching_flags: JobPeerCachingFlags::NONE,
                file_acl_flags: AclFlags::NONE,
                cost_flags: None,
                notification_clsid: Guid::default(),
                max_download_size: SIZE_UNKNOWN,
                minimum_notification_interval: 500,
                notify_cmd_line: None,
                on_demand: false,
                dynamic_content: false,
                high_performance: false,
                resumed: false,
                group: None,
                helper_token_flags: TokenFlags::NONE,
                reply_name: None,
                first_headers: None,
            },
        )
    }

    /// A stored job; its files are added with [`Job::push`].
    #[must_use]
    pub fn from_record(id: Guid, record: JobRecord) -> Job {
        Job {
            id,
            record,
            files: Vec::new(),
            first_waiting: 0,
            received: 0,
            done: 0,
            unknown_sizes: 0,
            known_total: 0,
            settled_bytes: 0,
        }
    }

    /// Its file is sent to a server, not fetched.
    #[must_use]
    pub fn is_upload(&self) -> bool {
        self.record.kind != JobType::Download
    }

    /// How many of the files, from the first on, are the user's own: they are read, and nothing else is done to them.
    #[must_use]
    pub fn own_files(&self) -> usize {
        usize::from(self.is_upload())
    }

    /// The files that programs see: the reply to an upload, which is the second file of its job, is none of them.
    #[must_use]
    pub fn listed(&self) -> &[File] {
        let most = if self.is_upload() { 1 } else { self.files.len() };
        &self.files[..most.min(self.files.len())]
    }

    /// The reply, once the server has the upload.
    #[must_use]
    pub fn reply(&self) -> Option<&File> {
        self.files.get(1).filter(|_| self.is_upload())
    }

    /// Where the reply goes: as the program said, else beside the uploaded file.
    #[must_use]
    pub fn reply_name(&self) -> Option<String> {
        let made = || Some(made_reply_name(&self.files.first()?.local, self.id));
        self.record.reply_name.clone().or_else(made)
    }

    /// The session of an upload ends when the reply is here.
    #[must_use]
    pub fn waits_for_reply(&self) -> bool {
        self.record.kind == JobType::UploadReply && self.reply().is_none_or(|reply| reply.stage < Stage::Done)
    }

    /// What the state machine needs to know.
    #[must_use]
    pub fn view(&self) -> JobView {
        let record = &self.record;
        JobView {
            kind: record.kind,
            state: record.state,
            has_files: !self.files.is_empty(),
            all_done: self.done as usize == self.files.len() && !self.files.is_empty(),
            retries: record.no_progress_timeout != 0
                && record.minimum_retry_delay <= record.no_progress_timeout,
        }
    }

    /// The state.
    #[must_use]
    pub fn state(&self) -> JobState {
        self.record.state
    }

    /// Nothing moves, and nothing will by itself but what is tried again.
    #[must_use]
    pub fn rests(&self) -> bool {
        !matches!(self.state(), JobState::Queued | JobState::Connecting | JobState::Transferring)
    }

    /// ACKNOWLEDGED or CANCELLED.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self.state(), JobState::Acknowledged | JobState::Cancelled)
    }

    /// Every file is at least received.
    #[must_use]
    pub fn all_received(&self) -> bool {
        self.received as usize == self.files.len()
    }

    /// The files, in order of addition.
    #[must_use]
    pub fn files(&self) -> &[File] {
        &self.files
    }

    /// One file.
    #[must_use]
    pub fn file(&self, index: u32) -> Option<&File> {
        self.files.get(index as usize)
    }

    /// Marks that the file's `FileTransferred` was told, or is to be told again.
    pub fn set_told(&mut self, index: u32, told: bool) {
        self.files[index as usize].told = told;
    }

    /// Appends a file.
    pub fn push(&mut self, mut file: File) {
        // Nobody is told of a file that was sent, but of the job.
        file.told = self.files.len() < self.own_files();
        self.count(&file, true);
        self.first_waiting = self.first_waiting.min(self.files.len());
        self.files.push(file);
    }

    /// Room for that many more files.
    pub fn reserve(&mut self, files: usize) {
        self.files.reserve(files);
    }

    /// The first file in order of addition that waits for a worker.
    pub fn next_waiting(&mut self) -> Option<u32> {
        if self.is_upload() {
            // The upload, its reply, and the upload again for the end of its session.
            let next = match self.reply().map(|reply| reply.stage) {
                Some(Stage::Waiting) => 1,
                Some(Stage::Running | Stage::Received) => return None,
                None | Some(Stage::Done | Stage::Published) => 0,
            };
            return self.file(next).filter(|file| file.stage == Stage::Waiting).map(|_| next);
        }
        while self.files.get(self.first_waiting).is_some_and(|file| file.stage != Stage::Waiting) {
            self.first_waiting += 1;
        }
        let waiting = self.files.get(self.first_waiting..)?;
        let wanted = waiting.iter().position(|file| file.is_wanted(self.record.on_demand))?;
        Some(index(self.first_waiting + wanted))
    }

    /// Changes one file and keeps the sums right.
    pub fn update<T>(&mut self, file: u32, change: impl FnOnce(&mut File) -> T) -> T {
        let at = file as usize;
        let mut file = std::mem::replace(&mut self.files[at], File::new("", ""));
        self.count(&file, false);
        let result = change(&mut file);
        self.count(&file, true);
        if file.stage == Stage::Waiting {
            self.first_waiting = self.first_waiting.min(at);
        }
        self.files[at] = file;
        result
    }

    fn count(&mut self, file: &File, add: bool) {
        let flag = |condition: bool| u32::from(condition);
        let (received, done) = (flag(file.stage >= Stage::Received), flag(file.stage >= Stage::Done));
        let unknown = flag(file.size == SIZE_UNKNOWN);
        let known = if file.size == SIZE_UNKNOWN { 0 } else { file.size };
        // A running file's bytes are counted by its attempt.
        let settled = if file.stage == Stage::Running { 0 } else { file.offset };
        if add {
            self.received += received;
            self.done += done;
            self.unknown_sizes += unknown;
            self.known_total = self.known_total.wrapping_add(known);
            self.settled_bytes = self.settled_bytes.wrapping_add(settled);
        } else {
            self.received -= received;
            self.done -= done;
            self.unknown_sizes -= unknown;
            self.known_total = self.known_total.wrapping_sub(known);
            self.settled_bytes = self.settled_bytes.wrapping_sub(settled);
        }
    }

    /// Gives a file another remote name; false when it has that name already.
    ///
    /// What is on disk of an unfinished file stays, for the next attempt to prove that it belongs to the
    /// file of the new name. An ETag means something under its own name only, and proves nothing there.
    pub fn set_remote_name(&mut self, file: u32, name: &str) -> bool {
        if &*self.files[file as usize].remote == name {
            return false;
        }
        self.update(file, |file| {
            file.remote = name.into();
            if file.stage < Stage::Received {
                file.attempt = NO_ATTEMPT;
                if file.stage == Stage::Waiting {
                    file.fall_back();
                }
                if let Some(version) = &mut file.version {
                    version.etag = None;
                }
            }
        });
        true
    }

    /// Progress; `running` gives (received, size) of each running attempt with its file.
    pub fn progress(&self, mut running: impl Iterator<Item = (u32, u64, u64)>) -> JobProgress {
        if self.is_upload() {
            let Some(file) = self.files.first() else { return JobProgress::default() };
            let live = running.find(|(file, ..)| *file == 0).map(|(_, sent, size)| (sent, size));
            let (bytes_transferred, bytes_total) = live.unwrap_or((file.offset, file.size));
            let files_transferred = u32::from(file.stage >= Stage::Done);
            return JobProgress { bytes_total, bytes_transferred, files_total: 1, files_transferred };
        }
        let mut unknown = self.unknown_sizes;
        let mut total = self.known_total;
        let mut bytes = self.settled_bytes;
        for (file, received, size) in running {
            bytes += received;
            let recorded = self.files[file as usize].size;
            if recorded == SIZE_UNKNOWN && size != SIZE_UNKNOWN {
                unknown -= 1;
                total = total.wrapping_add(size);
            } else if recorded != size && size != SIZE_UNKNOWN {
                total = total.wrapping_sub(recorded).wrapping_add(size);
            }
        }
        JobProgress {
            bytes_total: if unknown > 0 { SIZE_UNKNOWN } else { total },
            bytes_transferred: bytes,
            files_total: index(self.files.len()),
            files_transferred: self.done,
        }
    }

    /// Of a file only parts are fetched, or in another order than that of the bytes.
    #[must_use]
    pub fn needs_ranges(&self) -> bool {
        self.record.on_demand || self.files.iter().any(|file| file.parts.is_some())
    }

    /// A job on demand has everything on disk that was requested of its files, and something was.
    #[must_use]
    pub fn is_satisfied(&self) -> bool {
        let has_all = |file: &File| match file.parts.as_deref() {
            _ if file.stage >= Stage::Done => true,
            Some(parts) => parts.is_satisfied(file.remote_size()),
            None => true,
        };
        let requested = |file: &File| file.parts.as_deref().is_some_and(Parts::was_requested);
        self.record.on_demand && self.files.iter().any(requested) && self.files.iter().all(has_all)
    }

    /// Whether an unfinished file goes on in another process where it was.
    #[must_use]
    pub fn stores_progress(&self, file: u32) -> bool {
        let JobRecord { high_performance, dynamic_content, .. } = self.record;
        !(high_performance || dynamic_content) || self.file(file).is_some_and(|file| file.parts.is_some())
    }

    /// The method that fetches or sends files.
    #[must_use]
    pub fn http_method(&self) -> &str {
        let usual = if self.is_upload() { upload::METHOD } else { DEFAULT_METHOD };
        self.record.http_method.as_deref().unwrap_or(usual)
    }

    /// Reads a property; `unset` are the values of those that programs may leave to others.
    #[must_use]
    pub fn property(&self, id: PropertyId, unset: &Unset) -> Property {
        let record = &self.record;
        match id {
            PropertyId::DisplayName => Property::DisplayName(record.display_name.clone()),
            PropertyId::Description => Property::Description(record.description.clone()),
            PropertyId::Priority => Property::Priority(record.priority),
            PropertyId::NotifyFlags => Property::NotifyFlags(record.notify_flags),
            PropertyId::MinimumRetryDelay => Property::MinimumRetryDelay(record.minimum_retry_delay),
            PropertyId::NoProgressTimeout => Property::NoProgressTimeout(record.no_progress_timeout),
            PropertyId::MaximumDownloadTime => Property::MaximumDownloadTime(
                record.maximum_download_time.unwrap_or(unset.maximum_download_time),
            ),
            PropertyId::PeerCachingFlags => Property::PeerCachingFlags(record.peer_caching_flags),
            PropertyId::FileAclFlags => Property::FileAclFlags(record.file_acl_flags),
            PropertyId::NotifyCmdLine => Property::NotifyCmdLine(record.notify_cmd_line.clone()),
            PropertyId::CostFlags => Property::CostFlags(record.cost_flags.unwrap_or(unset.cost_flags)),
            PropertyId::NotificationClsid => Property::NotificationClsid(record.notification_clsid),
            PropertyId::MaxDownloadSize => Property::MaxDownloadSize(record.max_download_size),
            PropertyId::MinimumNotificationInterval => {
                Property::MinimumNotificationInterval(record.minimum_notification_interval)
            }
            PropertyId::OnDemandMode => Property::OnDemandMode(record.on_demand),
            PropertyId::DynamicContent => Property::DynamicContent(record.dynamic_content),
            PropertyId::HighPerformance => Property::HighPerformance(record.high_performance),
            PropertyId::HttpMethod => Property::HttpMethod(self.http_method().to_owned()),
            PropertyId::HelperTokenFlags => Property::HelperTokenFlags(record.helper_token_flags),
            PropertyId::SecurityFlags => Property::SecurityFlags(record.security_flags),
            PropertyId::ProxySettings => {
                Property::ProxySettings(self.access().map(|access| access.proxy.clone()).unwrap_or_default())
            }
            PropertyId::StoredCredentials => {
                Property::StoredCredentials(self.access().is_some_and(|access| access.stored_credentials))
            }
        }
    }

    /// Sets a property; the value was checked.
    pub fn set_property(&mut self, property: Property) {
        let record = &mut self.record;
        match property {
            Property::DisplayName(name) => record.display_name = name,
            Property::Description(text) => record.description = text,
            Property::Priority(priority) => record.priority = priority,
            Property::NotifyFlags(flags) => record.notify_flags = flags,
            Property::MinimumRetryDelay(seconds) => record.minimum_retry_delay = seconds,
            Property::NoProgressTimeout(seconds) => record.no_progress_timeout = seconds,
            Property::MaximumDownloadTime(seconds) => record.maximum_download_time = Some(seconds),
            Property::PeerCachingFlags(flags) => record.peer_caching_flags = flags,
            Property::FileAclFlags(flags) => record.file_acl_flags = flags,
            Property::NotifyCmdLine(line) => record.notify_cmd_line = line,
            Property::CostFlags(flags) => record.cost_flags = Some(flags),
            Property::NotificationClsid(class) => record.notification_clsid = class,
            Property::MaxDownloadSize(bytes) => record.max_download_size = bytes,
            Property::MinimumNotificationInterval(interval) => {
                record.minimum_notification_interval = interval;
            }
            Property::HttpMethod(method) => {
                // Of an upload it is always the one that it has.
                let custom = record.kind == JobType::Download && method != DEFAULT_METHOD;
                record.http_method = Some(method).filter(|_| custom);
                if record.http_method.is_some() {
                    record.priority = JobPriority::Foreground;
                }
            }
            Property::HelperTokenFlags(flags) => record.helper_token_flags = flags,
            Property::SecurityFlags(flags) => record.security_flags = flags,
            Property::ProxySettings(proxy) => self.change_access(|access| access.proxy = proxy),
            Property::StoredCredentials(use_them) => {
                self.change_access(|access| access.stored_credentials = use_them);
            }
            Property::OnDemandMode(on_demand) => record.on_demand = on_demand,
            Property::DynamicContent(dynamic) => record.dynamic_content = dynamic,
            Property::HighPerformance(high_performance) => record.high_performance = high_performance,
        }
    }

    /// How servers are reached, where that is not the usual way.
    #[must_use]
    pub fn access(&self) -> Option<&AccessRecord> {
        self.record.access.as_deref()
    }

    /// Changes how servers are reached; most jobs keep nothing for that.
    pub fn change_access(&mut self, change: impl FnOnce(&mut AccessRecord)) {
        let mut access = self.record.access.take().unwrap_or_default();
        change(&mut access);
        self.record.access = Some(access).filter(|access| **access != AccessRecord::default());
    }

    /// The sum of all known sizes and of `received` bytes of files whose size nobody knows yet, where that is more
    /// than the job may have.
    #[must_use]
    pub fn too_many(&self, received: u64) -> Option<u64> {
        Some(self.known_total.saturating_add(received)).filter(|total| *total > self.record.max_download_size)
    }

    /// Keeps the headers of an answer to a request for a file; true for the first ones.
    pub fn keep_response_headers(&mut self, file: u32, headers: &str) -> bool {
        let is_first = self.record.first_headers.is_none();
        let first = self.record.first_headers.get_or_insert_with(|| headers.into());
        self.files[file as usize].response_headers = Some(shorten(headers, first));
        is_first
    }

    /// The headers of the last answer to a request for a file.
    #[must_use]
    pub fn response_headers(&self, file: u32) -> Option<String> {
        let short = self.file(file)?.response_headers.as_deref()?;
        Some(restore(short, self.record.first_headers.as_deref()?))
    }

    /// Notes the size of a file; the sum of all known sizes where that is more than the job may have.
    pub fn set_size(&mut self, file: u32, size: u64) -> Option<u64> {
        self.update(file, |file| file.size = size);
        Some(self.known_total).filter(|total| *total > self.record.max_download_size)
    }

    /// The version and offset an attempt at this file continues from.
    #[must_use]
    pub fn resume_point(&self, file: u32) -> (u64, Version) {
        let file = &self.files[file as usize];
        (file.offset, file.version.as_deref().cloned().unwrap_or_default())
    }
}

/// A name for the reply to the upload of a file, in the same directory.
#[must_use]
pub fn made_reply_name(local: &str, job: Guid) -> String {
    let (directory, name) = local.rsplit_once('/').unwrap_or(("", local));
    // With what is added a name has at most 255 bytes.
    let mut end = name.len().min(200);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    format!("{directory}/{}.{:08x}.reply", &name[..end], job.data1)
}

/// Files are numbered in 32 bits, as in `BG_JOB_PROGRESS`; `AddFile` refuses more.
fn index(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
