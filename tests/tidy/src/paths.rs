//! The paths that code names, such as `crate::model::job`.

use crate::rust::is_word;

/// The full paths that begin with `start` in a text without comments, with braces taken apart:
/// `crate::a::{b, c::D}` are `a::b` and `a::c::D` for the start `crate`.
#[must_use]
pub fn named(code: &str, start: &str) -> Vec<String> {
    let mut found = Vec::new();
    let prefix = format!("{start}::");
    for (at, _) in code.match_indices(&prefix) {
        let before = code[..at].bytes().next_back();
        // `self::crate::` does not exist; `other::start::` is another path.
        if before.is_none_or(|byte| !is_word(byte) && byte != b':') {
            tree(&code[at + prefix.len()..], "", &mut found);
        }
    }
    found
}

/// Reads one path or tree of paths; gives what is left of the text.
fn tree<'a>(text: &'a str, prefix: &str, found: &mut Vec<String>) -> &'a str {
    let text = text.trim_start();
    if let Some(mut rest) = text.strip_prefix('{') {
        loop {
            rest = rest.trim_start();
            if let Some(after) = rest.strip_prefix('}') {
                return after;
            }
            if rest.is_empty() {
                return rest;
            }
            rest = match rest.strip_prefix(',') {
                Some(after) => after,
                None => tree(rest, prefix, found),
            };
        }
    }
    let length = text.bytes().take_while(|&byte| is_word(byte)).count().max(1).min(text.len());
    let (name, rest) = text.split_at(length);
    let path = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}::{name}") };
    match rest.strip_prefix("::") {
        Some(deeper) if !deeper.starts_with('<') => tree(deeper, &path, found),
        _ => {
            found.push(path);
            // `Name as Other` is one item.
            let after = rest.trim_start();
            match after.strip_prefix("as ") {
                Some(alias) => {
                    alias.trim_start().trim_start_matches(|c: char| c == '_' || c.is_alphanumeric())
                }
                None => rest,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn trees_are_taken_apart() {
        let code = "use crate::a::{self, b::{C, D as E}, f};\nlet x = crate::g::h();\nuse other::crate_::no;";
        assert_eq!(named(code, "crate"), ["a::self", "a::b::C", "a::b::D", "a::f", "g::h"]);
    }
}
