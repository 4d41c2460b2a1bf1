//! Who may name whom: the layers of ARCHITECTURE.md.

use std::process::Command;

use bgcopy_tidy::rust::{code, has_word};
use bgcopy_tidy::{Source, expect_none, paths, root, sources};

/// The modules of the engine, and the paths each may name besides its own.
///
/// Absences are the rules: nothing but the queue names the store, nothing below the queue names
/// jobs, and what is pure names nobody.
const ENGINE: &[(&str, &[&str])] = &[
    ("client", &["model", "settings", "sys::descriptor", "queue::Queue", "queue::World", "transfer::access"]),
    ("limit", &[]),
    ("model", &["transfer::Version", "transfer::access", "transfer::upload::Session"]),
    ("notify", &["client::link", "model", "sys::event_fd"]),
    ("policy", &["limit", "settings", "transfer::access", "transfer::share"]),
    (
        "queue",
        &[
            "client", "limit", "model", "notify", "policy", "schedule", "settings", "store", "sys",
            "transfer", "workers",
        ],
    ),
    ("schedule", &[]),
    ("settings", &["transfer::access"]),
    ("store", &[]),
    ("sys", &[]),
    ("transfer", &["limit", "sys"]),
    ("workers", &["queue::Queue", "sys", "transfer"]),
];

/// What pure code does not name: input and output, time, threads, the system.
const IMPURE: &[&str] = &[
    "std::env",
    "std::fs",
    "std::net",
    "std::os",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
    "libc",
    "parking_lot",
    "httparse",
    "redb",
    "rustls",
];

/// The sources below a directory that are not tests.
fn library(directory: &str) -> Vec<Source> {
    let mut found = sources(directory);
    found.retain(|source| {
        source.path.ends_with(".rs")
            && !source.path.contains("/tests/")
            && !source.path.ends_with("/tests.rs")
    });
    assert!(!found.is_empty(), "no sources in {directory}");
    found
}

fn within(path: &str, allowed: &str) -> bool {
    path == allowed || path.strip_prefix(allowed).is_some_and(|rest| rest.starts_with("::"))
}

#[test]
fn modules_of_the_engine_name_only_the_layers_below() {
    let base = "core/engine/src/";
    let mut complaints = Vec::new();
    for source in library(base) {
        let place = source.path.strip_prefix(base).expect("below the base");
        let module = place.split(['/', '.']).next().expect("a first part");
        if module == "lib" {
            continue;
        }
        let Some((_, allowed)) = ENGINE.iter().find(|(name, _)| *name == module) else {
            complaints.push(format!("{}: the module {module} has no place in the layers", source.path));
            continue;
        };
        let code = code(&source.text);
        for path in paths::named(&code, "crate") {
            if !within(&path, module) && !allowed.iter().any(|allowed| within(&path, allowed)) {
                complaints.push(format!("{} names crate::{path}", source.path));
            }
        }
        // Climbing out of the module would hide an edge.
        let depth = place.matches('/').count() + usize::from(!place.ends_with("mod.rs"));
        if code.contains(&"super::".repeat(depth)) {
            complaints.push(format!("{} leaves its module through super::; write crate::", source.path));
        }
    }
    expect_none("layers of the engine", &complaints);
}

#[test]
fn the_model_the_scheduler_the_limiter_and_the_protocol_are_pure() {
    let mut complaints = Vec::new();
    for directory in
        ["core/engine/src/model", "core/engine/src/schedule", "core/engine/src/limit", "core/protocol/src"]
    {
        for source in library(directory) {
            let code = code(&source.text);
            for impure in IMPURE {
                let (start, rest) = impure.split_once("::").unwrap_or((impure, ""));
                for path in paths::named(&code, start) {
                    if rest.is_empty() || within(&path, rest) {
                        complaints.push(format!("{} names {start}::{path}", source.path));
                    }
                }
            }
        }
    }
    expect_none("pure code", &complaints);
}

#[test]
fn the_interfaces_for_c_and_python_name_only_the_client_of_the_engine() {
    let mut complaints = Vec::new();
    for directory in ["ffi/src", "bindings/python/src"] {
        for source in library(directory) {
            for path in paths::named(&code(&source.text), "bgcopy_engine") {
                if !within(&path, "client") {
                    complaints.push(format!("{} names bgcopy_engine::{path}", source.path));
                }
            }
        }
    }
    expect_none("the interfaces for C and Python", &complaints);
}

#[test]
fn unsafe_code_stands_only_at_the_system_and_the_c_boundary() {
    let mut complaints = Vec::new();
    for directory in ["core", "ffi/src", "bindings/python/src"] {
        for source in library(directory) {
            let allowed = source.path.starts_with("ffi/src/")
                || source.path.starts_with("core/engine/src/sys/")
                || source.path == "core/engine/src/store/lock.rs";
            if !allowed && has_word(&code(&source.text), "unsafe") {
                complaints.push(source.path);
            }
        }
    }
    expect_none("unsafe code outside ffi, sys and store/lock.rs", &complaints);
}

#[test]
fn the_server_names_nothing_of_the_engine() {
    let mut complaints = Vec::new();
    for source in ["core/server/src", "core/setup/src"].into_iter().flat_map(library) {
        if has_word(&code(&source.text), "bgcopy_engine") {
            complaints.push(source.path);
        }
    }
    expect_none("the server and the engine share core/protocol only", &complaints);
}

#[test]
fn the_library_needs_no_asynchronous_runtime() {
    for package in ["bgcopy-engine", "bgcopy-setup", "bgcopy-ffi"] {
        let tree = Command::new(env!("CARGO"))
            .args(["tree", "--locked", "--package", package, "--edges", "normal,build"])
            .args(["--prefix", "none", "--format", "{p}"])
            .current_dir(root())
            .output()
            .expect("cargo tree starts");
        assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
        let tree = String::from_utf8(tree.stdout).expect("names in UTF-8");
        assert!(tree.starts_with(&format!("{package} ")), "{tree}");
        let runtimes: Vec<_> = tree
            .lines()
            .filter(|line| {
                ["tokio ", "hyper ", "async-std ", "smol "].iter().any(|name| line.starts_with(name))
            })
            .map(str::to_owned)
            .collect();
        expect_none(&format!("asynchronous runtimes below {package}"), &runtimes);
    }
}
