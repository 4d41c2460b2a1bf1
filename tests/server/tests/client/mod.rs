//! A raw HTTP client that hides nothing: what came, and how it ended.

#![allow(dead_code, reason = "each test program uses its share")]

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use bgcopy_testserver::Server;

/// Longer than anything here takes: a hanging test fails instead of hanging.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A response as it came over the wire.
#[derive(Debug)]
pub struct Reply {
    pub head: String,
    pub body: Vec<u8>,
    pub reset: bool,
}

impl Reply {
    pub fn status(&self) -> u16 {
        self.head.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or(0)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(": "))
            .find_map(|(key, value)| key.eq_ignore_ascii_case(name).then_some(value))
    }

    pub fn length(&self) -> Option<usize> {
        self.header("content-length").map(|value| value.parse().unwrap())
    }
}

/// Connects to a port of this machine.
pub fn connect(port: u16) -> TcpStream {
    let stream = TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], port))).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Sends a request with `Connection: close` and more header lines.
pub fn send(stream: &mut TcpStream, method: &str, target: &str, headers: &[&str]) {
    let mut head = format!("{method} {target} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n");
    for line in headers {
        head += &format!("{line}\r\n");
    }
    stream.write_all((head + "\r\n").as_bytes()).unwrap();
}

/// Reads until the server ends the connection.
pub fn receive(stream: &mut TcpStream) -> Reply {
    let mut bytes = Vec::new();
    let reset = match stream.read_to_end(&mut bytes) {
        Ok(_) => false,
        Err(error) if error.kind() == ErrorKind::ConnectionReset => true,
        Err(error) => panic!("after {} bytes: {error}", bytes.len()),
    };
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").map_or(0, |at| at + 4);
    Reply { head: String::from_utf8_lossy(&bytes[..end]).into_owned(), body: bytes[end..].to_vec(), reset }
}

/// One whole exchange on a connection of its own.
pub fn ask(server: &Server, method: &str, target: &str, headers: &[&str]) -> Reply {
    let mut stream = connect(server.ports().http);
    send(&mut stream, method, target, headers);
    receive(&mut stream)
}

pub fn get(server: &Server, target: &str) -> Reply {
    ask(server, "GET", target, &[])
}
