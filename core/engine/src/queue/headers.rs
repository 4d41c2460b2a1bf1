//! Custom headers of a job: encrypted in memory and on disk, opened for an attempt and for their owner.

use bgcopy_protocol::{Guid, ResultCode};

use super::Queue;
use super::credentials::unreadable;
use super::entry::Entry;
use crate::client::link::Reply;
use crate::model::error::{Error, Result};
use crate::model::secret::Secret;
use crate::model::state::{JobEvent, step};
use crate::sys::seal::Unreadable;
use crate::transfer::TransferError;
use crate::transfer::http::headers::{HeaderError, parse_headers};

impl Queue {
    pub(super) fn set_custom_headers(&self, id: Guid, headers: Option<&Secret>) -> Result<Reply> {
        // The key may have to be read or made: not under the lock.
        let sealed = match headers {
            Some(headers) => Some(self.seal_headers(id, headers.reveal())?),
            None => None,
        };
        self.change(id, |queue, state| {
            let entry = state.entry(id)?;
            queue.check_only_owner(entry)?;
            step(&entry.job.view(), JobEvent::Set)?;
            // Sealed anew they differ even when they are the same.
            let differ = sealed.is_some() || entry.job.record.custom_headers.is_some();
            entry.job.record.custom_headers = sealed;
            if differ && entry.is_moving() {
                // The next request is to carry them; the job goes on where it is.
                let _ = queue.transition(state, id, JobEvent::Preempted, None);
            }
            queue.transition(state, id, JobEvent::Set, None)?;
            state.announce(id);
            Ok(())
        })
    }

    fn seal_headers(&self, id: Guid, headers: &str) -> Result<Box<[u8]>> {
        parse_headers(headers).map_err(|why| {
            let code = match why {
                HeaderError::TooLong => ResultCode::BG_E_STRING_TOO_LONG,
                _ => ResultCode::BG_E_INVALIDARG,
            };
            Error::new(code, why.to_string())
        })?;
        let sealed = self.sealer.seal(headers.as_bytes(), &id.to_bytes()).map_err(|error| {
            let text = format!("the custom headers cannot be encrypted, so they are not taken: {error}");
            Error::new(ResultCode::BG_E_WIN32_WRITE_FAULT, text)
        })?;
        Ok(sealed.into_boxed_slice())
    }

    pub(super) fn custom_headers(&self, id: Guid) -> Result<Reply> {
        let sealed = {
            let mut state = self.enter()?;
            let entry = state.entry(id)?;
            self.check_owner(entry)?;
            self.check_only_owner(entry)?;
            if entry.job.record.headers_write_only {
                return Err(Error::new(
                    ResultCode::BG_E_ACCESSDENIED,
                    "the custom headers of this job were made write-only",
                ));
            }
            entry.job.record.custom_headers.clone()
        };
        let headers = match sealed {
            Some(sealed) => {
                let opened = self.open_headers(id, &sealed);
                Some(opened.map_err(|why| Error::new(ResultCode::BG_E_WIN32_READ_FAULT, why.text))?)
            }
            None => None,
        };
        Ok(Reply::CustomHeaders(headers))
    }

    pub(super) fn make_custom_headers_write_only(&self, id: Guid) -> Result<Reply> {
        self.change(id, |queue, state| {
            let entry = state.entry(id)?;
            queue.check_only_owner(entry)?;
            step(&entry.job.view(), JobEvent::Set)?;
            entry.job.record.headers_write_only = true;
            queue.transition(state, id, JobEvent::Set, None)?;
            Ok(())
        })
    }

    /// The headers for the requests of an attempt. A job whose headers cannot be opened must not go
    /// without them: the server may give somebody else's file, or tell who asked.
    pub(super) fn headers_of(
        &self,
        id: Guid,
        sealed: Option<&[u8]>,
    ) -> std::result::Result<Vec<(String, String)>, TransferError> {
        let Some(sealed) = sealed else { return Ok(Vec::new()) };
        self.open_headers(id, sealed)
            .and_then(|headers| parse_headers(headers.reveal()).map_err(Unreadable::for_good))
            .map_err(unreadable)
    }

    fn open_headers(&self, id: Guid, sealed: &[u8]) -> std::result::Result<Secret, Unreadable> {
        let plain = self.sealer.open(sealed, &id.to_bytes());
        let text = plain.and_then(|plain| String::from_utf8(plain).map_err(Unreadable::for_good));
        text.map(Secret::new).map_err(|why| why.of("the custom headers"))
    }

    /// There may be passwords: not even an administrator sees or changes those of others.
    pub(super) fn check_only_owner(&self, entry: &Entry) -> Result<()> {
        if entry.job.record.owner == self.owner {
            return Ok(());
        }
        Err(Error::new(
            ResultCode::BG_E_ACCESSDENIED,
            "only the owner of a job may see or change its custom headers, credentials and certificates",
        ))
    }
}
