//! What there is to tell to programs, in which order and when; `queue::tell` has the threads.

pub mod feed;
pub mod notices;
pub mod program;
