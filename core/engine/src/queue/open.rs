//! Opening a queue, with recovery of what the former process left, and closing it.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;

use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::JobState;
use parking_lot::{Condvar, Mutex, RwLock};

use super::entry::Entry;
use super::persist::Stored;
use super::{PAST, Queue, State, persist};
use crate::limit::Bucket;
use crate::model::error::{Error, Result};
use crate::model::job::{Ending, Job};
use crate::model::state::JobEvent;
use crate::policy::Sources;
use crate::settings::Settings;
use crate::store::redb::RedbStore;
use crate::store::{Store, StoreError};
use crate::sys::cancel::CancelToken;
use crate::sys::clock::{Clock, SystemClock};
use crate::sys::crash;
use crate::sys::fs::{Directories, Faults};
use crate::sys::random::{Random, SystemRandom};
use crate::sys::seal::Sealer;
use crate::transfer::http::{HttpClient, HttpSettings};
use crate::workers::Pool;

/// What a queue stands on; tests replace parts of it.
pub struct World {
    /// Where jobs are kept.
    pub store: Box<dyn Store>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness for job identifiers.
    pub random: Arc<dyn Random>,
    /// The file system.
    pub directories: Directories,
}

impl World {
    /// The real world: the store in the queue's directory, the system's clock and files.
    ///
    /// # Errors
    /// As [`crate::client::Manager::open`].
    pub fn real(settings: &Settings) -> Result<World> {
        Ok(World {
            store: open_store(settings)?,
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
            directories: Directories::new(Faults::none()),
        })
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        if std::process::id() != self.pid {
            // A forked child must not write to the files of its parent, not even a clean end.
            std::mem::forget(self.store.get_mut().take());
        }
    }
}

/// Opens the store of a directory, which is made when it is missing.
fn open_store(settings: &Settings) -> Result<Box<dyn Store>> {
    let (store, _) = RedbStore::open(&settings.directory).map_err(|error| store_error(settings, &error))?;
    Ok(Box::new(store))
}

fn store_error(settings: &Settings, error: &StoreError) -> Error {
    let code = match error {
        StoreError::InUse(_) => ResultCode::BG_E_WIN32_SHARING_VIOLATION,
        StoreError::Corrupt(_) | StoreError::TooNew(_) => ResultCode::BG_E_DATABASE_CORRUPT,
        StoreError::Io(error) => ResultCode::from_io(error),
    };
    Error::new(code, format!("cannot open the queue in {}: {error}", settings.directory.display()))
}

impl Queue {
    /// Opens a queue over a store: jobs that were under way go on.
    pub(crate) fn open(settings: Settings, mut world: World) -> Result<Arc<Queue>> {
        let stored = match persist::load(&*world.store) {
            Err(StoreError::Corrupt(why)) => world.store.set_aside(&why).map(|()| Stored::default()),
            loaded => loaded,
        };
        let stored = stored.map_err(|error| store_error(&settings, &error))?;
        let http = HttpClient::new(&HttpSettings {
            connect_timeout: settings.connect_timeout,
            idle_timeout: settings.response_timeout,
            certificates: settings.certificates.clone(),
            ..HttpSettings::default()
        });
        let credentials = std::env::var_os("CREDENTIALS_DIRECTORY");
        let sealer = Sealer::new(&settings.directory, credentials.as_deref().map(Path::new));
        let owner = crate::sys::user::effective();
        let own_directory =
            std::fs::metadata(&settings.directory).map_or(true, |directory| directory.uid() == owner);
        let sources = Sources::new(&settings);
        let opened = (world.clock.wall(), world.clock.monotonic().saturating_add(PAST));
        let watching = CancelToken::new().ok();
        let queue = Arc::new_cyclic(|me: &std::sync::Weak<Queue>| Queue {
            settings,
            clock: world.clock,
            random: world.random,
            directories: world.directories,
            store: RwLock::new(Some(world.store)),
            http,
            sealer,
            pool: Pool::new(me.clone()),
            allowance: Mutex::new(Bucket::unlimited()),
            pid: std::process::id(),
            owner,
            own_directory,
            sources,
            watching,
            opened,
            state: Mutex::new(State::default()),
            changed: Condvar::new(),
            timer: Condvar::new(),
            flush: Condvar::new(),
            dispatch: Condvar::new(),
            me: me.clone(),
        });
        let me = Arc::downgrade(&queue);
        queue.clock.on_move(Arc::new(move || {
            if let Some(queue) = me.upgrade() {
                let _state = queue.state.lock();
                queue.timer.notify_all();
            }
        }));
        let mut state = queue.state.lock();
        queue.begin_policies(&mut state);
        for (number, cancellation) in stored.cancellations {
            queue.add_cancellation(&mut state, number, cancellation);
        }
        for job in stored.jobs {
            queue.recover(&mut state, job);
        }
        state.reschedule = true;
        crash::point("queue-recovered");
        let started = queue.commit(&mut state);
        drop(state);
        if let Err(error) = started {
            queue.shut_down()?;
            return Err(error);
        }
        Ok(queue)
    }

    fn recover(&self, state: &mut State, mut job: Job) {
        let (now, wall) = (self.now(), self.wall());
        let id = job.id;
        if let Some(ending) = job.record.ending {
            let done = self.finish_ending(&mut job, ending, &state.rules.shares);
            crash::point("ending-recovered");
            let files = u32::try_from(job.files().len()).unwrap_or(u32::MAX);
            state.add_entry(Entry::new(job, now));
            if done {
                if ending == Ending::Discard {
                    self.give_up_session(state, id);
                }
                self.forget(state, id);
                return;
            }
            let _ = self.transition(state, id, JobEvent::PublishFailed, None);
            for file in 0..files {
                state.touch_file(id, file);
            }
        } else {
            state.add_entry(Entry::new(job, now));
        }
        let Some(entry) = state.entries.get_mut(&id) else { return };
        // Elapsed time while no process was there is what the calendar says.
        let monotonic = |at: i64| {
            let ago = wall.saturating_sub(at);
            now.saturating_add_signed(ago.saturating_neg())
        };
        entry.clocks.retry_at = entry.job.record.retry_at.map(monotonic);
        entry.clocks.stalled_since = entry.job.record.stalled_since.map(monotonic);
        entry.clocks.touched = monotonic(entry.job.record.touched);
        if entry.token_is_missing() {
            // Refused where a token is of no use any more: transferred, or in error already.
            let _ = self.transition(state, id, JobEvent::TokenLost, None);
        }
        let Some(entry) = state.entries.get_mut(&id) else { return };
        match entry.job.state() {
            JobState::Transferred => entry.notices.transferred(),
            JobState::Error => entry.notices.error(),
            _ => {}
        }
        if entry.job.state() == JobState::TransientError && entry.clocks.retry_at.is_none() {
            // What blocked the job may be over.
            let _ = self.transition(state, id, JobEvent::Unblocked, None);
        }
        self.place(state, id);
        // No listener is there to be told, but perhaps a program to be run.
        state.announce(id);
        let ready = state
            .entries
            .get(&id)
            .is_some_and(|entry| entry.job.state() == JobState::Queued && entry.job.view().all_done);
        if ready {
            let _ = self.transition(state, id, JobEvent::AllTransferred, None);
        }
    }

    /// Stops everything, makes progress durable and gives the store free. Idempotent.
    pub(super) fn shut_down(&self) -> Result<()> {
        if std::process::id() != self.pid {
            return Ok(());
        }
        self.not_in_check()?;
        let mut state = self.state.lock();
        let me = std::thread::current().id();
        let in_callback = state.entries.all().any(|entry| entry.telling == Some(me));
        while state.closing && !in_callback && self.store.read().is_some() {
            // Another thread is closing. It waits for callbacks to end, so they must not wait for it.
            self.changed.wait(&mut state);
        }
        if state.closing {
            return Ok(());
        }
        state.closing = true;
        for entry in state.entries.all() {
            entry.stop();
            entry.wake();
        }
        state.cancellations.stop();
        while state.running > 0 || state.ending > 0 {
            self.changed.wait(&mut state);
        }
        let result = if state.fault.is_none() { self.checkpoint(&mut state) } else { Ok(()) };
        while state.committing {
            self.changed.wait(&mut state);
        }
        if let Some(watching) = &self.watching {
            watching.cancel();
        }
        let threads = std::mem::take(&mut state.threads);
        let listeners: Vec<_> =
            state.entries.all().map(|entry| (entry.listener.take(), entry.check.take())).collect();
        self.timer.notify_all();
        self.flush.notify_all();
        self.dispatch.notify_all();
        drop(state);
        // The program's code: not under the lock.
        drop(listeners);
        self.pool.close();
        for thread in threads {
            // A callback may close the queue: its own thread ends right after.
            if thread.thread().id() != me && thread.join().is_err() {
                log::error!("a thread of the queue panicked");
            }
        }
        *self.store.write() = None;
        let _state = self.state.lock();
        self.changed.notify_all();
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Batch, Op, Table};

    #[test]
    fn a_directory_that_cannot_be_made_is_told_with_its_code() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("file"), "").unwrap();
        let settings = Settings { directory: dir.path().join("file/queue"), ..Settings::default() };
        let error = World::real(&settings).map(drop).unwrap_err();
        assert_eq!(error.code, ResultCode::BG_E_WIN32_PATH_NOT_FOUND);
        assert!(error.detail.contains("file/queue"), "{error}");
    }

    /// The pages of the store are sound, but what they hold is no job.
    #[test]
    fn records_that_make_no_sense_are_kept_aside_and_the_queue_starts_empty() {
        let dir = tempfile::tempdir().unwrap();
        let settings = Settings { directory: dir.path().join("queue"), ..Settings::default() };
        let nonsense = Op::Put(Table::Jobs, vec![7; 16], vec![0xff; 3]);
        open_store(&settings).unwrap().apply(Batch { ops: vec![nonsense] }).unwrap();

        for kept_aside in [1, 1] {
            let world = World::real(&settings).unwrap();
            let queue = Queue::open(settings.clone(), world).unwrap();
            assert!(queue.state.lock().entries.all().next().is_none());
            queue.shut_down().unwrap();
            let names =
                std::fs::read_dir(&settings.directory).unwrap().map(|entry| entry.unwrap().file_name());
            let aside = names.filter(|name| name.to_string_lossy().contains("corrupt")).count();
            assert_eq!(aside, kept_aside);
        }
    }
}
