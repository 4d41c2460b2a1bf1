//! Which jobs run now: all foreground jobs at once, plus one background job at a time.
//!
//! Pure: the queue says which jobs can run and asks who is next; `now` is an argument. Every operation
//! costs the logarithm of the number of runnable jobs, whatever the number of other jobs.

use std::collections::{BTreeMap, HashMap};

use bgcopy_protocol::Guid;
use bgcopy_protocol::enums::JobPriority;

/// Runnable jobs by priority, each level in the order in which its jobs have their turn.
#[derive(Debug, Default)]
pub struct Lanes {
    levels: [BTreeMap<u64, Guid>; 4],
    places: HashMap<Guid, Place>,
    next_ticket: u64,
    active: Option<Active>,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    level: usize,
    ticket: u64,
}

/// The background job whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Active {
    job: Guid,
    slice_end: u64,
}

/// What the background does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Background {
    /// Nothing to run.
    Idle,
    /// This job keeps its turn.
    Keep(Guid),
    /// This job's turn begins; the other one, if any, goes back to QUEUED.
    Switch {
        /// Whose turn it is now.
        to: Guid,
        /// Whose turn it was.
        from: Option<Guid>,
    },
}

/// Index of a level: 0 is foreground.
fn level(priority: JobPriority) -> usize {
    match priority {
        JobPriority::Foreground => 0,
        JobPriority::High => 1,
        JobPriority::Normal => 2,
        JobPriority::Low => 3,
    }
}

impl Lanes {
    /// The job can run; a job that comes new to its level joins at the tail.
    pub fn insert(&mut self, job: Guid, priority: JobPriority) {
        let level = level(priority);
        if self.places.get(&job).is_some_and(|place| place.level == level) {
            return;
        }
        // Whose turn it is keeps it within the background, until `background` says who takes over.
        let turn = self.active.filter(|active| active.job == job && level != 0);
        self.remove(job);
        self.append(job, level);
        self.active = self.active.or(turn);
    }

    /// The job cannot run any more.
    pub fn remove(&mut self, job: Guid) {
        if let Some(place) = self.places.remove(&job) {
            self.levels[place.level].remove(&place.ticket);
        }
        if self.active.is_some_and(|active| active.job == job) {
            self.active = None;
        }
    }

    fn append(&mut self, job: Guid, level: usize) {
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        self.levels[level].insert(ticket, job);
        self.places.insert(job, Place { level, ticket });
    }

    /// Decides whose turn it is in the background, and makes it so.
    ///
    /// A higher level pre-empts a lower one at once; within a level turns last `slice` nanoseconds when
    /// somebody else waits, and a job whose slice is over goes to the tail.
    pub fn background(&mut self, now: u64, slice: u64) -> Background {
        let Some(level) = (1..4).find(|&level| !self.levels[level].is_empty()) else {
            return Background::Idle;
        };
        let from = self.active.map(|active| active.job);
        if let Some(active) = self.active {
            let place = self.places[&active.job];
            if place.level == level {
                if now < active.slice_end || self.levels[level].len() == 1 {
                    return Background::Keep(active.job);
                }
                self.levels[level].remove(&place.ticket);
                self.append(active.job, level);
            }
        }
        let to = self.levels[level].values().next().copied();
        let Some(to) = to else { return Background::Idle };
        self.active = Some(Active { job: to, slice_end: now.saturating_add(slice) });
        Background::Switch { to, from }
    }

    /// The background job whose turn it is.
    #[must_use]
    pub fn active(&self) -> Option<Guid> {
        self.active.map(|active| active.job)
    }

    /// When the present slice ends, if somebody waits for that.
    #[must_use]
    pub fn slice_end(&self) -> Option<u64> {
        let active = self.active?;
        let place = self.places.get(&active.job)?;
        (self.levels[place.level].len() > 1).then_some(active.slice_end)
    }
}

/// Jobs that could use another worker: those with the fewest first, in turn, so that each gets one before any
/// gets two.
#[derive(Debug, Default)]
pub struct Hungry {
    turns: BTreeMap<Turn, Guid>,
    places: HashMap<Guid, Turn>,
    next_ticket: u64,
}

/// Workers the job has, and its place among those with as many.
type Turn = (usize, u64);

impl Hungry {
    /// The job has so many workers and could use another one.
    pub fn insert(&mut self, job: Guid, workers: usize) {
        if self.places.get(&job).is_some_and(|(has, _)| *has == workers) {
            return;
        }
        self.remove(job);
        let turn = (workers, self.next_ticket);
        self.next_ticket += 1;
        self.turns.insert(turn, job);
        self.places.insert(job, turn);
    }

    /// The job needs no more workers.
    pub fn remove(&mut self, job: Guid) {
        if let Some(turn) = self.places.remove(&job) {
            self.turns.remove(&turn);
        }
    }

    /// Takes the job that is next.
    pub fn pop(&mut self) -> Option<Guid> {
        let (_, job) = self.turns.pop_first()?;
        self.places.remove(&job);
        Some(job)
    }

    /// Nobody waits for a worker.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.turns.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLICE: u64 = 300;

    fn job(n: u32) -> Guid {
        Guid { data1: n, ..Guid::default() }
    }

    #[test]
    fn an_empty_background_is_idle() {
        let mut lanes = Lanes::default();
        lanes.insert(job(1), JobPriority::Foreground);
        assert_eq!(lanes.background(0, SLICE), Background::Idle);
    }

    #[test]
    fn one_background_job_at_a_time_in_order_of_arrival() {
        let mut lanes = Lanes::default();
        lanes.insert(job(1), JobPriority::Normal);
        lanes.insert(job(2), JobPriority::Normal);
        assert_eq!(lanes.background(0, SLICE), Background::Switch { to: job(1), from: None });
        assert_eq!(lanes.background(1, SLICE), Background::Keep(job(1)));
        lanes.remove(job(1));
        assert_eq!(lanes.background(2, SLICE), Background::Switch { to: job(2), from: None });
    }

    #[test]
    fn a_higher_level_preempts_at_once_and_the_lower_one_comes_back() {
        let mut lanes = Lanes::default();
        lanes.insert(job(1), JobPriority::Low);
        lanes.background(0, SLICE);
        lanes.insert(job(2), JobPriority::High);
        assert_eq!(lanes.background(1, SLICE), Background::Switch { to: job(2), from: Some(job(1)) });
        lanes.remove(job(2));
        assert_eq!(lanes.background(2, SLICE), Background::Switch { to: job(1), from: None });
    }

    #[test]
    fn a_lower_level_waits_for_the_higher_one() {
        let mut lanes = Lanes::default();
        lanes.insert(job(1), JobPriority::High);
        lanes.background(0, SLICE);
        lanes.insert(job(2), JobPriority::Low);
        assert_eq!(lanes.background(10 * SLICE, SLICE), Background::Keep(job(1)));
    }

    #[test]
    fn slices_go_round_within_a_level() {
        let mut lanes = Lanes::default();
        for n in 1..=3 {
            lanes.insert(job(n), JobPriority::Normal);
        }
        assert_eq!(lanes.background(0, SLICE), Background::Switch { to: job(1), from: None });
        assert_eq!(lanes.slice_end(), Some(SLICE));
        assert_eq!(lanes.background(SLICE, SLICE), Background::Switch { to: job(2), from: Some(job(1)) });
        assert_eq!(lanes.background(2 * SLICE, SLICE), Background::Switch { to: job(3), from: Some(job(2)) });
        assert_eq!(lanes.background(3 * SLICE, SLICE), Background::Switch { to: job(1), from: Some(job(3)) });
    }

    #[test]
    fn a_job_alone_in_its_level_needs_no_slice() {
        let mut lanes = Lanes::default();
        lanes.insert(job(1), JobPriority::Normal);
        lanes.background(0, SLICE);
        assert_eq!(lanes.slice_end(), None);
        assert_eq!(lanes.background(5 * SLICE, SLICE), Background::Keep(job(1)));
    }

    #[test]
    fn a_changed_priority_takes_effect() {
        let mut lanes = Lanes::default();
        lanes.insert(job(1), JobPriority::Normal);
        lanes.insert(job(2), JobPriority::Normal);
        lanes.background(0, SLICE);
        lanes.insert(job(2), JobPriority::High);
        assert_eq!(lanes.background(1, SLICE), Background::Switch { to: job(2), from: Some(job(1)) });
        lanes.insert(job(2), JobPriority::Foreground);
        assert_eq!(lanes.background(2, SLICE), Background::Switch { to: job(1), from: None });
    }

    #[test]
    fn a_job_lowered_below_another_is_the_one_to_stop() {
        let mut lanes = Lanes::default();
        lanes.insert(job(1), JobPriority::High);
        lanes.insert(job(2), JobPriority::Normal);
        lanes.background(0, SLICE);
        lanes.insert(job(1), JobPriority::Low);
        assert_eq!(lanes.background(1, SLICE), Background::Switch { to: job(2), from: Some(job(1)) });
    }

    #[test]
    fn a_job_raised_within_the_background_keeps_its_turn() {
        let mut lanes = Lanes::default();
        lanes.insert(job(1), JobPriority::Low);
        lanes.background(0, SLICE);
        lanes.insert(job(1), JobPriority::High);
        assert_eq!(lanes.background(1, SLICE), Background::Keep(job(1)));
    }

    #[test]
    fn hungry_jobs_take_turns() {
        let mut hungry = Hungry::default();
        hungry.insert(job(1), 0);
        hungry.insert(job(2), 0);
        hungry.insert(job(1), 0);
        assert_eq!(hungry.pop(), Some(job(1)));
        hungry.insert(job(1), 0);
        assert_eq!(hungry.pop(), Some(job(2)));
        assert_eq!(hungry.pop(), Some(job(1)));
        assert!(hungry.is_empty());
        hungry.insert(job(3), 0);
        hungry.remove(job(3));
        assert_eq!(hungry.pop(), None);
    }

    #[test]
    fn a_job_without_a_worker_comes_before_one_that_has_some() {
        let mut hungry = Hungry::default();
        hungry.insert(job(1), 2);
        hungry.insert(job(2), 0);
        assert_eq!(hungry.pop(), Some(job(2)));
        hungry.insert(job(2), 1);
        hungry.insert(job(1), 0);
        assert_eq!(hungry.pop(), Some(job(1)));
    }
}
