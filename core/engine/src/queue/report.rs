//! What workers do and report.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bgcopy_protocol::enums::ErrorContext;
use bgcopy_protocol::file_range::RangeSet;
use bgcopy_protocol::flags::{AclFlags, RedirectPolicy, TokenFlags};
use bgcopy_protocol::{Guid, ResultCode, RetryClass};

use super::checkpoint::Unsynced;
use super::line::{Next, SMALL};
use super::schedule::take_file;
use super::size_limit::SizeLimit;
use super::{Locked, Queue};
use crate::model::error::{Error, ErrorRecord};
use crate::model::file::Stage;
use crate::model::progress::SIZE_UNKNOWN;
use crate::model::property::notify;
use crate::model::state::JobEvent;
use crate::sys::cancel::CancelToken;
use crate::sys::crash;
use crate::sys::fs::{Directory, File};
use crate::transfer::access::Access;
use crate::transfer::copy::{self, Source};
use crate::transfer::destination::{Target, growing_path};
use crate::transfer::http::Ahead;
use crate::transfer::http::url::check_url;
use crate::transfer::progress::Progress;
use crate::transfer::remote_name;
use crate::transfer::share::is_share;
use crate::transfer::sink::{Buffer, OpenError, RestartRecorder, TempFile};
use crate::transfer::{Download, Observer, Sink as _, TransferError, Version};
use crate::workers::Task;

/// Others may have taken the bytes that were waited for, or the limit was lifted: ask again.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// How an attempt ended.
pub(crate) struct Outcome {
    pub(super) result: Result<Version, TransferError>,
    /// What was written and may not be on disk.
    pub(super) unsynced: Option<(Unsynced, Arc<File>, Arc<Directory>)>,
}

impl Outcome {
    /// An attempt that came to nothing.
    pub(super) fn failed(error: TransferError) -> Outcome {
        Outcome { result: Err(error), unsynced: None }
    }

    /// An attempt that may have brought a part of the file.
    pub(super) fn cut_short(task: &Task, failed: Failed, directory: Arc<Directory>) -> Outcome {
        let snapshot = task.progress.snapshot();
        task.progress.close();
        let unsynced = snapshot.map(|snapshot| {
            let item = Unsynced::new(task, snapshot.epoch, snapshot.written, &snapshot.version, false);
            (item, snapshot.file, directory)
        });
        let error = match failed {
            Failed::Transfer(error) => error,
            Failed::Lost(why) => TransferError::local(ResultCode::BG_E_WIN32_FILE_NOT_FOUND, why),
        };
        Outcome { result: Err(error), unsynced }
    }
}

impl Queue {
    /// Works at files of one job until there is nothing more to do for this worker.
    pub(crate) fn work(&self, first: Task, buffer: &mut Buffer) {
        let mut next = Some(first);
        while let Some(mut task) = next {
            if let Some(session) = task.upload.take() {
                next = match self.work_upload(&mut task, &session, buffer) {
                    Next::Now(task) => task,
                    Next::InLine(task) => Some(task),
                };
                continue;
            }
            let began = self.now();
            let outcome = self.attempt(&mut task, buffer);
            next = match self.report(&task, outcome, began) {
                Next::Now(task) => task,
                Next::InLine(task) => self.line_up(task),
            };
        }
    }

    /// Puts in place of the name of a share where it is.
    pub(super) fn find_share(&self, task: &mut Task) -> Result<(), TransferError> {
        if !is_share(&task.remote) {
            return Ok(());
        }
        let shares = self.state.lock().rules.shares.clone();
        let real = shares.resolve(&task.remote).map_err(|why| {
            let text = format!("{}: {why}", remote_name::shown(&task.remote));
            TransferError::new(ResultCode::BG_E_INVALIDARG, ErrorContext::RemoteFile, text).fatal()
        })?;
        task.remote = real.into();
        Ok(())
    }

    fn attempt(&self, task: &mut Task, buffer: &mut Buffer) -> Outcome {
        if let Err(error) = self.find_share(task) {
            return Outcome::failed(error);
        }
        if task.parts {
            return self.attempt_parts(task, buffer);
        }
        let path: &Path = task.local.as_ref().as_ref();
        let temp = growing_path(path, task.job, task.file, task.direct);
        let directories = self.directories_of(task, TokenFlags::LOCAL_FILE);
        let target = directories.and_then(|directories| Target::open(directories, path, &temp, self.now()));
        let target = match target {
            Ok(target) => target,
            Err(error) => return Outcome::failed(error),
        };
        let directory = Arc::clone(&target.directory);
        let mut result = self.fetch(task, target.clone(), buffer);
        if let Err(Failed::Lost(why)) = result {
            result = self.begin_again(task, &why).and_then(|()| self.fetch(task, target.clone(), buffer));
        }
        if let Err(Failed::Transfer(error)) = &result
            && let Some(origin) = self.reply_at_origin(task, error)
        {
            let bound = std::mem::replace(&mut task.remote, origin.into());
            match self.fetch(task, target, buffer) {
                Ok(found) => result = Ok(found),
                // What is told is what the server said of it.
                Err(_) => task.remote = bound,
            }
        }
        match result {
            Ok((version, file)) => {
                let item =
                    Unsynced::new(task, task.progress.epoch(), task.progress.written(), &version, true);
                Outcome { result: Ok(version), unsynced: Some((item, file, directory)) }
            }
            Err(failed) => Outcome::cut_short(task, failed, directory),
        }
    }

    /// Sends the request of a file whose turn is not yet, where that can be done.
    pub(super) fn send_ahead(&self, task: &Task) -> Option<Ahead> {
        if task.parts {
            return None;
        }
        let headers = self.headers_of(task.job, task.headers.as_deref()).ok()?;
        let access = self.access_of(task.job, task.access.as_deref()).ok()?;
        self.http.send_ahead(&download(task, &headers, access.as_ref()), &task.cancel)
    }

    fn fetch(
        &self,
        task: &mut Task,
        target: Target,
        buffer: &mut Buffer,
    ) -> Result<(Version, Arc<File>), Failed> {
        let ahead = task.ahead.take();
        let task = &*task;
        let attempt = Attempt { queue: self, task };
        let progress = Arc::clone(&task.progress);
        let mut sink = TempFile::open(target, progress, &attempt, &*self.clock, buffer)?;
        if task.remote.is_empty() {
            // An upload that was not replied to: its reply is an empty file.
            let version = Version { size: Some(0), ..Version::default() };
            sink.begin(&version)?;
            let file = sink.finish(None, None)?;
            return Ok((version, file));
        }
        if remote_name::is_file(&task.remote) {
            return Ok(self.copy(task, sink, &attempt)?);
        }
        let headers = self.headers_of(task.job, task.headers.as_deref())?;
        let access = self.access_of(task.job, task.access.as_deref())?;
        let download = download(task, &headers, access.as_ref());
        let version = if task.limited {
            let mut limit = SizeLimit { queue: self, task, sink: &mut sink, received: None };
            self.http.download_after(ahead, &download, &mut limit, &attempt, &task.cancel)?
        } else {
            self.http.download_after(ahead, &download, &mut sink, &attempt, &task.cancel)?
        };
        let modified = version.last_modified.as_deref().and_then(modified);
        let file = sink.finish(modified, None)?;
        Ok((version, file))
    }

    /// The remote file is one of this machine, or of a share that is mounted on it.
    fn copy(
        &self,
        task: &Task,
        mut sink: TempFile<'_>,
        attempt: &Attempt<'_>,
    ) -> Result<(Version, Arc<File>), TransferError> {
        let path = remote_name::file_path(&task.remote).map_err(|why| {
            let text = format!("the remote name cannot be copied: {why}");
            TransferError::new(ResultCode::BG_E_INVALIDARG, ErrorContext::RemoteFile, text)
        })?;
        let source =
            Source::open(self.directories_of(task, TokenFlags::NETWORK)?, &path, ErrorContext::RemoteFile)?;
        let accept = |size| if task.limited { self.check_size(task, size) } else { Ok(()) };
        let copied = copy::copy(&source, &mut sink, &task.version, &accept, attempt, &task.cancel)?;
        let file = copy::finish(&source, sink, &copied, self.acl_flags(task))?;
        Ok((copied.version, file))
    }

    /// What goes along with the bytes is decided when they are there.
    pub(super) fn acl_flags(&self, task: &Task) -> AclFlags {
        let state = self.state.lock();
        state.entries.get(&task.job).map_or(AclFlags::NONE, |entry| entry.job.record.file_acl_flags)
    }

    /// The part that was there is gone: the file is fetched from its beginning.
    pub(super) fn begin_again(&self, task: &mut Task, why: &str) -> Result<(), Failed> {
        Attempt { queue: self, task }.restarted(0, why)?;
        crash::point("loss-recorded");
        task.offset = 0;
        task.version = Version::default();
        task.progress = Arc::new(match task.parts {
            true => Progress::of_parts(RangeSet::default(), None, Version::default()),
            false => Progress::new(0, Version::default()),
        });
        if let Some(slot) =
            self.state.lock().entries.get_mut(&task.job).and_then(|entry| entry.slot(task.attempt))
        {
            slot.progress = Arc::clone(&task.progress);
        }
        Ok(())
    }

    /// Takes the report of a worker; gives it the next file of the job.
    pub(super) fn report(&self, task: &Task, outcome: Outcome, began: u64) -> Next {
        let mut state = self.state.lock();
        let next = self.take_report(&mut state, task, outcome, began);
        self.follow_up(&mut state, task.job, next)
    }

    fn take_report(&self, state: &mut Locked<'_>, task: &Task, outcome: Outcome, began: u64) -> Option<Task> {
        let entry = state.entries.get_mut(&task.job)?;
        entry.slot(task.attempt)?;
        let (written, total) = (task.progress.written(), task.progress.total().unwrap_or(SIZE_UNKNOWN));
        // All that was requested may be less than the file.
        let whole = outcome.result.is_ok() && (!task.parts || written == total);
        let filled = task.progress.filled();
        // A checkpoint that failed meanwhile made the attempt's bytes suspect.
        let trusted = entry.job.file(task.file).is_some_and(|file| file.attempt == task.attempt);
        let version = outcome.unsynced.as_ref().map(|(item, ..)| item.version.clone());
        let headers = task.progress.take_response_headers();
        let stored = whole || entry.job.stores_progress(task.file);
        let dynamic = task.dynamic;
        entry.job.update(task.file, |file| {
            if !trusted {
                file.stage = Stage::Waiting;
                file.fall_back();
            } else if dynamic && !whole {
                file.stage = Stage::Waiting;
                file.lose();
            } else if whole {
                file.stage = Stage::Received;
                file.offset = written;
                file.size = written;
                file.version = None;
            } else {
                file.stage = Stage::Waiting;
                file.offset = written;
                file.size = total;
                if let Some(version) = version {
                    file.version = Some(Box::new(version));
                }
            }
            if let Some(parts) = file.parts.as_mut().filter(|_| trusted) {
                parts.filled = filled.unwrap_or_else(|| RangeSet::prefix(written));
            }
        });
        let is_first = headers.as_deref().map(|headers| entry.job.keep_response_headers(task.file, headers));
        let now = self.now();
        if written > task.offset || whole {
            entry.clocks.stalled_since = None;
            entry.clocks.touched = now;
        }
        entry.line.judge(whole.then_some(written), now.saturating_sub(began));
        // The session of an upload waits for its reply to be durable.
        let waited_for = entry.job.all_received() || (whole && entry.job.is_upload());
        if let Some((item, file, directory)) = outcome.unsynced.filter(|_| trusted && stored) {
            state.add_unsynced(item, file, directory);
        }
        if is_first == Some(true) {
            state.touch_job(task.job);
        }
        if is_first.is_some() && !whole {
            state.touch_file(task.job, task.file);
        }
        if waited_for || (task.parts && outcome.result.is_ok()) {
            self.flush_now(state);
        } else {
            self.wake_flusher(state);
        }
        match outcome.result {
            Ok(_) => {
                if let Some(next) = self.next_file(state, task) {
                    return Some(next);
                }
            }
            // Whoever stopped the attempt may have repaired what it failed of.
            Err(error) if error.cancelled || task.cancel.is_cancelled() => {}
            Err(error) => self.failed(state, task, error),
        }
        self.give_back(state, task);
        None
    }

    /// The next file of the job for this worker, if the job may keep it.
    pub(super) fn next_file(&self, state: &mut Locked<'_>, task: &Task) -> Option<Task> {
        let alone_hungry = state.hungry.is_empty();
        let entry = state.entries.get_mut(&task.job)?;
        let crowded = entry.slots.len() > 1 && !alone_hungry;
        if task.cancel.is_cancelled()
            || !entry.is_runnable()
            || entry.slots.len() > entry.limit(&self.settings)
            || crowded
        {
            return None;
        }
        let file = entry.job.next_waiting()?;
        take_file(entry, task.attempt, file)
    }

    /// Takes the worker's slot away.
    pub(super) fn give_back(&self, state: &mut Locked<'_>, task: &Task) {
        self.take_slot(state, task.job, task.attempt);
        self.place(state, task.job);
        self.rest_if_satisfied(state, task.job);
        self.changed.notify_all();
        // A fault is on record already, and workers have nobody to tell.
        let _ = self.commit(state);
    }

    pub(super) fn failed(&self, state: &mut Locked<'_>, task: &Task, error: TransferError) {
        let Some(entry) = state.entries.get(&task.job) else { return };
        if !entry.is_moving() {
            // Another file of the job failed first, or the program stopped it.
            return;
        }
        log::warn!("job {}: {} [{}]", task.job, error.text, error.code);
        let protocol = Some(remote_name::protocol(&task.remote));
        let record = ErrorRecord {
            code: error.code,
            context: error.context,
            // A reply is told as the upload it belongs to.
            file: Some(if entry.job.is_upload() { 0 } else { task.file }),
            protocol: protocol.map(Into::into),
            http_status: error.http_status,
            text: error.text,
        };
        let event = match error.class {
            // What such a request did before it failed is not known: the program decides about another.
            RetryClass::Transient | RetryClass::Waiting if task.method.is_some() => JobEvent::FatalFailure,
            RetryClass::Transient => JobEvent::TransientFailure,
            RetryClass::Waiting => JobEvent::Blocked,
            RetryClass::Fatal | RetryClass::NotAJobError => JobEvent::FatalFailure,
        };
        if self.transition(state, task.job, event, Some(record)).is_ok()
            && let Some(after) = error.retry_after
        {
            self.retry_not_before(state, task.job, after);
        }
    }

    /// The server asked for more patience than the job's retry delay.
    fn retry_not_before(&self, state: &mut Locked<'_>, id: Guid, after: Duration) {
        let at = self.now().saturating_add(u64::try_from(after.as_nanos()).unwrap_or(u64::MAX));
        if let Some(entry) = state.entries.get_mut(&id)
            && let Some(retry_at) = entry.clocks.retry_at.filter(|retry_at| *retry_at < at)
        {
            entry.clocks.retry_at = Some(at);
            entry.clocks.patience = at;
            let later = i64::try_from(at - retry_at).unwrap_or(i64::MAX);
            entry.job.record.retry_at = entry.job.record.retry_at.map(|wall| wall.saturating_add(later));
            state.touch_job(id);
        }
        self.retime(state, id);
    }

    fn connected(&self, task: &Task) {
        let mut state = self.state.lock();
        if state.entries.get_mut(&task.job).is_some_and(|entry| entry.slot(task.attempt).is_some())
            && !task.cancel.is_cancelled()
        {
            // Another file of the job was first.
            let _ = self.transition(&mut state, task.job, JobEvent::Connected, None);
            let _ = self.commit(&mut state);
        }
    }

    /// A redirect led to `url`, which the program wants to be the remote name from now on.
    fn renamed(&self, task: &Task, url: &str) {
        if let Err(why) = check_url(url) {
            log::warn!("job {}: the remote name stays as it is after a redirect: {why}", task.job);
            return;
        }
        let mut state = self.state.lock();
        let Some(entry) = state.entries.get_mut(&task.job) else { return };
        if task.cancel.is_cancelled() || entry.slot(task.attempt).is_none() {
            return;
        }
        entry.job.update(task.file, |file| file.remote = url.into());
        state.touch_name(task.job, task.file);
        self.modified(&mut state, task.job);
        // A fault is on record already, and workers have nobody to tell.
        let _ = self.commit(&mut state);
    }

    /// The remote file is another one now: what was received of it is void, durably.
    fn restarted(&self, task: &Task) -> crate::model::error::Result<()> {
        let mut state = self.state.lock();
        if let Some(fault) = &state.fault {
            return Err(fault.clone());
        }
        let entry = state.entry(task.job)?;
        entry.job.update(task.file, |file| {
            file.lose();
            file.upload = None;
            file.size = SIZE_UNKNOWN;
        });
        entry.notices.void(task.file);
        state.touch_file(task.job, task.file);
        state.tell(task.job, notify::JOB_MODIFICATION, crate::client::link::EventKind::JobModification);
        self.commit(&mut state)
    }
}

/// What the transfer of a task's file is about.
fn download<'a>(
    task: &'a Task,
    headers: &'a [(String, String)],
    access: Option<&'a Access<'a>>,
) -> Download<'a> {
    Download {
        url: &task.remote,
        foreground: task.foreground,
        offset: task.offset,
        version: task.version.clone(),
        dynamic: task.dynamic,
        method: task.method.as_deref(),
        security: task.security,
        headers,
        access,
    }
}

/// Why an attempt did not bring the whole file.
pub(super) enum Failed {
    /// The part on disk is gone; the text says how.
    Lost(String),
    Transfer(TransferError),
}

impl From<TransferError> for Failed {
    fn from(error: TransferError) -> Failed {
        Failed::Transfer(error)
    }
}

impl From<OpenError> for Failed {
    fn from(error: OpenError) -> Failed {
        match error {
            OpenError::Lost(why) => Failed::Lost(why),
            OpenError::Failed(error) => Failed::Transfer(error),
        }
    }
}

/// What the transfer of one file tells while it runs.
pub(super) struct Attempt<'a> {
    pub queue: &'a Queue,
    pub task: &'a Task,
}

impl Observer for Attempt<'_> {
    fn connected(&self) {
        if !self.task.connected {
            self.queue.connected(self.task);
        }
    }

    fn accepts(&self, place: &str, chain: &[&[u8]]) -> Result<(), TransferError> {
        self.queue.accepts(self.task, place, chain)
    }

    fn answered(&self, headers: String) {
        self.task.progress.set_response_headers(headers);
    }

    fn body(&self, bytes: u64) {
        if bytes > SMALL {
            self.queue.spread_out(self.task.job);
        }
    }

    fn redirected(&self, url: &str) {
        if self.task.security.redirect_policy() != RedirectPolicy::AllowSilent {
            self.queue.renamed(self.task, url);
        }
    }

    fn allow(&self, want: usize, cancel: &CancelToken) -> usize {
        if self.task.foreground {
            return want;
        }
        loop {
            let grant = self.queue.allowance.lock().take(self.queue.now(), want);
            if grant.bytes > 0 || want == 0 {
                return grant.bytes;
            }
            if cancel.wait(grant.wait.min(LONGEST_PAUSE)) {
                return 0;
            }
        }
    }

    fn is_limited(&self) -> bool {
        !self.task.foreground && self.queue.allowance.lock().is_limited()
    }

    fn unused(&self, bytes: usize) {
        if !self.task.foreground && bytes > 0 {
            self.queue.allowance.lock().give_back(bytes);
        }
    }
}

impl RestartRecorder for Attempt<'_> {
    fn restarted(&self, _epoch: u64, why: &str) -> Result<(), TransferError> {
        log::info!("job {}: {} starts again: {why}", self.task.job, self.task.remote);
        self.queue.restarted(self.task).map_err(unrecorded)
    }
}

/// What an attempt found out could not be made durable.
pub(super) fn unrecorded(error: Error) -> TransferError {
    TransferError::new(error.code, ErrorContext::GeneralQueueManager, error.detail).transient()
}

/// The time of a Last-Modified header.
pub(super) fn modified(text: &str) -> Option<SystemTime> {
    httpdate::parse_http_date(text).ok()
}
