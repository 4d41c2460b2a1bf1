//! ## Log
//!
//! The library tells what happens to which file in short messages. Nobody hears them unless the program
//! asks with `bg_log_set`, or the environment variable `BGCOPY_LOG` is `error`, `warn`, `info`, `debug` or
//! `trace` at the first `bg_manager_open`: then they go to the standard error output.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::ffi::{c_char, c_void};
use std::io::Write;
use std::sync::Once;

use bgcopy_engine::client::{Error, Result};
use bgcopy_protocol::ResultCode;
use log::{Level, LevelFilter, Log, Metadata, Record};
use parking_lot::RwLock;

use crate::boundary::{c_string, guard};
use crate::job::undefined;
use crate::result::bg_result;

/// No messages.
pub const BG_LOG_OFF: i32 = 0;
/// Something failed for good.
pub const BG_LOG_ERROR: i32 = 1;
/// Something failed and is tried again, or was repaired.
pub const BG_LOG_WARN: i32 = 2;
/// Jobs come, change their state and go.
pub const BG_LOG_INFO: i32 = 3;
/// Requests and decisions.
pub const BG_LOG_DEBUG: i32 = 4;
/// Everything.
pub const BG_LOG_TRACE: i32 = 5;

/// Hears a message of one of the `BG_LOG_` levels. The texts hold until it returns.
///
/// Called on any thread, by several at once, in the midst of the library's work: it must not call any
/// function of this header.
pub type bg_log_callback = Option<
    unsafe extern "C" fn(user_data: *mut c_void, level: i32, target: *const c_char, message: *const c_char),
>;

/// Where messages go.
enum Sink {
    Nowhere,
    StandardError,
    Program {
        call: unsafe extern "C" fn(*mut c_void, i32, *const c_char, *const c_char),
        user_data: *mut c_void,
    },
}

// SAFETY: the header says that the callback runs on any thread; the user data is only passed on.
unsafe impl Send for Sink {}
// SAFETY: as above.
unsafe impl Sync for Sink {}

static SINK: RwLock<Sink> = RwLock::new(Sink::Nowhere);
static INSTALL: Once = Once::new();

thread_local! {
    /// This thread is inside the callback.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Sends the messages up to `max_level` to a callback, in place of the one before; NULL ends it.
///
/// Process-wide. When it returns, the former callback is not called any more, so that its `user_data` may
/// be freed. `max_level` is one of the `BG_LOG_` constants.
///
/// Errors: `BG_E_NOTIMPL` for an undefined level, `BG_E_INVALID_STATE` when it is called from inside the
/// callback, or when the library is part of a program that has its own logger of the Rust crate `log`.
///
/// # Safety
/// As the section "Pointers" of the header says; `user_data` holds until another call has returned.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_log_set(
    callback: bg_log_callback,
    user_data: *mut c_void,
    max_level: i32,
) -> bg_result {
    guard(|| {
        let level = level(max_level).ok_or_else(|| undefined("log level", max_level))?;
        if INSIDE.get() {
            return Err(Error::new(
                ResultCode::BG_E_INVALID_STATE,
                "bg_log_set was called from inside a log callback",
            ));
        }
        install()?;
        *SINK.write() = match callback {
            Some(call) => Sink::Program { call, user_data },
            None => Sink::Nowhere,
        };
        log::set_max_level(if callback.is_some() { level } else { LevelFilter::Off });
        Ok(ResultCode::BG_S_OK)
    })
}

fn level(number: i32) -> Option<LevelFilter> {
    match number {
        BG_LOG_OFF => Some(LevelFilter::Off),
        BG_LOG_ERROR => Some(LevelFilter::Error),
        BG_LOG_WARN => Some(LevelFilter::Warn),
        BG_LOG_INFO => Some(LevelFilter::Info),
        BG_LOG_DEBUG => Some(LevelFilter::Debug),
        BG_LOG_TRACE => Some(LevelFilter::Trace),
        _ => None,
    }
}

/// Reads `BGCOPY_LOG`, once in a process. A program that called `bg_log_set` before has decided already.
pub fn start() {
    static START: Once = Once::new();
    START.call_once(|| {
        let wanted = std::env::var("BGCOPY_LOG").unwrap_or_default();
        let Ok(level) = wanted.parse::<LevelFilter>() else { return };
        let mut sink = SINK.write();
        if matches!(*sink, Sink::Nowhere) && install().is_ok() {
            *sink = Sink::StandardError;
            log::set_max_level(level);
        }
    });
}

/// Makes this the logger of the process, which can be done once.
fn install() -> Result<()> {
    static INSTALLED: RwLock<bool> = RwLock::new(false);
    INSTALL.call_once(|| *INSTALLED.write() = log::set_logger(&Logger).is_ok());
    if *INSTALLED.read() {
        Ok(())
    } else {
        Err(Error::new(
            ResultCode::BG_E_INVALID_STATE,
            "the program has a logger of its own; set the level there",
        ))
    }
}

struct Logger;

impl Log for Logger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        // Of other crates, such as the TLS library, only what is wrong, unless all is wanted.
        let max = log::max_level();
        let ours = metadata.target().starts_with("bgcopy");
        metadata.level() <= max && (ours || metadata.level() <= Level::Warn || max == LevelFilter::Trace)
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) || INSIDE.try_with(Cell::get).unwrap_or(true) {
            return;
        }
        // Held while the callback runs, so that `bg_log_set` returns after it.
        match &*SINK.read() {
            Sink::Nowhere => {}
            Sink::StandardError => {
                // Nobody is left to tell about a standard error output that fails.
                let _ = writeln!(std::io::stderr(), "bgcopy {}: {}", record.level(), record.args());
            }
            Sink::Program { call, user_data } => {
                let (target, message) = (c_string(record.target()), c_string(&record.args().to_string()));
                INSIDE.set(true);
                // SAFETY: the program gave the function for this data, which holds until `bg_log_set`
                // has replaced it, and that waits for the lock held here.
                unsafe { call(*user_data, record.level() as i32, target.as_ptr(), message.as_ptr()) };
                INSIDE.set(false);
            }
        }
    }

    fn flush(&self) {}
}
