//! What becomes of the session of an upload that nobody wants any more.

use std::time::Duration;

use bgcopy_engine::client::{Job, Manager};
use bgcopy_engine::model::cancellation::Cancellation;
use bgcopy_engine::store::{Store, Table};
use bgcopy_engine::sys::clock::Clock as _;
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::JobState;

use crate::stage::{Open, eventually};
use crate::uploads::{SIZE, Uploads, with_reply};

const HOUR: Duration = Duration::from_secs(3600);

impl Uploads {
    /// What is on record of sessions that are to be cancelled.
    fn cancellations(&self) -> Vec<Cancellation> {
        let mut found = Vec::new();
        let mut take = |table, _key: &[u8], value: &[u8]| {
            if table == Table::Cancellations {
                found.push(postcard::from_bytes(value).unwrap());
            }
        };
        self.stage.store.load(&mut take).unwrap();
        found
    }

    /// A job whose upload stands still in the middle, and answers to Cancel-Session that are as these faults say.
    fn in_the_middle(&self, open: &Open, faults: &[&str]) -> Job {
        let stall = r#"{"packet": "Fragment", "skip": 1, "do": "stall"}"#;
        let faults = [&[stall], faults].concat().join(",");
        self.server.control(&format!(r#"{{"faults": [{faults}]}}"#));
        let job = self.running(open, "a", SIZE);
        self.server.wait_stalled(1);
        job
    }

    /// Waits until so many attempts failed, and that is on record.
    fn until_failed(&self, attempts: usize) {
        eventually("a failure on record", || {
            let later = |found: &[Cancellation]| found[0].retry_at > self.stage.clock.wall();
            self.cancels() == attempts && later(&self.cancellations())
        });
    }

    fn cancels(&self) -> usize {
        self.server.packets().iter().filter(|packet| *packet == "Cancel-Session").count()
    }

    /// Waits until the server has no session, and nothing of it is on record.
    fn until_nothing_is_left(&self) {
        eventually("the end of the session", || {
            self.server.sessions() == 0 && self.cancellations().is_empty()
        });
    }
}

const UNAVAILABLE: &str = r#"{"packet": "Cancel-Session", "do": "status", "status": 503}"#;
const DROPPED: &str = r#"{"packet": "Cancel-Session", "do": "drop"}"#;

fn is_gone(manager: &Manager, job: &Job) {
    assert_eq!(job.state().unwrap(), JobState::Cancelled);
    assert!(manager.jobs(false).unwrap().is_empty());
}

#[test]
fn cancel_of_an_upload_ends_its_session_at_the_server() {
    let uploads = Uploads::new();
    let open = uploads.stage.open();
    let job = uploads.in_the_middle(&open, &[]);
    job.cancel().unwrap();
    is_gone(&open, &job);
    uploads.server.release();
    uploads.until_nothing_is_left();
    assert_eq!((uploads.cancels(), uploads.server.file("a")), (1, None));
    assert_eq!(uploads.server.log().last().unwrap().name, "-", "it has no Content-Name");
}

#[test]
fn cancel_is_over_before_the_server_has_heard_of_it_and_is_told_again_after_the_retry_delay() {
    let uploads = Uploads::new();
    let open = uploads.stage.open();
    let job = uploads.in_the_middle(&open, &[DROPPED, UNAVAILABLE]);
    job.set_minimum_retry_delay(100).unwrap();
    job.cancel().unwrap();
    is_gone(&open, &job);
    uploads.server.release();
    for attempts in [1, 2] {
        uploads.until_failed(attempts);
        uploads.stage.clock.advance(Duration::from_secs(99));
        assert_eq!(uploads.cancels(), attempts, "before its time");
        uploads.stage.clock.advance(Duration::from_secs(1));
    }
    uploads.until_nothing_is_left();
    assert_eq!(uploads.cancels(), 3);
}

#[test]
fn a_session_is_cancelled_also_after_the_process_ended() {
    let uploads = Uploads::new();
    let open = uploads.stage.open();
    let job = uploads.in_the_middle(&open, &[UNAVAILABLE]);
    job.cancel().unwrap();
    uploads.server.release();
    uploads.until_failed(1);
    open.close().unwrap();
    drop((job, open));
    assert_eq!(uploads.cancellations().len(), 1);

    let open = uploads.stage.open();
    assert!(open.jobs(false).unwrap().is_empty());
    uploads.stage.clock.advance(HOUR);
    uploads.until_nothing_is_left();
}

#[test]
fn whoever_answers_with_less_than_500_or_knows_no_session_has_heard_it() {
    for answer in [
        r#""status": 404"#,
        r#""status": 400, "code": 2147942487"#,
        r#""status": 302"#,
        r#""status": 403, "code": 2147942405"#,
        r#""status": 500, "code": 2149580831"#,
    ] {
        let uploads = Uploads::new();
        let open = uploads.stage.open();
        let fault = format!(r#"{{"packet": "Cancel-Session", "do": "status", {answer}}}"#);
        let job = uploads.in_the_middle(&open, &[&fault]);
        job.cancel().unwrap();
        uploads.server.release();
        eventually("nothing on record", || uploads.cancellations().is_empty());
        assert_eq!((uploads.cancels(), uploads.server.sessions()), (1, 1), "{answer}");
    }
}

#[test]
fn a_server_is_tried_for_24_hours_or_for_the_no_progress_timeout_if_that_is_shorter() {
    for (timeout, attempts) in [(14 * 24 * 3600, 3), (12 * 3600, 2), (0, 1)] {
        let uploads = Uploads::new();
        let open = uploads.stage.open();
        let job = uploads.in_the_middle(&open, &[UNAVAILABLE; 4]);
        job.set_minimum_retry_delay(12 * 3600).unwrap();
        job.set_no_progress_timeout(timeout).unwrap();
        job.cancel().unwrap();
        uploads.server.release();
        for attempt in 1..attempts {
            uploads.until_failed(attempt);
            uploads.stage.clock.advance(12 * HOUR);
        }
        eventually("nothing on record", || uploads.cancellations().is_empty());
        assert_eq!((uploads.cancels(), uploads.server.sessions()), (attempts, 1), "{timeout}");
    }
}

#[test]
fn where_there_is_no_session_nothing_is_cancelled() {
    let uploads = Uploads::new();
    let open = uploads.stage.open();
    uploads.job(&open, "never-sent", 9).cancel().unwrap();
    let job = uploads.running(&open, "a", 9);
    open.until_state(&job, JobState::Transferred);
    job.cancel().unwrap();
    let job = uploads.running(&open, "b", 9);
    open.until_state(&job, JobState::Transferred);
    job.complete().unwrap();
    assert_eq!((uploads.cancels(), uploads.cancellations().len()), (0, 0));
    uploads.assert_arrived("a", 9);
}

#[test]
fn cancel_between_the_upload_and_its_reply_cancels_the_reply() {
    let uploads = Uploads::new();
    let fault = r#"{"packet": "Close-Session", "do": "stall"}"#;
    uploads.server.control(&format!(r#"{{"reply": "yes", "faults": [{fault}]}}"#));
    let open = uploads.stage.open();
    let job = with_reply(&uploads, &open);
    job.resume().unwrap();
    uploads.server.wait_stalled(1);
    job.cancel().unwrap();
    uploads.until_nothing_is_left();
    uploads.server.release();
    uploads.assert_arrived("order", 100);
    assert_eq!(uploads.stage.names(), ["order", "server"]);
}

#[test]
fn the_session_of_a_file_that_changed_is_cancelled_when_another_begins() {
    let uploads = Uploads::new();
    let open = uploads.stage.open();
    let job = uploads.in_the_middle(&open, &[]);
    std::fs::write(uploads.stage.path("a"), "longer or shorter").unwrap();
    uploads.server.release();
    open.until_state(&job, JobState::Error);
    assert_eq!(job.error().unwrap().code(), ResultCode::BG_E_LOCAL_FILE_CHANGED);
    assert_eq!(uploads.cancels(), 0);
    job.resume().unwrap();
    open.until_state(&job, JobState::Transferred);
    uploads.until_nothing_is_left();
    assert_eq!(uploads.cancels(), 1);
    assert_eq!(uploads.server.file("a").unwrap(), b"longer or shorter");
}

#[test]
fn a_session_is_cancelled_with_the_credentials_of_its_job() {
    use bgcopy_engine::client::Credentials;
    use bgcopy_protocol::enums::{AuthScheme, AuthTarget};
    let uploads = Uploads::new();
    let stall = r#"{"packet": "Fragment", "skip": 1, "do": "stall"}"#;
    uploads.server.control(&format!(r#"{{"password": "me:secret", "faults": [{stall}]}}"#));
    let open = uploads.stage.open();
    let job = uploads.job(&open, "a", SIZE);
    let (user, password) = (Some("me".to_owned()), Some("secret".to_owned()));
    let credentials = Credentials { target: AuthTarget::Server, scheme: AuthScheme::Basic, user, password };
    job.set_credentials(credentials).unwrap();
    job.resume().unwrap();
    uploads.server.wait_stalled(1);
    job.cancel().unwrap();
    uploads.server.release();
    uploads.until_nothing_is_left();
}

#[test]
fn a_session_is_cancelled_at_its_host_until_that_is_given_up() {
    let uploads = Uploads::new();
    let open = uploads.stage.open();
    // Nobody listens on the discard port.
    uploads.server.control(r#"{"host_id": "127.0.0.1:9", "host_fallback": 900}"#);
    let job = uploads.job(&open, "a", 100);
    job.resume().unwrap();
    open.until_state(&job, JobState::TransientError);
    job.cancel().unwrap();
    for _ in 0..2 {
        // The host of the session is asked.
        uploads.until_failed(0);
        uploads.stage.clock.advance(Duration::from_secs(600));
    }
    uploads.until_nothing_is_left();
    assert!(uploads.server.log().last().unwrap().host.starts_with("127.0.0.1"));
}
