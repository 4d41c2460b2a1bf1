//! The servers people run: downloads continue where they were, and never mix two versions of a file.
//!
//! A server that is not installed is reported and left out; `make test` installs them all.

use std::fs::{self, File};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use bgcopy_engine::client::{Callback, Job, JobError, Manager, Settings};
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::{JobPriority, JobState, JobType};
use parking_lot::{Condvar, Mutex};

const SIZE: usize = 8 << 20;
/// The first run is cut off once so much has arrived.
const CUT: u64 = 2 << 20;
const PATIENCE: Duration = Duration::from_secs(30);

/// A server that was started for one test.
struct RealServer {
    child: Child,
    port: u16,
    dir: tempfile::TempDir,
}

impl Drop for RealServer {
    fn drop(&mut self) {
        // SIGTERM would be kinder, but nothing of a test's server is worth keeping.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How to start a server: its program, and from (directory, port) its configuration and arguments.
struct Recipe {
    program: &'static str,
    config: fn(&Path, u16) -> String,
    arguments: fn(&Path, u16) -> Vec<String>,
    modules: &'static str,
}

const NGINX: Recipe = Recipe {
    program: "nginx",
    modules: "",
    config: |dir, port| {
        let dir = dir.display();
        format!(
            "daemon off; master_process off; pid {dir}/pid; error_log {dir}/error;\n\
             events {{}}\n\
             http {{\n\
               log_format t '$request_method $status $http_range';\n\
               access_log {dir}/log t;\n\
               client_body_temp_path {dir}/t1; proxy_temp_path {dir}/t2; fastcgi_temp_path {dir}/t3;\n\
               uwsgi_temp_path {dir}/t4; scgi_temp_path {dir}/t5;\n\
               server {{ listen 127.0.0.1:{port}; root {dir}/www; }}\n\
             }}\n"
        )
    },
    arguments: |dir, _| {
        let dir = dir.display();
        vec!["-p".into(), format!("{dir}"), "-c".into(), format!("{dir}/config")]
    },
};

const APACHE: Recipe = Recipe {
    program: "apache2",
    modules: "/usr/lib/apache2/modules/mod_mpm_event.so",
    config: |dir, port| {
        let dir = dir.display();
        let modules = "/usr/lib/apache2/modules";
        format!(
            "ServerRoot {dir}\nServerName localhost\nListen 127.0.0.1:{port}\nPidFile {dir}/pid\n\
             LoadModule mpm_event_module {modules}/mod_mpm_event.so\n\
             LoadModule authz_core_module {modules}/mod_authz_core.so\n\
             ErrorLog {dir}/error\nDocumentRoot {dir}/www\nDefaultRuntimeDir {dir}\n\
             LogFormat \"%m %>s %{{Range}}i\" t\nCustomLog {dir}/log t\n\
             <Directory {dir}/www>\n  Require all granted\n</Directory>\n"
        )
    },
    arguments: |dir, _| {
        vec!["-D".into(), "FOREGROUND".into(), "-f".into(), format!("{}/config", dir.display())]
    },
};

/// Its cache of file attributes gives a replaced file the ETag of the old one for about a second: a
/// server that vouches for the wrong bytes is believed (ARCHITECTURE.md), so the cache is off.
const LIGHTTPD: Recipe = Recipe {
    program: "lighttpd",
    modules: "",
    config: |dir, port| {
        let dir = dir.display();
        format!(
            "server.modules = (\"mod_accesslog\")\nserver.document-root = \"{dir}/www\"\n\
             server.bind = \"127.0.0.1\"\nserver.port = {port}\nserver.errorlog = \"{dir}/error\"\n\
             server.stat-cache-engine = \"disable\"\n\
             accesslog.filename = \"{dir}/log\"\naccesslog.format = \"%m %s %{{Range}}i\"\n"
        )
    },
    arguments: |dir, _| vec!["-D".into(), "-f".into(), format!("{}/config", dir.display())],
};

const PYTHON: Recipe = Recipe {
    program: "python3",
    modules: "",
    config: |_, _| String::new(),
    arguments: |dir, port| {
        let words = ["-m", "http.server", "--bind", "127.0.0.1", "--directory"];
        let mut arguments: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        arguments.extend([format!("{}/www", dir.display()), port.to_string()]);
        arguments
    },
};

/// Where a program is; services live in directories that are not in every user's search path.
fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/sbin";
    path.split(':').map(|dir| Path::new(dir).join(program)).find(|path| path.is_file())
}

impl RealServer {
    /// Starts the server and waits until it answers; `None` where it is not installed.
    fn start(recipe: &Recipe) -> Option<RealServer> {
        let program =
            find(recipe.program).filter(|_| recipe.modules.is_empty() || Path::new(recipe.modules).exists());
        let Some(program) = program else {
            eprintln!("{} is not installed: left out", recipe.program);
            return None;
        };
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("www")).unwrap();
        // Workers of some servers run as another user.
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(dir.path(), mode).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        fs::write(dir.path().join("config"), (recipe.config)(dir.path(), port)).unwrap();
        let child = Command::new(program)
            .args((recipe.arguments)(dir.path(), port))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(dir.path().join("stderr")).unwrap())
            .spawn()
            .unwrap();
        let mut server = RealServer { child, port, dir };
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let told = |name: &str| fs::read_to_string(server.dir.path().join(name)).unwrap_or_default();
            assert!(
                server.child.try_wait().unwrap().is_none() && Instant::now() < deadline,
                "{} does not answer: {} {}",
                recipe.program,
                told("stderr"),
                told("error")
            );
            std::thread::yield_now();
        }
        Some(server)
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}/file", self.port)
    }

    /// Puts a file there as people do: a new one in place of the old one.
    fn publish(&self, content: &[u8], age: Duration) {
        let temp = self.dir.path().join("new");
        fs::write(&temp, content).unwrap();
        File::options().write(true).open(&temp).unwrap().set_modified(SystemTime::now() - age).unwrap();
        fs::rename(&temp, self.dir.path().join("www/file")).unwrap();
    }

    /// (status, Range) of the GET that was logged last.
    fn last_get(&mut self) -> (u16, String) {
        // Servers write their logs late; ending is what makes all of them write.
        let pid = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &pid]).status().unwrap();
        self.child.wait().unwrap();
        let log = fs::read_to_string(self.dir.path().join("log")).unwrap();
        let line = log.lines().rfind(|line| line.starts_with("GET ")).expect("a GET was logged");
        let words: Vec<&str> = line.split(' ').collect();
        (words[1].parse().unwrap(), words[2].to_owned())
    }
}

/// Wakes the test when the job has something to say.
#[derive(Default)]
struct Watcher {
    told: Mutex<u32>,
    changed: Condvar,
}

impl Watcher {
    fn tell(&self) -> ResultCode {
        *self.told.lock() += 1;
        self.changed.notify_all();
        ResultCode::BG_S_OK
    }

    fn until(&self, reached: impl Fn() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        let mut told = self.told.lock();
        loop {
            let seen = *told;
            if parking_lot::MutexGuard::unlocked(&mut told, &reached) {
                return;
            }
            while *told == seen {
                let late = self.changed.wait_until(&mut told, deadline).timed_out();
                assert!(!late, "the job did not get there");
            }
        }
    }
}

impl Callback for Watcher {
    fn job_transferred(&self, _: &Job) -> ResultCode {
        self.tell()
    }
    fn job_error(&self, _: &Job, _: &JobError) -> ResultCode {
        self.tell()
    }
    fn job_modification(&self, _: &Job) -> ResultCode {
        self.tell()
    }
}

fn settings(directory: &Path, rate: Option<u64>) -> Settings {
    Settings {
        directory: directory.join("queue"),
        background_bytes_per_second: rate,
        notification_interval: Duration::ZERO,
        checkpoint: Duration::from_millis(50),
        ..Settings::default()
    }
}

fn watch(job: &Job) -> Arc<Watcher> {
    let watcher = Arc::new(Watcher::default());
    job.set_notify_flags(0x0b).unwrap();
    job.set_callback(Some(watcher.clone())).unwrap();
    watcher
}

fn content(seed: u32) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..SIZE).map(|_| next()).collect()
}

/// Cuts a download off, lets `meanwhile` happen, continues; returns what was published.
fn interrupted(server: &RealServer, meanwhile: impl FnOnce()) -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("target");
    let manager = Manager::open(settings(dir.path(), Some(CUT * 2))).unwrap();
    let job = manager.create_job("interrupted", JobType::Download).unwrap();
    job.add_file(&server.url(), target.to_str().unwrap()).unwrap();
    let watcher = watch(&job);
    job.resume().unwrap();
    watcher.until(|| job.progress().unwrap().bytes_transferred >= CUT);
    let id = job.id();
    manager.close().unwrap();
    drop((job, manager));
    meanwhile();

    let manager = Manager::open(settings(dir.path(), None)).unwrap();
    let job = manager.job(id).unwrap();
    let watcher = watch(&job);
    watcher.until(|| job.state().unwrap() == JobState::Transferred);
    job.complete().unwrap();
    fs::read(&target).unwrap()
}

fn check(recipe: &Recipe) {
    let (old, new) = (content(1), content(2));
    let hour = Duration::from_secs(3600);

    let Some(mut server) = RealServer::start(recipe) else { return };
    server.publish(&old, hour);
    assert!(interrupted(&server, || ()) == old, "{}: the file is not the server's", recipe.program);
    let (status, range) = server.last_get();
    let from: u64 = range.trim_start_matches("bytes=").trim_end_matches('-').parse().unwrap_or(0);
    assert_eq!(status, 206, "{}", recipe.program);
    assert!(from >= CUT - (64 << 10), "{}: continued from {from}", recipe.program);

    let Some(server) = RealServer::start(recipe) else { return };
    server.publish(&old, hour);
    let replaced = interrupted(&server, || server.publish(&new, Duration::ZERO));
    assert!(replaced == new, "{}: a mix of two versions", recipe.program);
}

#[test]
fn nginx_continues_and_never_mixes() {
    check(&NGINX);
}

#[test]
fn apache_continues_and_never_mixes() {
    check(&APACHE);
}

#[test]
fn lighttpd_continues_and_never_mixes() {
    check(&LIGHTTPD);
}

#[test]
fn a_server_without_ranges_serves_foreground_jobs_only() {
    let Some(server) = RealServer::start(&PYTHON) else { return };
    let old = content(1);
    server.publish(&old, Duration::ZERO);
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("target");
    let manager = Manager::open(settings(dir.path(), None)).unwrap();
    let job = manager.create_job("no ranges", JobType::Download).unwrap();
    job.add_file(&server.url(), target.to_str().unwrap()).unwrap();
    let watcher = watch(&job);
    job.resume().unwrap();
    watcher.until(|| job.state().unwrap() == JobState::Error);
    assert_eq!(job.error().unwrap().code(), ResultCode::BG_E_INSUFFICIENT_RANGE_SUPPORT);
    job.set_priority(JobPriority::Foreground).unwrap();
    job.resume().unwrap();
    watcher.until(|| job.state().unwrap() == JobState::Transferred);
    job.complete().unwrap();
    assert!(fs::read(&target).unwrap() == old);
}
