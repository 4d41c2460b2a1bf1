//! Which jobs and files move, and in which order.

use std::time::Duration;

use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::{JobPriority, JobState};

use crate::stage::Stage;

const SLICE: Duration = Duration::from_secs(300);
const STALL: &str = "stall_after=10";

#[test]
fn all_foreground_jobs_move_at_once_beside_one_background_job() {
    let stage = Stage::new();
    let open = stage.open();
    let names = ["f1", "f2", "f3", "b1", "b2"];
    let jobs = names.map(|name| {
        stage.offer(name, 1000, STALL);
        let foreground = name.starts_with('f');
        let priority = if foreground { JobPriority::Foreground } else { JobPriority::Normal };
        stage.running_job(&open, &[name], priority)
    });
    for name in &names[..4] {
        stage.wait_stalled(name, 1);
    }
    assert_eq!(jobs[4].state().unwrap(), JobState::Queued);
    assert!(!stage.gets().contains(&"b2".to_owned()));
    stage.release("b1");
    stage.wait_stalled("b2", 1);
}

#[test]
fn a_higher_level_preempts_a_lower_one_which_goes_on_afterwards() {
    let stage = Stage::new();
    let open = stage.open();
    let levels = [("low", JobPriority::Low), ("normal", JobPriority::Normal), ("high", JobPriority::High)];
    let mut jobs = Vec::new();
    for (name, priority) in levels {
        stage.offer(name, 1000, STALL);
        jobs.push(stage.running_job(&open, &[name], priority));
        stage.wait_stalled(name, 1);
        stage.change(name, "-stall_after=");
        let states: Vec<_> = jobs.iter().rev().skip(1).map(|job| job.state().unwrap()).collect();
        assert!(states.iter().all(|state| *state == JobState::Queued), "{states:?}");
    }
    stage.release("high");
    for job in jobs.iter().rev() {
        open.until_state(job, JobState::Transferred);
    }
    let times: Vec<_> = jobs.iter().map(|job| stage.gets_of(job)).collect();
    assert_eq!(times, [2, 2, 1]);
}

#[test]
fn jobs_of_one_level_take_turns_of_a_slice() {
    let stage = Stage::new();
    let open = stage.open();
    let names = ["a", "b", "c"];
    let jobs = names.map(|name| {
        stage.offer(name, 1000, STALL);
        stage.running_job(&open, &[name], JobPriority::Normal)
    });
    stage.wait_stalled("a", 1);
    for turn in 1..=4 {
        stage.server.clear_log();
        stage.clock.advance(SLICE);
        let now = turn % 3;
        stage.wait_sent(names[now], 10);
        assert_eq!(stage.gets(), [names[now]]);
        for other in (0..3).filter(|other| *other != now) {
            assert_eq!(jobs[other].state().unwrap(), JobState::Queued, "turn {turn}");
        }
    }
}

#[test]
fn a_slice_that_is_over_ends_nothing_while_nobody_waits() {
    let stage = Stage::new();
    let open = stage.open();
    stage.offer("a", 1000, STALL);
    let job = stage.running_job(&open, &["a"], JobPriority::Normal);
    stage.wait_stalled("a", 1);
    stage.clock.advance(2 * SLICE);
    stage.release("a");
    open.until_state(&job, JobState::Transferred);
    assert_eq!(stage.gets(), ["a"]);
}

#[test]
fn one_file_in_flight_is_strictly_serial_in_order_of_addition() {
    let mut stage = Stage::new();
    stage.settings.foreground_files_in_flight = 1;
    stage.settings.background_files_in_flight = 1;
    let open = stage.open();
    let names = ["c", "a", "d", "b"];
    for priority in [JobPriority::Foreground, JobPriority::Normal] {
        stage.server.clear_log();
        for name in names {
            stage.offer(name, 1000, STALL);
        }
        let job = stage.running_job(&open, &names, priority);
        for (index, name) in names.iter().enumerate() {
            stage.wait_stalled(name, 1);
            assert_eq!(stage.gets(), names[..=index]);
            stage.release(name);
        }
        open.until_state(&job, JobState::Transferred);
        assert_eq!(job.complete().unwrap(), ResultCode::BG_S_OK);
    }
}

#[test]
fn files_start_in_order_of_addition_and_no_more_than_allowed_at_once() {
    let mut stage = Stage::new();
    stage.settings.foreground_files_in_flight = 3;
    let open = stage.open();
    let names = ["a", "b", "c", "d", "e"];
    for name in names {
        stage.offer(name, 1000, STALL);
    }
    let job = stage.running_job(&open, &names, JobPriority::Foreground);
    for name in &names[..3] {
        stage.wait_stalled(name, 1);
    }
    assert_eq!(stage.gets().len(), 3);
    stage.release("b");
    stage.wait_stalled("d", 1);
    assert!(!stage.gets().contains(&"e".to_owned()));
    stage.release("c");
    stage.wait_stalled("e", 1);
    for name in ["a", "d", "e"] {
        stage.release(name);
    }
    open.until_state(&job, JobState::Transferred);
}

#[test]
fn files_added_to_a_running_job_are_fetched_and_to_a_transferred_one_after_resume() {
    let stage = Stage::new();
    let open = stage.open();
    stage.offer("a", 1000, STALL);
    stage.offer("b", 2000, STALL);
    stage.offer("c", 3000, "");
    let job = stage.running_job(&open, &["a"], JobPriority::Normal);
    stage.wait_stalled("a", 1);
    stage.add(&job, "b");
    stage.wait_stalled("b", 1);
    stage.release("a");
    stage.release("b");
    open.until_state(&job, JobState::Transferred);
    stage.add(&job, "c");
    assert_eq!(job.state().unwrap(), JobState::Transferred);
    let progress = job.progress().unwrap();
    assert_eq!((progress.files_total, progress.files_transferred), (3, 2));
    job.resume().unwrap();
    open.until("the new file", || job.progress().unwrap().files_transferred == 3);
    open.until_state(&job, JobState::Transferred);
    assert_eq!(stage.gets(), ["a", "b", "c"]);
    assert_eq!(job.complete().unwrap(), ResultCode::BG_S_OK);
    for (name, size) in [("a", 1000), ("b", 2000), ("c", 3000)] {
        stage.assert_file(name, size);
    }
}

#[test]
fn a_job_that_becomes_foreground_makes_room_in_the_background() {
    let stage = Stage::new();
    let open = stage.open();
    stage.offer("a", 1000, STALL);
    stage.offer("b", 1000, STALL);
    let first = stage.running_job(&open, &["a"], JobPriority::Normal);
    let second = stage.running_job(&open, &["b"], JobPriority::Normal);
    stage.wait_stalled("a", 1);
    first.set_priority(JobPriority::Foreground).unwrap();
    stage.wait_stalled("b", 1);
    stage.wait_stalled("a", 1);
    // And a foreground job that becomes a background one waits for its turn.
    first.set_priority(JobPriority::Normal).unwrap();
    assert_eq!(first.state().unwrap(), JobState::Queued);
    stage.change("a", "-stall_after=");
    stage.release("b");
    open.until_state(&second, JobState::Transferred);
    open.until_state(&first, JobState::Transferred);
}

#[test]
fn a_running_job_lowered_below_a_waiting_one_gives_its_turn_away() {
    let stage = Stage::new();
    let open = stage.open();
    stage.offer("a", 1000, STALL);
    stage.offer("b", 1000, STALL);
    let first = stage.running_job(&open, &["a"], JobPriority::High);
    stage.running_job(&open, &["b"], JobPriority::Normal);
    stage.wait_stalled("a", 1);
    first.set_priority(JobPriority::Low).unwrap();
    stage.wait_stalled("b", 1);
    assert_eq!(first.state().unwrap(), JobState::Queued);
}

#[test]
fn a_waiting_job_raised_above_the_running_one_takes_its_turn() {
    let stage = Stage::new();
    let open = stage.open();
    stage.offer("a", 1000, STALL);
    stage.offer("b", 1000, STALL);
    let first = stage.running_job(&open, &["a"], JobPriority::Normal);
    let second = stage.running_job(&open, &["b"], JobPriority::Normal);
    stage.wait_stalled("a", 1);
    second.set_priority(JobPriority::High).unwrap();
    stage.wait_stalled("b", 1);
    assert_eq!(first.state().unwrap(), JobState::Queued);
}

#[test]
fn a_higher_job_leaving_transient_error_preempts_the_lower_one() {
    let stage = Stage::new();
    let open = stage.open();
    stage.offer("high", 1000, "status=503");
    stage.offer("low", 1000, STALL);
    let high = stage.running_job(&open, &["high"], JobPriority::High);
    open.until_state(&high, JobState::TransientError);
    let low = stage.running_job(&open, &["low"], JobPriority::Low);
    // A transient error counts as an error: the lower level has its turn meanwhile.
    stage.wait_stalled("low", 1);
    stage.change("high", "-status=");
    stage.change("high", STALL);
    stage.clock.advance(Duration::from_secs(600));
    stage.wait_stalled("high", 1);
    assert_eq!(low.state().unwrap(), JobState::Queued);
}

#[test]
fn a_crowded_job_gives_a_worker_to_one_that_has_none() {
    let mut stage = Stage::new();
    stage.settings.workers = 2;
    let open = stage.open();
    for name in ["a", "b", "c", "other"] {
        stage.offer(name, 1000, STALL);
    }
    stage.running_job(&open, &["a", "b", "c"], JobPriority::Foreground);
    stage.wait_stalled("a", 1);
    stage.wait_stalled("b", 1);
    stage.running_job(&open, &["other"], JobPriority::Foreground);
    stage.release("a");
    stage.wait_stalled("other", 1);
    assert!(!stage.gets().contains(&"c".to_owned()));
}

#[test]
fn suspend_stops_at_once_and_resume_goes_on_where_it_was() {
    let stage = Stage::new();
    let open = stage.open();
    stage.offer("a", 3 << 20, "stall_after=2097152");
    let job = stage.running_job(&open, &["a"], JobPriority::Normal);
    // A checkpoint of what has arrived is a modification.
    open.until("bytes", || job.progress().unwrap().bytes_transferred >= 1 << 20);
    job.suspend().unwrap();
    assert_eq!(job.state().unwrap(), JobState::Suspended);
    stage.change("a", "-stall_after=");
    job.resume().unwrap();
    open.until_state(&job, JobState::Transferred);
    let last = stage.server.log().pop().unwrap();
    assert!(last.header("Range").is_some_and(|range| !range.starts_with("bytes=0-")), "{last:?}");
    job.complete().unwrap();
    stage.assert_file("a", 3 << 20);
}
