//! Complete and Cancel: the intent is recorded, then files are renamed or deleted, then the job is gone.
//!
//! A crash in between is finished at the next open, in the same direction.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use bgcopy_protocol::Guid;
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::flags::TokenFlags;
use parking_lot::MutexGuard;

use super::{Locked, Queue, State};
use crate::model::error::{Error, Result};
use crate::model::file::Stage;
use crate::model::job::{Ending, Job};
use crate::model::state::{JobEvent, step};
use crate::sys::crash;
use crate::sys::fs::{Directories, Directory};
use crate::transfer::TransferError;
use crate::transfer::destination::{Published, Target, growing_path};
use crate::transfer::remote_name;
use crate::transfer::share::Shares;

/// A file to publish or to delete.
struct Item {
    index: u32,
    path: PathBuf,
    /// Where its bytes are.
    growing: PathBuf,
    publish: bool,
    /// It has its final name already, which may not be durable.
    named: bool,
}

/// What became of the files.
#[derive(Default)]
struct Outcome {
    published: Vec<u32>,
    /// Their temporary file is gone: to be fetched again.
    lost: Vec<u32>,
    error: Option<Error>,
    /// Names may be lost with the power.
    unsynced: bool,
    undeleted: bool,
}

impl Queue {
    /// `Complete`.
    pub(super) fn complete(&self, id: Guid) -> Result<ResultCode> {
        self.end(id, JobEvent::Complete, Ending::Publish)
    }

    /// `Cancel`, by a program or for inactivity.
    pub(super) fn cancel(&self, id: Guid) -> Result<ResultCode> {
        self.end(id, JobEvent::Cancel, Ending::Discard)
    }

    fn end(&self, id: Guid, event: JobEvent, ending: Ending) -> Result<ResultCode> {
        self.not_in_check()?;
        let mut state = self.enter()?;
        self.settled(&mut state, id)?;
        let entry = state.entry(id)?;
        step(&entry.job.view(), event)?;
        if ending == Ending::Publish && entry.uses_token_for_local_files() && entry.token.is_none() {
            return Err(ResultCode::BG_E_TOKEN_REQUIRED.into());
        }
        entry.ending = true;
        entry.stop();
        state.ending += 1;
        self.place(&mut state, id);
        let result = self.end_stopped(&mut state, id, event, ending);
        state.ending -= 1;
        if let Some(entry) = state.entries.get_mut(&id) {
            entry.ending = false;
        }
        if result.is_err() {
            self.place(&mut state, id);
            // What there was to tell had to wait.
            state.announce(id);
            self.act(&mut state);
        }
        self.changed.notify_all();
        let listener = match state.entries.get_mut(&id) {
            Some(entry) if entry.job.is_final() => (entry.listener.take(), entry.check.take()),
            _ => (None, None),
        };
        drop(state);
        // The program's code: not under the lock.
        drop(listener);
        result
    }

    fn end_stopped(
        &self,
        state: &mut Locked<'_>,
        id: Guid,
        event: JobEvent,
        ending: Ending,
    ) -> Result<ResultCode> {
        while !state.entry(id)?.slots.is_empty() {
            self.changed.wait(state);
        }
        if ending == Ending::Publish {
            // What has arrived whole counts; it only has to reach the disk.
            while state.entry(id)?.job.files().iter().any(|file| file.stage == Stage::Received) {
                self.checkpoint(state)?;
            }
        }
        state.entry(id)?.job.record.ending = Some(ending);
        state.touch_job(id);
        self.commit(state)?;
        crash::point("ending-recorded");

        let shares = state.rules.shares.clone();
        let entry = state.entry(id)?;
        let token = if entry.job.is_upload() { entry.network_token() } else { entry.local_token() };
        let items = items(&entry.job, ending, &shares);
        let outcome = MutexGuard::unlocked(state, || {
            self.carry_out(token.as_deref().unwrap_or(&self.directories), &items)
        });
        self.settle(state, id, event, outcome)
    }

    /// Writes down what became of the files, and ends the job if nothing failed.
    fn settle(
        &self,
        state: &mut Locked<'_>,
        id: Guid,
        event: JobEvent,
        outcome: Outcome,
    ) -> Result<ResultCode> {
        let entry = state.entry(id)?;
        for index in &outcome.published {
            entry.job.update(*index, |file| file.stage = Stage::Published);
        }
        if let Some(error) = outcome.error {
            entry.job.record.ending = None;
            for index in &outcome.lost {
                entry.job.update(*index, |file| {
                    file.stage = Stage::Waiting;
                    file.lose();
                });
            }
            for index in outcome.published.into_iter().chain(outcome.lost) {
                state.touch_file(id, index);
            }
            self.transition(state, id, JobEvent::PublishFailed, None)?;
            self.commit(state)?;
            return Err(error);
        }
        let files = entry.job.files().len();
        let uploaded = entry.job.is_upload();
        let published = entry.job.files().iter().filter(|file| file.stage == Stage::Published).count();
        self.transition(state, id, event, None)?;
        if event != JobEvent::Complete {
            self.give_up_session(state, id);
        }
        self.forget(state, id);
        self.commit(state)?;
        if event == JobEvent::Complete && published < files && !uploaded {
            return Ok(ResultCode::BG_S_PARTIAL_COMPLETE);
        }
        Ok(if outcome.undeleted { ResultCode::BG_S_UNABLE_TO_DELETE_FILES } else { ResultCode::BG_S_OK })
    }

    /// Takes an ended job out of the queue; its entry stays while handles need it.
    pub(super) fn forget(&self, state: &mut State, id: Guid) {
        state.touch_removed(id);
        state.tell_rest(id);
        let Some(entry) = state.entries.get(&id) else { return };
        let (sequence, owner) = (entry.job.record.sequence, entry.job.record.owner);
        state.order.remove(&sequence);
        if let Some(count) = state.jobs_of.get_mut(&owner) {
            *count = count.saturating_sub(1);
        }
        self.retime(state, id);
        if state.entries.get(&id).is_some_and(|entry| entry.holders == 0 && entry.listener.is_none()) {
            state.entries.remove(&id);
        }
    }

    /// Renames and deletes; no lock is held.
    fn carry_out(&self, directories: &Directories, items: &[Item]) -> Outcome {
        let mut outcome = Outcome::default();
        let mut touched: Vec<Arc<Directory>> = Vec::new();
        for item in items {
            let target = match Target::open(directories, &item.path, &item.growing, self.now()) {
                Ok(target) => target,
                // Without its directory there is nothing left of the file.
                Err(error) if !item.publish && error.code == ResultCode::BG_E_WIN32_PATH_NOT_FOUND => {
                    continue;
                }
                Err(error) => {
                    outcome.failed(item, error);
                    continue;
                }
            };
            if !item.publish {
                if let Err(error) = target.discard() {
                    outcome.failed(item, error);
                }
                crash::point("file-discarded");
                continue;
            }
            let published = if item.named { Ok(Published::Renamed) } else { target.publish() };
            let published = match published {
                Ok(published) => published,
                Err(error) => {
                    outcome.failed(item, error);
                    continue;
                }
            };
            crash::point("file-renamed");
            match published {
                Published::Renamed => outcome.published.push(item.index),
                Published::Absent => {
                    outcome.lost.push(item.index);
                    let text =
                        format!("{} is gone; resume the job to fetch it again", item.growing.display());
                    outcome.failed(item, TransferError::local(ResultCode::BG_E_WIN32_FILE_NOT_FOUND, text));
                }
            }
            // Also for a name that was there: a process that died may have renamed without syncing.
            if !touched.iter().any(|known| Arc::ptr_eq(known, &target.directory)) {
                touched.push(target.directory);
            }
        }
        for directory in touched {
            if let Err(error) = directory.sync() {
                let text =
                    format!("cannot make the names in {} durable: {error}", directory.path().display());
                outcome.error.get_or_insert(Error::new(ResultCode::from_io(&error), text));
                outcome.unsynced = true;
            }
        }
        crash::point("names-synced");
        outcome
    }

    /// Finishes what a process that died had begun; called before anything runs.
    pub(super) fn finish_ending(&self, job: &mut Job, ending: Ending, shares: &Shares) -> bool {
        let items = items(job, ending, shares);
        if ending == Ending::Publish && job.record.helper_token_flags.contains(TokenFlags::LOCAL_FILE) {
            // Its token ended with the process: the program sets another one and completes the job again.
            job.record.ending = None;
            return false;
        }
        let mut outcome = self.carry_out(&self.directories, &items);
        if ending == Ending::Discard {
            return true;
        }
        // A missing temporary file was renamed before the process died, if the name is there.
        let gone = |item: &Item| matches!(item.growing.try_exists(), Ok(false)) && item.path.exists();
        let renamed: BTreeSet<u32> =
            items.iter().filter(|item| item.publish && gone(item)).map(|item| item.index).collect();
        let named = |index: &u32| outcome.published.contains(index) || outcome.lost.contains(index);
        if !outcome.unsynced
            && outcome.lost.iter().all(|index| renamed.contains(index))
            && items.iter().filter(|item| item.publish).all(|item| named(&item.index))
        {
            return true;
        }
        outcome.published.extend(renamed);
        for index in outcome.published {
            job.update(index, |file| file.stage = Stage::Published);
        }
        if let Some(error) = outcome.error {
            log::error!("job {} was being completed when its process ended: {error}", job.id);
        }
        job.record.ending = None;
        false
    }
}

impl Outcome {
    fn failed(&mut self, item: &Item, error: TransferError) {
        if item.publish {
            self.error.get_or_insert(Error::new(error.code, error.text));
        } else {
            log::warn!("a temporary file is left: {}", error.text);
            self.undeleted = true;
        }
    }
}

/// The files to see to. One that has its name is never deleted, and what a job wrote to a final name at once is the
/// program's.
fn items(job: &Job, ending: Ending, shares: &Shares) -> Vec<Item> {
    let publish = ending == Ending::Publish;
    let sent = if publish { None } else { growing_upload(job, shares) };
    let direct = job.record.high_performance;
    (0u32..)
        .zip(job.files())
        .skip(job.own_files())
        .filter(|(_, file)| match direct {
            true => publish && file.stage >= Stage::Done,
            false => publish || file.stage != Stage::Published,
        })
        .map(|(index, file)| {
            let path = PathBuf::from(&*file.local);
            Item {
                index,
                growing: growing_path(&path, job.id, index, direct),
                path,
                publish: publish && file.stage >= Stage::Done,
                named: file.stage == Stage::Published,
            }
        })
        .chain(sent)
        .collect()
}

/// What grows where an unfinished upload to a file goes.
fn growing_upload(job: &Job, shares: &Shares) -> Option<Item> {
    let begun = job.is_upload() && job.record.resumed;
    let file = job.file(0).filter(|file| begun && file.stage < Stage::Done)?;
    let real = shares.resolve(&file.remote).ok()?;
    let path = remote_name::file_path(&real).ok().filter(|_| remote_name::is_file(&real))?;
    let growing = growing_path(&path, job.id, 0, false);
    Some(Item { index: 0, path, growing, publish: false, named: false })
}
