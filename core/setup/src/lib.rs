//! The configuration of `bgcopy-server`: what the server reads, and programs that set it up change.
//!
//! ```text
//! extension_setup   switches uploads on and off, as IBITSExtensionSetup does
//!   control         has the running server follow
//!   config          the configuration file, and the files beside it
//!     url_path      paths that stay inside a directory
//! ```

pub mod config;
pub mod control;
pub mod extension_setup;
pub mod url_path;
