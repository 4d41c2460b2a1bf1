//! What administrators and users lay down in files, and that it holds at once when it changes.

use std::os::unix::process::CommandExt;
use std::time::Duration;

use bgcopy_engine::client::{FileRange, Result};
use bgcopy_engine::sys::clock::{Clock, SystemClock};
use bgcopy_engine::sys::user;
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::{JobPriority, JobState, JobType};
use bgcopy_protocol::flags::CostFlags;

use crate::rules::in_a_process_of_its_own;
use crate::stage::{Stage, eventually};

const BLOCKED: ResultCode = ResultCode::BG_E_BLOCKED_BY_POLICY;
const MINUTE: Duration = Duration::from_secs(60);

fn code<T: std::fmt::Debug>(result: Result<T>) -> ResultCode {
    result.expect_err("the call is refused").code
}

/// The clock of a stage begins on Tuesday, 2023-11-14 at 22:13:20 UTC.
const AT_22: &str = "from_hour = 22\nto_hour = 23\n";
const AT_23: &str = "from_hour = 23\nto_hour = 0\n";

#[test]
fn a_limit_of_zero_blocks_background_jobs_until_its_window_ends() {
    let stage = Stage::new();
    stage.policy(&format!("[bandwidth]\nlimit_kbps = 0\n{AT_22}"));
    let open = stage.open();
    for name in ["back", "fore"] {
        stage.offer(name, 1000, "");
    }
    let job = stage.running_job(&open, &["back"], JobPriority::High);
    let foreground = stage.running_job(&open, &["fore"], JobPriority::Foreground);
    open.until_state(&foreground, JobState::Transferred);
    assert_eq!(job.state().unwrap(), JobState::TransientError);
    assert_eq!(job.error().unwrap().code(), BLOCKED);
    // Neither Resume nor time before the end of the window changes that, nor is it a failure.
    job.resume().unwrap();
    stage.clock.advance(46 * MINUTE);
    let later = stage.job(&open, &["fore"]);
    later.resume().unwrap();
    assert_eq!(later.state().unwrap(), JobState::TransientError);
    assert_eq!((job.state().unwrap(), job.error_count().unwrap()), (JobState::TransientError, 0));
    assert_eq!(stage.gets(), ["fore"]);
    stage.clock.advance(MINUTE);
    open.until_state(&job, JobState::Transferred);
    open.until_state(&later, JobState::Transferred);
}

#[test]
fn a_window_that_begins_stops_a_running_job_which_goes_on_in_the_foreground() {
    let stage = Stage::new();
    stage.policy(&format!("[bandwidth]\nlimit_kbps = 0\n{AT_23}"));
    let open = stage.open();
    stage.offer("a", 1000, "stall_after=10");
    let job = stage.running_job(&open, &["a"], JobPriority::Normal);
    stage.wait_stalled("a", 1);
    stage.clock.advance(47 * MINUTE);
    open.until_state(&job, JobState::TransientError);
    assert_eq!(job.error().unwrap().code(), BLOCKED);
    stage.change("a", "-stall_after=");
    job.set_priority(JobPriority::Foreground).unwrap();
    open.until_state(&job, JobState::Transferred);
}

#[test]
fn the_time_of_the_day_is_local_and_a_moved_calendar_opens_no_window() {
    let stage = Stage::new();
    let policy = "[bandwidth]\nlimit_kbps = 0\nfrom_hour = 0\nto_hour = 1\n";
    stage.policy(policy);
    // It is 0:13 here.
    stage.clock.set_local_offset(0, 2 * 3600);
    let open = stage.open();
    stage.offer("a", 1000, "");
    let job = stage.running_job(&open, &["a"], JobPriority::Normal);
    assert_eq!(job.state().unwrap(), JobState::TransientError);
    // Two days later, at 4:00, the policy is looked at again.
    stage.clock.set_wall(1_700_100_000_000_000_000);
    stage.policy(&format!("max_download_time_s = 5\n{policy}"));
    eventually("the policy", || job.maximum_download_time().unwrap() == 5);
    job.resume().unwrap();
    assert_eq!(job.state().unwrap(), JobState::TransientError);
    stage.clock.advance(47 * MINUTE);
    open.until_state(&job, JobState::Transferred);
}

#[test]
fn local_time_is_that_of_the_process() {
    const ZONE: &str = "TZ";
    // Not a name of the database, which may not be installed: two hours and a half ahead.
    const AHEAD: &str = "HERE-2:30";
    if std::env::var(ZONE).is_ok_and(|zone| zone == AHEAD) {
        assert_eq!(SystemClock.local_offset(1_700_000_000), 9000);
        return;
    }
    in_a_process_of_its_own("policies::local_time_is_that_of_the_process", ZONE, AHEAD, |_| {});
}

#[test]
fn windows_follow_the_clocks_to_summer_time() {
    let stage = Stage::new();
    stage.policy(&format!("[bandwidth]\nlimit_kbps = 0\n{AT_23}"));
    // At 22:30 it is 23:30.
    stage.clock.set_local_offset(1_700_001_000, 3600);
    let open = stage.open();
    stage.offer("a", 1000, "stall_after=10");
    let job = stage.running_job(&open, &["a"], JobPriority::Normal);
    stage.wait_stalled("a", 1);
    stage.clock.advance(Duration::from_secs(16 * 60 + 40));
    open.until_state(&job, JobState::TransientError);
    stage.change("a", "-stall_after=");
    stage.clock.advance(30 * MINUTE);
    open.until_state(&job, JobState::Transferred);
}

#[test]
fn schedules_limit_each_priority_by_itself() {
    let stage = Stage::new();
    stage.policy(&format!("[bandwidth.work]\ndays = [\"tuesday\"]\n{AT_22}normal_kbps = 0\nlow_kbps = 0\n"));
    let open = stage.open();
    stage.offer("a", 1000, "");
    let job = stage.running_job(&open, &["a"], JobPriority::Low);
    assert_eq!(job.error().unwrap().code(), BLOCKED);
    job.set_priority(JobPriority::Normal).unwrap();
    assert_eq!(job.state().unwrap(), JobState::TransientError);
    job.set_priority(JobPriority::High).unwrap();
    open.until_state(&job, JobState::Transferred);
}

#[test]
fn a_policy_that_comes_changes_or_goes_holds_at_once_for_running_jobs() {
    let stage = Stage::new();
    let open = stage.open();
    stage.offer("a", 1000, "stall_after=10");
    let job = stage.running_job(&open, &["a"], JobPriority::Normal);
    stage.wait_stalled("a", 1);
    // Not even the directory was there before.
    stage.policy(&format!("[bandwidth]\nlimit_kbps = 0\n{AT_22}"));
    open.until_state(&job, JobState::TransientError);
    assert_eq!(job.error().unwrap().code(), BLOCKED);
    stage.policy(&format!("[bandwidth]\nlimit_kbps = 0\n{AT_23}"));
    open.until_state(&job, JobState::Transferring);
    stage.policy("[cost]\nnetwork = \"roaming\"\nnormal = \"not_roaming\"\n");
    open.until("the cost", || job.state().unwrap() == JobState::TransientError);
    assert_eq!(job.error().unwrap().code(), ResultCode::BG_E_BLOCKED_BY_COST_TRANSFER_POLICY);
    stage.change("a", "-stall_after=");
    std::fs::remove_dir_all(&stage.settings.policy_directories[0]).unwrap();
    open.until_state(&job, JobState::Transferred);
}

#[test]
fn the_download_time_of_a_policy_holds_for_jobs_without_one_of_their_own_also_when_it_changes() {
    let stage = Stage::new();
    let open = stage.open();
    for name in ["a", "b"] {
        stage.offer(name, 1000, "stall_after=10");
    }
    let own = stage.job(&open, &["a"]);
    own.set_maximum_download_time(1000).unwrap();
    let job = stage.job(&open, &["b"]);
    for (job, name) in [(&own, "a"), (&job, "b")] {
        job.set_priority(JobPriority::Foreground).unwrap();
        job.resume().unwrap();
        stage.wait_stalled(name, 1);
    }
    stage.policy("max_download_time_s = 50\n");
    eventually("the policy", || job.maximum_download_time().unwrap() == 50);
    assert_eq!(own.maximum_download_time().unwrap(), 1000);
    stage.clock.advance(Duration::from_secs(50));
    open.until_state(&job, JobState::Error);
    assert_eq!(job.error().unwrap().code(), ResultCode::BG_E_MAXDOWNLOAD_TIMEOUT);
    assert_ne!(own.state().unwrap(), JobState::Error);
}

#[test]
fn a_shorter_inactivity_timeout_cancels_jobs_that_are_there_already() {
    let stage = Stage::new();
    let open = stage.open();
    let job = stage.job(&open, &["a"]);
    stage.policy("job_inactivity_timeout_days = 1\nmax_download_time_s = 5\n");
    eventually("the policy", || job.maximum_download_time().unwrap() == 5);
    stage.clock.advance(Duration::from_secs(24 * 3600 - 1));
    assert_eq!(job.state().unwrap(), JobState::Suspended);
    stage.clock.advance(Duration::from_secs(1));
    eventually("the end of the job", || job.state().unwrap() == JobState::Cancelled);
}

#[test]
fn cost_policies_hold_by_priority_for_jobs_without_flags_of_their_own() {
    let stage = Stage::new();
    stage.policy("[cost]\nnetwork = \"roaming\"\nnormal = \"not_roaming\"\nforeground = \"standard\"\n");
    let open = stage.open();
    for name in ["a", "b", "c"] {
        stage.offer(name, 1000, "");
    }
    let job = stage.running_job(&open, &["a"], JobPriority::Normal);
    assert_eq!(job.cost_flags().unwrap(), CostFlags::TRANSFER_NOT_ROAMING);
    assert_eq!(job.error().unwrap().code(), ResultCode::BG_E_BLOCKED_BY_COST_TRANSFER_POLICY);
    job.set_priority(JobPriority::Foreground).unwrap();
    assert_eq!(job.cost_flags().unwrap(), CostFlags::TRANSFER_STANDARD);
    assert_eq!(job.state().unwrap(), JobState::TransientError);
    // A priority without a policy, and flags of the job's own.
    let high = stage.running_job(&open, &["b"], JobPriority::High);
    assert_eq!(high.cost_flags().unwrap(), CostFlags::TRANSFER_ALWAYS);
    open.until_state(&high, JobState::Transferred);
    job.set_cost_flags(CostFlags::TRANSFER_ALWAYS).unwrap();
    open.until_state(&job, JobState::Transferred);
}

#[test]
fn policy_beats_the_program_which_beats_the_configuration() {
    let mut stage = Stage::new();
    stage.policy("minimum_retry_delay_s = 10\n");
    stage.config("minimum_retry_delay_s = 30\nno_progress_timeout_s = 30\nmax_download_time_s = 30\n");
    stage.settings.minimum_retry_delay = Some(20);
    stage.settings.no_progress_timeout = Some(20);
    let open = stage.open();
    assert!(open.is_overridden_by_policy().unwrap());
    let job = stage.job(&open, &[]);
    assert_eq!(job.minimum_retry_delay().unwrap(), 10);
    assert_eq!(job.no_progress_timeout().unwrap(), 20);
    assert_eq!(job.maximum_download_time().unwrap(), 30);
    stage.config("max_download_time_s = 40\n");
    eventually("the configuration", || job.maximum_download_time().unwrap() == 40);
    // What a job began with stays.
    assert_eq!(job.minimum_retry_delay().unwrap(), 10);
    job.set_minimum_retry_delay(77).unwrap();
    open.close().unwrap();
    stage.settings.minimum_retry_delay = None;
    let open = stage.open();
    assert!(!open.is_overridden_by_policy().unwrap());
    assert_eq!(open.job(job.id()).unwrap().minimum_retry_delay().unwrap(), 77);
}

#[test]
fn quotas_of_a_policy_bind_users_at_once_and_leave_what_is_there() {
    const AS_USER: &str = "BGCOPY_TEST_QUOTA_AS_USER";
    const NOBODY: u32 = 65534;
    const SERVICE: u32 = 999;
    if user::effective() == 0 {
        let test = "policies::quotas_of_a_policy_bind_users_at_once_and_leave_what_is_there";
        for id in [NOBODY, SERVICE] {
            in_a_process_of_its_own(test, AS_USER, "1", |command| {
                command.uid(id).gid(id).env("TMPDIR", "/tmp");
            });
        }
        return;
    }
    let stage = Stage::new();
    let open = stage.open();
    let jobs: Vec<_> = (0..3).map(|_| stage.job(&open, &["a", "b"])).collect();
    stage.policy(
        "max_jobs_per_user = 2\nmax_files_per_job = 1\nmax_ranges_per_file = 2\nmax_download_time_s = 5\n",
    );
    eventually("the policy", || jobs[0].maximum_download_time().unwrap() == 5);
    let fourth = open.create_job("fourth", JobType::Download);
    let path = stage.path("c").to_str().unwrap().to_owned();
    let third_file = jobs[0].add_file("http://host/c", &path);
    let range = |initial_offset| FileRange { initial_offset, length: 1 };
    let ranges = [range(0), range(5), range(9)];
    let with_ranges = jobs[1].add_file_with_ranges("http://host/c", &path, &ranges);
    if user::effective() == SERVICE {
        fourth.unwrap();
        third_file.unwrap();
        with_ranges.unwrap();
        return;
    }
    assert_eq!(code(fourth), ResultCode::BG_E_TOO_MANY_JOBS_PER_USER);
    assert_eq!(code(third_file), ResultCode::BG_E_TOO_MANY_FILES_IN_JOB);
    assert_eq!(code(with_ranges), ResultCode::BG_E_TOO_MANY_RANGES_IN_FILE);
    let allowed = jobs[1].add_file_with_ranges("http://host/c", &path, &ranges[..2]);
    assert_eq!(code(allowed), ResultCode::BG_E_TOO_MANY_FILES_IN_JOB, "the ranges are few enough");
    assert_eq!((open.jobs(false).unwrap().len(), jobs[0].files().unwrap().len()), (3, 2));
    stage.policy("max_jobs_per_machine = 3\nmax_download_time_s = 6\n");
    eventually("the other policy", || jobs[0].maximum_download_time().unwrap() == 6);
    let fourth = open.create_job("fourth", JobType::Download);
    assert_eq!(code(fourth), ResultCode::BG_E_TOO_MANY_JOBS_PER_MACHINE);
    jobs[1].cancel().unwrap();
    open.create_job("third", JobType::Download).unwrap();
}
