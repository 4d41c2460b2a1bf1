//! Everything that happens by itself after a time.

use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use bgcopy_engine::client::{Callback, Job};
use bgcopy_engine::sys::clock::{Clock, FakeClock};
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::{JobPriority, JobState};

use crate::stage::{Open, PATIENCE, Recorder, Stage, Told};

const UNAVAILABLE: ResultCode = ResultCode::BG_E_HTTP_ERROR_503;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A job in TRANSIENT_ERROR after one failure, with this retry delay.
fn failed(stage: &Stage, open: &Open, name: &str, delay: u32) -> Job {
    stage.offer(name, 1000, "status=503");
    let job = stage.job(open, &[name]);
    job.set_priority(JobPriority::Foreground).unwrap();
    job.set_minimum_retry_delay(delay).unwrap();
    job.resume().unwrap();
    open.until_state(&job, JobState::TransientError);
    assert_eq!(job.error().unwrap().code(), UNAVAILABLE);
    job
}

/// Waits until the job has failed so often.
fn until_failed_again(open: &Open, job: &Job, count: u32) {
    open.until(&format!("failure {count}"), || {
        job.error_count().unwrap() == count && job.state().unwrap() == JobState::TransientError
    });
}

#[test]
fn a_transient_error_is_retried_after_the_minimum_retry_delay_and_not_before() {
    let stage = Stage::new();
    let open = stage.open();
    let job = failed(&stage, &open, "a", 600);
    // Its delay is over one second earlier: when it is retried, the other's turn has not come.
    let witness = failed(&stage, &open, "witness", 599);
    stage.clock.advance(seconds(599));
    until_failed_again(&open, &witness, 2);
    assert_eq!((job.state().unwrap(), job.error_count().unwrap()), (JobState::TransientError, 1));
    stage.change("a", "-status=");
    stage.clock.advance(seconds(1));
    open.until_state(&job, JobState::Transferred);
}

#[test]
fn the_retry_delay_is_600_seconds_by_default_and_never_less_than_5() {
    let stage = Stage::new();
    let open = stage.open();
    let job = stage.job(&open, &[]);
    assert_eq!(job.minimum_retry_delay().unwrap(), 600);
    assert_eq!(job.no_progress_timeout().unwrap(), 14 * 24 * 3600);
    assert_eq!(job.maximum_download_time().unwrap(), 90 * 24 * 3600);
    for (set, found) in [(0, 5), (4, 5), (5, 5), (6, 6), (u32::MAX, u32::MAX)] {
        job.set_minimum_retry_delay(set).unwrap();
        assert_eq!(job.minimum_retry_delay().unwrap(), found);
    }
}

#[test]
fn resume_skips_the_rest_of_the_retry_delay() {
    let stage = Stage::new();
    let open = stage.open();
    let job = failed(&stage, &open, "a", 600);
    stage.change("a", "-status=");
    job.resume().unwrap();
    open.until_state(&job, JobState::Transferred);
}

#[test]
fn a_retry_that_is_waited_for_comes_as_a_changed_delay_says() {
    let stage = Stage::new();
    let open = stage.open();
    let (sooner, later) = (failed(&stage, &open, "sooner", 600), failed(&stage, &open, "later", 600));
    stage.clock.advance(seconds(4));
    sooner.set_minimum_retry_delay(10).unwrap();
    later.set_minimum_retry_delay(20).unwrap();
    stage.clock.advance(seconds(6));
    until_failed_again(&open, &sooner, 2);
    assert_eq!(later.error_count().unwrap(), 1);
    stage.clock.advance(seconds(10));
    until_failed_again(&open, &later, 2);
}

#[test]
fn a_shorter_delay_does_not_shorten_the_patience_that_a_server_asked_for() {
    let stage = Stage::new();
    let open = stage.open();
    stage.offer("a", 1000, "status=503&retry_after=1000");
    let job = stage.running_job(&open, &["a"], JobPriority::Foreground);
    open.until_state(&job, JobState::TransientError);
    let witness = failed(&stage, &open, "witness", 999);
    job.set_minimum_retry_delay(5).unwrap();
    stage.clock.advance(seconds(999));
    until_failed_again(&open, &witness, 2);
    assert_eq!(job.error_count().unwrap(), 1);
    stage.clock.advance(seconds(1));
    until_failed_again(&open, &job, 2);
}

#[test]
fn changed_timeouts_hold_at_once() {
    let stage = Stage::new();
    let open = stage.open();
    let job = failed(&stage, &open, "a", 600);
    stage.clock.advance(seconds(30));
    job.set_no_progress_timeout(60).unwrap();
    assert_eq!(job.state().unwrap(), JobState::TransientError);
    // It counts from the error on.
    stage.clock.advance(seconds(30));
    open.until_state(&job, JobState::Error);
    assert_eq!(job.error().unwrap().code(), ResultCode::BG_E_NO_PROGRESS);

    stage.offer("b", 1000, "stall_after=10");
    let job = stage.running_job(&open, &["b"], JobPriority::Foreground);
    open.until_state(&job, JobState::Transferring);
    stage.clock.advance(seconds(30));
    job.set_maximum_download_time(60).unwrap();
    assert_eq!(job.state().unwrap(), JobState::Transferring);
    stage.clock.advance(seconds(30));
    open.until_state(&job, JobState::Error);
    assert_eq!(job.error().unwrap().code(), ResultCode::BG_E_MAXDOWNLOAD_TIMEOUT);
}

#[test]
fn without_progress_for_the_timeout_a_transient_error_is_final_and_told() {
    let stage = Stage::new();
    let open = stage.open();
    let job = failed(&stage, &open, "a", 60);
    job.set_no_progress_timeout(100).unwrap();
    let recorder = Recorder::new();
    job.set_callback(Some(recorder.clone())).unwrap();
    stage.clock.advance(seconds(60));
    until_failed_again(&open, &job, 2);
    assert!(recorder.news().is_empty());
    stage.clock.advance(seconds(40));
    open.until_state(&job, JobState::Error);
    assert_eq!(job.error().unwrap().code(), ResultCode::BG_E_NO_PROGRESS);
    recorder.wait_for(&Told::Error(ResultCode::BG_E_NO_PROGRESS));
    assert_eq!(job.error_count().unwrap(), 2);
}

#[test]
fn progress_lets_the_no_progress_timeout_begin_anew() {
    let mut stage = Stage::new();
    stage.settings.foreground_files_in_flight = 1;
    let open = stage.open();
    stage.offer("b", 1000, "status=503");
    let job = failed(&stage, &open, "a", 60);
    job.set_no_progress_timeout(100).unwrap();
    stage.add(&job, "b");
    stage.change("a", "-status=");
    stage.clock.advance(seconds(60));
    // The first file arrives, the second one fails.
    until_failed_again(&open, &job, 2);
    assert_eq!(job.progress().unwrap().bytes_transferred, 1000);
    stage.clock.advance(seconds(60));
    until_failed_again(&open, &job, 3);
    stage.clock.advance(seconds(40));
    open.until_state(&job, JobState::Error);
}

#[test]
fn a_timeout_of_zero_or_below_the_retry_delay_makes_every_error_final_at_once() {
    let stage = Stage::new();
    let open = stage.open();
    stage.offer("a", 1000, "status=503");
    for timeout in [0, 599] {
        let job = stage.job(&open, &["a"]);
        job.set_no_progress_timeout(timeout).unwrap();
        let recorder = Recorder::new();
        job.set_callback(Some(recorder.clone())).unwrap();
        job.resume().unwrap();
        recorder.wait_for(&Told::Error(UNAVAILABLE));
        assert_eq!(job.state().unwrap(), JobState::Error);
        assert_eq!(job.error_count().unwrap(), 1);
        job.cancel().unwrap();
    }
}

#[test]
fn the_download_time_counts_while_the_job_moves_and_resume_gives_it_anew() {
    let stage = Stage::new();
    let open = stage.open();
    stage.offer("a", 1000, "stall_after=10");
    let job = stage.job(&open, &["a"]);
    job.set_maximum_download_time(50).unwrap();
    for _ in 0..2 {
        job.resume().unwrap();
        stage.wait_stalled("a", 1);
        open.until_state(&job, JobState::Transferring);
        stage.clock.advance(seconds(50));
        open.until_state(&job, JobState::Error);
        assert_eq!(job.error().unwrap().code(), ResultCode::BG_E_MAXDOWNLOAD_TIMEOUT);
        let gone = bgcopy_testserver::Condition { active: Some(0), ..Default::default() };
        stage.release("a");
        assert!(stage.server.wait_for(&gone, PATIENCE));
    }
    stage.change("a", "-stall_after=");
    job.resume().unwrap();
    open.until_state(&job, JobState::Transferred);
}

#[test]
fn waiting_for_a_retry_is_no_download_time() {
    let stage = Stage::new();
    let open = stage.open();
    let job = failed(&stage, &open, "a", 600);
    job.set_maximum_download_time(50).unwrap();
    stage.clock.advance(seconds(600));
    until_failed_again(&open, &job, 2);
    stage.change("a", "-status=");
    stage.clock.advance(seconds(600));
    open.until_state(&job, JobState::Transferred);
}

/// Tells when it is dropped, as it is when its job ends.
struct Farewell(mpsc::Sender<()>);

impl Callback for Farewell {}

impl Drop for Farewell {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}

fn wait_for_end(job: &Job) -> impl FnOnce() + use<> {
    let (sender, ended) = mpsc::channel();
    job.set_callback(Some(Arc::new(Farewell(sender)))).unwrap();
    move || ended.recv_timeout(PATIENCE).expect("the job ends")
}

#[test]
fn a_job_nobody_touched_is_cancelled_with_its_files() {
    let mut stage = Stage::new();
    stage.settings.job_inactivity_timeout = Some(seconds(1000));
    let open = stage.open();
    stage.offer("a", 1000, "");
    stage.offer("b", 1000, "");
    let idle = stage.running_job(&open, &["a"], JobPriority::Normal);
    open.until_state(&idle, JobState::Transferred);
    let touched = stage.running_job(&open, &["b"], JobPriority::Normal);
    open.until_state(&touched, JobState::Transferred);
    let end = wait_for_end(&idle);
    stage.clock.advance(seconds(500));
    touched.set_description("still wanted".into()).unwrap();
    stage.clock.advance(seconds(500));
    end();
    assert_eq!(idle.state().unwrap(), JobState::Cancelled);
    let left: Vec<_> = open.jobs(false).unwrap().iter().map(Job::id).collect();
    assert_eq!(left, [touched.id()]);
    assert_eq!(stage.names().len(), 1, "{:?}", stage.names());
}

#[test]
fn retries_without_progress_do_not_save_a_job_from_the_inactivity_timeout() {
    let mut stage = Stage::new();
    stage.settings.job_inactivity_timeout = Some(seconds(1000));
    let open = stage.open();
    let job = failed(&stage, &open, "a", 600);
    let end = wait_for_end(&job);
    stage.clock.advance(seconds(600));
    until_failed_again(&open, &job, 2);
    stage.clock.advance(seconds(400));
    end();
    assert_eq!(job.state().unwrap(), JobState::Cancelled);
}

#[test]
fn inactivity_goes_on_while_the_queue_is_closed() {
    let mut stage = Stage::new();
    stage.settings.job_inactivity_timeout = Some(seconds(1000));
    let open = stage.open();
    stage.offer("a", 1000, "");
    let job = stage.running_job(&open, &["a"], JobPriority::Normal);
    open.until_state(&job, JobState::Transferred);
    open.close().unwrap();
    stage.clock.advance(seconds(999));
    let open = stage.open();
    let job = open.job(job.id()).unwrap();
    let end = wait_for_end(&job);
    stage.clock.advance(seconds(1));
    end();
    assert!(stage.names().is_empty(), "{:?}", stage.names());
}

#[test]
fn a_retry_after_longer_than_the_delay_is_honoured_also_across_a_restart() {
    for restart in [false, true] {
        let stage = Stage::new();
        let mut open = stage.open();
        stage.offer("a", 1000, "status=503&retry_after=1000");
        let mut job = stage.running_job(&open, &["a"], JobPriority::Foreground);
        open.until_state(&job, JobState::TransientError);
        let mut witness = failed(&stage, &open, "witness", 999);
        if restart {
            open.close().unwrap();
            open = stage.open();
            job = open.job(job.id()).unwrap();
            witness = open.job(witness.id()).unwrap();
        }
        stage.clock.advance(seconds(999));
        until_failed_again(&open, &witness, 2);
        assert_eq!(job.error_count().unwrap(), 1, "restart: {restart}");
        stage.change("a", "-status=&-retry_after=");
        stage.clock.advance(seconds(1));
        open.until_state(&job, JobState::Transferred);
    }
}

#[test]
fn a_retry_after_shorter_than_the_delay_changes_nothing() {
    let stage = Stage::new();
    let open = stage.open();
    stage.offer("a", 1000, "status=503&retry_after=1");
    let job = stage.running_job(&open, &["a"], JobPriority::Foreground);
    open.until_state(&job, JobState::TransientError);
    let witness = failed(&stage, &open, "witness", 599);
    stage.clock.advance(seconds(599));
    until_failed_again(&open, &witness, 2);
    assert_eq!(job.error_count().unwrap(), 1);
}

#[test]
fn the_retry_delay_goes_on_while_the_queue_is_closed() {
    let stage = Stage::new();
    let open = stage.open();
    let (job, witness) = (failed(&stage, &open, "a", 600).id(), failed(&stage, &open, "b", 599).id());
    open.close().unwrap();
    stage.clock.advance(seconds(300));
    let open = stage.open();
    let (job, witness) = (open.job(job).unwrap(), open.job(witness).unwrap());
    assert_eq!(job.state().unwrap(), JobState::TransientError);
    stage.clock.advance(seconds(299));
    until_failed_again(&open, &witness, 2);
    assert_eq!(job.error_count().unwrap(), 1);
    stage.clock.advance(seconds(1));
    until_failed_again(&open, &job, 2);
}

/// The machine starts again: the monotonic clock begins anew, the calendar went on.
fn reboot(stage: &mut Stage, after: u64) {
    let wall = stage.clock.wall() + i64::try_from(seconds(after).as_nanos()).unwrap();
    stage.clock = FakeClock::new(wall);
}

#[test]
fn after_a_reboot_the_calendar_says_how_long_nothing_moved() {
    let mut stage = Stage::new();
    let open = stage.open();
    let job = failed(&stage, &open, "a", 600);
    job.set_no_progress_timeout(1000).unwrap();
    open.close().unwrap();
    reboot(&mut stage, 900);
    let open = stage.open();
    let job = open.job(job.id()).unwrap();
    // Its delay was over long ago.
    until_failed_again(&open, &job, 2);
    stage.clock.advance(seconds(100));
    open.until_state(&job, JobState::Error);
    assert_eq!(job.error().unwrap().code(), ResultCode::BG_E_NO_PROGRESS);
}

#[test]
fn after_a_reboot_the_calendar_says_how_long_nobody_touched_the_job() {
    let mut stage = Stage::new();
    stage.settings.job_inactivity_timeout = Some(seconds(1000));
    let open = stage.open();
    let job = stage.job(&open, &[]);
    open.close().unwrap();
    reboot(&mut stage, 900);
    let open = stage.open();
    let job = open.job(job.id()).unwrap();
    let end = wait_for_end(&job);
    stage.clock.advance(seconds(100));
    end();
    assert_eq!(job.state().unwrap(), JobState::Cancelled);
}

#[test]
fn moving_the_calendar_changes_no_timer() {
    const YEAR: i64 = 365 * 24 * 3600 * 1_000_000_000;
    for years in [10, -10] {
        let stage = Stage::new();
        let open = stage.open();
        let job = failed(&stage, &open, "a", 600);
        let witness = failed(&stage, &open, "witness", 599);
        stage.clock.set_wall(stage.clock.wall() + years * YEAR);
        stage.clock.advance(seconds(599));
        until_failed_again(&open, &witness, 2);
        assert_eq!((job.state().unwrap(), job.error_count().unwrap()), (JobState::TransientError, 1));
        stage.clock.advance(seconds(1));
        until_failed_again(&open, &job, 2);
    }
}
