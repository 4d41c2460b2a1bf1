//! The link to a queue in this process.

use std::sync::Arc;

use super::Result;
use super::link::Link;
use crate::queue::{Queue, World, open_store};
use crate::settings::Settings;
use crate::sys::clock::SystemClock;
use crate::sys::fs::{Directories, Faults};
use crate::sys::random::SystemRandom;

/// Opens the queue of a directory in this process.
pub(super) fn open(settings: Settings) -> Result<Arc<dyn Link>> {
    let world = World {
        store: open_store(&settings)?,
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
        directories: Directories::new(Faults::none()),
    };
    Ok(Queue::open(settings, world)?)
}
