//! A server that answers each request with what a test's function returns.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    /// Which request of the server it is, counted from 0.
    pub number: usize,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// The first byte of a `Range: bytes=N-`.
    pub fn from(&self) -> Option<usize> {
        self.header("range")?.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok()
    }
}

/// What follows the bytes of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    KeepAlive,
    Close,
    /// Nothing more, until the server is dropped.
    Stall,
}

pub struct Reply {
    pub bytes: Vec<u8>,
    pub then: Then,
}

impl Reply {
    pub fn new(status: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        let mut bytes = format!("HTTP/1.1 {status}\r\n").into_bytes();
        for (name, value) in headers {
            bytes.extend(format!("{name}: {value}\r\n").bytes());
        }
        bytes.extend(b"\r\n");
        bytes.extend(body);
        Reply { bytes, then: Then::KeepAlive }
    }

    /// A body with its Content-Length.
    pub fn sized(status: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        let length = body.len().to_string();
        let mut all = vec![("Content-Length", length.as_str())];
        all.extend_from_slice(headers);
        Reply::new(status, &all, body)
    }

    pub fn then(self, then: Then) -> Reply {
        Reply { then, ..self }
    }
}

/// A file on a server, and how well that server knows HTTP.
#[derive(Clone, Debug)]
pub struct Resource {
    pub content: Vec<u8>,
    pub etag: Option<String>,
    pub date: Option<String>,
    pub ranges: bool,
    pub if_range: IfRange,
    /// The ETag of a 206 is left out.
    pub bare_parts: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfRange {
    Understood,
    /// Ranges are served whatever If-Range says.
    Ignored,
    /// A request with If-Range is answered with the whole file.
    Refused,
}

impl Resource {
    pub fn new(content: &[u8]) -> Resource {
        Resource {
            content: content.to_vec(),
            etag: None,
            date: None,
            ranges: true,
            if_range: IfRange::Understood,
            bare_parts: false,
        }
    }

    pub fn reply(&self, request: &Request) -> Reply {
        let size = self.content.len();
        let mut headers = Vec::new();
        headers.extend(self.date.as_deref().map(|date| ("Last-Modified", date)));
        let tag = self.etag.as_deref().map(|etag| ("ETag", etag));
        let condition_holds = match (request.header("if-range"), self.if_range) {
            (None, _) | (Some(_), IfRange::Ignored) => true,
            (Some(_), IfRange::Refused) => false,
            (Some(validator), IfRange::Understood) => {
                self.etag.as_deref().is_some_and(|e| e == validator && !e.starts_with("W/"))
                    || self.date.as_deref() == Some(validator)
            }
        };
        match request.from() {
            Some(from) if self.ranges && condition_holds && from >= size => {
                Reply::sized("416 No", &[("Content-Range", &format!("bytes */{size}"))], b"")
            }
            Some(from) if self.ranges && condition_holds => {
                headers.extend(tag.filter(|_| !self.bare_parts));
                let range = format!("bytes {from}-{}/{size}", size - 1);
                headers.push(("Content-Range", &range));
                Reply::sized("206 Part", &headers, &self.content[from..])
            }
            _ => {
                headers.extend(tag);
                let whole = Reply::sized("200 OK", &headers, &self.content);
                if request.method == "HEAD" {
                    Reply { bytes: whole.bytes[..whole.bytes.len() - size].to_vec(), ..whole }
                } else {
                    whole
                }
            }
        }
    }
}

/// Wraps an accepted connection, for TLS.
pub type Wrap = Box<dyn Fn(TcpStream) -> Option<Box<dyn Stream>> + Send + Sync>;

pub trait Stream: Read + Write + Send {}
impl<T: Read + Write + Send> Stream for T {}

struct Shared {
    answer: Box<dyn Fn(&Request) -> Reply + Send + Sync>,
    wrap: Wrap,
    log: Mutex<Vec<Request>>,
    logged: Condvar,
    open: Mutex<Vec<TcpStream>>,
    connections: AtomicUsize,
    stopping: AtomicBool,
}

pub struct Server {
    shared: Arc<Shared>,
    pub address: SocketAddr,
    scheme: &'static str,
    acceptor: Option<JoinHandle<()>>,
}

impl Server {
    pub fn start(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Server {
        Server::wrapped("http", Box::new(|stream| Some(Box::new(stream))), answer)
    }

    pub fn of(resource: Resource) -> Server {
        Server::start(move |request| resource.reply(request))
    }

    pub fn wrapped(
        scheme: &'static str,
        wrap: Wrap,
        answer: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    ) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            answer: Box::new(answer),
            wrap,
            log: Mutex::default(),
            logged: Condvar::new(),
            open: Mutex::default(),
            connections: AtomicUsize::new(0),
            stopping: AtomicBool::new(false),
        });
        let accepting = shared.clone();
        let acceptor = thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if accepting.stopping.load(Ordering::SeqCst) {
                    return;
                }
                accepting.open.lock().push(stream.try_clone().unwrap());
                let serving = accepting.clone();
                thread::spawn(move || serving.serve(stream));
            }
        });
        Server { shared, address, scheme, acceptor: Some(acceptor) }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}://127.0.0.1:{}{path}", self.scheme, self.address.port())
    }

    pub fn log(&self) -> Vec<Request> {
        self.shared.log.lock().clone()
    }

    /// Waits until `count` requests have come.
    pub fn wait_for(&self, count: usize) {
        let deadline = Instant::now() + Duration::from_secs(20);
        let mut log = self.shared.log.lock();
        while log.len() < count {
            assert!(!self.shared.logged.wait_until(&mut log, deadline).timed_out(), "{log:?}");
        }
    }

    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// Sends bytes nobody asked for on all connections.
    pub fn say(&self, bytes: &[u8]) {
        for mut stream in self.shared.open.lock().iter() {
            // Some are closed already.
            let _ = stream.write_all(bytes);
        }
    }

    /// Ends all connections, as a server does with idle ones.
    pub fn hang_up(&self) {
        for stream in self.shared.open.lock().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        self.acceptor.take().map(JoinHandle::join);
        self.hang_up();
    }
}

impl Shared {
    fn serve(&self, stream: TcpStream) {
        self.connections.fetch_add(1, Ordering::SeqCst);
        let raw = stream.try_clone().unwrap();
        let Some(stream) = (self.wrap)(stream) else { return };
        let mut reader = BufReader::new(stream);
        while let Some(mut request) = read_request(&mut reader) {
            {
                let mut log = self.log.lock();
                request.number = log.len();
                log.push(request.clone());
                self.logged.notify_all();
            }
            let reply = (self.answer)(&request);
            let stream = reader.get_mut();
            if stream.write_all(&reply.bytes).and_then(|()| stream.flush()).is_err() {
                break;
            }
            match reply.then {
                Then::KeepAlive => {}
                Then::Close => break,
                Then::Stall => {
                    // Ends when the client or the server hangs up.
                    let _ = (&raw).read(&mut [0]);
                    break;
                }
            }
        }
        let _ = raw.shutdown(Shutdown::Both);
    }
}

fn read_request(reader: &mut impl BufRead) -> Option<Request> {
    let mut line = String::new();
    let mut next = |line: &mut String| {
        line.clear();
        reader.read_line(line).ok().filter(|n| *n > 0).map(|_| ())
    };
    next(&mut line)?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, path) = (words.next()?, words.next()?);
    let mut headers = Vec::new();
    loop {
        next(&mut line)?;
        match line.trim_end().split_once(": ") {
            Some((name, value)) => headers.push((name.to_owned(), value.to_owned())),
            None => return Some(Request { method, path, headers, number: 0 }),
        }
    }
}
