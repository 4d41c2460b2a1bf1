//! One request as it came in.

use std::io::{self, Read, Write};

use ring::digest::{Context, SHA256};

use crate::content::hex;
use crate::stream::Stream;

/// No client under test has a reason to send more than this before the body.
const MAX_HEAD: usize = 256 * 1024;

/// A parsed request, its body already read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    pub method: String,
    /// As sent, the query included.
    pub target: String,
    /// The target's path, percent-decoded.
    pub path: String,
    /// The target's query, percent-decoded, in order.
    pub query: Vec<(String, String)>,
    pub http10: bool,
    /// Sent to a proxy: the target named a host.
    pub absolute: bool,
    pub headers: Vec<(String, String)>,
    pub body: Body,
}

/// What a request carried.
#[derive(Clone, Debug, Default)]
pub(crate) struct Body {
    pub len: u64,
    /// Of the whole body; empty without a body.
    pub sha256: String,
    /// The beginning, as much as a control request can need.
    pub start: Vec<u8>,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn raw_query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }

    pub fn wants_close(&self) -> bool {
        match self.header("connection").map(str::to_ascii_lowercase) {
            Some(value) => value.contains("close") || (self.http10 && !value.contains("keep-alive")),
            None => self.http10,
        }
    }
}

/// Reads requests off one connection, keeping what arrived early for the next.
#[derive(Default)]
pub(crate) struct Reader {
    buffer: Vec<u8>,
}

impl Reader {
    /// Reads the next request's head; `None` when the client has closed.
    pub fn head(&mut self, stream: &mut Stream) -> io::Result<Option<Request>> {
        let end = loop {
            if let Some(at) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break at;
            }
            if self.buffer.len() > MAX_HEAD {
                return Err(invalid("request head too long"));
            }
            if !self.more(stream)? {
                return if self.buffer.is_empty() { Ok(None) } else { Err(invalid("request cut off")) };
            }
        };
        let head = String::from_utf8_lossy(&self.buffer[..end]).into_owned();
        self.buffer.drain(..end + 4);
        parse(&head).map(Some)
    }

    /// Reads the body that the head announces.
    pub fn body(&mut self, stream: &mut Stream, request: &mut Request) -> io::Result<()> {
        let chunked =
            request.header("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked"));
        let len: u64 = match request.header("content-length") {
            Some(value) => value.trim().parse().map_err(|_| invalid("bad Content-Length"))?,
            None => 0,
        };
        if !chunked && len == 0 {
            return Ok(());
        }
        if request.header("expect").is_some_and(|value| value.eq_ignore_ascii_case("100-continue")) {
            stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
            stream.flush()?;
        }
        let mut hash = Context::new(&SHA256);
        if chunked {
            loop {
                let line = self.line(stream)?;
                let size = line.split(';').next().unwrap_or("").trim();
                let size = u64::from_str_radix(size, 16).map_err(|_| invalid("bad chunk size"))?;
                if size == 0 {
                    while !self.line(stream)?.is_empty() {}
                    break;
                }
                self.take(stream, size, &mut hash, &mut request.body)?;
                self.line(stream)?;
            }
        } else {
            self.take(stream, len, &mut hash, &mut request.body)?;
        }
        request.body.sha256 = hex(hash.finish().as_ref());
        Ok(())
    }

    fn take(
        &mut self,
        stream: &mut Stream,
        mut left: u64,
        hash: &mut Context,
        body: &mut Body,
    ) -> io::Result<()> {
        while left > 0 {
            if self.buffer.is_empty() && !self.more(stream)? {
                return Err(invalid("request body cut off"));
            }
            let len = self.buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            let piece = &self.buffer[..len];
            hash.update(piece);
            let room = MAX_HEAD.saturating_sub(body.start.len()).min(len);
            body.start.extend_from_slice(&piece[..room]);
            body.len += len as u64;
            left -= len as u64;
            self.buffer.drain(..len);
        }
        Ok(())
    }

    fn line(&mut self, stream: &mut Stream) -> io::Result<String> {
        loop {
            if let Some(at) = self.buffer.windows(2).position(|two| two == b"\r\n") {
                let line = String::from_utf8_lossy(&self.buffer[..at]).into_owned();
                self.buffer.drain(..at + 2);
                return Ok(line);
            }
            if !self.more(stream)? {
                return Err(invalid("request body cut off"));
            }
        }
    }

    fn more(&mut self, stream: &mut Stream) -> io::Result<bool> {
        let len = self.buffer.len();
        self.buffer.resize(len + 64 * 1024, 0);
        let result = loop {
            match stream.read(&mut self.buffer[len..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        self.buffer.truncate(len + *result.as_ref().unwrap_or(&0));
        result.map(|count| count > 0)
    }
}

fn parse(head: &str) -> io::Result<Request> {
    let mut lines = head.split("\r\n");
    let mut words = lines.next().unwrap_or("").split(' ');
    let (Some(method), Some(target), Some(version), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(invalid("bad request line"));
    };
    if !version.starts_with("HTTP/1.") {
        return Err(invalid("not HTTP/1"));
    }
    // A proxy is sent the absolute form; what it names is served here.
    let local =
        target.strip_prefix("http://").map_or(target, |rest| rest.find('/').map_or("/", |at| &rest[at..]));
    let (path, query) = local.split_once('?').unwrap_or((local, ""));
    let mut headers = Vec::new();
    for line in lines {
        let (name, value) = line.split_once(':').ok_or_else(|| invalid("bad header line"))?;
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    Ok(Request {
        method: method.into(),
        target: local.into(),
        path: decode(path),
        query: pairs(query),
        http10: version == "HTTP/1.0",
        absolute: method == "CONNECT" || target.starts_with("http://"),
        headers,
        body: Body::default(),
    })
}

/// Splits and percent-decodes a query string.
pub(crate) fn pairs(query: &str) -> Vec<(String, String)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, value)| (decode(key), decode(value)))
        .collect()
}

/// Undoes percent-encoding; `+` stays as it is.
pub(crate) fn decode(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let hex =
            (byte == b'%').then(|| after.get(..2)).flatten().and_then(|two| std::str::from_utf8(two).ok());
        match hex.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(value) => {
                out.push(value);
                rest = &after[2..];
            }
            None => {
                out.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn invalid(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_head_is_taken_apart() {
        let request =
            parse("GET /r/a%20b?etag=weak&x=%2Fy&flag HTTP/1.1\r\nHost: h\r\nRange:  bytes=0-").unwrap();
        assert_eq!((request.path.as_str(), request.query("x")), ("/r/a b", Some("/y")));
        assert_eq!(request.query("flag"), Some(""));
        assert_eq!(request.header("range"), Some("bytes=0-"));
        assert!(!request.wants_close());
    }

    #[test]
    fn the_absolute_form_is_served_here() {
        let request = parse("GET http://example.test/file/1?seed=2 HTTP/1.0").unwrap();
        assert_eq!((request.target.as_str(), request.path.as_str()), ("/file/1?seed=2", "/file/1"));
        assert!(request.wants_close());
    }

    #[test]
    fn nonsense_is_refused() {
        for head in ["", "GET /", "GET / HTTP/2.0", "GET / x HTTP/1.1", "GET / HTTP/1.1\r\nnocolon"] {
            assert!(parse(head).is_err(), "{head:?}");
        }
    }

    #[test]
    fn broken_percent_signs_stay() {
        assert_eq!(decode("%4x%41%"), "%4xA%");
    }
}
