//! Requests that are sent before their turn.

use super::server::{Reply, Resource, Server, Then};
use super::*;

/// A client with one unused connection to `server`.
fn warm(server: &Server) -> HttpClient {
    let client = client();
    fetch_with(&client, &from_start(&server.url("/first"), true), &mut Memory::empty()).unwrap();
    client
}

fn ahead(client: &HttpClient, download: &Download) -> Option<Ahead> {
    client.send_ahead(download, &CancelToken::new().unwrap())
}

fn after(client: &HttpClient, ahead: Option<Ahead>, download: &Download) -> Vec<u8> {
    let mut sink = Memory::empty();
    let cancel = CancelToken::new().unwrap();
    client.download_after(ahead, download, &mut sink, &Heard::default(), &cancel).unwrap();
    sink.bytes
}

fn echo() -> Server {
    Server::start(|request| Reply::sized("200 OK", &[], request.path.as_bytes()))
}

#[test]
fn the_server_has_it_before_its_turn_and_answers_once() {
    let server = echo();
    let client = warm(&server);
    let url = server.url("/next");
    let sent = ahead(&client, &from_start(&url, true));
    assert!(sent.is_some());
    server.wait_for(2);
    assert_eq!(after(&client, sent, &from_start(&url, true)), b"/next");
    assert_eq!((server.log().len(), server.connections()), (2, 1));
    assert_eq!(after(&client, None, &from_start(&url, true)), b"/next");
    assert_eq!(server.connections(), 1, "the connection is kept");
}

#[test]
fn the_answer_to_another_question_is_not_taken() {
    let server = echo();
    let client = warm(&server);
    let sent = ahead(&client, &from_start(&server.url("/one"), true));
    server.wait_for(2);
    assert_eq!(after(&client, sent, &from_start(&server.url("/two"), true)), b"/two");

    let url = server.url("/f");
    let sent = ahead(&client, &from_start(&url, true));
    let headers = [("X".to_owned(), "1".to_owned())];
    let other = Download { headers: &headers, ..from_start(&url, true) };
    assert_eq!(after(&client, sent, &other), b"/f");
    // The server may note the one that was given up last.
    assert!(server.log().iter().any(|request| request.header("x") == Some("1")));
}

#[test]
fn a_connection_that_dies_with_it_is_replaced() {
    let server = Server::start(|request| match request.path.as_str() {
        "/next" if request.number == 1 => Reply { bytes: vec![], then: Then::Close },
        path => Reply::sized("200 OK", &[], path.as_bytes()),
    });
    let client = warm(&server);
    let url = server.url("/next");
    let sent = ahead(&client, &from_start(&url, true));
    assert!(sent.is_some());
    assert_eq!(after(&client, sent, &from_start(&url, true)), b"/next");
    assert_eq!(server.connections(), 2);
}

#[test]
fn only_a_plain_get_on_an_unused_connection_is_sent() {
    let server = Server::of(Resource::new(b"abc"));
    let url = server.url("/f");
    let plain = || from_start(&url, true);
    assert!(ahead(&client(), &plain()).is_none(), "nobody waits for a connection");
    let client = warm(&server);
    assert!(ahead(&client, &from_start(&url, false)).is_none(), "the background asks for the size first");
    assert!(ahead(&client, &Download { method: Some("POST"), ..plain() }).is_none());
    assert!(ahead(&client, &Download { offset: 1, ..plain() }).is_none());
    assert!(ahead(&client, &from_start("ftp://h/", true)).is_none());
    assert_eq!(server.log().len(), 1);
    assert!(ahead(&client, &plain()).is_some());
    assert!(ahead(&client, &plain()).is_none(), "the connection is taken");
}
