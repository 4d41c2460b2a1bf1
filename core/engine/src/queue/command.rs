//! Commands of programs.

use bgcopy_protocol::Guid;
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::{JobType, ProxyUsage};
use bgcopy_protocol::file_range::FileRange;

use super::entry::Entry;
use super::ranges::{check_for_ranges, filled_ranges};
use super::upload::{check_upload, has_reply, not_of_uploads};
use super::{Locked, Queue, State, not_found};
use crate::client::link::{Command, FileInfo, JobCommand, Reply};
use crate::model::error::{Error, Result};
use crate::model::file::{File, Stage};
use crate::model::job::{Defaults, Job, Unset, made_reply_name};
use crate::model::property::{Property, check_new_name};
use crate::model::state::{JobEvent, step};
use crate::sys::user::is_service_account;
use crate::transfer::destination::{DestinationCheck, growing_path};

pub(super) const ROOT: u32 = 0;

impl Queue {
    /// Carries out one command; durable when it returns success, nothing changed when it fails.
    pub(super) fn execute(&self, command: Command) -> Result<Reply> {
        let job = match &command {
            Command::Job(id, _) => Some(*id),
            _ => None,
        };
        self.carry_out_command(command).map_err(|error| match job {
            Some(id) => self.about(id, error),
            None => error,
        })
    }

    /// The error, which names the job where it says no more than its code.
    pub(super) fn about(&self, id: Guid, error: Error) -> Error {
        if !error.detail.is_empty() {
            return error;
        }
        let state = self.state.lock();
        let Some(entry) = state.entries.get(&id) else { return error };
        let (name, state) = (&entry.job.record.display_name, entry.job.state().sdk_name());
        Error::new(error.code, format!("{} Job {id} {name:?} is in {state}.", error.code.text()))
    }

    fn carry_out_command(&self, command: Command) -> Result<Reply> {
        match command {
            Command::CreateJob { display_name, kind } => self.create_job(&display_name, kind),
            Command::CreateGroup(id) => self.create_group(id),
            Command::FindGroup(id) => self.find_group(id),
            Command::EnumGroups => self.enum_groups(),
            Command::FindJob(id) => {
                let mut state = self.enter()?;
                self.check_owner(state.entry(id)?)?;
                state.entry(id)?.holders += 1;
                Ok(Reply::Job(id))
            }
            Command::EnumJobs { all_users } => self.enum_jobs(all_users),
            Command::IsOverridden => Ok(Reply::Flag(self.enter()?.rules.overridden)),
            Command::Release(id) => {
                self.release(id);
                Ok(Reply::Done(ResultCode::BG_S_OK))
            }
            Command::Job(id, JobCommand::AddFiles(files)) => self.add_files(id, &files, None),
            Command::Job(id, JobCommand::AddFileWithRanges(file, ranges)) => {
                self.add_file_with_ranges(id, file, &ranges)
            }
            Command::Job(id, JobCommand::RequestFileRanges(file, ranges)) => {
                self.change(id, |queue, state| queue.request_ranges(state, id, file, &ranges))
            }
            Command::Job(id, JobCommand::UpdateDownloadPosition(file, offset)) => {
                self.change(id, |queue, state| queue.update_position(state, id, file, offset))
            }
            Command::Job(id, JobCommand::Complete) => self.complete(id).map(Reply::Done),
            Command::Job(id, JobCommand::Cancel) => self.cancel(id).map(Reply::Done),
            Command::Job(id, JobCommand::Suspend) => {
                self.change(id, |queue, state| Ok(queue.transition(state, id, JobEvent::Suspend, None)?))
            }
            Command::Job(id, JobCommand::Resume) => self.change(id, |queue, state| queue.resume(state, id)),
            Command::Job(id, JobCommand::Set(property)) => {
                let property = property.checked()?;
                self.change(id, |queue, state| queue.set(state, id, property))
            }
            Command::Job(id, JobCommand::TakeOwnership) => self.take_ownership(id),
            Command::Job(id, JobCommand::SetValidationState(file, valid)) => {
                self.change(id, |queue, state| queue.set_validation_state(state, id, file, valid))
            }
            Command::Job(id, JobCommand::SetRemoteName(file, name)) => self.set_remote_name(id, file, &name),
            Command::Job(id, JobCommand::ReplaceRemotePrefix { old, new }) => {
                self.replace_remote_prefix(id, &old, &new)
            }
            Command::Job(id, JobCommand::CreateGroupJob(job)) => {
                self.change(id, |queue, state| queue.create_group_job(state, id, job))
            }
            Command::Job(id, JobCommand::GroupJob) => self.group_job(id),
            Command::Job(id, JobCommand::SetCustomHeaders(headers)) => {
                self.set_custom_headers(id, headers.as_ref())
            }
            Command::Job(id, JobCommand::CustomHeaders) => self.custom_headers(id),
            Command::Job(id, JobCommand::MakeCustomHeadersWriteOnly) => {
                self.make_custom_headers_write_only(id)
            }
            Command::Job(id, JobCommand::SetCredentials(credentials)) => {
                self.set_credentials(id, &credentials)
            }
            Command::Job(id, JobCommand::SetClientCertificate(location, store, name)) => {
                self.set_client_certificate(id, location, &store, &name)
            }
            Command::Job(id, JobCommand::RemoveClientCertificate) => self.remove_client_certificate(id),
            Command::Job(id, JobCommand::ClientCertificate) => self.client_certificate(id),
            Command::Job(id, JobCommand::RemoveCredentials(target, scheme)) => {
                self.remove_credentials(id, target, scheme)
            }
            Command::Job(id, JobCommand::SetReplyFileName(name)) => self.set_reply_name(id, name.as_deref()),
            Command::Job(id, JobCommand::ReplyData) => self.reply_data(id),
            Command::Job(id, query) => self.read(id, &query),
        }
    }

    pub(super) fn check_owner(&self, entry: &Entry) -> Result<()> {
        if self.owner == ROOT || entry.job.record.owner == self.owner {
            return Ok(());
        }
        Err(Error::new(
            ResultCode::BG_E_ACCESSDENIED,
            format!("job {} belongs to another user", entry.job.id),
        ))
    }

    fn create_job(&self, name: &str, kind: JobType) -> Result<Reply> {
        check_new_name(name)?;
        let id = self.random.guid_bytes().map(Guid::from_random).map_err(|error| {
            Error::new(ResultCode::from_io(&error), format!("no random bytes for a job id: {error}"))
        })?;
        let mut state = self.enter()?;
        self.add_job(&mut state, id, name, kind)?;
        self.commit(&mut state)?;
        Ok(Reply::Job(id))
    }

    /// A new job with a handle; the caller commits.
    pub(super) fn add_job<'a>(
        &self,
        state: &'a mut State,
        id: Guid,
        name: &str,
        kind: JobType,
    ) -> Result<&'a mut Entry> {
        let (now, wall) = (self.now(), self.wall());
        self.check_job_quota(state)?;
        let sequence = state.next_sequence;
        state.next_sequence += 1;
        let defaults = Defaults {
            minimum_retry_delay: state.rules.minimum_retry_delay,
            no_progress_timeout: state.rules.no_progress_timeout,
        };
        let mut job = Job::new(id, sequence, self.owner, kind, name, wall, &defaults);
        let interval = self.settings.notification_interval.as_millis();
        job.record.minimum_notification_interval = u32::try_from(interval).unwrap_or(u32::MAX);
        let mut entry = Entry::new(job, now);
        entry.holders = 1;
        state.add_entry(entry);
        state.touch_job(id);
        self.retime(state, id);
        state.entry(id)
    }

    /// Quotas do not hold for root and the accounts of services.
    pub(super) fn is_exempt(&self) -> bool {
        is_service_account(self.owner)
    }

    fn check_job_quota(&self, state: &State) -> Result<()> {
        if self.is_exempt() {
            return Ok(());
        }
        let of_users = |(user, jobs): (&u32, &u32)| if is_service_account(*user) { 0 } else { *jobs };
        let everybody: u32 = state.jobs_of.iter().map(of_users).sum();
        let mine = state.jobs_of.get(&self.owner).copied().unwrap_or(0);
        let over = |jobs: u32, limit: Option<u32>| limit.filter(|limit| jobs >= *limit);
        if let Some(limit) = over(everybody, state.rules.max_jobs_per_machine) {
            let text = format!("all users together may have {limit} unfinished jobs");
            return Err(Error::new(ResultCode::BG_E_TOO_MANY_JOBS_PER_MACHINE, text));
        }
        if let Some(limit) = over(mine, state.rules.max_jobs_per_user) {
            let text = format!("a user may have {limit} unfinished jobs; complete or cancel one");
            return Err(Error::new(ResultCode::BG_E_TOO_MANY_JOBS_PER_USER, text));
        }
        Ok(())
    }

    fn enum_jobs(&self, all_users: bool) -> Result<Reply> {
        if all_users && self.owner != ROOT {
            return Err(Error::new(
                ResultCode::BG_E_ACCESSDENIED,
                "only root may list the jobs of all users",
            ));
        }
        let mut state = self.enter()?;
        let State { entries, order, .. } = &mut *state;
        let mut ids = Vec::with_capacity(order.len());
        for id in order.values() {
            let Some(entry) = entries.get_mut(id) else { continue };
            if all_users || entry.job.record.owner == self.owner {
                entry.holders += 1;
                ids.push(*id);
            }
        }
        Ok(Reply::Jobs(ids))
    }

    fn release(&self, id: Guid) {
        // A forked child must not touch a lock that another thread of its parent may have held.
        if std::process::id() != self.pid {
            return;
        }
        let mut state = self.state.lock();
        let gone = state.entries.get_mut(&id).and_then(|entry| {
            entry.holders = entry.holders.saturating_sub(1);
            (entry.holders == 0 && entry.job.is_final()).then_some(())
        });
        let entry = gone.and_then(|()| state.entries.remove(&id));
        drop(state);
        // Its listener may belong to the program: not under the lock.
        drop(entry);
    }

    /// Waits until no Complete or Cancel is at work on the job, and checks that the caller may change it.
    pub(super) fn settled(&self, state: &mut Locked<'_>, id: Guid) -> Result<()> {
        loop {
            let entry = state.entry(id)?;
            self.check_owner(entry)?;
            if !entry.ending {
                return Ok(());
            }
            self.not_in_check()?;
            self.changed.wait(state);
        }
    }

    pub(super) fn change(
        &self,
        id: Guid,
        change: impl FnOnce(&Queue, &mut State) -> Result<()>,
    ) -> Result<Reply> {
        let mut state = self.enter()?;
        self.settled(&mut state, id)?;
        change(self, &mut state)?;
        self.commit(&mut state)?;
        Ok(Reply::Done(ResultCode::BG_S_OK))
    }

    fn resume(&self, state: &mut State, id: Guid) -> Result<()> {
        self.transition(state, id, JobEvent::Resume, None)?;
        self.begin_upload_anew(state, id)?;
        // Nothing new to fetch: the job is transferred again, and told again.
        if state.entry(id)?.job.view().all_done {
            self.transition(state, id, JobEvent::AllTransferred, None)?;
        }
        self.apply_blocks(state, id);
        self.rest_if_satisfied(state, id);
        Ok(())
    }

    fn set(&self, state: &mut State, id: Guid, property: Property) -> Result<()> {
        let entry = state.entry(id)?;
        property.settable(&entry.job)?;
        if let Property::NotifyCmdLine(line) = &property {
            if line.is_some() && !self.own_directory {
                return Err(Error::new(
                    ResultCode::BG_E_ACCESSDENIED,
                    "programs are run from a queue whose directory belongs to the caller only",
                ));
            }
            // Told at once, as with a new listener.
            entry.notices.new_listener();
        }
        if matches!(&property, Property::ProxySettings(proxy) if proxy.usage == ProxyUsage::Autodetect) {
            log::warn!("job {id}: proxies are not detected in this version: it goes without");
        }
        let asks = |entry: &Entry| {
            let record = &entry.job.record;
            let token = record.helper_token_flags;
            (entry.is_foreground(), record.security_flags, record.access.clone(), token, record.on_demand)
        };
        let before = asks(entry);
        if let Property::MinimumRetryDelay(seconds) = &property {
            entry.delay_retry(entry.job.record.minimum_retry_delay, *seconds);
        }
        entry.job.set_property(property);
        if asks(entry) != before && entry.is_moving() {
            // The file is asked for differently now; the job goes on where it is.
            let _ = self.transition(state, id, JobEvent::Preempted, None);
        }
        self.distrust_unchecked(state, id, before.1)?;
        self.transition(state, id, JobEvent::Set, None)?;
        self.apply_blocks(state, id);
        state.announce(id);
        Ok(())
    }

    /// Adds files, of which each is made of `ranges`, where there are some.
    pub(super) fn add_files(
        &self,
        id: Guid,
        files: &[FileInfo],
        ranges: Option<&[FileRange]>,
    ) -> Result<Reply> {
        if files.is_empty() {
            return Err(Error::new(ResultCode::BG_E_INVALIDARG, "the set has no file"));
        }
        // The checks touch directories: not under the lock.
        let mut state = self.enter()?;
        let entry = state.entry(id)?;
        let (kind, token) = (entry.job.record.kind, entry.local_token());
        let shares = state.rules.shares.clone();
        drop(state);
        let mut destinations = DestinationCheck::new(token.as_deref().unwrap_or(&self.directories));
        for file in files {
            super::remote_name::check(&shares, &file.remote_name)?;
            if kind == JobType::Download {
                destinations
                    .check(file.local_name.as_ref())
                    .map_err(|refused| Error::new(refused.code, refused.text))?;
            }
        }
        if kind != JobType::Download {
            check_upload(kind, files, &shares)?;
        }
        if let (JobType::UploadReply, [file]) = (kind, files) {
            // Where the reply goes, unless the program says otherwise.
            destinations
                .check(made_reply_name(&file.local_name, id).as_ref())
                .map_err(|refused| Error::new(refused.code, refused.text))?;
        }
        let mut state = self.enter()?;
        self.settled(&mut state, id)?;
        let limit = state.rules.max_files_per_job.filter(|_| !self.is_exempt());
        let entry = state.entry(id)?;
        step(&entry.job.view(), JobEvent::AddFiles)?;
        if ranges.is_some() {
            check_for_ranges(&entry.job)?;
        }
        let first = entry.job.files().len();
        if entry.job.is_upload() && first > 0 {
            let text = "the upload job has its file already; make another job";
            return Err(Error::new(ResultCode::BG_E_TOO_MANY_FILES, text));
        }
        let end = first + files.len();
        if end > limit.unwrap_or(u32::MAX) as usize {
            let text = format!("the job would have {end} files; {} are allowed", limit.unwrap_or(u32::MAX));
            return Err(Error::new(ResultCode::BG_E_TOO_MANY_FILES_IN_JOB, text));
        }
        entry.job.reserve(files.len());
        for file in files {
            entry.job.push(match ranges {
                Some(ranges) => File::with_ranges(&file.remote_name, &file.local_name, ranges.to_vec()),
                None => File::new(&file.remote_name, &file.local_name),
            });
        }
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        state.touch_added(id, number(first), number(end));
        self.transition(&mut state, id, JobEvent::AddFiles, None)?;
        self.commit(&mut state)?;
        Ok(Reply::Done(ResultCode::BG_S_OK))
    }

    fn read(&self, id: Guid, query: &JobCommand) -> Result<Reply> {
        let mut state = self.enter()?;
        self.check_owner(state.entry(id)?)?;
        let State { entries, rules, .. } = &*state;
        let Some(entry) = entries.get(&id) else { return Err(not_found(id)) };
        let job = &entry.job;
        let file = |index: u32| {
            job.listed().get(index as usize).ok_or_else(|| {
                Error::new(ResultCode::BG_E_FILE_NOT_FOUND, format!("job {id} has no file number {index}"))
            })
        };
        Ok(match query {
            JobCommand::Get(property) => {
                let unset = Unset {
                    maximum_download_time: rules.maximum_download_time,
                    cost_flags: rules.cost_flags(job.record.priority),
                };
                Reply::Property(job.property(*property, &unset))
            }
            JobCommand::Type => Reply::Type(job.record.kind),
            JobCommand::State => Reply::State(job.state()),
            JobCommand::Progress => Reply::Progress(job.progress(entry.running())),
            JobCommand::ReplyFileName => {
                has_reply(job)?;
                Reply::OptionalText(job.reply_name())
            }
            JobCommand::ReplyProgress => {
                has_reply(job)?;
                let live = entry.running().find(|(file, ..)| *file == 1);
                let live = live.map(|(_, received, size)| (received, size));
                let unknown = File::new("", "");
                Reply::FileProgress(job.reply().unwrap_or(&unknown).progress(JobType::Download, live))
            }
            JobCommand::Times => Reply::Times(job.record.times),
            JobCommand::Owner => Reply::Number(job.record.owner),
            JobCommand::ErrorCount => Reply::Number(job.record.error_count),
            JobCommand::Error => match &job.record.error {
                Some(record) => Reply::Error(Box::new(record.clone())),
                None => return Err(ResultCode::BG_E_ERROR_INFORMATION_UNAVAILABLE.into()),
            },
            JobCommand::HelperToken => {
                Reply::HelperToken(entry.token.as_ref().and_then(|token| token.owner()))
            }
            JobCommand::FileCount => Reply::Number(u32::try_from(job.listed().len()).unwrap_or(u32::MAX)),
            JobCommand::File(index) => {
                let file = file(*index)?;
                Reply::File(FileInfo {
                    remote_name: file.remote.to_string(),
                    local_name: file.local.to_string(),
                })
            }
            JobCommand::FileProgress(index) => {
                let file = file(*index)?;
                let live = (file.stage == Stage::Running)
                    .then(|| entry.running().find(|(running, ..)| running == index))
                    .flatten()
                    .map(|(_, received, size)| (received, size));
                Reply::FileProgress(file.progress(job.record.kind, live))
            }
            JobCommand::FileRanges(index) => {
                let ranges = file(*index)?.parts.as_ref().and_then(|parts| parts.ranges());
                Reply::Ranges(ranges.unwrap_or_default().to_vec())
            }
            JobCommand::FilledFileRanges(index) => {
                file(*index)?;
                Reply::Ranges(filled_ranges(entry, *index)?)
            }
            JobCommand::ValidationState(index) => Reply::Flag(file(*index)?.is_valid()),
            JobCommand::TemporaryName(index) => {
                not_of_uploads(job, ResultCode::BG_E_NOTIMPL, "an upload has no temporary file")?;
                let local = file(*index)?.local.as_ref().as_ref();
                let path = growing_path(local, id, *index, job.record.high_performance);
                Reply::Text(path.to_string_lossy().into_owned())
            }
            JobCommand::ResponseHeaders(index) => {
                file(*index)?;
                let slot = entry.slots.iter().find(|slot| slot.file == *index);
                let live = slot.and_then(|slot| slot.progress.response_headers());
                Reply::ResponseHeaders(
                    live.map_or_else(|| job.response_headers(*index), |text| Some(text.into())),
                )
            }
            JobCommand::SetReplyFileName(_)
            | JobCommand::ReplyData
            | JobCommand::CreateGroupJob(_)
            | JobCommand::GroupJob
            | JobCommand::AddFiles(_)
            | JobCommand::AddFileWithRanges(..)
            | JobCommand::RequestFileRanges(..)
            | JobCommand::UpdateDownloadPosition(..)
            | JobCommand::Suspend
            | JobCommand::Resume
            | JobCommand::Cancel
            | JobCommand::Complete
            | JobCommand::SetCustomHeaders(_)
            | JobCommand::CustomHeaders
            | JobCommand::MakeCustomHeadersWriteOnly
            | JobCommand::SetCredentials(_)
            | JobCommand::RemoveCredentials(..)
            | JobCommand::SetClientCertificate(..)
            | JobCommand::RemoveClientCertificate
            | JobCommand::ClientCertificate
            | JobCommand::Set(_)
            | JobCommand::TakeOwnership
            | JobCommand::SetValidationState(..)
            | JobCommand::SetRemoteName(..)
            | JobCommand::ReplaceRemotePrefix { .. } => {
                return Err(Error::new(ResultCode::BG_E_INVALIDARG, "not a query"));
            }
        })
    }
}

impl State {
    /// Takes a job into the queue.
    pub(super) fn add_entry(&mut self, entry: Entry) {
        let (id, record) = (entry.job.id, &entry.job.record);
        *self.jobs_of.entry(record.owner).or_default() += 1;
        self.order.insert(record.sequence, id);
        self.next_sequence = self.next_sequence.max(record.sequence + 1);
        self.entries.insert(id, entry);
    }
}
