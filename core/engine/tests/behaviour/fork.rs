//! A process that forks while it has a queue.

#![allow(unsafe_code)] // fork and waitpid, which std does not offer

use bgcopy_engine::client::{Job, Manager};
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::{JobPriority, JobState, JobType};

use crate::stage::Stage;

/// What the child finds; its exit status names the first rule that is broken.
fn child(manager: Manager, job: Job) -> i32 {
    let gone = Some(ResultCode::BG_E_DISCONNECTED);
    if job.state().err().map(|error| error.code) != gone {
        return 1;
    }
    if job.cancel().err().map(|error| error.code) != gone {
        return 2;
    }
    if manager.create_job("child", JobType::Download).err().map(|error| error.code) != gone {
        return 3;
    }
    drop(job);
    if manager.close().is_err() {
        return 4;
    }
    drop(manager);
    0
}

#[test]
fn a_forked_child_is_told_that_the_queue_is_its_parents_which_goes_on() {
    let stage = Stage::new();
    stage.offer("a", 1000, "stall_after=10");
    let open = stage.open();
    let job = stage.running_job(&open, &["a"], JobPriority::Foreground);
    stage.wait_stalled("a", 1);
    let (manager, same) = (Manager::clone(&open), job.clone());
    // SAFETY: the child calls nothing that waits for a thread it does not have: the allocator is sound after a
    // fork, and the queue looks at the process id before it takes a lock. It ends with _exit, by an alarm at worst.
    let pid = unsafe { libc::fork() };
    assert!(pid >= 0);
    if pid == 0 {
        // SAFETY: both take numbers and cannot fail.
        unsafe { libc::alarm(20) };
        let status = child(manager, same);
        // SAFETY: ends the child without running anything else.
        unsafe { libc::_exit(status) };
    }
    let mut status = 0;
    // SAFETY: `status` is writable for the length of the call, and the child is ours.
    let waited = unsafe { libc::waitpid(pid, &raw mut status, 0) };
    assert_eq!((waited, libc::WIFEXITED(status), libc::WEXITSTATUS(status)), (pid, true, 0));
    drop((manager, same));
    stage.release("a");
    open.until_state(&job, JobState::Transferred);
    assert_eq!(job.complete().unwrap(), ResultCode::BG_S_OK);
    stage.assert_file("a", 1000);
}
