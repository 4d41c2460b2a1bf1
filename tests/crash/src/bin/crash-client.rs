//! Brings the jobs of a plan to their end, and says what it sees. May be killed at any moment and started again.
//!
//! ```text
//! crash-client PLAN      (a `Plan` as JSON)
//! ```

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use bgcopy_crash_tests::event::Event;
use bgcopy_crash_tests::plan::{self, Ending, Plan};
use bgcopy_engine::client::{Callback, File, FileInfo, Job, JobError, Manager, Result, Settings};
use bgcopy_engine::model::property::notify;
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::{JobPriority, JobState};
use parking_lot::Mutex;

fn main() {
    let plan = std::env::args().nth(1).expect("the plan, as JSON");
    let plan: Plan = serde_json::from_str(&plan).expect("the plan is JSON");
    if let Err(error) = run(&plan) {
        eprintln!("crash-client: {error}");
        std::process::exit(1);
    }
}

fn say(event: &Event) {
    let line = serde_json::to_string(event).expect("an event is plain data") + "\n";
    // One write, so that no other thread's line gets in between.
    let _ = std::io::stdout().lock().write_all(line.as_bytes());
}

fn run(plan: &Plan) -> Result<()> {
    look(plan)?;
    let manager = Manager::open(Settings {
        directory: plan.queue.clone(),
        notification_interval: Duration::ZERO,
        background_bytes_per_second: plan.rate,
        ..Settings::default()
    })?;
    let (sender, wakes) = channel();
    let mut open = BTreeSet::new();
    for (index, planned) in plan.jobs.iter().enumerate() {
        if let Some(job) = prepare(&manager, planned)? {
            let flags = notify::JOB_TRANSFERRED | notify::JOB_ERROR | notify::JOB_MODIFICATION;
            job.set_notify_flags(flags)?;
            job.set_callback(Some(Arc::new(Wake { index, sender: Mutex::new(sender.clone()) })))?;
            open.insert(index);
            // What happened before may not be told again.
            let _ = sender.send((index, job));
        }
    }
    while !open.is_empty() {
        let Ok((index, job)) = wakes.recv() else { break };
        if open.contains(&index) && advance(&plan.jobs[index], &job)? {
            open.remove(&index);
        }
    }
    manager.close()?;
    say(&Event::Done);
    Ok(())
}

/// Says what is on disk: nothing runs in a queue without workers.
fn look(plan: &Plan) -> Result<()> {
    let settings = Settings { directory: plan.queue.clone(), workers: 0, ..Settings::default() };
    let manager = Manager::open(settings)?;
    for job in manager.jobs(false)? {
        let mut durable = Vec::new();
        for file in job.files()? {
            durable.push(file.progress()?.bytes_transferred);
        }
        say(&Event::Found { job: job.display_name()?, state: format!("{:?}", job.state()?), durable });
    }
    manager.close()
}

/// Finds the job, or makes it, as far as no earlier client has; `None` when it has ended.
fn prepare(manager: &Manager, planned: &plan::Job) -> Result<Option<Job>> {
    for job in manager.jobs(false)? {
        if job.display_name()? == planned.name {
            return make(job, planned).map(Some);
        }
    }
    if planned.ended {
        return Ok(None);
    }
    if planned.made {
        say(&Event::Lost { job: planned.name.clone() });
        return Ok(None);
    }
    make(manager.create_job(&planned.name, planned.kind)?, planned).map(Some)
}

fn make(job: Job, planned: &plan::Job) -> Result<Job> {
    if job.files()?.is_empty() {
        let info = |(url, path): &(String, std::path::PathBuf)| FileInfo {
            remote_name: url.clone(),
            local_name: path.to_string_lossy().into_owned(),
        };
        if planned.high_performance {
            job.set_high_performance(true)?;
        }
        job.add_file_set(planned.files.iter().map(info).collect())?;
    }
    if !planned.made {
        if job.state()? == JobState::Suspended
            && let Some(reply) = &planned.reply
        {
            job.set_reply_file_name(reply.to_str())?;
        }
        job.set_priority(if planned.foreground { JobPriority::Foreground } else { JobPriority::Normal })?;
        job.resume()?;
        say(&Event::Made { job: planned.name.clone() });
    }
    Ok(job)
}

/// Does what is due for a job; true when it has ended, or stays in ERROR.
fn advance(planned: &plan::Job, job: &Job) -> Result<bool> {
    let name = planned.name.clone();
    let progress = job.progress()?;
    let state = job.state()?;
    say(&Event::Progress {
        job: name.clone(),
        bytes: progress.bytes_transferred,
        files: progress.files_transferred,
    });
    let due = match planned.ending {
        Ending::Complete => state == JobState::Transferred,
        Ending::CompletePart => progress.files_transferred > 0,
        Ending::Cancel => progress.bytes_transferred > 0,
    };
    match state {
        JobState::Transferred => say(&Event::Transferred { job: name.clone() }),
        JobState::Error => {
            let error = job.error()?;
            say(&Event::Error {
                job: name,
                code: error.code().0,
                context: format!("{:?}", error.context()),
                text: error.text().to_owned(),
            });
            return Ok(true);
        }
        JobState::TransientError => {
            // It may have gone on in the meantime.
            let text = job.error().map_or_else(|error| error.to_string(), |error| error.to_string());
            say(&Event::Transient { job: name.clone(), text });
            job.resume()?;
        }
        _ => {}
    }
    if due {
        say(&Event::Ending { job: name.clone() });
        match planned.ending {
            Ending::Cancel => job.cancel()?,
            Ending::Complete | Ending::CompletePart => job.complete()?,
        };
        say(&Event::Ended { job: name });
    }
    Ok(due)
}

/// Hands every event of a job to the main thread.
struct Wake {
    index: usize,
    sender: Mutex<Sender<(usize, Job)>>,
}

impl Wake {
    fn wake(&self, job: &Job) -> ResultCode {
        let _ = self.sender.lock().send((self.index, job.clone()));
        ResultCode::BG_S_OK
    }
}

impl Callback for Wake {
    fn job_transferred(&self, job: &Job) -> ResultCode {
        self.wake(job)
    }
    fn job_error(&self, job: &Job, _error: &JobError) -> ResultCode {
        self.wake(job)
    }
    fn job_modification(&self, job: &Job) -> ResultCode {
        self.wake(job)
    }
    fn file_transferred(&self, job: &Job, _file: &File) -> ResultCode {
        self.wake(job)
    }
}
