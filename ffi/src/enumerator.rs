//! A snapshot with a position: what both enumerators are.

use std::sync::Arc;

use bgcopy_engine::client::Result;
use bgcopy_protocol::ResultCode;
use parking_lot::Mutex;

/// Elements as they were at one moment, and the place reached in them.
pub struct Enumerator<T> {
    elements: Arc<[T]>,
    position: Mutex<usize>,
}

impl<T: Clone> Enumerator<T> {
    /// At the first element.
    pub fn new(elements: Vec<T>) -> Enumerator<T> {
        Enumerator { elements: elements.into(), position: Mutex::new(0) }
    }

    /// Moves on by at most `count` elements and gives them.
    pub fn next(&self, count: usize) -> &[T] {
        let mut position = self.position.lock();
        let start = *position;
        *position = self.elements.len().min(start.saturating_add(count));
        &self.elements[start..*position]
    }

    /// Moves on; `BG_S_FALSE` when fewer than `count` elements were left.
    pub fn skip(&self, count: usize) -> Result<ResultCode> {
        Ok(complete(self.next(count).len() == count))
    }

    /// Goes back to the first element.
    pub fn reset(&self) {
        *self.position.lock() = 0;
    }

    /// The same elements and position; independent from then on.
    pub fn duplicate(&self) -> Enumerator<T> {
        Enumerator { elements: self.elements.clone(), position: Mutex::new(*self.position.lock()) }
    }

    /// Number of elements, wherever the position is.
    pub fn count(&self) -> u32 {
        u32::try_from(self.elements.len()).unwrap_or(u32::MAX)
    }
}

/// `BG_S_OK` when all that was asked for was there, else `BG_S_FALSE`.
pub fn complete(all: bool) -> ResultCode {
    if all { ResultCode::BG_S_OK } else { ResultCode::BG_S_FALSE }
}
