//! A simulated disk under redb: it fails and loses power where a test says.

use std::io;
use std::sync::Arc;

use parking_lot::Mutex;
use redb::StorageBackend;

use super::redb::RedbStore;
use super::{Batch, Op, Store, StoreError, Table};

/// What happens at the chosen operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// It fails, and the medium works again afterwards.
    Error,
    /// The power goes: it and everything after it fails.
    PowerLoss,
}

#[derive(Debug, Default)]
struct Content {
    live: Vec<u8>,
    /// What the last completed sync made safe.
    synced: Vec<u8>,
    /// Changes since then, which a crash may keep or lose one by one.
    unsynced: Vec<Change>,
    /// Writes, resizes and syncs so far.
    operations: u64,
    fate: Option<(u64, Fate)>,
}

#[derive(Clone, Debug)]
enum Change {
    Write(u64, Vec<u8>),
    Resize(u64),
}

/// Clones share the same content.
#[derive(Clone, Debug, Default)]
struct Medium(Arc<Mutex<Content>>);

impl Change {
    fn apply(&self, image: &mut Vec<u8>) {
        match self {
            Change::Write(offset, data) => {
                let (start, end) = (*offset as usize, *offset as usize + data.len());
                if image.len() < end {
                    image.resize(end, 0);
                }
                image[start..end].copy_from_slice(data);
            }
            Change::Resize(len) => image.resize(*len as usize, 0),
        }
    }
}

impl Medium {
    fn with(image: Vec<u8>) -> Medium {
        Medium(Arc::new(Mutex::new(Content { live: image.clone(), synced: image, ..Content::default() })))
    }

    /// A medium with an empty store, whose `nth` operation from here on meets its `fate`.
    ///
    /// Making a store needs no such test: it gets its name only when it is complete.
    fn failing(nth: u64, fate: Fate) -> Medium {
        let medium = Medium::default();
        drop(RedbStore::with_backend(medium.clone()).unwrap());
        let medium = Medium::with(medium.live());
        medium.0.lock().fate = Some((nth, fate));
        medium
    }

    fn operations(&self) -> u64 {
        self.0.lock().operations
    }

    fn live(&self) -> Vec<u8> {
        self.0.lock().live.clone()
    }

    /// What may be on the disk after the power went: each unsynced change kept where `keep` says so.
    fn after_power_loss(&self, mut keep: impl FnMut() -> bool) -> Vec<u8> {
        let content = self.0.lock();
        let mut image = content.synced.clone();
        for change in &content.unsynced {
            if keep() {
                change.apply(&mut image);
            }
        }
        image
    }
}

impl Content {
    /// Counts one operation; an error where it is fated to fail.
    fn step(&mut self) -> io::Result<()> {
        self.operations += 1;
        match self.fate {
            Some((nth, Fate::Error)) if self.operations == nth => {
                Err(io::Error::from_raw_os_error(libc::EIO))
            }
            Some((nth, Fate::PowerLoss)) if self.operations >= nth => {
                Err(io::Error::from_raw_os_error(libc::EIO))
            }
            _ => Ok(()),
        }
    }

    fn change(&mut self, change: Change) -> io::Result<()> {
        let step = self.step();
        // A change that the power cut interrupted may still have reached the disk.
        if step.is_err()
            && self.fate.is_some_and(|(nth, fate)| (nth, fate) == (self.operations, Fate::PowerLoss))
        {
            self.unsynced.push(change);
            return step;
        }
        step?;
        change.apply(&mut self.live);
        self.unsynced.push(change);
        Ok(())
    }
}

impl StorageBackend for Medium {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.lock().live.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let content = self.0.lock();
        let start = offset as usize;
        let from = content
            .live
            .get(start..start + out.len())
            .ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))?;
        out.copy_from_slice(from);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.lock().change(Change::Resize(len))
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.0.lock().change(Change::Write(offset, data.to_vec()))
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut content = self.0.lock();
        content.step()?;
        content.unsynced.clear();
        content.synced = content.live.clone();
        Ok(())
    }
}

type Records = Vec<(Table, Vec<u8>, Vec<u8>)>;

fn records(store: &dyn Store) -> Result<Records, StoreError> {
    let mut records = Vec::new();
    store.load(&mut |table, key, value| records.push((table, key.to_vec(), value.to_vec())))?;
    Ok(records)
}

/// Batches as a queue writes them: jobs with files come, make progress, and go.
fn batches() -> Vec<Batch> {
    let mut batches = Vec::new();
    for job in 0u8..3 {
        let mut ops = vec![Op::Put(Table::Jobs, vec![job], vec![job; 300])];
        for file in 0u8..40 {
            ops.push(Op::Put(Table::Files, vec![job, file], vec![file; 150]));
        }
        batches.push(Batch { ops });
        for step in 1u8..3 {
            let mut ops = vec![Op::Put(Table::Jobs, vec![job], vec![step; 300])];
            for file in 0u8..5 {
                ops.push(Op::Put(Table::Progress, vec![job, file], vec![step; 40]));
            }
            batches.push(Batch { ops });
        }
    }
    batches.push(Batch {
        ops: vec![
            Op::Delete(Table::Jobs, vec![1]),
            Op::DeletePrefix(Table::Files, vec![1]),
            Op::DeletePrefix(Table::Progress, vec![1]),
        ],
    });
    batches
}

/// What a store may hold: the content after each number of batches.
fn states() -> Vec<Records> {
    let reference = super::memory::MemoryStore::new();
    let mut states = vec![records(&reference).unwrap()];
    for batch in batches() {
        reference.apply(batch).unwrap();
        states.push(records(&reference).unwrap());
    }
    states
}

/// Opens a store on `medium` and applies all batches until one fails; how many were acknowledged.
fn run(medium: &Medium) -> usize {
    let Ok(store) = RedbStore::with_backend(medium.clone()) else { return 0 };
    let mut acknowledged = 0;
    let mut failed = false;
    for batch in batches() {
        let result = store.apply(batch);
        assert!(!(failed && result.is_ok()), "a store went on after a failure");
        failed |= result.is_err();
        acknowledged += usize::from(result.is_ok());
    }
    acknowledged
}

/// Every acknowledged batch is there, and at most the one in flight besides, whole.
fn check(image: Vec<u8>, acknowledged: usize, states: &[Records], what: &str) {
    let store =
        RedbStore::with_backend(Medium::with(image)).unwrap_or_else(|error| panic!("{what}: {error}"));
    let found = records(&store).unwrap_or_else(|error| panic!("{what}: {error}"));
    let allowed = &states[acknowledged..states.len().min(acknowledged + 2)];
    assert!(
        allowed.contains(&found),
        "{what}: {acknowledged} batches acknowledged, content is of none allowed"
    );
}

#[test]
fn every_operation_may_lose_power_and_batches_stay_whole() {
    let states = states();
    let whole = Medium::failing(u64::MAX, Fate::PowerLoss);
    assert_eq!(run(&whole), states.len() - 1);
    for nth in 1..=whole.operations() {
        let medium = Medium::failing(nth, Fate::PowerLoss);
        let acknowledged = run(&medium);
        check(
            medium.after_power_loss(|| false),
            acknowledged,
            &states,
            &format!("power loss at {nth}, all lost"),
        );
        check(
            medium.after_power_loss(|| true),
            acknowledged,
            &states,
            &format!("power loss at {nth}, all kept"),
        );
        for seed in 1..=3u64 {
            let mut random = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ nth;
            let keep = || {
                random ^= random << 13;
                random ^= random >> 7;
                random ^= random << 17;
                random & 1 == 0
            };
            let what = format!("power loss at {nth}, kept by chance {seed}");
            check(medium.after_power_loss(keep), acknowledged, &states, &what);
        }
    }
}

#[test]
fn every_operation_may_fail_and_a_reopened_store_is_whole() {
    let states = states();
    let whole = Medium::failing(u64::MAX, Fate::Error);
    run(&whole);
    for nth in 1..=whole.operations() {
        let medium = Medium::failing(nth, Fate::Error);
        let acknowledged = run(&medium);
        check(medium.live(), acknowledged, &states, &format!("error at {nth}"));
    }
}
