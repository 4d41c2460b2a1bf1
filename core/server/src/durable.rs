//! When bytes count as there: on disk, with one wait for all who wait at the same time.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::vec;

use bgcopy_protocol::upload::Refusal;
use parking_lot::Mutex;
use tokio::sync::oneshot;

/// From so many files on, one wait for the whole file system is cheaper.
const MANY: usize = 16;

/// Files and directories that have to be on disk.
pub type Files = Vec<Arc<File>>;

/// Something to be done with files, and what of it has to be on disk before the next step, or at the end.
pub type Step = Box<dyn FnOnce() -> Result<Files, Refusal> + Send>;

/// Why steps were not all carried out.
pub enum Stop {
    /// The one with this number, from 0 on, was refused; the ones before are on disk.
    Refused(usize, Refusal),
    /// What the one with this number did could not be written: what of it is on disk is not known, and asking again proves
    /// nothing.
    Unwritten(usize, io::Error),
}

/// Makes files and directories of one file system durable, on one thread: who comes while that waits for the disk gets his
/// turn together with all others who did.
pub struct Durable {
    line: Mutex<Line>,
    /// The file system. A descriptor is told of each failed write since it was opened, once: so this one is kept from the
    /// start on, and after the first failure every file is asked for its own.
    system: Arc<File>,
    failed: AtomicBool,
}

#[derive(Default)]
struct Line {
    waiting: Vec<Request>,
    working: bool,
}

struct Request {
    steps: vec::IntoIter<Step>,
    /// Steps that are on disk.
    written: usize,
    done: oneshot::Sender<Result<(), Stop>>,
}

impl Durable {
    /// For the file system of this directory.
    pub fn new(directory: Arc<File>) -> Durable {
        Durable { line: Mutex::default(), system: directory, failed: AtomicBool::new(false) }
    }

    /// Waits until files and directories are on disk.
    ///
    /// # Errors
    /// One of them could not be written: what of it is on disk is not known, and asking again proves nothing.
    pub async fn sync(self: &Arc<Self>, files: Files) -> io::Result<()> {
        match self.carry_out(vec![Box::new(move || Ok(files))]).await {
            Ok(()) => Ok(()),
            Err(Stop::Unwritten(_, error)) => Err(error),
            Err(Stop::Refused(..)) => Err(io::ErrorKind::Other.into()),
        }
    }

    /// Carries steps out, each when what the one before did is on disk.
    ///
    /// # Errors
    /// See [`Stop`].
    pub async fn carry_out(self: &Arc<Self>, steps: Vec<Step>) -> Result<(), Stop> {
        let (done, wait) = oneshot::channel();
        let idle = {
            let mut line = self.line.lock();
            line.waiting.push(Request { steps: steps.into_iter(), written: 0, done });
            !mem::replace(&mut line.working, true)
        };
        if idle {
            let durable = Arc::clone(self);
            tokio::task::spawn_blocking(move || durable.work());
        }
        let ended = || Stop::Unwritten(0, io::Error::other("the thread that writes has ended"));
        wait.await.unwrap_or_else(|_| Err(ended()))
    }

    fn work(&self) {
        let _working = Working(self);
        let mut batch = Vec::new();
        loop {
            {
                let mut line = self.line.lock();
                batch.append(&mut line.waiting);
                if batch.is_empty() {
                    line.working = false;
                    return;
                }
            }
            batch = self.round(batch);
        }
    }

    /// Takes the next step of each request, and waits for the disk once. Returns the requests that are not yet done.
    fn round(&self, batch: Vec<Request>) -> Vec<Request> {
        let mut begun = Vec::with_capacity(batch.len());
        for mut request in batch {
            match request.steps.next().map(|step| step()) {
                Some(Ok(files)) => begun.push((request, files)),
                Some(Err(refusal)) => {
                    let step = request.written;
                    request.end(Err(Stop::Refused(step, refusal)));
                }
                None => request.end(Ok(())),
            }
        }
        let mut disk = Disk::new(self, begun.iter().map(|(_, files)| files.len()).sum());
        let mut rest = Vec::new();
        for (mut request, files) in begun {
            match files.iter().try_for_each(|file| disk.write(file)) {
                Err(error) => {
                    let step = request.written;
                    request.end(Err(Stop::Unwritten(step, error)));
                }
                Ok(()) if request.steps.len() == 0 => request.end(Ok(())),
                Ok(()) => {
                    request.written += 1;
                    rest.push(request);
                }
            }
        }
        rest
    }
}

impl Request {
    fn end(self, result: Result<(), Stop>) {
        // Who does not wait any more does not need the answer.
        let _ = self.done.send(result);
    }
}

/// One wait for the disk.
struct Disk {
    /// Everything is on it.
    whole: bool,
    /// What was asked for each file: directories are those of many requests.
    known: HashMap<(u64, u64), Option<io::ErrorKind>>,
}

impl Disk {
    fn new(durable: &Durable, files: usize) -> Disk {
        let whole = files >= MANY && !durable.failed.load(Ordering::Relaxed) && {
            let written = rustix::fs::syncfs(&durable.system).is_ok();
            durable.failed.store(!written, Ordering::Relaxed);
            written
        };
        Disk { whole, known: HashMap::new() }
    }

    fn write(&mut self, file: &File) -> io::Result<()> {
        if self.whole {
            return Ok(());
        }
        let status = rustix::fs::fstat(file)?;
        let result = self.known.entry((status.st_dev, status.st_ino));
        result
            .or_insert_with(|| file.sync_data().err().map(|error| error.kind()))
            .map_or(Ok(()), |kind| Err(kind.into()))
    }
}

/// Lets the next request begin a new thread when this one ends by a panic.
struct Working<'a>(&'a Durable);

impl Drop for Working<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.line.lock().working = false;
        }
    }
}
