//! One request and its response: redirects followed, a stale connection replaced.

use std::io::ErrorKind;

use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::ErrorContext;
use bgcopy_protocol::flags::{RedirectPolicy, SecurityFlags};

use super::body::Body;
use super::connection::Connection;
use super::failure::{self, Failure};
use super::headers::{is_reserved, is_secret};
use super::pool::{Pool, Route};
use super::request::Request;
use super::response::{Head, MAX_HEAD};
use super::tcp::Patience;
use super::url::Url;
use crate::sys::cancel::CancelToken;
use crate::transfer::{Observer, TransferError};

/// How many redirects one request follows.
const MOST_HOPS: usize = 10;
/// Interim answers (1xx) are passed over up to this size together.
const MOST_INTERIM: usize = 64 * 1024;
/// The rest of an unwanted body up to this size is read so that the connection can be used again.
const WORTH_DRAINING: u64 = 16 * 1024;

/// What is asked of the server, apart from the URL.
#[derive(Clone, Debug, Default)]
pub(super) struct Ask {
    /// HEAD, not GET.
    pub head: bool,
    /// The first byte wanted; `None` asks for the file without a Range header.
    pub from: Option<u64>,
    pub if_range: Option<String>,
    /// Not on a connection of the pool: perhaps another host answers.
    pub fresh: bool,
}

/// A response whose body has not been read. When it is dropped, a connection that was read to the
/// end of the answer goes back to the pool; any other is closed.
pub(super) struct Response<'a> {
    pub head: Head,
    /// Where it came from, after redirects.
    pub url: Url,
    body: Body,
    pool: &'a Pool,
    cancel: &'a CancelToken,
    /// There until it is dropped.
    connection: Option<(Route, Connection)>,
}

/// What all requests of a download have in common.
pub(super) struct Exchange<'a> {
    pub pool: &'a Pool,
    pub cancel: &'a CancelToken,
    pub url: &'a Url,
    pub headers: &'a [(String, String)],
    /// In place of GET.
    pub method: Option<&'a str>,
    pub security: SecurityFlags,
    pub observer: &'a dyn Observer,
}

impl<'a> Exchange<'a> {
    /// Whether there are headers that must not go to the host of `url`.
    pub(super) fn keeps_secrets_from(&self, url: &Url) -> bool {
        self.headers.iter().any(|(name, _)| is_secret(name)) && !self.url.may_share_secrets_with(url)
    }

    /// Sends `ask` and follows redirects to the final response.
    pub(super) fn run(&self, ask: &Ask) -> Result<Response<'a>, TransferError> {
        let mut url = self.url.clone();
        let mut visited = Vec::new();
        let mut method = self.method.filter(|_| !ask.head);
        loop {
            let mut response = self.once(&url, ask, method)?;
            let forbidden = self.security.redirect_policy() == RedirectPolicy::Disallow;
            let status = response.head.status;
            match status {
                301 | 302 | 303 | 307 | 308 => {}
                // A choice: nothing to follow, but a redirect to those who want none.
                300 if forbidden => {}
                _ => return Ok(response),
            }
            let Some(location) = response.head.location.take() else { return Ok(response) };
            response.drain();
            if forbidden {
                return Err(self.redirect_refused(&url, status, &location));
            }
            let downgrade = self.security.contains(SecurityFlags::REDIRECT_ALLOW_HTTPS_TO_HTTP);
            let next = follow(&url, &location, downgrade).map_err(|why| redirect_failed(&url, &why))?;
            visited.push(url);
            if visited.contains(&next) {
                return Err(redirect_failed(&next, "the redirects go round in a circle"));
            }
            if visited.len() > MOST_HOPS {
                return Err(redirect_failed(&next, &format!("there are more than {MOST_HOPS} redirects")));
            }
            url = next;
            method = method.filter(|method| match status {
                303 => false,
                // What everybody does since the first browsers (RFC 9110 section 15.4.2).
                301 | 302 => *method != "POST",
                _ => true,
            });
        }
    }

    /// The job takes no redirects; where this one leads is told all the same.
    fn redirect_refused(&self, url: &Url, status: u16, location: &str) -> TransferError {
        let target = match url.join(location) {
            Ok(next) => {
                self.observer.redirected(&self.url.renamed_to(&next));
                next.to_string()
            }
            Err(why) => format!("{location:?}: {why}"),
        };
        let text = format!(
            "the server redirects {url} to {target}, and the job does not allow redirects; resume it to fetch from there"
        );
        let error = failure::error(refusal_of(status), ErrorContext::RemoteFile, text);
        TransferError { http_status: Some(status), ..failure::fatal(error) }
    }

    fn once(&self, url: &Url, ask: &Ask, method: Option<&str>) -> Result<Response<'a>, TransferError> {
        let route = Route::to(url, self.security);
        let request = self.request(url, ask, method).map_err(|failure| self.failed(&failure, url))?;
        // A method that may have an effect is never repeated: not on a connection that may be stale.
        let mut fresh = ask.fresh || method.is_some();
        loop {
            if self.cancel.is_cancelled() {
                return Err(failure::cancelled(url));
            }
            let kept = if fresh { None } else { self.pool.take(&route) };
            let connection = kept.map_or_else(|| self.pool.connect(&route, self.cancel), Ok);
            let mut connection = connection.map_err(|failure| self.failed(&failure, url))?;
            let answer = match connection.send(&request, self.patience()) {
                Ok(()) => self.answer(&mut connection),
                Err(failure) => Err(failure),
            };
            match answer {
                Ok(head) => {
                    let body = Body::of(&head, ask.head);
                    let connection = Some((route, connection));
                    let (url, pool, cancel) = (url.clone(), self.pool, self.cancel);
                    return Ok(Response { head, url, body, pool, cancel, connection });
                }
                // A server may close an idle connection at any moment, also the one in which the next
                // request is under way. No byte of an answer means that it was not worked on.
                Err(Failure::Closed | Failure::Io(_))
                    if connection.has_served() && !fresh && connection.input().is_empty() =>
                {
                    fresh = true;
                }
                Err(failure) => return Err(self.failed(&failure, url)),
            }
        }
    }

    /// Receives the head of the answer; interim ones are passed over.
    fn answer(&self, connection: &mut Connection) -> Result<Head, Failure> {
        let patience = self.patience();
        let (mut passed, mut seen) = (0, 0);
        loop {
            // Without the end of a line there is nothing new to read in it.
            if connection.input()[seen..].contains(&b'\n')
                && let Some((head, length)) = Head::parse(connection.input())?
            {
                connection.consume(length);
                match head.status {
                    101 => return Err(Failure::NotHttp("it changes to another protocol".to_owned())),
                    100..=199 => passed += length,
                    _ => return Ok(head),
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

    fn request(&self, url: &Url, ask: &Ask, method: Option<&str>) -> Result<Vec<u8>, Failure> {
        let method = method.unwrap_or(if ask.head { "HEAD" } else { "GET" });
        let mut request = Request::new(method, &url.target, &url.authority());
        if matches!(method, "POST" | "PUT" | "PATCH") {
            // They have a body by nature, and many servers want to know at once that it is empty.
            request.header("Content-Length", b"0")?;
        }
        if let Some(from) = ask.from {
            request.header("Range", format!("bytes={from}-").as_bytes())?;
        }
        if let Some(validator) = &ask.if_range {
            // As it was received: a byte for each character.
            let bytes: Vec<u8> = validator.chars().map(|c| u8::try_from(c).unwrap_or(b'?')).collect();
            request.header("If-Range", &bytes)?;
        }
        let trusted = self.url.may_share_secrets_with(url);
        let (mut authorized, mut agent, mut accept) = (false, false, false);
        for (name, value) in self.headers {
            if is_reserved(name) || (!trusted && is_secret(name)) {
                continue;
            }
            authorized |= name.eq_ignore_ascii_case("authorization");
            agent |= name.eq_ignore_ascii_case("user-agent");
            accept |= name.eq_ignore_ascii_case("accept");
            request.header(name, value.as_bytes())?;
        }
        let userinfo = url.userinfo.as_ref().or(self.url.userinfo.as_ref().filter(|_| trusted));
        if let Some(userinfo) = userinfo.filter(|_| !authorized) {
            request.header("Authorization", basic(userinfo).as_bytes())?;
        }
        if !agent {
            request.header("User-Agent", self.pool.settings().user_agent.as_bytes())?;
        }
        if !accept {
            request.header("Accept", b"*/*")?;
        }
        // Any other coding would make ranges and sizes mean something else.
        request.header("Accept-Encoding", b"identity")?;
        Ok(request.into_bytes())
    }
}

/// The Basic credentials of a URL's `user:password` (RFC 7617).
fn basic(userinfo: &str) -> String {
    let mut decoded = percent_decoded(userinfo);
    if !decoded.contains(&b':') {
        decoded.push(b':');
    }
    format!("Basic {}", base64(&decoded))
}

fn percent_decoded(text: &str) -> Vec<u8> {
    let hex = |b: Option<&u8>| b.and_then(|b| char::from(*b).to_digit(16));
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        if bytes[i] == b'%'
            && let (Some(high), Some(low)) = (hex(bytes.get(i + 1)), hex(bytes.get(i + 2)))
        {
            decoded.push((high * 16 + low) as u8);
            i += 3;
        } else {
            decoded.push(bytes[i]);
            i += 1;
        }
    }
    decoded
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0u32, |g, b| g << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
        for i in 0..4 {
            let digit = DIGITS[(group >> (18 - 6 * i) & 63) as usize];
            text.push(if i <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

/// Where a redirect from `url` leads, if it may be followed.
fn follow(url: &Url, location: &str, downgrade: bool) -> Result<Url, String> {
    let next = url.join(location).map_err(|why| format!("to {location:?}: {why}"))?;
    if url.secure && !next.secure && !downgrade {
        return Err(format!("to {next}: from https to http, where anybody could read and change the file"));
    }
    Ok(next)
}

/// The code of a redirect that the job does not allow.
fn refusal_of(status: u16) -> ResultCode {
    match status {
        300 => ResultCode::BG_E_REDIRECT_REFUSED_300,
        301 => ResultCode::BG_E_REDIRECT_REFUSED_301,
        302 => ResultCode::BG_E_REDIRECT_REFUSED_302,
        303 => ResultCode::BG_E_REDIRECT_REFUSED_303,
        307 => ResultCode::BG_E_REDIRECT_REFUSED_307,
        _ => ResultCode::BG_E_REDIRECT_REFUSED_308,
    }
}

fn redirect_failed(url: &Url, why: &str) -> TransferError {
    let code = ResultCode::BG_E_WINHTTP_REDIRECT_FAILED;
    let text = format!("the redirect at {url} was not followed: {why}");
    failure::fatal(failure::error(code, ErrorContext::RemoteFile, text))
}

impl Response<'_> {
    /// Receives body bytes into `buffer`, which has room; 0 is the end. A body that breaks off is an
    /// error.
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> Result<usize, TransferError> {
        let Some((_, connection)) = &mut self.connection else { return Ok(0) };
        let patience = Patience::new(self.cancel, self.pool.settings().idle_timeout);
        self.body.read(connection, buffer, patience).map_err(|failure| {
            if self.cancel.is_cancelled() {
                return failure::cancelled(&self.url);
            }
            match failure {
                // In the middle of a body a reset is an end too early, like any other.
                Failure::Io(error) if error.kind() == ErrorKind::ConnectionReset => {
                    failure::connection_closed(&self.url)
                }
                other => failure::of_failure(&other, &self.url),
            }
        })
    }

    /// Whether the body goes on after what should have been all of it.
    pub(super) fn has_more(&mut self) -> Result<bool, TransferError> {
        // A body that breaks off here is as good as one that ends: the size is known.
        match self.read(&mut [0]) {
            Ok(more) => Ok(more > 0),
            Err(error) if error.cancelled => Err(error),
            Err(_) => Ok(false),
        }
    }

    /// Reads the end of the body, so that the connection can serve the next request.
    pub(super) fn finish(mut self) {
        // The end of a body that only the end of the connection tells is not worth waiting for.
        if self.head.chunked {
            let _ = self.has_more();
        }
    }

    /// Reads a short rest of the body, so that the connection can serve the next request.
    pub(super) fn drain(mut self) {
        if self.head.length.is_some_and(|length| length <= WORTH_DRAINING) {
            // A failure costs the connection and nothing else.
            while matches!(self.read(&mut [0; 4096]), Ok(1..)) {}
        }
    }
}

impl Drop for Response<'_> {
    fn drop(&mut self) {
        if self.body.is_complete()
            && self.head.keep_alive
            && let Some((route, connection)) = self.connection.take()
        {
            self.pool.put(route, connection);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_of_rfc_4648() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn credentials_of_a_url_are_decoded() {
        assert_eq!(basic("Aladdin:open%20sesame"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        assert_eq!(basic("user"), format!("Basic {}", base64(b"user:")));
        assert_eq!(percent_decoded("100%"), b"100%");
    }

    #[test]
    fn a_redirect_leaves_https_only_where_that_is_allowed() {
        let url = |text| Url::parse(text).unwrap();
        assert!(follow(&url("http://h/a"), "https://h/b", false).is_ok());
        assert!(follow(&url("https://h/a"), "/b", false).is_ok());
        assert!(follow(&url("https://h/a"), "http://h/b", false).is_err());
        assert!(follow(&url("https://h/a"), "http://h/b", true).is_ok());
        for downgrade in [false, true] {
            assert!(follow(&url("http://h/a"), "ftp://h/b", downgrade).is_err());
            assert!(follow(&url("http://h/a"), "file:///etc/passwd", downgrade).is_err());
        }
    }
}
