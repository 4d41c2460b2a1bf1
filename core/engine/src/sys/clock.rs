//! Time: a clock that only goes forward, and the calendar.

#![allow(unsafe_code)] // clock_gettime, localtime_r: named corner of `sys`

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

/// Where the engine learns the time.
pub trait Clock: Send + Sync {
    /// Nanoseconds since some moment before this process; never goes back, and goes on while the
    /// machine sleeps. For intervals.
    fn monotonic(&self) -> u64;

    /// Nanoseconds since 1970, as the user has set the calendar; may jump. For dates only.
    fn wall(&self) -> i64;

    /// Seconds that local time is ahead of UTC at a moment, given in seconds since 1970.
    fn local_offset(&self, at: i64) -> i64;

    /// Calls `wake` whenever time does not pass by itself but is moved.
    fn on_move(&self, wake: Arc<dyn Fn() + Send + Sync>) {
        drop(wake);
    }
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn monotonic(&self) -> u64 {
        u64::try_from(read(libc::CLOCK_BOOTTIME)).unwrap_or(0)
    }

    fn wall(&self) -> i64 {
        read(libc::CLOCK_REALTIME)
    }

    fn local_offset(&self, at: i64) -> i64 {
        // SAFETY: all-zero bytes are a valid tm: numbers, and a null name of the zone.
        let mut local: libc::tm = unsafe { std::mem::zeroed() };
        // SAFETY: both are valid for the length of the call.
        let known = unsafe { !libc::localtime_r(&raw const at, &raw mut local).is_null() };
        if known { local.tm_gmtoff } else { 0 }
    }
}

fn read(clock: libc::clockid_t) -> i64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is writable for the length of the call. Both clocks exist on every kernel
    // this runs on; should one not, the time stays 0.
    unsafe { libc::clock_gettime(clock, &raw mut time) };
    time.tv_sec.saturating_mul(1_000_000_000).saturating_add(time.tv_nsec)
}

/// A clock that tests move. Clones share the same time.
#[derive(Clone)]
pub struct FakeClock(Arc<Mutex<Fake>>);

struct Fake {
    monotonic: u64,
    wall: i64,
    /// From which second of 1970 on local time is how far ahead.
    offsets: Vec<(i64, i64)>,
    wake: Vec<Arc<dyn Fn() + Send + Sync>>,
}

impl FakeClock {
    /// A clock that stands at one second since its beginning, and at `wall` nanoseconds since 1970.
    #[must_use]
    pub fn new(wall: i64) -> FakeClock {
        FakeClock(Arc::new(Mutex::new(Fake {
            monotonic: 1_000_000_000,
            wall,
            offsets: Vec::new(),
            wake: Vec::new(),
        })))
    }

    /// Lets time pass.
    pub fn advance(&self, by: Duration) {
        let ns = u64::try_from(by.as_nanos()).unwrap_or(u64::MAX);
        let mut fake = self.0.lock();
        fake.monotonic = fake.monotonic.saturating_add(ns);
        fake.wall = fake.wall.saturating_add_unsigned(ns);
        let wake = fake.wake.clone();
        drop(fake);
        for wake in wake {
            wake();
        }
    }

    /// Sets the calendar, as a user does; no time passes.
    pub fn set_wall(&self, wall: i64) {
        self.0.lock().wall = wall;
    }

    /// Local time is so many seconds ahead of UTC from a moment on, given in seconds since 1970; before the first
    /// one it is UTC.
    pub fn set_local_offset(&self, from: i64, seconds: i64) {
        self.0.lock().offsets.push((from, seconds));
    }
}

impl Clock for FakeClock {
    fn monotonic(&self) -> u64 {
        self.0.lock().monotonic
    }

    fn wall(&self) -> i64 {
        self.0.lock().wall
    }

    fn local_offset(&self, at: i64) -> i64 {
        self.0.lock().offsets.iter().rev().find(|(from, _)| *from <= at).map_or(0, |(_, offset)| *offset)
    }

    fn on_move(&self, wake: Arc<dyn Fn() + Send + Sync>) {
        self.0.lock().wake.push(wake);
    }
}

#[cfg(test)]
mod tests {
    use std::time::{SystemTime, UNIX_EPOCH};

    use super::*;

    #[test]
    fn the_monotonic_clock_never_goes_back_and_the_wall_agrees_with_std() {
        let (a, b) = (SystemClock.monotonic(), SystemClock.monotonic());
        assert!(a > 0 && a <= b);
        let before = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
        let wall = u128::try_from(SystemClock.wall()).unwrap();
        let hour = Duration::from_secs(3600).as_nanos();
        assert!(wall.abs_diff(before) < hour);
    }

    #[test]
    fn setting_the_calendar_lets_no_time_pass() {
        let clock = FakeClock::new(50);
        let start = clock.monotonic();
        clock.advance(Duration::from_nanos(7));
        clock.set_wall(3);
        assert_eq!((clock.monotonic() - start, clock.wall()), (7, 3));
    }
}
