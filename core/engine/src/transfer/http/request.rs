//! The bytes of a request (RFC 9112 section 3).

use super::failure::Failure;
use super::headers::is_token;

/// A request without a body, line by line.
pub(super) struct Request(Vec<u8>);

impl Request {
    /// The request line and the host.
    pub(super) fn new(method: &str, target: &str, authority: &str) -> Request {
        let mut bytes = Vec::with_capacity(512);
        for part in [method, " ", target, " HTTP/1.1\r\nHost: ", authority, "\r\n"] {
            bytes.extend_from_slice(part.as_bytes());
        }
        Request(bytes)
    }

    /// Adds a header.
    ///
    /// # Errors
    /// It would be read as something else than one header.
    pub(super) fn header(&mut self, name: &str, value: &[u8]) -> Result<(), Failure> {
        let legal = |byte: &u8| *byte == b'\t' || (*byte >= b' ' && *byte != 0x7F);
        if name.is_empty() || !name.bytes().all(is_token) || !value.iter().all(legal) {
            // Without the value, which may be secret.
            return Err(Failure::Unsendable(format!("the header {name:?} has illegal characters")));
        }
        for part in [name.as_bytes(), b": ", value, b"\r\n"] {
            self.0.extend_from_slice(part);
        }
        Ok(())
    }

    /// All of it.
    pub(super) fn into_bytes(mut self) -> Vec<u8> {
        self.0.extend_from_slice(b"\r\n");
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_its_lines_and_an_empty_one() {
        let mut request = Request::new("GET", "/a?b", "h:81");
        request.header("X", b"1 2").unwrap();
        assert_eq!(request.into_bytes(), b"GET /a?b HTTP/1.1\r\nHost: h:81\r\nX: 1 2\r\n\r\n");
    }

    #[test]
    fn a_header_cannot_become_two() {
        for (name, value) in
            [("X", "a\nY: b"), ("X", "a\r\n\r\nGET"), ("X", "\0"), ("X\r\nY", "a"), ("X:", "a"), ("", "a")]
        {
            let made = Request::new("GET", "/", "h").header(name, value.as_bytes());
            assert!(matches!(made, Err(Failure::Unsendable(_))), "{name:?} {value:?}");
        }
    }
}
