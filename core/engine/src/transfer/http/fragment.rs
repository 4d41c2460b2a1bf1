//! How large the Fragments of an upload are: pure, times are arguments.

use std::time::Duration;

use bgcopy_protocol::upload::{MAX_FRAGMENT, MIN_FRAGMENT};

/// The first one.
const FIRST: u64 = 128 * 1024;
/// What took less may be twice as large, what took more is to be half as large: far from the patience of servers.
const QUICK: Duration = Duration::from_secs(2);
const SLOW: Duration = Duration::from_secs(20);

/// The sizes of the Fragments of one attempt.
#[derive(Debug)]
pub(super) struct Sizes {
    next: u64,
    ceiling: u64,
    /// Nobody knows where the server is: a small Fragment asks, so that a wrong guess is cheap.
    probe: bool,
}

impl Sizes {
    /// `ceiling` is what the server refused no Fragment below.
    pub(super) fn new(ceiling: Option<u64>, probe: bool) -> Sizes {
        let ceiling = ceiling.unwrap_or(MAX_FRAGMENT).clamp(MIN_FRAGMENT, MAX_FRAGMENT);
        Sizes { next: FIRST.min(ceiling), ceiling, probe }
    }

    /// How many of the `left` bytes are sent next.
    pub(super) fn next(&self, left: u64) -> u64 {
        left.min(if self.probe { MIN_FRAGMENT } else { self.next })
    }

    /// A Fragment of `length` bytes was taken after this time.
    pub(super) fn took(&mut self, length: u64, time: Duration) {
        if std::mem::take(&mut self.probe) || length < self.next {
            return;
        }
        self.next = match time {
            _ if time < QUICK => length * 2,
            _ if time > SLOW => length / 2,
            _ => length,
        }
        .clamp(MIN_FRAGMENT, self.ceiling);
    }

    /// A Fragment of `length` bytes was too large: the most from now on, if there is a smaller size.
    pub(super) fn refused(&mut self, length: u64) -> Option<u64> {
        if length <= MIN_FRAGMENT {
            return None;
        }
        self.ceiling = (length / 2).max(MIN_FRAGMENT);
        self.next = self.ceiling;
        self.probe = false;
        Some(self.ceiling)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: u64 = u64::MAX;

    #[test]
    fn quick_fragments_grow_to_13_mib_and_slow_ones_shrink_to_5_kib() {
        let mut sizes = Sizes::new(None, false);
        let mut seen = Vec::new();
        for _ in 0..10 {
            seen.push(sizes.next(ALL));
            sizes.took(sizes.next(ALL), Duration::ZERO);
        }
        assert_eq!(seen[..3], [131_072, 262_144, 524_288]);
        assert_eq!(seen[9], 13 * 1024 * 1024);
        for _ in 0..20 {
            sizes.took(sizes.next(ALL), Duration::from_secs(21));
        }
        assert_eq!(sizes.next(ALL), 5 * 1024);
        sizes.took(sizes.next(ALL), Duration::from_secs(10));
        assert_eq!(sizes.next(ALL), 5 * 1024, "neither quick nor slow");
    }

    #[test]
    fn the_last_one_is_what_is_left_and_tells_nothing_of_speed() {
        let mut sizes = Sizes::new(None, false);
        assert_eq!(sizes.next(7), 7);
        sizes.took(7, Duration::ZERO);
        assert_eq!(sizes.next(ALL), FIRST);
        assert_eq!(sizes.next(0), 0);
    }

    #[test]
    fn what_is_refused_is_halved_and_never_grows_beyond() {
        let mut sizes = Sizes::new(None, false);
        assert_eq!(sizes.refused(131_072), Some(65_536));
        sizes.took(65_536, Duration::ZERO);
        assert_eq!(sizes.next(ALL), 65_536);
        assert_eq!(sizes.refused(6_000), Some(5_120));
        assert_eq!(sizes.refused(5_120), None);
        assert_eq!(Sizes::new(Some(65_536), false).next(ALL), 65_536);
    }

    #[test]
    fn after_an_interruption_a_small_one_asks_where_the_server_is() {
        let mut sizes = Sizes::new(None, true);
        assert_eq!(sizes.next(ALL), 5 * 1024);
        sizes.took(5 * 1024, Duration::ZERO);
        assert_eq!(sizes.next(ALL), FIRST);
    }
}
