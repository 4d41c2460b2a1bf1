//! ## Job: the reply to an upload
//!
//! Only jobs of the type `BG_JOB_TYPE_UPLOAD_REPLY` have a reply; for the others these functions answer
//! `BG_E_NOTIMPL`. The reply gets its name when the job is completed; an upload that was not replied to has an empty one.
#![allow(unsafe_code)]

use std::ffi::c_char;
use std::mem::offset_of;

use bgcopy_protocol::ResultCode;

use crate::boundary::{Growable, Out, OutStruct, Plain, done, guard, optional_text};
use crate::handle::{self, bg_job};
use crate::result::bg_result;
use crate::{memory, string};

/// How far a reply is. Start with `BG_JOB_REPLY_PROGRESS_INIT`. `BG_JOB_REPLY_PROGRESS`
#[repr(C)]
#[derive(Clone, Copy)]
pub struct bg_job_reply_progress {
    /// Size of this structure in the program; set by `BG_JOB_REPLY_PROGRESS_INIT`.
    pub struct_size: u32,
    /// Always 0.
    pub reserved: u32,
    /// Size in bytes; `BG_SIZE_UNKNOWN` before the reply begins.
    pub bytes_total: u64,
    /// Bytes transferred so far.
    pub bytes_transferred: u64,
}

// SAFETY: numbers may be zero.
unsafe impl Plain for bg_job_reply_progress {}
// SAFETY: repr(C), starts with a u32.
unsafe impl Growable for bg_job_reply_progress {
    const FIRST_SIZE: usize = offset_of!(bg_job_reply_progress, bytes_transferred) + size_of::<u64>();
}

/// Gives the bytes of the reply transferred so far.
///
/// `progress_out->struct_size` is set by the program.
///
/// Errors: `BG_E_NOTIMPL` for a job that is no upload-reply, `BG_E_INVALIDARG` when `progress_out` is NULL or
/// too small. BITS: `IBackgroundCopyJob2::GetReplyProgress`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_get_reply_progress(
    job: *mut bg_job,
    progress_out: *mut bg_job_reply_progress,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, out) =
        unsafe { (handle::borrow(job), OutStruct::new(progress_out, ResultCode::BG_E_INVALIDARG)) };
    guard(|| {
        let (job, out) = (job?, out?);
        let (bytes_transferred, bytes_total) = job.reply_progress()?;
        out.set(bg_job_reply_progress { struct_size: 0, reserved: 0, bytes_total, bytes_transferred })
    })
}

/// Gives a copy of the reply, at most 1 MiB, when the job is transferred; NULL and 0 when there is none.
///
/// `data_out` is freed with `bg_memory_free`.
///
/// Errors: `BG_E_NOTIMPL` for a job that is no upload-reply, `BG_E_INVALID_STATE` before the reply is here,
/// `BG_E_TOO_LARGE` with its length for a larger one, which is read from its file after `bg_job_complete`,
/// `BG_E_POINTER` when a place for a result is NULL. BITS: `IBackgroundCopyJob2::GetReplyData`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_get_reply_data(
    job: *mut bg_job,
    data_out: *mut *mut u8,
    length_out: *mut u64,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, data_out, length_out) =
        unsafe { (handle::borrow(job), Out::new(data_out), Out::new(length_out)) };
    guard(|| {
        let (job, data_out, length_out) = (job?, data_out?, length_out?);
        let data = match job.reply_data() {
            Ok(data) => data,
            Err(error) => {
                if error.code == ResultCode::BG_E_TOO_LARGE {
                    length_out.set(job.reply_progress()?.1)?;
                }
                return Err(error);
            }
        };
        data_out.set(memory::give(&data)?)?;
        length_out.set(data.len() as u64)
    })
}

/// Says where the reply goes: an absolute path; NULL or empty for a name made from that of the uploaded file.
///
/// Errors: `BG_E_NOTIMPL` for a job that is no upload-reply, `BG_E_INVALID_STATE` once the reply is being fetched,
/// `BG_E_INVALIDARG` for a name that is not UTF-8 or no absolute path, and what `bg_job_add_file` says of directories.
/// BITS: `IBackgroundCopyJob2::SetReplyFileName`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_set_reply_file_name(job: *mut bg_job, name: *const c_char) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, name) = unsafe { (handle::borrow(job), optional_text(name, "reply file name")) };
    guard(|| done(job?.set_reply_file_name(name?)))
}

/// Gives where the reply goes; NULL before a name was given or a file added.
///
/// `name_out` is freed with `bg_string_free`.
///
/// Errors: `BG_E_NOTIMPL` for a job that is no upload-reply, `BG_E_POINTER` when `name_out` is NULL.
/// BITS: `IBackgroundCopyJob2::GetReplyFileName`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_get_reply_file_name(
    job: *mut bg_job,
    name_out: *mut *mut c_char,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, out) = unsafe { (handle::borrow(job), Out::new(name_out)) };
    guard(|| {
        let (job, out) = (job?, out?);
        match job.reply_file_name()? {
            Some(name) => out.set(string::give(&name)?),
            None => Ok(ResultCode::BG_S_OK),
        }
    })
}
