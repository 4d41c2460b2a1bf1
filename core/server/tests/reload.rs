//! Rules of a configuration that is read again while the server runs.

mod support;

use std::fs;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use support::{Server, World, create, ending, fragment, ping};

const LOST: (u16, &str, &str) = (500, "0x8020001F", "0x5");
const DISABLED: (u16, &str, &str) = (501, "0x80070005", "0x5");

/// A configuration whose directory `/drop` has these settings.
fn write(world: &World, general: &str, settings: &str) {
    let text = format!(
        "listen = [\"127.0.0.1:0\"]\n{general}\n[[directory]]\nurl_prefix = \"/drop\"\npath = {:?}\n{settings}\n",
        world.path("drop")
    );
    fs::write(world.path("server.toml"), text).unwrap();
}

fn start(world: &World, general: &str, settings: &str) -> Server {
    write(world, general, settings);
    Server::start(&world.path("server.toml"))
}

const OPEN: &str = "upload_enabled = true\nanonymous = true\n";

#[test]
fn a_reload_brings_new_directories_and_properties() {
    let world = World::new();
    fs::create_dir(world.path("other")).unwrap();
    let server = start(&world, "", OPEN);
    let mut kept = server.connect();
    assert_eq!(kept.ask(&create("/other/a"), b"").failure(), DISABLED);
    let session = kept.create("/drop/a");
    let more = format!(
        "{OPEN}maximum_upload_size = 10\n[[directory]]\nurl_prefix = \"/other\"\npath = {:?}\n{OPEN}",
        world.path("other")
    );
    write(&world, "", &more);
    server.reload();
    // Also on a connection that is there.
    kept.create("/other/a");
    let large = kept.ask(&fragment("/drop/a", &session, "0-9/11", 10), &[1; 10]);
    assert_eq!(large.failure(), (500, "0x80200020", "0x5"));
    assert_eq!(kept.ask(&fragment("/drop/a", &session, "0-9/10", 10), &[1; 10]).received(), (200, "10"));
}

#[test]
fn a_broken_configuration_is_refused_with_its_line_and_the_old_one_stays() {
    let world = World::new();
    let server = start(&world, "", OPEN);
    let session = server.connect().create("/drop/a");
    let refused = |reason: &str| {
        server.signal("-HUP");
        let said = server.logged("configuration stays as it was");
        assert!(said.contains(reason), "{said}");
    };
    write(&world, "", "upload_enabled = yes\n");
    refused("server.toml: TOML parse error at line 6");
    write(&world, "", "");
    refused("anonymous = true");
    write(&world, "", &format!("{OPEN}[[directory]]\nurl_prefix = \"/x\"\npath = \"/nowhere/x\"\n{OPEN}"));
    refused("/nowhere/x: ");
    write(&world, "[authentication]\nhtpasswd = \"/nowhere/users\"\n", "upload_enabled = true\n");
    refused("/nowhere/users: ");
    fs::remove_file(world.path("server.toml")).unwrap();
    refused("server.toml: ");
    assert_eq!(server.ask(&fragment("/drop/a", &session, "0-9/10", 10), &[1; 10]).received(), (200, "10"));
    server.connect().create("/drop/b");
}

#[test]
fn open_sessions_and_requests_under_way_go_on_over_a_reload() {
    let world = World::new();
    let server = start(&world, "", &format!("{OPEN}maximum_sessions = 2\n"));
    let session = server.connect().create("/drop/a");
    let mut connection = server.connect();
    connection.send(&fragment("/drop/a", &session, "0-9/20", 10), &[1; 5]);
    // It is under way when its part is on disk.
    let data = world.drop(&format!("BITS-Sessions/Requests/{session}/requestfile.bin"));
    while !data.exists() {
        std::thread::yield_now();
    }
    write(&world, "", &format!("{OPEN}maximum_sessions = 2\nallow_overwrites = true\n"));
    server.reload();
    connection.raw(&[1; 5]).unwrap();
    assert_eq!(connection.response().received(), (200, "10"));
    server.reload();
    let second = server.connect().create("/drop/b");
    let full = server.ask(&create("/drop/c"), b"");
    assert_eq!(full.failure(), (503, "0x800700AA", "0x5"), "sessions from before the reload count");
    fs::write(world.drop("a"), "old").unwrap();
    assert_eq!(server.ask(&fragment("/drop/a", &session, "10-19/20", 10), &[2; 10]).received(), (200, "20"));
    assert_eq!(server.ask(&ending("/drop/a", "Close-Session", &session), b"").status, 200);
    assert_eq!(server.ask(&ending("/drop/b", "Cancel-Session", &second), b"").status, 200);
    assert_eq!(fs::read(world.drop("a")).unwrap(), [[1; 10], [2; 10]].concat());
    assert_eq!(world.sessions(), 0);
}

#[test]
fn where_a_reload_disables_uploads_their_sessions_end() {
    let world = World::new();
    let server = start(&world, "", OPEN);
    let session = server.connect().create("/drop/a");
    let part = fragment("/drop/a", &session, "0-9/20", 10);
    assert_eq!(server.ask(&part, &[1; 10]).received(), (200, "10"));
    let mut stuck = server.connect();
    stuck.send(&fragment("/drop/a", &session, "10-19/20", 10), b"");
    write(&world, "", "anonymous = true\n");
    server.reload();
    assert_eq!(server.ask(&part, &[1; 10]).failure(), DISABLED);
    while world.sessions() > 0 {
        std::thread::yield_now();
    }
    // And begin anew where they are enabled again, by a file beside the configuration.
    fs::create_dir(world.path("server.d")).unwrap();
    let enable = "[[directory]]\nurl_prefix = \"/drop\"\nupload_enabled = true\n";
    fs::write(world.path("server.d/enable.toml"), enable).unwrap();
    server.reload();
    assert_eq!(server.ask(&part, &[1; 10]).failure(), LOST);
    server.connect().create("/drop/a");
}

#[test]
fn sessions_of_a_directory_that_is_taken_away_stay_on_disk_and_are_found_when_it_is_back() {
    let world = World::new();
    let server = start(&world, "", OPEN);
    let session = server.connect().create("/drop/a");
    let part = fragment("/drop/a", &session, "0-9/20", 10);
    assert_eq!(server.ask(&part, &[1; 10]).received(), (200, "10"));
    fs::write(world.path("server.toml"), "listen = [\"127.0.0.1:0\"]\n").unwrap();
    server.reload();
    assert_eq!(server.ask(&part, &[1; 10]).failure(), DISABLED);
    assert_eq!(world.sessions(), 1);
    write(&world, "", OPEN);
    server.reload();
    assert_eq!(server.ask(&fragment("/drop/a", &session, "10-19/20", 10), &[1; 10]).received(), (200, "20"));
}

#[test]
fn users_are_read_again() {
    let world = World::new();
    let users = |name: &str| {
        let line = format!("{name}:{}\n", bcrypt::hash("secret", 4).unwrap());
        fs::write(world.path("htpasswd"), line).unwrap();
    };
    users("alice");
    let general = format!("[authentication]\nhtpasswd = {:?}\n", world.path("htpasswd"));
    let server = start(&world, &general, "upload_enabled = true\n");
    let alice = ping("/drop/a").replace("Accept:", "Authorization: Basic YWxpY2U6c2VjcmV0\nAccept:");
    assert_eq!(server.ask(&alice, b"").status, 200);
    users("bob");
    assert_eq!(server.ask(&alice, b"").status, 200);
    server.reload();
    assert_eq!(server.ask(&alice, b"").status, 401, "also who was remembered");
}

#[test]
fn what_only_a_new_start_changes_is_said_and_the_rest_holds() {
    let world = World::new();
    let server = start(&world, "", OPEN);
    let elsewhere = bgcopy_testserver::port::free();
    let text = fs::read_to_string(world.path("server.toml")).unwrap();
    let text = text
        .replace("127.0.0.1:0", &elsewhere.to_string())
        .replace("anonymous", "session_timeout = 9\nanonymous");
    fs::write(world.path("server.toml"), format!("maximum_connections = 7\n{text}")).unwrap();
    server.signal("-HUP");
    server.logged("listen has changed: that takes a new start");
    server.logged("maximum_connections has changed");
    server.logged("was read again");
    assert!(TcpStream::connect(elsewhere).is_err());
    server.connect().create("/drop/a");
}

#[test]
fn the_access_log_is_opened_anew() {
    let world = World::new();
    let server = start(&world, &format!("access_log = {:?}\n", world.path("log")), OPEN);
    let wait = |name: &str| {
        while fs::read_to_string(world.path(name)).map_or(true, |text| text.lines().count() != 1) {
            std::thread::yield_now();
        }
    };
    server.ask(&ping("/drop/a"), b"");
    wait("log");
    fs::rename(world.path("log"), world.path("log.1")).unwrap();
    server.reload();
    server.ask(&ping("/drop/a"), b"");
    wait("log");
    wait("log.1");
}

#[test]
fn the_group_reads_uploads_when_a_reload_brings_an_application() {
    let world = World::new();
    let server = start(&world, "", OPEN);
    let mode = || fs::metadata(world.drop("BITS-Sessions/Requests")).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(), 0o700);
    let told = "server_notification_type = 1\nserver_notification_url = \"http://127.0.0.1:1/take\"\n";
    write(&world, "", &format!("{OPEN}{told}"));
    server.reload();
    assert_eq!(mode(), 0o750);
    write(&world, "", OPEN);
    server.reload();
    assert_eq!(mode(), 0o700);
}

/// Whether the server proves itself with this certificate.
fn proves(server: &Server, certificate: &[u8]) -> bool {
    let mut client = support::trusting(certificate);
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    client.complete_io(&mut stream).is_ok()
}

#[test]
fn certificates_are_read_again_and_broken_ones_refused() {
    let world = World::new();
    let first = world.certify();
    let text = format!(
        "[tls]\nlisten = [\"127.0.0.1:0\"]\ncertificate = {:?}\nkey = {:?}\n[[directory]]\n\
         url_prefix = \"/drop\"\npath = {:?}\n{OPEN}",
        world.path("cert.pem"),
        world.path("key.pem"),
        world.path("drop")
    );
    let server = world.serve_file(&text);
    assert!(proves(&server, &first));
    let second = world.certify();
    assert!(proves(&server, &first) && !proves(&server, &second));
    server.reload();
    assert!(proves(&server, &second) && !proves(&server, &first));
    fs::write(world.path("key.pem"), "no key").unwrap();
    server.signal("-HUP");
    let said = server.logged("configuration stays as it was");
    assert!(said.contains("key.pem"), "{said}");
    fs::write(world.path("server.toml"), text.split("[tls]").next().unwrap()).unwrap();
    server.signal("-HUP");
    let said = server.logged("configuration stays as it was");
    assert!(said.contains("[tls]"), "{said}");
    assert!(proves(&server, &second));
}
