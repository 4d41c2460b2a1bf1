//! A connection to a client, plain or TLS.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use rustls::{ServerConnection, StreamOwned};

/// One accepted connection. Nobody else keeps a strong reference to its socket: a reset happens when the last one goes.
pub(crate) enum Stream {
    Plain(Arc<TcpStream>),
    Tls(Box<StreamOwned<ServerConnection, Socket>>),
}

/// The shared socket as something that reads and writes.
pub(crate) struct Socket(pub Arc<TcpStream>);

impl Read for Socket {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        (&*self.0).read(out)
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (&*self.0).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        (&*self.0).flush()
    }
}

impl Stream {
    pub fn tcp(&self) -> &Arc<TcpStream> {
        match self {
            Self::Plain(tcp) => tcp,
            Self::Tls(tls) => &tls.get_ref().0,
        }
    }

    pub fn is_tls(&self) -> bool {
        matches!(self, Self::Tls(_))
    }

    /// Ends the connection in good order: close_notify where there is TLS, then FIN.
    pub fn close(mut self) {
        if let Self::Tls(tls) = &mut self {
            tls.conn.send_close_notify();
            let _ = tls.flush();
        }
        self.cut();
    }

    /// Ends the connection with a bare FIN: under TLS a truncation.
    pub fn cut(self) {
        let _ = self.tcp().shutdown(Shutdown::Write);
        // Closing with unread input would send RST and might destroy what the client has not read yet.
        let _ = self.tcp().set_read_timeout(Some(Duration::from_secs(5)));
        let mut scrap = [0; 4096];
        while matches!((&**self.tcp()).read(&mut scrap), Ok(count) if count > 0) {}
    }

    /// Ends the connection with RST. What the client has not received yet is lost.
    pub fn reset(self) {
        reset(self.tcp());
    }
}

/// Makes the coming close of `tcp` a reset.
pub(crate) fn reset(tcp: &TcpStream) {
    let _ = socket2::SockRef::from(tcp).set_linger(Some(Duration::ZERO));
}

impl Read for Stream {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(tcp) => (&**tcp).read(out),
            Self::Tls(tls) => tls.read(out),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(tcp) => (&**tcp).write(bytes),
            Self::Tls(tls) => tls.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(tcp) => (&**tcp).flush(),
            Self::Tls(tls) => tls.flush(),
        }
    }
}
