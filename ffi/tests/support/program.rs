//! A child process with a time limit.
#![allow(dead_code, reason = "each test program uses its own part")]

use std::ffi::OsStr;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// A program to be run.
pub struct Program(Command);

/// What it said and how it ended.
pub struct Output {
    pub success: bool,
    pub text: String,
}

impl Program {
    /// A program, perhaps run by another one.
    pub fn new(runner: &[&str], path: &Path) -> Program {
        let mut words = runner.iter().map(OsStr::new).chain([path.as_os_str()]);
        let mut command = Command::new(words.next().expect("at least the program"));
        command.args(words).stdin(Stdio::null());
        // Cargo's would come before the library that the program was linked with.
        command.env_remove("LD_LIBRARY_PATH");
        Program(command)
    }

    /// Sets a variable of its environment.
    pub fn set(&mut self, name: &str, value: impl AsRef<OsStr>) {
        self.0.env(name, value);
    }

    /// Adds an argument.
    pub fn arg(&mut self, argument: impl AsRef<OsStr>) {
        self.0.arg(argument);
    }

    /// Runs it to its end; after the limit it is killed and has failed.
    pub fn run(mut self, limit: Duration) -> Output {
        let (mut reader, writer) = std::io::pipe().expect("a pipe");
        self.0.stdout(writer.try_clone().expect("a descriptor")).stderr(writer);
        let mut child = self.0.spawn().unwrap_or_else(|error| panic!("{:?}: {error}", self.0));
        // The command holds the writing end, too: the pipe ends when all have let go of it.
        drop(self.0);
        let (done, ended) = mpsc::channel();
        let text = std::thread::spawn(move || {
            let mut text = Vec::new();
            let _ = reader.read_to_end(&mut text);
            let _ = done.send(());
            String::from_utf8_lossy(&text).into_owned()
        });
        let in_time = ended.recv_timeout(limit).is_ok();
        if !in_time {
            kill(&mut child);
        }
        let success = child.wait().is_ok_and(|status| status.success()) && in_time;
        let mut text = text.join().expect("the reader");
        if !in_time {
            text.push_str("\nended by the test: it took too long");
        }
        Output { success, text }
    }

    /// Starts it and leaves it running; nobody hears what it says.
    pub fn start(mut self) -> Child {
        self.0.stdout(Stdio::null()).spawn().unwrap_or_else(|error| panic!("{:?}: {error}", self.0))
    }
}

/// Ends a child as a power failure would.
pub fn kill(child: &mut Child) {
    // It may have ended by itself.
    let _ = child.kill();
}
