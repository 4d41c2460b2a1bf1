//! What happened: every request with the bytes it got, and waiting for it to happen.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

/// One request and what became of it.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// Counts requests from 1.
    pub id: u64,
    /// Counts connections from 1: equal numbers share a connection.
    pub connection: u64,
    /// When the request's head had arrived, since the server's start.
    pub at: Duration,
    /// Came over TLS.
    pub tls: bool,
    /// Came as to a proxy: CONNECT, or with the whole URL.
    pub proxied: bool,
    /// GET, HEAD, …
    pub method: String,
    /// The request target as sent, the query included.
    pub target: String,
    /// The target's path, percent-decoded.
    pub path: String,
    /// The request's header fields as sent.
    pub headers: Vec<(String, String)>,
    /// Bytes of the request's body.
    pub received: u64,
    /// SHA-256 of the request's body in hexadecimal; empty without a body.
    pub received_sha256: String,
    /// The status of the response, once sent; stays `None` where no response was.
    pub status: Option<u16>,
    /// Bytes of the response's body handed to the network so far.
    pub sent: u64,
    /// How it ended; `None` while it goes on and for a moment after the last byte.
    pub end: Option<End>,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// All that was to be sent has been.
    Complete,
    /// A scripted fault cut it off.
    Fault,
    /// The client went away.
    ClientLeft,
}

impl Entry {
    /// The value of a request header field, by case-insensitive name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The entry as one JSON object on one line.
    pub fn json(&self) -> String {
        let mut out = format!(
            "{{\"id\":{},\"connection\":{},\"at_ms\":{},\"tls\":{}",
            self.id,
            self.connection,
            self.at.as_millis(),
            self.tls
        );
        let text = |out: &mut String, key: &str, value: &str| {
            let _ = write!(out, ",\"{key}\":{}", quoted(value));
        };
        text(&mut out, "method", &self.method);
        text(&mut out, "target", &self.target);
        text(&mut out, "path", &self.path);
        for (key, name) in [("range", "Range"), ("if_range", "If-Range")] {
            match self.header(name) {
                Some(value) => text(&mut out, key, value),
                None => out += &format!(",\"{key}\":null"),
            }
        }
        let status = self.status.map_or("null".into(), |status| status.to_string());
        let end = match self.end {
            None => "null",
            Some(End::Complete) => "\"complete\"",
            Some(End::Fault) => "\"fault\"",
            Some(End::ClientLeft) => "\"client-left\"",
        };
        let _ = write!(
            out,
            ",\"status\":{status},\"sent\":{},\"end\":{end},\"received\":{}",
            self.sent, self.received
        );
        text(&mut out, "received_sha256", &self.received_sha256);
        let headers: Vec<String> = self
            .headers
            .iter()
            .map(|(name, value)| format!("[{},{}]", quoted(name), quoted(value)))
            .collect();
        let _ = write!(out, ",\"headers\":[{}]}}", headers.join(","));
        out
    }
}

/// What to wait for; everything that is set must hold at once. A `path` restricts all of it to one resource: a path,
/// or a whole target if it contains `?`.
#[derive(Clone, Debug, Default)]
pub struct Condition {
    /// Only requests of this path or target count.
    pub path: Option<String>,
    /// At least so many requests have arrived since the log was cleared.
    pub requests: Option<u64>,
    /// At least so many requests have ended since the log was cleared.
    pub ended: Option<u64>,
    /// At least so many body bytes have been sent since the log was cleared.
    pub bytes: Option<u64>,
    /// At least so many responses are stalled now.
    pub stalled: Option<u64>,
    /// At most so many requests are in progress now.
    pub active: Option<u64>,
}

/// The log and the requests in progress, behind one lock.
pub(crate) struct Log {
    started: Instant,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    last_id: u64,
    entries: BTreeMap<u64, Entry>,
    /// Body bytes by target.
    totals: HashMap<String, u64>,
    active: BTreeMap<u64, Target>,
    stalled: BTreeMap<u64, Target>,
    stopping: bool,
}

#[derive(Clone)]
struct Target {
    path: String,
    target: String,
}

impl Target {
    fn matches(&self, wanted: Option<&str>) -> bool {
        matches(wanted, &self.path, &self.target)
    }
}

fn matches(wanted: Option<&str>, path: &str, target: &str) -> bool {
    wanted.is_none_or(|wanted| if wanted.contains('?') { wanted == target } else { wanted == path })
}

impl Log {
    pub fn new() -> Self {
        Self { started: Instant::now(), state: Mutex::default(), changed: Condvar::new() }
    }

    /// Records an arrived request; returns its id.
    pub fn begin(&self, mut entry: Entry) -> u64 {
        let mut state = self.state.lock();
        state.last_id += 1;
        let id = state.last_id;
        entry.id = id;
        entry.at = self.started.elapsed();
        let target = Target { path: entry.path.clone(), target: entry.target.clone() };
        state.active.insert(id, target);
        state.entries.insert(id, entry);
        self.changed.notify_all();
        id
    }

    /// Changes the entry of a request, unless the log has been cleared since.
    pub fn update(&self, id: u64, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = self.state.lock().entries.get_mut(&id) {
            change(entry);
        }
        self.changed.notify_all();
    }

    /// Counts body bytes of a request in progress.
    pub fn sent(&self, id: u64, count: u64) {
        let mut state = self.state.lock();
        if let Some(target) = state.active.get(&id).map(|target| target.target.clone()) {
            *state.totals.entry(target).or_default() += count;
        }
        if let Some(entry) = state.entries.get_mut(&id) {
            entry.sent += count;
        }
        drop(state);
        self.changed.notify_all();
    }

    pub fn end(&self, id: u64, end: End) {
        let mut state = self.state.lock();
        state.active.remove(&id);
        state.stalled.remove(&id);
        if let Some(entry) = state.entries.get_mut(&id) {
            entry.end = Some(end);
        }
        drop(state);
        self.changed.notify_all();
    }

    pub fn stall(&self, id: u64) {
        let mut state = self.state.lock();
        if let Some(target) = state.active.get(&id).cloned() {
            state.stalled.insert(id, target);
        }
        drop(state);
        self.changed.notify_all();
    }

    pub fn is_stalled(&self, id: u64) -> bool {
        let state = self.state.lock();
        state.stalled.contains_key(&id) && !state.stopping
    }

    /// Waits until a stall of `id` is over, at most for `patience`.
    pub fn wait_stalled(&self, id: u64, patience: Duration) {
        let deadline = Instant::now() + patience;
        let mut state = self.state.lock();
        while state.stalled.contains_key(&id) && !state.stopping {
            if self.changed.wait_until(&mut state, deadline).timed_out() {
                return;
            }
        }
    }

    /// Lets stalled responses of `path` go on; returns how many.
    pub fn release(&self, path: Option<&str>) -> usize {
        let mut state = self.state.lock();
        let before = state.stalled.len();
        state.stalled.retain(|_, target| !target.matches(path));
        let count = before - state.stalled.len();
        drop(state);
        self.changed.notify_all();
        count
    }

    /// Ends the stall of one request.
    pub fn release_one(&self, id: u64) {
        self.state.lock().stalled.remove(&id);
        self.changed.notify_all();
    }

    pub fn stop(&self) {
        self.state.lock().stopping = true;
        self.changed.notify_all();
    }

    pub fn entries(&self) -> Vec<Entry> {
        self.state.lock().entries.values().cloned().collect()
    }

    /// Body bytes sent for a path or target since the log was cleared.
    pub fn total(&self, path: Option<&str>) -> u64 {
        self.state.lock().total(path)
    }

    /// Requests for a path or target since the log was cleared.
    pub fn count(&self, path: Option<&str>) -> usize {
        let state = self.state.lock();
        state.entries.values().filter(|entry| matches(path, &entry.path, &entry.target)).count()
    }

    /// Forgets the past; requests in progress go on unlogged.
    pub fn clear(&self) {
        let mut state = self.state.lock();
        state.entries.clear();
        state.totals.clear();
    }

    /// Waits until `condition` holds; false when `patience` ran out.
    pub fn wait(&self, condition: &Condition, patience: Duration) -> bool {
        let deadline = Instant::now() + patience;
        let mut state = self.state.lock();
        while !state.holds(condition) {
            if state.stopping || self.changed.wait_until(&mut state, deadline).timed_out() {
                return state.holds(condition);
            }
        }
        true
    }
}

impl State {
    fn total(&self, path: Option<&str>) -> u64 {
        let of = |target: &str| {
            matches(path, &crate::request::decode(target.split('?').next().unwrap_or("")), target)
        };
        self.totals.iter().filter(|(target, _)| of(target)).map(|(_, total)| total).sum()
    }

    fn holds(&self, condition: &Condition) -> bool {
        let path = condition.path.as_deref();
        let entries = || self.entries.values().filter(|entry| matches(path, &entry.path, &entry.target));
        let count = |targets: &BTreeMap<u64, Target>| {
            targets.values().filter(|target| target.matches(path)).count() as u64
        };
        condition.requests.is_none_or(|least| entries().count() as u64 >= least)
            && condition
                .ended
                .is_none_or(|least| entries().filter(|entry| entry.end.is_some()).count() as u64 >= least)
            && condition.bytes.is_none_or(|least| self.total(path) >= least)
            && condition.stalled.is_none_or(|least| count(&self.stalled) >= least)
            && condition.active.is_none_or(|most| count(&self.active) <= most)
    }
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => out += "\\\"",
            '\\' => out += "\\\\",
            control if (control as u32) < 0x20 => {
                let _ = write!(out, "\\u{:04x}", control as u32);
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_escapes_what_a_client_may_send() {
        let entry = Entry {
            target: "/a\"\\\u{1}".into(),
            headers: vec![("Range".into(), "bytes=0-".into())],
            ..Entry::default()
        };
        let json = entry.json();
        assert!(json.contains(r#""target":"/a\"\\\u0001""#), "{json}");
        assert!(json.contains(r#""range":"bytes=0-","if_range":null,"status":null"#), "{json}");
    }

    #[test]
    fn conditions_see_only_their_path() {
        let log = Log::new();
        let id = log.begin(Entry { path: "/a".into(), target: "/a?x".into(), ..Entry::default() });
        log.sent(id, 10);
        let now = Duration::ZERO;
        let of = |path: &str| Condition { path: Some(path.into()), bytes: Some(10), ..Condition::default() };
        assert!(log.wait(&of("/a"), now) && log.wait(&of("/a?x"), now));
        assert!(!log.wait(&of("/b"), now) && !log.wait(&of("/a?y"), now));
        assert!(!log.wait(&Condition { active: Some(0), ..Condition::default() }, now));
        log.end(id, End::Complete);
        assert!(log.wait(&Condition { active: Some(0), ended: Some(1), ..Condition::default() }, now));
    }
}
