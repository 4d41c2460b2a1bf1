//! The life of a job: what becomes of its files, its error and its times on the way.

use std::os::unix::process::CommandExt;
use std::time::{Duration, UNIX_EPOCH};

use bgcopy_engine::client::{Manager, Result, SIZE_UNKNOWN};
use bgcopy_engine::sys::clock::Clock;
use bgcopy_engine::sys::fs::{Call, Faults};
use bgcopy_engine::sys::user;
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::{JobPriority, JobState, JobType};

use crate::rules::{in_a_process_of_its_own, settings};
use crate::stage::{Recorder, Stage, Told, eventually, seed};

const OK: ResultCode = ResultCode::BG_S_OK;
/// Numbers of the system.
const PERMISSION_DENIED: i32 = 13;
const READ_ONLY: i32 = 30;

fn code<T: std::fmt::Debug>(result: Result<T>) -> ResultCode {
    result.expect_err("the call is refused").code
}

#[test]
fn resume_of_a_moving_job_changes_nothing() {
    let stage = Stage::new();
    let open = stage.open();
    stage.offer("a", 1000, "stall_after=10");
    let job = stage.running_job(&open, &["a"], JobPriority::Foreground);
    stage.wait_stalled("a", 1);
    open.until_state(&job, JobState::Transferring);
    job.resume().unwrap();
    assert_eq!(job.state().unwrap(), JobState::Transferring);
    stage.release("a");
    open.until_state(&job, JobState::Transferred);
    assert_eq!(stage.gets(), ["a"]);
}

#[test]
fn resume_of_a_transferred_job_with_nothing_new_tells_it_again() {
    let stage = Stage::new();
    let open = stage.open();
    stage.offer("a", 1000, "");
    let job = stage.job(&open, &["a"]);
    let recorder = Recorder::new();
    job.set_callback(Some(recorder.clone())).unwrap();
    job.resume().unwrap();
    recorder.wait_for(&Told::Transferred);
    job.resume().unwrap();
    recorder
        .wait("the second time", |told| told.iter().filter(|told| **told == Told::Transferred).count() == 2);
    assert_eq!(job.state().unwrap(), JobState::Transferred);
    assert_eq!(stage.gets(), ["a"]);
}

#[test]
fn complete_of_a_partly_transferred_job_publishes_what_is_whole_and_deletes_the_rest() {
    let stage = Stage::new();
    let open = stage.open();
    stage.offer("whole", 1000, "");
    stage.offer("part", 1000, "stall_after=10");
    let job = stage.running_job(&open, &["whole", "part"], JobPriority::Foreground);
    open.until("one file", || job.progress().unwrap().files_transferred == 1);
    stage.wait_stalled("part", 1);
    assert_eq!(job.complete().unwrap(), ResultCode::BG_S_PARTIAL_COMPLETE);
    assert_eq!(job.state().unwrap(), JobState::Acknowledged);
    assert_eq!(stage.names(), ["whole"]);
    stage.assert_file("whole", 1000);
}

#[test]
fn a_file_is_completed_when_its_job_is() {
    let stage = Stage::new();
    let open = stage.open();
    stage.offer("a", 1000, "date=off&header=Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT");
    let job = stage.running_job(&open, &["a"], JobPriority::Normal);
    open.until_state(&job, JobState::Transferred);
    let file = job.files().unwrap().remove(0);
    assert!(!file.progress().unwrap().completed && !stage.path("a").exists());
    job.complete().unwrap();
    assert!(file.progress().unwrap().completed);
    stage.assert_file("a", 1000);
    let modified = std::fs::metadata(stage.path("a")).unwrap().modified().unwrap();
    assert_eq!(modified, UNIX_EPOCH + Duration::from_secs(1_704_067_200));
}

#[test]
fn a_temporary_file_that_cannot_be_deleted_is_a_remark_and_the_job_ends_all_the_same() {
    for complete in [false, true] {
        let stage = Stage::new();
        let faults = Faults::fail_call(Call::Unlink, 1, PERMISSION_DENIED);
        let open = stage.open_with(Box::new(stage.store.clone()), faults).unwrap();
        stage.offer("a", 1000, "stall_after=10");
        let job = stage.running_job(&open, &["a"], JobPriority::Foreground);
        stage.wait_stalled("a", 1);
        eventually("the temporary file", || !stage.names().is_empty());
        let ended = if complete { job.complete() } else { job.cancel() };
        let expected = if complete {
            ResultCode::BG_S_PARTIAL_COMPLETE
        } else {
            ResultCode::BG_S_UNABLE_TO_DELETE_FILES
        };
        assert_eq!(ended.unwrap(), expected);
        let state = if complete { JobState::Acknowledged } else { JobState::Cancelled };
        assert_eq!(job.state().unwrap(), state);
        assert!(open.jobs(false).unwrap().is_empty());
        assert_eq!(stage.names().len(), 1, "the file is left");
    }
}

#[test]
fn one_file_that_fails_stops_its_job_and_later_files_wait() {
    let mut stage = Stage::new();
    stage.settings.background_files_in_flight = 1;
    let open = stage.open();
    for (name, script) in [("a", ""), ("bad", "status=404"), ("c", "")] {
        stage.offer(name, 1000, script);
    }
    let job = stage.running_job(&open, &["a", "bad", "c"], JobPriority::Normal);
    open.until_state(&job, JobState::Error);
    assert_eq!(job.error().unwrap().file().unwrap().index(), 1);
    assert!(!stage.gets().contains(&"c".to_owned()));
    open.until("the first file", || job.progress().unwrap().files_transferred == 1);
    stage.change("bad", "-status=");
    job.resume().unwrap();
    open.until_state(&job, JobState::Transferred);
    // What was whole before is not fetched again.
    assert_eq!(stage.gets().iter().filter(|name| *name == "a").count(), 1);
}

#[test]
fn a_read_only_destination_is_a_transient_error_that_only_resume_tries_again() {
    let stage = Stage::new();
    let faults = Faults::fail_call(Call::Open, 1, READ_ONLY);
    let open = stage.open_with(Box::new(stage.store.clone()), faults).unwrap();
    stage.offer("a", 1000, "");
    let job = stage.running_job(&open, &["a"], JobPriority::Foreground);
    open.until_state(&job, JobState::TransientError);
    assert_eq!(job.error().unwrap().code(), ResultCode::BG_E_DESTINATION_LOCKED);
    assert_eq!(job.error_count().unwrap(), 0);
    // Another job, with a timer, shows that the time has passed.
    stage.offer("b", 1000, "status=503&fail_first=1");
    let witness = stage.running_job(&open, &["b"], JobPriority::Foreground);
    open.until_state(&witness, JobState::TransientError);
    stage.clock.advance(Duration::from_secs(601));
    open.until_state(&witness, JobState::Transferred);
    assert_eq!(job.state().unwrap(), JobState::TransientError);
    job.resume().unwrap();
    open.until_state(&job, JobState::Transferred);
}

#[test]
fn a_transient_error_is_no_event_of_its_own_and_the_error_count_only_grows() {
    let stage = Stage::new();
    let open = stage.open();
    stage.offer("a", 1000, "status=503&fail_first=2");
    let job = stage.job(&open, &["a"]);
    let recorder = Recorder::new();
    job.set_callback(Some(recorder.clone())).unwrap();
    job.resume().unwrap();
    for failures in 1..=2 {
        open.until("a failure", || {
            job.error_count().unwrap() == failures && job.state().unwrap() == JobState::TransientError
        });
        stage.clock.advance(Duration::from_secs(600));
    }
    open.until_state(&job, JobState::Transferred);
    recorder.wait_for(&Told::Transferred);
    assert_eq!(recorder.news(), [Told::File(0), Told::Transferred]);
    assert_eq!(job.error_count().unwrap(), 2);
}

#[test]
fn the_size_of_a_job_is_unknown_as_long_as_that_of_one_file() {
    let stage = Stage::new();
    let open = stage.open();
    stage.offer("a", 1000, "");
    stage.offer("b", 500, "stall_headers");
    let job = stage.running_job(&open, &["a", "b"], JobPriority::Foreground);
    open.until("one file", || job.progress().unwrap().files_transferred == 1);
    let progress = job.progress().unwrap();
    assert_eq!(
        (progress.bytes_total, progress.bytes_transferred, progress.files_total),
        (SIZE_UNKNOWN, 1000, 2)
    );
    stage.release("b");
    open.until_state(&job, JobState::Transferred);
    let progress = job.progress().unwrap();
    assert_eq!((progress.bytes_total, progress.bytes_transferred), (1500, 1500));
}

#[test]
fn a_local_name_may_be_given_twice() {
    let stage = Stage::new();
    let open = stage.open();
    stage.offer("a", 1000, "");
    let job = stage.job(&open, &["a", "a"]);
    job.resume().unwrap();
    open.until_state(&job, JobState::Transferred);
    assert_eq!(stage.gets(), ["a", "a"]);
    assert_eq!(job.complete().unwrap(), OK);
    assert_eq!(stage.names(), ["a"]);
    stage.assert_file("a", 1000);
}

#[test]
fn every_change_moves_the_modification_time() {
    let stage = Stage::new();
    let open = stage.open();
    stage.offer("a", 1000, "stall_after=10");
    let job = stage.job(&open, &[]);
    let changes: [&dyn Fn(); 5] = [
        &|| stage.add(&job, "a"),
        &|| job.set_description("changed".into()).unwrap(),
        &|| job.resume().unwrap(),
        &|| job.suspend().unwrap(),
        &|| assert_eq!(job.cancel().unwrap(), OK),
    ];
    let created = job.times().unwrap().creation;
    for (number, change) in changes.iter().enumerate() {
        stage.clock.advance(Duration::from_secs(1));
        change();
        let times = job.times().unwrap();
        assert_eq!((times.creation, times.modification), (created, stage.clock.wall()), "change {number}");
    }
}

#[test]
fn the_temporary_file_can_be_read_while_it_grows() {
    const PART: usize = 3 << 20;
    let stage = Stage::new();
    let open = stage.open();
    stage.offer("a", 4 << 20, "stall_after=3145728");
    let job = stage.running_job(&open, &["a"], JobPriority::Foreground);
    stage.wait_stalled("a", 1);
    let file = job.files().unwrap().remove(0);
    open.until("the part", || file.progress().unwrap().bytes_transferred >= 2 << 20);
    let there = usize::try_from(file.progress().unwrap().bytes_transferred).unwrap();
    let part = std::fs::read(file.temporary_name().unwrap()).unwrap();
    assert!(there <= PART && part.len() >= there);
    assert!(part[..there] == bgcopy_testserver::content::bytes(seed("a"), 0, 0, there));
    stage.release("a");
    open.until_state(&job, JobState::Transferred);
}

#[test]
fn headers_can_be_set_for_a_transferred_job_and_not_for_one_that_ended() {
    let stage = Stage::new();
    let open = stage.open();
    stage.offer("a", 1000, "");
    let job = stage.running_job(&open, &["a"], JobPriority::Normal);
    open.until_state(&job, JobState::Transferred);
    job.set_custom_headers(Some("X-A: 1\r\n")).unwrap();
    assert_eq!(job.state().unwrap(), JobState::Transferred);
    job.complete().unwrap();
    assert_eq!(code(job.set_custom_headers(None)), ResultCode::BG_E_INVALID_STATE);
}

#[test]
fn no_cookie_is_kept() {
    let stage = Stage::new();
    let open = stage.open();
    for name in ["a", "b"] {
        stage.offer(name, 1000, "header=Set-Cookie: session=1; Path=/");
    }
    for name in ["a", "b"] {
        let job = stage.running_job(&open, &[name], JobPriority::Foreground);
        open.until_state(&job, JobState::Transferred);
    }
    assert!(stage.server.log().iter().all(|entry| entry.header("Cookie").is_none()));
}

#[test]
fn a_list_of_jobs_stays_as_it_was_and_its_jobs_live() {
    let stage = Stage::new();
    let open = stage.open();
    let first = stage.job(&open, &[]);
    let list = open.jobs(false).unwrap();
    let second = open.create_job("same name", JobType::Download).unwrap();
    open.create_job("same name", JobType::Download).unwrap();
    first.set_display_name("renamed".into()).unwrap();
    second.cancel().unwrap();
    assert_eq!(list.len(), 1);
    assert_eq!(list[0].display_name().unwrap(), "renamed");
    first.cancel().unwrap();
    assert_eq!(list[0].state().unwrap(), JobState::Cancelled);
}

#[test]
fn a_job_of_another_user_can_be_neither_opened_nor_listed() {
    const NOBODY: u32 = 65534;
    const DIRECTORY: &str = "BGCOPY_TEST_QUEUE_OF_ROOT";
    let stage = Stage::new();
    let id = |directory: &std::path::Path| directory.with_extension("id");
    if let Some(directory) = std::env::var_os(DIRECTORY) {
        let directory = std::path::PathBuf::from(directory);
        let mut settings = settings(&stage);
        settings.directory.clone_from(&directory);
        let queue = Manager::open(settings).unwrap();
        let text = std::fs::read_to_string(id(&directory)).unwrap();
        assert_eq!(code(queue.job(text.parse().unwrap())), ResultCode::BG_E_ACCESSDENIED);
        assert!(queue.jobs(false).unwrap().is_empty());
        assert_eq!(code(queue.jobs(true)), ResultCode::BG_E_ACCESSDENIED);
        return;
    }
    if user::effective() != 0 {
        // A job of another user cannot be made.
        return;
    }
    let directory = stage.path("real");
    let queue = Manager::open(settings(&stage)).unwrap();
    let job = queue.create_job("of root", JobType::Download).unwrap();
    std::fs::write(id(&directory), job.id().to_string()).unwrap();
    queue.close().unwrap();
    for path in std::fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().path()) {
        std::os::unix::fs::chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    }
    for path in [&directory, &id(&directory)] {
        std::os::unix::fs::chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    }
    std::fs::set_permissions(stage.dir.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let test = "life_cycle::a_job_of_another_user_can_be_neither_opened_nor_listed";
    in_a_process_of_its_own(test, DIRECTORY, directory.to_str().unwrap(), |command| {
        command.uid(NOBODY).gid(NOBODY).env("TMPDIR", "/tmp");
    });
}
