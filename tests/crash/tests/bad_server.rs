//! Servers that misbehave, as a job sees them: which state and error each leads to, that nothing gets its final name,
//! and that the job ends well once the server does.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bgcopy_crash_tests::content::{check, temporary_files};
use bgcopy_crash_tests::watch::{Watch, describe};
use bgcopy_engine::client::{Job, Manager, Settings};
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::{ErrorContext, JobPriority, JobState, JobType};
use bgcopy_testserver::{Resource, Server};

const SIZE: u64 = 300_000;
const SEED: u64 = 3;
const PATH: &str = "/r/file";

/// One job with one file of a server with a script.
struct Trial {
    name: String,
    server: Server,
    directory: tempfile::TempDir,
    manager: Manager,
    job: Job,
    watch: Arc<Watch>,
    url: String,
    size: u64,
}

impl Trial {
    fn start(script: &str, foreground: bool) -> Trial {
        Trial::of_size(SIZE, script, foreground, Settings::default())
    }

    /// With a client that loses patience soon.
    fn hurried(script: &str, foreground: bool) -> Trial {
        let response_timeout = Duration::from_millis(500);
        Trial::of_size(SIZE, script, foreground, Settings { response_timeout, ..Settings::default() })
    }

    fn of_size(size: u64, script: &str, foreground: bool, settings: Settings) -> Trial {
        let server = Server::start();
        let url = server.add(PATH, Resource::seeded(size, SEED).script(script));
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join("files")).unwrap();
        let settings = Settings {
            directory: directory.path().join("queue"),
            notification_interval: Duration::ZERO,
            ..settings
        };
        let manager = Manager::open(settings).unwrap();
        let job = manager.create_job("file", JobType::Download).unwrap();
        let target = directory.path().join("files/file");
        job.add_file(&url, target.to_str().unwrap()).unwrap();
        if foreground {
            job.set_priority(JobPriority::Foreground).unwrap();
        }
        let watch = Watch::new(&job);
        job.resume().unwrap();
        let name = format!("{script}, foreground: {foreground}");
        Trial { name, server, directory, manager, job, watch, url, size }
    }

    fn target(&self) -> PathBuf {
        self.directory.path().join("files/file")
    }

    /// The job comes to `state` with an error that names the URL, and nothing has its final name.
    fn fails(&self, state: JobState, code: ResultCode, context: ErrorContext) {
        self.watch.until(&self.job, &format!("{}: waiting for {state:?}", self.name), || {
            let seen = self.job.state().unwrap();
            let other = matches!(seen, JobState::Error | JobState::TransientError | JobState::Transferred);
            assert!(!other || seen == state, "{}: {}", self.name, describe(&self.job));
            seen == state
        });
        let error = self.job.error().unwrap();
        assert_eq!((error.code(), error.context()), (code, context), "{}: {error}", self.name);
        assert!(error.text().contains(&self.url), "{}: {} is not in: {error}", self.name, self.url);
        assert_eq!(error.file().unwrap().index(), 0, "{}", self.name);
        assert_eq!(error.protocol().unwrap(), "http", "{}", self.name);
        assert_eq!(self.job.error_count().unwrap(), 1, "{}", self.name);
        assert!(!self.target().exists(), "{}: the file has its name", self.name);
    }

    fn is_transient(&self, code: ResultCode, context: ErrorContext) -> &Trial {
        self.fails(JobState::TransientError, code, context);
        self
    }

    fn is_fatal(&self, code: ResultCode, context: ErrorContext) -> &Trial {
        self.fails(JobState::Error, code, context);
        self
    }

    /// With the server repaired, Resume is all it takes.
    fn repaired_by(&self, change: &str) {
        self.server.change(PATH, change);
        self.job.resume().unwrap();
        self.succeeds();
    }

    fn succeeds(&self) {
        self.watch.until_state(&self.job, &self.name, JobState::Transferred);
        assert!(!self.target().exists(), "{}: the file has its name before Complete", self.name);
        assert_eq!(self.job.complete().unwrap(), ResultCode::BG_S_OK, "{}", self.name);
        if let Err(why) = check(&self.target(), SEED, 0, self.size) {
            panic!("{}: {why}", self.name);
        }
        let left = temporary_files(&self.directory.path().join("files"));
        assert!(left.is_empty(), "{}: left over: {left:?}", self.name);
        self.manager.close().unwrap();
    }
}

const BOTH: [bool; 2] = [false, true];

const TRANSPORT: ErrorContext = ErrorContext::GeneralTransport;
const REMOTE_FILE: ErrorContext = ErrorContext::RemoteFile;

#[test]
fn silence_in_the_body_is_transient() {
    for foreground in BOTH {
        Trial::hurried("stall_after=100000&on=get", foreground)
            .is_transient(ResultCode::BG_E_WINHTTP_TIMEOUT, TRANSPORT)
            .repaired_by("-stall_after");
    }
}

#[test]
fn silence_instead_of_headers_is_transient() {
    for foreground in BOTH {
        Trial::hurried("stall_headers", foreground)
            .is_transient(ResultCode::BG_E_WINHTTP_TIMEOUT, TRANSPORT)
            .repaired_by("-stall_headers");
    }
}

#[test]
fn a_reset_is_transient() {
    for foreground in BOTH {
        Trial::start("reset_headers&on=get", foreground)
            .is_transient(ResultCode::BG_E_WINHTTP_CONNECTION_ERROR, TRANSPORT)
            .repaired_by("-reset_headers");
        // In the body it is an end too early, like any other.
        Trial::start("reset_after=100000&on=get", foreground)
            .is_transient(ResultCode::BG_E_CONNECTION_CLOSED, TRANSPORT)
            .repaired_by("-reset_after");
    }
}

#[test]
fn a_connection_closed_early_is_transient() {
    for foreground in BOTH {
        for script in ["close_headers", "close_after=100000&on=get", "close_after=0&on=get"] {
            Trial::start(script, foreground)
                .is_transient(ResultCode::BG_E_CONNECTION_CLOSED, TRANSPORT)
                .repaired_by("-close_headers&-close_after");
        }
    }
}

#[test]
fn what_is_not_http_is_transient() {
    for foreground in BOTH {
        Trial::start("garbage", foreground)
            .is_transient(ResultCode::BG_E_WINHTTP_INVALID_SERVER_RESPONSE, TRANSPORT)
            .repaired_by("-garbage");
    }
}

#[test]
fn a_body_shorter_than_announced_is_transient() {
    for foreground in BOTH {
        Trial::start("short=1000&on=get", foreground)
            .is_transient(ResultCode::BG_E_CONNECTION_CLOSED, TRANSPORT)
            .repaired_by("-short");
    }
}

#[test]
fn what_follows_the_announced_body_is_not_part_of_the_file() {
    for foreground in BOTH {
        Trial::start("long=1000", foreground).succeeds();
    }
}

#[test]
fn another_range_than_was_asked_for_is_fatal() {
    for script in ["ranges=wrong-start", "ranges=wrong-total", "ranges=no-content-range", "ranges=multipart"]
    {
        Trial::start(script, false)
            .is_fatal(ResultCode::BG_E_INVALID_SERVER_RESPONSE, REMOTE_FILE)
            .repaired_by("ranges=on");
    }
}

/// The first response is good and breaks off; the answer that should continue it is wrong.
#[test]
fn a_wrong_answer_to_the_second_request_is_fatal_and_costs_nothing() {
    for foreground in BOTH {
        for wrong in ["wrong-start", "wrong-total", "no-content-range", "multipart"] {
            let trial = Trial::start("close_after=200000&on=get", foreground);
            trial.is_transient(ResultCode::BG_E_CONNECTION_CLOSED, TRANSPORT);
            trial.server.change(PATH, &format!("-close_after&ranges={wrong}"));
            trial.job.resume().unwrap();
            trial.watch.until(&trial.job, wrong, || trial.job.state().unwrap() != JobState::TransientError);
            let name = format!("{wrong}: waiting for ERROR");
            trial.watch.until(&trial.job, &name, || trial.job.state().unwrap() == JobState::Error);
            let error = trial.job.error().unwrap();
            if wrong != "wrong-total" {
                assert_eq!(error.code(), ResultCode::BG_E_INVALID_SERVER_RESPONSE, "{wrong}: {error}");
            }
            assert_eq!(trial.job.progress().unwrap().bytes_transferred, 200_000, "{wrong}");
            trial.repaired_by("ranges=on");
        }
    }
}

#[test]
fn redirects_in_a_circle_are_fatal() {
    for foreground in BOTH {
        Trial::start("redirect_loop", foreground)
            .is_fatal(ResultCode::BG_E_WINHTTP_REDIRECT_FAILED, REMOTE_FILE)
            .repaired_by("-redirect_loop");
    }
}

#[test]
fn a_megabyte_of_headers_is_refused() {
    for foreground in BOTH {
        Trial::start("big_headers=1000000", foreground)
            .is_fatal(ResultCode::BG_E_INVALID_SERVER_RESPONSE, REMOTE_FILE)
            .repaired_by("-big_headers");
    }
}

#[test]
fn ten_gigabytes_announced_and_none_sent_are_transient() {
    for foreground in BOTH {
        let trial = Trial::start("size=10000000000&close_after=0&on=get", foreground);
        trial.watch.until_state(&trial.job, &trial.name, JobState::TransientError);
        let error = trial.job.error().unwrap();
        // A small disk says so before the server goes.
        let expected = [ResultCode::BG_E_CONNECTION_CLOSED, ResultCode::BG_E_WIN32_DISK_FULL];
        assert!(expected.contains(&error.code()), "{}: {error}", trial.name);
        trial.repaired_by(&format!("size={SIZE}&-close_after"));
    }
}

#[test]
fn a_length_that_contradicts_the_range_is_fatal() {
    Trial::start("claim_length=10000000000&on=get", false)
        .is_fatal(ResultCode::BG_E_INVALID_SERVER_RESPONSE, REMOTE_FILE)
        .repaired_by("-claim_length");
}

/// No disk has room for it: the size is a lie, but nothing says so.
#[test]
fn a_size_that_no_disk_has_is_a_full_disk() {
    let trial = Trial::start("claim_length=1000000000000000000&on=get", true);
    trial.watch.until_state(&trial.job, &trial.name, JobState::TransientError);
    let error = trial.job.error().unwrap();
    assert_eq!(
        (error.code(), error.context()),
        (ResultCode::BG_E_WIN32_DISK_FULL, ErrorContext::LocalFile),
        "{error}"
    );
    trial.repaired_by("-claim_length");
}

#[test]
fn a_server_without_ranges_serves_the_foreground_only() {
    Trial::start("ranges=off", true).succeeds();
    Trial::start("ranges=off", false)
        .is_fatal(ResultCode::BG_E_INSUFFICIENT_RANGE_SUPPORT, REMOTE_FILE)
        .repaired_by("ranges=on");
}

#[test]
fn a_refused_head_is_no_error() {
    for foreground in BOTH {
        for head in ["403", "404", "405", "501"] {
            Trial::start(&format!("head={head}"), foreground).succeeds();
        }
    }
}

#[test]
fn a_chunked_body_needs_a_size_from_elsewhere() {
    Trial::start("chunked", false).succeeds();
    Trial::start("chunked&head=no-length", false)
        .is_fatal(ResultCode::BG_E_MISSING_FILE_SIZE, REMOTE_FILE)
        .repaired_by("-chunked&-head");
    Trial::start("chunked", true)
        .is_fatal(ResultCode::BG_E_MISSING_FILE_SIZE, REMOTE_FILE)
        .repaired_by("-chunked");
}

#[test]
fn an_empty_file_is_a_file() {
    for foreground in BOTH {
        for script in ["", "etag=none&date=off", "head=405"] {
            Trial::of_size(0, script, foreground, Settings::default()).succeeds();
        }
    }
}

#[test]
fn refusals_are_fatal() {
    for foreground in BOTH {
        for status in [400, 401, 403, 404, 410, 501, 505] {
            Trial::start(&format!("status={status}"), foreground)
                .is_fatal(ResultCode::from_http_status(status), REMOTE_FILE)
                .repaired_by("-status");
        }
    }
}

#[test]
fn troubles_of_the_server_are_transient() {
    for foreground in BOTH {
        for script in ["status=500", "status=502", "status=503", "status=503&retry_after=3600", "status=504"]
        {
            let status = script[7..10].parse().unwrap();
            Trial::start(script, foreground)
                .is_transient(ResultCode::from_http_status(status), REMOTE_FILE)
                .repaired_by("-status");
        }
    }
}

/// Resume does not wait for the server's Retry-After: a person asked for it.
#[test]
fn too_many_requests_are_transient() {
    for foreground in BOTH {
        Trial::start("status=429&retry_after=3600", foreground)
            .is_transient(ResultCode::from_http_status(429), REMOTE_FILE)
            .repaired_by("-status");
    }
}
