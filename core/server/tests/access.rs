//! Who may do what, and what is told of it, against the running server.

mod support;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;
use std::process::{Command, Stdio};
use std::time::Duration;

use support::{Nginx, Response, Server, World, create, ending, fragment, ping};

const LOST: (u16, &str, &str) = (500, "0x8020001F", "0x5");
const DENIED: (u16, &str, &str) = (403, "0x80070005", "0x5");
/// alice:secret and bob:other
const ALICE: &str = "Authorization: Basic YWxpY2U6c2VjcmV0\n";
const BOB: &str = "Authorization: Basic Ym9iOm90aGVy\n";

/// A server for the users alice and bob.
fn private(world: &World, settings: &str) -> Server {
    let users = format!(
        "# people\nalice:{}\nbob:{}\n",
        bcrypt::hash("secret", 4).unwrap(),
        bcrypt::hash("other", 4).unwrap()
    );
    fs::write(world.path("htpasswd"), users).unwrap();
    world.serve_file(&format!(
        "listen = [\"127.0.0.1:0\"]\n[authentication]\nhtpasswd = {:?}\nrealm = \"files\"\n[[directory]]\n\
         url_prefix = \"/drop\"\npath = {:?}\nupload_enabled = true\ndownload_enabled = true\n{settings}\n",
        world.path("htpasswd"),
        world.path("drop")
    ))
}

/// The same request, with another line.
fn with(head: &str, line: &str) -> String {
    head.replacen("Host:", &format!("{line}Host:"), 1)
}

#[test]
fn without_the_right_password_there_is_a_challenge_and_nothing_else() {
    let world = World::new();
    fs::write(world.drop("a"), "text").unwrap();
    let server = private(&world, "");
    let wrong = "Authorization: Basic YWxpY2U6d3Jvbmc=\n"; // alice:wrong
    let nobody = "Authorization: Basic Y2Fyb2w6c2VjcmV0\n"; // carol:secret
    let get = "GET /drop/a HTTP/1.1\nHost: x\n";
    for line in ["", wrong, nobody, "Authorization: Bearer x\n"] {
        for (head, body) in [(create("/drop/b"), ""), (ping("/drop/b"), ""), (get.to_owned(), "")] {
            let response = server.ask(&with(&head, line), body.as_bytes());
            assert_eq!(response.status, 401, "{line} {head}");
            assert_eq!(response.header("WWW-Authenticate"), Some("Basic realm=\"files\", charset=\"UTF-8\""));
            assert_eq!(response.header("BITS-Packet-Type"), None);
        }
    }
    assert_eq!(server.ask(&with(get, ALICE), b"").body, b"text");
    assert_eq!(server.ask(&with(get, ALICE), b"").body, b"text", "also with a password that is remembered");
    assert_eq!(server.ask(&with(&create("/drop/b"), BOB), b"").status, 200);
}

#[test]
fn a_session_belongs_to_its_user() {
    let world = World::new();
    let server = private(&world, "");
    let created = server.ask(&with(&create("/drop/a"), ALICE), b"");
    let session = created.header("BITS-Session-Id").unwrap();
    let part = fragment("/drop/a", session, "0-9/10", 10);
    assert_eq!(server.ask(&with(&part, BOB), &[1; 10]).failure(), LOST);
    let cancel = ending("/drop/a", "Cancel-Session", session);
    assert_eq!(server.ask(&with(&cancel, BOB), b"").failure(), LOST);
    assert_eq!(server.ask(&with(&part, ALICE), &[1; 10]).received(), (200, "10"));
}

#[test]
fn a_directory_may_be_for_some_users_only() {
    let world = World::new();
    fs::write(world.drop("a"), "text").unwrap();
    let server = private(&world, "users = [\"alice\"]\n");
    assert_eq!(server.ask(&with(&create("/drop/b"), BOB), b"").failure(), DENIED);
    assert_eq!(server.ask(&with("GET /drop/a HTTP/1.1\nHost: x\n", BOB), b"").status, 403);
    assert_eq!(server.ask(&with(&create("/drop/b"), ALICE), b"").status, 200);
}

#[test]
fn the_clean_up_ends_the_newest_surplus_sessions_of_a_user() {
    let world = World::new();
    {
        let server = private(&world, "");
        for number in 0..5 {
            server.ask(&with(&create(&format!("/drop/{number}")), ALICE), b"");
        }
        server.ask(&with(&create("/drop/b"), BOB), b"");
    }
    assert_eq!(world.sessions(), 6);
    let _server = private(&world, "number_of_sessions_limit = 2\n");
    while world.sessions() > 3 {
        std::thread::yield_now();
    }
}

#[test]
fn a_password_file_with_other_hashes_is_refused_with_its_line() {
    let world = World::new();
    drop(private(&world, ""));
    fs::write(world.path("htpasswd"), "alice:$apr1$5d5bVQ8g$0tXoUEjP3dvSg1WZgZyqW.\n").unwrap();
    let program = env!("CARGO_BIN_EXE_bgcopy-server");
    let output = Command::new(program).arg(world.path("server.toml")).output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && text.contains("line 1") && text.contains("htpasswd -B"), "{text}");
}

#[test]
fn a_trusted_proxy_says_who_asks_and_another_does_not() {
    let world = World::new();
    let serve = |trusted: &str| {
        world.serve_file(&format!(
            "listen = [\"127.0.0.1:0\"]\n[proxy]\ntrusted = [\"{trusted}\"]\nuser_header = \"X-Remote-User\"\n\
             [[directory]]\nurl_prefix = \"/drop\"\npath = {:?}\nupload_enabled = true\n",
            world.path("drop")
        ))
    };
    let named = with(&create("/drop/a"), "X-Remote-User: alice\n");
    {
        let server = serve("127.0.0.1");
        let created = server.ask(&named, b"");
        assert_eq!(created.status, 200);
        let session = created.header("BITS-Session-Id").unwrap();
        let part = fragment("/drop/a", session, "0-9/10", 10);
        assert_eq!(server.ask(&with(&part, "X-Remote-User: bob\n"), &[1; 10]).failure(), LOST);
        assert_eq!(server.ask(&part, &[1; 10]).status, 401);
        assert_eq!(server.ask(&with(&part, "X-Remote-User: alice\n"), &[1; 10]).received(), (200, "10"));
    }
    assert_eq!(serve("192.0.2.1").ask(&named, b"").status, 401);
}

#[test]
fn https_is_served_beside_http() {
    let world = World::new();
    let certificate = world.certify();
    let server = world.serve_file(&format!(
        "[tls]\nlisten = [\"127.0.0.1:0\"]\ncertificate = {:?}\nkey = {:?}\n[[directory]]\nurl_prefix = \"/drop\"\n\
         path = {:?}\nupload_enabled = true\nanonymous = true\n",
        world.path("cert.pem"),
        world.path("key.pem"),
        world.path("drop")
    ));
    let connection = support::trusting(&certificate);
    let stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let mut stream = BufReader::new(rustls::StreamOwned::new(connection, stream));
    let head = create("/drop/a").replace('\n', "\r\n") + "\r\n";
    stream.get_mut().write_all(head.as_bytes()).unwrap();
    let mut line = String::new();
    stream.read_line(&mut line).unwrap();
    assert_eq!(line, "HTTP/1.1 200 OK\r\n");
    let recorded = || {
        let session = fs::read_dir(world.drop("BITS-Sessions/Requests")).unwrap().next().unwrap().unwrap();
        fs::read_to_string(session.path().join("session.toml")).unwrap()
    };
    assert!(recorded().contains("\"https://files.example.net/drop/a\""), "{}", recorded());
    // Who speaks http there is not answered in it, and does no harm.
    let mut plain = server.connect();
    plain.send(&ping("/drop/a"), b"");
    assert!(!plain.rest().starts_with(b"HTTP"));
}

#[test]
fn the_log_has_a_line_for_each_request_and_no_whole_session() {
    let world = World::new();
    let server = world.serve_file(&format!(
        "listen = [\"127.0.0.1:0\"]\naccess_log = {:?}\n[[directory]]\nurl_prefix = \"/drop\"\npath = {:?}\n\
         upload_enabled = true\nanonymous = true\n",
        world.path("log"),
        world.path("drop")
    ));
    let session = server.connect().create("/drop/a%22b");
    server.ask(&fragment("/drop/a%22b", &session, "0-0/1", 1), b"x");
    server.ask(&fragment("/drop/a", &session, "0-0/1", 1), b"x");
    let lines = loop {
        let text = fs::read_to_string(world.path("log")).unwrap();
        if text.lines().count() == 3 {
            break text;
        }
        std::thread::yield_now();
    };
    let line = |number: usize| lines.lines().nth(number).unwrap().to_owned();
    assert!(line(0).contains(r#""method":"BITS_POST","target":"/drop/a%22b","packet":"Create-Session""#));
    let begin = &session[..9];
    assert!(
        line(1).contains(&format!(r#""session":"{begin}","range":"bytes 0-0/1","status":200"#)),
        "{lines}"
    );
    assert!(line(2).contains(r#""code":"0x8020001F","status":500"#), "{lines}");
    assert!(!lines.contains(&session));
}

#[test]
fn counters_are_there_for_prometheus() {
    let world = World::new();
    let mut server = world.serve_file(&format!(
        "listen = [\"127.0.0.1:0\"]\nmetrics_listen = \"127.0.0.1:0\"\n[[directory]]\nurl_prefix = \"/drop\"\n\
         path = {:?}\nupload_enabled = true\nanonymous = true\n",
        world.path("drop")
    ));
    let line = server.line();
    let address =
        line.strip_prefix("listening on http://").and_then(|rest| rest.strip_suffix("/metrics")).unwrap();
    let session = server.connect().create("/drop/a");
    server.ask(&fragment("/drop/a", &session, "0-9/20", 10), &[1; 10]);
    server.ask(&ping("/nowhere"), b"");
    let mut connection = support::Connection::new(address.parse().unwrap());
    let text = connection.ask("GET /metrics HTTP/1.1\nHost: x\n", b"");
    let text = String::from_utf8(text.body).unwrap();
    for metric in [
        "bgcopy_server_sessions 1",
        "bgcopy_server_temporary_bytes 10",
        "bgcopy_server_received_bytes_total 10",
        "bgcopy_server_answers_total{status=\"2xx\"} 2",
        "bgcopy_server_answers_total{status=\"5xx\"} 1",
        "# TYPE bgcopy_server_uploads_total counter",
    ] {
        assert!(text.lines().any(|line| line == metric), "{metric} is not in\n{text}");
    }
}

#[test]
fn sockets_of_systemd_are_taken_and_it_is_told() {
    let world = World::new();
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    let notified = UnixDatagram::bind(world.path("notify")).unwrap();
    notified.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let text = format!(
        "[[directory]]\nurl_prefix = \"/drop\"\npath = {:?}\nupload_enabled = true\nanonymous = true\n",
        world.path("drop")
    );
    fs::write(world.path("server.toml"), text).unwrap();
    // The shell moves the socket to where systemd would have it.
    let server = Server::run(
        Command::new("sh")
            .arg("-c")
            .arg("LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=web exec \"$0\" \"$1\" 3<&0 </dev/null")
            .arg(env!("CARGO_BIN_EXE_bgcopy-server"))
            .arg(world.path("server.toml"))
            .env("NOTIFY_SOCKET", world.path("notify"))
            .stdin(Stdio::from(OwnedFd::from(socket))),
    );
    assert_eq!(server.address, address);
    let mut state = [0; 100];
    let length = notified.recv(&mut state).unwrap();
    assert_eq!(&state[..length], b"READY=1");
    assert_eq!(server.ask(&create("/drop/a"), b"").status, 200);
}

/// nginx as the end of https before the server: it says which scheme and who.
#[test]
fn behind_nginx_uploads_arrive_and_replies_have_the_scheme_of_the_client() {
    let world = World::new();
    let application = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/take", application.local_addr().unwrap());
    std::thread::spawn(move || {
        let mut stream = application.accept().unwrap().0;
        let mut request = vec![0; 100_000];
        let mut length = 0;
        while !request[..length].ends_with(b"the end") {
            length += stream.read(&mut request[length..]).unwrap();
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone").unwrap();
    });
    let server = world.serve_file(&format!(
        "listen = [\"127.0.0.1:0\"]\n[proxy]\ntrusted = [\"127.0.0.1\"]\n[[directory]]\nurl_prefix = \"/drop\"\n\
         path = {:?}\nupload_enabled = true\nanonymous = true\nserver_notification_type = 2\n\
         server_notification_url = {url:?}\n",
        world.path("drop")
    ));
    let Some(nginx) = Nginx::before(&server, &world, "https") else { return };
    let through =
        |head: &str, body: &[u8]| -> Response { support::Connection::new(nginx.address).ask(head, body) };
    let created = through(&create("/drop/a"), b"");
    let session = created.header("BITS-Session-Id").unwrap();
    let mut body = vec![5; 70_000];
    body.extend_from_slice(b"the end");
    let total = body.len();
    let first = fragment("/drop/a", session, &format!("0-39999/{total}"), 40_000);
    assert_eq!(through(&first, &body[..40_000]).received(), (200, "40000"));
    let last = fragment("/drop/a", session, &format!("40000-{}/{total}", total - 1), total - 40_000);
    let last = through(&last, &body[40_000..]);
    assert_eq!(last.status, 200, "{last:?}");
    let reply = last.header("BITS-Reply-URL").unwrap();
    assert!(reply.starts_with("https://files.example.net/drop/BITS-Sessions/Replies/%7B"), "{reply}");
}
