//! Jobs whose servers make the content while they send it.

use bgcopy_engine::client::{FileRange, Result};
use bgcopy_engine::model::progress::SIZE_UNKNOWN;
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::{JobPriority, JobState};

use crate::stage::{Open, Stage};

fn code<T: std::fmt::Debug>(result: Result<T>) -> ResultCode {
    result.expect_err("the call is refused").code
}

/// A suspended job in the foreground with dynamic content.
fn dynamic(stage: &Stage, open: &Open, files: &[&str]) -> bgcopy_engine::client::Job {
    let job = stage.job(open, files);
    job.set_priority(JobPriority::Foreground).unwrap();
    job.set_dynamic_content(true).unwrap();
    job
}

#[test]
fn whatever_framing_a_server_uses_the_file_is_whole() {
    let stage = Stage::new();
    let names = ["chunked", "nolength", "http10", "sized", "empty", "emptychunked"];
    let scripts = ["chunked&head=405&ranges=off", "no_length", "http10&no_length", "", "", "chunked"];
    for (name, script) in names.into_iter().zip(scripts) {
        let size = if name.starts_with("empty") { 0 } else { 200_000 };
        stage.offer(name, size, script);
    }
    let open = stage.open();
    let job = dynamic(&stage, &open, &names);
    assert!(job.dynamic_content().unwrap());
    job.resume().unwrap();
    open.until_state(&job, JobState::Transferred);
    assert_eq!(job.progress().unwrap().bytes_total, 800_000);
    job.complete().unwrap();
    for name in names {
        stage.assert_file(name, if name.starts_with("empty") { 0 } else { 200_000 });
    }
    let log = stage.server.log();
    assert_eq!(log.len(), names.len());
    assert!(log.iter().all(|entry| entry.method == "GET" && entry.header("range").is_none()));
}

#[test]
fn the_size_is_unknown_until_the_end() {
    let stage = Stage::new();
    stage.offer("a", 300_000, "stall_after=200000");
    let open = stage.open();
    let job = dynamic(&stage, &open, &["a"]);
    job.resume().unwrap();
    stage.wait_stalled("a", 1);
    open.until_state(&job, JobState::Transferring);
    assert_eq!(job.progress().unwrap().bytes_total, SIZE_UNKNOWN);
    assert_eq!(job.files().unwrap()[0].progress().unwrap().bytes_total, SIZE_UNKNOWN);
    stage.release("a");
    open.until_state(&job, JobState::Transferred);
    assert_eq!(job.progress().unwrap().bytes_total, 300_000);
}

#[test]
fn an_interrupted_file_begins_again_at_0() {
    let stage = Stage::new();
    stage.offer("a", 300_000, "chunked&etag=strong&reset_after=200000&fail_first=1");
    let open = stage.open();
    let job = dynamic(&stage, &open, &["a"]);
    job.resume().unwrap();
    open.until_state(&job, JobState::TransientError);
    assert_eq!(job.progress().unwrap().bytes_transferred, 0);
    // Other content every time.
    stage.change("a", "version=1&stall_after=200000&-reset_after&-fail_first");
    job.resume().unwrap();
    stage.wait_stalled("a", 1);
    job.suspend().unwrap();
    drop(job);
    open.close().unwrap();
    stage.change("a", "version=0&-stall_after");

    let open = stage.open();
    let job = open.jobs(false).unwrap().remove(0);
    assert_eq!(job.progress().unwrap().bytes_transferred, 0);
    job.resume().unwrap();
    open.until_state(&job, JobState::Transferred);
    job.complete().unwrap();
    stage.assert_file("a", 300_000);
    assert_eq!(stage.names(), ["a"]);
    assert!(stage.server.log().iter().all(|entry| entry.header("range").is_none()));
}

#[test]
fn only_a_job_in_the_foreground_moves_and_others_do_not_wait_for_it() {
    let stage = Stage::new();
    stage.offer("a", 1000, "chunked&head=405");
    stage.offer("b", 1000, "");
    let open = stage.open();
    let job = stage.job(&open, &["a"]);
    job.set_dynamic_content(true).unwrap();
    job.resume().unwrap();
    let other = stage.running_job(&open, &["b"], JobPriority::Low);
    open.until_state(&other, JobState::Transferred);
    assert_eq!((job.state().unwrap(), stage.gets_of(&job)), (JobState::Queued, 0));
    job.set_priority(JobPriority::Foreground).unwrap();
    open.until_state(&job, JobState::Transferred);
}

#[test]
fn leaving_the_foreground_stops_the_transfer() {
    let stage = Stage::new();
    stage.offer("a", 300_000, "stall_after=200000&fail_first=1");
    let open = stage.open();
    let job = dynamic(&stage, &open, &["a"]);
    job.resume().unwrap();
    stage.wait_stalled("a", 1);
    job.set_priority(JobPriority::High).unwrap();
    open.until_state(&job, JobState::Queued);
    job.set_priority(JobPriority::Foreground).unwrap();
    open.until_state(&job, JobState::Transferred);
    job.complete().unwrap();
    stage.assert_file("a", 300_000);
}

#[test]
fn the_largest_size_counts_what_comes() {
    let stage = Stage::new();
    for name in ["a", "b"] {
        stage.offer(name, 300_000, "chunked");
    }
    let open = stage.open();
    let job = dynamic(&stage, &open, &["a", "b"]);
    job.set_max_download_size(599_999).unwrap();
    job.resume().unwrap();
    open.until_state(&job, JobState::Error);
    assert_eq!(job.error().unwrap().code(), ResultCode::BG_E_MAX_DOWNLOAD_SIZE_LIMIT_REACHED);
    job.cancel().unwrap();
    let job = dynamic(&stage, &open, &["a", "b"]);
    job.set_max_download_size(600_000).unwrap();
    job.resume().unwrap();
    open.until_state(&job, JobState::Transferred);
}

#[test]
fn the_mode_is_fixed_by_the_first_resume() {
    let stage = Stage::new();
    stage.offer("a", 10, "");
    let open = stage.open();
    let job = stage.running_job(&open, &["a"], JobPriority::Foreground);
    for dynamic in [true, false] {
        assert_eq!(code(job.set_dynamic_content(dynamic)), ResultCode::BG_E_READ_ONLY_PROPERTY_AFTER_RESUME);
    }
    assert!(!job.dynamic_content().unwrap());
}

#[test]
fn there_are_no_ranges_and_no_other_method() {
    let stage = Stage::new();
    stage.offer("a", 10, "");
    let open = stage.open();
    let range = FileRange { initial_offset: 0, length: 5 };
    let unsupported = ResultCode::BG_E_UNSUPPORTED_JOB_CONFIGURATION;
    let (url, path) = (stage.server.url("/r/a"), stage.path("ranges"));
    let path = path.to_str().unwrap();

    let job = dynamic(&stage, &open, &["a"]);
    assert_eq!(code(job.set_on_demand_mode(true)), unsupported);
    job.set_on_demand_mode(false).unwrap();
    assert_eq!(code(job.add_file_with_ranges(&url, path, &[range])), unsupported);
    assert_eq!(
        code(job.set_http_method("POST".into())),
        ResultCode::BG_E_NOT_SUPPORTED_WITH_CUSTOM_HTTP_METHOD
    );
    job.set_http_method("GET".into()).unwrap();
    let file = job.files().unwrap().remove(0);
    let random = ResultCode::BG_E_RANDOM_ACCESS_NOT_SUPPORTED;
    assert_eq!(code(file.request_ranges(&[range])), random);
    assert_eq!(code(file.update_download_position(5)), random);
    assert_eq!(code(file.filled_ranges()), random);
    job.set_dynamic_content(false).unwrap();
    job.set_on_demand_mode(true).unwrap();
    assert_eq!(code(job.set_dynamic_content(true)), unsupported);

    let job = stage.job(&open, &[]);
    job.add_file_with_ranges(&url, path, &[range]).unwrap();
    assert_eq!(code(job.set_dynamic_content(true)), unsupported);
    let job = stage.job(&open, &["a"]);
    job.set_http_method("POST".into()).unwrap();
    assert_eq!(code(job.set_dynamic_content(true)), ResultCode::BG_E_NOT_SUPPORTED_WITH_CUSTOM_HTTP_METHOD);
}
