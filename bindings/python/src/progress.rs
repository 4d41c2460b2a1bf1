//! Progress and times.

use std::time::{Duration, SystemTime};

use bgcopy_engine::client;
use pyo3::prelude::*;

/// A size as Python sees it: `None` while it is unknown.
pub fn size(bytes: u64) -> Option<u64> {
    (bytes != client::SIZE_UNKNOWN).then_some(bytes)
}

/// Progress of a job (`BG_JOB_PROGRESS`).
#[pyclass(frozen, eq, hash, get_all, module = "bgcopy")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct JobProgress {
    /// Sum of the files' sizes in bytes; None while one of them is unknown.
    bytes_total: Option<u64>,
    /// Bytes received so far.
    bytes_transferred: u64,
    /// Number of files.
    files_total: u32,
    /// Number of files that are whole.
    files_transferred: u32,
}

#[pymethods]
impl JobProgress {
    fn __repr__(&self) -> String {
        let total = self.bytes_total.map_or("None".to_owned(), |total| total.to_string());
        format!(
            "JobProgress(bytes_total={total}, bytes_transferred={}, files_total={}, files_transferred={})",
            self.bytes_transferred, self.files_total, self.files_transferred
        )
    }
}

impl From<client::JobProgress> for JobProgress {
    fn from(progress: client::JobProgress) -> JobProgress {
        JobProgress {
            bytes_total: size(progress.bytes_total),
            bytes_transferred: progress.bytes_transferred,
            files_total: progress.files_total,
            files_transferred: progress.files_transferred,
        }
    }
}

/// Progress of a file (`BG_FILE_PROGRESS`).
#[pyclass(frozen, eq, hash, get_all, module = "bgcopy")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FileProgress {
    /// Size in bytes; None while it is unknown.
    bytes_total: Option<u64>,
    /// Bytes received so far.
    bytes_transferred: u64,
    /// Whether the file has its final name.
    completed: bool,
}

#[pymethods]
impl FileProgress {
    fn __repr__(&self) -> String {
        let total = self.bytes_total.map_or("None".to_owned(), |total| total.to_string());
        let completed = if self.completed { "True" } else { "False" };
        format!(
            "FileProgress(bytes_total={total}, bytes_transferred={}, completed={completed})",
            self.bytes_transferred
        )
    }
}

impl From<client::FileProgress> for FileProgress {
    fn from(progress: client::FileProgress) -> FileProgress {
        FileProgress {
            bytes_total: size(progress.bytes_total),
            bytes_transferred: progress.bytes_transferred,
            completed: progress.completed,
        }
    }
}

/// When things happened, in UTC (`BG_JOB_TIMES`).
#[pyclass(frozen, eq, hash, get_all, module = "bgcopy")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct JobTimes {
    /// The job was created.
    creation: Option<SystemTime>,
    /// Bytes moved, a property or the state changed.
    modification: Option<SystemTime>,
    /// All files were transferred; None before.
    transfer_completion: Option<SystemTime>,
}

#[pymethods]
impl JobTimes {
    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        let shown = |name: &str| slf.getattr(name)?.repr()?.extract::<String>();
        Ok(format!(
            "JobTimes(creation={}, modification={}, transfer_completion={})",
            shown("creation")?,
            shown("modification")?,
            shown("transfer_completion")?
        ))
    }
}

impl From<client::JobTimes> for JobTimes {
    fn from(times: client::JobTimes) -> JobTimes {
        JobTimes {
            creation: moment(times.creation),
            modification: moment(times.modification),
            transfer_completion: moment(times.transfer_completion),
        }
    }
}

/// Nanoseconds since 1970; 0 stands for never. Python counts microseconds.
fn moment(nanoseconds: i64) -> Option<SystemTime> {
    let microseconds = u64::try_from(nanoseconds).ok().filter(|&value| value != 0)? / 1000;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_micros(microseconds))
}
