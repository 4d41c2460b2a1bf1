//! What a response says about the file, as plain values.

use std::time::{Duration, SystemTime};

use ureq::http::HeaderMap;

use crate::transfer::Version;

/// The headers that matter to a download.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Head {
    pub status: u16,
    /// Content-Length, where it counts: without a transfer coding.
    pub length: Option<u64>,
    /// The body has a transfer coding: its end is told by the body itself.
    pub chunked: bool,
    /// Content-Range as sent.
    pub content_range: Option<String>,
    pub etag: Option<String>,
    pub last_modified: Option<String>,
    pub multipart: bool,
    pub location: Option<String>,
    pub retry_after: Option<Duration>,
}

impl Head {
    pub(super) fn new(status: u16, headers: &HeaderMap, now: SystemTime) -> Head {
        // Header bytes beyond ASCII are legal in an ETag: they are kept, as Latin-1.
        let text = |name: &str| {
            headers.get(name).map(|v| v.as_bytes().iter().map(|b| char::from(*b)).collect::<String>())
        };
        let chunked = headers.contains_key("transfer-encoding");
        Head {
            status,
            length: text("content-length").filter(|_| !chunked).and_then(|v| v.trim().parse().ok()),
            chunked,
            content_range: text("content-range"),
            etag: text("etag").map(|v| v.trim().to_owned()).filter(|v| is_etag(v)),
            last_modified: text("last-modified").map(|v| v.trim().to_owned()).filter(|v| !v.is_empty()),
            multipart: text("content-type")
                .is_some_and(|v| v.trim().to_ascii_lowercase().starts_with("multipart/byteranges")),
            location: text("location"),
            retry_after: text("retry-after").and_then(|v| retry_after(v.trim(), now)),
        }
    }

    /// The version of the file that a response of `size` bytes in all belongs to.
    pub(super) fn version(&self, size: Option<u64>) -> Version {
        Version { size, etag: self.etag.clone(), last_modified: self.last_modified.clone() }
    }
}

/// Malformed tags are no evidence of anything: without its quotes a tag cannot be sent back.
fn is_etag(value: &str) -> bool {
    let opaque = value.strip_prefix("W/").unwrap_or(value);
    opaque.len() >= 2 && opaque.starts_with('"') && opaque.ends_with('"')
}

/// Seconds or an HTTP date (RFC 9110 section 10.2.3); a date in the past means at once.
fn retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    if let Ok(seconds) = value.parse::<u32>() {
        return Some(Duration::from_secs(seconds.into()));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(headers: &[(&str, &[u8])]) -> Head {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name = ureq::http::HeaderName::from_bytes(name.as_bytes()).unwrap();
            map.append(name, ureq::http::HeaderValue::from_bytes(value).unwrap());
        }
        Head::new(200, &map, SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777))
    }

    #[test]
    fn a_length_counts_only_without_transfer_coding() {
        assert_eq!(head(&[("content-length", b"5")]).length, Some(5));
        assert_eq!(head(&[("content-length", b"5"), ("transfer-encoding", b"chunked")]).length, None);
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
