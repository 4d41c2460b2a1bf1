//! Tables that name the tests of something: `| what | `file::name`, `file::name` |`.

use crate::{Source, sources};

/// A row of a table.
pub struct Row<'a> {
    /// What the first column says.
    pub rule: &'a str,
    /// The tests in the second one.
    pub tests: Vec<&'a str>,
}

/// The rows of all tables of a document, without their heads.
#[must_use]
pub fn rows(document: &str) -> Vec<Row<'_>> {
    const HEADS: &[&str] = &["Rule", "Packet", "Key", "Command"];
    let lines = document.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    let cells = lines.filter_map(|line| line.split_once(" | ")).filter(|(rule, _)| !HEADS.contains(rule));
    cells.map(|(rule, tests)| Row { rule, tests: tests.split('`').skip(1).step_by(2).collect() }).collect()
}

/// All tests of the repository.
pub struct Tests(Vec<Source>);

impl Tests {
    /// Reads the sources.
    #[must_use]
    #[allow(clippy::new_without_default)] // It reads a repository.
    pub fn new() -> Tests {
        Tests(["core", "ffi", "tests"].into_iter().flat_map(sources).collect())
    }

    /// Whether there is a test of this name: `file::name`, or a file below `tests`.
    #[must_use]
    pub fn has(&self, test: &str) -> bool {
        match test.split_once("::") {
            Some((file, name)) => {
                let file = if file.contains('.') { format!("/{file}") } else { format!("/{file}.rs") };
                self.0.iter().any(|source| source.path.ends_with(&file) && has_test(source, name))
            }
            None => self.0.iter().any(|source| source.path == format!("tests/{test}")),
        }
    }
}

/// Whether a source has a test of this name: in Rust a function under `#[test]`, in C any function.
fn has_test(source: &Source, name: &str) -> bool {
    if source.path.ends_with(".c") {
        return source.text.contains(&format!(" {name}("));
    }
    let head = format!("fn {name}(");
    source.text.match_indices(&head).any(|(at, _)| source.text[..at].trim_end().ends_with("#[test]"))
}
