//! TCP connections whose every wait ends by cancel.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use super::failure::Failure;
use crate::sys::cancel::CancelToken;
use crate::sys::poll::{Interest, Wake, wait};
use crate::sys::socket::{set_receive_low_water, start_connect};

/// What is received at most at once, and awaited where that much is still to come: large enough
/// that system calls cost nothing, small enough to stay in the processor's cache.
pub(super) const LARGE: usize = 512 * 1024;
/// Below this, waiting for more bytes at once is not worth a system call to say so.
const WORTH_AWAITING: usize = 64 * 1024;
/// After this time a slow server's bytes are taken as they are.
const SLICE: Duration = Duration::from_millis(100);

/// A connected, non-blocking stream.
#[derive(Debug)]
pub(super) struct Tcp {
    stream: TcpStream,
    low_water: usize,
}

/// Until when to wait, and for whom to stop.
#[derive(Clone, Copy)]
pub(super) struct Patience<'a> {
    pub cancel: Option<&'a CancelToken>,
    pub deadline: Option<Instant>,
}

/// How much to receive at once when `room` bytes can be taken.
pub(super) fn portion(room: usize) -> usize {
    room.min(LARGE)
}

impl<'a> Patience<'a> {
    /// Waits for `time` from now on.
    pub(super) fn new(cancel: &'a CancelToken, time: Duration) -> Patience<'a> {
        Patience { cancel: Some(cancel), deadline: Instant::now().checked_add(time) }
    }

    fn left(&self) -> Option<Duration> {
        self.deadline.map(|d| d.saturating_duration_since(Instant::now()))
    }

    /// Waits for a part of the time only: `most`.
    fn at_most(self, most: Duration) -> Self {
        let soon = Instant::now() + most;
        Patience { deadline: Some(self.deadline.map_or(soon, |d| d.min(soon))), ..self }
    }

    pub(super) fn wait(&self, fd: impl AsFd, interest: Interest) -> Result<(), Failure> {
        match wait(fd, interest, self.cancel, self.left()).map_err(Failure::Io)? {
            Wake::Ready => Ok(()),
            Wake::Cancelled => Err(Failure::Cancelled),
            Wake::TimedOut => Err(Failure::TimedOut),
        }
    }
}

impl Tcp {
    /// Connects to the first address that accepts, trying them in turn.
    pub(super) fn connect(addresses: &[SocketAddr], patience: Patience) -> Result<Tcp, Failure> {
        let mut last = Failure::Connect(io::Error::other("the host has no address"));
        for (tried, address) in addresses.iter().enumerate() {
            // The first addresses must not use up the time of the others.
            let others = tried + 1 < addresses.len();
            let share = match patience.left() {
                Some(left) if others => patience.at_most(left / 2),
                _ => patience,
            };
            match connect_one(address, share) {
                Ok(stream) => return Ok(Tcp { stream, low_water: 1 }),
                Err(Failure::Cancelled) => return Err(Failure::Cancelled),
                Err(failure) => last = failure,
            }
        }
        Err(last)
    }

    /// Sends all of `bytes`.
    pub(super) fn send(&mut self, mut bytes: &[u8], patience: Patience) -> Result<(), Failure> {
        while !bytes.is_empty() {
            match self.stream.write(bytes) {
                Ok(sent) => bytes = &bytes[sent..],
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    patience.wait(&self.stream, Interest::Writable)?;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(Failure::Io(error)),
            }
        }
        Ok(())
    }

    /// Receives into `space`; 0 is the end of the stream. `expected` is how much is still to come,
    /// as far as that is known: a fast server's bytes are then taken in large portions.
    pub(super) fn receive(
        &mut self,
        space: &mut [u8],
        expected: usize,
        patience: Patience,
    ) -> Result<usize, Failure> {
        let low_water = match expected.min(space.len()).min(LARGE) {
            enough @ WORTH_AWAITING.. => enough,
            _ => 1,
        };
        if low_water != self.low_water {
            set_receive_low_water(&self.stream, low_water).map_err(Failure::Io)?;
            self.low_water = low_water;
        }
        // What answers a request sent ahead is often here already, and then costs no poll.
        let mut ready = low_water == 1;
        loop {
            if ready {
                match self.stream.read(space) {
                    Ok(received) => return Ok(received),
                    Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
                    Err(error) => return Err(Failure::Io(error)),
                }
                if patience.left() == Some(Duration::ZERO) {
                    return Err(Failure::TimedOut);
                }
            }
            let waited = if low_water > 1 {
                patience.at_most(SLICE).wait(&self.stream, Interest::Readable)
            } else {
                patience.wait(&self.stream, Interest::Readable)
            };
            match waited {
                // Below the low-water mark there may be bytes nevertheless.
                Ok(()) | Err(Failure::TimedOut) => {}
                Err(failure) => return Err(failure),
            }
            ready = true;
        }
    }

    /// Whether an idle connection can take another request: nothing arrived, not even its end.
    pub(super) fn is_quiet(&self) -> bool {
        matches!(self.stream.peek(&mut [0]), Err(error) if error.kind() == ErrorKind::WouldBlock)
    }
}

fn connect_one(address: &SocketAddr, patience: Patience) -> Result<TcpStream, Failure> {
    let refused =
        |error: io::Error| Failure::Connect(io::Error::new(error.kind(), format!("{address}: {error}")));
    let stream = start_connect(address).map_err(refused)?;
    match patience.wait(&stream, Interest::Writable) {
        Err(Failure::TimedOut) => return Err(refused(ErrorKind::TimedOut.into())),
        other => other?,
    }
    if let Some(error) = stream.take_error().map_err(refused)? {
        return Err(refused(error));
    }
    // A request is one write: waiting to fill a segment would only delay it.
    stream.set_nodelay(true).map_err(refused)?;
    Ok(stream)
}
