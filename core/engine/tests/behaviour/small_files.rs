//! Many small files: whichever way they are received, nobody sees a difference.

use std::time::Duration;

use bgcopy_engine::client::Job;
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::{JobPriority, JobState};

use crate::stage::{Open, Recorder, Stage, Told};

const COUNT: u32 = 60;
/// By then the job has shown what its files are like.
const ODD: u32 = 30;
const SIZE: u64 = 3000;

fn name(file: u32) -> String {
    format!("s{file}")
}

/// A foreground job of small files, of which one is special.
fn job(stage: &Stage, open: &Open, size: u64, script: &str) -> Job {
    for file in 0..COUNT {
        let (size, script) = if file == ODD { (size, script) } else { (SIZE, "") };
        stage.offer(&name(file), size, script);
    }
    let names: Vec<String> = (0..COUNT).map(name).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let job = stage.job(open, &names);
    job.set_priority(JobPriority::Foreground).unwrap();
    job
}

fn transferred(job: &Job) -> u32 {
    job.progress().unwrap().files_transferred
}

fn completes(stage: &Stage, open: &Open, job: &Job, size: u64) {
    open.until_state(job, JobState::Transferred);
    assert_eq!(job.complete().unwrap(), ResultCode::BG_S_OK);
    for file in 0..COUNT {
        let size = if file == ODD { size } else { SIZE };
        stage.assert_file(&name(file), usize::try_from(size).unwrap());
    }
    assert_eq!(stage.names().len(), COUNT as usize, "no temporary file is left");
}

#[test]
fn all_arrive_with_one_request_each_and_are_told_in_order() {
    let stage = Stage::new();
    let open = stage.open();
    let job = job(&stage, &open, SIZE, "");
    let recorder = Recorder::new();
    job.set_callback(Some(recorder.clone())).unwrap();
    job.resume().unwrap();
    recorder.wait_for(&Told::Transferred);
    let expected: Vec<Told> = (0..COUNT).map(Told::File).chain([Told::Transferred]).collect();
    assert_eq!(recorder.news(), expected);
    completes(&stage, &open, &job, SIZE);
    assert_eq!(stage.gets().len(), COUNT as usize);
}

#[test]
fn one_that_stalls_holds_up_no_other() {
    for script in ["stall_headers=on", "stall_after=1000"] {
        let stage = Stage::new();
        let open = stage.open();
        let job = job(&stage, &open, SIZE, script);
        let recorder = Recorder::new();
        job.set_callback(Some(recorder.clone())).unwrap();
        job.resume().unwrap();
        stage.wait_stalled(&name(ODD), 1);
        let time_passes = || stage.clock.advance(Duration::from_millis(200));
        recorder.wait_moving("all but one", time_passes, |_| transferred(&job) == COUNT - 1);
        stage.release(&name(ODD));
        completes(&stage, &open, &job, SIZE);
    }
}

#[test]
fn a_large_one_holds_up_no_other() {
    let stage = Stage::new();
    let open = stage.open();
    let job = job(&stage, &open, 1_000_000, "stall_after=200000");
    job.resume().unwrap();
    stage.wait_stalled(&name(ODD), 1);
    open.until("all but one", || transferred(&job) == COUNT - 1);
    stage.release(&name(ODD));
    completes(&stage, &open, &job, 1_000_000);
}

#[test]
fn one_that_is_missing_is_the_error_of_the_job_and_the_others_arrive_after_resume() {
    let stage = Stage::new();
    let open = stage.open();
    let job = job(&stage, &open, SIZE, "status=404");
    job.resume().unwrap();
    open.until_state(&job, JobState::Error);
    let error = job.error().unwrap();
    assert_eq!(error.code(), ResultCode::from_http_status(404));
    assert_eq!(error.file().unwrap().index(), ODD);
    stage.change(&name(ODD), "-status");
    job.resume().unwrap();
    completes(&stage, &open, &job, SIZE);
}

#[test]
fn a_server_that_closes_each_connection_serves_them_too() {
    for script in ["keepalive=off", "http10=on"] {
        let stage = Stage::new();
        let open = stage.open();
        let job = job(&stage, &open, SIZE, "");
        for file in 0..COUNT {
            stage.change(&name(file), script);
        }
        job.resume().unwrap();
        completes(&stage, &open, &job, SIZE);
    }
}

#[test]
fn suspend_and_cancel_end_those_that_were_asked_for() {
    let stage = Stage::new();
    let open = stage.open();
    let job = job(&stage, &open, SIZE, "stall_after=1000");
    job.resume().unwrap();
    stage.wait_stalled(&name(ODD), 1);
    job.suspend().unwrap();
    assert_eq!(job.state().unwrap(), JobState::Suspended);
    job.resume().unwrap();
    stage.wait_stalled(&name(ODD), 1);
    assert_eq!(job.cancel().unwrap(), ResultCode::BG_S_OK);
    assert!(stage.names().is_empty(), "{:?}", stage.names());
    stage.release(&name(ODD));
}
