//! Sending a response, with the faults that its script asks for.

use std::io::{self, Write};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::log::Log;
use crate::resource::Counters;
use crate::script::Faults;
use crate::stream::Stream;

/// How long a stall lasts that nobody releases.
const STALL_TIMEOUT: Duration = Duration::from_secs(60);
/// How often a stalled response looks whether its client is still there.
const STALL_GLANCE: Duration = Duration::from_millis(20);
/// Head and first piece leave in one write up to this size.
const JOINED: usize = 64 * 1024;

/// Why a response ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The script says RST.
    Reset,
    /// The script says FIN.
    Cut,
    /// The client went away.
    ClientLeft,
}

impl From<io::Error> for Stop {
    fn from(_: io::Error) -> Self {
        Self::ClientLeft
    }
}

/// One response on its way.
pub(crate) struct Transmission<'a> {
    pub stream: &'a mut Stream,
    pub log: &'a Log,
    pub id: u64,
    pub counters: Arc<Mutex<Counters>>,
    pub faults: &'a Faults,
    pub chunked: bool,
    pub rate: Option<u64>,
    /// Where the body breaks off, in bytes of body.
    pub cut_at: Option<u64>,
    sent: u64,
    paced_from: Option<Instant>,
    stalled: bool,
    pending: Vec<u8>,
}

impl<'a> Transmission<'a> {
    pub fn new(
        stream: &'a mut Stream,
        log: &'a Log,
        id: u64,
        counters: Arc<Mutex<Counters>>,
        faults: &'a Faults,
    ) -> Self {
        Self {
            stream,
            log,
            id,
            counters,
            faults,
            chunked: false,
            rate: None,
            cut_at: None,
            sent: 0,
            paced_from: None,
            stalled: false,
            pending: Vec::new(),
        }
    }

    /// Queues the response's head; it leaves with the first piece of the body.
    pub fn head(&mut self, head: String) {
        self.pending = head.into_bytes();
    }

    /// Sends what is queued.
    pub fn flush(&mut self) -> Result<(), Stop> {
        if !self.pending.is_empty() {
            let pending = std::mem::take(&mut self.pending);
            self.stream.write_all(&pending)?;
        }
        Ok(self.stream.flush()?)
    }

    /// Sends a piece of the body; `content` says whether it counts as content.
    pub fn push(&mut self, mut piece: &[u8], content: bool) -> Result<(), Stop> {
        while !piece.is_empty() {
            self.boundary()?;
            let len = piece.len().min(usize::try_from(self.room()).unwrap_or(usize::MAX));
            let (now, later) = piece.split_at(len);
            self.pace()?;
            // Counted first: whoever has received the bytes finds them counted.
            if content {
                self.counters.lock().served += len as u64;
                self.log.sent(self.id, len as u64);
            }
            self.write(now)?;
            self.sent += len as u64;
            piece = later;
        }
        Ok(())
    }

    /// Ends the body.
    pub fn finish(&mut self) -> Result<(), Stop> {
        if self.cut_at == Some(self.sent) {
            self.boundary()?;
        }
        if self.chunked {
            self.pending.extend_from_slice(b"0\r\n\r\n");
        }
        self.flush()
    }

    /// Waits until released, the stall's time is over or the client has gone.
    pub fn stall(&mut self) -> Result<(), Stop> {
        self.flush()?;
        let patience = self.faults.stall_timeout_ms.map_or(STALL_TIMEOUT, Duration::from_millis);
        let deadline = Instant::now() + patience;
        let tcp = self.stream.tcp().clone();
        tcp.set_read_timeout(Some(STALL_GLANCE))?;
        self.log.stall(self.id);
        let mut result = Ok(());
        while self.log.is_stalled(self.id) && Instant::now() < deadline {
            // The peek is the wait: it ends at once when the client closes.
            match tcp.peek(&mut [0]) {
                Err(error)
                    if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {}
                // Amid a response only a pipelining client says something; under TLS it is its goodbye.
                Ok(1..) if !self.stream.is_tls() => self.log.wait_stalled(self.id, STALL_GLANCE),
                Ok(_) | Err(_) => {
                    result = Err(Stop::ClientLeft);
                    break;
                }
            }
        }
        self.log.release_one(self.id);
        tcp.set_read_timeout(None)?;
        // The rate counts from here on: a pause is not made up for by a burst.
        self.paced_from = None;
        result
    }

    /// Does what is due at the present position.
    fn boundary(&mut self) -> Result<(), Stop> {
        if self.faults.stall_after == Some(self.sent) && !self.stalled {
            self.stalled = true;
            self.stall()?;
        }
        if self.faults.reset_after == Some(self.sent) {
            self.flush()?;
            return Err(Stop::Reset);
        }
        if self.cut_at == Some(self.sent) {
            self.flush()?;
            return Err(Stop::Cut);
        }
        Ok(())
    }

    /// How many bytes may follow in one piece.
    fn room(&self) -> u64 {
        let stall = self.faults.stall_after.filter(|_| !self.stalled);
        let marks = [stall, self.faults.reset_after, self.cut_at];
        let ahead = marks.into_iter().flatten().filter(|at| *at > self.sent).map(|at| at - self.sent).min();
        let slice = self.rate.map(|rate| (rate / 50).clamp(1, JOINED as u64));
        ahead.unwrap_or(u64::MAX).min(slice.unwrap_or(u64::MAX))
    }

    /// Keeps to the rate: a piece leaves when those before it have taken their time.
    fn pace(&mut self) -> Result<(), Stop> {
        let Some(rate) = self.rate else { return Ok(()) };
        let taken = |bytes: u64| Duration::from_secs_f64(bytes as f64 / rate as f64);
        let from = *self.paced_from.get_or_insert_with(|| Instant::now() - taken(self.sent));
        let due = from + taken(self.sent);
        if due > Instant::now() {
            self.flush()?;
            thread::sleep(due.saturating_duration_since(Instant::now()));
        }
        Ok(())
    }

    fn write(&mut self, piece: &[u8]) -> Result<(), Stop> {
        if self.chunked {
            self.pending.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
            self.pending.extend_from_slice(piece);
            self.pending.extend_from_slice(b"\r\n");
            self.flush()
        } else if self.pending.is_empty() {
            Ok(self.stream.write_all(piece)?)
        } else if piece.len() <= JOINED {
            self.pending.extend_from_slice(piece);
            self.flush()
        } else {
            self.flush()?;
            Ok(self.stream.write_all(piece)?)
        }
    }
}
