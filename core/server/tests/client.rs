//! The two halves of bgcopy together: jobs of the engine upload to the running server.

mod support;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use bgcopy_engine::client::{Job, Manager, Settings};
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::{JobPriority, JobState, JobType};
use bgcopy_protocol::flags::SecurityFlags;
use support::{Nginx, Server, World};

/// Ends a test that hangs.
const PATIENCE: Duration = Duration::from_secs(60);

const SIZE: usize = 5_000_000;

fn content(size: usize) -> Vec<u8> {
    (0..size).map(|number| (number >> 8) as u8 ^ number as u8).collect()
}

fn open(world: &World) -> Manager {
    Manager::open(Settings { directory: world.path("queue"), ..Settings::default() }).unwrap()
}

/// A suspended job that uploads a file of that name and size to a URL.
fn job(world: &World, queue: &Manager, kind: JobType, size: usize, url: &str) -> Job {
    let path = world.path("of the user");
    fs::write(&path, content(size)).unwrap();
    let job = queue.create_job("upload", kind).unwrap();
    job.set_priority(JobPriority::Foreground).unwrap();
    job.add_file(url, path.to_str().unwrap()).unwrap();
    job
}

/// Runs the job to its end.
fn run(job: &Job) {
    job.resume().unwrap();
    assert_eq!(job.wait(Some(PATIENCE), None).unwrap(), (JobState::Transferred, true), "{:?}", job.error());
}

/// Passes connections on. The first one stands still when `limit` bytes have gone to the server.
struct Relay {
    address: SocketAddr,
    target: Arc<Mutex<SocketAddr>>,
    stands_still: mpsc::Receiver<()>,
}

impl Relay {
    fn new(target: SocketAddr, limit: u64) -> Relay {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let target = Arc::new(Mutex::new(target));
        let (tell, stands_still) = mpsc::channel();
        let servers = Arc::clone(&target);
        std::thread::spawn(move || {
            let mut limits = [limit].into_iter();
            for client in listener.incoming().map_while(Result::ok) {
                let Ok(server) = TcpStream::connect(*servers.lock().unwrap()) else { continue };
                let (mut from, mut to) = (server.try_clone().unwrap(), client.try_clone().unwrap());
                std::thread::spawn(move || {
                    let _ = std::io::copy(&mut from, &mut to);
                    let _ = to.shutdown(Shutdown::Both);
                });
                let (limit, tell) = (limits.next(), tell.clone());
                std::thread::spawn(move || {
                    let sent = std::io::copy(&mut (&client).take(limit.unwrap_or(u64::MAX)), &mut &server);
                    if limit.is_some_and(|limit| sent.is_ok_and(|sent| sent == limit)) {
                        let _ = tell.send(());
                    } else {
                        let _ = server.shutdown(Shutdown::Both);
                    }
                });
            }
        });
        Relay { address, target, stands_still }
    }
}

/// An application that answers the first upload with "done", and gives what was uploaded.
fn application() -> (String, mpsc::Receiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/take", listener.local_addr().unwrap());
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        let mut stream = BufReader::new(listener.accept().unwrap().0);
        let mut length = 0;
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).unwrap();
            if line.trim().is_empty() {
                break;
            }
            let (name, value) = line.split_once(": ").unwrap_or_default();
            if name.eq_ignore_ascii_case("Content-Length") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).unwrap();
        stream.get_mut().write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone").unwrap();
        tell.send(body).unwrap();
    });
    (url, told)
}

#[test]
fn a_job_uploads_to_the_server_and_leaves_no_session() {
    let world = World::new();
    let server = world.serve("");
    let queue = open(&world);
    for size in [0, 1, SIZE] {
        let url = format!("http://{}/drop/file%20{size}", server.address);
        let job = job(&world, &queue, JobType::Upload, size, &url);
        run(&job);
        assert!(fs::read(world.drop(&format!("file {size}"))).unwrap() == content(size), "{size}");
        assert_eq!(job.progress().unwrap().bytes_transferred, size as u64);
        assert_eq!(job.complete().unwrap(), ResultCode::BG_S_OK);
        assert_eq!(world.sessions(), 0, "{size}");
    }
}

#[test]
fn an_upload_goes_on_when_the_server_was_killed_and_is_back() {
    let world = World::new();
    let server = world.serve("");
    let relay = Relay::new(server.address, 2_000_000);
    let queue = open(&world);
    let url = format!("http://{}/drop/big", relay.address);
    let job = job(&world, &queue, JobType::Upload, SIZE, &url);
    job.resume().unwrap();
    relay.stands_still.recv_timeout(PATIENCE).unwrap();
    server.kill();
    assert!(!world.drop("big").exists());
    let kept = world.sessions();
    let server = world.serve("");
    *relay.target.lock().unwrap() = server.address;

    // The first request after the kill may find no server; then a user tries again.
    let deadline = Instant::now() + PATIENCE;
    while job.wait(Some(Duration::from_millis(100)), None).unwrap().0 != JobState::Transferred {
        let state = job.state().unwrap();
        assert!(state != JobState::Error && Instant::now() < deadline, "{state:?} {:?}", job.error());
        if state == JobState::TransientError {
            job.resume().unwrap();
        }
    }
    assert!(fs::read(world.drop("big")).unwrap() == content(SIZE));
    assert_eq!((kept, world.sessions()), (1, 0), "the session went on, and ended");
    job.complete().unwrap();
}

#[test]
fn the_reply_of_an_application_comes_back_to_the_job() {
    let world = World::new();
    let (url, told) = application();
    let server = world.serve(&format!("server_notification_type = 2\nserver_notification_url = {url:?}\n"));
    let queue = open(&world);
    let url = format!("http://{}/drop/order", server.address);
    let job = job(&world, &queue, JobType::UploadReply, SIZE, &url);
    let reply = world.path("reply");
    job.set_reply_file_name(reply.to_str()).unwrap();
    run(&job);
    assert!(told.recv_timeout(PATIENCE).unwrap() == content(SIZE));
    assert_eq!(job.reply_data().unwrap(), b"done");
    assert_eq!(job.reply_progress().unwrap(), (4, 4));
    job.complete().unwrap();
    assert_eq!(fs::read(&reply).unwrap(), b"done");
    assert_eq!(world.sessions(), 0);
}

#[test]
fn behind_nginx_jobs_upload_and_get_their_replies() {
    reply_through_nginx("http", |server, world| Nginx::before(server, world, "http"));
}

#[test]
fn behind_nginx_that_ends_tls_jobs_upload_and_get_their_replies() {
    reply_through_nginx("https", Nginx::encrypted);
}

fn reply_through_nginx(scheme: &str, start: impl FnOnce(&Server, &World) -> Option<Nginx>) {
    let world = World::new();
    let (url, told) = application();
    let server = world.serve_file(&format!(
        "listen = [\"127.0.0.1:0\"]\n[proxy]\ntrusted = [\"127.0.0.1\"]\n[[directory]]\nurl_prefix = \"/drop\"\n\
         path = {:?}\nupload_enabled = true\nanonymous = true\nserver_notification_type = 2\n\
         server_notification_url = {url:?}\n",
        world.path("drop")
    ));
    let Some(nginx) = start(&server, &world) else { return };
    let queue = open(&world);
    let url = format!("{scheme}://localhost:{}/drop/order", nginx.address.port());
    let job = job(&world, &queue, JobType::UploadReply, SIZE, &url);
    job.set_security_flags(SecurityFlags::IGNORE_UNKNOWN_CA).unwrap();
    run(&job);
    assert!(told.recv_timeout(PATIENCE).unwrap() == content(SIZE));
    assert_eq!(job.reply_data().unwrap(), b"done");
    assert!(!world.drop("order").exists(), "the application did not ask for it");
    job.complete().unwrap();
    assert_eq!(world.sessions(), 0);
}

#[test]
fn a_cancelled_upload_leaves_no_session() {
    let world = World::new();
    let server = world.serve("");
    let queue = Manager::open(Settings {
        directory: world.path("queue"),
        background_bytes_per_second: Some(1_000_000),
        ..Settings::default()
    });
    let queue = queue.unwrap();
    let job = job(&world, &queue, JobType::Upload, SIZE, &format!("http://{}/drop/unwanted", server.address));
    job.set_priority(JobPriority::Normal).unwrap();
    job.resume().unwrap();
    let deadline = Instant::now() + PATIENCE;
    let until = |what: &str, holds: &dyn Fn() -> bool| {
        while !holds() {
            assert!(Instant::now() < deadline, "waited in vain for {what}");
            std::thread::sleep(Duration::from_millis(5));
        }
    };
    until("some bytes", &|| job.progress().unwrap().bytes_transferred > 0);
    assert_eq!(world.sessions(), 1);
    job.cancel().unwrap();
    until("the end of the session", &|| world.sessions() == 0);
    assert!(!world.drop("unwanted").exists());
}
