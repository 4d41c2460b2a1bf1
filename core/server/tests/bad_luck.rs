//! What may go wrong, against the running server: it refuses or serves, tells why, goes on, and nothing has its name before
//! it is whole.

mod support;

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};
use std::time::Duration;

use support::{Server, World, create, ending, fragment, packet, ping};

const LOST: (u16, &str, &str) = (500, "0x8020001F", "0x5");
const MALFORMED: (u16, &str, &str) = (400, "0x80070057", "0x5");
const FULL: (u16, &str, &str) = (500, "0x80070070", "0x5");

fn serve(world: &World, general: &str, settings: &str) -> Server {
    world.serve_file(&format!(
        "listen = [\"127.0.0.1:0\"]\n{general}\n[[directory]]\nurl_prefix = \"/drop\"\npath = {:?}\n\
         upload_enabled = true\nanonymous = true\n{settings}\n",
        world.path("drop")
    ))
}

#[test]
fn a_full_disk_is_told_in_answer_and_log_and_the_upload_goes_on_when_there_is_room() {
    let world = World::new();
    serve(&world, "", "download_enabled = true\n").kill();
    // A small disk of its own, in a name space where one may be mounted.
    let script = "mount -t tmpfs -o size=1m tmpfs \"$1\" && exec \"$0\" \"$2\"";
    let unshare = |program: &str, then: &str| {
        let mut command = Command::new("unshare");
        command.args(["-rm", "sh", "-c", script, program]).arg(world.path("drop")).arg(then);
        command.stdin(Stdio::null());
        command
    };
    if !unshare("true", "x").status().is_ok_and(|status| status.success()) {
        eprintln!("this system mounts nothing for a test: left out");
        return;
    }
    let configuration = world.path("server.toml");
    let mut command = unshare(env!("CARGO_BIN_EXE_bgcopy-server"), configuration.to_str().unwrap());
    let server = Server::run(&mut command);
    let size = 800_000;
    let upload = |path: &str| {
        let session = server.connect().create(path);
        let head = fragment(path, &session, &format!("0-{}/{size}", size - 1), size);
        (session, server.ask(&head, &vec![7; size]))
    };
    let (first, answer) = upload("/drop/a");
    assert_eq!(answer.received(), (200, "800000"));
    server.ask(&ending("/drop/a", "Close-Session", &first), b"");
    let (second, answer) = upload("/drop/b");
    assert_eq!(answer.failure(), FULL);
    server.logged("an upload cannot be stored: No space left on device");
    assert_eq!(server.ask(&ping("/drop/b"), b"").status, 200, "a Ping needs no disk");
    let get = |path: &str| server.ask(&format!("GET {path} HTTP/1.1\nHost: x\n"), b"");
    assert_eq!((get("/drop/b").status, get("/drop/a").body.len()), (404, size));
    // Asked where it is, the server has no room for a note of it either, or knows that bytes are missing.
    let held = server.ask(&fragment("/drop/b", &second, "799999-799999/800000", 1), &[7]);
    assert!(held.status == 416 || held.failure() == FULL, "{held:?}");
    // What is given up makes room.
    let ended = server.ask(&ending("/drop/b", "Cancel-Session", &second), b"");
    assert_eq!(ended.status, 200);
    let session = server.connect().create("/drop/d");
    assert_eq!(
        server.ask(&fragment("/drop/d", &session, "0-99/100", 100), &[1; 100]).received(),
        (200, "100")
    );
    assert_eq!(get("/drop/d").body, [1; 100]);
}

/// Kilobytes of memory that a process has.
fn memory(server: &Server) -> usize {
    let status = fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_ascii_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn ten_thousand_half_open_sessions_are_held_in_bounded_memory_and_more_refused_until_some_end() {
    let world = World::in_memory();
    let server = serve(&world, "", "");
    let before = memory(&server);
    let sessions: Vec<String> = std::thread::scope(|scope| {
        let begin = |worker: usize| {
            let mut connection = server.connect();
            (0..2_500)
                .map(|number| connection.create(&format!("/drop/{worker}-{number}")))
                .collect::<Vec<_>>()
        };
        let workers: Vec<_> = (0..4).map(|worker| scope.spawn(move || begin(worker))).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    assert_eq!(sessions.len(), 10_000);
    let more = server.ask(&create("/drop/more"), b"");
    assert_eq!(more.failure(), (503, "0x800700AA", "0x5"));
    let grown = memory(&server) - before;
    assert!(grown < 64 * 1024, "{grown} KiB for 10,000 sessions");
    assert_eq!(server.ask(&fragment("/drop/0-0", &sessions[0], "0-0/1", 1), b"x").received(), (200, "1"));
    assert_eq!(server.ask(&ending("/drop/0-0", "Close-Session", &sessions[0]), b"").status, 200);
    server.connect().create("/drop/more");
    // The next process finds them all.
    server.kill();
    let server = serve(&world, "", "");
    let last = &sessions[9_999];
    assert_eq!(server.ask(&fragment("/drop/3-2499", last, "0-0/1", 1), b"x").received(), (200, "1"));
    assert_eq!(fs::read(world.drop("3-2499")).unwrap(), b"x");
}

#[test]
fn clients_that_send_headers_slowly_or_never_make_room_for_others() {
    let world = World::new();
    let server = serve(&world, "maximum_connections = 8\nidle_timeout = 1\n", "");
    let mut slow: Vec<_> = (0..8).map(|_| TcpStream::connect(server.address).unwrap()).collect();
    for stream in &mut slow[4..] {
        stream.write_all(b"BITS_POST /drop/a HTTP/1.1\r\nHost: ").unwrap();
    }
    // One letter after the other does not count as a request either.
    let mut trickle = slow.pop().unwrap();
    let trickling = std::thread::spawn(move || {
        while trickle.write_all(b"x").is_ok() {
            std::thread::sleep(Duration::from_millis(50));
        }
    });
    // Every place is taken: these wait until the others are sent away.
    for _ in 0..8 {
        assert_eq!(server.ask(&ping("/drop/a"), b"").status, 200);
    }
    trickling.join().unwrap();
}

#[test]
fn a_client_that_reads_nothing_loses_its_connection() {
    let world = World::new();
    let size = 200 << 20;
    fs::File::create(world.drop("large")).unwrap().set_len(size).unwrap();
    let server = serve(&world, "maximum_connections = 1\nidle_timeout = 1\n", "download_enabled = true\n");
    let mut silent = TcpStream::connect(server.address).unwrap();
    silent.write_all(b"GET /drop/large HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    // The only place is free again when the server has given it up.
    assert_eq!(server.ask(&ping("/drop/a"), b"").status, 200);
    let mut read = 0;
    let mut buffer = vec![0; 1 << 20];
    loop {
        match silent.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => read += count as u64,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => break,
        }
    }
    assert!(read < size, "everything was sent");
}

#[test]
fn repeated_fragments_change_nothing() {
    let world = World::new();
    let server = serve(&world, "", "");
    let session = server.connect().create("/drop/a");
    let part = fragment("/drop/a", &session, "0-9/20", 10);
    for other in [1, 2, 3] {
        assert_eq!(server.ask(&part, &[other; 10]).received(), (200, "10"));
    }
    assert!(!world.drop("a").exists());
    let last = fragment("/drop/a", &session, "10-19/20", 10);
    for other in [4, 5] {
        assert_eq!(server.ask(&last, &[other; 10]).received(), (200, "20"));
        assert_eq!(fs::read(world.drop("a")).unwrap(), [[1; 10], [4; 10]].concat());
    }
}

#[test]
fn wrong_and_huge_ranges_are_refused_and_nothing_is_kept_of_them() {
    let world = World::new();
    let server = serve(&world, "", "");
    let session = server.connect().create("/drop/a");
    let ask = |range: &str| server.ask(&fragment("/drop/a", &session, range, 10), &[9; 10]);
    for range in [
        "",
        "-",
        "0-9",
        "0-9/",
        "/20",
        "a-b/c",
        "-1-8/20",
        "+0-9/20",
        "0-9/9",
        "9-0/20",
        "0-8/20",
        "0-9/20/20",
        "0-9,10-19/20",
        "0-9/18446744073709551616",
        "18446744073709551615-18446744073709551624/20",
        "0x0-0x9/20",
        "0 - 9 / 20",
    ] {
        assert_eq!(ask(range).failure(), MALFORMED, "{range}");
    }
    // A size that no file system has.
    assert_eq!(ask("0-9/18446744073709551615").failure(), (500, "0x80200020", "0x5"));
    assert_eq!(ask("9223372036854775797-9223372036854775806/9223372036854775807").received(), (416, "0"));
    let other = server.connect().create("/drop/b");
    let whole = server.ask(&fragment("/drop/b", &other, "0-9/10", 10), &[1; 10]);
    assert_eq!(whole.received(), (200, "10"));
    assert_eq!(fs::read(world.drop("b")).unwrap(), [1; 10]);
    assert!(!world.drop("a").exists());
}

#[test]
fn packets_without_their_headers_are_refused() {
    let world = World::new();
    let server = serve(&world, "", "");
    let session = server.connect().create("/drop/a");
    let without = |head: &str, name: &str| {
        let lines: Vec<_> = head.lines().filter(|line| !line.starts_with(name)).collect();
        lines.join("\n")
    };
    let part = fragment("/drop/a", &session, "0-9/10", 10);
    for (head, name, failure) in [
        (&part, "BITS-Packet-Type", MALFORMED),
        (&part, "BITS-Session-Id", LOST),
        (&part, "Content-Range", MALFORMED),
        (&create("/drop/b"), "BITS-Packet-Type", MALFORMED),
        (&create("/drop/b"), "BITS-Supported-Protocols", MALFORMED),
        (&create("/drop/b"), "Content-Length", MALFORMED),
        (&ping("/drop/b"), "BITS-Packet-Type", MALFORMED),
        (&ending("/drop/a", "Close-Session", &session), "BITS-Session-Id", LOST),
        (&ending("/drop/a", "Cancel-Session", &session), "BITS-Session-Id", LOST),
        (&packet("/drop/a", "BITS-Packet-Type: Dance\n", 0), "-", MALFORMED),
    ] {
        let body: &[u8] = if head.contains("Fragment") { &[1; 10] } else { b"" };
        assert_eq!(server.ask(&without(head, name), body).failure(), failure, "{name} of\n{head}");
    }
    assert_eq!(world.sessions(), 1);
    assert_eq!(server.ask(&part, &[1; 10]).received(), (200, "10"));
}

#[test]
fn a_content_length_that_lies_is_refused_and_publishes_nothing() {
    let world = World::new();
    let server = serve(&world, "idle_timeout = 1\n", "");
    let session = server.connect().create("/drop/a");
    let part = fragment("/drop/a", &session, "0-9/10", 10);
    for length in ["9", "11", "0", "18446744073709551616", "-10", "ten", "10\nContent-Length: 11"] {
        let mut connection = server.connect();
        connection.send(&part.replace("Content-Length: 10", &format!("Content-Length: {length}")), &[1; 10]);
        // Some are no HTTP at all; those end the connection.
        let refused = connection.try_response(false).is_none_or(|response| response.status == 400);
        assert!(refused, "{length}");
        assert!(!world.drop("a").exists());
    }
    // More bytes than were said are no part of the file, and no packet.
    let mut connection = server.connect();
    connection.send(&part, &[b'1'; 25]);
    assert_eq!(connection.response().received(), (200, "10"));
    assert!(connection.try_response(false).is_none_or(|response| response.status == 400));
    assert_eq!(fs::read(world.drop("a")).unwrap(), [b'1'; 10]);
}

#[test]
fn a_link_in_the_place_of_the_sessions_is_refused_when_the_server_starts() {
    let world = World::new();
    fs::create_dir(world.path("outside")).unwrap();
    symlink(world.path("outside"), world.drop("BITS-Sessions")).unwrap();
    let text = format!(
        "listen = [\"127.0.0.1:0\"]\n[[directory]]\nurl_prefix = \"/drop\"\npath = {:?}\nupload_enabled = true\n\
         anonymous = true\n",
        world.path("drop")
    );
    fs::write(world.path("server.toml"), text).unwrap();
    let output =
        Command::new(env!("CARGO_BIN_EXE_bgcopy-server")).arg(world.path("server.toml")).output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8(output.stderr).unwrap().contains("drop: "));
    assert_eq!(fs::read_dir(world.path("outside")).unwrap().count(), 0);
}

#[test]
fn a_connection_that_ends_in_the_middle_of_the_last_fragment_publishes_nothing() {
    let world = World::new();
    let server = serve(&world, "", "");
    let session = server.connect().create("/drop/a");
    for _ in 0..10 {
        let mut connection = server.connect();
        connection.send(&fragment("/drop/a", &session, "0-999999/1000000", 1_000_000), &[1; 999_999]);
    }
    // The newest request waits for those before it.
    let rest = server.ask(&fragment("/drop/a", &session, "999999-999999/1000000", 1), &[1]);
    assert!(rest.status == 200 || rest.status == 416, "{rest:?}");
    if rest.status == 416 {
        assert!(!world.drop("a").exists());
        let whole = fragment("/drop/a", &session, "0-999999/1000000", 1_000_000);
        assert_eq!(server.ask(&whole, &[1; 1_000_000]).received(), (200, "1000000"));
    }
    assert!(fs::read(world.drop("a")).unwrap() == [1; 1_000_000]);
}
