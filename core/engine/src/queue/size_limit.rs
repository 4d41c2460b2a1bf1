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
}

impl Queue {
    pub(super) fn check_size(&self, task: &Task, size: u64) -> Result<(), TransferError> {
        let mut state = self.state.lock();
        let Some(entry) = state.entries.get_mut(&task.job) else { return Ok(()) };
        if entry.slot(task.attempt).is_none() {
            return Ok(());
        }
        let Some(total) = entry.job.set_size(task.file, size) else { return Ok(()) };
        let most = entry.job.record.max_download_size;
        let code = ResultCode::BG_E_MAX_DOWNLOAD_SIZE_LIMIT_REACHED;
        Err(TransferError {
            code,
            context: ErrorContext::RemoteFile,
            class: code.retry_class(),
            http_status: None,
            retry_after: None,
            text: format!("the files of the job have {total} bytes or more; {most} are allowed").into(),
            cancelled: false,
        })
    }
}

impl Sink for SizeLimit<'_> {
    fn begin(&mut self, version: &Version) -> Result<(), TransferError> {
        if let Some(size) = version.size {
            self.queue.check_size(self.task, size)?;
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
        self.sink.commit(len)
    }

    fn read_back(&mut self, offset: u64, into: &mut [u8]) -> Result<(), TransferError> {
        self.sink.read_back(offset, into)
    }
}
