//! The ports of URL groups, opened and closed while the server runs.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

use crate::group::Groups;
use crate::prefix::{Host, Prefix};
use crate::server::{Current, Listener, Scheme, accept};

/// All ports of groups.
pub struct Ports {
    current: Current,
    room: Arc<Semaphore>,
    /// Those of the configuration, and whether they speak https: groups share them.
    fixed: Vec<(SocketAddr, bool)>,
    open: HashMap<SocketAddr, Port>,
}

struct Port {
    https: bool,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Ports {
    /// None yet, beside those of the configuration.
    pub fn new(current: Current, room: Arc<Semaphore>, fixed: Vec<(SocketAddr, bool)>) -> Ports {
        Ports { current, room, fixed, open: HashMap::new() }
    }

    /// Whether a prefix is for one address only.
    pub fn is_narrow(prefix: &Prefix) -> bool {
        matches!(prefix.host, Host::Address(_))
    }

    /// Opens the port of a prefix, unless it is open.
    ///
    /// # Errors
    /// It is used by somebody else, or speaks another scheme, or has no certificate.
    pub async fn open(&mut self, prefix: &Prefix, groups: &Groups) -> Result<(), String> {
        let port = prefix.port;
        let own = self.open.iter().map(|(address, port)| (*address, port.https));
        if let Some((_, https)) =
            self.fixed.iter().copied().chain(own).find(|(address, _)| covers(*address, prefix))
        {
            return match (https, prefix.https) {
                (true, false) => Err(format!("port {port} speaks https")),
                (false, true) => Err(format!("port {port} speaks http")),
                _ => Ok(()),
            };
        }
        if prefix.https && groups.acceptor(port).is_none() {
            return Err(format!("port {port} has no certificate: set one first"));
        }
        let socket = match prefix.host {
            Host::Address(address) => TcpListener::bind((address, port)).await,
            _ => everywhere(port).await,
        };
        let named = |error: io::Error| format!("port {port} cannot be opened: {error}");
        let socket = socket.map_err(named)?;
        let address = socket.local_addr().map_err(named)?;
        let (stop, stopping) = watch::channel(false);
        let scheme = if prefix.https { Scheme::Group(port) } else { Scheme::Http };
        let listener = Listener { socket, scheme, groups_only: true };
        let task =
            tokio::spawn(accept(listener, Arc::clone(&self.current), Arc::clone(&self.room), stopping));
        self.open.insert(address, Port { https: prefix.https, stop, task });
        Ok(())
    }

    /// Closes what none of these prefixes needs; requests under way are finished.
    pub fn keep(&mut self, prefixes: &[Prefix]) {
        self.open.retain(|address, port| {
            let needed = prefixes.iter().any(|prefix| covers(*address, prefix));
            if !needed {
                let _ = port.stop.send(true);
            }
            needed
        });
    }

    /// Closes all; returns when requests under way are finished.
    pub async fn close(&mut self) {
        for port in self.open.values() {
            let _ = port.stop.send(true);
        }
        for (_, port) in self.open.drain() {
            let _ = port.task.await;
        }
    }
}

/// Whether requests for a prefix arrive at an address.
fn covers(address: SocketAddr, prefix: &Prefix) -> bool {
    let here = match prefix.host {
        Host::Address(wanted) => address.ip().is_unspecified() || address.ip().to_canonical() == wanted,
        _ => true,
    };
    address.port() == prefix.port && here
}

/// Listens at all addresses.
async fn everywhere(port: u16) -> io::Result<TcpListener> {
    match TcpListener::bind((IpAddr::from(Ipv6Addr::UNSPECIFIED), port)).await {
        // Without IPv6.
        Err(error) if error.kind() != io::ErrorKind::AddrInUse => {
            TcpListener::bind((IpAddr::from(Ipv4Addr::UNSPECIFIED), port)).await
        }
        socket => socket,
    }
}
