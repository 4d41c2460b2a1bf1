//! Bytes of files, from the disk to the connection.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, IoSliceMut};
use std::os::unix::fs::FileExt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use hyper::body::{Buf, Bytes};
use parking_lot::Mutex;
use rustix::io::{Errno, ReadWriteFlags};
use tokio::task::JoinHandle;

use crate::byte_range::Slice;
use crate::outlet::{self, Outlet, Stretch};

/// As much is read at once: it stays in the cache of the processor until it is sent.
const PORTION: usize = 256 * 1024;

/// Less than this is quicker copied with its headers than sent by itself.
const DIRECT: u64 = 64 * 1024;

/// A part of a body.
pub enum Part {
    /// What stands between ranges.
    Text(Bytes),
    /// Bytes of the file.
    File(Slice),
}

impl Part {
    /// How many bytes it has.
    pub fn length(&self) -> u64 {
        match self {
            Part::Text(text) => text.len() as u64,
            Part::File(slice) => slice.length,
        }
    }
}

/// Buffers of one body that were sent.
type Pool = Arc<Mutex<Vec<Vec<u8>>>>;

/// Bytes that are sent next.
pub enum Chunk {
    /// These.
    Bytes(Bytes),
    /// Those of a buffer, which is used again when they are sent.
    Buffer(Buffer),
    /// Those of a file, which the connection sends.
    Stretch(Stretch),
}

/// A buffer that goes back to where it is from.
pub struct Buffer {
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    pool: Pool,
}

impl Drop for Buffer {
    fn drop(&mut self) {
        self.pool.lock().push(std::mem::take(&mut self.bytes));
    }
}

impl Buf for Chunk {
    fn remaining(&self) -> usize {
        match self {
            Chunk::Bytes(bytes) => bytes.len(),
            Chunk::Buffer(buffer) => buffer.end - buffer.start,
            Chunk::Stretch(stretch) => stretch.remaining(),
        }
    }

    fn chunk(&self) -> &[u8] {
        match self {
            Chunk::Bytes(bytes) => bytes,
            Chunk::Buffer(buffer) => &buffer.bytes[buffer.start..buffer.end],
            Chunk::Stretch(stretch) => stretch.chunk(),
        }
    }

    fn advance(&mut self, count: usize) {
        match self {
            Chunk::Bytes(bytes) => bytes.advance(count),
            Chunk::Buffer(buffer) => buffer.start = (buffer.start + count).min(buffer.end),
            Chunk::Stretch(stretch) => stretch.advance(count),
        }
    }
}

/// The rest of a body.
pub struct Sender {
    file: Arc<File>,
    parts: VecDeque<Part>,
    left: u64,
    /// As much is read at once.
    portion: usize,
    pool: Pool,
    /// Where the connection sends files by itself.
    outlet: Option<Outlet>,
    /// Waits for the disk on a thread that may wait.
    reading: Option<JoinHandle<io::Result<Buffer>>>,
}

impl Sender {
    /// Sends these parts, of `length` bytes together.
    pub fn new(file: Arc<File>, parts: VecDeque<Part>, length: u64) -> Sender {
        Sender {
            file,
            parts,
            left: length,
            portion: PORTION,
            pool: Pool::default(),
            outlet: None,
            reading: None,
        }
    }

    /// Sends through the outlet of its connection what is in memory.
    pub fn direct(&mut self, outlet: Outlet) {
        self.outlet = Some(outlet);
    }

    /// Reads at most so much at once.
    pub fn portion(&mut self, bytes: usize) {
        self.portion = bytes.clamp(1, PORTION);
    }

    /// How many bytes are left.
    pub fn left(&self) -> u64 {
        self.left
    }

    /// The next bytes; none at the end.
    ///
    /// # Errors
    /// The file cannot be read, or has become shorter: the connection is closed, so that its client knows.
    pub fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Chunk>>> {
        loop {
            if let Some(reading) = &mut self.reading {
                let read = ready!(Pin::new(reading).poll(context));
                self.reading = None;
                let read = read.unwrap_or_else(|error| Err(io::Error::other(error)));
                return Poll::Ready(Some(read.and_then(|buffer| self.take(buffer))));
            }
            match self.parts.front_mut() {
                None => return Poll::Ready(None),
                Some(Part::Text(text)) => {
                    let text = std::mem::take(text);
                    self.parts.pop_front();
                    self.left -= text.len() as u64;
                    return Poll::Ready(Some(Ok(Chunk::Bytes(text))));
                }
                Some(Part::File(Slice { length: 0, .. })) => {
                    self.parts.pop_front();
                }
                Some(Part::File(slice)) => {
                    let slice = *slice;
                    if let Some(stretch) = self.stretch(slice) {
                        self.advance(stretch.remaining() as u64);
                        return Poll::Ready(Some(Ok(Chunk::Stretch(stretch))));
                    }
                    let mut buffer = self.buffer(slice.length);
                    match read_cached(&self.file, slice.start, &mut buffer.bytes) {
                        Ok(count) => {
                            buffer.end = count;
                            return Poll::Ready(Some(self.take(buffer)));
                        }
                        Err(error) if error.kind() != io::ErrorKind::WouldBlock => {
                            return Poll::Ready(Some(Err(error)));
                        }
                        Err(_) => {}
                    }
                    let file = Arc::clone(&self.file);
                    self.reading = Some(tokio::task::spawn_blocking(move || {
                        buffer.end = file.read_at(&mut buffer.bytes, slice.start)?;
                        Ok(buffer)
                    }));
                }
            }
        }
    }

    /// The first bytes of a slice, if there is an outlet for them and no need to wait for the disk.
    fn stretch(&self, slice: Slice) -> Option<Stretch> {
        let outlet = self.outlet.as_ref().filter(|_| slice.length >= DIRECT)?;
        let length = slice.length.min(outlet::LONGEST as u64);
        let cached = |offset| read_cached(&self.file, offset, &mut [0]).is_ok_and(|count| count == 1);
        let there = cached(slice.start) && cached(slice.start + length - 1);
        there.then(|| outlet.stretch(Arc::clone(&self.file), slice.start, length as usize))
    }

    fn buffer(&self, length: u64) -> Buffer {
        let size = usize::try_from(length).unwrap_or(PORTION).min(self.portion);
        let mut bytes = self.pool.lock().pop().unwrap_or_default();
        bytes.resize(size, 0);
        Buffer { bytes, start: 0, end: 0, pool: Arc::clone(&self.pool) }
    }

    /// Notes what was read.
    fn take(&mut self, buffer: Buffer) -> io::Result<Chunk> {
        let count = buffer.end as u64;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.advance(count);
        Ok(Chunk::Buffer(buffer))
    }

    fn advance(&mut self, count: u64) {
        if let Some(Part::File(slice)) = self.parts.front_mut() {
            slice.start += count;
            slice.length -= count;
            if slice.length == 0 {
                self.parts.pop_front();
            }
        }
        self.left -= count;
    }
}

/// Reads what is in memory; `WouldBlock` where it has to come from a disk, or nobody can tell.
fn read_cached(file: &File, offset: u64, bytes: &mut [u8]) -> io::Result<usize> {
    let slices = &mut [IoSliceMut::new(bytes)];
    match rustix::io::preadv2(file, slices, offset, ReadWriteFlags::NOWAIT) {
        Ok(count) => Ok(count),
        Err(Errno::OPNOTSUPP) if is_memory(file) => Ok(rustix::io::preadv(file, slices, offset)?),
        Err(Errno::AGAIN | Errno::OPNOTSUPP | Errno::NOSYS) => Err(io::ErrorKind::WouldBlock.into()),
        Err(error) => Err(error.into()),
    }
}

/// Whether the file system of a file has no disk to wait for: tmpfs.
fn is_memory(file: &File) -> bool {
    // TMPFS_MAGIC of statfs(2).
    rustix::fs::fstatfs(file).is_ok_and(|system| system.f_type == 0x0102_1994)
}
