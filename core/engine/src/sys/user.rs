//! Who runs this process.

#![allow(unsafe_code)] // geteuid: named corner of `sys`

/// The effective user id; 0 is root, the administrator.
#[must_use]
pub fn effective() -> u32 {
    // SAFETY: geteuid takes nothing and cannot fail.
    unsafe { libc::geteuid() }
}
