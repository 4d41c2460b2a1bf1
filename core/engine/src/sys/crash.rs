//! Dying at a chosen place, so that tests can recover from it. No code without the feature `crash-points`.

/// The places, each passed between two things that a crash must not tear apart.
#[cfg(feature = "crash-points")]
pub const POINTS: &[&str] = &[
    "before-commit",
    "after-commit",
    "temp-file-created",
    "data-synced",
    "checkpoint-recorded",
    "restart-recorded",
    "loss-recorded",
    "upload-recorded",
    "upload-renamed",
    "ending-recorded",
    "file-renamed",
    "file-discarded",
    "names-synced",
    "ending-recovered",
    "queue-recovered",
];

/// Those that only uploads pass.
#[cfg(feature = "crash-points")]
pub const UPLOAD_POINTS: &[&str] = &[
    "session-created",
    "session-recorded",
    "upload-delivered",
    "delivery-recorded",
    "session-closed",
    "session-cancelled",
];

/// Passes the place `name`. With `BGCOPY_CRASH_AT=name:n` the n-th passage kills this process with SIGKILL.
#[cfg(not(feature = "crash-points"))]
#[inline(always)]
pub(crate) const fn point(_name: &str) {}

#[cfg(feature = "crash-points")]
pub(crate) use armed::point;

#[cfg(feature = "crash-points")]
mod armed {
    #![allow(unsafe_code)] // kill: named corner of `sys`

    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    /// Where to die, and how many passages of it are left.
    fn target() -> Option<&'static (String, AtomicU64)> {
        static TARGET: OnceLock<Option<(String, AtomicU64)>> = OnceLock::new();
        TARGET
            .get_or_init(|| {
                let text = std::env::var("BGCOPY_CRASH_AT").ok()?;
                let (name, passage) = text.split_once(':').unwrap_or((&text, "1"));
                assert!(is_known(name), "BGCOPY_CRASH_AT: {name} is no crash point");
                let passage = passage.parse().expect("BGCOPY_CRASH_AT is name:number");
                Some((name.to_owned(), AtomicU64::new(passage)))
            })
            .as_ref()
    }

    fn is_known(name: &str) -> bool {
        super::POINTS.contains(&name) || super::UPLOAD_POINTS.contains(&name)
    }

    pub(crate) fn point(name: &str) {
        debug_assert!(is_known(name), "{name} is missing in POINTS");
        let Some((_, left)) = target().filter(|(target, _)| target == name) else { return };
        if left.fetch_sub(1, Ordering::Relaxed) != 1 {
            return;
        }
        // SAFETY: getpid and kill take no pointers.
        unsafe { libc::kill(libc::getpid(), libc::SIGKILL) };
        // Nothing after the point may happen while the signal is on its way.
        loop {
            std::thread::park();
        }
    }
}
