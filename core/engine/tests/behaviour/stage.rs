//! What the tests stand on: a server, a directory, and a world whose parts outlive the queue.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bgcopy_engine::client::{Callback, Event, File, Job, JobError, Manager, Result, Settings, World};
use bgcopy_engine::model::property::notify;
use bgcopy_engine::store::memory::MemoryStore;
use bgcopy_engine::store::{Batch, EachRecord, Store, StoreError};
use bgcopy_engine::sys::clock::FakeClock;
use bgcopy_engine::sys::fs::{Directories, Faults};
use bgcopy_engine::sys::poll::{self, Interest, Wake};
use bgcopy_engine::sys::random::SystemRandom;
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::{JobPriority, JobState, JobType};
use bgcopy_testserver::{Condition, Resource, Server, content};
use parking_lot::{Condvar, Mutex};

/// Far longer than anything takes: only a hang reaches it.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Every event that a download can tell.
pub const ALL_EVENTS: u32 =
    notify::JOB_TRANSFERRED | notify::JOB_ERROR | notify::JOB_MODIFICATION | notify::FILE_TRANSFERRED;

pub struct Stage {
    pub server: Server,
    pub dir: tempfile::TempDir,
    pub store: MemoryStore,
    pub clock: FakeClock,
    pub settings: Settings,
}

impl Stage {
    pub fn new() -> Stage {
        let dir = tempfile::tempdir().unwrap();
        Stage {
            server: Server::start(),
            settings: Settings {
                directory: dir.path().join("queue"),
                checkpoint: Duration::from_millis(20),
                // The clock stands still: a pause would last for ever.
                notification_interval: Duration::ZERO,
                policy_directories: vec![dir.path().join("queue/policy.d")],
                config_file: Some(dir.path().join("queue/config/config.toml")),
                ..Settings::default()
            },
            dir,
            store: MemoryStore::new(),
            clock: FakeClock::new(1_700_000_000_000_000_000),
        }
    }

    /// Opens the queue; what an earlier one stored is there.
    pub fn open(&self) -> Open {
        self.open_with(Box::new(self.store.clone()), Faults::none()).unwrap()
    }

    pub fn open_with(&self, store: Box<dyn Store>, faults: Faults) -> Result<Open> {
        let world = World {
            store,
            clock: Arc::new(self.clock.clone()),
            random: Arc::new(SystemRandom),
            directories: Directories::new(faults),
        };
        Open::new(Manager::open_in(self.settings.clone(), world)?)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Lays down a policy, in place of the former one.
    pub fn policy(&self, text: &str) {
        publish(&self.settings.policy_directories[0].join("10-test.toml"), text);
    }

    /// Writes the user's configuration.
    pub fn config(&self, text: &str) {
        publish(self.settings.config_file.as_ref().unwrap(), text);
    }

    /// Offers `size` bytes under a name and returns its URL.
    pub fn offer(&self, name: &str, size: u64, script: &str) -> String {
        self.server.add(&format!("/r/{name}"), Resource::seeded(size, seed(name)).script(script))
    }

    /// Changes what is offered.
    pub fn change(&self, name: &str, script: &str) {
        self.server.change(&format!("/r/{name}"), script);
    }

    /// Adds the file of that name to a job, to the path of that name.
    pub fn add(&self, job: &Job, name: &str) {
        let url = self.server.url(&format!("/r/{name}"));
        job.add_file(&url, self.path(name).to_str().unwrap()).unwrap();
    }

    /// A suspended job with these files, each of which is offered already; it tells everything.
    pub fn job(&self, open: &Open, files: &[&str]) -> Job {
        let job = open.create_job("test", JobType::Download).unwrap();
        job.set_notify_flags(ALL_EVENTS).unwrap();
        for name in files {
            self.add(&job, name);
        }
        job
    }

    pub fn running_job(&self, open: &Open, files: &[&str], priority: JobPriority) -> Job {
        let job = self.job(open, files);
        job.set_priority(priority).unwrap();
        job.resume().unwrap();
        job
    }

    /// Waits until so many responses of a file are stalled.
    pub fn wait_stalled(&self, name: &str, count: u64) {
        let path = Some(format!("/r/{name}"));
        let condition = Condition { path, stalled: Some(count), ..Condition::default() };
        assert!(self.server.wait_for(&condition, PATIENCE), "{name} was not asked for");
    }

    /// Waits until so many bytes of a file were sent since the log was cleared.
    pub fn wait_sent(&self, name: &str, bytes: u64) {
        let path = Some(format!("/r/{name}"));
        let condition = Condition { path, bytes: Some(bytes), ..Condition::default() };
        assert!(self.server.wait_for(&condition, PATIENCE), "{name} was not asked for");
    }

    pub fn release(&self, name: &str) {
        self.server.release(Some(&format!("/r/{name}")));
    }

    /// The paths of the GET requests so far, in order of arrival.
    pub fn gets(&self) -> Vec<String> {
        let gets = self.server.log().into_iter().filter(|entry| entry.method == "GET");
        gets.map(|entry| entry.path.trim_start_matches("/r/").to_owned()).collect()
    }

    /// How often the files of a job were asked for with GET.
    pub fn gets_of(&self, job: &Job) -> usize {
        let files = job.files().unwrap().into_iter().map(|file| file.remote_name().unwrap());
        let names: Vec<String> = files.map(|url| url.rsplit('/').next().unwrap().to_owned()).collect();
        self.gets().iter().filter(|name| names.contains(name)).count()
    }

    /// The file has the first version of what is offered under its name.
    pub fn assert_file(&self, name: &str, size: usize) {
        self.assert_file_at(name, name, size);
    }

    /// The file at `path` has the first version of what is offered under `name`.
    pub fn assert_file_at(&self, name: &str, path: &str, size: usize) {
        let found = std::fs::read(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert!(found == content::bytes(seed(name), 0, 0, size), "{path} has wrong bytes");
    }

    /// Resumes the job of the file `a`, which arrives whole and gets its name.
    pub fn finish(&self, open: &Open, job: &Job, size: usize) {
        job.resume().unwrap();
        open.until_state(job, JobState::Transferred);
        job.complete().unwrap();
        self.assert_file("a", size);
    }

    /// The names in the test's directory.
    pub fn names(&self) -> Vec<String> {
        names(self.dir.path())
    }
}

/// Replaces a file as careful programs do: whole or not at all.
fn publish(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let new = path.with_extension("new");
    std::fs::write(&new, text).unwrap();
    std::fs::rename(&new, path).unwrap();
}

/// Waits until the condition holds where no event tells of it.
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "waited in vain for: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn names(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| name != "queue");
    names.sort();
    names
}

/// Keeps a copy of what is stored with the next write once it is asked to.
#[derive(Clone)]
pub struct Witness {
    medium: MemoryStore,
    copy: Arc<Mutex<Option<MemoryStore>>>,
    armed: Arc<AtomicBool>,
}

impl Witness {
    pub fn new(medium: &MemoryStore) -> Witness {
        Witness { medium: medium.clone(), copy: Arc::default(), armed: Arc::default() }
    }

    pub fn copy_next(&self) {
        self.armed.store(true, Ordering::SeqCst);
    }

    pub fn copy(&self) -> MemoryStore {
        self.copy.lock().take().expect("something was stored")
    }
}

impl Store for Witness {
    fn load(&self, each: &mut EachRecord<'_>) -> std::result::Result<(), StoreError> {
        self.medium.load(each)
    }

    fn apply(&self, batch: Batch) -> std::result::Result<(), StoreError> {
        self.medium.apply(batch)?;
        if self.armed.swap(false, Ordering::SeqCst) {
            *self.copy.lock() = Some(self.medium.snapshot());
        }
        Ok(())
    }
}

/// The seed of a file's content.
pub fn seed(name: &str) -> u64 {
    name.bytes().fold(1, |seed, byte| seed.wrapping_mul(31).wrapping_add(u64::from(byte)))
}

/// An open queue that can be waited for.
pub struct Open {
    manager: Manager,
    events: std::os::fd::OwnedFd,
}

impl std::ops::Deref for Open {
    type Target = Manager;
    fn deref(&self) -> &Manager {
        &self.manager
    }
}

impl Drop for Open {
    /// A test that failed may leave a transfer that never ends, for which closing would wait.
    fn drop(&mut self) {
        if std::thread::panicking() {
            std::mem::forget(self.manager.clone());
        }
    }
}

impl Open {
    pub fn new(manager: Manager) -> Result<Open> {
        Ok(Open { events: manager.event_fd()?, manager })
    }

    /// Waits until the condition holds, looking again after each event of a job.
    pub fn until(&self, what: &str, holds: impl FnMut() -> bool) {
        self.until_fault(what, holds).unwrap();
    }

    /// The same; fails when the queue is faulted.
    pub fn until_fault(&self, what: &str, mut holds: impl FnMut() -> bool) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            while self.manager.next_event()?.is_some() {}
            if holds() {
                return Ok(());
            }
            let left = Some(deadline.saturating_duration_since(Instant::now()));
            let wake = poll::wait(&self.events, Interest::Readable, None, left).unwrap();
            assert!(wake != Wake::TimedOut, "waited in vain for: {what}");
        }
    }

    pub fn until_state(&self, job: &Job, state: JobState) {
        let deadline = format!("{job:?} in {state:?}");
        self.until(&deadline, || job.state().unwrap() == state);
    }
}

impl Open {
    /// Resumes the job, which ends in ERROR; the text of that says so much, and never shows a password.
    pub fn fails(&self, job: &Job, code: ResultCode, says: &str) {
        job.resume().unwrap();
        self.until_state(job, JobState::Error);
        let error = job.error().unwrap();
        assert_eq!(error.code(), code, "{}", error.text());
        assert!(error.text().contains(says) && !error.text().contains("geheim"), "{}", error.text());
    }
}

/// What a callback was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    Transferred,
    Error(ResultCode),
    Modification,
    File(u32),
}

type Answer = Box<dyn FnMut(&Job, &Told) -> ResultCode + Send>;

/// A callback that records, and answers what the test says.
#[derive(Default)]
pub struct Recorder {
    told: Mutex<Vec<Told>>,
    changed: Condvar,
    answer: Mutex<Option<Answer>>,
}

impl Recorder {
    pub fn new() -> Arc<Recorder> {
        Arc::default()
    }

    /// Calls `answer` after each event is recorded.
    pub fn answering(answer: impl FnMut(&Job, &Told) -> ResultCode + Send + 'static) -> Arc<Recorder> {
        let recorder = Recorder::default();
        *recorder.answer.lock() = Some(Box::new(answer));
        Arc::new(recorder)
    }

    pub fn told(&self) -> Vec<Told> {
        self.told.lock().clone()
    }

    /// Everything but modifications.
    pub fn news(&self) -> Vec<Told> {
        self.told().into_iter().filter(|told| *told != Told::Modification).collect()
    }

    pub fn wait(&self, what: &str, mut holds: impl FnMut(&[Told]) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        let mut told = self.told.lock();
        while !holds(&told) {
            let late = self.changed.wait_until(&mut told, deadline).timed_out();
            assert!(!late, "waited in vain for {what}; told: {told:?}");
        }
    }

    /// The same while time passes: `moving` is called again and again.
    pub fn wait_moving(&self, what: &str, moving: impl Fn(), mut holds: impl FnMut(&[Told]) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        let mut told = self.told.lock();
        while !holds(&told) {
            assert!(Instant::now() < deadline, "waited in vain for {what}; told: {told:?}");
            parking_lot::MutexGuard::unlocked(&mut told, &moving);
            self.changed.wait_for(&mut told, Duration::from_millis(5));
        }
    }

    pub fn wait_for(&self, wanted: &Told) {
        self.wait(&format!("{wanted:?}"), |told| told.contains(wanted));
    }

    fn take(&self, job: &Job, told: Told) -> ResultCode {
        self.told.lock().push(told.clone());
        self.changed.notify_all();
        match &mut *self.answer.lock() {
            Some(answer) => answer(job, &told),
            None => ResultCode::BG_S_OK,
        }
    }
}

impl Callback for Recorder {
    fn job_transferred(&self, job: &Job) -> ResultCode {
        self.take(job, Told::Transferred)
    }
    fn job_error(&self, job: &Job, error: &JobError) -> ResultCode {
        self.take(job, Told::Error(error.code()))
    }
    fn job_modification(&self, job: &Job) -> ResultCode {
        self.take(job, Told::Modification)
    }
    fn file_transferred(&self, job: &Job, file: &File) -> ResultCode {
        self.take(job, Told::File(file.index()))
    }
}

/// A door that the test opens: whoever passes waits until then.
#[derive(Default)]
pub struct Door {
    state: Mutex<(bool, usize)>,
    changed: Condvar,
}

impl Door {
    pub fn new() -> Arc<Door> {
        Arc::default()
    }

    pub fn open(&self) {
        self.state.lock().0 = true;
        self.changed.notify_all();
    }

    /// Waits until the door is open.
    pub fn pass(&self) {
        let mut state = self.state.lock();
        state.1 += 1;
        self.changed.notify_all();
        let deadline = Instant::now() + PATIENCE;
        while !state.0 {
            assert!(!self.changed.wait_until(&mut state, deadline).timed_out(), "the door stayed shut");
        }
    }

    /// Waits until so many have come to the door.
    pub fn wait_arrived(&self, count: usize) {
        let mut state = self.state.lock();
        let deadline = Instant::now() + PATIENCE;
        while state.1 < count {
            assert!(!self.changed.wait_until(&mut state, deadline).timed_out(), "{} came", state.1);
        }
    }

    pub fn arrived(&self) -> usize {
        self.state.lock().1
    }
}

/// The next kept event, waited for.
pub fn next_event(open: &Open) -> Event {
    let mut found = None;
    let deadline = Instant::now() + PATIENCE;
    while found.is_none() {
        let left = Some(deadline.saturating_duration_since(Instant::now()));
        assert!(poll::wait(&open.events, Interest::Readable, None, left).unwrap() == Wake::Ready);
        found = open.manager.next_event().unwrap();
    }
    found.unwrap()
}

impl Open {
    pub fn is_readable(&self) -> bool {
        poll::wait(&self.events, Interest::Readable, None, Some(Duration::ZERO)).unwrap() == Wake::Ready
    }
}
