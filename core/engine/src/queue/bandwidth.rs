//! What the time of the day allows background jobs.

use super::{Queue, State};
use crate::limit::window::{Limit, WeekTime};

const SECOND: u64 = 1_000_000_000;
/// A packet or so: less at once only costs system calls.
const SMALLEST_BURST: u64 = 2048;

impl Queue {
    /// Applies what holds now, and registers when that changes.
    pub(super) fn apply_bandwidth(&self, state: &mut State) {
        let now = self.now();
        let bandwidth = state.rules.bandwidth;
        let (wall, elapsed) = self.opened;
        let utc = wall.saturating_add_unsigned(now.saturating_sub(elapsed));
        let second = utc.div_euclid(SECOND as i64);
        let offset = self.clock.local_offset(second);
        let time = WeekTime::of(second + offset);
        let due = bandwidth.until_change(time).map(|seconds| {
            let next = self.same_offset_until(second, second + i64::from(seconds));
            let begun = utc.rem_euclid(SECOND as i64).unsigned_abs();
            now.saturating_add((next - second).unsigned_abs().saturating_mul(SECOND) - begun)
        });
        self.retime_bandwidth(state, due);
        let levels = bandwidth.at(time);
        if levels != state.levels {
            log::info!("bandwidth of background jobs from now on: {levels:?}");
            state.levels = levels;
            self.apply_all_blocks(state);
            state.reschedule = true;
        }
    }

    /// The end of a stretch of seconds, or, where the clocks are changed to or from summer time within it, the first
    /// second after that: what was reckoned holds no longer.
    fn same_offset_until(&self, from: i64, to: i64) -> i64 {
        let offset = self.clock.local_offset(from);
        let (mut same, mut other) = (from, to);
        if self.clock.local_offset(to) == offset {
            return to;
        }
        while other - same > 1 {
            let middle = same + (other - same) / 2;
            if self.clock.local_offset(middle) == offset {
                same = middle;
            } else {
                other = middle;
            }
        }
        other
    }

    /// Gives the job that has its turn in the background its rate.
    pub(super) fn set_rate(&self, state: &mut State) {
        let priority = state.lanes.active().and_then(|id| Some(state.entries.get(&id)?.job.record.priority));
        let level = priority.map_or(Limit::Unlimited, |priority| state.levels.of(priority));
        let limits = [level.bytes_per_second(), self.settings.background_bytes_per_second];
        let rate = limits.into_iter().flatten().min();
        if rate != state.rate {
            state.rate = rate;
            self.allowance.lock().set(rate, burst(rate), self.now());
        }
    }
}

/// A tenth of a second at once: smooth for others, cheap for us.
fn burst(rate: Option<u64>) -> u64 {
    rate.map_or(u64::MAX, |rate| (rate / 10).max(SMALLEST_BURST))
}
