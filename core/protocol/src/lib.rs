//! Pure data and rules of BITS, without I/O: shared by the engine, the server and the bindings.
//!
//! - [`result`]: result codes; their table is [`result::TABLE`]
//! - [`enums`], [`flags`]: enumerations and flags with the values of the Windows SDK
//! - [`limits`]: limits, defaults and special numbers
//! - [`constants`]: all enumerations and flags by their C names, for generators
//! - [`guid`], [`interfaces`]: 16-byte identifiers, and those of the interfaces and classes
//! - [`file_range`]: parts of files, and sets of them
//! - [`range`]: `Content-Range` and byte ranges (RFC 9110 section 14)
//! - [`upload`]: the upload protocol

pub mod constants;
pub mod enums;
pub mod file_range;
pub mod flags;
pub mod guid;
pub mod interfaces;
pub mod limits;
pub mod range;
pub mod result;
mod result_table;
pub mod upload;

pub use guid::Guid;
pub use result::{ResultCode, RetryClass};
