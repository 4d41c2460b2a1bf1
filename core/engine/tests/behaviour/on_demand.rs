//! Ranges that programs ask for while a job runs.

use std::sync::Arc;
use std::time::Duration;

use bgcopy_engine::client::{Callback, EventKind, File, FileRange, Job, Result};
use bgcopy_engine::model::property::notify;
use bgcopy_engine::sys::fs::{Call, Faults};
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::{JobPriority, JobState};
use bgcopy_protocol::file_range::RangeSet;
use bgcopy_protocol::limits::LENGTH_TO_EOF;
use bgcopy_testserver::content;
use parking_lot::{Condvar, Mutex};

use crate::stage::{ALL_EVENTS, Open, PATIENCE, Stage, Witness, next_event, seed};

const MIB: u64 = 1024 * 1024;

fn range(initial_offset: u64, length: u64) -> FileRange {
    FileRange { initial_offset, length }
}

fn code<T: std::fmt::Debug>(result: Result<T>) -> ResultCode {
    result.expect_err("the call is refused").code
}

/// A job on demand with the file of that name.
fn job_of(stage: &Stage, open: &Open, name: &str) -> (Job, File) {
    let job = stage.job(open, &[name]);
    job.set_on_demand_mode(true).unwrap();
    let file = job.files().unwrap().remove(0);
    (job, file)
}

/// These bytes are in the temporary file.
fn assert_here(name: &str, file: &File, ranges: &[FileRange]) {
    let bytes = std::fs::read(file.temporary_name().unwrap()).unwrap();
    for range in ranges {
        let (start, length) = (range.initial_offset as usize, range.length as usize);
        let wanted = content::bytes(seed(name), 0, range.initial_offset, length);
        assert!(bytes[start..start + length] == wanted, "{range:?}");
    }
}

/// Bytes that the server has sent so far.
fn sent(stage: &Stage) -> u64 {
    stage.server.log().iter().filter(|entry| entry.method == "GET").map(|entry| entry.sent).sum()
}

#[test]
fn a_job_on_demand_fetches_what_was_requested_and_is_suspended() {
    for priority in [JobPriority::Foreground, JobPriority::Normal] {
        let stage = Stage::new();
        let open = stage.open();
        stage.offer("a", 1000, "");
        let (job, file) = job_of(&stage, &open, "a");
        assert!(job.on_demand_mode().unwrap());
        job.set_priority(priority).unwrap();
        assert_eq!(file.filled_ranges().unwrap(), []);
        file.request_ranges(&[range(200, 100)]).unwrap();
        job.resume().unwrap();
        open.until_state(&job, JobState::Suspended);
        assert_eq!(file.filled_ranges().unwrap(), [range(200, 100)]);
        let progress = file.progress().unwrap();
        assert_eq!((progress.bytes_total, progress.bytes_transferred), (1000, 100));
        assert_here("a", &file, &[range(200, 100)]);

        // Overlaps are fetched once, and another request needs another Resume.
        file.request_ranges(&[range(150, 100), range(900, LENGTH_TO_EOF)]).unwrap();
        assert_eq!(job.state().unwrap(), JobState::Suspended);
        job.resume().unwrap();
        open.until_state(&job, JobState::Suspended);
        assert_eq!(file.filled_ranges().unwrap(), [range(150, 150), range(900, 100)]);
        file.request_ranges(&[range(0, LENGTH_TO_EOF)]).unwrap();
        job.resume().unwrap();
        open.until_state(&job, JobState::Transferred);
        assert_eq!(file.filled_ranges().unwrap(), [range(0, 1000)]);
        job.complete().unwrap();
        stage.assert_file("a", 1000);
        assert!(sent(&stage) < 1400, "{}", sent(&stage));
    }
}

#[test]
fn a_job_on_demand_waits_for_requests_without_standing_in_the_way() {
    let stage = Stage::new();
    let open = stage.open();
    for name in ["a", "b"] {
        stage.offer(name, 1000, "");
    }
    let (job, file) = job_of(&stage, &open, "a");
    job.resume().unwrap();
    assert_eq!(job.state().unwrap(), JobState::Queued);
    let other = stage.running_job(&open, &["b"], JobPriority::Normal);
    open.until_state(&other, JobState::Transferred);
    assert_eq!(job.state().unwrap(), JobState::Queued);
    file.request_ranges(&[range(10, 10)]).unwrap();
    open.until_state(&job, JobState::Suspended);
    assert_eq!(file.filled_ranges().unwrap(), [range(10, 10)]);
    // Nothing was asked for since: there is nothing to wait for.
    job.resume().unwrap();
    assert_eq!(job.state().unwrap(), JobState::Suspended);
    // Switched off, the rest comes.
    job.set_on_demand_mode(false).unwrap();
    job.resume().unwrap();
    open.until_state(&job, JobState::Transferred);
    job.complete().unwrap();
    stage.assert_file("a", 1000);
}

#[test]
fn requested_ranges_of_an_ordinary_job_come_first_and_then_the_rest() {
    let stage = Stage::new();
    let open = stage.open();
    stage.offer("a", 1000, "");
    let job = stage.job(&open, &["a"]);
    let file = job.files().unwrap().remove(0);
    file.request_ranges(&[range(500, 100), range(300, 10)]).unwrap();
    job.resume().unwrap();
    open.until_state(&job, JobState::Transferred);
    job.complete().unwrap();
    stage.assert_file("a", 1000);
    let asked = stage.server.log().remove(0);
    let first = asked.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("range")).unwrap();
    assert_eq!(first.1, "bytes=500-599,300-309,0-299,310-499,600-");
}

#[test]
fn a_running_download_goes_on_at_the_new_position_and_no_byte_comes_twice() {
    let stage = Stage::new();
    let open = stage.open();
    let size = 8 * MIB;
    stage.offer("a", size, &format!("stall_after={}&fail_first=1&on=get", 3 * MIB));
    let job = stage.running_job(&open, &["a"], JobPriority::Normal);
    let file = job.files().unwrap().remove(0);
    open.until("some is here", || file.progress().unwrap().bytes_transferred >= 2 * MIB);
    stage.wait_stalled("a", 1);
    file.update_download_position(6 * MIB).unwrap();
    open.until_state(&job, JobState::Transferred);
    job.complete().unwrap();
    stage.assert_file("a", size as usize);
    let log = stage.server.log();
    let second = log.iter().filter(|entry| entry.method == "GET").nth(1).unwrap();
    let asked = second.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("range")).unwrap();
    assert!(asked.1.starts_with(&format!("bytes={}-{},", 6 * MIB, size - 1)), "{asked:?}");
    assert!(sent(&stage) <= size + MIB + 1024, "{}", sent(&stage));
}

#[test]
fn what_was_filled_is_there_after_a_crash() {
    for validators in ["", "etag=none&date=off"] {
        let stage = Stage::new();
        let witness = Witness::new(&stage.store);
        let open = stage.open_with(Box::new(witness.clone()), Faults::none()).unwrap();
        stage.offer("a", 1000, validators);
        let (job, file) = job_of(&stage, &open, "a");
        file.request_ranges(&[range(200, 100), range(700, 50)]).unwrap();
        job.resume().unwrap();
        open.until_state(&job, JobState::Suspended);
        witness.copy_next();
        file.request_ranges(&[range(250, 500)]).unwrap();
        let id = job.id();
        // The process ends without closing: what is stored now is what there is.
        let crashed = Stage { store: witness.copy(), ..stage };
        drop((job, file, open));
        crashed.server.clear_log();
        let open = crashed.open();
        let job = open.job(id).unwrap();
        let file = job.files().unwrap().remove(0);
        assert!(job.on_demand_mode().unwrap());
        assert_eq!(file.filled_ranges().unwrap(), [range(200, 100), range(700, 50)]);
        job.resume().unwrap();
        open.until_state(&job, JobState::Suspended);
        assert_eq!(file.filled_ranges().unwrap(), [range(200, 550)]);
        assert_here("a", &file, &[range(200, 550)]);
        // Without a strong tag what is here is compared: 100 bytes before the gap.
        let most = if validators.is_empty() { 400 } else { 500 };
        assert_eq!(sent(&crashed), most);
        job.set_on_demand_mode(false).unwrap();
        job.resume().unwrap();
        open.until_state(&job, JobState::Transferred);
        job.complete().unwrap();
        crashed.assert_file("a", 1000);
    }
}

#[test]
fn filled_ranges_of_an_old_version_are_void() {
    for validators in ["", "etag=none", "etag=none&date=off"] {
        let stage = Stage::new();
        let open = stage.open();
        stage.offer("a", 1000, validators);
        let (job, file) = job_of(&stage, &open, "a");
        file.request_ranges(&[range(200, 100)]).unwrap();
        job.resume().unwrap();
        open.until_state(&job, JobState::Suspended);
        stage.change("a", "version=1");
        file.request_ranges(&[range(700, 100)]).unwrap();
        job.set_on_demand_mode(false).unwrap();
        job.resume().unwrap();
        open.until_state(&job, JobState::Transferred);
        job.complete().unwrap();
        let found = std::fs::read(stage.path("a")).unwrap();
        assert!(found == content::bytes(seed("a"), 1, 0, 1000), "{validators}");
    }
}

#[test]
fn every_file_of_a_job_on_demand_has_its_requests() {
    let stage = Stage::new();
    let open = stage.open();
    for name in ["a", "b", "c"] {
        stage.offer(name, 1000, "");
    }
    let job = stage.job(&open, &["a", "b", "c"]);
    job.set_on_demand_mode(true).unwrap();
    let files = job.files().unwrap();
    files[1].request_ranges(&[range(0, LENGTH_TO_EOF)]).unwrap();
    files[2].request_ranges(&[range(5, 5)]).unwrap();
    job.resume().unwrap();
    open.until_state(&job, JobState::Suspended);
    assert_eq!(files[0].filled_ranges().unwrap(), []);
    assert_eq!(files[1].filled_ranges().unwrap(), [range(0, 1000)]);
    assert_eq!(files[2].filled_ranges().unwrap(), [range(5, 5)]);
    assert_eq!(job.progress().unwrap().files_transferred, 1);
    // What is whole is kept, the rest is not.
    assert_eq!(job.complete().unwrap(), ResultCode::BG_S_PARTIAL_COMPLETE);
    stage.assert_file("b", 1000);
    assert_eq!(stage.names(), ["b"]);
}

/// What file_ranges_transferred has told of the first file.
#[derive(Default)]
struct Ears {
    heard: Mutex<(RangeSet, usize)>,
    changed: Condvar,
}

impl Callback for Ears {
    fn file_ranges_transferred(&self, job: &Job, file: &File, ranges: &[FileRange]) -> ResultCode {
        assert_eq!(file.index(), 0);
        let filled = file.filled_ranges().unwrap();
        let mut heard = self.heard.lock();
        for range in ranges {
            let within =
                |run: &FileRange| run.initial_offset <= range.initial_offset && range.end() <= run.end();
            assert!(filled.iter().any(within), "{job:?}: {range:?} is not in {filled:?}");
            assert!(!heard.0.contains(range.initial_offset, range.end()), "{range:?} is told twice");
            heard.0.insert(range.initial_offset, range.end());
        }
        heard.1 += 1;
        self.changed.notify_all();
        ResultCode::BG_S_OK
    }
}

impl Ears {
    fn wait_for(&self, wanted: &[FileRange]) {
        let mut heard = self.heard.lock();
        while heard.0.to_ranges() != wanted {
            assert!(!self.changed.wait_for(&mut heard, PATIENCE).timed_out(), "heard: {:?}", heard.0);
        }
    }
}

#[test]
fn ranges_are_told_as_they_arrive_once_and_merged() {
    let stage = Stage::new();
    let open = stage.open();
    stage.offer("a", 1000, "");
    let (job, file) = job_of(&stage, &open, "a");
    let ears = Arc::new(Ears::default());
    job.set_callback(Some(ears.clone())).unwrap();
    job.set_notify_flags(ALL_EVENTS | notify::FILE_RANGES_TRANSFERRED).unwrap();
    file.request_ranges(&[range(200, 100), range(700, 50)]).unwrap();
    job.resume().unwrap();
    ears.wait_for(&[range(200, 100), range(700, 50)]);
    open.until_state(&job, JobState::Suspended);
    file.request_ranges(&[range(100, 200)]).unwrap();
    job.resume().unwrap();
    ears.wait_for(&[range(100, 200), range(700, 50)]);
}

#[test]
fn ranges_of_ordinary_downloads_are_told_too_but_not_of_files_made_of_ranges() {
    let stage = Stage::new();
    let open = stage.open();
    stage.offer("a", 1000, "");
    stage.offer("b", 1000, "");
    let job = stage.job(&open, &["a"]);
    let url = stage.server.url("/r/b");
    job.add_file_with_ranges(&url, stage.path("b").to_str().unwrap(), &[range(0, 10)]).unwrap();
    let ears = Arc::new(Ears::default());
    job.set_callback(Some(ears.clone())).unwrap();
    job.set_notify_flags(notify::JOB_TRANSFERRED | notify::FILE_RANGES_TRANSFERRED).unwrap();
    job.resume().unwrap();
    ears.wait_for(&[range(0, 1000)]);
    open.until_state(&job, JobState::Transferred);
}

#[test]
fn ranges_keep_the_interval_of_their_job_and_the_last_ones_do_not_wait() {
    let stage = Stage::new();
    let open = stage.open();
    stage.offer("a", 8 * MIB, &format!("stall_after={}&fail_skip=1&fail_first=1&on=get", 3 * MIB));
    let (job, file) = job_of(&stage, &open, "a");
    let ears = Arc::new(Ears::default());
    job.set_callback(Some(ears.clone())).unwrap();
    job.set_notify_flags(notify::FILE_RANGES_TRANSFERRED).unwrap();
    job.set_minimum_notification_interval(5000).unwrap();
    file.request_ranges(&[range(0, 10)]).unwrap();
    job.resume().unwrap();
    ears.wait_for(&[range(0, 10)]);
    open.until_state(&job, JobState::Suspended);
    // The clock stands still: only the end of what was requested lets these be told.
    file.request_ranges(&[range(0, 6 * MIB)]).unwrap();
    job.resume().unwrap();
    stage.wait_stalled("a", 1);
    stage.release("a");
    ears.wait_for(&[range(0, 6 * MIB)]);
    assert!(ears.heard.lock().1 <= 2);
}

#[test]
fn arrived_ranges_reach_the_poll_loop_merged() {
    let stage = Stage::new();
    let open = stage.open();
    stage.offer("a", 1000, "");
    let (job, file) = job_of(&stage, &open, "a");
    job.set_notify_flags(notify::FILE_RANGES_TRANSFERRED).unwrap();
    file.request_ranges(&[range(200, 100), range(700, 50)]).unwrap();
    job.resume().unwrap();
    let mut arrived = RangeSet::default();
    while arrived.total() < 150 {
        let event = next_event(&open);
        let EventKind::FileRangesTransferred(0, ranges) = event.kind else { continue };
        for range in ranges {
            assert!(!arrived.contains(range.initial_offset, range.end()));
            arrived.insert(range.initial_offset, range.end());
        }
    }
    assert_eq!(arrived.to_ranges(), [range(200, 100), range(700, 50)]);
}

#[test]
fn requests_are_refused_with_the_documented_codes_and_change_nothing() {
    let stage = Stage::new();
    let open = stage.open();
    stage.offer("a", 1000, "");
    let (job, file) = job_of(&stage, &open, "a");
    assert_eq!(code(file.request_ranges(&[])), ResultCode::BG_E_INVALIDARG);
    assert_eq!(code(file.request_ranges(&[range(5, 0)])), ResultCode::BG_E_INVALID_RANGE);
    assert_eq!(code(file.request_ranges(&[range(LENGTH_TO_EOF, 5)])), ResultCode::BG_E_INVALID_RANGE);
    file.request_ranges(&[range(5, 5)]).unwrap();
    job.resume().unwrap();
    open.until_state(&job, JobState::Suspended);
    // Now the size is known.
    for outside in [range(1000, 1), range(0, 1001), range(1000, LENGTH_TO_EOF)] {
        assert_eq!(code(file.request_ranges(&[range(0, 10), outside])), ResultCode::BG_E_INVALID_RANGE);
    }
    assert_eq!(code(file.update_download_position(1000)), ResultCode::BG_E_INVALID_RANGE);
    job.resume().unwrap();
    assert_eq!(job.state().unwrap(), JobState::Suspended);
    assert_eq!(file.filled_ranges().unwrap(), [range(5, 5)]);
    job.cancel().unwrap();
    assert_eq!(code(file.request_ranges(&[range(5, 5)])), ResultCode::BG_E_INVALID_STATE);
    assert_eq!(code(file.update_download_position(5)), ResultCode::BG_E_INVALID_STATE);
}

#[test]
fn a_request_outside_a_file_of_unknown_size_is_an_error_of_the_job_that_resume_repairs() {
    let stage = Stage::new();
    let open = stage.open();
    stage.offer("a", 1000, "");
    let (job, file) = job_of(&stage, &open, "a");
    file.request_ranges(&[range(990, 20), range(0, 10)]).unwrap();
    job.resume().unwrap();
    open.until_state(&job, JobState::Error);
    assert_eq!(job.error().unwrap().code(), ResultCode::BG_E_INVALID_RANGE);
    job.resume().unwrap();
    open.until_state(&job, JobState::Suspended);
    assert_eq!(file.filled_ranges().unwrap(), [range(0, 10)]);
}

#[test]
fn random_access_needs_a_server_with_ranges_and_a_file_that_is_a_copy() {
    let refused = ResultCode::BG_E_RANDOM_ACCESS_NOT_SUPPORTED;
    let stage = Stage::new();
    let open = stage.open();
    stage.offer("a", 1000, "ranges=off");
    let (job, file) = job_of(&stage, &open, "a");
    file.request_ranges(&[range(0, 10)]).unwrap();
    job.resume().unwrap();
    open.until_state(&job, JobState::Error);
    assert_eq!(job.error().unwrap().code(), ResultCode::BG_E_INSUFFICIENT_RANGE_SUPPORT);
    assert_eq!(code(file.request_ranges(&[range(0, 10)])), refused);
    assert_eq!(code(file.filled_ranges()), refused);
    assert_eq!(code(file.update_download_position(0)), refused);

    let job = stage.job(&open, &[]);
    let url = stage.server.url("/r/a");
    job.add_file_with_ranges(&url, stage.path("b").to_str().unwrap(), &[range(0, 10)]).unwrap();
    let file = job.files().unwrap().remove(0);
    assert_eq!(code(file.request_ranges(&[range(0, 10)])), refused);
    assert_eq!(code(file.filled_ranges()), refused);

    let job = stage.job(&open, &["a"]);
    job.set_http_method("POST".into()).unwrap();
    let file = job.files().unwrap().remove(0);
    assert_eq!(code(file.request_ranges(&[range(0, 10)])), refused);
    let refused = ResultCode::BG_E_NOT_SUPPORTED_WITH_CUSTOM_HTTP_METHOD;
    assert_eq!(code(job.set_on_demand_mode(true)), refused);
    job.set_http_method("GET".into()).unwrap();
    job.set_on_demand_mode(true).unwrap();
    assert_eq!(code(job.set_http_method("POST".into())), refused);
}

#[test]
fn a_failed_sync_takes_back_what_was_not_on_disk() {
    let stage = Stage::new();
    let faults = Faults::fail_call(Call::Sync, 1, libc::EIO);
    let open = stage.open_with(Box::new(stage.store.clone()), faults).unwrap();
    stage.offer("a", 1000, "");
    let (job, file) = job_of(&stage, &open, "a");
    file.request_ranges(&[range(0, 10)]).unwrap();
    job.resume().unwrap();
    open.until_state(&job, JobState::TransientError);
    assert_eq!(file.filled_ranges().unwrap(), []);
    stage.clock.advance(Duration::from_secs(600));
    open.until_state(&job, JobState::Suspended);
    assert_here("a", &file, &[range(0, 10)]);
}
