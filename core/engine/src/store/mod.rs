//! Where the queue is kept between runs: one atomic, durable batch per commit.
//!
//! The store moves bytes; what they mean is `model`'s business.

pub mod failing;
pub mod lock;
#[cfg(test)]
mod medium;
pub mod memory;
pub mod redb;

use std::fmt;
use std::io;
use std::path::Path;

/// A kind of record. The numbers are on disk: never reuse one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Table {
    /// Facts about the store itself, such as its schema version.
    Meta = 0,
    /// One record per job, keyed by its identifier.
    Jobs = 1,
    /// What a file is (names, options), keyed by job and index. Written once.
    Files = 2,
    /// How far a file has come, keyed by job and index. Written at checkpoints.
    Progress = 3,
    /// Sessions of uploads that are to be cancelled, keyed by a number.
    Cancellations = 4,
}

/// Changes that become durable together or not at all, in order.
#[derive(Debug, Default)]
pub struct Batch {
    /// The changes.
    pub ops: Vec<Op>,
}

/// One change.
#[derive(Debug)]
pub enum Op {
    /// Insert or replace a record.
    Put(Table, Vec<u8>, Vec<u8>),
    /// Remove a record, if it is there.
    Delete(Table, Vec<u8>),
    /// Remove all records whose key begins with this prefix.
    DeletePrefix(Table, Vec<u8>),
}

/// Receives a record: its kind, key and value.
pub type EachRecord<'a> = dyn FnMut(Table, &[u8], &[u8]) + 'a;

/// A medium that keeps the queue.
pub trait Store: Send + Sync {
    /// Calls `each` with every record, ordered by table and key.
    ///
    /// # Errors
    /// [`StoreError`] when the medium cannot be read.
    fn load(&self, each: &mut EachRecord<'_>) -> Result<(), StoreError>;

    /// Applies the whole batch.
    ///
    /// When it returns `Ok`, the batch survives `kill -9` and power loss. When it fails, the next
    /// [`Store::load`] may find the batch whole or not at all, never in part.
    ///
    /// # Errors
    /// [`StoreError`] when the medium refused; the caller must stop writing and reopen.
    fn apply(&self, batch: Batch) -> Result<(), StoreError>;

    /// Keeps what is there under another name and goes on empty: for records that are whole and yet
    /// make no sense to the queue. `why` says so in the log.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] for a medium that has no other name; [`StoreError`] when it refused.
    fn set_aside(&mut self, why: &str) -> Result<(), StoreError> {
        Err(StoreError::Corrupt(why.to_owned()))
    }
}

/// Why the store could not do what was asked.
#[derive(Debug)]
pub enum StoreError {
    /// The content cannot be understood; the message says where.
    Corrupt(String),
    /// Another process has the store open; its process id where it is known.
    InUse(Option<u32>),
    /// The store was written by a newer version.
    TooNew(u32),
    /// The medium failed: full, gone, not permitted.
    Io(io::Error),
}

impl StoreError {
    /// An [`StoreError::Io`] that says what was being done to which file, with the error's kind kept.
    pub(crate) fn io(doing: &str, path: &Path, error: &io::Error) -> StoreError {
        StoreError::Io(io::Error::new(error.kind(), format!("{doing} {}: {error}", path.display())))
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StoreError::Corrupt(what) => write!(f, "the job store is damaged: {what}"),
            StoreError::InUse(Some(pid)) => {
                write!(f, "the queue is open in process {pid}; end that one, or choose another directory")
            }
            StoreError::InUse(None) => {
                write!(f, "the queue is open in another process; end that one, or choose another directory")
            }
            StoreError::TooNew(version) => {
                write!(f, "the job store has schema {version}, written by a newer bgcopy")
            }
            StoreError::Io(error) => write!(f, "the job store failed: {error}"),
        }
    }
}

impl std::error::Error for StoreError {}
