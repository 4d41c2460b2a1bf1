//! The legacy queue manager, which was there before BITS: another view of the same queue.

use bgcopy_protocol::{Guid, ResultCode};

use super::link::Command;
use super::{Error, Group, Job, Manager, Result, reply};

/// A queue as the legacy queue manager shows it (`IBackgroundCopyQMgr`): groups, each with one job.
///
/// A group is a job of the queue, and its identifier that of the job. Clones share the queue.
#[derive(Clone)]
pub struct Qmgr {
    manager: Manager,
}

impl Qmgr {
    /// The groups of an open queue.
    #[must_use]
    pub fn new(manager: Manager) -> Qmgr {
        Qmgr { manager }
    }

    /// Creates a suspended group without a job (`CreateGroup`).
    ///
    /// # Errors
    /// `BG_E_INVALIDARG` when a job of the queue has this identifier or it is null; quotas.
    pub fn create_group(&self, id: Guid) -> Result<Group> {
        self.group_of(Command::CreateGroup(id))
    }

    /// Finds a group; the caller becomes its owner (`GetGroup`).
    ///
    /// # Errors
    /// `QM_E_ITEM_NOT_FOUND`, `BG_E_ACCESSDENIED` for somebody else's without being root.
    pub fn group(&self, id: Guid) -> Result<Group> {
        self.group_of(Command::FindGroup(id))
    }

    fn group_of(&self, command: Command) -> Result<Group> {
        let link = self.manager.link();
        let id = reply!(link.call(command), Job)?;
        Ok(Group::new(Job::new(link, id)))
    }

    /// The identifiers of the groups of the caller, of all groups for root (`EnumGroups`).
    ///
    /// # Errors
    /// `BG_E_DISCONNECTED`.
    pub fn groups(&self) -> Result<Vec<Guid>> {
        reply!(self.manager.link().call(Command::EnumGroups), Groups)
    }
}

/// The answer of the legacy queue manager for what is not there.
pub(super) fn not_found(what: &str) -> Error {
    Error::new(ResultCode::QM_E_ITEM_NOT_FOUND, format!("the group has no {what}"))
}
