//! The configuration of `bgcopy-server`: what the server reads, and programs that set it up change.
//!
//! ```text
//! config      the configuration file        url_path   paths that stay inside a directory
//! ```

pub mod config;
pub mod url_path;
