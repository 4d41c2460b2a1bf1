//! The world as small parts: everything that is not arithmetic comes in through here.

pub mod cancel;
