//! Builds the programs of tests/c against the shared library and runs them: as they are, under valgrind,
//! and with the address sanitizer.

#[path = "support/compiler.rs"]
mod compiler;
#[path = "support/program.rs"]
mod program;
#[path = "support/suite.rs"]
mod suite;

use std::path::Path;
use std::time::Duration;

use bgcopy_testserver::{Scenario, Server};
use compiler::Compiler;
use program::Program;
use suite::Suite;

/// Long enough for a busy machine; a program that hangs is ended then.
const LIMIT: Duration = Duration::from_secs(300);

/// Rule: each program of tests/c ends with 0.
#[test]
fn programs_succeed() {
    for compiler in Compiler::all() {
        run_all(compiler, &[], &[], &[]);
    }
}

/// Rule: through the C interface a download behaves as tests/scenarios says.
#[test]
fn scenarios_end_as_they_say() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests");
    let (library, programs) = (compiler::library(), tempfile::tempdir().expect("a temporary directory"));
    let driver = programs.path().join("scenarios");
    Compiler::all()[0].with_library(&tests.join("c/scenarios.c"), library.path(), &[], &driver);
    let mut failures = String::new();
    for scenario in Scenario::read_all(&tests.join("scenarios")).expect("the scenarios") {
        let (server, directory) = (Server::start(), tempfile::tempdir().expect("a temporary directory"));
        let mut command = Program::new(&[], &driver);
        command.set("BGCOPY_TEST_DIRECTORY", directory.path());
        command.set("BGCOPY_TEST_HTTP", server.base_url());
        command.arg(tests.join("scenarios").join(&scenario.name).with_extension("txt"));
        let output = command.run(LIMIT);
        if !output.success {
            failures += &format!("{}: {}\n{}\n", scenario.name, scenario.rule, output.text);
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

/// Rule: the static library is complete: with the libraries of the system it makes a program.
#[test]
fn static_library_links() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/c/test_manager.c");
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("test_manager");
    Compiler::all()[0].with_static_library(&source, &path);
    let server = Server::start();
    let mut command = Program::new(&[], &path);
    command.set("BGCOPY_TEST_DIRECTORY", directory.path());
    command.set("BGCOPY_TEST_HTTP", server.base_url());
    let output = command.run(LIMIT);
    assert!(output.success, "{}", output.text);
}

/// Rule: no program of tests/c reads what it must not or loses memory, and neither does the library.
#[test]
fn programs_are_clean_under_valgrind() {
    if !compiler::wanted("valgrind") {
        return;
    }
    let valgrind = [
        "valgrind",
        "--quiet",
        "--error-exitcode=99",
        "--leak-check=full",
        "--show-leak-kinds=definite,indirect",
        "--errors-for-leak-kinds=definite,indirect",
        "--trace-children=no",
        "--child-silent-after-fork=yes",
    ];
    // It does not follow the instructions of AES, and would complain about every https connection.
    run_all(Compiler::all()[0], &[], &valgrind, &[("BGCOPY_TEST_NO_HTTPS", "1")]);
}

/// Rule: the programs use no memory of the library that is not theirs.
#[test]
fn programs_are_clean_under_the_address_sanitizer() {
    let flags = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer"];
    let compiler = Compiler::all()[0];
    if !compiler.links("int main(void) { return 0; }\n", &flags) {
        compiler::missing("the address sanitizer");
        return;
    }
    run_all(compiler, &flags, &[], &[("ASAN_OPTIONS", "detect_leaks=1:abort_on_error=0")]);
}

fn run_all(compiler: Compiler, flags: &[&str], runner: &[&str], environment: &[(&str, &str)]) {
    let library = compiler::library();
    Suite { directory: "tests/c", ending: ".c", runner, environment }.run(
        10,
        |source: &Path, program: &Path| {
            compiler.with_library(source, library.path(), flags, program);
        },
    );
}
