//! Conditional requests (RFC 9110 section 13).

use std::time::{Duration, SystemTime};

use hyper::HeaderMap;
use hyper::header::{
    HeaderName, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, RANGE,
};

/// What tells the versions of a file apart.
pub struct Validators<'a> {
    /// A strong entity tag, with its quotes.
    pub tag: &'a str,
    /// When the file was changed.
    pub modified: SystemTime,
    /// What the time is.
    pub now: SystemTime,
}

/// What a conditional request gets.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome<'h> {
    /// 412.
    Failed,
    /// 304.
    NotModified,
    /// The file, or a range of it.
    File(Option<&'h str>),
}

/// Evaluates the conditions of a request for a file that is there, in the order of the standard.
pub fn evaluate<'h>(headers: &'h HeaderMap, file: &Validators<'_>) -> Outcome<'h> {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let date = |name: HeaderName| text(name).and_then(|date| httpdate::parse_http_date(date).ok());
    let modified = whole_seconds(file.modified);
    if let Some(tags) = list(headers, IF_MATCH) {
        if !matches(&tags, file.tag, false) {
            return Outcome::Failed;
        }
    } else if date(IF_UNMODIFIED_SINCE).is_some_and(|date| modified > date) {
        return Outcome::Failed;
    }
    if let Some(tags) = list(headers, IF_NONE_MATCH) {
        if matches(&tags, file.tag, true) {
            return Outcome::NotModified;
        }
    } else if date(IF_MODIFIED_SINCE).is_some_and(|date| modified <= date) {
        return Outcome::NotModified;
    }
    let range = text(RANGE).filter(|_| match text(IF_RANGE) {
        None => !headers.contains_key(IF_RANGE),
        Some(tag) if tag.starts_with(['"', 'W']) => tag.trim() == file.tag,
        // A date proves something only when the file cannot have changed again within its second.
        Some(date) => {
            let settled = file.now.duration_since(modified).is_ok_and(|age| age >= Duration::from_secs(1));
            settled && httpdate::parse_http_date(date).is_ok_and(|date| date == modified)
        }
    });
    Outcome::File(range)
}

/// The values of a header that may be there several times.
fn list(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    let values: Vec<&str> = headers.get_all(name).iter().map(|value| value.to_str().unwrap_or("")).collect();
    (!values.is_empty()).then(|| values.join(","))
}

/// Whether a list of tags has this one, or is `*`.
fn matches(tags: &str, tag: &str, weak: bool) -> bool {
    tags.trim() == "*"
        || tags.split(',').map(str::trim).any(|other| {
            let bare = other.strip_prefix("W/").filter(|_| weak);
            bare.unwrap_or(other) == tag
        })
}

/// A time as HTTP can tell it.
fn whole_seconds(time: SystemTime) -> SystemTime {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(elapsed) => SystemTime::UNIX_EPOCH + Duration::from_secs(elapsed.as_secs()),
        Err(_) => SystemTime::UNIX_EPOCH,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATE: &str = "Tue, 03 Mar 2026 10:00:00 GMT";
    const EARLIER: &str = "Tue, 03 Mar 2026 09:59:59 GMT";

    fn outcome(lines: &[(&'static str, &'static str)]) -> String {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        let modified = httpdate::parse_http_date(DATE).unwrap() + Duration::from_millis(300);
        let now = modified + Duration::from_secs(60);
        format!("{:?}", evaluate(&headers, &Validators { tag: "\"a\"", modified, now }))
    }

    #[test]
    fn conditions_are_evaluated_in_the_order_of_the_standard() {
        let (whole, part) = ("File(None)", "File(Some(\"bytes=0-1\"))");
        let range = ("range", "bytes=0-1");
        for (lines, expected) in [
            (vec![], whole),
            (vec![range], part),
            (vec![("if-match", "\"b\", \"a\"")], whole),
            (vec![("if-match", "*")], whole),
            (vec![("if-match", "\"b\"")], "Failed"),
            (vec![("if-match", "W/\"a\"")], "Failed"),
            (vec![("if-match", "\"a\""), ("if-unmodified-since", EARLIER)], whole),
            (vec![("if-unmodified-since", EARLIER)], "Failed"),
            (vec![("if-unmodified-since", DATE)], whole),
            (vec![("if-none-match", "\"a\"")], "NotModified"),
            (vec![("if-none-match", "W/\"a\"")], "NotModified"),
            (vec![("if-none-match", "\"b\""), ("if-none-match", "\"a\"")], "NotModified"),
            (vec![("if-none-match", "\"b\""), ("if-modified-since", DATE)], whole),
            (vec![("if-modified-since", DATE)], "NotModified"),
            (vec![("if-modified-since", EARLIER)], whole),
            (vec![("if-modified-since", "yesterday")], whole),
            (vec![range, ("if-range", "\"a\"")], part),
            (vec![range, ("if-range", "\"b\"")], whole),
            (vec![range, ("if-range", "W/\"a\"")], whole),
            (vec![range, ("if-range", DATE)], part),
            (vec![range, ("if-range", EARLIER)], whole),
            (vec![range, ("if-range", "yesterday")], whole),
        ] {
            assert_eq!(outcome(&lines), expected, "{lines:?}");
        }
    }
}
