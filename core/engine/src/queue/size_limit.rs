//! The most bytes a job may download: known sizes are added up before a byte is received.

use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::ErrorContext;

use super::Queue;
use crate::transfer::{Sink, TransferError, Version};
use crate::workers::Task;

/// Refuses a file that makes the job too large; passes everything else on.
pub(super) struct SizeLimit<'a> {
    pub queue: &'a Queue,
    pub task: &'a Task,
    pub sink: &'a mut dyn Sink,
    /// What has come of a file whose size nobody knows.
    pub received: Option<u64>,
}

impl Queue {
    pub(super) fn check_size(&self, task: &Task, size: u64) -> Result<(), TransferError> {
        let mut state = self.state.lock();
        let Some(entry) = state.entries.get_mut(&task.job) else { return Ok(()) };
        if entry.slot(task.attempt).is_none() {
            return Ok(());
        }
        let total = entry.job.set_size(task.file, size);
        total.map_or(Ok(()), |total| Err(too_large(total, entry.job.record.max_download_size)))
    }

    /// The same for a file of which `received` bytes have come, and nobody knows how many will.
    fn check_received(&self, task: &Task, received: u64) -> Result<(), TransferError> {
        let mut state = self.state.lock();
        let Some(entry) = state.entries.get_mut(&task.job) else { return Ok(()) };
        if let Some(slot) = entry.slot(task.attempt) {
            slot.counted = received;
        }
        let total = entry.job.too_many(entry.slots.iter().map(|slot| slot.counted).sum());
        total.map_or(Ok(()), |total| Err(too_large(total, entry.job.record.max_download_size)))
    }
}

fn too_large(total: u64, most: u64) -> TransferError {
    let code = ResultCode::BG_E_MAX_DOWNLOAD_SIZE_LIMIT_REACHED;
    TransferError::new(
        code,
        ErrorContext::RemoteFile,
        format!("the files of the job have {total} bytes or more; {most} are allowed"),
    )
}

impl Sink for SizeLimit<'_> {
    fn begin(&mut self, version: &Version) -> Result<(), TransferError> {
        match version.size {
            Some(size) => self.queue.check_size(self.task, size)?,
            None => self.received = Some(0),
        }
        self.sink.begin(version)
    }

    fn restart(&mut self, why: &str) -> Result<(), TransferError> {
        self.sink.restart(why)
    }

    fn buffer(&mut self) -> &mut [u8] {
        self.sink.buffer()
    }

    fn commit(&mut self, len: usize) -> Result<(), TransferError> {
        if let Some(received) = &mut self.received {
            *received += len as u64;
            self.queue.check_received(self.task, *received)?;
        }
        self.sink.commit(len)
    }

    fn read_back(&mut self, offset: u64, into: &mut [u8]) -> Result<(), TransferError> {
        self.sink.read_back(offset, into)
    }
}
