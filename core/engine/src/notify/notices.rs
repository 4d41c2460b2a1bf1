//! What a job has to tell, in which order and when: pure, time is an argument.

use std::collections::BTreeMap;

use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::JobState;
use bgcopy_protocol::file_range::RangeSet;

use crate::client::link::EventKind;
use crate::model::file::Stage;
use crate::model::job::Job;
use crate::model::property::notify;

/// Longest time before a callback that failed is called again, in seconds, whatever the retry delay of its job.
pub const LONGEST_REPEAT: u32 = 60;
const SECOND: u64 = 1_000_000_000;

/// What a job has to tell.
#[derive(Debug, Default)]
pub struct Notices {
    transferred: bool,
    error: bool,
    modification: bool,
    /// Every file before this index has been told.
    first_untold: u32,
    repeat_at: Option<u64>,
    /// When the last one was told.
    modification_told: Option<u64>,
    /// What arrived of which files.
    arrived: BTreeMap<u32, RangeSet>,
    /// When the last ones were told.
    ranges_told: Option<u64>,
}

/// What to do for a job now.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// Tell this.
    Tell(EventKind),
    /// Nothing before this time.
    Wait(u64),
    /// Nothing.
    Nothing,
}

impl Notices {
    /// The job became TRANSFERRED, or is found so when the queue is opened.
    pub fn transferred(&mut self) {
        self.transferred = true;
    }

    /// The job went to ERROR, or is found there when the queue is opened.
    pub fn error(&mut self) {
        self.error = true;
    }

    /// Something else changed.
    pub fn modified(&mut self) {
        self.modification = true;
    }

    /// The job left TRANSFERRED or ERROR: what was not told by now is out of date.
    pub fn left_state(&mut self) {
        self.transferred = false;
        self.error = false;
        self.repeat_at = None;
    }

    /// These bytes of a file arrived.
    pub fn arrived(&mut self, file: u32, ranges: &RangeSet) {
        self.arrived.entry(file).or_default().extend(ranges);
    }

    /// What arrived of a file is void.
    pub fn void(&mut self, file: u32) {
        self.arrived.remove(&file);
    }

    /// A file is to be told again.
    pub fn untold(&mut self, file: u32) {
        self.first_untold = self.first_untold.min(file);
    }

    /// A new listener: what failed before is told to it at once.
    pub fn new_listener(&mut self) {
        self.repeat_at = None;
    }

    /// What to tell now; it counts as told until [`Notices::answered`] says otherwise.
    ///
    /// `heard` are the events somebody is there for. The `interval` holds from the last one on, also when it is
    /// another one by now. What failed holds back what has to come behind it, and nothing else.
    pub fn next(&mut self, job: &mut Job, now: u64, interval: u64, heard: u32) -> Next {
        if job.record.notify_flags & notify::DISABLE != 0 {
            return Next::Nothing;
        }
        let flags = job.record.notify_flags & heard;
        let due = |told: Option<u64>| told.map_or(0, |told| told.saturating_add(interval));
        let ranges = flags & notify::FILE_RANGES_TRANSFERRED != 0 && !self.arrived.is_empty();
        let ranges = ranges.then(|| due(self.ranges_told));
        // The last ones of a job that rests come at once, before what follows from them.
        if ranges.is_some_and(|at| now >= at || job.rests())
            && let Some((file, ranges)) = self.arrived.pop_first()
        {
            self.ranges_told = Some(now);
            return Next::Tell(EventKind::FileRangesTransferred(file, ranges.to_ranges()));
        }
        self.repeat_at = self.repeat_at.filter(|at| *at > now);
        if self.repeat_at.is_none()
            && let Some(event) = self.next_result(job, flags)
        {
            return Next::Tell(event);
        }
        let modification = self.modification && flags & notify::JOB_MODIFICATION != 0;
        let modification = modification.then(|| due(self.modification_told));
        if modification.is_some_and(|at| now >= at) {
            self.modification = false;
            self.modification_told = Some(now);
            return Next::Tell(EventKind::JobModification);
        }
        [self.repeat_at, modification, ranges].into_iter().flatten().min().map_or(Next::Nothing, Next::Wait)
    }

    /// Finished files, then what became of the job.
    fn next_result(&mut self, job: &mut Job, flags: u32) -> Option<EventKind> {
        if flags & notify::FILE_TRANSFERRED != 0
            && let Some(file) = self.next_file(job)
        {
            job.set_told(file, true);
            return Some(EventKind::FileTransferred(file - own_files(job)));
        }
        if self.transferred && flags & notify::JOB_TRANSFERRED != 0 && job.state() == JobState::Transferred {
            self.transferred = false;
            return Some(EventKind::JobTransferred);
        }
        if self.error
            && flags & notify::JOB_ERROR != 0
            && job.state() == JobState::Error
            && let Some(record) = job.record.error.clone()
        {
            self.error = false;
            return Some(EventKind::JobError(Box::new(record)));
        }
        None
    }

    /// The next file to tell: in order of addition while the job moves; in TRANSFERRED and ERROR
    /// every finished file, since its event precedes the job's.
    fn next_file(&mut self, job: &Job) -> Option<u32> {
        let settled = matches!(job.state(), JobState::Transferred | JobState::Error);
        let mut in_order = true;
        for (index, file) in (self.first_untold..).zip(&job.files()[self.first_untold as usize..]) {
            if file.told {
                if in_order {
                    self.first_untold = index + 1;
                }
            } else if file.stage >= Stage::Done {
                return Some(index);
            } else if settled {
                in_order = false;
            } else {
                return None;
            }
        }
        None
    }

    /// Somebody answered; anything but success where it matters is told again after the retry delay of the job, or
    /// `longest` seconds where that is less.
    pub fn answered(&mut self, job: &mut Job, event: &EventKind, answer: ResultCode, now: u64, longest: u32) {
        let again = match event {
            EventKind::JobTransferred | EventKind::JobError(_) => answer != ResultCode::BG_S_OK,
            EventKind::FileTransferred(_) => answer.is_failure(),
            EventKind::JobModification | EventKind::FileRangesTransferred(..) => false,
        };
        if !again {
            return;
        }
        match event {
            EventKind::JobTransferred => self.transferred = job.state() == JobState::Transferred,
            EventKind::JobError(_) => self.error = job.state() == JobState::Error,
            EventKind::FileTransferred(file) => {
                let file = *file + own_files(job);
                job.set_told(file, false);
                self.untold(file);
            }
            EventKind::JobModification | EventKind::FileRangesTransferred(..) => {}
        }
        let delay = job.record.minimum_retry_delay.min(longest);
        self.repeat_at = Some(now.saturating_add(u64::from(delay) * SECOND));
    }
}

/// A reply is told as the file that programs see: the upload it belongs to.
fn own_files(job: &Job) -> u32 {
    u32::from(job.own_files() > 0)
}
