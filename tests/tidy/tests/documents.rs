//! Rules for what people read: what it shows exists.

use std::collections::BTreeSet;
use std::process::Command;

use bgcopy_tidy::{expect_none, read, root, sources};

/// The links of a document: (text, target).
fn links(text: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("](") {
        let start = text[..at].rfind('[').map_or(at, |open| open + 1);
        if let Some(end) = text[at + 2..].find(')') {
            found.push((&text[start..at], &text[at + 2..at + 2 + end]));
        }
    }
    found
}

#[test]
fn the_readme_shows_programs_as_they_are_compiled() {
    let readme = read("README.md");
    let programs = [
        ("c", "examples/c/hello.c"),
        ("cpp", "examples/cpp/mirror/hello.cpp"),
        ("cpp", "tests/install/cpp/fetch.cpp"),
    ];
    for (language, path) in programs {
        assert!(
            readme.contains(&format!("```{language}\n{}```\n", read(path))),
            "README.md does not contain {path} as it is: copy it there"
        );
    }
}

#[test]
fn c_in_the_readme_is_part_of_a_program_that_is_compiled() {
    let programs: Vec<String> = sources("examples/c").into_iter().map(|source| source.text).collect();
    for block in read("README.md").split("```c\n").skip(1) {
        let code = block.split("```").next().expect("a block ends");
        assert!(
            programs.iter().any(|program| program.contains(code)),
            "no program of examples/c contains this part of README.md as it is:\n{code}"
        );
    }
}

#[test]
fn links_lead_to_files_and_test_names_to_tests() {
    let mut complaints = Vec::new();
    for source in sources(".").into_iter().filter(|source| source.path.ends_with(".md")) {
        let directory = root().join(&source.path).parent().expect("a directory").to_owned();
        for (text, target) in links(&source.text) {
            let file = target.split('#').next().expect("a first part");
            if target.contains("://") || file.is_empty() {
                continue;
            }
            let full = directory.join(file);
            if !full.exists() {
                complaints.push(format!("{}: {target} does not exist", source.path));
                continue;
            }
            // [`name`](file.rs) promises a test of that name.
            let name = text.trim_matches('`');
            if text.starts_with('`') && target.ends_with(".rs") && !name.contains(['.', '/']) {
                let code = std::fs::read_to_string(&full).expect("a Rust file");
                if !code.contains(&format!("fn {name}(")) {
                    complaints.push(format!("{}: {target} has no fn {name}", source.path));
                }
            }
        }
    }
    expect_none("links", &complaints);
}

#[test]
fn the_licences_of_what_is_shipped_are_those_of_deny_toml() {
    let rules = read("deny.toml");
    let list = rules
        .split_once("allow = [")
        .and_then(|(_, rest)| rest.split_once(']'))
        .expect("a list of licences")
        .0;
    let allowed: BTreeSet<_> = list.split('"').skip(1).step_by(2).collect();

    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--workspace", "--edges", "normal,build"])
        .args(["--prefix", "none", "--format", "{p}|{l}"])
        .current_dir(root())
        .output()
        .expect("cargo tree starts");
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let tree = String::from_utf8(tree.stdout).expect("names in UTF-8");
    let mut complaints = BTreeSet::new();
    for line in tree.lines().filter(|line| !line.is_empty()) {
        let (package, licence) = line.trim_end_matches(" (*)").split_once('|').expect("package and licence");
        // "A OR B" is satisfied by either, "(A OR B) AND C" needs both sides; "/" is an old OR.
        let acceptable = licence.replace('/', " OR ").split(" AND ").all(|side| {
            side.trim_matches(['(', ')', ' '])
                .split(" OR ")
                .any(|name| allowed.contains(name.trim_matches(['(', ')', ' '])))
        });
        if !acceptable {
            complaints.insert(format!("{package}: {licence}"));
        }
    }
    expect_none("licences that deny.toml does not allow", &complaints.into_iter().collect::<Vec<_>>());
}
