//! Who runs this process.

#![allow(unsafe_code)] // geteuid: named corner of `sys`

/// The effective user id; 0 is root, the administrator.
#[must_use]
pub fn effective() -> u32 {
    // SAFETY: geteuid takes nothing and cannot fail.
    unsafe { libc::geteuid() }
}

/// The greatest user id of a service account, as distributions set it (`SYS_UID_MAX` of login.defs).
const LAST_SERVICE_ACCOUNT: u32 = 999;

/// Whether the user is root or an account of a service, of which quotas do not count the jobs.
#[must_use]
pub fn is_service_account(user: u32) -> bool {
    user <= LAST_SERVICE_ACCOUNT
}
