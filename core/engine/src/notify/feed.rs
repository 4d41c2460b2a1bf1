//! Events for programs with a poll loop of their own: a queue with an eventfd.

use std::collections::{HashMap, HashSet, VecDeque};
use std::io;
use std::os::fd::{AsFd, OwnedFd};

use bgcopy_protocol::Guid;
use bgcopy_protocol::file_range::RangeSet;

use crate::client::link::{Event, EventKind};
use crate::sys::event_fd::EventFd;

/// Kept events; the descriptor is readable while there is one.
#[derive(Debug)]
pub struct Feed {
    events: VecDeque<Event>,
    /// Jobs with a kept modification: a second one says nothing new.
    modified: HashSet<Guid>,
    /// What arrived of files of which an event is kept.
    arrived: HashMap<(Guid, u32), RangeSet>,
    fd: EventFd,
}

impl Feed {
    /// An empty feed.
    ///
    /// # Errors
    /// No descriptor is left.
    pub fn new() -> io::Result<Feed> {
        Ok(Feed {
            events: VecDeque::new(),
            modified: HashSet::new(),
            arrived: HashMap::new(),
            fd: EventFd::new()?,
        })
    }

    /// A descriptor of its own for the program.
    ///
    /// # Errors
    /// No descriptor is left.
    pub fn descriptor(&self) -> io::Result<OwnedFd> {
        self.fd.as_fd().try_clone_to_owned()
    }

    /// Keeps an event.
    pub fn push(&mut self, event: Event) {
        if event.kind == EventKind::JobModification && !self.modified.insert(event.job) {
            return;
        }
        if let EventKind::FileRangesTransferred(file, ranges) = &event.kind {
            let place = (event.job, *file);
            let kept = self.arrived.contains_key(&place);
            let arrived = self.arrived.entry(place).or_default();
            ranges.iter().for_each(|range| arrived.insert(range.initial_offset, range.end()));
            if kept {
                return;
            }
        }
        if self.events.is_empty() {
            self.fd.signal();
        }
        self.events.push_back(event);
    }

    /// Makes the descriptor readable for good: whoever asks next is told that the queue is of no use any more.
    pub fn wake(&mut self) {
        self.events.clear();
        self.fd.signal();
    }

    /// Takes the oldest event.
    pub fn pop(&mut self) -> Option<Event> {
        let mut event = self.events.pop_front()?;
        if let EventKind::FileRangesTransferred(file, ranges) = &mut event.kind
            && let Some(arrived) = self.arrived.remove(&(event.job, *file))
        {
            *ranges = arrived.to_ranges();
        }
        if event.kind == EventKind::JobModification {
            self.modified.remove(&event.job);
        }
        if self.events.is_empty() {
            self.fd.clear();
        }
        Some(event)
    }
}
