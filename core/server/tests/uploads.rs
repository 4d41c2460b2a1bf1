//! Rules of uploads, against the running server.

mod support;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;
use std::sync::Barrier;

use support::{World, create, ending, fragment, packet, ping};

const LOST: (u16, &str, &str) = (500, "0x8020001F", "0x5");
const MALFORMED: (u16, &str, &str) = (400, "0x80070057", "0x5");
const DENIED: (u16, &str, &str) = (403, "0x80070005", "0x5");

/// Uploads a file whole with one Fragment.
fn upload(server: &support::Server, path: &str, bytes: &[u8]) -> support::Response {
    let mut connection = server.connect();
    let session = connection.create(path);
    let range = match bytes.len() {
        0 => "0-0/0".to_owned(),
        length => format!("0-{}/{length}", length - 1),
    };
    let response = connection.ask(&fragment(path, &session, &range, bytes.len()), bytes);
    connection.ask(&ending(path, "Close-Session", &session), b"");
    response
}

#[test]
fn an_acknowledged_byte_survives_a_killed_server() {
    let world = World::new();
    let bytes: Vec<u8> = (0..3_000_000_u32).map(|number| (number >> 8) as u8 ^ number as u8).collect();
    let total = bytes.len();
    let session = {
        let server = world.serve("");
        let mut connection = server.connect();
        let session = connection.create("/drop/big");
        let head = fragment("/drop/big", &session, &format!("0-999999/{total}"), 1_000_000);
        assert_eq!(connection.ask(&head, &bytes[..1_000_000]).received(), (200, "1000000"));
        server.kill();
        session
    };
    let server = world.serve("");
    let mut connection = server.connect();
    assert_eq!(connection.ask(&ping("/drop/big"), b"").status, 200);
    let other = fragment("/drop/big", &session, "1000000-1000009/3000001", 10);
    assert_eq!(connection.ask(&other, &[0; 10]).failure(), MALFORMED, "the size is remembered");
    let head = fragment("/drop/big", &session, &format!("1000000-2999999/{total}"), 2_000_000);
    assert_eq!(connection.ask(&head, &bytes[1_000_000..]).received(), (200, "3000000"));
    assert!(fs::read(world.drop("big")).unwrap() == bytes);
    // The Ack of the last Fragment was lost, and then the server.
    server.kill();
    let server = world.serve("");
    let mut connection = server.connect();
    assert_eq!(connection.ask(&head, &bytes[1_000_000..]).received(), (200, "3000000"));
    assert_eq!(connection.ask(&ending("/drop/big", "Close-Session", &session), b"").status, 200);
    assert!(fs::read(world.drop("big")).unwrap() == bytes);
    assert_eq!(world.sessions(), 0);
}

#[test]
fn the_part_of_a_fragment_that_arrived_counts() {
    let world = World::new();
    let server = world.serve("");
    let session = server.connect().create("/drop/a");
    let mut cut = server.connect();
    cut.send(&fragment("/drop/a", &session, "0-99/100", 100), &[1; 60]);
    drop(cut);
    // The server learns of it some time; the first answer that tells is good.
    let next = loop {
        let head = fragment("/drop/a", &session, "99-99/100", 1);
        let response = server.ask(&head, &[1]);
        if response.received().1 != "0" {
            break response;
        }
        std::thread::yield_now();
    };
    assert_eq!(next.received(), (416, "60"));
    let rest = server.ask(&fragment("/drop/a", &session, "60-99/100", 40), &[1; 40]);
    assert_eq!(rest.received(), (200, "100"));
    assert_eq!(fs::read(world.drop("a")).unwrap(), [1; 100]);
}

#[test]
fn an_overlap_is_accepted_and_bytes_that_are_there_win() {
    let world = World::new();
    let server = world.serve("");
    let session = server.connect().create("/drop/a");
    assert_eq!(server.ask(&fragment("/drop/a", &session, "0-9/20", 10), &[1; 10]).received(), (200, "10"));
    assert_eq!(server.ask(&fragment("/drop/a", &session, "5-19/20", 15), &[2; 15]).received(), (200, "20"));
    let mut expected = vec![1; 10];
    expected.extend([2; 10]);
    assert_eq!(fs::read(world.drop("a")).unwrap(), expected);
}

#[test]
fn a_newer_fragment_ends_the_waiting_of_an_older_one() {
    let world = World::new();
    let server = world.serve("");
    let session = server.connect().create("/drop/a");
    let mut stuck = server.connect();
    stuck.send(&fragment("/drop/a", &session, "0-9/10", 10), b"");
    let newer = server.ask(&fragment("/drop/a", &session, "0-9/10", 10), &[3; 10]);
    assert_eq!(newer.received(), (200, "10"));
    drop(stuck);
    assert_eq!(fs::read(world.drop("a")).unwrap(), [3; 10]);
}

#[test]
fn an_empty_file_is_one_fragment_without_bytes() {
    let world = World::new();
    let server = world.serve("");
    assert_eq!(upload(&server, "/drop/empty", b"").received(), (200, "0"));
    assert_eq!(fs::read(world.drop("empty")).unwrap(), b"");
}

#[test]
fn close_before_the_end_and_cancel_publish_nothing_and_cancel_after_it_keeps_the_file() {
    let world = World::new();
    let server = world.serve("");
    for kind in ["Close-Session", "Cancel-Session"] {
        let session = server.connect().create("/drop/part");
        server.ask(&fragment("/drop/part", &session, "0-9/20", 10), &[1; 10]);
        assert_eq!(server.ask(&ending("/drop/part", kind, &session), b"").status, 200);
        assert_eq!(server.ask(&ending("/drop/part", kind, &session), b"").failure(), LOST);
    }
    assert!(!world.drop("part").exists());
    let session = server.connect().create("/drop/whole");
    server.ask(&fragment("/drop/whole", &session, "0-9/10", 10), &[1; 10]);
    assert_eq!(server.ask(&ending("/drop/whole", "Cancel-Session", &session), b"").status, 200);
    assert_eq!(fs::read(world.drop("whole")).unwrap(), [1; 10]);
    assert_eq!(world.sessions(), 0);
}

#[test]
fn close_answers_404_when_the_stored_upload_vanished() {
    let world = World::new();
    let server = world.serve("");
    let session = server.connect().create("/drop/a");
    server.ask(&fragment("/drop/a", &session, "0-9/20", 10), &[1; 10]);
    fs::remove_file(world.drop(&format!("BITS-Sessions/Requests/{session}/requestfile.bin"))).unwrap();
    let closed = server.ask(&ending("/drop/a", "Close-Session", &session), b"");
    assert_eq!(closed.failure(), (404, "0x80070002", "0x5"));
}

#[test]
fn a_session_belongs_to_its_file() {
    let world = World::new();
    let server = world.serve("");
    let session = server.connect().create("/drop/a");
    assert_eq!(server.ask(&fragment("/drop/b", &session, "0-9/10", 10), &[1; 10]).failure(), LOST);
    assert_eq!(server.ask(&ending("/drop/b", "Cancel-Session", &session), b"").failure(), LOST);
    assert_eq!(server.ask(&fragment("/drop/a", &session, "0-9/10", 10), &[1; 10]).received(), (200, "10"));
}

#[test]
fn a_target_must_be_a_file_in_a_directory_that_is_there() {
    let world = World::new();
    fs::create_dir_all(world.drop("sub/deep")).unwrap();
    fs::write(world.drop("file"), "").unwrap();
    let server = world.serve("");
    let ask = |path: &str| {
        let response = server.ask(&create(path), b"");
        let (status, code, context) = response.failure();
        (status, code.to_owned(), context.to_owned())
    };
    let owned = |(status, code, context): (u16, &str, &str)| (status, code.to_owned(), context.to_owned());
    for path in ["/drop", "/drop/", "/drop/sub", "/drop/sub/", "/drop/new/"] {
        assert_eq!(ask(path), owned(MALFORMED), "{path}");
    }
    for path in ["/drop/none/a", "/drop/file/a"] {
        assert_eq!(ask(path), owned((404, "0x80070003", "0x5")), "{path}");
    }
    assert_eq!(upload(&server, "/drop/sub/deep/a%20b?account=1", b"x").received(), (200, "1"));
    assert_eq!(fs::read(world.drop("sub/deep/a b")).unwrap(), b"x");
}

#[test]
fn no_path_and_no_link_leads_out_of_the_directory() {
    let world = World::new();
    fs::create_dir(world.path("outside")).unwrap();
    symlink(world.path("outside"), world.drop("link")).unwrap();
    symlink(world.path("outside/target"), world.drop("dangling")).unwrap();
    let server = world.serve("allow_overwrites = true\n");
    for path in [
        "/drop/../outside/a",
        "/drop/%2e%2e/outside/a",
        "/drop/..%2foutside/a",
        "/drop/.%2E/outside/a",
        "/drop/..%5coutside%5ca",
        "/drop/%2e%2e%2foutside%2fa",
        "/drop/a%00",
        "/drop/./a",
        "/drop//a",
        "/drop/%c0%ae%c0%ae/a",
        "/drop/%",
    ] {
        let response = server.ask(&create(path), b"");
        assert_eq!(response.failure(), MALFORMED, "{path}");
    }
    assert_eq!(server.ask(&create("/drop/link/a"), b"").failure(), (404, "0x80070003", "0x5"));
    // A link is replaced by the file, not followed.
    assert_eq!(upload(&server, "/drop/dangling", b"x").received(), (200, "1"));
    assert!(!world.drop("dangling").is_symlink());
    for path in ["/drop/BITS-Sessions/a", "/drop/bits-sessions/Requests/a"] {
        assert_eq!(server.ask(&create(path), b"").failure(), DENIED, "{path}");
    }
    // A link that is put in the way later is not followed either.
    fs::create_dir(world.drop("sub")).unwrap();
    let session = server.connect().create("/drop/sub/a");
    fs::remove_dir(world.drop("sub")).unwrap();
    symlink(world.path("outside"), world.drop("sub")).unwrap();
    let last = server.ask(&fragment("/drop/sub/a", &session, "0-0/1", 1), b"x");
    assert_eq!(last.failure(), (404, "0x80070003", "0x5"));
    assert_eq!(fs::read_dir(world.path("outside")).unwrap().count(), 0);
}

#[test]
fn a_file_is_replaced_only_with_allow_overwrites_and_the_first_of_two_wins() {
    let world = World::new();
    {
        let server = world.serve("");
        let first = server.connect().create("/drop/a");
        let second = server.connect().create("/drop/a");
        assert_eq!(server.ask(&fragment("/drop/a", &first, "0-0/1", 1), b"1").received(), (200, "1"));
        let late = fragment("/drop/a", &second, "0-0/1", 1);
        assert_eq!(server.ask(&late, b"2").failure(), DENIED);
        assert_eq!(server.ask(&create("/drop/a"), b"").failure(), DENIED);
        assert_eq!(fs::read(world.drop("a")).unwrap(), b"1");
        // The bytes of the second are kept, for when the first file is gone.
        fs::remove_file(world.drop("a")).unwrap();
        assert_eq!(server.ask(&late, b"2").received(), (200, "1"));
        assert_eq!(fs::read(world.drop("a")).unwrap(), b"2");
    }
    let server = world.serve("allow_overwrites = true\n");
    assert_eq!(upload(&server, "/drop/a", b"3").received(), (200, "1"));
    assert_eq!(fs::read(world.drop("a")).unwrap(), b"3");
}

#[test]
fn limits_of_size_and_number_are_kept() {
    let world = World::new();
    let server = world.serve("maximum_temporary_bytes = 100\nmaximum_sessions = 2\n");
    let session = server.connect().create("/drop/a");
    let full = server.ask(&fragment("/drop/a", &session, "0-9/101", 10), &[1; 10]);
    assert_eq!(full.failure(), (500, "0x80070070", "0x5"));
    assert_eq!(server.ask(&fragment("/drop/a", &session, "0-9/20", 10), &[1; 10]).received(), (200, "10"));
    server.connect().create("/drop/b");
    assert_eq!(server.ask(&create("/drop/c"), b"").failure(), (503, "0x800700AA", "0x5"));
    assert_eq!(server.ask(&ending("/drop/a", "Cancel-Session", &session), b"").status, 200);
    server.connect().create("/drop/c");
}

#[test]
fn a_session_without_progress_ends_after_its_timeout_and_the_clean_up_removes_it() {
    let world = World::new();
    let session = {
        let server = world.serve("");
        let session = server.connect().create("/drop/a");
        server.ask(&fragment("/drop/a", &session, "0-9/20", 10), &[1; 10]);
        session
    };
    assert_eq!(world.sessions(), 1);
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(3_600);
    for file in ["session.toml", "requestfile.bin"] {
        let path = world.drop(&format!("BITS-Sessions/Requests/{session}/{file}"));
        fs::File::options().write(true).open(path).unwrap().set_modified(old).unwrap();
    }
    let server = world.serve("session_timeout = 3000\n");
    let late = server.ask(&fragment("/drop/a", &session, "10-19/20", 10), &[1; 10]);
    assert_eq!(late.failure(), LOST);
    // It was found expired at once; the clean-up at the start removes what is left.
    while world.sessions() > 0 {
        std::thread::yield_now();
    }
}

#[test]
fn where_uploads_are_disabled_the_sessions_end() {
    let world = World::new();
    let session = world.serve("").connect().create("/drop/a");
    assert_eq!(world.sessions(), 1);
    let server = world.serve_file(&format!(
        "listen = [\"127.0.0.1:0\"]\n[[directory]]\nurl_prefix = \"/drop\"\npath = {:?}\nanonymous = true\n",
        world.path("drop")
    ));
    let later = server.ask(&fragment("/drop/a", &session, "0-0/1", 1), b"x");
    assert_eq!(later.failure(), (501, "0x80070005", "0x5"));
    assert_eq!(world.sessions(), 0);
}

#[test]
fn an_unreadable_session_is_moved_aside_and_the_others_are_found() {
    let world = World::new();
    let server = world.serve("");
    let (good, bad) = (server.connect().create("/drop/a"), server.connect().create("/drop/b"));
    server.kill();
    fs::write(world.drop(&format!("BITS-Sessions/Requests/{bad}/session.toml")), "id = ").unwrap();
    let server = world.serve("");
    assert_eq!(server.ask(&fragment("/drop/a", &good, "0-0/1", 1), b"x").received(), (200, "1"));
    assert_eq!(server.ask(&fragment("/drop/b", &bad, "0-0/1", 1), b"x").failure(), LOST);
    assert!(world.drop(&format!("BITS-Sessions/Unreadable/{bad}/session.toml")).exists());
}

#[test]
fn the_directory_of_an_ended_session_serves_the_next_one_and_tells_it_nothing() {
    let world = World::new();
    let server = world.serve("");
    assert_eq!(upload(&server, "/drop/first-with-a-longer-name", b"whole").received(), (200, "5"));
    let session = server.connect().create("/drop/b");
    let record = world.drop(&format!("BITS-Sessions/Requests/{session}/session.toml"));
    let text = fs::read_to_string(&record).unwrap();
    assert!(text.contains("/drop/b") && !text.contains("first"), "{text}");
    assert_eq!(fs::read_dir(world.drop("BITS-Sessions/Spare")).unwrap().count(), 0);
    server.kill();

    let server = world.serve("");
    assert_eq!(server.ask(&fragment("/drop/b", &session, "0-0/2", 1), b"x").received(), (200, "1"));
    server.kill();
    // After a loss of power the directory may have the new name, and the record of the session before.
    let lost = "{00000000-0000-4000-8000-000000000000}";
    let directory = world.drop(&format!("BITS-Sessions/Requests/{lost}"));
    fs::create_dir(&directory).unwrap();
    fs::copy(&record, directory.join("session.toml")).unwrap();

    let server = world.serve("");
    assert!(!directory.exists() && !world.drop("BITS-Sessions/Unreadable").exists());
    assert_eq!(server.ask(&fragment("/drop/b", &session, "1-1/2", 1), b"y").received(), (200, "2"));
    assert_eq!(fs::read(world.drop("b")).unwrap(), b"xy");
    assert_eq!(fs::read(world.drop("first-with-a-longer-name")).unwrap(), b"whole");
}

#[test]
fn requests_that_are_no_packets() {
    let world = World::new();
    let server = world.serve("");
    let session = server.connect().create("/drop/a");
    let valid = fragment("/drop/a", &session, "0-9/10", 10);
    let chunked = valid.replace("Content-Length: 10", "Transfer-Encoding: chunked");
    assert_eq!(server.ask(&chunked, b"a\r\n0123456789\r\n0\r\n\r\n").failure(), MALFORMED);
    let encoded = valid.replace("Content-Range", "Content-Encoding: gzip\nContent-Range");
    assert_eq!(server.ask(&encoded, &[1; 10]).failure(), (415, "0x80070057", "0x5"));
    assert_eq!(server.ask(&valid.replace("HTTP/1.1", "HTTP/1.0"), &[1; 10]).status, 505);
    assert_eq!(server.ask("DELETE /drop/a HTTP/1.1\nHost: x\n", b"").status, 405);
    let absolute = valid.replace("BITS_POST /drop", "BITS_POST http://files.example.net/drop");
    assert_eq!(server.ask(&absolute, &[1; 10]).received(), (200, "10"));
}

#[test]
fn lenient_length_lets_packets_without_body_come_without_a_length() {
    let world = World::new();
    let server = world.serve("lenient_length = true\n");
    let lengthless = |head: String| head.replace("Content-Length: 0\n", "");
    let created = server.ask(&lengthless(create("/drop/a")), b"");
    assert_eq!(created.status, 200);
    let session = created.header("BITS-Session-Id").unwrap();
    let ended = server.ask(&lengthless(ending("/drop/a", "Cancel-Session", session)), b"");
    assert_eq!(ended.status, 200);
}

#[test]
fn a_client_that_waits_for_permission_to_send_gets_it_or_the_refusal() {
    let world = World::new();
    let server = world.serve("");
    let session = server.connect().create("/drop/a");
    let head = |session: &str| {
        fragment("/drop/a", session, "0-9/10", 10).replace("Accept:", "Expect: 100-continue\nAccept:")
    };
    let refused = server.ask(&head("{00000000-0000-0000-0000-000000000000}"), b"");
    assert_eq!(refused.failure(), LOST);
    let mut connection = server.connect();
    connection.send(&head(&session), b"");
    connection.raw(&[1; 10]).unwrap();
    assert_eq!(connection.response().received(), (200, "10"));
}

#[test]
fn a_client_that_falls_silent_loses_its_connection() {
    let world = World::new();
    let server = world.serve_file(&format!(
        "listen = [\"127.0.0.1:0\"]\nidle_timeout = 1\n[[directory]]\nurl_prefix = \"/drop\"\npath = {:?}\n\
         upload_enabled = true\nanonymous = true\n",
        world.path("drop")
    ));
    let session = server.connect().create("/drop/a");
    let mut head = server.connect();
    head.raw(b"BITS_POST /drop/a HT").unwrap();
    let mut body = server.connect();
    body.send(&fragment("/drop/a", &session, "0-9/10", 10), &[1; 5]);
    assert!(body.try_response(false).is_none());
    assert!(head.try_response(false).is_none_or(|response| response.status == 408));
}

#[test]
fn a_server_that_ends_finishes_requests_under_way_and_takes_no_new_ones() {
    let world = World::new();
    let server = world.serve("");
    let session = server.connect().create("/drop/a");
    let mut connection = server.connect();
    connection.send(&fragment("/drop/a", &session, "0-9/10", 10), &[1; 5]);
    // It is under way when its part is on disk.
    let data = world.drop(&format!("BITS-Sessions/Requests/{session}/requestfile.bin"));
    while !data.exists() {
        std::thread::yield_now();
    }
    let told = Command::new("kill").arg(server.id().to_string()).status().unwrap();
    assert!(told.success());
    while std::net::TcpStream::connect(server.address).is_ok() {
        std::thread::yield_now();
    }
    connection.raw(&[1; 5]).unwrap();
    assert_eq!(connection.response().received(), (200, "10"));
    assert!(server.wait().success());
    assert_eq!(fs::read(world.drop("a")).unwrap(), [1; 10]);
}

#[test]
fn two_servers_do_not_receive_into_one_directory() {
    let world = World::new();
    let _server = world.serve("");
    let second =
        Command::new(env!("CARGO_BIN_EXE_bgcopy-server")).arg(world.path("server.toml")).output().unwrap();
    assert!(!second.status.success());
    let text = String::from_utf8(second.stderr).unwrap();
    assert!(text.contains("another server receives uploads there"), "{text}");
}

#[test]
fn uploads_at_the_same_time_all_arrive() {
    let world = World::new();
    let server = world.serve("");
    let barrier = Barrier::new(32);
    std::thread::scope(|scope| {
        for number in 0..32 {
            let (server, barrier) = (&server, &barrier);
            scope.spawn(move || {
                barrier.wait();
                let bytes = vec![number; 10_000];
                let path = format!("/drop/{number}");
                assert_eq!(upload(server, &path, &bytes).received(), (200, "10000"));
            });
        }
    });
    for number in 0..32_u8 {
        assert_eq!(fs::read(world.drop(&number.to_string())).unwrap(), vec![number; 10_000]);
    }
    assert_eq!(world.sessions(), 0);
}

#[test]
fn a_published_file_has_the_permissions_of_new_files_and_its_session_is_private() {
    let world = World::new();
    let server = world.serve("");
    assert_eq!(upload(&server, "/drop/a", b"x").received(), (200, "1"));
    fs::write(world.drop("b"), "").unwrap();
    let mode = |name: &str| fs::metadata(world.drop(name)).unwrap().permissions().mode();
    assert_eq!(mode("a"), mode("b"));
    assert_eq!(mode("BITS-Sessions") & 0o777, 0o700);
}

#[test]
fn headers_of_another_protocol_are_ignored() {
    let world = World::new();
    let server = world.serve("");
    let head = packet("/drop/a", "X-Other: 1\nBITS-Packet-Type: Ping\nBITS-Unknown: 2\n", 0);
    assert_eq!(server.ask(&head, b"").status, 200);
}

/// A client that is not ours: curl, as the script of the examples runs it.
#[test]
fn curl_uploads_and_goes_on_where_it_was() {
    if Command::new("curl").arg("--version").output().is_err() {
        assert!(std::env::var_os("BGCOPY_REQUIRE_TOOLS").is_none(), "curl is not installed");
        eprintln!("curl is not installed: left out");
        return;
    }
    let world = World::new();
    let server = world.serve("");
    let bytes: Vec<u8> = (0..5_000_000_u32).map(|number| (number >> 12) as u8 ^ number as u8).collect();
    fs::write(world.path("source"), &bytes).unwrap();
    let session = server.connect().create("/drop/a");
    let head = fragment("/drop/a", &session, "0-999999/5000000", 1_000_000);
    assert_eq!(server.ask(&head, &bytes[..1_000_000]).received(), (200, "1000000"));
    let output = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/upload.sh"))
        .arg(world.path("source"))
        .arg(format!("http://{}/drop/a", server.address))
        .env("SESSION", session)
        .env("no_proxy", "127.0.0.1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(fs::read(world.drop("a")).unwrap() == bytes);
    assert_eq!(world.sessions(), 0);
}
