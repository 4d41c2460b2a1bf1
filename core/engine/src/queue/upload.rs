//! Uploads: attempts of workers, and what they report.

use std::path::{Path, PathBuf};

use bgcopy_protocol::enums::{ErrorContext, JobState, JobType};
use bgcopy_protocol::flags::TokenFlags;
use bgcopy_protocol::{Guid, ResultCode};

use super::line::Next;
use super::report::{Attempt, Outcome as Report, unrecorded};
use super::{Locked, Queue, State};
use crate::client::link::{FileInfo, Reply};
use crate::model::error::{Error, ErrorRecord, Result};
use crate::model::file::{File, Stage};
use crate::model::job::Job;
use crate::model::progress::SIZE_UNKNOWN;
use crate::model::state::{JobEvent, step};
use crate::transfer::copy::Source;
use crate::transfer::destination::{DestinationCheck, check_path, temp_path};
use crate::transfer::share::Shares;
use crate::transfer::sink::Buffer;
use crate::transfer::upload::{Journal, Sending, Sent, Session, Upload};
use crate::transfer::{TransferError, remote_name};
use crate::workers::Task;

/// Larger replies are read from their file.
const MOST_REPLY_DATA: u64 = 1 << 20;

type Outcome = std::result::Result<Sent, TransferError>;

/// Checks the file of an upload. Whether it is there, and a place for it, shows when it is sent.
pub(super) fn check_upload(kind: JobType, files: &[FileInfo], shares: &Shares) -> Result<()> {
    let [file] = files else {
        let text = "an upload job has one file; make a job for each";
        return Err(Error::new(ResultCode::BG_E_TOO_MANY_FILES, text));
    };
    let is_file = shares.resolve(&file.remote_name).is_ok_and(|real| remote_name::is_file(&real));
    if kind == JobType::UploadReply && is_file {
        let text =
            format!("{}: only a server, at an http or https URL, replies to an upload", file.remote_name);
        return Err(Error::new(ResultCode::BG_E_INVALIDARG, text));
    }
    check_path(file.local_name.as_ref()).map_err(|refused| Error::new(refused.code, refused.text))
}

/// Refuses what upload jobs do not have.
pub(super) fn not_of_uploads(job: &Job, code: ResultCode, what: &'static str) -> Result<()> {
    if job.is_upload() { Err(Error::new(code, what)) } else { Ok(()) }
}

/// Refuses jobs without a reply.
pub(super) fn has_reply(job: &Job) -> Result<()> {
    if job.record.kind == JobType::UploadReply {
        return Ok(());
    }
    Err(Error::new(ResultCode::BG_E_NOTIMPL, "only an upload-reply job has a reply"))
}

impl Queue {
    /// Works at the upload of a task; what the worker goes on with.
    pub(super) fn work_upload(&self, task: &mut Task, session: &Session, buffer: &mut Buffer) -> Next {
        if let Err(error) = self.find_share(task) {
            return self.report(task, Report::failed(error), self.now());
        }
        if remote_name::is_file(&task.remote) {
            return self.work_delivery(task, session, buffer);
        }
        // What was whole as a file, before its share moved to a server, is not there.
        let elsewhere = session.delivered && session.id.is_none();
        let none = Session::default();
        let outcome = self.send(task, if elsewhere { &none } else { session }, buffer);
        let mut state = self.state.lock();
        let next = self.take_upload_report(&mut state, task, outcome);
        self.follow_up(&mut state, task.job, next)
    }

    fn send(&self, task: &Task, session: &Session, buffer: &mut Buffer) -> Outcome {
        let path: &Path = task.local.as_ref().as_ref();
        let source = if session.delivered {
            None
        } else {
            let directories = self.directories_of(task, TokenFlags::LOCAL_FILE)?;
            Some(Source::open(directories, path, ErrorContext::LocalFile)?)
        };
        let headers = self.headers_of(task.job, task.headers.as_deref())?;
        let access = self.access_of(task.job, task.access.as_deref())?;
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let upload = Upload {
            url: &task.remote,
            name,
            source: source.as_ref(),
            keep_open: task.waits_for_reply,
            security: task.security,
            headers: &headers,
            access: access.as_ref(),
        };
        let attempt = Attempt { queue: self, task };
        let sending = Sending {
            session: session.clone(),
            journal: &attempt,
            progress: &task.progress,
            observer: &attempt,
            buffer,
            cancel: &task.cancel,
        };
        self.http.upload(&upload, sending, self.wall())
    }

    pub(super) fn take_upload_report(
        &self,
        state: &mut Locked<'_>,
        task: &Task,
        outcome: Outcome,
    ) -> Option<Task> {
        let entry = state.entries.get_mut(&task.job)?;
        entry.slot(task.attempt)?;
        let closed = matches!(outcome, Ok(Sent::Closed));
        let session = entry.job.file(task.file).and_then(|file| file.upload.clone()).unwrap_or_default();
        entry.job.update(task.file, |file| {
            file.stage = if closed { Stage::Done } else { Stage::Waiting };
            if closed {
                file.upload = None;
            }
        });
        let headers = task.progress.take_response_headers();
        if headers.is_some_and(|headers| entry.job.keep_response_headers(task.file, &headers)) {
            state.touch_job(task.job);
        }
        state.touch_file(task.job, task.file);
        match outcome {
            Ok(Sent::Delivered) => match self.http.reply_url(&task.remote, &session) {
                Ok(url) => {
                    self.expect_reply(state, task.job, &url);
                    if let Some(next) = self.next_file(state, task) {
                        return Some(next);
                    }
                }
                Err(error) => self.failed(state, task, error),
            },
            Ok(Sent::Closed) => {
                state.touch_job(task.job);
                if state.entries.get(&task.job).is_some_and(|entry| entry.job.view().all_done) {
                    // A suspended job stays suspended; Resume finds everything done.
                    let _ = self.transition(state, task.job, JobEvent::AllTransferred, None);
                }
            }
            // Whoever stopped the attempt may have repaired what it failed of.
            Err(error) if error.cancelled || task.cancel.is_cancelled() => {}
            Err(error) => self.failed(state, task, error),
        }
        self.give_back(state, task);
        None
    }
}

impl Queue {
    /// The server has the upload: its reply is fetched next, into an empty file where there is none.
    fn expect_reply(&self, state: &mut State, id: Guid, url: &str) {
        let Some(entry) = state.entries.get_mut(&id) else { return };
        if let Some(name) = entry.job.reply_name().filter(|_| entry.job.reply().is_none()) {
            entry.job.push(File::new(url, &name));
            state.touch_added(id, 1, 2);
            self.modified(state, id);
        }
    }

    /// Another place to look for a reply that is not at the host of its session, or where nobody is: the host in the
    /// URL of the upload.
    pub(super) fn reply_at_origin(&self, task: &Task, error: &TransferError) -> Option<String> {
        let absent = error.http_status == Some(404) || error.is_unreached();
        if !absent || error.cancelled || task.progress.written() > task.offset {
            return None;
        }
        let state = self.state.lock();
        let job = &state.entries.get(&task.job)?.job;
        let upload = job.files().first().filter(|_| job.is_upload() && task.file > 0)?;
        let session = Session { host: None, ..upload.upload.as_deref()?.clone() };
        let origin = self.http.reply_url(&upload.remote, &session).ok()?;
        (origin != *task.remote).then_some(origin)
    }

    /// `SetReplyFileName`.
    pub(super) fn set_reply_name(&self, id: Guid, name: Option<&str>) -> Result<Reply> {
        let token = {
            let mut state = self.enter()?;
            has_reply(&state.entry(id)?.job)?;
            state.entry(id)?.local_token()
        };
        if let Some(name) = name {
            // The check touches directories: not under the lock.
            let mut destinations = DestinationCheck::new(token.as_deref().unwrap_or(&self.directories));
            destinations.check(name.as_ref()).map_err(|refused| Error::new(refused.code, refused.text))?;
        }
        self.change(id, |queue, state| {
            let entry = state.entry(id)?;
            step(&entry.job.view(), JobEvent::Set)?;
            if entry.job.reply().is_some() {
                let text = "the reply is being fetched, or is here";
                return Err(Error::new(ResultCode::BG_E_INVALID_STATE, text));
            }
            entry.job.record.reply_name = name.map(str::to_owned);
            Ok(queue.transition(state, id, JobEvent::Set, None)?)
        })
    }

    /// `GetReplyData`, of at most 1 MiB.
    pub(super) fn reply_data(&self, id: Guid) -> Result<Reply> {
        let (path, size, token) = {
            let mut state = self.enter()?;
            self.check_owner(state.entry(id)?)?;
            let entry = state.entry(id)?;
            has_reply(&entry.job)?;
            let here = |reply: &&File| reply.stage >= Stage::Done && entry.job.state() != JobState::Cancelled;
            let Some(reply) = entry.job.reply().filter(here) else {
                return Err(Error::new(ResultCode::BG_E_INVALID_STATE, "the reply is not here yet"));
            };
            let path = PathBuf::from(&*reply.local);
            let published = entry.job.state() == JobState::Acknowledged;
            let path = if published { path } else { temp_path(&path, id, 1) };
            (path, reply.size, entry.local_token())
        };
        if size > MOST_REPLY_DATA {
            let text = format!("the reply has {size} bytes; read its file after completing the job");
            return Err(Error::new(ResultCode::BG_E_TOO_LARGE, text));
        }
        let directories = token.as_deref().unwrap_or(&self.directories);
        let source = Source::open(directories, &path, ErrorContext::LocalFile);
        let data = source.and_then(|source| source.read_all(size));
        Ok(Reply::Bytes(data.map_err(|error| Error::new(error.code, error.text))?))
    }

    /// A file that changed while it was uploaded is sent from its beginning, as it is now.
    pub(super) fn begin_upload_anew(&self, state: &mut State, id: Guid) -> Result<()> {
        let entry = state.entry(id)?;
        let changed = |error: &ErrorRecord| error.code == ResultCode::BG_E_LOCAL_FILE_CHANGED;
        if !entry.job.is_upload() || !entry.job.record.error.as_ref().is_some_and(changed) {
            return Ok(());
        }
        self.give_up_session(state, id);
        let entry = state.entry(id)?;
        entry.job.update(0, |file| {
            file.upload = None;
            file.lose();
            file.size = SIZE_UNKNOWN;
        });
        state.touch_file(id, 0);
        Ok(())
    }
}

impl Journal for Attempt<'_> {
    fn record(&self, session: &Session, durably: bool) -> std::result::Result<(), TransferError> {
        let (queue, task) = (self.queue, self.task);
        let mut state = queue.state.lock();
        let recorded = queue.note(&mut state, task, session).and_then(|()| {
            // The rest reaches the disk with the next checkpoint.
            if durably { queue.commit(&mut state) } else { Ok(()) }
        });
        drop(state);
        recorded.map_err(unrecorded)
    }
}

impl Queue {
    /// Takes what is known of a session into the job; the caller commits.
    pub(super) fn note(&self, state: &mut State, task: &Task, session: &Session) -> Result<()> {
        let now = self.now();
        let entry = state.entry(task.job)?;
        let before = entry.job.file(task.file).map_or(0, |file| file.offset);
        entry.job.update(task.file, |file| {
            file.upload = Some(Box::new(session.clone()));
            (file.offset, file.durable) = (session.offset, session.offset);
            if let Some(stamp) = session.file {
                file.size = stamp.size;
            }
        });
        if session.offset > before {
            entry.clocks.stalled_since = None;
            entry.clocks.touched = now;
        }
        state.touch_file(task.job, task.file);
        self.modified(state, task.job);
        Ok(())
    }
}
