//! Checkpoints: data reaches the disk first, then one commit says so for all files.

use std::io;
use std::sync::Arc;
use std::time::Instant;

use bgcopy_protocol::enums::ErrorContext;
use bgcopy_protocol::file_range::RangeSet;
use bgcopy_protocol::{Guid, ResultCode};
use parking_lot::MutexGuard;

use super::commit::local_error;
use super::entry::Entry;
use super::{Locked, Queue, State};
use crate::client::link::EventKind;
use crate::model::error::{ErrorRecord, Result};
use crate::model::file::{NO_ATTEMPT, Stage};
use crate::model::property::notify;
use crate::model::state::JobEvent;
use crate::sys::crash;
use crate::sys::fs::{Directory, File, same};
use crate::transfer::Version;
use crate::transfer::progress::Progress;
use crate::workers::Task;

/// Bytes of a file that are written but may not be on disk.
pub(super) struct Unsynced {
    pub job: Guid,
    pub file: u32,
    pub attempt: u64,
    progress: Arc<Progress>,
    /// The bytes are void once the attempt's epoch is another.
    epoch: u64,
    /// The first so many bytes.
    written: u64,
    /// Which bytes they are, of a file that is fetched in parts.
    filled: Option<RangeSet>,
    pub version: Version,
    /// They are the whole file.
    whole: bool,
}

impl Unsynced {
    /// The first `written` bytes of a task's file.
    pub fn new(task: &Task, epoch: u64, written: u64, version: &Version, whole: bool) -> Unsynced {
        Unsynced {
            job: task.job,
            file: task.file,
            attempt: task.attempt,
            progress: Arc::clone(&task.progress),
            epoch,
            written,
            filled: None,
            version: version.clone(),
            whole,
        }
    }

    /// Says which bytes the `written` ones are.
    pub fn of_parts(self, filled: Option<RangeSet>) -> Unsynced {
        Unsynced { filled, ..self }
    }
}

/// What of a file reaches the disk with these bytes, where somebody wants to know.
fn news(entry: &Entry, item: &Unsynced) -> RangeSet {
    let wants = entry.job.record.notify_flags & notify::FILE_RANGES_TRANSFERRED != 0;
    let own = (item.file as usize) < entry.job.own_files();
    let Some(file) = entry.job.file(item.file).filter(|_| wants && !own) else { return RangeSet::default() };
    let arrived = item.filled.clone().unwrap_or_else(|| RangeSet::prefix(item.written));
    match file.parts.as_deref() {
        // A file that is made of ranges is none that they could be asked of.
        Some(parts) if parts.ranges().is_some() => RangeSet::default(),
        Some(parts) => arrived.without(&parts.durable),
        None => arrived.without(&RangeSet::prefix(file.durable)),
    }
}

impl State {
    /// Lines a file up for the next checkpoint.
    pub(super) fn add_unsynced(&mut self, item: Unsynced, file: Arc<File>, directory: Arc<Directory>) {
        self.group.add(file, &directory);
        let fresh = self
            .entries
            .get(&item.job)
            .and_then(|entry| entry.job.file(item.file))
            .is_some_and(|file| file.durable == 0);
        if fresh && !self.new_names.iter().any(|known| Arc::ptr_eq(known, &directory)) {
            self.new_names.push(directory);
        }
        self.unsynced.push(item);
    }
}

impl Queue {
    /// Lets the flusher sleep no longer than until the next checkpoint.
    pub(super) fn wake_flusher(&self, state: &mut State) {
        if state.has_flusher {
            if state.flusher_rests {
                state.flusher_rests = false;
                self.flush.notify_one();
            }
        } else if !state.closing {
            state.has_flusher = true;
            self.spawn(state, "bgcopy-flush", Queue::run_flusher);
        }
    }

    /// Lets the next checkpoint begin at once.
    pub(super) fn flush_now(&self, state: &mut State) {
        state.flush_now = true;
        self.wake_flusher(state);
        self.flush.notify_one();
    }

    fn run_flusher(self: &Arc<Queue>) {
        let mut state = self.state.lock();
        let mut next = Instant::now() + self.settings.checkpoint;
        while !state.closing {
            if state.flush_now || Instant::now() >= next {
                state.flush_now = false;
                self.spread_stuck(&mut state);
                // A failure faults the queue, which says so to every caller.
                let _ = self.checkpoint(&mut state);
                next = Instant::now() + self.settings.checkpoint;
            } else if state.moving.is_empty() && state.unsynced.is_empty() {
                state.flusher_rests = true;
                self.flush.wait(&mut state);
                state.flusher_rests = false;
                next = Instant::now() + self.settings.checkpoint;
            } else {
                self.flush.wait_until(&mut state, next);
            }
        }
    }

    /// Makes everything received so far durable and records it.
    ///
    /// # Errors
    /// The record could not be written; the queue is faulted.
    pub(super) fn checkpoint(&self, state: &mut Locked<'_>) -> Result<()> {
        while state.flushing {
            self.changed.wait(state);
        }
        self.add_running(state);
        if state.unsynced.is_empty() {
            return self.commit(state);
        }
        state.flushing = true;
        let items = std::mem::take(&mut state.unsynced);
        let group = std::mem::take(&mut state.group);
        let directories = std::mem::take(&mut state.new_names);
        let (files, names) = MutexGuard::unlocked(state, || {
            let files = group.sync();
            let names: io::Result<()> = directories.iter().try_for_each(|directory| directory.sync());
            (files, names)
        });
        crash::point("data-synced");
        state.flushing = false;
        for (item, synced) in items.into_iter().zip(files) {
            let synced = match (&names, synced) {
                (Err(error), Ok(())) => Err(same(error)),
                (_, synced) => synced,
            };
            match synced {
                Ok(()) => self.synced(state, &item),
                Err(error) => self.suspect(state, &item, &error),
            }
        }
        let result = self.commit(state);
        crash::point("checkpoint-recorded");
        self.changed.notify_all();
        result
    }

    /// Adds the present state of running attempts.
    fn add_running(&self, state: &mut State) {
        let mut found = Vec::new();
        let mut noticed = Vec::new();
        for id in &state.moving {
            let Some(entry) = state.entries.get_mut(id) else { continue };
            for slot in &mut entry.slots {
                let Some(file) = entry.job.file(slot.file) else { continue };
                if file.stage != Stage::Running {
                    continue;
                }
                if !entry.job.stores_progress(slot.file) {
                    let written = slot.progress.written();
                    if written > slot.noticed {
                        noticed.push(*id);
                    }
                    slot.noticed = written;
                    continue;
                }
                let Some(snapshot) = slot.progress.snapshot() else { continue };
                if snapshot.written > file.durable {
                    let item = Unsynced {
                        job: *id,
                        file: slot.file,
                        attempt: slot.attempt,
                        progress: Arc::clone(&slot.progress),
                        epoch: snapshot.epoch,
                        written: snapshot.written,
                        filled: snapshot.filled,
                        version: snapshot.version,
                        whole: false,
                    };
                    found.push((item, snapshot.file, snapshot.directory));
                }
            }
        }
        for (item, file, directory) in found {
            state.add_unsynced(item, file, directory);
        }
        for id in noticed {
            if let Some(entry) = state.entries.get_mut(&id) {
                entry.clocks.stalled_since = None;
            }
            self.modified(state, id);
        }
    }

    fn synced(&self, state: &mut State, item: &Unsynced) {
        let Some(entry) = state.entries.get_mut(&item.job) else { return };
        let Some(file) = entry.job.file(item.file) else { return };
        if file.attempt != item.attempt || item.progress.epoch() != item.epoch {
            // Another attempt, or a restart, made these bytes void.
            return;
        }
        let news = news(entry, item);
        if item.whole {
            if file.stage != Stage::Received {
                return;
            }
            entry.job.update(item.file, |file| {
                if let Some(parts) = &mut file.parts {
                    parts.make_durable(item.filled.clone(), item.written);
                }
                file.stage = Stage::Done;
                file.durable = item.written;
                file.version = None;
            });
            state.touch_file(item.job, item.file);
            state.touch_job(item.job);
            state.tell_arrived(item.job, item.file, &news);
            let own = state.entries.get(&item.job).map_or(0, |entry| u32::from(entry.job.is_upload()));
            state.tell(item.job, notify::FILE_TRANSFERRED, EventKind::FileTransferred(item.file - own));
            if own > 0 {
                // The reply is here: the session may end, and with it the reply at the server, once that is durable.
                let decided = state.decided;
                if let Some(entry) = state.entries.get_mut(&item.job) {
                    entry.begins_after = decided;
                }
                self.place(state, item.job);
            }
            let all_done = state.entries.get(&item.job).is_some_and(|entry| entry.job.view().all_done);
            if all_done {
                // A suspended job stays suspended; Resume finds everything done.
                let _ = self.transition(state, item.job, JobEvent::AllTransferred, None);
            }
            self.rest_if_satisfied(state, item.job);
        } else {
            if !matches!(file.stage, Stage::Running | Stage::Waiting) || file.durable >= item.written {
                self.rest_if_satisfied(state, item.job);
                return;
            }
            entry.job.update(item.file, |file| {
                file.durable = item.written;
                file.version = Some(Box::new(item.version.clone()));
                let size = match &mut file.parts {
                    Some(parts) => {
                        parts.make_durable(item.filled.clone(), item.written);
                        item.progress.total()
                    }
                    None => item.version.size,
                };
                if let Some(size) = size {
                    file.size = size;
                }
            });
            entry.clocks.stalled_since = None;
            let headers = item.progress.response_headers();
            if headers.is_some_and(|headers| entry.job.keep_response_headers(item.file, &headers)) {
                state.touch_job(item.job);
            }
            state.touch_file(item.job, item.file);
            state.tell_arrived(item.job, item.file, &news);
            self.modified(state, item.job);
            self.rest_if_satisfied(state, item.job);
        }
    }

    /// The disk refused: what was written since the last checkpoint is fetched again.
    fn suspect(&self, state: &mut State, item: &Unsynced, error: &io::Error) {
        let Some(entry) = state.entries.get_mut(&item.job) else { return };
        let Some(file) = entry.job.file(item.file) else { return };
        if file.attempt != item.attempt {
            return;
        }
        let sent = (item.file as usize) < entry.job.own_files();
        let (name, context) = match sent {
            true => (&file.remote, ErrorContext::RemoteFile),
            false => (&file.local, ErrorContext::LocalFile),
        };
        let text = format!("cannot make {name} durable: {error}; that part is transferred again");
        log::error!("job {}: {text}", item.job);
        entry.job.update(item.file, |file| {
            // Nothing the attempt still reports counts.
            file.attempt = NO_ATTEMPT;
            if file.stage != Stage::Running {
                file.stage = Stage::Waiting;
                file.fall_back();
            }
        });
        let record =
            ErrorRecord { context, ..local_error(ResultCode::from_io(error), Some(item.file), text) };
        let _ = self.transition(state, item.job, JobEvent::TransientFailure, Some(record));
    }
}
