//! Proxies that speak SOCKS 5.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use bgcopy_protocol::enums::{AuthScheme, AuthTarget, ProxyUsage};
use bgcopy_protocol::{ResultCode, RetryClass};
use parking_lot::Mutex;
use rcgen::KeyPair;

use super::encryption::{NOW, params, serve as serve_tls};
use super::server::{Reply, Server};
use super::*;
use crate::transfer::access::{Access, AccessRecord, Credentials, ProxySettings};

/// How a proxy behaves.
#[derive(Clone, Copy)]
enum Manner {
    /// Takes everybody.
    Open,
    /// Takes ann, whose password is `geheim`.
    Asking,
    /// Answers requests with this code.
    Refusing(u8),
    /// Speaks something else.
    Foreign,
    /// Says nothing.
    Silent,
}

/// A SOCKS proxy for which every name is this machine; it notes whom it was asked for.
struct Socks {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Socks {
    fn start(manner: Manner) -> Socks {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (port, asked) = (listener.local_addr().unwrap().port(), Arc::default());
        let notes = Arc::clone(&asked);
        // It ends with the process of the tests.
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let notes = Arc::clone(&notes);
                thread::spawn(move || serve(client, manner, &notes));
            }
        });
        Socks { port, asked }
    }
}

fn take(client: &mut TcpStream, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    client.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn serve(mut client: TcpStream, manner: Manner, asked: &Mutex<Vec<String>>) -> io::Result<()> {
    let hello = take(&mut client, 2)?;
    let methods = take(&mut client, hello[1].into())?;
    match manner {
        Manner::Foreign => return client.write_all(b"HTTP/1.1 400 What?\r\n\r\n"),
        Manner::Silent => {
            asked.lock().push("nothing yet".to_owned());
            return client.read(&mut [0]).map(drop);
        }
        Manner::Asking if !methods.contains(&2) => return client.write_all(&[5, 0xff]),
        Manner::Asking => {
            client.write_all(&[5, 2])?;
            let length = take(&mut client, 2)?[1];
            let user = take(&mut client, length.into())?;
            let length = take(&mut client, 1)?[0];
            let password = take(&mut client, length.into())?;
            let known = (&*user, &*password) == (b"ann", b"geheim");
            client.write_all(&[1, u8::from(!known)])?;
        }
        Manner::Open | Manner::Refusing(_) => client.write_all(&[5, 0])?,
    }
    let request = take(&mut client, 4)?;
    assert_eq!(request[..3], [5, 1, 0]);
    let host = match request[3] {
        1 => Ipv4Addr::from(<[u8; 4]>::try_from(take(&mut client, 4)?).unwrap()).to_string(),
        3 => {
            let length = take(&mut client, 1)?[0];
            String::from_utf8(take(&mut client, length.into())?).unwrap()
        }
        kind => panic!("an address of kind {kind}"),
    };
    let port = u16::from_be_bytes(take(&mut client, 2)?.try_into().unwrap());
    asked.lock().push(format!("{host}:{port}"));
    if let Manner::Refusing(code) = manner {
        return client.write_all(&[5, code, 0, 1, 0, 0, 0, 0, 0, 0]);
    }
    let server = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    // An address that is a name, so that its length counts.
    client.write_all(b"\x05\x00\x00\x03\x04here\x00\x07")?;
    let (mut from, mut to) = (client.try_clone()?, server.try_clone()?);
    thread::spawn(move || {
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Write);
    });
    let _ = io::copy(&mut &server, &mut client);
    client.shutdown(Shutdown::Write)
}

fn record(list: &str) -> AccessRecord {
    let proxy = ProxySettings { usage: ProxyUsage::Override, proxies: Some(list.to_owned()), bypass: None };
    AccessRecord { proxy, ..AccessRecord::default() }
}

fn fetch_through(socks: &Socks, url: &str, password: Option<&str>) -> Result<Vec<u8>, TransferError> {
    let record = record(&format!("socks5://127.0.0.1:{}", socks.port));
    let held = |password: &str| Credentials {
        target: AuthTarget::Proxy,
        scheme: AuthScheme::Basic,
        user: Some("ann".to_owned()),
        password: Some(password.to_owned()),
    };
    let access = Access { record: &record, credentials: password.into_iter().map(held).collect(), check: 0 };
    let download = Download { access: Some(&access), ..from_start(url, true) };
    let mut sink = Memory::empty();
    fetch_with(&client(), &download, &mut sink).map(|_| sink.bytes)
}

fn server() -> Server {
    Server::start(|_| Reply::sized("200 OK", &[], b"abc"))
}

#[test]
fn a_socks_proxy_resolves_the_name_and_is_no_part_of_the_request() {
    let (server, socks) = (server(), Socks::start(Manner::Open));
    let port = server.address.port();
    for host in ["nowhere.example", "127.0.0.1"] {
        assert_eq!(fetch_through(&socks, &format!("http://{host}:{port}/f"), None).unwrap(), b"abc");
        assert_eq!(socks.asked.lock().pop().unwrap(), format!("{host}:{port}"));
        let request = server.log().pop().unwrap();
        assert_eq!((&*request.path, request.header("proxy-authorization")), ("/f", None));
    }
}

#[test]
fn https_goes_through_a_socks_proxy() {
    let key = KeyPair::generate().unwrap();
    let certificate = params("localhost", NOW).self_signed(&key).unwrap().der().clone();
    let answer = |_: &super::server::Request| Reply::sized("200 OK", &[], b"abc");
    let server = serve_tls(vec![certificate], &key, rustls::DEFAULT_VERSIONS, Arc::default(), answer);
    let socks = Socks::start(Manner::Open);
    let record = record(&format!("https=socks5h://127.0.0.1:{}", socks.port));
    let access = Access { record: &record, credentials: Vec::new(), check: 0 };
    let url = format!("https://localhost:{}/f", server.address.port());
    let security = SecurityFlags::IGNORE_UNKNOWN_CA;
    let download = Download { access: Some(&access), security, ..from_start(&url, true) };
    let mut sink = Memory::empty();
    fetch_with(&client(), &download, &mut sink).unwrap();
    assert_eq!(sink.bytes, b"abc");
    assert_eq!(*socks.asked.lock(), [format!("localhost:{}", server.address.port())]);
}

#[test]
fn a_socks_proxy_that_asks_gets_the_password_and_nobody_else() {
    let (server, socks) = (server(), Socks::start(Manner::Asking));
    for (password, says) in [(None, "has no credentials"), (Some("geheim1"), "refuses the user name")] {
        let error = fetch_through(&socks, &server.url("/f"), password).unwrap_err();
        assert_eq!((error.code, error.class), (ResultCode::BG_E_HTTP_ERROR_407, RetryClass::Fatal));
        assert!(error.text.contains(says) && !error.text.contains("geheim"), "{}", error.text);
    }
    assert!(server.log().is_empty());
    assert_eq!(fetch_through(&socks, &server.url("/f"), Some("geheim")).unwrap(), b"abc");
    assert_eq!(server.log()[0].header("authorization"), None);
    let error = fetch_through(&socks, &server.url("/f"), Some(&"x".repeat(256))).unwrap_err();
    assert_eq!(error.code, ResultCode::BG_E_INVALID_CREDENTIALS);
}

#[test]
fn what_a_socks_proxy_refuses_has_the_code_of_its_reason() {
    let server = server();
    for (manner, code, class) in [
        (Manner::Refusing(2), ResultCode::BG_E_HTTP_ERROR_403, RetryClass::Fatal),
        (Manner::Refusing(1), ResultCode::BG_E_WINHTTP_CANNOT_CONNECT, RetryClass::Transient),
        (Manner::Refusing(4), ResultCode::BG_E_WINHTTP_CANNOT_CONNECT, RetryClass::Transient),
        (Manner::Refusing(5), ResultCode::BG_E_WINHTTP_CANNOT_CONNECT, RetryClass::Transient),
        (Manner::Foreign, ResultCode::BG_E_WINHTTP_CONNECTION_ERROR, RetryClass::Transient),
    ] {
        let socks = Socks::start(manner);
        let error = fetch_through(&socks, &server.url("/f"), None).unwrap_err();
        assert_eq!((error.code, error.class), (code, class), "{}", error.text);
        assert!(error.text.contains(&format!("socks5://127.0.0.1:{}", socks.port)), "{}", error.text);
    }
    assert!(server.log().is_empty());
}

#[test]
fn a_cancel_ends_the_wait_for_a_silent_socks_proxy() {
    let socks = Socks::start(Manner::Silent);
    let record = record(&format!("socks5://127.0.0.1:{}", socks.port));
    let access = Access { record: &record, credentials: Vec::new(), check: 0 };
    let cancel = CancelToken::new().unwrap();
    thread::scope(|scope| {
        let attempt = scope.spawn(|| {
            let download = Download { access: Some(&access), ..from_start("http://nowhere.example/f", true) };
            let result = client().download(&download, &mut Memory::empty(), &Heard::default(), &cancel);
            (result, Instant::now())
        });
        while socks.asked.lock().is_empty() {
            thread::yield_now();
        }
        let cancelled = Instant::now();
        cancel.cancel();
        let (result, ended) = attempt.join().unwrap();
        assert!(result.unwrap_err().cancelled);
        assert!(ended.saturating_duration_since(cancelled) < Duration::from_secs(2));
    });
}
