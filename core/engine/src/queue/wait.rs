//! Waiting for a job, by a program without a loop of its own.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use bgcopy_protocol::enums::JobState;
use bgcopy_protocol::{Guid, ResultCode};

use super::Queue;
use crate::model::error::{Error, Result};
use crate::sys::event_fd::EventFd;
use crate::sys::poll::{self, Interest, Wake};

/// What a wait finds.
enum Found {
    Rests(JobState),
    /// Not yet; the descriptor is readable when it is time to look again.
    Moves(JobState, OwnedFd),
}

impl Queue {
    /// Waits until the job rests, for a while or until `cancel` is readable; gives its state and whether it rests.
    pub(super) fn wait(
        &self,
        id: Guid,
        timeout: Option<Duration>,
        cancel: Option<BorrowedFd<'_>>,
    ) -> Result<(JobState, bool)> {
        // A deadline too far to be told is none.
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        loop {
            let (state, wake) = match self.look(id)? {
                Found::Rests(state) => return Ok((state, true)),
                Found::Moves(state, wake) => (state, wake),
            };
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            match poll::wait_or(wake.as_fd(), Interest::Readable, cancel, left) {
                Ok(Wake::Ready) => {}
                Ok(Wake::TimedOut) => return Ok((state, false)),
                Ok(Wake::Cancelled) => {
                    let text = format!("the wait for job {id} was given up; the job goes on");
                    return Err(Error::new(ResultCode::BG_E_REQUEST_CANCELED, text));
                }
                Err(error) => {
                    return Err(Error::new(ResultCode::from_io(&error), format!("cannot wait: {error}")));
                }
            }
        }
    }

    fn look(&self, id: Guid) -> Result<Found> {
        let none_left = |error: std::io::Error| {
            Error::new(ResultCode::from_io(&error), format!("no descriptor: {error}"))
        };
        let mut state = self.enter()?;
        let entry = state.entry(id)?;
        if entry.rests() {
            return Ok(Found::Rests(entry.job.state()));
        }
        let wake = match entry.rest.take() {
            Some(wake) => wake,
            None => EventFd::new().map_err(none_left)?,
        };
        let own = wake.as_fd().try_clone_to_owned().map_err(none_left);
        entry.rest = Some(wake);
        Ok(Found::Moves(entry.job.state(), own?))
    }
}
