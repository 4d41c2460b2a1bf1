//! Whether a response belongs to the version of the file whose first bytes are already here.
//!
//! Bytes of two versions in one file are the one thing a download must never produce, and servers
//! lie: they ignore If-Range, give every host of a network its own validators, or have none.

use super::head::Head;
use crate::transfer::Version;

/// How much of the bytes already here is compared with the server's where validators do not suffice.
pub(super) const OVERLAP: u64 = 64 * 1024;

/// What a response's headers say about its version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Evidence {
    /// The same strong ETag: these are the same bytes.
    Same,
    /// Nothing speaks against it.
    Compatible,
    /// Another ETag: a new version, or a server whose ETags do not identify versions.
    OtherTag,
    /// Another version.
    Changed(&'static str),
}

/// Compares a response with the version that is here. `size` is the size of the whole file
/// according to the response.
pub(super) fn evidence(known: &Version, head: &Head, size: Option<u64>) -> Evidence {
    if let (Some(known), Some(size)) = (known.size, size)
        && known != size
    {
        return Evidence::Changed("its size is another one");
    }
    if let (Some(known), Some(tag)) = (&known.etag, &head.etag) {
        if opaque(known) != opaque(tag) {
            return Evidence::OtherTag;
        }
        if is_strong(known) && is_strong(tag) {
            return Evidence::Same;
        }
    }
    match (&known.last_modified, &head.last_modified) {
        (Some(known), Some(date)) if !same_date(known, date) => {
            Evidence::Changed("its Last-Modified date is another one")
        }
        _ => Evidence::Compatible,
    }
}

/// Whether a tag identifies bytes, not only their meaning (RFC 9110 section 8.8.1).
pub(super) fn is_strong(tag: &str) -> bool {
    !tag.starts_with("W/")
}

fn opaque(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

/// The three date formats of HTTP mean the same instant.
fn same_date(a: &str, b: &str) -> bool {
    a == b || matches!((httpdate::parse_http_date(a), httpdate::parse_http_date(b)), (Ok(a), Ok(b)) if a == b)
}

/// What to ask for next in order to continue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// The server compares the strong ETag: no byte is fetched twice.
    Tag(String),
    /// The server compares the date, and we the overlap: a date has a grain of one second.
    Date(String),
    /// We compare the overlap.
    Overlap,
}

impl Proof {
    /// The strongest proof that `known` allows of a server that understands If-Range or not.
    pub(super) fn strongest(known: &Version, if_range: bool) -> Proof {
        match known {
            Version { etag: Some(tag), .. } if if_range && is_strong(tag) => Proof::Tag(tag.clone()),
            Version { last_modified: Some(date), .. } if if_range => Proof::Date(date.clone()),
            _ => Proof::Overlap,
        }
    }

    pub(super) fn if_range(&self) -> Option<&str> {
        match self {
            Proof::Tag(validator) | Proof::Date(validator) => Some(validator),
            Proof::Overlap => None,
        }
    }

    /// How many of the `offset` bytes here are fetched again for comparison.
    pub(super) fn overlap(&self, offset: u64) -> u64 {
        match self {
            Proof::Tag(_) => 0,
            Proof::Date(_) | Proof::Overlap => offset.min(OVERLAP),
        }
    }
}

/// The ETags seen while finding out whether a different one means a new version.
#[derive(Debug, Default)]
pub(super) struct Probes(Vec<String>);

/// What a further different ETag means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Ask again on a new connection, perhaps another host answers.
    AskAgain,
    /// The server's ETags differ from answer to answer: they say nothing.
    Unusable,
    /// Three answers agree: the file is a new one.
    Changed,
}

impl Probes {
    pub(super) fn judge(&mut self, tag: &str) -> Verdict {
        if self.0.iter().any(|seen| seen != tag) {
            return Verdict::Unusable;
        }
        self.0.push(tag.to_owned());
        if self.0.len() < 3 { Verdict::AskAgain } else { Verdict::Changed }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(size: u64, etag: Option<&str>, date: Option<&str>) -> Version {
        Version { size: Some(size), etag: etag.map(str::to_owned), last_modified: date.map(str::to_owned) }
    }

    fn judged(known: &Version, other: &Version) -> Evidence {
        let head =
            Head { etag: other.etag.clone(), last_modified: other.last_modified.clone(), ..Head::default() };
        evidence(known, &head, other.size)
    }

    const MONDAY: Option<&str> = Some("Mon, 01 Jan 2024 00:00:00 GMT");
    const TUESDAY: Option<&str> = Some("Tue, 02 Jan 2024 00:00:00 GMT");

    #[test]
    fn a_strong_tag_decides_over_a_date() {
        let known = version(9, Some("\"a\""), MONDAY);
        assert_eq!(judged(&known, &version(9, Some("\"a\""), TUESDAY)), Evidence::Same);
        assert_eq!(judged(&known, &version(9, Some("\"b\""), MONDAY)), Evidence::OtherTag);
    }

    #[test]
    fn size_decides_over_everything() {
        let known = version(9, Some("\"a\""), None);
        assert!(matches!(judged(&known, &version(8, Some("\"a\""), None)), Evidence::Changed(_)));
    }

    #[test]
    fn a_weak_tag_proves_nothing_alone() {
        let known = version(9, Some("W/\"a\""), MONDAY);
        assert_eq!(judged(&known, &version(9, Some("W/\"a\""), MONDAY)), Evidence::Compatible);
        assert_eq!(judged(&known, &version(9, Some("\"a\""), None)), Evidence::Compatible);
        assert_eq!(judged(&known, &version(9, Some("W/\"b\""), MONDAY)), Evidence::OtherTag);
        assert!(matches!(judged(&known, &version(9, Some("W/\"a\""), TUESDAY)), Evidence::Changed(_)));
    }

    #[test]
    fn date_formats_do_not_matter() {
        let known = version(9, None, MONDAY);
        let same = version(9, None, Some("Monday, 01-Jan-24 00:00:00 GMT"));
        assert_eq!(judged(&known, &same), Evidence::Compatible);
        assert!(matches!(judged(&known, &version(9, None, TUESDAY)), Evidence::Changed(_)));
        assert_eq!(judged(&known, &version(9, None, None)), Evidence::Compatible);
    }

    #[test]
    fn the_strongest_proof_is_chosen() {
        let all = version(9, Some("\"a\""), MONDAY);
        assert_eq!(Proof::strongest(&all, true), Proof::Tag("\"a\"".into()));
        assert_eq!(Proof::strongest(&all, false), Proof::Overlap);
        assert_eq!(Proof::strongest(&version(9, Some("W/\"a\""), MONDAY), true).if_range(), MONDAY);
        assert_eq!(Proof::strongest(&version(9, Some("W/\"a\""), None), true), Proof::Overlap);
        assert_eq!(Proof::Overlap.overlap(100), 100);
        assert_eq!(Proof::Overlap.overlap(OVERLAP * 3), OVERLAP);
    }

    #[test]
    fn three_equal_tags_are_a_change_and_two_different_ones_are_noise() {
        let mut stable = Probes::default();
        assert_eq!(stable.judge("\"b\""), Verdict::AskAgain);
        assert_eq!(stable.judge("\"b\""), Verdict::AskAgain);
        assert_eq!(stable.judge("\"b\""), Verdict::Changed);
        let mut noise = Probes::default();
        assert_eq!(noise.judge("\"b\""), Verdict::AskAgain);
        assert_eq!(noise.judge("\"c\""), Verdict::Unusable);
    }
}
