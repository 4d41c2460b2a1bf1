//! A file of a job.

use bgcopy_engine::client::File;
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::FilePropertyId;
use pyo3::prelude::*;
use pyo3::types::PyList;
use pyo3::{PyTraverseError, PyVisit};

use crate::argument::{flag, number, text};
use crate::error::{self, call};
use crate::file_range;
use crate::job::BackgroundCopyJob;
use crate::progress::FileProgress;

/// A file of a job (IBackgroundCopyFile and its successors). Usable on any thread.
///
/// Getters raise NotFoundError for a file whose job is gone and ClosedError when the queue is closed.
#[pyclass(frozen, module = "bgcopy")]
pub struct BackgroundCopyFile {
    job: Py<BackgroundCopyJob>,
    file: File,
}

impl BackgroundCopyFile {
    /// A file of a job.
    pub fn new(job: Py<BackgroundCopyJob>, file: File) -> BackgroundCopyFile {
        BackgroundCopyFile { job, file }
    }

    /// The engine's side.
    pub fn engine(&self) -> &File {
        &self.file
    }
}

#[pymethods]
impl BackgroundCopyFile {
    /// The job of the file.
    #[getter(job)]
    fn read_job(&self, py: Python<'_>) -> Py<BackgroundCopyJob> {
        self.job.clone_ref(py)
    }

    /// Place in the order of addition, from 0.
    #[getter(index)]
    fn read_index(&self) -> u32 {
        self.file.index()
    }

    /// Gives the URL (GetRemoteName).
    fn get_remote_name(&self, py: Python<'_>) -> PyResult<String> {
        call(py, || self.file.remote_name())
    }

    /// Gives the file another URL, durably (SetRemoteName).
    ///
    /// A transfer under way goes on with it. What is on disk is kept where the new server proves to have
    /// the same file; otherwise the file begins again.
    ///
    /// Raises InvalidArgumentError for a bad URL, InvalidStateError for a job that ended.
    fn set_remote_name(&self, py: Python<'_>, remote_name: &Bound<'_, PyAny>) -> PyResult<()> {
        let url = text(remote_name, "remote_name")?;
        call(py, || self.file.set_remote_name(&url))
    }

    /// The URL. Another one can be assigned.
    #[getter(remote_name)]
    fn read_remote_name(&self, py: Python<'_>) -> PyResult<String> {
        self.get_remote_name(py)
    }

    #[setter(remote_name)]
    fn assign_remote_name(&self, py: Python<'_>, remote_name: &Bound<'_, PyAny>) -> PyResult<()> {
        self.set_remote_name(py, remote_name)
    }

    /// Gives the final path (GetLocalName).
    fn get_local_name(&self, py: Python<'_>) -> PyResult<String> {
        call(py, || self.file.local_name())
    }

    /// The final path.
    #[getter(local_name)]
    fn read_local_name(&self, py: Python<'_>) -> PyResult<String> {
        self.get_local_name(py)
    }

    /// Gives bytes so far (GetProgress).
    fn get_progress(&self, py: Python<'_>) -> PyResult<FileProgress> {
        call(py, || self.file.progress()).map(FileProgress::from)
    }

    /// Bytes so far.
    #[getter(progress)]
    fn read_progress(&self, py: Python<'_>) -> PyResult<FileProgress> {
        self.get_progress(py)
    }

    /// Gives the ranges of the remote file that this one is made of, in order, a list of FileRange; none for a
    /// whole file (GetFileRanges).
    fn get_file_ranges<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        file_range::give(py, &call(py, || self.file.ranges())?)
    }

    /// The ranges of the remote file that this one is made of; none for a whole file.
    #[getter(file_ranges)]
    fn read_file_ranges<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        self.get_file_ranges(py)
    }

    /// Asks for ranges before everything else (RequestFileRanges).
    ///
    /// Of a job with :attr:`BackgroundCopyJob.on_demand_mode` only what was asked for is fetched. Ranges may
    /// overlap with others and with what is here: no byte is fetched twice. Once such a job has all that was
    /// requested it is SUSPENDED, or TRANSFERRED when that is all of its files; a further request then needs
    /// :meth:`BackgroundCopyJob.resume`.
    ///
    /// :param ranges: of FileRange, or pairs of offset and length; length None is to the end of the file
    ///
    /// Raises InvalidArgumentError without ranges and for one without bytes or outside the file,
    /// NotSupportedError with BG_E_RANDOM_ACCESS_NOT_SUPPORTED for a file that is not over HTTP, is made of
    /// ranges, or whose server has none; InvalidStateError for a job that ended.
    fn request_file_ranges(&self, py: Python<'_>, ranges: &Bound<'_, PyAny>) -> PyResult<()> {
        let ranges = file_range::take(ranges, "ranges")?;
        call(py, || self.file.request_ranges(&ranges))
    }

    /// Gives what is here of the file, in order and merged, a list of FileRange: these bytes can be read from the
    /// temporary file (GetFilledFileRanges).
    ///
    /// Raises NotSupportedError as :meth:`request_file_ranges` does.
    fn get_filled_file_ranges<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        file_range::give(py, &call(py, || self.file.filled_ranges())?)
    }

    /// What is here of the file: these bytes can be read from the temporary file.
    #[getter(filled_file_ranges)]
    fn read_filled_file_ranges<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        self.get_filled_file_ranges(py)
    }

    /// Lets missing bytes come from an offset on, before those ahead of it (UpdateDownloadPosition).
    ///
    /// For players: a job on demand still fetches only what was requested. Raises InvalidArgumentError with
    /// BG_E_INVALID_RANGE outside the file, NotSupportedError as :meth:`request_file_ranges` does.
    fn update_download_position(&self, py: Python<'_>, offset: &Bound<'_, PyAny>) -> PyResult<()> {
        let offset = number(offset, "offset", u64::MAX)?;
        call(py, || self.file.update_download_position(offset))
    }

    /// Gives the path of the file that receives the bytes, beside the final one (GetTemporaryName).
    fn get_temporary_name(&self, py: Python<'_>) -> PyResult<String> {
        call(py, || self.file.temporary_name())
    }

    /// The path of the file that receives the bytes.
    #[getter(temporary_name)]
    fn read_temporary_name(&self, py: Python<'_>) -> PyResult<String> {
        self.get_temporary_name(py)
    }

    /// Says whether the content of a transferred file is right (SetValidationState).
    ///
    /// A wrong one is to be fetched again: the job goes to ERROR with BG_E_VALIDATION_FAILED until it is
    /// resumed.
    ///
    /// Raises InvalidStateError with BG_E_PENDING before the file is transferred.
    fn set_validation_state(&self, py: Python<'_>, valid: &Bound<'_, PyAny>) -> PyResult<()> {
        let valid = flag(valid, "valid")?;
        call(py, || self.file.set_validation_state(valid))
    }

    /// Gives whether the content was found right (GetValidationState).
    fn get_validation_state(&self, py: Python<'_>) -> PyResult<bool> {
        call(py, || self.file.validation_state())
    }

    /// Whether the content was found right. Assigning False lets the file be fetched again.
    #[getter(validation_state)]
    fn read_validation_state(&self, py: Python<'_>) -> PyResult<bool> {
        self.get_validation_state(py)
    }

    #[setter(validation_state)]
    fn assign_validation_state(&self, py: Python<'_>, valid: &Bound<'_, PyAny>) -> PyResult<()> {
        let valid = flag(valid, "validation_state")?;
        call(py, || self.file.set_validation_state(valid))
    }

    /// The headers of the last answer to a request for the file, also of a refusal: the status line and the header
    /// lines, each ended by CR LF. None before there was one, and for remote names that are files.
    #[getter(response_headers)]
    fn read_response_headers(&self, py: Python<'_>) -> PyResult<Option<String>> {
        call(py, || self.file.response_headers())
    }

    /// Gives a property by its FilePropertyId (GetProperty): HTTP_RESPONSE_HEADERS, see :attr:`response_headers`.
    ///
    /// Raises InvalidArgumentError with BG_E_UNKNOWN_PROPERTY_ID for another number.
    fn get_property(&self, py: Python<'_>, property_id: &Bound<'_, PyAny>) -> PyResult<Option<String>> {
        match property_of(property_id)? {
            FilePropertyId::HttpResponseHeaders => self.read_response_headers(py),
        }
    }

    /// Refuses to set a property: those of a file can only be read (SetProperty).
    ///
    /// Raises InvalidStateError with BG_E_READ_ONLY_PROPERTY, or InvalidArgumentError for a number that is no
    /// FilePropertyId. The value is not looked at.
    fn set_property(
        &self,
        py: Python<'_>,
        property_id: &Bound<'_, PyAny>,
        value: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let _ = value;
        let id = property_of(property_id)?;
        let text = format!("{} can only be read", id.sdk_name());
        Err(error::raise(py, ResultCode::BG_E_READ_ONLY_PROPERTY, &text))
    }

    /// Whether bytes came from a peer (IsDownloadedFromPeer).
    fn is_downloaded_from_peer(&self, py: Python<'_>) -> PyResult<bool> {
        call(py, || self.file.peer_download_stats()).map(|(_, from_peers)| from_peers > 0)
    }

    /// Gives the bytes from the origin server and from peers (GetPeerDownloadStats).
    fn get_peer_download_stats(&self, py: Python<'_>) -> PyResult<(u64, u64)> {
        call(py, || self.file.peer_download_stats())
    }

    /// The bytes from the origin server and from peers.
    #[getter(peer_download_stats)]
    fn read_peer_download_stats(&self, py: Python<'_>) -> PyResult<(u64, u64)> {
        self.get_peer_download_stats(py)
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        match other.cast::<BackgroundCopyFile>() {
            Ok(other) if other.get().file.index() == self.file.index() => {
                self.job.bind(other.py()).eq(other.get().job.bind(other.py()))
            }
            _ => Ok(false),
        }
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
        Ok(self.job.bind(py).hash()?.wrapping_mul(31).wrapping_add(self.file.index() as isize))
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        match py.detach(|| self.file.remote_name().and_then(|url| Ok((url, self.file.local_name()?)))) {
            Ok((url, path)) => format!("<BackgroundCopyFile {url} -> {path}>"),
            Err(_) => format!("<BackgroundCopyFile {} of a job that is not available>", self.file.index()),
        }
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.job)
    }
}

/// The property of an argument; an undefined one is BG_E_UNKNOWN_PROPERTY_ID.
fn property_of(id: &Bound<'_, PyAny>) -> PyResult<FilePropertyId> {
    let number = crate::argument::number_u32(id, "property_id")?;
    i32::try_from(number).ok().and_then(|number| FilePropertyId::try_from(number).ok()).ok_or_else(|| {
        let text = format!("property_id: {number} is not a value of FilePropertyId");
        error::raise(id.py(), ResultCode::BG_E_UNKNOWN_PROPERTY_ID, &text)
    })
}
