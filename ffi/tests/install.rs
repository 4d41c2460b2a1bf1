//! Installs the library as `make install` does, and uses it as a stranger would: the programs of tests/install, by
//! pkg-config and by CMake, shared and static, also after the tree was moved.

#[path = "support/compiler.rs"]
mod compiler;
#[path = "support/program.rs"]
mod program;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use bgcopy_testserver::Server;
use program::Program;

/// Long enough for a busy machine; a program that hangs is ended then.
const LIMIT: Duration = Duration::from_secs(120);

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the repository")
}

/// An installed tree, moved away from where it was installed to.
struct Tree(tempfile::TempDir);

impl Tree {
    fn new() -> Tree {
        let directory = tempfile::tempdir().expect("a temporary directory");
        install(&directory.path().join("first"), &[]);
        std::fs::rename(directory.path().join("first"), directory.path().join("moved"))
            .expect("the tree moves");
        Tree(directory)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join("moved").join(name)
    }

    fn pkg_config(&self, arguments: &[&str]) -> Vec<String> {
        let mut command = Command::new("pkg-config");
        command.args(arguments).arg("bgcopy").env("PKG_CONFIG_PATH", self.path("lib/pkgconfig"));
        run(&mut command).split_whitespace().map(str::to_owned).collect()
    }

    /// Runs a program that fetches a file, in an environment that knows nothing of the tree.
    fn fetch(&self, program: &Path) {
        let (server, work) = (Server::start(), tempfile::tempdir().expect("a temporary directory"));
        let mut command = Program::new(&[], program);
        command.set("BGCOPY_DIRECTORY", work.path().join("queue"));
        command.arg(server.url("/file/4321?seed=1"));
        command.arg(work.path().join("file"));
        let output = command.run(LIMIT);
        assert!(output.success, "{}: {}", program.display(), output.text);
        assert_eq!(std::fs::metadata(work.path().join("file")).expect("the file").len(), 4321);
    }
}

fn install(prefix: &Path, variables: &[(&str, &str)]) {
    let mut command = Command::new(repository().join("ffi/install/install.sh"));
    command
        .env("BUILD", compiler::built("libbgcopy.so").parent().expect("a directory"))
        .env("PREFIX", prefix);
    for name in ["DESTDIR", "LIBDIR", "INCLUDEDIR", "MANDIR"] {
        command.env_remove(name);
    }
    run(command.envs(variables.iter().copied()));
}

fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{command:?}: {text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

fn tools() -> bool {
    ["cmake", "pkg-config", "python3"].into_iter().all(compiler::wanted)
}

/// Rule: pkg-config builds a C program, with the shared library and with the static one.
#[test]
fn pkg_config_builds_a_program() {
    if !tools() {
        return;
    }
    let (tree, source) = (Tree::new(), repository().join("tests/install/c/fetch.c"));
    let strict = ["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror"];

    let shared = tree.path("fetch_shared");
    let flags = tree.pkg_config(&["--cflags", "--libs"]);
    let library = tree.path("lib");
    run(Command::new("cc")
        .args(strict)
        .arg(&source)
        .args(&flags)
        .arg("-o")
        .arg(&shared)
        .arg(format!("-Wl,-rpath,{}", library.display())));
    tree.fetch(&shared);

    let fixed = tree.path("fetch_static");
    let flags: Vec<_> = tree
        .pkg_config(&["--cflags", "--libs", "--static"])
        .into_iter()
        .map(|flag| if flag == "-lbgcopy" { "-l:libbgcopy.a".to_owned() } else { flag })
        .collect();
    run(Command::new("cc").args(strict).arg(&source).args(&flags).arg("-o").arg(&fixed));
    tree.fetch(&fixed);
    assert_eq!(tree.pkg_config(&["--modversion"]), [env!("CARGO_PKG_VERSION")]);
}

/// Rule: find_package builds a C and a C++ program, with the shared library and with the static one; a version that
/// may be incompatible is refused.
#[test]
fn find_package_builds_programs() {
    if !tools() {
        return;
    }
    let (tree, source) = (Tree::new(), repository().join("tests/install/cpp"));
    for (kind, option) in [("shared", "OFF"), ("static", "ON")] {
        let build = tree.path(kind);
        let mut configure = Command::new("cmake");
        configure.arg("-S").arg(&source).arg("-B").arg(&build).arg(format!("-Dbgcopy_USE_STATIC={option}"));
        run(configure.arg(format!("-DCMAKE_PREFIX_PATH={}", tree.path("").display())));
        run(Command::new("cmake").arg("--build").arg(&build));
        for program in ["fetch_c", "fetch_cpp"] {
            tree.fetch(&build.join(program));
            let needs = run(Command::new("readelf").arg("-d").arg(build.join(program)));
            assert_eq!(needs.contains("[libbgcopy.so.0]"), kind == "shared", "{needs}");
        }
    }

    let foreign = tree.path("foreign");
    std::fs::create_dir(&foreign).expect("a directory");
    for (version, fits) in [("0.1", true), ("0.1.0", true), ("0.2", false), ("1", false), ("0.0.9", false)] {
        let text = format!(
            "cmake_minimum_required(VERSION 3.16)\nproject(p C)\nfind_package(bgcopy {version} CONFIG REQUIRED)\n"
        );
        std::fs::write(foreign.join("CMakeLists.txt"), text).expect("a file");
        let mut command = Command::new("cmake");
        command.arg("-S").arg(&foreign).arg("-B").arg(foreign.join("build"));
        command.arg(format!("-DCMAKE_PREFIX_PATH={}", tree.path("").display()));
        let output = command.output().expect("cmake starts");
        assert_eq!(output.status.success(), fits, "version {version}");
    }
}

/// Rule: DESTDIR is only where files are put, and nothing in them names it; each function has a manual page.
#[test]
fn a_staged_tree_is_complete_and_names_the_prefix_only() {
    if !tools() {
        return;
    }
    let stage = tempfile::tempdir().expect("a temporary directory");
    let root = stage.path().to_str().expect("UTF-8");
    install(
        Path::new("/usr"),
        &[("DESTDIR", root), ("LIBDIR", "/usr/lib/x86_64-linux-gnu"), ("MANDIR", "/usr/share/man")],
    );
    let lib = stage.path().join("usr/lib/x86_64-linux-gnu");
    for (link, target) in [("libbgcopy.so", "libbgcopy.so.0"), ("libbgcopy.so.0", "libbgcopy.so.0.1.0")] {
        assert_eq!(std::fs::read_link(lib.join(link)).expect(link), Path::new(target));
    }
    for name in [
        "pkgconfig/bgcopy.pc",
        "cmake/bgcopy/bgcopy-config.cmake",
        "cmake/bgcopy/bgcopy-config-version.cmake",
    ] {
        let text = std::fs::read_to_string(lib.join(name)).expect(name);
        assert!(!text.contains(root) && !text.contains('@'), "{name}: {text}");
    }
    let package = std::fs::read_to_string(lib.join("pkgconfig/bgcopy.pc")).expect("the file");
    assert!(package.contains("\nlibdir=/usr/lib/x86_64-linux-gnu\n"), "{package}");

    let header = std::fs::read_to_string(stage.path().join("usr/include/bgcopy.h")).expect("the header");
    assert!(stage.path().join("usr/include/bgcopy/bgcopy.hpp").exists());
    let abi = std::fs::read_to_string(repository().join("ffi/abi.txt")).expect("the baseline");
    let functions: Vec<_> = abi.lines().filter_map(|line| line.strip_prefix("function ")).collect();
    assert!(functions.len() > 100 && header.contains(functions[0]));
    for function in functions {
        let page = stage.path().join(format!("usr/share/man/man3/{function}.3"));
        let text = std::fs::read_to_string(&page).unwrap_or_else(|_| panic!("no manual page of {function}"));
        assert!(text.contains(".SH SYNOPSIS") && text.contains(".SH DESCRIPTION"), "{text}");
    }
}
