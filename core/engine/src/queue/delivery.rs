//! Uploads to files: copies from here to places of this machine, and of the shares that are mounted on it.
//!
//! The file grows beside its destination. That it is whole and on disk is recorded before it gets its name: whoever
//! comes after a crash only has to look which name it has.

use std::path::Path;
use std::sync::Arc;

use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::ErrorContext;
use bgcopy_protocol::flags::TokenFlags;

use super::Queue;
use super::checkpoint::Unsynced;
use super::line::Next;
use super::report::{Attempt, Failed, Outcome, unrecorded};
use crate::model::error::Error;
use crate::sys::crash;
use crate::sys::fs::File;
use crate::transfer::copy::{self, Source};
use crate::transfer::destination::{Published, Target, temp_path};
use crate::transfer::sink::{Buffer, TempFile};
use crate::transfer::upload::{Sent, Session};
use crate::transfer::{TransferError, Version, remote_name};
use crate::workers::Task;

impl Queue {
    /// Works at an upload to a file; what the worker goes on with.
    pub(super) fn work_delivery(&self, task: &mut Task, session: &Session, buffer: &mut Buffer) -> Next {
        let began = self.now();
        let target = match self.destination_of(task) {
            Ok(target) => target,
            Err(error) => return self.report(task, Outcome::failed(error), began),
        };
        match self.deliver(task, &target, session, buffer) {
            Ok(()) => {
                let mut state = self.state.lock();
                let next = self.take_upload_report(&mut state, task, Ok(Sent::Closed));
                self.follow_up(&mut state, task.job, next)
            }
            Err(failed) => self.report(task, Outcome::cut_short(task, failed, target.directory), began),
        }
    }

    fn deliver(
        &self,
        task: &mut Task,
        target: &Target,
        session: &Session,
        buffer: &mut Buffer,
    ) -> Result<(), Failed> {
        let result = match session.delivered {
            true => self.name_delivery(task, target, session),
            false => self.copy_out(task, target, buffer),
        };
        let Err(Failed::Lost(why)) = result else { return result };
        self.begin_again(task, &why).and_then(|()| self.copy_out(task, target, buffer))
    }

    fn destination_of(&self, task: &Task) -> Result<Target, TransferError> {
        let invalid =
            |text: String| TransferError::new(ResultCode::BG_E_INVALIDARG, ErrorContext::RemoteFile, text);
        if task.waits_for_reply {
            let name = remote_name::shown(&task.remote);
            return Err(invalid(format!("{name}: only a server replies to an upload")));
        }
        let path = remote_name::file_path(&task.remote)
            .map_err(|why| invalid(format!("the remote name cannot be copied to: {why}")))?;
        let directories = self.directories_of(task, TokenFlags::NETWORK)?;
        Target::open_remote(directories, &path, &temp_path(&path, task.job, task.file), self.now())
    }

    fn copy_out(&self, task: &Task, target: &Target, buffer: &mut Buffer) -> Result<(), Failed> {
        let attempt = Attempt { queue: self, task };
        let local: &Path = task.local.as_ref().as_ref();
        let directories = self.directories_of(task, TokenFlags::LOCAL_FILE)?;
        let source = Source::open(directories, local, ErrorContext::LocalFile)?;
        let stamp = source.stamp()?;
        let progress = Arc::clone(&task.progress);
        let mut sink = TempFile::open(target.clone(), progress, &attempt, &*self.clock, buffer)?;
        let accept = |_| Ok(());
        let copied = copy::copy(&source, &mut sink, &task.version, &accept, &attempt, &task.cancel)?;
        let file = copy::finish(&source, sink, &copied, self.acl_flags(task))?;
        let offset = task.progress.written();
        let session = Session { offset, file: Some(stamp), delivered: true, ..Session::default() };
        self.record_delivery(task, target, &copied.version, file, &session)?;
        crash::point("upload-recorded");
        self.name_delivery(task, target, &session)
    }

    /// Makes a whole file durable, and then the record that it is.
    fn record_delivery(
        &self,
        task: &Task,
        target: &Target,
        version: &Version,
        file: Arc<File>,
        session: &Session,
    ) -> Result<(), TransferError> {
        let mut state = self.state.lock();
        while state.flushing {
            // It may be about to find that earlier bytes are lost, and nobody is told that twice.
            self.changed.wait(&mut state);
        }
        let item = Unsynced::new(task, task.progress.epoch(), task.progress.written(), version, false);
        state.add_unsynced(item, file, Arc::clone(&target.directory));
        self.checkpoint(&mut state).map_err(unrecorded)?;
        if task.cancel.is_cancelled() {
            return Err(TransferError::local_cancelled(&target.final_path()));
        }
        let on_disk = state
            .entries
            .get(&task.job)
            .and_then(|entry| entry.job.file(task.file))
            .is_some_and(|file| file.attempt == task.attempt && file.durable == session.offset);
        let recorded = match on_disk {
            true => self.note(&mut state, task, session).and_then(|()| self.commit(&mut state)),
            false => {
                let text = format!("{} could not be made durable", target.temp_path().display());
                Err(Error::new(ResultCode::BG_E_WIN32_WRITE_FAULT, text))
            }
        };
        recorded.map_err(unrecorded)
    }

    /// Gives a file that is on disk its name, durably.
    fn name_delivery(&self, task: &Task, target: &Target, session: &Session) -> Result<(), Failed> {
        let published = target.publish()?;
        crash::point("upload-renamed");
        if published == Published::Absent && !self.is_delivered(task, target, session) {
            return Err(Failed::Lost(format!("{} is gone", target.temp_path().display())));
        }
        // Also for a name that was there: a process that died may have renamed without syncing.
        target.directory.sync().map_err(|error| {
            let path = target.final_path();
            TransferError::local_io("making the name durable of", &path, &error).of(target.side)
        })?;
        Ok(())
    }

    /// Whether the file of this name is the one that was sent: a former process may have come so far.
    fn is_delivered(&self, task: &Task, target: &Target, session: &Session) -> bool {
        let path = target.final_path();
        let directories = self.directories_of(task, TokenFlags::NETWORK);
        let there = directories.and_then(|directories| Source::open(directories, &path, target.side));
        there.and_then(|there| there.stamp()).is_ok_and(|stamp| session.file == Some(stamp))
    }
}
