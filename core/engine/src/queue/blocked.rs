//! Jobs that must wait for something else than a server: a connection of another cost, or another time of
//! the day.

use bgcopy_protocol::enums::{ErrorContext, JobState};
use bgcopy_protocol::{Guid, ResultCode};

use super::entry::Entry;
use super::{Queue, State};
use crate::model::error::ErrorRecord;
use crate::model::state::JobEvent;

const COST: ResultCode = ResultCode::BG_E_BLOCKED_BY_COST_TRANSFER_POLICY;
const POLICY: ResultCode = ResultCode::BG_E_BLOCKED_BY_POLICY;

impl State {
    /// What keeps a job from its turn.
    fn obstacle(&self, entry: &Entry) -> Option<(ResultCode, String)> {
        let record = &entry.job.record;
        let flags = record.cost_flags.unwrap_or_else(|| self.rules.cost_flags(record.priority));
        let network = self.rules.network();
        if !flags.contains(network) {
            let (flags, network) = (flags.bits(), network.bits());
            return Some((
                COST,
                format!("the cost flags {flags:#x} of the job exclude a connection of {network:#x}"),
            ));
        }
        let limit = self.levels.of(record.priority).bytes_per_second();
        let text = "a policy allows jobs of this priority no bandwidth at this time of the day";
        (limit == Some(0)).then(|| (POLICY, text.to_owned()))
    }
}

impl Queue {
    /// Blocks a job that may not move now, and lets one go on that may again. True when it may not.
    pub(super) fn apply_blocks(&self, state: &mut State, id: Guid) -> bool {
        let Some(entry) = state.entries.get(&id) else { return false };
        let obstacle = state.obstacle(entry);
        let stands = obstacle.is_some();
        let record = &entry.job.record;
        let is_blocked = record.state == JobState::TransientError
            && record.error.as_ref().is_some_and(|error| [COST, POLICY].contains(&error.code));
        match obstacle {
            Some((code, text)) if entry.is_runnable() => {
                let record = ErrorRecord {
                    code,
                    context: ErrorContext::GeneralQueueManager,
                    file: None,
                    protocol: None,
                    http_status: None,
                    text: text.into(),
                };
                let _ = self.transition(state, id, JobEvent::Blocked, Some(record));
            }
            None if is_blocked => {
                let _ = self.transition(state, id, JobEvent::Unblocked, None);
            }
            _ => {}
        }
        stands
    }

    /// The same for all jobs, when something that concerns all has changed.
    pub(super) fn apply_all_blocks(&self, state: &mut State) {
        let jobs: Vec<Guid> = state.order.values().copied().collect();
        for id in jobs {
            self.apply_blocks(state, id);
        }
    }
}
