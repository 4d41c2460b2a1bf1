//! Rules for the C interface: include/bgcopy.h.

use bgcopy_tidy::rust::{has_word, is_word};
use bgcopy_tidy::{expect_none, read, sources};

/// The functions of the header, with the line above each.
fn functions(header: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut above = "";
    for line in header.lines() {
        let declares = !line.starts_with([' ', '/', '#', '}']) && !line.starts_with("typedef");
        if let Some((head, _)) = line.split_once('(').filter(|_| declares) {
            let start = head.bytes().rposition(|byte| !is_word(byte)).map_or(0, |at| at + 1);
            if head[start..].starts_with("bg_") {
                found.push((head[start..].to_owned(), above.to_owned()));
            }
        }
        above = line;
    }
    assert!(found.len() > 50, "the header declares only {} functions", found.len());
    found
}

#[test]
fn every_function_of_the_header_is_documented() {
    let complaints: Vec<_> = functions(&read("include/bgcopy.h"))
        .into_iter()
        .filter(|(_, above)| !above.trim_end().ends_with("*/"))
        .map(|(name, _)| name)
        .collect();
    expect_none("functions without a comment above", &complaints);
}

#[test]
fn every_function_of_the_header_is_called_by_a_c_test() {
    let tests: String = sources("tests/c")
        .into_iter()
        .filter(|source| source.path.ends_with(".c"))
        .map(|source| source.text)
        .collect();
    let complaints: Vec<_> = functions(&read("include/bgcopy.h"))
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| !has_word(&tests, name))
        .collect();
    expect_none("functions that no program in tests/c names", &complaints);
}
