//! Policies and configuration: read when the queue is opened, and again whenever their files change.

use std::sync::Arc;
use std::time::Duration;

use bgcopy_protocol::Guid;

use super::{Queue, State};
use crate::policy::Rules;
use crate::sys::cancel::CancelToken;
use crate::sys::watch::Watch;

/// A program that is done by then has no need of watches, and taking them away costs the kernel a hundredth of a
/// second and more.
const UNWATCHED: Duration = Duration::from_secs(1);

impl Queue {
    /// Reads the policies for the first time, and has them watched.
    pub(super) fn begin_policies(&self, state: &mut State) {
        state.rules = Rules::new(&self.settings, &self.sources.read());
        self.http.configure_proxies(&state.rules.proxies);
        self.apply_bandwidth(state);
        if let Some(cancel) = self.watching.clone() {
            self.spawn(state, "bgcopy-policy", move |queue| queue.watch_policies(&cancel));
        }
    }

    fn watch_policies(self: &Arc<Queue>, cancel: &CancelToken) {
        let mut ended = cancel.wait(UNWATCHED);
        while !ended {
            // Before they are read, so that no change is missed.
            let watch = self.watch();
            let rules = Rules::new(&self.settings, &self.sources.read());
            let mut state = self.state.lock();
            if rules != state.rules {
                log::info!("policies changed, and hold from now on");
                log::debug!("{rules:?}");
                self.apply_rules(&mut state, rules);
                // A fault is on record already, and this thread has nobody to tell.
                let _ = self.commit(&mut state);
            }
            drop(state);
            ended = !watch.is_some_and(|watch| watch.wait(cancel).unwrap_or(false));
        }
    }

    fn watch(&self) -> Option<Watch> {
        match Watch::new(&self.sources.watched()) {
            Ok(watch) => Some(watch),
            Err(error) => {
                log::warn!("changes of policies are noticed when the queue is opened again: {error}");
                None
            }
        }
    }

    /// Lets other rules hold from now on, also for jobs that are under way.
    fn apply_rules(&self, state: &mut State, rules: Rules) {
        state.rules = rules;
        self.http.configure_proxies(&state.rules.proxies);
        self.apply_bandwidth(state);
        self.apply_all_blocks(state);
        let jobs: Vec<Guid> = state.order.values().copied().collect();
        for id in jobs {
            self.retime(state, id);
        }
        state.reschedule = true;
    }
}
