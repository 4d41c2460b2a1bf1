//! Bytes of two versions never meet in one file, and bytes that are provably the same are not fetched again:
//! every kind of validator × every interruption × every change of the file, in the foreground and in the background.

use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bgcopy_crash_tests::client::Client;
use bgcopy_crash_tests::content::{check, temporary_files};
use bgcopy_crash_tests::event::Event;
use bgcopy_crash_tests::plan::{self, Ending, Plan};
use bgcopy_crash_tests::watch::{PATIENCE, Watch};
use bgcopy_engine::client::{Manager, Settings};
use bgcopy_protocol::enums::{JobPriority, JobState, JobType};
use bgcopy_testserver::{Condition, Resource, Server};
use parking_lot::Mutex;

const SIZE: u64 = 4 << 20;
const SEED: u64 = 7;
/// Where the first response pauses.
const STALL: u64 = (5 << 20) / 2;
/// Slow enough that the unread rest of a response is not all under way.
const RATE: u64 = 20_000_000;
/// The most that is fetched again to be compared.
const OVERLAP: u64 = 64 << 10;

/// How a server tells versions apart.
const VALIDATORS: &[(&str, &str)] = &[
    ("strong ETag", "etag=strong"),
    ("weak ETag and date", "etag=weak"),
    ("weak ETag", "etag=weak&date=off"),
    ("flipping ETag", "etag=flip"),
    ("random ETag", "etag=random"),
    ("date", "etag=none"),
    ("nothing", "etag=none&date=off"),
    ("If-Range ignored", "ranges=ignore-if-range"),
    ("If-Range refused", "ranges=refuse-if-range"),
];

/// What happens in the middle of the transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Interruption {
    /// SIGKILL, and another process goes on.
    Kill,
    /// Connections are reset.
    Reset,
    /// Nothing comes through any more.
    Silence,
    Suspend,
    /// The file changes while the transfer goes on, and the connection ends some time later.
    Live,
}

/// What the file is afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    None,
    SameSize,
    Longer,
    /// Shorter than what is here of it.
    Shorter,
}

const INTERRUPTIONS: [Interruption; 5] = [
    Interruption::Kill,
    Interruption::Reset,
    Interruption::Silence,
    Interruption::Suspend,
    Interruption::Live,
];
const CHANGES: [Change; 4] = [Change::None, Change::SameSize, Change::Longer, Change::Shorter];

impl Change {
    fn size(self) -> u64 {
        match self {
            Change::None | Change::SameSize => SIZE,
            Change::Longer => SIZE + 100_001,
            Change::Shorter => STALL - 100_001,
        }
    }

    fn version(self) -> u64 {
        u64::from(self != Change::None)
    }
}

struct Cell {
    validators: &'static (&'static str, &'static str),
    interruption: Interruption,
    change: Change,
    foreground: bool,
}

impl Cell {
    fn name(&self) -> String {
        let class = if self.foreground { "foreground" } else { "background" };
        format!("{} × {:?} × {:?}, {class}", self.validators.0, self.interruption, self.change)
    }

    /// The resource on the server: the first response pauses.
    fn serve(&self, server: &Server, path: &str) -> String {
        let cut = if self.interruption == Interruption::Live {
            format!("&close_after={}", STALL + (1 << 19))
        } else {
            String::new()
        };
        let script =
            format!("{}&rate={RATE}&stall_after={STALL}&fail_first=1&on=get{cut}", self.validators.1);
        server.add(path, Resource::seeded(SIZE, SEED).script(&script))
    }

    fn change(&self, server: &Server, path: &str) {
        if self.change != Change::None {
            let (version, size) = (self.change.version(), self.change.size());
            server.change(path, &format!("version={version}&size={size}"));
        }
    }

    /// Waits until the first response pauses.
    fn paused(&self, server: &Server, path: &str) {
        let paused = Condition {
            path: Some(path.into()),
            stalled: Some(1),
            bytes: Some(STALL),
            ..Condition::default()
        };
        assert!(server.wait_for(&paused, PATIENCE), "the transfer did not come to its middle");
    }

    /// Runs the cell; how many bytes the server sent.
    fn run(&self, server: &Server, path: &str) -> u64 {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let files = directory.path().join("files");
        std::fs::create_dir(&files).expect("a directory");
        let (queue, target) = (directory.path().join("queue"), files.join("file"));
        let url = self.serve(server, path);
        let here = if self.interruption == Interruption::Kill {
            self.run_processes(server, path, &url, &queue, &target)
        } else {
            self.run_here(server, path, &url, &queue, &target)
        };
        if let Err(why) = check(&target, SEED, self.change.version(), self.change.size()) {
            panic!("{why}");
        }
        assert!(temporary_files(&files).is_empty(), "a temporary file is left");
        let sent = server.bytes_sent(path);
        if self.change == Change::None {
            self.check_that_it_went_on(server, path, here);
        }
        sent
    }

    /// Every request after the interruption asks for what is missing, and an overlap; the last one has brought it.
    /// What was sent besides is what nobody read of answers that did not help.
    fn check_that_it_went_on(&self, server: &Server, path: &str, here: u64) {
        let log = server.log();
        let gets: Vec<_> = log.iter().filter(|entry| entry.path == path && entry.method == "GET").collect();
        for request in &gets[1..] {
            let range = request.header("Range").unwrap_or("bytes=0-");
            let from = range.trim_start_matches("bytes=").trim_end_matches('-').parse().unwrap_or(0);
            let least = if self.validators.0 == "strong ETag" { here } else { here - here.min(OVERLAP) };
            assert!(from >= least, "{here} bytes were here, and {range} was asked for");
        }
        let last = gets.last().and_then(|entry| entry.status);
        assert!(gets.len() > 1 && last == Some(206), "{here} bytes were here, and all was fetched again");
    }

    /// One process is killed after a checkpoint, a second one goes on; how many bytes were durable.
    fn run_processes(&self, server: &Server, path: &str, url: &str, queue: &Path, target: &Path) -> u64 {
        let program = env!("CARGO_BIN_EXE_crash-client");
        let mut job = plan::Job::new("file", self.foreground, Ending::Complete);
        job.files.push((url.into(), target.into()));
        let mut plan = Plan { queue: queue.into(), jobs: vec![job], rate: None };
        let first =
            Client::start(program, &plan, Some("checkpoint-recorded:1"), &[]).finish("the first client");
        assert!(first.killed, "the first client came to its end: {:#?}", first.events);
        assert!(!target.exists(), "the file has its name before Complete");
        self.change(server, path);
        plan.jobs[0].made = true;
        let second = Client::start(program, &plan, None, &[]).finish("the second client");
        let durable = second.events.iter().find_map(|event| match event {
            Event::Found { durable, .. } => durable.first().copied(),
            _ => None,
        });
        let Some(durable @ 1..) = durable else {
            panic!("nothing was durable after a checkpoint: {:#?}", second.events)
        };
        durable
    }

    /// An interruption that the process survives; how many bytes were here after it.
    fn run_here(&self, server: &Server, path: &str, url: &str, queue: &Path, target: &Path) -> u64 {
        let relay = server.relay().expect("a port for a relay");
        let url = url.replace(&server.ports().http.to_string(), &relay.port().to_string());
        let mut settings = Settings {
            directory: queue.into(),
            notification_interval: Duration::ZERO,
            ..Settings::default()
        };
        if self.interruption == Interruption::Silence {
            settings.response_timeout = Duration::from_millis(500);
        }
        let manager = Manager::open(settings).expect("a queue");
        let job = manager.create_job("file", JobType::Download).expect("a job");
        job.add_file(&url, target.to_str().expect("a UTF-8 path")).expect("a file");
        if self.foreground {
            job.set_priority(JobPriority::Foreground).expect("a priority");
        }
        let watch = Watch::new(&job);
        job.resume().expect("the job starts");
        self.paused(server, path);
        match self.interruption {
            Interruption::Kill => unreachable!("another process is killed"),
            Interruption::Reset => relay.drop_connections(),
            Interruption::Silence => relay.blackhole(),
            Interruption::Suspend => job.suspend().expect("the job is suspended"),
            Interruption::Live => {
                self.change(server, path);
                server.release(Some(path));
            }
        }
        if self.interruption != Interruption::Suspend {
            watch.until_state(&job, "after the interruption", JobState::TransientError);
            assert!(!target.exists(), "the file has its name before Complete");
            relay.resume().expect("the relay's port");
        }
        let here = job.progress().expect("a held job answers").bytes_transferred;
        if self.interruption != Interruption::Live {
            self.change(server, path);
        }
        job.resume().expect("the job goes on");
        watch.until(&job, "until it is transferred", || {
            let state = job.state().expect("a held job answers");
            if state == JobState::TransientError {
                // A busy machine may let a short timeout pass.
                job.resume().expect("the job goes on");
            }
            assert_ne!(state, JobState::Error, "{:?}", job.error());
            state == JobState::Transferred
        });
        job.complete().expect("the job is completed");
        manager.close().expect("the queue closes");
        here
    }
}

#[test]
fn two_versions_never_meet_in_one_file() {
    let mut cells = Vec::new();
    for validators in VALIDATORS {
        for interruption in INTERRUPTIONS {
            for foreground in [false, true] {
                for change in CHANGES {
                    cells.push(Cell { validators, interruption, change, foreground });
                }
            }
        }
    }
    let server = Server::start();
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<Option<Result<u64, String>>>> = Mutex::new(vec![None; cells.len()]);
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(cell) = cells.get(index) else { break };
                    let run = AssertUnwindSafe(|| cell.run(&server, &format!("/r/{index}")));
                    let result = catch_unwind(run).map_err(|panic| {
                        let text = panic.downcast_ref::<String>().cloned();
                        text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
                            .unwrap_or_default()
                    });
                    results.lock()[index] = Some(result);
                }
            });
        }
    });
    let results: Vec<_> = results.into_inner().into_iter().flatten().collect();
    println!("{}", table(&cells, &results));
    let wrong: Vec<String> = cells
        .iter()
        .zip(&results)
        .filter_map(|(cell, result)| Some(format!("{}: {}", cell.name(), result.as_ref().err()?)))
        .collect();
    assert!(results.len() == cells.len() && wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// What the server sent in each cell, as a percentage of the file; a cross where the rule is broken.
fn table(cells: &[Cell], results: &[Result<u64, String>]) -> String {
    let mut text = format!("{:20} {:10} {:11}", "the server has", "then", "class");
    for change in CHANGES {
        let _ = write!(text, " {:>9}", format!("{change:?}"));
    }
    for (row, results) in cells.chunks(CHANGES.len()).zip(results.chunks(CHANGES.len())) {
        let Cell { validators, interruption, foreground, .. } = &row[0];
        let class = if *foreground { "foreground" } else { "background" };
        let _ = write!(text, "\n{:20} {:10} {class:11}", validators.0, format!("{interruption:?}"));
        for result in results {
            let shown = match result {
                Ok(sent) => format!("{} %", sent * 100 / SIZE),
                Err(_) => "BROKEN".into(),
            };
            let _ = write!(text, " {shown:>9}");
        }
    }
    text
}
