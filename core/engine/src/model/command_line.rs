//! The program that is run when a job is TRANSFERRED or in ERROR.

use bgcopy_protocol::ResultCode;
use serde::{Deserialize, Serialize};

use super::error::{Error, Result};

/// Longest path of a program, in bytes: that of the system.
const MAX_PROGRAM: usize = 4095;
/// Longest parameters, in characters.
const MAX_PARAMETERS: usize = 4000;

/// A program with its parameters (`SetNotifyCmdLine`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandLine {
    /// Absolute path.
    pub program: String,
    /// All arguments, the name of the program first; `None` for none but that.
    pub parameters: Option<String>,
}

impl CommandLine {
    /// Checks the limits.
    ///
    /// # Errors
    /// `BG_E_STRING_TOO_LONG`, or `BG_E_INVALIDARG` for a program without an absolute path.
    pub fn check(&self) -> Result<()> {
        let long = |what: &str| Error::new(ResultCode::BG_E_STRING_TOO_LONG, format!("the {what} too long"));
        if self.program.len() > MAX_PROGRAM {
            return Err(long("path of the program is"));
        }
        if self.parameters.as_ref().is_some_and(|text| text.chars().count() > MAX_PARAMETERS) {
            return Err(long("parameters are"));
        }
        if !self.program.starts_with('/') {
            let text = format!("{:?} is not the absolute path of a program", self.program);
            return Err(Error::new(ResultCode::BG_E_INVALIDARG, text));
        }
        Ok(())
    }

    /// The arguments, split by the rules of Windows; the first is what the program is told as its name.
    #[must_use]
    pub fn arguments(&self) -> Vec<String> {
        let mut arguments = self.parameters.as_deref().map(split).unwrap_or_default();
        if arguments.is_empty() {
            arguments.push(self.program.clone());
        }
        arguments
    }
}

/// Blanks separate, quotes hold together. Backslashes mean themselves, but before a quote two stand for one, and an
/// odd one makes the quote a character. Two quotes inside quotes are one. In the first argument, a path, backslashes
/// always mean themselves.
fn split(text: &str) -> Vec<String> {
    let mut arguments = Vec::new();
    let mut rest = text.trim_start_matches(BLANKS);
    if rest.is_empty() {
        return arguments;
    }
    let (first, after) = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
        None => rest.split_at(rest.find(BLANKS).unwrap_or(rest.len())),
    };
    arguments.push(first.to_owned());
    rest = after.trim_start_matches(BLANKS);
    while !rest.is_empty() {
        let (argument, after) = next(rest);
        arguments.push(argument);
        rest = after.trim_start_matches(BLANKS);
    }
    arguments
}

const BLANKS: [char; 2] = [' ', '\t'];

/// The first argument of a text that begins with one, and what follows it.
fn next(text: &str) -> (String, &str) {
    let mut argument = String::new();
    let (mut quoted, mut backslashes) = (false, 0);
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        if character == '\\' {
            backslashes += 1;
            continue;
        }
        let kept = if character == '"' { backslashes / 2 } else { backslashes };
        argument.extend(std::iter::repeat_n('\\', kept));
        let escaped = backslashes % 2 == 1;
        backslashes = 0;
        match character {
            '"' if escaped => argument.push('"'),
            '"' if quoted && characters.peek().is_some_and(|(_, next)| *next == '"') => {
                characters.next();
                argument.push('"');
            }
            '"' => quoted = !quoted,
            ' ' | '\t' if !quoted => return (argument, &text[at..]),
            other => argument.push(other),
        }
    }
    argument.extend(std::iter::repeat_n('\\', backslashes));
    (argument, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_split_as_windows_does() {
        let cases: [(&str, &[&str]); 9] = [
            ("", &["/p"]),
            ("  ", &["/p"]),
            ("p a\tb  c ", &["p", "a", "b", "c"]),
            (r#""/a b/p" "c d" "" e"#, &["/a b/p", "c d", "", "e"]),
            (r#"p a\b c\\ "d\\" e\"f "g\\\"h""#, &["p", r"a\b", r"c\\", r"d\", r#"e"f"#, r#"g\"h"#]),
            (r#"p a"b c"d"#, &["p", "ab cd"]),
            (r#"p "a""b" c"#, &["p", r#"a"b"#, "c"]),
            (r#"p "a b"#, &["p", "a b"]),
            (r#"\p\ a"#, &[r"\p\", "a"]),
        ];
        for (text, wanted) in cases {
            let line = CommandLine { program: "/p".into(), parameters: Some(text.into()) };
            assert_eq!(line.arguments(), wanted, "{text}");
        }
        let line = CommandLine { program: "/p".into(), parameters: None };
        assert_eq!(line.arguments(), ["/p"]);
    }
}
