//! The timer thread: sleeps until the next thing that is due, for ever when nothing is.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bgcopy_protocol::Guid;
use parking_lot::MutexGuard;

use super::entry::Due;
use super::{Queue, State, cancellation};
use crate::model::state::JobEvent;

/// The slice of the background has no job of its own among the timers.
const SLICE: Guid = Guid { data1: 0, data2: 0, data3: 0, data4: [0; 8] };
/// Neither has the next change of what holds by the time of the day.
const BANDWIDTH: Guid = Guid { data1: 1, ..SLICE };

impl Queue {
    /// Registers the next due time of a job.
    pub(super) fn retime(&self, state: &mut State, id: Guid) {
        let now = self.now();
        let Some(entry) = state.entries.get_mut(&id) else { return };
        let due = entry.next_due(now, &state.rules).map(|(at, _)| at);
        let before = std::mem::replace(&mut entry.timer, due);
        if before != due {
            if let Some(at) = before {
                state.timers.remove(&(at, id));
            }
            if let Some(at) = due {
                state.timers.insert((at, id));
            }
        }
    }

    /// Registers the end of the present slice.
    pub(super) fn retime_slice(&self, state: &mut State) {
        let due = state.lanes.slice_end();
        let before = std::mem::replace(&mut state.slice_timer, due);
        if before != due {
            if let Some(at) = before {
                state.timers.remove(&(at, SLICE));
            }
            if let Some(at) = due {
                state.timers.insert((at, SLICE));
            }
        }
    }

    /// Registers the next change of what holds by the time of the day.
    pub(super) fn retime_bandwidth(&self, state: &mut State, due: Option<u64>) {
        let before = std::mem::replace(&mut state.bandwidth_timer, due);
        if let Some(at) = before {
            state.timers.remove(&(at, BANDWIDTH));
        }
        if let Some(at) = due {
            state.timers.insert((at, BANDWIDTH));
        }
    }

    /// Lets the timer thread look again when the first due time has changed.
    pub(super) fn wake_timer(&self, state: &mut State) {
        let first = state.timers.first().map(|(at, _)| *at);
        if first == state.timer_sleeps_until {
            return;
        }
        state.timer_sleeps_until = first;
        if state.has_timer {
            self.timer.notify_one();
        } else if first.is_some() && !state.closing {
            state.has_timer = true;
            self.spawn(state, "bgcopy-timer", Queue::run_timer);
        }
    }

    fn run_timer(self: &Arc<Queue>) {
        let mut state = self.state.lock();
        while !state.closing {
            let now = self.now();
            match state.timers.first().copied() {
                Some((at, id)) if at <= now => {
                    state.timers.pop_first();
                    if id == SLICE {
                        state.slice_timer = None;
                        state.reschedule = true;
                    } else if id == BANDWIDTH {
                        self.apply_bandwidth(&mut state);
                    } else if let Some(number) = cancellation::of_timer(id) {
                        self.cancellation_due(&mut state, number);
                    } else {
                        if let Some(entry) = state.entries.get_mut(&id) {
                            entry.timer = None;
                        }
                        self.due(&mut state, id, now);
                        self.retime(&mut state, id);
                    }
                    while let Some(id) = state.expired.pop() {
                        // A job that ended in the meantime needs nothing.
                        let _ = MutexGuard::unlocked(&mut state, || self.cancel(id));
                    }
                    if self.commit(&mut state).is_err() {
                        // Faulted: nothing runs any more that a timer could end.
                        state.timers.clear();
                    }
                }
                first => {
                    state.timer_sleeps_until = first.map(|(at, _)| at);
                    match first {
                        Some((at, _)) => {
                            let wait = Duration::from_nanos(at - now);
                            self.timer.wait_until(&mut state, Instant::now() + wait);
                        }
                        None => self.timer.wait(&mut state),
                    }
                }
            }
        }
    }

    /// Does what is due for a job.
    fn due(&self, state: &mut State, id: Guid, now: u64) {
        let due = state.entries.get(&id).and_then(|entry| entry.next_due(now, &state.rules));
        let Some((at, due)) = due else { return };
        if at > now {
            return;
        }
        let event = match due {
            Due::Retry => JobEvent::RetryDelayElapsed,
            Due::NoProgress => JobEvent::NoProgressElapsed,
            Due::DownloadTime => JobEvent::DownloadTimeElapsed,
            Due::Inactivity => {
                log::info!("job {id} is cancelled: nobody touched it for the inactivity timeout");
                state.expired.push(id);
                return;
            }
            Due::Notice => {
                if let Some(entry) = state.entries.get_mut(&id) {
                    entry.clocks.notice_at = None;
                }
                state.announce(id);
                return;
            }
        };
        let _ = self.transition(state, id, event, None);
    }
}
