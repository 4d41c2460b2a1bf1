//! ## Enumerations and flags
//!
//! Names and numbers of the Windows SDK. Functions take and give enumerations as `int32_t` and flags
//! as `uint32_t`, so that the size of a C `enum` is no part of the interface.

/// One of the values of `BG_JOB_TYPE`.
pub type bg_job_type = i32;

/// One of the values of `BG_JOB_STATE`.
pub type bg_job_state = i32;

/// One of the values of `BG_JOB_PRIORITY`.
pub type bg_job_priority = i32;

/// One of the values of `BG_ERROR_CONTEXT`.
pub type bg_error_context = i32;
