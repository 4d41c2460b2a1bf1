//! The legacy queue manager: groups, each with one job.

use std::sync::Arc;

use bgcopy_engine::client::{Failure, FileInfo, Group, GroupCallback, GroupValue, Job1, Qmgr};
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::{GroupProperty, QmProgress};
use bgcopy_protocol::flags::QmStatusFlags;
use pyo3::prelude::*;
use pyo3::types::PyInt;
use pyo3::{PyTraverseError, PyVisit};

use crate::argument::{self, guid, number_u32, text, uuid, wrong_type};
use crate::callback::{self, Teller};
use crate::enums;
use crate::error::{self, call};
use crate::job::BackgroundCopyJob;
use crate::manager::BackgroundCopyManager;

/// A queue as the legacy queue manager shows it (IBackgroundCopyQMgr): groups, each with one job.
///
/// A group is a job of the queue, and its identifier that of the job.
///
/// :param manager: the open queue
#[pyclass(frozen, module = "bgcopy.qmgr")]
pub struct BackgroundCopyQMgr {
    manager: Py<BackgroundCopyManager>,
    qmgr: Qmgr,
}

#[pymethods]
impl BackgroundCopyQMgr {
    #[new]
    fn new(manager: &Bound<'_, PyAny>) -> PyResult<BackgroundCopyQMgr> {
        let Ok(manager) = manager.cast::<BackgroundCopyManager>() else {
            return Err(wrong_type(manager, "manager", "a BackgroundCopyManager"));
        };
        let qmgr = Qmgr::new(manager.get().engine().clone());
        Ok(BackgroundCopyQMgr { manager: manager.clone().unbind(), qmgr })
    }

    /// Creates a suspended group without a job (CreateGroup).
    ///
    /// Raises InvalidArgumentError when a job of the queue has this identifier.
    fn create_group(&self, py: Python<'_>, group_id: &Bound<'_, PyAny>) -> PyResult<BackgroundCopyGroup> {
        let id = guid(group_id, "group_id")?;
        let group = call(py, || self.qmgr.create_group(id))?;
        Ok(BackgroundCopyGroup { manager: self.manager.clone_ref(py), group })
    }

    /// Finds a group; the caller becomes its owner (GetGroup).
    ///
    /// Raises NotFoundError with QM_E_ITEM_NOT_FOUND.
    fn get_group(&self, py: Python<'_>, group_id: &Bound<'_, PyAny>) -> PyResult<BackgroundCopyGroup> {
        let id = guid(group_id, "group_id")?;
        let group = call(py, || self.qmgr.group(id))?;
        Ok(BackgroundCopyGroup { manager: self.manager.clone_ref(py), group })
    }

    /// Lists the identifiers of the caller's groups, of all groups for root (EnumGroups).
    #[pyo3(signature = (flags = None), text_signature = "($self, flags=0)")]
    fn enum_groups(&self, py: Python<'_>, flags: Option<&Bound<'_, PyAny>>) -> PyResult<Py<PyAny>> {
        no_flags(py, flags)?;
        let ids = call(py, || self.qmgr.groups())?;
        let ids: Vec<Py<PyAny>> = ids.into_iter().map(|id| uuid(py, id)).collect::<PyResult<_>>()?;
        enumerator(py, "EnumBackgroundCopyGroups", ids)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.manager)
    }
}

fn no_flags(py: Python<'_>, flags: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
    match flags.map(|flags| number_u32(flags, "flags")).transpose()?.unwrap_or(0) {
        0 => Ok(()),
        flags => Err(error::raise(py, ResultCode::BG_E_NOTIMPL, &format!("flags: {flags} must be 0"))),
    }
}

fn enumerator(py: Python<'_>, class: &str, items: Vec<Py<PyAny>>) -> PyResult<Py<PyAny>> {
    py.import("bgcopy.enumerator")?.call_method1(class, (items,)).map(Bound::unbind)
}

/// A group of files that are transferred together (IBackgroundCopyGroup).
#[pyclass(frozen, module = "bgcopy.qmgr")]
pub struct BackgroundCopyGroup {
    manager: Py<BackgroundCopyManager>,
    group: Group,
}

impl BackgroundCopyGroup {
    fn job1(&self, py: Python<'_>, job: Job1) -> BackgroundCopyJob1 {
        BackgroundCopyJob1 { manager: self.manager.clone_ref(py), job }
    }
}

#[pymethods]
impl BackgroundCopyGroup {
    /// The identifier (get_GroupID).
    fn get_group_id(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        uuid(py, self.group.id())
    }

    /// Gives the group its job, to which files are added (CreateJob).
    ///
    /// Raises NotSupportedError for a second job, InvalidStateError while the group is transferred.
    fn create_job(&self, py: Python<'_>, job_id: &Bound<'_, PyAny>) -> PyResult<BackgroundCopyJob1> {
        let id = guid(job_id, "job_id")?;
        let job = call(py, || self.group.create_job(id))?;
        Ok(self.job1(py, job))
    }

    /// Finds the job of the group by its identifier (GetJob).
    fn get_job(&self, py: Python<'_>, job_id: &Bound<'_, PyAny>) -> PyResult<BackgroundCopyJob1> {
        let id = guid(job_id, "job_id")?;
        let job = call(py, || self.group.job(id))?;
        Ok(self.job1(py, job))
    }

    /// Lists the identifier of the one job of the group, or none (EnumJobs).
    #[pyo3(signature = (flags = None), text_signature = "($self, flags=0)")]
    fn enum_jobs(&self, py: Python<'_>, flags: Option<&Bound<'_, PyAny>>) -> PyResult<Py<PyAny>> {
        no_flags(py, flags)?;
        let job = call(py, || self.group.only_job())?;
        let ids = job.map(|job| uuid(py, job.id())).transpose()?.into_iter().collect();
        enumerator(py, "EnumBackgroundCopyJobs1", ids)
    }

    /// Stops the transfer until resume_group; what arrived is kept (SuspendGroup).
    fn suspend_group(&self, py: Python<'_>) -> PyResult<()> {
        call(py, || self.group.suspend())
    }

    /// Starts the transfer, or goes on with it after an error (ResumeGroup).
    fn resume_group(&self, py: Python<'_>) -> PyResult<()> {
        call(py, || self.group.resume())
    }

    /// Ends the group: files that are transferred get their names, the others are deleted (CancelGroup).
    fn cancel_group(&self, py: Python<'_>) -> PyResult<()> {
        call(py, || self.group.cancel())?;
        let manager = self.manager.get();
        manager.change_handlers(py, self.group.id(), |handlers| *handlers = callback::Handlers::default());
        manager.poke(py, self.group.id())
    }

    /// Transfers the group in the foreground from now on; there is no way back (SwitchToForeground).
    fn switch_to_foreground(&self, py: Python<'_>) -> PyResult<()> {
        call(py, || self.group.switch_to_foreground())
    }

    /// Gives how far the group is, in the unit of a QmProgress (GetProgress).
    fn get_progress(&self, py: Python<'_>, flags: &Bound<'_, PyAny>) -> PyResult<u32> {
        let kind = enums::take::<QmProgress>(flags, "flags")?;
        call(py, || self.group.progress(kind))
    }

    /// Gives QmStatusFlags, and an index that is always 0 (GetStatus).
    fn get_status(&self, py: Python<'_>) -> PyResult<(Py<PyAny>, u32)> {
        Ok((enums::give(py, call(py, || self.group.status())?)?, 0))
    }

    /// Gives the bytes of all files; 0 while one of them is unknown (get_Size).
    fn get_size(&self, py: Python<'_>) -> PyResult<u32> {
        call(py, || self.group.size())
    }

    /// Gives a property of the group (GetProp).
    ///
    /// Raises NotSupportedError for those that are not supported.
    fn get_prop(&self, py: Python<'_>, prop_id: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let id = enums::take::<GroupProperty>(prop_id, "prop_id")?;
        match call(py, || self.group.property(id))? {
            GroupValue::Number(number) => Ok(number.into_pyobject(py)?.into_any().unbind()),
            GroupValue::Text(text) => Ok(text.into_pyobject(py)?.into_any().unbind()),
        }
    }

    /// Sets a property of the group, a number or a text (SetProp).
    ///
    /// Raises NotSupportedError for those that are not supported, InvalidArgumentError for a wrong value.
    fn set_prop(&self, py: Python<'_>, prop_id: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let id = enums::take::<GroupProperty>(prop_id, "prop_id")?;
        let value = if value.is_instance_of::<PyInt>() {
            GroupValue::Number(number_u32(value, "value")?)
        } else {
            GroupValue::Text(text(value, "value")?)
        };
        call(py, || self.group.set_property(id, value))
    }

    /// Gives the job of BITS that the group is (QueryNewJobInterface).
    fn query_new_job_interface(&self, py: Python<'_>) -> BackgroundCopyJob {
        BackgroundCopyJob::new(self.manager.clone_ref(py), self.group.bits_job().clone())
    }

    /// Registers who hears how the group ends, a BackgroundCopyCallback1, or None
    /// (SetNotificationPointer).
    fn set_notification_pointer(&self, py: Python<'_>, callback: &Bound<'_, PyAny>) -> PyResult<()> {
        let class = py.import("bgcopy.qmgr")?.getattr("BackgroundCopyCallback1")?;
        if !callback.is_none() && !callback.is_instance(&class)? {
            return Err(wrong_type(callback, "callback", "a BackgroundCopyCallback1 or None"));
        }
        call(py, || self.group.bits_job().state())?;
        let callback = (!callback.is_none()).then(|| callback.clone().unbind());
        let manager = self.manager.bind(py);
        let teller = GroupTeller { teller: Teller::new(manager, self.group.id())? };
        let any = callback.is_some();
        manager.get().change_handlers(py, self.group.id(), |handlers| handlers.group = callback);
        call(py, || self.group.set_callback(if any { Some(Arc::new(teller)) } else { None }))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.manager)
    }
}

/// Hears how a group ends.
struct GroupTeller {
    teller: Arc<Teller>,
}

impl GroupCallback for GroupTeller {
    fn on_status(
        &self,
        group: &Group,
        job: Option<&Job1>,
        status: QmStatusFlags,
        failure: Failure,
    ) -> ResultCode {
        self.teller.call(|py, manager, handlers| {
            let interface = handlers.group.as_ref()?.bind(py).clone();
            let group = BackgroundCopyGroup { manager: manager.clone().unbind(), group: group.clone() };
            let job =
                job.map(|job| BackgroundCopyJob1 { manager: manager.clone().unbind(), job: job.clone() });
            let result = enums::give(py, status).and_then(|status| {
                let failed = (failure.retries, failure.win32, failure.transport);
                let arguments = (group, job, failure.file, status, failed.0, failed.1, failed.2);
                interface.call_method1("on_status", arguments)
            });
            Some(callback::outcome(result, manager, &interface))
        })
    }
}

/// The one job of a group, which holds its files (IBackgroundCopyJob1).
#[pyclass(frozen, module = "bgcopy.qmgr")]
pub struct BackgroundCopyJob1 {
    manager: Py<BackgroundCopyManager>,
    job: Job1,
}

#[pymethods]
impl BackgroundCopyJob1 {
    /// The identifier (get_JobID).
    fn get_job_id(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        uuid(py, self.job.id())
    }

    /// Never possible: a job is cancelled with its group (CancelJob). Raises NotSupportedError.
    fn cancel_job(&self, py: Python<'_>) -> PyResult<()> {
        call(py, || self.job.cancel())
    }

    /// Gives how far the job is, in the unit of a QmProgress (GetProgress).
    fn get_progress(&self, py: Python<'_>, flags: &Bound<'_, PyAny>) -> PyResult<u32> {
        let kind = enums::take::<QmProgress>(flags, "flags")?;
        call(py, || self.job.progress(kind))
    }

    /// Gives QmStatusFlags, and where they have JOB_ERROR a Win32 code, the HTTP status and the number of
    /// failures (GetStatus).
    fn get_status(&self, py: Python<'_>) -> PyResult<(Py<PyAny>, u32, u32, u32)> {
        let (status, failure) = call(py, || self.job.status())?;
        Ok((enums::give(py, status)?, failure.win32, failure.transport, failure.retries))
    }

    /// Appends files, all or none: pairs of URL and absolute path (AddFiles).
    fn add_files(&self, py: Python<'_>, files: &Bound<'_, PyAny>) -> PyResult<()> {
        let files = argument::file_set(files)?;
        call(py, || self.job.add_files(files))
    }

    /// Gives URL and path of a file, by its place from 0 (GetFile).
    fn get_file(&self, py: Python<'_>, file_index: &Bound<'_, PyAny>) -> PyResult<(String, String)> {
        let index = number_u32(file_index, "file_index")?;
        let FileInfo { remote_name, local_name, .. } = call(py, || self.job.file(index))?;
        Ok((remote_name, local_name))
    }

    /// Gives the number of files (GetFileCount).
    fn get_file_count(&self, py: Python<'_>) -> PyResult<u32> {
        call(py, || self.job.file_count())
    }

    /// Transfers the group in the foreground from now on (SwitchToForeground).
    fn switch_to_foreground(&self, py: Python<'_>) -> PyResult<()> {
        call(py, || self.job.switch_to_foreground())
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.manager)
    }
}
