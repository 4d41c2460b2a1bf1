//! Rate limiting as arithmetic over (tokens, now): no clock, no waiting, no threads.

pub mod window;

use std::time::Duration;

/// Nanoseconds in a second.
const SECOND: u128 = 1_000_000_000;

/// What a [`Bucket`] allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Bytes that may pass now.
    pub bytes: usize,
    /// How long to wait before asking again, where `bytes` is 0 and something was asked for;
    /// [`Duration::MAX`] when no time is long enough.
    pub wait: Duration,
}

/// A token bucket: a steady rate, with bursts up to a limit.
///
/// Times are nanoseconds of one clock that does not go back; a time before the last one counts as
/// the last one. Arithmetic is exact: over any time, what passed is at most `burst + rate × time`.
#[derive(Clone, Debug)]
pub struct Bucket {
    /// Bytes per second; none for no limit.
    rate: Option<u64>,
    /// Bytes that may pass at once after a pause.
    burst: u64,
    /// Bytes times nanoseconds, so that no fraction is lost between calls.
    tokens: u128,
    /// The time up to which tokens were added.
    updated: u64,
}

impl Bucket {
    /// A bucket of `rate` bytes per second, full at `now`. A rate of 0 lets nothing pass; a burst
    /// below 1 counts as 1.
    #[must_use]
    pub fn new(rate: u64, burst: u64, now: u64) -> Bucket {
        let burst = burst.max(1);
        let tokens = if rate == 0 { 0 } else { u128::from(burst) * SECOND };
        Bucket { rate: Some(rate), burst, tokens, updated: now }
    }

    /// A bucket that lets everything pass.
    #[must_use]
    pub fn unlimited() -> Bucket {
        Bucket { rate: None, burst: u64::MAX, tokens: 0, updated: 0 }
    }

    /// Whether there is a limit.
    #[must_use]
    pub fn is_limited(&self) -> bool {
        self.rate.is_some()
    }

    /// Changes rate and burst from `now` on; `None` lifts the limit. What was saved up remains, as far
    /// as the new burst allows.
    pub fn set(&mut self, rate: Option<u64>, burst: u64, now: u64) {
        self.refill(now);
        self.burst = burst.max(1);
        self.tokens = match rate {
            Some(0) => 0,
            _ => self.tokens.min(u128::from(self.burst) * SECOND),
        };
        self.rate = rate;
    }

    /// Asks to let `want` bytes pass at `now`.
    ///
    /// Grants `want`, or the whole burst where that is less, or nothing and how long it takes until
    /// as much is there: a few large reads instead of many small ones.
    pub fn take(&mut self, now: u64, want: usize) -> Grant {
        self.refill(now);
        let Some(rate) = self.rate else { return Grant { bytes: want, wait: Duration::ZERO } };
        let bytes = want.min(usize::try_from(self.burst).unwrap_or(usize::MAX));
        let cost = bytes as u128 * SECOND;
        if cost <= self.tokens {
            self.tokens -= cost;
            return Grant { bytes, wait: Duration::ZERO };
        }
        let wait = match rate {
            0 => Duration::MAX,
            // Rounded up: after the wait the tokens are there.
            _ => (cost - self.tokens)
                .div_ceil(u128::from(rate))
                .try_into()
                .map_or(Duration::MAX, Duration::from_nanos),
        };
        Grant { bytes: 0, wait }
    }

    /// Gives back bytes that were granted and did not pass.
    pub fn give_back(&mut self, bytes: usize) {
        if self.rate.is_some_and(|rate| rate > 0) {
            let full = u128::from(self.burst) * SECOND;
            self.tokens = self.tokens.saturating_add(bytes as u128 * SECOND).min(full);
        }
    }

    fn refill(&mut self, now: u64) {
        let passed = now.saturating_sub(self.updated);
        self.updated = self.updated.max(now);
        if let Some(rate) = self.rate {
            let full = u128::from(self.burst) * SECOND;
            self.tokens = self.tokens.saturating_add(u128::from(passed) * u128::from(rate)).min(full);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    fn granted(bytes: usize) -> Grant {
        Grant { bytes, wait: Duration::ZERO }
    }

    fn wait(ns: u64) -> Grant {
        Grant { bytes: 0, wait: Duration::from_nanos(ns) }
    }

    #[test]
    fn a_full_bucket_gives_its_burst_and_then_exactly_its_rate() {
        let mut bucket = Bucket::new(1_000, 100, 0);
        assert_eq!(bucket.take(0, 60), granted(60));
        assert_eq!(bucket.take(0, 60), wait(20 * MS), "20 of 60 bytes are missing at 1 byte per ms");
        assert_eq!(bucket.take(20 * MS - 1, 60), wait(1));
        assert_eq!(bucket.take(20 * MS, 60), granted(60));
        assert_eq!(bucket.take(20 * MS, 1), wait(MS));
    }

    #[test]
    fn more_than_the_burst_is_granted_in_bursts() {
        let mut bucket = Bucket::new(1_000, 100, 0);
        assert_eq!(bucket.take(0, 1_000_000), granted(100));
        assert_eq!(bucket.take(0, 1_000_000), wait(100 * MS));
    }

    #[test]
    fn a_pause_saves_up_no_more_than_the_burst() {
        let mut bucket = Bucket::new(1_000, 100, 0);
        bucket.take(0, 100);
        assert_eq!(bucket.take(u64::MAX, 1_000), granted(100));
        assert_eq!(bucket.take(u64::MAX, 1).bytes, 0);
    }

    #[test]
    fn no_fraction_is_lost_however_often_it_is_asked() {
        // 3 bytes per second and a question every 7 ns: each adds less than a token's thousandth.
        let mut bucket = Bucket::new(3, 1, 0);
        bucket.take(0, 1);
        let third = 333_333_334;
        assert_eq!((7..third).step_by(7).take(10_000).map(|now| bucket.take(now, 1).bytes).sum::<usize>(), 0);
        assert_eq!(bucket.take(third - 1, 1), wait(1));
        assert_eq!(bucket.take(third, 1), granted(1));
    }

    #[test]
    fn waiting_as_told_reaches_the_rate_and_never_more() {
        let (rate, burst) = (12_345, 777);
        let mut bucket = Bucket::new(rate, burst, 0);
        let (mut now, mut passed) = (0, 0u64);
        while now < 60 * 1_000 * MS {
            let grant = bucket.take(now, 1_000);
            passed += grant.bytes as u64;
            now += u64::try_from(grant.wait.as_nanos()).unwrap();
            assert!(
                u128::from(passed) * SECOND
                    <= u128::from(burst) * SECOND + u128::from(rate) * u128::from(now)
            );
        }
        assert!(passed + burst >= rate * 60, "{passed}");
    }

    #[test]
    fn a_rate_of_zero_waits_for_ever_and_no_limit_never() {
        let mut bucket = Bucket::new(0, 100, 0);
        assert_eq!(bucket.take(u64::MAX, 1), Grant { bytes: 0, wait: Duration::MAX });
        bucket.set(None, 0, u64::MAX);
        assert_eq!(bucket.take(u64::MAX, usize::MAX), granted(usize::MAX));
        assert_eq!(Bucket::unlimited().take(0, 5), granted(5));
    }

    #[test]
    fn a_changed_rate_counts_from_the_change_on() {
        let mut bucket = Bucket::new(1_000, 100, 0);
        bucket.take(0, 100);
        bucket.set(Some(10_000), 100, 50 * MS);
        assert_eq!(bucket.take(50 * MS, 100), wait(5 * MS), "50 bytes were saved at the old rate");
        bucket.set(Some(10_000), 10, 55 * MS);
        assert_eq!(bucket.take(55 * MS, 100), granted(10), "a smaller burst cuts what was saved");
    }

    #[test]
    fn bytes_given_back_can_be_taken_again() {
        let mut bucket = Bucket::new(1_000, 100, 0);
        bucket.take(0, 100);
        bucket.give_back(40);
        assert_eq!(bucket.take(0, 40), granted(40));
        bucket.give_back(usize::MAX);
        assert_eq!(bucket.take(0, 1_000), granted(100), "never more than the burst");
    }

    #[test]
    fn a_clock_that_goes_back_gives_nothing_twice() {
        let mut bucket = Bucket::new(1_000, 100, 100 * MS);
        bucket.take(100 * MS, 100);
        assert_eq!(bucket.take(50 * MS, 10), wait(10 * MS));
        assert_eq!(bucket.take(110 * MS, 10), granted(10));
    }
}
