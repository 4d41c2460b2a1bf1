//! The examples with the interfaces of BITS are compiled strictly, run with the sanitizers, and do what they say.

#[path = "support/compiler.rs"]
mod compiler;
#[path = "support/program.rs"]
mod program;

use std::path::{Path, PathBuf};
use std::time::Duration;

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
        let program = directory.path().join(name);
        build(name, library.path(), &program);
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

/// With every compiler; what is left is of the first one, with the sanitizers where they are.
fn build(name: &str, library: &Path, program: &Path) {
    let source =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/cpp/mirror").join(name).with_extension("cpp");
    let sanitizers = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
    for compiler in Compiler::all().into_iter().rev() {
        compiler.cpp_with_library(&source, library, &[], program);
    }
    let first = Compiler::all()[0];
    if first.links("int main(void) { return 0; }\n", &sanitizers) {
        first.cpp_with_library(&source, library, &sanitizers, program);
    }
}

/// Rule: the program of the README compiles without a warning. It is not run: it would leave this computer.
#[test]
fn hello_compiles() {
    Example::new("hello");
}

/// Rule: download shows the progress and gives the file its name, or says what is wrong.
#[test]
fn download_shows_progress_and_explains_errors() {
    let (server, download) = (Server::start(), Example::new("download"));
    let file = download.file();
    let path = file.to_str().expect("UTF-8");
    let output = download.run(&[&server.url("/file/100000?seed=1"), path]);
    assert!(output.success && output.text.contains("100000 of 100000 bytes"), "{}", output.text);
    assert_eq!(std::fs::metadata(&file).expect("the file").len(), 100_000);

    let output = download.run(&[&server.url("/file/1?status=404"), path]);
    assert!(!output.success && output.text.contains("0x80190194"), "{}", output.text);
    let output = download.run(&[&server.url("/file/1"), "relative"]);
    assert!(!output.success && output.text.contains("0x80070057"), "{}", output.text);
}

/// Rule: callback completes the job inside the callback, and is told of an error.
#[test]
fn callback_completes_the_job_and_hears_of_errors() {
    let (server, callback) = (Server::start(), Example::new("callback"));
    let file = callback.file();
    let path = file.to_str().expect("UTF-8");
    let output = callback.run(&[&server.url("/file/100000?seed=1"), path]);
    assert!(output.success, "{}", output.text);
    assert_eq!(std::fs::metadata(&file).expect("the file").len(), 100_000);

    let output = callback.run(&[&server.url("/file/1?status=404"), path]);
    assert!(!output.success && output.text.contains("0x80190194"), "{}", output.text);
}

/// Rule: resume goes on where an earlier run was killed.
#[test]
fn resume_continues_after_being_killed() {
    let (server, resume) = (Server::start(), Example::new("resume"));
    let script = "stall_after=2000000&fail_first=1&on=get";
    let url = server.add("/r/film", Resource::seeded(3_000_000, 1).script(script));
    let file = resume.file();
    let path = file.to_str().expect("UTF-8");

    let mut child = resume.command(&[&url, path]).start();
    let stalled = Condition { stalled: Some(1), ..Condition::default() };
    let reached = server.wait_for(&stalled, LIMIT);
    program::kill(&mut child);
    child.wait().expect("the killed program ends");
    assert!(reached, "the server sent no part of the file");
    assert!(!file.exists());

    let output = resume.run(&[&url, path]);
    assert!(output.success && output.text.contains("continuing at "), "{}", output.text);
    assert_eq!(std::fs::metadata(&file).expect("the file").len(), 3_000_000);
}

/// Rule: watch shows the jobs and files that an earlier program has left, until they do not run any more.
#[test]
fn watch_shows_the_queue_until_it_rests() {
    let (server, resume) = (Server::start(), Example::new("resume"));
    let url = server.add("/r/film", Resource::seeded(1000, 1).script("status=404&fail_first=1"));
    let file = resume.file();
    let output = resume.run(&[&url, file.to_str().expect("UTF-8")]);
    assert!(!output.success, "{}", output.text);

    let program = resume.directory.path().join("watch");
    build("watch", resume._library.path(), &program);
    let mut command = Program::new(&[], &program);
    command.set("BGCOPY_DIRECTORY", resume.directory.path().join("queue"));
    let output = command.run(LIMIT);
    assert!(output.success, "{}", output.text);
    for line in ["1 jobs", "MyDownload: error", "/r/film: 0 bytes"] {
        assert!(output.text.contains(line), "{line} is missing in {}", output.text);
    }
}
