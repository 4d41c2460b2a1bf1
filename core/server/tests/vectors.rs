//! The example exchanges of the protocol, against the running server.

mod support;

use std::fs;

use support::{Connection, Response, World, create, ending, fragment, packet, ping};

const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz";
const FILE: &str = "/drop/letters.txt";
const LOST: (u16, &str, &str) = (500, "0x8020001F", "0x5");
const MALFORMED: (u16, &str, &str) = (400, "0x80070057", "0x5");
const DENIED: (u16, &str, &str) = (403, "0x80070005", "0x5");

/// The headers of an Ack, without those that every server is free about.
fn lines(response: &Response) -> Vec<String> {
    let free = ["date", "cache-control"];
    let mut lines: Vec<String> = response
        .headers
        .iter()
        .filter(|(name, _)| !free.contains(&name.as_str()))
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    lines.sort();
    lines
}

fn send(connection: &mut Connection, session: &str, range: &str, bytes: &[u8]) -> Response {
    connection.ask(&fragment(FILE, session, range, bytes.len()), bytes)
}

#[test]
fn v1_plain_upload_in_two_fragments() {
    let world = World::new();
    let server = world.serve("");
    let mut connection = server.connect();
    let created = connection.ask(&create(FILE), b"");
    let session = created.header("BITS-Session-Id").unwrap().to_owned();
    assert_eq!(created.status, 200);
    assert_eq!(
        lines(&created),
        [
            "accept-encoding: identity",
            "bits-packet-type: Ack",
            "bits-protocol: {7df0354d-249b-430f-820d-3d2a9bef4931}",
            &format!("bits-session-id: {session}"),
            "content-length: 0",
            "pragma: no-cache",
        ]
    );
    let upper = session.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).expect("braces");
    assert!(upper.len() == 36 && upper == upper.to_ascii_uppercase(), "{session}");

    let first = send(&mut connection, &session, "0-15/26", &LETTERS[..16]);
    assert_eq!(first.received(), (200, "16"));
    let acked = [
        "bits-packet-type: Ack",
        "bits-received-content-range: 16",
        &format!("bits-session-id: {session}"),
        "content-length: 0",
        "pragma: no-cache",
    ];
    assert_eq!(lines(&first), acked);
    assert!(!world.drop("letters.txt").exists(), "nothing has its name before it is whole");

    assert_eq!(send(&mut connection, &session, "16-25/26", &LETTERS[16..]).received(), (200, "26"));
    assert_eq!(fs::read(world.drop("letters.txt")).unwrap(), LETTERS);
    let closed = connection.ask(&ending(FILE, "Close-Session", &session), b"");
    assert_eq!((closed.status, closed.header("BITS-Session-Id")), (200, Some(session.as_str())));
    assert_eq!(fs::read(world.drop("letters.txt")).unwrap(), LETTERS);
    assert_eq!(world.sessions(), 0);
    assert_eq!(send(&mut connection, &session, "16-25/26", &LETTERS[16..]).failure(), LOST);
}

#[test]
fn v2_lost_ack_then_server_ahead_then_server_behind() {
    let world = World::new();
    let server = world.serve("");
    let session = server.connect().create(FILE);
    assert_eq!(send(&mut server.connect(), &session, "0-15/26", &LETTERS[..16]).received(), (200, "16"));

    let mut again = server.connect();
    let pong = again.ask(&ping(FILE), b"");
    assert_eq!((pong.status, lines(&pong).len()), (200, 3), "{pong:?}");
    assert_eq!(send(&mut again, &session, "0-15/26", &LETTERS[..16]).received(), (200, "16"));

    // The server is given a backup.
    server.kill();
    let data = world.drop(&format!("BITS-Sessions/Requests/{session}/requestfile.bin"));
    fs::OpenOptions::new().write(true).open(data).unwrap().set_len(8).unwrap();
    let server = world.serve("");
    let mut behind = server.connect();
    let told = send(&mut behind, &session, "16-25/26", &LETTERS[16..]);
    assert_eq!(told.received(), (416, "8"));
    assert_eq!(told.header("BITS-Error-Code"), None);
    assert_eq!(send(&mut behind, &session, "8-25/26", &LETTERS[8..]).received(), (200, "26"));
    assert_eq!(fs::read(world.drop("letters.txt")).unwrap(), LETTERS);
}

#[test]
fn v3_session_lost() {
    let world = World::new();
    let server = world.serve("");
    let mut connection = server.connect();
    let unknown = "{5B0A6C5E-92D4-4E0B-8B1D-0C6A2F6E7A11}";
    assert_eq!(send(&mut connection, unknown, "16-25/26", &LETTERS[16..]).failure(), LOST);
    let session = connection.create(FILE);
    assert_eq!(send(&mut connection, &session, "0-25/26", LETTERS).received(), (200, "26"));
    assert_eq!(fs::read(world.drop("letters.txt")).unwrap(), LETTERS);
}

#[test]
fn v4_host_id() {
    let world = World::new();
    let server = world.serve("host_id = \"node3.farm.example.net\"\nhost_id_fallback_timeout = 900\n");
    let mut connection = server.connect();
    let created = connection.ask(&create(FILE), b"");
    assert_eq!(created.header("BITS-Host-Id"), Some("node3.farm.example.net"));
    assert_eq!(created.header("BITS-Host-Id-Fallback-Timeout"), Some("900"));
    let pong = connection.ask(&ping(FILE), b"");
    assert_eq!((pong.status, pong.header("BITS-Host-Id")), (200, None));
}

#[test]
fn v5_refusals() {
    let world = World::new();
    fs::write(world.drop("letters.txt"), "there").unwrap();
    let server = world.serve("maximum_upload_size = \"4294967296\"\n");
    let mut connection = server.connect();
    assert_eq!(connection.ask(&create(FILE), b"").failure(), DENIED);
    let unknown = create("/drop/a").replace("7df0354d", "11111111");
    assert_eq!(connection.ask(&unknown, b"").failure(), MALFORMED);
    let unknown = create("/drop/a").replace("Create-Session", "Destroy-Session");
    assert_eq!(connection.ask(&unknown, b"").failure(), MALFORMED);
    let missing = ping(FILE).replace("Content-Length: 0\n", "");
    assert_eq!(connection.ask(&missing, b"").failure(), MALFORMED);
    let elsewhere = connection.ask(&create("/elsewhere/a"), b"");
    assert_eq!(elsewhere.failure(), (501, "0x80070005", "0x5"));
    let session = connection.create("/drop/a");
    let large = fragment("/drop/a", &session, "0-15/5000000000", 16);
    assert_eq!(connection.ask(&large, &LETTERS[..16]).failure(), (500, "0x80200020", "0x5"));
}

#[test]
fn v6_fragment_too_big_then_cancel() {
    let world = World::new();
    let server = world.serve("maximum_fragment_size = 65536\n");
    let session = server.connect().create("/drop/big.bin");
    let half = vec![7; 65_536];
    let big = [half.clone(), half.clone()].concat();
    let range = |first: usize, bytes: &[u8]| format!("{first}-{}/1000000", first + bytes.len() - 1);
    let mut connection = server.connect();
    let refused = connection.ask(&fragment("/drop/big.bin", &session, &range(0, &big), big.len()), &big);
    assert_eq!((refused.status, refused.header("BITS-Error-Code")), (413, None));
    let mut connection = server.connect();
    let taken = connection.ask(&fragment("/drop/big.bin", &session, &range(0, &half), half.len()), &half);
    assert_eq!(taken.received(), (200, "65536"));
    let cancelled = connection.ask(&ending("/drop/big.bin", "Cancel-Session", &session), b"");
    assert_eq!((cancelled.status, cancelled.header("BITS-Session-Id")), (200, Some(session.as_str())));
    assert!(!world.drop("big.bin").exists());
    assert_eq!(world.sessions(), 0);
}

#[test]
fn v7_header_level_negatives() {
    let world = World::new();
    let server = world.serve("");
    let mut connection = server.connect();
    let session = connection.create(FILE);
    let valid = fragment(FILE, &session, "0-15/26", 16);
    let first = &LETTERS[..16];
    let mut ask = |head: &str, body: &[u8]| connection.ask(head, body);

    for (old, new) in [
        ("Content-Range: bytes 0-15/26\n", ""),
        ("0-15/26", "0-15/*"),
        ("0-15/26", "*/26"),
        ("0-15/26", "15-0/26"),
        ("0-15/26", "0-26/26"),
        ("0-15/26", "0-14/26"),
        ("0-15/26", "0-99999999999999999999/26"),
        ("Accept: */*", &format!("Accept: {}", "a".repeat(5_000))),
    ] {
        assert_eq!(ask(&valid.replace(old, new), first).failure(), MALFORMED, "{new}");
    }
    let id = format!("BITS-Session-Id: {session}\n");
    for other in ["", "BITS-Session-Id: {00000000-0000-0000-0000-000000000000}\n", "BITS-Session-Id: ../..\n"]
    {
        assert_eq!(ask(&valid.replace(&id, other), first).failure(), LOST, "{other}");
    }
    for kind in ["Create-Session", "Ping", "Close-Session", "Cancel-Session"] {
        let head = valid.replace(": Fragment", &format!(": {kind}"));
        assert_eq!(ask(&head, first).failure(), MALFORMED, "{kind} with a body");
    }
    assert_eq!(ask(&valid.replace("Fragment", "fRaGmEnT"), first).received(), (200, "16"));
    assert_eq!(ask(&valid.replace("bytes 0-15", "Bytes 0-15"), first).received(), (200, "16"));
    let plain = session.trim_matches(['{', '}']).to_ascii_lowercase();
    assert_eq!(ask(&valid.replace(&session, &plain), first).received(), (200, "16"));

    let changed = fragment(FILE, &session, "16-25/27", 10);
    assert_eq!(ask(&changed, &LETTERS[16..]).failure(), MALFORMED);
    let gap = fragment(FILE, &session, "20-25/26", 6);
    assert_eq!(ask(&gap, &LETTERS[20..]).received(), (416, "16"));

    let several = packet(
        "/drop/other.txt",
        "BITS-Packet-Type: Create-Session\nBITS-Supported-Protocols: {00000000-0000-0000-0000-000000000001}, \
         {00000000-0000-0000-0000-000000000002}, {7DF0354D-249B-430F-820D-3D2A9BEF4931}\n",
        0,
    );
    let created = ask(&several, b"");
    assert_eq!(created.header("BITS-Protocol"), Some(support::PROTOCOL));
    assert_eq!(ask(&ping("/drop/nothing/there"), b"").status, 200);

    let closed = ask(&ending(FILE, "Close-Session", &session), b"");
    assert_eq!(closed.status, 200);
    assert!(!world.drop("letters.txt").exists());
}
