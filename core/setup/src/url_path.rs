//! Paths of URLs, decoded once, that cannot lead out of a directory.

use std::fmt;

/// The path of a URL as names of files and directories, the last one perhaps marked as a directory.
///
/// No name is empty, `.` or `..`, and none has a slash, a backslash or a control character, however it was encoded.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UrlPath {
    names: Vec<String>,
    directory: bool,
}

/// Longest name of a file on Linux, in bytes.
const NAME_MAX: usize = 255;

impl UrlPath {
    /// Decodes the path of a request, without its query; `None` where it could lead anywhere but down.
    pub fn parse(path: &str) -> Option<UrlPath> {
        let mut rest = path.strip_prefix('/')?;
        let directory = rest.is_empty() || rest.ends_with('/');
        rest = rest.strip_suffix('/').unwrap_or(rest);
        if rest.is_empty() {
            return (path == "/").then_some(UrlPath { names: Vec::new(), directory });
        }
        let names = rest.split('/').map(name).collect::<Option<Vec<_>>>()?;
        Some(UrlPath { names, directory })
    }

    /// A prefix of the configuration, with or without a slash at its end.
    pub fn prefix(path: &str) -> Option<UrlPath> {
        UrlPath::parse(path).map(|path| UrlPath { directory: true, ..path })
    }

    /// What is left of it below a prefix; `None` when it is somewhere else.
    pub fn below(&self, prefix: &UrlPath) -> Option<&[String]> {
        self.names.strip_prefix(prefix.names.as_slice())
    }

    /// Its names, decoded.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// How many names it has.
    pub fn depth(&self) -> usize {
        self.names.len()
    }

    /// It ends with a slash.
    pub fn is_directory(&self) -> bool {
        self.directory
    }
}

/// Decodes one name.
fn name(encoded: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let (high, low) = (digit(rest.next()?)?, digit(rest.next()?)?);
                high << 4 | low
            }
            _ => byte,
        });
    }
    let name = String::from_utf8(bytes).ok()?;
    let bad = |character: char| character == '/' || character == '\\' || character.is_control();
    let good =
        !name.is_empty() && name.len() <= NAME_MAX && name != "." && name != ".." && !name.contains(bad);
    good.then_some(name)
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// Encodes one name for a URL.
pub fn encode(name: &str) -> String {
    let mut encoded = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// The path, encoded; without a slash at the end but for the root.
impl fmt::Display for UrlPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.names.is_empty() {
            return f.write_str("/");
        }
        self.names.iter().try_for_each(|name| write!(f, "/{}", encode(name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(path: &str) -> Option<Vec<String>> {
        UrlPath::parse(path).map(|path| path.names)
    }

    #[test]
    fn no_encoding_of_a_path_leads_up_or_elsewhere() {
        for path in [
            "",
            "x",
            "/..",
            "/a/../b",
            "/a/%2e%2e/b",
            "/%2E./b",
            "/a/./b",
            "/a//b",
            "//a",
            "/a%2fb",
            "/a%5cb",
            "/a\\b",
            "/a%00",
            "/a%0a",
            "/%",
            "/%2",
            "/%zz",
            "/%ff",
            "/a/%2e",
            "/..%2f..%2fetc",
        ] {
            assert_eq!(names(path), None, "{path}");
        }
        let long = format!("/{}", "n".repeat(256));
        assert_eq!(names(&long), None);
    }

    #[test]
    fn a_name_is_decoded_once() {
        assert_eq!(names("/a%20b/%252e%252e/%C3%BC"), Some(vec!["a b".into(), "%2e%2e".into(), "ü".into()]));
        assert_eq!(UrlPath::parse("/a%20b/ü").unwrap().to_string(), "/a%20b/%C3%BC");
        assert!(
            UrlPath::parse("/a/").unwrap().is_directory() && !UrlPath::parse("/a").unwrap().is_directory()
        );
        assert!(UrlPath::parse("/").unwrap().is_directory());
    }

    #[test]
    fn a_prefix_ends_at_a_slash() {
        let prefix = UrlPath::prefix("/drop").unwrap();
        let path = |path: &str| UrlPath::parse(path).unwrap().below(&prefix).map(<[String]>::to_vec);
        assert_eq!(path("/drop/a/b"), Some(vec!["a".into(), "b".into()]));
        assert_eq!(path("/dropped"), None);
        assert_eq!(path("/drop"), Some(vec![]));
    }
}
