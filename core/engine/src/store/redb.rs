//! The queue in one redb file.
//!
//! All records live in one redb table, keyed by the number of their [`Table`] and their own key: one
//! B-tree to change per commit, and loading in key order is loading in table order.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::ops::Bound;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use redb::backends::FileBackend;
use redb::{
    Builder, Database, DatabaseError, ReadableDatabase, StorageBackend, StorageError, TableDefinition,
};

use super::lock::OwnerLock;
use super::{Batch, EachRecord, Op, Store, StoreError, Table};

/// The version of the records' layout; a store with a higher one is refused.
pub const SCHEMA_VERSION: u32 = 1;

/// Name of the store's file in the queue's directory.
pub const STORE_FILE: &str = "queue.redb";

/// Where a new store is made before it gets its name, so that a crash leaves no half-made one.
const NEW_FILE: &str = "queue.redb.new";

const SCHEMA_KEY: &[u8] = b"schema";
const RECORDS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("records");

/// Enough for the pages of a commit; the queue keeps its records in its own memory.
const CACHE_BYTES: usize = 4 << 20;

/// What [`RedbStore::open`] found.
#[derive(Debug, PartialEq, Eq)]
pub enum Opened {
    /// No store was there: an empty one was made.
    New,
    /// The store of an earlier run.
    Existing,
    /// A damaged store, now kept under this path; an empty one took its place.
    MovedAside(PathBuf),
}

/// A queue directory with its store and its owner lock, until dropped.
#[derive(Debug)]
pub struct RedbStore {
    // Before the lock: the file is closed before another owner may open it.
    database: Database,
    dir: Option<PathBuf>,
    _lock: Option<OwnerLock>,
}

impl RedbStore {
    /// Opens or makes the store in `dir`, which is made with mode 0700 where it is missing.
    ///
    /// A damaged store is moved to `queue.redb.corrupt-<unix time>` and never deleted.
    ///
    /// # Errors
    /// [`StoreError::InUse`] when the directory has an owner, [`StoreError::TooNew`] when a newer
    /// version wrote the store, [`StoreError::Io`] when the medium fails. None of them moves the store.
    pub fn open(dir: &Path) -> Result<(RedbStore, Opened), StoreError> {
        make_directory(dir)?;
        let lock = OwnerLock::take(dir)?;
        let path = dir.join(STORE_FILE);
        let mut opened = Opened::Existing;
        let database = match OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(libc::O_CLOEXEC | libc::O_NOFOLLOW)
            .open(&path)
        {
            Ok(file) => match open_database(file_backend(file)?) {
                Ok(database) => database,
                Err(StoreError::Corrupt(what)) => {
                    let (database, aside) = replace(dir, &what)?;
                    opened = Opened::MovedAside(aside);
                    database
                }
                Err(error) => return Err(error),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                opened = Opened::New;
                create(dir)?
            }
            Err(error) => return Err(StoreError::io("opening", &path, &error)),
        };
        Ok((RedbStore { database, dir: Some(dir.to_owned()), _lock: Some(lock) }, opened))
    }

    /// Opens or makes a store on `backend`, without files and locks around it.
    ///
    /// # Errors
    /// As [`RedbStore::open`]; a damaged store is [`StoreError::Corrupt`].
    #[cfg(test)]
    pub fn with_backend(backend: impl StorageBackend) -> Result<RedbStore, StoreError> {
        Ok(RedbStore { database: open_database(backend)?, dir: None, _lock: None })
    }
}

impl Store for RedbStore {
    fn load(&self, each: &mut EachRecord<'_>) -> Result<(), StoreError> {
        let table = self.database.begin_read().map_err(redb::Error::from)?.open_table(RECORDS)?;
        for record in table.range::<&[u8]>(..)? {
            let (key, value) = record?;
            let (table, key) = split(key.value())?;
            if (table, key) != (Table::Meta, SCHEMA_KEY) {
                each(table, key, value.value());
            }
        }
        Ok(())
    }

    fn apply(&self, batch: Batch) -> Result<(), StoreError> {
        if batch.ops.is_empty() {
            return Ok(());
        }
        let transaction = self.database.begin_write().map_err(redb::Error::from)?;
        {
            let mut records = transaction.open_table(RECORDS)?;
            for op in batch.ops {
                match op {
                    Op::Put(table, key, value) => {
                        records.insert(join(table, &key).as_slice(), value.as_slice())?;
                    }
                    Op::Delete(table, key) => {
                        records.remove(join(table, &key).as_slice())?;
                    }
                    Op::DeletePrefix(table, prefix) => {
                        let first = join(table, &prefix);
                        let after = successor(first.clone());
                        let range = (Bound::Included(first.as_slice()), Bound::Excluded(after.as_slice()));
                        records.retain_in::<&[u8], _>(range, |_, _| false)?;
                    }
                }
            }
        }
        transaction.commit().map_err(redb::Error::from)?;
        Ok(())
    }

    fn set_aside(&mut self, why: &str) -> Result<(), StoreError> {
        let Some(dir) = &self.dir else { return Err(StoreError::Corrupt(why.to_owned())) };
        self.database = replace(dir, why)?.0;
        Ok(())
    }
}

/// The key of a record among all tables.
fn join(table: Table, key: &[u8]) -> Vec<u8> {
    let mut joined = Vec::with_capacity(1 + key.len());
    joined.push(table as u8);
    joined.extend_from_slice(key);
    joined
}

fn split(joined: &[u8]) -> Result<(Table, &[u8]), StoreError> {
    let (number, key) =
        joined.split_first().ok_or_else(|| StoreError::Corrupt("a record has no key".into()))?;
    let table = [Table::Meta, Table::Jobs, Table::Files, Table::Progress, Table::Cancellations]
        .into_iter()
        .find(|table| *table as u8 == *number)
        .ok_or_else(|| StoreError::Corrupt(format!("a record is of the unknown kind {number}")))?;
    Ok((table, key))
}

/// The smallest key after all those that begin with `prefix`. There always is one, because the first
/// byte is the number of a table.
fn successor(mut prefix: Vec<u8>) -> Vec<u8> {
    while prefix.last() == Some(&u8::MAX) {
        prefix.pop();
    }
    if let Some(last) = prefix.last_mut() {
        *last += 1;
    }
    prefix
}

fn file_backend(file: File) -> Result<FileBackend, StoreError> {
    FileBackend::new(file).map_err(StoreError::from)
}

/// Opens the database, checks every page and the schema, and writes the schema into an empty one.
fn open_database(backend: impl StorageBackend) -> Result<Database, StoreError> {
    let open = || {
        // The check reads the whole file, which loading does anyway: without it a damaged page may
        // go unnoticed until a commit has made it part of the queue.
        let database = Builder::new()
            .set_cache_size(CACHE_BYTES)
            .set_check_integrity_on_open(true)
            .create_with_backend(backend)?;
        check_schema(&database)?;
        Ok(database)
    };
    // redb answers some kinds of damage with a panic; to the queue it is damage like any other.
    catch_unwind(AssertUnwindSafe(open)).unwrap_or_else(|panic| {
        let what = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("it cannot be read");
        Err(StoreError::Corrupt(what.to_owned()))
    })
}

fn check_schema(database: &Database) -> Result<(), StoreError> {
    let key = join(Table::Meta, SCHEMA_KEY);
    let found = {
        let transaction = database.begin_read().map_err(redb::Error::from)?;
        match transaction.open_table(RECORDS) {
            Ok(table) => table.get(key.as_slice())?.map(|value| value.value().to_vec()),
            Err(redb::TableError::TableDoesNotExist(_)) => {
                let transaction = database.begin_write().map_err(redb::Error::from)?;
                transaction
                    .open_table(RECORDS)?
                    .insert(key.as_slice(), SCHEMA_VERSION.to_le_bytes().as_slice())?;
                transaction.commit().map_err(redb::Error::from)?;
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        }
    };
    let version = found.and_then(|bytes| bytes.try_into().ok()).map(u32::from_le_bytes);
    match version {
        Some(SCHEMA_VERSION) => Ok(()),
        Some(newer) if newer > SCHEMA_VERSION => Err(StoreError::TooNew(newer)),
        _ => Err(StoreError::Corrupt("its schema version is missing or unknown".into())),
    }
}

fn make_directory(dir: &Path) -> Result<(), StoreError> {
    if dir.is_dir() {
        return Ok(());
    }
    let made = DirBuilder::new().recursive(true).mode(0o700).create(dir);
    made.map_err(|error| StoreError::io("making the directory", dir, &error))?;
    match dir.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => sync_directory(parent),
        _ => Ok(()),
    }
}

/// Makes an empty store and gives it its name once it is complete and durable.
fn create(dir: &Path) -> Result<Database, StoreError> {
    let (new, path) = (dir.join(NEW_FILE), dir.join(STORE_FILE));
    let make = || {
        match std::fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .mode(0o600)
            .custom_flags(libc::O_CLOEXEC | libc::O_NOFOLLOW)
            .open(&new)
    };
    let file = make().map_err(|error| StoreError::io("making", &new, &error))?;
    let database = open_database(file_backend(file)?)?;
    std::fs::rename(&new, &path).map_err(|error| StoreError::io("naming", &path, &error))?;
    sync_directory(dir)?;
    Ok(database)
}

fn sync_directory(dir: &Path) -> Result<(), StoreError> {
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(|error| StoreError::io("syncing", dir, &error))
}

/// Moves a damaged store aside and makes an empty one; returns it and where the damaged one is.
fn replace(dir: &Path, why: &str) -> Result<(Database, PathBuf), StoreError> {
    let path = dir.join(STORE_FILE);
    let aside = move_aside(&path)?;
    log::error!(
        "the job store {} is damaged ({why}); it is kept as {} and the queue starts empty",
        path.display(),
        aside.display()
    );
    Ok((create(dir)?, aside))
}

/// Renames a damaged store to a name that is free.
fn move_aside(path: &Path) -> Result<PathBuf, StoreError> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let base = format!("{STORE_FILE}.corrupt-{now}");
    let mut aside = path.with_file_name(&base);
    let mut n = 0;
    // Nobody else makes such names: the directory's owner lock is ours.
    while aside.symlink_metadata().is_ok() {
        n += 1;
        aside = path.with_file_name(format!("{base}-{n}"));
    }
    std::fs::rename(path, &aside)
        .map_err(|error| StoreError::io("moving the damaged store aside to", &aside, &error))?;
    Ok(aside)
}

impl From<redb::Error> for StoreError {
    fn from(error: redb::Error) -> StoreError {
        match error {
            redb::Error::Corrupted(what) => StoreError::Corrupt(what),
            // How redb reports a file that is not its own, or that is cut short.
            redb::Error::Io(error)
                if matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof) =>
            {
                StoreError::Corrupt(error.to_string())
            }
            redb::Error::Io(error) => StoreError::Io(error),
            error @ (redb::Error::UpgradeRequired(_)
            | redb::Error::TableTypeMismatch { .. }
            | redb::Error::TableIsMultimap(_)
            | redb::Error::TableDoesNotExist(_)
            | redb::Error::TypeDefinitionChanged { .. }) => StoreError::Corrupt(error.to_string()),
            redb::Error::DatabaseAlreadyOpen => StoreError::InUse(None),
            error => StoreError::Io(io::Error::other(error.to_string())),
        }
    }
}

macro_rules! through_redb_error {
    ($($error:ty),*) => {$(
        impl From<$error> for StoreError {
            fn from(error: $error) -> StoreError {
                redb::Error::from(error).into()
            }
        }
    )*};
}
through_redb_error!(DatabaseError, StorageError, redb::TableError);

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn put(table: Table, key: &[u8], value: &[u8]) -> Op {
        Op::Put(table, key.to_vec(), value.to_vec())
    }

    fn keys(store: &impl Store) -> Vec<(Table, Vec<u8>)> {
        let mut keys = Vec::new();
        store.load(&mut |table, key, _| keys.push((table, key.to_vec()))).unwrap();
        keys
    }

    #[test]
    fn records_are_found_again_in_order_of_table_and_key() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path().join("made/by/open");
        let (store, opened) = RedbStore::open(&dir).unwrap();
        assert_eq!(opened, Opened::New);
        let ops = vec![
            put(Table::Progress, b"a", b"1"),
            put(Table::Jobs, b"b", b"2"),
            put(Table::Jobs, b"a", b"3"),
        ];
        store.apply(Batch { ops }).unwrap();
        drop(store);
        let (store, opened) = RedbStore::open(&dir).unwrap();
        assert_eq!(opened, Opened::Existing);
        let expected =
            [(Table::Jobs, b"a".to_vec()), (Table::Jobs, b"b".to_vec()), (Table::Progress, b"a".to_vec())];
        assert_eq!(keys(&store), expected);
        assert_eq!(dir.metadata().unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(dir.join(STORE_FILE).metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_prefix_delete_takes_exactly_its_prefix() {
        let dir = tempfile::tempdir().unwrap();
        let (store, _) = RedbStore::open(dir.path()).unwrap();
        let kept: [&[u8]; 4] = [&[0xFE, 0xFF], &[0xFF], &[0xFF, 0xFE], &[]];
        let gone: [&[u8]; 3] = [&[0xFF, 0xFF], &[0xFF, 0xFF, 0], &[0xFF, 0xFF, 0xFF]];
        let mut ops: Vec<Op> = kept.iter().chain(&gone).map(|key| put(Table::Files, key, b"")).collect();
        ops.push(put(Table::Progress, &[0xFF, 0xFF], b""));
        ops.push(Op::DeletePrefix(Table::Files, vec![0xFF, 0xFF]));
        store.apply(Batch { ops }).unwrap();
        let mut expected: Vec<_> = kept.iter().map(|key| (Table::Files, key.to_vec())).collect();
        expected.sort();
        expected.push((Table::Progress, vec![0xFF, 0xFF]));
        assert_eq!(keys(&store), expected);
        let ops = vec![Op::DeletePrefix(Table::Files, vec![0xFE]), put(Table::Files, &[0xFD, 1], b"")];
        store.apply(Batch { ops }).unwrap();
        expected.retain(|(_, key)| *key != [0xFE, 0xFF]);
        expected.insert(1, (Table::Files, vec![0xFD, 1]));
        assert_eq!(keys(&store), expected, "the first key after the prefix stays");
        store.apply(Batch { ops: vec![Op::DeletePrefix(Table::Files, vec![])] }).unwrap();
        assert_eq!(keys(&store), [(Table::Progress, vec![0xFF, 0xFF])]);
    }

    #[test]
    fn one_owner_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let (first, _) = RedbStore::open(dir.path()).unwrap();
        assert!(matches!(RedbStore::open(dir.path()), Err(StoreError::InUse(Some(_)))));
        drop(first);
        RedbStore::open(dir.path()).unwrap();
    }

    /// Opens `dir`, expecting the store to be moved aside with `damaged` in it and replaced by an empty one.
    fn assert_moved_aside(dir: &Path, damaged: &[u8]) {
        let (store, opened) = RedbStore::open(dir).unwrap();
        let Opened::MovedAside(aside) = opened else { panic!("expected MovedAside, got {opened:?}") };
        assert!(aside.file_name().unwrap().to_str().unwrap().starts_with("queue.redb.corrupt-"));
        assert_eq!(std::fs::read(aside).unwrap(), damaged, "the damaged store must be kept as it was");
        assert_eq!(keys(&store), []);
    }

    #[test]
    fn a_damaged_store_is_kept_aside_and_the_queue_starts_empty() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(STORE_FILE);
        // Twice within a second: the names must not collide.
        for garbage in [&b"not a database"[..], &[0u8; 9000][..]] {
            std::fs::write(&path, garbage).unwrap();
            assert_moved_aside(dir.path(), garbage);
        }
        let corrupt = std::fs::read_dir(dir.path())
            .unwrap()
            .filter(|entry| entry.as_ref().unwrap().file_name().to_str().unwrap().contains("corrupt"));
        assert_eq!(corrupt.count(), 2);
    }

    #[test]
    fn a_store_cut_short_or_with_a_flipped_page_is_damaged() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(STORE_FILE);
        let (store, _) = RedbStore::open(dir.path()).unwrap();
        let ops = (0u8..200).map(|n| put(Table::Jobs, &[n], &[0xA5; 100])).collect();
        store.apply(Batch { ops }).unwrap();
        drop(store);
        let sound = std::fs::read(&path).unwrap();

        let short = &sound[..sound.len() / 2];
        std::fs::write(&path, short).unwrap();
        assert_moved_aside(dir.path(), short);

        let mut flipped = sound;
        let at = flipped.windows(8).position(|bytes| bytes == [0xA5; 8]).unwrap();
        flipped[at] ^= 1;
        std::fs::write(&path, &flipped).unwrap();
        // The integrity check may repair before it gives up, so only the outcome counts: either the
        // last sound state or an empty queue with the damaged file kept, never changed records.
        let (store, _) = RedbStore::open(dir.path()).unwrap();
        store.load(&mut |_, _, value| assert_eq!(value, [0xA5; 100])).unwrap();
    }

    #[test]
    fn a_newer_store_is_refused_and_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let (store, _) = RedbStore::open(dir.path()).unwrap();
        let newer = (SCHEMA_VERSION + 1).to_le_bytes();
        store.apply(Batch { ops: vec![put(Table::Meta, SCHEMA_KEY, &newer)] }).unwrap();
        drop(store);
        for _ in 0..2 {
            let refused = RedbStore::open(dir.path());
            assert!(matches!(refused, Err(StoreError::TooNew(v)) if v == SCHEMA_VERSION + 1), "{refused:?}");
        }
    }

    #[test]
    fn a_medium_that_refuses_is_not_taken_for_damage() {
        let dir = tempfile::tempdir().unwrap();
        // A loop of symbolic links fails for root too, unlike permissions.
        std::os::unix::fs::symlink(STORE_FILE, dir.path().join(STORE_FILE)).unwrap();
        let refused = RedbStore::open(dir.path());
        assert!(matches!(refused, Err(StoreError::Io(_))), "{refused:?}");
        assert!(dir.path().join(STORE_FILE).symlink_metadata().unwrap().is_symlink());
    }

    #[test]
    fn a_store_left_half_made_is_made_again() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(NEW_FILE), b"half").unwrap();
        let (_, opened) = RedbStore::open(dir.path()).unwrap();
        assert_eq!(opened, Opened::New);
        assert!(!dir.path().join(NEW_FILE).exists());
    }
}
