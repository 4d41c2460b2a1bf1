//! What a job asks of servers besides the file.

use bgcopy_engine::client::Job;
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::{JobPriority, JobState};
use bgcopy_protocol::flags::SecurityFlags;

use crate::stage::{Open, Stage};

const SIZE: usize = 100_000;

/// A suspended job for the file `a`, asked for at `url`.
fn job_for(stage: &Stage, open: &Open, url: &str) -> Job {
    stage.offer("a", SIZE as u64, "");
    let job = stage.job(open, &[]);
    job.set_priority(JobPriority::Foreground).unwrap();
    job.add_file(url, stage.path("a").to_str().unwrap()).unwrap();
    job
}

fn remote_name(job: &Job) -> String {
    job.files().unwrap()[0].remote_name().unwrap()
}

fn finish(stage: &Stage, open: &Open, job: &Job) {
    job.resume().unwrap();
    open.until_state(job, JobState::Transferred);
    job.complete().unwrap();
    stage.assert_file("a", SIZE);
}

#[test]
fn a_reported_redirect_becomes_the_remote_name_for_good() {
    for (policy, reported) in
        [(SecurityFlags::REDIRECT_ALLOW_SILENT, false), (SecurityFlags::REDIRECT_ALLOW_REPORT, true)]
    {
        let stage = Stage::new();
        let asked = stage.server.url("/redirect/2?to=/r/a");
        let expected = if reported { stage.server.url("/r/a") } else { asked.clone() };
        let open = stage.open();
        let job = job_for(&stage, &open, &asked);
        job.set_security_flags(policy).unwrap();
        job.resume().unwrap();
        open.until_state(&job, JobState::Transferred);
        assert_eq!(remote_name(&job), expected);
        drop(job);
        open.close().unwrap();
        let open = stage.open();
        let job = open.jobs(false).unwrap().remove(0);
        assert_eq!((remote_name(&job), job.security_flags().unwrap()), (expected, policy));
        job.complete().unwrap();
        stage.assert_file("a", SIZE);
    }
}

#[test]
fn a_forbidden_redirect_is_an_error_and_resume_fetches_from_its_target() {
    let stage = Stage::new();
    let open = stage.open();
    let job = job_for(&stage, &open, &stage.server.url("/redirect/1?to=/r/a&status=307"));
    job.set_security_flags(SecurityFlags::REDIRECT_DISALLOW).unwrap();
    job.resume().unwrap();
    open.until_state(&job, JobState::Error);
    let error = job.error().unwrap();
    assert_eq!(error.code(), ResultCode::BG_E_REDIRECT_REFUSED_307);
    assert_eq!(remote_name(&job), stage.server.url("/r/a"));
    finish(&stage, &open, &job);
}

#[test]
fn a_job_may_ignore_what_is_wrong_with_a_certificate() {
    let stage = Stage::new();
    let open = stage.open();
    let port = stage.server.ports().https_untrusted;
    let job = job_for(&stage, &open, &format!("https://localhost:{port}/r/a"));
    let wrong = SecurityFlags::IGNORE_CERT_CN_INVALID | SecurityFlags::IGNORE_CERT_DATE_INVALID;
    job.set_security_flags(wrong).unwrap();
    job.resume().unwrap();
    open.until_state(&job, JobState::Error);
    assert!(stage.server.log().is_empty(), "no request before the certificate is accepted");
    job.set_security_flags(SecurityFlags::IGNORE_UNKNOWN_CA).unwrap();
    finish(&stage, &open, &job);
}

#[test]
fn new_flags_count_at_once() {
    let stage = Stage::new();
    let open = stage.open();
    let job = job_for(&stage, &open, &stage.server.url("/r/a"));
    stage.change("a", "stall_after=50000&fail_first=1");
    job.resume().unwrap();
    stage.wait_stalled("a", 1);
    job.set_security_flags(SecurityFlags::REDIRECT_DISALLOW).unwrap();
    // Nobody lets the first request go on: it was given up for another one.
    open.until_state(&job, JobState::Transferred);
    assert_eq!(stage.gets_of(&job), 2);
    job.complete().unwrap();
    stage.assert_file("a", SIZE);
}

#[test]
fn revocation_checks_are_refused() {
    let stage = Stage::new();
    let open = stage.open();
    let job = stage.job(&open, &[]);
    let error = job.set_security_flags(SecurityFlags::ENABLE_CRL_CHECK).unwrap_err();
    assert_eq!(error.code, ResultCode::BG_E_NOTIMPL);
    assert_eq!(job.security_flags().unwrap(), SecurityFlags::NONE);
    job.cancel().unwrap();
    let error = job.set_security_flags(SecurityFlags::NONE).unwrap_err();
    assert_eq!(error.code, ResultCode::BG_E_INVALID_STATE);
}
