//! Every store write and every file call fails in turn; afterwards, in a sound world, the job is finished.

use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use bgcopy_engine::client::{Error, Job, Result};
use bgcopy_engine::store::failing::{FailWhen, FailingStore};
use bgcopy_engine::sys::fs::{Call, Faults};
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::{JobPriority, JobState, JobType};

use bgcopy_testserver::content;

use crate::stage::{Open, Stage, Witness, seed};

/// A tiny one, one that is reserved, and one of several buffers.
const FILES: [(&str, usize); 3] = [("a", 100), ("b", 300_000), ("c", 2_500_000)];
const MOST: u64 = 500;

fn stage(priority: JobPriority) -> (Stage, JobPriority) {
    let stage = Stage::new();
    for (name, size) in FILES {
        stage.offer(name, size as u64, "");
    }
    (stage, priority)
}

/// The same with files of this machine in place of a server: the middle of the large one is a hole.
fn stage_of_copies() -> Stage {
    let stage = Stage::new();
    let sources = source(&stage, "");
    std::fs::create_dir_all(&sources).unwrap();
    for (name, size) in FILES {
        let file = std::fs::File::create(source(&stage, name)).unwrap();
        file.set_len(size as u64).unwrap();
        let half = size / 4;
        for start in [0, size - half] {
            let bytes = content::bytes(seed(name), 0, start as u64, half);
            file.write_all_at(&bytes, start as u64).unwrap();
        }
    }
    stage
}

fn source(stage: &Stage, name: &str) -> PathBuf {
    stage.path("queue/sources").join(name)
}

/// Adds a file that is copied where there is a source, and fetched where there is none.
fn add(stage: &Stage, job: &Job, name: &str) -> Result<()> {
    let source = source(stage, name);
    let remote = match source.exists() {
        true => source.to_str().unwrap().to_owned(),
        false => stage.server.url(&format!("/r/{name}")),
    };
    job.add_file(&remote, stage.path(name).to_str().unwrap())
}

fn assert_file(stage: &Stage, name: &str, size: usize) {
    match std::fs::read(source(stage, name)) {
        Ok(bytes) => assert!(bytes == std::fs::read(stage.path(name)).unwrap(), "{name} has wrong bytes"),
        Err(_) => stage.assert_file(name, size),
    }
}

/// Create, add, resume, wait, complete. Stops at the first call that fails, or when the job is in an error state.
fn scenario(stage: &Stage, open: &Open, priority: JobPriority) -> Result<JobState> {
    let job = open.create_job("scenario", JobType::Download)?;
    job.set_notify_flags(crate::stage::ALL_EVENTS)?;
    job.set_priority(priority)?;
    for (name, _) in FILES {
        add(stage, &job, name)?;
    }
    job.resume()?;
    let state = settled(open, &job)?;
    if state == JobState::Transferred {
        assert_eq!(job.complete()?, ResultCode::BG_S_OK);
        return job.state();
    }
    Ok(state)
}

/// Waits until the job neither moves nor will by itself.
fn settled(open: &Open, job: &Job) -> Result<JobState> {
    let mut found = Ok(JobState::Queued);
    open.until_fault("a settled job", || {
        found = job.state();
        !matches!(found, Ok(JobState::Queued | JobState::Connecting | JobState::Transferring))
    })?;
    found
}

/// Whatever has a final name has all the right bytes.
fn assert_nothing_wrong(stage: &Stage) {
    for (name, size) in FILES {
        if stage.path(name).exists() {
            assert_file(stage, name, size);
        }
    }
}

/// Opens the queue in a sound world and brings the job to its end, if it is there.
fn finish(stage: &Stage, what: &str) {
    let open = stage.open();
    let jobs = open.jobs(false).unwrap();
    assert!(jobs.len() <= 1, "{what}");
    let Some(job) = jobs.first() else { return };
    job.set_notify_flags(crate::stage::ALL_EVENTS).unwrap();
    let known: Vec<_> = job.files().unwrap().iter().map(|file| file.local_name().unwrap()).collect();
    for (name, _) in FILES {
        let path = stage.path(name).to_str().unwrap().to_owned();
        if !known.contains(&path) {
            add(stage, job, name).unwrap();
        }
    }
    if job.state().unwrap() != JobState::Transferred || known.len() < FILES.len() {
        job.resume().unwrap();
    }
    let state = settled(&open, job).unwrap();
    assert_eq!(state, JobState::Transferred, "{what}: {:?}", job.error());
    assert_eq!(job.complete(), Ok(ResultCode::BG_S_OK), "{what}");
    for (name, size) in FILES {
        assert_file(stage, name, size);
    }
    assert_eq!(stage.names(), ["a", "b", "c"], "{what}: temporary files are left");
    assert!(open.jobs(false).unwrap().is_empty(), "{what}");
    open.close().unwrap();
}

fn assert_told(error: &Error, what: &str) {
    assert_eq!(error.code, ResultCode::BG_E_WIN32_WRITE_FAULT, "{what}: {error}");
    assert!(error.detail.contains("open the queue again"), "{what}: {error}");
}

#[test]
fn after_any_failed_store_write_every_call_says_so_and_the_reopened_queue_finishes_the_job() {
    for priority in [JobPriority::Foreground, JobPriority::Normal] {
        for when in [FailWhen::Before, FailWhen::After] {
            for nth in 1..=MOST {
                let (stage, priority) = stage(priority);
                let store = FailingStore::new(stage.store.clone(), nth, when);
                let what = format!("{priority:?}, write {nth} fails, {when:?}");
                let open = stage.open_with(Box::new(store), Faults::none()).unwrap();
                let result = scenario(&stage, &open, priority);
                assert_nothing_wrong(&stage);
                let Err(error) = result else {
                    assert_eq!(result, Ok(JobState::Acknowledged), "{what}");
                    assert!(nth > 5, "the scenario makes more writes than that");
                    break;
                };
                assert!(nth < MOST);
                assert_told(&error, &what);
                assert_told(&open.create_job("more", JobType::Download).unwrap_err(), &what);
                assert_told(&open.jobs(false).unwrap_err(), &what);
                assert!(open.is_readable(), "{what}: a poll loop has to learn of it");
                open.close().unwrap();
                finish(&stage, &what);
            }
        }
    }
}

fn every_file_call_fails_once(errno: i32, priority: JobPriority, stage: impl Fn() -> Stage) {
    for nth in 1..=MOST {
        let stage = stage();
        let faults = Faults::fail_any(nth, errno);
        let what = format!("{priority:?}, file call {nth} fails with {errno}");
        let open = stage.open_with(Box::new(stage.store.clone()), faults.clone()).unwrap();
        let result = scenario(&stage, &open, priority);
        assert_nothing_wrong(&stage);
        match result {
            Ok(JobState::Acknowledged) => {
                for (name, size) in FILES {
                    assert_file(&stage, name, size);
                }
            }
            Ok(state) => {
                let job = &open.jobs(false).unwrap()[0];
                let error = job.error().unwrap_or_else(|error| panic!("{what}: {state:?}: {error}"));
                assert_eq!(error.code(), ResultCode::from_errno(errno), "{what}: {error}");
                assert!(error.text().contains(stage.dir.path().to_str().unwrap()), "{what}: {error}");
            }
            Err(error) => {
                assert_eq!(error.code, ResultCode::from_errno(errno), "{what}: {error}");
                assert!(error.detail.contains(stage.dir.path().to_str().unwrap()), "{what}: {error}");
            }
        }
        open.close().unwrap();
        finish(&stage, &what);
        if faults.total() < nth {
            assert!(nth > 10, "the scenario makes more calls than that");
            return;
        }
    }
    panic!("the scenario makes more calls than {MOST}");
}

#[test]
fn after_any_failed_file_call_the_job_can_be_finished_disk_error() {
    every_file_call_fails_once(libc::EIO, JobPriority::Foreground, || stage(JobPriority::Foreground).0);
}

#[test]
fn after_any_failed_file_call_the_job_can_be_finished_disk_full() {
    every_file_call_fails_once(libc::ENOSPC, JobPriority::Normal, || stage(JobPriority::Normal).0);
}

#[test]
fn after_any_failed_file_call_a_copy_can_be_finished_disk_error() {
    every_file_call_fails_once(libc::EIO, JobPriority::Foreground, stage_of_copies);
}

#[test]
fn after_any_failed_file_call_a_copy_can_be_finished_disk_full() {
    every_file_call_fails_once(libc::ENOSPC, JobPriority::Normal, stage_of_copies);
}

/// The world is sound again while the queue stays open.
fn every_file_call_fails_and_works_again(stage: impl Fn() -> Stage) {
    let priority = JobPriority::Foreground;
    for nth in 1..=MOST {
        let stage = stage();
        let faults = Faults::fail_any(nth, libc::EIO);
        let what = format!("file call {nth} fails");
        let open = stage.open_with(Box::new(stage.store.clone()), faults.clone()).unwrap();
        let mut result = scenario(&stage, &open, priority);
        if result != Ok(JobState::Acknowledged) {
            let job = &open.jobs(false).unwrap()[0];
            if job.state().unwrap() != JobState::Transferred {
                job.resume().unwrap();
                assert_eq!(settled(&open, job), Ok(JobState::Transferred), "{what}");
            }
            assert_eq!(job.complete(), Ok(ResultCode::BG_S_OK), "{what}: {result:?}");
            result = job.state();
        }
        assert_eq!(result, Ok(JobState::Acknowledged), "{what}");
        for (name, size) in FILES {
            assert_file(&stage, name, size);
        }
        assert_eq!(stage.names(), ["a", "b", "c"], "{what}");
        if faults.total() < nth {
            return;
        }
    }
}

#[test]
fn after_a_failed_file_call_resume_or_complete_can_be_called_again() {
    every_file_call_fails_and_works_again(|| stage(JobPriority::Foreground).0);
}

#[test]
fn after_a_failed_file_call_a_copy_goes_on_when_it_is_resumed() {
    every_file_call_fails_and_works_again(stage_of_copies);
}

#[test]
fn bytes_that_could_not_be_made_durable_are_fetched_again() {
    let stage = Stage::new();
    let open =
        stage.open_with(Box::new(stage.store.clone()), Faults::fail_call(Call::Sync, 1, libc::EIO)).unwrap();
    stage.offer("a", 3 << 20, "stall_after=2097152");
    let job = stage.running_job(&open, &["a"], JobPriority::Foreground);
    let state = settled(&open, &job).unwrap();
    assert_eq!(state, JobState::TransientError);
    assert_eq!(job.error().unwrap().code(), ResultCode::from_errno(libc::EIO));
    stage.change("a", "-stall_after=");
    job.resume().unwrap();
    open.until_state(&job, JobState::Transferred);
    let last = stage.server.log().pop().unwrap();
    assert!(last.header("Range").is_none_or(|range| range.starts_with("bytes=0-")), "{last:?}");
    job.complete().unwrap();
    stage.assert_file("a", 3 << 20);
}

/// A process that ended when the first rename of Complete failed: the intent is stored, two files have their names.
fn ended_while_completing() -> Stage {
    let (mut stage, priority) = stage(JobPriority::Foreground);
    let witness = Witness::new(&stage.store);
    let faults = Faults::fail_call(Call::Rename, 1, libc::EIO);
    let open = stage.open_with(Box::new(witness.clone()), faults).unwrap();
    let job = stage.running_job(&open, &["a", "b", "c"], priority);
    open.until_state(&job, JobState::Transferred);
    witness.copy_next();
    assert_eq!(job.complete().unwrap_err().code, ResultCode::from_errno(libc::EIO));
    assert_eq!(job.state().unwrap(), JobState::Transferred);
    open.close().unwrap();
    // The first thing stored is the intent.
    stage.store = witness.copy();
    assert!(!stage.path("a").exists() && stage.path("b").exists());
    stage
}

#[test]
fn a_complete_cut_off_by_the_end_of_the_process_is_finished_at_the_next_open() {
    let stage = ended_while_completing();
    let open = stage.open();
    assert!(open.jobs(false).unwrap().is_empty());
    for (name, size) in FILES {
        stage.assert_file(name, size);
    }
    assert_eq!(stage.names(), ["a", "b", "c"]);
}

#[test]
fn a_fault_while_an_unfinished_complete_is_finished_keeps_the_job() {
    for nth in 1..=MOST {
        let stage = ended_while_completing();
        let faults = Faults::fail_any(nth, libc::EIO);
        let open = stage.open_with(Box::new(stage.store.clone()), faults.clone()).unwrap();
        let what = format!("file call {nth} of the recovery fails");
        assert_eq!(open.jobs(false).unwrap().len(), usize::from(faults.total() >= nth), "{what}");
        assert_nothing_wrong(&stage);
        open.close().unwrap();
        finish(&stage, &what);
        for (name, size) in FILES {
            stage.assert_file(name, size);
        }
        if faults.total() < nth {
            assert!(nth > 2);
            return;
        }
    }
}

#[test]
fn complete_called_again_makes_names_durable_that_were_not() {
    let (stage, priority) = stage(JobPriority::Foreground);
    let open = stage.open();
    let job = stage.running_job(&open, &["a", "b", "c"], priority);
    open.until_state(&job, JobState::Transferred);
    open.close().unwrap();
    // Nothing else is synced: all files are on the disk.
    let faults = Faults::fail_call(Call::Sync, 1, libc::EIO);
    let open = stage.open_with(Box::new(stage.store.clone()), faults.clone()).unwrap();
    let job = open.job(job.id()).unwrap();
    assert_eq!(job.complete().unwrap_err().code, ResultCode::from_errno(libc::EIO));
    assert_eq!(faults.count(Call::Sync), 1);
    assert_eq!(job.complete().unwrap(), ResultCode::BG_S_OK);
    assert_eq!(faults.count(Call::Sync), 2);
}

#[test]
fn a_failed_rename_keeps_the_job_transferred_and_its_other_files_available() {
    let (stage, priority) = stage(JobPriority::Foreground);
    let open = stage.open();
    std::fs::create_dir(stage.path("b.d")).unwrap();
    let job = stage.running_job(&open, &["a", "b", "c"], priority);
    open.until_state(&job, JobState::Transferred);
    std::fs::rename(stage.path("b.d"), stage.path("b")).unwrap();
    assert_eq!(job.complete().unwrap_err().code, ResultCode::BG_E_WIN32_DIRECTORY);
    assert_eq!(job.state().unwrap(), JobState::Transferred);
    let completed: Vec<_> =
        job.files().unwrap().iter().map(|file| file.progress().unwrap().completed).collect();
    assert_eq!(completed, [true, false, true]);
    std::fs::remove_dir(stage.path("b")).unwrap();
    assert_eq!(job.complete().unwrap(), ResultCode::BG_S_OK);
    for (name, size) in FILES {
        stage.assert_file(name, size);
    }
}
