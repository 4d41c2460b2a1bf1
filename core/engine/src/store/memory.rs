//! A store that lasts as long as its clones: for tests, and for queues nobody wants to keep.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;

use super::{Batch, EachRecord, Op, Store, StoreError, Table};

/// Records in memory. Clones share their content, so a clone kept aside stands for the medium
/// when a queue is closed and opened again.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore(Arc<Mutex<Records>>);

type Records = BTreeMap<(Table, Vec<u8>), Vec<u8>>;

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> MemoryStore {
        MemoryStore::default()
    }

    /// A store with a copy of the present content, no longer shared: the medium as it is now.
    #[must_use]
    pub fn snapshot(&self) -> MemoryStore {
        MemoryStore(Arc::new(Mutex::new(self.0.lock().clone())))
    }
}

impl Store for MemoryStore {
    fn load(&self, each: &mut EachRecord<'_>) -> Result<(), StoreError> {
        for ((table, key), value) in self.0.lock().iter() {
            each(*table, key, value);
        }
        Ok(())
    }

    fn apply(&self, batch: Batch) -> Result<(), StoreError> {
        let mut records = self.0.lock();
        for op in batch.ops {
            match op {
                Op::Put(table, key, value) => {
                    records.insert((table, key), value);
                }
                Op::Delete(table, key) => {
                    records.remove(&(table, key));
                }
                Op::DeletePrefix(table, prefix) => {
                    records.retain(|(t, key), _| *t != table || !key.starts_with(&prefix));
                }
            }
        }
        Ok(())
    }
}
