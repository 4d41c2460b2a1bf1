//! Programs that look at server certificates: asked inside an attempt, before its first request.

use std::cell::Cell;
use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use bgcopy_protocol::enums::{ErrorContext, JobState};
use bgcopy_protocol::{Guid, ResultCode};
use parking_lot::Mutex;

use super::Queue;
use crate::client::link::CertificateListener;
use crate::model::error::{Error, Result};
use crate::model::state::{JobEvent, step};
use crate::transfer::TransferError;
use crate::workers::Task;

thread_local! {
    /// This thread is inside a program's check: whoever waits for its attempt would wait for ever.
    static CHECKING: Cell<bool> = const { Cell::new(false) };
}

/// The check that a program registered for a job.
pub(super) struct Check {
    listener: Arc<dyn CertificateListener>,
    /// Tells this registration from others.
    pub id: u64,
    /// Servers and hashes of certificates that were accepted.
    accepted: Mutex<HashSet<(String, Vec<u8>)>>,
}

impl Check {
    fn accepts(&self, task: &Task, place: &str, chain: &[&[u8]]) -> std::result::Result<(), TransferError> {
        let own = chain.first().copied().unwrap_or_default();
        let hash = ring::digest::digest(&ring::digest::SHA256, own).as_ref().to_vec();
        let pair = (place.to_owned(), hash);
        if self.accepted.lock().contains(&pair) {
            return Ok(());
        }
        CHECKING.set(true);
        let call = AssertUnwindSafe(|| self.listener.validate(task.job, task.file, chain));
        let answer = catch_unwind(call).unwrap_or(ResultCode::BG_E_UNEXPECTED);
        CHECKING.set(false);
        if answer.is_success() {
            self.accepted.lock().insert(pair);
            return Ok(());
        }
        let text = format!("the program declines the certificate of {place}");
        Err(TransferError::new(answer, ErrorContext::ServerCertificateCallback, text).transient())
    }
}

impl Queue {
    /// Registers who looks at the certificates of servers for a job; `None` clears.
    pub(super) fn check_certificates(
        &self,
        id: Guid,
        listener: Option<Arc<dyn CertificateListener>>,
    ) -> Result<()> {
        let mut state = self.enter()?;
        loop {
            self.settled(&mut state, id)?;
            let entry = state.entry(id)?;
            self.check_only_owner(entry)?;
            step(&entry.job.view(), JobEvent::Set)?;
            let resting = [JobState::Suspended, JobState::Error, JobState::Transferred];
            if !resting.contains(&entry.job.state()) || (CHECKING.get() && !entry.slots.is_empty()) {
                return Err(ResultCode::BG_E_READ_ONLY_WHEN_JOB_ACTIVE.into());
            }
            if entry.slots.is_empty() {
                break;
            }
            // A suspended attempt may still be inside the former one.
            self.changed.wait(&mut state);
        }
        state.next_check += 1;
        let check = listener
            .map(|listener| Arc::new(Check { listener, id: state.next_check, accepted: Mutex::default() }));
        let entry = state.entry(id)?;
        let wanted = check.is_some();
        let former = std::mem::replace(&mut entry.check, check);
        entry.job.change_access(|access| access.validated_by_program = wanted);
        self.transition(&mut state, id, JobEvent::Set, None)?;
        let committed = self.commit(&mut state);
        drop(state);
        // It may belong to the program: not under the lock.
        drop(former);
        committed
    }

    /// Who is registered.
    pub(super) fn certificate_listener(&self, id: Guid) -> Result<Option<Arc<dyn CertificateListener>>> {
        let mut state = self.enter()?;
        let entry = state.entry(id)?;
        self.check_owner(entry)?;
        Ok(entry.check.as_ref().map(|check| Arc::clone(&check.listener)))
    }

    /// Asks the program whether a server is the right one.
    pub(super) fn accepts(
        &self,
        task: &Task,
        place: &str,
        chain: &[&[u8]],
    ) -> std::result::Result<(), TransferError> {
        let check = self.state.lock().entries.get(&task.job).and_then(|entry| entry.check.clone());
        match check {
            Some(check) => check.accepts(task, place, chain),
            None => Err(unattended(place)),
        }
    }

    /// The registration of a job, which its connections are made for.
    pub(super) fn check_of(&self, id: Guid) -> u64 {
        let state = self.state.lock();
        state.entries.get(&id).and_then(|entry| entry.check.as_ref()).map_or(0, |check| check.id)
    }

    /// Refuses what would wait for the attempt that this thread is inside of.
    pub(super) fn not_in_check(&self) -> Result<()> {
        if !CHECKING.get() {
            return Ok(());
        }
        let text = "not from inside a check of a certificate, which is a part of the transfer";
        Err(Error::new(ResultCode::BG_E_INVALID_STATE, text))
    }
}

/// Nobody is there to look at the certificate of a server.
pub(super) fn unattended(place: &str) -> TransferError {
    let code = ResultCode::BG_E_SERVER_CERT_VALIDATION_INTERFACE_REQUIRED;
    let text = format!(
        "the program that looks at the certificate of {place} is not there: register it again and resume"
    );
    TransferError::new(code, ErrorContext::ServerCertificateCallback, text).fatal()
}
