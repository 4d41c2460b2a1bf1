//! Jobs and their rules as pure data: no clock, no I/O, no threads. Times are arguments.

pub mod cancellation;
pub mod command_line;
pub mod error;
pub mod file;
pub mod job;
pub mod progress;
pub mod property;
pub mod ranges;
pub mod response_headers;
pub mod secret;
pub mod state;
