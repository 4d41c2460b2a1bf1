//! Connections: made where they are needed, kept for the next request to the same server.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use parking_lot::Mutex;

use super::HttpSettings;
use super::connection::{Connection, Link};
use super::failure::Failure;
use super::manner::Manner;
use super::proxy::Proxy;
use super::resolve::Names;
use super::socks;
use super::tcp::{Patience, Tcp};
use super::tunnel;
use super::url::Url;
use crate::sys::cancel::CancelToken;

/// Most addresses of a host that are tried.
const MOST_ADDRESSES: usize = 16;

/// Where a connection leads, through whom, and in which manner. One serves only requests whose
/// route is equal to its own.
#[derive(Clone, Debug)]
pub(super) struct Route {
    pub secure: bool,
    pub host: String,
    pub port: u16,
    pub proxy: Option<Proxy>,
    pub manner: Arc<Manner>,
}

impl PartialEq for Route {
    fn eq(&self, other: &Route) -> bool {
        (self.secure, &self.host, self.port, &self.proxy)
            == (other.secure, &other.host, other.port, &other.proxy)
            && Arc::ptr_eq(&self.manner, &other.manner)
    }
}

impl Route {
    pub(super) fn to(url: &Url, proxy: Option<Proxy>, manner: &Arc<Manner>) -> Route {
        let manner = Arc::clone(manner);
        Route { secure: url.secure, host: url.host.clone(), port: url.port, proxy, manner }
    }

    /// Whom to connect to.
    fn first(&self) -> (&str, u16) {
        match &self.proxy {
            Some(proxy) => (&proxy.host, proxy.port),
            None => (&self.host, self.port),
        }
    }
}

/// All connections of a client that no request uses, and what it takes to make new ones.
#[derive(Debug)]
pub(super) struct Pool {
    settings: HttpSettings,
    names: Names,
    /// The one used last is at the end.
    idle: Mutex<VecDeque<Idle>>,
}

#[derive(Debug)]
struct Idle {
    route: Route,
    since: Instant,
    connection: Connection,
}

impl Pool {
    pub(super) fn new(settings: HttpSettings) -> Pool {
        Pool { settings, names: Names::default(), idle: Mutex::default() }
    }

    pub(super) fn settings(&self) -> &HttpSettings {
        &self.settings
    }

    /// An unused connection, if there is one that the server has neither closed nor written to.
    pub(super) fn take(&self, route: &Route) -> Option<Connection> {
        loop {
            let idle = {
                let mut all = self.idle.lock();
                let at = all.iter().rposition(|idle| idle.route == *route)?;
                all.remove(at)?
            };
            if idle.since.elapsed() < self.settings.max_idle_age && idle.connection.is_quiet() {
                return Some(idle.connection);
            }
        }
    }

    /// Keeps a connection whose answer was read to its end.
    pub(super) fn put(&self, route: Route, mut connection: Connection) {
        connection.rest();
        let idle = Idle { route, since: Instant::now(), connection };
        let surplus = {
            let mut all = self.idle.lock();
            all.push_back(idle);
            if all.len() > self.settings.max_idle { all.pop_front() } else { None }
        };
        // Closing is a system call: not under the lock.
        drop(surplus);
    }

    /// Makes a new connection.
    pub(super) fn connect(&self, route: &Route, cancel: &CancelToken) -> Result<Connection, Failure> {
        let late = |failure| match failure {
            Failure::TimedOut => Failure::NoConnection,
            other => other,
        };
        let patience = Patience::new(cancel, self.settings.connect_timeout);
        let (host, port) = route.first();
        let mut addresses = self.names.resolve(host, port, patience).map_err(late)?;
        addresses.truncate(MOST_ADDRESSES);
        let patience = Patience::new(cancel, self.settings.connect_timeout);
        let dial = || {
            Tcp::connect(&addresses, patience).map_err(|failure| {
                // Perhaps the host has moved.
                self.names.forget(host);
                late(failure)
            })
        };
        let tcp = match &route.proxy {
            Some(proxy) if proxy.socks => {
                let credentials = route.manner.authenticator.password_for(&proxy.to_string());
                socks::open(proxy, credentials, (&route.host, route.port), patience, dial()?).map_err(late)?
            }
            Some(proxy) if route.secure => {
                let target = format!("{}:{}", route.host, route.port);
                let authenticator = &route.manner.authenticator;
                tunnel::open(proxy, authenticator, &target, &self.settings.user_agent, patience, dial)?
            }
            _ => dial()?,
        };
        if !route.secure {
            return Ok(Connection::new(Link::Plain(tcp)));
        }
        let tls = route.manner.tls.connect(tcp, &route.host, patience).map_err(late)?;
        Ok(Connection::new(Link::Tls(Box::new(tls))))
    }
}
