//! The public API: typed, blocking, usable from any thread.

pub mod callback;
pub mod error;
pub mod file;
pub mod group;
pub mod job;
pub mod job1;
pub mod link;
mod local;
pub mod manager;
pub mod qmgr;

pub use callback::{Callback, ServerCertificateValidation};
pub use error::JobError;
pub use file::File;
pub use group::{Failure, Group, GroupCallback, GroupValue};
pub use job::Job;
pub use job1::Job1;
pub use link::{Event, EventKind, FileInfo};
pub use manager::{Manager, error_description};
pub use qmgr::Qmgr;

pub use bgcopy_protocol::file_range::FileRange;

pub use crate::model::command_line::CommandLine;
pub use crate::model::error::{Error, ErrorRecord, Result};
pub use crate::model::progress::{FileProgress, JobProgress, JobTimes, SIZE_UNKNOWN};
pub use crate::queue::World;
pub use crate::settings::Settings;
pub use crate::transfer::access::{
    CertificateName, CertificateStores, ClientCertificate, Credentials, ProxySettings,
};

/// Takes the one kind of reply a command has.
macro_rules! reply {
    ($reply:expr, $kind:ident) => {
        match $reply? {
            $crate::client::link::Reply::$kind(value) => Ok(value),
            other => Err($crate::client::link::mismatch(&other)),
        }
    };
}
pub(crate) use reply;
