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
use tokio::sync::{Semaphore, mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::command::{self, Answer, Command};
use crate::config::Config;
use crate::control::Control;
use crate::metrics::Metrics;
use crate::outlet::{Direct, Outlet};
use crate::patient::Patient;
use crate::ports::Ports;
use crate::response::{self, Payload};
use crate::service::{Abandoned, Peer, Service};

/// A server that has its sockets.
pub struct Server {
    current: Current,
    listeners: Vec<Listener>,
    metrics: Option<TcpListener>,
    control: Option<Control>,
    room: Arc<Semaphore>,
    asked: mpsc::Receiver<Asked>,
}

/// What answers from now on: a request under way stays with what it began with.
pub type Current = Arc<watch::Sender<Arc<Service>>>;

/// A socket that waits for connections.
pub struct Listener {
    /// The socket.
    pub socket: TcpListener,
    /// What is spoken there.
    pub scheme: Scheme,
    /// Only URL groups are served there.
    pub groups_only: bool,
}

/// What is spoken at a socket.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// http.
    Http,
    /// https with the certificate of the configuration.
    Https,
    /// https with the certificate of this port of groups.
    Group(u16),
}

impl Listener {
    fn new(socket: TcpListener, https: bool) -> Listener {
        let scheme = if https { Scheme::Https } else { Scheme::Http };
        Listener { socket, scheme, groups_only: false }
    }
}

/// Somebody who waits for a configuration to be read again, and is told why it cannot be used.
pub type Asked = oneshot::Sender<Result<(), String>>;

/// Gives a running server another configuration; one at a time, as both steps ask for it alone.
pub struct Reloader {
    current: Current,
    https: bool,
    asked: mpsc::Receiver<Asked>,
}

impl Reloader {
    /// Waits until somebody asks for it on the local interface.
    pub async fn asked(&mut self) -> Asked {
        match self.asked.recv().await {
            Some(asked) => asked,
            // There is no such interface.
            None => std::future::pending().await,
        }
    }

    /// Takes up a configuration: directories, users, certificates and times; open sessions go on. The access log is
    /// opened anew. Returns what only a new start changes, by the names in the configuration.
    ///
    /// # Errors
    /// Something cannot be used; the text names it, and everything stays as it was.
    pub async fn reload(&mut self, config: Config) -> io::Result<Vec<&'static str>> {
        if self.https && config.tls.is_none() {
            return Err(io::Error::other("https is served, and [tls] has no certificate for it any more"));
        }
        let before = Arc::clone(&self.current.borrow());
        let (new, old) = (&config, &before.config);
        let https = |config: &Config| config.tls.as_ref().map(|tls| tls.listen.clone()).unwrap_or_default();
        let fixed = [
            ("listen", new.listen != old.listen),
            ("tls.listen", https(new) != https(old)),
            ("control", new.control != old.control),
            ("metrics_listen", new.metrics_listen != old.metrics_listen),
            ("maximum_connections", new.maximum_connections != old.maximum_connections),
        ];
        let opened = tokio::task::spawn_blocking(move || Service::open(config, Some(&before)));
        let service = Arc::new(opened.await.map_err(io::Error::other)??);
        if let Some(groups) = &service.groups {
            let groups = Arc::clone(groups);
            let _ = tokio::task::spawn_blocking(move || groups.read_certificates()).await;
        }
        self.current.send_replace(service);
        Ok(fixed.into_iter().filter(|(_, changed)| *changed).map(|(name, _)| name).collect())
    }

    /// Ends what the last configuration leaves no place for; waits for requests under way.
    pub async fn settle(&mut self) {
        let service = Arc::clone(&self.current.borrow());
        service.settle().await;
    }
}

impl Server {
    /// Opens directories and sockets; `activated` are sockets that somebody else has opened, with their names: `https` and
    /// `metrics` are for that, all others for http.
    ///
    /// # Errors
    /// One of them cannot be used; the text names it.
    pub async fn open(config: Config, activated: Vec<(String, std::net::TcpListener)>) -> io::Result<Server> {
        let mut listeners = Vec::new();
        let mut metrics = None;
        for (name, socket) in activated {
            socket.set_nonblocking(true)?;
            let socket = TcpListener::from_std(socket)?;
            match name.as_str() {
                "metrics" => metrics = Some(socket),
                "https" if config.tls.is_none() => {
                    return Err(io::Error::other("a socket named https needs [tls] in the configuration"));
                }
                name => listeners.push(Listener::new(socket, name == "https")),
            }
        }
        for address in &config.listen {
            listeners.push(Listener::new(bind(*address).await?, false));
        }
        for address in config.tls.iter().flat_map(|tls| &tls.listen) {
            listeners.push(Listener::new(bind(*address).await?, true));
        }
        if let Some(address) = config.metrics_listen {
            metrics = Some(bind(address).await?);
        }
        if listeners.is_empty() && config.control.is_none() {
            return Err(io::Error::other("there is nowhere to listen: say listen = [\"127.0.0.1:8080\"]"));
        }
        let room = Arc::new(Semaphore::new(config.maximum_connections));
        let settings = config.control.clone();
        let service = Arc::new(Service::open(config, None)?);
        let groups = service.groups.clone();
        let current = Arc::new(watch::Sender::new(service));
        let mut control = None;
        let (ask, asked) = mpsc::channel(1);
        if let (Some(settings), Some(groups)) = (settings, groups) {
            let known =
                |listener: &Listener| Ok((listener.socket.local_addr()?, listener.scheme == Scheme::Https));
            let fixed = listeners.iter().map(known).collect::<io::Result<Vec<_>>>()?;
            let ports = Ports::new(Arc::clone(&current), Arc::clone(&room), fixed);
            control = Some(Control::open(&settings, groups, ports, Arc::clone(&current), ask).await?);
        }
        Ok(Server { current, listeners, metrics, control, room, asked })
    }

    /// What gives it another configuration while it runs.
    pub fn reloader(&mut self) -> Reloader {
        let https = self.listeners.iter().any(|listener| listener.scheme == Scheme::Https);
        let asked = std::mem::replace(&mut self.asked, mpsc::channel(1).1);
        Reloader { current: Arc::clone(&self.current), https, asked }
    }

    /// Where it listens, as URLs; the one of the metrics last.
    ///
    /// # Errors
    /// The system does not say.
    pub fn addresses(&self) -> io::Result<Vec<String>> {
        let mut urls = Vec::new();
        for listener in &self.listeners {
            let scheme = if listener.scheme == Scheme::Http { "http" } else { "https" };
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
        let mut tasks = JoinSet::new();
        for listener in self.listeners {
            let current = Arc::clone(&self.current);
            tasks.spawn(accept(listener, current, Arc::clone(&self.room), stopping.clone()));
        }
        let mut others = JoinSet::new();
        if let Some(socket) = self.metrics {
            others.spawn(metrics(socket, Arc::clone(&self.current)));
        }
        others.spawn(clean(self.current.subscribe()));
        let desk = self.control.as_ref().map(Control::desk);
        if let Some(control) = self.control {
            others.spawn(control.run());
        }
        end.await;
        let _ = stop.send(true);
        let finish = async {
            if let Some(desk) = desk {
                desk.close().await;
            }
            while tasks.join_next().await.is_some() {}
        };
        let patience = self.current.borrow().config.shutdown_timeout;
        let _ = timeout(patience, finish).await;
    }
}

async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let named = |error: io::Error| io::Error::new(error.kind(), format!("{address}: {error}"));
    TcpListener::bind(address).await.map_err(named)
}

/// Removes old sessions once: by the server that runs, where it has a local interface, else by this process. Returns how
/// many; none where a server runs that does it by itself.
///
/// # Errors
/// A directory cannot be used; the text names it.
pub async fn clean_up(config: Config) -> io::Result<Option<u64>> {
    if let Some(control) = &config.control {
        let socket = control.socket.clone();
        let asked = tokio::task::spawn_blocking(move || command::ask(&socket, &Command::CleanUp {}));
        match asked.await.map_err(io::Error::other)? {
            Ok(Answer::Number(ended)) => return Ok(Some(ended)),
            Ok(answer) => return Err(io::Error::other(format!("the server answers {answer:?}"))),
            // No server runs.
            Err(error)
                if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => {}
            Err(error) => return Err(error),
        }
    }
    // Sessions need nothing but their directories.
    let config = Config { access_log: None, authentication: None, tls: None, control: None, ..config };
    let service = match Service::open(config, None) {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
        service => service?,
    };
    let mut ended = 0;
    for place in service.places.iter().filter(|place| place.storage.is_some()) {
        ended += service.clean(place).await as u64;
    }
    Ok(Some(ended))
}

/// Removes old sessions, at the start and at the intervals of their directories.
async fn clean(mut current: watch::Receiver<Arc<Service>>) {
    loop {
        let service = Arc::clone(&current.borrow_and_update());
        let mut cleaners = JoinSet::new();
        for place in service.places.iter().filter(|place| place.storage.is_some()).cloned() {
            let service = Arc::clone(&service);
            cleaners.spawn(async move {
                let mut interval = tokio::time::interval(place.settings.cleanup_interval);
                loop {
                    interval.tick().await;
                    service.clean(&place).await;
                }
            });
        }
        drop(service);
        if current.changed().await.is_err() {
            return;
        }
    }
}

/// Serves the counters, whatever is asked.
async fn metrics(socket: TcpListener, current: Current) {
    loop {
        let Ok((stream, _)) = socket.accept().await else {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let service = Arc::clone(&current.borrow());
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

/// Serves the connections of a socket until it is to stop; then those that are there are finished.
pub async fn accept(
    listener: Listener,
    current: Current,
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
                let service = Arc::clone(&current.borrow());
                let tls = match listener.scheme {
                    Scheme::Http => None,
                    Scheme::Https => service.tls.clone(),
                    Scheme::Group(port) => service.groups.as_ref().and_then(|groups| groups.acceptor(port)),
                };
                let encrypted = listener.scheme != Scheme::Http;
                if encrypted && tls.is_none() {
                    // Its certificate was taken away meanwhile.
                    continue;
                }
                // Only groups ask where a connection arrived.
                let local = service.groups.as_ref().and_then(|_| stream.local_addr().ok());
                let peer = Peer {
                    address: address.ip().to_canonical(),
                    tls: encrypted,
                    local,
                    groups_only: listener.groups_only,
                };
                let (current, stopping) = (Arc::clone(&current), stopping.clone());
                let metrics = Arc::clone(&service.metrics);
                let idle_timeout = service.config.idle_timeout;
                drop(service);
                connections.spawn(async move {
                    let _counted = Counted::new(&metrics.connections);
                    match tls {
                        None => {
                            let outlet = Outlet::default();
                            let stream = Direct::new(stream, outlet.clone());
                            serve(stream, Some(outlet), peer, current, idle_timeout, stopping).await;
                        }
                        Some(tls) => {
                            // Whoever does not get through the handshake has nothing to be told.
                            let handshake = tls.accept(stream);
                            if let Ok(Ok(stream)) = timeout(idle_timeout, handshake).await {
                                serve(stream, None, peer, current, idle_timeout, stopping).await;
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
    outlet: Option<Outlet>,
    peer: Peer,
    current: Current,
    idle_timeout: Duration,
    mut stopping: watch::Receiver<bool>,
) {
    let answer = service_fn(move |request| {
        let (service, outlet) = (Arc::clone(&current.borrow()), outlet.clone());
        async move {
            let mut response = service.answer(request, peer).await?;
            match (response.body_mut(), outlet) {
                (Payload::File(sender), Some(outlet)) => sender.direct(outlet),
                (Payload::Paced(paced), Some(outlet)) => paced.direct(outlet),
                _ => {}
            }
            Ok::<_, Abandoned>(response)
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(idle_timeout)
        .title_case_headers(true)
        .max_buf_size(256 * 1024)
        .serve_connection(TokioIo::new(Patient::new(stream, idle_timeout)), answer);
    tokio::pin!(connection);
    // How a connection ended is of no interest to anybody but its client.
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = stopping.wait_for(|stop| *stop) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}
