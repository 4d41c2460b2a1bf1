//! Each packet, and the settings that no other program of these tests is about, by their names.

mod support;

use std::fs;
use std::process::Command;
use std::time::Duration;

use bgcopy_server::config::Config;
use support::{PROTOCOL, Server, World, create, ending, fragment, ping};

const LOST: (u16, &str, &str) = (500, "0x8020001F", "0x5");

fn serve(world: &World, general: &str, settings: &str) -> Server {
    world.serve_file(&format!(
        "listen = [\"127.0.0.1:0\"]\n{general}\n[[directory]]\nurl_prefix = \"/drop\"\npath = {:?}\n\
         upload_enabled = true\n{settings}\n",
        world.path("drop")
    ))
}

#[test]
fn ping_is_answered_and_begins_nothing() {
    let world = World::new();
    let server = world.serve("");
    let pong = server.ask(&ping("/drop/a"), b"");
    assert_eq!((pong.status, pong.header("BITS-Packet-Type")), (200, Some("Ack")));
    assert_eq!(pong.header("BITS-Session-Id"), None);
    assert_eq!(world.sessions(), 0);
}

#[test]
fn create_session_begins_one_in_the_protocol_of_the_server() {
    let world = World::new();
    let server = world.serve("");
    let created = server.ask(&create("/drop/a"), b"");
    assert_eq!((created.status, created.header("BITS-Protocol")), (200, Some(PROTOCOL)));
    let id = created.header("BITS-Session-Id").unwrap();
    assert!(world.drop(&format!("BITS-Sessions/Requests/{id}")).is_dir());
    let second = server.ask(&create("/drop/a"), b"");
    assert_ne!(second.header("BITS-Session-Id").unwrap(), id);
}

#[test]
fn fragment_is_acknowledged_with_the_bytes_that_are_there() {
    let world = World::new();
    let server = world.serve("");
    let session = server.connect().create("/drop/a");
    let first = server.ask(&fragment("/drop/a", &session, "0-3/10", 4), b"0123");
    assert_eq!(first.received(), (200, "4"));
    assert_eq!(first.header("BITS-Session-Id"), Some(session.as_str()));
    assert_eq!(server.ask(&fragment("/drop/a", &session, "4-9/10", 6), b"456789").received(), (200, "10"));
    assert_eq!(fs::read(world.drop("a")).unwrap(), b"0123456789");
}

#[test]
fn close_session_ends_it_and_the_file_stays() {
    let world = World::new();
    let server = world.serve("");
    let session = server.connect().create("/drop/a");
    server.ask(&fragment("/drop/a", &session, "0-0/1", 1), b"x");
    let closed = server.ask(&ending("/drop/a", "Close-Session", &session), b"");
    assert_eq!((closed.status, closed.header("BITS-Packet-Type")), (200, Some("Ack")));
    assert_eq!(server.ask(&ending("/drop/a", "Close-Session", &session), b"").failure(), LOST);
    assert_eq!((fs::read(world.drop("a")).unwrap().as_slice(), world.sessions()), (b"x".as_slice(), 0));
}

#[test]
fn cancel_session_ends_it_and_its_bytes_are_gone() {
    let world = World::new();
    let server = world.serve("");
    let session = server.connect().create("/drop/a");
    server.ask(&fragment("/drop/a", &session, "0-0/2", 1), b"x");
    let cancelled = server.ask(&ending("/drop/a", "Cancel-Session", &session), b"");
    assert_eq!((cancelled.status, cancelled.header("BITS-Packet-Type")), (200, Some("Ack")));
    assert_eq!(server.ask(&fragment("/drop/a", &session, "1-1/2", 1), b"x").failure(), LOST);
    assert!(!world.drop("a").exists());
    assert_eq!(world.sessions(), 0);
}

#[test]
fn shutdown_timeout_ends_requests_that_do_not_end() {
    let world = World::new();
    let server = serve(&world, "shutdown_timeout = 1\n", "anonymous = true\n");
    let session = server.connect().create("/drop/a");
    let mut stuck = server.connect();
    stuck.send(&fragment("/drop/a", &session, "0-9/10", 10), &[1; 5]);
    // It is under way when its part is on disk.
    let data = world.drop(&format!("BITS-Sessions/Requests/{session}/requestfile.bin"));
    while !data.exists() {
        std::thread::yield_now();
    }
    server.signal("-TERM");
    assert!(server.wait().success());
    assert!(!world.drop("a").exists());
}

#[test]
fn session_limit_enable_switches_the_limit_of_sessions_off() {
    let world = World::new();
    let proxy = "[proxy]\ntrusted = [\"127.0.0.1\"]\nuser_header = \"X-User\"\n";
    let alice = |path: &str| create(path).replacen("Host:", "X-User: alice\nHost:", 1);
    {
        let server = serve(&world, proxy, "");
        for number in 0..4 {
            assert_eq!(server.ask(&alice(&format!("/drop/{number}")), b"").status, 200);
        }
    }
    let clean_up = |settings: &str| {
        drop(serve(&world, proxy, "number_of_sessions_limit = 100\n"));
        let text = fs::read_to_string(world.path("server.toml")).unwrap();
        fs::write(world.path("server.toml"), text.replace("= 100", &format!("= 2\n{settings}"))).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_bgcopy-server"));
        let output = command.arg("--clean-up").arg(world.path("server.toml")).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(clean_up("session_limit_enable = false\n"), "0 old sessions removed\n");
    assert_eq!(world.sessions(), 4);
    assert_eq!(clean_up(""), "2 old sessions removed\n", "it is on by default");
    assert_eq!(world.sessions(), 2);
}

fn interval(settings: &str) -> Duration {
    let text =
        format!("[[directory]]\nurl_prefix = \"/d\"\npath = \"/srv/d\"\nanonymous = true\n{settings}\n");
    Config::parse(&text).unwrap().directories[0].cleanup_interval
}

#[test]
fn cleanup_units_are_minutes_hours_and_days_and_cleanup_use_default_is_twelve_hours() {
    let hours = |hours: u64| Duration::from_secs(hours * 3_600);
    assert_eq!(interval("cleanup_count = 30\ncleanup_units = 0\n"), hours(1) / 2);
    assert_eq!(interval("cleanup_count = 3\n"), hours(3), "hours by default");
    assert_eq!(interval("cleanup_count = 2\ncleanup_units = 2\n"), hours(48));
    assert_eq!(interval("cleanup_use_default = true\ncleanup_count = 2\n"), hours(12));
    assert_eq!(interval(""), hours(12));
}

#[test]
fn host_id_fallback_timeout_is_told_and_a_day_by_default() {
    let world = World::new();
    let server = world.serve("host_id = \"node3\"\n");
    let created = server.ask(&create("/drop/a"), b"");
    assert_eq!(created.header("BITS-Host-Id"), Some("node3"));
    assert_eq!(created.header("BITS-Host-Id-Fallback-Timeout"), Some("86400"));
    drop(server);
    let server = world.serve("");
    assert_eq!(server.ask(&create("/drop/a"), b"").header("BITS-Host-Id-Fallback-Timeout"), None);
}
