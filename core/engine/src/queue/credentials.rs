//! User names and passwords of a job: encrypted in memory and on disk, opened for an attempt.

use bgcopy_protocol::enums::{AuthScheme, AuthTarget, ErrorContext};
use bgcopy_protocol::limits::{MAX_PASSWORD, MAX_USER_NAME};
use bgcopy_protocol::{Guid, ResultCode};

use super::Queue;
use crate::client::link::Reply;
use crate::model::error::{Error, Result};
use crate::model::state::{JobEvent, step};
use crate::sys::seal::Unreadable;
use crate::transfer::TransferError;
use crate::transfer::access::{Access, AccessRecord, Credentials};

impl Queue {
    pub(super) fn set_credentials(&self, id: Guid, credentials: &Credentials) -> Result<Reply> {
        check(credentials)?;
        self.change_credentials(id, |all| {
            all.retain(|one| !is_for(one, credentials.target, credentials.scheme));
            all.push(credentials.clone());
            true
        })
    }

    pub(super) fn remove_credentials(
        &self,
        id: Guid,
        target: AuthTarget,
        scheme: AuthScheme,
    ) -> Result<Reply> {
        self.change_credentials(id, |all| {
            let before = all.len();
            all.retain(|one| !is_for(one, target, scheme));
            all.len() != before
        })
    }

    /// Changes the credentials; `change` says whether it did.
    fn change_credentials(&self, id: Guid, change: impl Fn(&mut Vec<Credentials>) -> bool) -> Result<Reply> {
        loop {
            let former = {
                let mut state = self.enter()?;
                self.settled(&mut state, id)?;
                let entry = state.entry(id)?;
                self.check_only_owner(entry)?;
                step(&entry.job.view(), JobEvent::Set)?;
                entry.job.access().and_then(|access| access.credentials.clone())
            };
            // The key may have to be read or made: not under the lock.
            let mut all = match &former {
                // Those that cannot be read any more are given again one by one.
                Some(sealed) => self.open_credentials(id, sealed).unwrap_or_else(|why| {
                    log::warn!("job {id}: {}; they are given up", why.text);
                    Vec::new()
                }),
                None => Vec::new(),
            };
            if !change(&mut all) {
                return Ok(Reply::Done(ResultCode::BG_S_FALSE));
            }
            let sealed = if all.is_empty() { None } else { Some(self.seal_credentials(id, &all)?) };
            let mut state = self.enter()?;
            self.settled(&mut state, id)?;
            let entry = state.entry(id)?;
            self.check_only_owner(entry)?;
            step(&entry.job.view(), JobEvent::Set)?;
            if entry.job.access().and_then(|access| access.credentials.as_ref()) != former.as_ref() {
                // Another thread was faster.
                continue;
            }
            entry.job.change_access(|access| access.credentials = sealed);
            if entry.is_moving() {
                // The next request is to carry them; the job goes on where it is.
                let _ = self.transition(&mut state, id, JobEvent::Preempted, None);
            }
            self.transition(&mut state, id, JobEvent::Set, None)?;
            state.announce(id);
            self.commit(&mut state)?;
            return Ok(Reply::Done(ResultCode::BG_S_OK));
        }
    }

    fn seal_credentials(&self, id: Guid, all: &[Credentials]) -> Result<Box<[u8]>> {
        let failed = |why: String| {
            let text = format!("the credentials cannot be encrypted, so they are not taken: {why}");
            Error::new(ResultCode::BG_E_WIN32_WRITE_FAULT, text)
        };
        let plain = postcard::to_allocvec(all).map_err(|error| failed(error.to_string()))?;
        let sealed = self.sealer.seal(&plain, &context(id)).map_err(|error| failed(error.to_string()))?;
        Ok(sealed.into_boxed_slice())
    }

    fn open_credentials(&self, id: Guid, sealed: &[u8]) -> std::result::Result<Vec<Credentials>, Unreadable> {
        let plain = self.sealer.open(sealed, &context(id));
        let all = plain.and_then(|plain| postcard::from_bytes(&plain).map_err(Unreadable::for_good));
        all.map_err(|why| why.of("the credentials"))
    }

    /// How an attempt reaches servers. A job whose credentials cannot be opened does not go without them.
    pub(super) fn access_of<'a>(
        &self,
        id: Guid,
        record: Option<&'a AccessRecord>,
    ) -> std::result::Result<Option<Access<'a>>, TransferError> {
        let Some(record) = record else { return Ok(None) };
        let credentials = match &record.credentials {
            Some(sealed) => self.open_credentials(id, sealed).map_err(unreadable)?,
            None => Vec::new(),
        };
        let check = if record.validated_by_program { self.check_of(id) } else { 0 };
        Ok(Some(Access { record, credentials, check }))
    }
}

/// What a job must not go without cannot be read. A key in the keyring may come back.
pub(super) fn unreadable(why: Unreadable) -> TransferError {
    let code = ResultCode::BG_E_WIN32_READ_FAULT;
    let error = TransferError::new(code, ErrorContext::GeneralQueueManager, why.text);
    if why.for_now { error.transient() } else { error.fatal() }
}

/// What is sealed belongs to this job and to this use.
fn context(id: Guid) -> Vec<u8> {
    [&id.to_bytes()[..], b"credentials"].concat()
}

fn is_for(credentials: &Credentials, target: AuthTarget, scheme: AuthScheme) -> bool {
    (credentials.target, credentials.scheme) == (target, scheme)
}

fn check(credentials: &Credentials) -> Result<()> {
    let invalid = |text: &'static str| Err(Error::new(ResultCode::BG_E_INVALIDARG, text));
    let implicit = matches!(credentials.scheme, AuthScheme::Ntlm | AuthScheme::Negotiate);
    match (&credentials.user, &credentials.password) {
        (None, None) if implicit => {}
        (None, None) => return invalid("this scheme needs a user name and a password"),
        (None, Some(_)) => return invalid("there is a password, but no user name"),
        (Some(_), None) => return invalid("there is a user name, but no password; it may be empty"),
        (Some(_), Some(_)) => {}
    }
    let longer =
        |text: &Option<String>, limit| text.as_ref().is_some_and(|text| text.chars().count() > limit);
    if longer(&credentials.user, MAX_USER_NAME) {
        let text = format!("a user name has at most {MAX_USER_NAME} characters");
        return Err(Error::new(ResultCode::BG_E_USERNAME_TOO_LARGE, text));
    }
    if longer(&credentials.password, MAX_PASSWORD) {
        let text = format!("a password has at most {MAX_PASSWORD} characters");
        return Err(Error::new(ResultCode::BG_E_PASSWORD_TOO_LARGE, text));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::thread::ThreadId;

    use bgcopy_protocol::enums::{JobState, JobType};
    use parking_lot::Mutex;

    use crate::client::{Credentials, Job, Manager, Settings};
    use crate::model::property::notify;
    use crate::sys::keyring::own::Keyring;
    use crate::sys::poll::{self, Interest};

    use super::*;

    /// What threads have said.
    struct Log(Mutex<Vec<(ThreadId, String)>>);

    static LOG: Log = Log(Mutex::new(Vec::new()));

    impl log::Log for Log {
        fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
            metadata.level() == log::Level::Info
        }
        fn log(&self, record: &log::Record<'_>) {
            if self.enabled(record.metadata()) {
                self.0.lock().push((std::thread::current().id(), record.args().to_string()));
            }
        }
        fn flush(&self) {}
    }

    /// The error that a resumed job waits with.
    fn error_of(manager: &Manager, job: &Job) -> (ResultCode, String) {
        let events = manager.event_fd().unwrap();
        job.resume().unwrap();
        while job.state().unwrap() != JobState::TransientError {
            assert_ne!(job.state().unwrap(), JobState::Error, "{:?}", job.error());
            poll::wait(&events, Interest::Readable, None, None).unwrap();
            while manager.next_event().unwrap().is_some() {}
        }
        let error = job.error().unwrap();
        (error.code(), error.text().to_owned())
    }

    #[test]
    fn a_job_waits_for_its_key_in_the_keyring_and_goes_on_with_it() {
        log::set_logger(&LOG).unwrap();
        log::set_max_level(log::LevelFilter::Info);
        Keyring::with_own(|keyring| {
            let Some(key) = keyring.add(c"bgcopy:queue", &[3; 32]) else { return };
            let directory = tempfile::tempdir().unwrap();
            let open =
                || Manager::open(Settings { directory: directory.path().into(), ..Settings::default() });
            let manager = open().unwrap();
            let job = manager.create_job("secret", JobType::Download).unwrap();
            job.set_notify_flags(notify::JOB_MODIFICATION).unwrap();
            // Nobody listens there.
            let local = directory.path().join("file");
            job.add_file("http://127.0.0.1:1/", local.to_str().unwrap()).unwrap();
            let (user, password) = (Some("ann".to_owned()), Some("geheim".to_owned()));
            let (target, scheme) = (AuthTarget::Server, AuthScheme::Basic);
            job.set_credentials(Credentials { target, scheme, user, password }).unwrap();
            assert!(!directory.path().join("queue.key").exists(), "there is a better place");
            let me = std::thread::current().id();
            let said = LOG.0.lock().iter().filter(|(thread, _)| *thread == me).cloned().collect::<Vec<_>>();
            assert!(
                said.iter().any(|(_, text)| text.contains("the key bgcopy:queue of the kernel's keyring"))
            );
            drop(job);
            manager.close().unwrap();

            // The machine is started again, and somebody puts the key back.
            keyring.remove(key);
            let manager = open().unwrap();
            let job = manager.jobs(false).unwrap().remove(0);
            let (code, text) = error_of(&manager, &job);
            assert_eq!(code, ResultCode::BG_E_WIN32_READ_FAULT, "{text}");
            assert!(text.contains("bgcopy:queue") && text.contains("keyring"), "{text}");
            keyring.add(c"bgcopy:queue", &[3; 32]).unwrap();
            let (code, text) = error_of(&manager, &job);
            assert_eq!(code, ResultCode::BG_E_WINHTTP_CANNOT_CONNECT, "{text}");
            manager.close().unwrap();
        });
    }
}
