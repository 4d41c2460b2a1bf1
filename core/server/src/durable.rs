//! When bytes count as there: on disk, with one wait for all who wait at the same time.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io;
use std::mem;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::oneshot;

/// From so many waiting requests on, one for the whole file system is cheaper.
const MANY: usize = 8;
/// Threads that wait for disks.
const THREADS: usize = 4;

/// Makes files and directories durable.
#[derive(Clone, Default)]
pub struct Durable(Arc<Shared>);

#[derive(Default)]
struct Shared {
    line: Mutex<Line>,
    systems: Mutex<Systems>,
}

#[derive(Default)]
struct Line {
    waiting: Vec<Request>,
    threads: usize,
}

struct Request {
    files: Vec<OwnedFd>,
    done: oneshot::Sender<io::Result<()>>,
}

/// The file systems of all uploads, by device. A descriptor is told of each failed write since it was opened, once: so
/// it is kept from the start on, and after the first failure every file is asked for its own.
#[derive(Default)]
struct Systems {
    known: HashMap<u64, OwnedFd>,
    failed: bool,
}

impl Durable {
    /// Uploads go into this directory, too.
    pub fn add(&self, directory: OwnedFd) {
        if let Ok(status) = rustix::fs::fstat(&directory) {
            self.0.systems.lock().known.entry(status.st_dev).or_insert(directory);
        }
    }

    /// Waits until files and directories are on disk.
    ///
    /// # Errors
    /// One of them could not be written: what of it is on disk is not known, and asking again proves nothing.
    pub async fn sync(&self, files: Vec<OwnedFd>) -> io::Result<()> {
        let (done, wait) = oneshot::channel();
        {
            let mut line = self.0.line.lock();
            line.waiting.push(Request { files, done });
            if line.threads < THREADS {
                line.threads += 1;
                let shared = Arc::clone(&self.0);
                tokio::task::spawn_blocking(move || work(&shared));
            }
        }
        wait.await.unwrap_or_else(|_| Err(io::Error::other("the thread that writes has ended")))
    }
}

fn work(shared: &Shared) {
    loop {
        let batch = {
            let mut line = shared.line.lock();
            if line.waiting.is_empty() {
                line.threads -= 1;
                return;
            }
            mem::take(&mut line.waiting)
        };
        let written = batch.len() >= MANY && shared.systems.lock().write(&batch);
        for request in batch {
            let mut files = request.files.into_iter().map(File::from);
            let result = if written { Ok(()) } else { files.try_for_each(|file| file.sync_data()) };
            // Who does not wait any more does not need the answer.
            let _ = request.done.send(result);
        }
    }
}

impl Systems {
    /// Writes the file systems of all files; whether that proves that they are on disk.
    fn write(&mut self, batch: &[Request]) -> bool {
        let mut devices = HashSet::new();
        for file in batch.iter().flat_map(|request| &request.files) {
            match rustix::fs::fstat(file) {
                Ok(status) if self.known.contains_key(&status.st_dev) => devices.insert(status.st_dev),
                _ => return false,
            };
        }
        for device in devices {
            self.failed |= rustix::fs::syncfs(&self.known[&device]).is_err();
        }
        !self.failed
    }
}
