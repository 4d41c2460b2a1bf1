//! Connections: made where they are needed, kept for the next request to the same server.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use bgcopy_protocol::flags::SecurityFlags;
use parking_lot::Mutex;

use super::HttpSettings;
use super::connection::{Connection, Link};
use super::failure::Failure;
use super::resolve::Names;
use super::tcp::{Patience, Tcp};
use super::tls::TlsContext;
use super::url::Url;
use crate::sys::cancel::CancelToken;

/// Most addresses of a host that are tried.
const MOST_ADDRESSES: usize = 16;

/// Where a connection leads, and with how much care it was made. One serves only requests whose
/// route is equal to its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Route {
    pub secure: bool,
    pub host: String,
    pub port: u16,
    /// Checks of the server's certificate that are left out.
    pub ignored: SecurityFlags,
}

impl Route {
    pub(super) fn to(url: &Url, security: SecurityFlags) -> Route {
        let ignored = security.ignored_checks();
        Route { secure: url.secure, host: url.host.clone(), port: url.port, ignored }
    }
}

/// All connections of a client that no request uses, and what it takes to make new ones.
#[derive(Debug)]
pub(super) struct Pool {
    settings: HttpSettings,
    names: Names,
    /// One for each set of ignored checks.
    tls: Mutex<HashMap<SecurityFlags, Arc<TlsContext>>>,
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
        Pool { settings, names: Names::default(), tls: Mutex::default(), idle: Mutex::default() }
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
        let mut addresses = self.names.resolve(&route.host, route.port, patience).map_err(late)?;
        addresses.truncate(MOST_ADDRESSES);
        let patience = Patience::new(cancel, self.settings.connect_timeout);
        let tcp = Tcp::connect(&addresses, patience).map_err(|failure| {
            // Perhaps the host has moved.
            self.names.forget(&route.host);
            late(failure)
        })?;
        let link = if route.secure {
            let tls = self.tls_context(route.ignored);
            Link::Tls(Box::new(tls.connect(tcp, &route.host, patience).map_err(late)?))
        } else {
            Link::Plain(tcp)
        };
        Ok(Connection::new(link))
    }

    fn tls_context(&self, ignored: SecurityFlags) -> Arc<TlsContext> {
        let make = || Arc::new(TlsContext::new(self.settings.ca_file.clone(), ignored));
        Arc::clone(self.tls.lock().entry(ignored).or_insert_with(make))
    }
}
