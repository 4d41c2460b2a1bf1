//! How far a file has come, shared by the worker that writes it and whoever makes it durable.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

use bgcopy_protocol::file_range::RangeSet;

use super::Version;
use crate::sys::fs::{Directory, File};

/// Stands for a total that is not known.
const UNKNOWN: u64 = u64::MAX;

/// Counters of one attempt at one file. Reading them never waits.
///
/// An *epoch* ends when the bytes received so far become void. Whoever claims that `written` bytes
/// are durable must claim it for the epoch of its [`Snapshot`], and drop the claim when
/// [`Progress::epoch`] is another by then.
#[derive(Debug)]
pub struct Progress {
    /// Bytes in the page cache: from the beginning of the file on, unless it is fetched in parts.
    written: AtomicU64,
    total: AtomicU64,
    /// Changed together with `written` when an epoch ends.
    epoch: Mutex<Epoch>,
}

#[derive(Debug)]
struct Epoch {
    number: u64,
    version: Version,
    file: Option<(Arc<File>, Arc<Directory>)>,
    /// Which bytes are written, of a file that is fetched in parts.
    filled: Option<RangeSet>,
    /// The headers of the last answer; they outlive the epoch.
    headers: Option<Box<str>>,
}

/// What was true at one moment: after [`Snapshot::file`] is synced, the first `written` bytes are durable.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The epoch `written` belongs to.
    pub epoch: u64,
    /// The version of the remote file the bytes belong to.
    pub version: Version,
    /// Bytes from the beginning of the file on, or of `filled`.
    pub written: u64,
    /// Which bytes are written, of a file that is fetched in parts.
    pub filled: Option<RangeSet>,
    /// The file, to be synced before the claim.
    pub file: Arc<File>,
    /// Where its name is, to be synced too when the name is new.
    pub directory: Arc<Directory>,
}

impl Progress {
    /// The state an attempt begins with: `offset` durable bytes of `version`, epoch 0.
    #[must_use]
    pub fn new(offset: u64, version: Version) -> Progress {
        Progress {
            written: AtomicU64::new(offset),
            total: AtomicU64::new(version.size.unwrap_or(UNKNOWN)),
            epoch: Mutex::new(Epoch { number: 0, version, file: None, filled: None, headers: None }),
        }
    }

    /// The same for a file that is fetched in parts: these bytes of the local file are there, of `total` in
    /// all.
    #[must_use]
    pub fn of_parts(filled: RangeSet, total: Option<u64>, version: Version) -> Progress {
        Progress {
            written: AtomicU64::new(filled.total()),
            total: AtomicU64::new(total.unwrap_or(UNKNOWN)),
            epoch: Mutex::new(Epoch { number: 0, version, file: None, filled: Some(filled), headers: None }),
        }
    }

    /// Which bytes are written, of a file that is fetched in parts.
    #[must_use]
    pub fn filled(&self) -> Option<RangeSet> {
        self.epoch.lock().filled.clone()
    }

    /// Bytes received and handed to the system, from the beginning of the file on.
    #[must_use]
    pub fn written(&self) -> u64 {
        self.written.load(Ordering::Acquire)
    }

    /// The size of the file in bytes, once known.
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        Some(self.total.load(Ordering::Acquire)).filter(|total| *total != UNKNOWN)
    }

    /// The present epoch.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.epoch.lock().number
    }

    /// What can be claimed after a sync; `None` while no file is open.
    #[must_use]
    pub fn snapshot(&self) -> Option<Snapshot> {
        let epoch = self.epoch.lock();
        let (file, directory) = epoch.file.clone()?;
        Some(Snapshot {
            epoch: epoch.number,
            version: epoch.version.clone(),
            written: epoch.filled.as_ref().map_or_else(|| self.written(), RangeSet::total),
            filled: epoch.filled.clone(),
            file,
            directory,
        })
    }

    /// The headers of the last answer to this attempt.
    #[must_use]
    pub fn response_headers(&self) -> Option<Box<str>> {
        self.epoch.lock().headers.clone()
    }

    /// As [`Progress::response_headers`], when the attempt is over.
    #[must_use]
    pub fn take_response_headers(&self) -> Option<Box<str>> {
        self.epoch.lock().headers.take()
    }

    /// Notes the headers of an answer.
    pub fn set_response_headers(&self, headers: String) {
        self.epoch.lock().headers = Some(headers.into());
    }

    /// Lets go of the file, when the attempt is over and its last snapshot taken.
    pub fn close(&self) {
        self.epoch.lock().file = None;
    }

    pub(super) fn set_file(&self, file: Arc<File>, directory: Arc<Directory>) {
        self.epoch.lock().file = Some((file, directory));
    }

    pub(super) fn begin(&self, version: &Version) {
        self.epoch.lock().version = version.clone();
        self.total.store(version.size.unwrap_or(UNKNOWN), Ordering::Release);
    }

    /// The same for a file that is fetched in parts, whose local size is `total`.
    pub(super) fn begin_parts(&self, version: &Version, total: Option<u64>) {
        self.epoch.lock().version = version.clone();
        self.total.store(total.unwrap_or(UNKNOWN), Ordering::Release);
    }

    /// The bytes from `start` up to `end` are written.
    pub(super) fn fill(&self, start: u64, end: u64) {
        let mut epoch = self.epoch.lock();
        if let Some(filled) = &mut epoch.filled {
            filled.insert(start, end);
            self.written.store(filled.total(), Ordering::Release);
        }
    }

    pub(super) fn advance(&self, written: u64) {
        self.written.store(written, Ordering::Release);
    }

    /// Ends the epoch: nothing is written, of no known version. The number of the new one.
    pub(super) fn restart(&self) -> u64 {
        let mut epoch = self.epoch.lock();
        epoch.number += 1;
        epoch.version = Version::default();
        if let Some(filled) = &mut epoch.filled {
            filled.clear();
        }
        self.written.store(0, Ordering::Release);
        self.total.store(UNKNOWN, Ordering::Release);
        epoch.number
    }

    pub(super) fn finish(&self, size: u64) {
        self.total.store(size, Ordering::Release);
        self.close();
    }
}
