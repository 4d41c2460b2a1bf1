//! The queue as a [`Link`] for programs in this process.

use std::os::fd::{BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

use bgcopy_protocol::enums::JobState;
use bgcopy_protocol::{Guid, ResultCode};

use super::Queue;
use crate::client::link::{CertificateListener, Command, Event, Link, Listener, Reply};
use crate::model::error::{Error, Result};
use crate::notify::feed::Feed;

impl Link for Queue {
    fn call(&self, command: Command) -> Result<Reply> {
        let call = std::panic::AssertUnwindSafe(|| self.execute(command));
        std::panic::catch_unwind(call).unwrap_or_else(|_| {
            Err(Error::new(
                ResultCode::BG_E_UNEXPECTED,
                "a fault inside bgcopy; please report it with the log",
            ))
        })
    }

    fn subscribe(&self, job: Guid, listener: Option<Arc<dyn Listener>>) -> Result<()> {
        Queue::subscribe(self, job, listener).map_err(|error| self.about(job, error))
    }

    fn check_certificates(&self, job: Guid, listener: Option<Arc<dyn CertificateListener>>) -> Result<()> {
        Queue::check_certificates(self, job, listener).map_err(|error| self.about(job, error))
    }

    fn certificate_listener(&self, job: Guid) -> Result<Option<Arc<dyn CertificateListener>>> {
        Queue::certificate_listener(self, job)
    }

    fn listener(&self, job: Guid) -> Result<Option<Arc<dyn Listener>>> {
        Ok(self.enter()?.entry(job)?.listener.clone())
    }

    fn wait(
        &self,
        job: Guid,
        timeout: Option<Duration>,
        cancel: Option<BorrowedFd<'_>>,
    ) -> Result<(JobState, bool)> {
        Queue::wait(self, job, timeout, cancel)
    }

    fn set_helper_token(&self, job: Guid, directory: Option<OwnedFd>) -> Result<()> {
        Queue::set_helper_token(self, job, directory)
    }

    fn event_fd(&self) -> Result<OwnedFd> {
        let mut state = self.enter()?;
        let none_left = |error: std::io::Error| {
            Error::new(ResultCode::from_io(&error), format!("no descriptor: {error}"))
        };
        if state.feed.is_none() {
            state.feed = Some(Feed::new().map_err(none_left)?);
        }
        match &state.feed {
            Some(feed) => feed.descriptor().map_err(none_left),
            None => Err(ResultCode::BG_E_UNEXPECTED.into()),
        }
    }

    fn next_event(&self) -> Result<Option<Event>> {
        Ok(self.enter()?.feed.as_mut().and_then(Feed::pop))
    }

    fn close(&self) -> Result<()> {
        self.shut_down()
    }
}
