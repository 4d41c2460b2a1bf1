//! The program of a job: when it is run, with which arguments, and what its exit code means.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use bgcopy_engine::client::{Callback, CommandLine, File, Job, Result};
use bgcopy_engine::model::property::notify;
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

fn fifo(path: &std::path::Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

impl Pipe {
    fn new(stage: &Stage) -> Pipe {
        Pipe::named(stage, "pipe")
    }

    fn named(stage: &Stage, name: &str) -> Pipe {
        let path = stage.path(name);
        fifo(&path);
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
        self.says_and(&format!("exit {exit}"))
    }

    /// A program that says its first two arguments and goes on.
    fn says_and(&self, more: &str) -> Option<CommandLine> {
        let script = format!(r#"printf %s:%s \"$1\" \"$2\" > {}; {more}"#, self.path.display());
        let parameters = Some(format!(r#"sh -c "{script}" name "a b" \"c"#));
        Some(CommandLine { program: "/bin/sh".into(), parameters })
    }

    fn next(&self) -> String {
        self.messages.recv_timeout(PATIENCE).expect("the program is run")
    }

    /// Waits for the next run while time passes; gives the seconds that did.
    fn next_moving(&self, stage: &Stage) -> u64 {
        let (deadline, mut passed) = (Instant::now() + PATIENCE, 0);
        while self.messages.recv_timeout(Duration::from_millis(5)).is_err() {
            assert!(Instant::now() < deadline, "the program is not run again");
            stage.clock.advance(Duration::from_secs(30));
            passed += 30;
        }
        passed
    }

    fn is_silent(&self) -> bool {
        self.messages.try_recv().is_err()
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
    job.set_minimum_retry_delay(120).unwrap();
    job.resume().unwrap();
    pipe.next();
    assert!(pipe.next_moving(&stage) >= 120, "the program is run again before its time");
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
            assert!(pipe.is_silent());
        }
        assert_eq!(recorder.news().iter().filter(|told| **told == Told::Transferred).count(), 1);
    }
}

#[test]
fn a_program_is_run_for_what_the_callback_does_not_hear() {
    struct Watcher(Sender<()>);
    impl Callback for Watcher {
        fn hears(&self) -> u32 {
            notify::JOB_MODIFICATION
        }
        fn job_modification(&self, _: &Job) -> ResultCode {
            let _ = self.0.send(());
            ResultCode::BG_S_OK
        }
        fn job_transferred(&self, _: &Job) -> ResultCode {
            unreachable!("it does not hear of that")
        }
        fn file_transferred(&self, _: &Job, _: &File) -> ResultCode {
            unreachable!("nor of that")
        }
    }
    let stage = Stage::new();
    let pipe = Pipe::new(&stage);
    let (_open, job) = ready(&stage);
    let (sender, modified) = channel();
    job.set_callback(Some(Arc::new(Watcher(sender)))).unwrap();
    job.set_notify_cmd_line(pipe.says(0)).unwrap();
    job.resume().unwrap();
    pipe.next();
    modified.recv_timeout(PATIENCE).unwrap();
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

#[test]
fn a_program_hears_of_transferred_and_error_only_and_as_the_flags_say() {
    let stage = Stage::new();
    let pipe = Pipe::new(&stage);
    let (open, job) = ready(&stage);
    let silent = notify::JOB_MODIFICATION | notify::FILE_TRANSFERRED | notify::JOB_ERROR;
    job.set_notify_flags(silent).unwrap();
    job.set_notify_cmd_line(pipe.says(0)).unwrap();
    job.resume().unwrap();
    open.until_state(&job, JobState::Transferred);
    job.set_notify_flags(notify::JOB_TRANSFERRED | notify::DISABLE).unwrap();
    // The program of another job passes meanwhile.
    let witness = Pipe::named(&stage, "witness");
    stage.offer("missing", 1, "status=404");
    let failing = stage.job(&open, &["missing"]);
    failing.set_notify_cmd_line(witness.says(0)).unwrap();
    failing.resume().unwrap();
    witness.next();
    assert_eq!(failing.state().unwrap(), JobState::Error);
    assert!(pipe.is_silent());
    job.set_notify_flags(notify::JOB_TRANSFERRED).unwrap();
    pipe.next();
}

#[test]
fn a_program_that_fails_is_not_run_again_for_a_job_that_ended() {
    let stage = Stage::new();
    let (pipe, witness) = (Pipe::new(&stage), Pipe::named(&stage, "witness"));
    let (open, job) = ready(&stage);
    stage.offer("b", 1000, "");
    let other = stage.job(&open, &["b"]);
    for (job, program) in [(&job, pipe.says(1)), (&other, witness.says(1))] {
        job.set_notify_cmd_line(program).unwrap();
        job.resume().unwrap();
    }
    pipe.next();
    witness.next();
    job.complete().unwrap();
    for _ in 0..2 {
        witness.next_moving(&stage);
    }
    assert!(pipe.is_silent());
}

#[test]
fn when_neither_callback_nor_program_takes_it_an_event_is_told_again_to_both() {
    let stage = Stage::new();
    let pipe = Pipe::new(&stage);
    let (_open, job) = ready(&stage);
    let recorder = Recorder::answering(|_, told| match told {
        Told::Transferred => ResultCode::BG_E_FAIL,
        _ => ResultCode::BG_S_OK,
    });
    let told = |told: &[Told]| told.iter().filter(|told| **told == Told::Transferred).count();
    job.set_callback(Some(recorder.clone())).unwrap();
    // It is not there yet: starting it fails, which is as good as an exit code.
    let program = stage.path("later");
    let line = CommandLine { program: program.to_str().unwrap().into(), parameters: None };
    job.set_notify_cmd_line(Some(line)).unwrap();
    job.resume().unwrap();
    recorder.wait("once", |seen| told(seen) == 1);
    recorder.wait_moving("twice", || stage.clock.advance(Duration::from_secs(60)), |seen| told(seen) >= 2);
    let new = stage.path("new");
    std::fs::write(&new, format!("#!/bin/sh\nprintf x > {}\n", pipe.path.display())).unwrap();
    std::fs::set_permissions(&new, PermissionsExt::from_mode(0o755)).unwrap();
    std::fs::rename(&new, &program).unwrap();
    pipe.next_moving(&stage);
}

#[test]
fn a_new_event_and_nobody_else_waits_for_a_running_program() {
    let stage = Stage::new();
    let pipe = Pipe::new(&stage);
    let gate = stage.path("gate");
    fifo(&gate);
    let open = stage.open();
    stage.offer("a", 1000, "status=404");
    let job = stage.job(&open, &["a"]);
    job.set_notify_cmd_line(pipe.says_and(&format!("read line < {}", gate.display()))).unwrap();
    job.resume().unwrap();
    pipe.next();
    stage.change("a", "-status=");
    job.resume().unwrap();
    open.until_state(&job, JobState::Transferred);
    // Another job's program is run meanwhile.
    let witness = Pipe::named(&stage, "witness");
    stage.offer("b", 1000, "");
    let other = stage.job(&open, &["b"]);
    other.set_notify_cmd_line(witness.says(0)).unwrap();
    other.resume().unwrap();
    witness.next();
    assert!(pipe.is_silent());
    let pass = || std::fs::write(&gate, "go\n").unwrap();
    pass();
    pipe.next();
    // Closing does not wait for it.
    open.close().unwrap();
    pass();
}

#[test]
fn four_programs_run_at_once_and_the_next_one_when_one_of_them_ends() {
    let stage = Stage::new();
    let pipe = Pipe::new(&stage);
    let gate = |index: usize| stage.path(&format!("gate{index}"));
    // It says its number, and ends when it is let through the gate.
    let program = |index: usize| {
        let line = format!("printf {index} > {}; read line < {}", pipe.path.display(), gate(index).display());
        let parameters = Some(format!("sh -c \"{line}\""));
        Some(CommandLine { program: "/bin/sh".into(), parameters })
    };
    let open = stage.open();
    stage.offer("a", 1000, "");
    let mut jobs = Vec::new();
    for index in 0..7 {
        fifo(&gate(index));
        let job = stage.job(&open, &[]);
        let to = stage.path(&format!("to{index}"));
        job.add_file(&stage.server.url("/r/a"), to.to_str().unwrap()).unwrap();
        job.set_notify_cmd_line(program(index)).unwrap();
        job.resume().unwrap();
        open.until_state(&job, JobState::Transferred);
        if index < 4 {
            assert_eq!(pipe.next(), index.to_string());
        }
        jobs.push(job);
    }
    // What waits is run as it is then: not for a job that has ended, nor one without a program any more.
    jobs[4].complete().unwrap();
    jobs[5].set_notify_cmd_line(None).unwrap();
    assert!(pipe.is_silent(), "four are running");
    std::fs::write(gate(2), "go\n").unwrap();
    assert_eq!(pipe.next(), "6", "the first one that is still to be run");
    // The one that was taken away is run again when it is given back, once there is room.
    jobs[5].set_notify_cmd_line(program(5)).unwrap();
    std::fs::write(gate(0), "go\n").unwrap();
    assert_eq!(pipe.next(), "5");
    open.close().unwrap();
    for index in [1, 3, 5, 6] {
        std::fs::write(gate(index), "go\n").unwrap();
    }
}
