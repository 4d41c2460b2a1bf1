//! Failing file calls on purpose.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A kind of file call that can be counted and failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Call {
    /// Opening a directory.
    OpenDirectory,
    /// Opening or creating a file.
    Open,
    /// Reading from a file.
    Read,
    /// Writing to a file.
    Write,
    /// Setting the length of a file.
    Truncate,
    /// Reserving space.
    Reserve,
    /// Sharing bytes with another file.
    Share,
    /// Letting the kernel copy bytes of another file.
    Copy,
    /// Starting write-back early.
    WriteBack,
    /// Setting times.
    Times,
    /// Setting owner, permissions or labels.
    Permissions,
    /// Asking for attributes of a file or file system.
    Stat,
    /// Making a file or directory durable.
    Sync,
    /// Making a whole file system durable.
    SyncFileSystem,
    /// Renaming a file.
    Rename,
    /// Removing a name.
    Unlink,
}

const CALLS: usize = Call::Unlink as usize + 1;

/// Counts the calls of everything opened with it, and fails the ones a test chose.
///
/// Clones share the counts. The default neither counts nor fails and costs one comparison.
#[derive(Clone, Debug, Default)]
pub struct Faults(Option<Arc<Plan>>);

#[derive(Debug)]
struct Plan {
    /// Which kind of call fails; all kinds where none.
    call: Option<Call>,
    /// The number of the first call that fails, counted from 1.
    nth: u64,
    /// How many calls fail from there on.
    times: u64,
    errno: i32,
    counts: [AtomicU64; CALLS],
    total: AtomicU64,
}

impl Faults {
    /// Nothing is counted and nothing fails.
    #[must_use]
    pub fn none() -> Faults {
        Faults(None)
    }

    /// Calls are counted and none fails.
    #[must_use]
    pub fn count_only() -> Faults {
        Faults::plan(None, 1, 0, 0)
    }

    /// The `nth` call of this kind, counted from 1, fails with `errno`; the others pass.
    #[must_use]
    pub fn fail_call(call: Call, nth: u64, errno: i32) -> Faults {
        Faults::plan(Some(call), nth, 1, errno)
    }

    /// The `nth` call of any kind fails with `errno`; the others pass.
    #[must_use]
    pub fn fail_any(nth: u64, errno: i32) -> Faults {
        Faults::plan(None, nth, 1, errno)
    }

    fn plan(call: Option<Call>, nth: u64, times: u64, errno: i32) -> Faults {
        let (counts, total) = Default::default();
        Faults(Some(Arc::new(Plan { call, nth, times, errno, counts, total })))
    }

    /// How many calls of this kind were made.
    #[must_use]
    pub fn count(&self, call: Call) -> u64 {
        self.0.as_ref().map_or(0, |plan| plan.counts[call as usize].load(Ordering::SeqCst))
    }

    /// How many calls of any kind were made.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.as_ref().map_or(0, |plan| plan.total.load(Ordering::SeqCst))
    }

    /// Counts a call about to be made.
    ///
    /// # Errors
    /// The call is one that shall fail, and must not be made.
    pub(super) fn check(&self, call: Call) -> io::Result<()> {
        match &self.0 {
            None => Ok(()),
            Some(plan) => plan.check(call),
        }
    }
}

impl Plan {
    #[cold]
    fn check(&self, call: Call) -> io::Result<()> {
        let of_kind = self.counts[call as usize].fetch_add(1, Ordering::SeqCst) + 1;
        let of_any = self.total.fetch_add(1, Ordering::SeqCst) + 1;
        let number = match self.call {
            None => of_any,
            Some(kind) if kind == call => of_kind,
            Some(_) => return Ok(()),
        };
        if (self.nth..self.nth.saturating_add(self.times)).contains(&number) {
            return Err(io::Error::from_raw_os_error(self.errno));
        }
        Ok(())
    }
}
