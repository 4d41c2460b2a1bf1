//! Jobs brought to their end by clients that are killed, every rule checked on the way.
//!
//! - A job that was made is there until it ends; what was recorded of it stays recorded.
//! - With a strong ETag a file goes on exactly where it was durable: no byte before is fetched twice.
//! - What a kill costs is what half a second brought, and a buffer.
//! - Nothing has its final name before Complete, and nothing temporary is left after the end.
//! - Every byte is that of the server.

use std::path::{Path, PathBuf};
use std::time::Duration;

use bgcopy_testserver::{Resource, Server};

use crate::client::{Client, Ended};
use crate::content::{check, temporary_files};
use crate::event::Event;
use crate::plan::{Ending, Job, Plan};

/// The worker's buffer: it is written when it is full or 100 ms old.
const BUFFER: u64 = 1 << 20;

/// One queue, its jobs and their server.
pub struct Episode {
    name: String,
    program: &'static str,
    server: Server,
    directory: tempfile::TempDir,
    plan: Plan,
    files: Vec<File>,
    kills: usize,
    /// Files have changed or gone: what was recorded may have become void.
    changed: bool,
    /// (bytes fetched twice because of kills, the rate they came at)
    losses: Vec<(u64, u64)>,
}

struct File {
    job: usize,
    resource: String,
    path: PathBuf,
    size: u64,
    seed: u64,
    version: u64,
    /// Bytes a second, where the server is slow.
    rate: Option<u64>,
    durable: u64,
    /// Its temporary file was removed since the last run.
    removed: bool,
    /// Sent by the server since `durable` was looked up.
    sent: u64,
}

impl Episode {
    /// A queue without jobs; `name` is for messages.
    ///
    /// # Panics
    /// There is no room for temporary files.
    #[must_use]
    pub fn new(program: &'static str, name: &str) -> Episode {
        let directory = tempfile::tempdir().expect("a temporary directory");
        std::fs::create_dir(directory.path().join("files")).expect("a directory of destinations");
        let plan = Plan { queue: directory.path().join("queue"), jobs: Vec::new(), rate: None };
        Episode {
            name: name.into(),
            program,
            server: Server::start(),
            directory,
            plan,
            files: Vec::new(),
            kills: 0,
            changed: false,
            losses: Vec::new(),
        }
    }

    /// Adds a job of `count` files of `size` bytes, each from a server of its own behaviour.
    pub fn add(
        &mut self,
        name: &str,
        foreground: bool,
        ending: Ending,
        count: usize,
        size: u64,
        script: &str,
    ) {
        let mut job = Job::new(name, foreground, ending);
        let rate = script.split('&').find_map(|pair| pair.strip_prefix("rate=")?.parse().ok());
        for number in 0..count {
            let seed = self.files.len() as u64 + 1;
            let resource = format!("/r/{name}/{number}");
            let url = self.server.add(&resource, Resource::seeded(size, seed).script(script));
            let path = self.directory.path().join("files").join(format!("{name}-{number}"));
            job.files.push((url, path.clone()));
            let job = self.plan.jobs.len();
            self.files.push(File {
                job,
                resource,
                path,
                size,
                seed,
                version: 0,
                rate,
                durable: 0,
                removed: false,
                sent: 0,
            });
        }
        self.plan.jobs.push(job);
    }

    /// How many clients were killed.
    #[must_use]
    pub fn kills(&self) -> usize {
        self.kills
    }

    /// What each kill cost: bytes, and the bytes a second they came at.
    #[must_use]
    pub fn losses(&self) -> &[(u64, u64)] {
        &self.losses
    }

    /// Puts the next version of every file on the server.
    pub fn change(&mut self) {
        self.changed = true;
        for file in &mut self.files {
            file.version += 1;
            self.server.change(&file.resource, &format!("version={}", file.version));
        }
    }

    /// Removes the temporary files, as a tidy user may.
    ///
    /// # Panics
    /// There is none.
    pub fn remove_temporary_files(&mut self) {
        let found = temporary_files(&self.files_directory());
        assert!(!found.is_empty(), "{}: there is no temporary file to remove", self.name);
        for path in found {
            std::fs::remove_file(path).expect("a temporary file can be removed");
        }
        self.changed = true;
        for file in &mut self.files {
            file.removed = true;
        }
    }

    /// Starts a client and kills it after a while, unless it has brought all jobs to their end; true if it has.
    pub fn run_for(&mut self, patience: Duration) -> bool {
        let before = self.requests();
        let ended = Client::start(self.program, &self.plan, None, &[]).run(patience);
        self.account(&ended, before)
    }

    /// Starts a client that dies at a crash point.
    ///
    /// # Panics
    /// It does not pass there.
    pub fn die_at(&mut self, point: &str) {
        let before = self.requests();
        let ended = Client::start(self.program, &self.plan, Some(point), &[]).finish(&self.name);
        assert!(ended.killed, "{}: {point} was not passed; the client said {:#?}", self.name, ended.events);
        self.account(&ended, before);
    }

    /// Lets a client bring all jobs to their end, and checks what is left.
    ///
    /// # Panics
    /// A rule is broken.
    pub fn finish(&mut self) {
        let before = self.requests();
        let ended = Client::start(self.program, &self.plan, None, &[]).finish(&self.name);
        assert!(self.account(&ended, before), "{}: the client did not end by itself", self.name);
        self.check_the_end();
    }

    fn files_directory(&self) -> PathBuf {
        self.directory.path().join("files")
    }

    fn requests(&self) -> u64 {
        self.server.log().last().map_or(0, |entry| entry.id)
    }

    /// Takes in what a client said and the server saw; true when all jobs have ended.
    fn account(&mut self, ended: &Ended, before: u64) -> bool {
        self.kills += usize::from(ended.killed);
        for event in &ended.events {
            match event {
                Event::Found { job, state, durable } => {
                    self.found(job, state, durable);
                }
                Event::Made { job } => {
                    let index = self.index(job);
                    self.plan.jobs[index].made = true;
                }
                Event::Ending { job } => {
                    let index = self.index(job);
                    self.plan.jobs[index].ended = true;
                }
                Event::Lost { .. } | Event::Transient { .. } | Event::Error { .. } => {
                    panic!("{}: {event:?}; the client said {:#?}", self.name, ended.events)
                }
                Event::Progress { .. } | Event::Transferred { .. } | Event::Ended { .. } | Event::Done => {}
            }
        }
        self.check_requests(before);
        self.check_names();
        ended.events.last() == Some(&Event::Done)
    }

    fn index(&self, name: &str) -> usize {
        let found = self.plan.jobs.iter().position(|job| job.name == name);
        found.unwrap_or_else(|| panic!("{}: job {name} is not of this plan", self.name))
    }

    fn found(&mut self, name: &str, state: &str, durable: &[u64]) {
        let index = self.index(name);
        if self.plan.jobs[index].made {
            assert_ne!(state, "Suspended", "{}: job {name} was resumed", self.name);
        }
        let of_job = self.files.iter_mut().filter(|file| file.job == index);
        for (file, &durable) in of_job.zip(durable) {
            let (sent, before) = (std::mem::take(&mut file.sent), file.durable);
            file.durable = durable;
            if self.changed {
                continue;
            }
            assert!(
                durable >= before,
                "{}: {} had {before} durable bytes and has {durable}",
                self.name,
                file.resource
            );
            let lost = sent.saturating_sub(durable - before);
            if let (Some(rate), true) = (file.rate, lost > 0) {
                // A busy machine may be late, but never by seconds.
                let most = rate * 2 + BUFFER;
                assert!(lost <= most, "{}: {lost} bytes of {} are fetched again", self.name, file.resource);
                self.losses.push((lost, rate));
            }
        }
    }

    /// The first request of a run for each file begins where the file was durable.
    fn check_requests(&mut self, before: u64) {
        let log = self.server.log();
        for file in &mut self.files {
            let mut requests = log
                .iter()
                .filter(|e| e.id > before && e.path == file.resource && e.method == "GET")
                .peekable();
            let from = if std::mem::take(&mut file.removed) { 0 } else { file.durable };
            let Some(first) = requests.peek() else { continue };
            let range = first.header("Range").unwrap_or("bytes=0-");
            let expected = format!("bytes={from}-");
            assert_eq!(range, expected, "{}: the first request for {}", self.name, file.resource);
            assert!(
                file.durable < file.size || file.size == 0,
                "{}: {} was there and is fetched again",
                self.name,
                file.resource
            );
            file.sent += requests.map(|entry| entry.sent).sum::<u64>();
        }
    }

    fn check_names(&self) {
        for file in &self.files {
            let job = &self.plan.jobs[file.job];
            let published = file.path.symlink_metadata().is_ok();
            assert!(
                !published || (job.ended && job.ending != Ending::Cancel),
                "{}: {} is there before Complete",
                self.name,
                file.path.display()
            );
        }
    }

    fn check_the_end(&self) {
        for (index, job) in self.plan.jobs.iter().enumerate() {
            let files: Vec<_> = self.files.iter().filter(|file| file.job == index).collect();
            let published: Vec<_> = files.iter().filter(|file| file.path.exists()).collect();
            let complete = match job.ending {
                Ending::Complete => published.len() == files.len(),
                Ending::CompletePart => !published.is_empty(),
                Ending::Cancel => published.is_empty(),
            };
            assert!(
                complete,
                "{}: {:?} of {} left {} of {} files",
                self.name,
                job.ending,
                job.name,
                published.len(),
                files.len()
            );
            for file in published {
                // What was whole before a change stays what it was.
                let whole = |version| check(&file.path, file.seed, version, file.size);
                let wrong: Vec<_> = (0..=file.version).filter_map(|version| whole(version).err()).collect();
                assert!(wrong.len() as u64 <= file.version, "{}: {wrong:?}", self.name);
            }
        }
        let left = temporary_files(&self.files_directory());
        assert!(left.is_empty(), "{}: left over: {left:?}", self.name);
        self.check_queue(&self.plan.queue);
    }

    /// A further client finds no job.
    fn check_queue(&self, queue: &Path) {
        let empty = Plan { queue: queue.into(), jobs: Vec::new(), rate: None };
        let ended = Client::start(self.program, &empty, None, &[]).finish(&self.name);
        assert_eq!(ended.events, [Event::Done], "{}: the queue is empty", self.name);
    }
}
