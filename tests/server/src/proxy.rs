//! The server as an HTTP proxy: requests in absolute form are served here, CONNECT reaches ports of this machine.

use std::io::{self, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::thread;

use crate::credentials::is_basic;
use crate::log::End;
use crate::request::Request;
use crate::response::Response;
use crate::server::Shared;
use crate::stream::Stream;

/// The response to a request that lacks the credentials the proxy demands.
pub(crate) fn refusal(server: &Shared, request: &Request) -> Option<Response> {
    let demanded = server.proxy_credentials.lock().clone()?;
    let given = request.header("proxy-authorization").unwrap_or("");
    if !request.absolute || is_basic(given, &demanded.0, &demanded.1) {
        return None;
    }
    let mut response = Response::text(407, "the proxy needs credentials\n");
    response.set("Proxy-Authenticate", "Basic realm=\"proxy\"");
    Some(response)
}

/// Answers CONNECT: whatever the host's name, the port is one of this machine.
pub(crate) fn tunnel(server: &Shared, mut stream: Stream, request: &Request, id: u64) {
    let port = request.target.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok());
    let upstream =
        port.and_then(|port| TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).ok());
    let (Some(upstream), Stream::Plain(client)) = (upstream, &stream) else {
        server.log.update(id, |entry| entry.status = Some(502));
        let _ =
            stream.write_all(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        server.log.end(id, End::Complete);
        return stream.close();
    };
    let (client, upstream) = (client.clone(), Arc::new(upstream));
    let _ = upstream.set_nodelay(true);
    server.log.update(id, |entry| entry.status = Some(200));
    if stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").is_ok() {
        let (from, to) = (client.clone(), upstream.clone());
        let up = thread::Builder::new().name("tunnel".into()).spawn(move || copy(&from, &to));
        copy(&upstream, &client);
        if let Ok(up) = up {
            let _ = up.join();
        }
    }
    server.log.end(id, End::Complete);
}

/// Copies until an end, which is passed on.
fn copy(mut from: &TcpStream, mut to: &TcpStream) {
    if io::copy(&mut from, &mut to).is_err() {
        let _ = from.shutdown(Shutdown::Both);
    }
    let _ = to.shutdown(Shutdown::Write);
}
