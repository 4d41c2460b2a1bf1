//! The native half of the Python package bgcopy: the engine's client types as Python classes.
//!
//! One noun, one file, as in the engine. A call releases the interpreter before it goes into the engine,
//! so that no engine thread that calls back ever waits for it.

mod access;
mod argument;
mod callback;
mod certificate;
mod constants;
mod enums;
mod error;
mod event;
mod extension_setup;
mod file;
mod file_range;
mod http_options;
mod job;
mod job_property;
mod log;
mod manager;
mod progress;
mod qmgr;
mod token;

use pyo3::prelude::*;

/// The native half of bgcopy. Programs import bgcopy.
///
/// Every class is frozen and shares nothing but what the engine and locks of its own protect: it does not need the
/// interpreter's lock.
#[pymodule(gil_used = false)]
mod _bgcopy {
    #[pymodule_export]
    use crate::constants::{constants, result_codes};
    #[pymodule_export]
    use crate::error::{BackgroundCopyError, describe};
    #[pymodule_export]
    use crate::event::{Event, Feed};
    #[pymodule_export]
    use crate::extension_setup::{CleanupTask, ExtensionSetup, ExtensionSetupFactory};
    #[pymodule_export]
    use crate::file::BackgroundCopyFile;
    #[pymodule_export]
    use crate::job::BackgroundCopyJob;
    #[pymodule_export]
    use crate::manager::{BackgroundCopyManager, close_all};
    #[pymodule_export]
    use crate::progress::{FileProgress, JobProgress, JobTimes};
    #[pymodule_export]
    use crate::qmgr::{BackgroundCopyGroup, BackgroundCopyJob1, BackgroundCopyQMgr};

    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}

use pyo3 as _;
