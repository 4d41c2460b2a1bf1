//! The table of rules in tests/behaviour-rows.md: the tests that it names are there.

use std::collections::BTreeSet;

use bgcopy_tidy::table::{Tests, rows};
use bgcopy_tidy::{expect_none, read};

#[test]
fn every_rule_of_behaviour_names_tests_that_are_there() {
    let table = read("tests/behaviour-rows.md");
    let tests = Tests::new();
    let mut complaints = Vec::new();
    let mut rules = BTreeSet::new();
    for row in rows(&table) {
        if row.tests.is_empty() {
            complaints.push(format!("no test: {}", row.rule));
        }
        for test in row.tests.into_iter().filter(|test| !tests.has(test)) {
            complaints.push(format!("there is no {test}: {}", row.rule));
        }
        if !rules.insert(row.rule) {
            complaints.push(format!("twice: {}", row.rule));
        }
    }
    assert!(rules.len() > 100, "only {} rules were found in the table", rules.len());
    expect_none("tests/behaviour-rows.md", &complaints);
}
