//! Jobs that may not use a connection of its cost. What a connection costs is not known here: each counts
//! as unrestricted.

use bgcopy_protocol::enums::{ErrorContext, JobState};
use bgcopy_protocol::{Guid, ResultCode};

use super::{Queue, State};
use crate::model::error::ErrorRecord;
use crate::model::state::JobEvent;

const BLOCKED: ResultCode = ResultCode::BG_E_BLOCKED_BY_COST_TRANSFER_POLICY;

impl Queue {
    /// Blocks a job that its cost flags keep from the connection, and lets one go on that they do not keep
    /// any more. True when the job is blocked.
    pub(super) fn apply_cost(&self, state: &mut State, id: Guid) -> bool {
        let Some(entry) = state.entries.get(&id) else { return false };
        let allowed = entry.job.cost_allows();
        let record = &entry.job.record;
        let is_blocked = record.state == JobState::TransientError
            && record.error.as_ref().is_some_and(|error| error.code == BLOCKED);
        if !allowed && entry.is_runnable() {
            let flags = record.cost_flags.bits();
            let record = ErrorRecord {
                code: BLOCKED,
                context: ErrorContext::GeneralQueueManager,
                file: None,
                protocol: None,
                http_status: None,
                text: format!("the cost flags {flags:#x} of the job do not allow an unrestricted connection")
                    .into(),
            };
            let _ = self.transition(state, id, JobEvent::Blocked, Some(record));
        } else if allowed && is_blocked {
            let _ = self.transition(state, id, JobEvent::Unblocked, None);
        }
        !allowed
    }
}
