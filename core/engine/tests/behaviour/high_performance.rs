//! Jobs that write to the final names at once, and store no progress.

use bgcopy_engine::client::Job;
use bgcopy_engine::sys::fs::{Call, Faults};
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::{JobPriority, JobState};

use crate::stage::{Open, Recorder, Stage, Told, eventually};

const SIZE: usize = 3 << 20;
const HALF: u64 = 2 << 20;

/// A suspended job in the foreground in this mode.
fn direct(stage: &Stage, open: &Open, files: &[&str]) -> Job {
    let job = stage.job(open, &[]);
    job.set_high_performance(true).unwrap();
    job.set_priority(JobPriority::Foreground).unwrap();
    for name in files {
        stage.add(&job, name);
    }
    job
}

/// Lets the first half of `a` arrive.
fn receive_half(stage: &Stage, open: &Open, job: &Job) {
    job.resume().unwrap();
    stage.wait_stalled("a", 1);
    eventually("half of it", || job.progress().unwrap().bytes_transferred >= HALF);
    open.until_state(job, JobState::Transferring);
}

/// A job of which one file is whole, and half of another one arrived.
fn one_and_a_half(stage: &Stage, open: &Open) -> Job {
    stage.offer("b", 1000, "");
    let job = direct(stage, open, &["b", "a"]);
    receive_half(stage, open, &job);
    open.until("b is whole", || job.progress().unwrap().files_transferred == 1);
    job
}

fn stalling() -> Stage {
    let stage = Stage::new();
    stage.offer("a", SIZE as u64, &format!("etag=strong&stall_after={HALF}&fail_first=1"));
    stage
}

#[test]
fn bytes_go_to_the_final_name_at_once_in_place_of_what_was_there() {
    let stage = stalling();
    std::fs::write(stage.path("a"), "old").unwrap();
    let open = stage.open();
    let job = direct(&stage, &open, &["a"]);
    assert!(job.high_performance().unwrap());
    assert_eq!(std::fs::read(stage.path("a")).unwrap(), b"old", "until there is something to write");
    receive_half(&stage, &open, &job);
    assert_eq!(stage.names(), ["a"]);
    assert!(std::fs::metadata(stage.path("a")).unwrap().len() >= HALF);
    let temporary = job.files().unwrap()[0].temporary_name().unwrap();
    assert_eq!(temporary, stage.path("a").to_str().unwrap());
    stage.release("a");
    open.until_state(&job, JobState::Transferred);
    stage.assert_file("a", SIZE);
    assert_eq!(job.complete(), Ok(ResultCode::BG_S_OK));
    stage.assert_file("a", SIZE);
    assert_eq!(stage.names(), ["a"]);
}

#[test]
fn a_link_in_the_place_of_the_file_is_replaced_and_what_it_points_to_is_not() {
    let stage = Stage::new();
    stage.offer("a", 1000, "");
    std::fs::write(stage.path("precious"), "precious").unwrap();
    std::os::unix::fs::symlink(stage.path("precious"), stage.path("a")).unwrap();
    let open = stage.open();
    let job = direct(&stage, &open, &["a"]);
    job.resume().unwrap();
    open.until_state(&job, JobState::Transferred);
    stage.assert_file("a", 1000);
    assert_eq!(std::fs::read(stage.path("precious")).unwrap(), b"precious");
}

#[test]
fn after_the_end_of_the_process_an_unfinished_file_begins_again_and_a_finished_one_does_not() {
    let stage = stalling();
    let open = stage.open();
    let job = one_and_a_half(&stage, &open);
    drop(job);
    open.close().unwrap();
    let open = stage.open();
    let job = open.jobs(false).unwrap().remove(0);
    assert_eq!(job.progress().unwrap().bytes_transferred, 1000);
    open.until_state(&job, JobState::Transferred);
    assert_eq!(job.complete(), Ok(ResultCode::BG_S_OK));
    stage.assert_file("a", SIZE);
    stage.assert_file("b", 1000);
    let log = stage.server.log();
    assert!(log.iter().all(|entry| entry.header("range").is_none()), "from the beginning");
    assert_eq!(log.iter().filter(|entry| entry.path == "/r/b").count(), 1);
}

#[test]
fn while_the_process_lives_a_suspended_file_goes_on_where_it_was() {
    let stage = stalling();
    let open = stage.open();
    let job = direct(&stage, &open, &["a"]);
    receive_half(&stage, &open, &job);
    job.suspend().unwrap();
    assert_eq!(job.progress().unwrap().bytes_transferred, HALF);
    job.resume().unwrap();
    open.until_state(&job, JobState::Transferred);
    job.complete().unwrap();
    stage.assert_file("a", SIZE);
    assert_eq!(stage.server.log().last().unwrap().header("range"), Some("bytes=2097152-"));
}

#[test]
fn cancel_leaves_the_files_to_the_program() {
    let stage = stalling();
    let open = stage.open();
    let job = one_and_a_half(&stage, &open);
    assert_eq!(job.cancel(), Ok(ResultCode::BG_S_OK));
    assert_eq!(stage.names(), ["a", "b"]);
    stage.assert_file("b", 1000);
}

#[test]
fn complete_of_a_part_leaves_the_rest_to_the_program() {
    let stage = stalling();
    let open = stage.open();
    let job = one_and_a_half(&stage, &open);
    assert_eq!(job.complete(), Ok(ResultCode::BG_S_PARTIAL_COMPLETE));
    assert_eq!(stage.names(), ["a", "b"]);
    assert!(job.files().unwrap()[0].progress().unwrap().completed);
    assert!(!job.files().unwrap()[1].progress().unwrap().completed);
}

#[test]
fn a_file_that_is_removed_before_complete_is_fetched_again() {
    let stage = Stage::new();
    stage.offer("a", 1000, "");
    let open = stage.open();
    let job = direct(&stage, &open, &["a"]);
    job.resume().unwrap();
    open.until_state(&job, JobState::Transferred);
    std::fs::remove_file(stage.path("a")).unwrap();
    assert_eq!(job.complete().unwrap_err().code, ResultCode::BG_E_WIN32_FILE_NOT_FOUND);
    job.resume().unwrap();
    open.until_state(&job, JobState::Transferred);
    assert_eq!(job.complete(), Ok(ResultCode::BG_S_OK));
    stage.assert_file("a", 1000);
}

#[test]
fn a_full_disk_is_told_and_the_job_goes_on_when_there_is_room() {
    let stage = Stage::new();
    stage.offer("a", SIZE as u64, "etag=strong");
    for call in [Call::Write, Call::Sync] {
        let store = Box::new(stage.store.clone());
        let open = stage.open_with(store, Faults::fail_call(call, 1, libc::ENOSPC)).unwrap();
        let job = direct(&stage, &open, &["a"]);
        job.resume().unwrap();
        open.until_state(&job, JobState::TransientError);
        assert_eq!(job.error().unwrap().code(), ResultCode::BG_E_WIN32_DISK_FULL, "{call:?}");
        job.resume().unwrap();
        open.until_state(&job, JobState::Transferred);
        assert_eq!(job.complete(), Ok(ResultCode::BG_S_OK));
        stage.assert_file("a", SIZE);
        open.close().unwrap();
        std::fs::remove_file(stage.path("a")).unwrap();
    }
}

#[test]
fn after_any_failed_file_call_the_job_can_be_finished() {
    const FILES: [(&str, usize); 3] = [("a", 100), ("b", 300_000), ("c", SIZE)];
    for nth in 1..=500 {
        let stage = Stage::new();
        let faults = Faults::fail_any(nth, if nth % 2 == 0 { libc::EIO } else { libc::ENOSPC });
        let open = stage.open_with(Box::new(stage.store.clone()), faults.clone()).unwrap();
        let job = direct(&stage, &open, &[]);
        for (name, size) in FILES {
            let url = stage.offer(name, size as u64, "");
            let add = || job.add_file(&url, stage.path(name).to_str().unwrap());
            add().or_else(|_| add()).unwrap();
        }
        job.resume().unwrap();
        let whole = || match job.state().unwrap() {
            JobState::Transferred => true,
            JobState::Error | JobState::TransientError => {
                job.resume().unwrap();
                false
            }
            _ => false,
        };
        open.until("the files are whole", whole);
        let completed = job.complete().or_else(|_| job.complete());
        assert_eq!(completed, Ok(ResultCode::BG_S_OK), "file call {nth} fails");
        for (name, size) in FILES {
            stage.assert_file(name, size);
        }
        assert_eq!(stage.names(), ["a", "b", "c"], "file call {nth} fails");
        if faults.total() < nth {
            return;
        }
    }
    panic!("there are more calls than that");
}

#[test]
fn modifications_are_told_though_nothing_is_stored() {
    let stage = stalling();
    let open = stage.open();
    let job = direct(&stage, &open, &["a"]);
    let recorder = Recorder::new();
    receive_half(&stage, &open, &job);
    // What was before is told once; the rest comes with the bytes.
    job.set_callback(Some(recorder.clone())).unwrap();
    stage.release("a");
    recorder.wait_for(&Told::Modification);
    recorder.wait_for(&Told::Transferred);
}

#[test]
fn the_mode_is_fixed_by_the_first_file() {
    let stage = Stage::new();
    stage.offer("a", 10, "");
    let open = stage.open();
    let job = stage.job(&open, &[]);
    job.set_high_performance(true).unwrap();
    job.set_high_performance(false).unwrap();
    stage.add(&job, "a");
    for mode in [true, false] {
        let error = job.set_high_performance(mode).unwrap_err();
        assert_eq!(error.code, ResultCode::BG_E_READ_ONLY_PROPERTY_AFTER_ADDFILE);
    }
    job.cancel().unwrap();
    assert_eq!(job.set_high_performance(true).unwrap_err().code, ResultCode::BG_E_INVALID_STATE);
}

#[test]
fn both_modes_go_together() {
    let stage = Stage::new();
    stage.offer("a", 100_000, "chunked&reset_after=50000&fail_first=1");
    let open = stage.open();
    let job = direct(&stage, &open, &["a"]);
    job.set_dynamic_content(true).unwrap();
    job.resume().unwrap();
    open.until_state(&job, JobState::TransientError);
    job.resume().unwrap();
    open.until_state(&job, JobState::Transferred);
    assert_eq!(job.complete(), Ok(ResultCode::BG_S_OK));
    stage.assert_file("a", 100_000);
    assert_eq!(stage.names(), ["a"]);
}
