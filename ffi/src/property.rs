//! ## Job: properties
//!
//! A setter takes effect at once, also on a running job, and lasts with the job. Setters fail with
//! `BG_E_INVALID_STATE` after the job ended. The errors common to all functions of a job are listed under
//! "Job: life".
#![allow(unsafe_code)]

use std::ffi::c_char;

use bgcopy_engine::client::CommandLine;
use bgcopy_protocol::enums::JobPriority;
use bgcopy_protocol::flags::{AclFlags, JobPeerCachingFlags};

use crate::boundary::{Out, done, guard, invalid, optional_text, text};
use crate::enums::bg_job_priority;
use crate::handle::{self, bg_job};
use crate::job::undefined;
use crate::result::bg_result;
use crate::string;

/// Sets the name for people, at most 256 characters.
///
/// Errors: `BG_E_INVALIDARG` when it is NULL or not UTF-8, `BG_E_STRING_TOO_LONG`.
/// BITS: `IBackgroundCopyJob::SetDisplayName`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_set_display_name(job: *mut bg_job, display_name: *const c_char) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, text) = unsafe { (handle::borrow(job), text(display_name, "display name")) };
    guard(|| done(job?.set_display_name(text?.to_owned())))
}

/// Gives the name for people.
///
/// `display_name_out` is freed with `bg_string_free`.
///
/// Errors: `BG_E_INVALIDARG` when `display_name_out` is NULL. BITS: `IBackgroundCopyJob::GetDisplayName`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_get_display_name(
    job: *mut bg_job,
    display_name_out: *mut *mut c_char,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, out) = unsafe { (handle::borrow(job), Out::argument(display_name_out)) };
    guard(|| {
        let (job, out) = (job?, out?);
        out.set(string::give(&job.display_name()?)?)
    })
}

/// Sets the description for people, at most 1,024 characters.
///
/// Errors: `BG_E_INVALIDARG` when it is NULL or not UTF-8, `BG_E_STRING_TOO_LONG`.
/// BITS: `IBackgroundCopyJob::SetDescription`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_set_description(job: *mut bg_job, description: *const c_char) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, text) = unsafe { (handle::borrow(job), text(description, "description")) };
    guard(|| done(job?.set_description(text?.to_owned())))
}

/// Gives the description for people; empty when none was set.
///
/// `description_out` is freed with `bg_string_free`.
///
/// Errors: `BG_E_INVALIDARG` when `description_out` is NULL. BITS: `IBackgroundCopyJob::GetDescription`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_get_description(
    job: *mut bg_job,
    description_out: *mut *mut c_char,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, out) = unsafe { (handle::borrow(job), Out::argument(description_out)) };
    guard(|| {
        let (job, out) = (job?, out?);
        out.set(string::give(&job.description()?)?)
    })
}

/// Sets the priority, a `BG_JOB_PRIORITY`; a new job has `BG_JOB_PRIORITY_NORMAL`.
///
/// Foreground jobs run at once and at full speed. Background jobs use what is left of the network, higher
/// levels before lower ones; jobs of the same level take turns.
///
/// Errors: `BG_E_NOTIMPL` for a value that is not defined, `BG_E_NOT_SUPPORTED_WITH_CUSTOM_HTTP_METHOD` when
/// `bg_job_set_http_method` put the job into the foreground. BITS: `IBackgroundCopyJob::SetPriority`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_set_priority(job: *mut bg_job, priority: bg_job_priority) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let job = unsafe { handle::borrow(job) };
    guard(|| {
        let job = job?;
        let priority = JobPriority::try_from(priority).map_err(|_| undefined("job priority", priority))?;
        done(job.set_priority(priority))
    })
}

/// Gives the priority, a `BG_JOB_PRIORITY`.
///
/// Errors: `BG_E_INVALIDARG` when `priority_out` is NULL. BITS: `IBackgroundCopyJob::GetPriority`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_get_priority(
    job: *mut bg_job,
    priority_out: *mut bg_job_priority,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, out) = unsafe { (handle::borrow(job), Out::argument(priority_out)) };
    guard(|| {
        let (job, out) = (job?, out?);
        out.set(job.priority()?.into())
    })
}

/// Says which events are told: any of the `BG_NOTIFY` flags. They replace the former ones.
///
/// A new job has `BG_NOTIFY_JOB_TRANSFERRED | BG_NOTIFY_JOB_ERROR`. `BG_NOTIFY_DISABLE` silences the others.
///
/// Errors: `BG_E_NOTIMPL` for undefined flags. BITS: `IBackgroundCopyJob::SetNotifyFlags`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_set_notify_flags(job: *mut bg_job, flags: u32) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let job = unsafe { handle::borrow(job) };
    guard(|| done(job?.set_notify_flags(flags)))
}

/// Gives which events are told.
///
/// Errors: `BG_E_INVALIDARG` when `flags_out` is NULL. BITS: `IBackgroundCopyJob::GetNotifyFlags`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_get_notify_flags(job: *mut bg_job, flags_out: *mut u32) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, out) = unsafe { (handle::borrow(job), Out::argument(flags_out)) };
    guard(|| {
        let (job, out) = (job?, out?);
        out.set(job.notify_flags()?)
    })
}

/// Sets how many seconds pass before a transient error is tried again; less than 5 is raised to 5.
///
/// When it is longer than the no-progress timeout, the first transient error is final. `bg_job_resume` does
/// not wait for it. BITS: `IBackgroundCopyJob::SetMinimumRetryDelay`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_set_minimum_retry_delay(job: *mut bg_job, seconds: u32) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let job = unsafe { handle::borrow(job) };
    guard(|| done(job?.set_minimum_retry_delay(seconds)))
}

/// Gives how many seconds pass before a transient error is tried again; 600 in a new job.
///
/// Errors: `BG_E_POINTER` when `seconds_out` is NULL. BITS: `IBackgroundCopyJob::GetMinimumRetryDelay`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_get_minimum_retry_delay(
    job: *mut bg_job,
    seconds_out: *mut u32,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, out) = unsafe { (handle::borrow(job), Out::new(seconds_out)) };
    guard(|| {
        let (job, out) = (job?, out?);
        out.set(job.minimum_retry_delay()?)
    })
}

/// Sets after how many seconds without progress a transient error becomes final; 0 makes every error final.
///
/// BITS: `IBackgroundCopyJob::SetNoProgressTimeout`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_set_no_progress_timeout(job: *mut bg_job, seconds: u32) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let job = unsafe { handle::borrow(job) };
    guard(|| done(job?.set_no_progress_timeout(seconds)))
}

/// Gives after how many seconds without progress a transient error becomes final; 14 days in a new job.
///
/// Errors: `BG_E_INVALIDARG` when `seconds_out` is NULL. BITS: `IBackgroundCopyJob::GetNoProgressTimeout`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_get_no_progress_timeout(
    job: *mut bg_job,
    seconds_out: *mut u32,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, out) = unsafe { (handle::borrow(job), Out::argument(seconds_out)) };
    guard(|| {
        let (job, out) = (job?, out?);
        out.set(job.no_progress_timeout()?)
    })
}

/// Sets how many seconds the job may spend connecting and transferring; then it fails with
/// `BG_E_MAXDOWNLOAD_TIMEOUT`. `bg_job_resume` starts again from 0.
///
/// BITS: `IBackgroundCopyJob4::SetMaximumDownloadTime`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_set_maximum_download_time(job: *mut bg_job, seconds: u32) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let job = unsafe { handle::borrow(job) };
    guard(|| done(job?.set_maximum_download_time(seconds)))
}

/// Gives how many seconds the job may spend connecting and transferring; 90 days in a new job.
///
/// Errors: `BG_E_POINTER` when `seconds_out` is NULL. BITS: `IBackgroundCopyJob4::GetMaximumDownloadTime`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_get_maximum_download_time(
    job: *mut bg_job,
    seconds_out: *mut u32,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, out) = unsafe { (handle::borrow(job), Out::new(seconds_out)) };
    guard(|| {
        let (job, out) = (job?, out?);
        out.set(job.maximum_download_time()?)
    })
}

/// Sets the program that is run when the job is transferred or in error, as its notify flags say.
///
/// It is run without a shell, by the user who has the queue open, when no callback is there or the callback did
/// not return `BG_S_OK`; also when the event was before. `program` is an absolute path. `parameters` are all
/// arguments, the name of the program first, split by the rules of Windows: blanks separate, double quotes hold
/// together, `\"` is a quote; NULL for no arguments. Nothing is expanded or added: a program that needs the
/// identifier of the job is given it here. It has no input and output, and starts in the root directory. Four run at
/// once for a queue; further ones wait for one of them to end.
///
/// Exit code 0: done. Another one, or a program that cannot be run: again after the minimum retry delay, as long
/// as the job is in that state. NULL for both takes the program away.
///
/// Errors: `BG_E_INVALIDARG` for parameters without a program and for a program without an absolute path,
/// `BG_E_STRING_TOO_LONG` for a path over 4,095 bytes or parameters over 4,000 characters,
/// `BG_E_ACCESSDENIED` when the directory of the queue belongs to another user.
/// BITS: `IBackgroundCopyJob2::SetNotifyCmdLine`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_set_notify_cmd_line(
    job: *mut bg_job,
    program: *const c_char,
    parameters: *const c_char,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, program, parameters) = unsafe {
        (handle::borrow(job), optional_text(program, "program"), optional_text(parameters, "parameters"))
    };
    guard(|| {
        let job = job?;
        let line = match (program?, parameters?) {
            (Some(program), parameters) => {
                Some(CommandLine { program: program.to_owned(), parameters: parameters.map(str::to_owned) })
            }
            (None, None) => None,
            (None, Some(_)) => return Err(invalid("there are parameters, but no program")),
        };
        done(job.set_notify_cmd_line(line))
    })
}

/// Gives the program that is run for the job and its parameters; both empty when there is none.
///
/// `program_out` and `parameters_out` are freed with `bg_string_free`.
///
/// Errors: `BG_E_POINTER` when a place for a result is NULL. BITS: `IBackgroundCopyJob2::GetNotifyCmdLine`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_get_notify_cmd_line(
    job: *mut bg_job,
    program_out: *mut *mut c_char,
    parameters_out: *mut *mut c_char,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, program, parameters) =
        unsafe { (handle::borrow(job), Out::new(program_out), Out::new(parameters_out)) };
    guard(|| {
        let (job, program, parameters) = (job?, program?, parameters?);
        let line = job.notify_cmd_line()?;
        let (path, rest) = line.map_or_else(Default::default, |line| (line.program, line.parameters));
        let rest = string::give(&rest.unwrap_or_default())?;
        program.set(string::give(&path)?)?;
        parameters.set(rest)
    })
}

/// Says what the job allows peers: any of the `BG_JOB_PEERCACHING` flags; 0 in a new job.
///
/// Kept with the job. They add to what the machine allows, and this version has no peer cache: no file comes from
/// a peer, and none is given away.
///
/// Errors: `BG_E_NOTIMPL` for undefined flags. BITS: `IBackgroundCopyJob4::SetPeerCachingFlags`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_set_peer_caching_flags(job: *mut bg_job, flags: u32) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let job = unsafe { handle::borrow(job) };
    guard(|| {
        let job = job?;
        let flags =
            JobPeerCachingFlags::from_bits(flags).ok_or_else(|| undefined("peer caching flags", flags))?;
        done(job.set_peer_caching_flags(flags))
    })
}

/// Gives what the job allows peers.
///
/// Errors: `BG_E_POINTER` when `flags_out` is NULL. BITS: `IBackgroundCopyJob4::GetPeerCachingFlags`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_get_peer_caching_flags(job: *mut bg_job, flags_out: *mut u32) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, out) = unsafe { (handle::borrow(job), Out::new(flags_out)) };
    guard(|| {
        let (job, out) = (job?, out?);
        out.set(job.peer_caching_flags()?.bits())
    })
}

/// Says what of owner and access lists is copied with the files: any of the `BG_COPY_FILE` flags; 0 in a new job.
///
/// They are for remote names that are files; HTTP carries no owner and no access list. A file gets, when its
/// copy ends: the owner, the group, exactly the permissions and the POSIX or NFS access list
/// (`BG_COPY_FILE_DACL`), and the `security` attributes, as labels and capabilities (`BG_COPY_FILE_SACL`). Without
/// flags it belongs to the caller and has the permissions of its source as far as the umask lets them. The bits that
/// set a user or group are never copied. Where the right to one of them is missing the job goes to
/// `BG_JOB_STATE_TRANSIENT_ERROR` with `BG_E_ACCESSDENIED`; file systems that have no such thing lose it silently.
///
/// Errors: `BG_E_INVALIDARG` for undefined flags, `BG_E_INVALID_STATE` also when the job is transferred.
/// BITS: `IBackgroundCopyJob3::SetFileACLFlags`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_set_file_acl_flags(job: *mut bg_job, flags: u32) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let job = unsafe { handle::borrow(job) };
    guard(|| {
        let job = job?;
        let flags = AclFlags::from_bits(flags)
            .ok_or_else(|| invalid(format!("{flags:#x} has undefined file ACL flags")))?;
        done(job.set_file_acl_flags(flags))
    })
}

/// Gives what of owner and access lists is copied with the files.
///
/// Errors: `BG_E_POINTER` when `flags_out` is NULL. BITS: `IBackgroundCopyJob3::GetFileACLFlags`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_get_file_acl_flags(job: *mut bg_job, flags_out: *mut u32) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, out) = unsafe { (handle::borrow(job), Out::new(flags_out)) };
    guard(|| {
        let (job, out) = (job?, out?);
        out.set(job.file_acl_flags()?.bits())
    })
}
