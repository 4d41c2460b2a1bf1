//! Properties that decide whether and how much a job transfers.

use std::time::Duration;

use bgcopy_engine::client::Result;
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::{JobPriority, JobState};
use bgcopy_protocol::flags::CostFlags;

use crate::stage::{Recorder, Stage, Told};

fn code<T: std::fmt::Debug>(result: Result<T>) -> ResultCode {
    result.expect_err("the call is refused").code
}

#[test]
fn a_job_whose_cost_flags_forbid_the_connection_waits_until_they_allow_it() {
    let stage = Stage::new();
    let open = stage.open();
    for name in ["a", "b"] {
        stage.offer(name, 1000, "");
    }
    let job = stage.job(&open, &["a"]);
    job.set_cost_flags(CostFlags::ROAMING).unwrap();
    let other = stage.job(&open, &["b"]);
    job.resume().unwrap();
    other.resume().unwrap();
    // Its place is another's meanwhile.
    open.until_state(&other, JobState::Transferred);
    assert_eq!(job.state().unwrap(), JobState::TransientError);
    assert_eq!(job.error().unwrap().code(), ResultCode::BG_E_BLOCKED_BY_COST_TRANSFER_POLICY);
    stage.clock.advance(Duration::from_secs(3600));
    job.resume().unwrap();
    assert_eq!(job.state().unwrap(), JobState::TransientError);
    assert_eq!(job.error_count().unwrap(), 0);

    let id = job.id();
    open.close().unwrap();
    let open = stage.open();
    let job = open.job(id).unwrap();
    assert_eq!(job.state().unwrap(), JobState::TransientError);
    assert_eq!(stage.gets(), ["b"]);
    job.set_cost_flags(CostFlags::TRANSFER_STANDARD).unwrap();
    open.until_state(&job, JobState::Transferred);
    job.complete().unwrap();
    stage.assert_file("a", 1000);
}

#[test]
fn cost_flags_stop_a_running_job_at_once() {
    let stage = Stage::new();
    let open = stage.open();
    stage.offer("a", 1000, "stall_after=10");
    let job = stage.running_job(&open, &["a"], JobPriority::Foreground);
    stage.wait_stalled("a", 1);
    job.set_cost_flags(CostFlags::ROAMING).unwrap();
    assert_eq!(job.state().unwrap(), JobState::TransientError);
    stage.change("a", "-stall_after=");
    job.set_cost_flags(CostFlags::TRANSFER_ALWAYS).unwrap();
    open.until_state(&job, JobState::Transferred);
}

#[test]
fn the_files_of_a_job_together_keep_to_its_size() {
    let stage = Stage::new();
    let open = stage.open();
    for name in ["a", "b"] {
        stage.offer(name, 1000, "");
    }
    for (most, state) in [(2000, JobState::Transferred), (1999, JobState::Error)] {
        let job = stage.job(&open, &["a", "b"]);
        job.set_max_download_size(most).unwrap();
        assert_eq!(code(job.set_max_download_size(0)), ResultCode::BG_E_MAX_DOWNLOAD_SIZE_INVALID_VALUE);
        job.resume().unwrap();
        assert_eq!(code(job.set_max_download_size(most)), ResultCode::BG_E_READ_ONLY_PROPERTY_AFTER_RESUME);
        open.until_state(&job, state);
        if state == JobState::Error {
            let error = job.error().unwrap();
            assert_eq!(error.code(), ResultCode::BG_E_MAX_DOWNLOAD_SIZE_LIMIT_REACHED);
            assert!(job.progress().unwrap().bytes_transferred <= most);
        }
        job.cancel().unwrap();
    }
}

#[test]
fn modifications_keep_the_interval_of_their_job() {
    let stage = Stage::new();
    let open = stage.open();
    let recorder = Recorder::new();
    let job = stage.job(&open, &[]);
    job.set_minimum_notification_interval(5000).unwrap();
    job.set_callback(Some(recorder.clone())).unwrap();
    let count = |told: &[Told]| told.iter().filter(|told| **told == Told::Modification).count();
    recorder.wait("the first", |told| count(told) == 1);
    job.set_description("changed".into()).unwrap();
    // Events of a job are told in turn: this one would come behind a modification that was not held back.
    stage.offer("a", 1000, "");
    stage.add(&job, "a");
    job.resume().unwrap();
    recorder.wait_for(&Told::Transferred);
    assert_eq!(count(&recorder.told()), 1);
    stage.clock.advance(Duration::from_secs(5));
    recorder.wait("the second", |told| count(told) == 2);
}

#[test]
fn a_shorter_interval_does_not_wait_for_the_end_of_the_longer_one() {
    let stage = Stage::new();
    let open = stage.open();
    let recorder = Recorder::new();
    let job = stage.job(&open, &[]);
    job.set_minimum_notification_interval(3_600_000).unwrap();
    job.set_callback(Some(recorder.clone())).unwrap();
    let count = |told: &[Told]| told.iter().filter(|told| **told == Told::Modification).count();
    recorder.wait("the first", |told| count(told) == 1);
    job.set_description("changed".into()).unwrap();
    job.set_minimum_notification_interval(5000).unwrap();
    stage.clock.advance(Duration::from_secs(5));
    recorder.wait("the second", |told| count(told) == 2);
}
