//! Rules for every file of the repository.

use bgcopy_tidy::{expect_none, sources};

/// Leftovers; each written in two parts, so that this file does not break its own rule.
const LEFTOVERS: &[&str] = &[
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("HA", "CK"),
    concat!("todo", "!("),
    concat!("unimplemented", "!("),
    concat!("dbg", "!("),
    concat!("#[", "ignore"),
    concat!("/ho", "me/"),
    concat!("/ro", "ot/"),
    concat!("/Us", "ers/"),
    concat!("/wo", "rk/"),
    concat!("/tm", "p/"),
    concat!("crates", ".io"),
];

#[test]
fn no_file_has_unfinished_marks_or_paths_of_one_machine() {
    let mut complaints = Vec::new();
    for source in sources(".") {
        if source.path == "Cargo.lock" {
            continue;
        }
        for (number, line) in source.text.lines().enumerate() {
            for leftover in LEFTOVERS {
                if line.contains(leftover) {
                    complaints.push(format!("{}:{}: {leftover}", source.path, number + 1));
                }
            }
        }
    }
    expect_none("leftovers", &complaints);
}

#[test]
fn every_crate_takes_the_lints_of_the_workspace() {
    let complaints: Vec<_> = sources(".")
        .into_iter()
        .filter(|source| source.path.ends_with("/Cargo.toml") && source.text.contains("[package]"))
        .filter(|source| !source.text.contains("[lints]\nworkspace = true"))
        .map(|source| source.path)
        .collect();
    expect_none("crates without `[lints] workspace = true`", &complaints);
}

#[test]
fn every_file_with_unsafe_code_says_so_at_its_top() {
    let mut complaints = Vec::new();
    for source in sources(".") {
        let inner = source.text.lines().position(|line| line.starts_with("#![allow(unsafe_code"));
        let first_item = source.text.lines().position(|line| {
            ["use ", "pub ", "fn ", "mod ", "struct ", "const "].iter().any(|item| line.starts_with(item))
        });
        if source.path.ends_with(".rs")
            && source.text.contains("// SAFETY:")
            && inner.is_none_or(|at| first_item.is_some_and(|item| item < at))
        {
            complaints.push(source.path);
        }
    }
    expect_none(
        "files with unsafe code and without `#![allow(unsafe_code)]` before their first item",
        &complaints,
    );
}
