//! THE table of result codes.

use serde::{Deserialize, Serialize};

/// A result value with the layout and numbers of an HRESULT: negative means failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ResultCode(pub i32);

/// Whether a failure can cure itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RetryClass {
    /// The job goes to ERROR and waits for somebody.
    Fatal,
    /// The job goes to TRANSIENT_ERROR and is tried again after its retry delay.
    Transient,
    /// The job goes to TRANSIENT_ERROR and is tried again when the condition ends; no timer.
    Waiting,
    /// Not a state of a job: returned by calls only.
    NotAJobError,
}
