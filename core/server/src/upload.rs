//! The packets of the upload protocol.

use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use bgcopy_protocol::ResultCode;
use bgcopy_protocol::upload::{Answer, FragmentRange, Packet, Placement, Refusal, SessionId};
use hyper::body::Incoming;
use rustix::fs::Access;
use tokio::sync::{Semaphore, watch};

use crate::body::{self, Cut, Receiver};
use crate::durable::{Step, Stop};
use crate::metrics::Metrics;
use crate::notification;
use crate::registry::Registry;
use crate::session::{Place, Record, Session, Stage, State, Verdict, now};
use crate::storage::{self, Data, Found, Storage};
use crate::url_path::UrlPath;

/// What receives uploads.
pub struct Uploads {
    /// All of them.
    pub registry: Registry,
    /// How many server applications may be told of uploads at once.
    pub applications: Semaphore,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Where bytes are received into, as long as somebody does.
    pub storages: parking_lot::Mutex<Vec<Weak<Storage>>>,
}

/// Most server applications that are told of uploads at once: more wait, so that many clients do not become many posts.
const NOTIFICATIONS: usize = 16;

impl Default for Uploads {
    fn default() -> Uploads {
        Uploads {
            registry: Registry::default(),
            applications: Semaphore::new(NOTIFICATIONS),
            metrics: Arc::default(),
            storages: parking_lot::Mutex::default(),
        }
    }
}

/// A request of the protocol.
pub struct Request<'a> {
    /// The directory it is about.
    pub place: &'a Arc<Place>,
    /// The file it is about.
    pub path: &'a UrlPath,
    /// Who asks.
    pub principal: Option<&'a str>,
    /// Its whole URL.
    pub url: String,
    /// How long its client may be silent.
    pub idle_timeout: Duration,
}

/// Why no answer is there.
pub enum Failure {
    /// One that says why.
    Refused(Refusal),
    /// Nobody knows who asks.
    Unknown,
    /// The client is gone, or has sent a newer request: the connection is closed.
    Abandoned,
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Failure {
        Failure::Refused(refusal)
    }
}

impl From<Cut> for Failure {
    fn from(_: Cut) -> Failure {
        Failure::Abandoned
    }
}

impl Uploads {
    /// Carries a request out.
    pub async fn answer(
        &self,
        request: Request<'_>,
        packet: Packet,
        body: &mut Incoming,
    ) -> Result<Answer, Failure> {
        match packet {
            Packet::Ping => Ok(Answer::Pong),
            Packet::CreateSession { supported } => Ok(self.create(request, supported).await?),
            Packet::Fragment { session, range } => {
                let found = self.find(&request, &session)?;
                let turn = found.begin();
                let mut state = found.state.lock().await;
                if state.gone {
                    return Err(Refusal::session_not_found().into());
                }
                self.fragment(&request, &found, &mut state, range, body, turn).await
            }
            Packet::CloseSession { session } => Ok(self.end(request, session, true).await?),
            Packet::CancelSession { session } => Ok(self.end(request, session, false).await?),
        }
    }

    /// Whether a URL is that of the reply of an upload, and this user's.
    pub fn is_reply(&self, place: &Arc<Place>, names: &[String], principal: Option<&str>) -> bool {
        let [_, _, id, _] = names else { return false };
        let Some(id) = SessionId::parse(id) else { return false };
        let session = self.registry.get(&id, place, principal);
        session.is_some_and(|session| storage::reply_names(&session.id) == names)
    }

    fn find(&self, request: &Request<'_>, id: &SessionId) -> Result<Arc<Session>, Refusal> {
        let target = target(request);
        self.registry
            .find(id, request.place, target, request.principal)
            .ok_or_else(Refusal::session_not_found)
    }

    async fn create(&self, request: Request<'_>, supported: bool) -> Result<Answer, Refusal> {
        let target = target(&request);
        let (Some(first), false) = (target.first(), request.path.is_directory()) else {
            return Err(Refusal::malformed());
        };
        if !supported {
            return Err(Refusal::malformed());
        }
        if first.eq_ignore_ascii_case(storage::DIRECTORY) {
            return Err(Refusal::access_denied());
        }
        let place = Arc::clone(request.place);
        if place.sessions.load(Ordering::Relaxed) >= place.settings.maximum_sessions {
            return Err(Refusal::new(503, ResultCode::BG_E_WIN32_BUSY));
        }
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(|error| failed(&error.into()))?;
        let record = Record {
            id: SessionId::from_random(random),
            url_prefix: place.settings.url_prefix.to_string(),
            target: target.to_vec(),
            url: request.url,
            host: place.settings.host.as_ref().map(|(host, _)| host.clone()),
            principal: request.principal.map(str::to_owned),
            created: now(),
            total: None,
            stage: Stage::Receiving,
            verdict: None,
        };
        let session = record.id.clone();
        let host = place.settings.host.clone();
        let storage = place.storage.clone().ok_or_else(Refusal::disabled)?;
        let (checked, writer) = (Arc::clone(&place), Arc::clone(&storage));
        let record = blocking(move || {
            check_target(&checked, &record.target)?;
            writer.create(&record).map_err(|error| failed(&error))?;
            Ok(record)
        })
        .await?;
        let found = Found { record, received: 0, progress: now() };
        self.registry.insert(Arc::new(Session::new(&place, storage, found, false)));
        Ok(Answer::Created { session, host })
    }

    async fn end(&self, request: Request<'_>, id: SessionId, close: bool) -> Result<Answer, Refusal> {
        let session = self.find(&request, &id)?;
        let _turn = session.begin();
        let mut state = session.state.lock().await;
        if state.gone {
            return Err(Refusal::session_not_found());
        }
        let mut vanished = false;
        if close && state.record.stage != Stage::Finished && state.received > 0 {
            let (storage, id) = (Arc::clone(&session.storage), session.id.clone());
            vanished = !blocking(move || Ok(storage.has_data(&id))).await?;
        }
        self.registry.end(&session, &mut state).await.map_err(|error| failed(&error))?;
        if vanished {
            return Err(Refusal::new(404, ResultCode::BG_E_WIN32_FILE_NOT_FOUND));
        }
        Ok(Answer::Ended { session: session.id.clone() })
    }

    async fn fragment(
        &self,
        request: &Request<'_>,
        session: &Arc<Session>,
        state: &mut State,
        range: FragmentRange,
        body: &mut Incoming,
        turn: watch::Receiver<u64>,
    ) -> Result<Answer, Failure> {
        let storage = &session.storage;
        if state.record.verdict == Some(Verdict::Forbidden) {
            return Err(notification::forbidden().into());
        }
        match state.record.total {
            Some(total) if total != range.total => return Err(Refusal::malformed().into()),
            Some(_) => {}
            None => {
                let settings = &request.place.settings;
                // No file system has larger files either.
                if range.total > settings.maximum_upload_size || i64::try_from(range.total).is_err() {
                    return Err(Refusal::too_large().into());
                }
                let room = settings.maximum_temporary_bytes.saturating_sub(storage.temporary());
                if range.total > room {
                    return Err(Refusal::disk_full().into());
                }
                state.record.total = Some(range.total);
                state.saved = false;
            }
        }
        let placement = range.place(state.received);
        let data = Data::new(&session.storage, &session.id, state.received == 0);
        if placement == Placement::Gap {
            self.hold(session, state, &data).await?;
            return Err(Refusal::out_of_step(state.received).into());
        }
        let mut receiver = Receiver::new(body, request.idle_timeout, turn);
        if state.record.stage != Stage::Finished {
            match placement {
                Placement::Append { skip } => {
                    self.receive(session, state, &data, skip, &mut receiver).await?
                }
                Placement::Held if range.total == 0 && state.received == 0 => {
                    let data = Arc::clone(&data);
                    blocking(move || data.file().map(drop).map_err(|error| failed(&error))).await?;
                }
                Placement::Held | Placement::Gap => receiver.skip().await?,
            }
            session.progress();
        } else {
            receiver.skip().await?;
        }
        if state.received == range.total && state.record.stage != Stage::Finished {
            self.complete(request.place, session, state, &data).await?;
            Metrics::add(&self.metrics.uploads, 1);
        } else {
            self.hold(session, state, &data).await?;
        }
        let reply = match &state.record.verdict {
            Some(Verdict::Taken { reply: Some(reply), .. }) => {
                Some(notification::reply_url(reply, &state.record, &request.url))
            }
            _ => None,
        };
        Ok(Answer::Received { session: session.id.clone(), received: state.received, reply })
    }

    /// Appends what the body has behind its first bytes, as far as it comes.
    async fn receive(
        &self,
        session: &Arc<Session>,
        state: &mut State,
        data: &Arc<Data>,
        skip: u64,
        receiver: &mut Receiver<'_>,
    ) -> Result<(), Failure> {
        let unsynced = state.received - state.durable;
        let (written, result) = body::append(data, state.received, skip, receiver, unsynced).await;
        state.received += written;
        session.storage.grow(written);
        Metrics::add(&self.metrics.received, written);
        match result {
            Ok(()) => Ok(()),
            Err(body::Stop::Cut) => Err(Failure::Abandoned),
            Err(body::Stop::Write(error)) => Err(vanished(&error).into()),
            Err(body::Stop::Sync(error)) => {
                self.forget(session, state);
                Err(failed(&error).into())
            }
        }
    }

    /// Makes durable what the answer promises.
    async fn hold(&self, session: &Arc<Session>, state: &mut State, data: &Arc<Data>) -> Result<(), Refusal> {
        if state.saved && state.entered && state.received == state.durable {
            return Ok(());
        }
        let result = session.storage.durable.carry_out(vec![kept(session, state, data)]).await;
        self.held(session, state, result)
    }

    /// Notes that what [`kept`] gives is on disk, or why it is not.
    fn held(&self, session: &Session, state: &mut State, result: Result<(), Stop>) -> Result<(), Refusal> {
        match result {
            Err(Stop::Refused(0, refusal)) => return Err(refusal),
            Err(Stop::Unwritten(0, error)) => {
                self.forget(session, state);
                return Err(failed(&error));
            }
            Ok(()) | Err(_) => {}
        }
        (state.saved, state.entered, state.promised) = (true, true, true);
        state.durable = state.received;
        match result {
            Ok(()) => Ok(()),
            Err(Stop::Refused(_, refusal)) => Err(refusal),
            Err(Stop::Unwritten(_, error)) => Err(failed(&error)),
        }
    }

    /// After a failed write to the disk, bytes that were not on it before count no more.
    fn forget(&self, session: &Session, state: &mut State) {
        session.storage.shrink(state.received - state.durable);
        // A later process would take its length for what is there.
        let _ = session.storage.cut(&session.id, state.durable);
        (state.saved, state.entered, state.received) = (false, false, state.durable);
    }

    /// All bytes are there: the server application is told, if there is one, and the file gets its name, if nobody is
    /// told or the application wants that.
    async fn complete(
        &self,
        place: &Arc<Place>,
        session: &Arc<Session>,
        state: &mut State,
        data: &Arc<Data>,
    ) -> Result<(), Refusal> {
        let Some(told) = &place.settings.notification else {
            return self.publish(place, session, state, data).await;
        };
        if state.record.verdict.is_none() {
            self.hold(session, state, data).await?;
            let verdict = notification::tell(told, &session.storage, &state.record, &self.applications).await;
            Metrics::add(&self.metrics.notifications[usize::from(verdict.is_err())], 1);
            match verdict {
                Ok(verdict) => state.record.verdict = Some(verdict),
                Err(refusal) => {
                    if refusal.status == 403 {
                        state.record.verdict = Some(Verdict::Forbidden);
                        state.saved = false;
                        self.hold(session, state, data).await?;
                    }
                    return Err(refusal);
                }
            }
        }
        state.saved = false;
        if matches!(state.record.verdict, Some(Verdict::Taken { copy: true, .. })) {
            return self.publish(place, session, state, data).await;
        }
        state.record.stage = Stage::Finished;
        let result = self.hold(session, state, data).await;
        match result {
            Ok(()) => session.storage.shrink(state.received),
            Err(_) => state.record.stage = Stage::Receiving,
        }
        result
    }

    /// Gives the file its name.
    async fn publish(
        &self,
        place: &Arc<Place>,
        session: &Arc<Session>,
        state: &mut State,
        data: &Arc<Data>,
    ) -> Result<(), Refusal> {
        state.record.stage = Stage::Publishing;
        state.saved = false;
        let (kept, renamed) = (kept(session, state, data), Arc::new(AtomicBool::new(false)));
        let publish: Step = {
            let (place, session, renamed) = (Arc::clone(place), Arc::clone(session), Arc::clone(&renamed));
            Box::new(move || {
                let parent = name(&place, &session)?;
                renamed.store(true, Ordering::Relaxed);
                Ok(vec![parent])
            })
        };
        let result = session.storage.durable.carry_out(vec![kept, publish]).await;
        let result = self.held(session, state, result);
        if renamed.load(Ordering::Relaxed) {
            state.record.stage = Stage::Finished;
            session.storage.shrink(state.received);
        } else {
            // The bytes stay, and the next Fragment tries again.
            state.record.stage = Stage::Receiving;
            state.saved = false;
        }
        result
    }
}

/// Writes what is not yet on disk of a session, and gives what has to be.
fn kept(session: &Arc<Session>, state: &State, data: &Arc<Data>) -> Step {
    let record = (!state.saved).then(|| state.record.clone());
    let (careful, enter) = (state.promised, !state.entered);
    let data = (state.received > state.durable).then(|| Arc::clone(data));
    let session = Arc::clone(session);
    Box::new(move || {
        let mut files = Vec::new();
        let mut add = || -> io::Result<()> {
            if let Some(data) = &data {
                files.push(data.file()?);
            }
            match &record {
                Some(record) => files.extend(session.storage.save(record, careful)?),
                None if enter => files.extend(session.storage.record(&session.id)?),
                None => {}
            }
            if enter {
                files.push(session.storage.names());
            }
            Ok(())
        };
        add().map_err(|error| vanished(&error))?;
        Ok(files)
    })
}

/// Gives the bytes of a session their name; returns the directory that has it.
fn name(place: &Place, session: &Session) -> Result<Arc<File>, Refusal> {
    let (name, above) = session.target.split_last().ok_or_else(Refusal::malformed)?;
    let parent = place.tree.descend(above).map_err(|error| no_parent(&error))?;
    let replace = place.settings.allow_overwrites;
    session.storage.publish(&session.id, &parent, name, replace).map_err(|error| unpublished(&error))?;
    Ok(Arc::new(parent.into()))
}

/// The names of the file below its directory.
fn target<'a>(request: &Request<'a>) -> &'a [String] {
    request.path.below(&request.place.settings.url_prefix).unwrap_or_default()
}

/// Whether a file may be made here.
fn check_target(place: &Place, target: &[String]) -> Result<(), Refusal> {
    let (name, above) = target.split_last().ok_or_else(Refusal::malformed)?;
    let parent = place.tree.descend(above).map_err(|error| no_parent(&error))?;
    if !parent.allows(Access::WRITE_OK | Access::EXEC_OK) {
        return Err(Refusal::access_denied());
    }
    match parent.status(name) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(failed(&error)),
        Ok(status) if rustix::fs::FileType::from_raw_mode(status.st_mode).is_dir() => {
            Err(Refusal::malformed())
        }
        Ok(_) if place.settings.allow_overwrites => Ok(()),
        Ok(_) => Err(Refusal::access_denied()),
    }
}

/// Runs what waits for a disk on a thread that may wait.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    let unexpected = |_| Refusal::new(500, ResultCode::BG_E_UNEXPECTED);
    tokio::task::spawn_blocking(work).await.map_err(unexpected)?
}

/// A directory that is no directory, or a link, is none to go into.
fn no_parent(error: &io::Error) -> Refusal {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Refusal::no_directory(),
        _ if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => Refusal::no_directory(),
        _ => failed(error),
    }
}

fn unpublished(error: &io::Error) -> Refusal {
    match error.kind() {
        io::ErrorKind::AlreadyExists => Refusal::access_denied(),
        io::ErrorKind::IsADirectory => Refusal::malformed(),
        _ => failed(error),
    }
}

/// The bytes of a session that should be there are not: it is begun again.
fn vanished(error: &io::Error) -> Refusal {
    if error.kind() == io::ErrorKind::NotFound { Refusal::session_not_found() } else { failed(error) }
}

/// What the system would not do.
fn failed(error: &io::Error) -> Refusal {
    eprintln!("an upload cannot be stored: {error}");
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Refusal::disk_full(),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Refusal::access_denied(),
        io::ErrorKind::FileTooLarge => Refusal::too_large(),
        _ if error.raw_os_error() == Some(rustix::io::Errno::MFILE.raw_os_error()) => {
            Refusal::new(503, ResultCode::BG_E_WIN32_TOO_MANY_OPEN_FILES)
        }
        _ => Refusal::new(500, ResultCode::BG_E_WIN32_WRITE_FAULT),
    }
}
