//! One request and its response.

use std::thread;
use std::time::{Duration, SystemTime};

use crate::directory;
use crate::log::{End, Log};
use crate::request::Request;
use crate::resource::{Content, Registry, Resource};
use crate::response::{Part, Representation, Response, decide};
use crate::script::{Auth, Faults, On, Script};
use crate::server::Shared;
use crate::stream::Stream;
use crate::transmission::{Stop, Transmission};

/// Content is made in blocks of this size.
const BLOCK: u64 = 256 * 1024;

/// What to do with the connection afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    Keep,
    /// In good order.
    Close,
    /// FIN without a goodbye.
    Cut,
    Reset,
}

/// A resource found for a request.
struct Found {
    content: Content,
    script: Script,
    /// Under which name it is remembered.
    key: String,
    /// The validators of a file on disk.
    on_disk: Option<Representation>,
}

/// Answers `request`, which the log knows as `id`.
pub(crate) fn answer(server: &Shared, stream: &mut Stream, request: &Request, id: u64) -> After {
    let result = match find(server, request) {
        Ok(Some(found)) => scripted(server, stream, request, id, &found),
        Ok(None) => {
            plain(server, stream, request, id, Response::text(404, format!("nothing at {}\n", request.path)))
        }
        Err(why) => plain(server, stream, request, id, Response::text(400, why + "\n")),
    };
    let (end, after) = match result {
        Ok(after) => (End::Complete, after),
        Err(Stop::Cut) => (End::Fault, After::Cut),
        Err(Stop::Reset) => (End::Fault, After::Reset),
        Err(Stop::ClientLeft) => (End::ClientLeft, After::Cut),
    };
    server.log.end(id, end);
    after
}

/// Sends a small response of the server itself, unless it is one of the scripted kind.
pub(crate) fn plain(
    server: &Shared,
    stream: &mut Stream,
    request: &Request,
    id: u64,
    response: Response,
) -> Result<After, Stop> {
    let found = Found {
        content: Content::Bytes([].into()),
        script: Script::default(),
        key: request.path.clone(),
        on_disk: None,
    };
    send(&server.log, &server.registry, stream, request, id, &found, 0, &Faults::default(), response)
}

fn find(server: &Shared, request: &Request) -> Result<Option<Found>, String> {
    if let Some(resource) = server.registry.get(&request.path) {
        let mut resource = resource;
        resource.overlay(request.query.clone());
        return found(&resource, request.path.clone()).map(Some);
    }
    if let Some(rest) = request.path.strip_prefix("/file/") {
        let size = rest.split('/').next().unwrap_or("");
        let mut resource = Resource::default();
        resource.overlay(vec![("size".into(), size.into())]);
        resource.overlay(request.query.clone());
        return found(&resource, request.target.clone()).map(Some);
    }
    if let Some(count) = request.path.strip_prefix("/redirect/") {
        let count: u64 = count.parse().map_err(|_| format!("'{count}' is not a number of redirects"))?;
        let to = request.query("to").ok_or("a redirect needs to=URL")?;
        let location = match count {
            0 | 1 => to.to_owned(),
            more => format!("/redirect/{}?{}", more - 1, request.raw_query()),
        };
        let mut script = Script { redirect: Some(location), ..Script::default() };
        if let Some(status) = request.query("status") {
            script.redirect_status =
                Some(status.parse().map_err(|_| format!("'{status}' is not a status code"))?);
        }
        let key = request.target.clone();
        return Ok(Some(Found { content: Content::Bytes([].into()), script, key, on_disk: None }));
    }
    let Some(root) = &server.root else { return Ok(None) };
    let Some((file, representation)) = directory::open(root, &request.path) else { return Ok(None) };
    let pairs = request.query.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    Ok(Some(Found {
        content: Content::File { file: file.into(), size: representation.size },
        script: Script::parse(pairs)?,
        key: request.target.clone(),
        on_disk: Some(representation),
    }))
}

fn found(resource: &Resource, key: String) -> Result<Found, String> {
    let (content, script) = resource.read()?;
    Ok(Found { content, script, key, on_disk: None })
}

fn scripted(
    server: &Shared,
    stream: &mut Stream,
    request: &Request,
    id: u64,
    found: &Found,
) -> Result<After, Stop> {
    let script = &found.script;
    let counters = server.registry.counters(&found.key);
    let (answers, served, faulty) = {
        let mut counters = counters.lock();
        let answers = counters.requests;
        counters.requests += 1;
        let mut faulty = false;
        if concerns(script.on, request) {
            faulty = script.fails(counters.candidates);
            counters.candidates += 1;
        }
        (answers, counters.served, faulty)
    };
    let none = Faults::default();
    let faults = if faulty { &script.faults } else { &none };

    thread::sleep(Duration::from_millis(script.delay_ms));
    if faults.stall_headers {
        Transmission::new(stream, &server.log, id, counters.clone(), faults).stall()?;
    }
    if faults.reset_headers {
        return Err(Stop::Reset);
    }
    if faults.close_headers {
        return Err(Stop::Cut);
    }
    if faults.garbage {
        let mut transmission = Transmission::new(stream, &server.log, id, counters, faults);
        transmission.head("\u{1}\u{2}this is no HTTP\r\nat all\r\n\r\n".into());
        transmission.flush()?;
        return Err(Stop::Cut);
    }

    let changed = script.change_after.is_some_and(|after| served >= after);
    let version = script.version + u64::from(changed);
    let content = match (&found.content, script.change_size) {
        (Content::Seeded { seed, .. }, Some(size)) if changed => Content::Seeded { size, seed: *seed },
        (content, _) => content.clone(),
    };
    let seed = if let Content::Seeded { seed, .. } = content { seed } else { 0 };
    let file = match &found.on_disk {
        Some(representation) => representation.clone(),
        None => Representation::scripted(script, seed, content.size(), version, answers),
    };

    let response = if let Some(kind) = script.auth.filter(|kind| !authorized(*kind, script, request)) {
        let mut response = Response::text(401, "credentials needed\n");
        response.set("WWW-Authenticate", challenge(kind));
        response
    } else if let Some(location) =
        script.redirect_loop.then_some(&request.target).or(script.redirect.as_ref())
    {
        let mut response = Response::text(script.redirect_status.unwrap_or(302), "elsewhere\n");
        response.set("Location", location);
        response
    } else if let Some(status) = faults.status {
        let mut response = Response::text(status, format!("scripted status {status}\n"));
        if let Some(after) = &faults.retry_after {
            response.set("Retry-After", after);
        }
        response
    } else {
        decide(request, script, &file)
    };
    let found = Found { content, script: script.clone(), key: found.key.clone(), on_disk: None };
    send(&server.log, &server.registry, stream, request, id, &found, version, faults, response)
}

fn concerns(on: On, request: &Request) -> bool {
    match on {
        On::Any => true,
        On::Get => request.method == "GET",
        On::Head => request.method == "HEAD",
        On::Post => request.method == "POST",
        On::Range => request.header("range").is_some(),
        On::NoRange => request.header("range").is_none(),
    }
}

#[expect(clippy::too_many_arguments, reason = "one call, all of it different in kind")]
fn send(
    log: &Log,
    registry: &Registry,
    stream: &mut Stream,
    request: &Request,
    id: u64,
    found: &Found,
    version: u64,
    faults: &Faults,
    mut response: Response,
) -> Result<After, Stop> {
    let script = &found.script;
    let bodiless = request.method == "HEAD" || matches!(response.status, 100..200 | 204 | 304);
    let chunked = script.chunked && !bodiless && !script.http10 && !request.http10;
    let undelimited = script.no_length && !bodiless && !chunked;
    let close = script.close || script.http10 || undelimited || request.wants_close();

    if let Some(length) = faults.claim_length {
        response.length = Some(length);
    }
    if chunked {
        response.set("Transfer-Encoding", "chunked");
    } else if let Some(length) = response.length.filter(|_| !undelimited) {
        response.set("Content-Length", length.to_string());
    }
    if let Some(label) = &script.content_encoding {
        response.set("Content-Encoding", label);
    }
    response.headers.extend(script.headers.iter().cloned());
    let mut padding = script.big_headers;
    for index in 0.. {
        if padding == 0 {
            break;
        }
        let len = padding.min(4000);
        response.set(&format!("X-Padding-{index}"), "p".repeat(len));
        padding -= len;
    }
    if close {
        response.set("Connection", "close");
    } else if request.http10 {
        response.set("Connection", "keep-alive");
    }

    let protocol = if script.http10 { "HTTP/1.0" } else { "HTTP/1.1" };
    let date = httpdate::fmt_http_date(SystemTime::now());
    let mut head = format!("{protocol} {} {}\r\nDate: {date}\r\n", response.status, reason(response.status));
    for (name, value) in &response.headers {
        head += &format!("{name}: {value}\r\n");
    }
    head += "\r\n";

    log.update(id, |entry| entry.status = Some(response.status));
    let counters = registry.counters(&found.key);
    let mut transmission = Transmission::new(stream, log, id, counters.clone(), faults);
    transmission.chunked = chunked;
    transmission.rate = script.rate;
    transmission.head(head);
    if bodiless {
        transmission.flush()?;
        return Ok(if close { After::Close } else { After::Keep });
    }

    let total: u64 = response.parts.iter().map(Part::len).sum();
    let short = (faults.short > 0).then(|| total.saturating_sub(faults.short));
    let claimed = faults.claim_length.map(|_| 0);
    transmission.cut_at = [short, claimed, faults.close_after].into_iter().flatten().min();
    if script.body_delay_ms > 0 {
        transmission.flush()?;
        thread::sleep(Duration::from_millis(script.body_delay_ms));
    }
    let mut block = Vec::new();
    for part in &response.parts {
        match part {
            Part::Text(text) => transmission.push(text, false)?,
            Part::Content { offset, len } => {
                let (mut at, end) = (*offset, offset + len);
                while at < end {
                    let (mut version, mut len) = (version, BLOCK.min(end - at));
                    if let Some(after) = script.change_after.filter(|_| script.change_in_place) {
                        let served = counters.lock().served;
                        version = script.version + u64::from(served >= after);
                        len = if served < after { len.min(after - served) } else { len };
                    }
                    block.resize(len as usize, 0);
                    found.content.fill(version, at, &mut block)?;
                    transmission.push(&block, true)?;
                    at += len;
                }
            }
        }
    }
    if faults.long > 0 {
        transmission.push(&vec![b'x'; faults.long as usize], false)?;
    }
    transmission.finish()?;
    Ok(if close { After::Close } else { After::Keep })
}

fn challenge(kind: Auth) -> &'static str {
    match kind {
        Auth::Basic => "Basic realm=\"test\"",
    }
}

fn authorized(kind: Auth, script: &Script, request: &Request) -> bool {
    let Some(value) = request.header("authorization") else { return false };
    match kind {
        Auth::Basic => crate::credentials::is_basic(value, &script.user, &script.password),
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        204 => "No Content",
        206 => "Partial Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        412 => "Precondition Failed",
        416 => "Range Not Satisfiable",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Status",
    }
}
