//! One request and its response: proxies tried in turn, challenges answered, a stale connection replaced.

use std::borrow::Cow;
use std::cell::Cell;
use std::time::Duration;

use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::{AuthTarget, ErrorContext};
use bgcopy_protocol::flags::SecurityFlags;
use bgcopy_protocol::upload::{Ack, METHOD};

use super::authentication::{Question, Verdict, basic};
use super::body::Body;
use super::connection::Connection;
use super::failure::{self, Failure};
use super::head::{Head, MAX_HEAD, header_lines};
use super::headers::{is_reserved, is_secret};
use super::manner::Way;
use super::packet::Post;
use super::pool::{Pool, Route};
use super::proxy::Proxy;
use super::request::Request;
use super::response::Response;
use super::tcp::Patience;
use super::url::{Url, percent_decoded};
use crate::sys::cancel::CancelToken;
use crate::transfer::{Observer, TransferError};

/// Interim answers (1xx) are passed over up to this size together.
const MOST_INTERIM: usize = 64 * 1024;

/// What is asked of the server, apart from the URL.
#[derive(Clone, Default)]
pub(super) struct Ask<'p> {
    /// HEAD, not GET.
    pub head: bool,
    /// The first byte wanted; `None` asks for the file without a Range header.
    pub from: Option<u64>,
    /// The value of the Range header, for more than one range or one with an end.
    pub ranges: Option<String>,
    pub if_range: Option<String>,
    /// Not on a connection of the pool: perhaps another host answers.
    pub fresh: bool,
    /// A packet of an upload, in place of a request for a file.
    pub post: Option<&'p Post<'p>>,
}

/// A request that was sent before its turn, and the connection its answer comes on.
#[derive(Debug)]
pub struct Ahead {
    route: Route,
    request: Vec<u8>,
    connection: Connection,
}

/// Hears nothing: for what is done before an attempt begins.
pub(super) struct Deaf;

impl Observer for Deaf {}

/// What all requests of a download have in common.
pub(super) struct Exchange<'a> {
    pub pool: &'a Pool,
    pub way: &'a Way<'a>,
    pub cancel: &'a CancelToken,
    pub url: &'a Url,
    pub headers: &'a [(String, String)],
    /// In place of GET.
    pub method: Option<&'a str>,
    pub security: SecurityFlags,
    pub observer: &'a dyn Observer,
    /// For the first request, if it is the same.
    pub ahead: Cell<Option<Ahead>>,
}

impl<'a> Exchange<'a> {
    /// Whether there are headers that must not go to the host of `url`.
    pub(super) fn keeps_secrets_from(&self, url: &Url) -> bool {
        self.headers.iter().any(|(name, _)| is_secret(name)) && !self.url.may_share_secrets_with(url)
    }

    /// The response is what was asked for.
    pub(super) fn accepted(&self, response: &Response) {
        // Under a name at another host the next attempt would send there what belongs to this one.
        if response.url != *self.url && !self.keeps_secrets_from(&response.url) {
            self.observer.redirected(&self.url.renamed_to(&response.url));
        }
        self.observer.connected();
    }

    /// Sends `ask` on an unused connection, if there is one, and does not wait for anything.
    pub(super) fn send_ahead(&self, ask: &Ask) -> Option<Ahead> {
        // An answer to a challenge may count the requests: one for nothing would spoil the next.
        let checked = self.way.revocation.is_some();
        if checked || !self.way.manner.authenticator.is_empty() || self.way.to(self.url).is_some() {
            return None;
        }
        let route = Route::to(self.url, None, &self.way.manner);
        let (request, _) = self.request(&route, self.url, ask, "GET").ok()?;
        let mut connection = self.pool.take(&route)?;
        connection.send(&request, Patience::new(self.cancel, Duration::ZERO)).ok()?;
        Some(Ahead { route, request, connection })
    }

    /// Sends one request, through the first proxy that can be reached where there are any.
    pub(super) fn once(
        &self,
        url: &Url,
        ask: &Ask,
        method: Option<&str>,
    ) -> Result<Response<'a>, TransferError> {
        let Some(proxies) = self.way.to(url) else {
            let result = self.through(None, url, ask, method);
            return result.map_err(|failed| failed.told(self, url));
        };
        let mut unreached = None;
        for proxy in proxies {
            match self.through(Some(proxy.clone()), url, ask, method) {
                Ok(response) => return Ok(response),
                Err(Failed::Below(failure)) => {
                    let reached =
                        !matches!(failure, Failure::Resolve(_) | Failure::Connect(_) | Failure::NoConnection);
                    let error = self.failed(&failure, url);
                    if reached || error.cancelled {
                        return Err(error);
                    }
                    self.way.avoid(&proxy);
                    let text = format!("through the proxy {proxy}: {}", error.text);
                    log::warn!("{text}");
                    unreached = Some(TransferError { text: text.into(), ..error });
                }
                Err(failed) => return Err(failed.told(self, url)),
            }
        }
        Err(unreached.unwrap_or_else(|| self.failed(&Failure::NoConnection, url)))
    }

    /// Sends one request over one route, and answers the challenges to it.
    fn through(
        &self,
        proxy: Option<Proxy>,
        url: &Url,
        ask: &Ask,
        method: Option<&str>,
    ) -> Result<Response<'a>, Failed> {
        let route = Route::to(url, proxy, &self.way.manner);
        // A method that may have an effect is never repeated: not on a connection that may be stale.
        let mut fresh = ask.fresh || method.is_some();
        let usual = match ask {
            Ask { post: Some(_), .. } => METHOD,
            Ask { head: true, .. } => "HEAD",
            _ => "GET",
        };
        let method = method.unwrap_or(usual);
        let mut round = 1;
        loop {
            if self.cancel.is_cancelled() {
                return Err(failure::cancelled(url).into());
            }
            let (request, answers) = self.request(&route, url, ask, method)?;
            let same = |ahead: &Ahead| !fresh && ahead.route == route && ahead.request == request;
            let (mut connection, sent) = match self.ahead.take().filter(same) {
                Some(ahead) => (ahead.connection, Ok(())),
                None => {
                    let kept = if fresh { None } else { self.pool.take(&route) };
                    let connection = kept.map_or_else(|| self.pool.connect(&route, self.cancel), Ok);
                    let mut connection = connection?;
                    self.check_revocation(url, &connection)?;
                    if self.way.looks && url.secure && !connection.has_served() {
                        let place = format!("{}:{}", url.host, url.port);
                        self.observer.accepts(&place, &connection.certificates())?;
                    }
                    let sent = connection.send(&request, self.patience());
                    (connection, sent)
                }
            };
            let sent = match (sent, ask.post.and_then(|post| post.body)) {
                (Ok(()), Some(body)) => self.send_body(&mut connection, body)?,
                (sent, _) => sent,
            };
            let answer = match sent {
                Ok(()) => self.answer(&mut connection, ask.post),
                // Who refuses a packet may say so before all of it is there.
                Err(failure) if ask.post.is_some() => self.early_answer(&mut connection).ok_or(failure),
                Err(failure) => Err(failure),
            };
            match answer {
                Ok((head, ack)) => {
                    let body = Body::of(&head, ask.head);
                    let refused = matches!(head.status, 401 | 407);
                    let connection = Some((route.clone(), connection));
                    let (own, pool, cancel) = (url.clone(), self.pool, self.cancel);
                    let mut response =
                        Response { head, url: own, refusal: None, ack, body, pool, cancel, connection };
                    if refused {
                        response.refusal = self.judge(&route, &mut response, method, &answers, round)?;
                        if response.refusal.is_none() {
                            response.drain();
                            round += 1;
                            continue;
                        }
                    }
                    return Ok(response);
                }
                // A server may close an idle connection at any moment, also the one in which the next
                // request is under way. No byte of an answer means that it was not worked on.
                Err(Failure::Closed | Failure::Io(_))
                    if connection.has_served() && !fresh && connection.input().is_empty() =>
                {
                    fresh = true;
                }
                Err(failure) => return Err(failure.into()),
            }
        }
    }

    /// Before each file, also on a connection that is kept: the certificate may have been revoked meanwhile.
    fn check_revocation(&self, url: &Url, connection: &Connection) -> Result<(), Failure> {
        let Some(revocation) = self.way.revocation.filter(|_| url.secure) else { return Ok(()) };
        let verifier = self.way.manner.tls.verifier();
        let verifier = verifier.ok_or_else(|| Failure::Tls("nobody checked the certificate".to_owned()))?;
        revocation.check(self, url, &verifier, &connection.certificates()).map_err(|failure| match failure {
            Failure::Certificate(code, text) => {
                Failure::Certificate(code, format!("{text} (host {})", url.host))
            }
            other => other,
        })
    }

    /// What a 401 or 407 means: `None` when the request is to be sent again, else why it stays refused.
    fn judge(
        &self,
        route: &Route,
        response: &mut Response<'_>,
        method: &str,
        answers: &Answers,
        round: u32,
    ) -> Result<Option<String>, TransferError> {
        let url = &response.url;
        let challenges = std::mem::take(&mut response.head.challenges);
        let authenticator = &route.manner.authenticator;
        let verdict = if response.head.status == 407 {
            let place = route.proxy.as_ref().map(ToString::to_string).unwrap_or_default();
            let question =
                Question { target: AuthTarget::Proxy, place: &place, method, uri: &target(route, url) };
            authenticator.challenged(question, &challenges, answers.proxy.as_deref(), round)
        } else if !self.url.may_share_secrets_with(url) {
            return Ok(Some(format!("the credentials of the job are for {} only", self.url.origin())));
        } else if answers.custom {
            return Ok(Some("it refuses the Authorization among the custom headers".to_owned()));
        } else {
            let place = url.origin();
            let question =
                Question { target: AuthTarget::Server, place: &place, method, uri: &target(route, url) };
            authenticator.challenged(question, &challenges, answers.server.as_deref(), round)
        };
        match verdict {
            Verdict::Again => Ok(None),
            Verdict::Refused(why) => Ok(Some(why)),
            Verdict::Malformed(why) => {
                let code = ResultCode::BG_E_INVALID_CREDENTIALS;
                Err(TransferError::new(code, ErrorContext::GeneralTransport, why).fatal())
            }
        }
    }

    /// Receives the head of the answer; interim ones are passed over.
    fn answer(
        &self,
        connection: &mut Connection,
        post: Option<&Post>,
    ) -> Result<(Head, Option<Box<Ack>>), Failure> {
        let usual = self.pool.settings().idle_timeout;
        let patience = post.map_or(usual, |post| post.patience(usual));
        self.answer_within(connection, post.is_some(), Patience::new(self.cancel, patience))
    }

    pub(super) fn answer_within(
        &self,
        connection: &mut Connection,
        post: bool,
        patience: Patience,
    ) -> Result<(Head, Option<Box<Ack>>), Failure> {
        let (mut passed, mut seen) = (0, 0);
        loop {
            // Without the end of a line there is nothing new to read in it.
            if connection.input()[seen..].contains(&b'\n')
                && let Some((mut head, length)) = Head::parse(connection.input())?
            {
                let interim = (100..=199).contains(&head.status);
                if !interim {
                    self.observer.answered(header_lines(&connection.input()[..length]));
                }
                let ack = post.then(|| Box::new(Head::ack(connection.input())));
                connection.consume(length);
                match head.status {
                    101 => return Err(Failure::NotHttp("it changes to another protocol".to_owned())),
                    _ if interim => passed += length,
                    _ if post && head.length.is_none() && !head.chunked => {
                        // Answers to packets have no body, even where nobody says so.
                        (head.length, head.keep_alive) = (Some(0), false);
                        return Ok((head, ack));
                    }
                    _ => return Ok((head, ack)),
                }
                if passed > MOST_INTERIM {
                    return Err(Failure::LongHead("it never comes after its interim answers"));
                }
                seen = 0;
                continue;
            }
            seen = connection.input().len();
            if seen > MAX_HEAD {
                return Err(Failure::LongHead("its headers are larger than 64 KiB"));
            }
            if connection.fill(patience)? == 0 {
                return Err(Failure::Closed);
            }
        }
    }

    fn patience(&self) -> Patience<'a> {
        Patience::new(self.cancel, self.pool.settings().idle_timeout)
    }

    fn failed(&self, failure: &Failure, url: &Url) -> TransferError {
        if self.cancel.is_cancelled() {
            return failure::cancelled(url);
        }
        failure::of_failure(failure, url)
    }

    fn request(
        &self,
        route: &Route,
        url: &Url,
        ask: &Ask,
        method: &str,
    ) -> Result<(Vec<u8>, Answers), Failure> {
        let target = target(route, url);
        let mut request = Request::new(method, &target, &url.authority());
        if let Some(post) = ask.post {
            for (name, value) in &post.headers {
                request.header(name, value.as_bytes())?;
            }
            request.header("Content-Length", post.length().to_string().as_bytes())?;
        } else if matches!(method, "POST" | "PUT" | "PATCH") {
            // They have a body by nature, and many servers want to know at once that it is empty.
            request.header("Content-Length", b"0")?;
        }
        if let Some(ranges) = &ask.ranges {
            request.header("Range", ranges.as_bytes())?;
        } else if let Some(from) = ask.from {
            request.header("Range", format!("bytes={from}-").as_bytes())?;
        }
        if let Some(validator) = &ask.if_range {
            // As it was received: a byte for each character.
            let bytes: Vec<u8> = validator.chars().map(|c| u8::try_from(c).unwrap_or(b'?')).collect();
            request.header("If-Range", &bytes)?;
        }
        let trusted = self.url.may_share_secrets_with(url);
        let mut answers = Answers::default();
        let (mut agent, mut accept) = (false, false);
        for (name, value) in self.headers {
            if is_reserved(name) || (!trusted && is_secret(name)) {
                continue;
            }
            answers.custom |= name.eq_ignore_ascii_case("authorization");
            agent |= name.eq_ignore_ascii_case("user-agent");
            accept |= name.eq_ignore_ascii_case("accept");
            request.header(name, value.as_bytes())?;
        }
        let authenticator = &route.manner.authenticator;
        if trusted && !answers.custom && !authenticator.is_empty() {
            let place = url.origin();
            let question = Question { target: AuthTarget::Server, place: &place, method, uri: &target };
            answers.server = authenticator.header(question);
        }
        let userinfo = url.userinfo.as_ref().or(self.url.userinfo.as_ref().filter(|_| trusted));
        if let Some(answer) = &answers.server {
            request.header("Authorization", answer)?;
        } else if let Some(userinfo) = userinfo.filter(|_| !answers.custom) {
            request.header("Authorization", basic_of_url(userinfo).as_bytes())?;
        }
        // What is encrypted passes the proxy unread; it asked when the way was opened.
        let reads = |proxy: &&Proxy| !url.secure && !proxy.socks && !authenticator.is_empty();
        if let Some(proxy) = route.proxy.as_ref().filter(reads) {
            let place = proxy.to_string();
            let question = Question { target: AuthTarget::Proxy, place: &place, method, uri: &target };
            answers.proxy = authenticator.header(question);
            if let Some(answer) = &answers.proxy {
                request.header("Proxy-Authorization", answer)?;
            }
        }
        if !agent {
            request.header("User-Agent", self.pool.settings().user_agent.as_bytes())?;
        }
        if !accept {
            request.header("Accept", b"*/*")?;
        }
        // Any other coding would make ranges and sizes mean something else.
        request.header("Accept-Encoding", b"identity")?;
        Ok((request.into_bytes(), answers))
    }
}

/// The credentials that went out with a request.
#[derive(Default)]
struct Answers {
    server: Option<Vec<u8>>,
    proxy: Option<Vec<u8>>,
    /// The custom headers have an Authorization.
    custom: bool,
}

/// A request without a response.
enum Failed {
    Below(Failure),
    Told(TransferError),
}

impl Failed {
    fn told(self, exchange: &Exchange, url: &Url) -> TransferError {
        match self {
            Failed::Below(failure) => exchange.failed(&failure, url),
            Failed::Told(error) => error,
        }
    }
}

impl From<Failure> for Failed {
    fn from(failure: Failure) -> Failed {
        Failed::Below(failure)
    }
}

impl From<TransferError> for Failed {
    fn from(error: TransferError) -> Failed {
        Failed::Told(error)
    }
}

/// What stands in the request line: for a proxy the whole URL (RFC 9112 section 3.2.2).
fn target<'a>(route: &Route, url: &'a Url) -> Cow<'a, str> {
    if route.proxy.as_ref().is_some_and(|proxy| !proxy.socks) && !url.secure {
        Cow::Owned(url.to_string())
    } else {
        Cow::Borrowed(&url.target)
    }
}

/// The Basic credentials of a URL's `user:password` (RFC 7617).
fn basic_of_url(userinfo: &str) -> String {
    let (user, password) = userinfo.split_once(':').unwrap_or((userinfo, ""));
    basic(&percent_decoded(user), &percent_decoded(password))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_of_a_url_are_decoded() {
        assert_eq!(basic_of_url("Aladdin:open%20sesame"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        assert_eq!(basic_of_url("user"), "Basic dXNlcjo=");
    }
}
