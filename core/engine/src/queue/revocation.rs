//! Checks for revoked certificates that begin in the middle of a job.

use bgcopy_protocol::Guid;
use bgcopy_protocol::flags::SecurityFlags;

use super::{Queue, State};
use crate::model::error::Result;
use crate::model::file::{File, NO_ATTEMPT, Stage};
use crate::model::progress::SIZE_UNKNOWN;
use crate::transfer::remote_name;

impl Queue {
    /// When a job begins to check for revoked certificates, what came of a file before is not trusted any more;
    /// finished files stay.
    pub(super) fn distrust_unchecked(
        &self,
        state: &mut State,
        id: Guid,
        former: SecurityFlags,
    ) -> Result<()> {
        let checks = |flags: SecurityFlags| flags.contains(SecurityFlags::ENABLE_CRL_CHECK);
        let entry = state.entry(id)?;
        if checks(former) || !checks(entry.job.record.security_flags) {
            return Ok(());
        }
        let begun = |file: &File| {
            let here = file.stage == Stage::Running || file.offset > 0 || file.durable > 0;
            file.stage < Stage::Received && here && remote_name::protocol(&file.remote) == "https"
        };
        let files = (0u32..).zip(entry.job.files());
        let begun: Vec<u32> = files.filter(|(_, file)| begun(file)).map(|(index, _)| index).collect();
        for index in begun {
            let entry = state.entry(id)?;
            entry.job.update(index, |file| {
                file.attempt = NO_ATTEMPT;
                file.size = SIZE_UNKNOWN;
                file.lose();
            });
            entry.notices.void(index);
            state.touch_file(id, index);
        }
        Ok(())
    }
}
