//! What programs say about the content of transferred files.

use bgcopy_engine::client::Result;
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::{JobPriority, JobState};

use crate::stage::{Recorder, Stage, Told};

fn code<T: std::fmt::Debug>(result: Result<T>) -> ResultCode {
    result.expect_err("the call is refused").code
}

#[test]
fn an_invalid_file_and_no_other_is_fetched_again_after_resume() {
    let stage = Stage::new();
    let open = stage.open();
    let recorder = Recorder::new();
    for name in ["a", "b"] {
        stage.offer(name, 100_000, "");
    }
    let job = stage.job(&open, &["a", "b"]);
    job.set_callback(Some(recorder.clone())).unwrap();
    let files = job.files().unwrap();
    assert_eq!(code(files[1].set_validation_state(false)), ResultCode::BG_E_PENDING);
    job.resume().unwrap();
    recorder.wait_for(&Told::Transferred);

    files[1].set_validation_state(false).unwrap();
    assert_eq!(job.state().unwrap(), JobState::Error);
    assert_eq!(files[1].progress().unwrap().bytes_transferred, 0);
    let error = job.error().unwrap();
    assert_eq!((error.code(), error.file().unwrap().index()), (ResultCode::BG_E_VALIDATION_FAILED, 1));
    recorder.wait_for(&Told::Error(ResultCode::BG_E_VALIDATION_FAILED));
    assert_eq!(code(files[1].set_validation_state(true)), ResultCode::BG_E_PENDING);

    stage.server.clear_log();
    job.resume().unwrap();
    recorder.wait("both events again", |told| {
        let count = |wanted: &Told| told.iter().filter(|told| *told == wanted).count();
        count(&Told::File(1)) == 2 && count(&Told::File(0)) == 1 && count(&Told::Transferred) == 2
    });
    assert_eq!(stage.gets(), ["b"]);
    job.complete().unwrap();
    stage.assert_file("a", 100_000);
    stage.assert_file("b", 100_000);
}

#[test]
fn a_valid_file_stays_so_over_a_restart_and_every_completed_one_is_valid() {
    let stage = Stage::new();
    let open = stage.open();
    for name in ["a", "b"] {
        stage.offer(name, 1000, "");
    }
    let job = stage.running_job(&open, &["a", "b"], JobPriority::Foreground);
    open.until_state(&job, JobState::Transferred);
    job.files().unwrap()[0].set_validation_state(true).unwrap();
    assert_eq!(job.state().unwrap(), JobState::Transferred);
    let id = job.id();
    open.close().unwrap();
    let open = stage.open();
    let job = open.job(id).unwrap();
    let files = job.files().unwrap();
    let states = || files.iter().map(|file| file.validation_state().unwrap()).collect::<Vec<_>>();
    assert_eq!(states(), [true, false]);
    job.complete().unwrap();
    assert_eq!(states(), [true, true]);
    assert_eq!(code(files[0].set_validation_state(false)), ResultCode::BG_E_INVALID_STATE);
}

#[test]
fn an_invalid_file_of_a_running_job_stops_it() {
    let stage = Stage::new();
    let open = stage.open();
    stage.offer("a", 1000, "");
    stage.offer("b", 1000, "stall_after=10");
    let job = stage.running_job(&open, &["a", "b"], JobPriority::Foreground);
    stage.wait_stalled("b", 1);
    let files = job.files().unwrap();
    open.until("a transferred", || job.progress().unwrap().files_transferred == 1);
    files[0].set_validation_state(false).unwrap();
    assert_eq!(job.state().unwrap(), JobState::Error);
    stage.change("b", "-stall_after=");
    stage.change("a", "version=1");
    job.resume().unwrap();
    open.until_state(&job, JobState::Transferred);
    job.complete().unwrap();
    stage.assert_file("b", 1000);
    let found = std::fs::read(stage.path("a")).unwrap();
    assert!(found == bgcopy_testserver::content::bytes(crate::stage::seed("a"), 1, 0, 1000));
}
