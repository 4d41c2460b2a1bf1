//! Dispatcher threads: tell programs what is due, never under the lock, at most four at once.

use std::sync::Arc;

use bgcopy_protocol::Guid;
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::JobState;
use parking_lot::MutexGuard;

use super::{Locked, Queue, State};
use crate::client::link::{Event, EventKind, Listener};
use crate::model::command_line::CommandLine;
use crate::model::error::Result;
use crate::model::property::notify;
use crate::model::state::{JobEvent, step};
use crate::notify::notices::{LONGEST_REPEAT, Next};
use crate::notify::program;

/// Callbacks under way at once for one user, and as many programs.
const AT_ONCE: usize = 4;
/// The events for which the program of a job is run.
const PROGRAM_HEARS: u32 = notify::JOB_TRANSFERRED | notify::JOB_ERROR;
const MILLISECOND: u64 = 1_000_000;

/// Something to tell once it is durable.
pub(super) enum Tell {
    /// The job's listener may have something to hear.
    Listener(Guid),
    /// For programs with a poll loop.
    Feed(Event),
    /// The job rests.
    Rest(Guid),
}

impl State {
    /// The job may have something to tell.
    pub(super) fn announce(&mut self, id: Guid) {
        self.tells.push_back((self.decided, Tell::Listener(id)));
    }

    fn make_ready(&mut self, id: Guid) {
        if let Some(entry) = self.entries.get_mut(&id)
            && (entry.listener.is_some() || entry.job.record.notify_cmd_line.is_some())
            && entry.telling.is_none()
            && !entry.ready
        {
            entry.ready = true;
            self.ready.push_back(id);
        }
    }
}

impl Queue {
    /// Passes on what has become durable.
    pub(super) fn wake_dispatchers(&self, state: &mut State) {
        while state.tells.front().is_some_and(|(decided, _)| *decided <= state.durable) {
            match state.tells.pop_front() {
                Some((_, Tell::Listener(id))) => state.make_ready(id),
                Some((_, Tell::Feed(event))) => {
                    if let Some(feed) = &mut state.feed {
                        feed.push(event);
                    }
                }
                Some((_, Tell::Rest(id))) => {
                    if let Some(entry) = state.entries.get_mut(&id).filter(|entry| entry.rests()) {
                        entry.wake();
                    }
                }
                None => break,
            }
        }
        if state.ready.is_empty() || state.closing {
            return;
        }
        if state.idle_dispatchers > 0 {
            self.dispatch.notify_one();
        } else if state.dispatchers < AT_ONCE {
            state.dispatchers += 1;
            self.spawn(state, "bgcopy-notify", Queue::run_dispatcher);
        }
    }

    fn run_dispatcher(self: &Arc<Queue>) {
        let mut state = self.state.lock();
        while !state.closing {
            let Some(id) = state.ready.pop_front() else {
                state.idle_dispatchers += 1;
                self.dispatch.wait(&mut state);
                state.idle_dispatchers -= 1;
                continue;
            };
            if !state.ready.is_empty() {
                // One more may help.
                self.wake_dispatchers(&mut state);
            }
            self.tell_one(&mut state, id);
        }
    }

    fn tell_one(&self, state: &mut Locked<'_>, id: Guid) {
        let now = self.now();
        let Some(entry) = state.entries.get_mut(&id) else { return };
        entry.ready = false;
        if entry.telling.is_some() || entry.program || entry.ending || entry.job.is_final() {
            return;
        }
        let listener = entry.listener.clone();
        let program = entry.job.record.notify_cmd_line.clone().filter(|_| self.own_directory);
        let heard = listener.as_ref().map_or(0, |listener| listener.hears())
            | program.as_ref().map_or(0, |_| PROGRAM_HEARS);
        let interval = u64::from(entry.job.record.minimum_notification_interval) * MILLISECOND;
        let kind = match entry.notices.next(&mut entry.job, now, interval, heard) {
            Next::Tell(kind) => kind,
            Next::Wait(at) => {
                entry.clocks.notice_at = Some(at);
                self.retime(state, id);
                self.wake_timer(state);
                return;
            }
            Next::Nothing => return,
        };
        let listener = listener.filter(|listener| listener.hears() & kind.flag() != 0);
        entry.telling = Some(std::thread::current().id());
        entry.replaced = false;
        let event = Event { job: id, kind };
        let answer = match listener {
            Some(listener) => MutexGuard::unlocked(state, || {
                let answer = call(&*listener, &event);
                // The last reference may be this one, and its end is the program's code.
                drop(listener);
                answer
            }),
            None => ResultCode::BG_E_FAIL,
        };
        let now = self.now();
        if let Some(entry) = state.entries.get_mut(&id) {
            entry.telling = None;
            let for_program = matches!(event.kind, EventKind::JobTransferred | EventKind::JobError(_));
            if for_program && answer != ResultCode::BG_S_OK && !entry.job.is_final() && program.is_some() {
                // Nobody else took the event.
                entry.program = true;
                state.programs_due.push_back(event);
                self.changed.notify_all();
                return self.start_programs(state);
            }
            entry.notices.answered(&mut entry.job, &event.kind, answer, now, LONGEST_REPEAT);
            if entry.replaced {
                entry.notices.new_listener();
            }
            state.announce(id);
            self.wake_dispatchers(state);
        }
        self.changed.notify_all();
    }

    /// Starts the programs that may run now.
    fn start_programs(&self, state: &mut State) {
        while state.programs < AT_ONCE && !state.closing {
            let Some(event) = state.programs_due.pop_front() else { break };
            let own = self.own_directory;
            let Some(entry) = state.entries.get_mut(&event.job) else { continue };
            let due = match event.kind {
                EventKind::JobTransferred => entry.job.state() == JobState::Transferred,
                _ => entry.job.state() == JobState::Error,
            };
            match entry.job.record.notify_cmd_line.clone().filter(|_| due && own) {
                Some(line) => self.start_program(state, event, line),
                None => {
                    // While it waited its job went on, or the program was taken away: whoever is there now hears of it.
                    entry.program = false;
                    let failed = ResultCode::BG_E_FAIL;
                    entry.notices.answered(&mut entry.job, &event.kind, failed, self.now(), u32::MAX);
                    entry.notices.new_listener();
                    state.announce(event.job);
                    self.wake_dispatchers(state);
                }
            }
        }
    }

    /// Runs the program of a job on a thread of its own: it may take as long as it likes, and closing the
    /// queue does not wait for it.
    fn start_program(&self, state: &mut State, event: Event, line: CommandLine) {
        let (id, me) = (event.job, self.me.clone());
        let told = event.clone();
        let body = move || {
            let answer = program::run(&line);
            if let Some(queue) = me.upgrade() {
                let mut state = queue.state.lock();
                queue.program_ended(&mut state, &told, answer);
                queue.start_programs(&mut state);
            }
        };
        state.programs += 1;
        let thread = std::thread::Builder::new().name("bgcopy-program".to_owned()).stack_size(256 * 1024);
        if let Err(error) = thread.spawn(body) {
            log::error!("no thread for the program of job {id}: {error}");
            self.program_ended(state, &event, ResultCode::BG_E_FAIL);
        }
    }

    fn program_ended(&self, state: &mut State, event: &Event, answer: ResultCode) {
        state.programs -= 1;
        let now = self.now();
        let Some(entry) = state.entries.get_mut(&event.job).filter(|_| !state.closing) else { return };
        entry.program = false;
        // Programs are promised all of the delay.
        entry.notices.answered(&mut entry.job, &event.kind, answer, now, u32::MAX);
        state.announce(event.job);
        self.wake_dispatchers(state);
    }

    /// Registers a listener; the former one is not called any more when this returns.
    pub(super) fn subscribe(&self, id: Guid, listener: Option<Arc<dyn Listener>>) -> Result<()> {
        let mut state = self.enter()?;
        let entry = state.entry(id)?;
        step(&entry.job.view(), JobEvent::Set)?;
        let former = std::mem::replace(&mut entry.listener, listener);
        entry.notices.new_listener();
        entry.replaced = true;
        state.announce(id);
        self.wake_dispatchers(&mut state);
        let me = std::thread::current().id();
        while let Some(entry) = state.entries.get(&id)
            && entry.telling.is_some_and(|teller| teller != me)
            && former.is_some()
        {
            self.changed.wait(&mut state);
        }
        drop(state);
        drop(former);
        Ok(())
    }
}

/// A listener that panics has failed to take its notification.
fn call(listener: &dyn Listener, event: &Event) -> ResultCode {
    let call = std::panic::AssertUnwindSafe(|| listener.notify(event));
    std::panic::catch_unwind(call).unwrap_or_else(|_| {
        log::error!("a callback of job {} panicked", event.job);
        ResultCode::BG_E_UNEXPECTED
    })
}
