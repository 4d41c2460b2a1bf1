//! Helper tokens: an open directory through which the files of a job are reached.
//!
//! Only in memory: after a restart a job with flags has none, and waits in ERROR for another one.

use std::os::fd::OwnedFd;
use std::sync::Arc;

use bgcopy_protocol::enums::{ErrorContext, JobState};
use bgcopy_protocol::flags::TokenFlags;
use bgcopy_protocol::{Guid, ResultCode};

use super::Queue;
use super::entry::Entry;
use crate::model::error::{Error, Result};
use crate::model::state::{JobEvent, step};
use crate::sys::fs::{Directories, Faults};
use crate::transfer::TransferError;
use crate::workers::Task;

impl Queue {
    pub(super) fn set_helper_token(&self, id: Guid, directory: Option<OwnedFd>) -> Result<()> {
        let token = directory.map(|handle| Directories::below(handle, Faults::none())).transpose();
        let token = token.map_err(|error| {
            let text = format!("the helper token is no directory that can be used: {error}");
            Error::new(ResultCode::BG_E_INVALIDARG, text)
        })?;
        self.change(id, |queue, state| {
            let entry = state.entry(id)?;
            step(&entry.job.view(), JobEvent::Set)?;
            entry.token = token.map(Arc::new);
            let (missing, moving) = (entry.token_is_missing(), entry.is_moving());
            let waits = matches!(entry.job.state(), JobState::Queued | JobState::TransientError);
            if missing && (moving || waits) {
                queue.transition(state, id, JobEvent::TokenLost, None)?;
            } else if moving {
                // Files are opened through the new one; the job goes on where it is.
                let _ = queue.transition(state, id, JobEvent::Preempted, None);
            }
            queue.transition(state, id, JobEvent::Set, None)?;
            Ok(())
        })
        .map(drop)
    }

    /// The directories a file of an attempt is to be found in: the local one for `LOCAL_FILE`, the remote one
    /// for `NETWORK`.
    pub(super) fn directories_of<'a>(
        &'a self,
        task: &'a Task,
        file: TokenFlags,
    ) -> std::result::Result<&'a Directories, TransferError> {
        if task.token_flags == TokenFlags::NONE {
            return Ok(&self.directories);
        }
        let Some(token) = &task.token else {
            let code = ResultCode::BG_E_TOKEN_REQUIRED;
            return Err(TransferError::new(code, ErrorContext::GeneralQueueManager, code.text()));
        };
        Ok(if task.token_flags.contains(file) { token } else { &self.directories })
    }
}

impl Entry {
    /// The token is to be used, and is not there.
    pub(super) fn token_is_missing(&self) -> bool {
        self.job.record.helper_token_flags != TokenFlags::NONE && self.token.is_none()
    }

    pub(super) fn uses_token_for_local_files(&self) -> bool {
        self.job.record.helper_token_flags.contains(TokenFlags::LOCAL_FILE)
    }

    /// The token, where it is there and used for remote files.
    pub(super) fn network_token(&self) -> Option<Arc<Directories>> {
        self.token.clone().filter(|_| self.job.record.helper_token_flags.contains(TokenFlags::NETWORK))
    }

    /// The token, where it is there and used for local files.
    pub(super) fn local_token(&self) -> Option<Arc<Directories>> {
        self.token.clone().filter(|_| self.uses_token_for_local_files())
    }
}
