//! Carrying out a step of the state machine in memory.

use bgcopy_protocol::Guid;
use bgcopy_protocol::enums::{ErrorContext, JobState};
use bgcopy_protocol::file_range::RangeSet;

use super::{Queue, State, Tell};
use crate::client::link::{Event, EventKind};
use crate::model::error::{Error, ErrorRecord};
use crate::model::property::notify;
use crate::model::state::{Failure, JobEvent, NotAllowed, step};

const SECOND: u64 = 1_000_000_000;

impl From<NotAllowed> for Error {
    fn from(refused: NotAllowed) -> Error {
        Error::from(refused.code)
    }
}

impl Queue {
    /// Lets an event happen to a job; `failure` is the record of a reported error.
    ///
    /// The caller commits. Nothing is told and no attempt starts before that.
    ///
    /// # Errors
    /// The job does not take the event; nothing has changed.
    pub(super) fn transition(
        &self,
        state: &mut State,
        id: Guid,
        event: JobEvent,
        failure: Option<ErrorRecord>,
    ) -> Result<(), NotAllowed> {
        let (now, wall) = (self.now(), self.wall());
        let Some(entry) = state.entries.get_mut(&id) else { return Ok(()) };
        let before = entry.job.state();
        let was_moving = entry.is_moving();
        let next = step(&entry.job.view(), event)?;
        let effects = next.effects;

        if effects.stop {
            entry.stop();
        }
        let download_time = entry.download_time(now);
        entry.job.record.state = next.next;
        match (was_moving, entry.is_moving()) {
            (false, true) => entry.clocks.moving_since = Some(now),
            (true, false) => {
                entry.clocks.moving_since = None;
                entry.job.record.download_time = download_time;
            }
            _ => {}
        }
        entry.job.record.resumed |= event == JobEvent::Resume;
        if effects.reset_download_time {
            entry.job.record.download_time = 0;
        }
        // CONNECTING and TRANSFERRING are not stored: entering them costs no write.
        let mut stored = !matches!(event, JobEvent::Turn | JobEvent::Connected);
        let record = &mut entry.job.record;
        match effects.error {
            Some(Failure::Reported) => record.error = failure,
            Some(Failure::Code(code)) => {
                record.error = Some(ErrorRecord {
                    code,
                    context: ErrorContext::GeneralQueueManager,
                    file: None,
                    protocol: None,
                    http_status: None,
                    text: code.text().into(),
                });
            }
            None => {}
        }
        if effects.clear_error && record.error.take().is_some() {
            stored = true;
        }
        record.error_count += u32::from(effects.count);
        if effects.retry {
            let delay = u64::from(record.minimum_retry_delay) * SECOND;
            entry.clocks.retry_at = Some(now.saturating_add(delay));
            entry.clocks.patience = 0;
            entry.clocks.stalled_since.get_or_insert(now);
        } else if next.next != JobState::TransientError {
            entry.clocks.retry_at = None;
        }
        if effects.reset_no_progress {
            entry.clocks.stalled_since = None;
        }
        if effects.completed {
            record.times.transfer_completion = wall;
        }
        record.times.modification = wall;
        if touches(event) {
            entry.clocks.touched = now;
        }
        let wall_of = |at: &u64| wall.saturating_add(signed_difference(*at, now));
        let clocks = &entry.clocks;
        record.touched = wall_of(&clocks.touched);
        record.retry_at = clocks.retry_at.as_ref().map(wall_of);
        record.stalled_since = clocks.stalled_since.as_ref().map(wall_of);

        if before != next.next && matches!(before, JobState::Transferred | JobState::Error) {
            entry.notices.left_state();
        }
        let mut tell = None;
        if effects.tell_transferred {
            entry.notices.transferred();
            tell = Some((notify::JOB_TRANSFERRED, EventKind::JobTransferred));
        } else if effects.tell_error {
            entry.notices.error();
            let record = record.error.clone().map(Box::new);
            tell = record.map(|record| (notify::JOB_ERROR, EventKind::JobError(record)));
        } else if effects.tell_modification {
            entry.notices.modified();
            tell = Some((notify::JOB_MODIFICATION, EventKind::JobModification));
        }
        let begins = matches!(event, JobEvent::Resume) && before != next.next;
        if stored {
            state.touch_job(id);
        }
        if begins && let Some(entry) = state.entries.get_mut(&id) {
            entry.begins_after = state.decided;
        }
        if let Some((flag, kind)) = tell {
            state.tell(id, flag, kind);
        }
        state.tell_rest(id);
        self.place(state, id);
        if before != next.next {
            log::debug!("job {id}: {event:?}: {before:?} -> {:?}", next.next);
        }
        Ok(())
    }

    /// Records that a job changed in a way that is no state change.
    pub(super) fn modified(&self, state: &mut State, id: Guid) {
        let (now, wall) = (self.now(), self.wall());
        if let Some(entry) = state.entries.get_mut(&id) {
            entry.job.record.times.modification = wall;
            entry.clocks.touched = now;
            entry.job.record.touched = wall;
            entry.notices.modified();
            state.touch_job(id);
            state.tell(id, notify::JOB_MODIFICATION, EventKind::JobModification);
        }
    }
}

/// Whether the event shows that somebody wants the job, or that it gets on; failing again and again does not.
fn touches(event: JobEvent) -> bool {
    matches!(
        event,
        JobEvent::Resume
            | JobEvent::Suspend
            | JobEvent::Complete
            | JobEvent::PublishFailed
            | JobEvent::AddFiles
            | JobEvent::Set
            | JobEvent::ValidationFailed
            | JobEvent::AllTransferred
    )
}

/// `a - b` of monotonic times.
fn signed_difference(a: u64, b: u64) -> i64 {
    i64::try_from(i128::from(a) - i128::from(b)).unwrap_or(i64::MAX)
}

impl State {
    /// Wakes those who wait for the job once it is durable that it rests.
    pub(super) fn tell_rest(&mut self, id: Guid) {
        if self.entries.get(&id).is_some_and(|entry| entry.rest.is_some() && entry.rests()) {
            self.tells.push_back((self.decided, Tell::Rest(id)));
        }
    }

    /// Notes that these bytes of a file arrived.
    pub(super) fn tell_arrived(&mut self, id: Guid, file: u32, ranges: &RangeSet) {
        if ranges.is_empty() {
            return;
        }
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.notices.arrived(file, ranges);
        }
        let kind = EventKind::FileRangesTransferred(file, ranges.to_ranges());
        self.tell(id, notify::FILE_RANGES_TRANSFERRED, kind);
    }

    /// Notes that there is something to tell once everything decided so far is durable.
    pub(super) fn tell(&mut self, id: Guid, flag: u32, kind: EventKind) {
        let Some(entry) = self.entries.get(&id) else { return };
        let flags = entry.job.record.notify_flags;
        if flags & notify::DISABLE != 0 || flags & flag == 0 {
            return;
        }
        if entry.listener.is_some() || entry.job.record.notify_cmd_line.is_some() {
            self.tells.push_back((self.decided, Tell::Listener(id)));
        }
        if self.feed.is_some() {
            self.tells.push_back((self.decided, Tell::Feed(Event { job: id, kind })));
        }
    }
}
