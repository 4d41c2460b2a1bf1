//! What a job asks of servers besides the file.

use bgcopy_engine::client::link::JobCommand;
use bgcopy_engine::client::{Job, Manager};
use bgcopy_engine::model::secret::Secret;
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::{JobPriority, JobState};
use bgcopy_protocol::flags::SecurityFlags;

use crate::stage::{Open, Stage, eventually};

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
    stage.finish(&open, &job, SIZE);
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
    stage.finish(&open, &job, SIZE);
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
fn a_check_for_revoked_certificates_that_begins_in_the_middle_fetches_the_file_anew_and_no_finished_one() {
    const LARGE: usize = 4_000_000;
    let stage = Stage::new();
    let open = stage.open();
    let job = stage.job(&open, &[]);
    stage.offer("a", LARGE as u64, "stall_after=3000000&fail_first=1");
    stage.offer("b", 10, "");
    for name in ["a", "b"] {
        let url = format!("https://localhost:{}/r/{name}", stage.server.ports().https);
        job.add_file(&url, stage.path(name).to_str().unwrap()).unwrap();
    }
    job.set_priority(JobPriority::Foreground).unwrap();
    job.set_security_flags(SecurityFlags::IGNORE_UNKNOWN_CA).unwrap();
    job.resume().unwrap();
    stage.wait_stalled("a", 1);
    let arrived = || job.progress().unwrap();
    eventually("a part of one file and all of the other", || {
        arrived().files_transferred == 1 && arrived().bytes_transferred > 1_000_000
    });
    job.set_security_flags(SecurityFlags::IGNORE_UNKNOWN_CA | SecurityFlags::ENABLE_CRL_CHECK).unwrap();
    // Nobody has a list of an unknown authority.
    open.until_state(&job, JobState::Error);
    let error = job.error().unwrap();
    assert_eq!(error.code(), ResultCode::BG_E_WINHTTP_SECURE_CERT_REV_FAILED);
    assert_eq!((arrived().bytes_transferred, arrived().files_transferred), (10, 1));
    job.set_security_flags(SecurityFlags::IGNORE_UNKNOWN_CA).unwrap();
    job.resume().unwrap();
    open.until_state(&job, JobState::Transferred);
    assert_eq!(sent(&stage, "range"), None, "from the beginning");
    let count = |wanted: &str| stage.gets().iter().filter(|name| *name == wanted).count();
    assert_eq!((count("a"), count("b")), (2, 1));
    job.complete().unwrap();
    stage.assert_file("a", LARGE);
}

#[test]
fn security_flags_come_too_late_for_a_job_that_ended() {
    let stage = Stage::new();
    let open = stage.open();
    let job = stage.job(&open, &[]);
    job.set_security_flags(SecurityFlags::ENABLE_CRL_CHECK).unwrap();
    assert_eq!(job.security_flags().unwrap(), SecurityFlags::ENABLE_CRL_CHECK);
    job.cancel().unwrap();
    let error = job.set_security_flags(SecurityFlags::NONE).unwrap_err();
    assert_eq!(error.code, ResultCode::BG_E_INVALID_STATE);
}

const HEADERS: &str = "Authorization: Bearer geheim\r\nX-Open: 1\r\n";

/// The value that the last request for the file `a` had in a header.
fn sent(stage: &Stage, header: &str) -> Option<String> {
    let log = stage.server.log();
    let last = log.iter().rev().find(|entry| entry.path == "/r/a").unwrap();
    last.header(header).map(str::to_owned)
}

#[test]
fn custom_headers_are_sent_with_every_request_also_by_the_next_process() {
    let stage = Stage::new();
    let open = stage.open();
    let job = job_for(&stage, &open, &stage.server.url("/r/a"));
    assert_eq!(job.custom_headers().unwrap(), None);
    job.set_priority(JobPriority::Normal).unwrap();
    job.set_custom_headers(Some(HEADERS)).unwrap();
    drop(job);
    open.close().unwrap();

    let open = stage.open();
    let job = open.jobs(false).unwrap().remove(0);
    assert_eq!(job.custom_headers().unwrap().as_deref(), Some(HEADERS));
    stage.finish(&open, &job, SIZE);
    let log = stage.server.log();
    assert_eq!(log.iter().map(|entry| entry.method.as_str()).collect::<Vec<_>>(), ["HEAD", "GET"]);
    for request in &log {
        assert_eq!(request.header("authorization"), Some("Bearer geheim"));
        assert_eq!(request.header("x-open"), Some("1"));
    }
}

#[test]
fn custom_headers_are_taken_away_and_replaced_also_under_way() {
    let stage = Stage::new();
    let open = stage.open();
    let job = job_for(&stage, &open, &stage.server.url("/r/a"));
    stage.change("a", "stall_after=50000&fail_first=1");
    job.set_custom_headers(Some(HEADERS)).unwrap();
    job.set_custom_headers(None).unwrap();
    assert_eq!(job.custom_headers().unwrap(), None);
    job.resume().unwrap();
    stage.wait_stalled("a", 1);
    assert_eq!(sent(&stage, "x-open"), None);
    job.set_custom_headers(Some("X-Open: 2\r\n")).unwrap();
    open.until_state(&job, JobState::Transferred);
    assert_eq!(sent(&stage, "x-open").as_deref(), Some("2"));
    job.complete().unwrap();
    stage.assert_file("a", SIZE);
}

#[test]
fn headers_are_refused_whole_and_never_shown() {
    let stage = Stage::new();
    let open = stage.open();
    let job = stage.job(&open, &[]);
    job.set_custom_headers(Some(HEADERS)).unwrap();
    let long = format!("X: {}\r\n", "x".repeat(16_384));
    for (text, code) in [
        ("X: geheim\n", ResultCode::BG_E_INVALIDARG),
        ("X: geheim\r\nHost: elsewhere\r\n", ResultCode::BG_E_INVALIDARG),
        (long.as_str(), ResultCode::BG_E_STRING_TOO_LONG),
    ] {
        let error = job.set_custom_headers(Some(text)).unwrap_err();
        assert_eq!(error.code, code);
        assert!(!error.to_string().contains("geheim"), "{error}");
    }
    assert_eq!(job.custom_headers().unwrap().as_deref(), Some(HEADERS));
    job.make_custom_headers_write_only().unwrap();
    assert_eq!(job.custom_headers().unwrap_err().code, ResultCode::BG_E_ACCESSDENIED);
    job.set_custom_headers(Some("X-Other: 1\r\n")).unwrap();
    assert_eq!(job.custom_headers().unwrap_err().code, ResultCode::BG_E_ACCESSDENIED);
    job.cancel().unwrap();
    assert_eq!(job.set_custom_headers(None).unwrap_err().code, ResultCode::BG_E_INVALID_STATE);
}

#[test]
fn headers_cannot_be_read_on_disk() {
    let stage = Stage::new();
    let open = Open::new(Manager::open(stage.settings.clone()).unwrap()).unwrap();
    let job = stage.job(&open, &[]);
    job.set_custom_headers(Some(HEADERS)).unwrap();
    open.close().unwrap();
    let mut files = 0;
    for entry in std::fs::read_dir(&stage.settings.directory).unwrap() {
        let content = std::fs::read(entry.unwrap().path()).unwrap();
        files += 1;
        assert!(!content.windows(6).any(|window| window == b"geheim"));
    }
    assert!(files >= 2, "the store and the key");
    let command = format!("{:?}", JobCommand::SetCustomHeaders(Some(Secret::new(HEADERS.to_owned()))));
    assert!(!command.contains("geheim"), "{command}");
}

#[test]
fn a_job_whose_key_is_lost_does_not_go_without_its_headers() {
    let stage = Stage::new();
    let open = stage.open();
    let job = job_for(&stage, &open, &stage.server.url("/r/a"));
    job.set_custom_headers(Some(HEADERS)).unwrap();
    drop(job);
    open.close().unwrap();
    std::fs::remove_file(stage.settings.directory.join("queue.key")).unwrap();

    let open = stage.open();
    let job = open.jobs(false).unwrap().remove(0);
    assert_eq!(job.custom_headers().unwrap_err().code, ResultCode::BG_E_WIN32_READ_FAULT);
    job.resume().unwrap();
    open.until_state(&job, JobState::Error);
    let error = job.error().unwrap();
    assert_eq!(error.code(), ResultCode::BG_E_WIN32_READ_FAULT);
    assert!(error.text().contains("set them again"), "{}", error.text());
    assert!(stage.server.log().is_empty(), "nothing was asked");
    job.set_custom_headers(Some(HEADERS)).unwrap();
    stage.finish(&open, &job, SIZE);
    assert_eq!(sent(&stage, "authorization").as_deref(), Some("Bearer geheim"));
}

#[test]
fn a_method_of_its_own_is_fixed_by_resume_and_keeps_the_job_in_the_foreground() {
    let stage = Stage::new();
    let open = stage.open();
    let job = job_for(&stage, &open, &stage.server.url("/r/a"));
    job.set_priority(JobPriority::Low).unwrap();
    assert_eq!(job.http_method().unwrap(), "GET");
    job.set_http_method("GET".into()).unwrap();
    assert_eq!(job.priority().unwrap(), JobPriority::Low, "the default method changes nothing");
    for bad in ["", "PO ST", "POST\r\n", "HEAD", "CONNECT", "P\u{d6}ST"] {
        assert_eq!(job.set_http_method(bad.into()).unwrap_err().code, ResultCode::BG_E_INVALIDARG, "{bad:?}");
    }
    job.set_http_method("POST".into()).unwrap();
    assert_eq!(job.priority().unwrap(), JobPriority::Foreground);
    let error = job.set_priority(JobPriority::Low).unwrap_err();
    assert_eq!(error.code, ResultCode::BG_E_NOT_SUPPORTED_WITH_CUSTOM_HTTP_METHOD);
    job.set_priority(JobPriority::Foreground).unwrap();
    job.suspend().unwrap();
    job.set_http_method("REPORT".into()).unwrap();
    drop(job);
    open.close().unwrap();

    let open = stage.open();
    let job = open.jobs(false).unwrap().remove(0);
    assert_eq!(job.http_method().unwrap(), "REPORT");
    job.resume().unwrap();
    for method in ["POST", "GET"] {
        let error = job.set_http_method(method.into()).unwrap_err();
        assert_eq!(error.code, ResultCode::BG_E_READ_ONLY_PROPERTY_AFTER_RESUME);
    }
    job.set_http_method("REPORT".into()).unwrap();
    open.until("an answer", || job.state().unwrap() != JobState::Queued && !stage.server.log().is_empty());
    assert_eq!(stage.server.log()[0].method, "REPORT");
    job.cancel().unwrap();
}

#[test]
fn any_error_of_such_a_job_is_final_and_resume_begins_again() {
    let stage = Stage::new();
    let open = stage.open();
    let job = job_for(&stage, &open, &stage.server.url("/r/a"));
    stage.change("a", "close_after=50000&fail_first=1");
    job.set_http_method("POST".into()).unwrap();
    job.resume().unwrap();
    open.until_state(&job, JobState::Error);
    assert_eq!(job.error().unwrap().code(), ResultCode::BG_E_CONNECTION_CLOSED);
    stage.finish(&open, &job, SIZE);
    let log = stage.server.log();
    assert_eq!(log.len(), 2, "one request for each Resume");
    assert!(log.iter().all(|request| request.method == "POST" && request.header("range").is_none()));
}

#[test]
fn taking_headers_from_a_job_without_any_leaves_its_transfer_alone() {
    let stage = Stage::new();
    let open = stage.open();
    let job = job_for(&stage, &open, &stage.server.url("/r/a"));
    stage.change("a", "stall_after=50000&fail_first=1");
    job.resume().unwrap();
    stage.wait_stalled("a", 1);
    open.until_state(&job, JobState::Transferring);
    job.set_custom_headers(None).unwrap();
    stage.release("a");
    open.until_state(&job, JobState::Transferred);
    assert_eq!(stage.gets_of(&job), 1);
}
