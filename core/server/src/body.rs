//! Bodies of requests, from the connection to the disk.

use std::fs::File;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::{Body, Bytes, Incoming};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::storage::Data;

/// As much is written at once.
const PORTION: usize = 512 * 1024;
/// After so much the disk begins, so that little is left to wait for at the end.
const EARLY: u64 = 4 * 1024 * 1024;

/// The client is gone, silent, or has sent a newer request.
pub struct Cut;

/// Why a body did not end as it should.
pub enum Stop {
    /// See [`Cut`].
    Cut,
    /// Something could not be written; what was counted was.
    Write(io::Error),
    /// What was written did not reach the disk.
    Sync(io::Error),
}

/// The body of one request.
pub struct Receiver<'a> {
    body: &'a mut Incoming,
    idle_timeout: Duration,
    turn: watch::Receiver<u64>,
}

impl<'a> Receiver<'a> {
    /// Reads a body until a newer request for the session comes.
    pub fn new(body: &'a mut Incoming, idle_timeout: Duration, turn: watch::Receiver<u64>) -> Receiver<'a> {
        Receiver { body, idle_timeout, turn }
    }

    /// The next bytes; none at the end.
    async fn next(&mut self) -> Result<Option<Bytes>, Cut> {
        loop {
            let frame = std::future::poll_fn(|context| Pin::new(&mut *self.body).poll_frame(context));
            let frame = tokio::select! {
                biased;
                frame = frame => frame,
                _ = self.turn.changed() => return Err(Cut),
                () = tokio::time::sleep(self.idle_timeout) => return Err(Cut),
            };
            match frame {
                None => return Ok(None),
                Some(Err(_)) => return Err(Cut),
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data()
                        && !data.is_empty()
                    {
                        return Ok(Some(data));
                    }
                }
            }
        }
    }

    /// Throws the rest away.
    pub async fn skip(&mut self) -> Result<(), Cut> {
        while self.next().await?.is_some() {}
        Ok(())
    }
}

/// Throws a body away that nobody wants, so that its sender can read the answer.
pub async fn drain(body: &mut Incoming, most: u64, idle_timeout: Duration) {
    let (_keep, turn) = watch::channel(0);
    let mut receiver = Receiver::new(body, idle_timeout, turn);
    let mut read = 0;
    while read < most {
        match receiver.next().await {
            Ok(Some(data)) => read += data.len() as u64,
            Ok(None) | Err(Cut) => return,
        }
    }
}

/// Writes a body without its first `skip` bytes behind the first `offset` bytes of a file, of which the last `unsynced`
/// may not be on disk. Returns how many bytes were written, in any case.
pub async fn append(
    data: &Arc<Data>,
    offset: u64,
    mut skip: u64,
    receiver: &mut Receiver<'_>,
    unsynced: u64,
) -> (u64, Result<(), Stop>) {
    let mut writer =
        Writer { data: Arc::clone(data), offset, written: 0, unsynced, under_way: None, early: None };
    let result = async {
        let mut portion = Vec::new();
        let mut size = 0;
        let mut opened = false;
        loop {
            let next = tokio::select! {
                biased;
                next = receiver.next() => next,
                // What came with the head of the request is written in one go; for the rest the file is there early.
                () = open(data), if !opened => {
                    opened = true;
                    continue;
                }
            };
            if let Ok(Some(data)) = &next {
                let mut data = data.clone();
                let held = data.len().min(usize::try_from(skip).unwrap_or(usize::MAX));
                skip -= held as u64;
                data = data.slice(held..);
                size += data.len();
                if !data.is_empty() {
                    portion.push(data);
                }
            }
            let ended = !matches!(next, Ok(Some(_)));
            if size > 0 && (ended || size >= PORTION) {
                writer.write(std::mem::take(&mut portion)).await?;
                size = 0;
            }
            match next {
                Ok(Some(_)) => {}
                Ok(None) => return Ok(()),
                Err(Cut) => return Err(Stop::Cut),
            }
        }
    }
    .await;
    let end = writer.end().await;
    // A failing disk is told before a failing connection: the answer may still reach somebody.
    (writer.written, end.and(result))
}

/// Opens a file; whoever writes to it is told why it cannot be.
async fn open(data: &Arc<Data>) {
    let data = Arc::clone(data);
    let _ = tokio::task::spawn_blocking(move || data.file().is_ok()).await;
}

struct Writer {
    data: Arc<Data>,
    offset: u64,
    written: u64,
    unsynced: u64,
    /// The write under way, while the next portion is received.
    under_way: Option<JoinHandle<(u64, io::Result<()>)>>,
    /// The disk under way.
    early: Option<JoinHandle<io::Result<()>>>,
}

impl Writer {
    async fn write(&mut self, portion: Vec<Bytes>) -> Result<(), Stop> {
        self.settle().await?;
        if self.unsynced >= EARLY && self.early.as_ref().is_none_or(JoinHandle::is_finished) {
            self.synced().await?;
            let file = self.data.file().map_err(Stop::Write)?;
            self.early = Some(tokio::task::spawn_blocking(move || file.sync_data()));
            self.unsynced = 0;
        }
        let (data, offset) = (Arc::clone(&self.data), self.offset + self.written);
        self.under_way = Some(tokio::task::spawn_blocking(move || match data.file() {
            Ok(file) => write_all(&file, offset, &portion),
            Err(error) => (0, Err(error)),
        }));
        Ok(())
    }

    async fn settle(&mut self) -> Result<(), Stop> {
        let Some(under_way) = self.under_way.take() else { return Ok(()) };
        let (written, result) = under_way.await.unwrap_or_else(|error| (0, Err(io::Error::other(error))));
        self.written += written;
        self.unsynced += written;
        result.map_err(Stop::Write)
    }

    /// The answer of the disk: it tells of a failure once, so it must not be missed.
    async fn synced(&mut self) -> Result<(), Stop> {
        let Some(early) = self.early.take() else { return Ok(()) };
        early.await.unwrap_or_else(|error| Err(io::Error::other(error))).map_err(Stop::Sync)
    }

    async fn end(&mut self) -> Result<(), Stop> {
        let written = self.settle().await;
        self.synced().await.and(written)
    }
}

/// Writes everything; how much was written, in any case.
fn write_all(file: &File, offset: u64, portion: &[Bytes]) -> (u64, io::Result<()>) {
    let mut slices: Vec<IoSlice<'_>> = portion.iter().map(|data| IoSlice::new(data)).collect();
    let mut rest = slices.as_mut_slice();
    let mut written = 0;
    while !rest.is_empty() {
        match rustix::io::pwritev(file, &rest[..rest.len().min(1024)], offset + written) {
            Ok(0) => return (written, Err(io::ErrorKind::WriteZero.into())),
            Ok(count) => {
                written += count as u64;
                IoSlice::advance_slices(&mut rest, count);
            }
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return (written, Err(error.into())),
        }
    }
    (written, Ok(()))
}
