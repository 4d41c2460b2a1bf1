//! Sockets, connections, and the end of the program.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use crate::config::Config;
use crate::metrics::Metrics;
use crate::response;
use crate::service::{Peer, Service};
use crate::tls;

/// A server that has its sockets.
pub struct Server {
    service: Arc<Service>,
    listeners: Vec<Listener>,
    metrics: Option<TcpListener>,
}

struct Listener {
    socket: TcpListener,
    tls: Option<TlsAcceptor>,
}

impl Server {
    /// Opens directories and sockets; `activated` are sockets that somebody else has opened, with their names: `https` and
    /// `metrics` are for that, all others for http.
    ///
    /// # Errors
    /// One of them cannot be used; the text names it.
    pub async fn open(config: Config, activated: Vec<(String, std::net::TcpListener)>) -> io::Result<Server> {
        let acceptor = config.tls.as_ref().map(tls::acceptor).transpose()?;
        let mut listeners = Vec::new();
        let mut metrics = None;
        for (name, socket) in activated {
            socket.set_nonblocking(true)?;
            let socket = TcpListener::from_std(socket)?;
            match (name.as_str(), &acceptor) {
                ("metrics", _) => metrics = Some(socket),
                ("https", None) => {
                    return Err(io::Error::other("a socket named https needs [tls] in the configuration"));
                }
                ("https", Some(acceptor)) => {
                    listeners.push(Listener { socket, tls: Some(acceptor.clone()) });
                }
                _ => listeners.push(Listener { socket, tls: None }),
            }
        }
        for address in &config.listen {
            listeners.push(Listener { socket: bind(*address).await?, tls: None });
        }
        for address in config.tls.iter().flat_map(|tls| &tls.listen) {
            listeners.push(Listener { socket: bind(*address).await?, tls: acceptor.clone() });
        }
        if let Some(address) = config.metrics_listen {
            metrics = Some(bind(address).await?);
        }
        if listeners.is_empty() {
            return Err(io::Error::other("there is nowhere to listen: say listen = [\"127.0.0.1:8080\"]"));
        }
        let service = Arc::new(Service::open(config)?);
        Ok(Server { service, listeners, metrics })
    }

    /// Where it listens, as URLs; the one of the metrics last.
    ///
    /// # Errors
    /// The system does not say.
    pub fn addresses(&self) -> io::Result<Vec<String>> {
        let mut urls = Vec::new();
        for listener in &self.listeners {
            let scheme = if listener.tls.is_some() { "https" } else { "http" };
            urls.push(format!("{scheme}://{}", listener.socket.local_addr()?));
        }
        if let Some(metrics) = &self.metrics {
            urls.push(format!("http://{}/metrics", metrics.local_addr()?));
        }
        Ok(urls)
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
        if let Some(socket) = self.metrics {
            cleaners.spawn(metrics(socket, Arc::clone(&self.service)));
        }
        for place in self.service.places.iter().filter(|place| place.storage.is_some()).cloned() {
            let service = Arc::clone(&self.service);
            cleaners.spawn(async move {
                let mut interval = tokio::time::interval(place.settings.cleanup_interval);
                loop {
                    interval.tick().await;
                    let ended = service.clean(&place).await;
                    Metrics::add(&service.metrics.cleaned, ended as u64);
                    if ended > 0 {
                        eprintln!("{}: {ended} old sessions removed", place.settings.url_prefix);
                    }
                }
            });
        }
        end.await;
        let _ = stop.send(true);
        let finish = async { while tasks.join_next().await.is_some() {} };
        let _ = timeout(self.service.config.shutdown_timeout, finish).await;
    }
}

async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let named = |error: io::Error| io::Error::new(error.kind(), format!("{address}: {error}"));
    TcpListener::bind(address).await.map_err(named)
}

/// Serves the counters, whatever is asked.
async fn metrics(socket: TcpListener, service: Arc<Service>) {
    loop {
        let Ok((stream, _)) = socket.accept().await else {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let service = Arc::clone(&service);
        tokio::spawn(async move {
            let idle_timeout = service.config.idle_timeout;
            let answer = service_fn(move |_| {
                let text = service.metrics();
                async move { Ok::<_, Infallible>(response::text(text)) }
            });
            let _ = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(idle_timeout)
                .serve_connection(TokioIo::new(stream), answer)
                .await;
        });
    }
}

async fn accept(
    listener: Listener,
    service: Arc<Service>,
    room: Arc<Semaphore>,
    mut stopping: watch::Receiver<bool>,
) {
    let mut connections = JoinSet::new();
    loop {
        let next = async {
            let permit = Arc::clone(&room).acquire_owned().await;
            (permit, listener.socket.accept().await)
        };
        let (permit, accepted) = tokio::select! {
            next = next => next,
            _ = stopping.wait_for(|stop| *stop) => break,
        };
        while connections.try_join_next().is_some() {}
        match accepted {
            Ok((stream, address)) => {
                let _ = stream.set_nodelay(true);
                let (service, stopping, tls) = (Arc::clone(&service), stopping.clone(), listener.tls.clone());
                let peer = Peer { address: address.ip(), tls: tls.is_some() };
                connections.spawn(async move {
                    let _counted = Counted::new(&service.metrics.connections);
                    match tls {
                        None => serve(stream, peer, Arc::clone(&service), stopping).await,
                        Some(tls) => {
                            // Whoever does not get through the handshake has nothing to be told.
                            let handshake = tls.accept(stream);
                            if let Ok(Ok(stream)) = timeout(service.config.idle_timeout, handshake).await {
                                serve(stream, peer, Arc::clone(&service), stopping).await;
                            }
                        }
                    }
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

/// Counts a connection while it is open.
struct Counted<'a>(&'a AtomicU64);

impl<'a> Counted<'a> {
    fn new(counter: &'a AtomicU64) -> Counted<'a> {
        Metrics::add(counter, 1);
        Counted(counter)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: Peer,
    service: Arc<Service>,
    mut stopping: watch::Receiver<bool>,
) {
    let idle_timeout = service.config.idle_timeout;
    let answer = service_fn(move |request| Arc::clone(&service).answer(request, peer));
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
