//! Random histories of a queue against a simple reference of what its jobs must be.
//!
//! Calls with good and bad arguments, failing and changing servers, restarts and crashes, some of them while files
//! are under way. The files of a job go one by one here, so that the first bad one decides how it ends.

use std::path::PathBuf;
use std::time::Duration;

use bgcopy_engine::client::{Job, Result};
use bgcopy_engine::sys::fs::Faults;
use bgcopy_protocol::enums::{JobPriority, JobState, JobType};
use bgcopy_protocol::{Guid, ResultCode};
use bgcopy_testserver::content;
use proptest::prelude::*;

use crate::stage::{ALL_EVENTS, Open, Stage, Witness, seed};

/// One step of a history. Numbers of jobs are taken modulo the jobs there are.
#[derive(Clone, Debug)]
enum Op {
    Create {
        name_length: usize,
    },
    Add {
        job: usize,
        size: u64,
        serving: Serving,
        names: Names,
    },
    Resume(usize),
    Suspend(usize),
    Cancel(usize),
    Complete(usize),
    Set(usize, Setting),
    /// Everything is served well from now on.
    Heal,
    /// All remote files become another version.
    Change,
    /// An hour passes: whatever waits for a retry is tried again.
    Hour,
    /// The queue is closed and opened again.
    Restart,
    /// The process ends without a word.
    Crash,
    /// The process ends when only the intent of Complete, or of Cancel, is stored.
    CrashWhileEnding {
        job: usize,
        complete: bool,
    },
    /// Everything comes to rest.
    Settle,
}

/// How the server answers for a file, until it is healed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Serving {
    Good,
    Missing,
    Unavailable,
    Reset,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Names {
    Good,
    BadUrl,
    RelativePath,
    MissingDirectory,
}

#[derive(Clone, Debug)]
enum Setting {
    Name(usize),
    Description(usize),
    Priority(JobPriority),
    Flags(u32),
    RetryDelay(u32),
    NoProgress(u32),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Done {
    No,
    /// A worker was at it when it was stopped.
    Perhaps,
    Yes,
}

#[derive(Debug)]
struct RefFile {
    name: String,
    size: u64,
    serving: Serving,
    done: Done,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    /// Under way; it comes to rest by itself.
    Running,
    Rests(JobState, Option<Serving>),
}

const SUSPENDED: State = State::Rests(JobState::Suspended, None);

struct RefJob {
    id: Guid,
    job: Job,
    state: State,
    files: Vec<RefFile>,
    name: String,
    description: String,
    priority: JobPriority,
    flags: u32,
    delay: u32,
    timeout: u32,
}

impl RefJob {
    /// How it comes to rest: at the first file that is not served well.
    fn run(&mut self) {
        let mut end = State::Rests(JobState::Transferred, None);
        for file in &mut self.files {
            if file.done == Done::Yes {
                continue;
            }
            if file.serving != Serving::Good {
                let retried = file.serving != Serving::Missing && self.timeout >= self.delay;
                let state = if retried { JobState::TransientError } else { JobState::Error };
                end = State::Rests(state, Some(file.serving));
                break;
            }
            file.done = Done::Yes;
        }
        self.state = end;
    }

    /// Nothing moves any more, and what has arrived is on record.
    fn rests(&self) -> bool {
        let moves = [JobState::Queued, JobState::Connecting, JobState::Transferring];
        let done = self.files.iter().filter(|file| file.done == Done::Yes).count();
        !moves.contains(&self.job.state().unwrap())
            && self.job.progress().unwrap().files_transferred as usize >= done
    }

    /// It was stopped while it moved: whatever it could have reached may be there.
    fn interrupt(&mut self) {
        if self.state == State::Running {
            let reachable = self.files.iter_mut().take_while(|file| file.serving == Serving::Good);
            for file in reachable.filter(|file| file.done == Done::No) {
                file.done = Done::Perhaps;
            }
        }
    }
}

struct History {
    stage: Stage,
    witness: Witness,
    open: Open,
    jobs: Vec<RefJob>,
    /// Files that were given their names.
    published: Vec<(String, u64)>,
    next_file: u32,
    version: u64,
}

impl History {
    fn new() -> History {
        let mut stage = Stage::new();
        stage.settings.foreground_files_in_flight = 1;
        stage.settings.background_files_in_flight = 1;
        stage.settings.checkpoint = Duration::from_millis(2);
        let witness = Witness::new(&stage.store);
        let open = stage.open_with(Box::new(witness.clone()), Faults::none()).unwrap();
        History { stage, witness, open, jobs: Vec::new(), published: Vec::new(), next_file: 0, version: 0 }
    }

    /// Opens the queue over what is stored and finds the jobs again.
    fn reopen(&mut self) {
        self.witness = Witness::new(&self.stage.store);
        self.open = self.stage.open_with(Box::new(self.witness.clone()), Faults::none()).unwrap();
        for job in &mut self.jobs {
            job.job = self.open.job(job.id).unwrap();
        }
    }

    fn carry_out(&mut self, op: &Op) {
        // Where the outcome would depend on how far a job has come, it comes to rest first.
        let while_moving = matches!(
            op,
            Op::Create { .. }
                | Op::Resume(_)
                | Op::Suspend(_)
                | Op::Cancel(_)
                | Op::Complete(_)
                | Op::Restart
                | Op::Crash
        );
        if !while_moving {
            self.settle();
        }
        let count = self.jobs.len();
        match op {
            Op::Create { name_length } => self.create(*name_length),
            Op::Settle => {}
            Op::Heal => self.heal(),
            Op::Change => {
                self.version += 1;
                for file in self.jobs.iter().flat_map(|job| &job.files) {
                    self.stage.change(&file.name, &format!("version={}", self.version));
                }
            }
            Op::Hour => self.hour(),
            Op::Restart => {
                self.open.close().unwrap();
                self.reopen();
            }
            Op::Crash => {
                let stored = self.stage.store.snapshot();
                self.open.close().unwrap();
                self.stage.store = stored;
                self.reopen();
            }
            _ if count == 0 => {}
            Op::Add { job, size, serving, names } => self.add(job % count, *size, *serving, *names),
            Op::Resume(job) => self.resume(job % count),
            Op::Suspend(job) => {
                let job = &mut self.jobs[job % count];
                job.job.suspend().unwrap();
                job.interrupt();
                job.state = SUSPENDED;
            }
            Op::Cancel(job) => self.end(job % count, false, false),
            Op::Complete(job) => self.end(job % count, true, false),
            Op::CrashWhileEnding { job, complete } => self.end(job % count, *complete, true),
            Op::Set(job, setting) => self.set(job % count, setting),
        }
    }

    fn create(&mut self, name_length: usize) {
        let name = "ä".repeat(name_length);
        let result = self.open.create_job(&name, JobType::Download);
        if name_length > 256 {
            assert_code(&result, ResultCode::BG_E_INVALIDARG);
            return;
        }
        let job = result.unwrap();
        job.set_notify_flags(ALL_EVENTS).unwrap();
        self.jobs.push(RefJob {
            id: job.id(),
            job,
            state: SUSPENDED,
            files: Vec::new(),
            name,
            description: String::new(),
            priority: JobPriority::Normal,
            flags: ALL_EVENTS,
            delay: 600,
            timeout: 1_209_600,
        });
    }

    fn add(&mut self, job: usize, size: u64, serving: Serving, names: Names) {
        self.next_file += 1;
        let name = format!("f{}", self.next_file);
        let fault = match serving {
            Serving::Good => "",
            Serving::Missing => "&status=404",
            Serving::Unavailable => "&status=503",
            Serving::Reset => "&reset_headers",
        };
        let url = self.stage.offer(&name, size, &format!("version={}{fault}", self.version));
        let path = self.stage.path(&name).to_str().unwrap().to_owned();
        let job = &mut self.jobs[job];
        let (url, path, code) = match names {
            Names::Good => (url, path, None),
            Names::BadUrl => ("ftp://host/file".into(), path, Some(ResultCode::BG_E_INVALIDARG)),
            Names::RelativePath => (url, name.clone(), Some(ResultCode::BG_E_INVALIDARG)),
            Names::MissingDirectory => {
                (url, format!("{path}/missing/x"), Some(ResultCode::BG_E_WIN32_PATH_NOT_FOUND))
            }
        };
        let result = job.job.add_file(&url, &path);
        match code {
            Some(code) => assert_code(&result, code),
            None => {
                result.unwrap();
                job.files.push(RefFile { name, size, serving, done: Done::No });
            }
        }
    }

    fn resume(&mut self, job: usize) {
        let job = &mut self.jobs[job];
        let result = job.job.resume();
        if job.files.is_empty() {
            assert_code(&result, ResultCode::BG_E_EMPTY);
        } else {
            result.unwrap();
            job.state = State::Running;
        }
    }

    fn set(&mut self, job: usize, setting: &Setting) {
        let job = &mut self.jobs[job];
        let too_long = ResultCode::BG_E_STRING_TOO_LONG;
        match setting {
            Setting::Name(length) => {
                let text = "n".repeat(*length);
                let result = job.job.set_display_name(text.clone());
                expect(result, *length > 256, too_long, || job.name = text);
            }
            Setting::Description(length) => {
                let text = "d".repeat(*length);
                let result = job.job.set_description(text.clone());
                expect(result, *length > 1024, too_long, || job.description = text);
            }
            Setting::Priority(priority) => {
                job.job.set_priority(*priority).unwrap();
                job.priority = *priority;
            }
            Setting::Flags(flags) => {
                // The test listens, whatever else is asked for.
                let flags = flags | ALL_EVENTS;
                let result = job.job.set_notify_flags(flags);
                expect(result, flags & !0x3f != 0, ResultCode::BG_E_NOTIMPL, || job.flags = flags);
            }
            Setting::RetryDelay(delay) => {
                job.job.set_minimum_retry_delay(*delay).unwrap();
                job.delay = (*delay).max(5);
            }
            Setting::NoProgress(timeout) => {
                job.job.set_no_progress_timeout(*timeout).unwrap();
                job.timeout = *timeout;
                if *timeout == 0 && matches!(job.state, State::Rests(JobState::TransientError, _)) {
                    // It has been without progress for longer than that.
                    self.open.until_state(&job.job, JobState::Error);
                    job.state = State::Rests(JobState::Error, None);
                }
            }
        }
    }

    fn heal(&mut self) {
        for file in self.jobs.iter_mut().flat_map(|job| &mut job.files) {
            self.stage.change(&file.name, "-status=&-reset_headers=");
            file.serving = Serving::Good;
        }
    }

    fn hour(&mut self) {
        let waiting = |job: &RefJob| matches!(job.state, State::Rests(JobState::TransientError, _));
        let counts: Vec<_> = self.jobs.iter().map(|job| job.job.error_count().unwrap()).collect();
        self.stage.clock.advance(Duration::from_secs(3600));
        for (job, count) in self.jobs.iter_mut().zip(counts) {
            if !waiting(job) {
                continue;
            }
            job.run();
            self.open.until("the retry", || {
                let (state, errors) = (job.job.state().unwrap(), job.job.error_count().unwrap());
                job.rests() && (state != JobState::TransientError || errors > count)
            });
        }
    }

    /// Complete or Cancel, perhaps with the process ending before more than the intent is stored.
    fn end(&mut self, job: usize, complete: bool, crash: bool) {
        let mut ended = self.jobs.remove(job);
        let paths: Vec<PathBuf> = ended.files.iter().map(|file| self.stage.path(&file.name)).collect();
        let temporary: Vec<String> =
            ended.job.files().unwrap().iter().map(|file| file.temporary_name().unwrap()).collect();
        if crash {
            self.witness.copy_next();
        }
        let code = if complete { ended.job.complete() } else { ended.job.cancel() }.unwrap();
        let state = if complete { JobState::Acknowledged } else { JobState::Cancelled };
        assert_eq!(ended.job.state().unwrap(), state);
        if crash {
            self.open.close().unwrap();
            self.stage.store = self.witness.copy();
            self.reopen();
        }
        ended.interrupt();
        for path in &temporary {
            assert!(!PathBuf::from(path).exists(), "{path} is left");
        }
        let named: Vec<bool> = paths.iter().map(|path| path.exists()).collect();
        if !complete {
            assert!(named.iter().all(|named| !named), "a file of a cancelled job has its name");
            return;
        }
        let whole = named.iter().all(|named| *named);
        let expected = if whole { ResultCode::BG_S_OK } else { ResultCode::BG_S_PARTIAL_COMPLETE };
        assert_eq!(code, expected);
        for (file, named) in ended.files.iter().zip(named) {
            match file.done {
                Done::Yes => assert!(named, "{file:?} was done"),
                Done::No => assert!(!named, "{file:?} was not done"),
                Done::Perhaps => {}
            }
            if named {
                self.published.push((file.name.clone(), file.size));
            }
        }
    }

    /// Waits until nothing moves, and says where everything must be.
    fn settle(&mut self) {
        for job in self.jobs.iter_mut().filter(|job| job.state == State::Running) {
            job.run();
            self.open.until("rest", || job.rests());
        }
    }

    fn check(&self) {
        let found: Vec<_> = self.open.jobs(false).unwrap().iter().map(Job::id).collect();
        assert_eq!(found, self.jobs.iter().map(|job| job.id).collect::<Vec<_>>());
        for RefJob { job, state, files, .. } in &self.jobs {
            if let State::Rests(state, why) = state {
                assert_eq!(job.state().unwrap(), *state);
                match (state, job.error()) {
                    (JobState::Error | JobState::TransientError, Ok(error)) => match why {
                        Some(Serving::Missing) => assert_eq!(error.code(), ResultCode::BG_E_HTTP_ERROR_404),
                        Some(Serving::Unavailable) => {
                            assert_eq!(error.code(), ResultCode::BG_E_HTTP_ERROR_503);
                        }
                        Some(_) => assert!(error.code().http_status().is_none()),
                        None => assert_eq!(error.code(), ResultCode::BG_E_NO_PROGRESS),
                    },
                    (JobState::Error | JobState::TransientError, Err(error)) => panic!("{error}"),
                    (JobState::Transferred, error) => assert!(error.is_err()),
                    _ => {}
                }
                let sure = |done| files.iter().filter(|file| file.done == done).count();
                let transferred = job.progress().unwrap().files_transferred as usize;
                assert!((sure(Done::Yes)..=sure(Done::Yes) + sure(Done::Perhaps)).contains(&transferred));
            }
            let names = files.iter().map(|file| {
                let path = self.stage.path(&file.name).to_str().unwrap().to_owned();
                (self.stage.server.url(&format!("/r/{}", file.name)), path)
            });
            let found = job.files().unwrap();
            let found = found.iter().map(|file| (file.remote_name().unwrap(), file.local_name().unwrap()));
            assert!(names.eq(found));
        }
        for job in &self.jobs {
            assert_eq!(job.job.display_name().unwrap(), job.name);
            assert_eq!(job.job.description().unwrap(), job.description);
            assert_eq!(job.job.priority().unwrap(), job.priority);
            assert_eq!(job.job.notify_flags().unwrap(), job.flags);
            assert_eq!(job.job.minimum_retry_delay().unwrap(), job.delay);
            assert_eq!(job.job.no_progress_timeout().unwrap(), job.timeout);
        }
    }

    /// Cancels what is left: then exactly the published files are there, each in one version.
    fn finish(mut self) {
        while !self.jobs.is_empty() {
            self.end(0, false, false);
        }
        let mut names: Vec<&str> = self.published.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(self.stage.names(), names);
        for (name, size) in &self.published {
            let found = std::fs::read(self.stage.path(name)).unwrap();
            let size = usize::try_from(*size).unwrap();
            let same = |version| found == content::bytes(seed(name), version, 0, size);
            assert!((0..=self.version).any(same), "{name} is no version of the remote file");
        }
        self.open.close().unwrap();
    }
}

fn assert_code<T: std::fmt::Debug>(result: &Result<T>, code: ResultCode) {
    assert_eq!(result.as_ref().map(drop).map_err(|error| error.code), Err(code), "{result:?}");
}

fn expect(result: Result<()>, refused: bool, code: ResultCode, then: impl FnOnce()) {
    if refused {
        assert_code(&result, code);
    } else {
        result.unwrap();
        then();
    }
}

fn op() -> impl Strategy<Value = Op> {
    let job = || 0..4_usize;
    let serving = prop_oneof![
        5 => Just(Serving::Good),
        1 => Just(Serving::Missing),
        1 => Just(Serving::Unavailable),
        1 => Just(Serving::Reset),
    ];
    let names = prop_oneof![
        8 => Just(Names::Good),
        1 => Just(Names::BadUrl),
        1 => Just(Names::RelativePath),
        1 => Just(Names::MissingDirectory),
    ];
    let size = prop_oneof![Just(0_u64), Just(1), Just(1000), 1..300_000_u64, Just(1_500_000)];
    let setting = prop_oneof![
        prop_oneof![Just(0_usize), Just(256), Just(257)].prop_map(Setting::Name),
        prop_oneof![Just(0_usize), Just(1024), Just(1025)].prop_map(Setting::Description),
        prop_oneof![
            Just(JobPriority::Foreground),
            Just(JobPriority::High),
            Just(JobPriority::Normal),
            Just(JobPriority::Low)
        ]
        .prop_map(Setting::Priority),
        prop_oneof![Just(0_u32), Just(0x20), Just(0x40), Just(0x8000_0000)].prop_map(Setting::Flags),
        prop_oneof![Just(0_u32), Just(60), Just(3600)].prop_map(Setting::RetryDelay),
        prop_oneof![Just(0_u32), Just(1_209_600)].prop_map(Setting::NoProgress),
    ];
    prop_oneof![
        3 => prop_oneof![4 => Just(4_usize), 1 => Just(256), 1 => Just(257)]
            .prop_map(|name_length| Op::Create { name_length }),
        6 => (job(), size, serving, names)
            .prop_map(|(job, size, serving, names)| Op::Add { job, size, serving, names }),
        6 => job().prop_map(Op::Resume),
        2 => job().prop_map(Op::Suspend),
        1 => job().prop_map(Op::Cancel),
        2 => job().prop_map(Op::Complete),
        2 => (job(), setting).prop_map(|(job, setting)| Op::Set(job, setting)),
        1 => Just(Op::Heal),
        1 => Just(Op::Change),
        2 => Just(Op::Hour),
        1 => Just(Op::Restart),
        2 => Just(Op::Crash),
        1 => (job(), any::<bool>()).prop_map(|(job, complete)| Op::CrashWhileEnding { job, complete }),
        3 => Just(Op::Settle),
    ]
}

/// A short run with every `cargo test`; more with PROPTEST_CASES.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(256)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_queue_is_what_the_reference_says_after_every_step(ops in prop::collection::vec(op(), 1..30)) {
        let mut history = History::new();
        for op in &ops {
            history.carry_out(op);
            history.check();
        }
        history.finish();
    }
}
