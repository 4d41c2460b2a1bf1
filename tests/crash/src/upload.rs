//! Uploads brought to their end by clients and servers that are killed, every rule checked on the way.
//!
//! - A job that was made is there until it ends; what was recorded of it stays recorded.
//! - Every file arrives once, with every byte of the client's: a second time the server would refuse.
//! - Every reply is the one to what was uploaded.
//! - Nothing has its name at the server before all of it is there.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use bgcopy_protocol::enums::JobType;
use bgcopy_testserver::content;

use crate::client::{Client, Ended};
use crate::content::check;
use crate::event::Event;
use crate::plan::{Ending, Job, Plan};

/// One queue, its uploads and their server.
pub struct Uploads {
    name: String,
    programs: Programs,
    directory: tempfile::TempDir,
    /// Servers come and go; clients that find none wait here.
    socket: TcpListener,
    server: Option<Child>,
    plan: Plan,
    files: Vec<File>,
    kills: usize,
}

/// The programs that are killed.
#[derive(Clone, Copy, Debug)]
pub struct Programs {
    /// `env!("CARGO_BIN_EXE_crash-client")`
    pub client: &'static str,
    /// `env!("CARGO_BIN_EXE_crash-server")`
    pub server: &'static str,
}

struct File {
    seed: u64,
    size: u64,
    durable: u64,
}

/// Who is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Victim {
    /// The client.
    Client,
    /// The server; another one takes its place at once, and the client is killed later.
    Server,
    /// Both at once.
    Both,
}

impl Uploads {
    /// A queue without jobs, whose background jobs send `rate` bytes a second; `name` is for messages.
    ///
    /// # Panics
    /// There is no room for temporary files, or no port.
    #[must_use]
    pub fn new(programs: Programs, name: &str, rate: u64) -> Uploads {
        let directory = tempfile::tempdir().expect("a temporary directory");
        for name in ["files", "drop", "orders"] {
            fs::create_dir(directory.path().join(name)).expect("a directory");
        }
        let served = |prefix: &str, settings: &str| {
            let path = directory.path().join(prefix);
            format!(
                "[[directory]]\nurl_prefix = \"/{prefix}\"\npath = {path:?}\n\
                 upload_enabled = true\nanonymous = true\n{settings}"
            )
        };
        let application = application();
        let told = format!("server_notification_type = 2\nserver_notification_url = {application:?}\n");
        let configuration = served("drop", "") + &served("orders", &told);
        fs::write(directory.path().join("server.toml"), configuration).expect("a file");
        let plan = Plan { queue: directory.path().join("queue"), jobs: Vec::new(), rate: Some(rate) };
        let socket = TcpListener::bind("127.0.0.1:0").expect("a port");
        let (name, files) = (name.into(), Vec::new());
        let mut uploads = Uploads { name, programs, directory, socket, server: None, plan, files, kills: 0 };
        uploads.start_server();
        uploads
    }

    /// Adds a job that uploads `size` bytes; one that is replied to gets them back.
    ///
    /// # Panics
    /// There is no room for the file.
    pub fn add(&mut self, name: &str, kind: JobType, foreground: bool, ending: Ending, size: u64) {
        let seed = self.files.len() as u64 + 1;
        let path = self.path("files").join(name);
        let length = usize::try_from(size).expect("a file that fits into memory");
        fs::write(&path, content::bytes(seed, 0, 0, length)).expect("room for a file");
        let replied = kind == JobType::UploadReply;
        let address = self.socket.local_addr().expect("a port");
        let url = format!("http://{address}/{}/{name}", if replied { "orders" } else { "drop" });
        let reply = replied.then(|| self.path("files").join(format!("{name}.reply")));
        let files = vec![(url, path)];
        self.plan.jobs.push(Job { kind, files, reply, ..Job::new(name, foreground, ending) });
        self.files.push(File { seed, size, durable: 0 });
    }

    /// How many clients and servers were killed.
    #[must_use]
    pub fn kills(&self) -> usize {
        self.kills
    }

    /// Starts a client and kills somebody after a while, unless it has brought all jobs to their end; true if it has.
    pub fn run_for(&mut self, patience: Duration, victim: Victim, afterwards: Duration) -> bool {
        let mut client = Client::start(self.programs.client, &self.plan, None, &[]);
        if victim == Victim::Server && client.listen(patience) {
            self.restart_server();
            return self.account(&client.run(afterwards));
        }
        let ended = client.run(patience);
        if victim == Victim::Both && ended.killed {
            self.restart_server();
        }
        self.account(&ended)
    }

    /// Starts a client that dies at a crash point.
    ///
    /// # Panics
    /// It does not pass there.
    pub fn die_at(&mut self, point: &str) {
        let ended = Client::start(self.programs.client, &self.plan, Some(point), &[]).finish(&self.name);
        assert!(ended.killed, "{}: {point} was not passed; the client said {:#?}", self.name, ended.events);
        self.account(&ended);
    }

    /// Lets a client bring all jobs to their end, and checks what is left.
    ///
    /// # Panics
    /// A rule is broken.
    pub fn finish(&mut self) {
        let ended = Client::start(self.programs.client, &self.plan, None, &[]).finish(&self.name);
        assert!(self.account(&ended), "{}: the client did not end by itself", self.name);
        for (job, file) in self.plan.jobs.iter().zip(&self.files) {
            let arrived = self.arrived(job);
            match job.ending {
                // It may have been quicker than the cancel.
                Ending::Cancel => assert!(job.reply.is_none() || !arrived.exists(), "{}", self.name),
                Ending::Complete | Ending::CompletePart => {
                    let right = check(&arrived, file.seed, 0, file.size);
                    assert_eq!(right, Ok(()), "{}: {}", self.name, job.name);
                }
            }
        }
        let empty = Plan { jobs: Vec::new(), ..self.plan.clone() };
        let ended = Client::start(self.programs.client, &empty, None, &[]).finish(&self.name);
        assert_eq!(ended.events, [Event::Done], "{}: the queue is empty", self.name);
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Where the bytes of a job come to.
    fn arrived(&self, job: &Job) -> PathBuf {
        job.reply.clone().unwrap_or_else(|| self.path("drop").join(&job.name))
    }

    fn restart_server(&mut self) {
        self.kill_server();
        self.kills += 1;
        self.start_server();
    }

    fn start_server(&mut self) {
        let socket = self.socket.try_clone().expect("a descriptor");
        let server = Command::new("sh")
            .arg("-c")
            .arg("LISTEN_PID=$$ LISTEN_FDS=1 exec \"$0\" \"$1\" 3<&0 </dev/null")
            .arg(self.programs.server)
            .arg(self.path("server.toml"))
            .stdin(Stdio::from(OwnedFd::from(socket)))
            .stdout(Stdio::null())
            .spawn();
        self.server = Some(server.expect("the server starts"));
    }

    fn kill_server(&mut self) {
        let Some(mut server) = self.server.take() else { return };
        let _ = server.kill();
        let status = server.wait().expect("a child can be waited for");
        assert_eq!(status.code(), None, "{}: the server ended by itself", self.name);
    }

    /// Takes in what a client said; true when all jobs have ended.
    fn account(&mut self, ended: &Ended) -> bool {
        self.kills += usize::from(ended.killed);
        for event in &ended.events {
            match event {
                Event::Found { job, state, durable } => {
                    let index = self.index(job);
                    assert!(
                        !self.plan.jobs[index].made || state != "Suspended",
                        "{}: job {job} was resumed",
                        self.name
                    );
                    let durable = durable.first().copied().unwrap_or_default();
                    let before = std::mem::replace(&mut self.files[index].durable, durable);
                    assert!(durable >= before, "{}: {job} had {before} bytes, and {durable}", self.name);
                }
                Event::Made { job } => {
                    let index = self.index(job);
                    self.plan.jobs[index].made = true;
                }
                Event::Ending { job } => {
                    let index = self.index(job);
                    self.plan.jobs[index].ended = true;
                }
                Event::Lost { .. } | Event::Error { .. } => {
                    panic!("{}: {event:?}; the client said {:#?}", self.name, ended.events)
                }
                // Servers are killed here.
                Event::Transient { .. } => {}
                Event::Progress { .. } | Event::Transferred { .. } | Event::Ended { .. } | Event::Done => {}
            }
        }
        for (job, file) in self.plan.jobs.iter().zip(&self.files) {
            let named = self.path("drop").join(&job.name);
            let whole = named.metadata().map_or(file.size, |found| found.len());
            assert_eq!(whole, file.size, "{}: {} is there in part", self.name, job.name);
            let replied = job.reply.as_deref().is_some_and(Path::exists);
            assert!(
                !replied || job.ended,
                "{}: the reply of {} is there before Complete",
                self.name,
                job.name
            );
        }
        ended.events.last() == Some(&Event::Done)
    }

    fn index(&self, name: &str) -> usize {
        let found = self.plan.jobs.iter().position(|job| job.name == name);
        found.unwrap_or_else(|| panic!("{}: job {name} is not of this plan", self.name))
    }
}

impl Drop for Uploads {
    fn drop(&mut self) {
        if let Some(mut server) = self.server.take() {
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}

/// A server application that answers with what was uploaded, until the process ends.
fn application() -> String {
    let socket = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/take", socket.local_addr().expect("a port"));
    std::thread::spawn(move || {
        for stream in socket.incoming().map_while(Result::ok) {
            // The server may be killed while it asks.
            std::thread::spawn(move || answer(stream));
        }
    });
    url
}

fn answer(stream: TcpStream) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line)? == 0 {
                return Ok(());
            }
            if line.trim().is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').unwrap_or_default();
            if name.eq_ignore_ascii_case("Content-Length") {
                length = value.trim().parse().unwrap_or_default();
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body)?;
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n");
        stream.get_mut().write_all(&[head.as_bytes(), &body].concat())?;
    }
}
