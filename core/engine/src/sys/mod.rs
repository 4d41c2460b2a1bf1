//! The world as small parts: everything that is not arithmetic comes in through here.

pub mod cancel;
pub mod clock;
pub mod crash;
pub mod descriptor;
pub mod event_fd;
pub mod fs;
pub mod keyring;
pub mod poll;
pub mod random;
pub mod seal;
pub mod socket;
pub mod user;
pub mod watch;
