//! What programs say about the content of transferred files: `SetValidationState`.

use bgcopy_protocol::enums::ErrorContext;
use bgcopy_protocol::{Guid, ResultCode};

use super::upload::not_of_uploads;
use super::{Queue, State};
use crate::model::error::{Error, ErrorRecord, Result};
use crate::model::file::Stage;
use crate::model::state::{JobEvent, step};

impl Queue {
    pub(super) fn set_validation_state(
        &self,
        state: &mut State,
        id: Guid,
        index: u32,
        valid: bool,
    ) -> Result<()> {
        let entry = state.entry(id)?;
        let event = if valid { JobEvent::Set } else { JobEvent::ValidationFailed };
        step(&entry.job.view(), event)?;
        not_of_uploads(&entry.job, ResultCode::BG_E_NOTIMPL, "only what was downloaded is validated")?;
        let file = entry.job.file(index).ok_or_else(|| {
            Error::new(ResultCode::BG_E_FILE_NOT_FOUND, format!("job {id} has no file number {index}"))
        })?;
        let local = file.local.clone();
        if file.stage < Stage::Done {
            return Err(Error::new(ResultCode::BG_E_PENDING, format!("{local} is not transferred yet")));
        }
        let mut failure = None;
        if valid {
            entry.job.update(index, |file| file.valid = true);
        } else {
            entry.job.update(index, |file| file.discard());
            entry.notices.untold(index);
            failure = Some(ErrorRecord {
                code: ResultCode::BG_E_VALIDATION_FAILED,
                context: ErrorContext::RemoteFile,
                file: Some(index),
                protocol: None,
                http_status: None,
                text: format!("the program found the content of {local} invalid; resume fetches it again")
                    .into(),
            });
        }
        state.touch_file(id, index);
        self.transition(state, id, event, failure)?;
        Ok(())
    }
}
