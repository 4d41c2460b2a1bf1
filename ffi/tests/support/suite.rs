//! Programs that are built, run beside a server of their own, and end with 0.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use bgcopy_testserver::Server;
use bgcopy_testserver::upload::UploadServer;

use crate::compiler;
use crate::program::Program;

/// Long enough for a busy machine; a program that hangs is ended then.
const LIMIT: Duration = Duration::from_secs(300);

/// The program that needs servers for uploads, which are written in Python.
const UPLOADS: &str = "test_upload";

/// Where a program finds its directory, the server, and a store with a client certificate.
pub fn prepare(command: &mut Program, server: &Server, directory: &Path) {
    command.set("BGCOPY_TEST_DIRECTORY", directory);
    command.set("BGCOPY_TEST_HTTP", server.base_url());
    let store = directory.join("config/bgcopy/certs/MY");
    std::fs::create_dir_all(&store).expect("a certificate store");
    let (certificate, key) = server.client_identity();
    std::fs::write(store.join("client.pem"), format!("{certificate}{key}")).expect("a certificate");
    command.set("XDG_CONFIG_HOME", directory.join("config"));
}

/// Servers that take uploads; the second one also replies to them.
fn upload_servers(command: &mut Program, directory: &Path) -> [UploadServer; 2] {
    let servers =
        [("BGCOPY_TEST_UPLOAD", "uploads"), ("BGCOPY_TEST_REPLY", "replies")].map(|(variable, name)| {
            let place = directory.join(name);
            std::fs::create_dir(&place).expect("a directory");
            let server = UploadServer::start(&place);
            command.set(variable, server.url("/"));
            server
        });
    servers[1].control(r#"{"reply": "accepted"}"#);
    servers
}

/// Sources that are built in one way and run in one way.
pub struct Suite<'a> {
    /// Below the root of the repository.
    pub directory: &'a str,
    /// The ending of the programs' names; they begin with `test_`.
    pub ending: &'a str,
    /// The program that runs them, with its arguments.
    pub runner: &'a [&'a str],
    /// More variables of their environment.
    pub environment: &'a [(&'a str, &'a str)],
}

impl Suite<'_> {
    /// Builds and runs all of them, as many at once as there are processors; there are at least `least`.
    pub fn run(&self, least: usize, build: impl Fn(&Path, &Path) + Sync) {
        let sources = self.sources();
        assert!(sources.len() >= least, "the programs of {}", self.directory);
        let (sources, failures) = (Mutex::new(sources.into_iter()), Mutex::new(String::new()));
        let take = || sources.lock().expect("no panic before").next();
        let work = || {
            while let Some(source) = take() {
                let directory = tempfile::tempdir().expect("a temporary directory");
                let path = directory.path().join(source.file_stem().expect("a file name"));
                build(&source, &path);
                let server = Server::start();
                let mut command = Program::new(self.runner, &path);
                prepare(&mut command, &server, directory.path());
                let uploads = source.file_stem().is_some_and(|stem| stem == UPLOADS);
                let _servers = uploads.then(|| upload_servers(&mut command, directory.path()));
                for (name, value) in self.environment {
                    command.set(name, value);
                }
                let output = command.run(LIMIT);
                if !output.success {
                    let failure =
                        format!("{} {:?} failed:\n{}\n", source.display(), self.runner, output.text);
                    failures.lock().expect("no panic before").push_str(&failure);
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..std::thread::available_parallelism().map_or(1, Into::into) {
                scope.spawn(work);
            }
        });
        let failures = failures.into_inner().expect("no panic before");
        assert!(failures.is_empty(), "{failures}");
    }

    fn sources(&self) -> Vec<PathBuf> {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(self.directory);
        let entries = std::fs::read_dir(&directory).expect(self.directory);
        let mut sources: Vec<_> = entries.map(|entry| entry.expect("a readable directory").path()).collect();
        let is_test = |name: &str| name.starts_with("test_") && name.ends_with(self.ending);
        sources.retain(|path| path.file_name().and_then(|name| name.to_str()).is_some_and(is_test));
        if !compiler::wanted("python3") {
            sources.retain(|path| path.file_stem().is_none_or(|stem| stem != UPLOADS));
        }
        sources.sort();
        sources
    }
}
