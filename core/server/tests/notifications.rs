//! Rules of server applications, against the running server and an application that says what a test wants said.

mod support;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::mpsc;

use support::{Server, World, create, ending, fragment, ping};

/// What an application was told.
#[derive(Debug, Clone)]
struct Told {
    line: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Told {
    fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value)
    }
}

/// An application on a thread of its own, which ends with the test program.
struct Application {
    address: SocketAddr,
    told: mpsc::Receiver<Told>,
}

impl Application {
    /// Answers as `answer` says; nothing for an empty answer, and the connection stays open for `None`.
    fn new(mut answer: impl FnMut(usize, &Told) -> Option<String> + Send + 'static) -> Application {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (tell, told) = mpsc::channel();
        std::thread::spawn(move || {
            let mut kept = Vec::new();
            for (number, stream) in listener.incoming().enumerate() {
                let mut stream = stream.unwrap();
                let request = read(&stream);
                let said = answer(number, &request);
                let _ = tell.send(request);
                match said {
                    Some(text) => stream.write_all(text.as_bytes()).unwrap(),
                    None => kept.push(stream),
                }
            }
        });
        Application { address, told }
    }

    fn serve(&self, world: &World, settings: &str) -> Server {
        world.serve(&format!("server_notification_url = \"http://{}/take\"\n{settings}\n", self.address))
    }

    /// What it was told, each once.
    fn told(&self) -> Told {
        self.told.recv_timeout(std::time::Duration::from_secs(60)).unwrap()
    }

    fn is_silent(&self) -> bool {
        self.told.try_recv().is_err()
    }
}

fn read(stream: &TcpStream) -> Told {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).unwrap();
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        headers.push((name.to_owned(), value.to_owned()));
    }
    let mut told = Told { line: line.trim_end().to_owned(), headers, body: Vec::new() };
    let length = told.header("Content-Length").parse().unwrap();
    told.body = vec![0; length];
    reader.read_exact(&mut told.body).unwrap();
    told
}

fn says(status: &str, headers: &str, body: &str) -> Option<String> {
    Some(format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    ))
}

const ORDER: &[u8] = b"<order id=42/>";
const FILE: &str = "/drop/o42.xml";

/// Uploads the order; the answer to its only Fragment.
fn order(server: &Server) -> (String, support::Response) {
    let session = server.connect().create(FILE);
    let response = server.ask(&fragment(FILE, &session, "0-13/14", 14), ORDER);
    (session, response)
}

/// The path of a URL.
fn path(url: &str) -> String {
    let (_, rest) = url.split_once("://").unwrap();
    rest[rest.find('/').unwrap()..].to_owned()
}

#[test]
fn v4_upload_reply_through_a_host_id() {
    let world = World::new();
    let application = Application::new(|_, told| {
        assert_eq!(fs::read(told.header("BITS-Request-DataFile-Name")).unwrap(), ORDER);
        fs::write(told.header("BITS-Response-DataFile-Name"), "accepted: 42").unwrap();
        says("200 OK", "", "")
    });
    let server = application.serve(
        &world,
        "server_notification_type = 1\nhost_id = \"node3.farm.example.net\"\nhost_id_fallback_timeout = 900\n",
    );
    let mut connection = server.connect();
    let created = connection.ask(&create(FILE).replace("files.example", "farm.example"), b"");
    assert_eq!(created.header("BITS-Host-Id"), Some("node3.farm.example.net"));
    let session = created.header("BITS-Session-Id").unwrap();
    let node = |head: String| head.replace("files.example", "node3.farm.example");
    assert_eq!(connection.ask(&node(ping(FILE)), b"").status, 200);
    let last = connection.ask(&node(fragment(FILE, session, "0-13/14", 14)), ORDER);
    assert_eq!(last.received(), (200, "14"));
    let reply = last.header("BITS-Reply-URL").unwrap();
    let braces = session.replace('{', "%7B").replace('}', "%7D");
    assert_eq!(
        reply,
        format!("http://node3.farm.example.net/drop/BITS-Sessions/Replies/{braces}/responsefile.bin")
    );

    let told = application.told();
    assert_eq!(told.line, "POST /take HTTP/1.1");
    assert_eq!(told.header("BITS-Original-Request-URL"), "http://farm.example.net/drop/o42.xml");
    assert_eq!(told.header("User-Agent"), "BITSExts 1.5");
    let place = |kind: &str, file: &str| world.drop(&format!("BITS-Sessions/{kind}/{session}/{file}"));
    let named = |name: &str| Path::new(told.header(name)).to_owned();
    assert_eq!(named("BITS-Request-DataFile-Name"), place("Requests", "requestfile.bin"));
    assert_eq!(named("BITS-Response-DataFile-Name"), place("Replies", "responsefile.bin"));

    let get = |lines: &str| server.ask(&format!("GET {} HTTP/1.1\nHost: x\n{lines}", path(reply)), b"");
    let part = get("Range: bytes=0-7\n");
    assert_eq!((part.status, part.body.as_slice()), (206, b"accepted".as_slice()));
    assert_eq!(part.header("Content-Range"), Some("bytes 0-7/12"));
    let date = part.header("Last-Modified").unwrap();
    let rest = get(&format!("Range: bytes=8-11\nIf-Unmodified-Since: {date}\n"));
    assert_eq!((rest.status, rest.body.as_slice()), (206, b": 42".as_slice()));
    let upper = path(reply).replace("/drop/BITS-Sessions", "/drop/bits-sessions");
    assert_eq!(server.ask(&format!("GET {upper} HTTP/1.1\nHost: x\n"), b"").status, 404);

    assert_eq!(connection.ask(&node(ending(FILE, "Close-Session", session)), b"").status, 200);
    assert_eq!(get("").status, 404);
    assert!(!world.drop("o42.xml").exists(), "without BITS-Copy-File-To-Destination");
    assert_eq!(world.sessions(), 0);
    assert_eq!(fs::read_dir(world.drop("BITS-Sessions/Replies")).unwrap().count(), 0);
}

#[test]
fn by_reference_without_a_file_there_is_no_reply() {
    let world = World::new();
    let application = Application::new(|_, _| says("200 OK", "", "a body that nobody reads"));
    let server = application.serve(&world, "server_notification_type = 1");
    let (_, last) = order(&server);
    assert_eq!((last.received(), last.header("BITS-Reply-URL")), ((200, "14"), None));
}

#[test]
fn by_value_the_body_is_the_reply() {
    let world = World::new();
    let application = Application::new(|_, _| says("200 OK", "", "done 1"));
    let server = application.serve(&world, "server_notification_type = 2");
    let (session, last) = order(&server);
    let told = application.told();
    assert_eq!((told.body.as_slice(), told.header("BITS-Request-DataFile-Name")), (ORDER, ""));
    let reply = path(last.header("BITS-Reply-URL").unwrap());
    let get = || server.ask(&format!("GET {reply} HTTP/1.1\nHost: x\n"), b"");
    assert_eq!(get().body, b"done 1");
    assert_eq!(server.ask(&ending(FILE, "Cancel-Session", &session), b"").status, 200);
    assert_eq!(get().status, 404);
}

#[test]
fn a_static_reply_goes_to_the_client_as_it_is_and_the_file_is_copied_when_the_application_says_so() {
    let world = World::new();
    let url = "http://files.example.net/packages/patch-0017.cab";
    let application = Application::new(move |_, _| {
        let headers = format!("BITS-Static-Response-URL: {url}\r\nBITS-Copy-File-To-Destination: yes\r\n");
        says("200 OK", &headers, "")
    });
    let server = application.serve(&world, "server_notification_type = 2");
    let path = "/drop/pc17.txt?site=9";
    let session = server.connect().create(path);
    let last = server.ask(&fragment(path, &session, "0-10/11", 11), b"cpu=4;ram=8");
    assert_eq!((last.received(), last.header("BITS-Reply-URL")), ((200, "11"), Some(url)));
    let told = application.told();
    assert_eq!(told.line, "POST /take?site=9 HTTP/1.1");
    assert_eq!(told.header("BITS-Original-Request-URL"), "http://files.example.net/drop/pc17.txt?site=9");
    assert_eq!(fs::read(world.drop("pc17.txt")).unwrap(), b"cpu=4;ram=8");
}

#[test]
fn a_success_is_told_once_also_after_a_restart() {
    let world = World::new();
    let application = Application::new(|_, _| says("200 OK", "", "done"));
    let server = application.serve(&world, "server_notification_type = 2");
    let (session, first) = order(&server);
    application.told();
    server.kill();
    let server = application.serve(&world, "server_notification_type = 2");
    let again = server.ask(&fragment(FILE, &session, "0-13/14", 14), ORDER);
    assert_eq!(again.received(), (200, "14"));
    assert_eq!(again.header("BITS-Reply-URL"), first.header("BITS-Reply-URL"));
    let reply = path(again.header("BITS-Reply-URL").unwrap());
    assert_eq!(server.ask(&format!("GET {reply} HTTP/1.1\nHost: x\n"), b"").body, b"done");
    assert!(application.is_silent());
}

#[test]
fn a_failure_of_the_application_is_passed_on_and_the_next_fragment_tells_it_again() {
    let world = World::new();
    let answers = ["503 Service Unavailable", "502 Bad Gateway", "404 Not Found", "302 Found", "200 OK"];
    let application = Application::new(move |number, _| says(answers[number], "", "done 1"));
    let server = application.serve(&world, "server_notification_type = 2");
    let session = server.connect().create(FILE);
    let again = || server.ask(&fragment(FILE, &session, "0-13/14", 14), ORDER);
    assert_eq!(again().failure(), (503, "0x801901F7", "0x7"));
    assert_eq!(again().failure(), (502, "0x801901F6", "0x7"));
    assert_eq!(again().failure(), (404, "0x80190194", "0x7"));
    assert_eq!(again().failure(), (302, "0x8019012E", "0x7"));
    let last = again();
    assert_eq!(last.received(), (200, "14"));
    assert!(last.header("BITS-Reply-URL").is_some());
    assert_eq!((0..5).map(|_| application.told().body).filter(|body| body == ORDER).count(), 5);
}

#[test]
fn an_application_that_says_403_is_not_asked_again() {
    let world = World::new();
    let application = Application::new(|_, _| says("403 Forbidden", "", ""));
    let server = application.serve(&world, "server_notification_type = 2");
    let (session, first) = order(&server);
    assert_eq!(first.failure(), (403, "0x80190193", "0x7"));
    application.told();
    server.kill();
    let server = application.serve(&world, "server_notification_type = 2");
    let again = server.ask(&fragment(FILE, &session, "0-13/14", 14), ORDER);
    assert_eq!(again.failure(), (403, "0x80190193", "0x7"));
    assert!(application.is_silent());
}

#[test]
fn a_status_that_the_client_would_take_for_one_about_itself_is_translated() {
    let world = World::new();
    let answers = ["401 Unauthorized", "407 Proxy", "413 Large", "416 Range"];
    let application = Application::new(move |number, _| says(answers[number], "", ""));
    let server = application.serve(&world, "server_notification_type = 2");
    let session = server.connect().create(FILE);
    for expected in [
        (502, "0x80190191", "0x7"),
        (502, "0x80190197", "0x7"),
        (500, "0x8019019D", "0x7"),
        (500, "0x801901A0", "0x7"),
    ] {
        assert_eq!(server.ask(&fragment(FILE, &session, "0-13/14", 14), ORDER).failure(), expected);
    }
}

#[test]
fn an_application_that_is_down_slow_or_makes_no_sense() {
    let world = World::new();
    let nobody = bgcopy_testserver::port::free();
    let server = world
        .serve(&format!("server_notification_type = 2\nserver_notification_url = \"http://{nobody}/\"\n"));
    assert_eq!(order(&server).1.failure(), (503, "0x80072EFD", "0x7"));
    server.logged("the server application cannot be reached");
    drop(server);
    let garbage = Application::new(|_, _| Some("this is no HTTP\r\n\r\n".to_owned()));
    let server = garbage.serve(&world, "server_notification_type = 2");
    assert_eq!(order(&server).1.failure(), (502, "0x8020001B", "0x7"));
    server.logged("answered nothing that is HTTP");
    drop(server);
    let slow = Application::new(|_, _| None);
    let server = slow.serve(&world, "server_notification_type = 2\nserver_notification_timeout = 1\n");
    assert_eq!(order(&server).1.failure(), (408, "0x80070112", "0x7"));
    server.logged("did not answer in time");
    drop(server);
    let long = format!("BITS-Static-Response-URL: http://x/{}\r\n", "r".repeat(2_200));
    let wordy = Application::new(move |_, _| says("200 OK", &long, ""));
    let server = wordy.serve(&world, "server_notification_type = 2");
    assert_eq!(order(&server).1.failure(), (400, "0x80070057", "0x7"));
    assert!(!world.drop("o42.xml").exists(), "nothing has its name");
}

#[test]
fn the_application_is_told_although_the_client_is_gone() {
    let world = World::new();
    let (asked, is_asked) = mpsc::channel();
    let (gone, is_gone) = mpsc::channel();
    let application = Application::new(move |_, _| {
        asked.send(()).unwrap();
        is_gone.recv().unwrap();
        says("200 OK", "", "done")
    });
    let server = application.serve(&world, "server_notification_type = 2");
    let session = server.connect().create(FILE);
    let mut client = server.connect();
    client.send(&fragment(FILE, &session, "0-13/14", 14), ORDER);
    is_asked.recv().unwrap();
    drop(client);
    gone.send(()).unwrap();
    application.told();
    let again = server.ask(&fragment(FILE, &session, "0-13/14", 14), ORDER);
    assert!(again.header("BITS-Reply-URL").is_some());
    assert!(application.is_silent());
}

#[test]
fn replies_of_nobody_and_links_in_their_place_are_not_sent() {
    let world = World::new();
    fs::write(world.path("secret"), "secret").unwrap();
    let secret = world.path("secret");
    let application = Application::new(move |_, told| {
        std::os::unix::fs::symlink(&secret, told.header("BITS-Response-DataFile-Name")).unwrap();
        says("200 OK", "", "")
    });
    let server = application.serve(&world, "server_notification_type = 1\ndownload_enabled = true\n");
    let (session, last) = order(&server);
    assert_ne!(last.status, 200, "a link is no reply");
    let braces = session.replace('{', "%7B").replace('}', "%7D");
    for path in [
        format!("/drop/BITS-Sessions/Replies/{braces}/responsefile.bin"),
        format!("/drop/BITS-Sessions/Requests/{braces}/requestfile.bin"),
        "/drop/BITS-Sessions/Replies/x/responsefile.bin".to_owned(),
    ] {
        assert_eq!(server.ask(&format!("GET {path} HTTP/1.1\nHost: x\n"), b"").status, 404, "{path}");
    }
}
