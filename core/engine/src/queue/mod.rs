//! The queue: executes commands and reports. Decide, persist, act, tell.
//!
//! ```text
//!  program ── command.rs ─┐                                ┌─ workers (report.rs)
//!                         ├─► State (one lock) ─► commit ──┤
//!  timer.rs ──────────────┤     model::state::step         ├─ checkpoint.rs (data to disk, then progress)
//!  checkpoint.rs ─────────┘                                └─ notify (dispatcher threads)
//! ```
//!
//! Everything is decided in memory under one lock, which is never held while anything waits for a disk,
//! the network or a program. [`Queue::commit`] makes what was decided durable, together with whatever
//! other threads decided meanwhile; only then does the caller return, do attempts start and are events told.

mod bandwidth;
mod blocked;
mod cancellation;
mod certificate_check;
mod checkpoint;
mod client_certificate;
mod command;
mod commit;
mod credentials;
mod delivery;
mod ending;
mod entries;
mod entry;
mod group;
mod headers;
mod line;
mod link;
mod open;
mod ownership;
mod parts;
mod persist;
mod policy;
mod ranges;
mod remote_name;
mod report;
mod revocation;
mod schedule;
mod size_limit;
mod tell;
mod timer;
mod token;
mod transition;
mod upload;
mod validation;
mod wait;

use bgcopy_protocol::ResultCode;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;

use bgcopy_protocol::Guid;
use parking_lot::{Condvar, Mutex, MutexGuard, RwLock};

use self::cancellation::Cancellations;
use self::entries::Entries;
use self::entry::Entry;
pub use self::open::World;
use self::persist::Dirty;
use self::tell::Tell;
use crate::limit::Bucket;
use crate::limit::window::Levels;
use crate::model::error::{Error, Result};
use crate::notify::feed::Feed;
use crate::policy::{Rules, Sources};
use crate::schedule::{Hungry, Lanes};
use crate::settings::Settings;
use crate::store::Store;
use crate::sys::cancel::CancelToken;
use crate::sys::clock::Clock;
use crate::sys::fs::{Directories, Directory, SyncGroup};
use crate::sys::random::Random;
use crate::sys::seal::Sealer;
use crate::transfer::http::HttpClient;
use crate::workers::Pool;

/// A century in nanoseconds: what the calendar says happened before the machine started lies in it.
const PAST: u64 = 100 * 365 * 24 * 3600 * 1_000_000_000;

/// An open queue.
pub(crate) struct Queue {
    settings: Settings,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    directories: Directories,
    /// Taken by `close`; the reader is the one thread that commits.
    store: RwLock<Option<Box<dyn Store>>>,
    http: HttpClient,
    sealer: Sealer,
    pool: Pool,
    /// What background jobs may receive.
    allowance: Mutex<Bucket>,
    /// The process that opened the queue: a forked child has its memory but none of its threads.
    pid: u32,
    owner: u32,
    /// Nobody but the owner, and root, can have written what is stored: its programs may be run.
    own_directory: bool,
    /// Where policies are read from.
    sources: Sources,
    /// Ends the thread that watches them.
    watching: Option<CancelToken>,
    /// Calendar and elapsed time at the opening, from which the time of the day is reckoned: a calendar that
    /// is moved later opens no window.
    opened: (i64, u64),
    state: Mutex<State>,
    /// A batch became durable, a worker gave its slot back, an ending is over, a callback returned.
    changed: Condvar,
    timer: Condvar,
    flush: Condvar,
    dispatch: Condvar,
    me: Weak<Queue>,
}

/// Everything the lock protects.
#[derive(Default)]
struct State {
    entries: Entries,
    /// Jobs that have not ended, in order of creation.
    order: BTreeMap<u64, Guid>,
    next_sequence: u64,
    /// How many unfinished jobs each user has.
    jobs_of: HashMap<u32, u32>,

    lanes: Lanes,
    hungry: Hungry,
    /// Jobs with workers.
    moving: HashSet<Guid>,
    running: usize,
    next_attempt: u64,
    /// Registrations of programs that look at certificates.
    next_check: u64,
    reschedule: bool,

    /// What policies, the program and the configuration say together.
    rules: Rules,
    /// What the time of the day allows background jobs.
    levels: Levels,
    /// Bytes per second of the allowance.
    rate: Option<u64>,

    /// (when, job) for every job that waits for a time.
    timers: BTreeSet<(u64, Guid)>,
    slice_timer: Option<u64>,
    bandwidth_timer: Option<u64>,
    timer_sleeps_until: Option<u64>,
    /// Sessions of uploads that nobody wants any more.
    cancellations: Cancellations,
    /// Jobs to cancel for inactivity.
    expired: Vec<Guid>,
    /// Completes and Cancels at work.
    ending: usize,

    dirty: Dirty,
    decided: u64,
    durable: u64,
    committing: bool,
    fault: Option<Error>,

    /// Whole or partial files whose data may not be on disk.
    unsynced: Vec<checkpoint::Unsynced>,
    /// Their files, one for one.
    group: SyncGroup,
    /// Directories with new names that may not be on disk.
    new_names: Vec<Arc<Directory>>,
    flushing: bool,
    flush_now: bool,
    flusher_rests: bool,

    /// Jobs that may have something to tell.
    ready: VecDeque<Guid>,
    /// (decision, what to tell once it is durable)
    tells: VecDeque<(u64, Tell)>,
    dispatchers: usize,
    idle_dispatchers: usize,
    /// Programs of jobs that are running.
    programs: usize,
    /// What programs of jobs are to be run for, when there is room for them.
    programs_due: VecDeque<crate::client::link::Event>,
    feed: Option<Feed>,

    has_timer: bool,
    has_flusher: bool,
    threads: Vec<JoinHandle<()>>,
    closing: bool,
}

type Locked<'a> = MutexGuard<'a, State>;

impl Queue {
    /// Locks the state for a call of a program.
    fn enter(&self) -> Result<Locked<'_>> {
        if std::process::id() != self.pid {
            return Err(Error::new(
                ResultCode::BG_E_DISCONNECTED,
                "this process was forked from the one that opened the queue; open it again after the parent closed it",
            ));
        }
        let state = self.state.lock();
        if state.closing {
            return Err(Error::new(ResultCode::BG_E_DISCONNECTED, "the queue is closed"));
        }
        if let Some(fault) = &state.fault {
            return Err(fault.clone());
        }
        Ok(state)
    }

    /// The worker pool.
    pub(crate) fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Elapsed time in nanoseconds, of which there is a past even right after the machine started.
    fn now(&self) -> u64 {
        self.clock.monotonic().saturating_add(PAST)
    }

    fn wall(&self) -> i64 {
        self.clock.wall()
    }

    fn spawn(&self, state: &mut State, name: &str, run: impl FnOnce(&Arc<Queue>) + Send + 'static) {
        let Some(me) = self.me.upgrade() else { return };
        let body = move || run(&me);
        let thread = std::thread::Builder::new().name(name.to_owned()).stack_size(256 * 1024).spawn(body);
        match thread {
            Ok(thread) => state.threads.push(thread),
            Err(error) => log::error!("no thread for {name}: {error}"),
        }
    }
}

impl State {
    fn entry(&mut self, id: Guid) -> Result<&mut Entry> {
        self.entries.get_mut(&id).ok_or_else(|| not_found(id))
    }
}

fn not_found(id: Guid) -> Error {
    Error::new(ResultCode::BG_E_NOT_FOUND, format!("no job {id} in this queue"))
}
