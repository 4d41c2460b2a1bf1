//! Losing the network: the relay between client and server.

mod client;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use bgcopy_testserver::{Condition, Server, content};
use client::{PATIENCE, connect, receive, send};

fn stalled(count: u64) -> Condition {
    Condition { stalled: Some(count), ..Condition::default() }
}

#[test]
fn it_forwards_in_both_directions_and_passes_on_the_end() {
    let server = Server::start();
    let relay = server.relay().unwrap();
    let mut stream = connect(relay.port());
    send(&mut stream, "GET", "/file/300000", &[]);
    assert!(receive(&mut stream).body == content::bytes(0, 0, 0, 300_000));
    assert!(relay.forwarded() > 300_000);
}

#[test]
fn a_reset_by_the_server_arrives_as_a_reset() {
    let server = Server::start();
    let relay = server.relay().unwrap();
    let mut stream = connect(relay.port());
    send(&mut stream, "GET", "/file/1000?reset_headers=1", &[]);
    assert!(receive(&mut stream).reset);
}

#[test]
fn dropping_resets_present_connections_and_new_ones_work() {
    let server = Server::start();
    let relay = server.relay().unwrap();
    let mut stream = connect(relay.port());
    send(&mut stream, "GET", "/file/1000?stall_after=10", &[]);
    assert!(server.wait_for(&stalled(1), PATIENCE));
    relay.drop_connections();
    assert!(receive(&mut stream).reset);
    assert!(
        server.wait_for(&Condition { active: Some(0), ..Condition::default() }, PATIENCE),
        "the server sees it too"
    );

    let mut stream = connect(relay.port());
    send(&mut stream, "GET", "/file/10", &[]);
    assert_eq!(receive(&mut stream).body.len(), 10);
}

#[test]
fn a_black_hole_swallows_until_resumed() {
    let server = Server::start();
    let relay = server.relay().unwrap();
    let mut present = connect(relay.port());
    send(&mut present, "GET", "/file/1000?stall_after=10", &[]);
    assert!(server.wait_for(&stalled(1), PATIENCE));
    relay.blackhole();
    server.release(None);
    assert!(server.wait_for(&Condition { ended: Some(1), ..Condition::default() }, PATIENCE));
    let mut new = connect(relay.port());
    send(&mut new, "GET", "/file/7", &[]);
    assert_eq!(server.log().len(), 1, "the new request has not come through");
    relay.resume().unwrap();
    assert_eq!(receive(&mut present).body, content::bytes(0, 0, 0, 1000));
    assert_eq!(receive(&mut new).body.len(), 7);
}

#[test]
fn a_black_hole_can_be_dropped() {
    let server = Server::start();
    let relay = server.relay().unwrap();
    let mut stream = connect(relay.port());
    send(&mut stream, "GET", "/file/7?stall_headers=1", &[]);
    assert!(server.wait_for(&stalled(1), PATIENCE));
    relay.blackhole();
    server.release(None);
    assert!(server.wait_for(&Condition { ended: Some(1), ..Condition::default() }, PATIENCE));
    relay.drop_connections();
    assert!(receive(&mut stream).reset);
}

#[test]
fn a_closed_port_refuses_until_resumed() {
    let server = Server::start();
    let relay = server.relay().unwrap();
    let address = SocketAddr::from(([127, 0, 0, 1], relay.port()));
    relay.refuse();
    assert!(TcpStream::connect(address).is_err());
    relay.resume().unwrap();
    let mut stream = connect(relay.port());
    stream.write_all(b"HEAD /file/1 HTTP/1.0\r\n\r\n").unwrap();
    assert!(stream.read(&mut [0; 16]).unwrap() > 0);
}
