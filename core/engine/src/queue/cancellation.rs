//! Sessions that nobody wants any more: their servers are told, again and again until they have heard it.
//!
//! A job that is cancelled leaves the queue at once. What is known of the session of its upload stays, on record until
//! the server has answered or the time for it is over.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::Duration;

use bgcopy_protocol::{Guid, RetryClass};

use super::{Queue, State, certificate_check};
use crate::model::cancellation::{Cancellation, PATIENCE};
use crate::sys::cancel::CancelToken;
use crate::sys::crash;
use crate::transfer::upload::Upload;
use crate::transfer::{Observer, TransferError};
use crate::workers::Work;

const SECOND: u64 = 1_000_000_000;
/// So many servers are told at once: one that cannot be reached does not hold up the others.
const MOST_AT_ONCE: usize = 4;

/// Everything that is to be cancelled.
#[derive(Default)]
pub(super) struct Cancellations {
    /// With the end of all attempts in elapsed time.
    all: BTreeMap<u64, (Cancellation, u64)>,
    /// Wait for their turn.
    due: VecDeque<u64>,
    running: HashMap<u64, CancelToken>,
}

impl Cancellations {
    pub fn get(&self, number: u64) -> Option<&Cancellation> {
        self.all.get(&number).map(|(cancellation, _)| cancellation)
    }

    /// Ends what is under way; it stays on record.
    pub fn stop(&self) {
        self.running.values().for_each(CancelToken::cancel);
    }
}

/// What a cancellation is called among the timers: nothing that is the identifier of a job.
pub(super) fn timer_of(number: u64) -> Guid {
    Guid { data1: 2, data2: 0, data3: 0, data4: number.to_be_bytes() }
}

/// The cancellation that a timer is of.
pub(super) fn of_timer(timer: Guid) -> Option<u64> {
    let number = u64::from_be_bytes(timer.data4);
    (timer_of(number) == timer).then_some(number)
}

impl Queue {
    /// The session of a job's upload is cancelled once that is durable, where there is one.
    pub(super) fn give_up_session(&self, state: &mut State, id: Guid) {
        let Some(entry) = state.entries.get(&id) else { return };
        let Some(mut cancellation) = Cancellation::of(&entry.job, self.wall()) else { return };
        if let Ok(real) = state.rules.shares.resolve(&cancellation.remote) {
            cancellation.remote = real.into();
        }
        let number = state.cancellations.all.last_key_value().map_or(0, |(last, _)| last + 1);
        self.add_cancellation(state, number, cancellation);
        state.touch_cancellation(number);
    }

    /// Takes in a session that is to be cancelled, also one that an earlier process left.
    pub(super) fn add_cancellation(&self, state: &mut State, number: u64, cancellation: Cancellation) {
        let (now, wall) = (self.now(), self.wall());
        // A calendar that was moved must not make the wait longer than it may be.
        let elapsed = |at: i64, most: u32| {
            let left = u64::try_from(at.saturating_sub(wall)).unwrap_or_default();
            now.saturating_add(left.min(u64::from(most) * SECOND))
        };
        let at = elapsed(cancellation.retry_at, cancellation.retry_delay);
        let until = elapsed(cancellation.until, PATIENCE);
        state.timers.insert((at, timer_of(number)));
        state.cancellations.all.insert(number, (cancellation, until));
    }

    /// The time of a cancellation has come.
    pub(super) fn cancellation_due(&self, state: &mut State, number: u64) {
        state.cancellations.due.push_back(number);
        self.start_cancellations(state);
    }

    fn start_cancellations(&self, state: &mut State) {
        let stopped = state.closing || state.fault.is_some() || self.settings.workers == 0;
        while !stopped && state.cancellations.running.len() < MOST_AT_ONCE {
            let Some(number) = state.cancellations.due.pop_front() else { return };
            let started = CancelToken::new().and_then(|cancel| {
                state.cancellations.running.insert(number, cancel);
                self.pool().submit(Work::Cancellation(number))
            });
            if let Err(error) = started {
                state.cancellations.running.remove(&number);
                log::warn!("no thread to cancel the session of an upload: {error}");
                self.retry_cancellation(state, number, Duration::ZERO);
            }
        }
    }

    /// Tells a server, on a thread of the pool.
    pub(crate) fn work_cancellation(&self, number: u64) {
        let (mut cancellation, cancel) = {
            let state = self.state.lock();
            let Some(cancel) = state.cancellations.running.get(&number) else { return };
            let Some(cancellation) = state.cancellations.get(number) else { return };
            (cancellation.clone(), cancel.clone())
        };
        let told = self.cancel_session(&mut cancellation, &cancel);
        crash::point("session-cancelled");
        let mut state = self.state.lock();
        state.cancellations.running.remove(&number);
        match told {
            Ok(()) => {
                state.cancellations.all.remove(&number);
                state.touch_cancellation(number);
            }
            // The queue is being closed.
            Err(error) if error.cancelled => {}
            Err(error) if is_final(&error) => {
                log::warn!("the session of a cancelled upload is left to the server: {}", error.text);
                state.cancellations.all.remove(&number);
                state.touch_cancellation(number);
            }
            Err(error) => {
                log::info!("the session of a cancelled upload is cancelled later: {}", error.text);
                if let Some((kept, _)) = state.cancellations.all.get_mut(&number) {
                    kept.session = cancellation.session;
                }
                self.retry_cancellation(&mut state, number, error.retry_after.unwrap_or_default());
            }
        }
        self.start_cancellations(&mut state);
        // A fault is on record already.
        let _ = self.commit(&mut state);
    }

    fn cancel_session(
        &self,
        cancellation: &mut Cancellation,
        cancel: &CancelToken,
    ) -> Result<(), TransferError> {
        let headers = self.headers_of(cancellation.job, cancellation.headers.as_deref())?;
        let access = self.access_of(cancellation.job, cancellation.access.as_deref())?;
        let upload = Upload {
            url: &cancellation.remote,
            name: "",
            source: None,
            keep_open: false,
            security: cancellation.security,
            headers: &headers,
            access: access.as_ref(),
        };
        self.http.cancel_upload(&upload, &mut cancellation.session, &Unattended, cancel, self.wall())
    }

    /// Tries again after the retry delay of the job and what the server asked for, unless that is too late.
    fn retry_cancellation(&self, state: &mut State, number: u64, patience: Duration) {
        let (now, wall) = (self.now(), self.wall());
        let Some((cancellation, until)) = state.cancellations.all.get_mut(&number) else { return };
        let patience = u64::try_from(patience.as_nanos()).unwrap_or(u64::MAX);
        let wait = patience.max(u64::from(cancellation.retry_delay) * SECOND);
        let at = now.saturating_add(wait);
        if at > *until {
            log::warn!("{}: the session of a cancelled upload is left to the server", cancellation.remote);
            state.cancellations.all.remove(&number);
        } else {
            cancellation.retry_at = wall.saturating_add_unsigned(wait);
            state.timers.insert((at, timer_of(number)));
        }
        state.touch_cancellation(number);
    }
}

/// Whether another attempt would end in the same way: whoever answers with less than 500 has heard it.
fn is_final(error: &TransferError) -> bool {
    match error.http_status {
        Some(status) => status < 500,
        None => error.class == RetryClass::Fatal,
    }
}

/// The job is gone, and with it the program that looks at certificates.
struct Unattended;

impl Observer for Unattended {
    fn accepts(&self, place: &str, _chain: &[&[u8]]) -> Result<(), TransferError> {
        Err(certificate_check::unattended(place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timers_of_cancellations_are_no_identifiers_of_jobs() {
        for number in [0, 1, u64::MAX] {
            assert_eq!(of_timer(timer_of(number)), Some(number));
        }
        assert_eq!(of_timer(Guid::from_random([2; 16])), None);
        assert_eq!(of_timer(Guid::default()), None);
    }
}
