//! Pure data and rules of BITS, without I/O: shared by the engine, the server and the bindings.
//!
//! - [`result`]: THE table of result codes
//! - [`enums`]: enumerations and flags with the values of the Windows SDK
//! - [`guid`]: 16-byte identifiers and the interface identifiers
//! - [`range`]: `Content-Range` and byte ranges (RFC 9110 section 14)

pub mod enums;
pub mod guid;
pub mod range;
pub mod result;
mod result_table;

pub use guid::Guid;
pub use result::{ResultCode, RetryClass};
