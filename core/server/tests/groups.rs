//! Rules of URL groups and of the local interface that manages them, against the running server.

mod support;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixStream;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use support::{Connection, Response, Server, World, create, fragment};

/// A server with the local interface, whose groups are kept.
fn start(world: &World) -> Server {
    start_with(world, "")
}

fn start_with(world: &World, settings: &str) -> Server {
    world.serve_file(&format!(
        "listen = [\"127.0.0.1:0\"]\n{settings}\n[control]\nsocket = {:?}\ngroups = {:?}\n[[directory]]\n\
         url_prefix = \"/drop\"\npath = {:?}\nupload_enabled = true\ndownload_enabled = true\nanonymous = true\n",
        world.path("control"),
        world.path("groups.toml"),
        world.path("drop")
    ))
}

/// Runs a command of the program.
fn run(world: &World, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bgcopy-server"))
        .arg("--control")
        .arg(world.path("control"))
        .args(words)
        .output()
        .unwrap()
}

/// What a command that succeeds prints.
fn done(world: &World, words: &[&str]) -> String {
    let output = run(world, words);
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Why a command fails.
fn refused(world: &World, words: &[&str]) -> String {
    let output = run(world, words);
    assert!(!output.status.success(), "{words:?} succeeds");
    String::from_utf8(output.stderr).unwrap()
}

/// What the server answers to a line on its socket.
fn say(world: &World, line: &[u8]) -> String {
    let mut stream = UnixStream::connect(world.path("control")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream.write_all(line).unwrap();
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer).unwrap();
    answer.trim_end().to_owned()
}

/// A file that is served.
fn file(world: &World, name: &str, text: &str) -> String {
    fs::write(world.path(name), text).unwrap();
    world.path(name).to_str().unwrap().to_owned()
}

fn get(address: SocketAddr, path: &str) -> Response {
    get_from(address, path, "x")
}

fn get_from(address: SocketAddr, path: &str, host: &str) -> Response {
    Connection::new(address).ask(&format!("GET {path} HTTP/1.1\nHost: {host}\n"), b"")
}

/// A port that nobody uses, and nobody will be given.
fn free_port() -> u16 {
    bgcopy_testserver::port::free().port()
}

/// A prefix at the port of the configuration.
fn beside(server: &Server, host: &str, name: &str) -> String {
    format!("http://{host}:{}/{name}/", server.address.port())
}

#[test]
fn create_url_group_serves_at_a_port_of_its_own_and_delete_url_group_closes_it() {
    let world = World::new();
    let server = start(&world);
    let source = file(&world, "f.bin", "0123456789");
    let port = free_port();
    let prefix = format!("http://127.0.0.1:{port}/t/");
    done(&world, &["group", "add", &prefix, "--anonymous"]);
    done(&world, &["group", "add", &prefix, "--anonymous"]);
    done(&world, &["url", "add", &prefix, "f.bin", &source]);
    assert_eq!(done(&world, &["group", "list"]).trim_end(), prefix);
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    assert_eq!(get(address, "/t/f.bin").body, b"0123456789");
    // There are the groups and nothing else.
    assert_eq!(get(address, "/drop/x").status, 404);
    let created = Connection::new(address).ask(&create("/drop/x"), b"");
    assert_eq!(created.failure(), (501, "0x80070005", "0x5"));
    assert_eq!(get(server.address, "/t/f.bin").status, 404);
    done(&world, &["group", "remove", &prefix]);
    while TcpStream::connect(address).is_ok() {
        std::thread::yield_now();
    }
    assert!(refused(&world, &["group", "remove", &prefix]).contains("there is no group"));
    assert_eq!(done(&world, &["group", "list"]), "");
}

#[test]
fn a_file_of_a_group_has_all_that_a_download_needs() {
    let world = World::new();
    let server = start(&world);
    let source = file(&world, "f.bin", "0123456789");
    let prefix = beside(&server, "+", "t");
    done(&world, &["group", "add", &prefix, "--anonymous"]);
    done(&world, &["url", "add", &prefix, "f.bin", &source]);
    let ask = |line: &str| server.ask(&format!("GET /t/f.bin HTTP/1.1\nHost: x\n{line}"), b"");
    let whole = ask("");
    assert_eq!((whole.status, whole.header("Accept-Ranges")), (200, Some("bytes")));
    assert!(whole.header("Last-Modified").is_some() && whole.header("ETag").is_some());
    for (range, bytes) in [("0-2", "012"), ("5-", "56789"), ("-3", "789")] {
        let part = ask(&format!("Range: bytes={range}\n"));
        assert_eq!((part.status, part.body.as_slice()), (206, bytes.as_bytes()));
    }
    let several = ask("Range: bytes=0-1,4-5\n");
    assert!(several.header("Content-Type").unwrap().starts_with("multipart/byteranges"));
    assert_eq!(ask("Range: bytes=10-\n").header("Content-Range"), Some("bytes */10"));
    assert_eq!(ask("If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT\n").status, 412);
    let mut connection = server.connect();
    connection.send("HEAD /t/f.bin HTTP/1.1\nHost: x\n", b"");
    let head = connection.head_response();
    assert_eq!((head.status, head.header("Content-Length")), (200, Some("10")));
    // Beside the groups, the directories of the configuration are there.
    fs::write(world.drop("d"), "d").unwrap();
    assert_eq!(get(server.address, "/drop/d").body, b"d");
    // A file that is not there any more is not there.
    fs::remove_file(source).unwrap();
    assert_eq!(ask("").status, 404);
}

#[test]
fn create_url_check_url_and_delete_url() {
    let world = World::new();
    let server = start(&world);
    let (one, two) = (file(&world, "one", "1"), file(&world, "two", "2"));
    let prefix = beside(&server, "+", "t");
    done(&world, &["group", "add", &prefix, "--anonymous"]);
    done(&world, &["url", "add", &prefix, "dir/a%20b.bin", &one]);
    done(&world, &["url", "add", &prefix, "dir/a b.bin", &one]);
    assert_eq!(done(&world, &["url", "list", &prefix]), format!("dir/a%20b.bin\t{one}\t\n"));
    assert!(refused(&world, &["url", "add", &prefix, "DIR/a%20b.bin", &two]).contains("already"));
    assert_eq!(done(&world, &["url", "check", &prefix, "dir/A%20B.bin"]).trim_end(), "yes");
    assert_eq!(get(server.address, "/T/Dir/A%20b.bin").body, b"1", "case does not count");
    for absent in ["/t", "/t/", "/t/dir", "/t/dir/", "/t/dir/a%20b.bin/", "/t/../t/dir/a%20b.bin", "/t/other"]
    {
        assert_eq!(get(server.address, absent).status, 404, "{absent}");
    }
    done(&world, &["url", "remove", &prefix, "dir/a%20b.bin"]);
    assert!(refused(&world, &["url", "check", &prefix, "dir/a%20b.bin"]).contains("no"));
    assert!(refused(&world, &["url", "remove", &prefix, "dir/a%20b.bin"]).contains("there is no URL"));
    assert_eq!(get(server.address, "/t/dir/a%20b.bin").status, 404);
    for (suffix, path) in [("../x", one.as_str()), ("a/%2e%2e/x", &one), ("", &one), ("d/", &one)] {
        assert!(
            refused(&world, &["url", "add", &prefix, suffix, path]).contains("no end of a URL"),
            "{suffix}"
        );
    }
    let directory = world.path("drop");
    assert!(
        refused(&world, &["url", "add", &prefix, "x", directory.to_str().unwrap()]).contains("not a file")
    );
    assert!(refused(&world, &["url", "add", &prefix, "x", "/nowhere/x"]).contains("/nowhere/x"));
}

#[test]
fn a_link_that_is_put_in_the_place_of_a_file_is_not_followed() {
    let world = World::new();
    let server = start(&world);
    let (source, secret) = (file(&world, "f", "file"), file(&world, "secret", "secret"));
    let prefix = beside(&server, "+", "t");
    done(&world, &["group", "add", &prefix, "--anonymous"]);
    symlink(&source, world.path("link")).unwrap();
    done(&world, &["url", "add", &prefix, "f", world.path("link").to_str().unwrap()]);
    assert_eq!(get(server.address, "/t/f").body, b"file", "a link of the administrator is resolved once");
    fs::remove_file(&source).unwrap();
    symlink(&secret, &source).unwrap();
    assert_eq!(get(server.address, "/t/f").status, 404);
}

#[test]
fn prefixes_with_a_wildcard_a_name_and_an_address_are_told_apart() {
    let world = World::new();
    let server = start(&world);
    let add = |host: &str, name: &str, text: &str| {
        let prefix = beside(&server, host, name);
        let source = file(&world, text, text);
        done(&world, &["group", "add", &prefix, "--anonymous"]);
        done(&world, &["url", "add", &prefix, "f", &source]);
        prefix
    };
    add("*", "t", "weak");
    assert_eq!(get_from(server.address, "/t/f", "anything").body, b"weak");
    add("127.0.0.1", "t", "address");
    assert_eq!(get_from(server.address, "/t/f", "anything").body, b"address");
    add("Server1", "t", "name");
    assert_eq!(get_from(server.address, "/t/f", "SERVER1:80").body, b"name");
    assert_eq!(get_from(server.address, "/t/f", "other").body, b"address");
    let strong = add("+", "t", "strong");
    assert_eq!(get_from(server.address, "/t/f", "server1").body, b"strong");
    done(&world, &["group", "remove", &strong]);
    assert_eq!(get_from(server.address, "/t/f", "server1").body, b"name");
}

#[test]
fn connection_limit_is_three_and_more_transfers_are_told_to_come_back() {
    let world = World::new();
    let server = start(&world);
    let large = fs::File::create(world.path("large")).unwrap();
    large.set_len(200 << 20).unwrap();
    let prefix = beside(&server, "+", "t");
    done(&world, &["group", "add", &prefix, "--anonymous"]);
    done(&world, &["url", "add", &prefix, "large", world.path("large").to_str().unwrap()]);
    assert_eq!(done(&world, &["group", "get", &prefix, "connection-limit"]).trim_end(), "3");
    let begin = || {
        let mut stream = TcpStream::connect(server.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream.write_all(b"GET /t/large HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        let mut line = [0; 12];
        stream.read_exact(&mut line).unwrap();
        (String::from_utf8_lossy(&line).into_owned(), stream)
    };
    let transfers: Vec<_> = (0..3).map(|_| begin()).collect();
    assert!(transfers.iter().all(|(line, _)| line == "HTTP/1.1 200"), "{transfers:?}");
    let fourth = get(server.address, "/t/large");
    assert_eq!((fourth.status, fourth.header("Retry-After")), (503, Some("30")));
    let mut head = server.connect();
    head.send("HEAD /t/large HTTP/1.1\nHost: x\n", b"");
    assert_eq!(head.head_response().status, 200, "HEAD transfers nothing");
    done(&world, &["group", "set", &prefix, "connection-limit", "4"]);
    let fourth = begin();
    assert_eq!(fourth.0, "HTTP/1.1 200");
    drop((transfers, fourth));
    // The server learns of it some time.
    while begin().0 != "HTTP/1.1 200" {
        std::thread::yield_now();
    }
    assert!(refused(&world, &["group", "set", &prefix, "connection-limit", "0"]).contains("from 1"));
}

#[test]
fn bandwidth_limit_paces_all_transfers_of_a_group_together() {
    let world = World::new();
    let server = start(&world);
    let source = file(&world, "f", &"x".repeat(30_000));
    let prefix = beside(&server, "+", "t");
    done(&world, &["group", "add", &prefix, "--anonymous"]);
    done(&world, &["url", "add", &prefix, "f", &source]);
    assert!(refused(&world, &["group", "set", &prefix, "bandwidth-limit", "1023"]).contains("1024"));
    done(&world, &["group", "set", &prefix, "bandwidth-limit", "40000"]);
    assert_eq!(done(&world, &["group", "get", &prefix, "bandwidth-limit"]).trim_end(), "40000");
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| assert_eq!(get(server.address, "/t/f").body.len(), 30_000));
        }
    });
    // 60,000 bytes, of which the last portions are not waited for.
    assert!(begun.elapsed() > Duration::from_millis(1_000), "{:?}", begun.elapsed());
    done(&world, &["group", "set", &prefix, "bandwidth-limit", "0"]);
    assert_eq!(get(server.address, "/t/f").body.len(), 30_000);
}

#[test]
fn a_group_may_be_for_users_and_a_url_for_some_of_them() {
    let world = World::new();
    let hash = |password: &str| bcrypt::hash(password, 4).unwrap();
    fs::write(world.path("htpasswd"), format!("alice:{}\nbob:{}\n", hash("secret"), hash("other"))).unwrap();
    let server = start_with(&world, &format!("[authentication]\nhtpasswd = {:?}\n", world.path("htpasswd")));
    let source = file(&world, "f", "file");
    let prefix = beside(&server, "+", "t");
    // Adding a URL makes its group, if it can be added.
    assert!(refused(&world, &["url", "add", &prefix, "f", "/nowhere/f"]).contains("/nowhere/f"));
    assert_eq!(done(&world, &["group", "list"]), "");
    done(&world, &["url", "add", &prefix, "f", &source]);
    done(&world, &["url", "add", &prefix, "hers", &source, "alice"]);
    assert_eq!(done(&world, &["group", "authentication", &prefix]).trim_end(), "users");
    let ask = |path: &str, proof: &str| {
        server.ask(&format!("GET {path} HTTP/1.1\nHost: x\nAuthorization: Basic {proof}\n"), b"").status
    };
    let (alice, bob) = ("YWxpY2U6c2VjcmV0", "Ym9iOm90aGVy");
    assert_eq!(get(server.address, "/t/f").status, 401);
    assert_eq!(get(server.address, "/t/absent").status, 401, "nobody learns what is there");
    assert_eq!((ask("/t/f", alice), ask("/t/f", bob)), (200, 200));
    assert_eq!((ask("/t/hers", alice), ask("/t/hers", bob)), (200, 403));
    assert!(refused(&world, &["group", "authentication", &prefix, "anonymous"]).contains("some users"));
    done(&world, &["url", "remove", &prefix, "hers"]);
    done(&world, &["group", "authentication", &prefix, "anonymous"]);
    assert_eq!(get(server.address, "/t/f").status, 200);
}

#[test]
fn a_group_that_nobody_could_use_is_refused() {
    let world = World::new();
    let server = start(&world);
    let prefix = beside(&server, "+", "t");
    assert!(refused(&world, &["group", "add", &prefix]).contains("--anonymous"));
    done(&world, &["group", "add", &prefix, "--anonymous"]);
    assert!(refused(&world, &["group", "authentication", &prefix, "users"]).contains("[authentication]"));
}

#[test]
fn set_ssl_certificate_makes_https_groups_possible() {
    let world = World::new();
    let _server = start(&world);
    let port = free_port();
    let prefix = format!("https://127.0.0.1:{port}/t/");
    let source = file(&world, "f", "file");
    assert!(refused(&world, &["group", "add", &prefix, "--anonymous"]).contains("has no certificate"));
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate =
        rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    let (pem, secret) =
        (file(&world, "c.pem", &certificate.pem()), file(&world, "k.pem", &key.serialize_pem()));
    let number = port.to_string();
    assert!(refused(&world, &["certificate", "set", &number, &source, &secret]).contains(&source));
    done(&world, &["certificate", "set", &number, &pem, &secret]);
    assert_eq!(done(&world, &["certificate", "get", &number]), format!("{pem}\n{secret}\n"));
    done(&world, &["group", "add", &prefix, "--anonymous"]);
    done(&world, &["url", "add", &prefix, "f", &source]);
    let client = support::trusting(certificate.der());
    let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let mut stream = rustls::StreamOwned::new(client, stream);
    stream.write_all(b"GET /t/f HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.ends_with("\r\n\r\nfile"), "{answer}");
    assert!(refused(&world, &["certificate", "remove", &number]).contains("needs the certificate"));
    let plain = format!("http://127.0.0.1:{port}/u/");
    assert!(refused(&world, &["group", "add", &plain, "--anonymous"]).contains("speaks https"));
    done(&world, &["group", "remove", &prefix]);
    done(&world, &["certificate", "remove", &number]);
    assert!(refused(&world, &["certificate", "get", &number]).contains("no certificate"));
}

#[test]
fn groups_are_there_again_after_a_killed_server_and_gone_where_they_are_not_kept() {
    let world = World::new();
    let port = free_port();
    let prefix = format!("http://127.0.0.1:{port}/t/");
    let source = file(&world, "f", "file");
    let server = start(&world);
    done(&world, &["group", "add", &prefix, "--anonymous"]);
    done(&world, &["url", "add", &prefix, "f", &source]);
    done(&world, &["group", "set", &prefix, "connection-limit", "7"]);
    server.kill();
    let server = start(&world);
    assert_eq!(get(([127, 0, 0, 1], port).into(), "/t/f").body, b"file");
    assert_eq!(done(&world, &["group", "get", &prefix, "connection-limit"]).trim_end(), "7");
    server.kill();
    let text = fs::read_to_string(world.path("server.toml")).unwrap();
    let text: Vec<_> = text.lines().filter(|line| !line.starts_with("groups")).collect();
    let _server = world.serve_file(&text.join("\n"));
    assert_eq!(done(&world, &["group", "list"]), "");
}

#[test]
fn what_cannot_be_kept_is_not_done() {
    let world = World::new();
    let server = start(&world);
    let prefix = beside(&server, "+", "t");
    done(&world, &["group", "add", &prefix, "--anonymous"]);
    // A directory in the place of the new file cannot be written.
    fs::create_dir(world.path("groups.new")).unwrap();
    assert!(
        refused(&world, &["group", "set", &prefix, "connection-limit", "9"]).contains("nothing was changed")
    );
    assert_eq!(done(&world, &["group", "get", &prefix, "connection-limit"]).trim_end(), "3");
    let port = free_port();
    refused(&world, &["group", "add", &format!("http://127.0.0.1:{port}/t/"), "--anonymous"]);
    while TcpStream::connect(("127.0.0.1", port)).is_ok() {
        std::thread::yield_now();
    }
    assert_eq!(done(&world, &["group", "list"]).trim_end(), prefix);
}

#[test]
fn no_more_groups_than_the_configuration_allows() {
    let world = World::new();
    let server = start(&world);
    for number in 0..25 {
        let line = format!(
            "{{\"command\":\"add-group\",\"prefix\":\"{}\",\"anonymous\":true}}\n",
            beside(&server, "+", &number.to_string())
        );
        assert_eq!(say(&world, line.as_bytes()), "\"done\"");
    }
    let more = beside(&server, "+", "more");
    assert!(refused(&world, &["group", "add", &more, "--anonymous"]).contains("maximum_groups"));
}

#[test]
fn a_port_of_somebody_else_is_refused() {
    let world = World::new();
    let _server = start(&world);
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let prefix = format!("http://127.0.0.1:{}/t/", other.local_addr().unwrap().port());
    assert!(refused(&world, &["group", "add", &prefix, "--anonymous"]).contains("cannot be opened"));
    assert_eq!(done(&world, &["group", "list"]), "");
}

#[test]
fn garbage_on_the_socket_is_refused_with_a_reason_and_harms_nobody() {
    let world = World::new();
    let _server = start(&world);
    for line in [
        &b"\n"[..],
        b"hello\n",
        b"{}\n",
        b"[]\n",
        b"\xff\xfe\x00\n",
        b"{\"command\":\"fly\"}\n",
        b"{\"command\":\"add-group\"}\n",
        b"{\"command\":\"add-group\",\"prefix\":7}\n",
        b"{\"command\":\"list-groups\",\"more\":1}\n",
        b"{\"command\":\"set-property\",\"prefix\":\"http://+:80/\",\"property\":\"speed\",\"value\":1}\n",
    ] {
        let answer = say(&world, line);
        assert!(answer.contains("refused") && answer.contains("that is no command"), "{answer}");
    }
    let prefix = b"{\"command\":\"remove-group\",\"prefix\":\"nonsense\"}\n";
    assert!(say(&world, prefix).contains("no URL prefix"));
    assert!(say(&world, &vec![b'x'; 100 * 1024]).contains("too long"));
    // Several commands on one connection, and an end in the middle of one.
    let mut stream = UnixStream::connect(world.path("control")).unwrap();
    stream.write_all(b"{\"command\":\"list-groups\"}\n{\"command\":\"list-groups\"}\n{\"comm").unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut answers = String::new();
    stream.read_to_string(&mut answers).unwrap();
    assert_eq!(answers, "{\"texts\":[]}\n{\"texts\":[]}\n");
}

#[test]
fn slow_clients_of_the_socket_lose_their_connection_and_others_are_answered() {
    let world = World::new();
    let _server = start(&world);
    let slow: Vec<_> = (0..20)
        .map(|_| {
            let mut stream = UnixStream::connect(world.path("control")).unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
            stream.write_all(b"{\"comm").unwrap();
            stream
        })
        .collect();
    // As many as may be there at once say nothing: the next one waits until they are sent away.
    assert_eq!(done(&world, &["group", "list"]), "");
    let mut answer = String::new();
    BufReader::new(&slow[0]).read_line(&mut answer).unwrap();
    assert!(answer.contains("in time"), "{answer}");
}

#[test]
fn only_root_and_the_user_of_the_server_manage_it() {
    let world = World::new();
    let server = start(&world);
    let mode = fs::metadata(world.path("control")).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    // Another user needs root to become one, and a program to do it.
    let id = Command::new("id").arg("-u").output().unwrap().stdout;
    if id.trim_ascii() != b"0" || Command::new("setpriv").arg("--version").output().is_err() {
        eprintln!("not root, or no setpriv: left out");
        return;
    }
    // Were it not for the permissions of the socket and of its directory, the identity would count.
    fs::set_permissions(world.path("control"), fs::Permissions::from_mode(0o666)).unwrap();
    fs::set_permissions(world.path(""), fs::Permissions::from_mode(0o755)).unwrap();
    let program = world.path("program");
    fs::copy(env!("CARGO_BIN_EXE_bgcopy-server"), &program).unwrap();
    let output = Command::new("setpriv")
        .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
        .arg(&program)
        .arg("--control")
        .arg(world.path("control"))
        .args(["group", "add", "http://127.0.0.1:1/t/", "--anonymous"])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && text.contains("only root and the user of the server"), "{text}");
    server.logged("the user 65534 tried to manage the server");
    assert_eq!(done(&world, &["group", "list"]), "");
}

#[test]
fn without_a_server_a_command_says_so() {
    let world = World::new();
    assert!(refused(&world, &["group", "list"]).contains("no server with [control] runs there"));
    let _server = start(&world);
    let second =
        Command::new(env!("CARGO_BIN_EXE_bgcopy-server")).arg(world.path("server.toml")).output().unwrap();
    assert!(!second.status.success());
    assert_eq!(done(&world, &["group", "list"]), "", "the socket of the first one is left alone");
    assert!(refused(&world, &["group", "fly"]).contains("usage"));
}

#[test]
fn the_clean_up_runs_in_the_server_that_runs_and_else_by_itself() {
    let world = World::new();
    let server = start(&world);
    let begin = |server: &Server| {
        let session = server.connect().create("/drop/a");
        server.ask(&fragment("/drop/a", &session, "0-9/20", 10), &[1; 10]);
        session
    };
    begin(&server);
    assert_eq!(done(&world, &["clean-up"]).trim_end(), "0");
    let once = || {
        let output = Command::new(env!("CARGO_BIN_EXE_bgcopy-server"))
            .arg("--clean-up")
            .arg(world.path("server.toml"))
            .output()
            .unwrap();
        let told = if output.status.success() { output.stdout } else { output.stderr };
        (output.status.success(), String::from_utf8(told).unwrap())
    };
    assert_eq!(once(), (true, "0 old sessions removed\n".to_owned()));
    server.kill();
    let age = || {
        let session =
            fs::read_dir(world.drop("BITS-Sessions/Requests")).unwrap().next().unwrap().unwrap().path();
        let old = std::time::SystemTime::now() - Duration::from_secs(15 * 86_400);
        for name in ["session.toml", "requestfile.bin"] {
            fs::File::options().write(true).open(session.join(name)).unwrap().set_modified(old).unwrap();
        }
    };
    age();
    // The socket of the killed server is left, and nobody answers there.
    assert_eq!(once(), (true, "1 old sessions removed\n".to_owned()));
    assert_eq!(world.sessions(), 0);
    // Without the local interface, a server that runs cleans up by itself.
    let text = fs::read_to_string(world.path("server.toml")).unwrap();
    let text: String = text
        .lines()
        .filter(|line| !line.contains("control") && !line.starts_with("groups"))
        .fold(String::new(), |mut text, line| {
            if !line.starts_with("socket") {
                text.push_str(line);
                text.push('\n');
            }
            text
        });
    let _server = world.serve_file(&text);
    let (succeeded, text) = once();
    assert!(succeeded && text.contains("by itself"), "{text}");
}
