//! Errors of calls become exceptions; the error of a job is an object.

use std::borrow::Cow;

use bgcopy_engine::client::{self, error_description};
use bgcopy_protocol::enums::ErrorContext;
use bgcopy_protocol::{ResultCode, RetryClass};
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use crate::enums;
use crate::file::BackgroundCopyFile;
use crate::job::BackgroundCopyJob;

/// US English, as Windows numbers languages.
pub const ENGLISH: u32 = 0x0409;

/// What a failed call is raised with, besides code and text.
#[derive(Default)]
pub struct Place {
    /// Which part of the system the error belongs to.
    pub context: Option<ErrorContext>,
    /// The URL in question.
    pub url: Option<String>,
    /// The local path in question.
    pub path: Option<String>,
}

/// The function that makes exceptions. Whoever has it can raise also while modules are being torn down.
pub fn maker(py: Python<'_>) -> PyResult<&Bound<'_, PyAny>> {
    static MAKE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let make = || py.import("bgcopy.errors")?.getattr("error_of").map(Bound::unbind);
    Ok(MAKE.get_or_try_init(py, make)?.bind(py))
}

/// Makes the exception of a code, of the class in `bgcopy.errors` that fits.
pub fn exception(py: Python<'_>, code: ResultCode, text: &str, place: &Place) -> PyResult<Py<PyAny>> {
    let make = maker(py)?;
    let (name, meaning, retryable) = describe(code.0);
    let text = if text.is_empty() { Cow::Borrowed(meaning) } else { Cow::Borrowed(text) };
    let context = enums::give(py, place.context.unwrap_or(ErrorContext::None))?;
    make.call1((code.0, name, text, retryable, context, &place.url, &place.path)).map(Bound::unbind)
}

/// The error to raise for a code.
pub fn raise(py: Python<'_>, code: ResultCode, text: &str) -> PyErr {
    raise_at(py, code, text, &Place::default())
}

/// The error to raise for a code, with the names in question.
pub fn raise_at(py: Python<'_>, code: ResultCode, text: &str, place: &Place) -> PyErr {
    match exception(py, code, text, place) {
        Ok(value) => PyErr::from_value(value.into_bound(py)),
        // The package is gone: the interpreter is being torn down.
        Err(_) => PyException::new_err(format!("{text} [{code}]")),
    }
}

/// Calls the engine without holding the interpreter.
pub fn call<T: Send>(py: Python<'_>, body: impl FnOnce() -> client::Result<T> + Send) -> PyResult<T> {
    py.detach(body).map_err(|error| raise(py, error.code, &error.detail))
}

/// Name, meaning and whether trying again can help, of a result code.
#[pyfunction]
pub fn describe(code: i32) -> (String, &'static str, bool) {
    let code = ResultCode(code);
    let name = match (code.name(), code.http_status()) {
        (Some(name), _) => name.to_owned(),
        (None, Some(status)) => format!("BG_E_HTTP_ERROR_{status}"),
        (None, None) => format!("0x{:08X}", code.0),
    };
    (name, code.text(), matches!(code.retry_class(), RetryClass::Transient | RetryClass::Waiting))
}

/// What went wrong with a job (IBackgroundCopyError): a copy that stays as it is.
///
/// It is no exception; :meth:`exception` makes one.
#[pyclass(frozen, module = "bgcopy")]
pub struct BackgroundCopyError {
    job: Py<BackgroundCopyJob>,
    error: client::JobError,
}

impl BackgroundCopyError {
    /// The error of a job.
    pub fn new(job: Py<BackgroundCopyJob>, error: client::JobError) -> BackgroundCopyError {
        BackgroundCopyError { job, error }
    }
}

#[pymethods]
impl BackgroundCopyError {
    /// Gives the context and the result code (GetError).
    fn get_error(&self, py: Python<'_>) -> PyResult<(Py<PyAny>, Py<PyAny>)> {
        Ok((self.read_context(py)?, self.read_code(py)?))
    }

    /// The result code: a member of ResultCode, or a plain int outside its table.
    #[getter(code)]
    fn read_code(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        result_code(py, self.error.code())
    }

    /// The name of the code, such as BG_E_HTTP_ERROR_404.
    #[getter(name)]
    fn read_name(&self) -> String {
        describe(self.error.code().0).0
    }

    /// Whether the job goes on by itself.
    #[getter(retryable)]
    fn read_retryable(&self) -> bool {
        describe(self.error.code().0).2
    }

    /// The HTTP status that the server answered with, or None.
    #[getter(http_status)]
    fn read_http_status(&self) -> Option<u16> {
        self.error.http_status()
    }

    /// Which part of the system the error belongs to.
    #[getter(context)]
    fn read_context(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        enums::give(py, self.error.context())
    }

    /// What failed, on which URL or path, and what to do.
    #[getter(text)]
    fn read_text(&self) -> &str {
        self.error.text()
    }

    /// What failed, as text of its own: more than the description of the code.
    fn get_text(&self) -> &str {
        self.error.text()
    }

    /// Gives the file in work (GetFile).
    ///
    /// Raises NotFoundError with BG_E_FILE_NOT_AVAILABLE when the error is not tied to one.
    fn get_file(&self, py: Python<'_>) -> PyResult<BackgroundCopyFile> {
        let file = call(py, || self.error.file())?;
        Ok(BackgroundCopyFile::new(self.job.clone_ref(py), file))
    }

    /// The file in work, or None.
    #[getter(file)]
    fn read_file(&self, py: Python<'_>) -> Option<BackgroundCopyFile> {
        let file = self.error.file().ok()?;
        Some(BackgroundCopyFile::new(self.job.clone_ref(py), file))
    }

    /// Gives "http", "https" or "file" (GetProtocol).
    ///
    /// Raises NotFoundError with BG_E_PROTOCOL_NOT_AVAILABLE when the error is not tied to the transfer.
    fn get_protocol(&self, py: Python<'_>) -> PyResult<String> {
        call(py, || self.error.protocol().map(str::to_owned))
    }

    /// "http", "https" or "file", or None.
    #[getter(protocol)]
    fn read_protocol(&self) -> Option<&str> {
        self.error.protocol().ok()
    }

    /// Describes the code in one sentence (GetErrorDescription). Every language is English.
    #[pyo3(signature = (language = ENGLISH), text_signature = "($self, language=0x0409)")]
    fn get_error_description(&self, py: Python<'_>, language: u32) -> PyResult<String> {
        call(py, || self.error.description(language))
    }

    /// Describes the context in one sentence (GetErrorContextDescription). Every language is English.
    #[pyo3(signature = (language = ENGLISH), text_signature = "($self, language=0x0409)")]
    fn get_error_context_description(&self, py: Python<'_>, language: u32) -> PyResult<String> {
        call(py, || self.error.context_description(language))
    }

    /// The exception that says the same, with the URL and the path of the file.
    fn exception(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let mut place = Place { context: Some(self.error.context()), ..Place::default() };
        if let Ok(file) = self.error.file() {
            (place.url, place.path) = py.detach(|| (file.remote_name().ok(), file.local_name().ok()));
        }
        exception(py, self.error.code(), self.error.text(), &place)
    }

    fn __str__(&self) -> String {
        format!("{} [{}]", self.error.text(), self.error.code())
    }

    fn __repr__(&self) -> String {
        format!("<BackgroundCopyError {}: {}>", self.read_name(), self.error.text())
    }

    fn __traverse__(&self, visit: pyo3::PyVisit<'_>) -> Result<(), pyo3::PyTraverseError> {
        visit.call(&self.job)
    }
}

/// A result code as Python sees it.
pub fn result_code(py: Python<'_>, code: ResultCode) -> PyResult<Py<PyAny>> {
    static OF: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let of = OF.get_or_try_init(py, || py.import("bgcopy.errors")?.getattr("code_of").map(Bound::unbind))?;
    of.bind(py).call1((code.0,)).map(Bound::unbind)
}

/// The text of a result code.
pub fn text_of(py: Python<'_>, code: i32, language: u32) -> PyResult<String> {
    call(py, || error_description(ResultCode(code), language))
}
