//! Tests that kill, cut and change: what a download survives.
//!
//! - [`plan`]: what the client program is to do
//! - [`event`]: what it says
//! - [`client`]: running it, and killing it
//! - [`episode`]: jobs brought to their end through kills, every rule checked
//! - [`watch`]: waiting for what happens to a job in this process
//! - [`content`]: what lies in the destination directory
//! - [`random`]: random numbers that a seed brings back

pub mod client;
pub mod content;
pub mod episode;
pub mod event;
pub mod plan;
pub mod random;
pub mod watch;
