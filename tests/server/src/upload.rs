//! The server of the BITS upload protocol in tests/upload-server, which was written from descriptions of the protocol.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(120);

/// A running server, which ends with this value.
pub struct UploadServer {
    child: Child,
    _input: ChildStdin,
    address: String,
    directory: PathBuf,
}

/// A request that the server got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// Its BITS-Packet-Type, or its method.
    pub packet: String,
    /// The status of the answer; 0 for none.
    pub status: u16,
    /// Host.
    pub host: String,
    /// Path and query.
    pub target: String,
    /// Content-Range, or a dash.
    pub range: String,
    /// Content-Name, or a dash.
    pub name: String,
}

impl UploadServer {
    /// Starts a server over a directory, in which sessions of an earlier one go on.
    ///
    /// # Panics
    /// There is no Python.
    #[must_use]
    pub fn start(directory: &Path) -> UploadServer {
        UploadServer::start_at(directory, 0)
    }

    /// The same on this port; 0 is any.
    ///
    /// # Panics
    /// There is no Python, or the port is in use.
    #[must_use]
    pub fn start_at(directory: &Path, port: u16) -> UploadServer {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../upload-server/server.py");
        let mut child = Command::new("python3")
            .args(["-u", script])
            .arg(directory)
            .arg(port.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 runs the upload server");
        let input = child.stdin.take().expect("a pipe");
        let mut line = String::new();
        let output = child.stdout.take().expect("a pipe");
        BufReader::new(output).read_line(&mut line).expect("the server's address");
        let address = line.trim().strip_prefix("http://").expect("the server's address").to_owned();
        UploadServer { child, _input: input, address, directory: directory.to_owned() }
    }

    /// The URL of a path that begins with a slash.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.rsplit(':').next().and_then(|port| port.parse().ok()).unwrap_or_default()
    }

    /// What arrived under a path, if it did.
    #[must_use]
    pub fn file(&self, path: &str) -> Option<Vec<u8>> {
        std::fs::read(self.directory.join(path.trim_start_matches('/'))).ok()
    }

    /// Says how the server behaves from now on, in JSON; server.py lists what there is.
    pub fn control(&self, settings: &str) {
        self.ask("POST", "/control", settings);
    }

    /// Lets a stalled request go on.
    pub fn release(&self) {
        self.ask("POST", "/release", "{}");
    }

    /// Waits until so many packets of a kind came.
    pub fn wait(&self, packet: &str, count: usize) {
        self.ask("POST", "/wait", &format!("{{\"packet\": \"{packet}\", \"count\": {count}}}"));
    }

    /// Waits until so many requests are stalled.
    pub fn wait_stalled(&self, stalled: usize) {
        self.ask("POST", "/wait", &format!("{{\"stalled\": {stalled}}}"));
    }

    /// The requests so far.
    #[must_use]
    pub fn log(&self) -> Vec<Received> {
        let read = |line: &str| {
            let mut fields = line.split('\t').map(str::to_owned);
            let mut next = || fields.next().unwrap_or_default();
            Received {
                packet: next(),
                status: next().parse().unwrap_or_default(),
                host: next(),
                target: next(),
                range: next(),
                name: next(),
            }
        };
        self.ask("GET", "/log", "").lines().map(read).collect()
    }

    /// The packets so far, without the ranges of Fragments.
    #[must_use]
    pub fn packets(&self) -> Vec<String> {
        self.log().into_iter().map(|received| received.packet).collect()
    }

    /// How many sessions are open.
    #[must_use]
    pub fn sessions(&self) -> usize {
        self.ask("GET", "/sessions", "").trim().parse().expect("a number")
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("the upload server");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time limit");
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}",
            self.address
        );
        stream.write_all(request.as_bytes()).expect("the upload server");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("the upload server");
        assert!(answer.starts_with("HTTP/1.1 200"), "{method} {path}: {answer}");
        answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default()
    }
}

impl Drop for UploadServer {
    fn drop(&mut self) {
        // Nothing of a test's server is worth keeping.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
