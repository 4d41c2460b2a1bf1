//! `BGCOPY_LOG`: what happens, on standard error.
//!
//! Not the `logging` module: messages come while the engine holds its locks, and a handler that
//! waits for the interpreter there would stop it.

use std::io::Write;
use std::sync::Once;

use log::{LevelFilter, Log, Metadata, Record};

struct StandardError;

impl Log for StandardError {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            // Nobody can be told that this failed.
            let _ = writeln!(std::io::stderr(), "{:<5} {}", record.level(), record.args());
        }
    }

    fn flush(&self) {}
}

/// Starts at the first open, when `BGCOPY_LOG` names a level.
pub fn start() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let level = std::env::var("BGCOPY_LOG").ok().and_then(|level| level.parse().ok());
        if let Some(level) = level.filter(|level| *level != LevelFilter::Off)
            && log::set_logger(&StandardError).is_ok()
        {
            log::set_max_level(level);
        }
    });
}
