//! One request: which directory, who asks, what is wanted.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use bgcopy_protocol::upload::{METHOD, Packet, Refusal, header};
use hyper::body::{Body, Incoming};
use hyper::header::{
    ALLOW, AUTHORIZATION, CONNECTION, CONTENT_LENGTH, EXPECT, HOST, HeaderMap, HeaderValue, RETRY_AFTER,
    TRANSFER_ENCODING, WWW_AUTHENTICATE,
};
use hyper::{Request, Response, Version};

use tokio_rustls::TlsAcceptor;

use crate::access_log::{AccessLog, Entry};
use crate::auth::Users;
use crate::body;
use crate::config::Config;
use crate::download;
use crate::group::{Groups, Hit};
use crate::metrics::Metrics;
use crate::places::{Places, unremoved};
use crate::response::{self, Payload};
use crate::session::Place;
use crate::storage;
use crate::tls;
use crate::traffic::Paced;
use crate::upload::{self, Failure, Uploads};
use crate::url_path::UrlPath;

/// What answers requests.
pub struct Service {
    /// As configured.
    pub config: Config,
    /// The directories, those with longer prefixes first.
    pub places: Vec<Arc<Place>>,
    /// What receives uploads.
    pub uploads: Arc<Uploads>,
    /// Who may authenticate here.
    users: Option<Users>,
    log: Option<AccessLog>,
    /// https, where it is served.
    pub tls: Option<TlsAcceptor>,
    /// URL groups, where they are managed.
    pub groups: Option<Arc<Groups>>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
}

/// The other end of a connection.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// Its address.
    pub address: IpAddr,
    /// It is encrypted.
    pub tls: bool,
    /// Where it arrived, if there are groups.
    pub local: Option<SocketAddr>,
    /// Only groups are served there.
    pub groups_only: bool,
}

/// Why a request is not carried out.
enum Stranger {
    /// It does not say who asks, or not with the right password.
    Unknown,
    /// This user may not.
    Forbidden,
}

/// The connection is closed without an answer.
#[derive(Debug)]
pub struct Abandoned;

impl std::fmt::Display for Abandoned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the request was given up")
    }
}

impl std::error::Error for Abandoned {}

impl Service {
    /// Opens all directories and finds the sessions in them; those of the service `before` go on.
    ///
    /// # Errors
    /// A directory or a file cannot be used; the text names it. What was before is as it was.
    pub fn open(config: Config, before: Option<&Service>) -> io::Result<Service> {
        let uploads = before.map_or_else(Arc::default, |before| Arc::clone(&before.uploads));
        let known = before.map(|before| before.places.as_slice()).unwrap_or_default();
        let places = Places::open(&config, known, &uploads)?;
        let users = config.authentication.as_ref().map(|how| Users::read(&how.htpasswd)).transpose();
        let users = users.map_err(io::Error::other)?;
        let log = config.access_log.as_deref().map(|path| {
            let named =
                |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
            AccessLog::open(path).map_err(named)
        });
        let log = log.transpose()?;
        let tls = config.tls.as_ref().map(tls::acceptor).transpose()?;
        let groups = match before {
            Some(before) => before.groups.clone(),
            None => config.control.as_ref().map(Groups::open).transpose()?.map(Arc::new),
        };
        let places = places.take_up(&uploads)?;
        let metrics = Arc::clone(&uploads.metrics);
        Ok(Service { config, places, uploads, users, log, tls, groups, metrics })
    }

    /// Ends the sessions of directories where uploads are not enabled any more, as the next start would. Where the
    /// directory itself is not configured any more, they are forgotten and stay on disk.
    pub async fn settle(&self) {
        for session in self.uploads.registry.outside(&self.places) {
            // Who sends a Fragment gives up.
            let _turn = session.begin();
            let mut state = session.state.lock().await;
            if self.places.iter().any(|place| place.device == session.storage.place) {
                unremoved(&session.id, self.uploads.registry.end(&session, &mut state).await);
            } else {
                self.uploads.registry.forget(&session, &mut state);
            }
        }
    }

    /// Removes what is left of old sessions in one directory. Returns how many sessions ended.
    pub async fn clean(&self, place: &Place) -> usize {
        let ended = self.uploads.registry.clean(place).await;
        Metrics::add(&self.metrics.cleaned, ended as u64);
        if ended > 0 {
            eprintln!("{}: {ended} old sessions removed", place.settings.url_prefix);
        }
        ended
    }

    /// The counters as text.
    pub fn metrics(&self) -> String {
        let sessions: usize = self.places.iter().map(|place| place.sessions.load(Ordering::Relaxed)).sum();
        // Directories may share what they receive into.
        let mut storages: Vec<_> = self.places.iter().filter_map(|place| place.storage.as_ref()).collect();
        storages.sort_by_key(|storage| Arc::as_ptr(storage));
        storages.dedup_by_key(|storage| Arc::as_ptr(storage));
        let temporary = storages.iter().map(|storage| storage.temporary()).sum();
        self.metrics.text(sessions as u64, temporary)
    }

    /// Answers a request, counts it and tells the log of it.
    ///
    /// # Errors
    /// There is nobody to answer.
    pub async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
        peer: Peer,
    ) -> Result<Response<Payload>, Abandoned> {
        let begun = Instant::now();
        let mut entry = self.log.is_some().then(|| self.entry(&request, peer));
        let answer = Arc::clone(&self).carry_out(request, peer).await;
        let (status, bytes) = match &answer {
            Ok((response, _)) => {
                (response.status().as_u16(), response.body().size_hint().exact().unwrap_or(0))
            }
            Err(Abandoned) => (0, 0),
        };
        Metrics::add(&self.metrics.answers[usize::from(status / 100).min(5)], 1);
        Metrics::add(&self.metrics.sent, bytes);
        if let (Some(log), Some(entry)) = (&self.log, &mut entry) {
            entry.status = status;
            entry.bytes = bytes;
            entry.took = begun.elapsed();
            if let Ok((response, user)) = &answer {
                let code = response.headers().get(header::ERROR_CODE);
                entry.code = code.and_then(|code| code.to_str().ok()).map(str::to_owned);
                entry.user.clone_from(user);
            }
            if !log.tell(entry) {
                Metrics::add(&self.metrics.lost_lines, 1);
            }
        }
        answer.map(|(response, _)| response)
    }

    fn entry(&self, request: &Request<Incoming>, peer: Peer) -> Entry {
        let text = |name: &str| {
            request.headers().get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let forwarded = self.is_trusted(peer).then(|| text("X-Forwarded-For")).flatten();
        let client = forwarded.and_then(|list| list.rsplit(',').next().map(|last| last.trim().to_owned()));
        Entry {
            client: client.unwrap_or_else(|| peer.address.to_string()),
            method: request.method().to_string(),
            target: request.uri().to_string(),
            packet: text(header::PACKET_TYPE),
            session: text(header::SESSION_ID).map(|session| session.chars().take(9).collect()),
            range: text(header::CONTENT_RANGE).or_else(|| text("Range")),
            ..Entry::default()
        }
    }

    fn is_trusted(&self, peer: Peer) -> bool {
        self.config.proxy.trusted.contains(&peer.address.to_canonical())
    }

    /// Who asks, and is one of those who are allowed; every user is where there are none, and nobody is asked for an
    /// anonymous directory.
    async fn principal(
        &self,
        anonymous: bool,
        allowed: &[String],
        headers: &HeaderMap,
        peer: Peer,
    ) -> Result<Option<String>, Stranger> {
        if anonymous {
            return Ok(None);
        }
        let told = self.config.proxy.user_header.as_ref().filter(|_| self.is_trusted(peer));
        let told = told.and_then(|name| headers.get(name)?.to_str().ok()).filter(|user| !user.is_empty());
        let user = match (told, &self.users, headers.get(AUTHORIZATION)) {
            (Some(user), _, _) => Some(user.to_owned()),
            (None, Some(users), Some(proof)) => users.check(proof.as_bytes()).await,
            _ => None,
        };
        let user = user.ok_or(Stranger::Unknown)?;
        if allowed.is_empty() || allowed.contains(&user) { Ok(Some(user)) } else { Err(Stranger::Forbidden) }
    }

    /// Asks a client who it is.
    fn challenge(&self) -> Response<Payload> {
        let mut response = response::empty(401);
        if let Some(how) = &self.config.authentication {
            let realm: String = how.realm.chars().filter(|letter| !matches!(letter, '"' | '\\')).collect();
            let value = format!("Basic realm=\"{realm}\", charset=\"UTF-8\"");
            if let Ok(value) = HeaderValue::try_from(value) {
                response.headers_mut().insert(WWW_AUTHENTICATE, value);
            }
        }
        response
    }

    async fn carry_out(
        self: Arc<Self>,
        mut request: Request<Incoming>,
        peer: Peer,
    ) -> Result<(Response<Payload>, Option<String>), Abandoned> {
        match request.method().as_str() {
            METHOD => {
                // On a task of its own: what was begun with a file is finished when the client goes away.
                let task = tokio::spawn(async move {
                    let mut user = None;
                    self.upload(&mut request, peer, &mut user).await.map(|response| (response, user))
                });
                task.await.unwrap_or(Err(Abandoned))
            }
            "GET" => Ok(self.download(&request, peer, false).await),
            "HEAD" => Ok(self.download(&request, peer, true).await),
            _ => {
                let mut response = response::empty(405);
                response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD, BITS_POST"));
                Ok((response, None))
            }
        }
    }

    async fn download(
        &self,
        request: &Request<Incoming>,
        peer: Peer,
        head: bool,
    ) -> (Response<Payload>, Option<String>) {
        let path = UrlPath::parse(request.uri().path());
        let Some(path) = path.filter(|path| !path.is_directory()) else {
            return (response::empty(404), None);
        };
        if let Some(hit) = self.hit(request, peer, &path) {
            return self.send(hit, request.headers(), peer, head).await;
        }
        let place = self.place(&path).filter(|_| !peer.groups_only);
        let Some(place) = place else { return (response::empty(404), None) };
        let settings = &place.settings;
        let user = match self.principal(settings.anonymous, &settings.users, request.headers(), peer).await {
            Ok(user) => user,
            Err(Stranger::Unknown) => return (self.challenge(), None),
            Err(Stranger::Forbidden) => return (response::empty(403), None),
        };
        let names = path.below(&place.settings.url_prefix).unwrap_or_default();
        let private = names.first().is_some_and(|first| first.eq_ignore_ascii_case(storage::DIRECTORY));
        let served = if private {
            self.uploads.is_reply(place, names, user.as_deref())
        } else {
            place.settings.download_enabled
        };
        if !served {
            return (response::empty(404), user);
        }
        (download::answer(&place.tree, names, request.headers(), head), user)
    }

    /// The group that a request is for.
    fn hit(&self, request: &Request<Incoming>, peer: Peer, path: &UrlPath) -> Option<Hit> {
        let (groups, local) = (self.groups.as_ref()?, peer.local?);
        let named = request.uri().authority().map(|authority| authority.as_str());
        let host = named.or_else(|| request.headers().get(HOST)?.to_str().ok()).unwrap_or_default();
        groups.find(peer.tls, host, local.ip(), local.port(), path)
    }

    /// Answers with a file of a group.
    async fn send(
        &self,
        hit: Hit,
        headers: &HeaderMap,
        peer: Peer,
        head: bool,
    ) -> (Response<Payload>, Option<String>) {
        let allowed = hit.url.as_ref().map(|url| url.users.as_slice()).unwrap_or_default();
        let user = match self.principal(hit.anonymous, allowed, headers, peer).await {
            Ok(user) => user,
            Err(Stranger::Unknown) => return (self.challenge(), None),
            Err(Stranger::Forbidden) => return (response::empty(403), None),
        };
        let Some(url) = hit.url else { return (response::empty(404), user) };
        if head {
            return (download::of(url.open(), headers, head), user);
        }
        let Some(ticket) = hit.traffic.enter(hit.connection_limit) else {
            let mut response = response::empty(503);
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("30"));
            return (response, user);
        };
        let response = download::of(url.open(), headers, head);
        let paced = |body| match body {
            Payload::File(sender) => Payload::Paced(Paced::new(sender, ticket, hit.bandwidth_limit)),
            other => other,
        };
        (response.map(paced), user)
    }

    fn place(&self, path: &UrlPath) -> Option<&Arc<Place>> {
        self.places.iter().find(|place| path.below(&place.settings.url_prefix).is_some())
    }

    async fn upload(
        &self,
        request: &mut Request<Incoming>,
        peer: Peer,
        user: &mut Option<String>,
    ) -> Result<Response<Payload>, Abandoned> {
        if request.version() != Version::HTTP_11 {
            return Ok(response::empty(505));
        }
        let length = length(request);
        match self.packet(request, length, peer, user).await {
            Ok(response) => Ok(response),
            Err(Failure::Abandoned) => Err(Abandoned),
            Err(failure) => {
                let mut response = match failure {
                    Failure::Refused(refusal) => response::ack(Err(refusal)),
                    _ => self.challenge(),
                };
                // Who waits for permission to send has not sent anything.
                let sent = !request.headers().contains_key(EXPECT);
                let most = 4 * self.largest();
                let chunked = request.headers().contains_key(TRANSFER_ENCODING);
                let small = !chunked && length.is_none_or(|length| length <= most);
                if sent && small {
                    body::drain(request.body_mut(), most, self.config.idle_timeout).await;
                }
                if !small {
                    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
                }
                Ok(response)
            }
        }
    }

    async fn packet(
        &self,
        request: &mut Request<Incoming>,
        length: Option<u64>,
        peer: Peer,
        user: &mut Option<String>,
    ) -> Result<Response<Payload>, Failure> {
        let path = UrlPath::parse(request.uri().path());
        let place = path.as_ref().and_then(|path| self.place(path)).filter(|_| !peer.groups_only);
        let (Some(path), Some(place)) = (&path, place) else {
            // A path that makes no sense is in no directory, but may have been meant for one.
            let refusal = if path.is_none() { Refusal::malformed() } else { Refusal::disabled() };
            return Err(refusal.into());
        };
        if place.storage.is_none() {
            return Err(Refusal::disabled().into());
        }
        let headers = request.headers();
        let told = length.or_else(|| {
            let bodiless = !headers.contains_key(TRANSFER_ENCODING);
            (place.settings.lenient_length && bodiless).then_some(0)
        });
        let pairs = headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
        let packet = Packet::parse(pairs, told)?;
        if length.is_some_and(|length| length > place.settings.maximum_fragment_size) {
            // As a web server would say it: the client sends smaller ones.
            return Err(Refusal {
                code: None,
                ..Refusal::new(413, bgcopy_protocol::ResultCode::BG_E_TOO_LARGE)
            }
            .into());
        }
        let settings = &place.settings;
        *user = match self.principal(settings.anonymous, &settings.users, request.headers(), peer).await {
            Ok(user) => user,
            Err(Stranger::Unknown) => return Err(Failure::Unknown),
            Err(Stranger::Forbidden) => return Err(Refusal::access_denied().into()),
        };
        let url = self.url(request, peer);
        let wanted = upload::Request {
            place,
            path,
            principal: user.as_deref(),
            url,
            idle_timeout: self.config.idle_timeout,
        };
        let answer = self.uploads.answer(wanted, packet, request.body_mut()).await?;
        Ok(response::ack(Ok(answer)))
    }

    /// The URL that was asked for.
    fn url(&self, request: &Request<Incoming>, peer: Peer) -> String {
        let uri = request.uri();
        let named = uri.authority().map(|authority| authority.as_str());
        let text = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
        let forwarded = text("X-Forwarded-Proto").filter(|_| self.is_trusted(peer));
        let encrypted = forwarded.map_or(peer.tls, |scheme| scheme.eq_ignore_ascii_case("https"));
        let scheme = if encrypted { "https" } else { "http" };
        let target = uri.path_and_query().map_or("/", |target| target.as_str());
        format!("{scheme}://{}{target}", named.or_else(|| text("Host")).unwrap_or_default())
    }

    /// The largest Fragment of any directory.
    fn largest(&self) -> u64 {
        self.places.iter().map(|place| place.settings.maximum_fragment_size).max().unwrap_or(0)
    }
}

/// The length of the body, where it is told.
fn length(request: &Request<Incoming>) -> Option<u64> {
    if request.headers().contains_key(TRANSFER_ENCODING) {
        return None;
    }
    request.headers().get(CONTENT_LENGTH)?.to_str().ok()?.trim().parse().ok()
}
