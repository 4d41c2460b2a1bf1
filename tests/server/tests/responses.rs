//! Well-behaved and odd responses: content, validators, ranges, framing.

mod client;

use std::io::{Read, Write};

use bgcopy_testserver::{Resource, Server, content};
use client::{ask, connect, get, receive};

#[test]
fn generated_content_is_what_the_formula_says_at_any_range() {
    let server = Server::start();
    let whole = content::bytes(7, 0, 0, 600_001);
    let reply = get(&server, "/file/600001/some/name.bin?seed=7");
    assert_eq!((reply.status(), reply.length()), (200, Some(600_001)));
    assert!(reply.body == whole);

    let reply = ask(&server, "GET", "/file/600001?seed=7", &["Range: bytes=599999-"]);
    assert_eq!(reply.status(), 206);
    assert_eq!(reply.header("Content-Range"), Some("bytes 599999-600000/600001"));
    assert_eq!(reply.body, whole[599_999..]);

    let reply = ask(&server, "GET", "/file/10?seed=7", &["Range: bytes=10-"]);
    assert_eq!((reply.status(), reply.header("Content-Range")), (416, Some("bytes */10")));
}

#[test]
fn validators_and_versions_follow_the_script() {
    let server = Server::start();
    let etag = |target: &str| get(&server, target).header("ETag").map(str::to_owned);
    let date = |target: &str| get(&server, target).header("Last-Modified").map(str::to_owned);
    assert_ne!(etag("/file/9"), etag("/file/9?version=1"));
    assert_ne!(date("/file/9"), date("/file/9?version=1"));
    assert_eq!(date("/file/9?date=fixed"), date("/file/9?date=fixed&version=1"));
    assert_eq!((etag("/file/9?etag=none"), date("/file/9?date=off")), (None, None));
    assert!(etag("/file/9?etag=weak").unwrap().starts_with("W/\""));
    let flips: Vec<_> = (0..3).map(|_| etag("/file/9?etag=flip")).collect();
    assert!(flips[0] != flips[1] && flips[0] == flips[2], "{flips:?}");
    assert_ne!(get(&server, "/file/99").body, get(&server, "/file/99?version=1").body);
}

#[test]
fn if_range_decides_between_part_and_whole_unless_scripted_otherwise() {
    let server = Server::start();
    let etag = get(&server, "/file/9").header("ETag").unwrap().to_owned();
    let status = |target: &str, tag: &str| {
        ask(&server, "GET", target, &["Range: bytes=1-", &format!("If-Range: {tag}")]).status()
    };
    assert_eq!(status("/file/9", &etag), 206);
    assert_eq!(status("/file/9", "\"other\""), 200);
    assert_eq!(status("/file/9?ranges=ignore-if-range", "\"other\""), 206);
    assert_eq!(status("/file/9?ranges=refuse-if-range", &etag), 200);
    assert_eq!(status("/file/9?ranges=off", &etag), 200);
}

#[test]
fn ranges_can_be_answered_wrongly() {
    let server = Server::start();
    let range = |how: &str| ask(&server, "GET", &format!("/file/100?ranges={how}"), &["Range: bytes=10-19"]);
    assert_eq!(range("on").header("Content-Range"), Some("bytes 10-19/100"));
    assert_eq!(range("wrong-start").header("Content-Range"), Some("bytes 11-19/100"));
    assert_eq!(range("wrong-total").header("Content-Range"), Some("bytes 10-19/101"));
    let bare = range("no-content-range");
    assert_eq!((bare.status(), bare.header("Content-Range"), bare.body.len()), (206, None, 10));
    assert_eq!((range("off").status(), range("off").header("Accept-Ranges")), (200, Some("none")));
    let multipart = range("multipart");
    assert_eq!(multipart.length(), Some(multipart.body.len()));
    assert!(multipart.header("Content-Type").unwrap().starts_with("multipart/byteranges"));
    let two = ["Range: bytes=0-1,5-6"];
    assert_eq!(ask(&server, "GET", "/file/100", &two).status(), 206);
    assert_eq!(ask(&server, "GET", "/file/100?ranges=single", &two).status(), 200);
}

#[test]
fn head_can_be_refused_or_say_nothing() {
    let server = Server::start();
    for (how, status) in
        [("ok", 200), ("403", 403), ("404", 404), ("405", 405), ("501", 501), ("no-length", 200)]
    {
        let reply = ask(&server, "HEAD", &format!("/file/100?head={how}"), &[]);
        assert_eq!((reply.status(), reply.body.len()), (status, 0), "{how}");
        assert_eq!(reply.length() == Some(100), how == "ok", "{how}");
        assert_eq!(get(&server, &format!("/file/100?head={how}")).body.len(), 100, "{how}");
    }
}

#[test]
fn a_body_can_be_framed_in_each_way() {
    let server = Server::start();
    let whole = content::bytes(0, 0, 0, 1000);

    let chunked = get(&server, "/file/1000?chunked=1");
    assert_eq!((chunked.length(), chunked.header("Transfer-Encoding")), (None, Some("chunked")));
    assert_eq!(chunked.body, [b"3e8\r\n", &whole[..], b"\r\n0\r\n\r\n"].concat());
    assert_eq!(ask(&server, "HEAD", "/file/1000?chunked=1", &[]).length(), Some(1000));

    let open = get(&server, "/file/1000?no_length=1");
    assert_eq!((open.length(), open.header("Connection")), (None, Some("close")));
    assert_eq!(open.body, whole);

    let old = get(&server, "/file/1000?http10=1");
    assert!(old.head.starts_with("HTTP/1.0 200"), "{}", old.head);
    assert_eq!(old.body, whole);
}

#[test]
fn connections_are_kept_and_named_unless_told_otherwise() {
    let server = Server::start();
    let mut stream = connect(server.ports().http);
    for target in ["/file/3", "/file/4", "/file/5?keepalive=off"] {
        stream.write_all(format!("GET {target} HTTP/1.1\r\nHost: test\r\n\r\n").as_bytes()).unwrap();
        if target == "/file/3" {
            let mut first = [0; 1];
            stream.read_exact(&mut first).unwrap();
        }
    }
    let rest = receive(&mut stream);
    assert!(rest.body.ends_with(&content::bytes(0, 0, 0, 5)), "the last response came, then the end");
    let connections: Vec<_> = server.log().iter().map(|entry| entry.connection).collect();
    assert_eq!(connections, [connections[0]; 3]);
    get(&server, "/file/3");
    assert_ne!(server.log()[3].connection, connections[0]);
}

#[test]
fn heads_can_be_large_and_carry_what_one_likes() {
    let server = Server::start();
    let reply =
        get(&server, "/file/3?big_headers=50000&header=X-One:%20a&header=X-Two:%20b&content_encoding=gzip");
    assert!(reply.head.len() > 50_000);
    assert_eq!((reply.header("X-One"), reply.header("X-Two")), (Some("a"), Some("b")));
    assert_eq!((reply.header("Content-Encoding"), reply.body.len()), (Some("gzip"), 3));
}

#[test]
fn redirects_lead_on_or_in_circles() {
    let server = Server::start();
    let target = "/redirect/2?to=%2Ffile%2F3%3Fseed%3D1&status=307";
    let first = get(&server, target);
    assert_eq!(
        (first.status(), first.header("Location")),
        (307, Some("/redirect/1?to=%2Ffile%2F3%3Fseed%3D1&status=307"))
    );
    let second = get(&server, first.header("Location").unwrap());
    assert_eq!((second.status(), second.header("Location")), (307, Some("/file/3?seed=1")));
    let circle = get(&server, "/file/3?redirect_loop=1");
    assert_eq!((circle.status(), circle.header("Location")), (302, Some("/file/3?redirect_loop=1")));
    let away = get(&server, "/file/3?redirect=http://other/x&redirect_status=308");
    assert_eq!((away.status(), away.header("Location")), (308, Some("http://other/x")));
}

#[test]
fn a_named_resource_changes_in_mid_test_and_keeps_its_counters() {
    let server = Server::start();
    server.add("/r/a", Resource::seeded(100, 1).script("fail_first=1"));
    assert_eq!(get(&server, "/r/a").status(), 503);
    let old = get(&server, "/r/a");
    assert_eq!((old.status(), &old.body), (200, &content::bytes(1, 0, 0, 100)));
    server.change("/r/a", "version=1&size=50");
    let new = get(&server, "/r/a");
    assert_eq!((new.status(), &new.body), (200, &content::bytes(1, 1, 0, 50)));
    assert_ne!(old.header("ETag"), new.header("ETag"));
    server.add("/r/a", Resource::bytes("hello"));
    assert_eq!(get(&server, "/r/a").body, b"hello");
    server.remove("/r/a");
    assert_eq!(get(&server, "/r/a").status(), 404);
}

#[test]
fn content_changes_after_so_many_bytes_between_or_within_responses() {
    let server = Server::start();
    let target = "/file/1000?change_after=1500&change_size=900";
    assert_eq!(get(&server, target).body, content::bytes(0, 0, 0, 1000));
    assert_eq!(get(&server, target).body, content::bytes(0, 0, 0, 1000), "a response goes on as it began");
    assert_eq!(get(&server, target).body, content::bytes(0, 1, 0, 900));

    let mixed = get(&server, "/file/1000?change_after=300&change_in_place=1").body;
    assert_eq!(mixed[..300], content::bytes(0, 0, 0, 300));
    assert_eq!(mixed[300..], content::bytes(0, 1, 300, 700));
}

#[test]
fn basic_credentials_are_demanded_and_recognised() {
    let server = Server::start();
    let target = "/file/3?auth=basic&user=Aladdin&password=open%20sesame";
    let refused = get(&server, target);
    assert_eq!((refused.status(), refused.header("WWW-Authenticate")), (401, Some("Basic realm=\"test\"")));
    let given = ["Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="];
    assert_eq!(ask(&server, "GET", target, &given).status(), 200);
}

#[test]
fn a_misspelt_parameter_is_an_error() {
    let server = Server::start();
    for target in ["/file/3?rnages=off", "/file/3?ranges=of", "/file/three", "/redirect/1"] {
        assert_eq!(get(&server, target).status(), 400, "{target}");
    }
    assert_eq!(get(&server, "/file/3?x-signature=1").status(), 200);
    assert_eq!(get(&server, "/nothing").status(), 404);
}
