//! The BITS upload server and file server; the program is `bgcopy-server`.
//!
//! ```text
//! server        sockets, connections, the end of the program
//!   service     one request: which directory, who asks, upload or download
//!     upload    the packets of the upload protocol
//!       session   what is known of an upload; registry: all of them
//!       storage   where they are on disk; durable: when bytes count as there
//!     download  files, whole and in ranges
//! config        the configuration file        url_path, tree   paths that stay inside a directory
//! ```

mod body;
pub mod config;
mod durable;
mod registry;
mod response;
pub mod server;
mod service;
mod session;
mod storage;
mod tree;
mod upload;
mod url_path;
