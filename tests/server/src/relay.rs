//! A TCP relay in front of the server, to lose the network.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpStream};
use std::sync::{Arc, Weak};
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use crate::listener::Listener;
use crate::stream::reset;

/// How long a write to a client that does not read lasts before it looks whether its connection was dropped.
const WRITE_GLANCE: Duration = Duration::from_millis(50);

/// A port that forwards to another port of this machine until told otherwise.
pub struct Relay {
    shared: Arc<Shared>,
    listener: Mutex<Option<Listener>>,
    port: u16,
}

struct Shared {
    target: u16,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    blackholed: bool,
    pairs: Vec<Weak<Pair>>,
    forwarded: u64,
}

/// The two sides of one forwarded connection.
struct Pair {
    client: TcpStream,
    server: TcpStream,
    dropped: Mutex<bool>,
}

impl Relay {
    /// Opens a relay to a port of this machine.
    ///
    /// # Errors
    /// No port could be opened.
    pub fn open(target: u16) -> io::Result<Self> {
        let shared = Arc::new(Shared { target, state: Mutex::default(), changed: Condvar::new() });
        let listener = Self::listen(&shared, 0)?;
        let port = listener.port();
        Ok(Self { shared, listener: Mutex::new(Some(listener)), port })
    }

    fn listen(shared: &Arc<Shared>, port: u16) -> io::Result<Listener> {
        let shared = shared.clone();
        Listener::open(port, move |client| shared.forward(client))
    }

    /// The port to connect to.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Bytes forwarded so far, both directions together.
    pub fn forwarded(&self) -> u64 {
        self.shared.state.lock().forwarded
    }

    /// Connections open now.
    pub fn connections(&self) -> usize {
        self.shared.state.lock().pairs.iter().filter(|pair| pair.strong_count() > 0).count()
    }

    /// Resets all present connections; new ones are forwarded.
    pub fn drop_connections(&self) {
        let pairs = std::mem::take(&mut self.shared.state.lock().pairs);
        for pair in pairs.iter().filter_map(Weak::upgrade) {
            self.shared.drop_pair(&pair);
        }
    }

    /// Forwards nothing any more, on present and new connections; they stay open and silent.
    pub fn blackhole(&self) {
        self.shared.state.lock().blackholed = true;
    }

    /// Closes the port: new connections are refused, present ones go on.
    pub fn refuse(&self) {
        drop(self.listener.lock().take());
    }

    /// Forwards again, and opens the same port again.
    ///
    /// # Errors
    /// The port has been taken by another process meanwhile.
    pub fn resume(&self) -> io::Result<()> {
        let mut listener = self.listener.lock();
        if listener.is_none() {
            *listener = Some(Self::listen(&self.shared, self.port)?);
        }
        self.shared.state.lock().blackholed = false;
        self.shared.changed.notify_all();
        Ok(())
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.refuse();
        self.drop_connections();
    }
}

impl Shared {
    fn forward(self: &Arc<Self>, client: TcpStream) {
        let target = SocketAddr::from((Ipv4Addr::LOCALHOST, self.target));
        let Ok(server) = TcpStream::connect(target) else { return reset(&client) };
        let _ = server.set_nodelay(true);
        let _ = client.set_write_timeout(Some(WRITE_GLANCE));
        let _ = server.set_write_timeout(Some(WRITE_GLANCE));
        let pair = Arc::new(Pair { client, server, dropped: Mutex::new(false) });
        {
            let mut state = self.state.lock();
            state.pairs.retain(|pair| pair.strong_count() > 0);
            state.pairs.push(Arc::downgrade(&pair));
        }
        let (shared, other) = (self.clone(), pair.clone());
        let upwards = std::thread::Builder::new()
            .name("relay".into())
            .spawn(move || shared.pump(&other, &other.client, &other.server));
        if upwards.is_ok() {
            self.pump(&pair, &pair.server, &pair.client);
        }
    }

    /// Copies one direction; an end is passed on as an end, a reset as a reset.
    fn pump(&self, pair: &Pair, mut from: &TcpStream, to: &TcpStream) {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let count = match from.read(&mut buffer) {
                Ok(0) if !*pair.dropped.lock() => {
                    self.gate(pair);
                    let _ = to.shutdown(Shutdown::Write);
                    return;
                }
                Ok(count) if count > 0 => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Ok(_) | Err(_) => return self.drop_pair(pair),
            };
            if !self.gate(pair) || !write(pair, to, &buffer[..count]) {
                return self.drop_pair(pair);
            }
            self.state.lock().forwarded += count as u64;
        }
    }

    /// Both sides get a reset once both directions have let go.
    fn drop_pair(&self, pair: &Pair) {
        *pair.dropped.lock() = true;
        for side in [&pair.client, &pair.server] {
            reset(side);
            // Wakes a read without a word on the wire.
            let _ = side.shutdown(Shutdown::Read);
        }
        // With the lock once taken, whoever is at the gate either waits already or will look again.
        drop(self.state.lock());
        self.changed.notify_all();
    }

    /// Waits while blackholed; false when the connection has been dropped.
    fn gate(&self, pair: &Pair) -> bool {
        let mut state = self.state.lock();
        while state.blackholed && !*pair.dropped.lock() {
            self.changed.wait(&mut state);
        }
        !*pair.dropped.lock()
    }
}

fn write(pair: &Pair, mut to: &TcpStream, mut bytes: &[u8]) -> bool {
    while !bytes.is_empty() {
        match to.write(bytes) {
            Ok(count) => bytes = &bytes[count..],
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {
                if *pair.dropped.lock() {
                    return false;
                }
            }
            Err(_) => return false,
        }
    }
    true
}
