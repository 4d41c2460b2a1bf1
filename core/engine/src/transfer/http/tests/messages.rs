//! Answers as bytes: where they begin, where they end, and what may follow.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use bgcopy_protocol::{ResultCode, RetryClass};

use super::server::{Reply, Server, Then};
use super::*;

/// Fetches a file of `size` bytes, known from earlier, from a server that says `answer` every time.
fn told(client: &HttpClient, answer: &str, size: u64) -> (Result<Version, TransferError>, Vec<u8>, usize) {
    let bytes = answer.as_bytes().to_vec();
    let server = Server::start(move |_| Reply { bytes: bytes.clone(), then: Then::KeepAlive });
    let url = server.url("/f");
    let version = Version { size: Some(size), ..Version::default() };
    let download = Download { version, ..from_start(&url, true) };
    fetch_with(client, &download, &mut Memory::empty()).ok();
    let mut sink = Memory::empty();
    let result = fetch_with(client, &download, &mut sink);
    (result, sink.bytes, server.connections())
}

#[test]
fn interim_answers_are_passed_over() {
    let answer = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n\
                  HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc";
    let (result, bytes, connections) = told(&client(), answer, 3);
    assert_eq!((result.unwrap().size, bytes.as_slice(), connections), (Some(3), &b"abc"[..], 1));
    let endless = "HTTP/1.1 102 Processing\r\n\r\n".repeat(4000);
    let error = told(&client(), &endless, 3).0.unwrap_err();
    assert_eq!((error.code, error.class), (ResultCode::BG_E_INVALID_SERVER_RESPONSE, RetryClass::Fatal));
}

#[test]
fn extensions_and_trailers_of_chunks_are_passed_over() {
    let answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n\
                  2;a=b\r\nab\r\n001\r\nc\r\n0\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n";
    let (result, bytes, connections) = told(&client(), answer, 3);
    result.unwrap();
    assert_eq!((bytes.as_slice(), connections), (&b"abc"[..], 1), "and the connection is used again");
}

#[test]
fn an_answer_whose_end_is_uncertain_is_refused() {
    for (headers, body) in [
        ("Transfer-Encoding: chunked", "3\r\nabcd\r\n0\r\n\r\n"),
        ("Transfer-Encoding: chunked", "x\r\nabc\r\n0\r\n\r\n"),
        ("Transfer-Encoding: chunked", "-3\r\nabc\r\n0\r\n\r\n"),
        ("Transfer-Encoding: gzip", "abc"),
        ("Content-Length: 3\r\nContent-Length: 4", "abc"),
        ("Content-Length: three", "abc"),
        ("Content-Length: 3\r\n folded", "abc"),
    ] {
        let (result, bytes, _) = told(&client(), &format!("HTTP/1.1 200 OK\r\n{headers}\r\n\r\n{body}"), 4);
        let error = result.unwrap_err();
        assert_eq!(error.code, ResultCode::BG_E_WINHTTP_INVALID_SERVER_RESPONSE, "{headers} {body:?}");
        assert_eq!(error.class, RetryClass::Transient);
        assert!(bytes.len() <= 3, "{headers} {body:?}");
    }
}

#[test]
fn a_connection_is_closed_where_the_server_says_so() {
    for (line, connections) in [("Connection: close", 2), ("Connection: keep-alive", 1), ("X: y", 1)] {
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n{line}\r\n\r\nabc");
        assert_eq!(told(&client(), &answer, 3).2, connections, "{line}");
    }
    let old = "HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc";
    assert_eq!(told(&client(), old, 3).2, 2, "HTTP/1.0 keeps nothing unless it says so");
}

#[test]
fn an_answer_may_come_byte_by_byte() {
    for body in
        ["Content-Length: 3\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n2\r\nbc\r\n0\r\n\r\n"]
    {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/f", listener.local_addr().unwrap());
        let server = thread::spawn(move || {
            let mut stream = listener.accept().unwrap().0;
            stream.set_nodelay(true).unwrap();
            assert!(stream.read(&mut [0; 4096]).unwrap() > 0);
            for byte in format!("HTTP/1.1 200 OK\r\n{body}").bytes() {
                stream.write_all(&[byte]).unwrap();
                thread::yield_now();
            }
            stream
        });
        let version = Version { size: Some(3), ..Version::default() };
        let mut sink = Memory::empty();
        fetch_with(&client(), &Download { version, ..from_start(&url, true) }, &mut sink).unwrap();
        assert_eq!(sink.bytes, b"abc");
        drop(server.join().unwrap());
    }
}
