//! ## Job: helper token
//!
//! A second right to files beside that of the caller. On Windows it is the identity of another user; here it is
//! an open directory, which may come from another process or user. Files of the job are reached through it by
//! their paths as before, whatever has become of the path since, and whether or not the caller can reach it.
#![allow(unsafe_code)]

use std::ffi::c_char;
use std::os::fd::BorrowedFd;

use bgcopy_engine::client::Error;
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::flags::TokenFlags;

use crate::boundary::{Out, done, guard, invalid};
use crate::handle::{self, bg_job};
use crate::result::bg_result;
use crate::string;

/// Gives the job a helper token: the directory that `directory_fd` is, in place of an earlier one. The descriptor is
/// duplicated; the program closes its own when it likes.
///
/// `bg_job_set_helper_token_flags` says what it is used for, before or after. Files are then opened below that
/// directory, without following symbolic links there; one that is not below its path of now is
/// `BG_E_ACCESSDENIED`. The token ends with the process. A job that has flags and no token goes to
/// `BG_JOB_STATE_ERROR` with `BG_E_TOKEN_REQUIRED`, when it runs or when the queue is opened again, until it gets
/// a token, or no flags, and `bg_job_resume`.
///
/// Errors: `BG_E_INVALIDARG` for what is no open directory. BITS: `IBitsTokenOptions::SetHelperToken`, which takes
/// the identity of the calling thread instead.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_set_helper_token(job: *mut bg_job, directory_fd: i32) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let job = unsafe { handle::borrow(job) };
    guard(|| {
        let job = job?;
        if directory_fd < 0 {
            return Err(invalid(format!("{directory_fd} is no descriptor")));
        }
        // SAFETY: not -1; it is only duplicated, which fails when it is not open.
        let directory = unsafe { BorrowedFd::borrow_raw(directory_fd) };
        done(job.set_helper_token(directory))
    })
}

/// Takes the helper token of the job away; the flags stay. A job that runs or waits and has flags goes to
/// `BG_JOB_STATE_ERROR` with `BG_E_TOKEN_REQUIRED`.
///
/// BITS: `IBitsTokenOptions::ClearHelperToken`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_clear_helper_token(job: *mut bg_job) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let job = unsafe { handle::borrow(job) };
    guard(|| done(job?.clear_helper_token()))
}

/// Says what the helper token is used for: any of the `BG_TOKEN` flags, in place of the former ones; 0 in a new
/// job. They last with the job, the token does not.
///
/// - `BG_TOKEN_LOCAL_FILE`: the local files of a download, growing and final, and `bg_job_complete`.
/// - `BG_TOKEN_NETWORK`: remote names that are files. Requests over HTTP do not need it.
///
/// Errors: `BG_E_NOTIMPL` for undefined flags. BITS: `IBitsTokenOptions::SetHelperTokenFlags`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_set_helper_token_flags(job: *mut bg_job, flags: u32) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let job = unsafe { handle::borrow(job) };
    guard(|| {
        let job = job?;
        let flags = TokenFlags::try_from(flags)
            .map_err(|why| Error::new(ResultCode::BG_E_NOTIMPL, format!("helper token flags: {why}")))?;
        done(job.set_helper_token_flags(flags))
    })
}

/// Gives what the helper token is used for.
///
/// Errors: `BG_E_POINTER` when `flags_out` is NULL. BITS: `IBitsTokenOptions::GetHelperTokenFlags`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_get_helper_token_flags(job: *mut bg_job, flags_out: *mut u32) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, out) = unsafe { (handle::borrow(job), Out::new(flags_out)) };
    guard(|| {
        let (job, out) = (job?, out?);
        out.set(job.helper_token_flags()?.bits())
    })
}

/// Gives the owner of the directory that is the helper token in the text form of a Windows security identifier,
/// "S-1-22-1-" and the user id; NULL when the job has no token.
///
/// `sid_out` is freed with `bg_string_free`.
///
/// Errors: `BG_E_POINTER` when `sid_out` is NULL. BITS: `IBitsTokenOptions::GetHelperTokenSid`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_get_helper_token_sid(
    job: *mut bg_job,
    sid_out: *mut *mut c_char,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, out) = unsafe { (handle::borrow(job), Out::new(sid_out)) };
    guard(|| {
        let (job, out) = (job?, out?);
        match job.helper_token_owner()? {
            Some(owner) => out.set(string::give(&format!("S-1-22-1-{owner}"))?),
            None => Ok(ResultCode::BG_S_OK),
        }
    })
}
