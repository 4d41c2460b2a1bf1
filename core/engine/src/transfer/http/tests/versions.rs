//! Continuing: the bytes of two versions of a file never end up in one.

use std::sync::Barrier;
use std::thread;

use bgcopy_protocol::{ResultCode, RetryClass};

use super::server::{IfRange, Reply, Request, Resource, Server};
use super::*;

const SIZE: usize = 100_000;
const HERE: usize = 80_000;
const MONDAY: &str = "Mon, 01 Jan 2024 00:00:00 GMT";
const TUESDAY: &str = "Tue, 02 Jan 2024 00:00:00 GMT";

fn resource(seed: u32, size: usize, etag: Option<&str>, date: Option<&str>) -> Resource {
    Resource {
        etag: etag.map(str::to_owned),
        date: date.map(str::to_owned),
        ..Resource::new(&content(size, seed))
    }
}

fn version_of(resource: &Resource) -> Version {
    Version {
        size: Some(resource.content.len() as u64),
        etag: resource.etag.clone(),
        last_modified: resource.date.clone(),
    }
}

/// Continues after `HERE` bytes of `old`.
fn resume(server: &Server, old: &Resource, foreground: bool) -> (Result<Version, TransferError>, Memory) {
    let mut sink = Memory::holding(&old.content[..HERE]);
    let url = server.url("/f");
    let download = Download { offset: HERE as u64, version: version_of(old), ..from_start(&url, foreground) };
    (fetch_with(&client(), &download, &mut sink), sink)
}

/// An ETag and a Last-Modified date.
type Validators = (Option<&'static str>, Option<&'static str>);

/// Which validators a server has, before and after a change of the file.
const KINDS: [(Validators, Validators); 6] = [
    ((Some("\"a\""), None), (Some("\"b\""), None)),
    ((Some("\"a\""), Some(MONDAY)), (Some("\"b\""), Some(TUESDAY))),
    ((Some("W/\"a\""), None), (Some("W/\"b\""), None)),
    ((Some("W/\"a\""), Some(MONDAY)), (Some("W/\"b\""), Some(TUESDAY))),
    ((None, Some(MONDAY)), (None, Some(TUESDAY))),
    ((None, None), (None, None)),
];

#[test]
fn the_same_version_is_continued_whatever_the_validators() {
    for ((etag, date), _) in KINDS {
        for foreground in [false, true] {
            for if_range in [IfRange::Understood, IfRange::Ignored, IfRange::Refused] {
                let old = Resource { if_range, ..resource(1, SIZE, etag, date) };
                let server = Server::of(old.clone());
                let (result, sink) = resume(&server, &old, foreground);
                let case = format!("{etag:?} {date:?} {foreground} {if_range:?}");
                assert_eq!(result.unwrap(), version_of(&old), "{case}");
                assert_eq!(sink.restarts, Vec::<String>::new(), "{case}");
                assert!(sink.bytes == old.content, "{case}");
            }
        }
    }
}

#[test]
fn another_version_is_fetched_from_the_beginning_whatever_the_validators() {
    for ((old_tag, old_date), (new_tag, new_date)) in KINDS {
        for foreground in [false, true] {
            for if_range in [IfRange::Understood, IfRange::Ignored, IfRange::Refused] {
                for size in [SIZE, SIZE + 1, HERE + 1, HERE, HERE - 1, 10, 0] {
                    let old = resource(1, SIZE, old_tag, old_date);
                    let new = Resource { if_range, ..resource(2, size, new_tag, new_date) };
                    let server = Server::of(new.clone());
                    let (result, sink) = resume(&server, &old, foreground);
                    let case = format!("{old_tag:?} {old_date:?} {foreground} {if_range:?} {size}");
                    let version = result.expect(&case);
                    assert_eq!(version.size, Some(size as u64), "{case}");
                    if size > 0 {
                        // An empty file may be told by a 416, which carries no validators.
                        assert_eq!(version, version_of(&new), "{case}");
                    }
                    assert_eq!(sink.restarts.len(), 1, "{case}");
                    assert!(sink.bytes == new.content, "{case}");
                }
            }
        }
    }
}

#[test]
fn a_change_that_keeps_the_overlap_is_noticed_by_validators() {
    for ((old_tag, old_date), (new_tag, new_date)) in KINDS {
        if old_tag.is_none() && old_date.is_none() {
            continue;
        }
        for if_range in [IfRange::Understood, IfRange::Ignored, IfRange::Refused] {
            let old = resource(1, SIZE, old_tag, old_date);
            let mut new = Resource { if_range, ..resource(1, SIZE, new_tag, new_date) };
            new.content[5] ^= 1;
            let server = Server::of(new.clone());
            let (result, sink) = resume(&server, &old, true);
            assert_eq!(result.unwrap(), version_of(&new), "{old_tag:?} {old_date:?} {if_range:?}");
            assert!(sink.bytes == new.content, "{old_tag:?} {old_date:?} {if_range:?}");
        }
    }
}

#[test]
fn a_change_within_the_second_of_the_date_is_noticed_by_the_overlap() {
    let old = resource(1, SIZE, None, Some(MONDAY));
    let new = resource(2, SIZE, None, Some(MONDAY));
    let server = Server::of(new.clone());
    let (result, sink) = resume(&server, &old, false);
    assert!(result.is_ok() && sink.bytes == new.content);
    assert_eq!(sink.restarts.len(), 1);
}

#[test]
fn a_strong_tag_fetches_no_byte_twice() {
    let old = resource(1, SIZE, Some("\"a\""), Some(MONDAY));
    let server = Server::of(old.clone());
    resume(&server, &old, false).0.unwrap();
    let log = server.log();
    assert_eq!(log.len(), 1);
    assert_eq!(log[0].from(), Some(HERE));
    assert_eq!(log[0].header("if-range"), Some("\"a\""));
}

#[test]
fn a_date_is_backed_by_the_overlap() {
    let old = resource(1, SIZE, Some("W/\"a\""), Some(MONDAY));
    let server = Server::of(old.clone());
    resume(&server, &old, false).0.unwrap();
    let log = server.log();
    assert_eq!(log.len(), 1);
    assert_eq!(log[0].from(), Some(HERE - 64 * 1024));
    assert_eq!(log[0].header("if-range"), Some(MONDAY));
}

#[test]
fn a_short_prefix_is_compared_whole() {
    let old = resource(1, SIZE, None, None);
    let server = Server::of(old.clone());
    let mut sink = Memory::holding(&old.content[..1000]);
    let url = server.url("/f");
    let download = Download { offset: 1000, version: version_of(&old), ..from_start(&url, false) };
    fetch_with(&client(), &download, &mut sink).unwrap();
    assert!(sink.bytes == old.content);
    assert_eq!(server.log()[0].from(), Some(0));
}

#[test]
fn a_changed_file_is_taken_from_the_answer_at_hand() {
    let old = resource(1, SIZE, None, Some(MONDAY));
    let new = resource(2, SIZE, None, Some(TUESDAY));
    let server = Server::of(new.clone());
    let (_, sink) = resume(&server, &old, false);
    assert!(sink.bytes == new.content);
    assert_eq!(server.log().len(), 1);
}

/// Answers with one of `tags` in turn, and honours If-Range with the tag of that turn.
fn flipping(old: &Resource, tags: &'static [&'static str]) -> Server {
    let old = old.clone();
    Server::start(move |request: &Request| {
        let etag = Some(tags[request.number % tags.len()].to_owned());
        Resource { etag, ..old.clone() }.reply(request)
    })
}

#[test]
fn hosts_with_their_own_tags_do_not_cause_a_restart() {
    let old = resource(1, SIZE, Some("\"a\""), Some(MONDAY));
    for tags in [&["\"b\"", "\"a\""][..], &["\"b\"", "\"b\"", "\"a\""]] {
        let server = flipping(&old, tags);
        let (result, sink) = resume(&server, &old, false);
        assert_eq!(result.unwrap(), version_of(&old));
        assert!(sink.restarts.is_empty() && sink.bytes == old.content);
        assert_eq!(server.connections(), tags.len(), "each probe on its own connection");
    }
}

#[test]
fn a_probe_does_not_ask_the_same_host_through_an_idle_connection() {
    let old = resource(1, SIZE, Some("\"a\""), Some(MONDAY));
    let served = old.clone();
    let together = Barrier::new(3);
    let server = Server::start(move |request: &Request| {
        if request.path == "/idle" {
            together.wait();
            return Reply::sized("200 OK", &[], b"");
        }
        let etag = Some(if request.number == 3 { "\"b\"" } else { "\"a\"" }.to_owned());
        Resource { etag, ..served.clone() }.reply(request)
    });
    let client = client();
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                fetch_with(&client, &from_start(&server.url("/idle"), true), &mut Memory::empty()).unwrap();
            });
        }
    });
    let mut sink = Memory::holding(&old.content[..HERE]);
    let url = server.url("/f");
    let download = Download { offset: HERE as u64, version: version_of(&old), ..from_start(&url, false) };
    fetch_with(&client, &download, &mut sink).unwrap();
    assert!(sink.bytes == old.content && sink.restarts.is_empty());
    assert_eq!(server.connections(), 4, "three idle ones, and one for the probe");
}

#[test]
fn tags_that_never_repeat_are_not_used_again() {
    for (old_date, if_range) in
        [(Some(MONDAY), IfRange::Understood), (None, IfRange::Understood), (None, IfRange::Ignored)]
    {
        let old = Resource { if_range, ..resource(1, SIZE, Some("\"a\""), old_date) };
        let server = flipping(&old, &["\"b\"", "\"c\"", "\"d\"", "\"e\"", "\"f\"", "\"g\""]);
        let (result, sink) = resume(&server, &old, false);
        assert_eq!(result.unwrap(), Version { etag: None, ..version_of(&old) });
        assert!(sink.restarts.is_empty() && sink.bytes == old.content);
    }
}

#[test]
fn tags_that_never_repeat_do_not_hide_a_change() {
    let old = resource(1, SIZE, Some("\"a\""), None);
    let new = resource(2, SIZE, None, None);
    let server = flipping(&new, &["\"b\"", "\"c\"", "\"d\"", "\"e\"", "\"f\"", "\"g\""]);
    let (result, sink) = resume(&server, &old, false);
    assert!(result.is_ok() && sink.bytes == new.content);
    assert_eq!(sink.restarts.len(), 1);
}

#[test]
fn a_part_without_tag_is_compared() {
    for seed in [1, 2] {
        let old = resource(1, SIZE, Some("\"a\""), None);
        let new = Resource {
            if_range: IfRange::Ignored,
            bare_parts: true,
            ..resource(seed, SIZE, Some("\"b\""), None)
        };
        let server = Server::of(new.clone());
        let (result, sink) = resume(&server, &old, false);
        assert!(result.is_ok() && sink.bytes == new.content);
        assert_eq!(sink.restarts.len(), seed as usize - 1);
    }
}

#[test]
fn without_ranges_nothing_can_be_continued() {
    for foreground in [false, true] {
        let old = Resource { ranges: false, ..resource(1, SIZE, Some("\"a\""), None) };
        let server = Server::of(old.clone());
        let (result, sink) = resume(&server, &old, foreground);
        let error = result.unwrap_err();
        assert_eq!(error.code, ResultCode::BG_E_INSUFFICIENT_RANGE_SUPPORT);
        assert_eq!(error.class, RetryClass::Fatal);
        // In the foreground a later attempt begins at 0 and can succeed.
        assert_eq!(sink.bytes.len(), if foreground { 0 } else { HERE });
    }
}

#[test]
fn a_complete_file_needs_no_request() {
    let version = Version { size: Some(3), ..Version::default() };
    let download =
        Download { offset: 3, version: version.clone(), ..from_start("http://127.0.0.1:1/", false) };
    let mut sink = Memory::holding(b"abc");
    assert_eq!(fetch_with(&client(), &download, &mut sink).unwrap(), version);
    assert_eq!(sink.bytes, b"abc");
}

#[test]
fn more_bytes_than_the_file_has_are_void() {
    let old = resource(1, HERE - 1, Some("\"a\""), None);
    let server = Server::of(old.clone());
    let mut sink = Memory::holding(&content(HERE, 1));
    let url = server.url("/f");
    let download = Download { offset: HERE as u64, version: version_of(&old), ..from_start(&url, false) };
    fetch_with(&client(), &download, &mut sink).unwrap();
    assert!(sink.bytes == old.content);
}

#[test]
fn a_range_refused_within_the_file_is_an_error() {
    let old = resource(1, SIZE, Some("\"a\""), None);
    let server =
        Server::start(|_| Reply::sized("416 No", &[("Content-Range", &format!("bytes */{SIZE}"))], b""));
    let (result, sink) = resume(&server, &old, false);
    assert_eq!(result.unwrap_err().code, ResultCode::BG_E_INVALID_RANGE);
    assert_eq!(sink.bytes.len(), HERE, "nothing is lost");
}

#[test]
fn a_part_that_leaves_the_size_open_must_end_where_the_file_did() {
    let old = resource(1, SIZE, Some("\"a\""), None);
    for (end, restarts) in [(SIZE, 0), (SIZE - 1, 1)] {
        let data = content(end, 1);
        let server = Server::start(move |request| {
            let from = request.from().unwrap();
            let total = if from == 0 { end.to_string() } else { "*".into() };
            let range = format!("bytes {from}-{}/{total}", end - 1);
            Reply::sized("206 Part", &[("Content-Range", &range), ("ETag", "\"a\"")], &data[from..])
        });
        let (result, sink) = resume(&server, &old, false);
        assert_eq!(result.unwrap().size, Some(end as u64));
        assert_eq!((sink.restarts.len(), sink.bytes.len()), (restarts, end));
    }
}

#[test]
fn the_end_of_a_file_of_unknown_size_is_told_by_416() {
    let server =
        Server::start(|_| Reply::sized("416 No", &[("Content-Range", &format!("bytes */{HERE}"))], b""));
    let version = Version { size: None, etag: Some("\"a\"".into()), last_modified: None };
    let url = server.url("/f");
    let download = Download { offset: HERE as u64, version, ..from_start(&url, false) };
    let mut sink = Memory::holding(&content(HERE, 1));
    assert_eq!(fetch_with(&client(), &download, &mut sink).unwrap().size, Some(HERE as u64));
}

#[test]
fn a_change_between_size_request_and_download_is_harmless() {
    let new = resource(2, SIZE + 7, Some("\"b\""), None);
    let old = resource(1, SIZE, Some("\"a\""), None);
    let kept = new.clone();
    let server = Server::start(move |request| match request.method.as_str() {
        "HEAD" => old.reply(request),
        _ => new.reply(request),
    });
    let (result, sink) = fetch(&server, "/f", false);
    assert_eq!(result.unwrap(), version_of(&kept));
    assert!(sink.bytes == kept.content && sink.restarts.is_empty());
}
