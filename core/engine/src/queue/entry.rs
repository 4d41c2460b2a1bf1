//! A job with what it has at run time: workers, timers, listeners.

use std::sync::Arc;
use std::thread::ThreadId;

use bgcopy_protocol::enums::{JobPriority, JobState};

use super::certificate_check::Check;
use super::line::Line;
use crate::client::link::Listener;
use crate::model::file::Stage;
use crate::model::job::Job;
use crate::model::progress::SIZE_UNKNOWN;
use crate::notify::notices::Notices;
use crate::policy::Rules;
use crate::settings::Settings;
use crate::sys::cancel::CancelToken;
use crate::sys::event_fd::EventFd;
use crate::sys::fs::Directories;
use crate::transfer::progress::Progress;

const SECOND: u64 = 1_000_000_000;

/// A job of the queue.
pub(super) struct Entry {
    pub job: Job,
    /// Handles of programs; a job that ended is kept for them.
    pub holders: u32,
    pub slots: Vec<Slot>,
    pub line: Line,
    /// Complete or Cancel is at work: other commands wait.
    pub ending: bool,
    pub notices: Notices,
    pub listener: Option<Arc<dyn Listener>>,
    /// The helper token: the directories that may be used through it.
    pub token: Option<Arc<Directories>>,
    /// Who looks at the certificates of servers.
    pub check: Option<Arc<Check>>,
    /// The program of the job is running.
    pub program: bool,
    /// The thread that is inside a callback of this job.
    pub telling: Option<ThreadId>,
    /// Another listener was registered meanwhile: what the former one answered delays nothing.
    pub replaced: bool,
    /// Already in the list of jobs that may have something to tell.
    pub ready: bool,
    pub clocks: Clocks,
    /// The time this job is registered for with the timer.
    pub timer: Option<u64>,
    /// Signalled when the job rests; there from the first wait on.
    pub rest: Option<EventFd>,
    /// The number of a decision, such as Resume: its next transfer begins once that is durable.
    pub begins_after: u64,
}

/// One worker's place in a job.
pub(super) struct Slot {
    pub attempt: u64,
    pub file: u32,
    pub cancel: CancelToken,
    pub progress: Arc<Progress>,
    /// Bytes that the last checkpoint found, of a file whose progress is not stored.
    pub noticed: u64,
    /// Bytes received of a file whose size nobody knows, where the size of the job is limited.
    pub counted: u64,
}

/// Elapsed-time clocks of a job, in monotonic nanoseconds.
#[derive(Debug, Default)]
pub(super) struct Clocks {
    /// When it entered CONNECTING or TRANSFERRING.
    pub moving_since: Option<u64>,
    pub retry_at: Option<u64>,
    /// Until when a server asked for patience.
    pub patience: u64,
    /// The first transient error since the last progress.
    pub stalled_since: Option<u64>,
    /// The last change or progress.
    pub touched: u64,
    /// When a notification may be told.
    pub notice_at: Option<u64>,
}

/// What a timer of a job is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    Retry,
    NoProgress,
    DownloadTime,
    Inactivity,
    Notice,
}

impl Entry {
    pub fn new(job: Job, now: u64) -> Entry {
        Entry {
            job,
            holders: 0,
            slots: Vec::new(),
            line: Line::default(),
            ending: false,
            notices: Notices::default(),
            listener: None,
            token: None,
            check: None,
            program: false,
            telling: None,
            replaced: false,
            ready: false,
            clocks: Clocks { touched: now, ..Clocks::default() },
            timer: None,
            rest: None,
            begins_after: 0,
        }
    }

    pub fn is_moving(&self) -> bool {
        matches!(self.job.state(), JobState::Connecting | JobState::Transferring)
    }

    /// Nothing happens to the job any more unless somebody acts.
    pub fn rests(&self) -> bool {
        !self.is_moving() && !matches!(self.job.state(), JobState::Queued | JobState::TransientError)
    }

    /// Wakes who waits for the job.
    pub fn wake(&mut self) {
        if let Some(rest) = self.rest.take() {
            rest.signal();
        }
    }

    pub fn is_runnable(&self) -> bool {
        !self.ending && (self.is_moving() || self.job.state() == JobState::Queued)
    }

    /// There is nothing to be fetched for the moment: others may have its turn.
    pub fn has_no_work(&mut self) -> bool {
        // What makes its content while it sends it cannot be slowed down: not for the background.
        (self.job.record.dynamic_content && !self.is_foreground())
            || (self.job.record.on_demand && self.slots.is_empty() && self.job.next_waiting().is_none())
    }

    pub fn is_foreground(&self) -> bool {
        self.job.record.priority == JobPriority::Foreground
    }

    /// How many workers the job may have.
    pub fn limit(&self, settings: &Settings) -> usize {
        let limit = if self.is_foreground() {
            settings.foreground_files_in_flight
        } else {
            settings.background_files_in_flight
        };
        limit.max(1)
    }

    /// (file, received, size) of each running attempt.
    pub fn running(&self) -> impl Iterator<Item = (u32, u64, u64)> + '_ {
        self.slots
            .iter()
            .filter(|slot| self.job.file(slot.file).is_some_and(|file| file.stage == Stage::Running))
            .map(|slot| (slot.file, slot.progress.written(), slot.progress.total().unwrap_or(SIZE_UNKNOWN)))
    }

    pub fn slot(&mut self, attempt: u64) -> Option<&mut Slot> {
        self.slots.iter_mut().find(|slot| slot.attempt == attempt)
    }

    /// Ends all attempts; their workers report within moments.
    pub fn stop(&self) {
        for slot in &self.slots {
            slot.cancel.cancel();
        }
    }

    /// A retry that is waited for comes as the new delay says, but not before the server wants it.
    pub fn delay_retry(&mut self, before: u32, after: u32) {
        let clocks = &mut self.clocks;
        if let Some(at) = clocks.retry_at {
            let failed = at.saturating_sub(u64::from(before) * SECOND);
            let wanted = failed.saturating_add(u64::from(after) * SECOND);
            clocks.retry_at = Some(wanted.max(clocks.patience));
        }
    }

    /// Time spent in CONNECTING and TRANSFERRING since the last Resume.
    pub fn download_time(&self, now: u64) -> u64 {
        let current = self.clocks.moving_since.map_or(0, |since| now.saturating_sub(since));
        self.job.record.download_time.saturating_add(current)
    }

    /// The next thing a timer has to do for this job.
    pub fn next_due(&self, now: u64, rules: &Rules) -> Option<(u64, Due)> {
        if self.job.is_final() || self.ending {
            return None;
        }
        let record = &self.job.record;
        let seconds = |seconds: u32| u64::from(seconds).saturating_mul(SECOND);
        let transient = record.state == JobState::TransientError;
        let inactivity = u64::try_from(rules.job_inactivity_timeout.as_nanos()).unwrap_or(u64::MAX);
        [
            (self.clocks.retry_at.filter(|_| transient), Due::Retry),
            (
                self.clocks
                    .stalled_since
                    .filter(|_| transient)
                    .map(|since| since.saturating_add(seconds(record.no_progress_timeout))),
                Due::NoProgress,
            ),
            (
                self.clocks.moving_since.map(|_| {
                    let most = record.maximum_download_time.unwrap_or(rules.maximum_download_time);
                    let left = seconds(most).saturating_sub(self.download_time(now));
                    now.saturating_add(left)
                }),
                Due::DownloadTime,
            ),
            (Some(self.clocks.touched.saturating_add(inactivity)), Due::Inactivity),
            (self.clocks.notice_at, Due::Notice),
        ]
        .into_iter()
        .filter_map(|(at, due)| Some((at?, due)))
        .min_by_key(|(at, _)| *at)
    }
}
