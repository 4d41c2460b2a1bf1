//! One line of JSON for each request.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, SystemTime};

/// Lines that may wait for a slow disk; more are lost, and counted by the metrics.
const WAITING: usize = 10_000;

/// What is told of a request.
#[derive(Default)]
pub struct Entry {
    /// Who connected, or whom a trusted proxy names.
    pub client: String,
    /// Who it is.
    pub user: Option<String>,
    /// The method.
    pub method: String,
    /// The path and the query.
    pub target: String,
    /// The kind of a packet.
    pub packet: Option<String>,
    /// The beginning of the identifier of a session: the whole is a permission to write.
    pub session: Option<String>,
    /// The range that was sent or asked for.
    pub range: Option<String>,
    /// The status of the answer; 0 where the connection was closed without one.
    pub status: u16,
    /// The code of a refused packet.
    pub code: Option<String>,
    /// Bytes of the body of the answer.
    pub bytes: u64,
    /// How long the answer took.
    pub took: Duration,
}

/// Writes lines on a thread of its own.
pub struct AccessLog(SyncSender<String>);

impl AccessLog {
    /// Opens a log; `-` is the standard output.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn open(path: &Path) -> io::Result<AccessLog> {
        let file = match path.to_str() {
            Some("-") => None,
            _ => Some(OpenOptions::new().append(true).create(true).open(path)?),
        };
        let (sender, lines) = sync_channel(WAITING);
        std::thread::Builder::new().name("access-log".to_owned()).spawn(move || write(file, &lines))?;
        Ok(AccessLog(sender))
    }

    /// Writes a line, some time; whether there was room for it.
    pub fn tell(&self, entry: &Entry) -> bool {
        self.0.try_send(line(entry)).is_ok()
    }
}

fn write(file: Option<File>, lines: &Receiver<String>) {
    let mut output: Box<dyn Write> = match file {
        Some(file) => Box::new(file),
        None => Box::new(io::stdout()),
    };
    while let Ok(mut text) = lines.recv() {
        while text.len() < 64 * 1024
            && let Ok(more) = lines.try_recv()
        {
            text.push_str(&more);
        }
        // A log that cannot be written does not stop what it tells of.
        let _ = output.write_all(text.as_bytes()).and_then(|()| output.flush());
    }
}

fn line(entry: &Entry) -> String {
    let time = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let mut line = format!("{{\"time\":{}.{:03}", time.as_secs(), time.subsec_millis());
    let mut text = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            line.push_str(&format!(",\"{name}\":\"{}\"", escaped(value)));
        }
    };
    text("client", Some(&entry.client));
    text("user", entry.user.as_deref());
    text("method", Some(&entry.method));
    text("target", Some(&entry.target));
    text("packet", entry.packet.as_deref());
    text("session", entry.session.as_deref());
    text("range", entry.range.as_deref());
    text("code", entry.code.as_deref());
    let took = entry.took.as_secs_f64();
    line.push_str(&format!(
        ",\"status\":{},\"bytes\":{},\"seconds\":{took:.6}}}\n",
        entry.status, entry.bytes
    ));
    line
}

/// A text as it stands in JSON (RFC 8259 section 7).
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' | '\\' => escaped.extend(['\\', character]),
            character if character.is_control() => {
                escaped.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            character => escaped.push(character),
        }
    }
    escaped
}
