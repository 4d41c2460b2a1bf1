//! Many threads at one queue.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;

use bgcopy_engine::client::{Job, Manager};
use bgcopy_engine::store::memory::MemoryStore;
use bgcopy_engine::store::{Batch, EachRecord, Store, StoreError};
use bgcopy_engine::sys::fs::Faults;
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::{JobPriority, JobState, JobType};
use bgcopy_testserver::content;
use parking_lot::Mutex;

use crate::stage::{ALL_EVENTS, PATIENCE, Recorder, Stage, seed};

const THREADS: u64 = 6;
const STEPS: u64 = 150;
const SIZE: u64 = 200_000;

/// Carries out steps chosen by a number, on jobs that other threads change as well.
fn carry_out(stage: &Stage, manager: &Manager, numbers: &AtomicU64, thread: u64) {
    let mut random = thread.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    for _ in 0..STEPS {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let jobs = manager.jobs(false).unwrap();
        if jobs.len() < 4 {
            create(stage, manager, numbers);
            continue;
        }
        let job = &jobs[usize::try_from(random % jobs.len() as u64).unwrap()];
        // Another thread may have ended the job, or not yet added its files.
        let answer = match (random >> 32) % 10 {
            0 => job.suspend(),
            1 | 2 => job.resume(),
            3 => job.complete().map(drop),
            4 => job.cancel().map(drop),
            5 => job.set_priority([JobPriority::Foreground, JobPriority::High][(random >> 40) as usize % 2]),
            6 => job.set_callback(Some(Recorder::answering(|job, _| {
                let _ = job.progress();
                ResultCode::BG_S_OK
            }))),
            7 => job.set_callback(None),
            8 => job.set_description("x".into()),
            _ => job.progress().and_then(|_| job.files()).map(drop),
        };
        let code = answer.map_or_else(|error| error.code, |()| ResultCode::BG_S_OK);
        let fine = [
            ResultCode::BG_S_OK,
            ResultCode::BG_E_INVALID_STATE,
            ResultCode::BG_E_NOT_FOUND,
            ResultCode::BG_E_EMPTY,
        ];
        assert!(fine.contains(&code), "{code}");
    }
}

fn create(stage: &Stage, manager: &Manager, numbers: &AtomicU64) -> Job {
    let job = manager.create_job("shared", JobType::Download).unwrap();
    // Another thread may end the job at any moment.
    let _ = job.set_notify_flags(ALL_EVENTS);
    for _ in 0..3 {
        let name = format!("f{}", numbers.fetch_add(1, Ordering::Relaxed));
        stage.offer(&name, SIZE, "");
        let url = stage.server.url(&format!("/r/{name}"));
        let _ = job.add_file(&url, stage.path(&name).to_str().unwrap());
    }
    let _ = job.resume();
    job
}

#[test]
fn threads_that_change_the_same_jobs_neither_hang_nor_spoil_a_file() {
    let stage = Arc::new(Stage::new());
    let manager = Manager::clone(&stage.open());
    let (sender, done) = mpsc::channel();
    for thread in 1..=THREADS {
        let (stage, manager, sender) = (stage.clone(), manager.clone(), sender.clone());
        let numbers = AtomicU64::new(thread * 1_000_000);
        std::thread::spawn(move || {
            let work = std::panic::AssertUnwindSafe(|| carry_out(&stage, &manager, &numbers, thread));
            sender.send(std::panic::catch_unwind(work).is_ok()).unwrap();
        });
    }
    for _ in 0..THREADS {
        assert!(done.recv_timeout(PATIENCE).expect("no thread hangs"));
    }
    for job in manager.jobs(false).unwrap() {
        job.cancel().unwrap();
        assert_eq!(job.state().unwrap(), JobState::Cancelled);
    }
    manager.close().unwrap();
    // What has a name is whole, and nothing else is left.
    for name in stage.names() {
        assert!(!name.starts_with('.'), "{name} is left");
        let found = std::fs::read(stage.path(&name)).unwrap();
        assert!(found == content::bytes(seed(&name), 0, 0, SIZE as usize), "{name} has wrong bytes");
    }
}

/// A store that says when a batch comes, and keeps it when it is told to.
struct Gate {
    medium: MemoryStore,
    come: mpsc::Sender<()>,
    keep: Mutex<mpsc::Receiver<()>>,
}

impl Store for Gate {
    fn load(&self, each: &mut EachRecord<'_>) -> Result<(), StoreError> {
        self.medium.load(each)
    }

    fn apply(&self, batch: Batch) -> Result<(), StoreError> {
        // A queue that is closing finds nobody at the gate.
        let _ = self.come.send(());
        let _ = self.keep.lock().recv();
        self.medium.apply(batch)
    }
}

#[test]
fn a_call_waits_for_its_own_decision_only_and_those_of_others_share_a_batch() {
    let stage = Stage::new();
    let (come, comes) = mpsc::channel();
    let (keep, kept) = mpsc::channel();
    let gate = Gate { medium: stage.store.clone(), come, keep: Mutex::new(kept) };
    let open = stage.open_with(Box::new(gate), Faults::none()).unwrap();
    let jobs: Vec<Job> = (0..3)
        .map(|_| {
            keep.send(()).unwrap();
            open.create_job("test", JobType::Download).unwrap()
        })
        .inspect(|_| comes.recv_timeout(PATIENCE).unwrap())
        .collect();
    std::thread::scope(|scope| {
        // Once it is gone the gate is open: a failure does not hang.
        let keep = keep;
        let describe = |job: &Job| {
            let (sender, done) = mpsc::channel();
            let job = job.clone();
            scope.spawn(move || sender.send(job.set_description("new".into())).unwrap());
            done
        };
        let first = describe(&jobs[0]);
        comes.recv_timeout(PATIENCE).unwrap();
        let others = [describe(&jobs[1]), describe(&jobs[2])];
        while jobs[1..].iter().any(|job| job.description().unwrap().is_empty()) {
            std::thread::yield_now();
        }
        keep.send(()).unwrap();
        comes.recv_timeout(PATIENCE).expect("the batch of the others");
        first.recv_timeout(PATIENCE).expect("the first call does not wait for it").unwrap();
        keep.send(()).unwrap();
        for other in others {
            other.recv_timeout(PATIENCE).expect("one batch for both").unwrap();
        }
    });
}

#[test]
fn a_transfer_begins_once_its_own_resume_is_durable() {
    let stage = Stage::new();
    for name in ["a", "b"] {
        stage.offer(name, 1000, "stall_headers");
    }
    let (come, comes) = mpsc::channel();
    let (keep, kept) = mpsc::channel();
    let gate = Gate { medium: stage.store.clone(), come, keep: Mutex::new(kept) };
    let open = stage.open_with(Box::new(gate), Faults::none()).unwrap();
    // Notify flags, priority, file and the job itself.
    (0..8).for_each(|_| keep.send(()).unwrap());
    let jobs = ["a", "b"].map(|name| {
        let job = stage.job(&open, &[name]);
        job.set_priority(JobPriority::Foreground).unwrap();
        job
    });
    (0..8).for_each(|_| comes.recv_timeout(PATIENCE).unwrap());
    std::thread::scope(|scope| {
        let keep = keep;
        let resume = |job: &Job| {
            let (sender, done) = mpsc::channel();
            let job = job.clone();
            scope.spawn(move || sender.send(job.resume()).unwrap());
            done
        };
        let first = resume(&jobs[0]);
        comes.recv_timeout(PATIENCE).unwrap();
        let second = resume(&jobs[1]);
        while jobs[1].state().unwrap() != JobState::Queued {
            std::thread::yield_now();
        }
        keep.send(()).unwrap();
        first.recv_timeout(PATIENCE).expect("it does not wait for the other one").unwrap();
        comes.recv_timeout(PATIENCE).expect("the batch of the second");
        assert_eq!(jobs.each_ref().map(|job| job.state().unwrap()), [JobState::Connecting, JobState::Queued]);
        keep.send(()).unwrap();
        second.recv_timeout(PATIENCE).expect("it is durable").unwrap();
        assert_eq!(jobs[1].state().unwrap(), JobState::Connecting);
    });
}

#[test]
fn closing_waits_for_nobody_and_leaves_no_thread_behind_a_call() {
    let stage = Stage::new();
    let open = stage.open();
    for name in ["a", "b", "c"] {
        stage.offer(name, 1000, "stall_after=10");
    }
    stage.running_job(&open, &["a", "b", "c"], JobPriority::Foreground);
    stage.wait_stalled("a", 1);
    let (sender, closed) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            let (sender, manager) = (sender.clone(), Manager::clone(&open));
            scope.spawn(move || sender.send(manager.close()).unwrap());
        }
    });
    for _ in 0..3 {
        closed.recv_timeout(PATIENCE).expect("closing ends").unwrap();
    }
}

#[test]
fn a_callback_may_close_the_queue() {
    let stage = Stage::new();
    let open = stage.open();
    stage.offer("a", 1000, "");
    let job = stage.job(&open, &["a"]);
    let manager = Manager::clone(&open);
    let (sender, closed) = mpsc::channel();
    let recorder = Recorder::answering(move |_, _| {
        let _ = sender.send(manager.close());
        ResultCode::BG_S_OK
    });
    job.set_callback(Some(recorder)).unwrap();
    closed.recv_timeout(PATIENCE).unwrap().unwrap();
}
