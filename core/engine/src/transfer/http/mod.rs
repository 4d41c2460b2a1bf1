//! HTTP and HTTPS (RFC 9110, RFC 9112).
//!
//! - [`HttpClient`]: one per engine; an attempt at one file is one call
//! - `download`: which requests an attempt makes and what the answers mean
//! - `ranges`, `multipart`: the same for a file that is fetched in parts
//! - `upload`, `fragment`: which packets the upload of a file takes
//! - `version`: whether an answer belongs to the bytes that are already here (pure)
//! - `exchange`: one request and its response: proxies, credentials, stale connections
//! - `redirect`: requests one after another; `packet`: those of an upload
//! - `request`, `head`, `response`, `body`: the messages on the wire (RFC 9112)
//! - [`headers`], [`url`]: headers and URLs as plain values (pure)
//! - `manner`: who may share connections; `proxy`, `tunnel`, `socks`: through others
//! - `authentication`, `netrc`: answers to servers and proxies that want to know who asks
//! - `pool`: connections, kept and made; below it `connection`, `tcp`, `tls`, `resolve`
//! - [`client_certificate`]: certificates that tell servers who asks
//! - `certificate`: server certificates of which a job ignores a fault; `revocation`: those that are not valid any more
//! - `failure`: what a failed request means for the job

mod authentication;
mod body;
mod buffer;
mod certificate;
pub mod client_certificate;
mod connection;
mod download;
mod exchange;
mod failure;
mod fragment;
mod head;
pub mod headers;
mod manner;
mod multipart;
mod netrc;
mod packet;
mod pool;
mod proxy;
mod ranges;
mod redirect;
mod request;
mod resolve;
mod response;
mod revocation;
mod socks;
mod tcp;
mod tls;
mod tunnel;
mod upload;
pub mod url;
mod version;

#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::ErrorContext;

pub use self::exchange::Ahead;
use self::exchange::Exchange;
use self::manner::{Manners, Way};
use self::pool::Pool;
pub use self::proxy::ProxyEnvironment;
use self::url::Url;
use super::access::{CertificateStores, ConfiguredProxies};
use super::parts::PartSink;
use super::upload::{Sending, Sent, Session, Upload};
use super::{Download, Observer, Sink, TransferError, Version};
use crate::sys::cancel::CancelToken;

/// How an [`HttpClient`] behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpSettings {
    /// The most that resolving a name, and then connecting with the TLS handshake, may take.
    pub connect_timeout: Duration,
    /// The most that passes without a byte from the server, and until its headers are complete.
    pub idle_timeout: Duration,
    /// How many unused connections are kept for the next files.
    pub max_idle: usize,
    /// How long an unused connection is kept.
    pub max_idle_age: Duration,
    /// The User-Agent header.
    pub user_agent: String,
    /// Trusted certificates in a PEM file, instead of those of the system, which are taken from
    /// `SSL_CERT_FILE` and `SSL_CERT_DIR` where these are set.
    pub ca_file: Option<PathBuf>,
    /// The proxies of jobs that name none.
    pub proxies: ProxyEnvironment,
    /// The user's `.netrc`, for jobs that may use it.
    pub netrc: Option<PathBuf>,
    /// Client certificates and revocation lists.
    pub certificates: CertificateStores,
}

impl Default for HttpSettings {
    fn default() -> HttpSettings {
        HttpSettings {
            connect_timeout: Duration::from_secs(60),
            idle_timeout: Duration::from_secs(300),
            max_idle: 64,
            // Shorter than most servers keep theirs.
            max_idle_age: Duration::from_secs(55),
            user_agent: concat!("bgcopy/", env!("CARGO_PKG_VERSION")).into(),
            ca_file: None,
            proxies: ProxyEnvironment::of_process(),
            netrc: netrc_of_process(),
            certificates: CertificateStores::of_process(),
        }
    }
}

/// Fetches files over HTTP and HTTPS, from any thread: one pool of connections for all.
///
/// Cheap to make: the trusted certificates are read at the first https connection.
#[derive(Clone, Debug)]
pub struct HttpClient {
    pool: Arc<Pool>,
    manners: Arc<Manners>,
}

impl HttpClient {
    /// A client without connections.
    #[must_use]
    pub fn new(settings: &HttpSettings) -> HttpClient {
        HttpClient { pool: Arc::new(Pool::new(settings.clone())), manners: Arc::new(Manners::new(settings)) }
    }

    /// Takes over the proxies that files name for jobs that name none, for the next requests.
    pub fn configure_proxies(&self, configured: &ConfiguredProxies) {
        self.manners.configure(configured);
    }

    /// Makes one attempt at one file, on this thread.
    ///
    /// Returns the version of the file when all of it is in `sink`. Ends within 100 ms of a cancel,
    /// whatever it waits for, with an error marked as cancelled.
    ///
    /// # Errors
    /// Why the attempt ended early. What is in the sink by then is valid: a further attempt may
    /// continue there.
    pub fn download(
        &self,
        download: &Download,
        sink: &mut dyn Sink,
        observer: &dyn Observer,
        cancel: &CancelToken,
    ) -> Result<Version, TransferError> {
        self.download_after(None, download, sink, observer, cancel)
    }

    /// [`HttpClient::download`], whose first request may have been sent ahead.
    ///
    /// # Errors
    /// The same.
    pub fn download_after(
        &self,
        ahead: Option<Ahead>,
        download: &Download,
        sink: &mut dyn Sink,
        observer: &dyn Observer,
        cancel: &CancelToken,
    ) -> Result<Version, TransferError> {
        let url = parse(download.url)?;
        let way = self.manners.way(download.security, download.access)?;
        download::Fetch::new(&self.pool, &way, cancel, &url, download, sink, observer).after(ahead).run()
    }

    /// Sends the first request of a download before its turn has come, if an unused connection is
    /// there; waits for nothing. The answer then waits for [`HttpClient::download_after`].
    #[must_use]
    pub fn send_ahead(&self, download: &Download, cancel: &CancelToken) -> Option<Ahead> {
        let url = Url::parse(download.url).ok()?;
        let way = self.manners.way(download.security, download.access).ok()?;
        download::send_ahead(&self.pool, &way, cancel, &url, download)
    }

    /// The same for a file that is fetched in parts, as the plan of `sink` says.
    ///
    /// # Errors
    /// As [`HttpClient::download`].
    pub fn download_parts(
        &self,
        download: &Download,
        sink: &mut dyn PartSink,
        observer: &dyn Observer,
        cancel: &CancelToken,
    ) -> Result<Version, TransferError> {
        let url = parse(download.url)?;
        let way = self.manners.way(download.security, download.access)?;
        let exchange = Exchange {
            pool: &self.pool,
            way: &way,
            cancel,
            url: &url,
            headers: download.headers,
            method: None,
            security: download.security,
            observer,
            ahead: Cell::default(),
        };
        ranges::FetchParts { exchange, sink, observer, known: download.version.clone() }.run()
    }

    /// Makes one attempt at an upload, on this thread; `now` is the wall clock in nanoseconds.
    ///
    /// Ends within 100 ms of a cancel, with an error marked as cancelled.
    ///
    /// # Errors
    /// Why the attempt ended early. What the server has by then is in the journal: a further attempt continues there.
    pub fn upload(&self, upload: &Upload, sending: Sending, now: i64) -> Result<Sent, TransferError> {
        let url = parse(upload.url)?;
        let way = self.manners.way(upload.security, upload.access)?;
        let exchange = self.posts(&way, &url, upload, sending.observer, sending.cancel);
        upload::Send::new(exchange, upload, sending).run(now)
    }

    fn posts<'a>(
        &'a self,
        way: &'a Way<'a>,
        url: &'a Url,
        upload: &Upload<'a>,
        observer: &'a dyn Observer,
        cancel: &'a CancelToken,
    ) -> Exchange<'a> {
        Exchange {
            pool: &self.pool,
            way,
            cancel,
            url,
            headers: upload.headers,
            method: None,
            security: upload.security,
            observer,
            ahead: Cell::default(),
        }
    }

    /// Tells the server that nobody wants the session of an upload any more; `now` is the wall clock in nanoseconds.
    ///
    /// A session that the server does not know has ended. Ends within 100 ms of a cancel.
    ///
    /// # Errors
    /// The server did not hear it, or refused; `session` knows since when its host was not reached.
    pub fn cancel_upload(
        &self,
        upload: &Upload,
        session: &mut Session,
        observer: &dyn Observer,
        cancel: &CancelToken,
        now: i64,
    ) -> Result<(), TransferError> {
        let url = parse(upload.url)?;
        let way = self.manners.way(upload.security, upload.access)?;
        let exchange = self.posts(&way, &url, upload, observer, cancel);
        upload::cancel(&exchange, session, now)
    }

    /// The URL of the reply to an upload to `url`; empty where there is none.
    ///
    /// # Errors
    /// The server says something that is no URL, or that would leave https.
    pub fn reply_url(&self, url: &str, session: &Session) -> Result<String, TransferError> {
        upload::reply_url(&parse(url)?, session)
    }
}

fn parse(url: &str) -> Result<Url, TransferError> {
    Url::parse(url).map_err(|why| {
        // Not with the URL: where it cannot be taken apart, a password in it cannot be left out.
        let text = format!("the remote name cannot be fetched: {why}");
        TransferError::new(ResultCode::BG_E_INVALIDARG, ErrorContext::RemoteFile, text).fatal()
    })
}

/// `$NETRC`, else `~/.netrc`.
fn netrc_of_process() -> Option<PathBuf> {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    variable("NETRC").or_else(|| Some(variable("HOME")?.join(".netrc")))
}
