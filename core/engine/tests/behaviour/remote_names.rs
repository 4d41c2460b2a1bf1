//! Other remote names for the files of a job.

use bgcopy_engine::client::{Job, Result};
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::{JobPriority, JobState};
use bgcopy_testserver::{Resource, content};

use crate::stage::{Open, Stage, seed};

const SIZE: u64 = 4 << 20;
/// More than a worker collects before it writes.
const PART: u64 = 3 << 20;

fn code<T: std::fmt::Debug>(result: Result<T>) -> ResultCode {
    result.unwrap_err().code
}

fn names(job: &Job) -> Vec<String> {
    job.files().unwrap().iter().map(|file| file.remote_name().unwrap()).collect()
}

/// Offers the content of "a" under the name "mirror" and returns its URL.
fn mirror(stage: &Stage, seed: u64, script: &str) -> String {
    stage.server.add("/r/mirror", Resource::seeded(SIZE, seed).script(script))
}

/// A job whose one file is partly on disk, and whose server says nothing more.
fn stalled(stage: &Stage) -> (Open, Job) {
    let open = stage.open();
    stage.offer("a", SIZE, &format!("stall_after={PART}"));
    let job = stage.running_job(&open, &["a"], JobPriority::Foreground);
    open.until("a part", || job.progress().unwrap().bytes_transferred > 0);
    let id = job.id();
    open.close().unwrap();
    stage.change("a", "stall_after=0");
    stage.release("a");
    stage.server.clear_log();
    let open = stage.open();
    stage.wait_stalled("a", 1);
    let job = open.job(id).unwrap();
    (open, job)
}

/// The first byte asked for at the mirror.
fn asked_from(stage: &Stage) -> Option<String> {
    let log = stage.server.log();
    log.iter().find(|entry| entry.path == "/r/mirror")?.header("range").map(str::to_owned)
}

#[test]
fn a_running_download_goes_on_at_a_mirror_where_it_was() {
    let stage = Stage::new();
    let (open, job) = stalled(&stage);
    // The tag is the mirror's own: the date and the overlap prove that the file is the same.
    let url = mirror(&stage, seed("a"), "etag=random");
    let here = job.progress().unwrap().bytes_transferred;
    job.files().unwrap()[0].set_remote_name(&url).unwrap();
    open.until_state(&job, JobState::Transferred);
    assert_eq!(asked_from(&stage), Some(format!("bytes={}-", here - 65_536)));
    job.complete().unwrap();
    stage.assert_file("a", SIZE as usize);
}

#[test]
fn another_file_under_the_new_name_is_fetched_from_its_beginning() {
    let stage = Stage::new();
    let (open, job) = stalled(&stage);
    // Size, date and even the tag agree; the bytes do not.
    stage.change("a", "etag=fixed");
    let url = mirror(&stage, 7, "etag=fixed");
    job.files().unwrap()[0].set_remote_name(&url).unwrap();
    open.until_state(&job, JobState::Transferred);
    job.complete().unwrap();
    let found = std::fs::read(stage.path("a")).unwrap();
    assert!(found == content::bytes(7, 0, 0, SIZE as usize), "bytes of two files are mixed");
}

#[test]
fn a_job_in_error_is_repaired_by_another_name() {
    let stage = Stage::new();
    let open = stage.open();
    stage.offer("a", SIZE, "status=404");
    let job = stage.running_job(&open, &["a"], JobPriority::Normal);
    open.until_state(&job, JobState::Error);
    job.files().unwrap()[0].set_remote_name(&mirror(&stage, seed("a"), "")).unwrap();
    assert_eq!(job.state().unwrap(), JobState::Error);
    job.resume().unwrap();
    open.until_state(&job, JobState::Transferred);
    job.complete().unwrap();
    stage.assert_file("a", SIZE as usize);
}

#[test]
fn a_transferred_file_is_not_fetched_again_and_names_outlive_the_process() {
    let stage = Stage::new();
    let open = stage.open();
    stage.offer("a", SIZE, "");
    let job = stage.running_job(&open, &["a"], JobPriority::Normal);
    open.until_state(&job, JobState::Transferred);
    let url = mirror(&stage, seed("a"), "");
    job.files().unwrap()[0].set_remote_name(&url).unwrap();
    let id = job.id();
    open.close().unwrap();
    let open = stage.open();
    let job = open.job(id).unwrap();
    assert_eq!(names(&job), [url]);
    job.resume().unwrap();
    open.until_state(&job, JobState::Transferred);
    assert!(!stage.gets().contains(&"mirror".to_owned()));
    job.complete().unwrap();
    stage.assert_file("a", SIZE as usize);
}

#[test]
fn a_prefix_is_replaced_in_every_name_that_begins_with_it_or_in_none() {
    let stage = Stage::new();
    let open = stage.open();
    let job = stage.job(
        &open,
        &["x/a", "x/b", "X/c"].map(|name| {
            std::fs::create_dir_all(stage.path(name).parent().unwrap()).unwrap();
            name
        }),
    );
    let before = names(&job);
    let base = stage.server.url("/r/");

    assert_eq!(job.replace_remote_prefix(&format!("{base}y"), "http://h/").unwrap(), ResultCode::BG_S_FALSE);
    assert_eq!(code(job.replace_remote_prefix("", "http://h/")), ResultCode::BG_E_INVALIDARG);
    assert_eq!(code(job.replace_remote_prefix(&base, "")), ResultCode::BG_E_INVALIDARG);
    // With this length the names of two letters are allowed, and the longest one is not.
    let long = format!("http://h/{}", "p".repeat(2200 - "http://h/".len() - "/a".len()));
    assert_eq!(code(job.replace_remote_prefix(&base, &long)), ResultCode::BG_E_INVALIDARG);
    assert_eq!(code(job.replace_remote_prefix(&base, "ftp://h/")), ResultCode::BG_E_INVALIDARG);
    assert_eq!(names(&job), before);

    // Plain text: case counts, and no separator is added.
    let done = job.replace_remote_prefix(&format!("{base}x/"), "http://other.example/p");
    assert_eq!(done.unwrap(), ResultCode::BG_S_OK);
    assert_eq!(names(&job), ["http://other.example/pa", "http://other.example/pb", &before[2]]);
    job.cancel().unwrap();
    assert_eq!(code(job.replace_remote_prefix("http", "https")), ResultCode::BG_E_INVALID_STATE);
}

#[test]
fn a_bad_name_changes_nothing() {
    let stage = Stage::new();
    let open = stage.open();
    let job = stage.job(&open, &["a"]);
    let before = names(&job);
    let file = job.files().unwrap().remove(0);
    for bad in ["", "a", "ftp://h/a", &format!("http://h/{}", "a".repeat(2200))] {
        assert_eq!(code(file.set_remote_name(bad)), ResultCode::BG_E_INVALIDARG, "{bad}");
    }
    assert_eq!(names(&job), before);
    job.cancel().unwrap();
    assert_eq!(code(file.set_remote_name("http://h/a")), ResultCode::BG_E_INVALID_STATE);
}
