//! Waiting for what happens to a job in this process.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bgcopy_engine::client::{Callback, File, Job, JobError};
use bgcopy_engine::model::property::notify;
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::JobState;
use parking_lot::{Condvar, Mutex};

/// Longer than anything takes that is not stuck.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Hears everything of a job, and wakes whoever waits for it.
#[derive(Default)]
pub struct Watch {
    events: Mutex<u64>,
    changed: Condvar,
}

impl Watch {
    /// Watches a job. The queue's `notification_interval` should be zero.
    ///
    /// # Panics
    /// The job has ended.
    #[must_use]
    pub fn new(job: &Job) -> Arc<Watch> {
        let watch = Arc::new(Watch::default());
        job.set_notify_flags(
            notify::JOB_TRANSFERRED | notify::JOB_ERROR | notify::JOB_MODIFICATION | notify::FILE_TRANSFERRED,
        )
        .expect("a job takes notify flags");
        job.set_callback(Some(watch.clone())).expect("a job takes a callback");
        watch
    }

    /// Waits until `condition` holds, and looks again after each event.
    ///
    /// # Panics
    /// It does not hold in time; `what` and the job's state are in the message.
    pub fn until(&self, job: &Job, what: &str, mut condition: impl FnMut() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let before = *self.events.lock();
            if condition() {
                return;
            }
            let mut events = self.events.lock();
            while *events == before {
                if self.changed.wait_until(&mut events, deadline).timed_out() {
                    drop(events);
                    panic!("{what}: not in time; the job is {}", describe(job));
                }
            }
        }
    }

    /// Waits for a state.
    ///
    /// # Panics
    /// It is not reached in time, or the job is in ERROR instead.
    pub fn until_state(&self, job: &Job, what: &str, wanted: JobState) {
        self.until(job, &format!("{what}: waiting for {wanted:?}"), || {
            let state = job.state().expect("a held job answers");
            let failed = state == JobState::Error && wanted != JobState::Error;
            assert!(!failed, "{what}: waiting for {wanted:?}, the job is {}", describe(job));
            state == wanted
        });
    }

    fn event(&self) -> ResultCode {
        *self.events.lock() += 1;
        self.changed.notify_all();
        ResultCode::BG_S_OK
    }
}

/// State, progress and error of a job, for messages.
#[must_use]
pub fn describe(job: &Job) -> String {
    let error = job.error().map_or_else(|_| "no error".into(), |error| error.to_string());
    format!("{:?}, {:?}, {error}", job.state(), job.progress())
}

impl Callback for Watch {
    fn job_transferred(&self, _job: &Job) -> ResultCode {
        self.event()
    }
    fn job_error(&self, _job: &Job, _error: &JobError) -> ResultCode {
        self.event()
    }
    fn job_modification(&self, _job: &Job) -> ResultCode {
        self.event()
    }
    fn file_transferred(&self, _job: &Job, _file: &File) -> ResultCode {
        self.event()
    }
}
