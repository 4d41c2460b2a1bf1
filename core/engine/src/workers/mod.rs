//! The worker pool: threads that each carry one blocking attempt at a time.
//!
//! Threads are made when there is work for them and end after a while without any: an idle queue has none.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Weak};
use std::time::Duration;

use bgcopy_protocol::Guid;
use bgcopy_protocol::flags::{SecurityFlags, TokenFlags};
use parking_lot::{Condvar, Mutex};

use crate::queue::Queue;
use crate::sys::cancel::CancelToken;
use crate::sys::fs::Directories;
use crate::transfer::Version;
use crate::transfer::access::AccessRecord;
use crate::transfer::http::Ahead;
use crate::transfer::progress::Progress;
use crate::transfer::sink::Buffer;
use crate::transfer::upload::Session;

/// Idle threads wait this long for more work.
const LINGER: Duration = Duration::from_secs(2);
/// Resolving names and TLS need the most.
const STACK: usize = 512 * 1024;

/// One attempt at one file.
#[derive(Debug)]
pub(crate) struct Task {
    pub job: Guid,
    /// A report of another attempt is too late.
    pub attempt: u64,
    pub file: u32,
    pub remote: Box<str>,
    pub local: Box<str>,
    pub offset: u64,
    pub version: Version,
    pub foreground: bool,
    pub security: SecurityFlags,
    /// The server makes the content while it sends it.
    pub dynamic: bool,
    /// The bytes go to the final name at once, and progress is not stored.
    pub direct: bool,
    /// In place of GET.
    pub method: Option<Box<str>>,
    /// Headers for every request, encrypted.
    pub headers: Option<Box<[u8]>>,
    /// How servers are reached.
    pub access: Option<Box<AccessRecord>>,
    /// What the helper token is used for, and the directories it opens; it may be missing.
    pub token_flags: TokenFlags,
    pub token: Option<Arc<Directories>>,
    /// The job may download so many bytes only.
    pub limited: bool,
    /// The file is fetched in parts.
    pub parts: bool,
    /// What is known of the session of a file that is sent to a server.
    pub upload: Option<Box<Session>>,
    /// Its session stays open, because the reply is not here.
    pub waits_for_reply: bool,
    /// The job is TRANSFERRING already.
    pub connected: bool,
    pub cancel: CancelToken,
    pub progress: Arc<Progress>,
    /// Its first request, where that was sent before its turn.
    pub ahead: Option<Ahead>,
}

/// What a thread does.
#[expect(clippy::large_enum_variant, reason = "nearly all are transfers")]
pub(crate) enum Work {
    Transfer(Task),
    /// Telling a server that a session is over, by its number.
    Cancellation(u64),
}

/// Threads for transfers.
pub(crate) struct Pool {
    state: Mutex<State>,
    wake: Condvar,
    queue: Weak<Queue>,
}

#[derive(Default)]
struct State {
    tasks: VecDeque<Work>,
    idle: usize,
    threads: usize,
    closing: bool,
}

impl Pool {
    /// A pool without threads.
    pub fn new(queue: Weak<Queue>) -> Pool {
        Pool { state: Mutex::default(), wake: Condvar::new(), queue }
    }

    /// Hands a task to a thread; never waits. The queue limits how many there are.
    ///
    /// # Errors
    /// There is no thread for it; the task is dropped.
    pub fn submit(&self, task: Work) -> io::Result<()> {
        let mut state = self.state.lock();
        state.tasks.push_back(task);
        if state.idle >= state.tasks.len() {
            self.wake.notify_one();
            return Ok(());
        }
        let Some(queue) = self.queue.upgrade() else { return Ok(()) };
        let thread = std::thread::Builder::new()
            .name("bgcopy-worker".into())
            .stack_size(STACK)
            .spawn(move || queue.pool().run(&queue));
        match thread {
            Ok(_) => {
                state.threads += 1;
                Ok(())
            }
            Err(error) => {
                state.tasks.pop_back();
                Err(error)
            }
        }
    }

    fn run(&self, queue: &Arc<Queue>) {
        let mut buffer = Buffer::new(Buffer::LARGE);
        let mut state = self.state.lock();
        loop {
            if let Some(task) = state.tasks.pop_front() {
                drop(state);
                match task {
                    Work::Transfer(task) => queue.work(task, &mut buffer),
                    Work::Cancellation(number) => queue.work_cancellation(number),
                }
                state = self.state.lock();
            } else if state.closing {
                break;
            } else {
                state.idle += 1;
                let late = self.wake.wait_for(&mut state, LINGER).timed_out();
                state.idle -= 1;
                if late && state.tasks.is_empty() {
                    break;
                }
            }
        }
        state.threads -= 1;
        self.wake.notify_all();
    }

    /// Ends all threads; their tasks were cancelled before.
    pub fn close(&self) {
        let mut state = self.state.lock();
        state.closing = true;
        self.wake.notify_all();
        while state.threads > 0 {
            self.wake.wait(&mut state);
        }
    }
}
