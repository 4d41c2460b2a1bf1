//! Set-up of an upload server: uploads to its directories.

use std::path::Path;
use std::time::Duration;

use bgcopy_setup::extension_setup as setup;
use pyo3::prelude::*;

use crate::argument::{path, text};
use crate::error::raise;

/// Sets something up without holding the interpreter.
fn call<T: Send>(py: Python<'_>, body: impl FnOnce() -> setup::Result<T> + Send) -> PyResult<T> {
    py.detach(body).map_err(|error| raise(py, error.code, &error.detail))
}

/// Finds the directories of the server of this machine (IBITSExtensionSetupFactory).
///
/// :param configuration: the absolute path of the server's configuration file; None for the one that
///     ``BGCOPY_SERVER_CONFIGURATION`` names, else ``/etc/bgcopy/server.toml``
#[pyclass(frozen, module = "bgcopy.server")]
pub struct ExtensionSetupFactory(setup::ExtensionSetupFactory);

#[pymethods]
impl ExtensionSetupFactory {
    #[new]
    #[pyo3(signature = (configuration = None))]
    fn new(py: Python<'_>, configuration: Option<&Bound<'_, PyAny>>) -> PyResult<ExtensionSetupFactory> {
        let path = configuration.map(|value| path(value, "configuration")).transpose()?;
        call(py, || setup::ExtensionSetupFactory::open(path.as_deref().map(Path::new)))
            .map(ExtensionSetupFactory)
    }

    /// Finds a directory by its path in URLs, such as ``/orders``, or its name in IIS, such as
    /// ``IIS://localhost/W3SVC/1/ROOT/orders`` (GetObject).
    ///
    /// Raises NotFoundError when the configuration does not have it, InvalidArgumentError for another kind of path.
    fn get_object(&self, py: Python<'_>, path: &Bound<'_, PyAny>) -> PyResult<ExtensionSetup> {
        let path = text(path, "path")?;
        call(py, || self.0.get_object(&path)).map(ExtensionSetup)
    }
}

/// A directory of the server (IBITSExtensionSetup).
#[pyclass(frozen, module = "bgcopy.server")]
pub struct ExtensionSetup(setup::ExtensionSetup);

#[pymethods]
impl ExtensionSetup {
    /// Enables uploads to the directory (EnableBITSUploads).
    ///
    /// Raises NotFoundError when the directory is not on disk, AccessDeniedError when the configuration may not be changed.
    fn enable_bits_uploads(&self, py: Python<'_>) -> PyResult<()> {
        call(py, || self.0.enable_bits_uploads())
    }

    /// Disables uploads to the directory; those that are not finished are removed (DisableBITSUploads).
    fn disable_bits_uploads(&self, py: Python<'_>) -> PyResult<()> {
        call(py, || self.0.disable_bits_uploads())
    }

    /// Gives the unit of systemd that removes what is left of old uploads when it is started; None where uploads are disabled
    /// (GetCleanupTaskName).
    fn get_cleanup_task_name(&self, py: Python<'_>) -> PyResult<Option<String>> {
        call(py, || self.0.cleanup_task_name())
    }

    /// Gives how the server removes what is left of old uploads; None where uploads are disabled (GetCleanupTask).
    fn get_cleanup_task(&self, py: Python<'_>) -> PyResult<Option<CleanupTask>> {
        Ok(call(py, || self.0.cleanup_task())?.map(CleanupTask::from))
    }
}

/// How the server removes what is left of old uploads.
#[pyclass(frozen, eq, hash, get_all, module = "bgcopy.server")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CleanupTask {
    /// From one clean-up to the next.
    interval: Duration,
    /// An upload without progress for so long is removed.
    session_timeout: Duration,
    /// Most uploads that a user keeps, the oldest; None for no limit.
    sessions_per_user: Option<u32>,
}

#[pymethods]
impl CleanupTask {
    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        let shown = |name: &str| slf.getattr(name)?.repr()?.extract::<String>();
        Ok(format!(
            "CleanupTask(interval={}, session_timeout={}, sessions_per_user={})",
            shown("interval")?,
            shown("session_timeout")?,
            shown("sessions_per_user")?
        ))
    }
}

impl From<setup::CleanupTask> for CleanupTask {
    fn from(task: setup::CleanupTask) -> CleanupTask {
        CleanupTask {
            interval: Duration::from_secs(task.interval.into()),
            session_timeout: Duration::from_secs(task.session_timeout.into()),
            sessions_per_user: task.sessions_per_user,
        }
    }
}
