//! Running the client program, and killing it.

use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use crate::event::Event;
use crate::plan::Plan;
use crate::watch::PATIENCE;

const SIGKILL: i32 = 9;

/// A running client. Dropping it kills it.
pub struct Client {
    child: Child,
    events: Receiver<Event>,
    seen: Vec<Event>,
}

/// What became of a client.
#[derive(Debug)]
pub struct Ended {
    /// Everything it said.
    pub events: Vec<Event>,
    /// Whether it died of SIGKILL, and did not end by itself.
    pub killed: bool,
}

impl Client {
    /// Starts a client with `program` (`env!("CARGO_BIN_EXE_crash-client")`), to die at a crash point if one is given.
    ///
    /// # Panics
    /// It cannot be started.
    #[must_use]
    pub fn start(program: &str, plan: &Plan, point: Option<&str>, env: &[(&str, &Path)]) -> Client {
        let plan = serde_json::to_string(plan).expect("a plan is plain data");
        let mut command = Command::new(program);
        command.arg(plan).stdin(Stdio::null()).stdout(Stdio::piped()).env_remove("BGCOPY_CRASH_AT");
        if let Some(point) = point {
            command.env("BGCOPY_CRASH_AT", point);
        }
        command.envs(env.iter().copied());
        let mut child = command.spawn().expect("the client starts");
        let lines = BufReader::new(child.stdout.take().expect("its output is piped")).lines();
        let (sender, events) = channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                // The last line of a killed process may be torn.
                if let Ok(event) = serde_json::from_str(&line) {
                    let _ = sender.send(event);
                }
            }
        });
        Client { child, events, seen: Vec::new() }
    }

    /// Lets it run until it ends by itself or `patience` is over, and then kills it.
    ///
    /// # Panics
    /// It failed.
    #[must_use]
    pub fn run(mut self, patience: Duration) -> Ended {
        if self.listen(patience) {
            return self.kill();
        }
        let status = self.child.wait().expect("a child can be waited for");
        self.ended(status)
    }

    /// Lets it run for a while; whether it still does.
    pub fn listen(&mut self, patience: Duration) -> bool {
        let deadline = Instant::now() + patience;
        loop {
            match self.events.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(event) => self.seen.push(event),
                Err(RecvTimeoutError::Timeout) => return true,
                Err(RecvTimeoutError::Disconnected) => return false,
            }
        }
    }

    /// Waits until it ends by itself.
    ///
    /// # Panics
    /// It failed, or did not end in time.
    #[must_use]
    pub fn finish(self, what: &str) -> Ended {
        let id = self.child.id();
        let started = Instant::now();
        let ended = self.run(PATIENCE);
        let stuck = ended.killed && started.elapsed() >= PATIENCE;
        assert!(!stuck, "{what}: client {id} did not end; it said {:#?}", ended.events);
        ended
    }

    /// Kills it now.
    ///
    /// # Panics
    /// It failed before.
    #[must_use]
    pub fn kill(mut self) -> Ended {
        let _ = self.child.kill();
        let status = self.child.wait().expect("a child can be waited for");
        // Until the end of its output.
        self.seen.extend(self.events.iter());
        self.ended(status)
    }

    fn ended(&mut self, status: ExitStatus) -> Ended {
        let killed = status.signal() == Some(SIGKILL);
        assert!(killed || status.success(), "the client ended with {status}; it said {:#?}", self.seen);
        Ended { events: std::mem::take(&mut self.seen), killed }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
