//! Groups of the legacy queue manager: each is a job, under an identifier that the program chose.

use bgcopy_protocol::enums::{JobState, JobType};
use bgcopy_protocol::{Guid, ResultCode};

use super::command::ROOT;
use super::{Queue, State};
use crate::client::link::Reply;
use crate::model::error::{Error, Result};
use crate::model::job::Group;
use crate::model::property::notify;
use crate::model::state::{JobEvent, step};

impl Queue {
    pub(super) fn create_group(&self, id: Guid) -> Result<Reply> {
        let mut state = self.enter()?;
        if id.is_null() || state.entries.contains(&id) {
            let text = format!("{id} cannot be the identifier of a new group: it is null or has been given");
            return Err(Error::new(ResultCode::BG_E_INVALIDARG, text));
        }
        let entry = self.add_job(&mut state, id, "", JobType::Download)?;
        entry.job.record.group = Some(Group::default());
        // Errors are told unless they are turned off, the end when it is asked for.
        entry.job.record.notify_flags = notify::JOB_ERROR;
        self.commit(&mut state)?;
        Ok(Reply::Job(id))
    }

    pub(super) fn find_group(&self, id: Guid) -> Result<Reply> {
        let mut state = self.enter()?;
        let is_group = |state: &State| {
            let entry = state.entries.get(&id);
            entry.is_some_and(|entry| entry.job.record.group.is_some() && !entry.job.is_final())
        };
        if !is_group(&state) {
            return Err(no_such("group", id));
        }
        self.settled(&mut state, id)?;
        if !is_group(&state) {
            return Err(no_such("group", id));
        }
        if state.entry(id)?.job.record.owner != self.owner {
            self.own(&mut state, id)?;
        }
        state.entry(id)?.holders += 1;
        Ok(Reply::Job(id))
    }

    pub(super) fn enum_groups(&self) -> Result<Reply> {
        let state = self.enter()?;
        let mine = |id: &&Guid| {
            let record = state.entries.get(id).map(|entry| &entry.job.record);
            record.is_some_and(|record| {
                record.group.is_some() && (self.owner == ROOT || record.owner == self.owner)
            })
        };
        Ok(Reply::Groups(state.order.values().filter(mine).copied().collect()))
    }

    pub(super) fn create_group_job(&self, state: &mut State, id: Guid, job: Guid) -> Result<()> {
        let entry = state.entry(id)?;
        step(&entry.job.view(), JobEvent::Set)?;
        let running = matches!(
            entry.job.state(),
            JobState::Queued | JobState::Connecting | JobState::Transferring | JobState::TransientError
        );
        let Some(group) = &mut entry.job.record.group else { return Err(no_such("group", id)) };
        if running {
            return Err(Error::new(ResultCode::QM_E_INVALID_STATE, "the group is being transferred"));
        }
        if group.job.is_some() {
            return Err(Error::new(ResultCode::BG_E_NOTIMPL, "a group has one job, and this one has it"));
        }
        if job.is_null() {
            return Err(Error::new(ResultCode::BG_E_INVALIDARG, "the identifier of the job is null"));
        }
        group.job = Some(job);
        self.transition(state, id, JobEvent::Set, None)?;
        Ok(())
    }

    pub(super) fn group_job(&self, id: Guid) -> Result<Reply> {
        let mut state = self.enter()?;
        let entry = state.entry(id)?;
        self.check_owner(entry)?;
        let group = entry.job.record.group.ok_or_else(|| no_such("group", id))?;
        Ok(Reply::GroupJob(group.job))
    }
}

fn no_such(what: &str, id: Guid) -> Error {
    Error::new(ResultCode::QM_E_ITEM_NOT_FOUND, format!("no {what} {id} in this queue"))
}
