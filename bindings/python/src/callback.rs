//! Callbacks of a job: from the engine's dispatcher threads into Python.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use bgcopy_engine::client::{self, Callback, FileRange, Job, JobError};
use bgcopy_protocol::flags::NotifyFlags;
use bgcopy_protocol::{Guid, ResultCode};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyInt, PyTuple, PyType, PyWeakrefMethods, PyWeakrefReference};
use pyo3::{PyTraverseError, PyVisit};

use crate::error::BackgroundCopyError;
use crate::file::BackgroundCopyFile;
use crate::file_range;
use crate::job::BackgroundCopyJob;
use crate::manager::BackgroundCopyManager;

/// The events, in the order of [`METHODS`].
#[derive(Clone, Copy)]
pub enum Kind {
    /// All files are transferred.
    JobTransferred,
    /// The job is in ERROR.
    JobError,
    /// Bytes moved, a property or the state changed.
    JobModification,
    /// A file is whole.
    FileTransferred,
    /// Requested ranges arrived.
    FileRangesTransferred,
}

/// The methods of `BackgroundCopyCallback`.
const METHODS: [&str; 5] =
    ["job_transferred", "job_error", "job_modification", "file_transferred", "file_ranges_transferred"];

/// What lets each of them through.
const FLAGS: [NotifyFlags; 5] = [
    NotifyFlags::JOB_TRANSFERRED,
    NotifyFlags::JOB_ERROR,
    NotifyFlags::JOB_MODIFICATION,
    NotifyFlags::FILE_TRANSFERRED,
    NotifyFlags::FILE_RANGES_TRANSFERRED,
];

/// What a program gave to be called for one job.
#[derive(Default)]
pub struct Handlers {
    /// A `BackgroundCopyCallback`.
    pub interface: Option<Py<PyAny>>,
    /// A `BackgroundCopyCallback1` of the legacy queue manager.
    pub group: Option<Py<PyAny>>,
    /// Who looks at certificates: a callable, or a `BackgroundCopyServerCertificateValidationCallback`.
    pub certificate: Option<Py<PyAny>>,
    /// `on_transferred` and its like.
    pub functions: [Option<Py<PyAny>>; 5],
}

impl Handlers {
    /// Whether there is anything to call for an event.
    pub fn any(&self) -> bool {
        self.interface.is_some() || self.group.is_some() || self.functions.iter().any(Option::is_some)
    }

    /// Whether there is nothing to call at all.
    pub fn is_empty(&self) -> bool {
        !self.any() && self.certificate.is_none()
    }

    /// The same callables.
    pub fn clone_ref(&self, py: Python<'_>) -> Handlers {
        let copy = |place: &Option<Py<PyAny>>| place.as_ref().map(|callable| callable.clone_ref(py));
        Handlers {
            interface: copy(&self.interface),
            group: copy(&self.group),
            certificate: copy(&self.certificate),
            functions: self.functions.each_ref().map(copy),
        }
    }

    /// Shows the callables to the garbage collector.
    pub fn traverse(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.interface)?;
        visit.call(&self.group)?;
        visit.call(&self.certificate)?;
        self.functions.iter().try_for_each(|function| visit.call(function))
    }
}

/// Hears the events of one job. It holds nothing of Python but a weak reference: the callables are the
/// manager's, where the garbage collector finds them.
pub struct Teller {
    manager: Py<PyWeakrefReference>,
    id: Guid,
    /// Flags of the events that something is called for.
    hears: AtomicU32,
}

impl Teller {
    /// For the job of a manager.
    pub fn new(manager: &Bound<'_, BackgroundCopyManager>, id: Guid) -> PyResult<Arc<Teller>> {
        let manager = PyWeakrefReference::new(manager)?.unbind();
        Ok(Arc::new(Teller { manager, id, hears: AtomicU32::new(u32::MAX) }))
    }

    /// Says what will be called, before it is registered: other events are for the program of the job.
    pub fn hear_for(&self, handlers: &Handlers) {
        if handlers.interface.is_none() && handlers.group.is_none() {
            let flags = handlers.functions.iter().zip(FLAGS).filter(|(function, _)| function.is_some());
            self.hears.store(flags.map(|(_, flag)| flag.bits()).sum(), Ordering::Relaxed);
        }
    }

    /// Calls what is there for an event.
    fn tell<F>(&self, kind: Kind, job: &Job, more: F) -> ResultCode
    where
        F: FnOnce(Python<'_>, &Py<BackgroundCopyJob>) -> PyResult<Vec<Py<PyAny>>>,
    {
        self.call(|py, manager, handlers| {
            let function = handlers.functions[kind as usize].as_ref();
            if handlers.interface.is_none() && function.is_none() {
                return None;
            }
            let arguments = || -> PyResult<Bound<'_, PyTuple>> {
                let job = Py::new(py, BackgroundCopyJob::new(manager.clone().unbind(), job.clone()))?;
                let mut all = more(py, &job)?;
                all.insert(0, job.into_any());
                PyTuple::new(py, all)
            };
            let arguments = match arguments() {
                Ok(arguments) => arguments,
                Err(error) => return Some(failed(error, manager, None)),
            };
            let mut code = ResultCode::BG_S_OK;
            if let Some(interface) = &handlers.interface {
                let interface = interface.bind(py);
                let result = interface.call_method1(METHODS[kind as usize], arguments.clone());
                code = outcome(result, manager, interface);
            }
            if let Some(function) = function {
                let function = function.bind(py);
                let other = outcome(function.call1(arguments), manager, function);
                code = if code.is_failure() { code } else { other };
            }
            Some(code)
        })
    }

    /// Calls with the manager and the callables of the job; `None` when there is nothing to call.
    pub fn call<F>(&self, body: F) -> ResultCode
    where
        F: FnOnce(Python<'_>, &Bound<'_, BackgroundCopyManager>, &Handlers) -> Option<ResultCode>,
    {
        // Nobody to tell: the event is told again, if there is an again.
        let gone = ResultCode::BG_E_DISCONNECTED;
        Python::try_attach(|py| {
            let Some(manager) = self.manager.bind(py).upgrade() else { return gone };
            let Ok(manager) = manager.cast_into::<BackgroundCopyManager>() else { return gone };
            let handlers = manager.get().handlers(py, self.id);
            body(py, &manager, &handlers).unwrap_or(ResultCode::BG_S_OK)
        })
        .unwrap_or(gone)
    }
}

/// What a callable's return value means to the engine: negative numbers are failures, as an exception is.
/// Whatever else a lambda happens to return is success.
pub fn outcome(
    result: PyResult<Bound<'_, PyAny>>,
    manager: &Bound<'_, BackgroundCopyManager>,
    callable: &Bound<'_, PyAny>,
) -> ResultCode {
    match result {
        Ok(value) if value.is_instance_of::<PyInt>() => match value.extract::<i32>() {
            Ok(code) if code < 0 => ResultCode(code),
            _ => ResultCode::BG_S_OK,
        },
        Ok(_) => ResultCode::BG_S_OK,
        Err(error) => failed(error, manager, Some(callable)),
    }
}

/// Shows an exception that nobody can catch; the callable has failed.
pub fn failed(
    error: PyErr,
    manager: &Bound<'_, BackgroundCopyManager>,
    callable: Option<&Bound<'_, PyAny>>,
) -> ResultCode {
    let py = manager.py();
    // Whoever closes a queue waits for callables under way. That their calls fail from then on is no mistake of theirs.
    if is_closed_error(py, &error) && manager.get().is_closed(py) {
        return ResultCode::BG_E_DISCONNECTED;
    }
    error.write_unraisable(py, callable);
    ResultCode::BG_E_FAIL
}

fn is_closed_error(py: Python<'_>, error: &PyErr) -> bool {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    CLASS.import(py, "bgcopy.errors", "ClosedError").is_ok_and(|class| error.is_instance(py, class))
}

impl Callback for Teller {
    fn hears(&self) -> u32 {
        self.hears.load(Ordering::Relaxed)
    }

    fn job_transferred(&self, job: &Job) -> ResultCode {
        self.tell(Kind::JobTransferred, job, |_, _| Ok(Vec::new()))
    }

    fn job_error(&self, job: &Job, error: &JobError) -> ResultCode {
        self.tell(Kind::JobError, job, |py, of| {
            let error = BackgroundCopyError::new(of.clone_ref(py), error.clone());
            Ok(vec![Py::new(py, error)?.into_any()])
        })
    }

    fn job_modification(&self, job: &Job) -> ResultCode {
        self.tell(Kind::JobModification, job, |_, _| Ok(Vec::new()))
    }

    fn file_transferred(&self, job: &Job, file: &client::File) -> ResultCode {
        self.tell(Kind::FileTransferred, job, |py, of| {
            let file = BackgroundCopyFile::new(of.clone_ref(py), file.clone());
            Ok(vec![Py::new(py, file)?.into_any()])
        })
    }

    fn file_ranges_transferred(&self, job: &Job, file: &client::File, ranges: &[FileRange]) -> ResultCode {
        self.tell(Kind::FileRangesTransferred, job, |py, of| {
            let file = BackgroundCopyFile::new(of.clone_ref(py), file.clone());
            let ranges = file_range::give(py, ranges)?;
            Ok(vec![Py::new(py, file)?.into_any(), ranges.into_any().unbind()])
        })
    }
}
