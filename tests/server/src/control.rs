//! The control endpoints: what tests in other languages use where Rust tests call [`crate::Server`].

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use crate::content;
use crate::log::Condition;
use crate::relay::Relay;
use crate::request::Request;
use crate::resource::Resource;
use crate::response::Response;
use crate::server::Shared;

const ENDPOINTS: &[&str] = &[
    "control", "log", "wait", "release", "bytes", "requests", "relay", "sha256", "proxy", "ports", "ca.pem",
];

/// Whether a path belongs to the control endpoints.
pub(crate) fn is_control(path: &str) -> bool {
    let first = path.trim_start_matches('/').split('/').next().unwrap_or("");
    ENDPOINTS.contains(&first)
}

/// Does what a control request says.
pub(crate) fn answer(server: &Arc<Shared>, request: &Request) -> Response {
    let (endpoint, rest) = match request.path[1..].split_once('/') {
        Some((endpoint, rest)) => (endpoint, rest),
        None => (&request.path[1..], ""),
    };
    let path = request.query("path");
    let result = match (endpoint, rest) {
        ("control", name) => control(server, request, name),
        ("log", "") => Ok(server.log.entries().iter().fold(String::new(), |mut text, entry| {
            let _ = writeln!(text, "{}", entry.json());
            text
        })),
        ("log", "clear") => {
            server.log.clear();
            Ok("ok\n".into())
        }
        ("wait", "") => return wait(server, request),
        ("release", "") => Ok(format!("{}\n", server.log.release(path))),
        ("bytes", "") => Ok(format!("{}\n", server.log.total(path))),
        ("requests", "") => Ok(format!("{}\n", server.log.count(path))),
        ("relay", name) => relay(server, request, name),
        ("sha256", size) => sha256(request, size),
        ("proxy", "") => proxy(server, request),
        ("ports", "") => Ok(format!("{}\n", server.ports())),
        ("ca.pem", "") => Ok(server.tls.ca_pem.clone()),
        _ => Err(format!("no control endpoint {}", request.path)),
    };
    match result {
        Ok(text) => Response::text(200, text),
        Err(why) => Response::text(400, why + "\n"),
    }
}

/// The pairs of a control request: one `key=value` on each line of the body, then the query.
fn lines(request: &Request) -> Result<Vec<(String, String)>, String> {
    let text = std::str::from_utf8(&request.body.start).map_err(|_| "the body is not UTF-8")?;
    let pairs = text.lines().filter(|line| !line.trim().is_empty());
    let mut pairs: Vec<_> = pairs
        .map(|line| line.split_once('=').unwrap_or((line, "")))
        .map(|(key, value)| (key.trim().to_owned(), value.to_owned()))
        .collect();
    pairs.extend(request.query.iter().cloned());
    Ok(pairs)
}

fn control(server: &Shared, request: &Request, name: &str) -> Result<String, String> {
    let path = format!("/r/{name}");
    match request.method.as_str() {
        "POST" => server.registry.change(&path, lines(request)?)?,
        "PUT" => {
            let mut resource = Resource::default();
            resource.overlay(lines(request)?);
            server.registry.replace(&path, resource)?;
        }
        "DELETE" if server.registry.remove(&path) => {}
        "GET" => {
            let resource = server.registry.get(&path).ok_or_else(|| format!("no resource {path}"))?;
            return Ok(resource.pairs.iter().map(|(key, value)| format!("{key}={value}\n")).collect());
        }
        "DELETE" => return Err(format!("no resource {path}")),
        other => return Err(format!("{other} is none of GET, POST, PUT, DELETE")),
    }
    Ok("ok\n".into())
}

fn wait(server: &Shared, request: &Request) -> Response {
    let mut condition = Condition::default();
    let mut patience = Duration::from_secs(10);
    for (key, value) in &request.query {
        if key == "path" {
            condition.path = Some(value.clone());
            continue;
        }
        let Ok(number) = value.parse::<u64>() else {
            return Response::text(400, format!("{key}: '{value}' is not a number\n"));
        };
        match key.as_str() {
            "requests" => condition.requests = Some(number),
            "ended" => condition.ended = Some(number),
            "bytes" => condition.bytes = Some(number),
            "stalled" => condition.stalled = Some(number),
            "active" => condition.active = Some(number),
            "timeout_ms" => patience = Duration::from_millis(number),
            _ => return Response::text(400, format!("cannot wait for '{key}'\n")),
        }
    }
    if server.log.wait(&condition, patience) {
        Response::text(200, "ok\n")
    } else {
        Response::text(504, format!("not within {patience:?}: {}\n", request.raw_query()))
    }
}

fn relay(server: &Arc<Shared>, request: &Request, name: &str) -> Result<String, String> {
    let pairs = lines(request)?;
    let value = |key: &str| pairs.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value.as_str());
    let mut relays = server.relays.lock();
    if request.method == "DELETE" {
        return relays.remove(name).map(|_| "ok\n".into()).ok_or_else(|| format!("no relay {name}"));
    }
    if !relays.contains_key(name) {
        let ports = server.ports();
        let target = match value("target").unwrap_or("http") {
            "http" => ports.http,
            "https" => ports.https,
            port => port.parse().map_err(|_| format!("target '{port}' is none of http, https, a port"))?,
        };
        let relay = Relay::open(target).map_err(|error| format!("no port for the relay: {error}"))?;
        relays.insert(name.into(), Arc::new(relay));
    }
    // Out of the lock: closing a port joins a thread.
    let relay = relays[name].clone();
    drop(relays);
    match value("action") {
        None => {}
        Some("drop") => relay.drop_connections(),
        Some("blackhole") => relay.blackhole(),
        Some("refuse") => relay.refuse(),
        Some("resume") => relay.resume().map_err(|error| format!("port {}: {error}", relay.port()))?,
        Some(other) => return Err(format!("'{other}' is none of drop, blackhole, refuse, resume")),
    }
    Ok(format!("port={} connections={} forwarded={}\n", relay.port(), relay.connections(), relay.forwarded()))
}

fn sha256(request: &Request, size: &str) -> Result<String, String> {
    let number = |text: &str| text.parse::<u64>().map_err(|_| format!("'{text}' is not a number"));
    let seed = number(request.query("seed").unwrap_or("0"))?;
    let version = number(request.query("version").unwrap_or("0"))?;
    Ok(content::sha256(seed, version, number(size)?) + "\n")
}

fn proxy(server: &Shared, request: &Request) -> Result<String, String> {
    let pairs = lines(request)?;
    let value = |key: &str| pairs.iter().find(|(name, _)| name == key).map(|(_, value)| value.clone());
    let credentials = value("user").map(|user| (user, value("password").unwrap_or_default()));
    *server.proxy_credentials.lock() = credentials;
    Ok("ok\n".into())
}
