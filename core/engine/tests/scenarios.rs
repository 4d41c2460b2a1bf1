//! Runs the scenarios of tests/scenarios: what a download does in the face of a server.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bgcopy_engine::client::{Callback, File, Job, JobError, Manager, Settings};
use bgcopy_protocol::enums::{JobPriority, JobType};
use bgcopy_protocol::{Guid, ResultCode};
use bgcopy_testserver::{Scenario, Server, Step};
use parking_lot::{Condvar, Mutex};

const PATIENCE: Duration = Duration::from_secs(30);

/// Wakes the driver at every event of the job.
#[derive(Default)]
struct Watcher {
    events: Mutex<u64>,
    changed: Condvar,
}

impl Watcher {
    fn event(&self) -> ResultCode {
        *self.events.lock() += 1;
        self.changed.notify_all();
        ResultCode::BG_S_OK
    }
}

impl Callback for Watcher {
    fn job_transferred(&self, _: &Job) -> ResultCode {
        self.event()
    }
    fn job_error(&self, _: &Job, _: &JobError) -> ResultCode {
        self.event()
    }
    fn job_modification(&self, _: &Job) -> ResultCode {
        self.event()
    }
    fn file_transferred(&self, _: &Job, _: &File) -> ResultCode {
        self.event()
    }
}

/// One run of one scenario.
struct Driver {
    server: Server,
    dir: tempfile::TempDir,
    manager: Option<Manager>,
    job: Option<Job>,
    id: Guid,
    watcher: Arc<Watcher>,
    relays: HashMap<String, u16>,
}

impl Driver {
    fn new() -> Driver {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("files")).unwrap();
        let mut driver = Driver {
            server: Server::start(),
            dir,
            manager: None,
            job: None,
            id: Guid::default(),
            watcher: Arc::default(),
            relays: HashMap::new(),
        };
        driver.open();
        driver
    }

    fn open(&mut self) {
        let directory = self.dir.path().join("queue");
        // Modifications wake the driver: pacing would only make it wait.
        let notification_interval = Duration::ZERO;
        let settings = Settings { directory, notification_interval, ..Settings::default() };
        self.manager = Some(Manager::open(settings).unwrap());
    }

    fn watch(&self, job: &Job) {
        job.set_notify_flags(0x1b).unwrap();
        job.set_callback(Some(self.watcher.clone())).unwrap();
    }

    fn job(&self) -> &Job {
        self.job.as_ref().expect("a job was made")
    }

    fn destination(&self) -> PathBuf {
        self.dir.path().join("files/a")
    }

    /// Sends a request to the server; the body of a 200 answer.
    fn ask(&self, method: &str, target: &str) -> Result<String, String> {
        let port = self.server.ports().http;
        let mut stream = TcpStream::connect(("127.0.0.1", port)).map_err(|error| error.to_string())?;
        stream.set_read_timeout(Some(PATIENCE)).map_err(|error| error.to_string())?;
        let request = format!(
            "{method} {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).map_err(|error| error.to_string())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).map_err(|error| error.to_string())?;
        match answer.split_once("\r\n\r\n") {
            Some((head, body)) if head.contains(" 200 ") => Ok(body.trim().to_owned()),
            _ => Err(answer),
        }
    }

    fn step(&mut self, step: &Step) -> Result<(), String> {
        let value = |key: &str| step.value(key).unwrap_or_default();
        let told = |error: bgcopy_engine::client::Error| error.to_string();
        match step.verb.as_str() {
            "server" => {
                let answer = self.ask(&step.words[0], &step.words[1])?;
                if let Some(name) = step.words[1].strip_prefix("/relay/") {
                    let name = name.split('?').next().unwrap_or(name);
                    let digits = |c: char| c.is_ascii_digit();
                    if let Some(port) = answer.split(|c| !digits(c)).find_map(|word| word.parse().ok()) {
                        self.relays.entry(name.to_owned()).or_insert(port);
                    }
                }
            }
            "download" => {
                let manager = self.manager.as_ref().unwrap();
                let job = manager.create_job("scenario", JobType::Download).map_err(told)?;
                let url = match step.value("relay") {
                    Some(relay) => format!("http://127.0.0.1:{}{}", self.relays[relay], value("path")),
                    None => self.server.url(value("path")),
                };
                match value("mode") {
                    "" => {}
                    "dynamic" => job.set_dynamic_content(true).map_err(told)?,
                    "high_performance" => job.set_high_performance(true).map_err(told)?,
                    other => return Err(format!("there is no mode {other}")),
                }
                job.add_file(&url, self.destination().to_str().unwrap()).map_err(told)?;
                if value("priority") == "foreground" {
                    job.set_priority(JobPriority::Foreground).map_err(told)?;
                }
                self.watch(&job);
                job.resume().map_err(told)?;
                self.id = job.id();
                self.job = Some(job);
            }
            "until" => return self.until(value("state")),
            "error" => {
                let error = self.job().error().map_err(told)?;
                let context = error.context().sdk_name().trim_start_matches("BG_ERROR_CONTEXT_");
                let code = error.code().name().unwrap_or_default();
                let wanted = (value("code"), value("context"));
                if !wanted.0.is_empty() && wanted.0 != code || !wanted.1.is_empty() && wanted.1 != context {
                    return Err(format!("the error is {code} {context}: {error}"));
                }
            }
            "suspend" => self.job().suspend().map_err(told)?,
            "resume" => self.job().resume().map_err(told)?,
            "cancel" => drop(self.job().cancel().map_err(told)?),
            "complete" => drop(self.job().complete().map_err(told)?),
            "reopen" => {
                self.job = None;
                self.manager.take().unwrap().close().map_err(told)?;
                self.open();
                let job = self.manager.as_ref().unwrap().job(self.id).map_err(told)?;
                self.watch(&job);
                self.job = Some(job);
            }
            "content" => {
                let target = format!(
                    "/sha256/{}?seed={}&version={}",
                    value("size"),
                    value("seed"),
                    step.value("version").unwrap_or("0")
                );
                let wanted = self.ask("GET", &target)?;
                let content = std::fs::read(self.destination()).map_err(|error| error.to_string())?;
                let found = sha256(&content);
                if found != wanted {
                    return Err(format!("the content is {found}, {} bytes; wanted {wanted}", content.len()));
                }
            }
            "absent" => {
                let left: Vec<_> = std::fs::read_dir(self.dir.path().join("files")).unwrap().collect();
                if !left.is_empty() {
                    return Err(format!("these are left: {left:?}"));
                }
            }
            "sent" => self.at_most(&format!("/bytes?path={}", value("path")), value("most"))?,
            "requests" => self.at_most(&format!("/requests?path={}", value("path")), value("most"))?,
            other => return Err(format!("the driver does not know {other}")),
        }
        Ok(())
    }

    fn at_most(&self, target: &str, most: &str) -> Result<(), String> {
        let number = self.ask("GET", target)?;
        match (number.parse::<u64>(), most.parse::<u64>()) {
            (Ok(number), Ok(most)) if number <= most => Ok(()),
            _ => Err(format!("{number} is more than {most}")),
        }
    }

    fn until(&self, wanted: &str) -> Result<(), String> {
        let deadline = Instant::now() + PATIENCE;
        let mut events = self.watcher.events.lock();
        loop {
            let seen = *events;
            let state = parking_lot::MutexGuard::unlocked(&mut events, || self.job().state());
            let state = state.map_err(|error| error.to_string())?.sdk_name();
            if state.trim_start_matches("BG_JOB_STATE_") == wanted {
                return Ok(());
            }
            while *events == seen {
                if self.watcher.changed.wait_until(&mut events, deadline).timed_out() {
                    let error = self.job().error().map(|error| error.to_string()).unwrap_or_default();
                    return Err(format!("the state is {state}; {error}"));
                }
            }
        }
    }
}

fn sha256(content: &[u8]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, content);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn every_scenario_ends_as_it_says() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/scenarios");
    let only = std::env::var("BGCOPY_SCENARIO").ok();
    let mut failures = Vec::new();
    for scenario in Scenario::read_all(&directory).unwrap() {
        if only.as_ref().is_some_and(|only| *only != scenario.name) {
            continue;
        }
        let mut driver = Driver::new();
        for step in &scenario.steps {
            if let Err(error) = driver.step(step) {
                let place = format!("{}.txt:{}: {} {:?}", scenario.name, step.line, step.verb, step.words);
                failures.push(format!("{place}\n    {}\n    {error}", scenario.rule));
                break;
            }
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}
