//! Many processes at once, and how many.

/// Processes at once: they wait most of the time.
const AT_ONCE: usize = 4;

/// Runs `work` on several threads; a panic of one is the panic of all.
pub fn in_parallel(work: impl Fn() + Sync) {
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(&work)).collect();
        for thread in threads {
            if let Err(panic) = thread.join() {
                std::panic::resume_unwind(panic);
            }
        }
    });
}
