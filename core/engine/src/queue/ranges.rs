//! Ranges of files: files that are made of some, and what programs ask for while a job runs.

use bgcopy_protocol::file_range::{FileRange, RangeSet};
use bgcopy_protocol::{Guid, ResultCode};

use super::entry::Entry;
use super::upload::not_of_uploads;
use super::{Queue, State};
use crate::client::link::{FileInfo, Reply};
use crate::model::error::{Error, Result};
use crate::model::file::Stage;
use crate::model::job::Job;
use crate::model::ranges::{check_ranges, check_request};
use crate::model::state::{JobEvent, step};
use crate::transfer::remote_name;

impl Queue {
    pub(super) fn add_file_with_ranges(
        &self,
        id: Guid,
        file: FileInfo,
        ranges: &[FileRange],
    ) -> Result<Reply> {
        check_ranges(ranges)?;
        if remote_name::is_file(&file.remote_name) {
            let text = format!("{}: ranges are fetched over http and https only", file.remote_name);
            return Err(Error::new(ResultCode::BG_E_INVALIDARG, text));
        }
        let limit = self.enter()?.rules.max_ranges_per_file.filter(|_| !self.is_exempt());
        if let Some(limit) = limit.filter(|limit| ranges.len() > *limit as usize) {
            let text = format!("the file would have {} ranges; {limit} are allowed", ranges.len());
            return Err(Error::new(ResultCode::BG_E_TOO_MANY_RANGES_IN_FILE, text));
        }
        self.add_files(id, &[file], Some(ranges))
    }

    pub(super) fn request_ranges(
        &self,
        state: &mut State,
        id: Guid,
        index: u32,
        ranges: &[FileRange],
    ) -> Result<()> {
        let entry = state.entry(id)?;
        step(&entry.job.view(), JobEvent::Set)?;
        let size = check_random_access(&entry.job, index)?;
        check_request(ranges, size)?;
        if entry.job.file(index).is_some_and(|file| file.stage < Stage::Received) {
            entry.job.update(index, |file| file.in_parts().request(ranges));
            self.fetch_anew(state, id, index);
        }
        self.transition(state, id, JobEvent::Set, None)?;
        Ok(())
    }

    pub(super) fn update_position(&self, state: &mut State, id: Guid, index: u32, offset: u64) -> Result<()> {
        let entry = state.entry(id)?;
        step(&entry.job.view(), JobEvent::Set)?;
        let size = check_random_access(&entry.job, index)?;
        if offset >= size.unwrap_or(u64::MAX) {
            let text =
                format!("byte {offset} lies outside the file, which has {} bytes", size.unwrap_or_default());
            return Err(Error::new(ResultCode::BG_E_INVALID_RANGE, text));
        }
        if entry.job.file(index).is_some_and(|file| file.stage < Stage::Received) {
            entry.job.update(index, |file| file.in_parts().go_to(offset));
            self.fetch_anew(state, id, index);
        }
        self.transition(state, id, JobEvent::Set, None)?;
        Ok(())
    }

    /// Something else of the file is wanted now: a worker that is at it begins again where that is.
    fn fetch_anew(&self, state: &mut State, id: Guid, index: u32) {
        if let Some(entry) = state.entries.get(&id) {
            for slot in entry.slots.iter().filter(|slot| slot.file == index) {
                slot.cancel.cancel();
            }
        }
        state.touch_file(id, index);
    }

    /// A job on demand that has all that was requested rests until something else is.
    pub(super) fn rest_if_satisfied(&self, state: &mut State, id: Guid) {
        let Some(entry) = state.entries.get(&id) else { return };
        if entry.slots.is_empty() && entry.is_runnable() && entry.job.is_satisfied() {
            // It is runnable, so it takes the event.
            let _ = self.transition(state, id, JobEvent::RangesSatisfied, None);
        }
    }
}

/// Whether a file with ranges may be added to the job.
pub(super) fn check_for_ranges(job: &Job) -> Result<()> {
    not_of_uploads(job, ResultCode::BG_E_NOTIMPL, "uploads have no ranges")?;
    if job.record.http_method.is_some() {
        return Err(Error::new(
            ResultCode::BG_E_NOT_SUPPORTED_WITH_CUSTOM_HTTP_METHOD,
            "only GET fetches ranges, and the job has another HTTP method",
        ));
    }
    if job.record.dynamic_content {
        return Err(Error::new(
            ResultCode::BG_E_UNSUPPORTED_JOB_CONFIGURATION,
            "the job has dynamic content, which has no ranges",
        ));
    }
    Ok(())
}

/// What is here of a file: also what an attempt has written and nobody has synced.
pub(super) fn filled_ranges(entry: &Entry, index: u32) -> Result<Vec<FileRange>> {
    check_random_access(&entry.job, index)?;
    let Some(file) = entry.job.file(index) else { return Ok(Vec::new()) };
    let slot = entry.slots.iter().find(|slot| slot.file == index && file.stage == Stage::Running);
    let filled = match (slot, file.parts.as_deref()) {
        _ if file.stage >= Stage::Received => RangeSet::prefix(file.size),
        (Some(slot), _) => {
            slot.progress.filled().unwrap_or_else(|| RangeSet::prefix(slot.progress.written()))
        }
        (None, Some(parts)) => parts.filled.clone(),
        (None, None) => RangeSet::prefix(file.offset),
    };
    Ok(filled.to_ranges())
}

/// Checks that bytes of the file can be fetched in any order, and gives its size, where it is known.
fn check_random_access(job: &Job, index: u32) -> Result<Option<u64>> {
    let code = ResultCode::BG_E_RANDOM_ACCESS_NOT_SUPPORTED;
    not_of_uploads(job, code, "the bytes of an upload have one order")?;
    let Some(file) = job.file(index) else {
        let text = format!("job {} has no file number {index}", job.id);
        return Err(Error::new(ResultCode::BG_E_FILE_NOT_FOUND, text));
    };
    let refused = |why: &str| {
        let text = format!("{}: {why}", file.local);
        Err(Error::new(ResultCode::BG_E_RANDOM_ACCESS_NOT_SUPPORTED, text))
    };
    if file.parts.as_ref().is_some_and(|parts| parts.ranges().is_some()) {
        return refused("the file is made of ranges");
    }
    if remote_name::is_file(&file.remote) {
        return refused("only http and https have ranges");
    }
    if job.record.http_method.is_some() {
        return refused("the job has an HTTP method of its own, which gives the file as a whole");
    }
    if job.record.dynamic_content {
        return refused("dynamic content has no ranges");
    }
    let no_ranges = job.record.error.as_ref().is_some_and(|error| {
        error.file == Some(index) && error.code == ResultCode::BG_E_INSUFFICIENT_RANGE_SUPPORT
    });
    if no_ranges {
        return refused("the server has no ranges");
    }
    Ok(file.remote_size())
}
