//! Rules of downloads, against the running server.

mod support;

use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::process::Command;
use std::time::{Duration, SystemTime};

use support::{Response, Server, World, create};

const TEXT: &[u8] = b"abcdefghijklmnopqrstuvwxyz";

fn served(world: &World) -> Server {
    fs::write(world.drop("letters"), TEXT).unwrap();
    let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1_772_532_000);
    fs::File::options().write(true).open(world.drop("letters")).unwrap().set_modified(old).unwrap();
    world.serve("download_enabled = true\n")
}

const DATE: &str = "Tue, 03 Mar 2026 10:00:00 GMT";

fn get(server: &Server, path: &str, lines: &str) -> Response {
    server.ask(&format!("GET {path} HTTP/1.1\nHost: x\n{lines}"), b"")
}

#[test]
fn a_file_is_sent_with_size_date_and_strong_tag() {
    let world = World::new();
    let server = served(&world);
    let response = get(&server, "/drop/letters", "");
    assert_eq!((response.status, response.body.as_slice()), (200, TEXT));
    assert_eq!(response.header("Last-Modified"), Some(DATE));
    assert_eq!(response.header("Accept-Ranges"), Some("bytes"));
    assert_eq!(response.header("Content-Type"), Some("application/octet-stream"));
    let tag = response.header("ETag").unwrap().to_owned();
    assert!(tag.starts_with('"') && tag.ends_with('"'), "{tag}");

    let mut connection = server.connect();
    connection.send("HEAD /drop/letters HTTP/1.1\nHost: x\nRange: bytes=0-1\n", b"");
    let head = connection.head_response();
    assert_eq!((head.status, head.header("Content-Length")), (200, Some("26")));
    assert_eq!(head.header("ETag"), Some(tag.as_str()));

    // Another content of the same size and date is another version.
    let modified = fs::metadata(world.drop("letters")).unwrap().modified().unwrap();
    fs::write(world.drop("letters"), TEXT.to_ascii_uppercase()).unwrap();
    fs::File::options().write(true).open(world.drop("letters")).unwrap().set_modified(modified).unwrap();
    let other = get(&server, "/drop/letters", &format!("Range: bytes=0-1\nIf-Range: {tag}\n"));
    assert_eq!((other.status, other.body.len()), (200, 26));
    assert_eq!(other.header("Last-Modified"), Some(DATE));
}

#[test]
fn one_range_is_sent_as_206_and_none_of_the_file_as_416() {
    let world = World::new();
    let server = served(&world);
    for (range, content, body) in [
        ("0-9", "bytes 0-9/26", &TEXT[..10]),
        ("5-", "bytes 5-25/26", &TEXT[5..]),
        ("-3", "bytes 23-25/26", &TEXT[23..]),
        ("20-99", "bytes 20-25/26", &TEXT[20..]),
    ] {
        let response = get(&server, "/drop/letters", &format!("Range: bytes={range}\n"));
        assert_eq!((response.status, response.body.as_slice()), (206, body), "{range}");
        assert_eq!(response.header("Content-Range"), Some(content));
    }
    let outside = get(&server, "/drop/letters", "Range: bytes=26-\n");
    assert_eq!((outside.status, outside.header("Content-Range")), (416, Some("bytes */26")));
    assert_eq!(get(&server, "/drop/letters", "Range: lines=1-2\n").status, 200);
}

#[test]
fn several_ranges_are_parts_in_the_order_of_the_request() {
    let world = World::new();
    let server = served(&world);
    let response = get(&server, "/drop/letters", "Range: bytes=20-25,0-1\n");
    assert_eq!(response.status, 206);
    let kind = response.header("Content-Type").unwrap();
    let boundary = kind.strip_prefix("multipart/byteranges; boundary=").unwrap();
    let expected = format!(
        "--{boundary}\r\nContent-Type: application/octet-stream\r\nContent-Range: bytes 20-25/26\r\n\r\nuvwxyz\r\n\
         --{boundary}\r\nContent-Type: application/octet-stream\r\nContent-Range: bytes 0-1/26\r\n\r\nab\r\n\
         --{boundary}--\r\n"
    );
    assert_eq!(String::from_utf8(response.body).unwrap(), expected);
}

#[test]
fn conditions_are_kept() {
    let world = World::new();
    let server = served(&world);
    let tag = get(&server, "/drop/letters", "").header("ETag").unwrap().to_owned();
    let status = |lines: &str| get(&server, "/drop/letters", lines).status;
    assert_eq!(status("If-Unmodified-Since: Tue, 03 Mar 2026 09:59:59 GMT\n"), 412);
    assert_eq!(status(&format!("If-Unmodified-Since: {DATE}\nRange: bytes=0-1\n")), 206);
    assert_eq!(status("If-Match: \"other\"\n"), 412);
    assert_eq!(status(&format!("If-Range: {tag}\nRange: bytes=0-1\n")), 206);
    assert_eq!(status("If-Range: \"other\"\nRange: bytes=0-1\n"), 200);
    assert_eq!(status(&format!("If-Range: {DATE}\nRange: bytes=0-1\n")), 206);
    for condition in [format!("If-None-Match: {tag}\n"), format!("If-Modified-Since: {DATE}\n")] {
        let mut connection = server.connect();
        connection.send(&format!("GET /drop/letters HTTP/1.1\nHost: x\n{condition}"), b"");
        assert_eq!(connection.head_response().status, 304, "{condition}");
    }
}

#[test]
fn what_is_no_file_of_the_directory_is_not_found() {
    let world = World::new();
    fs::write(world.path("secret"), "secret").unwrap();
    fs::create_dir(world.drop("sub")).unwrap();
    symlink(world.path("secret"), world.drop("link")).unwrap();
    symlink(world.path(""), world.drop("up")).unwrap();
    let server = served(&world);
    let session = server.connect().create("/drop/a");
    for path in [
        "/",
        "/drop",
        "/drop/",
        "/drop/sub",
        "/drop/none",
        "/drop/link",
        "/drop/up/secret",
        "/drop/../secret",
        "/drop/%2e%2e/secret",
        "/drop/..%2fsecret",
        "/drop/letters/",
        "/drop/letters/x",
        "/elsewhere",
        "/drop/BITS-Sessions/lock",
        &format!("/drop/BITS-Sessions/Requests/{session}/session.toml"),
        &format!("/drop/bits-sessions/Requests/{session}/session.toml"),
    ] {
        assert_eq!(get(&server, path, "").status, 404, "{path}");
    }
}

#[test]
fn a_directory_for_uploads_only_sends_nothing() {
    let world = World::new();
    fs::write(world.drop("letters"), TEXT).unwrap();
    let server = world.serve("");
    assert_eq!(get(&server, "/drop/letters", "").status, 404);
    assert_eq!(server.ask(&create("/drop/a"), b"").status, 200);
}

#[test]
fn large_and_empty_files_arrive_whole() {
    let world = World::new();
    let bytes: Vec<u8> = (0..20_000_000_u32).map(|number| (number >> 13) as u8 ^ number as u8).collect();
    fs::write(world.drop("large"), &bytes).unwrap();
    let server = served(&world);
    assert!(get(&server, "/drop/large", "").body == bytes);
    let middle = get(&server, "/drop/large", "Range: bytes=1000001-15000000\n");
    assert!(middle.body == bytes[1_000_001..=15_000_000]);
    fs::write(world.drop("empty"), "").unwrap();
    assert_eq!(get(&server, "/drop/empty", "").status, 200);
}

#[test]
fn responses_to_requests_that_were_sent_ahead_keep_their_order_and_their_bytes() {
    let world = World::new();
    let bytes: Vec<u8> = (0..9_000_000_u32).map(|number| (number >> 11) as u8 ^ number as u8).collect();
    fs::write(world.drop("large"), &bytes).unwrap();
    let server = served(&world);
    let mut connection = server.connect();
    let ranges = [(0, 8_999_999), (1, 65_536), (70_000, 135_535), (262_143, 4_000_000)];
    for (first, last) in ranges {
        connection.send(&format!("GET /drop/large HTTP/1.1\nHost: x\nRange: bytes={first}-{last}\n"), b"");
        connection.send("GET /drop/letters HTTP/1.1\nHost: x\n", b"");
    }
    let parts = "GET /drop/large HTTP/1.1\nHost: x\nRange: bytes=5-500000, 600000-600009, 700000-1700000\n";
    connection.send(parts, b"");
    for (first, last) in ranges {
        assert!(connection.response().body == bytes[first..=last], "{first}-{last}");
        assert_eq!(connection.response().body, TEXT);
    }
    let body = connection.response().body;
    for part in [&bytes[5..=500_000], &bytes[600_000..=600_009], &bytes[700_000..=1_700_000]] {
        assert!(body.windows(part.len()).any(|window| window == part));
    }
}

#[test]
fn a_file_that_becomes_shorter_ends_its_connection() {
    let world = World::new();
    let large = fs::File::create(world.drop("large")).unwrap();
    large.set_len(256 << 20).unwrap();
    let server = served(&world);
    let mut connection = server.connect();
    connection.send("GET /drop/large HTTP/1.1\nHost: x\n", b"");
    // Nobody reads: most of the file is not yet on its way.
    assert_eq!(connection.head_response().header("Content-Length"), Some("268435456"));
    large.set_len(0).unwrap();
    assert!(connection.rest().len() < 256 << 20);
    assert_eq!(get(&server, "/drop/letters", "").body, TEXT);
}

#[test]
fn many_requests_use_one_connection() {
    let world = World::new();
    let server = served(&world);
    let mut connection = server.connect();
    for _ in 0..100 {
        let response = connection.ask("GET /drop/letters HTTP/1.1\nHost: x\n", b"");
        assert_eq!(response.body, TEXT);
    }
}

/// curl continues an interrupted download of a file that did not change.
#[test]
fn curl_continues_a_download() {
    let world = World::new();
    let server = served(&world);
    let part = world.path("part");
    fs::File::create(&part).unwrap().write_all(&TEXT[..10]).unwrap();
    let url = format!("http://{}/drop/letters", server.address);
    let status =
        Command::new("curl").args(["-sS", "--noproxy", "*", "-C", "-", "-o"]).arg(&part).arg(url).status();
    let Ok(status) = status else {
        assert!(std::env::var_os("BGCOPY_REQUIRE_TOOLS").is_none(), "curl is not installed");
        return;
    };
    assert!(status.success());
    assert_eq!(fs::read(&part).unwrap(), TEXT);
}
