//! ## Legacy queue manager: job
//!
//! The one job of a group. Every function of it also fails with `BG_E_INVALIDARG` when `job` is NULL or no
//! `bg_job1`, with `BG_E_DISCONNECTED` after the queue was closed and in a forked child, and with
//! `BG_E_ACCESSDENIED` when the group belongs to somebody else.
#![allow(unsafe_code)]

use std::ffi::c_char;

use bgcopy_engine::client::{FileInfo, Result};

use crate::boundary::{Out, array, done, guard, text};
use crate::group::progress_kind;
use crate::guid::bg_guid;
use crate::handle::{self, bg_job1};
use crate::result::bg_result;
use crate::string;

/// A file to add. Never changes. `FILESETINFO`
#[repr(C)]
#[derive(Clone, Copy)]
pub struct bg_fileset_info {
    /// URL, http or https, at most 2,200 characters.
    pub remote_file: *const c_char,
    /// Absolute path in a directory that exists.
    pub local_file: *const c_char,
    /// Not used.
    pub size_hint: u32,
}

/// Takes another reference to the job of a group and returns it. NULL gives NULL.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job1_retain(job: *mut bg_job1) -> *mut bg_job1 {
    // SAFETY: the caller keeps the rules for pointers.
    unsafe { handle::retain(job) }
}

/// Returns a reference to the job of a group. NULL is fine.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job1_release(job: *mut bg_job1) {
    // SAFETY: the caller keeps the rules for pointers.
    unsafe { handle::release(job) }
}

/// Never possible: a job is cancelled with its group, by `bg_group_cancel_group`.
///
/// Errors: always `BG_E_NOTIMPL`. BITS: `IBackgroundCopyJob1::CancelJob`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job1_cancel_job(job: *mut bg_job1) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let job = unsafe { handle::borrow(job) };
    guard(|| done(job?.cancel()))
}

/// Gives how far the job is: in per cent for `QM_PROGRESS_PERCENT_DONE`, 0 while a size is unknown; in bytes for
/// `QM_PROGRESS_SIZE_DONE`, at most 4,294,967,295.
///
/// Errors: `BG_E_NOTIMPL` for `QM_PROGRESS_TIME_DONE` and undefined values, `BG_E_POINTER` when `progress_out` is
/// NULL. BITS: `IBackgroundCopyJob1::GetProgress`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job1_get_progress(
    job: *mut bg_job1,
    kind: u32,
    progress_out: *mut u32,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, out) = unsafe { (handle::borrow(job), Out::new(progress_out)) };
    guard(|| {
        let (job, out) = (job?, out?);
        out.set(job.progress(progress_kind(kind)?)?)
    })
}

/// Gives what the job is at, and what went wrong.
///
/// `*status_out` is `QM_STATUS_JOB_COMPLETE` or `QM_STATUS_JOB_INCOMPLETE`, the latter with `QM_STATUS_JOB_ERROR` in
/// error; only then the others are not 0: a Win32 code, or the result code of bgcopy where Win32 has none; the HTTP
/// status, if there was one; and the number of failures.
///
/// Errors: `BG_E_POINTER` when a place for a result is NULL. BITS: `IBackgroundCopyJob1::GetStatus`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job1_get_status(
    job: *mut bg_job1,
    status_out: *mut u32,
    win32_result_out: *mut u32,
    transport_result_out: *mut u32,
    retries_out: *mut u32,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, status, win32, transport, retries) = unsafe {
        (
            handle::borrow(job),
            Out::new(status_out),
            Out::new(win32_result_out),
            Out::new(transport_result_out),
            Out::new(retries_out),
        )
    };
    guard(|| {
        let (job, status, win32) = (job?, status?, win32?);
        let (transport, retries) = (transport?, retries?);
        let (flags, failure) = job.status()?;
        status.set(flags.bits())?;
        win32.set(failure.win32)?;
        transport.set(failure.transport)?;
        retries.set(failure.retries)
    })
}

/// Adds files, all or none.
///
/// `files` points to `count` elements, which are copied.
///
/// Errors: as `bg_job_add_file_set`, and `BG_E_INVALIDARG` for a URL that is neither http nor https.
/// BITS: `IBackgroundCopyJob1::AddFiles`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job1_add_files(
    job: *mut bg_job1,
    count: u32,
    files: *const bg_fileset_info,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, files) = unsafe { (handle::borrow(job), array(files, count, "files")) };
    guard(|| {
        let (job, files) = (job?, files?);
        let read = |file: &bg_fileset_info| -> Result<FileInfo> {
            // SAFETY: the caller keeps the rules for pointers, also for those in the array.
            let names =
                unsafe { (text(file.remote_file, "remote name"), text(file.local_file, "local name")) };
            Ok(FileInfo { remote_name: names.0?.to_owned(), local_name: names.1?.to_owned() })
        };
        done(job.add_files(files.iter().map(read).collect::<Result<_>>()?))
    })
}

/// Gives the names of a file, by its index from 0.
///
/// `remote_file_out` and `local_file_out` are freed with `bg_string_free`.
///
/// Errors: `QM_E_ITEM_NOT_FOUND` beyond the last file, `BG_E_POINTER` when a place for a result is NULL.
/// BITS: `IBackgroundCopyJob1::GetFile`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job1_get_file(
    job: *mut bg_job1,
    index: u32,
    remote_file_out: *mut *mut c_char,
    local_file_out: *mut *mut c_char,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, remote, local) =
        unsafe { (handle::borrow(job), Out::new(remote_file_out), Out::new(local_file_out)) };
    guard(|| {
        let (job, remote, local) = (job?, remote?, local?);
        let file = job.file(index)?;
        remote.set(string::give(&file.remote_name)?)?;
        local.set(string::give(&file.local_name)?)
    })
}

/// Gives the number of files.
///
/// Errors: `BG_E_POINTER` when `count_out` is NULL. BITS: `IBackgroundCopyJob1::GetFileCount`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job1_get_file_count(job: *mut bg_job1, count_out: *mut u32) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, out) = unsafe { (handle::borrow(job), Out::new(count_out)) };
    guard(|| {
        let (job, out) = (job?, out?);
        out.set(job.file_count()?)
    })
}

/// Transfers the group of the job in the foreground from now on. There is no way back.
///
/// Errors: `BG_E_INVALID_STATE` after the group was cancelled. BITS: `IBackgroundCopyJob1::SwitchToForeground`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job1_switch_to_foreground(job: *mut bg_job1) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let job = unsafe { handle::borrow(job) };
    guard(|| done(job?.switch_to_foreground()))
}

/// Gives the identifier of the job.
///
/// Errors: `BG_E_POINTER` when `id_out` is NULL. BITS: `IBackgroundCopyJob1::get_JobID`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job1_get_job_id(job: *mut bg_job1, id_out: *mut bg_guid) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, out) = unsafe { (handle::borrow(job), Out::new(id_out)) };
    guard(|| {
        let (job, out) = (job?, out?);
        out.set(job.id().into())
    })
}
