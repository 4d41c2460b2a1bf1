//! Reads the sources of this repository, for the tests of the rules they keep.

pub mod paths;
pub mod rust;
pub mod table;

use std::fs;
use std::path::{Path, PathBuf};

/// The root of the repository.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the root of the repository")
}

/// A text file of the repository.
pub struct Source {
    /// Its path from the root, with `/`.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// The text files below a directory of the repository, in order of their paths.
///
/// Without what is built, hidden directories and files that are not UTF-8.
#[must_use]
pub fn sources(directory: &str) -> Vec<Source> {
    let mut found = Vec::new();
    collect(&root(), Path::new(directory), &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// One file of the repository.
///
/// # Panics
/// It cannot be read.
#[must_use]
pub fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Fails with all complaints at once.
///
/// # Panics
/// There are complaints.
pub fn expect_none(rule: &str, complaints: &[String]) {
    assert!(complaints.is_empty(), "{rule}:\n  {}\n", complaints.join("\n  "));
}

fn collect(root: &Path, directory: &Path, found: &mut Vec<Source>) {
    let full = root.join(directory);
    for entry in fs::read_dir(&full).unwrap_or_else(|error| panic!("{}: {error}", full.display())) {
        let entry = entry.expect("a directory entry");
        let name = entry.file_name().into_string().expect("a name in UTF-8");
        let path = directory.join(&name);
        let kind = entry.file_type().expect("a file type");
        if kind.is_dir() {
            let built = matches!(name.as_str(), "target" | "__pycache__");
            if !built && (!name.starts_with('.') || name == ".ci") {
                collect(root, &path, found);
            }
        } else if kind.is_file()
            && name != ".git"
            && let Ok(text) = fs::read_to_string(root.join(&path))
        {
            let path = path.to_str().expect("a path in UTF-8").trim_start_matches("./").to_owned();
            found.push(Source { path, text });
        }
    }
}
