//! All sessions.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bgcopy_protocol::upload::SessionId;
use parking_lot::Mutex;

use crate::session::{Place, Session, Stage, State, now};

/// The sessions of all directories, by identifier.
#[derive(Default)]
pub struct Registry(Mutex<HashMap<SessionId, Arc<Session>>>);

impl Registry {
    /// Takes up a session.
    pub fn insert(&self, session: Arc<Session>) {
        session.siblings.fetch_add(1, Ordering::Relaxed);
        self.0.lock().insert(session.id.clone(), session);
    }

    /// The session with this identifier, of this file and this user, unless its time is over.
    pub fn find(
        &self,
        id: &SessionId,
        place: &Place,
        target: &[String],
        principal: Option<&str>,
    ) -> Option<Arc<Session>> {
        self.get(id, place, principal).filter(|session| session.target == target)
    }

    /// The session with this identifier, of any file.
    pub fn get(&self, id: &SessionId, place: &Place, principal: Option<&str>) -> Option<Arc<Session>> {
        let session = self.0.lock().get(&id.canonical()).cloned()?;
        let same = session.is_in(place) && session.principal.as_deref() == principal;
        (same && !session.expired(place, now())).then_some(session)
    }

    /// Ends a session: what of it is on disk goes, but not a file that has its name.
    ///
    /// # Errors
    /// Something could not be removed; the session is forgotten all the same, and found again by the next process.
    pub async fn end(&self, session: &Arc<Session>, state: &mut State) -> io::Result<()> {
        self.forget(session, state);
        let (storage, id) = (Arc::clone(&session.storage), session.id.clone());
        tokio::task::spawn_blocking(move || storage.remove(&id)).await.map_err(io::Error::other)?
    }

    /// The sessions that are in none of these directories.
    pub fn outside(&self, places: &[Arc<Place>]) -> Vec<Arc<Session>> {
        let inside = |session: &Session| places.iter().any(|place| session.is_in(place));
        self.0.lock().values().filter(|session| !inside(session)).cloned().collect()
    }

    /// Forgets a session, whose bytes stay where they are.
    pub fn forget(&self, session: &Session, state: &mut State) {
        if self.0.lock().remove(&session.id).is_some() {
            session.siblings.fetch_sub(1, Ordering::Relaxed);
        }
        if !state.gone && state.record.stage != Stage::Finished {
            session.storage.shrink(state.received);
        }
        state.gone = true;
    }

    /// Ends the sessions of a directory whose time is over, and the newest of a user who has too many. Returns how many.
    pub async fn clean(&self, place: &Place) -> usize {
        let mut sessions: Vec<Arc<Session>> = {
            let all = self.0.lock();
            all.values().filter(|session| session.is_in(place)).cloned().collect()
        };
        sessions.sort_by_key(|session| session.created);
        let mut kept: HashMap<&str, usize> = HashMap::new();
        let mut ended = 0;
        for session in &sessions {
            let mut surplus = false;
            if let (Some(user), Some(limit)) = (&session.principal, place.settings.sessions_per_user) {
                let count = kept.entry(user).or_default();
                surplus = *count >= limit;
                *count += usize::from(!surplus);
            }
            if !surplus && !session.expired(place, now()) {
                continue;
            }
            // One that is being used is left to the next time.
            if let Ok(mut state) = session.state.try_lock()
                && !state.gone
            {
                let _ = self.end(session, &mut state).await;
                ended += 1;
            }
        }
        ended
    }
}
