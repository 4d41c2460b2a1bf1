//! A job.

use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bgcopy_engine::client::{self, Job};
use bgcopy_protocol::ResultCode;
use pyo3::exceptions::PyTimeoutError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use pyo3::{PyTraverseError, PyVisit};

use crate::argument::{self, text, uuid, wrong_type};
use crate::callback::{Handlers, Kind, Teller};
use crate::enums;
use crate::error::{self, BackgroundCopyError, Place, call, raise_at, result_code};
use crate::file::BackgroundCopyFile;
use crate::file_range;
use crate::manager::BackgroundCopyManager;
use crate::progress::{JobProgress, JobTimes, size};

/// A job (IBackgroundCopyJob and its successors). Made by BackgroundCopyManager.create_job.
///
/// Objects are handles: several may be the same job, and compare equal then. Usable on any thread. While
/// one is held, a job that ended still answers what is asked about it.
///
/// Every method of BITS is there under its name in lower case; beside a pair of ``get_`` and ``set_``
/// stands the property. Getters raise NotFoundError for a job that is gone and ClosedError when the queue
/// is closed; setters raise InvalidStateError for a job that ended.
#[pyclass(frozen, weakref, module = "bgcopy")]
pub struct BackgroundCopyJob {
    manager: Py<BackgroundCopyManager>,
    job: Job,
}

impl BackgroundCopyJob {
    /// A job of a manager, which it keeps open.
    pub fn new(manager: Py<BackgroundCopyManager>, job: Job) -> BackgroundCopyJob {
        BackgroundCopyJob { manager, job }
    }

    /// The engine's side.
    pub fn engine(&self) -> &Job {
        &self.job
    }

    /// Changes what is called, and lets the engine tell again what happened before.
    fn change_handlers(&self, py: Python<'_>, change: impl FnOnce(&mut Handlers)) -> PyResult<()> {
        let manager = self.manager.bind(py);
        let teller = Teller::new(manager, self.job.id())?;
        // A job that ended, or a closed queue, refuses before anything is kept.
        call(py, || self.job.state())?;
        let any = manager.get().change_handlers(py, self.job.id(), change);
        teller.hear_for(&manager.get().handlers(py, self.job.id()));
        let set = call(py, || self.job.set_callback(if any { Some(teller) } else { None }));
        if set.is_err() {
            manager.get().change_handlers(py, self.job.id(), |handlers| *handlers = Handlers::default());
        }
        set
    }

    /// What is called for the job.
    pub fn handlers(&self, py: Python<'_>) -> Handlers {
        self.manager.get().handlers(py, self.job.id())
    }

    /// Changes what is called, without a word to the engine.
    pub fn swap_handlers(&self, py: Python<'_>, change: impl FnOnce(&mut Handlers)) {
        self.manager.get().change_handlers(py, self.job.id(), change);
    }

    /// Who calls it.
    pub fn teller(&self, py: Python<'_>) -> PyResult<Arc<Teller>> {
        Teller::new(self.manager.bind(py), self.job.id())
    }

    fn function(&self, py: Python<'_>, kind: Kind) -> Option<Py<PyAny>> {
        let mut handlers = self.handlers(py);
        handlers.functions[kind as usize].take()
    }

    fn set_function(&self, kind: Kind, flag: u32, name: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = value.py();
        if !value.is_none() && !value.is_callable() {
            return Err(wrong_type(value, name, "callable or None"));
        }
        let function = (!value.is_none()).then(|| value.clone().unbind());
        if function.is_some() {
            // Without its flag the event would never come.
            call(py, || match self.job.notify_flags()? {
                flags if flags & flag == 0 => self.job.set_notify_flags(flags | flag),
                _ => Ok(()),
            })?;
        }
        self.change_handlers(py, |handlers| handlers.functions[kind as usize] = function)
    }

    /// After the job ended: nothing is called any more, and those who wait look again.
    fn ended(&self, py: Python<'_>, code: ResultCode) -> PyResult<Py<PyAny>> {
        let manager = self.manager.get();
        manager.change_handlers(py, self.job.id(), |handlers| *handlers = Handlers::default());
        manager.poke(py, self.job.id())?;
        result_code(py, code)
    }
}

#[pymethods]
impl BackgroundCopyJob {
    /// The queue of the job.
    #[getter(manager)]
    fn read_manager(&self, py: Python<'_>) -> Py<BackgroundCopyManager> {
        self.manager.clone_ref(py)
    }

    /// Gives the identifier as uuid.UUID (GetId).
    fn get_id(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        uuid(py, self.job.id())
    }

    /// The identifier, as uuid.UUID.
    #[getter(id)]
    fn read_id(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        uuid(py, self.job.id())
    }

    /// Appends one file (AddFile).
    ///
    /// :param remote_name: URL, at most 2,200 characters
    /// :param local_name: absolute path in an existing directory; str, bytes or os.PathLike
    ///
    /// Raises InvalidArgumentError for a bad name, NotFoundError for a missing directory, AccessDeniedError
    /// for one without write permission, InvalidStateError for a job that ended, LimitError when a quota is
    /// full.
    fn add_file(
        &self,
        py: Python<'_>,
        remote_name: &Bound<'_, PyAny>,
        local_name: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let url = text(remote_name, "remote_name")?;
        let path = argument::path(local_name, "local_name")?;
        py.detach(|| self.job.add_file(&url, &path)).map_err(|error| {
            let place = Place { url: Some(url), path: Some(path), ..Place::default() };
            raise_at(py, error.code, &error.detail, &place)
        })
    }

    /// Appends files, all or none (AddFileSet).
    ///
    /// :param files: pairs of URL and absolute path
    ///
    /// Raises what :meth:`add_file` does; the text names the file.
    fn add_file_set(&self, py: Python<'_>, files: &Bound<'_, PyAny>) -> PyResult<()> {
        let set = argument::file_set(files)?;
        call(py, || self.job.add_file_set(set))
    }

    /// Appends a file that is made of ranges of the remote one, one behind the other in this order
    /// (AddFileWithRanges).
    ///
    /// :param ranges: of FileRange, or pairs of offset and length; length None is to the end of the file
    ///
    /// The job goes to ERROR with BG_E_INVALID_RANGE when a range turns out to lie outside the remote file, and with
    /// BG_E_INSUFFICIENT_RANGE_SUPPORT when the server has no ranges.
    ///
    /// Raises what :meth:`add_file` does; InvalidArgumentError without ranges, for one without bytes and for ranges
    /// that overlap, NotSupportedError in a job with an HTTP method of its own.
    fn add_file_with_ranges(
        &self,
        py: Python<'_>,
        remote_name: &Bound<'_, PyAny>,
        local_name: &Bound<'_, PyAny>,
        ranges: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let url = text(remote_name, "remote_name")?;
        let path = argument::path(local_name, "local_name")?;
        let ranges = file_range::take(ranges, "ranges")?;
        py.detach(|| self.job.add_file_with_ranges(&url, &path, &ranges)).map_err(|error| {
            let place = Place { url: Some(url), path: Some(path), ..Place::default() };
            raise_at(py, error.code, &error.detail, &place)
        })
    }

    /// Lists the files, in order of addition (EnumFiles). :attr:`files` is the same as a plain list.
    fn enum_files(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        let files = Self::read_files(slf)?;
        let module = slf.py().import("bgcopy.enumerator")?;
        module.call_method1("EnumBackgroundCopyFiles", (files,)).map(Bound::unbind)
    }

    /// The files, in order of addition.
    #[getter(files)]
    fn read_files(slf: &Bound<'_, Self>) -> PyResult<Vec<BackgroundCopyFile>> {
        let this = slf.get();
        let files: Vec<client::File> = call(slf.py(), || this.job.files())?;
        Ok(files.into_iter().map(|file| BackgroundCopyFile::new(slf.clone().unbind(), file)).collect())
    }

    /// Replaces the beginning of every URL that begins with a prefix, all or none (ReplaceRemotePrefix).
    ///
    /// Gives ResultCode.BG_S_OK, or BG_S_FALSE when no URL begins with ``old_prefix``, case-sensitive.
    ///
    /// Raises InvalidArgumentError for an empty prefix, or when a name would be a bad URL.
    fn replace_remote_prefix(
        &self,
        py: Python<'_>,
        old_prefix: &Bound<'_, PyAny>,
        new_prefix: &Bound<'_, PyAny>,
    ) -> PyResult<Py<PyAny>> {
        let (old, new) = (text(old_prefix, "old_prefix")?, text(new_prefix, "new_prefix")?);
        let code = call(py, || self.job.replace_remote_prefix(&old, &new))?;
        result_code(py, code)
    }

    /// Stops all activity of the job until :meth:`resume`; what arrived is kept (Suspend).
    fn suspend(&self, py: Python<'_>) -> PyResult<()> {
        call(py, || self.job.suspend())
    }

    /// Puts the job into the queue, or tries again at once (Resume).
    ///
    /// Raises InvalidStateError with BG_E_EMPTY for a job without files.
    fn resume(&self, py: Python<'_>) -> PyResult<()> {
        call(py, || self.job.resume())
    }

    /// Ends the job and deletes everything it fetched (Cancel).
    ///
    /// Gives ResultCode.BG_S_OK, or BG_S_UNABLE_TO_DELETE_FILES when a temporary file is left.
    fn cancel(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let code = call(py, || self.job.cancel())?;
        self.ended(py, code)
    }

    /// Gives the finished files their final names, durably, and ends the job (Complete).
    ///
    /// Gives ResultCode.BG_S_OK, or BG_S_PARTIAL_COMPLETE when some files were not finished: those are
    /// deleted.
    ///
    /// Raises the error of a rename; the job stays then.
    fn complete(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let code = call(py, || self.job.complete())?;
        self.ended(py, code)
    }

    /// Gives the direction, a JobType (GetType).
    fn get_type(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        enums::give(py, call(py, || self.job.job_type())?)
    }

    /// The direction, a JobType.
    #[getter(r#type)]
    fn read_type(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        self.get_type(py)
    }

    /// Gives the state, a JobState (GetState).
    fn get_state(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        enums::give(py, call(py, || self.job.state())?)
    }

    /// The state, a JobState.
    #[getter(state)]
    fn read_state(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        self.get_state(py)
    }

    /// Gives bytes and files so far (GetProgress).
    fn get_progress(&self, py: Python<'_>) -> PyResult<JobProgress> {
        call(py, || self.job.progress()).map(JobProgress::from)
    }

    /// Bytes and files so far.
    #[getter(progress)]
    fn read_progress(&self, py: Python<'_>) -> PyResult<JobProgress> {
        self.get_progress(py)
    }

    /// Gives when things happened (GetTimes).
    fn get_times(&self, py: Python<'_>) -> PyResult<JobTimes> {
        call(py, || self.job.times()).map(JobTimes::from)
    }

    /// When things happened.
    #[getter(times)]
    fn read_times(&self, py: Python<'_>) -> PyResult<JobTimes> {
        self.get_times(py)
    }

    /// Gives what went wrong (GetError).
    ///
    /// Raises NotFoundError with BG_E_ERROR_INFORMATION_UNAVAILABLE outside ERROR and TRANSIENT_ERROR.
    fn get_error(slf: &Bound<'_, Self>) -> PyResult<BackgroundCopyError> {
        let this = slf.get();
        let error = call(slf.py(), || this.job.error())?;
        Ok(BackgroundCopyError::new(slf.clone().unbind(), error))
    }

    /// What went wrong, or None outside ERROR and TRANSIENT_ERROR.
    #[getter(error)]
    fn read_error(slf: &Bound<'_, Self>) -> PyResult<Option<BackgroundCopyError>> {
        let py = slf.py();
        let this = slf.get();
        match py.detach(|| this.job.error()) {
            Ok(error) => Ok(Some(BackgroundCopyError::new(slf.clone().unbind(), error))),
            Err(error) if error.code == ResultCode::BG_E_ERROR_INFORMATION_UNAVAILABLE => Ok(None),
            Err(error) => Err(error::raise(py, error.code, &error.detail)),
        }
    }

    /// Gives the number of failures so far (GetErrorCount).
    fn get_error_count(&self, py: Python<'_>) -> PyResult<u32> {
        call(py, || self.job.error_count())
    }

    /// The number of failures so far.
    #[getter(error_count)]
    fn read_error_count(&self, py: Python<'_>) -> PyResult<u32> {
        self.get_error_count(py)
    }

    /// Gives the owner as text, S-1-22-1-UID (GetOwner).
    fn get_owner(&self, py: Python<'_>) -> PyResult<String> {
        Ok(format!("S-1-22-1-{}", call(py, || self.job.owner())?))
    }

    /// The owner as text, S-1-22-1-UID.
    #[getter(owner)]
    fn read_owner(&self, py: Python<'_>) -> PyResult<String> {
        self.get_owner(py)
    }

    /// The user id of the owner. BITS has no such method.
    #[getter(owner_uid)]
    fn read_owner_uid(&self, py: Python<'_>) -> PyResult<u32> {
        call(py, || self.job.owner())
    }

    /// Gives the integrity level of the owner (GetOwnerIntegrityLevel): 0x3000 for root, else 0x2000.
    fn get_owner_integrity_level(&self, py: Python<'_>) -> PyResult<u32> {
        call(py, || self.job.owner_integrity_level())
    }

    /// The integrity level of the owner: 0x3000 for root, else 0x2000.
    #[getter(owner_integrity_level)]
    fn read_owner_integrity_level(&self, py: Python<'_>) -> PyResult<u32> {
        self.get_owner_integrity_level(py)
    }

    /// Gives whether the owner is root (GetOwnerElevationState).
    fn get_owner_elevation_state(&self, py: Python<'_>) -> PyResult<bool> {
        call(py, || self.job.owner_is_elevated())
    }

    /// Whether the owner is root.
    #[getter(owner_elevation_state)]
    fn read_owner_elevation_state(&self, py: Python<'_>) -> PyResult<bool> {
        self.get_owner_elevation_state(py)
    }

    /// Makes the caller the owner; custom headers of the former one are taken away (TakeOwnership).
    ///
    /// Raises AccessDeniedError for somebody else's job without being root.
    fn take_ownership(&self, py: Python<'_>) -> PyResult<()> {
        call(py, || self.job.take_ownership())
    }

    /// Gives bytes of the reply, total and so far (GetReplyProgress). Only an upload-reply job has a reply:
    /// others raise NotSupportedError, here and in the methods below.
    fn get_reply_progress(&self, py: Python<'_>) -> PyResult<(Option<u64>, u64)> {
        call(py, || self.job.reply_progress()).map(|(total, transferred)| (size(total), transferred))
    }

    /// Bytes of the reply, total and so far.
    #[getter(reply_progress)]
    fn read_reply_progress(&self, py: Python<'_>) -> PyResult<(Option<u64>, u64)> {
        self.get_reply_progress(py)
    }

    /// Gives the reply, at most 1 MiB (GetReplyData).
    fn get_reply_data<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &call(py, || self.job.reply_data())?))
    }

    /// Says where the reply goes, an absolute path (SetReplyFileName).
    fn set_reply_file_name(&self, py: Python<'_>, reply_file_name: &Bound<'_, PyAny>) -> PyResult<()> {
        let name = match reply_file_name.is_none() {
            true => None,
            false => Some(argument::path(reply_file_name, "reply_file_name")?),
        };
        call(py, || self.job.set_reply_file_name(name.as_deref()))
    }

    /// Gives where the reply goes (GetReplyFileName).
    fn get_reply_file_name(&self, py: Python<'_>) -> PyResult<Option<String>> {
        call(py, || self.job.reply_file_name())
    }

    /// Where the reply goes, an absolute path.
    #[getter(reply_file_name)]
    fn read_reply_file_name(&self, py: Python<'_>) -> PyResult<Option<String>> {
        self.get_reply_file_name(py)
    }

    #[setter(reply_file_name)]
    fn assign_reply_file_name(&self, py: Python<'_>, reply_file_name: &Bound<'_, PyAny>) -> PyResult<()> {
        self.set_reply_file_name(py, reply_file_name)
    }

    /// Registers who hears the events of this job, a BackgroundCopyCallback, or None
    /// (SetNotifyInterface).
    ///
    /// Which events are told, the notify flags say. An event that happened before is still told. When it
    /// returns, the former one is not called any more, unless this is called from inside it. Not kept when
    /// the queue is closed.
    fn set_notify_interface(&self, py: Python<'_>, interface: &Bound<'_, PyAny>) -> PyResult<()> {
        if !interface.is_none() && !interface.is_instance(&callback_class(py)?)? {
            return Err(wrong_type(interface, "interface", "a BackgroundCopyCallback or None"));
        }
        let interface = (!interface.is_none()).then(|| interface.clone().unbind());
        self.change_handlers(py, |handlers| handlers.interface = interface)
    }

    /// Gives the BackgroundCopyCallback that was registered, or None (GetNotifyInterface).
    fn get_notify_interface(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.manager.get().handlers(py, self.job.id()).interface.take()
    }

    /// The BackgroundCopyCallback that hears the events of this job, or None.
    #[getter(notify_interface)]
    fn read_notify_interface(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.get_notify_interface(py)
    }

    #[setter(notify_interface)]
    fn assign_notify_interface(&self, py: Python<'_>, interface: &Bound<'_, PyAny>) -> PyResult<()> {
        self.set_notify_interface(py, interface)
    }

    /// Called with the job when all its files are transferred; or None.
    #[getter(on_transferred)]
    fn read_on_transferred(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.function(py, Kind::JobTransferred)
    }

    #[setter(on_transferred)]
    fn assign_on_transferred(&self, function: &Bound<'_, PyAny>) -> PyResult<()> {
        self.set_function(Kind::JobTransferred, 0x1, "on_transferred", function)
    }

    /// Called with the job and its BackgroundCopyError when it is in ERROR; or None.
    #[getter(on_error)]
    fn read_on_error(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.function(py, Kind::JobError)
    }

    #[setter(on_error)]
    fn assign_on_error(&self, function: &Bound<'_, PyAny>) -> PyResult<()> {
        self.set_function(Kind::JobError, 0x2, "on_error", function)
    }

    /// Called with the job when bytes moved, a property or the state changed; or None.
    #[getter(on_modification)]
    fn read_on_modification(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.function(py, Kind::JobModification)
    }

    #[setter(on_modification)]
    fn assign_on_modification(&self, function: &Bound<'_, PyAny>) -> PyResult<()> {
        self.set_function(Kind::JobModification, 0x8, "on_modification", function)
    }

    /// Called with the job and the file when a file is whole, in order of addition; or None.
    #[getter(on_file_transferred)]
    fn read_on_file_transferred(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.function(py, Kind::FileTransferred)
    }

    #[setter(on_file_transferred)]
    fn assign_on_file_transferred(&self, function: &Bound<'_, PyAny>) -> PyResult<()> {
        self.set_function(Kind::FileTransferred, 0x10, "on_file_transferred", function)
    }

    /// Called with the job, the file and a list of (offset, length) when requested ranges arrived; or None.
    #[getter(on_file_ranges_transferred)]
    fn read_on_file_ranges_transferred(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.function(py, Kind::FileRangesTransferred)
    }

    #[setter(on_file_ranges_transferred)]
    fn assign_on_file_ranges_transferred(&self, function: &Bound<'_, PyAny>) -> PyResult<()> {
        self.set_function(Kind::FileRangesTransferred, 0x20, "on_file_ranges_transferred", function)
    }

    /// Waits until the job is transferred or ended, with ``await``; gives the state.
    ///
    /// No thread waits: the event loop watches the queue's descriptor. Cancelling the task that waits stops
    /// the waiting and nothing else: the job goes on.
    ///
    /// Raises the error of a job in ERROR, JobCancelledError for one that was cancelled, ClosedError when
    /// the queue is closed, InvalidStateError when the notify flags leave JOB_TRANSFERRED or JOB_ERROR out.
    fn wait(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        slf.py().import("bgcopy.events")?.call_method1("wait", (slf,)).map(Bound::unbind)
    }

    /// Blocks until the job is transferred or ended; gives the state.
    ///
    /// :param timeout: datetime.timedelta or seconds; None waits for as long as it takes
    ///
    /// Ctrl-C ends the waiting; the job goes on. Raises what :meth:`wait` does, and TimeoutError.
    #[pyo3(signature = (timeout = None))]
    fn join(slf: &Bound<'_, Self>, timeout: Option<&Bound<'_, PyAny>>) -> PyResult<Py<PyAny>> {
        let timeout = timeout.map(|timeout| argument::span(timeout, "timeout")).transpose()?;
        let seconds = timeout.map(|timeout| timeout.as_secs_f64());
        slf.py().import("bgcopy.events")?.call_method1("join", (slf, seconds)).map(Bound::unbind)
    }

    /// Blocks until the job rests: until it is transferred, in error, suspended or ended; gives the state. BITS has
    /// no such method.
    ///
    /// For jobs in :attr:`on_demand_mode`, which are suspended when what was asked for is here. An error is not
    /// raised: :attr:`error` has it.
    ///
    /// :param timeout: datetime.timedelta or seconds; None waits for as long as it takes
    ///
    /// Ctrl-C ends the waiting; the job goes on. Raises TimeoutError, ClosedError when the queue is closed.
    #[pyo3(signature = (timeout = None))]
    fn rest(&self, py: Python<'_>, timeout: Option<&Bound<'_, PyAny>>) -> PyResult<Py<PyAny>> {
        // How long Ctrl-C may wait: the engine does not hear of signals.
        const TURN: Duration = Duration::from_millis(100);
        let timeout = timeout.map(|timeout| argument::span(timeout, "timeout")).transpose()?;
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        loop {
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            let turn = left.map_or(TURN, |left| left.min(TURN));
            let (state, rests) = call(py, || self.job.wait(Some(turn), None))?;
            if rests {
                return enums::give(py, state);
            }
            py.check_signals()?;
            if left.is_some_and(|left| left.is_zero()) {
                return Err(PyTimeoutError::new_err(format!(
                    "the job does not rest yet: {}",
                    self.__repr__(py)
                )));
            }
        }
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other
            .cast::<BackgroundCopyJob>()
            .is_ok_and(|other| other.get().job.id() == self.job.id() && other.get().manager.is(&self.manager))
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = std::hash::DefaultHasher::new();
        self.job.id().hash(&mut hasher);
        hasher.finish()
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        let (name, state) = py.detach(|| (self.job.display_name(), self.job.state()));
        let state =
            state.map_or("not available", |state| state.sdk_name().trim_start_matches("BG_JOB_STATE_"));
        let name = name.map(|name| format!("{name:?} ")).unwrap_or_default();
        format!("<BackgroundCopyJob {name}{} {state}>", self.job.id())
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.manager)
    }
}

impl BackgroundCopyJob {
    /// Those who wait for the job look at it again.
    pub fn poke(&self, py: Python<'_>) -> PyResult<()> {
        self.manager.get().poke(py, self.job.id())
    }
}

fn callback_class(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    py.import("bgcopy.callback")?.getattr("BackgroundCopyCallback")
}
