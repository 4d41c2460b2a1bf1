//! The BITS upload server and file server; the program is `bgcopy-server`.
//!
//! ```text
//! server        sockets, connections, the end of the program
//!   places      the directories of the configuration, and the sessions in them
//!   service     one request: which directory, who asks, upload or download
//!     upload    the packets of the upload protocol
//!       session   what is known of an upload; registry: all of them
//!       notification  what the server application is told, and says
//!       storage   where they are on disk; durable: when bytes count as there
//!     download  files, whole and in ranges; sender: their bytes; outlet: without a copy
//!     group         URL groups: files under URLs of their own; traffic: how many at once, and how fast
//! control       the local interface, by which groups are managed; command: what it is told; ports: where groups are
//! tree          a directory that paths do not lead out of
//! ```
//!
//! The configuration file is read by `bgcopy-setup`.

pub use bgcopy_setup::config;
use bgcopy_setup::url_path;

mod access_log;
pub mod activation;
mod auth;
mod body;
mod byte_range;
pub mod command;
mod control;
mod download;
mod durable;
mod group;
mod metrics;
mod notification;
mod outlet;
mod patient;
mod places;
mod ports;
mod precondition;
mod prefix;
mod registry;
mod response;
mod sender;
pub mod server;
mod service;
mod session;
mod storage;
mod tls;
mod traffic;
mod tree;
mod upload;
