//! Connections: kept, replaced, refused.

use std::sync::Arc;
use std::thread;

use bgcopy_protocol::enums::ErrorContext;
use bgcopy_protocol::{ResultCode, RetryClass};

use super::server::{Reply, Resource, Server, Then};
use super::*;

#[test]
fn one_connection_serves_file_after_file() {
    let server = Server::of(Resource::new(&content(700_000, 1)));
    let client = client();
    for _ in 0..5 {
        fetch_with(&client, &from_start(&server.url("/f"), false), &mut Memory::empty()).unwrap();
    }
    assert_eq!(server.connections(), 1);
    assert_eq!(server.log().len(), 10);
}

#[test]
fn errors_and_redirects_keep_the_connection() {
    let server = Server::start(|request| match request.path.as_str() {
        "/missing" => Reply::sized("404 No", &[], b"not here"),
        "/moved" => Reply::sized("302 There", &[("Location", "/f")], b"there"),
        _ => Reply::sized("200 OK", &[], b"abc"),
    });
    let client = client();
    for path in ["/missing", "/moved", "/f", "/missing", "/f"] {
        let _ = fetch_with(&client, &from_start(&server.url(path), true), &mut Memory::empty());
    }
    assert_eq!(server.connections(), 1);
}

#[test]
fn connections_are_shared_between_threads() {
    let server = Arc::new(Server::of(Resource::new(&content(50_000, 1))));
    let client = client();
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let (client, url) = (client.clone(), server.url("/f"));
            thread::spawn(move || {
                for _ in 0..20 {
                    let mut sink = Memory::empty();
                    fetch_with(&client, &from_start(&url, true), &mut sink).unwrap();
                    assert_eq!(sink.bytes.len(), 50_000);
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|t| t.join().unwrap());
    assert!(server.connections() <= 4);
}

#[test]
fn a_connection_closed_while_idle_is_replaced() {
    let server = Server::of(Resource::new(b"abc"));
    let client = client();
    for connections in 1..4 {
        let mut sink = Memory::empty();
        fetch_with(&client, &from_start(&server.url("/f"), true), &mut sink).unwrap();
        assert_eq!(sink.bytes, b"abc");
        assert_eq!(server.connections(), connections);
        server.hang_up();
    }
}

#[test]
fn an_answer_nobody_asked_for_is_not_taken_for_the_next_file() {
    let server = Server::of(Resource::new(b"abc"));
    let client = client();
    for connections in 1..4 {
        let mut sink = Memory::empty();
        fetch_with(&client, &from_start(&server.url("/f"), true), &mut sink).unwrap();
        assert_eq!(sink.bytes, b"abc");
        assert_eq!(server.connections(), connections);
        server.say(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nxyz");
    }
}

#[test]
fn a_connection_that_dies_with_the_request_is_replaced_once() {
    // Every second request of a connection is read and dropped, as by a server that times out.
    let server = Server::start(|request| match request.number {
        1 => Reply { bytes: vec![], then: Then::Close },
        _ => Reply::sized("200 OK", &[], b"abc"),
    });
    let client = client();
    for _ in 0..2 {
        let mut sink = Memory::empty();
        fetch_with(&client, &from_start(&server.url("/f"), true), &mut sink).unwrap();
        assert_eq!(sink.bytes, b"abc");
    }
    assert_eq!((server.log().len(), server.connections()), (3, 2));
}

#[test]
fn a_new_connection_that_dies_is_an_error() {
    let server = Server::start(|_| Reply { bytes: vec![], then: Then::Close });
    let error = fetch(&server, "/f", true).0.unwrap_err();
    assert_eq!((error.code, error.class), (ResultCode::BG_E_CONNECTION_CLOSED, RetryClass::Transient));
    assert_eq!(server.log().len(), 1);
}

#[test]
fn a_refused_connection_is_transient() {
    let address = bgcopy_testserver::port::free();
    let url = format!("http://{address}/");
    let error = fetch_with(&client(), &from_start(&url, true), &mut Memory::empty()).unwrap_err();
    assert_eq!((error.code, error.class), (ResultCode::BG_E_WINHTTP_CANNOT_CONNECT, RetryClass::Transient));
    assert_eq!(error.context, ErrorContext::GeneralTransport);
    assert!(error.text.contains(&address.to_string()), "{}", error.text);
}

#[test]
fn a_name_is_as_good_as_an_address() {
    let server = Server::of(Resource::new(b"abc"));
    let url = format!("http://localhost:{}/f", server.address.port());
    let mut sink = Memory::empty();
    fetch_with(&client(), &from_start(&url, true), &mut sink).unwrap();
    assert_eq!(sink.bytes, b"abc");
    assert!(server.log()[0].header("host").unwrap().starts_with("localhost:"));
}
