//! The queue.

use std::collections::HashMap;
use std::os::fd::IntoRawFd;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use bgcopy_engine::client::{self, Manager, Settings};
use bgcopy_protocol::flags::EnumFlags;
use bgcopy_protocol::{Guid, ResultCode};
use parking_lot::Mutex;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use pyo3::{PyTraverseError, PyVisit};

use crate::argument::{self, invalid, number_u32, span, text, wrong_type};
use crate::callback::Handlers;
use crate::enums;
use crate::error::{self, ENGLISH, call};
use crate::event::{Event, Feed};
use crate::job::BackgroundCopyJob;

/// An open queue; the interpreter's end closes what is left of them.
static OPEN: Mutex<Vec<Weak<Manager>>> = Mutex::new(Vec::new());
static EXITING: AtomicBool = AtomicBool::new(false);

/// Closes every queue of this process, and lets none be opened any more: the interpreter is about to go, and
/// no thread may call into it then.
#[pyfunction]
pub fn close_all(py: Python<'_>) -> PyResult<()> {
    // Finalizers may still ask for queues, and are to get a proper error.
    error::maker(py)?;
    enums::give(py, bgcopy_protocol::enums::ErrorContext::None)?;
    EXITING.store(true, Ordering::SeqCst);
    py.detach(|| {
        let open = std::mem::take(&mut *OPEN.lock());
        for manager in open.iter().filter_map(Weak::upgrade) {
            if let Err(error) = manager.close() {
                log::error!("closing the queue: {error}");
            }
        }
    });
    Ok(())
}

/// An open queue (IBackgroundCopyManager).
///
/// Opening makes the directory when it is missing, and lets the jobs that were under way go on. The
/// queue belongs to this process until it is closed: by :meth:`close`, by leaving a ``with`` block, or
/// when nothing refers to the manager, its jobs and files any more. Usable on any thread.
///
/// :param directory: where the queue is; by default ``$BGCOPY_DIRECTORY``, else
///     ``$XDG_STATE_HOME/bgcopy``, else ``~/.local/state/bgcopy``
/// :param foreground_files_in_flight: files of a foreground job under way at once (8)
/// :param background_files_in_flight: files of a background job under way at once (4)
/// :param workers: most files under way at once in the whole queue (64)
/// :param time_slice: how long a background job runs before others have their turn (300 s)
/// :param background_bytes_per_second: most bytes per second of all background jobs together
/// :param checkpoint: how often progress becomes durable (0.3 s)
/// :param max_jobs_per_user: most unfinished jobs of one user other than root
/// :param max_jobs_per_machine: most unfinished jobs of all users but root
/// :param max_files_per_job: most files of a job of a user other than root
/// :param max_ranges_per_file: most ranges of a file of a job of a user other than root
/// :param job_inactivity_timeout: a job that nobody touched for so long is cancelled (90 days)
/// :param notification_interval: least time between two modifications told of a new job (0.5 s)
/// :param connect_timeout: longest wait for a connection (60 s)
/// :param response_timeout: longest wait for a server that sends nothing (300 s)
/// :param minimum_retry_delay: what new jobs have (600 s)
/// :param no_progress_timeout: what new jobs have (14 days)
/// :param maximum_download_time: what new jobs have (90 days)
///
/// Time spans are ``datetime.timedelta`` or seconds. What is left out is what the user's configuration says, and if
/// that says nothing the default; a policy of the administrator beats both.
///
/// Raises QueueBusyError when another process has the queue open; the text names it.
#[pyclass(frozen, weakref, module = "bgcopy")]
pub struct BackgroundCopyManager {
    manager: Arc<Manager>,
    directory: PathBuf,
    /// Callables of jobs: kept here and nowhere else, so that the garbage collector sees each once.
    handlers: Mutex<HashMap<Guid, Handlers>>,
    /// Who passes events on to those that wait; made by the first of them.
    hub: Mutex<Option<Py<PyAny>>>,
}

impl Drop for BackgroundCopyManager {
    fn drop(&mut self) {
        // Closing waits for callbacks under way, and those wait for the interpreter.
        let close = |manager: &Manager| {
            if let Err(error) = manager.close() {
                log::error!("closing the queue: {error}");
            }
        };
        if Python::try_attach(|py| py.detach(|| close(&self.manager))).is_none() {
            close(&self.manager);
        }
    }
}

impl BackgroundCopyManager {
    /// The engine's side.
    pub fn engine(&self) -> &Manager {
        &self.manager
    }

    /// Whether the queue is closed, or about to be: calls answer so.
    pub fn is_closed(&self, py: Python<'_>) -> bool {
        let answer = py.detach(|| self.manager.is_overridden_by_policy());
        answer.is_err_and(|error| error.code == ResultCode::BG_E_DISCONNECTED)
    }

    /// Changes the callables of a job; says whether any are left that hear events. They are dropped without the lock.
    pub fn change_handlers(&self, py: Python<'_>, id: Guid, change: impl FnOnce(&mut Handlers)) -> bool {
        let mut all = self.handlers.lock();
        let handlers = all.entry(id).or_default();
        let former = handlers.clone_ref(py);
        change(handlers);
        let any = handlers.any();
        let none = if handlers.is_empty() { all.remove(&id) } else { None };
        drop(all);
        // What a finalizer does here may come back to the lock.
        drop((former, none));
        any
    }

    /// The callables of a job.
    pub fn handlers(&self, py: Python<'_>, id: Guid) -> Handlers {
        self.handlers.lock().get(&id).map(|handlers| handlers.clone_ref(py)).unwrap_or_default()
    }

    /// Tells those that wait for a job to look again; the engine has no event for what just happened.
    pub fn poke(&self, py: Python<'_>, id: Guid) -> PyResult<()> {
        let hub = self.hub.lock().as_ref().map(|hub| hub.clone_ref(py));
        if let Some(hub) = hub {
            hub.call_method1(py, "poke", (argument::uuid(py, id)?,))?;
        }
        Ok(())
    }
}

/// Reads the options; those that are `None` keep their default.
fn settings(options: &Bound<'_, PyDict>) -> PyResult<Settings> {
    let mut settings = Settings::default();
    for (key, value) in options {
        if value.is_none() {
            continue;
        }
        let name: String = key.extract()?;
        let count = |value: &Bound<'_, PyAny>| match number_u32(value, &name)? {
            0 => Err(invalid(value.py(), &format!("{name} must be at least 1"))),
            number => Ok(number),
        };
        let seconds = |value: &Bound<'_, PyAny>| -> PyResult<u32> {
            let seconds = span(value, &name)?.as_secs();
            u32::try_from(seconds).map_err(|_| invalid(value.py(), &format!("{name} is too long: {value}")))
        };
        match &*name {
            "foreground_files_in_flight" => settings.foreground_files_in_flight = count(&value)? as usize,
            "background_files_in_flight" => settings.background_files_in_flight = count(&value)? as usize,
            "workers" => settings.workers = count(&value)? as usize,
            "time_slice" => settings.time_slice = Some(span(&value, &name)?),
            "background_bytes_per_second" => {
                settings.background_bytes_per_second = Some(argument::number(&value, &name, u64::MAX)?);
            }
            "checkpoint" => settings.checkpoint = span(&value, &name)?,
            "max_jobs_per_user" => settings.max_jobs_per_user = Some(number_u32(&value, &name)?),
            "max_jobs_per_machine" => settings.max_jobs_per_machine = Some(number_u32(&value, &name)?),
            "max_files_per_job" => settings.max_files_per_job = Some(number_u32(&value, &name)?),
            "max_ranges_per_file" => settings.max_ranges_per_file = Some(number_u32(&value, &name)?),
            "job_inactivity_timeout" => settings.job_inactivity_timeout = Some(span(&value, &name)?),
            "notification_interval" => settings.notification_interval = span(&value, &name)?,
            "connect_timeout" => settings.connect_timeout = span(&value, &name)?,
            "response_timeout" => settings.response_timeout = span(&value, &name)?,
            "minimum_retry_delay" => settings.minimum_retry_delay = Some(seconds(&value)?),
            "no_progress_timeout" => settings.no_progress_timeout = Some(seconds(&value)?),
            "maximum_download_time" => settings.maximum_download_time = Some(seconds(&value)?),
            _ => {
                let text = format!("BackgroundCopyManager() got an unexpected keyword argument '{name}'");
                return Err(pyo3::exceptions::PyTypeError::new_err(text));
            }
        }
    }
    if settings.checkpoint < Duration::from_millis(1) {
        return Err(invalid(options.py(), "checkpoint must be at least a millisecond"));
    }
    Ok(settings)
}

#[pymethods]
impl BackgroundCopyManager {
    #[new]
    #[pyo3(
        signature = (directory = None, **options),
        text_signature = "(directory=None, *, foreground_files_in_flight=None, background_files_in_flight=None, \
            workers=None, time_slice=None, background_bytes_per_second=None, checkpoint=None, \
            max_jobs_per_user=None, max_jobs_per_machine=None, max_files_per_job=None, \
            max_ranges_per_file=None, job_inactivity_timeout=None, notification_interval=None, connect_timeout=None, \
            response_timeout=None, minimum_retry_delay=None, no_progress_timeout=None, \
            maximum_download_time=None)"
    )]
    fn new(
        py: Python<'_>,
        directory: Option<&Bound<'_, PyAny>>,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<BackgroundCopyManager> {
        let mut settings = options.map(settings).transpose()?.unwrap_or_default();
        if let Some(directory) = directory {
            let directory = argument::path(directory, "directory")?;
            if directory.is_empty() {
                return Err(invalid(py, "directory is empty"));
            }
            settings.directory = std::path::absolute(directory)?;
        }
        if EXITING.load(Ordering::SeqCst) {
            let text = "the interpreter is exiting: no queue can be opened any more";
            return Err(error::raise(py, ResultCode::BG_E_DISCONNECTED, text));
        }
        crate::log::start();
        let directory = settings.directory.clone();
        let manager = Arc::new(call(py, || Manager::open(settings))?);
        let mut open = OPEN.lock();
        open.retain(|manager| manager.strong_count() > 0);
        open.push(Arc::downgrade(&manager));
        drop(open);
        Ok(BackgroundCopyManager { manager, directory, handlers: Mutex::default(), hub: Mutex::default() })
    }

    /// The directory of the queue, as pathlib.Path.
    #[getter(directory)]
    fn read_directory(&self) -> PathBuf {
        self.directory.clone()
    }

    /// Creates a suspended job without files (CreateJob): add files, then resume it.
    ///
    /// :param display_name: for people, at most 256 characters, need not be unique
    /// :param job_type: a JobType; JobType.UPLOAD takes one file
    ///
    /// Raises InvalidArgumentError for a name that is too long, NotSupportedError for another type,
    /// LimitError when a quota is full.
    #[pyo3(signature = (display_name, job_type = None), text_signature = "($self, display_name, job_type=JobType.DOWNLOAD)")]
    fn create_job(
        slf: &Bound<'_, Self>,
        display_name: &Bound<'_, PyAny>,
        job_type: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<BackgroundCopyJob> {
        let name = text(display_name, "display_name")?;
        let kind = match job_type {
            Some(kind) => enums::take(kind, "job_type")?,
            None => bgcopy_protocol::enums::JobType::Download,
        };
        let this = slf.get();
        let job = call(slf.py(), || this.manager.create_job(&name, kind))?;
        Ok(BackgroundCopyJob::new(slf.clone().unbind(), job))
    }

    /// Finds a job of the queue (GetJob).
    ///
    /// :param job_id: uuid.UUID, or its text
    ///
    /// Raises NotFoundError when no such job is in the queue: it ended, or never was.
    fn get_job(slf: &Bound<'_, Self>, job_id: &Bound<'_, PyAny>) -> PyResult<BackgroundCopyJob> {
        let id = argument::guid(job_id, "job_id")?;
        let this = slf.get();
        let job = call(slf.py(), || this.manager.job(id))?;
        Ok(BackgroundCopyJob::new(slf.clone().unbind(), job))
    }

    /// Lists the jobs that have not ended, in order of creation (EnumJobs).
    ///
    /// The list is a snapshot, its jobs are live. :attr:`jobs` is the same as a plain list.
    ///
    /// :param flags: 0, or EnumFlags.ALL_USERS for root
    ///
    /// Raises AccessDeniedError for all users' jobs without being root.
    #[pyo3(signature = (flags = None), text_signature = "($self, flags=0)")]
    fn enum_jobs(slf: &Bound<'_, Self>, flags: Option<&Bound<'_, PyAny>>) -> PyResult<Py<PyAny>> {
        let py = slf.py();
        let flags = match flags {
            Some(flags) => EnumFlags::from_bits(number_u32(flags, "flags")?).ok_or_else(|| {
                error::raise(py, ResultCode::BG_E_NOTIMPL, &format!("flags: {flags} has undefined bits"))
            })?,
            None => EnumFlags::NONE,
        };
        let jobs = Self::list(slf, flags.contains(EnumFlags::ALL_USERS))?;
        py.import("bgcopy.enumerator")?.call_method1("EnumBackgroundCopyJobs", (jobs,)).map(Bound::unbind)
    }

    /// The jobs of the caller that have not ended, in order of creation.
    #[getter(jobs)]
    fn read_jobs(slf: &Bound<'_, Self>) -> PyResult<Vec<BackgroundCopyJob>> {
        Self::list(slf, false)
    }

    fn __iter__(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        let jobs = Self::list(slf, false)?.into_pyobject(slf.py())?;
        jobs.call_method0("__iter__").map(Bound::unbind)
    }

    /// Describes a result code in one sentence: what is wrong and what to do (GetErrorDescription).
    ///
    /// Every language gets the English text; InvalidArgumentError for language 0.
    #[pyo3(signature = (code, language = ENGLISH), text_signature = "($self, code, language=0x0409)")]
    fn get_error_description(
        &self,
        py: Python<'_>,
        code: &Bound<'_, PyAny>,
        language: u32,
    ) -> PyResult<String> {
        let number = code.extract::<i64>().map_err(|_| wrong_type(code, "code", "int"))?;
        // The unsigned way to write a code is as good.
        let code = i32::try_from(number).or_else(|_| u32::try_from(number).map(u32::cast_signed));
        let code = code.map_err(|_| invalid(py, &format!("code: {number} has more than 32 bits")))?;
        error::text_of(py, code, language)
    }

    /// Gives a descriptor that is readable while :meth:`next_event` has something.
    ///
    /// For event loops other than asyncio; the caller closes it with os.close(). From the first call
    /// on, the events of all jobs are kept, as their notify flags say. Events that somebody takes with
    /// :meth:`next_event` do not reach :meth:`events` and :meth:`BackgroundCopyJob.wait`.
    fn get_event_fd(&self, py: Python<'_>) -> PyResult<i32> {
        call(py, || self.manager.event_fd()).map(IntoRawFd::into_raw_fd)
    }

    /// Takes the next kept event, or None.
    ///
    /// Raises ClosedError after :meth:`close`.
    fn next_event(&self, py: Python<'_>) -> PyResult<Option<Event>> {
        call(py, || self.manager.next_event())?.map(|event| Event::new(py, &event)).transpose()
    }

    /// The events of all jobs, as their notify flags say, for ``async for``.
    ///
    /// Every stream gets every event from this call on; it ends when the queue is closed. What nobody
    /// takes is kept for it: leave the loop, and the stream is forgotten.
    fn events(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        slf.py().import("bgcopy.events")?.call_method1("EventStream", (slf,)).map(Bound::unbind)
    }

    /// Who passes events on; for bgcopy.events.
    fn _hub(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        if let Some(hub) = self.hub.lock().as_ref() {
            return Ok(hub.clone_ref(py));
        }
        let feed = Feed::new(Manager::clone(&self.manager));
        let made = py.import("bgcopy.events")?.call_method1("Hub", (feed,))?.unbind();
        // Somebody else may have been faster.
        Ok(self.hub.lock().get_or_insert(made).clone_ref(py))
    }

    /// Whether a policy of the administrator goes before a setting that the queue was opened with.
    #[getter(overridden_by_policy)]
    fn read_overridden_by_policy(&self, py: Python<'_>) -> PyResult<bool> {
        call(py, || self.manager.is_overridden_by_policy())
    }

    /// Stops all transfers, makes their progress durable and lets other processes open the queue.
    ///
    /// Jobs and files answer with ClosedError as soon as it begins. It waits for callables under way, unless it is
    /// called from inside one: none runs after it has returned. One that fails with ClosedError meanwhile has failed
    /// as ever, so that its event is told again, but ``sys.unraisablehook`` hears nothing. Closing again does nothing.
    ///
    /// Raises the error of a write that failed.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        let closed = call(py, || self.manager.close());
        let hub = self.hub.lock().as_ref().map(|hub| hub.clone_ref(py));
        if let Some(hub) = hub {
            hub.call_method0(py, "pump")?;
        }
        let handlers = std::mem::take(&mut *self.handlers.lock());
        drop(handlers);
        closed
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __exit__(
        &self,
        py: Python<'_>,
        _kind: &Bound<'_, PyAny>,
        _value: &Bound<'_, PyAny>,
        _traceback: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        self.close(py)
    }

    fn __repr__(&self) -> String {
        format!("<BackgroundCopyManager {}>", self.directory.display())
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        // A lock that is taken protects objects in use: they are alive.
        if let Some(handlers) = self.handlers.try_lock() {
            handlers.values().try_for_each(|handlers| handlers.traverse(visit))?;
        }
        if let Some(hub) = self.hub.try_lock() {
            visit.call(&*hub)?;
        }
        Ok(())
    }

    fn __clear__(&self) {
        let handlers = std::mem::take(&mut *self.handlers.lock());
        let hub = self.hub.lock().take();
        drop((handlers, hub));
    }
}

impl BackgroundCopyManager {
    fn list(slf: &Bound<'_, Self>, all_users: bool) -> PyResult<Vec<BackgroundCopyJob>> {
        let this = slf.get();
        let jobs: Vec<client::Job> = call(slf.py(), || this.manager.jobs(all_users))?;
        Ok(jobs.into_iter().map(|job| BackgroundCopyJob::new(slf.clone().unbind(), job)).collect())
    }
}
