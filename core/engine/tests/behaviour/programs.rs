//! The program of a job: when it is run, with which arguments, and what its exit code means.

use std::path::PathBuf;
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use bgcopy_engine::client::{CommandLine, Job, Result};
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::JobState;

use crate::stage::{PATIENCE, Recorder, Stage, Told};

fn code<T: std::fmt::Debug>(result: Result<T>) -> ResultCode {
    result.expect_err("the call is refused").code
}

/// What programs say, one message for each run.
struct Pipe {
    path: PathBuf,
    messages: Receiver<String>,
}

impl Pipe {
    fn new(stage: &Stage) -> Pipe {
        let path = stage.path("pipe");
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        let (sender, messages) = channel();
        let place = path.clone();
        // Ends with the test's directory; until then it waits for the next writer.
        std::thread::spawn(move || {
            while let Ok(message) = std::fs::read_to_string(&place) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        Pipe { path, messages }
    }

    /// A program that says its first two arguments and ends with an exit code.
    fn says(&self, exit: u32) -> Option<CommandLine> {
        let script = format!(r#"printf %s:%s \"$1\" \"$2\" > {}; exit {exit}"#, self.path.display());
        let parameters = Some(format!(r#"sh -c "{script}" name "a b" \"c"#));
        Some(CommandLine { program: "/bin/sh".into(), parameters })
    }

    fn next(&self) -> String {
        self.messages.recv_timeout(PATIENCE).expect("the program is run")
    }
}

fn ready(stage: &Stage) -> (crate::stage::Open, Job) {
    let open = stage.open();
    stage.offer("a", 1000, "");
    let job = stage.job(&open, &["a"]);
    (open, job)
}

#[test]
fn a_program_is_run_with_its_arguments_also_when_it_is_set_late() {
    let stage = Stage::new();
    let pipe = Pipe::new(&stage);
    let (open, job) = ready(&stage);
    job.resume().unwrap();
    open.until_state(&job, JobState::Transferred);
    job.set_notify_cmd_line(pipe.says(0)).unwrap();
    assert_eq!(pipe.next(), "a b:\"c");
}

#[test]
fn a_program_that_fails_is_run_again_until_it_succeeds() {
    let stage = Stage::new();
    let pipe = Pipe::new(&stage);
    let (open, job) = ready(&stage);
    job.set_notify_cmd_line(pipe.says(3)).unwrap();
    job.resume().unwrap();
    pipe.next();
    // It ends a moment after it spoke.
    let deadline = Instant::now() + PATIENCE;
    loop {
        assert!(Instant::now() < deadline, "the program is run once only");
        stage.clock.advance(Duration::from_secs(60));
        if pipe.messages.recv_timeout(Duration::from_millis(5)).is_ok() {
            break;
        }
    }
    let id = job.id();
    open.close().unwrap();
    let open = stage.open();
    // It outlives the process that set it.
    pipe.next();
    let job = open.job(id).unwrap();
    assert_eq!(job.notify_cmd_line().unwrap(), pipe.says(3));
    job.set_notify_cmd_line(None).unwrap();
    assert_eq!(job.complete().unwrap(), ResultCode::BG_S_OK);
}

#[test]
fn a_program_is_run_only_for_what_the_callback_did_not_take() {
    for (answer, runs) in [(ResultCode::BG_S_OK, false), (ResultCode::BG_E_FAIL, true)] {
        let stage = Stage::new();
        let pipe = Pipe::new(&stage);
        let (open, job) = ready(&stage);
        let recorder = Recorder::answering(move |_, told| match told {
            Told::Transferred => answer,
            _ => ResultCode::BG_S_OK,
        });
        job.set_callback(Some(recorder.clone())).unwrap();
        job.set_notify_cmd_line(pipe.says(0)).unwrap();
        job.resume().unwrap();
        recorder.wait_for(&Told::Transferred);
        if runs {
            pipe.next();
        } else {
            // A later event shows that the first one is over.
            job.set_description("changed".into()).unwrap();
            open.until_state(&job, JobState::Transferred);
            recorder.wait("a modification behind it", |told| told.last() == Some(&Told::Modification));
            assert!(pipe.messages.try_recv().is_err());
        }
        assert_eq!(recorder.news().iter().filter(|told| **told == Told::Transferred).count(), 1);
    }
}

#[test]
fn limits_of_a_command_line_are_checked() {
    let stage = Stage::new();
    let (_open, job) = ready(&stage);
    let set = |program: &str, parameters: Option<String>| {
        job.set_notify_cmd_line(Some(CommandLine { program: program.into(), parameters }))
    };
    assert_eq!(code(set("sh", None)), ResultCode::BG_E_INVALIDARG);
    assert_eq!(code(set("", None)), ResultCode::BG_E_INVALIDARG);
    assert_eq!(code(set("/p", Some("x".repeat(4001)))), ResultCode::BG_E_STRING_TOO_LONG);
    assert_eq!(code(set(&format!("/{}", "x".repeat(4095)), None)), ResultCode::BG_E_STRING_TOO_LONG);
    assert_eq!(job.notify_cmd_line().unwrap(), None);
    job.cancel().unwrap();
    assert_eq!(code(set("/p", None)), ResultCode::BG_E_INVALID_STATE);
}
