//! Limits that depend on the hour and the day of the week: which rate each priority may have, and until when.

use bgcopy_protocol::enums::JobPriority;

const HOUR: u32 = 3600;
const DAY: u32 = 24 * HOUR;
const WEEK: u32 = 7 * DAY;
/// 1970 began on a Thursday.
const MONDAY_TO_THURSDAY: i64 = 3 * DAY as i64;

/// A moment of the week: seconds since the beginning of Monday, in local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WeekTime(u32);

impl WeekTime {
    /// The moment of seconds since 1970 in local time.
    #[must_use]
    pub fn of(local: i64) -> WeekTime {
        let second = (local + MONDAY_TO_THURSDAY).rem_euclid(i64::from(WEEK));
        WeekTime(u32::try_from(second).unwrap_or(0))
    }

    fn later(self, seconds: u32) -> WeekTime {
        WeekTime((self.0 + seconds) % WEEK)
    }

    fn day(self) -> u32 {
        self.0 / DAY
    }

    fn hour(self) -> u32 {
        self.0 % DAY / HOUR
    }
}

/// A rate: kilobits (1,000 bits) per second as in the policies of Windows, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// All that is free.
    Unlimited,
    /// At most so many kilobits per second; 0 blocks, and 1 counts as 2.
    Kbps(u32),
}

impl Limit {
    /// Bytes per second; `None` for no limit.
    #[must_use]
    pub fn bytes_per_second(self) -> Option<u64> {
        match self {
            Limit::Unlimited => None,
            Limit::Kbps(0) => Some(0),
            Limit::Kbps(kbps) => Some(u64::from(kbps.max(2)) * 1000 / 8),
        }
    }
}

/// Hours of a day: from the beginning of one to the beginning of another, over midnight where that is not
/// later. Twice the same hour is the whole day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours {
    /// First hour, 0 to 23.
    pub from: u8,
    /// The hour it ends with, 0 to 23; that one is not part of it.
    pub to: u8,
}

impl Hours {
    /// Whether an hour lies in the part that begins on the same day, and in the part of the day before.
    fn parts(self, hour: u32) -> (bool, bool) {
        let (from, to) = (u32::from(self.from), u32::from(self.to));
        if from < to { (from <= hour && hour < to, false) } else { (hour >= from, hour < to) }
    }
}

/// One limit for some hours of every day, another one for the rest (`MaxInternetBandwidth`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Daily {
    /// When the first limit holds.
    pub hours: Hours,
    /// The limit in these hours.
    pub inside: Limit,
    /// The limit in all others.
    pub outside: Limit,
}

/// A limit for each priority of the background.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Levels {
    /// Of HIGH jobs.
    pub high: Limit,
    /// Of NORMAL jobs.
    pub normal: Limit,
    /// Of LOW jobs.
    pub low: Limit,
}

impl Default for Levels {
    /// No limit.
    fn default() -> Levels {
        Levels::all(Limit::Unlimited)
    }
}

impl Levels {
    /// The same for all.
    #[must_use]
    pub const fn all(limit: Limit) -> Levels {
        Levels { high: limit, normal: limit, low: limit }
    }

    /// The limit of a priority; the foreground has none.
    #[must_use]
    pub fn of(&self, priority: JobPriority) -> Limit {
        match priority {
            JobPriority::Foreground => Limit::Unlimited,
            JobPriority::High => self.high,
            JobPriority::Normal => self.normal,
            JobPriority::Low => self.low,
        }
    }
}

/// Limits for some hours of some days of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weekly {
    /// Monday first: on these days the hours begin.
    pub days: [bool; 7],
    /// When it holds.
    pub hours: Hours,
    /// What holds then.
    pub levels: Levels,
}

impl Weekly {
    fn contains(&self, time: WeekTime) -> bool {
        let today = time.day() as usize % 7;
        let (same_day, day_before) = self.hours.parts(time.hour());
        (same_day && self.days[today]) || (day_before && self.days[(today + 6) % 7])
    }
}

/// Everything that limits background jobs by the time of the day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bandwidth {
    /// Holds where neither of the schedules is there.
    pub daily: Option<Daily>,
    /// Working hours.
    pub work: Option<Weekly>,
    /// All other hours.
    pub non_work: Option<Levels>,
    /// Hours of maintenance, which go before all others.
    pub maintenance: Option<Weekly>,
}

impl Bandwidth {
    /// What holds at a moment.
    #[must_use]
    pub fn at(&self, time: WeekTime) -> Levels {
        if let Some(maintenance) = self.maintenance.filter(|window| window.contains(time)) {
            return maintenance.levels;
        }
        if let Some(work) = self.work.filter(|window| window.contains(time)) {
            return work.levels;
        }
        if self.work.is_some() || self.non_work.is_some() {
            return self.non_work.unwrap_or_default();
        }
        self.daily.map_or_else(Levels::default, |daily| {
            let (same_day, day_before) = daily.hours.parts(time.hour());
            Levels::all(if same_day || day_before { daily.inside } else { daily.outside })
        })
    }

    /// Seconds from a moment until something else holds; `None` when that never happens.
    #[must_use]
    pub fn until_change(&self, time: WeekTime) -> Option<u32> {
        let now = self.at(time);
        let to_next_hour = HOUR - time.0 % HOUR;
        // Everything begins and ends with an hour, and every week is the same.
        (0..WEEK / HOUR)
            .map(|hours| to_next_hour + hours * HOUR)
            .find(|seconds| self.at(time.later(*seconds)) != now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MONDAY: u32 = 0;
    const FRIDAY: u32 = 4;
    const SATURDAY: u32 = 5;
    const SUNDAY: u32 = 6;
    const WORKING_DAYS: [bool; 7] = [true, true, true, true, true, false, false];

    fn at(day: u32, hour: u32) -> WeekTime {
        WeekTime(day * DAY + hour * HOUR)
    }

    fn levels(kbps: u32) -> Levels {
        Levels::all(Limit::Kbps(kbps))
    }

    fn daily(from: u8, to: u8) -> Bandwidth {
        let daily = Daily { hours: Hours { from, to }, inside: Limit::Kbps(10), outside: Limit::Unlimited };
        Bandwidth { daily: Some(daily), ..Bandwidth::default() }
    }

    /// Hours of a Monday in which the limit of 10 holds.
    fn limited_hours(bandwidth: &Bandwidth) -> Vec<u32> {
        (0..24).filter(|hour| bandwidth.at(at(MONDAY, *hour)) == levels(10)).collect()
    }

    #[test]
    fn the_calendar_knows_the_days_of_the_week() {
        assert_eq!(WeekTime::of(0), at(3, 0), "a Thursday");
        assert_eq!(WeekTime::of(-1), WeekTime(3 * DAY - 1));
        // 2024-01-01 was a Monday.
        assert_eq!(WeekTime::of(1_704_067_200 + 7_261), WeekTime(2 * HOUR + 61));
    }

    #[test]
    fn a_window_includes_its_first_hour_and_not_its_last() {
        assert_eq!(limited_hours(&daily(8, 17)), (8..17).collect::<Vec<_>>());
    }

    #[test]
    fn a_window_may_go_over_midnight() {
        assert_eq!(limited_hours(&daily(22, 3)), [0, 1, 2, 22, 23]);
    }

    #[test]
    fn a_window_that_ends_with_its_first_hour_is_the_whole_day() {
        assert_eq!(limited_hours(&daily(8, 8)).len(), 24);
        assert_eq!(daily(8, 8).until_change(at(SUNDAY, 8)), None);
    }

    #[test]
    fn kilobits_become_bytes_and_less_than_two_counts_as_two() {
        assert_eq!(Limit::Kbps(0).bytes_per_second(), Some(0));
        assert_eq!(Limit::Kbps(1).bytes_per_second(), Some(250));
        assert_eq!(Limit::Kbps(2).bytes_per_second(), Some(250));
        assert_eq!(Limit::Kbps(8_000).bytes_per_second(), Some(1_000_000));
        assert_eq!(Limit::Unlimited.bytes_per_second(), None);
    }

    #[test]
    fn working_hours_hold_on_their_days_only_and_maintenance_goes_before_them() {
        let hours = Hours { from: 9, to: 18 };
        let mut bandwidth = Bandwidth {
            work: Some(Weekly { days: WORKING_DAYS, hours, levels: levels(1) }),
            non_work: Some(levels(2)),
            ..daily(0, 0)
        };
        assert_eq!(bandwidth.at(at(FRIDAY, 9)), levels(1));
        assert_eq!(bandwidth.at(at(FRIDAY, 18)), levels(2));
        assert_eq!(bandwidth.at(at(SATURDAY, 9)), levels(2));
        bandwidth.maintenance =
            Some(Weekly { days: [true; 7], hours: Hours { from: 12, to: 13 }, levels: levels(3) });
        assert_eq!(bandwidth.at(at(FRIDAY, 12)), levels(3));
        assert_eq!(bandwidth.at(at(SATURDAY, 12)), levels(3));
        bandwidth.non_work = None;
        assert_eq!(bandwidth.at(at(SATURDAY, 9)), Levels::all(Limit::Unlimited), "not the daily limit");
    }

    #[test]
    fn hours_over_midnight_belong_to_the_day_they_begin_on() {
        let mut days = [false; 7];
        days[SUNDAY as usize] = true;
        let night = Weekly { days, hours: Hours { from: 22, to: 6 }, levels: levels(1) };
        let bandwidth = Bandwidth { work: Some(night), ..Bandwidth::default() };
        assert_eq!(bandwidth.at(at(SUNDAY, 22)), levels(1));
        assert_eq!(bandwidth.at(at(MONDAY, 5)), levels(1));
        for (day, hour) in [(SUNDAY, 5), (SUNDAY, 21), (MONDAY, 6), (MONDAY, 22)] {
            assert_eq!(bandwidth.at(at(day, hour)), Levels::all(Limit::Unlimited), "{day} {hour}");
        }
    }

    #[test]
    fn each_priority_has_its_limit_and_the_foreground_none() {
        let levels = Levels { high: Limit::Kbps(1), normal: Limit::Kbps(2), low: Limit::Kbps(3) };
        let found = [JobPriority::Foreground, JobPriority::High, JobPriority::Normal, JobPriority::Low]
            .map(|priority| levels.of(priority));
        assert_eq!(found, [Limit::Unlimited, Limit::Kbps(1), Limit::Kbps(2), Limit::Kbps(3)]);
    }

    #[test]
    fn the_next_change_is_found_also_across_the_week() {
        let hours = Hours { from: 9, to: 18 };
        let work = Weekly { days: WORKING_DAYS, hours, levels: levels(1) };
        let bandwidth = Bandwidth { work: Some(work), ..Bandwidth::default() };
        assert_eq!(bandwidth.until_change(at(MONDAY, 9).later(1)), Some(9 * HOUR - 1));
        assert_eq!(bandwidth.until_change(at(FRIDAY, 18)), Some(2 * DAY + 15 * HOUR));
        assert_eq!(Bandwidth::default().until_change(at(MONDAY, 0)), None);
    }
}
