//! Files fetched by another method than GET.

use bgcopy_protocol::{ResultCode, RetryClass};

use super::server::{Reply, Resource, Server};
use super::*;

fn fetch_by(method: &str, server: &Server, sink: &mut Memory) -> Result<Version, TransferError> {
    let url = server.url("/f");
    let (offset, version) = (sink.bytes.len() as u64, Version::default());
    let download = Download { method: Some(method), offset, version, ..from_start(&url, true) };
    fetch_with(&client(), &download, sink)
}

#[test]
fn every_method_is_one_plain_request_for_the_whole_file() {
    for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "REPORT", "x!y", "get"] {
        let server = Server::of(Resource::new(b"abc"));
        let mut sink = Memory::empty();
        fetch_by(method, &server, &mut sink).unwrap_or_else(|error| panic!("{method}: {error:?}"));
        assert_eq!(sink.bytes, b"abc");
        let log = server.log();
        assert_eq!(log.iter().map(|request| request.method.as_str()).collect::<Vec<_>>(), [method]);
        assert_eq!((log[0].header("range"), log[0].header("transfer-encoding")), (None, None));
        let length = matches!(method, "POST" | "PUT" | "PATCH").then_some("0");
        assert_eq!(log[0].header("content-length"), length);
    }
}

#[test]
fn a_part_that_is_here_is_never_continued() {
    let server = Server::of(Resource::new(b"abcdef"));
    let mut sink = Memory::holding(b"xyz");
    fetch_by("POST", &server, &mut sink).unwrap();
    assert_eq!((sink.bytes.as_slice(), sink.restarts.len()), (&b"abcdef"[..], 1));
    assert_eq!(server.log().len(), 1);
}

#[test]
fn redirects_keep_or_drop_the_method() {
    for (status, method, then) in [
        (301, "POST", "GET"),
        (302, "POST", "GET"),
        (303, "POST", "GET"),
        (307, "POST", "POST"),
        (308, "POST", "POST"),
        (301, "REPORT", "REPORT"),
        (303, "REPORT", "GET"),
    ] {
        let server = Server::start(move |request| match request.path.as_str() {
            "/f" => Reply::sized(&format!("{status} Moved"), &[("Location", "/there")], b""),
            _ => Reply::sized("200 OK", &[], b"abc"),
        });
        fetch_by(method, &server, &mut Memory::empty()).unwrap();
        assert_eq!(server.log().pop().unwrap().method, then, "{status} {method}");
    }
}

#[test]
fn a_request_that_may_have_had_an_effect_is_not_repeated() {
    let server = Server::start(|_| Reply::sized("200 OK", &[], b"abc"));
    let client = client();
    let url = server.url("/f");
    fetch_with(&client, &from_start(&url, true), &mut Memory::empty()).unwrap();
    server.hang_up();
    let download = Download { method: Some("POST"), ..from_start(&url, true) };
    fetch_with(&client, &download, &mut Memory::empty()).unwrap();
    assert_eq!((server.log().len(), server.connections()), (2, 2), "on a connection of its own");
    let refusing = Server::start(|_| Reply::sized("404 No", &[], b""));
    let error = fetch_by("POST", &refusing, &mut Memory::empty()).unwrap_err();
    assert_eq!((error.code, error.class), (ResultCode::from_http_status(404), RetryClass::Fatal));
}
