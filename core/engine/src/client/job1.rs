//! The job of a group of the legacy queue manager.

use bgcopy_protocol::enums::QmProgress;
use bgcopy_protocol::flags::QmStatusFlags;
use bgcopy_protocol::{Guid, ResultCode};

use super::group::Failure;
use super::qmgr::not_found;
use super::{Error, FileInfo, Group, Result};

/// The one job of a group, which holds its files (`IBackgroundCopyJob1`).
#[derive(Clone, Debug)]
pub struct Job1 {
    group: Group,
    id: Guid,
}

impl Job1 {
    pub(super) fn new(group: Group, id: Guid) -> Job1 {
        Job1 { group, id }
    }

    /// The identifier (`get_JobID`).
    #[must_use]
    pub fn id(&self) -> Guid {
        self.id
    }

    /// Never possible: a job is cancelled with its group (`CancelJob`).
    ///
    /// # Errors
    /// `BG_E_NOTIMPL`.
    pub fn cancel(&self) -> Result<()> {
        Err(Error::new(ResultCode::BG_E_NOTIMPL, "a job is cancelled with its group"))
    }

    /// Progress in per cent or bytes, as far as 32 bits reach (`GetProgress`).
    ///
    /// # Errors
    /// `BG_E_NOTIMPL` for the time.
    pub fn progress(&self, kind: QmProgress) -> Result<u32> {
        self.group.progress(kind)
    }

    /// What the job is at, and what went wrong where the status has `JOB_ERROR` (`GetStatus`).
    ///
    /// # Errors
    /// `BG_E_DISCONNECTED`.
    pub fn status(&self) -> Result<(QmStatusFlags, Failure)> {
        if let Some(failure) = self.group.failure()? {
            return Ok((QmStatusFlags::JOB_INCOMPLETE | QmStatusFlags::JOB_ERROR, failure));
        }
        let complete = self.group.status()?.contains(QmStatusFlags::GROUP_COMPLETE);
        let status = if complete { QmStatusFlags::JOB_COMPLETE } else { QmStatusFlags::JOB_INCOMPLETE };
        Ok((status, Failure::default()))
    }

    /// Appends files, all or none (`AddFiles`).
    ///
    /// # Errors
    /// As [`super::Job::add_file_set`], and `BG_E_INVALIDARG` for what is not http or https.
    pub fn add_files(&self, files: Vec<FileInfo>) -> Result<()> {
        let http = |name: &str| {
            let scheme = name.split_once("://").map_or("", |(scheme, _)| scheme);
            scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
        };
        if let Some(other) = files.iter().find(|file| !http(&file.remote_name)) {
            let text =
                format!("{} is neither http nor https, which is all that groups have", other.remote_name);
            return Err(Error::new(ResultCode::BG_E_INVALIDARG, text));
        }
        self.group.bits_job().add_file_set(files)
    }

    /// The names of a file, by its index from 0 (`GetFile`).
    ///
    /// # Errors
    /// `QM_E_ITEM_NOT_FOUND` beyond the last file.
    pub fn file(&self, index: u32) -> Result<FileInfo> {
        let files = self.group.bits_job().files()?;
        let file = files.get(index as usize).ok_or_else(|| not_found(&format!("file number {index}")))?;
        Ok(FileInfo { remote_name: file.remote_name()?, local_name: file.local_name()? })
    }

    /// Number of files (`GetFileCount`).
    ///
    /// # Errors
    /// `BG_E_DISCONNECTED`.
    pub fn file_count(&self) -> Result<u32> {
        Ok(self.group.bits_job().progress()?.files_total)
    }

    /// As [`Group::switch_to_foreground`] (`SwitchToForeground`).
    ///
    /// # Errors
    /// `BG_E_INVALID_STATE` after the group was cancelled.
    pub fn switch_to_foreground(&self) -> Result<()> {
        self.group.switch_to_foreground()
    }
}
