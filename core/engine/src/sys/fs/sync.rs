//! Making many files durable together.

use std::io;
use std::sync::Arc;

use super::{Directory, File};

/// Up to this many files are synced one by one; above it one sync of the file system is cheaper.
pub const GROUP_LIMIT: usize = 32;

/// Files that become durable together.
///
/// Up to [`GROUP_LIMIT`] of them are kept open and synced each; with more, their descriptors are
/// given up and each file system concerned is synced once.
#[derive(Debug, Default)]
pub struct SyncGroup {
    /// The kept files; empty once there are too many.
    files: Vec<Arc<File>>,
    /// For each member, the index of its file system's directory in `systems`.
    members: Vec<usize>,
    /// One directory per device.
    systems: Vec<Arc<Directory>>,
}

impl SyncGroup {
    /// An empty group.
    #[must_use]
    pub fn new() -> SyncGroup {
        SyncGroup::default()
    }

    /// Adds a file and the directory it is in.
    pub fn add(&mut self, file: Arc<File>, directory: &Arc<Directory>) {
        let system =
            self.systems.iter().position(|known| known.device() == directory.device()).unwrap_or_else(|| {
                self.systems.push(Arc::clone(directory));
                self.systems.len() - 1
            });
        self.members.push(system);
        if self.members.len() <= GROUP_LIMIT {
            self.files.push(file);
        } else {
            self.files.clear();
        }
    }

    /// How many files were added.
    #[must_use]
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether no file was added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Syncs, and says for each file in order of addition whether it is durable.
    ///
    /// Where it is not, everything written to that file since its last successful sync is suspect
    /// and must be fetched again: a second sync that succeeds proves nothing. When the sync of a file
    /// system fails, that is true of all its files in the group.
    #[must_use]
    pub fn sync(self) -> Vec<io::Result<()>> {
        if self.members.len() == self.files.len() {
            return self.files.iter().map(|file| file.sync_data()).collect();
        }
        let systems: Vec<_> = self.systems.iter().map(|directory| directory.sync_file_system()).collect();
        self.members
            .iter()
            .map(|&system| match &systems[system] {
                Ok(()) => Ok(()),
                Err(error) => Err(same(error)),
            })
            .collect()
    }
}

/// The error once more: `io::Error` has no clone.
pub(crate) fn same(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(errno) => io::Error::from_raw_os_error(errno),
        None => io::Error::new(error.kind(), error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::super::{Call, Faults};
    use super::*;

    fn group(count: usize, faults: &Faults) -> (tempfile::TempDir, SyncGroup) {
        let dir = tempfile::tempdir().unwrap();
        let directory = Arc::new(Directory::open(dir.path(), faults.clone()).unwrap());
        let mut group = SyncGroup::new();
        for n in 0..count {
            let file = directory.create(OsStr::new(&n.to_string()), 0o666).unwrap();
            assert_eq!(file.write_at(b"bytes", 0).unwrap(), 5);
            group.add(Arc::new(file), &directory);
        }
        (dir, group)
    }

    #[test]
    fn a_small_group_syncs_each_file_and_names_the_one_that_failed() {
        let faults = Faults::fail_call(Call::Sync, 3, libc::EIO);
        let (_dir, group) = group(5, &faults);
        let failed: Vec<usize> =
            group.sync().iter().enumerate().filter(|(_, result)| result.is_err()).map(|(n, _)| n).collect();
        assert_eq!(failed, [2]);
        assert_eq!((faults.count(Call::Sync), faults.count(Call::SyncFileSystem)), (5, 0));
    }

    #[test]
    fn a_large_group_costs_one_sync_of_the_file_system() {
        let faults = Faults::count_only();
        let (_dir, group) = group(GROUP_LIMIT + 1, &faults);
        let results = group.sync();
        assert!(results.len() == GROUP_LIMIT + 1 && results.iter().all(Result::is_ok));
        assert_eq!((faults.count(Call::Sync), faults.count(Call::SyncFileSystem)), (0, 1));
    }

    #[test]
    fn a_failed_sync_of_the_file_system_makes_all_its_files_suspect() {
        let faults = Faults::fail_call(Call::SyncFileSystem, 1, libc::EIO);
        let (_dir, group) = group(GROUP_LIMIT + 1, &faults);
        assert!(group.sync().iter().all(Result::is_err));
    }
}
