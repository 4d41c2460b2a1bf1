//! The helper token of a job: an open directory.

use std::os::fd::OwnedFd;

use bgcopy_protocol::ResultCode;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyInt};

use crate::argument::{self, AMember, Shape, invalid, wrong_type};
use crate::error::{Place, call, raise_at};
use crate::job::BackgroundCopyJob;
use crate::job_property::property;

property!(
    /// What the helper token is used for, TokenFlags.
    helper_token_flags(helper_token_flags, set_helper_token_flags): AMember, read_helper_token_flags, assign_helper_token_flags;
    /// Gives what the helper token is used for, TokenFlags (GetHelperTokenFlags).
    get_helper_token_flags;
    /// Says what the helper token is used for (SetHelperTokenFlags): TokenFlags.LOCAL_FILE for the local files of
    /// a download, growing and final, TokenFlags.NETWORK for remote names that are files.
    ///
    /// The flags last with the job, the token does not. Raises NotSupportedError for undefined bits.
    set_helper_token_flags, flags: AMember
);

#[pymethods]
impl BackgroundCopyJob {
    /// Gives the job a helper token, an open directory, in place of an earlier one (SetHelperToken).
    ///
    /// As the flags say, files of the job are then reached through that directory by their paths as before,
    /// but without symbolic links below it, and whatever has become of its path since. The token ends with
    /// the process. A job that has flags and no token goes to ERROR with BG_E_TOKEN_REQUIRED, until it gets
    /// a token, or no flags, and is resumed.
    ///
    /// :param directory: its path, the number of a descriptor, or what has one (``fileno()``); the caller
    ///     closes its own
    ///
    /// Raises InvalidArgumentError for what is no open directory, NotFoundError and AccessDeniedError for a path
    /// that cannot be opened, InvalidStateError for a job that ended.
    fn set_helper_token(&self, py: Python<'_>, directory: &Bound<'_, PyAny>) -> PyResult<()> {
        if let Some(descriptor) = descriptor(directory)? {
            return call(py, || self.engine().set_helper_token_descriptor(descriptor));
        }
        let path = argument::path(directory, "directory")?;
        let directory = py.detach(|| std::fs::File::open(&path)).map_err(|error| {
            let code = match error.kind() {
                std::io::ErrorKind::NotFound => ResultCode::BG_E_WIN32_PATH_NOT_FOUND,
                std::io::ErrorKind::PermissionDenied => ResultCode::BG_E_ACCESSDENIED,
                _ => ResultCode::BG_E_INVALIDARG,
            };
            let place = Place { path: Some(path), ..Place::default() };
            raise_at(py, code, &format!("directory cannot be opened: {error}"), &place)
        })?;
        call(py, || self.engine().set_helper_token(OwnedFd::from(directory)))
    }

    /// Takes the helper token away; the flags stay (ClearHelperToken).
    ///
    /// A job that runs or waits and has flags goes to ERROR with BG_E_TOKEN_REQUIRED.
    fn clear_helper_token(&self, py: Python<'_>) -> PyResult<()> {
        call(py, || self.engine().clear_helper_token())
    }

    /// Gives the owner of the directory that is the helper token as text, S-1-22-1-UID, or None without a token
    /// (GetHelperTokenSid).
    fn get_helper_token_sid(&self, py: Python<'_>) -> PyResult<Option<String>> {
        let owner = call(py, || self.engine().helper_token_owner())?;
        Ok(owner.map(|owner| format!("S-1-22-1-{owner}")))
    }

    /// The owner of the directory that is the helper token as text, S-1-22-1-UID; None without a token.
    #[getter(helper_token_sid)]
    fn read_helper_token_sid(&self, py: Python<'_>) -> PyResult<Option<String>> {
        self.get_helper_token_sid(py)
    }
}

/// The number of a descriptor, of an int or of what has `fileno()`.
fn descriptor(directory: &Bound<'_, PyAny>) -> PyResult<Option<i32>> {
    let py = directory.py();
    let number = match directory.getattr_opt("fileno")? {
        Some(fileno) => fileno.call0()?,
        None if directory.is_instance_of::<PyInt>() && !directory.is_instance_of::<PyBool>() => {
            directory.clone()
        }
        None => {
            let path = directory.is_instance_of::<pyo3::types::PyString>()
                || directory.is_instance_of::<pyo3::types::PyBytes>()
                || directory.hasattr("__fspath__")?;
            let wanted = "int, str, bytes, os.PathLike or have fileno()";
            return if path { Ok(None) } else { Err(wrong_type(directory, "directory", wanted)) };
        }
    };
    match number.extract::<i32>() {
        Ok(number) if number >= 0 => Ok(Some(number)),
        _ => Err(invalid(py, &format!("directory: {number} is no descriptor"))),
    }
}
