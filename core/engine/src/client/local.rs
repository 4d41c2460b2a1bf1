//! The link to a queue in this process.

use std::sync::Arc;

use super::Result;
use super::link::Link;
use crate::queue::{Queue, World};
use crate::settings::Settings;

/// Opens a queue in this process.
pub(super) fn open(settings: Settings, world: World) -> Result<Arc<dyn Link>> {
    Ok(Queue::open(settings, world)?)
}
