//! From memory to records and back: keys, encoding, and which records a commit has to write.

use std::borrow::Cow;
use std::collections::BTreeSet;

use bgcopy_protocol::Guid;
use bgcopy_protocol::enums::JobState;

use super::State;
use crate::model::cancellation::Cancellation;
use crate::model::file::{File, FileRecord, ProgressRecord};
use crate::model::job::{Job, JobRecord};
use crate::model::ranges::Parts;
use crate::store::{Batch, Op, Store, StoreError, Table};

/// What memory has and the store has not. Records are encoded when the batch is made, so that many
/// changes of one record cost one write.
#[derive(Default)]
pub(super) struct Dirty {
    jobs: BTreeSet<Guid>,
    progress: BTreeSet<(Guid, u32)>,
    /// Files added or renamed: (job, first, end).
    added: Vec<(Guid, u32, u32)>,
    removed: Vec<Guid>,
    cancellations: BTreeSet<u64>,
}

/// What a store has.
#[derive(Default)]
pub(super) struct Stored {
    /// In order of creation.
    pub jobs: Vec<Job>,
    pub cancellations: Vec<(u64, Cancellation)>,
}

impl State {
    /// The job's record changed.
    pub(super) fn touch_job(&mut self, id: Guid) {
        self.dirty.jobs.insert(id);
        self.decided += 1;
    }

    /// The file's progress changed.
    pub(super) fn touch_file(&mut self, id: Guid, file: u32) {
        self.dirty.progress.insert((id, file));
        self.decided += 1;
    }

    /// Files were added.
    pub(super) fn touch_added(&mut self, id: Guid, first: u32, end: u32) {
        self.dirty.added.push((id, first, end));
        self.decided += 1;
    }

    /// The file has another remote name.
    pub(super) fn touch_name(&mut self, id: Guid, file: u32) {
        self.touch_added(id, file, file + 1);
    }

    /// The job left the queue.
    pub(super) fn touch_removed(&mut self, id: Guid) {
        self.dirty.removed.push(id);
        self.decided += 1;
    }

    /// A session is to be cancelled, later than before, or not any more.
    pub(super) fn touch_cancellation(&mut self, number: u64) {
        self.dirty.cancellations.insert(number);
        self.decided += 1;
    }
}

fn file_key(id: Guid, file: u32) -> Vec<u8> {
    let mut key = id.to_bytes().to_vec();
    key.extend_from_slice(&file.to_be_bytes());
    key
}

fn encode<T: serde::Serialize>(record: &T) -> Vec<u8> {
    postcard::to_allocvec(record).expect("records are plain values, which always encode")
}

/// Everything that is dirty as one batch.
pub(super) fn batch(state: &mut State) -> Batch {
    let dirty = std::mem::take(&mut state.dirty);
    let mut ops = Vec::with_capacity(dirty.jobs.len() + dirty.progress.len() + dirty.removed.len());
    let live = |id: &Guid| state.entries.get(id).filter(|entry| !entry.job.is_final());
    for (id, first, end) in dirty.added {
        let Some(entry) = live(&id) else { continue };
        for index in first..end {
            let Some(file) = entry.job.file(index) else { continue };
            let record = FileRecord {
                remote: Cow::Borrowed(&file.remote),
                local: Cow::Borrowed(&file.local),
                ranges: file.parts.as_ref().and_then(|parts| parts.ranges()).map(<[_]>::to_vec),
            };
            ops.push(Op::Put(Table::Files, file_key(id, index), encode(&record)));
        }
    }
    for (id, index) in dirty.progress {
        let Some(file) = live(&id).and_then(|entry| entry.job.file(index)) else { continue };
        ops.push(Op::Put(Table::Progress, file_key(id, index), encode(&ProgressRecord::from(file))));
    }
    for id in dirty.jobs {
        let Some(entry) = live(&id) else { continue };
        let mut record = Cow::Borrowed(&entry.job.record);
        if entry.is_moving() {
            record.to_mut().state = JobState::Queued;
        }
        ops.push(Op::Put(Table::Jobs, id.to_bytes().to_vec(), encode(&*record)));
    }
    for id in dirty.removed {
        let key = id.to_bytes().to_vec();
        ops.push(Op::Delete(Table::Jobs, key.clone()));
        ops.push(Op::DeletePrefix(Table::Files, key.clone()));
        ops.push(Op::DeletePrefix(Table::Progress, key));
    }
    for number in dirty.cancellations {
        let key = number.to_be_bytes().to_vec();
        ops.push(match state.cancellations.get(number) {
            Some(cancellation) => Op::Put(Table::Cancellations, key, encode(cancellation)),
            None => Op::Delete(Table::Cancellations, key),
        });
    }
    Batch { ops }
}

/// Reads all of a store.
pub(super) fn load(store: &dyn Store) -> Result<Stored, StoreError> {
    // In order of identifier, as the store gives them: first all jobs, then their files.
    let mut stored = Stored::default();
    let mut problem = None;
    store.load(&mut |table, key, value| {
        if problem.is_none() {
            problem = read(&mut stored, table, key, value).err();
        }
    })?;
    if let Some(what) = problem {
        return Err(StoreError::Corrupt(what));
    }
    stored.jobs.sort_unstable_by_key(|job| job.record.sequence);
    Ok(stored)
}

fn read(stored: &mut Stored, table: Table, key: &[u8], value: &[u8]) -> Result<(), String> {
    let broken = |what: &str| format!("{what} record with key {key:02x?}");
    let id = |bytes: &[u8]| bytes.try_into().map(Guid::from_bytes).map_err(|_| broken("a misplaced"));
    let jobs = &mut stored.jobs;
    match table {
        Table::Meta => {}
        Table::Cancellations => {
            let number = key.try_into().map(u64::from_be_bytes).map_err(|_| broken("a misplaced"))?;
            let unreadable = |_| broken("an unreadable cancellation");
            stored.cancellations.push((number, postcard::from_bytes(value).map_err(unreadable)?));
        }
        Table::Jobs => {
            let record: JobRecord = postcard::from_bytes(value).map_err(|_| broken("an unreadable job"))?;
            let id = id(key)?;
            jobs.push(Job::from_record(id, record));
        }
        Table::Files | Table::Progress => {
            let (job, index) = key.split_at_checked(16).ok_or_else(|| broken("a misplaced"))?;
            let index = index.try_into().map(u32::from_be_bytes).map_err(|_| broken("a misplaced"))?;
            let found = jobs.binary_search_by(|known| known.id.to_bytes().as_slice().cmp(job));
            let Ok(at) = found else { return Err(broken("an orphaned file")) };
            let job = &mut jobs[at];
            if table == Table::Files {
                let record: FileRecord<'_> =
                    postcard::from_bytes(value).map_err(|_| broken("an unreadable file"))?;
                if index as usize != job.files().len() {
                    return Err(broken("an out-of-order file"));
                }
                job.push(match record.ranges {
                    Some(ranges) => File::with_ranges(&record.remote, &record.local, ranges),
                    None => File::new(&record.remote, &record.local),
                });
            } else {
                let record: ProgressRecord<'_> =
                    postcard::from_bytes(value).map_err(|_| broken("an unreadable progress"))?;
                if job.file(index).is_none() {
                    return Err(broken("an orphaned progress"));
                }
                job.update(index, |file| {
                    file.stage = record.stage;
                    file.size = record.size;
                    file.durable = record.durable;
                    file.offset = record.durable;
                    file.version = record.version.map(Box::new);
                    file.valid = record.valid;
                    file.response_headers = record.response_headers.map(|headers| headers.into());
                    file.upload = record.upload;
                    if let Some(stored) = record.parts {
                        let new = || Box::new(Parts::placed(0, 0));
                        file.parts.get_or_insert_with(new).restore(*stored);
                    }
                });
            }
        }
    }
    Ok(())
}
