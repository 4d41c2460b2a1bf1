//! The server as a program, and a client that says exactly what a test wants said.

#![allow(dead_code)] // Each test program uses a part.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

/// Ends a test that hangs.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A running `bgcopy-server`, killed when it is dropped.
pub struct Server {
    child: Child,
    output: BufReader<std::process::ChildStdout>,
    log: Mutex<mpsc::Receiver<String>>,
    pub address: SocketAddr,
}

/// A directory with a configuration, and a directory `drop` that is served.
pub struct World {
    directory: tempfile::TempDir,
}

impl World {
    pub fn new() -> World {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("drop")).unwrap();
        World { directory }
    }

    /// One whose files are in memory, where the system has such a place: for tests of many files.
    pub fn in_memory() -> World {
        let Ok(directory) = tempfile::tempdir_in("/dev/shm") else { return World::new() };
        fs::create_dir(directory.path().join("drop")).unwrap();
        World { directory }
    }

    /// A path in the directory that is served.
    pub fn drop(&self, name: &str) -> PathBuf {
        self.directory.path().join("drop").join(name)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Makes a certificate for localhost and its key, `cert.pem` and `key.pem`; the certificate in DER.
    pub fn certify(&self) -> Vec<u8> {
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate =
            rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
        fs::write(self.path("cert.pem"), certificate.pem()).unwrap();
        fs::write(self.path("key.pem"), key.serialize_pem()).unwrap();
        certificate.der().to_vec()
    }

    /// Starts a server with `/drop` and these settings for it.
    pub fn serve(&self, settings: &str) -> Server {
        self.serve_file(&format!(
            "listen = [\"127.0.0.1:0\"]\n[[directory]]\nurl_prefix = \"/drop\"\npath = {:?}\n\
             upload_enabled = true\nanonymous = true\n{settings}\n",
            self.path("drop")
        ))
    }

    /// Starts a server with this configuration.
    pub fn serve_file(&self, text: &str) -> Server {
        let path = self.path("server.toml");
        fs::write(&path, text).unwrap();
        Server::start(&path)
    }

    /// The sessions on disk.
    pub fn sessions(&self) -> usize {
        fs::read_dir(self.drop("BITS-Sessions/Requests")).unwrap().count()
    }
}

impl Server {
    pub fn start(configuration: &Path) -> Server {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bgcopy-server"));
        Server::run(command.arg(configuration).stdin(Stdio::null()))
    }

    /// Starts a command that becomes a server.
    pub fn run(command: &mut Command) -> Server {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let errors = BufReader::new(child.stderr.take().unwrap());
        let (tell, log) = mpsc::channel();
        std::thread::spawn(move || {
            for line in errors.lines().map_while(Result::ok) {
                eprintln!("{line}");
                let _ = tell.send(line);
            }
        });
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        output.read_line(&mut line).unwrap();
        let line = line.replace("https://", "http://");
        let address = line.trim().strip_prefix("listening on http://").expect("an address").parse().unwrap();
        Server { child, output, log: Mutex::new(log), address }
    }

    /// The next line that it prints.
    pub fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// Waits until it says something with this text on standard error; the line.
    pub fn logged(&self, text: &str) -> String {
        let log = self.log.lock().unwrap();
        loop {
            let line = log.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("no line with {text:?}"));
            if line.contains(text) {
                return line;
            }
        }
    }

    pub fn signal(&self, name: &str) {
        let told = Command::new("kill").arg(name).arg(self.id().to_string()).status().unwrap();
        assert!(told.success());
    }

    /// Has it read its configuration again.
    pub fn reload(&self) {
        self.signal("-HUP");
        let said = self.logged("configuration");
        assert!(said.contains("was read again"), "{said}");
    }

    pub fn connect(&self) -> Connection {
        Connection::new(self.address)
    }

    /// SIGKILL: nothing is written any more.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it has ended by itself.
    pub fn wait(mut self) -> std::process::ExitStatus {
        self.child.wait().unwrap()
    }

    /// One request on a connection of its own.
    pub fn ask(&self, head: &str, body: &[u8]) -> Response {
        let mut connection = self.connect();
        connection.send(head, body);
        connection.response()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// nginx before a server, which tells it the scheme of its clients. Killed when it is dropped.
pub struct Nginx {
    child: Child,
    pub address: SocketAddr,
}

impl Nginx {
    /// Starts it in a directory of the world, with a port that is not encrypted; none where it is not installed. It says
    /// that its clients use `scheme`.
    pub fn before(server: &Server, world: &World, scheme: &str) -> Option<Nginx> {
        Nginx::start(server, world, scheme, "")
    }

    /// The same as the end of TLS, with a certificate of its own.
    pub fn encrypted(server: &Server, world: &World) -> Option<Nginx> {
        world.certify();
        let (certificate, key) = (world.path("cert.pem"), world.path("key.pem"));
        let tls =
            format!(" ssl; ssl_certificate {}; ssl_certificate_key {}", certificate.display(), key.display());
        Nginx::start(server, world, "https", &tls)
    }

    fn start(server: &Server, world: &World, scheme: &str, tls: &str) -> Option<Nginx> {
        let mut places = ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx"].into_iter();
        let Some(nginx) = places.find(|path| Path::new(path).exists()) else {
            assert!(std::env::var_os("BGCOPY_REQUIRE_TOOLS").is_none(), "nginx is not installed");
            eprintln!("nginx is not installed: left out");
            return None;
        };
        let address = bgcopy_testserver::port::free();
        let dir = world.path("nginx");
        fs::create_dir(&dir).unwrap();
        let (place, backend) = (dir.display(), server.address);
        let config = format!(
            "daemon off; master_process off; pid {place}/pid; error_log {place}/error;\nevents {{}}\nhttp {{\n\
             access_log off; client_body_temp_path {place}/t1; proxy_temp_path {place}/t2; fastcgi_temp_path {place}/t3;\n\
             uwsgi_temp_path {place}/t4; scgi_temp_path {place}/t5;\n\
             server {{ listen {address}{tls}; client_max_body_size 16m;\n\
             location / {{ proxy_pass http://{backend}; proxy_http_version 1.1; proxy_request_buffering off;\n\
             proxy_set_header Host $http_host; proxy_set_header X-Forwarded-Proto {scheme}; }} }} }}\n"
        );
        fs::write(dir.join("config"), config).unwrap();
        let mut command = Command::new(nginx);
        let child = command.arg("-p").arg(&dir).arg("-c").arg(dir.join("config")).spawn().unwrap();
        let mut nginx = Nginx { child, address };
        while TcpStream::connect(address).is_err() {
            assert!(nginx.child.try_wait().unwrap().is_none(), "nginx does not start");
            std::thread::yield_now();
        }
        Some(nginx)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub struct Connection(BufReader<TcpStream>);

/// A response; names of headers in lower case.
#[derive(Debug)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Response {
    pub fn header(&self, name: &str) -> Option<&str> {
        let name = name.to_ascii_lowercase();
        self.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// Status, BITS-Error-Code and BITS-Error-Context.
    pub fn failure(&self) -> (u16, &str, &str) {
        let header = |name| self.header(name).unwrap_or("");
        assert_eq!(header("BITS-Packet-Type"), "Ack", "{self:?}");
        assert_eq!(header("Content-Length"), "0");
        (self.status, header("BITS-Error-Code"), header("BITS-Error-Context"))
    }

    /// Status and BITS-Received-Content-Range.
    pub fn received(&self) -> (u16, &str) {
        assert_eq!(self.header("BITS-Packet-Type"), Some("Ack"), "{self:?}");
        (self.status, self.header("BITS-Received-Content-Range").unwrap_or(""))
    }
}

impl Connection {
    pub fn new(address: SocketAddr) -> Connection {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Connection(BufReader::new(stream))
    }

    /// Sends lines, an empty one and a body. Lines are separated by `\n` here.
    pub fn send(&mut self, head: &str, body: &[u8]) {
        let mut message = head.trim_end().replace('\n', "\r\n").into_bytes();
        message.extend_from_slice(b"\r\n\r\n");
        message.extend_from_slice(body);
        self.0.get_mut().write_all(&message).unwrap();
    }

    /// Sends bytes as they are.
    pub fn raw(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.0.get_mut().write_all(bytes)
    }

    pub fn response(&mut self) -> Response {
        self.try_response(false).expect("a response")
    }

    /// The response to HEAD, which has no body.
    pub fn head_response(&mut self) -> Response {
        self.try_response(true).expect("a response")
    }

    /// None when the connection ends first.
    pub fn try_response(&mut self, bodiless: bool) -> Option<Response> {
        let mut line = String::new();
        if self.0.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let status = line.split(' ').nth(1).expect("a status").parse().unwrap();
        let mut headers = Vec::new();
        loop {
            line.clear();
            self.0.read_line(&mut line).unwrap();
            if line == "\r\n" {
                break;
            }
            let (name, value) = line.trim_end().split_once(": ").expect("a header");
            headers.push((name.to_ascii_lowercase(), value.to_owned()));
        }
        if status == 100 {
            return self.try_response(bodiless);
        }
        let mut response = Response { status, headers, body: Vec::new() };
        let length: u64 = response.header("Content-Length").map_or(0, |length| length.parse().unwrap());
        if !bodiless {
            response.body = vec![0; usize::try_from(length).unwrap()];
            self.0.read_exact(&mut response.body).unwrap();
        }
        Some(response)
    }

    /// What comes until the server closes it.
    pub fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        // A reset is an end too.
        let _ = self.0.read_to_end(&mut rest);
        rest
    }

    /// Sends a request and reads its response.
    pub fn ask(&mut self, head: &str, body: &[u8]) -> Response {
        self.send(head, body);
        self.response()
    }

    /// Begins a session for a path.
    pub fn create(&mut self, path: &str) -> String {
        let response = self.ask(&create(path), b"");
        assert_eq!(response.status, 200, "{response:?}");
        response.header("BITS-Session-Id").unwrap().to_owned()
    }
}

pub const PROTOCOL: &str = "{7df0354d-249b-430f-820d-3d2a9bef4931}";

/// A packet as a Windows client sends it, with `lines` for its kind.
pub fn packet(path: &str, lines: &str, length: usize) -> String {
    format!(
        "BITS_POST {path} HTTP/1.1\nAccept: */*\n{lines}User-Agent: Microsoft BITS/7.8\n\
         Host: files.example.net\nContent-Length: {length}\nConnection: Keep-Alive\n"
    )
}

pub fn create(path: &str) -> String {
    packet(path, &format!("BITS-Packet-Type: Create-Session\nBITS-Supported-Protocols: {PROTOCOL}\n"), 0)
}

pub fn ping(path: &str) -> String {
    packet(path, "BITS-Packet-Type: Ping\n", 0)
}

pub fn fragment(path: &str, session: &str, range: &str, length: usize) -> String {
    let lines = format!(
        "BITS-Packet-Type: Fragment\nBITS-Session-Id: {session}\nContent-Name: letters.txt\n\
         Content-Range: bytes {range}\n"
    );
    packet(path, &lines, length)
}

pub fn ending(path: &str, kind: &str, session: &str) -> String {
    packet(path, &format!("BITS-Packet-Type: {kind}\nBITS-Session-Id: {session}\n"), 0)
}

/// The client's end of TLS to localhost, for who trusts this certificate (in DER) only.
pub fn trusting(certificate: &[u8]) -> rustls::ClientConnection {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(certificate.to_vec().into()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    rustls::ClientConnection::new(Arc::new(config), "localhost".try_into().unwrap()).unwrap()
}
