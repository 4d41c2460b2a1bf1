//! C and C++ compilers of this machine, as strict as they can be.
#![allow(dead_code, reason = "each test program uses its own part")]

use std::path::{Path, PathBuf};
use std::process::Command;

/// A language with its flags and the ending of its files.
#[derive(Clone, Copy)]
pub struct Language {
    flags: &'static [&'static str],
    ending: &'static str,
    cpp: bool,
}

/// C11, no extensions.
pub const C11: Language =
    Language { flags: &["-std=c11", "-Wstrict-prototypes", "-Wmissing-prototypes"], ending: "c", cpp: false };
/// C++17, no extensions.
pub const CPP17: Language = Language { flags: &["-std=c++17", "-Wold-style-cast"], ending: "cpp", cpp: true };

const STRICT: &[&str] = &[
    "-Wall",
    "-Wextra",
    "-Wpedantic",
    "-Wshadow",
    "-Wconversion",
    "-Wundef",
    "-Werror",
    "-D_POSIX_C_SOURCE=200809L",
];

/// A compiler for both languages.
#[derive(Clone, Copy)]
pub struct Compiler {
    c: &'static str,
    cpp: &'static str,
}

impl Compiler {
    /// Those that are installed; at least one, because rustc links with it.
    pub fn all() -> Vec<Compiler> {
        let known = [Compiler { c: "gcc", cpp: "g++" }, Compiler { c: "clang", cpp: "clang++" }];
        let found: Vec<_> =
            known.into_iter().filter(|compiler| exists(compiler.c) && exists(compiler.cpp)).collect();
        assert!(!found.is_empty(), "install gcc or clang with C++: the header is tested with them");
        found
    }

    fn command(self, language: Language) -> Command {
        let mut command = Command::new(if language.cpp { self.cpp } else { self.c });
        command.args(language.flags).args(STRICT).arg("-I").arg(include());
        if language.cpp {
            command.arg("-I").arg(cpp_include());
        }
        // The macros of C headers cast in the C way.
        if language.cpp {
            command.arg("-Wno-old-style-cast");
        }
        command
    }

    /// Compiles without linking.
    pub fn object(self, language: Language, source: &str) {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let file = write(directory.path(), 0, language, source);
        run(
            self.command(language).arg("-c").arg(&file).arg("-o").arg(directory.path().join("object")),
            source,
        );
    }

    /// The symbols of an object file, one a line, with the names of C++.
    pub fn symbols(self, language: Language, source: &str) -> String {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let (file, object) = (write(directory.path(), 0, language, source), directory.path().join("object"));
        run(self.command(language).arg("-c").arg(&file).arg("-o").arg(&object), source);
        run(Command::new("nm").arg("--demangle").arg(&object), source)
    }

    /// What the preprocessor leaves of a C++ file, with one more directory of headers and more flags.
    pub fn preprocessed(self, source: &str, headers: &Path, flags: &[&str]) -> String {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let file = write(directory.path(), 0, CPP17, source);
        run(self.command(CPP17).args(flags).args(["-E", "-P", "-I"]).arg(headers).arg(file), source)
    }

    /// Compiles a C++ file into a shared object in `directory`, and another one into a program that is linked with it;
    /// both hide what they have.
    pub fn cpp_with_shared_object(
        self,
        program: &Path,
        object: &Path,
        library: &Path,
        directory: &Path,
    ) -> PathBuf {
        let (shared, linked) = (directory.join("libobject.so"), directory.join("program"));
        let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
        let build = |source: &Path, flags: &[&str], output: &Path| {
            let mut command = self.command(CPP17);
            command.args(["-g", "-fvisibility=hidden", "-fvisibility-inlines-hidden"]);
            command
                .arg("-I")
                .arg(tests.join("../tests/c"))
                .arg("-I")
                .arg(tests.join("../bindings/cpp/tests"));
            command.arg(source).args(flags).arg("-L").arg(library).arg("-lbgcopy").arg("-pthread");
            command.arg(format!("-Wl,-rpath,{}", library.display())).arg("-o").arg(output);
            run(&mut command, &source.display().to_string());
        };
        build(object, &["-fPIC", "-shared"], &shared);
        let shared = shared.display().to_string();
        build(program, &[&shared], &linked);
        linked
    }

    /// Compiles and links C++ files that use the headers of bindings/cpp, with more flags.
    pub fn cpp_program(self, sources: &[&str], flags: &[&str]) {
        let (directory, library) = (tempfile::tempdir().expect("a temporary directory"), library());
        let files = sources.iter().enumerate().map(|(i, source)| write(directory.path(), i, CPP17, source));
        let mut command = self.command(CPP17);
        command.args(flags).args(files).arg("-o").arg(directory.path().join("program"));
        command.arg("-L").arg(library.path()).arg("-lbgcopy").arg("-pthread");
        run(&mut command, &sources.join("\n"));
    }

    /// Compiles a C++ file of the repository against libbgcopy in `library`, with more flags.
    pub fn cpp_with_library(self, source: &Path, library: &Path, flags: &[&str], program: &Path) {
        let mut command = self.command(CPP17);
        command.arg("-I").arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/c"));
        command.arg("-g").args(flags).arg(source).arg("-o").arg(program);
        command.arg("-L").arg(library).arg("-lbgcopy").arg("-pthread");
        command.arg(format!("-Wl,-rpath,{}", library.display()));
        run(&mut command, &source.display().to_string());
    }

    /// Compiles a C file and a C++ file of the repository into one program, with more flags.
    pub fn mixed_with_library(self, c: &Path, cpp: &Path, library: &Path, flags: &[&str], program: &Path) {
        let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/c");
        let mut link = Command::new(self.cpp);
        link.args(flags);
        for (language, source, name) in [(C11, c, "c.o"), (CPP17, cpp, "cpp.o")] {
            let object = program.with_extension(name);
            let mut command = self.command(language);
            command.arg("-I").arg(&tests).arg("-g").args(flags).arg("-c").arg(source).arg("-o").arg(&object);
            run(&mut command, &source.display().to_string());
            link.arg(object);
        }
        link.arg("-o").arg(program).arg("-L").arg(library).arg("-lbgcopy").arg("-pthread");
        link.arg(format!("-Wl,-rpath,{}", library.display()));
        run(&mut link, &c.display().to_string());
    }

    /// Compiles and links files that need no library.
    pub fn program(self, language: Language, sources: &[&str]) {
        let directory = tempfile::tempdir().expect("a temporary directory");
        self.build(language, sources, directory.path());
    }

    /// Compiles, links and runs a file that needs no library.
    pub fn run(self, language: Language, source: &str) -> String {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let program = self.build(language, &[source], directory.path());
        run(&mut Command::new(program), source)
    }

    /// Whether a program can be built with these flags.
    pub fn links(self, source: &str, flags: &[&str]) -> bool {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let file = write(directory.path(), 0, C11, source);
        let mut command = self.command(C11);
        command.args(flags).arg(file).arg("-o").arg(directory.path().join("program"));
        command.output().is_ok_and(|output| output.status.success())
    }

    fn build(self, language: Language, sources: &[&str], directory: &Path) -> PathBuf {
        let program = directory.join("program");
        let files: Vec<_> =
            sources.iter().enumerate().map(|(i, source)| write(directory, i, language, source)).collect();
        run(self.command(language).args(files).arg("-o").arg(&program), &sources.join("\n"));
        program
    }

    /// Compiles a file of the repository with libbgcopy.a.
    pub fn with_static_library(self, source: &Path, program: &Path) {
        let mut command = self.command(C11);
        command.arg(source).arg(built("libbgcopy.a")).arg("-o").arg(program);
        command.args(["-pthread", "-ldl", "-lm"]);
        run(&mut command, &source.display().to_string());
    }

    /// Compiles a file of the repository against libbgcopy in `library`, with more flags.
    pub fn with_library(self, source: &Path, library: &Path, flags: &[&str], program: &Path) {
        let mut command = self.command(C11);
        command.arg("-g").args(flags).arg(source).arg("-o").arg(program);
        command.arg("-L").arg(library).arg("-lbgcopy").arg("-pthread");
        command.arg(format!("-Wl,-rpath,{}", library.display()));
        run(&mut command, &source.display().to_string());
    }
}

/// Whether a tool is there; says so when it is not, and fails where all of them are required.
pub fn wanted(program: &str) -> bool {
    let found = exists(program);
    if !found {
        missing(program);
    }
    found
}

/// Says that a tool is missing: an error where BGCOPY_REQUIRE_TOOLS is set.
pub fn missing(tool: &str) {
    let text = format!("not tested: {tool} is not installed here");
    assert!(std::env::var_os("BGCOPY_REQUIRE_TOOLS").is_none(), "{text}");
    eprintln!("{text}");
}

/// Whether a program can be started.
pub fn exists(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
}

/// The directory of bgcopy.h.
pub fn include() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../include")
}

/// The directory of the C++ headers.
pub fn cpp_include() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../bindings/cpp/include")
}

/// A directory with the library under the names that linkers and programs look for.
pub fn library() -> tempfile::TempDir {
    let built = built("libbgcopy.so");
    let directory = tempfile::tempdir().expect("a temporary directory");
    for name in ["libbgcopy.so", "libbgcopy.so.0"] {
        std::os::unix::fs::symlink(&built, directory.path().join(name)).expect("a link to the library");
    }
    directory
}

/// A library that cargo has built.
pub fn built(name: &str) -> PathBuf {
    // Cargo puts it beside the test programs.
    let test = std::env::current_exe().expect("the path of this program");
    let built = test.parent().expect("it is in a directory").join(name);
    assert!(built.exists(), "{} is missing; run the tests with cargo", built.display());
    built
}

/// Compares a generated file with the committed one, or writes it when `BGCOPY_BLESS` is set.
pub fn compare(path: &Path, generated: &str) {
    if std::env::var_os("BGCOPY_BLESS").is_some() {
        // In one step, because other tests read it meanwhile.
        let new = path.with_extension("new");
        let written = std::fs::write(&new, generated).and_then(|()| std::fs::rename(&new, path));
        written.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        return;
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    let different = committed.lines().zip(generated.lines()).position(|(old, new)| old != new);
    let line = different.unwrap_or_else(|| committed.lines().count().min(generated.lines().count()));
    assert!(
        committed == generated,
        "{} is not what the sources say, from line {} on:\n  committed: {}\n  generated: {}\n\
         If the change is meant, run: BGCOPY_BLESS=1 cargo test -p bgcopy-ffi",
        path.display(),
        line + 1,
        committed.lines().nth(line).unwrap_or("(end)"),
        generated.lines().nth(line).unwrap_or("(end)"),
    );
}

fn write(directory: &Path, number: usize, language: Language, source: &str) -> PathBuf {
    let file = directory.join(format!("file{number}.{}", language.ending));
    std::fs::write(&file, source).expect("a temporary file");
    file
}

fn run(command: &mut Command, source: &str) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{command:?} failed: {}\n{errors}\n--- source:\n{source}",
        output.status
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}
