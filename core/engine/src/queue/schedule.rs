//! Giving workers to jobs, as the scheduler says.

use std::io;
use std::sync::Arc;

use bgcopy_protocol::enums::JobState;
use bgcopy_protocol::{Guid, ResultCode};

use super::commit::local_error;
use super::entry::{Entry, Slot};
use super::{Locked, Queue, State};
use crate::model::file::Stage;
use crate::model::progress::SIZE_UNKNOWN;
use crate::model::state::JobEvent;
use crate::schedule::Background;
use crate::sys::cancel::CancelToken;
use crate::transfer::Version;
use crate::transfer::progress::Progress;
use crate::workers::{Task, Work};

impl Queue {
    /// Puts a job where its state and priority say: among the runnable ones or not.
    pub(super) fn place(&self, state: &mut State, id: Guid) {
        let Some(entry) = state.entries.get_mut(&id) else { return };
        if entry.is_runnable() && !entry.has_no_work() {
            state.lanes.insert(id, entry.job.record.priority);
        } else {
            state.lanes.remove(id);
            state.hungry.remove(id);
        }
        self.feed_hungry(state, id);
        self.retime(state, id);
        state.reschedule = true;
    }

    /// Lines a job up for another worker if it may have one.
    fn feed_hungry(&self, state: &mut State, id: Guid) {
        let Some(entry) = state.entries.get_mut(&id) else { return };
        let turn = entry.is_foreground() || state.lanes.active() == Some(id);
        if turn
            && entry.is_runnable()
            && entry.slots.len() < entry.limit(&self.settings)
            && entry.job.next_waiting().is_some()
        {
            let workers = entry.slots.len();
            state.hungry.insert(id, workers);
        } else {
            state.hungry.remove(id);
        }
    }

    /// Starts what may start and stops what has to make room.
    pub(super) fn schedule(&self, state: &mut Locked<'_>) {
        if state.closing || state.fault.is_some() {
            return;
        }
        let slice = u64::try_from(state.rules.time_slice.as_nanos()).unwrap_or(u64::MAX);
        match state.lanes.background(self.now(), slice) {
            Background::Idle => {}
            Background::Keep(job) => self.feed_hungry(state, job),
            Background::Switch { to, from } => {
                if let Some(from) = from {
                    // A job that is not moving yet has nothing to give up.
                    let _ = self.transition(state, from, JobEvent::Preempted, None);
                    self.feed_hungry(state, from);
                }
                self.feed_hungry(state, to);
            }
        }
        self.set_rate(state);
        let mut blocked = false;
        let mut later = Vec::new();
        while state.running < self.settings.workers {
            let Some(id) = state.hungry.pop() else { break };
            if state.entries.get(&id).is_some_and(|entry| entry.begins_after > state.durable) {
                // Whoever decided that is making it durable, and comes here then.
                later.push(id);
                continue;
            }
            if self.apply_blocks(state, id) {
                // Another job may have its turn.
                blocked = true;
                continue;
            }
            self.start(state, id);
            self.feed_hungry(state, id);
        }
        state.reschedule = blocked || !later.is_empty();
        for id in later {
            self.feed_hungry(state, id);
        }
        self.retime_slice(state);
    }

    fn start(&self, state: &mut State, id: Guid) {
        let Some(entry) = state.entries.get_mut(&id) else { return };
        let Some(file) = entry.job.next_waiting() else { return };
        let cancel = match CancelToken::new() {
            Ok(cancel) => cancel,
            Err(error) => return self.cannot_start(state, id, file, "descriptor", &error),
        };
        if entry.job.state() == JobState::Queued {
            let _ = self.transition(state, id, JobEvent::Turn, None);
        }
        let attempt = state.next_attempt;
        state.next_attempt += 1;
        let Some(entry) = state.entries.get_mut(&id) else { return };
        let slot = Slot {
            attempt,
            file,
            cancel,
            progress: Arc::new(Progress::new(0, Version::default())),
            noticed: 0,
            counted: 0,
        };
        entry.slots.push(slot);
        let Some(task) = take_file(entry, attempt, file) else { return };
        state.running += 1;
        state.moving.insert(id);
        self.wake_flusher(state);
        self.submit(state, task);
    }

    /// Gives a file that has a slot to a worker of its own.
    pub(super) fn submit(&self, state: &mut State, task: Task) {
        let (id, attempt, file) = (task.job, task.attempt, task.file);
        if let Err(error) = self.pool.submit(Work::Transfer(task)) {
            self.take_slot(state, id, attempt);
            if let Some(entry) = state.entries.get_mut(&id) {
                entry.job.update(file, |file| file.stage = Stage::Waiting);
            }
            self.cannot_start(state, id, file, "thread", &error);
        }
    }

    /// The process has run out of something: the job is tried again later.
    fn cannot_start(&self, state: &mut State, id: Guid, file: u32, what: &str, error: &io::Error) {
        let record =
            local_error(ResultCode::from_io(error), Some(file), format!("no {what} for a transfer: {error}"));
        if state.entries.get(&id).is_some_and(|entry| entry.job.state() == JobState::Queued) {
            let _ = self.transition(state, id, JobEvent::Turn, None);
        }
        let _ = self.transition(state, id, JobEvent::TransientFailure, Some(record));
    }

    /// Takes a worker's slot away.
    pub(super) fn take_slot(&self, state: &mut State, id: Guid, attempt: u64) {
        let Some(entry) = state.entries.get_mut(&id) else { return };
        entry.slots.retain(|slot| slot.attempt != attempt);
        let idle = entry.slots.is_empty();
        state.running -= 1;
        if idle {
            state.moving.remove(&id);
        }
    }
}

/// Gives a file to a worker's slot.
pub(super) fn take_file(entry: &mut Entry, attempt: u64, file: u32) -> Option<Task> {
    let cancel = entry.slot(attempt)?.cancel.clone();
    let foreground = entry.is_foreground();
    entry.job.update(file, |file| {
        file.stage = Stage::Running;
        file.attempt = attempt;
    });
    let (offset, mut version) = entry.job.resume_point(file);
    let (job, record, names) = (&entry.job, &entry.job.record, entry.job.file(file)?);
    let size = Some(names.size).filter(|size| *size != SIZE_UNKNOWN);
    let upload = (job.is_upload() && file == 0).then(|| names.upload.clone().unwrap_or_default());
    if upload.is_some() {
        version.size = size;
    }
    let progress = Arc::new(match &names.parts {
        Some(parts) => Progress::of_parts(parts.filled.clone(), size, version.clone()),
        None => Progress::new(offset, version.clone()),
    });
    let task = Task {
        job: job.id,
        attempt,
        file,
        remote: names.remote.clone(),
        local: names.local.clone(),
        offset,
        version,
        foreground,
        security: record.security_flags,
        dynamic: record.dynamic_content,
        direct: record.high_performance,
        method: record.http_method.as_deref().map(Into::into),
        headers: record.custom_headers.clone(),
        access: record.access.clone(),
        token_flags: record.helper_token_flags,
        token: entry.token.clone(),
        limited: record.max_download_size != SIZE_UNKNOWN,
        parts: names.parts.is_some(),
        upload,
        waits_for_reply: job.waits_for_reply(),
        connected: job.state() == JobState::Transferring,
        cancel,
        progress: progress.clone(),
        ahead: None,
    };
    let slot = entry.slot(attempt)?;
    (slot.file, slot.progress, slot.noticed, slot.counted) = (file, progress, 0, 0);
    Some(task)
}
