//! Bytes of files that go to a connection without a copy of them in this process (sendfile(2)).
//!
//! hyper writes slices of memory. A stretch of a file is a slice of [`BLANK`] to it, and the connection, which was told of
//! the stretch before, sends the file in its place.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;

/// The longest stretch.
pub const LONGEST: usize = 256 * 1024;

/// Nobody reads it: its address is what counts.
static BLANK: [u8; LONGEST] = [0; LONGEST];

/// What a connection is to send of files, in this order.
#[derive(Clone, Default)]
pub struct Outlet(Arc<Mutex<Line>>);

#[derive(Default)]
struct Line {
    stretches: VecDeque<Begun>,
    /// Bytes that were sent, and not yet taken off a [`Stretch`].
    sent: usize,
    /// Somebody has taken the blank for the bytes: nothing may be sent any more.
    mistaken: bool,
}

struct Begun {
    file: Arc<File>,
    offset: u64,
    left: usize,
}

/// A part of a file, as a buffer.
pub struct Stretch {
    outlet: Outlet,
    left: usize,
}

impl Outlet {
    /// The next one: `length` bytes of a file, at most [`LONGEST`].
    pub fn stretch(&self, file: Arc<File>, offset: u64, length: usize) -> Stretch {
        let left = length.min(LONGEST);
        self.0.lock().stretches.push_back(Begun { file, offset, left });
        Stretch { outlet: self.clone(), left }
    }
}

impl Stretch {
    /// How many bytes are left.
    pub fn remaining(&self) -> usize {
        self.left
    }

    /// What stands for them.
    pub fn chunk(&self) -> &[u8] {
        &BLANK[..self.left]
    }

    /// Takes bytes off that were sent.
    pub fn advance(&mut self, count: usize) {
        self.left = self.left.saturating_sub(count);
        let mut line = self.outlet.0.lock();
        match line.sent.checked_sub(count) {
            Some(rest) => line.sent = rest,
            None => line.mistaken = true,
        }
    }
}

/// A connection with an outlet for files.
pub struct Direct {
    socket: TcpStream,
    outlet: Outlet,
}

impl Direct {
    /// Sends what the outlet is told of.
    pub fn new(socket: TcpStream, outlet: Outlet) -> Direct {
        Direct { socket, outlet }
    }

    fn poll_file(&self, context: &mut Context<'_>, most: usize) -> Poll<io::Result<usize>> {
        loop {
            ready!(self.socket.poll_write_ready(context))?;
            let mut line = self.outlet.0.lock();
            let Some(begun) = line.stretches.front_mut() else { return Poll::Ready(Err(mistaken())) };
            let sent = self.socket.try_io(Interest::WRITABLE, || {
                let count = begun.left.min(most);
                Ok(rustix::fs::sendfile(&self.socket, &begun.file, Some(&mut begun.offset), count)?)
            });
            match sent {
                // The file has become shorter: the connection is closed, so that its client knows.
                Ok(0) => return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into())),
                Ok(count) => {
                    begun.left -= count;
                    if begun.left == 0 {
                        line.stretches.pop_front();
                    }
                    line.sent += count;
                    return Poll::Ready(Ok(count));
                }
                Err(error)
                    if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }
}

fn mistaken() -> io::Error {
    io::Error::other("a stretch of a file was not sent as one")
}

fn is_blank(slice: &IoSlice<'_>) -> bool {
    BLANK.as_ptr_range().contains(&slice.as_ptr())
}

impl AsyncRead for Direct {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_read(context, buffer)
    }
}

impl AsyncWrite for Direct {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(context, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.outlet.0.lock().mistaken {
            return Poll::Ready(Err(mistaken()));
        }
        match slices.iter().position(is_blank) {
            Some(0) => self.poll_file(context, slices[0].len()),
            Some(text) => Pin::new(&mut self.socket).poll_write_vectored(context, &slices[..text]),
            None => Pin::new(&mut self.socket).poll_write_vectored(context, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(context)
    }
}
