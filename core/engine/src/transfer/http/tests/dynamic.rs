//! Content that a server makes while it sends it.

use bgcopy_protocol::{ResultCode, RetryClass};

use super::server::{Reply, Resource, Server, Then};
use super::*;

fn fetch_dynamic(server: &Server, sink: &mut Memory) -> Result<Version, TransferError> {
    let url = server.url("/f");
    let offset = sink.bytes.len() as u64;
    fetch_with(&client(), &Download { dynamic: true, offset, ..from_start(&url, true) }, sink)
}

#[test]
fn the_end_of_the_body_is_the_end_of_the_file_however_it_is_told() {
    let chunked = || {
        Reply::new(
            "200 OK",
            &[("Transfer-Encoding", "chunked")],
            b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX-T: 1\r\n\r\n",
        )
    };
    let unsized_body = || Reply::new("200 OK", &[], b"abcde").then(Then::Close);
    let sized = || Reply::sized("200 OK", &[("ETag", "\"a\"")], b"abcde");
    for answer in [chunked as fn() -> Reply, unsized_body, sized] {
        let server = Server::start(move |_| answer());
        let mut sink = Memory::empty();
        assert_eq!(fetch_dynamic(&server, &mut sink).unwrap().size, Some(5));
        assert_eq!(sink.bytes, b"abcde");
        let log = server.log();
        assert_eq!((log.len(), log[0].method.as_str(), log[0].header("range")), (1, "GET", None));
    }
}

#[test]
fn nothing_is_a_file_too() {
    for empty in [
        (|| Reply::new("200 OK", &[("Transfer-Encoding", "chunked")], b"0\r\n\r\n")) as fn() -> Reply,
        || Reply::new("200 OK", &[], b"").then(Then::Close),
        || Reply::sized("200 OK", &[], b""),
    ] {
        let server = Server::start(move |_| empty());
        let mut sink = Memory::empty();
        assert_eq!(fetch_dynamic(&server, &mut sink).unwrap().size, Some(0));
    }
}

#[test]
fn a_body_that_breaks_off_is_no_file() {
    for broken in [
        (|| Reply::new("200 OK", &[("Transfer-Encoding", "chunked")], b"9\r\nabc").then(Then::Close))
            as fn() -> Reply,
        || Reply::new("200 OK", &[("Transfer-Encoding", "chunked")], b"3\r\nabc\r\n").then(Then::Close),
        || Reply::new("200 OK", &[("Content-Length", "9")], b"abc").then(Then::Close),
    ] {
        let server = Server::start(move |_| broken());
        let error = fetch_dynamic(&server, &mut Memory::empty()).unwrap_err();
        assert_eq!(
            (error.code, error.class),
            (ResultCode::BG_E_CONNECTION_CLOSED, RetryClass::Transient),
            "{}",
            error.text
        );
    }
}

#[test]
fn what_is_here_is_never_continued() {
    let server = Server::of(Resource::new(b"abcdef"));
    let mut sink = Memory::holding(b"abc");
    fetch_dynamic(&server, &mut sink).unwrap();
    assert_eq!((sink.bytes.as_slice(), sink.restarts.len()), (&b"abcdef"[..], 1));
    assert_eq!(server.log()[0].header("range"), None);
}

#[test]
fn a_part_and_a_refusal_are_errors() {
    for (status, code) in [
        ("206 Part", ResultCode::BG_E_INVALID_SERVER_RESPONSE),
        ("404 No", ResultCode::from_http_status(404)),
        ("204 Nothing", ResultCode::from_http_status(204)),
    ] {
        let server = Server::start(move |_| Reply::sized(status, &[], b""));
        assert_eq!(fetch_dynamic(&server, &mut Memory::empty()).unwrap_err().code, code, "{status}");
    }
}
