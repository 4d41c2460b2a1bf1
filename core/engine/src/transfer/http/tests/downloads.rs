//! One download from the beginning, and the answers a server may give to it.

use std::time::Duration;

use bgcopy_protocol::enums::ErrorContext;
use bgcopy_protocol::{ResultCode, RetryClass};

use super::server::{Reply, Resource, Server, Then};
use super::*;

fn code_of(
    answer: impl Fn(&server::Request) -> Reply + Send + Sync + 'static,
    foreground: bool,
) -> TransferError {
    let server = Server::start(answer);
    let (result, sink) = fetch(&server, "/f", foreground);
    assert_eq!(sink.bytes, b"", "nothing of a refused answer is kept");
    result.unwrap_err()
}

#[test]
fn background_asks_for_the_size_and_then_for_a_range() {
    let data = content(300_000, 1);
    let mut resource = Resource::new(&data);
    resource.etag = Some("\"a\"".into());
    let server = Server::of(resource);
    let (result, sink) = fetch(&server, "/f", false);
    assert_eq!(
        result.unwrap(),
        Version { size: Some(300_000), etag: Some("\"a\"".into()), last_modified: None }
    );
    assert_eq!(sink.bytes, data);
    let log = server.log();
    assert_eq!(log.len(), 2);
    assert_eq!((log[0].method.as_str(), log[0].header("range")), ("HEAD", None));
    assert_eq!((log[1].method.as_str(), log[1].header("range")), ("GET", Some("bytes=0-")));
    assert_eq!(server.connections(), 1, "kept alive");
}

#[test]
fn foreground_sends_one_plain_request() {
    let data = content(300_000, 1);
    let server = Server::of(Resource::new(&data));
    let (result, sink) = fetch(&server, "/f", true);
    assert_eq!(result.unwrap().size, Some(300_000));
    assert_eq!(sink.bytes, data);
    let log = server.log();
    assert_eq!(log.len(), 1);
    assert_eq!((log[0].method.as_str(), log[0].header("range")), ("GET", None));
    assert_eq!(log[0].header("accept-encoding"), Some("identity"));
    assert!(log[0].header("user-agent").unwrap().starts_with("bgcopy/"));
}

#[test]
fn a_known_version_saves_the_size_request() {
    let data = content(10, 1);
    let server = Server::of(Resource::new(&data));
    let version = Version { size: Some(10), ..Version::default() };
    let url = server.url("/f");
    let mut sink = Memory::empty();
    fetch_with(&client(), &Download { version, ..from_start(&url, false) }, &mut sink).unwrap();
    assert_eq!(server.log().len(), 1);
    assert_eq!(sink.bytes, data);
}

#[test]
fn a_refused_size_request_is_skipped() {
    for status in ["400 x", "401 x", "403 x", "404 x", "405 x", "501 x"] {
        let data = content(1000, 1);
        let resource = Resource::new(&data);
        let server = Server::start(move |request| match request.method.as_str() {
            "HEAD" => Reply::sized(status, &[], b""),
            _ => resource.reply(request),
        });
        let (result, sink) = fetch(&server, "/f", false);
        assert_eq!(result.unwrap().size, Some(1000), "{status}");
        assert_eq!(sink.bytes, data);
    }
}

#[test]
fn an_error_of_a_busy_server_is_not_skipped() {
    let error = code_of(|_| Reply::sized("503 Busy", &[("Retry-After", "7")], b"later"), false);
    assert_eq!(error.code, ResultCode::from_http_status(503));
    assert_eq!(error.retry_after, Some(Duration::from_secs(7)));
}

#[test]
fn a_file_without_size_is_refused_in_the_background() {
    let error = code_of(|_| Reply::new("200 OK", &[("Transfer-Encoding", "chunked")], b""), false);
    assert_eq!((error.code, error.class), (ResultCode::BG_E_MISSING_FILE_SIZE, RetryClass::Fatal));
}

#[test]
fn a_file_without_size_is_refused_in_the_foreground() {
    for headers in [&[("Transfer-Encoding", "chunked")][..], &[]] {
        let headers = headers.to_vec();
        let error = code_of(
            move |_| Reply::new("200 OK", &headers, b"3\r\nabc\r\n0\r\n\r\n").then(Then::Close),
            true,
        );
        assert_eq!((error.code, error.class), (ResultCode::BG_E_MISSING_FILE_SIZE, RetryClass::Fatal));
    }
}

#[test]
fn a_chunked_body_of_known_size_is_taken() {
    let server = Server::start(|_| {
        Reply::new("200 OK", &[("Transfer-Encoding", "chunked")], b"3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n")
    });
    let url = server.url("/f");
    let known = |size| Version { size: Some(size), ..Version::default() };
    let mut sink = Memory::empty();
    let client = client();
    let download = |size| Download { version: known(size), ..from_start(&url, true) };
    assert_eq!(fetch_with(&client, &download(7), &mut sink).unwrap(), known(7));
    assert_eq!(sink.bytes, b"abcdefg");
    for wrong in [6, 8] {
        let mut sink = Memory::empty();
        let error = fetch_with(&client, &download(wrong), &mut sink).unwrap_err();
        assert_eq!(error.code, ResultCode::BG_E_INVALID_SERVER_RESPONSE, "{wrong}");
        assert_eq!((sink.bytes.len(), sink.restarts.len()), (0, 1), "{wrong}");
    }
    assert!(server.connections() <= 2, "a chunked body that ended leaves the connection open");
}

#[test]
fn a_chunked_range_is_taken() {
    let server = Server::start(|request| match request.method.as_str() {
        "HEAD" => Reply::new("200 OK", &[("Content-Length", "3")], b""),
        _ => Reply::new(
            "206 Part",
            &[("Transfer-Encoding", "chunked"), ("Content-Range", "bytes 0-2/3")],
            b"3\r\nabc\r\n0\r\n\r\n",
        ),
    });
    let (result, sink) = fetch(&server, "/f", false);
    assert_eq!((result.unwrap().size, sink.bytes.as_slice()), (Some(3), &b"abc"[..]));
}

#[test]
fn an_empty_file_is_a_file() {
    let answers: [fn(&server::Request) -> Reply; 3] = [
        |_| Reply::sized("200 OK", &[], b""),
        |r| Resource::new(b"").reply(r),
        |r| match r.method.as_str() {
            "HEAD" => Reply::sized("200 OK", &[], b""),
            _ => Reply::sized("416 No", &[], b""),
        },
    ];
    for (answer, foreground) in [(0, true), (0, false), (1, false), (2, false)] {
        let server = Server::start(answers[answer]);
        let (result, sink) = fetch(&server, "/f", foreground);
        assert_eq!(result.unwrap().size, Some(0), "{answer}");
        assert_eq!((sink.begun.len(), sink.bytes.len()), (1, 0));
    }
}

#[test]
fn background_needs_ranges() {
    let mut resource = Resource::new(b"abc");
    resource.ranges = false;
    let error = code_of(move |request| resource.reply(request), false);
    assert_eq!((error.code, error.class), (ResultCode::BG_E_INSUFFICIENT_RANGE_SUPPORT, RetryClass::Fatal));
    assert_eq!(error.context, ErrorContext::RemoteFile);
}

#[test]
fn status_errors_carry_code_class_and_context() {
    for (status, class) in [
        (404, RetryClass::Fatal),
        (403, RetryClass::Fatal),
        (408, RetryClass::Transient),
        (429, RetryClass::Transient),
        (500, RetryClass::Transient),
        (501, RetryClass::Fatal),
        (304, RetryClass::Fatal),
        (204, RetryClass::Transient),
    ] {
        let error = code_of(
            move |_| match status {
                204 | 304 => Reply::new(&format!("{status} x"), &[], b""),
                _ => Reply::sized(&format!("{status} x"), &[("Retry-After", "3")], b"no"),
            },
            true,
        );
        assert_eq!(error.code, ResultCode::from_http_status(status));
        assert_eq!((error.class, error.context), (class, ErrorContext::RemoteFile), "{status}");
        assert_eq!(error.http_status, Some(status));
        assert_eq!(error.retry_after.is_some(), status == 429, "{status}");
    }
}

#[test]
fn a_part_must_be_the_part_asked_for() {
    for headers in [
        &[("Content-Length", "3")][..],
        &[("Content-Length", "3"), ("Content-Range", "bytes 1-3/4")],
        &[("Content-Length", "3"), ("Content-Range", "bytes 0-2/4")],
        &[("Content-Length", "3"), ("Content-Range", "bytes 0-2/2")],
        &[("Content-Length", "3"), ("Content-Range", "bytes 0-3/4")],
        &[("Content-Length", "3"), ("Content-Range", "rows 0-2/3")],
        &[
            ("Content-Length", "3"),
            ("Content-Range", "bytes 0-2/3"),
            ("Content-Type", "multipart/byteranges; boundary=x"),
        ],
    ] {
        let kept = headers.to_vec();
        let error = code_of(
            move |request| match request.method.as_str() {
                "HEAD" => Reply::new("200 OK", &[("Content-Length", "3")], b""),
                _ => Reply::new("206 Part", &kept, b"abc"),
            },
            false,
        );
        assert_eq!(error.code, ResultCode::BG_E_INVALID_SERVER_RESPONSE, "{headers:?}");
        assert_eq!(error.class, RetryClass::Fatal);
    }
}

#[test]
fn a_size_left_open_is_taken_from_the_size_request() {
    for (heard, ok) in [("3", true), ("4", false)] {
        let server = Server::start(move |request| match request.method.as_str() {
            "HEAD" => Reply::new("200 OK", &[("Content-Length", heard)], b""),
            _ => Reply::sized("206 Part", &[("Content-Range", "bytes 0-2/*")], b"abc"),
        });
        let (result, sink) = fetch(&server, "/f", false);
        if ok {
            assert_eq!((result.unwrap().size, sink.bytes.as_slice()), (Some(3), &b"abc"[..]));
        } else {
            assert_eq!(result.unwrap_err().code, ResultCode::BG_E_MISSING_FILE_SIZE);
        }
    }
}

#[test]
fn a_part_nobody_asked_for_is_invalid() {
    let error = code_of(|_| Reply::sized("206 Part", &[("Content-Range", "bytes 0-2/3")], b"abc"), true);
    assert_eq!(error.code, ResultCode::BG_E_INVALID_SERVER_RESPONSE);
}

/// Many servers label an archive with the coding it is in: ranges count its bytes all the same.
#[test]
fn an_unasked_coding_is_stored_as_it_is() {
    const ARCHIVE: &[u8] = b"\x1f\x8b\xe4";
    let labels = [("Content-Encoding", "gzip"), ("Content-Type", "text/html; charset=latin1")];
    for foreground in [true, false] {
        let server = Server::start(move |request| {
            let mut headers = labels.to_vec();
            if request.header("range").is_some() {
                headers.push(("Content-Range", "bytes 0-2/3"));
                return Reply::sized("206 Part", &headers, ARCHIVE);
            }
            match request.method.as_str() {
                "HEAD" => {
                    headers.push(("Content-Length", "3"));
                    Reply::new("200 OK", &headers, b"")
                }
                _ => Reply::sized("200 OK", &headers, ARCHIVE),
            }
        });
        let (result, sink) = fetch(&server, "/f", foreground);
        assert_eq!((result.unwrap().size, sink.bytes.as_slice()), (Some(3), ARCHIVE));
    }
}

#[test]
fn a_short_body_keeps_what_came() {
    let server =
        Server::start(|_| Reply::new("200 OK", &[("Content-Length", "10")], b"abcde").then(Then::Close));
    let (result, sink) = fetch(&server, "/f", true);
    let error = result.unwrap_err();
    assert_eq!((error.code, error.class), (ResultCode::BG_E_CONNECTION_CLOSED, RetryClass::Transient));
    assert_eq!(error.context, ErrorContext::GeneralTransport);
    assert_eq!(sink.bytes, b"abcde");
}

#[test]
fn bytes_after_the_end_are_never_written() {
    let server = Server::start(|_| Reply::new("200 OK", &[("Content-Length", "3")], b"abcdef"));
    let client = client();
    for _ in 0..2 {
        let mut sink = Memory::empty();
        fetch_with(&client, &from_start(&server.url("/f"), true), &mut sink).unwrap();
        assert_eq!(sink.bytes, b"abc");
    }
    assert_eq!(server.connections(), 2, "a connection with surplus bytes is not used again");
}

#[test]
fn what_is_not_http_is_transient() {
    let server = Server::start(|_| Reply { bytes: b"SSH-2.0-x\r\n\r\n".to_vec(), then: Then::Close });
    let error = fetch(&server, "/f", true).0.unwrap_err();
    assert_eq!(error.code, ResultCode::BG_E_WINHTTP_INVALID_SERVER_RESPONSE);
    assert_eq!(error.class, RetryClass::Transient);
}

#[test]
fn an_old_server_will_do() {
    let server = Server::start(|_| Reply {
        bytes: b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc".to_vec(),
        then: Then::Close,
    });
    let (result, sink) = fetch(&server, "/f", true);
    assert_eq!((result.unwrap().size, sink.bytes.as_slice()), (Some(3), &b"abc"[..]));
}

#[test]
fn endless_headers_are_fatal() {
    let server =
        Server::start(|_| Reply::new("200 OK", &[("X", &"x".repeat(70_000)), ("Content-Length", "0")], b""));
    let error = fetch(&server, "/f", true).0.unwrap_err();
    assert_eq!((error.code, error.class), (ResultCode::BG_E_INVALID_SERVER_RESPONSE, RetryClass::Fatal));
}

#[test]
fn long_headers_are_read() {
    let server = Server::start(|_| Reply::sized("200 OK", &[("X", &"x".repeat(60_000))], b"abc"));
    assert_eq!(fetch(&server, "/f", true).1.bytes, b"abc");
}

#[test]
fn the_observer_limits_each_read() {
    let data = content(100_000, 3);
    let server = Server::of(Resource::new(&data));
    let mut sink = Memory::empty();
    let heard = Heard { most: Some(1000), ..Heard::default() };
    let cancel = CancelToken::new().unwrap();
    client().download(&from_start(&server.url("/f"), false), &mut sink, &heard, &cancel).unwrap();
    assert_eq!(sink.bytes, data);
    assert!(heard.asked.borrow().len() >= 100);
    assert_eq!(*heard.connected.borrow(), 1);
}

#[test]
fn custom_headers_go_with_every_request_but_cannot_change_its_meaning() {
    let server = Server::of(Resource::new(b"abc"));
    let url = server.url("/f");
    let headers = [("X-Mine", "1"), ("Range", "bytes=9-"), ("Accept-Encoding", "gzip"), ("User-Agent", "me")]
        .map(|(n, v)| (n.to_owned(), v.to_owned()));
    let download = Download { headers: &headers, ..from_start(&url, false) };
    fetch_with(&client(), &download, &mut Memory::empty()).unwrap();
    for request in server.log() {
        assert_eq!(request.header("x-mine"), Some("1"));
        assert_eq!(request.header("accept-encoding"), Some("identity"));
        assert_eq!(request.header("user-agent"), Some("me"));
        assert_ne!(request.header("range"), Some("bytes=9-"));
    }
}

#[test]
fn a_url_or_header_that_cannot_be_sent_is_a_fatal_error() {
    let bad = [("X".to_owned(), "a\nb".to_owned())];
    let download = Download { headers: &bad, ..from_start("http://127.0.0.1:1/", true) };
    let error = fetch_with(&client(), &download, &mut Memory::empty()).unwrap_err();
    assert_eq!((error.code, error.class), (ResultCode::BG_E_INVALIDARG, RetryClass::Fatal));
    let error = fetch_with(&client(), &from_start("ftp://h/", true), &mut Memory::empty()).unwrap_err();
    assert_eq!((error.code, error.class), (ResultCode::BG_E_INVALIDARG, RetryClass::Fatal));
}

#[test]
fn an_answer_must_come_in_time() {
    let server = Server::start(|_| Reply { bytes: vec![], then: Then::Stall });
    let settings = HttpSettings { idle_timeout: Duration::from_millis(50), ..HttpSettings::default() };
    let error =
        fetch_with(&HttpClient::new(&settings), &from_start(&server.url("/f"), true), &mut Memory::empty())
            .unwrap_err();
    assert_eq!((error.code, error.class), (ResultCode::BG_E_WINHTTP_TIMEOUT, RetryClass::Transient));
}

#[test]
fn a_body_must_not_stop_for_too_long() {
    let body = content(200_000, 5);
    let kept = body.clone();
    let server = Server::start(move |_| {
        Reply::new("200 OK", &[("Content-Length", "900000")], &kept).then(Then::Stall)
    });
    let settings = HttpSettings { idle_timeout: Duration::from_millis(250), ..HttpSettings::default() };
    let mut sink = Memory::empty();
    let error = fetch_with(&HttpClient::new(&settings), &from_start(&server.url("/f"), true), &mut sink);
    assert_eq!(error.unwrap_err().code, ResultCode::BG_E_WINHTTP_TIMEOUT);
    assert_eq!(sink.bytes, body, "bytes below the low-water mark are not lost");
}
