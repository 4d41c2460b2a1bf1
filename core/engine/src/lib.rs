//! The bgcopy engine: a queue of transfer jobs that survives crashes, moved by a worker pool.
//!
//! - [`client`]: the public API: `Manager`, `Job`, `File`, `JobError`, callbacks
//! - `model`: jobs and the state machine: pure, no clock, no I/O, no threads
//! - `queue`: executes commands: decide, persist, act, tell
//! - `schedule`: which jobs run now (pure)
//! - `workers`: the thread pool, one blocking attempt each
//! - `notify`: callbacks on dispatcher threads, never under a lock
//! - `store`: one atomic, durable batch per commit
//! - `transfer`: one attempt at one file
//! - `limit`: rate limiting as arithmetic over (tokens, now) and the hours of the week
//! - `policy`: what administrators and users lay down in files
//! - `sys`: the world as small traits: clock, file system, network state, randomness

pub mod client;
pub mod limit;
pub mod model;
mod notify;
pub mod policy;
mod queue;
pub mod schedule;
pub mod settings;
pub mod store;
pub mod sys;
pub mod transfer;
mod workers;
