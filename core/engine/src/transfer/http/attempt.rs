//! What the connection has to know of the attempt that uses it.
//!
//! A pooled connection outlives the attempt that made it and serves others later, and the HTTP
//! library between the attempt and the connection has no place to pass a cancel token through.
//! An attempt runs on one thread from its first byte to its last, so it is found by thread.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use crate::sys::cancel::CancelToken;

thread_local! {
    static CURRENT: RefCell<Option<Rc<Attempt>>> = const { RefCell::new(None) };
}

/// The attempt that runs on this thread.
#[derive(Debug)]
pub(super) struct Attempt {
    pub cancel: CancelToken,
    /// Bytes of body still wanted now; 0 while headers are awaited.
    pub expected: Cell<u64>,
    /// The next connection must be a new one.
    pub fresh: Cell<bool>,
    /// The present request went out on a connection that had served one before.
    pub reused: Cell<bool>,
    /// Something came back for the present request.
    pub answered: Cell<bool>,
}

/// Ends the attempt on this thread when dropped.
pub(super) struct Running(Rc<Attempt>);

impl Attempt {
    pub(super) fn start(cancel: &CancelToken) -> Running {
        let attempt = Rc::new(Attempt {
            cancel: cancel.clone(),
            expected: Cell::new(0),
            fresh: Cell::new(false),
            reused: Cell::new(false),
            answered: Cell::new(false),
        });
        CURRENT.with(|current| *current.borrow_mut() = Some(attempt.clone()));
        Running(attempt)
    }

    pub(super) fn current() -> Option<Rc<Attempt>> {
        CURRENT.with(|current| current.borrow().clone())
    }
}

impl std::ops::Deref for Running {
    type Target = Attempt;

    fn deref(&self) -> &Attempt {
        &self.0
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        CURRENT.with(|current| *current.borrow_mut() = None);
    }
}
