//! Every function of the header is called with every kind of wrong argument, and with random ones in random states.

mod bad_input {
    pub mod calls;
}
#[path = "support/compiler.rs"]
mod compiler;
#[path = "support/program.rs"]
mod program;

use std::path::Path;
use std::time::Duration;

use bad_input::calls;
use bgcopy_testserver::Server;
use compiler::Compiler;
use program::Program;

const LIMIT: Duration = Duration::from_secs(300);

/// Builds tests/c/random_calls.c with the table of all functions, and runs it.
fn run(flags: &[&str], runner: &[&str], environment: &[(&str, &str)]) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let (directory, library) = (tempfile::tempdir().expect("a directory"), compiler::library());
    let header = std::fs::read_to_string(root.join("include/bgcopy.h")).expect("the header");
    std::fs::write(directory.path().join("calls.h"), calls::table(&header)).expect("the table");
    let program = directory.path().join("random_calls");
    let include = format!("-I{}", directory.path().display());
    let flags: Vec<&str> = flags.iter().copied().chain([include.as_str()]).collect();
    Compiler::all()[0].with_library(&root.join("tests/c/random_calls.c"), library.path(), &flags, &program);
    let server = Server::start();
    let mut command = Program::new(runner, &program);
    // Not where the program is, and in memory where there is such a place: thousands of calls write.
    let memory = Path::new("/dev/shm");
    let place = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    let place = place.expect("a directory");
    command.set("BGCOPY_TEST_DIRECTORY", place.path());
    command.set("BGCOPY_TEST_HTTP", server.base_url());
    for name in ["HOME", "BGCOPY_DIRECTORY", "XDG_STATE_HOME", "XDG_CONFIG_HOME"] {
        command.set(name, place.path());
    }
    for (name, value) in environment {
        command.set(name, value);
    }
    let output = command.run(LIMIT);
    assert!(output.success, "{}", output.text);
}

/// Rule: no argument makes a call crash, hang, answer a code its documentation does not name, leave a result unset, or
/// change anything when it fails.
#[test]
fn any_arguments_get_a_documented_answer() {
    run(&[], &[], &[]);
}

/// Rule: as above, and nothing is read or written that is not the caller's.
#[test]
fn any_arguments_are_clean_under_the_address_sanitizer() {
    let flags = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer"];
    if !Compiler::all()[0].links("int main(void) { return 0; }\n", &flags) {
        compiler::missing("the address sanitizer");
        return;
    }
    run(&flags, &[], &[("ASAN_OPTIONS", "detect_leaks=1:abort_on_error=0"), ("BGCOPY_TEST_SEED", "2")]);
}

/// Rule: as above, also inside the library.
#[test]
fn any_arguments_are_clean_under_valgrind() {
    if !compiler::wanted("valgrind") {
        return;
    }
    let valgrind = ["valgrind", "--quiet", "--error-exitcode=99", "--trace-children=no", "--leak-check=no"];
    run(&[], &valgrind, &[("BGCOPY_TEST_SEED", "3"), ("BGCOPY_TEST_STEPS", "600")]);
}
