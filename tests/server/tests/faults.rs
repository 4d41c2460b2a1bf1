//! Scripted faults, the log and waiting for events.

mod client;

use std::io::{Read, Write};
use std::time::Instant;

use bgcopy_testserver::{Condition, End, Resource, Server, content};
use client::{PATIENCE, ask, connect, get, receive, send};

fn at(path: &str) -> Condition {
    Condition { path: Some(path.into()), ..Condition::default() }
}

#[test]
fn statuses_come_with_retry_after_in_the_chosen_window() {
    let server = Server::start();
    let reply = get(&server, "/file/3?status=429&retry_after=7");
    assert_eq!((reply.status(), reply.header("Retry-After")), (429, Some("7")));
    let target = "/file/3?fail_skip=1&fail_first=2&status=500";
    let statuses: Vec<_> = (0..4).map(|_| get(&server, target).status()).collect();
    assert_eq!(statuses, [200, 500, 500, 200]);
    assert_eq!(server.bytes_sent("/file/3"), 6, "error texts are no content");
}

#[test]
fn faults_hit_only_the_kind_of_request_they_are_meant_for() {
    let server = Server::start();
    let target = "/file/3?fail_first=1&on=range";
    assert_eq!(ask(&server, "HEAD", target, &[]).status(), 200);
    assert_eq!(get(&server, target).status(), 200);
    assert_eq!(ask(&server, "GET", target, &["Range: bytes=0-"]).status(), 503);
    assert_eq!(ask(&server, "GET", target, &["Range: bytes=0-"]).status(), 206);
    assert_eq!(ask(&server, "HEAD", "/file/3?status=404&on=get", &[]).status(), 200);
    assert_eq!(get(&server, "/file/3?status=404&on=head").status(), 200);
}

#[test]
fn a_body_ends_early_by_fin_or_by_reset() {
    let server = Server::start();
    for target in ["/file/1000?close_after=10", "/file/1000?short=990", "/file/1000?close_after=10&chunked=1"]
    {
        let reply = get(&server, target);
        assert!(!reply.reset, "{target}");
        let body = if target.contains("chunked") { &reply.body[3..13] } else { &reply.body[..] };
        assert_eq!(body, content::bytes(0, 0, 0, 10), "{target}");
    }
    let reply = get(&server, "/file/1000?reset_after=10");
    assert!(reply.reset && reply.body.len() <= 10);
    assert!(server.log().iter().all(|entry| entry.end == Some(End::Fault) && entry.sent == 10));
    let reply = get(&server, "/file/1000?fail_first=1&close_after=0");
    assert_eq!((reply.length(), reply.body.len()), (Some(1000), 0));
}

#[test]
fn a_response_may_never_begin() {
    let server = Server::start();
    let reset = get(&server, "/file/3?reset_headers=1");
    assert!(reset.reset && reset.head.is_empty());
    let closed = get(&server, "/file/3?close_headers=1");
    assert!(!closed.reset && closed.head.is_empty());
    let garbage = get(&server, "/file/3?garbage=1");
    assert!(!garbage.head.starts_with("HTTP/"));
    assert!(server.log().iter().all(|entry| entry.status.is_none() && entry.end == Some(End::Fault)));
}

#[test]
fn lengths_can_be_lies() {
    let server = Server::start();
    let reply = get(&server, "/file/10?long=5");
    assert_eq!((reply.length(), reply.body.len()), (Some(10), 15));
    let reply = get(&server, "/file/10?claim_length=1000000000000000");
    assert_eq!((reply.length(), reply.body.len()), (Some(1_000_000_000_000_000), 0));
    assert_eq!(ask(&server, "HEAD", "/file/10?claim_length=99", &[]).length(), Some(99));
}

#[test]
fn a_stall_lasts_until_released_and_the_rest_follows() {
    let server = Server::start();
    let mut stream = connect(server.ports().http);
    send(&mut stream, "GET", "/file/1000?stall_after=400", &[]);
    assert!(server.wait_for(&Condition { stalled: Some(1), bytes: Some(400), ..at("/file/1000") }, PATIENCE));
    assert_eq!(server.log()[0].sent, 400);
    assert_eq!(server.release(Some("/other")), 0);
    assert_eq!(server.release(Some("/file/1000")), 1);
    assert_eq!(receive(&mut stream).body, content::bytes(0, 0, 0, 1000));

    let mut stream = connect(server.ports().http);
    send(&mut stream, "GET", "/file/9?stall_headers=1", &[]);
    assert!(server.wait_for(&Condition { stalled: Some(1), ..at("/file/9") }, PATIENCE));
    assert_eq!(server.log()[1].status, None);
    server.release(None);
    assert_eq!(receive(&mut stream).status(), 200);
    let brief = get(&server, "/file/9?stall_after=3&stall_timeout_ms=1");
    assert_eq!(brief.body.len(), 9, "a stall ends by itself");
}

#[test]
fn a_client_that_leaves_during_a_stall_is_noticed() {
    let server = Server::start();
    let mut stream = connect(server.ports().http);
    send(&mut stream, "GET", "/file/1000?stall_after=400", &[]);
    assert!(server.wait_for(&Condition { stalled: Some(1), ..Condition::default() }, PATIENCE));
    drop(stream);
    assert!(server.wait_for(&Condition { active: Some(0), ..Condition::default() }, PATIENCE));
    assert_eq!(server.log()[0].end, Some(End::ClientLeft));
}

#[test]
fn a_reset_may_follow_a_stall() {
    let server = Server::start();
    let mut stream = connect(server.ports().http);
    send(&mut stream, "GET", "/file/1000?stall_after=400&reset_after=400", &[]);
    assert!(server.wait_for(&Condition { stalled: Some(1), ..Condition::default() }, PATIENCE));
    server.release(None);
    assert!(receive(&mut stream).reset);
}

#[test]
fn a_rate_is_kept_and_delays_are_made() {
    let server = Server::start();
    let begin = Instant::now();
    let reply = get(&server, "/file/30000?rate=100000");
    assert!(begin.elapsed().as_millis() >= 250, "30 kB at 100 kB/s in {:?}", begin.elapsed());
    assert_eq!(reply.body, content::bytes(0, 0, 0, 30_000));
    let begin = Instant::now();
    get(&server, "/file/3?delay_ms=30&body_delay_ms=30");
    assert!(begin.elapsed().as_millis() >= 60);
}

#[test]
fn the_log_tells_what_the_client_asked_and_sent() {
    let server = Server::start();
    ask(&server, "GET", "/file/9?seed=1", &["Range: bytes=2-", "If-Range: \"x\"", "X-Own: 5"]);
    let mut stream = connect(server.ports().http);
    send(&mut stream, "POST", "/file/0", &["Content-Length: 3"]);
    stream.write_all(b"abc").unwrap();
    assert_eq!(receive(&mut stream).status(), 200);
    let mut stream = connect(server.ports().http);
    send(&mut stream, "PUT", "/file/0", &["Transfer-Encoding: chunked"]);
    stream.write_all(b"2\r\nab\r\n1;x=y\r\nc\r\n0\r\n\r\n").unwrap();
    assert_eq!(receive(&mut stream).status(), 200);

    let log = server.log();
    assert_eq!((log[0].method.as_str(), log[0].target.as_str()), ("GET", "/file/9?seed=1"));
    assert_eq!((log[0].header("range"), log[0].header("if-range")), (Some("bytes=2-"), Some("\"x\"")));
    assert_eq!((log[0].header("x-own"), log[0].status, log[0].sent), (Some("5"), Some(200), 9));
    for entry in &log[1..] {
        assert_eq!(entry.received, 3);
        assert_eq!(entry.received_sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
    server.clear_log();
    assert!(server.log().is_empty());
    assert_eq!(server.bytes_sent("/file/9"), 0);
}

#[test]
fn bytes_are_counted_by_path_and_by_url() {
    let server = Server::start();
    server.add("/r/a", Resource::seeded(100, 0));
    ask(&server, "GET", "/r/a", &["Range: bytes=0-59"]);
    ask(&server, "GET", "/r/a?x-try=2", &["Range: bytes=60-"]);
    assert_eq!((server.bytes_sent("/r/a"), server.bytes_sent("/r/a?x-try=2")), (100, 40));
}

#[test]
fn waiting_gives_up_in_time() {
    let server = Server::start();
    assert!(
        !server.wait_for(&Condition { requests: Some(1), ..Condition::default() }, std::time::Duration::ZERO)
    );
    let reply = get(&server, "/wait?requests=1&timeout_ms=1");
    assert_eq!(reply.status(), 504);
    assert!(server.log().is_empty(), "control requests are not logged");
}

#[test]
fn expect_continue_is_answered_before_the_body() {
    let server = Server::start();
    let mut stream = connect(server.ports().http);
    send(&mut stream, "POST", "/file/0", &["Content-Length: 3", "Expect: 100-continue"]);
    let mut first = [0; 25];
    stream.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"abc").unwrap();
    assert_eq!(receive(&mut stream).status(), 200);
}
