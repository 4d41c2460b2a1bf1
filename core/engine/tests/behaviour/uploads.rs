//! Uploads, to a server of the BITS upload protocol that was written from its description.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bgcopy_engine::client::{Job, SIZE_UNKNOWN};
use bgcopy_engine::model::property::notify;
use bgcopy_engine::store::memory::MemoryStore;
use bgcopy_engine::store::{Batch, EachRecord, Store, StoreError};
use bgcopy_engine::sys::clock::Clock as _;
use bgcopy_engine::sys::fs::Faults;
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::{ErrorContext, JobPriority, JobState, JobType};
use bgcopy_testserver::content;
use bgcopy_testserver::upload::UploadServer;
use parking_lot::{Condvar, Mutex};

use crate::stage::{ALL_EVENTS, Open, Recorder, Stage, Told, eventually};

/// What the tests stand on, with a server that takes uploads.
pub struct Uploads {
    pub stage: Stage,
    pub server: UploadServer,
}

impl Uploads {
    pub fn new() -> Uploads {
        let stage = Stage::new();
        let directory = stage.path("server");
        std::fs::create_dir(&directory).unwrap();
        let server = UploadServer::start(&directory);
        Uploads { stage, server }
    }

    /// A file of the user, of `size` bytes.
    pub fn file(&self, name: &str, size: usize) -> String {
        let path = self.stage.path(name);
        std::fs::write(&path, content::bytes(7, 0, 0, size)).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// A suspended job that uploads a file of `size` bytes under its name.
    pub fn job(&self, open: &Open, name: &str, size: usize) -> Job {
        let path = self.file(name, size);
        let job = open.create_job("upload", JobType::Upload).unwrap();
        job.set_notify_flags(ALL_EVENTS).unwrap();
        job.set_priority(JobPriority::Foreground).unwrap();
        job.add_file(&self.server.url(&format!("/{name}")), &path).unwrap();
        job
    }

    pub fn running(&self, open: &Open, name: &str, size: usize) -> Job {
        let job = self.job(open, name, size);
        job.resume().unwrap();
        job
    }

    /// The server has the file once and whole.
    pub fn assert_arrived(&self, name: &str, size: usize) {
        let found = self.server.file(name).unwrap_or_else(|| panic!("{name} did not arrive"));
        assert!(found == content::bytes(7, 0, 0, size), "{name} arrived with {} bytes", found.len());
    }

    /// Where the Fragments so far began.
    fn fragments(&self) -> Vec<u64> {
        let fragments = self.server.log().into_iter().filter(|received| received.packet == "Fragment");
        let first = |range: &str| range.strip_prefix("bytes ")?.split('-').next()?.parse().ok();
        fragments.map(|received| first(&received.range).unwrap()).collect()
    }
}

/// Waits for the end, and tries again at once what failed for the moment.
fn until_transferred(open: &Open, job: &Job) {
    open.until("the end", || match job.state().unwrap() {
        JobState::Transferred => true,
        JobState::TransientError => {
            job.resume().unwrap();
            false
        }
        state => {
            assert_ne!(state, JobState::Error, "{:?}", job.error());
            false
        }
    });
}

pub const SIZE: usize = 1_000_000;

#[test]
fn a_file_is_uploaded_in_one_session_and_the_job_completed() {
    let uploads = Uploads::new();
    let open = uploads.stage.open();
    let job = uploads.job(&open, "a.bin", SIZE);
    assert_eq!(job.job_type().unwrap(), JobType::Upload);
    assert_eq!(job.http_method().unwrap(), "BITS_POST");
    let recorder = Recorder::new();
    job.set_callback(Some(recorder.clone())).unwrap();
    job.resume().unwrap();
    open.until_state(&job, JobState::Transferred);
    uploads.assert_arrived("a.bin", SIZE);
    let packets = uploads.server.packets();
    assert_eq!(packets.first().map(String::as_str), Some("Create-Session"));
    assert_eq!(packets.last().map(String::as_str), Some("Close-Session"));
    assert!(packets[1..packets.len() - 1].iter().all(|packet| packet == "Fragment"), "{packets:?}");
    assert_eq!(uploads.server.sessions(), 0);
    let named = uploads.server.log();
    assert_eq!((named[1].name.as_str(), named[0].name.as_str()), ("a.bin", "-"));

    let progress = job.progress().unwrap();
    assert_eq!((progress.bytes_transferred, progress.bytes_total), (SIZE as u64, SIZE as u64));
    assert_eq!((progress.files_transferred, progress.files_total), (1, 1));
    let file = job.files().unwrap().remove(0);
    assert!(file.progress().unwrap().completed, "an upload is complete once it is uploaded");
    let headers = file.response_headers().unwrap().unwrap().to_lowercase();
    assert!(headers.contains("bits-packet-type: ack"), "those of the last answer: {headers}");
    recorder.wait_for(&Told::Transferred);
    assert!(!recorder.told().iter().any(|told| matches!(told, Told::File(_))), "nobody is told of its file");
    assert_eq!(job.complete().unwrap(), ResultCode::BG_S_OK);
    assert_eq!(job.state().unwrap(), JobState::Acknowledged);
    assert_eq!(uploads.stage.names(), ["a.bin", "server"]);
}

#[test]
fn an_empty_file_is_uploaded_too() {
    let uploads = Uploads::new();
    let open = uploads.stage.open();
    let job = uploads.running(&open, "empty", 0);
    open.until_state(&job, JobState::Transferred);
    uploads.assert_arrived("empty", 0);
    assert_eq!(uploads.server.log()[1].range, "bytes 0-0/0");
}

#[test]
fn complete_is_for_uploads_that_are_transferred_only() {
    let uploads = Uploads::new();
    uploads.server.control(r#"{"faults": [{"packet": "Fragment", "do": "stall"}]}"#);
    let open = uploads.stage.open();
    let job = uploads.running(&open, "a", SIZE);
    uploads.server.wait_stalled(1);
    assert_eq!(job.complete().unwrap_err().code, ResultCode::BG_E_INVALID_STATE);
    uploads.server.release();
    open.until_state(&job, JobState::Transferred);
    job.complete().unwrap();
}

#[test]
fn an_upload_job_has_one_file() {
    let uploads = Uploads::new();
    let open = uploads.stage.open();
    let code = |job: &Job, remote: &str, local: &str| job.add_file(remote, local).unwrap_err().code;
    let job = uploads.job(&open, "a", 1);
    let url = uploads.server.url("/b");
    let path = uploads.file("b", 1);
    assert_eq!(code(&job, &url, &path), ResultCode::BG_E_TOO_MANY_FILES);
    assert_eq!(job.files().unwrap().len(), 1);

    let job = open.create_job("empty", JobType::Upload).unwrap();
    let info = |name: &str| bgcopy_engine::client::FileInfo {
        remote_name: uploads.server.url(name),
        local_name: path.clone(),
    };
    let two = job.add_file_set(vec![info("/c"), info("/d")]).unwrap_err();
    assert_eq!(two.code, ResultCode::BG_E_TOO_MANY_FILES);
    assert_eq!(job.files().unwrap().len(), 0, "none of the set is added");
    assert_eq!(code(&job, "/a/directory/", &path), ResultCode::BG_E_INVALIDARG);
    assert_eq!(code(&job, &url, "relative"), ResultCode::BG_E_INVALIDARG);
    assert_eq!(code(&job, "ftp://host/a", &path), ResultCode::BG_E_INVALIDARG);
    job.add_file(&url, &path).unwrap();
}

#[test]
fn what_is_for_downloads_is_refused_by_uploads() {
    use ResultCode as R;
    let uploads = Uploads::new();
    let open = uploads.stage.open();
    let job = uploads.job(&open, "a", 9);
    let file = job.files().unwrap().remove(0);
    let range = bgcopy_protocol::file_range::FileRange { initial_offset: 0, length: 1 };
    let (url, path) = (uploads.server.url("/b"), uploads.file("b", 1));
    assert_eq!(job.add_file_with_ranges(&url, &path, &[range]).unwrap_err().code, R::BG_E_NOTIMPL);
    assert_eq!(job.replace_remote_prefix("http", "https").unwrap_err().code, R::BG_E_NOTIMPL);
    assert_eq!(file.set_remote_name(&url).unwrap_err().code, R::BG_E_NOTIMPL);
    assert_eq!(file.set_validation_state(false).unwrap_err().code, R::BG_E_NOTIMPL);
    let random = R::BG_E_RANDOM_ACCESS_NOT_SUPPORTED;
    assert_eq!(file.request_ranges(&[range]).unwrap_err().code, random);
    assert_eq!(file.update_download_position(1).unwrap_err().code, random);
    let downloads_only = R::BG_E_PROPERTY_SUPPORTED_FOR_DOWNLOAD_JOBS_ONLY;
    assert_eq!(job.set_on_demand_mode(true).unwrap_err().code, downloads_only);
    assert_eq!(job.set_max_download_size(9).unwrap_err().code, downloads_only);
    assert_eq!(job.set_dynamic_content(true).unwrap_err().code, downloads_only);
    assert_eq!(job.set_high_performance(true).unwrap_err().code, downloads_only);
    assert_eq!(job.set_http_method("PUT".into()).unwrap_err().code, downloads_only);
    job.set_http_method("BITS_POST".into()).unwrap();
    job.resume().unwrap();
    open.until_state(&job, JobState::Transferred);
}

#[test]
fn an_upload_goes_on_after_a_suspend_with_a_ping_and_a_small_fragment() {
    let uploads = Uploads::new();
    uploads.server.control(r#"{"faults": [{"packet": "Fragment", "skip": 1, "do": "stall"}]}"#);
    let open = uploads.stage.open();
    let job = uploads.running(&open, "a", SIZE);
    uploads.server.wait_stalled(1);
    job.suspend().unwrap();
    uploads.server.release();
    open.until_state(&job, JobState::Suspended);
    let before = uploads.server.packets().len();
    job.resume().unwrap();
    open.until_state(&job, JobState::Transferred);
    uploads.assert_arrived("a", SIZE);
    let after = &uploads.server.log()[before..];
    assert_eq!(after[0].packet, "Ping");
    assert_eq!(after[1].range, format!("bytes 131072-136191/{SIZE}"));
    assert_eq!(uploads.server.packets().iter().filter(|packet| *packet == "Create-Session").count(), 1);
}

#[test]
fn an_upload_goes_on_in_its_session_after_the_process_ended() {
    let uploads = Uploads::new();
    uploads.server.control(r#"{"faults": [{"packet": "Fragment", "skip": 2, "do": "stall"}]}"#);
    let open = uploads.stage.open();
    let job = uploads.running(&open, "a", SIZE);
    uploads.server.wait_stalled(1);
    let id = job.id();
    open.close().unwrap();
    drop((job, open));
    uploads.server.release();
    let before = uploads.server.packets().len();

    let open = uploads.stage.open();
    let job = open.job(id).unwrap();
    open.until_state(&job, JobState::Transferred);
    uploads.assert_arrived("a", SIZE);
    let after = uploads.server.packets();
    assert_eq!(after[before], "Ping");
    assert!(!after[before..].contains(&"Create-Session".to_owned()), "{after:?}");
    assert!(uploads.fragments().iter().filter(|first| **first == 0).count() == 1, "nothing is sent again");
}

#[test]
fn a_lost_answer_costs_nothing_whatever_the_server_makes_of_what_it_has() {
    for strict in [false, true] {
        let uploads = Uploads::new();
        let faults =
            r#"{"packet": "Fragment", "do": "lose"}, {"packet": "Fragment", "skip": 2, "do": "cut"}"#;
        uploads.server.control(&format!(r#"{{"strict": {strict}, "faults": [{faults}]}}"#));
        let open = uploads.stage.open();
        let job = uploads.running(&open, "a", SIZE);
        until_transferred(&open, &job);
        uploads.assert_arrived("a", SIZE);
        let log = uploads.server.log();
        assert_eq!(strict, log.iter().any(|received| received.status == 416), "{log:?}");
    }
}

#[test]
fn the_last_answer_may_be_lost_too() {
    for packet in ["Fragment", "Close-Session", "Create-Session"] {
        let uploads = Uploads::new();
        uploads.server.control(&format!(r#"{{"faults": [{{"packet": "{packet}", "do": "lose"}}]}}"#));
        let open = uploads.stage.open();
        let job = uploads.running(&open, "a", 100);
        until_transferred(&open, &job);
        uploads.assert_arrived("a", 100);
        assert!(uploads.server.packets().iter().filter(|sent| *sent == packet).count() == 2, "{packet}");
    }
}

#[test]
fn a_server_that_fell_behind_is_sent_what_it_lost() {
    let uploads = Uploads::new();
    uploads.server.control(r#"{"faults": [{"packet": "Fragment", "skip": 2, "do": "rewind", "to": 1000}]}"#);
    let open = uploads.stage.open();
    let job = uploads.running(&open, "a", SIZE);
    open.until_state(&job, JobState::Transferred);
    uploads.assert_arrived("a", SIZE);
    assert!(uploads.fragments().contains(&1000));
}

#[test]
fn a_lost_session_is_replaced_at_once_and_the_file_sent_from_its_beginning() {
    let uploads = Uploads::new();
    uploads.server.control(r#"{"faults": [{"packet": "Fragment", "skip": 2, "do": "forget"}]}"#);
    let open = uploads.stage.open();
    let job = uploads.running(&open, "a", SIZE);
    open.until_state(&job, JobState::Transferred);
    uploads.assert_arrived("a", SIZE);
    assert_eq!(job.error_count().unwrap(), 0);
    let created = uploads.server.packets().iter().filter(|packet| *packet == "Create-Session").count();
    assert_eq!(created, 2);
    assert_eq!(uploads.fragments().iter().filter(|first| **first == 0).count(), 2);
}

#[test]
fn a_server_that_loses_every_session_is_tried_again_later() {
    let uploads = Uploads::new();
    let fault = r#"{"packet": "Fragment", "do": "forget"}"#;
    uploads.server.control(&format!(r#"{{"faults": [{fault}, {fault}, {fault}, {fault}]}}"#));
    let open = uploads.stage.open();
    let job = uploads.running(&open, "a", SIZE);
    open.until_state(&job, JobState::TransientError);
    assert_eq!(job.error().unwrap().code(), ResultCode::BG_E_SESSION_NOT_FOUND);
    job.resume().unwrap();
    open.until_state(&job, JobState::Transferred);
    uploads.assert_arrived("a", SIZE);
}

#[test]
fn fragments_that_are_too_large_are_halved_and_the_size_is_remembered() {
    let uploads = Uploads::new();
    uploads.server.control(r#"{"max_body": 20000}"#);
    let open = uploads.stage.open();
    let job = uploads.running(&open, "a", 200_000);
    open.until_state(&job, JobState::Transferred);
    uploads.assert_arrived("a", 200_000);
    let refused = uploads.server.log().iter().filter(|received| received.status == 413).count();
    assert_eq!(refused, 3, "131072, 65536 and 32768 bytes");
}

#[test]
fn not_even_the_smallest_fragment_fits() {
    let uploads = Uploads::new();
    uploads.server.control(r#"{"max_body": 1000}"#);
    let open = uploads.stage.open();
    let job = uploads.running(&open, "a", 200_000);
    open.until_state(&job, JobState::Error);
    assert_eq!(job.error().unwrap().code(), ResultCode::BG_E_HTTP_ERROR_413);
}

#[test]
fn each_answer_has_its_code_its_context_and_its_class() {
    use ErrorContext::{RemoteApplication, RemoteFile};
    use JobState::{Error, TransientError};
    use ResultCode as R;
    for (answer, code, context, state) in [
        (r#""status": 403, "code": 2147942405"#, R::BG_E_ACCESSDENIED, RemoteFile, Error),
        (
            r#""status": 403, "code": 2147942405, "context": 7"#,
            R::BG_E_ACCESSDENIED,
            RemoteApplication,
            Error,
        ),
        (r#""status": 501, "code": 2147942405"#, R::BG_E_ACCESSDENIED, RemoteFile, Error),
        (r#""status": 400, "code": 2147942487"#, R::BG_E_INVALIDARG, RemoteFile, Error),
        (r#""status": 500, "code": 2149580832"#, R::BG_E_TOO_LARGE, RemoteFile, Error),
        (r#""status": 500, "code": 2147942512"#, R::BG_E_WIN32_DISK_FULL, RemoteFile, TransientError),
        (
            r#""status": 502, "code": 2149122550, "context": 7"#,
            R::BG_E_HTTP_ERROR_502,
            RemoteApplication,
            TransientError,
        ),
        (r#""status": 503"#, R::BG_E_HTTP_ERROR_503, RemoteFile, TransientError),
        (r#""status": 404"#, R::BG_E_HTTP_ERROR_404, RemoteFile, Error),
        (r#""status": 409"#, R::BG_E_HTTP_ERROR_409, RemoteFile, TransientError),
        (r#""status": 302"#, R::BG_E_HTTP_ERROR_302, RemoteFile, Error),
    ] {
        let uploads = Uploads::new();
        uploads
            .server
            .control(&format!(r#"{{"faults": [{{"packet": "Fragment", "do": "status", {answer}}}]}}"#));
        let open = uploads.stage.open();
        let job = uploads.running(&open, "a", 100);
        open.until_state(&job, state);
        let error = job.error().unwrap();
        assert_eq!((error.code(), error.context()), (code, context), "{answer}");
        // The session is still there: repaired, the job goes on.
        job.resume().unwrap();
        open.until_state(&job, JobState::Transferred);
        uploads.assert_arrived("a", 100);
    }
}

#[test]
fn a_file_that_is_there_already_is_an_error_with_the_words_of_the_server() {
    let uploads = Uploads::new();
    std::fs::write(uploads.stage.path("server/a"), "mine").unwrap();
    let open = uploads.stage.open();
    let job = uploads.running(&open, "a", 100);
    open.until_state(&job, JobState::Error);
    let error = job.error().unwrap();
    assert_eq!(error.code(), ResultCode::BG_E_ACCESSDENIED);
    assert!(error.text().contains("Create-Session") && error.text().contains("403"), "{}", error.text());
    assert_eq!(uploads.server.file("a").unwrap(), b"mine");
}

#[test]
fn a_server_that_does_not_speak_the_protocol_is_an_error() {
    let uploads = Uploads::new();
    for (settings, packet) in [
        (r#"{"omit": ["BITS-Packet-Type"]}"#, "no Ack"),
        (r#"{"omit": ["BITS-Session-Id"]}"#, "no session"),
        (
            r#"{"faults": [{"packet": "Fragment", "do": "ack", "headers": {"BITS-Received-Content-Range": 101}}]}"#,
            "too much",
        ),
        (
            r#"{"faults": [{"packet": "Fragment", "do": "ack", "headers": {"BITS-Session-Id": "another"}}]}"#,
            "another",
        ),
    ] {
        uploads.server.control(settings);
        let open = uploads.stage.open();
        let job = uploads.running(&open, "a", 100);
        open.until_state(&job, JobState::Error);
        assert_eq!(job.error().unwrap().code(), ResultCode::BG_E_INVALID_SERVER_RESPONSE, "{packet}");
        job.cancel().unwrap();
    }
}

#[test]
fn a_server_that_never_gets_on_is_tried_again_later() {
    let uploads = Uploads::new();
    let fault = r#"{"packet": "Fragment", "do": "ack", "headers": {"BITS-Received-Content-Range": 0}}"#;
    uploads.server.control(&format!(r#"{{"faults": [{}]}}"#, [fault; 5].join(",")));
    let open = uploads.stage.open();
    let job = uploads.running(&open, "a", 100);
    open.until_state(&job, JobState::TransientError);
    assert_eq!(job.error().unwrap().code(), ResultCode::BG_E_INVALID_SERVER_RESPONSE);
}

#[test]
fn a_file_that_changes_while_it_is_uploaded_is_an_error_and_resume_sends_it_from_its_beginning() {
    for change in [
        |path: &Path| std::fs::write(path, "longer or shorter").unwrap(),
        |path: &Path| {
            let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
            file.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
        },
    ] {
        let uploads = Uploads::new();
        uploads.server.control(r#"{"faults": [{"packet": "Fragment", "skip": 1, "do": "stall"}]}"#);
        let open = uploads.stage.open();
        let job = uploads.running(&open, "a", SIZE);
        uploads.server.wait_stalled(1);
        change(&uploads.stage.path("a"));
        uploads.server.release();
        open.until_state(&job, JobState::Error);
        let error = job.error().unwrap();
        assert_eq!(error.code(), ResultCode::BG_E_LOCAL_FILE_CHANGED);
        assert_eq!(error.context(), ErrorContext::LocalFile);
        assert_eq!(uploads.server.file("a"), None);
        // Whoever resumes the job wants the file as it is now, all of it.
        job.resume().unwrap();
        open.until_state(&job, JobState::Transferred);
        assert_eq!(uploads.server.file("a").unwrap(), std::fs::read(uploads.stage.path("a")).unwrap());
    }
}

#[test]
fn a_file_that_is_not_there_is_an_error_of_the_job() {
    let uploads = Uploads::new();
    let open = uploads.stage.open();
    let job = uploads.job(&open, "a", 1);
    std::fs::remove_file(uploads.stage.path("a")).unwrap();
    assert_eq!(job.progress().unwrap().bytes_total, SIZE_UNKNOWN);
    job.resume().unwrap();
    open.until_state(&job, JobState::Error);
    let error = job.error().unwrap();
    assert_eq!(error.code(), ResultCode::BG_E_WIN32_FILE_NOT_FOUND);
    assert_eq!(error.context(), ErrorContext::LocalFile);
    assert_eq!(uploads.server.packets(), [""; 0]);
}

#[test]
fn a_challenge_is_answered_with_the_credentials_of_the_job() {
    use bgcopy_engine::client::Credentials;
    use bgcopy_protocol::enums::{AuthScheme, AuthTarget};
    let uploads = Uploads::new();
    uploads.server.control(r#"{"password": "me:secret"}"#);
    let open = uploads.stage.open();
    let job = uploads.running(&open, "a", SIZE);
    open.until_state(&job, JobState::Error);
    assert_eq!(job.error().unwrap().code(), ResultCode::BG_E_HTTP_ERROR_401);
    let (user, password) = (Some("me".to_owned()), Some("secret".to_owned()));
    let credentials = Credentials { target: AuthTarget::Server, scheme: AuthScheme::Basic, user, password };
    job.set_credentials(credentials).unwrap();
    job.resume().unwrap();
    open.until_state(&job, JobState::Transferred);
    uploads.assert_arrived("a", SIZE);
}

#[test]
fn background_uploads_keep_to_the_rate_of_background_jobs() {
    let mut uploads = Uploads::new();
    uploads.stage.settings.background_bytes_per_second = Some(10_000_000);
    let open = uploads.stage.open();
    let job = uploads.job(&open, "a", 5_000_000);
    job.set_priority(JobPriority::Normal).unwrap();
    let before = uploads.stage.clock.monotonic();
    job.resume().unwrap();
    // The clock is moved by hand, a little at a time: without the limit nothing waits for it.
    eventually("the end", || {
        uploads.stage.clock.advance(Duration::from_millis(1));
        job.state().unwrap() == JobState::Transferred
    });
    let passed = Duration::from_nanos(uploads.stage.clock.monotonic() - before);
    assert!(passed >= Duration::from_millis(300), "5 MB took {passed:?} at 10 MB/s");
    uploads.assert_arrived("a", 5_000_000);
}

#[test]
fn jobs_tell_modifications_while_they_upload() {
    let uploads = Uploads::new();
    let open = uploads.stage.open();
    let job = uploads.job(&open, "a", SIZE);
    job.set_notify_flags(notify::JOB_MODIFICATION | notify::JOB_TRANSFERRED).unwrap();
    let recorder = Recorder::new();
    job.set_callback(Some(recorder.clone())).unwrap();
    job.resume().unwrap();
    recorder.wait_for(&Told::Transferred);
    assert!(recorder.told().contains(&Told::Modification));
}

/// A job that uploads 100 bytes and wants a reply.
pub fn with_reply(uploads: &Uploads, open: &Open) -> Job {
    let path = uploads.file("order", 100);
    let job = open.create_job("order", JobType::UploadReply).unwrap();
    job.set_notify_flags(ALL_EVENTS).unwrap();
    job.add_file(&uploads.server.url("/order"), &path).unwrap();
    job
}

#[test]
fn a_reply_is_fetched_before_the_session_ends_and_gets_its_name_by_complete() {
    for priority in [JobPriority::Foreground, JobPriority::Normal] {
        let uploads = Uploads::new();
        uploads.server.control(r#"{"reply": "accepted: 42"}"#);
        let open = uploads.stage.open();
        let job = with_reply(&uploads, &open);
        job.set_priority(priority).unwrap();
        let name = uploads.stage.path("answer");
        job.set_reply_file_name(name.to_str()).unwrap();
        assert_eq!(job.reply_file_name().unwrap().as_deref(), name.to_str());
        assert_eq!(job.reply_progress().unwrap(), (0, SIZE_UNKNOWN));
        assert_eq!(job.reply_data().unwrap_err().code, ResultCode::BG_E_INVALID_STATE);
        let recorder = Recorder::new();
        job.set_callback(Some(recorder.clone())).unwrap();
        job.resume().unwrap();
        recorder.wait_for(&Told::Transferred);
        assert_eq!(recorder.news(), [Told::File(0), Told::Transferred]);
        let packets = uploads.server.packets();
        assert_eq!(packets.last().map(String::as_str), Some("Close-Session"), "{packets:?}");
        assert_eq!(uploads.server.sessions(), 0);

        assert_eq!(job.reply_data().unwrap(), b"accepted: 42");
        assert_eq!(job.reply_progress().unwrap(), (12, 12));
        let progress = job.progress().unwrap();
        assert_eq!((progress.bytes_total, progress.bytes_transferred), (100, 100));
        assert_eq!((progress.files_total, progress.files_transferred), (1, 1));
        assert_eq!(job.files().unwrap().len(), 1);
        let late = job.set_reply_file_name(None).unwrap_err().code;
        assert_eq!(late, ResultCode::BG_E_INVALID_STATE);
        assert!(!name.exists());
        assert_eq!(job.complete().unwrap(), ResultCode::BG_S_OK);
        assert_eq!(std::fs::read(&name).unwrap(), b"accepted: 42");
        assert_eq!(job.reply_data().unwrap(), b"accepted: 42", "also after Complete");
        assert_eq!(uploads.stage.names(), ["answer", "order", "server"]);
        uploads.assert_arrived("order", 100);
    }
}

#[test]
fn an_upload_that_is_not_replied_to_has_an_empty_reply() {
    let uploads = Uploads::new();
    let open = uploads.stage.open();
    let job = with_reply(&uploads, &open);
    let name = job.reply_file_name().unwrap().unwrap();
    assert!(name.starts_with(uploads.stage.path("order.").to_str().unwrap()), "{name}");
    job.resume().unwrap();
    open.until_state(&job, JobState::Transferred);
    assert_eq!(job.reply_data().unwrap(), b"");
    job.complete().unwrap();
    assert_eq!(std::fs::read(name).unwrap(), b"");
}

#[test]
fn a_reply_job_goes_on_after_the_process_ended_wherever_it_was() {
    for (packet, skip) in [("Fragment", 0), ("Close-Session", 0)] {
        let uploads = Uploads::new();
        let fault = format!(r#"{{"packet": "{packet}", "skip": {skip}, "do": "stall"}}"#);
        uploads.server.control(&format!(r#"{{"reply": "yes", "faults": [{fault}]}}"#));
        let open = uploads.stage.open();
        let job = with_reply(&uploads, &open);
        job.resume().unwrap();
        uploads.server.wait_stalled(1);
        let id = job.id();
        open.close().unwrap();
        drop((job, open));
        uploads.server.release();
        let open = uploads.stage.open();
        let job = open.job(id).unwrap();
        open.until_state(&job, JobState::Transferred);
        assert_eq!(job.reply_data().unwrap(), b"yes", "{packet}");
        uploads.assert_arrived("order", 100);
        job.complete().unwrap();
    }
}

#[test]
fn cancel_deletes_the_reply_and_leaves_what_was_uploaded() {
    let uploads = Uploads::new();
    uploads.server.control(r#"{"reply": "yes"}"#);
    let open = uploads.stage.open();
    let job = with_reply(&uploads, &open);
    job.resume().unwrap();
    open.until_state(&job, JobState::Transferred);
    job.cancel().unwrap();
    assert_eq!(uploads.stage.names(), ["order", "server"]);
    uploads.assert_arrived("order", 100);
}

#[test]
fn only_upload_replies_have_replies() {
    let uploads = Uploads::new();
    let open = uploads.stage.open();
    let job = uploads.job(&open, "a", 1);
    assert_eq!(job.reply_progress().unwrap_err().code, ResultCode::BG_E_NOTIMPL);
    assert_eq!(job.reply_data().unwrap_err().code, ResultCode::BG_E_NOTIMPL);
    assert_eq!(job.reply_file_name().unwrap_err().code, ResultCode::BG_E_NOTIMPL);
    assert_eq!(job.set_reply_file_name(None).unwrap_err().code, ResultCode::BG_E_NOTIMPL);
}

#[test]
fn a_session_is_bound_to_the_host_that_the_server_names() {
    let uploads = Uploads::new();
    let host = format!("localhost:{}", uploads.server.port());
    uploads.server.control(&format!(r#"{{"host_id": "{host}", "host_fallback": 900}}"#));
    let open = uploads.stage.open();
    let job = uploads.running(&open, "a", 100);
    open.until_state(&job, JobState::Transferred);
    let log = uploads.server.log();
    let packets: Vec<&str> = log.iter().map(|received| received.packet.as_str()).collect();
    assert_eq!(packets, ["Create-Session", "Ping", "Fragment", "Close-Session"]);
    assert!(log[0].host.starts_with("127.0.0.1") && log[1..].iter().all(|received| received.host == host));
}

#[test]
fn a_host_that_is_never_reached_is_given_up_after_its_time() {
    let uploads = Uploads::new();
    // Nobody listens on the discard port.
    uploads.server.control(r#"{"host_id": "127.0.0.1:9", "host_fallback": 900}"#);
    let open = uploads.stage.open();
    let job = uploads.running(&open, "a", 100);
    open.until_state(&job, JobState::TransientError);
    assert_eq!(job.error().unwrap().code(), ResultCode::BG_E_WINHTTP_CANNOT_CONNECT);
    uploads.stage.clock.advance(Duration::from_secs(600));
    open.until("the next failure", || job.error_count().unwrap() == 2);
    uploads.stage.clock.advance(Duration::from_secs(600));
    open.until_state(&job, JobState::Transferred);
    uploads.assert_arrived("a", 100);
}

#[test]
fn a_reply_that_is_not_at_the_host_of_the_session_is_looked_for_where_the_upload_went() {
    for answer in ["404", r#""drop""#] {
        let uploads = Uploads::new();
        let host = format!(r#""host_id": "localhost:{}""#, uploads.server.port());
        let elsewhere = format!(r#""no_reply_at": ["localhost", {answer}]"#);
        uploads.server.control(&format!(r#"{{"reply": "yes", {host}, {elsewhere}}}"#));
        let open = uploads.stage.open();
        let job = with_reply(&uploads, &open);
        job.resume().unwrap();
        open.until_state(&job, JobState::Transferred);
        assert_eq!(job.reply_data().unwrap(), b"yes", "{answer}");
        assert_eq!(job.error_count().unwrap(), 0, "{answer}");
    }
}

/// A store that writes only as many batches as it is allowed to, once it is closed.
#[derive(Clone)]
struct Gate {
    medium: MemoryStore,
    passage: Arc<(Mutex<Passage>, Condvar)>,
}

#[derive(Default)]
struct Passage {
    /// Batches that may pass; any number while it is open.
    allowed: Option<usize>,
    waiting: bool,
    passed: usize,
}

impl Gate {
    fn set(&self, allowed: Option<usize>) {
        self.passage.0.lock().allowed = allowed;
        self.passage.1.notify_all();
    }

    fn passed(&self) -> usize {
        self.passage.0.lock().passed
    }

    /// Waits until a batch waits, after so many that passed.
    fn until_one_waits(&self, passed: usize) {
        let waits = || {
            let passage = self.passage.0.lock();
            passage.waiting && passage.passed == passed
        };
        eventually("a batch", waits);
    }
}

/// Opens a gate also when the test fails: somebody waits there.
struct Opened<'a>(&'a Gate);

impl Drop for Opened<'_> {
    fn drop(&mut self) {
        self.0.set(None);
    }
}

impl Store for Gate {
    fn load(&self, each: &mut EachRecord<'_>) -> Result<(), StoreError> {
        self.medium.load(each)
    }

    fn apply(&self, batch: Batch) -> Result<(), StoreError> {
        let mut passage = self.passage.0.lock();
        passage.waiting = true;
        self.passage.1.wait_while(&mut passage, |passage| passage.allowed == Some(0));
        passage.waiting = false;
        passage.passed += 1;
        passage.allowed = passage.allowed.map(|allowed| allowed - 1);
        drop(passage);
        self.medium.apply(batch)
    }
}

#[test]
fn a_session_ends_only_when_it_is_on_record_that_its_reply_is_here() {
    let mut uploads = Uploads::new();
    // No checkpoint but the one that finds the whole reply.
    uploads.stage.settings.checkpoint = Duration::from_secs(3600);
    uploads.server.control(r#"{"reply": "yes", "faults": [{"packet": "GET", "do": "stall"}]}"#);
    let gate = Gate { medium: uploads.stage.store.clone(), passage: Arc::default() };
    let open = uploads.stage.open_with(Box::new(gate.clone()), Faults::none()).unwrap();
    let job = with_reply(&uploads, &open);
    job.set_priority(JobPriority::Foreground).unwrap();
    job.resume().unwrap();
    uploads.server.wait_stalled(1);
    // What was decided so far is written with it, and nothing is decided while the server stalls.
    let other = open.create_job("other", JobType::Download).unwrap();
    gate.set(Some(0));
    let passed = gate.passed();
    std::thread::scope(|scope| {
        let _opened = Opened(&gate);
        scope.spawn(|| other.set_description("written".to_owned()).unwrap());
        gate.until_one_waits(passed);
        uploads.server.release();
        eventually("the reply on disk", || job.reply_data().is_ok());
        gate.set(Some(1));
        gate.until_one_waits(passed + 1);
        // Whoever sends too early does so at once.
        std::thread::sleep(Duration::from_millis(100));
        let last = uploads.server.packets().pop();
        assert_eq!(last.as_deref(), Some("GET"), "it is not on record that the reply is here");
    });
    open.until_state(&job, JobState::Transferred);
}
