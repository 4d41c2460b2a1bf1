//! Sockets, connections, and the end of the program.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use crate::config::Config;
use crate::service::Service;

/// A server that has its sockets.
pub struct Server {
    service: Arc<Service>,
    listeners: Vec<TcpListener>,
}

impl Server {
    /// Opens directories and sockets.
    ///
    /// # Errors
    /// One of them cannot be used; the text names it.
    pub async fn open(config: Config) -> io::Result<Server> {
        let mut listeners = Vec::new();
        for address in &config.listen {
            let named = |error: io::Error| io::Error::new(error.kind(), format!("{address}: {error}"));
            listeners.push(TcpListener::bind(address).await.map_err(named)?);
        }
        if listeners.is_empty() {
            return Err(io::Error::other("there is nowhere to listen: say listen = [\"127.0.0.1:8080\"]"));
        }
        let service = Arc::new(Service::open(config)?);
        Ok(Server { service, listeners })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// The system does not say.
    pub fn addresses(&self) -> io::Result<Vec<SocketAddr>> {
        self.listeners.iter().map(TcpListener::local_addr).collect()
    }

    /// Serves until `end` is ready; then requests under way are finished, as long as the configuration lets them.
    pub async fn run(self, end: impl Future<Output = ()>) {
        let (stop, stopping) = watch::channel(false);
        let room = Arc::new(Semaphore::new(self.service.config.maximum_connections));
        let mut tasks = JoinSet::new();
        for listener in self.listeners {
            let service = Arc::clone(&self.service);
            tasks.spawn(accept(listener, service, Arc::clone(&room), stopping.clone()));
        }
        let mut cleaners = JoinSet::new();
        for place in self.service.places.iter().filter(|place| place.storage.is_some()).cloned() {
            let service = Arc::clone(&self.service);
            cleaners.spawn(async move {
                let mut interval = tokio::time::interval(place.settings.cleanup_interval);
                loop {
                    interval.tick().await;
                    let ended = service.clean(&place).await;
                    if ended > 0 {
                        eprintln!("{}: {ended} old sessions removed", place.settings.url_prefix);
                    }
                }
            });
        }
        end.await;
        let _ = stop.send(true);
        let finish = async { while tasks.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(self.service.config.shutdown_timeout, finish).await;
    }
}

async fn accept(
    listener: TcpListener,
    service: Arc<Service>,
    room: Arc<Semaphore>,
    mut stopping: watch::Receiver<bool>,
) {
    let mut connections = JoinSet::new();
    loop {
        let next = async {
            let permit = Arc::clone(&room).acquire_owned().await;
            (permit, listener.accept().await)
        };
        let (permit, accepted) = tokio::select! {
            next = next => next,
            _ = stopping.wait_for(|stop| *stop) => break,
        };
        while connections.try_join_next().is_some() {}
        match accepted {
            Ok((stream, _)) => {
                let _ = stream.set_nodelay(true);
                let (service, stopping) = (Arc::clone(&service), stopping.clone());
                connections.spawn(async move {
                    serve(stream, service, stopping).await;
                    drop(permit);
                });
            }
            Err(error) => {
                // Mostly too many open files: some will be closed.
                eprintln!("a connection cannot be accepted: {error}");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    service: Arc<Service>,
    mut stopping: watch::Receiver<bool>,
) {
    let idle_timeout = service.config.idle_timeout;
    let answer = service_fn(move |request| Arc::clone(&service).answer(request));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(idle_timeout)
        .title_case_headers(true)
        .max_buf_size(256 * 1024)
        .serve_connection(TokioIo::new(stream), answer);
    tokio::pin!(connection);
    // How a connection ended is of no interest to anybody but its client.
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = stopping.wait_for(|stop| *stop) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}
