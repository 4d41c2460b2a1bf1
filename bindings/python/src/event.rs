//! Events as values, for event loops.

use std::os::fd::IntoRawFd;

use bgcopy_engine::client::{self, EventKind, FileRange, Manager};
use bgcopy_protocol::flags::NotifyFlags;
use pyo3::prelude::*;
use pyo3::types::PyList;

use crate::argument;
use crate::enums;
use crate::error::{call, result_code};
use crate::file_range;

/// Something that happened to a job.
#[pyclass(frozen, module = "bgcopy")]
pub struct Event {
    /// What happened: one of NotifyFlags.JOB_TRANSFERRED, JOB_ERROR, JOB_MODIFICATION, FILE_TRANSFERRED,
    /// FILE_RANGES_TRANSFERRED.
    #[pyo3(get)]
    kind: Py<PyAny>,
    /// The identifier of the job; BackgroundCopyManager.get_job finds it.
    #[pyo3(get)]
    job_id: Py<PyAny>,
    /// Place of the file in its job, from 0; None when the event is about no particular file.
    #[pyo3(get)]
    file_index: Option<u32>,
    /// The result code of JOB_ERROR, otherwise None.
    #[pyo3(get)]
    code: Option<Py<PyAny>>,
    /// What failed, of JOB_ERROR; otherwise empty.
    #[pyo3(get)]
    text: String,
    ranges: Vec<FileRange>,
}

impl Event {
    /// An event of the engine.
    pub fn new(py: Python<'_>, event: &client::Event) -> PyResult<Event> {
        let (mut file_index, mut code, mut text, mut ranges) = (None, None, String::new(), Vec::new());
        let kind = match &event.kind {
            EventKind::JobTransferred => NotifyFlags::JOB_TRANSFERRED,
            EventKind::JobError(record) => {
                code = Some(result_code(py, record.code)?);
                text = record.text.clone().into_owned();
                file_index = record.file;
                NotifyFlags::JOB_ERROR
            }
            EventKind::JobModification => NotifyFlags::JOB_MODIFICATION,
            EventKind::FileTransferred(index) => {
                file_index = Some(*index);
                NotifyFlags::FILE_TRANSFERRED
            }
            EventKind::FileRangesTransferred(index, arrived) => {
                file_index = Some(*index);
                ranges = arrived.clone();
                NotifyFlags::FILE_RANGES_TRANSFERRED
            }
        };
        let kind = enums::member(py, "NotifyFlags", i64::from(kind.bits()))?;
        Ok(Event { kind, job_id: argument::uuid(py, event.job)?, file_index, code, text, ranges })
    }
}

#[pymethods]
impl Event {
    /// The ranges that arrived, a list of FileRange, of FILE_RANGES_TRANSFERRED; otherwise empty.
    #[getter(ranges)]
    fn read_ranges<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        file_range::give(py, &self.ranges)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let kind: String = self.kind.getattr(py, "name")?.extract(py)?;
        let job: String = self.job_id.bind(py).str()?.extract()?;
        let file = self.file_index.map_or(String::new(), |index| format!(" file {index}"));
        let text = if self.text.is_empty() { String::new() } else { format!(": {}", self.text) };
        Ok(format!("<Event {kind} job {job}{file}{text}>"))
    }
}

/// The events of a queue, for the one that passes them on. It does not keep the manager alive.
#[pyclass(frozen, module = "bgcopy._bgcopy")]
pub struct Feed {
    manager: Manager,
}

impl Feed {
    /// Of an open queue.
    pub fn new(manager: Manager) -> Feed {
        Feed { manager }
    }
}

#[pymethods]
impl Feed {
    /// A descriptor of the caller's own that is readable while there is an event.
    fn descriptor(&self, py: Python<'_>) -> PyResult<i32> {
        call(py, || self.manager.event_fd()).map(IntoRawFd::into_raw_fd)
    }

    /// The next event, or None; ClosedError when the queue is closed.
    fn next(&self, py: Python<'_>) -> PyResult<Option<Event>> {
        call(py, || self.manager.next_event())?.map(|event| Event::new(py, &event)).transpose()
    }
}
