//! The scripted HTTP server of the bgcopy tests: one server for the tests in every language.
//!
//! A test in Rust starts a [`Server`] in its own process; tests in other languages start the program
//! `bgcopy-testserver`. Either way a URL alone can script a response (`/file/1000?seed=7&ranges=off`), and what has to
//! change in the middle of a test is a named resource. README.md beside this crate lists the parameters.
//!
//! - `server`: ports, and the interface for tests in Rust
//! - `listener`, `connection`, `stream`, `tls`, `proxy`: from a port to requests
//! - `request`, `range`, `credentials`: what the client says
//! - `resource`, [`content`], `directory`: what can be fetched
//! - `script`: how it behaves
//! - `exchange`: one request and its response; `response` decides it, `transmission` sends it, faults included
//! - `log`: what happened, and waiting for it
//! - `control`: all that over HTTP, for other languages
//! - `relay`: losing the network
//! - `scenario`: reading tests/scenarios
//! - [`port`]: for servers that cannot choose their own
//! - [`upload`]: a server of the BITS upload protocol
//! - [`real`]: nginx, Apache and others, for what has to be true of them too

mod connection;
pub mod content;
mod control;
mod credentials;
mod directory;
mod exchange;
mod listener;
mod log;
pub mod port;
mod proxy;
mod range;
pub mod real;
mod relay;
mod request;
mod resource;
mod response;
mod scenario;
mod script;
mod server;
mod stream;
mod tls;
mod transmission;
pub mod upload;

pub use log::{Condition, End, Entry};
pub use relay::Relay;
pub use resource::Resource;
pub use scenario::{Scenario, Step};
pub use server::{Config, Ports, Server};
