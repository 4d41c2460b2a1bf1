//! Uploads on disk, until they have their names: `BITS-Sessions` in the directory they go to.
//!
//! ```text
//! BITS-Sessions/                       taken by one server (flock)
//!   Requests/{SESSION}/session.toml    what is known of the upload
//!                      requestfile.bin its bytes, from the first on; its length says how many
//!   Replies/{SESSION}/responsefile.bin what the server application answered
//!   Spare/{SESSION}/session.toml       of a session that has ended, for the next one
//!   Unreadable/{SESSION}/              what could not be understood when the server started
//! ```

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use bgcopy_protocol::upload::SessionId;
use parking_lot::Mutex;
use rustix::fs::{OFlags, RawMode};

use crate::durable::{Durable, Files};
use crate::session::{Record, Stage};
use crate::tree::Tree;

/// The name that is not served.
pub const DIRECTORY: &str = "BITS-Sessions";
const REPLIES: &str = "Replies";
const REPLY: &str = "responsefile.bin";
const DATA: &str = "requestfile.bin";
const RECORD: &str = "session.toml";
const NEW_RECORD: &str = "session.toml.new";
/// So many directories of sessions that have ended are kept for new ones. On ext4 whoever makes a file looks at all that
/// were deleted there in the last minutes, and each upload would leave two.
const SPARES: usize = 256;
/// A record is far smaller: a URL and a few names.
const MAX_RECORD: u64 = 1024 * 1024;

/// The uploads of one directory on disk.
pub struct Storage {
    /// Device and number of the directory.
    pub place: (u64, u64),
    path: PathBuf,
    sessions: Tree,
    requests: Tree,
    replies: Tree,
    /// The group of the directory reads requests and writes replies.
    shared: AtomicBool,
    temporary: AtomicU64,
    names: Arc<File>,
    spare: Tree,
    spares: Mutex<Vec<SessionId>>,
    /// When they count as there.
    pub durable: Arc<Durable>,
}

/// The bytes of a session, opened when they are needed.
pub struct Data {
    storage: Arc<Storage>,
    id: SessionId,
    new: bool,
    file: Mutex<Option<Arc<File>>>,
}

impl Data {
    /// Those of this session; `new` makes the file.
    pub fn new(storage: &Arc<Storage>, id: &SessionId, new: bool) -> Arc<Data> {
        Arc::new(Data { storage: Arc::clone(storage), id: id.clone(), new, file: Mutex::default() })
    }

    /// The open file.
    ///
    /// # Errors
    /// `NotFound`: it is gone.
    pub fn file(&self) -> io::Result<Arc<File>> {
        // Held while the file is opened: it must not be made again once it has its name.
        let mut file = self.file.lock();
        if let Some(file) = &*file {
            return Ok(Arc::clone(file));
        }
        Ok(Arc::clone(file.insert(Arc::new(self.storage.data(&self.id, self.new)?))))
    }
}

/// The names of a URL that lead to the reply of a session.
pub fn reply_names(id: &SessionId) -> [String; 4] {
    [DIRECTORY, REPLIES, id.as_str(), REPLY].map(str::to_owned)
}

/// A session that was found.
pub struct Found {
    /// What is known of it.
    pub record: Record,
    /// Bytes that are there.
    pub received: u64,
    /// When it last made progress, in seconds since 1970.
    pub progress: i64,
}

impl Storage {
    /// Opens the uploads of a directory, for this process alone; `shared` with the group of the directory, which reads
    /// uploads and writes replies.
    pub fn open(directory: &Tree, path: &Path, shared: bool) -> io::Result<Storage> {
        let status = directory.status(".")?;
        let sessions = directory.make_directory(DIRECTORY, 0o700)?;
        sessions.lock()?;
        let requests = sessions.make_directory("Requests", 0o700)?;
        let replies = sessions.make_directory(REPLIES, 0o700)?;
        let names = Arc::new(File::from(requests.descriptor()?));
        let spare = sessions.make_directory("Spare", 0o700)?;
        for name in spare.names()? {
            empty(&spare.directory(&name)?)?;
            spare.remove_directory(&name)?;
        }
        let storage = Storage {
            durable: Arc::new(Durable::new(Arc::clone(&names))),
            names,
            place: (status.st_dev, status.st_ino),
            path: path.join(DIRECTORY),
            sessions,
            requests,
            replies,
            spare,
            spares: Mutex::default(),
            shared: AtomicBool::new(shared),
            temporary: AtomicU64::new(0),
        };
        storage.share(shared)?;
        Ok(storage)
    }

    /// Says whether the group of the directory reads uploads that begin from now on, and writes replies.
    pub fn share(&self, shared: bool) -> io::Result<()> {
        self.shared.store(shared, Ordering::Relaxed);
        let (read, _) = self.modes();
        [&self.sessions, &self.requests, &self.replies].into_iter().try_for_each(|tree| tree.set_mode(read))
    }

    /// Permissions of the directories of requests and of replies.
    fn modes(&self) -> (RawMode, RawMode) {
        if self.shared.load(Ordering::Relaxed) { (0o750, 0o770) } else { (0o700, 0o700) }
    }

    /// Begins a session.
    pub fn create(&self, record: &Record) -> io::Result<()> {
        let id = record.id.as_str();
        let spare = self.spares.lock().pop();
        let used =
            spare.is_some_and(|spare| self.spare.rename(spare.as_str(), &self.requests, id, false).is_ok());
        let directory =
            if used { self.requests.directory(id)? } else { self.requests.make_directory(id, 0o700)? };
        let (read, _) = self.modes();
        if used || read != 0o700 {
            directory.set_mode(read)?;
        }
        overwrite(&directory, OFlags::CREATE, &text(record)?)?;
        Ok(())
    }

    /// Writes what is known of a session in place of what was; gives what has to become durable for that.
    ///
    /// `careful`: a crash of the machine must find the old record or the new one. Without, it may find a broken one: of a
    /// session nobody was told of that loses nothing, and costs less.
    pub fn save(&self, record: &Record, careful: bool) -> io::Result<Files> {
        let directory = self.requests.directory(record.id.as_str())?;
        let text = text(record)?;
        let file = if careful {
            let mut file =
                directory.file(NEW_RECORD, OFlags::CREATE | OFlags::TRUNC | OFlags::WRONLY, 0o600)?;
            file.write_all(text.as_bytes())?;
            file.sync_data()?;
            directory.rename(NEW_RECORD, &directory, RECORD, true)?;
            file
        } else {
            overwrite(&directory, OFlags::empty(), &text)?
        };
        Ok(vec![Arc::new(file), Arc::new(directory.into())])
    }

    /// What is known of a session, as it is on disk.
    pub fn record(&self, id: &SessionId) -> io::Result<Files> {
        let directory = self.requests.directory(id.as_str())?;
        let record = directory.file(RECORD, OFlags::RDWR, 0)?;
        Ok(vec![Arc::new(record), Arc::new(directory.into())])
    }

    /// The names of all sessions.
    pub fn names(&self) -> Arc<File> {
        Arc::clone(&self.names)
    }

    /// Opens the bytes of a session; `new` makes the file.
    pub fn data(&self, id: &SessionId, new: bool) -> io::Result<File> {
        let flags = if new { OFlags::RDWR | OFlags::CREATE } else { OFlags::RDWR };
        // The file gets its name later, with the permissions that files of this process have.
        self.requests.directory(id.as_str())?.file(DATA, flags, 0o666)
    }

    /// Cuts the bytes of a session off behind the first `length` ones.
    pub fn cut(&self, id: &SessionId, length: u64) -> io::Result<()> {
        self.data(id, false)?.set_len(length)
    }

    /// The bytes of a session are there.
    pub fn has_data(&self, id: &SessionId) -> bool {
        self.data(id, false).is_ok()
    }

    /// Where the bytes of a session are, for who reads them there.
    pub fn data_path(&self, id: &SessionId) -> PathBuf {
        self.path.join("Requests").join(id.as_str()).join(DATA)
    }

    /// Makes room for the reply of a session; returns where it is, for who writes it there.
    pub fn make_reply(&self, id: &SessionId) -> io::Result<PathBuf> {
        let directory = self.replies.make_directory(id.as_str(), 0o700)?;
        directory.set_mode(self.modes().1)?;
        // An earlier attempt may have left one.
        directory.remove(REPLY)?;
        Ok(self.path.join(REPLIES).join(id.as_str()).join(REPLY))
    }

    /// Opens the reply of a session; `new` makes it.
    pub fn reply(&self, id: &SessionId, new: bool) -> io::Result<File> {
        let flags = if new { OFlags::RDWR | OFlags::CREATE | OFlags::TRUNC } else { OFlags::RDONLY };
        self.replies.directory(id.as_str())?.file(REPLY, flags, 0o600)
    }

    /// What makes the reply of a session durable.
    pub fn reply_entry(&self, id: &SessionId) -> io::Result<Files> {
        let directory = self.replies.directory(id.as_str())?;
        let reply = directory.file(REPLY, OFlags::RDONLY, 0)?;
        Ok(vec![Arc::new(reply), Arc::new(directory.into()), Arc::new(self.replies.descriptor()?.into())])
    }

    /// Moves the bytes of a session to their name.
    pub fn publish(&self, id: &SessionId, to: &Tree, name: &str, replace: bool) -> io::Result<()> {
        self.requests.directory(id.as_str())?.rename(DATA, to, name, replace)
    }

    /// Removes a session; one that is not there is removed.
    pub fn remove(&self, id: &SessionId) -> io::Result<()> {
        self.remove_reply(id.as_str())?;
        let directory = match self.requests.directory(id.as_str()) {
            Ok(directory) => directory,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        directory.remove(DATA)?;
        let mut spares = self.spares.lock();
        if spares.len() < SPARES && self.requests.rename(id.as_str(), &self.spare, id.as_str(), false).is_ok()
        {
            spares.push(id.clone());
            return Ok(());
        }
        drop(spares);
        empty(&directory)?;
        self.requests.remove_directory(id.as_str())
    }

    fn remove_reply(&self, name: &str) -> io::Result<()> {
        match self.replies.directory(name) {
            Ok(directory) => directory.remove(REPLY)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        }
        self.replies.remove_directory(name)
    }

    /// Counts bytes of unfinished uploads.
    pub fn grow(&self, bytes: u64) {
        self.temporary.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Counts bytes that are gone from the unfinished uploads.
    pub fn shrink(&self, bytes: u64) {
        self.temporary.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Bytes of unfinished uploads.
    pub fn temporary(&self) -> u64 {
        self.temporary.load(Ordering::Relaxed)
    }

    /// Finds the sessions that an earlier process left; what cannot be understood is moved aside, and told.
    pub fn load(&self, mut tell: impl FnMut(String)) -> io::Result<Vec<Found>> {
        let mut all = Vec::new();
        for name in self.requests.names()? {
            match self.load_one(&name) {
                Ok(Some(found)) => all.push(found),
                Ok(None) => {}
                Err(error) => {
                    let aside = self.sessions.make_directory("Unreadable", 0o700)?;
                    self.requests.rename(&name, &aside, &name, false)?;
                    let path = self.path.display();
                    tell(format!("{path}/Requests/{name}: {error}; moved to {path}/Unreadable"));
                }
            }
        }
        for name in self.replies.names()? {
            if !all.iter().any(|found: &Found| found.record.id.as_str() == name) {
                self.remove_reply(&name)?;
            }
        }
        Ok(all)
    }

    fn load_one(&self, name: &str) -> io::Result<Option<Found>> {
        let directory = self.requests.directory(name)?;
        let record = match directory.file(RECORD, OFlags::RDONLY, 0) {
            Ok(file) => Some(read(file)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        // Without a record, or with that of the session before, it was begun or ended when the process ended: nobody was
        // told of bytes in it.
        let Some(mut record) = record.filter(|record| record.id.as_str() == name) else {
            empty(&directory)?;
            self.requests.remove_directory(name)?;
            return Ok(None);
        };
        let mut progress = directory.status(RECORD)?.st_mtime;
        let received = match directory.status(DATA) {
            Ok(status) => {
                progress = progress.max(status.st_mtime);
                u64::try_from(status.st_size).unwrap_or(0)
            }
            Err(_) => 0,
        };
        if record.stage == Stage::Publishing {
            let there = directory.status(DATA).is_ok();
            record.stage = if there { Stage::Receiving } else { Stage::Finished };
        }
        let received = match (record.stage, record.total) {
            (Stage::Finished, Some(total)) => total,
            // Bytes behind the end are those of nobody.
            (_, Some(total)) => received.min(total),
            (_, None) => received,
        };
        if record.stage != Stage::Finished {
            self.grow(received);
        }
        Ok(Some(Found { record, received, progress }))
    }
}

/// Removes the files of a session; the record last: without it the rest would not be understood.
fn empty(directory: &Tree) -> io::Result<()> {
    [DATA, NEW_RECORD, RECORD].iter().try_for_each(|name| directory.remove(name))
}

/// Writes a record over another one that is worth nothing.
fn overwrite(directory: &Tree, flags: OFlags, text: &str) -> io::Result<File> {
    let mode = 0o600;
    let file = directory.file(RECORD, flags | OFlags::WRONLY, mode)?;
    file.write_all_at(text.as_bytes(), 0)?;
    let length = text.len() as u64;
    if file.metadata()?.len() > length {
        file.set_len(length)?;
    }
    Ok(file)
}

fn text(record: &Record) -> io::Result<String> {
    toml::to_string(record).map_err(io::Error::other)
}

fn read(file: File) -> io::Result<Record> {
    let mut text = String::new();
    file.take(MAX_RECORD).read_to_string(&mut text)?;
    toml::from_str(&text).map_err(|error: toml::de::Error| io::Error::other(error.message().to_owned()))
}
