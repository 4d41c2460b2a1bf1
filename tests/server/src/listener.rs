//! A listening port on loopback that can be closed.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

/// Accepts connections until dropped; then the port refuses them.
pub(crate) struct Listener {
    port: u16,
    stopping: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Listener {
    /// Listens on `port`, 0 for any; each connection runs `handle` on a thread of its own.
    pub fn open(port: u16, handle: impl Fn(TcpStream) + Send + Sync + 'static) -> io::Result<Self> {
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        let port = socket.local_addr()?.port();
        let stopping = Arc::new(AtomicBool::new(false));
        let (stop, handle) = (stopping.clone(), Arc::new(handle));
        let accept = move || {
            for connection in socket.incoming() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(connection) = connection else { continue };
                let _ = connection.set_nodelay(true);
                let handle = handle.clone();
                // Without a thread the connection closes, which the client sees.
                let _ = thread::Builder::new().name("connection".into()).spawn(move || handle(connection));
            }
        };
        let thread = thread::Builder::new().name(format!("listen {port}")).spawn(accept)?;
        Ok(Self { port, stopping, thread: Some(thread) })
    }

    pub fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        // Wakes the accepting thread, which then sees the flag.
        let _ = TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, self.port)));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
