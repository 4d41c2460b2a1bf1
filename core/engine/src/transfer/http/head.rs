//! The head of a response: what it says about the file, as plain values.

use std::time::{Duration, SystemTime};

use bgcopy_protocol::upload::Ack;

use super::failure::Failure;
use super::multipart::boundary;
use crate::transfer::Version;

/// Larger response headers are refused.
pub(super) const MAX_HEAD: usize = 64 * 1024;
const MAX_HEADERS: usize = 128;

/// The headers that matter to a download.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Head {
    pub status: u16,
    /// Content-Length, where it counts: without a transfer coding.
    pub length: Option<u64>,
    /// The body has a transfer coding: its end is told by the body itself.
    pub chunked: bool,
    /// The connection can serve another request after the body.
    pub keep_alive: bool,
    /// Content-Range as sent.
    pub content_range: Option<String>,
    pub etag: Option<String>,
    pub last_modified: Option<String>,
    pub multipart: bool,
    /// What separates the parts, where there are several.
    pub boundary: Option<String>,
    pub location: Option<String>,
    pub retry_after: Option<Duration>,
    /// What a 401 or 407 asks for.
    pub challenges: Vec<String>,
}

impl Head {
    /// Reads the head at the beginning of `bytes`, and tells how long it is; `None` while it is not
    /// all there.
    pub(super) fn parse(bytes: &[u8]) -> Result<Option<(Head, usize)>, Failure> {
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut response = httparse::Response::new(&mut headers);
        match response.parse(bytes) {
            Ok(httparse::Status::Complete(length)) if length <= MAX_HEAD => {
                let status = response.code.unwrap_or_default();
                let new = response.version == Some(1);
                Ok(Some((Head::new(status, new, response.headers, SystemTime::now)?, length)))
            }
            Ok(httparse::Status::Partial) if bytes.len() <= MAX_HEAD => Ok(None),
            Ok(_) => Err(Failure::LongHead("its headers are larger than 64 KiB")),
            Err(httparse::Error::TooManyHeaders) => Err(Failure::LongHead("it has more than 128 headers")),
            Err(error) => Err(Failure::NotHttp(error.to_string())),
        }
    }

    /// What a head at the beginning of `bytes`, all of which is there, says as an answer to a packet of an upload.
    pub(super) fn ack(bytes: &[u8]) -> Ack {
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut response = httparse::Response::new(&mut headers);
        // It was parsed before; and what cannot be parsed is no Ack.
        let _ = response.parse(bytes);
        let status = response.code.unwrap_or_default();
        Ack::parse(status, response.headers.iter().map(|header| (header.name, header.value)))
    }

    /// `new` is HTTP/1.1, not an earlier version.
    fn new(
        status: u16,
        new: bool,
        headers: &[httparse::Header<'_>],
        now: fn() -> SystemTime,
    ) -> Result<Head, Failure> {
        let mut head = Head { status, keep_alive: new, ..Head::default() };
        let (mut length, mut close) = (None, false);
        for header in headers {
            let value = header.value.trim_ascii();
            let is = |name: &str| header.name.eq_ignore_ascii_case(name);
            if is("content-length") {
                let told = content_length(value)?;
                if length.is_some_and(|length| length != told) {
                    return Err(Failure::NotHttp("it has two different lengths".to_owned()));
                }
                length = Some(told);
            } else if is("transfer-encoding") {
                for coding in tokens(value) {
                    match coding {
                        _ if coding.eq_ignore_ascii_case(b"identity") => {}
                        _ if coding.eq_ignore_ascii_case(b"chunked") && !head.chunked => head.chunked = true,
                        _ => return Err(Failure::NotHttp("its transfer coding is unknown".to_owned())),
                    }
                }
            } else if is("connection") {
                close |= tokens(value).any(|token| token.eq_ignore_ascii_case(b"close"));
                head.keep_alive |= tokens(value).any(|token| token.eq_ignore_ascii_case(b"keep-alive"));
            } else if is("content-range") {
                head.content_range.get_or_insert_with(|| text(value));
            } else if is("etag") {
                head.etag.get_or_insert_with(|| text(value));
            } else if is("last-modified") {
                head.last_modified.get_or_insert_with(|| text(value));
            } else if is("content-type") {
                const PARTS: &[u8] = b"multipart/byteranges";
                head.multipart =
                    value.get(..PARTS.len()).is_some_and(|kind| kind.eq_ignore_ascii_case(PARTS));
                if head.multipart {
                    head.boundary = boundary(&text(value));
                }
            } else if is("location") {
                head.location.get_or_insert_with(|| text(value));
            } else if (status == 401 && is("www-authenticate")) || (status == 407 && is("proxy-authenticate"))
            {
                head.challenges.push(text(value));
            } else if is("retry-after") && head.retry_after.is_none() {
                head.retry_after = retry_after(&text(value), now);
            }
        }
        head.etag = head.etag.filter(|tag| is_etag(tag));
        head.last_modified = head.last_modified.filter(|date| !date.is_empty());
        head.length = length.filter(|_| !head.chunked);
        // Whoever sends both does not know where the body ends.
        head.keep_alive &= !(close || (head.chunked && length.is_some()));
        Ok(head)
    }

    /// The version of the file that a response of `size` bytes in all belongs to.
    pub(super) fn version(&self, size: Option<u64>) -> Version {
        Version { size, etag: self.etag.clone(), last_modified: self.last_modified.clone() }
    }
}

/// The status line and the header lines of a head, each ended by CR LF, without the empty line behind them.
pub(super) fn header_lines(head: &[u8]) -> String {
    let mut lines = String::with_capacity(head.len());
    let all = head.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    for line in all.filter(|line| !line.is_empty()) {
        match std::str::from_utf8(line) {
            Ok(line) => lines.push_str(line),
            Err(_) => lines.push_str(&text(line)),
        }
        lines.push_str("\r\n");
    }
    lines
}

/// Bytes beyond ASCII are legal in an ETag: they are kept, as Latin-1.
fn text(value: &[u8]) -> String {
    value.iter().map(|byte| char::from(*byte)).collect()
}

fn tokens(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii).filter(|token| !token.is_empty())
}

/// A length, or several equal ones, as some proxies make of repeated headers.
fn content_length(value: &[u8]) -> Result<u64, Failure> {
    let mut length = None;
    for token in value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii) {
        let told = std::str::from_utf8(token)
            .ok()
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
            .and_then(|digits| digits.parse().ok());
        if told.is_none() || length.is_some_and(|length| Some(length) != told) {
            return Err(Failure::NotHttp("its Content-Length is not a number".to_owned()));
        }
        length = told;
    }
    Ok(length.unwrap_or_default())
}

/// Malformed tags are no evidence of anything: without its quotes a tag cannot be sent back.
fn is_etag(value: &str) -> bool {
    let opaque = value.strip_prefix("W/").unwrap_or(value);
    opaque.len() >= 2 && opaque.starts_with('"') && opaque.ends_with('"')
}

/// Seconds or an HTTP date (RFC 9110 section 10.2.3); a date in the past means at once.
fn retry_after(value: &str, now: fn() -> SystemTime) -> Option<Duration> {
    if let Ok(seconds) = value.parse::<u32>() {
        return Some(Duration::from_secs(seconds.into()));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(now()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(headers: &[(&str, &[u8])]) -> Result<Head, Failure> {
        let headers: Vec<_> = headers.iter().map(|(name, value)| httparse::Header { name, value }).collect();
        Head::new(200, true, &headers, || SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777))
    }

    fn head(headers: &[(&str, &[u8])]) -> Head {
        read(headers).unwrap()
    }

    #[test]
    fn a_head_is_read_once_it_is_all_there() {
        let bytes = b"HTTP/1.1 206 Part\r\nContent-Length: 3\r\nETag: \"a\"\r\n\r\nabc";
        let end = bytes.len() - 3;
        for cut in 0..end {
            assert_eq!(Head::parse(&bytes[..cut]).unwrap(), None, "{cut}");
        }
        let (head, length) = Head::parse(bytes).unwrap().unwrap();
        assert_eq!(
            (head.status, head.length, head.etag.as_deref(), length),
            (206, Some(3), Some("\"a\""), end)
        );
    }

    #[test]
    fn header_lines_are_kept_as_they_came() {
        let head = b"HTTP/1.1 200 OK\r\nETag: \"\xe4\"\nX-Name: \xc3\xa4 \r\n\r\n";
        assert_eq!(header_lines(head), "HTTP/1.1 200 OK\r\nETag: \"\u{e4}\"\r\nX-Name: \u{e4} \r\n");
    }

    #[test]
    fn a_length_counts_only_without_transfer_coding() {
        assert_eq!(head(&[("content-length", b"5")]).length, Some(5));
        assert_eq!(head(&[("content-length", b"5"), ("transfer-encoding", b"chunked")]).length, None);
    }

    #[test]
    fn a_body_whose_end_is_uncertain_is_refused() {
        for headers in [
            &[("content-length", &b"5"[..]), ("content-length", b"6")][..],
            &[("content-length", b"5, 6")],
            &[("content-length", b"-5")],
            &[("content-length", b"+5")],
            &[("content-length", b"")],
            &[("content-length", b"99999999999999999999")],
            &[("transfer-encoding", b"gzip, chunked")],
            &[("transfer-encoding", b"chunked, chunked")],
        ] {
            assert!(matches!(read(headers), Err(Failure::NotHttp(_))), "{headers:?}");
        }
        assert_eq!(head(&[("content-length", b"5, 5"), ("Content-Length", b"5")]).length, Some(5));
        assert_eq!(head(&[("transfer-encoding", b"identity"), ("content-length", b"5")]).length, Some(5));
    }

    #[test]
    fn a_connection_is_kept_as_its_server_says() {
        assert!(head(&[]).keep_alive);
        assert!(!head(&[("connection", b"foo, Close")]).keep_alive);
        assert!(!head(&[("transfer-encoding", b"chunked"), ("content-length", b"5")]).keep_alive);
        let old = |headers: &[httparse::Header<'_>]| {
            Head::new(200, false, headers, || SystemTime::UNIX_EPOCH).unwrap().keep_alive
        };
        assert!(!old(&[]));
        assert!(old(&[httparse::Header { name: "Connection", value: b"keep-alive" }]));
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let after = |value: &[u8]| head(&[("retry-after", value)]).retry_after;
        assert_eq!(after(b"120"), Some(Duration::from_secs(120)));
        assert_eq!(after(b"Sun, 06 Nov 1994 08:50:07 GMT"), Some(Duration::from_secs(30)));
        assert_eq!(after(b"Sun, 06 Nov 1994 08:49:07 GMT"), Some(Duration::ZERO));
        assert_eq!(after(b"soon"), None);
        assert_eq!(after(b"-1"), None);
    }

    #[test]
    fn malformed_validators_are_none() {
        assert_eq!(head(&[("etag", b"abc")]).etag, None);
        assert_eq!(head(&[("etag", b"\"")]).etag, None);
        assert_eq!(head(&[("etag", b"W/\"a\"")]).etag.as_deref(), Some("W/\"a\""));
        assert_eq!(head(&[("etag", b"\"\xe4\"")]).etag.as_deref(), Some("\"\u{e4}\""));
        assert_eq!(head(&[("last-modified", b" ")]).last_modified, None);
    }
}
