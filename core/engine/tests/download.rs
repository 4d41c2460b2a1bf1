//! Transfers from end to end over the client API and a real server.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bgcopy_engine::client::{Callback, Job, JobError, Manager, Settings};
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::{JobPriority, JobState, JobType};
use bgcopy_testserver::upload::UploadServer;
use bgcopy_testserver::{Server, content};
use parking_lot::{Condvar, Mutex};

/// Waits for the end of a job.
#[derive(Default)]
struct Waiter {
    seen: Mutex<Option<Result<(), String>>>,
    changed: Condvar,
}

impl Callback for Waiter {
    fn job_transferred(&self, _job: &Job) -> ResultCode {
        *self.seen.lock() = Some(Ok(()));
        self.changed.notify_all();
        ResultCode::BG_S_OK
    }
    fn job_error(&self, _job: &Job, error: &JobError) -> ResultCode {
        *self.seen.lock() = Some(Err(error.to_string()));
        self.changed.notify_all();
        ResultCode::BG_S_OK
    }
}

impl Waiter {
    fn wait(&self) -> Result<(), String> {
        let mut seen = self.seen.lock();
        let deadline = Instant::now() + Duration::from_secs(30);
        while seen.is_none() {
            assert!(!self.changed.wait_until(&mut seen, deadline).timed_out(), "the job did not end");
        }
        seen.take().unwrap()
    }
}

#[test]
fn one_file_arrives_and_is_published_by_complete() {
    let server = Server::start();
    let dir = tempfile::tempdir().unwrap();
    let manager =
        Manager::open(Settings { directory: dir.path().join("queue"), ..Settings::default() }).unwrap();
    for priority in [JobPriority::Foreground, JobPriority::Normal] {
        let job = manager.create_job("one", JobType::Download).unwrap();
        let target = dir.path().join(format!("{priority:?}"));
        job.add_file(&server.url("/file/3000000?seed=7"), target.to_str().unwrap()).unwrap();
        job.set_priority(priority).unwrap();
        let waiter = Arc::new(Waiter::default());
        job.set_callback(Some(waiter.clone())).unwrap();
        job.resume().unwrap();
        waiter.wait().unwrap();
        assert_eq!(job.state().unwrap(), JobState::Transferred);
        assert!(!target.exists());
        assert_eq!(job.complete().unwrap(), ResultCode::BG_S_OK);
        assert_eq!(job.state().unwrap(), JobState::Acknowledged);
        assert_eq!(std::fs::metadata(&target).unwrap().len(), 3_000_000);
        assert_eq!(job.progress().unwrap().bytes_transferred, 3_000_000);
    }
    assert!(manager.jobs(false).unwrap().is_empty());
    manager.close().unwrap();
}

/// 8,000 kilobits.
const RATE: u64 = 1_000_000;

/// Fetches a file in the background, which takes its time, and one in the foreground.
fn keeps_to_the_rate(limited: impl FnOnce(&Path) -> Settings) {
    const SIZE: u64 = 400_000;
    let server = Server::start();
    let dir = tempfile::tempdir().unwrap();
    let manager = Manager::open(limited(dir.path())).unwrap();
    let fetch = |name: &str, priority| {
        let job = manager.create_job(name, JobType::Download).unwrap();
        let target = dir.path().join(name);
        job.add_file(&server.url(&format!("/file/{SIZE}")), target.to_str().unwrap()).unwrap();
        job.set_priority(priority).unwrap();
        let waiter = Arc::new(Waiter::default());
        job.set_callback(Some(waiter.clone())).unwrap();
        let start = Instant::now();
        job.resume().unwrap();
        waiter.wait().unwrap();
        start.elapsed()
    };
    // No more passes than the burst of a tenth of a second and the rate over the time.
    let least = Duration::from_millis((SIZE - RATE / 10) * 1000 / RATE);
    assert!(fetch("background", JobPriority::Low) >= least);
    assert_eq!(server.bytes_sent(&format!("/file/{SIZE}")), SIZE);
    fetch("foreground", JobPriority::Foreground);
}

#[test]
fn background_jobs_together_keep_to_their_rate_and_foreground_jobs_do_not_care() {
    keeps_to_the_rate(|place| Settings {
        directory: place.join("queue"),
        background_bytes_per_second: Some(RATE),
        ..Settings::default()
    });
}

#[test]
fn uploads_in_the_background_keep_to_the_rate() {
    const SIZE: u64 = 400_000;
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("received")).unwrap();
    let server = UploadServer::start(&dir.path().join("received"));
    let settings = Settings {
        directory: dir.path().join("queue"),
        background_bytes_per_second: Some(RATE),
        ..Settings::default()
    };
    let manager = Manager::open(settings).unwrap();
    let job = manager.create_job("up", JobType::Upload).unwrap();
    let source = dir.path().join("source");
    std::fs::write(&source, content::bytes(7, 0, 0, SIZE as usize)).unwrap();
    job.add_file(&server.url("/up"), source.to_str().unwrap()).unwrap();
    let waiter = Arc::new(Waiter::default());
    job.set_callback(Some(waiter.clone())).unwrap();
    let start = Instant::now();
    job.resume().unwrap();
    waiter.wait().unwrap();
    assert!(start.elapsed() >= Duration::from_millis((SIZE - RATE / 10) * 1000 / RATE));
    assert_eq!(
        std::fs::read(dir.path().join("received/up")).unwrap(),
        content::bytes(7, 0, 0, SIZE as usize)
    );
    manager.close().unwrap();
}

#[test]
fn background_jobs_keep_to_the_lower_of_the_rates_of_policy_and_program() {
    keeps_to_the_rate(|place| {
        let text = format!("[bandwidth]\nlimit_kbps = {}\nfrom_hour = 0\nto_hour = 0\n", RATE * 8 / 1000);
        std::fs::write(place.join("policy.toml"), text).unwrap();
        Settings {
            directory: place.join("queue"),
            background_bytes_per_second: Some(RATE * 1000),
            policy_directories: vec![place.into()],
            ..Settings::default()
        }
    });
}
