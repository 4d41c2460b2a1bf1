//! Headers that a program adds to every request of its job, as plain values.

use std::fmt;

/// Most characters of all headers together, with the NUL that ends them in C.
pub const MAX_HEADERS_CHARS: usize = 16_384;

/// Why headers were refused. Never holds a value: values may be secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeaderError {
    /// Longer than [`MAX_HEADERS_CHARS`].
    TooLong,
    /// A line, counted from 1, that does not end with CR LF.
    Unfinished(usize),
    /// A line without a name and a colon.
    Name(usize),
    /// A line whose value has a control character.
    Value(usize),
    /// A header with which a response would mean something else than a download expects.
    Reserved(String),
}

impl fmt::Display for HeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HeaderError::TooLong => {
                write!(f, "the custom headers have more than {} characters", MAX_HEADERS_CHARS - 1)
            }
            HeaderError::Unfinished(line) => {
                write!(f, "custom header {line} does not end with CR LF")
            }
            HeaderError::Name(line) => {
                write!(f, "custom header {line} does not begin with a name and a colon")
            }
            HeaderError::Value(line) => {
                write!(f, "the value of custom header {line} has a control character")
            }
            HeaderError::Reserved(name) => {
                write!(f, "the header {name} is set by the transfer itself")
            }
        }
    }
}

impl std::error::Error for HeaderError {}

/// Names and values of a text of header lines, each ended by CR LF.
///
/// # Errors
/// The first rule the text breaks.
pub fn parse_headers(text: &str) -> Result<Vec<(String, String)>, HeaderError> {
    if text.chars().count() >= MAX_HEADERS_CHARS {
        return Err(HeaderError::TooLong);
    }
    let mut headers = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let line = headers.len() + 1;
        let (header, after) = rest.split_once("\r\n").ok_or(HeaderError::Unfinished(line))?;
        let (name, value) = header.split_once(':').ok_or(HeaderError::Name(line))?;
        if name.is_empty() || !name.bytes().all(is_token) {
            return Err(HeaderError::Name(line));
        }
        let value = value.trim_matches([' ', '\t']);
        // A CR or LF by itself would begin a header of its own at careless servers.
        if value.chars().any(|c| c != '\t' && c.is_control()) {
            return Err(HeaderError::Value(line));
        }
        if is_reserved(name) {
            return Err(HeaderError::Reserved(name.to_owned()));
        }
        headers.push((name.to_owned(), value.to_owned()));
        rest = after;
    }
    Ok(headers)
}

/// A character of a token (RFC 9110 section 5.6.2).
pub(super) fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Headers that decide what a response means: a custom one would make it mean something else.
pub(super) fn is_reserved(name: &str) -> bool {
    [
        "range",
        "if-range",
        "accept-encoding",
        "connection",
        "content-length",
        "content-name",
        "content-range",
        "transfer-encoding",
        "te",
        "upgrade",
        "expect",
        "host",
    ]
    .iter()
    .any(|ours| name.eq_ignore_ascii_case(ours))
        || name.get(..5).is_some_and(|begin| begin.eq_ignore_ascii_case("bits-"))
}

/// Whether the header is for the host of the job alone. Names of secrets are not listed anywhere, so
/// that a name which sounds like one counts.
pub(super) fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["auth", "cookie", "credential", "key", "passw", "secret", "session", "signature", "token"]
        .iter()
        .any(|part| name.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_names_and_values() {
        let headers = parse_headers("X-One: 1\r\nX-Two:2 two\t\r\nX-Empty:\r\n").unwrap();
        let expected = [("X-One", "1"), ("X-Two", "2 two"), ("X-Empty", "")];
        assert_eq!(headers, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(parse_headers(""), Ok(vec![]));
    }

    #[test]
    fn nothing_can_be_smuggled_into_a_request() {
        for (text, why) in [
            ("X-One: 1", HeaderError::Unfinished(1)),
            ("X-One: 1\r\nX-Two: 2\n", HeaderError::Unfinished(2)),
            ("X-One: 1\nX-Two: 2\r\n", HeaderError::Value(1)),
            ("X-One: 1\rX-Two: 2\r\n", HeaderError::Value(1)),
            ("X-One: \u{0}\r\n", HeaderError::Value(1)),
            ("X-One: 1\r\n\r\n", HeaderError::Name(2)),
            ("X-One: 1\r\n folded: 2\r\n", HeaderError::Name(2)),
            ("X One: 1\r\n", HeaderError::Name(1)),
            ("X-One : 1\r\n", HeaderError::Name(1)),
            (": 1\r\n", HeaderError::Name(1)),
            ("GET / HTTP/1.1\r\n", HeaderError::Name(1)),
            ("hOST: elsewhere\r\n", HeaderError::Reserved("hOST".into())),
            ("Content-Length: 5\r\n", HeaderError::Reserved("Content-Length".into())),
        ] {
            assert_eq!(parse_headers(text), Err(why), "{text:?}");
        }
    }

    #[test]
    fn the_limit_counts_the_nul() {
        let text = |characters: usize| format!("X: {}\r\n", "\u{e4}".repeat(characters - 5));
        assert!(parse_headers(&text(MAX_HEADERS_CHARS - 1)).is_ok());
        assert_eq!(parse_headers(&text(MAX_HEADERS_CHARS)), Err(HeaderError::TooLong));
    }

    #[test]
    fn an_error_never_shows_a_value() {
        for text in ["X: geheim\n", "geheim\r\n", "X: geheim\u{7}\r\n"] {
            let error = parse_headers(text).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("geheim"), "{error:?}");
        }
    }

    #[test]
    fn names_that_sound_secret_are() {
        for name in ["Authorization", "COOKIE", "Proxy-Authorization", "X-Auth-Token", "X-API-Key"] {
            assert!(is_secret(name), "{name}");
        }
        for name in ["Accept", "X-Request-Id", "User-Agent", "Referer"] {
            assert!(!is_secret(name), "{name}");
        }
    }
}
