//! The C examples are compiled as strictly as the header, run, and do what they say.

#[path = "support/compiler.rs"]
mod compiler;
#[path = "support/program.rs"]
mod program;

use std::path::{Path, PathBuf};
use std::time::Duration;

use bgcopy_testserver::content::sha256;
use bgcopy_testserver::{Condition, Resource, Server};
use compiler::Compiler;
use program::{Output, Program};
use tempfile::TempDir;

const LIMIT: Duration = Duration::from_secs(60);

/// A compiled example with a queue and a place for files.
struct Example {
    program: PathBuf,
    directory: TempDir,
    _library: TempDir,
}

impl Example {
    fn new(name: &str) -> Example {
        let (directory, library) = (tempfile::tempdir().expect("a directory"), compiler::library());
        let source =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/c").join(name).with_extension("c");
        let program = directory.path().join(name);
        for compiler in Compiler::all() {
            compiler.with_library(&source, library.path(), &[], &program);
        }
        Example { program, directory, _library: library }
    }

    fn file(&self) -> PathBuf {
        self.directory.path().join("file")
    }

    fn command(&self, arguments: &[&str]) -> Program {
        let mut command = Program::new(&[], &self.program);
        command.set("BGCOPY_DIRECTORY", self.directory.path().join("queue"));
        for argument in arguments {
            command.arg(argument);
        }
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).run(LIMIT)
    }
}

/// Rule: hello downloads a file, and says what is wrong otherwise.
#[test]
fn hello_downloads() {
    let (server, hello) = (Server::start(), Example::new("hello"));
    let file = hello.file();
    let output = hello.run(&[&server.url("/file/1000?seed=1"), file.to_str().expect("UTF-8")]);
    assert!(output.success, "{}", output.text);
    assert_eq!(std::fs::metadata(&file).expect("the file").len(), 1000);

    let output = hello.run(&[&server.url("/file/1000?status=404"), file.to_str().expect("UTF-8")]);
    assert!(!output.success && output.text.contains("/file/1000?status=404"), "{}", output.text);

    let output = hello.run(&[&server.url("/file/1000?seed=1"), "relative"]);
    assert!(!output.success && output.text.contains("BG_E_INVALIDARG"), "{}", output.text);
}

/// Rule: download gives the file its name when its SHA-256 is right, and only then.
#[test]
fn download_checks_the_sum() {
    let (server, download) = (Server::start(), Example::new("download"));
    let (url, file) = (server.url("/file/300000?seed=1"), download.file());
    let path = file.to_str().expect("UTF-8");

    let output = download.run(&[&url, path, &sha256(2, 0, 300_000)]);
    assert!(!output.success && output.text.contains("does not have this SHA-256"), "{}", output.text);
    assert!(!file.exists());

    let output = download.run(&[&url, path, &sha256(1, 0, 300_000)]);
    assert!(output.success, "{}", output.text);
    assert!(!output.text.contains("continuing"), "the wrong file left nothing behind: {}", output.text);
    assert_eq!(std::fs::metadata(&file).expect("the file").len(), 300_000);
}

/// Rule: a download that was killed goes on when the program is started again.
#[test]
fn download_continues_after_being_killed() {
    let (server, download) = (Server::start(), Example::new("download"));
    let script = "stall_after=2000000&fail_first=1&on=get";
    let url = server.add("/r/film", Resource::seeded(3_000_000, 1).script(script));
    let file = download.file();
    let path = file.to_str().expect("UTF-8");

    let mut child = download.command(&[&url, path]).start();
    let stalled = Condition { stalled: Some(1), ..Condition::default() };
    let reached = server.wait_for(&stalled, LIMIT);
    program::kill(&mut child);
    child.wait().expect("the killed program ends");
    assert!(reached, "the server sent no part of the file");
    assert!(!file.exists());

    let output = download.run(&[&url, path, &sha256(1, 0, 3_000_000)]);
    assert!(output.success, "{}", output.text);
    assert!(output.text.contains("continuing at "), "{}", output.text);
}

/// Rule: an error names the URL, and the job waits in the queue for another try.
#[test]
fn download_explains_an_error() {
    let (server, download) = (Server::start(), Example::new("download"));
    let url = server.add("/r/later", Resource::seeded(1000, 1).script("status=404&fail_first=1000"));
    let file = download.file();
    let path = file.to_str().expect("UTF-8");
    let output = download.run(&[&url, path]);
    assert!(!output.success && output.text.contains("/r/later"), "{}", output.text);

    server.change("/r/later", "fail_first=0");
    let output = download.run(&[&url, path]);
    assert!(output.success && output.text.contains("continuing at "), "{}", output.text);
    assert!(file.exists());
}
