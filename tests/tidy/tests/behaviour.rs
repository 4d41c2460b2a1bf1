//! The table of rules in tests/behaviour-rows.md: the tests that it names are there.

use std::collections::BTreeSet;

use bgcopy_tidy::{Source, expect_none, read, sources};

/// A rule with the tests that prove it.
struct Row<'a> {
    rule: &'a str,
    tests: Vec<&'a str>,
}

fn rows(table: &str) -> Vec<Row<'_>> {
    let lines = table.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    let cells = lines.filter_map(|line| line.split_once(" | ")).filter(|(rule, _)| *rule != "Rule");
    cells.map(|(rule, tests)| Row { rule, tests: tests.split('`').skip(1).step_by(2).collect() }).collect()
}

/// Whether a source has a test of this name: in Rust a function under `#[test]`, in C any function.
fn has_test(source: &Source, name: &str) -> bool {
    if source.path.ends_with(".c") {
        return source.text.contains(&format!(" {name}("));
    }
    let head = format!("fn {name}(");
    source.text.match_indices(&head).any(|(at, _)| source.text[..at].trim_end().ends_with("#[test]"))
}

#[test]
fn every_rule_of_behaviour_names_tests_that_are_there() {
    let table = read("tests/behaviour-rows.md");
    let all: Vec<Source> = ["core", "ffi", "tests"].into_iter().flat_map(sources).collect();
    let found = |test: &str| match test.split_once("::") {
        Some((file, name)) => {
            let file = if file.contains('.') { format!("/{file}") } else { format!("/{file}.rs") };
            all.iter().any(|source| source.path.ends_with(&file) && has_test(source, name))
        }
        None => all.iter().any(|source| source.path == format!("tests/{test}")),
    };
    let mut complaints = Vec::new();
    let mut rules = BTreeSet::new();
    for row in rows(&table) {
        if row.tests.is_empty() {
            complaints.push(format!("no test: {}", row.rule));
        }
        for test in row.tests.into_iter().filter(|test| !found(test)) {
            complaints.push(format!("there is no {test}: {}", row.rule));
        }
        if !rules.insert(row.rule) {
            complaints.push(format!("twice: {}", row.rule));
        }
    }
    assert!(rules.len() > 100, "only {} rules were found in the table", rules.len());
    expect_none("tests/behaviour-rows.md", &complaints);
}
