//! What to answer: status, header fields and body, decided without sending anything.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::range::{self, Wanted};
use crate::request::Request;
use crate::script::{Date, Etag, Head, Ranges, Script};

const BOUNDARY: &str = "bgcopy-part";

/// The selected version of a resource.
#[derive(Clone, Debug)]
pub(crate) struct Representation {
    pub size: u64,
    pub etag: Option<String>,
    pub modified: Option<SystemTime>,
}

/// A response ready to be sent.
#[derive(Debug, Default)]
pub(crate) struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub parts: Vec<Part>,
    /// The Content-Length to announce, if one is to be announced.
    pub length: Option<u64>,
}

/// A piece of a body.
#[derive(Debug)]
pub(crate) enum Part {
    /// Error texts and multipart framing: not counted as content.
    Text(Vec<u8>),
    Content {
        offset: u64,
        len: u64,
    },
}

impl Part {
    pub fn len(&self) -> u64 {
        match self {
            Self::Text(text) => text.len() as u64,
            Self::Content { len, .. } => *len,
        }
    }
}

impl Response {
    /// A response whose body is a short text.
    pub fn text(status: u16, text: impl Into<String>) -> Self {
        let mut response = Self { status, ..Self::default() };
        if !matches!(status, 100..200 | 204 | 304) {
            let text: String = text.into();
            response.set("Content-Type", "text/plain; charset=utf-8");
            response.length = Some(text.len() as u64);
            response.parts.push(Part::Text(text.into_bytes()));
        }
        response
    }

    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.headers.push((name.into(), value.into()));
    }

    fn body(&mut self, parts: Vec<Part>) {
        self.length = Some(parts.iter().map(Part::len).sum());
        self.parts = parts;
    }
}

impl Representation {
    /// The validators that `script` asks for; `seed` distinguishes resources, `answers` counts earlier responses.
    pub fn scripted(script: &Script, seed: u64, size: u64, version: u64, answers: u64) -> Self {
        static RANDOM: AtomicU64 = AtomicU64::new(0);
        let opaque = format!("{seed:x}-{size:x}-{version:x}");
        let etag = match script.etag {
            Etag::Strong => Some(format!("\"{opaque}\"")),
            Etag::Weak => Some(format!("W/\"{opaque}\"")),
            Etag::Flip => Some(format!("\"{}-{opaque}\"", if answers.is_multiple_of(2) { "a" } else { "b" })),
            Etag::Random => {
                let unique = RANDOM.fetch_add(1, Ordering::Relaxed);
                let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
                Some(format!("\"{unique:x}-{now:x}\""))
            }
            Etag::Fixed => Some("\"fixed\"".into()),
            Etag::None => None,
        };
        // 2024-01-01 and an hour later for each version: in the past, so that the dates are credible.
        let hours = match script.date {
            Date::On => Some(version),
            Date::Fixed => Some(0),
            Date::Off => None,
        };
        let modified =
            hours.map(|hours| UNIX_EPOCH + Duration::from_secs(1_704_067_200 + 3600 * (hours % 10_000)));
        Self { size, etag, modified }
    }

    fn last_modified(&self) -> Option<String> {
        self.modified.map(httpdate::fmt_http_date)
    }

    /// If-Range: strong comparison of an entity tag, exact match of a date (RFC 9110, section 13.1.5).
    fn is_still(&self, validator: &str) -> bool {
        if validator.starts_with("W/") {
            return false;
        }
        if validator.starts_with('"') {
            return self.etag.as_deref() == Some(validator);
        }
        self.last_modified().as_deref() == Some(validator)
    }

    fn precondition(&self, request: &Request) -> Option<u16> {
        let seconds = |time: SystemTime| time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let newer_than = |date: &str| match (self.modified, httpdate::parse_http_date(date)) {
            (Some(modified), Ok(date)) => Some(seconds(modified) > seconds(date)),
            _ => None,
        };
        let weak = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
        if let Some(list) = request.header("if-match") {
            let found = list.trim() == "*" || list.split(',').any(|tag| self.is_still(tag.trim()));
            if !found {
                return Some(412);
            }
        } else if request.header("if-unmodified-since").and_then(newer_than) == Some(true) {
            return Some(412);
        }
        if let Some(list) = request.header("if-none-match") {
            let ours = self.etag.as_deref().map(weak);
            if list.trim() == "*" || list.split(',').any(|tag| Some(weak(tag)) == ours) {
                return Some(304);
            }
        } else if request.header("if-modified-since").and_then(newer_than) == Some(false) {
            return Some(304);
        }
        None
    }
}

/// Answers a request for `file` as `script` says, faults aside.
pub(crate) fn decide(request: &Request, script: &Script, file: &Representation) -> Response {
    let head = request.method == "HEAD";
    let refused = match script.head {
        Head::Forbidden => 403,
        Head::NotFound => 404,
        Head::NotAllowed => 405,
        Head::NotImplemented => 501,
        Head::Ok | Head::NoLength => 0,
    };
    if head && refused != 0 {
        return Response::text(refused, "HEAD is not served here\n");
    }

    let mut response = Response { status: 200, ..Response::default() };
    if let Some(etag) = &file.etag {
        response.set("ETag", etag);
    }
    if let Some(date) = file.last_modified() {
        response.set("Last-Modified", date);
    }
    response.set("Accept-Ranges", if script.ranges == Ranges::Off { "none" } else { "bytes" });
    if let Some(status) = file.precondition(request) {
        response.status = status;
        response.length = (status == 412).then_some(0);
        return response;
    }

    let content_type = script.content_type.as_deref().unwrap_or("application/octet-stream");
    let if_range = request.header("if-range");
    let ranged = request.method == "GET"
        && match script.ranges {
            Ranges::Off => false,
            Ranges::IgnoreIfRange => true,
            Ranges::RefuseIfRange => if_range.is_none(),
            _ => if_range.is_none_or(|validator| file.is_still(validator)),
        };
    let wanted = match request.header("range") {
        Some(field) if ranged => range::parse(field, file.size),
        _ => Wanted::Everything,
    };
    let wanted = match wanted {
        Wanted::Ranges(ranges) if ranges.len() > 1 => Wanted::Ranges(rearranged(ranges, script.ranges)),
        other => other,
    };
    match wanted {
        Wanted::Ranges(ranges) if ranges.len() > 1 && script.ranges == Ranges::Single => {
            response.set("Content-Type", content_type);
            response.body(vec![Part::Content { offset: 0, len: file.size }]);
        }
        Wanted::Everything => {
            response.set("Content-Type", content_type);
            response.body(vec![Part::Content { offset: 0, len: file.size }]);
            if head && script.head == Head::NoLength {
                response.length = None;
            }
        }
        Wanted::Nothing => {
            response = Response::text(416, "no byte of the file is in that range\n");
            response.set("Content-Range", format!("bytes */{}", file.size));
        }
        Wanted::Ranges(ranges) if ranges.len() > 1 || script.ranges == Ranges::Multipart => {
            response.status = 206;
            response.set("Content-Type", format!("multipart/byteranges; boundary={BOUNDARY}"));
            let mut parts = Vec::new();
            for (first, last) in ranges {
                let range = format!("bytes {first}-{last}/{}", file.size);
                let text = format!(
                    "\r\n--{BOUNDARY}\r\nContent-Type: {content_type}\r\nContent-Range: {range}\r\n\r\n"
                );
                parts.push(Part::Text(text.into_bytes()));
                parts.push(Part::Content { offset: first, len: last - first + 1 });
            }
            parts.push(Part::Text(format!("\r\n--{BOUNDARY}--\r\n").into_bytes()));
            response.body(parts);
        }
        Wanted::Ranges(ranges) => {
            let (first, last) = ranges[0];
            response.status = 206;
            response.set("Content-Type", content_type);
            let (size, off_by_one) =
                (file.size, if first < last { first + 1 } else { first.saturating_sub(1) });
            match script.ranges {
                Ranges::NoContentRange => {}
                Ranges::WrongStart => {
                    response.set("Content-Range", format!("bytes {off_by_one}-{last}/{size}"))
                }
                Ranges::WrongTotal => {
                    response.set("Content-Range", format!("bytes {first}-{last}/{}", size + 1))
                }
                _ => response.set("Content-Range", format!("bytes {first}-{last}/{size}")),
            }
            response.body(vec![Part::Content { offset: first, len: last - first + 1 }]);
        }
    }
    response
}

/// Several ranges as a server sends them that does not do as it was asked.
fn rearranged(mut ranges: Vec<(u64, u64)>, how: Ranges) -> Vec<(u64, u64)> {
    match how {
        Ranges::First => ranges.truncate(1),
        Ranges::Sorted => ranges.sort_unstable(),
        Ranges::Merged => {
            let first = ranges.iter().map(|range| range.0).min().unwrap_or(0);
            let last = ranges.iter().map(|range| range.1).max().unwrap_or(0);
            ranges = vec![(first, last)];
        }
        Ranges::WrongPart => {
            if let Some((first, last)) = ranges.last_mut().filter(|range| range.0 > 0) {
                (*first, *last) = (*first - 1, *last - 1);
            }
        }
        _ => {}
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str, headers: &[(&str, &str)]) -> Request {
        let headers = headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        Request { method: method.into(), headers, ..Request::default() }
    }

    fn script(query: &str) -> Script {
        let pairs = crate::request::pairs(query);
        Script::parse(pairs.iter().map(|(key, value)| (key.as_str(), value.as_str()))).unwrap()
    }

    fn file() -> Representation {
        Representation::scripted(&Script::default(), 1, 100, 0, 0)
    }

    #[test]
    fn if_range_takes_only_a_strong_match() {
        let date = file().last_modified().unwrap();
        for (validator, status) in [
            ("\"1-64-0\"", 206),
            ("W/\"1-64-0\"", 200),
            ("\"other\"", 200),
            (date.as_str(), 206),
            ("Mon, 1", 200),
        ] {
            let request = request("GET", &[("Range", "bytes=1-"), ("If-Range", validator)]);
            assert_eq!(decide(&request, &Script::default(), &file()).status, status, "{validator}");
        }
    }

    #[test]
    fn preconditions_follow_rfc_9110() {
        let date = file().last_modified().unwrap();
        let early = "Mon, 01 Jan 2001 00:00:00 GMT";
        for (name, value, status) in [
            ("If-Match", "\"1-64-0\"", 200),
            ("If-Match", "\"x\", \"y\"", 412),
            ("If-None-Match", "\"x\", W/\"1-64-0\"", 304),
            ("If-None-Match", "\"x\"", 200),
            ("If-Modified-Since", date.as_str(), 304),
            ("If-Modified-Since", early, 200),
            ("If-Unmodified-Since", early, 412),
            ("If-Unmodified-Since", date.as_str(), 200),
        ] {
            let response = decide(&request("GET", &[(name, value)]), &Script::default(), &file());
            assert_eq!(response.status, status, "{name}: {value}");
        }
    }

    #[test]
    fn a_multipart_body_is_as_long_as_it_says() {
        let response = decide(&request("GET", &[("Range", "bytes=0-9,50-59")]), &Script::default(), &file());
        let content: u64 = response
            .parts
            .iter()
            .map(|part| if let Part::Content { len, .. } = part { *len } else { 0 })
            .sum();
        assert_eq!((response.status, content), (206, 20));
        assert!(response.length.unwrap() > 20);
    }

    #[test]
    fn etags_change_as_scripted() {
        let tag = |query: &str, version, answers| {
            Representation::scripted(&script(query), 1, 9, version, answers).etag.unwrap_or_default()
        };
        assert_ne!(tag("", 0, 0), tag("", 1, 0));
        assert_eq!(tag("etag=fixed", 0, 0), tag("etag=fixed", 1, 0));
        assert_ne!(tag("etag=flip", 0, 0), tag("etag=flip", 0, 1));
        assert_eq!(tag("etag=flip", 0, 0), tag("etag=flip", 0, 2));
        assert_ne!(tag("etag=random", 0, 0), tag("etag=random", 0, 0));
        assert_eq!(tag("etag=none", 0, 0), "");
    }
}
