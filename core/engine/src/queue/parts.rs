//! Attempts at files that are fetched in parts.

use std::path::Path;
use std::sync::Arc;

use bgcopy_protocol::enums::ErrorContext;
use bgcopy_protocol::file_range::Plan;
use bgcopy_protocol::flags::TokenFlags;

use super::Queue;
use super::checkpoint::Unsynced;
use super::report::{Attempt, Failed, Outcome, modified};
use crate::model::error::Error;
use crate::sys::fs::File;
use crate::transfer::destination::{Target, growing_path};
use crate::transfer::parts::{PartFile, PartSink};
use crate::transfer::sink::Buffer;
use crate::transfer::{Download, Sink, TransferError, Version};
use crate::workers::Task;

impl Queue {
    /// One attempt at a file that is fetched in parts.
    pub(super) fn attempt_parts(&self, task: &mut Task, buffer: &mut Buffer) -> Outcome {
        let path: &Path = task.local.as_ref().as_ref();
        let temp = growing_path(path, task.job, task.file, task.direct);
        let directories = self.directories_of(task, TokenFlags::LOCAL_FILE);
        let target =
            match directories.and_then(|directories| Target::open(directories, path, &temp, self.now())) {
                Ok(target) => target,
                Err(error) => return Outcome { result: Err(error), unsynced: None },
            };
        let directory = Arc::clone(&target.directory);
        let mut result = self.fetch_parts(task, target.clone(), buffer);
        if let Err(Failed::Lost(why)) = result {
            result = self.begin_again(task, &why).and_then(|()| self.fetch_parts(task, target, buffer));
        }
        let snapshot = task.progress.snapshot();
        let filled = task.progress.filled();
        task.progress.close();
        let (result, whole) = match result {
            Ok((version, whole)) => (Ok(version), whole),
            Err(Failed::Transfer(error)) => (Err(error), None),
            Err(Failed::Lost(why)) => (Err(lost(why)), None),
        };
        let unsynced = match (whole, &result, snapshot) {
            (Some(file), Ok(version), _) => {
                let (epoch, written) = (task.progress.epoch(), task.progress.written());
                Some((Unsynced::new(task, epoch, written, version, true).of_parts(filled), file, directory))
            }
            (_, _, Some(snapshot)) => {
                let item = Unsynced::new(task, snapshot.epoch, snapshot.written, &snapshot.version, false);
                Some((item.of_parts(snapshot.filled), snapshot.file, directory))
            }
            _ => None,
        };
        Outcome { result, unsynced }
    }

    fn fetch_parts(
        &self,
        task: &Task,
        target: Target,
        buffer: &mut Buffer,
    ) -> Result<(Version, Option<Arc<File>>), Failed> {
        let headers = self.headers_of(task.job, task.headers.as_deref())?;
        let access = self.access_of(task.job, task.access.as_deref())?;
        let attempt = Attempt { queue: self, task };
        let file = PartFile::open(target, Arc::clone(&task.progress), &attempt, &*self.clock, buffer)?;
        let mut sink = PartsOfTask { queue: self, task, file };
        let download = Download {
            url: &task.remote,
            foreground: task.foreground,
            offset: task.offset,
            version: task.version.clone(),
            dynamic: false,
            method: None,
            security: task.security,
            headers: &headers,
            access: access.as_ref(),
        };
        let version = self.http.download_parts(&download, &mut sink, &attempt, &task.cancel)?;
        let whole = sink.file.finish(version.last_modified.as_deref().and_then(modified))?;
        Ok((version, whole))
    }
}

fn lost(why: String) -> TransferError {
    TransferError::local(bgcopy_protocol::ResultCode::BG_E_WIN32_FILE_NOT_FOUND, why)
}

/// The file of a task, and what its job wants of it at the moment.
struct PartsOfTask<'a> {
    queue: &'a Queue,
    task: &'a Task,
    file: PartFile<'a>,
}

impl PartsOfTask<'_> {
    /// What the program wants of the file, as the size allows.
    fn look(&self, size: Option<u64>) -> Result<(Plan, Option<u64>), TransferError> {
        let filled = self.task.progress.filled().unwrap_or_default();
        let mut state = self.queue.state.lock();
        let Some(entry) = state.entries.get_mut(&self.task.job) else { return Ok(Default::default()) };
        let requested_only = entry.job.record.on_demand;
        let (answer, changed) = entry.job.update(self.task.file, |file| {
            let Some(parts) = &mut file.parts else { return (Ok(Default::default()), false) };
            let possible = size.map_or(Ok(()), |size| parts.drop_impossible(size));
            let changed = possible.is_err();
            let total = possible.and_then(|()| parts.local_size(size));
            (total.map(|total| (parts.plan(&filled, size, requested_only), total)), changed)
        });
        if changed {
            state.touch_file(self.task.job, self.task.file);
        }
        answer.map_err(|error| self.impossible(error))
    }

    fn impossible(&self, error: Error) -> TransferError {
        TransferError::new(
            error.code,
            ErrorContext::RemoteFile,
            format!("{}: {}", self.task.remote, error.detail),
        )
    }
}

impl PartSink for PartsOfTask<'_> {
    fn plan(&mut self, size: Option<u64>) -> Result<Plan, TransferError> {
        // What waits in the buffer is not missing.
        self.file.flush()?;
        Ok(self.look(size)?.0)
    }

    fn seek(&mut self, position: u64) -> Result<(), TransferError> {
        self.file.seek(position)
    }
}

impl Sink for PartsOfTask<'_> {
    fn begin(&mut self, version: &Version) -> Result<(), TransferError> {
        let (_, total) = self.look(version.size)?;
        if let Some(total) = total.filter(|_| self.task.limited) {
            self.queue.check_size(self.task, total)?;
        }
        self.file.begin(version, total)
    }

    fn restart(&mut self, why: &str) -> Result<(), TransferError> {
        self.file.restart(why)
    }

    fn buffer(&mut self) -> &mut [u8] {
        self.file.buffer()
    }

    fn commit(&mut self, len: usize) -> Result<(), TransferError> {
        self.file.commit(len)
    }

    fn read_back(&mut self, offset: u64, into: &mut [u8]) -> Result<(), TransferError> {
        self.file.read_back(offset, into)
    }
}
