//! ## Error of a job
//!
//! Made when a job enters `BG_JOB_STATE_ERROR` or `BG_JOB_STATE_TRANSIENT_ERROR`; never for a call that failed.
//! Every function of an error also fails with `BG_E_INVALIDARG` when `error` is NULL or no `bg_error`.
#![allow(unsafe_code)]

use std::ffi::c_char;

use crate::boundary::{Out, guard};
use crate::enums::bg_error_context;
use crate::handle::{self, bg_error, bg_file};
use crate::result::bg_result;
use crate::string;

/// Takes another reference to an error and returns it. NULL gives NULL.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_error_retain(error: *mut bg_error) -> *mut bg_error {
    // SAFETY: the caller keeps the rules for pointers.
    unsafe { handle::retain(error) }
}

/// Returns a reference to an error. NULL is fine.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_error_release(error: *mut bg_error) {
    // SAFETY: the caller keeps the rules for pointers.
    unsafe { handle::release(error) }
}

/// Gives the code of the error and the side it belongs to, a `BG_ERROR_CONTEXT`.
///
/// Errors: `BG_E_POINTER` when one of the places is NULL; the other one is cleared then.
/// BITS: `IBackgroundCopyError::GetError`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_error_get_error(
    error: *mut bg_error,
    context_out: *mut bg_error_context,
    code_out: *mut bg_result,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (error, context_out, code_out) =
        unsafe { (handle::borrow(error), Out::new(context_out), Out::new(code_out)) };
    guard(|| {
        let (error, context_out, code_out) = (error?, context_out?, code_out?);
        context_out.set(error.context().into())?;
        code_out.set(error.code().0)
    })
}

/// Gives the file that was in work.
///
/// `file_out` is returned with `bg_file_release`.
///
/// Errors: `BG_E_FILE_NOT_AVAILABLE` when the error is not tied to a file, `BG_E_POINTER` when `file_out` is
/// NULL. BITS: `IBackgroundCopyError::GetFile`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_error_get_file(error: *mut bg_error, file_out: *mut *mut bg_file) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (error, out) = unsafe { (handle::borrow(error), Out::new(file_out)) };
    guard(|| {
        let (error, out) = (error?, out?);
        out.set(handle::give(error.file()?))
    })
}

/// Describes the error code in one sentence for people.
///
/// `language` is a Windows language identifier such as 0x0409; every language gets the English text.
/// `description_out` is freed with `bg_string_free`.
///
/// Errors: `BG_E_INVALIDARG` for language 0, `BG_E_POINTER` when `description_out` is NULL.
/// BITS: `IBackgroundCopyError::GetErrorDescription`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_error_get_error_description(
    error: *mut bg_error,
    language: u32,
    description_out: *mut *mut c_char,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (error, out) = unsafe { (handle::borrow(error), Out::new(description_out)) };
    guard(|| {
        let (error, out) = (error?, out?);
        out.set(string::give(&error.description(language)?)?)
    })
}

/// Describes the context in one sentence for people.
///
/// `language` is a Windows language identifier such as 0x0409; every language gets the English text.
/// `description_out` is freed with `bg_string_free`.
///
/// Errors: `BG_E_INVALIDARG` for language 0, `BG_E_POINTER` when `description_out` is NULL.
/// BITS: `IBackgroundCopyError::GetErrorContextDescription`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_error_get_error_context_description(
    error: *mut bg_error,
    language: u32,
    description_out: *mut *mut c_char,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (error, out) = unsafe { (handle::borrow(error), Out::new(description_out)) };
    guard(|| {
        let (error, out) = (error?, out?);
        out.set(string::give(&error.context_description(language)?)?)
    })
}

/// Gives the protocol of the transfer that failed: "http", "https" or "file".
///
/// `protocol_out` is freed with `bg_string_free`.
///
/// Errors: `BG_E_PROTOCOL_NOT_AVAILABLE` when the error is not tied to a transfer, `BG_E_POINTER` when
/// `protocol_out` is NULL. BITS: `IBackgroundCopyError::GetProtocol`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_error_get_protocol(
    error: *mut bg_error,
    protocol_out: *mut *mut c_char,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (error, out) = unsafe { (handle::borrow(error), Out::new(protocol_out)) };
    guard(|| {
        let (error, out) = (error?, out?);
        out.set(string::give(error.protocol()?)?)
    })
}

/// Says what failed in one sentence for people, with the URL or path: more than the description.
///
/// `text_out` is freed with `bg_string_free`.
///
/// Errors: `BG_E_POINTER` when `text_out` is NULL. BITS has no such method.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_error_get_text(error: *mut bg_error, text_out: *mut *mut c_char) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (error, out) = unsafe { (handle::borrow(error), Out::new(text_out)) };
    guard(|| {
        let (error, out) = (error?, out?);
        out.set(string::give(error.text())?)
    })
}
