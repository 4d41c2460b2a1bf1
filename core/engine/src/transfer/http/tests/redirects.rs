//! Redirects, and who gets to see secrets.

use bgcopy_protocol::enums::ErrorContext;
use bgcopy_protocol::flags::SecurityFlags;
use bgcopy_protocol::{ResultCode, RetryClass};

use super::server::{Reply, Resource, Server};
use super::*;

fn moved(status: u16, location: &str) -> Reply {
    Reply::sized(&format!("{status} Moved"), &[("Location", location)], b"")
}

#[test]
fn each_kind_is_followed_and_told() {
    for status in [301, 302, 303, 307, 308] {
        let server = Server::start(move |request| match request.path.as_str() {
            "/a/f" => moved(status, "../b?x=1"),
            _ => Resource::new(b"abc").reply(request),
        });
        let (mut sink, heard) = (Memory::empty(), Heard::default());
        let cancel = CancelToken::new().unwrap();
        client().download(&from_start(&server.url("/a/f"), false), &mut sink, &heard, &cancel).unwrap();
        assert_eq!(sink.bytes, b"abc");
        assert_eq!(*heard.redirected.borrow(), [server.url("/b?x=1")]);
        let last = server.log().pop().unwrap();
        assert_eq!((last.method.as_str(), last.header("range")), ("GET", Some("bytes=0-")), "{status}");
    }
}

fn refused(location: impl Fn(usize) -> String + Send + Sync + 'static) -> (TransferError, usize) {
    let server = Server::start(move |request| moved(302, &location(request.number)));
    let error = fetch(&server, "/f", true).0.unwrap_err();
    assert_eq!((error.code, error.class), (ResultCode::BG_E_WINHTTP_REDIRECT_FAILED, RetryClass::Fatal));
    (error, server.log().len())
}

#[test]
fn circles_and_endless_chains_end() {
    let (error, requests) = refused(|n| format!("/{}", (n + 1) % 3));
    assert!(error.text.contains("circle"), "{}", error.text);
    assert!(requests <= 4);
    let (error, requests) = refused(|n| format!("/{n}"));
    assert!(error.text.contains("10 redirects"), "{}", error.text);
    assert_eq!(requests, 11);
}

#[test]
fn ten_hops_are_followed() {
    let server = Server::start(|request| match request.number {
        n @ 0..10 => moved(302, &format!("/{n}")),
        _ => Reply::sized("200 OK", &[], b"abc"),
    });
    assert_eq!(fetch(&server, "/f", true).1.bytes, b"abc");
}

#[test]
fn other_schemes_are_not_followed() {
    for location in ["ftp://127.0.0.1/f", "file:///etc/hostname", "http://"] {
        refused(move |_| location.to_owned());
    }
}

#[test]
fn a_redirect_without_location_is_an_error() {
    let server = Server::start(|_| Reply::sized("302 Where", &[], b""));
    assert_eq!(fetch(&server, "/f", true).0.unwrap_err().code, ResultCode::from_http_status(302));
}

#[test]
fn secrets_stay_with_the_host_they_were_given_for() {
    let other = Server::of(Resource::new(b"abc"));
    let location = other.url("/f");
    let server = Server::start(move |request| match request.path.as_str() {
        "/here" => moved(302, "/there"),
        _ => moved(302, &location),
    });
    let headers = [("Authorization", "Bearer x"), ("cookie", "a=b"), ("X-Open", "1")]
        .map(|(n, v)| (n.to_owned(), v.to_owned()));
    let url = server.url("/here").replace("127.0.0.1", "user:secret@127.0.0.1");
    for (headers, expected) in [(&headers[..], "Bearer x"), (&headers[2..], "Basic dXNlcjpzZWNyZXQ=")] {
        let download = Download { headers, ..from_start(&url, true) };
        fetch_with(&client(), &download, &mut Memory::empty()).unwrap();
        for request in &server.log()[server.log().len() - 2..] {
            assert_eq!(request.header("authorization"), Some(expected));
            assert_eq!(request.header("cookie").is_some(), headers.len() > 1);
        }
        let elsewhere = other.log().pop().unwrap();
        assert_eq!(elsewhere.header("authorization"), None);
        assert_eq!(elsewhere.header("cookie"), None);
        assert_eq!(elsewhere.header("x-open"), Some("1"));
    }
}

#[test]
fn a_password_never_reaches_an_error_text() {
    let server = Server::start(|_| Reply::sized("404 No", &[], b""));
    let url = server.url("/f").replace("127.0.0.1", "user:secret@127.0.0.1");
    let error = fetch_with(&client(), &from_start(&url, true), &mut Memory::empty()).unwrap_err();
    assert!(error.text.contains("/f") && !error.text.contains("secret"), "{}", error.text);
}

/// Fetches `/f`, and says what the redirects were reported as.
fn fetch_from(server: &Server, security: SecurityFlags) -> (Result<Version, TransferError>, Vec<String>) {
    let (mut sink, heard) = (Memory::empty(), Heard::default());
    let cancel = CancelToken::new().unwrap();
    let url = server.url("/f").replace("127.0.0.1", "user:secret@127.0.0.1");
    let download = Download { security, ..from_start(&url, false) };
    let result = client().download(&download, &mut sink, &heard, &cancel);
    (result, heard.redirected.into_inner())
}

#[test]
fn a_job_without_redirects_is_told_where_they_lead() {
    for (status, code) in [
        (300, ResultCode::BG_E_REDIRECT_REFUSED_300),
        (301, ResultCode::BG_E_REDIRECT_REFUSED_301),
        (302, ResultCode::BG_E_REDIRECT_REFUSED_302),
        (303, ResultCode::BG_E_REDIRECT_REFUSED_303),
        (307, ResultCode::BG_E_REDIRECT_REFUSED_307),
        (308, ResultCode::BG_E_REDIRECT_REFUSED_308),
    ] {
        let server = Server::start(move |_| moved(status, "/elsewhere"));
        let (result, told) = fetch_from(&server, SecurityFlags::REDIRECT_DISALLOW);
        let error = result.unwrap_err();
        assert_eq!((error.code, error.class), (code, RetryClass::Fatal));
        assert_eq!((error.context, error.http_status), (ErrorContext::RemoteFile, Some(status)));
        assert!(error.text.contains("/elsewhere") && !error.text.contains("secret"), "{}", error.text);
        // The password still belongs to the host.
        assert_eq!(told, [server.url("/elsewhere").replace("127.0.0.1", "user:secret@127.0.0.1")]);
        assert_eq!(server.log().len(), 1, "nothing was followed");
    }
}

#[test]
fn a_redirect_that_leads_nowhere_is_refused_without_a_target() {
    let server = Server::start(|_| moved(301, "ftp://127.0.0.1/f"));
    let (result, told) = fetch_from(&server, SecurityFlags::REDIRECT_DISALLOW);
    assert_eq!(result.unwrap_err().code, ResultCode::BG_E_REDIRECT_REFUSED_301);
    assert!(told.is_empty());
}

#[test]
fn a_host_that_may_not_have_the_secrets_does_not_become_the_remote_name() {
    let other = Server::of(Resource::new(b"abc"));
    let location = other.url("/f");
    let server = Server::start(move |_| moved(302, &location));
    for (name, told) in [("Authorization", 0), ("X-Open", 1)] {
        let (heard, url) = (Heard::default(), server.url("/f"));
        let headers = [(name.to_owned(), "1".to_owned())];
        let download = Download { headers: &headers, ..from_start(&url, true) };
        let cancel = CancelToken::new().unwrap();
        client().download(&download, &mut Memory::empty(), &heard, &cancel).unwrap();
        assert_eq!(heard.redirected.borrow().len(), told, "{name}");
    }
}
