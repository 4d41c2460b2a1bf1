//! The HTTP library's view of our connections. Its transport traits are not stable between minor
//! versions: they are used in this file and nowhere else.

use std::sync::Arc;
use std::time::Instant;

use bgcopy_protocol::flags::SecurityFlags;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};
use ureq::{Agent, Error};

use super::HttpSettings;
use super::attempt::Attempt;
use super::buffer::{Buffer, SMALL};
use super::failure::Failure;
use super::resolve::Names;
use super::tcp::{Patience, Tcp, portion};
use super::tls::{Tls, TlsContext};

/// Room for the longest request line and the longest custom header line.
const OUTPUT: usize = 20 * 1024;
/// Larger response headers are refused.
const MAX_HEADERS: usize = 64 * 1024;

/// Makes the library's client: one connection pool for all attempts.
///
/// Connections whose certificates were not checked for `ignored` are in this pool and no other.
pub(super) fn agent(settings: &HttpSettings, ignored: SecurityFlags) -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .allow_non_standard_methods(true)
        .max_redirects(0)
        .max_redirects_will_error(false)
        // Proxies are chosen by the job, never by the environment of the process.
        .proxy(None)
        .user_agent(settings.user_agent.clone())
        .accept("*/*")
        // Any other coding would make ranges and sizes mean something else.
        .accept_encoding("identity")
        .timeout_resolve(Some(settings.connect_timeout))
        .timeout_connect(Some(settings.connect_timeout))
        .timeout_recv_response(Some(settings.idle_timeout))
        .timeout_per_read(Some(settings.idle_timeout))
        .timeout_per_write(Some(settings.idle_timeout))
        .max_response_header_size(MAX_HEADERS)
        .max_idle_connections(settings.max_idle_per_host)
        .max_idle_connections_per_host(settings.max_idle_per_host)
        .max_idle_age(settings.max_idle_age)
        .build();
    let names = Arc::new(Names::default());
    let dialer = Dialer { names: names.clone(), tls: TlsContext::new(settings.ca_file.clone(), ignored) };
    Agent::with_parts(config, dialer, NameResolver(names))
}

fn patience(attempt: Option<&Attempt>, timeout: NextTimeout) -> Patience<'_> {
    let deadline =
        if timeout.after.is_not_happening() { None } else { Instant::now().checked_add(*timeout.after) };
    Patience { cancel: attempt.map(|a| &a.cancel), deadline }
}

fn library_error(failure: Failure, timeout: NextTimeout) -> Error {
    match failure {
        Failure::TimedOut => Error::Timeout(timeout.reason),
        // As it is: the library tells an early end from other failures by the kind.
        Failure::Io(error) => Error::Io(error),
        other => Error::Other(Box::new(other)),
    }
}

#[derive(Debug)]
struct NameResolver(Arc<Names>);

impl Resolver for NameResolver {
    fn resolve(
        &self,
        uri: &Uri,
        _: &ureq::config::Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let attempt = Attempt::current();
        let patience = patience(attempt.as_deref(), timeout);
        let host = uri.host().unwrap_or_default();
        let found = self
            .0
            .resolve(host, port_of(uri), patience)
            .map_err(|failure| library_error(failure, timeout))?;
        let mut addresses = self.empty();
        for address in found.into_iter().take(16) {
            addresses.push(address);
        }
        Ok(addresses)
    }
}

fn port_of(uri: &Uri) -> u16 {
    uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 })
}

#[derive(Debug)]
struct Dialer {
    names: Arc<Names>,
    tls: TlsContext,
}

impl Connector for Dialer {
    type Out = Connection;

    fn connect(&self, details: &ConnectionDetails, _: Option<()>) -> Result<Option<Connection>, Error> {
        let attempt = Attempt::current();
        let patience = patience(attempt.as_deref(), details.timeout);
        let host = details.uri.host().unwrap_or_default();
        let failed = |failure| library_error(failure, details.timeout);
        let tcp = Tcp::connect(&details.addrs, patience).map_err(|failure| {
            // Perhaps the host has moved.
            self.names.forget(host);
            failed(failure)
        })?;
        let link = if details.needs_tls() {
            Link::Tls(Box::new(self.tls.connect(tcp, host, patience).map_err(failed)?))
        } else {
            Link::Plain(tcp)
        };
        Ok(Some(Connection { link, buffers: ConnectionBuffers::default(), idle: false, served: false }))
    }
}

#[derive(Debug)]
enum Link {
    Plain(Tcp),
    Tls(Box<Tls>),
}

/// A connection in use or in the pool.
#[derive(Debug)]
struct Connection {
    link: Link,
    buffers: ConnectionBuffers,
    /// In the pool, or on the way there.
    idle: bool,
    /// Has carried a request to its end.
    served: bool,
}

impl Transport for Connection {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.idle = false;
        let attempt = Attempt::current();
        if let Some(attempt) = &attempt {
            attempt.reused.set(self.served);
        }
        let timeout = timeout.for_write();
        let patience = patience(attempt.as_deref(), timeout);
        let output = &self.buffers.output[..amount];
        match &mut self.link {
            Link::Plain(tcp) => tcp.send(output, patience),
            Link::Tls(tls) => tls.send(output, patience),
        }
        .map_err(|failure| library_error(failure, timeout))
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let attempt = Attempt::current();
        let timeout = timeout.for_read();
        let patience = patience(attempt.as_deref(), timeout);
        let expected = attempt.as_ref().map_or(0, |a| a.expected.get());
        let expected = portion(usize::try_from(expected).unwrap_or(usize::MAX));
        let input = &mut self.buffers.input;
        let received = match &mut self.link {
            Link::Plain(tcp) => {
                let space = input.space(expected.max(SMALL));
                // A limited transfer takes no more out of the network than it was allowed.
                let most = if expected > 0 { expected } else { space.len() };
                tcp.receive(&mut space[..most], expected, patience).inspect(|n| input.filled(*n))
            }
            Link::Tls(tls) => tls.receive(input, expected, patience),
        }
        .map_err(|failure| library_error(failure, timeout))?;
        if received > 0
            && let Some(attempt) = &attempt
        {
            attempt.answered.set(true);
        }
        Ok(received > 0)
    }

    /// The library asks twice: before a connection goes back to its pool, and when it is taken out.
    fn is_open(&mut self) -> bool {
        if !self.idle {
            // Whatever follows the body is noticed when the connection is wanted again.
            self.idle = true;
            self.served = true;
            self.buffers.input.shrink();
            if let Link::Tls(tls) = &mut self.link {
                tls.shrink();
            }
            return true;
        }
        let wanted = Attempt::current().is_none_or(|attempt| !attempt.fresh.get());
        wanted
            && match &self.link {
                Link::Plain(tcp) => tcp.is_quiet(),
                Link::Tls(tls) => tls.is_quiet(),
            }
    }

    fn is_tls(&self) -> bool {
        matches!(self.link, Link::Tls(_))
    }
}

#[derive(Debug, Default)]
struct ConnectionBuffers {
    input: Buffer,
    output: Vec<u8>,
    progress: bool,
}

impl Buffers for ConnectionBuffers {
    fn output(&mut self) -> &mut [u8] {
        self.output.resize(OUTPUT, 0);
        &mut self.output
    }

    fn input(&self) -> &[u8] {
        self.input.bytes()
    }

    fn input_append_buf(&mut self) -> &mut [u8] {
        self.input.space(SMALL)
    }

    fn input_appended(&mut self, amount: usize) {
        self.input.filled(amount);
    }

    fn input_consume(&mut self, amount: usize) {
        self.progress = amount > 0;
        self.input.consume(amount);
    }

    fn tmp_and_output(&mut self) -> (&mut [u8], &mut [u8]) {
        self.output.resize(OUTPUT, 0);
        (self.input.space(SMALL), &mut self.output)
    }

    fn can_use_input(&self) -> bool {
        self.progress && !self.input.is_empty()
    }
}
