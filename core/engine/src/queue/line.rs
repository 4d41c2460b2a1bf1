//! Many small files from a fast server: one worker receives them all, one after another, and the
//! requests of the next ones are sent ahead.
//!
//! With a worker for each file, every answer wakes a thread and every request wakes the server, which
//! costs more than the files themselves. So when the files of a job turn out small and quick, its
//! workers line their slots up here and retire; the last one works the line off. Each slot keeps its
//! own file, connection and cancel token, so that nobody else sees a difference. As soon as a file is
//! large, or the server or the disk is not quick any more, everything in the line gets a worker again.
//!
//! Requests go out several at a time: each would wake a server that is quicker than the disk, the first
//! of several wakes it for all.

use std::collections::VecDeque;
use std::thread::{self, ThreadId};

use bgcopy_protocol::Guid;

use super::{Locked, Queue, State};
use crate::workers::Task;

/// What a socket holds while its file waits for its turn.
pub(super) const SMALL: u64 = 64 << 10;
/// A file that takes longer keeps the others waiting too long.
const QUICK_NS: u64 = 5_000_000;
/// So many files in a row show what the job is like.
const ENOUGH: u32 = 8;
/// One file that was not quick is forgiven.
const MOST: u32 = 2 * ENOUGH;
/// A file that takes longer was waited for: the server needs its requests as early as possible.
const WAITED_NS: u64 = 250_000;
/// Whoever has been at one file for so long keeps the others waiting.
const STUCK_NS: u64 = 100_000_000;

/// The files of a job that wait for its one worker.
#[derive(Debug, Default)]
pub(super) struct Line {
    /// How much the last files speak for a line.
    credit: u32,
    /// The last file was waited for.
    waited: bool,
    /// Their requests were sent.
    waiting: VecDeque<Task>,
    /// Their requests go out together, when there are enough.
    unsent: VecDeque<Task>,
    /// Who works it off, and since when at the present file.
    worker: Option<(ThreadId, u64)>,
}

/// What a worker does next.
pub(super) enum Next {
    /// This file, or nothing.
    Now(Option<Task>),
    /// The file goes to the line, and the worker asks there.
    InLine(Task),
}

impl Line {
    /// Learns from a file that took `time` nanoseconds; of `whole` bytes, where it was received to its end.
    pub(super) fn judge(&mut self, whole: Option<u64>, time: u64) {
        self.waited = time > WAITED_NS;
        self.credit = match whole {
            Some(..=SMALL) if time < QUICK_NS => (self.credit + 1).min(MOST),
            Some(..=SMALL) => self.credit.saturating_sub(ENOUGH),
            _ => 0,
        };
    }

    fn pays(&self) -> bool {
        self.credit >= ENOUGH
    }

    fn is_worked_off_here(&self) -> bool {
        self.worker.is_some_and(|(thread, _)| thread == thread::current().id())
    }

    /// The next file in line for the thread that works it off.
    fn take(&mut self, now: u64) -> Option<Task> {
        let task = self.waiting.pop_front().or_else(|| self.unsent.pop_front());
        self.worker = task.is_some().then(|| (thread::current().id(), now));
        task
    }
}

impl Queue {
    /// What follows a report of this thread, whose slot has a next file or not.
    pub(super) fn follow_up(&self, state: &mut Locked<'_>, job: Guid, next: Option<Task>) -> Next {
        let now = self.now();
        let Some(entry) = state.entries.get_mut(&job) else { return Next::Now(next) };
        let here = entry.line.is_worked_off_here();
        match next {
            Some(task) if entry.line.pays() && task.foreground && entry.slots.len() > 1 => Next::InLine(task),
            None if here => Next::Now(entry.line.take(now)),
            next => {
                if here {
                    self.spread(state, job);
                }
                Next::Now(next)
            }
        }
    }

    /// Puts a file in line, if its request can be sent now or soon; the file to go on with.
    pub(super) fn line_up(&self, task: Task) -> Option<Task> {
        let job = task.job;
        let batch = {
            let now = self.now();
            let mut state = self.state.lock();
            let Some(entry) = state.entries.get_mut(&job) else { return Some(task) };
            let (line, enough) = (&mut entry.line, entry.slots.len() / 2);
            if line.is_worked_off_here() {
                line.unsent.push_back(task);
                if !line.waited && line.unsent.len() < enough && !line.waiting.is_empty() {
                    return line.take(now);
                }
                std::mem::take(&mut line.unsent)
            } else {
                VecDeque::from([task])
            }
        };
        let ahead = |mut task: Task| {
            task.ahead = self.send_ahead(&task);
            task
        };
        // There is no connection for some: making one takes too long for the others.
        let (sent, mut unsent): (VecDeque<Task>, VecDeque<Task>) =
            batch.into_iter().map(ahead).partition(|task| task.ahead.is_some());
        let now = self.now();
        let mut state = self.state.lock();
        let Some(entry) = state.entries.get_mut(&job) else { return unsent.pop_front() };
        let line = &mut entry.line;
        let here = line.is_worked_off_here();
        let has_more = !sent.is_empty();
        line.waiting.extend(sent);
        let free = line.worker.is_none() && has_more;
        let next = if here || free { line.take(now) } else { None };
        let next = next.or_else(|| unsent.pop_front());
        for task in unsent {
            self.submit(&mut state, task);
        }
        next
    }

    /// A file of the job is large: those in line do not wait for it.
    pub(super) fn spread_out(&self, job: Guid) {
        let mut state = self.state.lock();
        if let Some(entry) = state.entries.get_mut(&job) {
            entry.line.credit = 0;
            self.spread(&mut state, job);
        }
    }

    /// Gives workers to the files that have waited too long behind another one.
    pub(super) fn spread_stuck(&self, state: &mut Locked<'_>) {
        let now = self.now();
        let stuck = |id: &Guid| {
            let since = state.entries.get(id).and_then(|entry| entry.line.worker);
            since.is_some_and(|(_, since)| now.saturating_sub(since) > STUCK_NS)
        };
        let stuck: Vec<Guid> = state.moving.iter().copied().filter(stuck).collect();
        for job in stuck {
            if let Some(entry) = state.entries.get_mut(&job) {
                entry.line.credit = 0;
            }
            self.spread(state, job);
        }
    }

    /// Gives a worker of its own to every file in line.
    fn spread(&self, state: &mut State, job: Guid) {
        let Some(entry) = state.entries.get_mut(&job) else { return };
        entry.line.worker = None;
        let (waiting, unsent) =
            (std::mem::take(&mut entry.line.waiting), std::mem::take(&mut entry.line.unsent));
        for task in waiting.into_iter().chain(unsent) {
            self.submit(state, task);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_quick_files_speak_for_a_line_and_others_against_it() {
        let mut line = Line::default();
        for _ in 0..ENOUGH {
            assert!(!line.pays());
            line.judge(Some(SMALL), QUICK_NS - 1);
        }
        assert!(line.pays());
        for _ in 0..100 {
            line.judge(Some(0), 0);
        }
        line.judge(Some(1), QUICK_NS);
        assert!(line.pays(), "one is forgiven");
        line.judge(Some(1), QUICK_NS);
        assert!(!line.pays());
        for against in [Some(SMALL + 1), None] {
            (0..100).for_each(|_| line.judge(Some(0), 0));
            line.judge(against, 0);
            assert!(!line.pays());
        }
    }
}
