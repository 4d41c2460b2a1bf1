//! HTTP options of a job.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyMapping, PyString};

use crate::argument::{AMember, Shape, Text, invalid, text, wrong_type};
use crate::error::call;
use crate::job::BackgroundCopyJob;
use crate::job_property::property;

property!(
    /// Which faults of certificates are ignored, and which redirects are followed, SecurityFlags.
    security_flags(security_flags, set_security_flags): AMember, read_security_flags, assign_security_flags;
    /// Gives which faults of certificates are ignored, and which redirects are followed (GetSecurityFlags).
    get_security_flags;
    /// Says how certificates are checked, and which redirects are followed (SetSecurityFlags).
    set_security_flags, flags: AMember
);
property!(
    /// The HTTP method that fetches files, GET in a new job.
    http_method(http_method, set_http_method): Text, read_http_method, assign_http_method;
    /// Gives the HTTP method that fetches files, GET in a new job (GetHttpMethod).
    get_http_method;
    /// Sets the HTTP method, before the first resume (SetHttpMethod).
    ///
    /// A method other than GET puts the job into the foreground for good, makes every error final, and lets
    /// resume fetch unfinished files from the beginning. Raises InvalidStateError after the first resume.
    set_http_method, method: Text
);

/// Lines that end with CR LF, of a text or a mapping.
fn lines(headers: &Bound<'_, PyAny>, name: &str) -> PyResult<Option<String>> {
    if headers.is_none() {
        return Ok(None);
    }
    if headers.is_instance_of::<PyString>() {
        return text(headers, name).map(Some);
    }
    let Ok(mapping) = headers.cast::<PyMapping>() else {
        return Err(wrong_type(headers, name, "a mapping, str or None"));
    };
    let mut lines = String::new();
    for item in mapping.items()? {
        let (field, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = item.extract()?;
        let field = text(&field, &format!("a name in {name}"))?;
        let value = text(&value, &format!("a value in {name}"))?;
        if field.contains(':') || [&field, &value].iter().any(|part| part.contains(['\r', '\n'])) {
            // The value may be a secret.
            return Err(invalid(
                headers.py(),
                &format!("{name}: the header {field:?} has characters that end it"),
            ));
        }
        lines.push_str(&format!("{field}: {value}\r\n"));
    }
    Ok(Some(lines))
}

#[pymethods]
impl BackgroundCopyJob {
    /// Sets the headers that are sent with every request (SetCustomHeaders). Encrypted on disk.
    ///
    /// :param headers: a mapping, or lines that end with CR LF, at most 16,383 characters; None takes them
    ///     away
    ///
    /// Raises InvalidArgumentError for what is no header, AccessDeniedError to anybody but the owner.
    fn set_custom_headers(&self, py: Python<'_>, headers: &Bound<'_, PyAny>) -> PyResult<()> {
        let lines = lines(headers, "headers")?;
        call(py, || self.engine().set_custom_headers(lines.as_deref()))
    }

    /// Gives the headers that were set as lines that end with CR LF, or None (GetCustomHeaders).
    ///
    /// Raises AccessDeniedError to anybody but the owner, and after :meth:`make_custom_headers_write_only`.
    fn get_custom_headers(&self, py: Python<'_>) -> PyResult<Option<String>> {
        call(py, || self.engine().custom_headers())
    }

    /// The headers that are sent with every request, a dict. Lines and other mappings can be assigned.
    #[getter(custom_headers)]
    fn read_custom_headers<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let lines = self.get_custom_headers(py)?.unwrap_or_default();
        let headers = PyDict::new(py);
        for (field, value) in lines.lines().filter_map(|line| line.split_once(':')) {
            headers.set_item(field.trim(), value.trim())?;
        }
        Ok(headers)
    }

    #[setter(custom_headers)]
    fn assign_custom_headers(&self, py: Python<'_>, headers: &Bound<'_, PyAny>) -> PyResult<()> {
        let lines = lines(headers, "custom_headers")?;
        call(py, || self.engine().set_custom_headers(lines.as_deref()))
    }

    /// Lets nobody read the custom headers any more, also those set later (MakeCustomHeadersWriteOnly).
    fn make_custom_headers_write_only(&self, py: Python<'_>) -> PyResult<()> {
        call(py, || self.engine().make_custom_headers_write_only())
    }
}
