//! What workers do and report.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bgcopy_protocol::{Guid, ResultCode, RetryClass};

use super::checkpoint::Unsynced;
use super::schedule::take_file;
use super::{Locked, Queue};
use crate::model::error::ErrorRecord;
use crate::model::file::Stage;
use crate::model::progress::SIZE_UNKNOWN;
use crate::model::property::notify;
use crate::model::state::JobEvent;
use crate::sys::cancel::CancelToken;
use crate::sys::fs::{Directory, File};
use crate::transfer::sink::{Buffer, RestartRecorder, TempFile};
use crate::transfer::{Download, Observer, TransferError, Version};
use crate::workers::Task;

/// How an attempt ended.
pub(crate) struct Outcome {
    result: Result<Version, TransferError>,
    /// The temporary file, where it was opened: its data may not be on disk.
    file: Option<(Arc<File>, Arc<Directory>)>,
}

impl Queue {
    /// Works at files of one job until there is nothing more to do for this worker.
    pub(crate) fn work(&self, first: Task, buffer: &mut Buffer) {
        let mut next = Some(first);
        while let Some(task) = next {
            let outcome = self.attempt(&task, buffer);
            next = self.report(&task, outcome);
        }
    }

    fn attempt(&self, task: &Task, buffer: &mut Buffer) -> Outcome {
        let attempt = Attempt { queue: self, task };
        let mut sink = match self.open_sink(task, &attempt, buffer) {
            Ok(sink) => sink,
            Err(error) => return Outcome { result: Err(error), file: None },
        };
        // The sink begins at 0 when the part on disk was lost.
        let offset = sink.position();
        let download = Download {
            url: &task.remote,
            foreground: task.foreground,
            offset,
            version: if offset == 0 { Version::default() } else { task.version.clone() },
            headers: &[],
        };
        let mut result = self.http.download(&download, &mut sink, &attempt, &task.cancel);
        if let Ok(version) = &result {
            let modified = version.last_modified.as_deref().and_then(modified);
            if let Err(error) = sink.finish(modified) {
                result = Err(error);
            }
        }
        Outcome { result, file: sink.file() }
    }

    /// Takes the report of a worker; gives it the next file of the job.
    fn report(&self, task: &Task, outcome: Outcome) -> Option<Task> {
        let mut state = self.state.lock();
        let entry = state.entries.get_mut(&task.job)?;
        entry.slot(task.attempt)?;
        let (written, total) = (task.progress.written(), task.progress.total());
        let whole = outcome.result.is_ok();
        let version = outcome.result.as_ref().ok().cloned().or_else(|| task.progress.version());
        let progressed = written > task.offset || whole;
        entry.job.update(task.file, |file| {
            file.offset = written;
            file.size = if whole { written } else { total };
            if whole {
                file.stage = Stage::Received;
                file.version = None;
            } else {
                file.stage = Stage::Waiting;
                file.version = version.clone().map(Box::new);
            }
        });
        if progressed {
            entry.clocks.stalled_since = None;
            entry.clocks.touched = self.now();
        }
        let all_received = entry.job.all_received();
        if let Some((file, directory)) = outcome.file {
            state.add_unsynced(
                Unsynced { job: task.job, file: task.file, attempt: task.attempt, written, version, whole },
                file,
                directory,
            );
        }
        if all_received {
            self.flush_now(&mut state);
        } else {
            self.wake_flusher(&mut state);
        }
        match outcome.result {
            Ok(_) => {
                if let Some(next) = self.next_file(&mut state, task) {
                    return Some(next);
                }
            }
            Err(error) if error.cancelled => {}
            Err(error) => self.failed(&mut state, task, error),
        }
        self.give_back(&mut state, task);
        None
    }

    /// The next file of the job for this worker, if the job may keep it.
    fn next_file(&self, state: &mut Locked<'_>, task: &Task) -> Option<Task> {
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
    fn give_back(&self, state: &mut Locked<'_>, task: &Task) {
        if let Some(entry) = state.entries.get_mut(&task.job) {
            entry.slots.retain(|slot| slot.attempt != task.attempt);
            let idle = entry.slots.is_empty();
            state.running -= 1;
            if idle {
                state.moving.remove(&task.job);
            }
            self.place(state, task.job);
        }
        self.changed.notify_all();
        // A fault is on record already, and workers have nobody to tell.
        let _ = self.commit(state);
    }

    fn failed(&self, state: &mut Locked<'_>, task: &Task, error: TransferError) {
        let Some(entry) = state.entries.get(&task.job) else { return };
        if !entry.is_moving() {
            // Another file of the job failed first, or the program stopped it.
            return;
        }
        log::warn!("job {}: {} [{}]", task.job, error.text, error.code);
        let protocol = task.remote.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        let record = ErrorRecord {
            code: error.code,
            context: error.context,
            file: Some(task.file),
            protocol: protocol.map(Into::into),
            http_status: error.http_status,
            text: error.text,
        };
        let event = match error.class {
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
            && let Some(retry_at) = &mut entry.clocks.retry_at
        {
            *retry_at = at.max(*retry_at);
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

    /// The remote file is another one now: what was received of it is void, durably.
    fn restarted(&self, task: &Task) -> crate::model::error::Result<()> {
        let mut state = self.state.lock();
        if let Some(fault) = &state.fault {
            return Err(fault.clone());
        }
        let entry = state.entry(task.job)?;
        entry.job.update(task.file, |file| {
            file.offset = 0;
            file.durable = 0;
            file.size = SIZE_UNKNOWN;
            file.version = None;
        });
        state.touch_file(task.job, task.file);
        state.tell(task.job, notify::JOB_MODIFICATION, crate::client::link::EventKind::JobModification);
        self.commit(&mut state)
    }
}

/// What the transfer of one file tells while it runs.
struct Attempt<'a> {
    queue: &'a Queue,
    task: &'a Task,
}

impl Observer for Attempt<'_> {
    fn connected(&self) {
        if !self.task.connected {
            self.queue.connected(self.task);
        }
    }

    fn allow(&self, want: usize, _cancel: &CancelToken) -> usize {
        want
    }
}

impl RestartRecorder for Attempt<'_> {
    fn restarted(&self, why: &str) -> Result<(), TransferError> {
        log::info!("job {}: {} starts again: {why}", self.task.job, self.task.remote);
        self.queue.restarted(self.task).map_err(|error| TransferError {
            code: error.code,
            context: bgcopy_protocol::enums::ErrorContext::GeneralQueueManager,
            class: RetryClass::Transient,
            http_status: None,
            retry_after: None,
            text: error.detail,
            cancelled: false,
        })
    }
}

/// The time of a Last-Modified header.
fn modified(text: &str) -> Option<SystemTime> {
    httpdate::parse_http_date(text).ok()
}

pub(super) use crate::transfer::local::code_of;
