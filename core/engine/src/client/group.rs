//! A group of the legacy queue manager.

use std::sync::Arc;

use bgcopy_protocol::enums::{GroupProperty, JobPriority, JobState, QmProgress, QmProtocol};
use bgcopy_protocol::flags::{NotifyFlags, QmNotifyFlags, QmStatusFlags};
use bgcopy_protocol::{Guid, ResultCode};

use super::link::JobCommand;
use super::qmgr::not_found;
use super::{Callback, Error, Job, Job1, JobError, Result, SIZE_UNKNOWN, reply};

/// The only priority a group has.
const PRIORITY: u32 = 1;

/// A group of files that are transferred together (`IBackgroundCopyGroup`): a job of the queue, seen with the
/// eyes of the legacy queue manager.
#[derive(Clone, Debug)]
pub struct Group {
    job: Job,
}

/// The value of a property of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupValue {
    /// A number.
    Number(u32),
    /// A text.
    Text(String),
}

/// What went wrong in the terms of the legacy queue manager; all 0 when nothing did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Failure {
    /// Index of the file, if it is about one.
    pub file: Option<u32>,
    /// Failures so far.
    pub retries: u32,
    /// A Win32 code; for failures that Win32 does not know the result code of bgcopy.
    pub win32: u32,
    /// HTTP status.
    pub transport: u32,
}

/// Hears how a group ends (`IBackgroundCopyCallback1`).
pub trait GroupCallback: std::any::Any + Send + Sync {
    /// The group is complete, or in error where `status` has `GROUP_ERROR`; anything but `BG_S_OK` lets it be told
    /// again later.
    fn on_status(
        &self,
        group: &Group,
        job: Option<&Job1>,
        status: QmStatusFlags,
        failure: Failure,
    ) -> ResultCode;
}

impl Group {
    pub(super) fn new(job: Job) -> Group {
        Group { job }
    }

    /// The identifier (`get_GroupID`).
    #[must_use]
    pub fn id(&self) -> Guid {
        self.job.id()
    }

    /// The job that this group is (`QueryNewJobInterface`).
    #[must_use]
    pub fn bits_job(&self) -> &Job {
        &self.job
    }

    /// Gives the group its job, to which files are added (`CreateJob`).
    ///
    /// # Errors
    /// `QM_E_INVALID_STATE` while the group is transferred, `BG_E_NOTIMPL` for a second job,
    /// `BG_E_INVALIDARG` for a null identifier, `BG_E_INVALID_STATE` after the group was cancelled.
    pub fn create_job(&self, id: Guid) -> Result<Job1> {
        reply!(self.job.file_call(JobCommand::CreateGroupJob(id)), Done)?;
        Ok(Job1::new(self.clone(), id))
    }

    /// The job of the group, if it has one.
    ///
    /// # Errors
    /// `BG_E_DISCONNECTED`.
    pub fn only_job(&self) -> Result<Option<Job1>> {
        let id = reply!(self.job.file_call(JobCommand::GroupJob), GroupJob)?;
        Ok(id.map(|id| Job1::new(self.clone(), id)))
    }

    /// The job with this identifier (`GetJob`).
    ///
    /// # Errors
    /// `QM_E_ITEM_NOT_FOUND`.
    pub fn job(&self, id: Guid) -> Result<Job1> {
        let found = self.only_job()?.filter(|job| job.id() == id);
        found.ok_or_else(|| not_found(&format!("job {id}")))
    }

    /// Stops the transfer (`SuspendGroup`).
    ///
    /// # Errors
    /// `BG_E_INVALID_STATE` after the group was cancelled.
    pub fn suspend(&self) -> Result<()> {
        self.job.suspend()
    }

    /// Starts the transfer, or goes on with it (`ResumeGroup`).
    ///
    /// # Errors
    /// `BG_E_EMPTY` without files, `BG_E_INVALID_STATE` after the group was cancelled.
    pub fn resume(&self) -> Result<()> {
        self.job.resume()
    }

    /// Gives the files that are transferred their names, deletes the others, and ends the group (`CancelGroup`).
    ///
    /// # Errors
    /// `BG_E_INVALID_STATE` after the group was cancelled, or the error of a rename: the group stays then.
    pub fn cancel(&self) -> Result<()> {
        self.job.complete().map(drop)
    }

    /// Transfers in the foreground from now on (`SwitchToForeground`).
    ///
    /// # Errors
    /// `BG_E_INVALID_STATE` after the group was cancelled.
    pub fn switch_to_foreground(&self) -> Result<()> {
        self.job.set_priority(JobPriority::Foreground)
    }

    /// Progress in per cent or bytes, as far as 32 bits reach (`GetProgress`).
    ///
    /// # Errors
    /// `BG_E_NOTIMPL` for the time.
    pub fn progress(&self, kind: QmProgress) -> Result<u32> {
        let progress = self.job.progress()?;
        match kind {
            QmProgress::PercentDone => {
                let (done, total) = (progress.bytes_transferred, progress.bytes_total);
                Ok(match total {
                    SIZE_UNKNOWN => 0,
                    0 => {
                        if progress.files_transferred == progress.files_total {
                            100
                        } else {
                            0
                        }
                    }
                    _ => saturated(u64::try_from(u128::from(done) * 100 / u128::from(total)).unwrap_or(100))
                        .min(100),
                })
            }
            QmProgress::SizeDone => Ok(saturated(progress.bytes_transferred)),
            QmProgress::TimeDone => {
                Err(Error::new(ResultCode::BG_E_NOTIMPL, "progress is not measured in time"))
            }
        }
    }

    /// Bytes of all files, as far as 32 bits reach; 0 while one of them is unknown (`get_Size`).
    ///
    /// # Errors
    /// `BG_E_DISCONNECTED`.
    pub fn size(&self) -> Result<u32> {
        let total = self.job.progress()?.bytes_total;
        Ok(if total == SIZE_UNKNOWN { 0 } else { saturated(total) })
    }

    /// What the group is at (`GetStatus`).
    ///
    /// # Errors
    /// `BG_E_DISCONNECTED`.
    pub fn status(&self) -> Result<QmStatusFlags> {
        let mut status = match self.job.state()? {
            JobState::Transferred => QmStatusFlags::GROUP_COMPLETE,
            JobState::Acknowledged if self.is_whole()? => QmStatusFlags::GROUP_COMPLETE,
            JobState::Suspended => QmStatusFlags::GROUP_INCOMPLETE | QmStatusFlags::GROUP_SUSPENDED,
            JobState::Error => QmStatusFlags::GROUP_INCOMPLETE | QmStatusFlags::GROUP_ERROR,
            JobState::Queued
            | JobState::Connecting
            | JobState::Transferring
            | JobState::TransientError
            | JobState::Acknowledged
            | JobState::Cancelled => QmStatusFlags::GROUP_INCOMPLETE,
        };
        if self.job.priority()? == JobPriority::Foreground {
            status = status | QmStatusFlags::GROUP_FOREGROUND;
        }
        Ok(status)
    }

    /// Every file is transferred.
    fn is_whole(&self) -> Result<bool> {
        let progress = self.job.progress()?;
        Ok(progress.files_transferred == progress.files_total)
    }

    /// What went wrong, when the group is in error.
    pub(super) fn failure(&self) -> Result<Option<Failure>> {
        if self.job.state()? != JobState::Error {
            return Ok(None);
        }
        match self.job.error() {
            Ok(error) => Ok(Some(failure_of(&error)?)),
            // It was resumed between the two questions.
            Err(error) if error.code == ResultCode::BG_E_ERROR_INFORMATION_UNAVAILABLE => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads a property (`GetProp`).
    ///
    /// # Errors
    /// `BG_E_NOTIMPL` for properties that are not supported.
    pub fn property(&self, id: GroupProperty) -> Result<GroupValue> {
        use GroupValue::{Number, Text};
        Ok(match id {
            GroupProperty::Priority => Number(PRIORITY),
            GroupProperty::ProtocolFlags => Number(i32::from(QmProtocol::Http).cast_unsigned()),
            GroupProperty::NotifyFlags => Number(self.notify_flags()?.bits()),
            GroupProperty::NotifyClsid => Text(self.job.notification_clsid()?.to_string()),
            GroupProperty::DisplayName => Text(self.job.display_name()?),
            GroupProperty::Description => Text(self.job.description()?),
            unsupported => return Err(no_property(unsupported)),
        })
    }

    /// Sets a property (`SetProp`).
    ///
    /// # Errors
    /// `BG_E_NOTIMPL` for properties and flags that are not supported, `BG_E_INVALIDARG` for a value of the wrong
    /// kind and for another priority than 1, another protocol than HTTP, a class that is no GUID,
    /// `BG_E_STRING_TOO_LONG`, `BG_E_INVALID_STATE` after the group was cancelled.
    pub fn set_property(&self, id: GroupProperty, value: GroupValue) -> Result<()> {
        use GroupValue::{Number, Text};
        let invalid = |text: String| Err(Error::new(ResultCode::BG_E_INVALIDARG, text));
        match (id, value) {
            (GroupProperty::Priority, Number(PRIORITY)) => self.unchanged(),
            (GroupProperty::Priority, Number(other)) => {
                invalid(format!("{other} is not the one priority of a group, {PRIORITY}"))
            }
            (GroupProperty::ProtocolFlags, Number(protocol)) => {
                if i64::from(protocol) == i64::from(i32::from(QmProtocol::Http)) {
                    self.unchanged()
                } else {
                    invalid(format!("{protocol} is not QM_PROTOCOL_HTTP, the one protocol of a group"))
                }
            }
            (GroupProperty::NotifyFlags, Number(bits)) => self.set_notify_flags(bits),
            (GroupProperty::NotifyClsid, Text(class)) => match class.parse::<Guid>() {
                Ok(class) => self.job.set_notification_clsid(class),
                Err(_) => invalid(format!("{class:?} is not the text of a class identifier")),
            },
            (GroupProperty::DisplayName, Text(name)) => self.job.set_display_name(name),
            (GroupProperty::Description, Text(text)) => self.job.set_description(text),
            (
                GroupProperty::Priority
                | GroupProperty::ProtocolFlags
                | GroupProperty::NotifyFlags
                | GroupProperty::NotifyClsid
                | GroupProperty::DisplayName
                | GroupProperty::Description,
                _,
            ) => invalid(format!("{} takes a value of another kind", id.sdk_name())),
            (unsupported, _) => Err(no_property(unsupported)),
        }
    }

    /// The one value that is allowed was set: it needs a group that has not ended.
    fn unchanged(&self) -> Result<()> {
        match self.job.state()? {
            JobState::Acknowledged | JobState::Cancelled => Err(ResultCode::BG_E_INVALID_STATE.into()),
            _ => Ok(()),
        }
    }

    fn notify_flags(&self) -> Result<QmNotifyFlags> {
        let has = |flag: NotifyFlags, flags: u32| flags & flag.bits() != 0;
        let of_job = self.job.notify_flags()?;
        let mut flags = QmNotifyFlags::NONE;
        if has(NotifyFlags::JOB_TRANSFERRED, of_job) {
            flags = flags | QmNotifyFlags::GROUP_DONE;
        }
        if has(NotifyFlags::DISABLE, of_job) {
            flags = flags | QmNotifyFlags::DISABLE_NOTIFY;
        }
        Ok(flags)
    }

    fn set_notify_flags(&self, bits: u32) -> Result<()> {
        let supported = QmNotifyFlags::GROUP_DONE | QmNotifyFlags::DISABLE_NOTIFY;
        let flags =
            QmNotifyFlags::from_bits(bits).filter(|flags| supported.contains(*flags)).ok_or_else(|| {
                Error::new(
                    ResultCode::BG_E_NOTIMPL,
                    format!("{bits:#x} has more than QM_NOTIFY_GROUP_DONE and QM_NOTIFY_DISABLE_NOTIFY"),
                )
            })?;
        // Errors are told by default.
        let mut of_job = NotifyFlags::JOB_ERROR;
        if flags.contains(QmNotifyFlags::GROUP_DONE) {
            of_job = of_job | NotifyFlags::JOB_TRANSFERRED;
        }
        if flags.contains(QmNotifyFlags::DISABLE_NOTIFY) {
            of_job = of_job | NotifyFlags::DISABLE;
        }
        self.job.set_notify_flags(of_job.bits())
    }

    /// Registers who hears how the group ends; `None` clears (`SetNotificationPointer`). Not kept when the process
    /// ends.
    ///
    /// # Errors
    /// `BG_E_INVALID_STATE` after the group was cancelled.
    pub fn set_callback(&self, callback: Option<Arc<dyn GroupCallback>>) -> Result<()> {
        self.job.set_callback(callback.map(|callback| Arc::new(Adapter { callback }) as _))
    }
}

/// The error of a job in the terms of the legacy queue manager.
fn failure_of(error: &JobError) -> Result<Failure> {
    /// `HRESULT_FROM_WIN32` puts the code into the lower half of this.
    const FROM_WIN32: u32 = 0x8007_0000;
    let code = error.code().0.cast_unsigned();
    let status = error.http_status();
    Ok(Failure {
        file: error.file().ok().map(|file| file.index()),
        retries: error.job().error_count()?,
        win32: match code & 0xFFFF_0000 {
            FROM_WIN32 => code & 0xFFFF,
            _ if error.code().http_status().is_some() => 0,
            _ => code,
        },
        transport: status.map_or(0, u32::from),
    })
}

fn no_property(id: GroupProperty) -> Error {
    Error::new(ResultCode::BG_E_NOTIMPL, format!("{} is not supported", id.sdk_name()))
}

fn saturated(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// Tells a group's callback what happens to its job.
struct Adapter {
    callback: Arc<dyn GroupCallback>,
}

impl Adapter {
    fn tell(&self, job: &Job, status: QmStatusFlags, failure: Failure) -> ResultCode {
        let group = Group::new(job.clone());
        match group.only_job() {
            Ok(only) => self.callback.on_status(&group, only.as_ref(), status, failure),
            // The queue is closing: to be told after it was opened again.
            Err(error) => error.code,
        }
    }
}

impl Callback for Adapter {
    fn job_transferred(&self, job: &Job) -> ResultCode {
        self.tell(job, QmStatusFlags::GROUP_COMPLETE, Failure::default())
    }

    fn job_error(&self, job: &Job, error: &JobError) -> ResultCode {
        match failure_of(error) {
            Ok(failure) => {
                self.tell(job, QmStatusFlags::GROUP_INCOMPLETE | QmStatusFlags::GROUP_ERROR, failure)
            }
            Err(error) => error.code,
        }
    }
}
