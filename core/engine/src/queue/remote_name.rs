//! Other remote names for files that are there already: `SetRemoteName`, `ReplaceRemotePrefix`.

use bgcopy_protocol::{Guid, ResultCode};

use super::upload::not_of_uploads;
use super::{Queue, State};
use crate::client::link::Reply;
use crate::model::error::{Error, Result};
use crate::model::state::{JobEvent, step};
use crate::transfer::remote_name;
use crate::transfer::share::Shares;

impl Queue {
    pub(super) fn set_remote_name(&self, id: Guid, index: u32, name: &str) -> Result<Reply> {
        let mut state = self.enter()?;
        check(&state.rules.shares, name)?;
        self.settled(&mut state, id)?;
        let entry = state.entry(id)?;
        step(&entry.job.view(), JobEvent::Set)?;
        not_of_uploads(&entry.job, ResultCode::BG_E_NOTIMPL, "an upload keeps its remote name")?;
        if entry.job.file(index).is_none() {
            return Err(Error::new(
                ResultCode::BG_E_FILE_NOT_FOUND,
                format!("job {id} has no file number {index}"),
            ));
        }
        self.rename(&mut state, id, &[(index, name.to_owned())])?;
        self.commit(&mut state)?;
        Ok(Reply::Done(ResultCode::BG_S_OK))
    }

    /// All names that begin with `old`, or none when one of the new ones is not allowed.
    pub(super) fn replace_remote_prefix(&self, id: Guid, old: &str, new: &str) -> Result<Reply> {
        for (prefix, what) in [(old, "old"), (new, "new")] {
            if prefix.is_empty() {
                return Err(Error::new(ResultCode::BG_E_INVALIDARG, format!("the {what} prefix is empty")));
            }
        }
        let mut state = self.enter()?;
        self.settled(&mut state, id)?;
        let entry = state.entry(id)?;
        step(&entry.job.view(), JobEvent::Set)?;
        not_of_uploads(&entry.job, ResultCode::BG_E_NOTIMPL, "an upload keeps its remote name")?;
        let mut names = Vec::new();
        for (index, file) in (0u32..).zip(entry.job.files()) {
            if let Some(rest) = file.remote.strip_prefix(old) {
                names.push((index, format!("{new}{rest}")));
            }
        }
        names.iter().try_for_each(|(_, name)| check(&state.rules.shares, name))?;
        if names.is_empty() {
            return Ok(Reply::Done(ResultCode::BG_S_FALSE));
        }
        self.rename(&mut state, id, &names)?;
        self.commit(&mut state)?;
        Ok(Reply::Done(ResultCode::BG_S_OK))
    }

    fn rename(&self, state: &mut State, id: Guid, names: &[(u32, String)]) -> Result<()> {
        for (index, name) in names {
            let entry = state.entry(id)?;
            if !entry.job.set_remote_name(*index, name) {
                continue;
            }
            // The job keeps its turn; the file waits for a worker again once this one has reported.
            for slot in entry.slots.iter().filter(|slot| slot.file == *index) {
                slot.cancel.cancel();
            }
            state.touch_name(id, *index);
            state.touch_file(id, *index);
        }
        self.transition(state, id, JobEvent::Set, None)?;
        Ok(())
    }
}

/// Whether a file may have this remote name.
pub(super) fn check(shares: &Shares, name: &str) -> Result<()> {
    shares.check(name).map_err(|error| {
        Error::new(ResultCode::BG_E_INVALIDARG, format!("{}: {error}", remote_name::shown(name)))
    })
}
