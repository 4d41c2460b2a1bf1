//! The server: its ports, what they share, and the interface for tests in Rust.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::{Shutdown, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use parking_lot::Mutex;
use rustls::ServerConfig;

use crate::connection::serve;
use crate::listener::Listener;
use crate::log::{Condition, Entry, Log};
use crate::relay::Relay;
use crate::resource::{Registry, Resource};
use crate::tls::Tls;

/// How to start a server.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The http port; 0 for any.
    pub port: u16,
    /// A directory to serve besides the synthetic resources.
    pub root: Option<PathBuf>,
}

/// The ports of a running server, all on 127.0.0.1.
#[derive(Clone, Copy, Debug)]
pub struct Ports {
    /// Plain HTTP; also an HTTP proxy.
    pub http: u16,
    /// A good certificate for localhost and 127.0.0.1.
    pub https: u16,
    /// A certificate that expired in 2021.
    pub https_expired: u16,
    /// A certificate for another name.
    pub https_wrong_name: u16,
    /// A certificate of an authority that nobody trusts.
    pub https_untrusted: u16,
    /// Demands a client certificate.
    pub https_client_cert: u16,
}

impl fmt::Display for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "http={} https={} https_expired={} https_wrong_name={} https_untrusted={} https_client_cert={}",
            self.http,
            self.https,
            self.https_expired,
            self.https_wrong_name,
            self.https_untrusted,
            self.https_client_cert
        )
    }
}

/// What the connections share.
pub(crate) struct Shared {
    pub log: Log,
    pub registry: Registry,
    pub relays: Mutex<HashMap<String, Arc<Relay>>>,
    pub proxy_credentials: Mutex<Option<(String, String)>>,
    pub connections: Mutex<Connections>,
    pub root: Option<PathBuf>,
    pub tls: Tls,
    ports: OnceLock<Ports>,
}

impl Shared {
    pub fn ports(&self) -> Ports {
        // A connection can only come in through a port, but perhaps before the last one is open.
        *self.ports.wait()
    }
}

/// The open connections, to be ended with the server.
#[derive(Default)]
pub(crate) struct Connections {
    last: u64,
    open: HashMap<u64, Weak<TcpStream>>,
}

impl Connections {
    pub fn add(&mut self, tcp: &Arc<TcpStream>) -> u64 {
        self.last += 1;
        self.open.insert(self.last, Arc::downgrade(tcp));
        self.last
    }

    pub fn remove(&mut self, connection: u64) {
        self.open.remove(&connection);
    }
}

/// A running server. Dropping it closes its ports and connections and ends its stalls.
pub struct Server {
    shared: Arc<Shared>,
    listeners: Vec<Listener>,
}

impl Server {
    /// Starts a server on free ports.
    ///
    /// # Panics
    /// No port or no certificate could be made: no test can go on.
    pub fn start() -> Self {
        Self::with(Config::default()).expect("the test server starts")
    }

    /// Starts a server; it serves when this returns.
    ///
    /// # Errors
    /// A port could not be opened, or no certificate be made.
    pub fn with(config: Config) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            log: Log::new(),
            registry: Registry::default(),
            relays: Mutex::default(),
            proxy_credentials: Mutex::default(),
            connections: Mutex::default(),
            root: config.root,
            tls: Tls::new().map_err(io::Error::other)?,
            ports: OnceLock::new(),
        });
        let mut listeners = Vec::new();
        let mut open = |port: u16, tls: Option<&Arc<ServerConfig>>| {
            let (shared, tls) = (shared.clone(), tls.cloned());
            let listener = Listener::open(port, move |tcp| serve(&shared, tcp, tls.as_ref()))?;
            let port = listener.port();
            listeners.push(listener);
            io::Result::Ok(port)
        };
        let ports = Ports {
            http: open(config.port, None)?,
            https: open(0, Some(&shared.tls.good))?,
            https_expired: open(0, Some(&shared.tls.expired))?,
            https_wrong_name: open(0, Some(&shared.tls.wrong_name))?,
            https_untrusted: open(0, Some(&shared.tls.untrusted))?,
            https_client_cert: open(0, Some(&shared.tls.client_cert))?,
        };
        let _ = shared.ports.set(ports);
        Ok(Self { shared, listeners })
    }

    /// The ports.
    pub fn ports(&self) -> Ports {
        self.shared.ports()
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports().http)
    }

    /// `https://localhost:PORT`, without a slash at the end.
    pub fn https_base_url(&self) -> String {
        format!("https://localhost:{}", self.ports().https)
    }

    /// The URL of a path (and query) over http.
    pub fn url(&self, path: &str) -> String {
        self.base_url() + path
    }

    /// The certificate of the authority that a client must trust, PEM.
    pub fn ca_pem(&self) -> &str {
        &self.shared.tls.ca_pem
    }

    /// A client certificate and its key for [`Ports::https_client_cert`], PEM.
    pub fn client_identity(&self) -> (&str, &str) {
        (&self.shared.tls.client_cert_pem, &self.shared.tls.client_key_pem)
    }

    /// Offers a resource under `path`, in place of the one there, with its counters at zero; returns its URL.
    ///
    /// # Panics
    /// The resource's script has an unknown key or value.
    pub fn add(&self, path: &str, resource: Resource) -> String {
        if let Err(why) = self.shared.registry.replace(path, resource) {
            panic!("{path}: {why}");
        }
        self.url(path)
    }

    /// Changes a resource in mid-test, `query` written as in a URL, keeping its counters. Responses under way
    /// go on as they began.
    ///
    /// # Panics
    /// The script has an unknown key or value.
    pub fn change(&self, path: &str, query: &str) {
        if let Err(why) = self.shared.registry.change(path, crate::request::pairs(query)) {
            panic!("{path}: {why}");
        }
    }

    /// Takes a resource away: 404 from now on.
    pub fn remove(&self, path: &str) {
        self.shared.registry.remove(path);
    }

    /// All requests since the start or the last [`Server::clear_log`], oldest first; control requests are not in it.
    pub fn log(&self) -> Vec<Entry> {
        self.shared.log.entries()
    }

    /// Forgets requests and byte totals so far.
    pub fn clear_log(&self) {
        self.shared.log.clear();
    }

    /// Bytes of content sent for a path (all its queries together) or a whole target with `?`.
    pub fn bytes_sent(&self, path: &str) -> u64 {
        self.shared.log.total(Some(path))
    }

    /// Waits until the condition holds; false when `patience` ran out first.
    pub fn wait_for(&self, condition: &Condition, patience: Duration) -> bool {
        self.shared.log.wait(condition, patience)
    }

    /// Lets the responses that are stalled now go on, of one path or of all; returns how many.
    pub fn release(&self, path: Option<&str>) -> usize {
        self.shared.log.release(path)
    }

    /// Opens a relay in front of the http port.
    ///
    /// # Errors
    /// No port could be opened.
    pub fn relay(&self) -> io::Result<Relay> {
        Relay::open(self.ports().http)
    }

    /// Makes the server, as an HTTP proxy, demand Basic credentials, or none.
    pub fn proxy_credentials(&self, credentials: Option<(&str, &str)>) {
        *self.shared.proxy_credentials.lock() =
            credentials.map(|(user, password)| (user.into(), password.into()));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.listeners.clear();
        self.shared.log.stop();
        self.shared.relays.lock().clear();
        for tcp in self.shared.connections.lock().open.values().filter_map(Weak::upgrade) {
            let _ = tcp.shutdown(Shutdown::Both);
        }
    }
}
