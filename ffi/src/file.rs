//! ## File
//!
//! Files have no setters: they go with their job. Every function of a file also fails with
//! `BG_E_INVALIDARG` when `file` is NULL or no `bg_file`, and with `BG_E_DISCONNECTED` after the queue was
//! closed and in a forked child.
#![allow(unsafe_code)]

use std::ffi::c_char;
use std::mem::offset_of;

use bgcopy_engine::client::{Error, Result};
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::FilePropertyId;

use crate::boundary::{Growable, Out, OutStruct, Plain, done, guard, text};
use crate::handle::{self, bg_file, bg_job};
use crate::result::bg_result;
use crate::string;

/// How far a file is. Start with `BG_FILE_PROGRESS_INIT`. `BG_FILE_PROGRESS`
#[repr(C)]
#[derive(Clone, Copy)]
pub struct bg_file_progress {
    /// Size of this structure in the program; set by `BG_FILE_PROGRESS_INIT`.
    pub struct_size: u32,
    /// 1 when a downloaded file has its final name, which `bg_job_complete` gives it, or when an upload
    /// is done; otherwise 0. A file is whole when its two byte counts are equal.
    pub completed: i32,
    /// Size in bytes, or `BG_SIZE_UNKNOWN`.
    pub bytes_total: u64,
    /// Bytes transferred so far; back to 0 when the server replaced the file.
    pub bytes_transferred: u64,
}

// SAFETY: numbers may be zero.
unsafe impl Plain for bg_file_progress {}
// SAFETY: repr(C), starts with a u32.
unsafe impl Growable for bg_file_progress {
    const FIRST_SIZE: usize = offset_of!(bg_file_progress, bytes_transferred) + size_of::<u64>();
}

/// The value of a property of a file. Never changes. `BITS_FILE_PROPERTY_VALUE`
#[repr(C)]
#[derive(Clone, Copy)]
pub union bg_file_property_value {
    /// A text, or NULL.
    pub string: *mut c_char,
}

// SAFETY: a pointer may be NULL.
unsafe impl Plain for bg_file_property_value {}

/// Takes another reference to a file and returns it. NULL gives NULL.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_file_retain(file: *mut bg_file) -> *mut bg_file {
    // SAFETY: the caller keeps the rules for pointers.
    unsafe { handle::retain(file) }
}

/// Returns a reference to a file. NULL is fine.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_file_release(file: *mut bg_file) {
    // SAFETY: the caller keeps the rules for pointers.
    unsafe { handle::release(file) }
}

/// Gives the URL.
///
/// `remote_name_out` is freed with `bg_string_free`.
///
/// Errors: `BG_E_POINTER` when `remote_name_out` is NULL. BITS: `IBackgroundCopyFile::GetRemoteName`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_file_get_remote_name(
    file: *mut bg_file,
    remote_name_out: *mut *mut c_char,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (file, out) = unsafe { (handle::borrow(file), Out::new(remote_name_out)) };
    guard(|| {
        let (file, out) = (file?, out?);
        out.set(string::give(&file.remote_name()?)?)
    })
}

/// Gives the file another URL, durably.
///
/// A transfer under way goes on with it. Bytes that are on disk are kept where the new server proves to have
/// the same file: its size, its Last-Modified date and the last 64 KiB agree; otherwise the file begins again. A
/// file that is already transferred is not transferred again. After an error, `bg_job_resume` goes on.
///
/// Errors: `BG_E_INVALIDARG` for a name that is NULL or not allowed (see `bg_job_add_file`),
/// `BG_E_NOTIMPL` for an upload, `BG_E_INVALID_STATE` after the job ended. BITS:
/// `IBackgroundCopyFile2::SetRemoteName`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_file_set_remote_name(
    file: *mut bg_file,
    remote_name: *const c_char,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (file, name) = unsafe { (handle::borrow(file), text(remote_name, "remote name")) };
    guard(|| done(file?.set_remote_name(name?)))
}

/// Gives the path that the file has when its job is completed.
///
/// `local_name_out` is freed with `bg_string_free`.
///
/// Errors: `BG_E_POINTER` when `local_name_out` is NULL. BITS: `IBackgroundCopyFile::GetLocalName`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_file_get_local_name(
    file: *mut bg_file,
    local_name_out: *mut *mut c_char,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (file, out) = unsafe { (handle::borrow(file), Out::new(local_name_out)) };
    guard(|| {
        let (file, out) = (file?, out?);
        out.set(string::give(&file.local_name()?)?)
    })
}

/// Gives the bytes transferred so far. Never waits for a disk or the network.
///
/// `progress_out->struct_size` is set by the program.
///
/// Errors: `BG_E_POINTER` when `progress_out` is NULL, `BG_E_INVALIDARG` when it is too small.
/// BITS: `IBackgroundCopyFile::GetProgress`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_file_get_progress(
    file: *mut bg_file,
    progress_out: *mut bg_file_progress,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (file, out) =
        unsafe { (handle::borrow(file), OutStruct::new(progress_out, ResultCode::BG_E_POINTER)) };
    guard(|| {
        let (file, out) = (file?, out?);
        let progress = file.progress()?;
        out.set(bg_file_progress {
            struct_size: 0,
            completed: i32::from(progress.completed),
            bytes_total: progress.bytes_total,
            bytes_transferred: progress.bytes_transferred,
        })
    })
}

/// Gives the path of the file that receives the bytes, beside the final one.
///
/// It may be read at any time; it is gone when the job has ended. Of a job in high-performance mode it is the final
/// path itself. `temporary_name_out` is freed with `bg_string_free`.
///
/// Errors: `BG_E_POINTER` when `temporary_name_out` is NULL, `BG_E_NOTIMPL` for an upload. BITS:
/// `IBackgroundCopyFile3::GetTemporaryName`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_file_get_temporary_name(
    file: *mut bg_file,
    temporary_name_out: *mut *mut c_char,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (file, out) = unsafe { (handle::borrow(file), Out::new(temporary_name_out)) };
    guard(|| {
        let (file, out) = (file?, out?);
        out.set(string::give(&file.temporary_name()?)?)
    })
}

/// Gives the place of the file in its job, in order of addition, from 0.
///
/// Errors: `BG_E_POINTER` when `index_out` is NULL. BITS has no such method.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_file_get_index(file: *mut bg_file, index_out: *mut u32) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (file, out) = unsafe { (handle::borrow(file), Out::new(index_out)) };
    guard(|| {
        let (file, out) = (file?, out?);
        out.set(file.index())
    })
}

/// Gives the job of the file.
///
/// `job_out` is returned with `bg_job_release`.
///
/// Errors: `BG_E_POINTER` when `job_out` is NULL. BITS has no such method.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_file_get_job(file: *mut bg_file, job_out: *mut *mut bg_job) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (file, out) = unsafe { (handle::borrow(file), Out::new(job_out)) };
    guard(|| {
        let (file, out) = (file?, out?);
        out.set(handle::give(file.job().clone()))
    })
}

/// Says whether the content of a transferred file is right: 0 for no, anything else for yes.
///
/// A file that is not right is to be transferred again: its progress goes back to 0 and the job to
/// `BG_JOB_STATE_ERROR` with `BG_E_VALIDATION_FAILED`, until `bg_job_resume`; a suspended job stays suspended.
/// `bg_job_complete` takes every transferred file for right.
///
/// Errors: `BG_E_PENDING` before the file is transferred, `BG_E_NOTIMPL` for an upload, `BG_E_INVALID_STATE` after
/// the job ended.
/// BITS: `IBackgroundCopyFile3::SetValidationState`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_file_set_validation_state(file: *mut bg_file, valid: i32) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let file = unsafe { handle::borrow(file) };
    guard(|| done(file?.set_validation_state(valid != 0)))
}

/// Gives 1 when the content was found right, and 0 when it was not or nobody said so.
///
/// Errors: `BG_E_POINTER` when `valid_out` is NULL. BITS: `IBackgroundCopyFile3::GetValidationState`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_file_get_validation_state(file: *mut bg_file, valid_out: *mut i32) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (file, out) = unsafe { (handle::borrow(file), Out::new(valid_out)) };
    guard(|| {
        let (file, out) = (file?, out?);
        out.set(i32::from(file.validation_state()?))
    })
}

/// Gives 1 when a part of the file came from a peer: always 0, because this version has no peers.
///
/// Errors: `BG_E_POINTER` when `from_peer_out` is NULL. BITS: `IBackgroundCopyFile3::IsDownloadedFromPeer`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_file_is_downloaded_from_peer(
    file: *mut bg_file,
    from_peer_out: *mut i32,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (file, out) = unsafe { (handle::borrow(file), Out::new(from_peer_out)) };
    guard(|| {
        let (file, out) = (file?, out?);
        let (_, from_peers) = file.peer_download_stats()?;
        out.set(i32::from(from_peers > 0))
    })
}

/// Gives how many bytes of the file came from its server and how many from peers: none, because this version has
/// no peers.
///
/// Errors: `BG_E_POINTER` when a place for a result is NULL. BITS: `IBackgroundCopyFile4::GetPeerDownloadStats`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_file_get_peer_download_stats(
    file: *mut bg_file,
    from_origin_out: *mut u64,
    from_peers_out: *mut u64,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (file, origin, peers) =
        unsafe { (handle::borrow(file), Out::new(from_origin_out), Out::new(from_peers_out)) };
    guard(|| {
        let (file, origin, peers) = (file?, origin?, peers?);
        let (from_origin, from_peers) = file.peer_download_stats()?;
        origin.set(from_origin)?;
        peers.set(from_peers)
    })
}

/// Refuses to set a property: those of a file can only be read.
///
/// Errors: `BG_E_READ_ONLY_PROPERTY` for a `BITS_FILE_PROPERTY_ID`, `BG_E_UNKNOWN_PROPERTY_ID` for another number. The
/// value is not looked at. BITS: `IBackgroundCopyFile5::SetProperty`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_file_set_property(
    file: *mut bg_file,
    property_id: i32,
    _value: bg_file_property_value,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let file = unsafe { handle::borrow(file) };
    guard(|| {
        file?;
        let FilePropertyId::HttpResponseHeaders = known(property_id)?;
        Err(Error::new(
            ResultCode::BG_E_READ_ONLY_PROPERTY,
            "the response headers are what a server answered",
        ))
    })
}

/// Gives a property, a `BITS_FILE_PROPERTY_ID`, in the member of the value that belongs to it:
///
/// - `BITS_FILE_PROPERTY_ID_HTTP_RESPONSE_HEADERS` (`string`): the headers of the last answer to a request for the
///   file, also of a refusal: the status line and the header lines, each ended by CR LF. NULL before there was one,
///   and for remote names that are files. They are kept with the job, and stay until the next answer. Bytes that are
///   not UTF-8 are taken for Latin-1.
///
/// `value_out->string` is freed with `bg_string_free`.
///
/// Errors: `BG_E_UNKNOWN_PROPERTY_ID`, `BG_E_POINTER` when `value_out` is NULL.
/// BITS: `IBackgroundCopyFile5::GetProperty`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_file_get_property(
    file: *mut bg_file,
    property_id: i32,
    value_out: *mut bg_file_property_value,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (file, out) = unsafe { (handle::borrow(file), Out::new(value_out)) };
    guard(|| {
        let (file, out) = (file?, out?);
        let FilePropertyId::HttpResponseHeaders = known(property_id)?;
        let headers = file.response_headers()?;
        let string = headers.map_or(Ok(std::ptr::null_mut()), |headers| string::give(&headers))?;
        out.set(bg_file_property_value { string })
    })
}

fn known(property_id: i32) -> Result<FilePropertyId> {
    FilePropertyId::try_from(property_id).map_err(|_| {
        Error::new(ResultCode::BG_E_UNKNOWN_PROPERTY_ID, format!("{property_id} is no property of a file"))
    })
}
