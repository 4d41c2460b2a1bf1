//! The servers people run: downloads continue where they were, and never mix two versions of a file.
//!
//! A server that is not installed is reported and left out; `make test` installs them all.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bgcopy_engine::client::{Callback, Job, JobError, Manager, Settings};
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::{JobPriority, JobState, JobType};
use bgcopy_testserver::real::{APACHE, LIGHTTPD, NGINX, PYTHON, RealServer, Recipe};
use parking_lot::{Condvar, Mutex};

const SIZE: usize = 8 << 20;
/// The first run is cut off once so much has arrived.
const CUT: u64 = 2 << 20;
const PATIENCE: Duration = Duration::from_secs(30);

/// Wakes the test when the job has something to say.
#[derive(Default)]
struct Watcher {
    told: Mutex<u32>,
    changed: Condvar,
}

impl Watcher {
    fn tell(&self) -> ResultCode {
        *self.told.lock() += 1;
        self.changed.notify_all();
        ResultCode::BG_S_OK
    }

    fn until(&self, reached: impl Fn() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        let mut told = self.told.lock();
        loop {
            let seen = *told;
            if parking_lot::MutexGuard::unlocked(&mut told, &reached) {
                return;
            }
            while *told == seen {
                let late = self.changed.wait_until(&mut told, deadline).timed_out();
                assert!(!late, "the job did not get there");
            }
        }
    }
}

impl Callback for Watcher {
    fn job_transferred(&self, _: &Job) -> ResultCode {
        self.tell()
    }
    fn job_error(&self, _: &Job, _: &JobError) -> ResultCode {
        self.tell()
    }
    fn job_modification(&self, _: &Job) -> ResultCode {
        self.tell()
    }
}

fn settings(directory: &Path, rate: Option<u64>) -> Settings {
    Settings {
        directory: directory.join("queue"),
        background_bytes_per_second: rate,
        notification_interval: Duration::ZERO,
        checkpoint: Duration::from_millis(50),
        ..Settings::default()
    }
}

fn watch(job: &Job) -> Arc<Watcher> {
    let watcher = Arc::new(Watcher::default());
    job.set_notify_flags(0x0b).unwrap();
    job.set_callback(Some(watcher.clone())).unwrap();
    watcher
}

fn content(seed: u32) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..SIZE).map(|_| next()).collect()
}

/// Cuts a download off, lets `meanwhile` happen, continues; returns what was published.
fn interrupted(server: &RealServer, meanwhile: impl FnOnce()) -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("target");
    let manager = Manager::open(settings(dir.path(), Some(CUT * 2))).unwrap();
    let job = manager.create_job("interrupted", JobType::Download).unwrap();
    job.add_file(&server.url(), target.to_str().unwrap()).unwrap();
    let watcher = watch(&job);
    job.resume().unwrap();
    watcher.until(|| job.progress().unwrap().bytes_transferred >= CUT);
    let id = job.id();
    manager.close().unwrap();
    drop((job, manager));
    meanwhile();

    let manager = Manager::open(settings(dir.path(), None)).unwrap();
    let job = manager.job(id).unwrap();
    let watcher = watch(&job);
    watcher.until(|| job.state().unwrap() == JobState::Transferred);
    job.complete().unwrap();
    fs::read(&target).unwrap()
}

fn check(recipe: &Recipe) {
    let (old, new) = (content(1), content(2));
    let hour = Duration::from_secs(3600);

    let Some(mut server) = RealServer::start(recipe) else { return };
    server.publish(&old, hour);
    assert!(interrupted(&server, || ()) == old, "{}: the file is not the server's", recipe.program);
    let (status, range) = server.last_get();
    let from: u64 = range.trim_start_matches("bytes=").trim_end_matches('-').parse().unwrap_or(0);
    assert_eq!(status, 206, "{}", recipe.program);
    assert!(from >= CUT - (64 << 10), "{}: continued from {from}", recipe.program);

    let Some(server) = RealServer::start(recipe) else { return };
    server.publish(&old, hour);
    let replaced = interrupted(&server, || server.publish(&new, Duration::ZERO));
    assert!(replaced == new, "{}: a mix of two versions", recipe.program);
}

#[test]
fn nginx_continues_and_never_mixes() {
    check(&NGINX);
}

#[test]
fn apache_continues_and_never_mixes() {
    check(&APACHE);
}

#[test]
fn lighttpd_continues_and_never_mixes() {
    check(&LIGHTTPD);
}

#[test]
fn a_server_without_ranges_serves_foreground_jobs_only() {
    let Some(server) = RealServer::start(&PYTHON) else { return };
    let old = content(1);
    server.publish(&old, Duration::ZERO);
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("target");
    let manager = Manager::open(settings(dir.path(), None)).unwrap();
    let job = manager.create_job("no ranges", JobType::Download).unwrap();
    job.add_file(&server.url(), target.to_str().unwrap()).unwrap();
    let watcher = watch(&job);
    job.resume().unwrap();
    watcher.until(|| job.state().unwrap() == JobState::Error);
    assert_eq!(job.error().unwrap().code(), ResultCode::BG_E_INSUFFICIENT_RANGE_SUPPORT);
    job.set_priority(JobPriority::Foreground).unwrap();
    job.resume().unwrap();
    watcher.until(|| job.state().unwrap() == JobState::Transferred);
    job.complete().unwrap();
    assert!(fs::read(&target).unwrap() == old);
}
