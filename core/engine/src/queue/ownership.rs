//! Another owner for a job: `TakeOwnership`.

use std::path::{Path, PathBuf};

use bgcopy_protocol::flags::TokenFlags;
use bgcopy_protocol::{Guid, ResultCode};
use parking_lot::MutexGuard;

use super::{Locked, Queue};
use crate::client::link::Reply;
use crate::model::error::{Error, Result};
use crate::model::file::Stage;
use crate::model::state::{JobEvent, step};
use crate::transfer::access::AccessRecord;
use crate::transfer::destination::{Target, growing_path};

impl Queue {
    pub(super) fn take_ownership(&self, id: Guid) -> Result<Reply> {
        let mut state = self.enter()?;
        self.own(&mut state, id)?;
        Ok(Reply::Done(ResultCode::BG_S_OK))
    }

    /// The caller, who is the owner or root, becomes the owner, durably.
    pub(super) fn own(&self, state: &mut Locked<'_>, id: Guid) -> Result<()> {
        let owner = self.owner;
        self.settled(state, id)?;
        let entry = state.entry(id)?;
        step(&entry.job.view(), JobEvent::Set)?;
        let former = entry.job.record.owner;
        if former != owner {
            let begun = |file: &crate::model::file::File| {
                file.stage != Stage::Published && (file.durable > 0 || file.stage >= Stage::Running)
            };
            let direct = entry.job.record.high_performance;
            let growing: Vec<(PathBuf, PathBuf)> = (0u32..)
                .zip(entry.job.files())
                .skip(entry.job.own_files())
                .filter(|(_, file)| begun(file))
                .map(|(index, file)| (index, PathBuf::from(&*file.local)))
                .map(|(index, path)| (growing_path(&path, id, index, direct), path))
                .collect();
            MutexGuard::unlocked(state, || {
                growing.iter().try_for_each(|(growing, path)| self.take_file_over(growing, path))
            })?;
            self.settled(state, id)?;
            let entry = state.entry(id)?;
            step(&entry.job.view(), JobEvent::Set)?;
            let record = &mut entry.job.record;
            record.owner = owner;
            // They may hold the former owner's passwords, and act with his rights.
            let asked = (record.custom_headers.take(), record.access.clone(), record.helper_token_flags);
            record.notify_cmd_line = None;
            record.helper_token_flags = TokenFlags::NONE;
            entry.job.change_access(AccessRecord::forget_owner);
            entry.token = None;
            if asked != (None, entry.job.record.access.clone(), TokenFlags::NONE) && entry.is_moving() {
                let _ = self.transition(state, id, JobEvent::Preempted, None);
            }
            if let Some(jobs) = state.jobs_of.get_mut(&former) {
                *jobs = jobs.saturating_sub(1);
            }
            *state.jobs_of.entry(owner).or_default() += 1;
        }
        self.transition(state, id, JobEvent::Set, None)?;
        self.commit(state)
    }

    /// Makes sure that the new owner can use a growing file, which becomes his where the system lets it.
    fn take_file_over(&self, growing: &Path, path: &Path) -> Result<()> {
        let refused = |why: &dyn std::fmt::Display| {
            let text = format!("the new owner cannot use {}: {why}", growing.display());
            Error::new(ResultCode::BG_E_NEW_OWNER_NO_FILE_ACCESS, text)
        };
        let target = match Target::open(&self.directories, path, growing, self.now()) {
            // Whatever becomes of the job without it: there is nothing to be refused.
            Err(error) if error.code == ResultCode::BG_E_WIN32_PATH_NOT_FOUND => return Ok(()),
            other => other.map_err(|error| refused(&error.text))?,
        };
        match target.directory.take_over(&target.temp_name) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            other => other.map_err(|error| refused(&error)),
        }
    }
}
