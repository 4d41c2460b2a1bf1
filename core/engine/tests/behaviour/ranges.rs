//! Files that are made of ranges of the remote one.

use bgcopy_engine::client::{FileRange, Job, Result};
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::{JobPriority, JobState, JobType};
use bgcopy_protocol::limits::LENGTH_TO_EOF;
use bgcopy_testserver::content;

use crate::stage::{Open, Stage, Witness, seed};

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;

fn range(initial_offset: u64, length: u64) -> FileRange {
    FileRange { initial_offset, length }
}

fn code<T: std::fmt::Debug>(result: Result<T>) -> ResultCode {
    result.expect_err("the call is refused").code
}

/// A suspended job with the file of that name, made of `ranges`.
fn job_of(stage: &Stage, open: &Open, name: &str, ranges: &[FileRange]) -> Job {
    let job = stage.job(open, &[]);
    let url = stage.server.url(&format!("/r/{name}"));
    job.add_file_with_ranges(&url, stage.path(name).to_str().unwrap(), ranges).unwrap();
    job
}

/// What the ranges of the first version of a file of `size` bytes are, one behind the other.
fn joined(name: &str, size: u64, version: u64, ranges: &[FileRange]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for range in ranges {
        let end = range.end().min(size);
        let length = usize::try_from(end - range.initial_offset).unwrap();
        bytes.extend(content::bytes(seed(name), version, range.initial_offset, length));
    }
    bytes
}

fn assert_joined(stage: &Stage, name: &str, size: u64, ranges: &[FileRange]) {
    let found = std::fs::read(stage.path(name)).unwrap();
    assert!(found == joined(name, size, 0, ranges), "{name} has {} bytes, or wrong ones", found.len());
}

/// The Range headers of the GET requests so far.
fn asked(stage: &Stage) -> Vec<String> {
    let log = stage.server.log();
    let range = |(name, value): &(String, String)| name.eq_ignore_ascii_case("range").then(|| value.clone());
    log.iter().filter_map(|entry| entry.headers.iter().find_map(range)).collect()
}

const EXAMPLE: [FileRange; 3] = [
    FileRange { initial_offset: 100, length: 100 },
    FileRange { initial_offset: 900, length: 100 },
    FileRange { initial_offset: 400, length: 100 },
];

#[test]
fn ranges_become_one_file_in_the_order_given_with_one_request() {
    for priority in [JobPriority::Foreground, JobPriority::Normal] {
        let stage = Stage::new();
        let open = stage.open();
        stage.offer("a", 1000, "");
        let job = job_of(&stage, &open, "a", &EXAMPLE);
        job.set_priority(priority).unwrap();
        let file = &job.files().unwrap()[0];
        assert_eq!(file.ranges().unwrap(), EXAMPLE);
        job.resume().unwrap();
        open.until_state(&job, JobState::Transferred);
        let progress = file.progress().unwrap();
        assert_eq!((progress.bytes_total, progress.bytes_transferred), (300, 300));
        assert_eq!(job.progress().unwrap().bytes_total, 300);
        job.complete().unwrap();
        assert_joined(&stage, "a", 1000, &EXAMPLE);
        assert_eq!(asked(&stage), ["bytes=100-199,900-999,400-499"]);
        assert_eq!(file.ranges().unwrap(), EXAMPLE);
    }
}

#[test]
fn a_server_that_does_not_send_several_ranges_is_asked_for_one_at_a_time() {
    let all = ["bytes=100-199", "bytes=900-999", "bytes=400-499"];
    // What came in its place is not fetched again.
    for (how, rest) in [
        ("single", &all[..]),
        ("merged", &all),
        ("first", &all[1..]),
        ("sorted", &all[1..]),
        ("wrong-part", &all[2..]),
    ] {
        let stage = Stage::new();
        let open = stage.open();
        stage.offer("a", 1000, &format!("ranges={how}"));
        let job = job_of(&stage, &open, "a", &EXAMPLE);
        job.resume().unwrap();
        open.until_state(&job, JobState::Transferred);
        job.complete().unwrap();
        assert_joined(&stage, "a", 1000, &EXAMPLE);
        let asked = asked(&stage);
        assert_eq!(asked[0], "bytes=100-199,900-999,400-499", "{how}");
        assert_eq!(&asked[1..], rest, "{how}");
    }
}

#[test]
fn one_range_in_several_parts_is_taken_all_the_same() {
    let stage = Stage::new();
    let open = stage.open();
    stage.offer("a", 1000, "ranges=multipart");
    let job = job_of(&stage, &open, "a", &[range(10, 20)]);
    job.resume().unwrap();
    open.until_state(&job, JobState::Transferred);
    job.complete().unwrap();
    assert_joined(&stage, "a", 1000, &[range(10, 20)]);
}

#[test]
fn ranges_need_a_server_that_has_them() {
    for (how, wanted) in [
        ("ranges=off", ResultCode::BG_E_INSUFFICIENT_RANGE_SUPPORT),
        ("ranges=no-content-range", ResultCode::BG_E_INVALID_SERVER_RESPONSE),
        ("ranges=wrong-start", ResultCode::BG_E_INVALID_SERVER_RESPONSE),
    ] {
        for priority in [JobPriority::Foreground, JobPriority::Normal] {
            let stage = Stage::new();
            let open = stage.open();
            stage.offer("a", 1000, how);
            let job = job_of(&stage, &open, "a", &[range(10, 20)]);
            job.set_priority(priority).unwrap();
            job.resume().unwrap();
            open.until_state(&job, JobState::Error);
            assert_eq!(job.error().unwrap().code(), wanted, "{how}");
        }
    }
}

#[test]
fn a_range_outside_the_remote_file_is_an_error_of_the_job() {
    for ranges in [
        vec![range(0, 1001)],
        vec![range(0, 10), range(990, 11)],
        vec![range(1000, 1)],
        vec![range(1000, LENGTH_TO_EOF)],
        vec![range(5000, 10), range(6000, 10)],
        vec![range(0, 10), range(5000, 10)],
    ] {
        let stage = Stage::new();
        let open = stage.open();
        stage.offer("a", 1000, "");
        let job = job_of(&stage, &open, "a", &ranges);
        job.resume().unwrap();
        open.until_state(&job, JobState::Error);
        assert_eq!(job.error().unwrap().code(), ResultCode::BG_E_INVALID_RANGE, "{ranges:?}");
        job.cancel().unwrap();
        assert!(stage.names().is_empty());
    }
}

#[test]
fn a_range_may_go_to_the_end_of_the_file_and_others_follow() {
    let stage = Stage::new();
    let open = stage.open();
    stage.offer("a", 1000, "");
    let ranges = [range(20, 10), range(900, LENGTH_TO_EOF), range(0, 10)];
    let job = job_of(&stage, &open, "a", &ranges);
    job.resume().unwrap();
    open.until_state(&job, JobState::Transferred);
    assert_eq!(job.progress().unwrap().bytes_total, 120);
    job.complete().unwrap();
    assert_joined(&stage, "a", 1000, &ranges);
}

#[test]
fn many_ranges_are_spread_over_requests_and_neighbours_are_one_range() {
    let stage = Stage::new();
    let open = stage.open();
    stage.offer("a", 100_000, "");
    let mut ranges: Vec<FileRange> = (0..45).map(|n| range(n * 1000, 400)).collect();
    ranges.insert(1, range(400, 100));
    let job = job_of(&stage, &open, "a", &ranges);
    job.resume().unwrap();
    open.until_state(&job, JobState::Transferred);
    job.complete().unwrap();
    assert_joined(&stage, "a", 100_000, &ranges);
    let asked = asked(&stage);
    assert_eq!(asked.len(), 3, "{asked:?}");
    assert!(asked[0].starts_with("bytes=0-499,1000-1399,"), "{asked:?}");
}

#[test]
fn ranges_go_on_where_they_were_when_the_queue_is_opened_again() {
    for validators in ["", "etag=none", "etag=none&date=off", "etag=flip"] {
        let stage = Stage::new();
        let open = stage.open();
        let size = 8 * MIB;
        stage.offer("a", size, &format!("stall_after={}&fail_first=1&on=get&{validators}", 3 * MIB));
        let ranges = [range(4 * MIB, 2 * MIB), range(0, 2 * MIB), range(6 * MIB, LENGTH_TO_EOF)];
        let job = job_of(&stage, &open, "a", &ranges);
        job.resume().unwrap();
        let file = job.files().unwrap().remove(0);
        open.until("the first range is here", || file.progress().unwrap().bytes_transferred >= 2 * MIB);
        let id = job.id();
        open.close().unwrap();
        let open = stage.open();
        let job = open.job(id).unwrap();
        open.until_state(&job, JobState::Transferred);
        job.complete().unwrap();
        assert_joined(&stage, "a", size, &ranges);
        let sent = stage.server.log().iter().map(|entry| entry.sent).sum::<u64>();
        // All of the ranges are 6 MiB; what stood in the buffer and on the way may come twice.
        // A server with several tags is asked more than once.
        assert!(validators == "etag=flip" || sent <= 7 * MIB + 128 * KIB, "{validators}: {sent}");
    }
}

#[test]
fn ranges_of_two_versions_are_never_joined() {
    for (validators, priority) in [
        ("", JobPriority::Normal),
        ("", JobPriority::Foreground),
        ("etag=none", JobPriority::Normal),
        ("etag=none&date=off", JobPriority::Normal),
        ("etag=weak&date=fixed", JobPriority::Normal),
    ] {
        let stage = Stage::new();
        let open = stage.open();
        let size = 8 * MIB;
        stage.offer("a", size, &format!("stall_after={}&fail_first=1&on=get&{validators}", 3 * MIB));
        let ranges = [range(4 * MIB, 2 * MIB), range(0, 2 * MIB)];
        let job = job_of(&stage, &open, "a", &ranges);
        job.set_priority(priority).unwrap();
        job.resume().unwrap();
        let file = job.files().unwrap().remove(0);
        open.until("the first range is here", || file.progress().unwrap().bytes_transferred >= 2 * MIB);
        job.suspend().unwrap();
        stage.change("a", "version=1");
        job.resume().unwrap();
        open.until_state(&job, JobState::Transferred);
        job.complete().unwrap();
        let found = std::fs::read(stage.path("a")).unwrap();
        assert!(found == joined("a", size, 1, &ranges), "{validators}");
    }
}

#[test]
fn ranges_survive_the_end_of_the_process() {
    let stage = Stage::new();
    let witness = Witness::new(&stage.store);
    let open = stage.open_with(Box::new(witness.clone()), bgcopy_engine::sys::fs::Faults::none()).unwrap();
    stage.offer("a", 1000, "");
    witness.copy_next();
    let job = stage.job(&open, &[]);
    witness.copy_next();
    let url = stage.server.url("/r/a");
    job.add_file_with_ranges(&url, stage.path("a").to_str().unwrap(), &EXAMPLE).unwrap();
    let crashed = Stage { store: witness.copy(), ..stage };
    drop(open);
    let open = crashed.open();
    let job = open.job(job.id()).unwrap();
    assert_eq!(job.files().unwrap()[0].ranges().unwrap(), EXAMPLE);
}

#[test]
fn ranges_are_checked_when_the_file_is_added_and_a_refusal_changes_nothing() {
    let stage = Stage::new();
    let open = stage.open();
    let job = open.create_job("test", JobType::Download).unwrap();
    let path = stage.path("a");
    let path = path.to_str().unwrap();
    let add = |url: &str, ranges: &[FileRange]| job.add_file_with_ranges(url, path, ranges);
    let url = stage.server.url("/r/a");
    assert_eq!(code(add(&url, &[])), ResultCode::BG_E_INVALIDARG);
    assert_eq!(code(add(&url, &[range(LENGTH_TO_EOF, 1)])), ResultCode::BG_E_INVALID_RANGE);
    assert_eq!(code(add(&url, &[range(0, 0)])), ResultCode::BG_E_INVALID_RANGE);
    assert_eq!(code(add(&url, &[range(0, 2), range(1, 1)])), ResultCode::BG_E_OVERLAPPING_RANGES);
    assert_eq!(code(add("no url", &[range(0, 2)])), ResultCode::BG_E_INVALIDARG);
    assert_eq!(code(add("file:///etc/passwd", &[range(0, 2)])), ResultCode::BG_E_INVALIDARG);
    assert_eq!(code(job.add_file_with_ranges(&url, "a", &[range(0, 2)])), ResultCode::BG_E_INVALIDARG);
    assert!(job.files().unwrap().is_empty());

    job.set_http_method("POST".into()).unwrap();
    let refused = ResultCode::BG_E_NOT_SUPPORTED_WITH_CUSTOM_HTTP_METHOD;
    assert_eq!(code(add(&url, &[range(0, 2)])), refused);
    job.set_http_method("GET".into()).unwrap();
    add(&url, &[range(0, 2)]).unwrap();
    assert_eq!(code(job.set_http_method("POST".into())), refused);
    job.set_http_method("GET".into()).unwrap();
    job.add_file(&url, path).unwrap();
    assert!(job.files().unwrap()[1].ranges().unwrap().is_empty());
    job.cancel().unwrap();
    assert_eq!(code(add(&url, &[range(0, 2)])), ResultCode::BG_E_INVALID_STATE);
}
