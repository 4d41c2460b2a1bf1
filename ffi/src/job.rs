//! ## Job: life
//!
//! A job is created suspended, gets files, is resumed, transfers in the background, and must be
//! completed when it is transferred: only then do its files have their names.
//!
//! Every function of a job also fails with `BG_E_INVALIDARG` when `job` is NULL or no `bg_job`, with
//! `BG_E_DISCONNECTED` after the queue was closed and in a forked child, and with `BG_E_ACCESSDENIED`
//! when the job belongs to somebody else. While a handle is held, a job that was completed or cancelled
//! still answers its getters; functions that change it answer `BG_E_INVALID_STATE`.
#![allow(unsafe_code)]

use std::ffi::{c_char, c_int};
use std::fmt::Display;
use std::mem::offset_of;
use std::os::fd::BorrowedFd;
use std::time::Duration;

use bgcopy_engine::client::{Error, FileInfo};
use bgcopy_protocol::ResultCode;

use crate::boundary::{Growable, Out, OutStruct, Plain, array, done, guard, invalid, text};
use crate::enumerator::Enumerator;
use crate::enums::{bg_job_state, bg_job_type};
use crate::guid::bg_guid;
use crate::handle::{self, bg_enum_files, bg_error, bg_job};
use crate::result::bg_result;
use crate::string;

/// A remote and a local name. Never changes. `BG_FILE_INFO`
#[repr(C)]
#[derive(Clone, Copy)]
pub struct bg_file_info {
    /// URL, at most 2,200 characters.
    pub remote_name: *const c_char,
    /// Absolute path in a directory that exists.
    pub local_name: *const c_char,
}

/// How far a job is. Start with `BG_JOB_PROGRESS_INIT`. `BG_JOB_PROGRESS`
#[repr(C)]
#[derive(Clone, Copy)]
pub struct bg_job_progress {
    /// Size of this structure in the program; set by `BG_JOB_PROGRESS_INIT`.
    pub struct_size: u32,
    /// Number of files.
    pub files_total: u32,
    /// Files transferred so far.
    pub files_transferred: u32,
    /// Always 0.
    pub reserved: u32,
    /// Sum of the sizes of the files in bytes; `BG_SIZE_UNKNOWN` while one of them is unknown.
    pub bytes_total: u64,
    /// Bytes transferred so far.
    pub bytes_transferred: u64,
}

// SAFETY: numbers may be zero.
unsafe impl Plain for bg_job_progress {}
// SAFETY: repr(C), starts with a u32.
unsafe impl Growable for bg_job_progress {
    const FIRST_SIZE: usize = offset_of!(bg_job_progress, bytes_transferred) + size_of::<u64>();
}

/// When things happened to a job, in nanoseconds since 1970-01-01 00:00 UTC; 0 for not yet. Start
/// with `BG_JOB_TIMES_INIT`. `BG_JOB_TIMES`
#[repr(C)]
#[derive(Clone, Copy)]
pub struct bg_job_times {
    /// Size of this structure in the program; set by `BG_JOB_TIMES_INIT`.
    pub struct_size: u32,
    /// Always 0.
    pub reserved: u32,
    /// The job was created.
    pub creation_time: i64,
    /// Bytes were transferred, or the state or a property changed.
    pub modification_time: i64,
    /// The job became `BG_JOB_STATE_TRANSFERRED`.
    pub transfer_completion_time: i64,
}

// SAFETY: numbers may be zero.
unsafe impl Plain for bg_job_times {}
// SAFETY: repr(C), starts with a u32.
unsafe impl Growable for bg_job_times {
    const FIRST_SIZE: usize = offset_of!(bg_job_times, transfer_completion_time) + size_of::<i64>();
}

/// The answer to a number that an enumeration or a set of flags does not have.
pub fn undefined(what: &str, value: impl Display) -> Error {
    Error::new(ResultCode::BG_E_NOTIMPL, format!("{value} is not a defined value of the {what}"))
}

/// Takes another reference to a job and returns it. NULL gives NULL.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_retain(job: *mut bg_job) -> *mut bg_job {
    // SAFETY: the caller keeps the rules for pointers.
    unsafe { handle::retain(job) }
}

/// Returns a reference to a job. The job stays in the queue. NULL is fine.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_release(job: *mut bg_job) {
    // SAFETY: the caller keeps the rules for pointers.
    unsafe { handle::release(job) }
}

/// Adds one file.
///
/// `remote_name` is an http or https URL of at most 2,200 characters, used as it is, without escaping, or a
/// file of this computer or of a share that is mounted on it: an absolute path, or a file URL, in which
/// percent-encoded characters are decoded. The name of a Windows share, `\\server\share\file`, leads where `[shares]`
/// says (section "Policies" of the header). A file is copied with its times and permissions, in the direction of the
/// job; see `bg_job_set_file_acl_flags`. An upload has its name when the job is transferred, in place of a file that had
/// it. Of a download `local_name` is an absolute path in an existing directory that the caller may
/// write to. Files may be added until the job ends; a job that is already transferred or in
/// error transfers them after the next `bg_job_resume`. A file cannot be removed.
///
/// Errors: `BG_E_INVALIDARG` for a name that is NULL or not allowed, `BG_E_ACCESSDENIED` for a directory
/// that the caller may not write to, `BG_E_WIN32_PATH_NOT_FOUND` for one that does not exist,
/// `BG_E_WIN32_DIRECTORY` when the local name is one, `BG_E_WIN32_FILENAME_EXCED_RANGE` when it is too long,
/// `BG_E_TOO_MANY_FILES_IN_JOB` where such a limit is set, `BG_E_TOO_MANY_FILES` for a second file of an upload,
/// `BG_E_INVALID_STATE` after the job ended.
/// BITS: `IBackgroundCopyJob::AddFile`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_add_file(
    job: *mut bg_job,
    remote_name: *const c_char,
    local_name: *const c_char,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, remote, local) =
        unsafe { (handle::borrow(job), text(remote_name, "remote name"), text(local_name, "local name")) };
    guard(|| done(job?.add_file(remote?, local?)))
}

/// Adds files, all or none. Faster than one call for each.
///
/// `files` points to `count` elements, which are copied.
///
/// Errors: as `bg_job_add_file`; the detail text names the file. `BG_E_INVALIDARG` when `files` is NULL
/// and `count` is not 0. BITS: `IBackgroundCopyJob::AddFileSet`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_add_file_set(
    job: *mut bg_job,
    count: u32,
    files: *const bg_file_info,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, files) = unsafe { (handle::borrow(job), array(files, count, "files")) };
    guard(|| {
        let job = job?;
        let files = files?.iter().enumerate().map(|(index, file)| {
            // SAFETY: the caller keeps the rules for pointers, also for those in the array.
            let (remote, local) = unsafe {
                (
                    text(file.remote_name, &format!("remote name of file {index}")),
                    text(file.local_name, &format!("local name of file {index}")),
                )
            };
            Ok(FileInfo { remote_name: remote?.to_owned(), local_name: local?.to_owned() })
        });
        let files = files.collect::<Result<Vec<_>, Error>>()?;
        done(job.add_file_set(files))
    })
}

/// Replaces the beginning of the URL of every file whose URL begins with `old_prefix`, all or none.
///
/// Letters of different case differ, and nothing is put between the parts. What follows for each file is
/// described at `bg_file_set_remote_name`. Returns `BG_S_FALSE` when no URL begins with `old_prefix`.
///
/// Errors: `BG_E_INVALIDARG` for a prefix that is NULL or empty, or when a URL would not be
/// allowed, `BG_E_NOTIMPL` for an upload, `BG_E_INVALID_STATE` after the job ended. BITS:
/// `IBackgroundCopyJob3::ReplaceRemotePrefix`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_replace_remote_prefix(
    job: *mut bg_job,
    old_prefix: *const c_char,
    new_prefix: *const c_char,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, old, new) =
        unsafe { (handle::borrow(job), text(old_prefix, "old prefix"), text(new_prefix, "new prefix")) };
    guard(|| job?.replace_remote_prefix(old?, new?))
}

/// Lists the files of the job, in order of addition, as they are at this moment.
///
/// The list is a snapshot, its file handles are live. `files_out` is returned with
/// `bg_enum_files_release`.
///
/// Errors: `BG_E_POINTER` when `files_out` is NULL. BITS: `IBackgroundCopyJob::EnumFiles`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_enum_files(
    job: *mut bg_job,
    files_out: *mut *mut bg_enum_files,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, out) = unsafe { (handle::borrow(job), Out::new(files_out)) };
    guard(|| {
        let (job, out) = (job?, out?);
        out.set(handle::give(Enumerator::new(job.files()?)))
    })
}

/// Stops the job until `bg_job_resume`; what arrived is kept. Does nothing to a suspended job.
///
/// Errors: `BG_E_INVALID_STATE` after the job ended. BITS: `IBackgroundCopyJob::Suspend`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_suspend(job: *mut bg_job) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let job = unsafe { handle::borrow(job) };
    guard(|| done(job?.suspend()))
}

/// Puts the job into the queue, or retries it at once after an error.
///
/// What was transferred is not transferred again. Does nothing to a job that is queued or running.
///
/// Errors: `BG_E_EMPTY` for a job without files, `BG_E_INVALID_STATE` after the job ended.
/// BITS: `IBackgroundCopyJob::Resume`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_resume(job: *mut bg_job) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let job = unsafe { handle::borrow(job) };
    guard(|| done(job?.resume()))
}

/// Ends the job and deletes everything it fetched; it leaves the queue for good.
///
/// What was uploaded stays. The session of an upload that is not over is cancelled at the server afterwards: after the
/// retry delay of the job again while nobody answers, for 24 hours or the no-progress timeout if that is shorter, also by
/// the next process that opens the queue.
///
/// Returns `BG_S_UNABLE_TO_DELETE_FILES` when the job ended and a temporary file is left.
///
/// Errors: `BG_E_INVALID_STATE` after the job ended. BITS: `IBackgroundCopyJob::Cancel`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_cancel(job: *mut bg_job) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let job = unsafe { handle::borrow(job) };
    guard(|| job?.cancel())
}

/// Gives the transferred files their names and ends the job; it leaves the queue.
///
/// Allowed in every state but the final ones. Files that are not yet transferred are given up. The files
/// have their names durably when it returns; a file of that name is replaced.
///
/// Returns `BG_S_OK` when every file was transferred, `BG_S_PARTIAL_COMPLETE` when only some were, and
/// `BG_S_UNABLE_TO_DELETE_FILES` when a temporary file is left.
///
/// Errors: `BG_E_INVALID_STATE` after the job ended, and for an upload that is not transferred; `BG_E_TOKEN_REQUIRED`
/// when the files are to be renamed with a helper token that is not there; or the code of a rename that failed: the job
/// stays then, transferred, for another `bg_job_complete` or `bg_job_cancel`.
/// BITS: `IBackgroundCopyJob::Complete`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_complete(job: *mut bg_job) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let job = unsafe { handle::borrow(job) };
    guard(|| job?.complete())
}

/// Gives the identifier of the job: the same in every process and after every restart.
///
/// Errors: `BG_E_POINTER` when `id_out` is NULL. BITS: `IBackgroundCopyJob::GetId`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_get_id(job: *mut bg_job, id_out: *mut bg_guid) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, out) = unsafe { (handle::borrow(job), Out::new(id_out)) };
    guard(|| {
        let (job, out) = (job?, out?);
        out.set(job.id().into())
    })
}

/// Gives the type of the job, a `BG_JOB_TYPE`.
///
/// Errors: `BG_E_INVALIDARG` when `type_out` is NULL. BITS: `IBackgroundCopyJob::GetType`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_get_type(job: *mut bg_job, type_out: *mut bg_job_type) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, out) = unsafe { (handle::borrow(job), Out::argument(type_out)) };
    guard(|| {
        let (job, out) = (job?, out?);
        out.set(job.job_type()?.into())
    })
}

/// Gives the state of the job, a `BG_JOB_STATE`. Never waits for a disk or the network.
///
/// Errors: `BG_E_INVALIDARG` when `state_out` is NULL. BITS: `IBackgroundCopyJob::GetState`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_get_state(job: *mut bg_job, state_out: *mut bg_job_state) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, out) = unsafe { (handle::borrow(job), Out::argument(state_out)) };
    guard(|| {
        let (job, out) = (job?, out?);
        out.set(job.state()?.into())
    })
}

/// Waits until the job rests: until it is transferred, in error, suspended, completed or cancelled.
///
/// `timeout_ms` is the longest wait in milliseconds, negative for no limit. `cancel_fd` is a descriptor, such as a
/// pipe or an eventfd, that ends the wait when it becomes readable, or -1. `state_out` gets the state of the job, a
/// `BG_JOB_STATE`. Any number of threads may wait for a job.
///
/// Returns `BG_S_OK` when the job rests and `BG_S_FALSE` when the time was over first.
///
/// Errors: `BG_E_REQUEST_CANCELED` when `cancel_fd` became readable; the job goes on. `BG_E_INVALIDARG` for a
/// descriptor that is not open, or when `state_out` is NULL, `BG_E_DISCONNECTED` also when the queue is closed
/// meanwhile. BITS has no such method.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_wait(
    job: *mut bg_job,
    timeout_ms: i64,
    cancel_fd: c_int,
    state_out: *mut bg_job_state,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, out) = unsafe { (handle::borrow(job), Out::argument(state_out)) };
    guard(|| {
        let (job, out, cancel) = (job?, out?, borrow_descriptor(cancel_fd)?);
        let timeout = u64::try_from(timeout_ms).ok().map(Duration::from_millis);
        let (state, rests) = job.wait(timeout, cancel)?;
        out.set(state.into())?;
        Ok(if rests { ResultCode::BG_S_OK } else { ResultCode::BG_S_FALSE })
    })
}

/// A descriptor of the program, which stays open for the call; -1 is none.
fn borrow_descriptor<'a>(fd: c_int) -> Result<Option<BorrowedFd<'a>>, Error> {
    if fd == -1 {
        return Ok(None);
    }
    // SAFETY: fcntl takes any number.
    if unsafe { libc::fcntl(fd, libc::F_GETFD) } < 0 {
        return Err(invalid(format!("{fd} is not an open descriptor; -1 stands for none")));
    }
    // SAFETY: it is open, and the caller keeps it open for the call.
    Ok(Some(unsafe { BorrowedFd::borrow_raw(fd) }))
}

/// Gives the bytes and files transferred so far. Never waits for a disk or the network.
///
/// `progress_out->struct_size` is set by the program.
///
/// Errors: `BG_E_INVALIDARG` when `progress_out` is NULL or too small.
/// BITS: `IBackgroundCopyJob::GetProgress`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_get_progress(
    job: *mut bg_job,
    progress_out: *mut bg_job_progress,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, out) =
        unsafe { (handle::borrow(job), OutStruct::new(progress_out, ResultCode::BG_E_INVALIDARG)) };
    guard(|| {
        let (job, out) = (job?, out?);
        let progress = job.progress()?;
        out.set(bg_job_progress {
            struct_size: 0,
            files_total: progress.files_total,
            files_transferred: progress.files_transferred,
            reserved: 0,
            bytes_total: progress.bytes_total,
            bytes_transferred: progress.bytes_transferred,
        })
    })
}

/// Gives the times of creation, last change and completed transfer, in nanoseconds since 1970.
///
/// `times_out->struct_size` is set by the program.
///
/// Errors: `BG_E_INVALIDARG` when `times_out` is NULL or too small.
/// BITS: `IBackgroundCopyJob::GetTimes`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_get_times(job: *mut bg_job, times_out: *mut bg_job_times) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, out) = unsafe { (handle::borrow(job), OutStruct::new(times_out, ResultCode::BG_E_INVALIDARG)) };
    guard(|| {
        let (job, out) = (job?, out?);
        let times = job.times()?;
        out.set(bg_job_times {
            struct_size: 0,
            reserved: 0,
            creation_time: times.creation,
            modification_time: times.modification,
            transfer_completion_time: times.transfer_completion,
        })
    })
}

/// Gives what went wrong, in `BG_JOB_STATE_ERROR` and `BG_JOB_STATE_TRANSIENT_ERROR` and until the job
/// transfers again.
///
/// `error_out` is returned with `bg_error_release`.
///
/// Errors: `BG_E_ERROR_INFORMATION_UNAVAILABLE` when the job has no error, `BG_E_POINTER` when
/// `error_out` is NULL. BITS: `IBackgroundCopyJob::GetError`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_get_error(job: *mut bg_job, error_out: *mut *mut bg_error) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, out) = unsafe { (handle::borrow(job), Out::new(error_out)) };
    guard(|| {
        let (job, out) = (job?, out?);
        out.set(handle::give(job.error()?))
    })
}

/// Gives the number of failures so far, those that were retried included. Never reset.
///
/// Errors: `BG_E_POINTER` when `count_out` is NULL. BITS: `IBackgroundCopyJob::GetErrorCount`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_get_error_count(job: *mut bg_job, count_out: *mut u32) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, out) = unsafe { (handle::borrow(job), Out::new(count_out)) };
    guard(|| {
        let (job, out) = (job?, out?);
        out.set(job.error_count()?)
    })
}

/// Gives the owner in the text form of a Windows security identifier: "S-1-22-1-" and the user id.
///
/// `owner_out` is freed with `bg_string_free`.
///
/// Errors: `BG_E_INVALIDARG` when `owner_out` is NULL. BITS: `IBackgroundCopyJob::GetOwner`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_get_owner(job: *mut bg_job, owner_out: *mut *mut c_char) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, out) = unsafe { (handle::borrow(job), Out::argument(owner_out)) };
    guard(|| {
        let (job, out) = (job?, out?);
        out.set(string::give(&format!("S-1-22-1-{}", job.owner()?))?)
    })
}

/// Gives the user id of the owner.
///
/// Errors: `BG_E_POINTER` when `uid_out` is NULL. BITS has no such method.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_get_owner_uid(job: *mut bg_job, uid_out: *mut u32) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, out) = unsafe { (handle::borrow(job), Out::new(uid_out)) };
    guard(|| {
        let (job, out) = (job?, out?);
        out.set(job.owner()?)
    })
}

/// Gives the integrity level of the owner in the numbers of Windows: 0x3000, high, for root, and 0x2000,
/// medium, for everybody else.
///
/// Errors: `BG_E_POINTER` when `level_out` is NULL. BITS: `IBackgroundCopyJob4::GetOwnerIntegrityLevel`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_get_owner_integrity_level(
    job: *mut bg_job,
    level_out: *mut u32,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, out) = unsafe { (handle::borrow(job), Out::new(level_out)) };
    guard(|| {
        let (job, out) = (job?, out?);
        out.set(job.owner_integrity_level()?)
    })
}

/// Gives 1 when the owner is root, else 0.
///
/// Errors: `BG_E_POINTER` when `elevated_out` is NULL. BITS: `IBackgroundCopyJob4::GetOwnerElevationState`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_get_owner_elevation_state(
    job: *mut bg_job,
    elevated_out: *mut i32,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, out) = unsafe { (handle::borrow(job), Out::new(elevated_out)) };
    guard(|| {
        let (job, out) = (job?, out?);
        out.set(i32::from(job.owner_is_elevated()?))
    })
}

/// Makes the caller the owner of the job; files, progress, properties and callbacks stay. What may hold passwords
/// or acts with the former owner's rights is taken away: credentials, client certificate, custom headers, the
/// program of the job, the helper token with its flags. Growing files become the caller's, where the system lets
/// them.
///
/// Only root may take a job from somebody else; for the owner it changes nothing.
///
/// Errors: `BG_E_ACCESSDENIED` when the caller is neither the owner nor root, `BG_E_NEW_OWNER_NO_FILE_ACCESS` when
/// the caller may not use a growing file, `BG_E_INVALID_STATE` after the job ended.
/// BITS: `IBackgroundCopyJob::TakeOwnership`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_take_ownership(job: *mut bg_job) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let job = unsafe { handle::borrow(job) };
    guard(|| done(job?.take_ownership()))
}
