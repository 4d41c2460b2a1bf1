//! Making decisions durable: one batch for all that was decided since the last one (group commit).

use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::ErrorContext;
use parking_lot::MutexGuard;

use super::{Locked, Queue, State, persist};
use crate::model::error::{Error, Result};
use crate::store::StoreError;
use crate::sys::crash;

impl Queue {
    /// Makes everything decided so far durable, then acts on it: attempts start, events are told.
    ///
    /// One thread writes for all that wait. A failed write faults the queue: memory and disk may
    /// disagree from then on, so every call says so until the queue is opened again.
    pub(super) fn commit(&self, state: &mut Locked<'_>) -> Result<()> {
        loop {
            self.write(state)?;
            let decided = state.decided;
            self.act(state);
            // Acting on one decision may lead to others. Those of other threads are theirs to wait for.
            if state.decided == decided {
                return Ok(());
            }
        }
    }

    fn write(&self, state: &mut Locked<'_>) -> Result<()> {
        let mine = state.decided;
        while state.durable < mine {
            if let Some(fault) = &state.fault {
                return Err(fault.clone());
            }
            if state.committing {
                self.changed.wait(state);
                continue;
            }
            state.committing = true;
            let upto = state.decided;
            let batch = persist::batch(state);
            let result = MutexGuard::unlocked(state, || match &*self.store.read() {
                Some(store) => {
                    crash::point("before-commit");
                    let applied = store.apply(batch);
                    crash::point("after-commit");
                    applied
                }
                None => Err(StoreError::Io(std::io::Error::other("the queue is closed"))),
            });
            state.committing = false;
            match result {
                Ok(()) => state.durable = upto,
                Err(error) => self.fault(state, &error),
            }
            self.changed.notify_all();
        }
        Ok(())
    }

    /// What follows from durable decisions.
    pub(super) fn act(&self, state: &mut Locked<'_>) {
        if std::mem::take(&mut state.reschedule) {
            self.schedule(state);
        }
        self.wake_dispatchers(state);
        self.wake_timer(state);
    }

    fn fault(&self, state: &mut State, error: &StoreError) {
        let text = format!(
            "the queue in {} stopped because its store could not be written: {error}; \
             make room or repair the disk, then open the queue again",
            self.settings.directory.display()
        );
        log::error!("{text}");
        state.fault = Some(Error::new(ResultCode::BG_E_WIN32_WRITE_FAULT, text));
        for entry in state.entries.all() {
            entry.stop();
            entry.wake();
        }
        if let Some(feed) = &mut state.feed {
            feed.wake();
        }
    }
}

/// The failure of a local file call as the error record of a job.
pub(super) fn local_error(code: ResultCode, file: Option<u32>, text: String) -> crate::client::ErrorRecord {
    crate::client::ErrorRecord {
        code,
        context: ErrorContext::LocalFile,
        file,
        protocol: None,
        http_status: None,
        text: text.into(),
    }
}
