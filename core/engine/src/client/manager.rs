//! The queue as a whole.

use std::os::fd::OwnedFd;
use std::sync::Arc;

use bgcopy_protocol::enums::JobType;
use bgcopy_protocol::{Guid, ResultCode};

use super::link::{Command, Event, Link};
use super::{Error, Job, Result, reply};
use crate::queue::World;
use crate::settings::Settings;

/// An open queue (`IBackgroundCopyManager`). Clones share it; the last one closes it.
#[derive(Clone)]
pub struct Manager {
    shared: Arc<Shared>,
}

struct Shared {
    link: Arc<dyn Link>,
}

impl Drop for Shared {
    fn drop(&mut self) {
        if let Err(error) = self.link.close() {
            log::error!("closing the queue: {error}");
        }
    }
}

impl Manager {
    /// Opens the queue of a directory, which is made when it is missing. Jobs that were under way go on.
    ///
    /// # Errors
    /// `BG_E_WIN32_SHARING_VIOLATION` when another process, named in the text, has it open; file errors.
    pub fn open(settings: Settings) -> Result<Manager> {
        let world = World::real(&settings)?;
        Manager::open_in(settings, world)
    }

    /// Opens a queue over replaced parts of the world: another store, a clock that is moved by hand.
    ///
    /// # Errors
    /// As [`Manager::open`].
    pub fn open_in(settings: Settings, world: World) -> Result<Manager> {
        let link = super::local::open(settings, world)?;
        Ok(Manager { shared: Arc::new(Shared { link }) })
    }

    /// Whether a policy of the administrator goes before a setting that the queue was opened with and says
    /// something else (`BG_S_OVERRIDDEN_BY_POLICY`).
    ///
    /// # Errors
    /// `BG_E_DISCONNECTED` after [`Manager::close`].
    pub fn is_overridden_by_policy(&self) -> Result<bool> {
        reply!(self.shared.link.call(Command::IsOverridden), Flag)
    }

    pub(super) fn link(&self) -> &Arc<dyn Link> {
        &self.shared.link
    }

    /// Creates a suspended job without files (`CreateJob`).
    ///
    /// # Errors
    /// `BG_E_INVALIDARG` for a name of more than 256 characters, `BG_E_TOO_MANY_JOBS_PER_USER`.
    pub fn create_job(&self, display_name: &str, kind: JobType) -> Result<Job> {
        let command = Command::CreateJob { display_name: display_name.to_owned(), kind };
        let id = reply!(self.shared.link.call(command), Job)?;
        Ok(Job::new(&self.shared.link, id))
    }

    /// Finds a job of the queue (`GetJob`).
    ///
    /// # Errors
    /// `BG_E_NOT_FOUND`: not in the queue, or ended and no handle is left.
    pub fn job(&self, id: Guid) -> Result<Job> {
        find(&self.shared.link, id)
    }

    /// The jobs that have not ended, in order of creation (`EnumJobs`).
    ///
    /// # Errors
    /// `BG_E_ACCESSDENIED` for all users' jobs without being root.
    pub fn jobs(&self, all_users: bool) -> Result<Vec<Job>> {
        let ids = reply!(self.shared.link.call(Command::EnumJobs { all_users }), Jobs)?;
        Ok(ids.into_iter().map(|id| Job::new(&self.shared.link, id)).collect())
    }

    /// A descriptor that is readable while [`Manager::next_event`] has something, for `poll` loops.
    ///
    /// From the first call on, events of all jobs are kept for it, as their notify flags say.
    ///
    /// # Errors
    /// No descriptor is left.
    pub fn event_fd(&self) -> Result<OwnedFd> {
        self.shared.link.event_fd()
    }

    /// The next kept event, if there is one.
    ///
    /// # Errors
    /// `BG_E_DISCONNECTED` after [`Manager::close`].
    pub fn next_event(&self) -> Result<Option<Event>> {
        self.shared.link.next_event()
    }

    /// Stops all transfers, makes their progress durable and gives the queue free. Idempotent.
    ///
    /// # Errors
    /// The last progress could not be stored.
    pub fn close(&self) -> Result<()> {
        self.shared.link.close()
    }
}

pub(super) fn find(link: &Arc<dyn Link>, id: Guid) -> Result<Job> {
    let id = reply!(link.call(Command::FindJob(id)), Job)?;
    Ok(Job::new(link, id))
}

/// The text of a result code (`GetErrorDescription`).
///
/// # Errors
/// `BG_E_INVALIDARG` for language 0. Other languages get the English text.
pub fn error_description(code: ResultCode, language: u32) -> Result<String> {
    if language == 0 {
        return Err(Error::new(ResultCode::BG_E_INVALIDARG, "a language id is required; 0x0409 is English"));
    }
    Ok(code.text().to_owned())
}
