//! A store that fails on purpose, for tests.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Batch, EachRecord, Store, StoreError};

/// Whether the batch that fails reached the medium. Callers must cope with both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailWhen {
    /// Nothing of the batch is kept.
    Before,
    /// The batch is kept, but the caller is told that it failed.
    After,
}

/// Wraps a store and fails its `nth` [`Store::apply`], counted from 1, and all later ones.
///
/// Later calls fail too because a medium that failed once must not be trusted until it is reopened.
#[derive(Debug)]
pub struct FailingStore<S> {
    inner: S,
    nth: u64,
    when: FailWhen,
    applied: AtomicU64,
}

impl<S: Store> FailingStore<S> {
    /// A store that passes `nth - 1` batches on to `inner` and then fails.
    pub fn new(inner: S, nth: u64, when: FailWhen) -> FailingStore<S> {
        FailingStore { inner, nth, when, applied: AtomicU64::new(0) }
    }

    /// How many batches were asked for so far.
    pub fn applied(&self) -> u64 {
        self.applied.load(Ordering::SeqCst)
    }
}

impl<S: Store> Store for FailingStore<S> {
    fn load(&self, each: &mut EachRecord<'_>) -> Result<(), StoreError> {
        self.inner.load(each)
    }

    fn apply(&self, batch: Batch) -> Result<(), StoreError> {
        let number = self.applied.fetch_add(1, Ordering::SeqCst) + 1;
        if number < self.nth {
            return self.inner.apply(batch);
        }
        if number == self.nth && self.when == FailWhen::After {
            self.inner.apply(batch)?;
        }
        Err(StoreError::Io(io::Error::from_raw_os_error(libc::EIO)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::memory::MemoryStore;
    use super::super::{Op, Table};
    use super::*;

    #[test]
    fn the_nth_batch_fails_kept_or_not_and_so_do_all_later_ones() {
        for (when, kept) in [(FailWhen::Before, 1), (FailWhen::After, 2)] {
            let medium = MemoryStore::new();
            let store = FailingStore::new(medium.clone(), 2, when);
            let results: Vec<bool> = (0u8..4)
                .map(|n| store.apply(Batch { ops: vec![Op::Put(Table::Jobs, vec![n], vec![])] }).is_ok())
                .collect();
            assert_eq!(results, [true, false, false, false]);
            let mut count = 0;
            medium.load(&mut |_, _, _| count += 1).unwrap();
            assert_eq!(count, kept, "{when:?}");
            assert_eq!(store.applied(), 4);
        }
    }
}
