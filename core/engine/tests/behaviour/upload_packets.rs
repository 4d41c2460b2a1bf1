//! The packets of the upload protocol as the client sends them, and what it makes of every answer.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use bgcopy_engine::client::Job;
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::{ErrorContext, JobPriority, JobState, JobType};
use parking_lot::Mutex;

use crate::stage::{Open, Stage, eventually};

/// A server that gives one answer after the other, whatever is asked, and then none.
struct Script {
    address: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

/// A request.
struct Seen {
    line: String,
    /// What belongs to the packet, names in lower case.
    fields: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Seen {
    fn fields(&self) -> Vec<(&str, &str)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    fn packet(&self) -> &str {
        &self.fields["bits-packet-type"]
    }
}

impl Script {
    fn new(answers: &[String]) -> Script {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let answers: VecDeque<String> = answers.iter().cloned().collect();
        let answers = Arc::new(Mutex::new(answers));
        let log = Arc::clone(&seen);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (answers, log) = (Arc::clone(&answers), Arc::clone(&log));
                std::thread::spawn(move || converse(stream, &answers, &log));
            }
        });
        Script { address, seen }
    }

    fn packets(&self) -> Vec<String> {
        self.seen.lock().iter().map(|seen| seen.packet().to_owned()).collect()
    }
}

/// Answers the requests of one connection until it ends, or there is no further answer.
fn converse(
    stream: TcpStream,
    answers: &Mutex<VecDeque<String>>,
    log: &Mutex<Vec<Seen>>,
) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line)? == 0 {
                return Ok(());
            }
            if line == "\r\n" {
                break;
            }
            lines.push(line.trim_end().to_owned());
        }
        let line = lines.remove(0);
        let split = |line: String| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.to_ascii_lowercase(), value.to_owned())
        };
        let fields = lines.into_iter().map(split);
        let fields: BTreeMap<_, _> =
            fields.filter(|(name, _)| name.starts_with("bits-") || name.starts_with("content-")).collect();
        let mut body = vec![0; fields["content-length"].parse().unwrap()];
        stream.read_exact(&mut body)?;
        log.lock().push(Seen { line, fields, body });
        let Some(answer) = answers.lock().pop_front() else { return Ok(()) };
        stream.get_mut().write_all(answer.as_bytes())?;
    }
}

const SESSION: &str = "{5B0A6C5E-92D4-4E0B-8B1D-0C6A2F6E7A11}";

/// A response of the BITS layer with these header lines.
fn ack(status: u16, lines: &[&str]) -> String {
    let lines: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
    format!("HTTP/1.1 {status} -\r\nBITS-Packet-Type: Ack\r\nContent-Length: 0\r\n{lines}\r\n")
}

fn created() -> String {
    let session = format!("BITS-Session-Id: {SESSION}");
    ack(
        200,
        &["BITS-Protocol: {7DF0354D-249B-430F-820D-3D2A9BEF4931}", &session, "Accept-encoding: identity"],
    )
}

fn received(bytes: u64) -> String {
    ack(200, &[&format!("BITS-Received-Content-Range: {bytes}")])
}

/// A job that uploads `content` to the script, under way.
fn upload(stage: &Stage, open: &Open, script: &Script, kind: JobType, content: &[u8]) -> Job {
    let path = stage.path("letters.txt");
    std::fs::write(&path, content).unwrap();
    let job = open.create_job("upload", kind).unwrap();
    job.set_notify_flags(crate::stage::ALL_EVENTS).unwrap();
    job.set_priority(JobPriority::Foreground).unwrap();
    let url = format!("http://{}/drop/letters.txt?q", script.address);
    job.add_file(&url, path.to_str().unwrap()).unwrap();
    job.resume().unwrap();
    job
}

const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz";

/// What becomes of an upload of the letters that gets these answers: its state, with the error where there is one.
fn outcome(kind: JobType, answers: &[String]) -> (JobState, Option<(ResultCode, ErrorContext)>, Vec<String>) {
    let stage = Stage::new();
    let open = stage.open();
    let script = Script::new(answers);
    let job = upload(&stage, &open, &script, kind, LETTERS);
    let ends = [JobState::Transferred, JobState::Error, JobState::TransientError];
    open.until("the end", || ends.contains(&job.state().unwrap()));
    let error = job.error().ok().map(|error| (error.code(), error.context()));
    (job.state().unwrap(), error, script.packets())
}

fn assert_error(answers: &[String], state: JobState, code: ResultCode) {
    let (found, error, _) = outcome(JobType::Upload, answers);
    assert_eq!((found, error.map(|(code, _)| code)), (state, Some(code)), "{answers:?}");
}

fn assert_transferred(answers: &[String]) -> Vec<String> {
    let (state, error, packets) = outcome(JobType::Upload, answers);
    assert_eq!((state, error), (JobState::Transferred, None), "{answers:?}");
    packets
}

/// The packets of one session that is bound to a host, and so begins with a Ping.
fn session() -> Vec<Seen> {
    let stage = Stage::new();
    let open = stage.open();
    let host = created().replace("\r\n\r\n", "\r\nBITS-Host-Id: 127.0.0.1\r\n\r\n");
    let script = Script::new(&[host, ack(200, &[]), received(26), ack(200, &[])]);
    let job = upload(&stage, &open, &script, JobType::Upload, LETTERS);
    open.until_state(&job, JobState::Transferred);
    std::mem::take(&mut *script.seen.lock())
}

#[test]
fn create_session_offers_the_protocol_and_has_neither_session_nor_name() {
    let seen = &session()[0];
    assert_eq!(seen.line, "BITS_POST /drop/letters.txt?q HTTP/1.1");
    let expected = [
        ("bits-packet-type", "Create-Session"),
        ("bits-supported-protocols", "{7df0354d-249b-430f-820d-3d2a9bef4931}"),
        ("content-length", "0"),
    ];
    assert_eq!(seen.fields(), expected);
}

#[test]
fn ping_has_nothing_but_its_type() {
    let seen = &session()[1];
    assert_eq!(seen.line, "BITS_POST /drop/letters.txt?q HTTP/1.1");
    assert_eq!(seen.fields(), [("bits-packet-type", "Ping"), ("content-length", "0")]);
}

#[test]
fn fragment_has_its_session_the_name_its_range_and_its_bytes() {
    let seen = &session()[2];
    let expected = [
        ("bits-packet-type", "Fragment"),
        ("bits-session-id", SESSION),
        ("content-length", "26"),
        ("content-name", "letters.txt"),
        ("content-range", "bytes 0-25/26"),
    ];
    assert_eq!((seen.fields().as_slice(), seen.body.as_slice()), (expected.as_slice(), LETTERS));
}

#[test]
fn close_session_has_its_session_and_the_name() {
    let seen = &session()[3];
    let expected = [
        ("bits-packet-type", "Close-Session"),
        ("bits-session-id", SESSION),
        ("content-length", "0"),
        ("content-name", "letters.txt"),
    ];
    assert_eq!(seen.fields(), expected);
}

#[test]
fn cancel_session_has_its_session_and_no_name() {
    let stage = Stage::new();
    let open = stage.open();
    let script = Script::new(&[created(), ack(503, &[]), ack(200, &[])]);
    let job = upload(&stage, &open, &script, JobType::Upload, LETTERS);
    open.until_state(&job, JobState::TransientError);
    job.cancel().unwrap();
    eventually("the Cancel-Session", || script.packets().len() == 3);
    let seen = &script.seen.lock()[2];
    assert_eq!(seen.line, "BITS_POST /drop/letters.txt?q HTTP/1.1");
    let expected =
        [("bits-packet-type", "Cancel-Session"), ("bits-session-id", SESSION), ("content-length", "0")];
    assert_eq!(seen.fields(), expected);
}

#[test]
fn names_that_cannot_stand_in_a_header_are_left_out() {
    for name in ["grüße.txt", "a:b"] {
        let stage = Stage::new();
        let open = stage.open();
        let script = Script::new(&[created(), received(1), ack(200, &[])]);
        let path = stage.path(name);
        std::fs::write(&path, "x").unwrap();
        let job = open.create_job("upload", JobType::Upload).unwrap();
        job.add_file(&format!("http://{}/drop/x", script.address), path.to_str().unwrap()).unwrap();
        job.resume().unwrap();
        open.until_state(&job, JobState::Transferred);
        assert!(!script.seen.lock()[1].fields.contains_key("content-name"), "{name}");
    }
}

#[test]
fn ack_of_create_session_names_a_session_of_the_one_protocol() {
    use JobState::{Error, TransientError};
    use ResultCode as R;
    let session = format!("BITS-Session-Id: {SESSION}");
    let long = format!("BITS-Session-Id: {}", "x".repeat(101));
    for (answer, state, code) in [
        (ack(200, &[]), Error, R::BG_E_INVALID_SERVER_RESPONSE),
        (ack(200, &[&long]), Error, R::BG_E_INVALID_SERVER_RESPONSE),
        (ack(200, &["BITS-Session-Id: a b"]), Error, R::BG_E_INVALID_SERVER_RESPONSE),
        (ack(200, &[&session, "BITS-Session-Id: another"]), Error, R::BG_E_INVALID_SERVER_RESPONSE),
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".into(), Error, R::BG_E_INVALID_SERVER_RESPONSE),
        (
            ack(200, &[&session, "BITS-Protocol: {11111111-2222-3333-4444-555555555555}"]),
            Error,
            R::BG_E_CLIENT_SERVER_PROTOCOL_MISMATCH,
        ),
        (ack(200, &[&session, "BITS-Protocol: 1.5"]), Error, R::BG_E_CLIENT_SERVER_PROTOCOL_MISMATCH),
        (ack(400, &["BITS-Error-Code: 0x80200022"]), Error, R::BG_E_CLIENT_SERVER_PROTOCOL_MISMATCH),
        (ack(500, &["BITS-Error-Code: 0x80200022"]), Error, R::BG_E_CLIENT_SERVER_PROTOCOL_MISMATCH),
        ("nonsense\r\n\r\n".into(), TransientError, R::BG_E_WINHTTP_INVALID_SERVER_RESPONSE),
    ] {
        assert_error(&[answer], state, code);
    }
    assert_error(&[], TransientError, R::BG_E_CONNECTION_CLOSED);
    for answer in [ack(201, &[&session]), ack(200, &[&session, "X-Other: 1"])] {
        assert_eq!(assert_transferred(&[answer, received(26), ack(200, &[])]).len(), 3);
    }
}

#[test]
fn a_server_that_loses_sessions_while_it_makes_them_is_tried_again_later() {
    let lost = ack(500, &["BITS-Error-Code: 0x8020001F"]);
    assert_error(
        &[lost.clone(), lost.clone(), lost.clone(), lost],
        JobState::TransientError,
        ResultCode::BG_E_SESSION_NOT_FOUND,
    );
}

#[test]
fn ack_of_a_fragment_says_where_the_server_is_as_a_number_within_the_file() {
    let name = "BITS-Received-Content-Range";
    let long = format!("{name}: {}", "0".repeat(5000));
    for line in [
        format!("{name}: 27"),
        format!("{name}: abc"),
        format!("{name}: -1"),
        format!("{name}: +26"),
        format!("{name}: 26.0"),
        format!("{name}: bytes 0-25/26"),
        format!("{name}: 99999999999999999999"),
        format!("{name}: 26\r\n{name}: 25"),
        "BITS-Recieved-Content-Range: x".to_owned(),
        long,
    ] {
        for status in [200, 416] {
            let (state, error, _) = outcome(JobType::Upload, &[created(), ack(status, &[&line])]);
            let code = error.map(|(code, _)| code);
            assert_eq!(state, JobState::Error, "{line}");
            let unreadable = status == 416 && !line.ends_with(" 27");
            let expected = if unreadable {
                ResultCode::BG_E_HTTP_ERROR_416
            } else {
                ResultCode::BG_E_INVALID_SERVER_RESPONSE
            };
            assert_eq!(code, Some(expected), "{status} {line}");
        }
    }
    for line in ["BITS-Received-Content-Range: 26", "BITS-Recieved-Content-Range: 26", "X-Other: 1"] {
        assert_transferred(&[created(), ack(200, &[line]), ack(200, &[])]);
    }
    assert_transferred(&[created(), ack(416, &["BITS-Recieved-Content-Range: 26"]), ack(200, &[])]);
}

#[test]
fn an_ack_of_another_session_is_none() {
    let other = "BITS-Session-Id: {00000000-0000-0000-0000-000000000001}";
    let code = ResultCode::BG_E_INVALID_SERVER_RESPONSE;
    for status in [200, 416] {
        let answer = ack(status, &[other, "BITS-Received-Content-Range: 26"]);
        assert_error(&[created(), answer], JobState::Error, code);
    }
    assert_error(&[created(), received(26), ack(200, &[other])], JobState::Error, code);
    let same = format!("BITS-Session-Id: {}", SESSION.to_lowercase());
    assert_transferred(&[created(), received(26), ack(200, &[&same])]);
}

#[test]
fn error_codes_are_hexadecimal_and_say_something_only_where_the_request_failed() {
    use ErrorContext::{RemoteApplication, RemoteFile};
    use ResultCode as R;
    for (lines, code, context) in [
        (&["BITS-Error-Code: 0x80070005"][..], R::BG_E_ACCESSDENIED, RemoteFile),
        (
            &["BITS-Error-Code: 0X80070005", "BITS-Error-Context: 0x7"],
            R::BG_E_ACCESSDENIED,
            RemoteApplication,
        ),
        (&["BITS-Error-Code: 80070005", "BITS-Error-Context: 7"], R::BG_E_ACCESSDENIED, RemoteApplication),
        (&["BITS-Error: 0x80070005", "BITS-Error-Context: 0x5"], R::BG_E_ACCESSDENIED, RemoteFile),
        (&["BITS-Error-Code: 0x0"], R::BG_E_HTTP_ERROR_400, RemoteFile),
        (&["BITS-Error-Code: 1"], R::BG_E_HTTP_ERROR_400, RemoteFile),
        (&["BITS-Error-Code: 0x800700050"], R::BG_E_HTTP_ERROR_400, RemoteFile),
        (&["BITS-Error-Code: access denied", "BITS-Error-Context: none"], R::BG_E_HTTP_ERROR_400, RemoteFile),
        (&["BITS-Error-Code: 0x80070005", "BITS-Error-Code: 0x80070006"], R::BG_E_HTTP_ERROR_400, RemoteFile),
        (&[], R::BG_E_HTTP_ERROR_400, RemoteFile),
    ] {
        let (state, error, _) = outcome(JobType::Upload, &[created(), ack(400, lines)]);
        assert_eq!((state, error), (JobState::Error, Some((code, context))), "{lines:?}");
    }
    let coded = ["BITS-Error-Code: 0x80070005", "BITS-Received-Content-Range: 26"];
    assert_transferred(&[created(), ack(200, &coded), ack(200, &coded[..1])]);
}

#[test]
fn answers_need_no_length_and_may_follow_interim_ones() {
    let bare = "HTTP/1.1 503 -\r\nBITS-Packet-Type: Ack\r\n\r\n".to_owned();
    assert_error(&[created(), bare], JobState::TransientError, ResultCode::BG_E_HTTP_ERROR_503);
    let interim = format!("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 -\r\nLink: x\r\n\r\n{}", received(26));
    assert_transferred(&[created(), interim, ack(200, &[])]);
    let page = "HTTP/1.1 500 -\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nbad\r\n0\r\n\r\n".to_owned();
    assert_error(&[created(), page], JobState::TransientError, ResultCode::BG_E_HTTP_ERROR_500);
    let endless = format!("HTTP/1.1 200 -\r\nX: {}", "y".repeat(70_000));
    assert_error(&[created(), endless], JobState::Error, ResultCode::BG_E_INVALID_SERVER_RESPONSE);
}

#[test]
fn close_session_is_sent_again_after_5xx_only() {
    use ResultCode as R;
    let page = "HTTP/1.1 404 -\r\nContent-Length: 4\r\n\r\ngone".to_owned();
    for answer in [
        ack(404, &["BITS-Error-Code: 0x80070002"]),
        ack(400, &["BITS-Error-Code: 0x80070057"]),
        ack(500, &["BITS-Error-Code: 0x8020001F"]),
        ack(302, &[]),
        page,
    ] {
        assert_transferred(&[created(), received(26), answer]);
    }
    for (answer, code) in [
        (ack(500, &["BITS-Error-Code: 0x80070057"]), R::BG_E_INVALIDARG),
        (ack(501, &["BITS-Error-Code: 0x80070005"]), R::BG_E_ACCESSDENIED),
        (ack(503, &[]), R::BG_E_HTTP_ERROR_503),
    ] {
        assert_error(&[created(), received(26), answer], JobState::TransientError, code);
    }
}

#[test]
fn the_url_of_a_reply_that_makes_no_sense_is_an_error_where_a_reply_is_wanted() {
    let code = Some((ResultCode::BG_E_INVALID_SERVER_RESPONSE, ErrorContext::RemoteFile));
    let count = "BITS-Received-Content-Range: 26";
    let long = format!("BITS-Reply-URL: http://127.0.0.1/{}", "r".repeat(2200));
    for lines in [
        [&long[..], count],
        ["BITS-Reply-URL: one\r\nBITS-Reply-URL: another", count],
        ["BITS-Reply-URL: ftp://127.0.0.1/r", count],
        ["BITS-Reply-URL: http://[/r", count],
    ] {
        let answers = [created(), ack(200, &lines), ack(200, &[])];
        let (state, error, _) = outcome(JobType::UploadReply, &answers);
        assert_eq!((state, error), (JobState::Error, code), "{lines:?}");
        assert_transferred(&answers);
    }
    let none = [created(), ack(200, &["BITS-Reply-URL: ", count]), ack(200, &[]), ack(200, &[])];
    assert_eq!(outcome(JobType::UploadReply, &none).0, JobState::Transferred, "there is no reply");
}
