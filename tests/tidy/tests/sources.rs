//! Rules for every file of the repository.

use bgcopy_tidy::rust::{code, has_word};
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
    concat!("/tm", "p/wt"),
    concat!("crates", ".io"),
];

#[test]
fn no_file_has_unfinished_marks_or_paths_of_one_machine() {
    let mut complaints = Vec::new();
    for source in sources(".") {
        if source.path.ends_with("Cargo.lock") {
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
fn every_module_with_unsafe_code_says_so_at_its_top() {
    let complaints: Vec<_> = sources(".")
        .into_iter()
        .filter(|source| source.path.ends_with(".rs") && has_word(&code(&source.text), "unsafe"))
        .filter(|source| !source.text.lines().any(|line| line.trim().starts_with("#![allow(unsafe_code")))
        .map(|source| source.path)
        .collect();
    expect_none("unsafe code without `#![allow(unsafe_code)]` at the top of its module", &complaints);
}
