//! Programs that look at the certificates of servers.

use std::sync::Arc;

use bgcopy_engine::client::{File, Job, ServerCertificateValidation};
use bgcopy_protocol::ResultCode;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyInt, PyList};

use crate::argument::wrong_type;
use crate::callback::{Teller, failed};
use crate::error::call;
use crate::file::BackgroundCopyFile;
use crate::job::BackgroundCopyJob;

#[pymethods]
impl BackgroundCopyJob {
    /// Registers who looks at the certificates of servers before the first request to them, a
    /// BackgroundCopyServerCertificateValidationCallback, or None (SetServerCertificateValidationInterface).
    ///
    /// It is asked after the usual checks, and not again about what it accepted, until the next registration. What
    /// it declines is a transient error. Not kept when the process ends: a job that had one then fails with
    /// BG_E_SERVER_CERT_VALIDATION_INTERFACE_REQUIRED until there is one again.
    ///
    /// Raises InvalidStateError with BG_E_READ_ONLY_WHEN_JOB_ACTIVE unless the job is SUSPENDED, in ERROR or
    /// TRANSFERRED, AccessDeniedError to anybody but the owner.
    fn set_server_certificate_validation_interface(&self, interface: &Bound<'_, PyAny>) -> PyResult<()> {
        if !interface.is_none() && !interface.is_instance(&class(interface.py())?)? {
            let wanted = "a BackgroundCopyServerCertificateValidationCallback or None";
            return Err(wrong_type(interface, "interface", wanted));
        }
        self.look_at_certificates(interface)
    }

    /// Called with the job, the file and a list of certificates in DER, that of the server first, before the first
    /// request to a server; or None. True accepts the server.
    ///
    /// As :meth:`set_server_certificate_validation_interface`, whose object this also gives.
    #[getter(on_server_certificate)]
    fn read_on_server_certificate(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.handlers(py).certificate.take()
    }

    #[setter(on_server_certificate)]
    fn assign_on_server_certificate(&self, function: &Bound<'_, PyAny>) -> PyResult<()> {
        let interface = function.is_instance(&class(function.py())?)?;
        if !function.is_none() && !function.is_callable() && !interface {
            return Err(wrong_type(function, "on_server_certificate", "callable or None"));
        }
        self.look_at_certificates(function)
    }
}

impl BackgroundCopyJob {
    fn look_at_certificates(&self, check: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = check.py();
        let teller: Option<Arc<dyn ServerCertificateValidation>> =
            if check.is_none() { None } else { Some(self.teller(py)?) };
        // There before the engine may ask; back to what it was when the engine refuses.
        let mut former = (!check.is_none()).then(|| check.clone().unbind());
        let mut swap =
            || self.swap_handlers(py, |handlers| std::mem::swap(&mut handlers.certificate, &mut former));
        swap();
        let set = call(py, || self.engine().set_server_certificate_validation(teller));
        if set.is_err() {
            swap();
        }
        set
    }
}

fn class(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    py.import("bgcopy.callback")?.getattr("BackgroundCopyServerCertificateValidationCallback")
}

impl ServerCertificateValidation for Teller {
    fn validate_server_certificate(&self, job: &Job, file: &File, chain: &[&[u8]]) -> ResultCode {
        let mut answer = ResultCode::BG_E_FAIL;
        let asked = self.call(|py, manager, handlers| {
            // Whoever registered it is gone: nobody vouches for the server.
            let check = handlers.certificate.as_ref()?.bind(py).clone();
            let ask = || -> PyResult<ResultCode> {
                let job = Py::new(py, BackgroundCopyJob::new(manager.clone().unbind(), job.clone()))?;
                let file = BackgroundCopyFile::new(job.clone_ref(py), file.clone());
                let chain = PyList::new(py, chain.iter().map(|der| PyBytes::new(py, der)))?;
                let interface = check.is_instance(&class(py)?)?;
                let said = match interface {
                    true => check.call_method1("validate_server_certificate", (job, file, chain))?,
                    false => check.call1((job, file, chain))?,
                };
                verdict(&said)
            };
            answer = ask().unwrap_or_else(|error| failed(error, manager, Some(&check)));
            Some(answer)
        });
        if asked.is_failure() { asked } else { answer }
    }
}

/// Only a clear yes is one: what falls off the end of a function without a word declines.
fn verdict(said: &Bound<'_, PyAny>) -> PyResult<ResultCode> {
    if let Ok(yes) = said.cast::<PyBool>() {
        return Ok(if yes.is_true() { ResultCode::BG_S_OK } else { ResultCode::BG_E_FAIL });
    }
    if said.is_instance_of::<PyInt>() {
        return said.extract::<i32>().map(ResultCode);
    }
    let text =
        format!("a check of certificates must return bool or a result code, not {}", said.get_type().name()?);
    Err(PyTypeError::new_err(text))
}
