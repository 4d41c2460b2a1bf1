//! Tests that kill, cut and change: what a transfer survives.
//!
//! - [`plan`]: what the client program is to do
//! - [`event`]: what it says
//! - [`client`]: running it, and killing it
//! - [`episode`]: jobs brought to their end through kills, every rule checked
//! - [`upload`]: the same for uploads, whose server is killed too
//! - [`watch`]: waiting for what happens to a job in this process
//! - [`content`]: what lies in the destination directory
//! - [`random`]: random numbers that a seed brings back
//! - [`parallel`]: several at once

pub mod client;
pub mod content;
pub mod episode;
pub mod event;
pub mod parallel;
pub mod plan;
pub mod random;
pub mod upload;
pub mod watch;
