//! The client certificate of a job: looked for when it is set, read again when a server is connected to.

use bgcopy_protocol::enums::CertStoreLocation;
use bgcopy_protocol::{Guid, ResultCode};

use super::Queue;
use crate::client::link::Reply;
use crate::model::error::{Error, Result};
use crate::model::state::{JobEvent, step};
use crate::transfer::access::{CertificateName, ClientCertificate};
use crate::transfer::http::client_certificate::find;

impl Queue {
    pub(super) fn set_client_certificate(
        &self,
        id: Guid,
        location: CertStoreLocation,
        store: &str,
        name: &CertificateName,
    ) -> Result<Reply> {
        // Files are read: not under the lock.
        let found = find(&self.settings.certificates, location, store, name)
            .map_err(|(code, text)| Error::new(code, text))?;
        self.change_client_certificate(id, Some(found))
    }

    pub(super) fn remove_client_certificate(&self, id: Guid) -> Result<Reply> {
        self.change_client_certificate(id, None)
    }

    /// Gives `BG_S_FALSE` when there is none to be taken away.
    fn change_client_certificate(&self, id: Guid, certificate: Option<ClientCertificate>) -> Result<Reply> {
        let mut state = self.enter()?;
        self.settled(&mut state, id)?;
        let entry = state.entry(id)?;
        self.check_only_owner(entry)?;
        step(&entry.job.view(), JobEvent::Set)?;
        let former = entry.job.access().and_then(|access| access.certificate.clone());
        if certificate.is_none() && former.is_none() {
            return Ok(Reply::Done(ResultCode::BG_S_FALSE));
        }
        let changed = certificate != former;
        entry.job.change_access(|access| access.certificate = certificate);
        if changed && entry.is_moving() {
            // The server is told something else now; the job goes on where it is.
            let _ = self.transition(&mut state, id, JobEvent::Preempted, None);
        }
        self.transition(&mut state, id, JobEvent::Set, None)?;
        state.announce(id);
        self.commit(&mut state)?;
        Ok(Reply::Done(ResultCode::BG_S_OK))
    }

    pub(super) fn client_certificate(&self, id: Guid) -> Result<Reply> {
        let mut state = self.enter()?;
        let entry = state.entry(id)?;
        self.check_owner(entry)?;
        self.check_only_owner(entry)?;
        match entry.job.access().and_then(|access| access.certificate.clone()) {
            Some(certificate) => Ok(Reply::ClientCertificate(certificate)),
            None => Err(Error::new(ResultCode::BG_E_RPC_BAD_STUB_DATA, "the job has no client certificate")),
        }
    }
}
