//! The client against a scripted server on loopback.

mod ahead;
mod cancelling;
mod connections;
mod downloads;
mod dynamic;
mod encryption;
mod messages;
mod methods;
mod redirects;
mod revocation;
mod server;
mod socks;
mod versions;

use std::cell::RefCell;
use std::time::Duration;

use bgcopy_protocol::flags::SecurityFlags;

use self::server::Server;
use super::{Ahead, HttpClient, HttpSettings};
use crate::sys::cancel::CancelToken;
use crate::transfer::{Download, Observer, Sink, TransferError, Version};

/// A sink in memory that records what it was told.
#[derive(Debug)]
struct Memory {
    bytes: Vec<u8>,
    begun: Vec<Version>,
    restarts: Vec<String>,
    buffer: Vec<u8>,
}

impl Memory {
    fn holding(bytes: &[u8]) -> Memory {
        Memory { bytes: bytes.to_vec(), begun: vec![], restarts: vec![], buffer: vec![0; 256 * 1024] }
    }

    fn empty() -> Memory {
        Memory::holding(&[])
    }
}

impl Sink for Memory {
    fn begin(&mut self, version: &Version) -> Result<(), TransferError> {
        self.begun.push(version.clone());
        Ok(())
    }

    fn restart(&mut self, why: &str) -> Result<(), TransferError> {
        self.bytes.clear();
        self.restarts.push(why.to_owned());
        Ok(())
    }

    fn buffer(&mut self) -> &mut [u8] {
        &mut self.buffer
    }

    fn commit(&mut self, len: usize) -> Result<(), TransferError> {
        assert!(!self.begun.is_empty(), "bytes before the response was accepted");
        self.bytes.extend_from_slice(&self.buffer[..len]);
        Ok(())
    }

    fn read_back(&mut self, offset: u64, into: &mut [u8]) -> Result<(), TransferError> {
        let offset = usize::try_from(offset).unwrap();
        into.copy_from_slice(&self.bytes[offset..offset + into.len()]);
        Ok(())
    }
}

#[derive(Debug, Default)]
struct Heard {
    redirected: RefCell<Vec<String>>,
    connected: RefCell<usize>,
    most: Option<usize>,
    asked: RefCell<Vec<usize>>,
}

impl Observer for Heard {
    fn connected(&self) {
        *self.connected.borrow_mut() += 1;
    }

    fn redirected(&self, url: &str) {
        self.redirected.borrow_mut().push(url.to_owned());
    }

    fn allow(&self, want: usize, _: &CancelToken) -> usize {
        self.asked.borrow_mut().push(want);
        self.most.unwrap_or(want)
    }
}

fn client() -> HttpClient {
    HttpClient::new(&HttpSettings {
        // Bounds a failing test.
        idle_timeout: Duration::from_secs(30),
        connect_timeout: Duration::from_secs(30),
        ..HttpSettings::default()
    })
}

fn fetch_with(client: &HttpClient, download: &Download, sink: &mut Memory) -> Result<Version, TransferError> {
    client.download(download, sink, &Heard::default(), &CancelToken::new().unwrap())
}

fn from_start(url: &str, foreground: bool) -> Download<'_> {
    Download {
        url,
        foreground,
        offset: 0,
        version: Version::default(),
        headers: &[],
        dynamic: false,
        method: None,
        security: SecurityFlags::NONE,
        access: None,
    }
}

/// Fetches all of `path` into a new sink.
fn fetch(server: &Server, path: &str, foreground: bool) -> (Result<Version, TransferError>, Memory) {
    let mut sink = Memory::empty();
    let result = fetch_with(&client(), &from_start(&server.url(path), foreground), &mut sink);
    (result, sink)
}

/// Bytes that differ at every position and by seed.
fn content(size: usize, seed: u32) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
    let step = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as u8
    };
    std::iter::repeat_with(step).take(size).collect()
}
