//! Builds the programs of bindings/cpp/tests over the interfaces of BITS and runs them: as they are, with 16-bit
//! `wchar_t`, under valgrind, and with the sanitizers.

#[path = "support/compiler.rs"]
mod compiler;
#[path = "support/program.rs"]
mod program;
#[path = "support/suite.rs"]
mod suite;

use std::path::{Path, PathBuf};
use std::time::Duration;

use bgcopy_testserver::Server;
use compiler::{CPP17, Compiler};
use program::Program;
use suite::{Suite, prepare};

/// Long enough for a busy machine; a program that hangs is ended then.
const LIMIT: Duration = Duration::from_secs(300);

/// The headers that a program may include.
const HEADERS: &[&str] = &[
    "com.h",
    "bits.h",
    "bits1_5.h",
    "bits2_0.h",
    "bits2_5.h",
    "bits3_0.h",
    "bits4_0.h",
    "bits5_0.h",
    "bits10_1.h",
    "bits10_2.h",
    "bits10_3.h",
    "bitsmsg.h",
    "qmgr.h",
    "bitscfg.h",
];

/// Rule: each program ends with 0, and compiles without a warning.
#[test]
fn programs_succeed() {
    for compiler in Compiler::all() {
        run_all(compiler, &[], &[], &[]);
    }
}

/// Rule: a program may be built with 16-bit `wchar_t`.
#[test]
fn programs_succeed_with_short_wide_characters() {
    run_all(Compiler::all()[0], &["-fshort-wchar"], &[], &[]);
}

/// Rule: objects are freed, and nothing is read that is not theirs.
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
    ];
    // It does not follow the encryption of the newest processors.
    run_all(Compiler::all()[0], &[], &valgrind, &[("BGCOPY_TEST_NO_HTTPS", "1")]);
}

/// Rule: nothing undefined happens. Undefined numbers of enumerations are passed on purpose: those are left out.
#[test]
fn programs_are_clean_under_the_sanitizers() {
    let flags = [
        "-fsanitize=address,undefined",
        "-fno-sanitize=enum",
        "-fno-sanitize-recover=all",
        "-fno-omit-frame-pointer",
    ];
    let compiler = Compiler::all()[0];
    if !compiler.links("int main(void) { return 0; }\n", &flags) {
        compiler::missing("the address sanitizer");
        return;
    }
    run_all(compiler, &flags, &[], &[("ASAN_OPTIONS", "detect_leaks=1:abort_on_error=0")]);
}

/// Rule: each method is at the slot that it has in the Windows SDK. A C program calls it there, and calls every slot
/// that the headers have.
#[test]
fn methods_have_their_slots() {
    let tests = tests();
    // An object that C made has no type of C++ to check.
    let sanitizers = ["-fsanitize=address,undefined", "-fno-sanitize=vptr", "-fno-sanitize-recover=all"];
    for compiler in Compiler::all() {
        let (library, directory) = (compiler::library(), tempfile::tempdir().expect("a temporary directory"));
        let program = directory.path().join("vtable");
        let flags: &[&str] =
            if compiler.links("int main(void) { return 0; }\n", &sanitizers) { &sanitizers } else { &[] };
        let (c, cpp) = (tests.join("vtable.c"), tests.join("vtable_objects.cpp"));
        compiler.mixed_with_library(&c, &cpp, library.path(), flags, &program);
        let server = Server::start();
        let mut command = Program::new(&[], &program);
        prepare(&mut command, &server, directory.path());
        command.set("BGCOPY_TEST_SLOTS", slots());
        let output = command.run(LIMIT);
        assert!(output.success, "{}", output.text);
    }
}

/// The interfaces of the headers that no other one is derived from: pairs of a name and the number of slots.
fn slots() -> String {
    let mut interfaces = Vec::new();
    for directory in [compiler::cpp_include().join("bgcopy"), compiler::cpp_include().join("bgcopy/detail")] {
        for entry in std::fs::read_dir(&directory).expect("the headers") {
            let path = entry.expect("a readable directory").path();
            if path.extension().is_some_and(|ending| ending == "h") {
                interfaces.extend(declared(&std::fs::read_to_string(&path).expect("a header")));
            }
        }
    }
    let methods = |name: &str| {
        let (mut sum, mut at) = (0, name.to_owned());
        while let Some((_, base, own)) = interfaces.iter().find(|(other, ..)| *other == at) {
            sum += own;
            at = base.clone();
        }
        assert_eq!(at, "", "{name} begins with IUnknown");
        sum
    };
    let is_base = |name: &str| interfaces.iter().any(|(_, base, _)| base == name);
    let last = interfaces.iter().filter(|(name, ..)| !is_base(name));
    last.map(|(name, ..)| format!("{name} {}\n", methods(name))).collect()
}

/// The interfaces of one header: name, base, number of methods of its own.
fn declared(text: &str) -> Vec<(String, String, usize)> {
    let mut interfaces: Vec<(String, String, usize)> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        if let Some(head) = line.strip_prefix("struct I").and_then(|rest| rest.strip_suffix(" {")) {
            let (name, base) = head.split_once(" : ").unwrap_or((head, ""));
            interfaces.push((format!("I{name}"), base.to_owned(), 0));
            inside = true;
        } else if line.starts_with('}') {
            inside = false;
        } else if inside && line.trim_start().starts_with("virtual ") {
            interfaces.last_mut().expect("we are inside of it").2 += 1;
        }
    }
    interfaces
}

/// Rule: a getter allocates what the C function does, and one block for each string or array that it gives. The program has
/// an allocator of its own, so that it runs with neither valgrind nor the sanitizers.
#[test]
fn getters_allocate_only_what_they_give() {
    for compiler in Compiler::all() {
        let (library, work) = (compiler::library(), tempfile::tempdir().expect("a temporary directory"));
        let program = work.path().join("program");
        let include = format!("-I{}", tests().display());
        compiler.cpp_with_library(
            &tests().join("plain/allocations.cpp"),
            library.path(),
            &[&include],
            &program,
        );
        run(&program, work.path());
    }
}

/// Rule: on Windows the headers are those of the SDK, and nothing else.
#[test]
fn on_windows_the_headers_step_aside() {
    let sdk = tempfile::tempdir().expect("a temporary directory");
    std::fs::create_dir(sdk.path().join("wrl")).expect("a directory");
    for name in
        ["windows", "objbase", "oleauto", "atlbase", "wrl/client", "bits", "bitsmsg", "bitscfg", "qmgr"]
    {
        let text = format!("int sdk_{};\n", name.replace('/', "_"));
        std::fs::write(sdk.path().join(name).with_extension("h"), text).expect("a header");
    }
    let of_com = ["windows", "objbase", "oleauto", "atlbase", "wrl_client"];
    for header in HEADERS {
        let expected = match *header {
            "com.h" => of_com.map(|name| format!("int sdk_{name};")).to_vec(),
            "bitsmsg.h" | "bitscfg.h" | "qmgr.h" => {
                vec![format!("int sdk_{};", header.strip_suffix(".h").expect("the ending"))]
            }
            _ => vec!["int sdk_bits;".to_owned()],
        };
        for compiler in Compiler::all() {
            let source = format!("#include <bgcopy/{header}>\n");
            let left = compiler.preprocessed(&source, sdk.path(), &["-D_WIN32", "-nostdinc"]);
            let lines: Vec<_> = left.lines().filter(|line| !line.trim().is_empty()).collect();
            assert_eq!(lines, expected, "{header}");
        }
    }
}

/// Rule: a file that makes no object carries nothing of their code, so that the header costs little to include.
#[test]
fn a_file_that_makes_no_object_has_no_code_of_them() {
    if !compiler::wanted("nm") {
        return;
    }
    let uses = "void use(IBackgroundCopyJob *job);\nvoid use(IBackgroundCopyJob *job) { job->Resume(); }\n";
    let makes = "void *make();\nvoid *make()\n{\n    void *made = nullptr;\n    \
                 CoCreateInstance(CLSID_BackgroundCopyManager, nullptr, CLSCTX_ALL, IID_IUnknown, &made);\n    \
                 return made;\n}\n";
    for compiler in Compiler::all() {
        for (body, carries) in [(uses, false), (makes, true)] {
            let symbols = compiler.symbols(CPP17, &format!("#include <bgcopy/bits.h>\n{body}"));
            assert_eq!(symbols.contains("bgcopy::com::Job::"), carries, "{symbols}");
            assert_eq!(symbols.contains("bg_job_"), carries, "{symbols}");
        }
    }
}

/// Rule: files and shared objects of a program share one queue and its callback objects, also where each hides what
/// it has.
#[test]
fn a_program_and_its_shared_objects_share_the_queue() {
    let directory = tests().join("shared");
    for compiler in Compiler::all() {
        let (library, work) = (compiler::library(), tempfile::tempdir().expect("a temporary directory"));
        let program = compiler.cpp_with_shared_object(
            &directory.join("program.cpp"),
            &directory.join("object.cpp"),
            library.path(),
            work.path(),
        );
        run(&program, work.path());
    }
}

/// Rule: every header compiles without a warning alone, twice, in two files of one program, before and after
/// those of the system and of others, without exceptions and without run-time types.
#[test]
fn headers_compile_alone_twice_and_in_any_order() {
    let others = "#include <algorithm>\n#include <functional>\n#include <iostream>\n#include <map>\n\
                  #include <mutex>\n#include <string>\n#include <windows_like.h>\n#include <unistd.h>\n";
    let directory = tempfile::tempdir().expect("a temporary directory");
    // As headers of databases and of graphics have them.
    std::fs::write(
        directory.path().join("windows_like.h"),
        "#include <stdint.h>\ntypedef uint32_t DWORD;\ntypedef int BOOL;\ntypedef unsigned char BYTE;\n\
         #define TRUE 1\n#define FALSE 0\n#define min(a, b) ((a) < (b) ? (a) : (b))\n",
    )
    .expect("a temporary file");
    let others =
        others.replace("<windows_like.h>", &format!("\"{}/windows_like.h\"", directory.path().display()));
    // Casts of the old style are reported, too, but not those of other headers.
    let strict = "#pragma GCC diagnostic error \"-Wold-style-cast\"\n\
                  #pragma GCC diagnostic error \"-Wnon-virtual-dtor\"\n";
    for compiler in Compiler::all() {
        for header in HEADERS {
            compiler.object(CPP17, &format!("{strict}#include <bgcopy/{header}>\n"));
        }
        // All the others include bits.h.
        for header in ["com.h", "bits.h", "qmgr.h", "bitscfg.h"] {
            let include = format!("#include <bgcopy/{header}>\n");
            let twice = format!("{strict}{include}{include}int other();\nint main() {{ return other(); }}\n");
            let second = format!("{strict}{include}int other();\nint other() {{ return 0; }}\n");
            compiler.cpp_program(&[&twice, &second], &["-fno-exceptions", "-fno-rtti"]);
            for source in [format!("{include}{others}"), format!("{others}{include}")] {
                compiler.object(CPP17, &source);
            }
        }
        let all: String =
            HEADERS.iter().rev().map(|header| format!("#include <bgcopy/{header}>\n")).collect();
        compiler.object(CPP17, &format!("{strict}{all}"));
        compiler.object(CPP17, &format!("#include <bgcopy.h>\n{all}"));
    }
}

/// Runs a program as it is, beside a server.
fn run(program: &Path, work: &Path) {
    let server = Server::start();
    let mut command = Program::new(&[], program);
    prepare(&mut command, &server, work);
    let output = command.run(LIMIT);
    assert!(output.success, "{}", output.text);
}

fn run_all(compiler: Compiler, flags: &[&str], runner: &[&str], environment: &[(&str, &str)]) {
    let library = compiler::library();
    let suite = Suite { directory: "bindings/cpp/tests", ending: ".cpp", runner, environment };
    suite.run(10, |source: &Path, program: &Path| {
        compiler.cpp_with_library(source, library.path(), flags, program);
    });
}

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../bindings/cpp/tests")
}
