//! The directories of a configuration, opened, and the sessions in them.

use std::io;
use std::sync::{Arc, Weak};

use bgcopy_protocol::upload::SessionId;

use crate::config::{Config, Directory};
use crate::session::{Place, Session};
use crate::storage::{self, Storage};
use crate::tree::Tree;
use crate::upload::Uploads;

/// Directories that were opened, and what is to be done when nothing else can fail.
pub struct Places {
    places: Vec<Arc<Place>>,
    /// Where this process did not receive before.
    new: Vec<Arc<Storage>>,
    /// Where sessions have to be looked for.
    unread: Vec<Arc<Storage>>,
    /// Whether the group of the directory reads there.
    shares: Vec<(Arc<Storage>, bool)>,
}

impl Places {
    /// Opens all directories; what is received into already is shared with the places `before`.
    ///
    /// # Errors
    /// A directory cannot be used; the text names it.
    pub fn open(config: &Config, before: &[Arc<Place>], uploads: &Uploads) -> io::Result<Places> {
        let mut known: Vec<Arc<Storage>> = uploads.storages.lock().iter().filter_map(Weak::upgrade).collect();
        let mut all = Places { places: Vec::new(), new: Vec::new(), unread: Vec::new(), shares: Vec::new() };
        for settings in &config.directories {
            let place = all.directory(config, settings, before, &mut known).map_err(|error| {
                let reason = if error.kind() == io::ErrorKind::WouldBlock {
                    "another server receives uploads there".to_owned()
                } else {
                    error.to_string()
                };
                io::Error::new(error.kind(), format!("{}: {reason}", settings.path.display()))
            })?;
            all.places.push(Arc::new(place));
        }
        all.places.sort_by_key(|place| std::cmp::Reverse(place.settings.url_prefix.depth()));
        Ok(all)
    }

    fn directory(
        &mut self,
        config: &Config,
        settings: &Directory,
        before: &[Arc<Place>],
        known: &mut Vec<Arc<Storage>>,
    ) -> io::Result<Place> {
        let tree = Tree::root(&settings.path)?;
        let status = tree.status(".")?;
        let device = (status.st_dev, status.st_ino);
        let mut storage = known.iter().find(|storage| storage.place == device).cloned();
        // What is left of uploads where they were disabled is removed later.
        let left = !settings.upload_enabled && tree.directory(storage::DIRECTORY).is_ok();
        // The group of a directory is that of its application, where one is told of the names of files.
        let shared = config.directories.iter().any(|other| {
            let told = other.notification.as_ref().is_some_and(|told| !told.by_value);
            other.path == settings.path && told
        });
        if let Some(storage) = &storage {
            self.shares.push((Arc::clone(storage), shared));
            // A request that is not over may hold it, whose sessions were let go of.
            let mut received = before.iter().filter_map(|place| place.storage.as_ref()).chain(&self.unread);
            if !received.any(|received| Arc::ptr_eq(received, storage)) {
                self.unread.push(Arc::clone(storage));
            }
        } else if settings.upload_enabled || left {
            match Storage::open(&tree, &settings.path, shared) {
                Ok(opened) => {
                    let opened = Arc::new(opened);
                    known.push(Arc::clone(&opened));
                    self.new.push(Arc::clone(&opened));
                    self.unread.push(Arc::clone(&opened));
                    storage = Some(opened);
                }
                // Another server receives there, or it cannot be written.
                Err(_) if left => {}
                Err(error) => return Err(error),
            }
        }
        let storage = storage.filter(|_| settings.upload_enabled);
        let same = before.iter().find(|place| {
            place.settings.url_prefix == settings.url_prefix && is_there(place, storage.as_ref())
        });
        let sessions = same.map(|place| Arc::clone(&place.sessions)).unwrap_or_default();
        Ok(Place { settings: settings.clone(), device, tree, storage, sessions })
    }

    /// Takes up the sessions that are on disk, and removes those of directories where uploads are disabled.
    ///
    /// # Errors
    /// A directory cannot be read; then nothing was taken up.
    pub fn take_up(self, uploads: &Uploads) -> io::Result<Vec<Arc<Place>>> {
        let mut found = Vec::new();
        for storage in &self.unread {
            for session in storage.load(|text| eprintln!("{text}"))? {
                found.push((storage, session));
            }
        }
        for (storage, shared) in self.shares {
            storage.share(shared)?;
        }
        // Nothing can fail any more but what concerns single sessions.
        for (storage, session) in found {
            let place = self.places.iter().find(|place| {
                is_there(place, Some(storage))
                    && place.settings.url_prefix.to_string() == session.record.url_prefix
            });
            match place {
                Some(place) => {
                    uploads.registry.insert(Arc::new(Session::new(
                        place,
                        Arc::clone(storage),
                        session,
                        true,
                    )));
                }
                None => unremoved(&session.record.id, storage.remove(&session.record.id)),
            }
        }
        let mut storages = uploads.storages.lock();
        storages.retain(|storage| storage.strong_count() > 0);
        storages.extend(self.new.iter().map(Arc::downgrade));
        Ok(self.places)
    }
}

/// Whether a place receives into this storage.
fn is_there(place: &Place, storage: Option<&Arc<Storage>>) -> bool {
    matches!((&place.storage, storage), (Some(own), Some(storage)) if Arc::ptr_eq(own, storage))
}

/// Tells of a session that cannot be removed: the next start tries again.
pub fn unremoved(id: &SessionId, result: io::Result<()>) {
    if let Err(error) = result {
        // The whole identifier is a permission to write.
        let begin: String = id.as_str().chars().take(9).collect();
        eprintln!("the upload {begin} cannot be removed: {error}");
    }
}
