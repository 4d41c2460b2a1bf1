//! Builds the programs of bindings/cpp/tests/modern over bgcopy.hpp and runs them: as C++17 and C++20, under valgrind,
//! and with the sanitizers.

#[path = "support/compiler.rs"]
mod compiler;
#[path = "support/program.rs"]
mod program;
#[path = "support/suite.rs"]
mod suite;

use std::path::Path;

use compiler::{CPP17, Compiler};
use suite::Suite;

const SUITE: Suite<'static> =
    Suite { directory: "bindings/cpp/tests/modern", ending: ".cpp", runner: &[], environment: &[] };
const PROGRAMS: usize = 10;

fn run(suite: &Suite<'_>, compiler: Compiler, flags: &[&str]) {
    let library = compiler::library();
    suite.run(PROGRAMS, |source: &Path, program: &Path| {
        let mut flags = flags.to_vec();
        if source.ends_with("test_without_exceptions.cpp") {
            flags.push("-fno-exceptions");
        }
        compiler.cpp_with_library(source, library.path(), &flags, program);
    });
}

/// Rule: each program ends with 0, with every compiler, in the oldest and a newer version of the language.
#[test]
fn programs_succeed() {
    for compiler in Compiler::all() {
        run(&SUITE, compiler, &[]);
        run(&SUITE, compiler, &["-std=c++20"]);
    }
}

/// Rule: nothing is read that is not theirs, and nothing is left behind.
#[test]
fn programs_are_clean_under_valgrind() {
    if !compiler::wanted("valgrind") {
        return;
    }
    let runner = [
        "valgrind",
        "--quiet",
        "--error-exitcode=99",
        "--leak-check=full",
        "--errors-for-leak-kinds=definite,indirect",
    ];
    // It does not follow the encryption of the newest processors.
    let environment = [("BGCOPY_TEST_NO_HTTPS", "1")];
    run(&Suite { runner: &runner, environment: &environment, ..SUITE }, Compiler::all()[0], &[]);
}

/// Rule: nothing undefined happens.
#[test]
fn programs_are_clean_under_the_sanitizers() {
    let flags = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer"];
    let compiler = Compiler::all()[0];
    if !compiler.links("int main(void) { return 0; }\n", &flags) {
        compiler::missing("the address sanitizer");
        return;
    }
    run(&Suite { environment: &[("ASAN_OPTIONS", "detect_leaks=1")], ..SUITE }, compiler, &flags);
}

/// Rule: the header compiles alone, twice, in two files of one program, and beside the interfaces of BITS.
#[test]
fn header_compiles_alone_twice_and_beside_the_mirror() {
    let include = "#include <bgcopy/bgcopy.hpp>\n";
    let first = format!("{include}{include}int other();\nint main() {{ return other(); }}\n");
    let second = format!("{include}int other();\nint other() {{ return 0; }}\n");
    for compiler in Compiler::all() {
        compiler.cpp_program(&[&first, &second], &["-Wold-style-cast", "-Wnon-virtual-dtor"]);
        for part in [
            "access",
            "error",
            "stop",
            "types",
            "file",
            "job",
            "job_access",
            "job_reply",
            "job_settings",
            "log",
            "queue",
        ] {
            compiler.object(CPP17, &format!("#include <bgcopy/{part}.hpp>\n"));
        }
        compiler.object(CPP17, &format!("#include <bgcopy/bits.h>\n{include}"));
        compiler.object(CPP17, &format!("{include}#include <bgcopy/bits.h>\n"));
    }
}
