//! A cancelled attempt ends at once, whatever it waits for.

use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use super::server::{Reply, Server, Then};
use super::*;
use crate::sys::socket::shorten_queue;

/// Starts a download of `url`, cancels it when `when` returns, and expects it to end soon.
fn cancel_when(url: &str, when: impl FnOnce()) -> Memory {
    let cancel = CancelToken::new().unwrap();
    let (url, token) = (url.to_owned(), cancel.clone());
    let attempt = thread::spawn(move || {
        let mut sink = Memory::empty();
        let result = client().download(&from_start(&url, true), &mut sink, &Heard::default(), &token);
        (result, sink, Instant::now())
    });
    when();
    let cancelled = Instant::now();
    cancel.cancel();
    let (result, sink, ended) = attempt.join().unwrap();
    let error = result.unwrap_err();
    assert!(error.cancelled, "{error:?}");
    // The promise is 100 ms; a loaded machine gets more, the timeouts it would run into are 30 s.
    assert!(ended.saturating_duration_since(cancelled) < Duration::from_secs(2));
    sink
}

#[test]
fn while_waiting_for_headers() {
    let server = Server::start(|_| Reply { bytes: b"HTTP/1.1 200".to_vec(), then: Then::Stall });
    cancel_when(&server.url("/f"), || server.wait_for(1));
}

#[test]
fn in_the_middle_of_a_body() {
    for announced in [20, 10_000_000] {
        let server = Server::start(move |_| {
            Reply::new("200 OK", &[("Content-Length", &announced.to_string())], b"abc").then(Then::Stall)
        });
        let sink = cancel_when(&server.url("/f"), || server.wait_for(1));
        assert!(sink.bytes.len() <= 3);
    }
}

/// Fills the queue of a listener that accepts nobody: further connects hang.
fn full_listener() -> (TcpListener, Vec<TcpStream>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    shorten_queue(&listener);
    while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(200)) {
        waiting.push(stream);
        assert!(waiting.len() < 100);
    }
    (listener, waiting)
}

#[test]
fn while_connecting() {
    let (listener, _waiting) = full_listener();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    // There is no event to wait for in a connect that hangs; before or in it, the end is the same.
    cancel_when(&url, || thread::sleep(Duration::from_millis(50)));
}

#[test]
fn while_shaking_hands() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    let mut accepted = None;
    cancel_when(&url, || {
        let mut stream = listener.accept().unwrap().0;
        // The client's greeting has come; no answer to it will.
        stream.read_exact(&mut [0; 5]).unwrap();
        accepted = Some(stream);
    });
}

#[test]
fn before_it_begins() {
    let cancel = CancelToken::new().unwrap();
    cancel.cancel();
    for url in ["http://localhost:1/", "http://127.0.0.1:1/"] {
        let error = client()
            .download(&from_start(url, false), &mut Memory::empty(), &Heard::default(), &cancel)
            .unwrap_err();
        assert!(error.cancelled, "{error:?}");
    }
}

#[test]
fn an_observer_that_allows_nothing_ends_the_attempt() {
    let server = Server::start(|_| Reply::sized("200 OK", &[], b"abc"));
    let (mut sink, heard) = (Memory::empty(), Heard { most: Some(0), ..Heard::default() });
    let cancel = CancelToken::new().unwrap();
    let result = client().download(&from_start(&server.url("/f"), true), &mut sink, &heard, &cancel);
    assert!(result.unwrap_err().cancelled);
}

#[test]
fn a_later_attempt_on_the_same_thread_is_not_affected() {
    let server = Server::start(|_| Reply::sized("200 OK", &[], b"abc"));
    let client = client();
    let url = server.url("/f");
    let cancelled = CancelToken::new().unwrap();
    fetch_with(&client, &from_start(&url, true), &mut Memory::empty()).unwrap();
    cancelled.cancel();
    let attempt =
        |cancel| client.download(&from_start(&url, true), &mut Memory::empty(), &Heard::default(), cancel);
    assert!(attempt(&cancelled).unwrap_err().cancelled);
    attempt(&CancelToken::new().unwrap()).unwrap();
}
