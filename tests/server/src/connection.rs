//! One connection: requests in turn until one side has enough.

use std::net::TcpStream;
use std::sync::Arc;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::control;
use crate::exchange::{After, answer, plain};
use crate::log::{End, Entry};
use crate::proxy;
use crate::request::{Reader, Request};
use crate::server::Shared;
use crate::stream::{Socket, Stream};

/// Serves one accepted connection to its end.
pub(crate) fn serve(server: &Arc<Shared>, tcp: TcpStream, tls: Option<&Arc<ServerConfig>>) {
    let tcp = Arc::new(tcp);
    let connection = server.connections.lock().add(&tcp);
    let stream = match tls {
        None => Some(Stream::Plain(tcp)),
        Some(config) => ServerConnection::new(config.clone())
            .ok()
            .map(|session| Stream::Tls(Box::new(StreamOwned::new(session, Socket(tcp))))),
    };
    if let Some(stream) = stream {
        requests(server, stream, connection);
    }
    server.connections.lock().remove(connection);
}

fn requests(server: &Arc<Shared>, mut stream: Stream, connection: u64) {
    let mut reader = Reader::default();
    loop {
        let mut request = match reader.head(&mut stream) {
            Ok(Some(request)) => request,
            Ok(None) => return stream.close(),
            Err(_) => return stream.cut(),
        };
        let after = if control::is_control(&request.path) && request.method != "CONNECT" {
            if reader.body(&mut stream, &mut request).is_err() {
                return stream.cut();
            }
            let response = control::answer(server, &request);
            // The control connection is no request of the client under test: not in the log.
            plain(server, &mut stream, &request, 0, response).unwrap_or(After::Cut)
        } else {
            let id = server.log.begin(entry(&request, &stream, connection));
            if reader.body(&mut stream, &mut request).is_err() {
                server.log.end(id, End::ClientLeft);
                return stream.cut();
            }
            server.log.update(id, |entry| {
                entry.received = request.body.len;
                entry.received_sha256.clone_from(&request.body.sha256);
            });
            if let Some(refusal) = proxy::refusal(server, &request) {
                let after = plain(server, &mut stream, &request, id, refusal).unwrap_or(After::Cut);
                server.log.end(id, End::Complete);
                after
            } else if request.method == "CONNECT" {
                return proxy::tunnel(server, stream, &request, id);
            } else {
                answer(server, &mut stream, &request, id)
            }
        };
        match after {
            After::Keep => {}
            After::Close => return stream.close(),
            After::Cut => return stream.cut(),
            After::Reset => return stream.reset(),
        }
    }
}

fn entry(request: &Request, stream: &Stream, connection: u64) -> Entry {
    Entry {
        connection,
        tls: stream.is_tls(),
        proxied: request.absolute,
        method: request.method.clone(),
        target: request.target.clone(),
        path: request.path.clone(),
        headers: request.headers.clone(),
        ..Entry::default()
    }
}
