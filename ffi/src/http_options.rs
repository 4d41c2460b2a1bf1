//! ## Job: HTTP options
//!
//! What a job asks of servers besides the file. As with other properties, a setter takes effect at once and
//! lasts with the job, and fails with `BG_E_INVALID_STATE` after the job ended.
#![allow(unsafe_code)]

use std::ffi::c_char;

use bgcopy_engine::client::Error;
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::flags::SecurityFlags;

use crate::boundary::{Out, done, guard, optional_text, text};
use crate::handle::{self, bg_job};
use crate::result::bg_result;
use crate::string;

/// Says how a server's certificate is checked, and what is done about redirects: any of the
/// `BG_SSL` flags and one of the `BG_HTTP_REDIRECT_POLICY` values. They replace the former ones.
///
/// A new job has 0: certificates must be valid, redirects are followed and the remote name is kept. Each
/// `BG_SSL_IGNORE` flag switches off the check it names and no other.
///
/// - `BG_SSL_ENABLE_CRL_CHECK`: before each https file the certificates between the server and the root must be
///   on no list of revoked ones. A list is a `.crl` file, PEM or DER, in the directory `CA` of the user's or the
///   machine's certificates (`~/.config/bgcopy/certs/CA`, `/etc/bgcopy/certs/CA`), or comes over http from where the
///   certificate says, within 15 s and with at most 16 MiB, and is kept until it expires. `GetError` then gives
///   `BG_E_WINHTTP_SECURE_CERT_REVOKED`, or `BG_E_WINHTTP_SECURE_CERT_REV_FAILED` where no fresh list that the
///   authority signed can be had. What came of an unfinished https file before the flag was set is fetched anew.
/// - `BG_HTTP_REDIRECT_POLICY_ALLOW_REPORT`: the remote name of the file becomes the URL that redirects lead to,
///   unless that is at another host and the job has custom headers that must not go there.
/// - `BG_HTTP_REDIRECT_POLICY_DISALLOW`: a redirect is an error, `BG_E_REDIRECT_REFUSED_301` and the like, and
///   the remote name becomes its target; `bg_job_resume` fetches from there, with the custom headers of the job.
/// - `BG_HTTP_REDIRECT_POLICY_ALLOW_HTTPS_TO_HTTP`: redirects from https to http are followed, too; without it
///   they are `BG_E_WINHTTP_REDIRECT_FAILED`. It has no meaning beside `BG_HTTP_REDIRECT_POLICY_DISALLOW`.
///
/// Errors: `BG_E_NOTIMPL` for undefined flags.
/// BITS: `IBackgroundCopyJobHttpOptions::SetSecurityFlags`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_set_security_flags(job: *mut bg_job, flags: u32) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let job = unsafe { handle::borrow(job) };
    guard(|| {
        let job = job?;
        let flags = SecurityFlags::try_from(flags)
            .map_err(|why| Error::new(ResultCode::BG_E_NOTIMPL, format!("security flags: {why}")))?;
        done(job.set_security_flags(flags))
    })
}

/// Gives which faults of a server's certificate are ignored, and what is done about redirects.
///
/// Errors: `BG_E_POINTER` when `flags_out` is NULL. BITS: `IBackgroundCopyJobHttpOptions::GetSecurityFlags`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_get_security_flags(job: *mut bg_job, flags_out: *mut u32) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, out) = unsafe { (handle::borrow(job), Out::new(flags_out)) };
    guard(|| {
        let (job, out) = (job?, out?);
        out.set(job.security_flags()?.bits())
    })
}

/// Sets headers that are sent with every request of the job: lines that each end with CR LF, at most 16,384
/// characters with the NUL. NULL or an empty text takes them away.
///
/// They are encrypted on disk and never appear in errors and logs. Those whose names contain auth, cookie,
/// credential, key, passw, secret, session, signature or token stay with the host of the remote name when a
/// redirect leads to another one. While the key to them is missing the job fails with `BG_E_WIN32_READ_FAULT`:
/// section "Secrets" of the header.
///
/// Errors: `BG_E_STRING_TOO_LONG`, `BG_E_INVALIDARG` for what is no header line and for headers that the
/// transfer itself sets, as Host and Range, `BG_E_ACCESSDENIED` to anybody but the owner of the job,
/// `BG_E_WIN32_WRITE_FAULT` when there is no key to encrypt them with.
/// BITS: `IBackgroundCopyJobHttpOptions::SetCustomHeaders`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_set_custom_headers(job: *mut bg_job, headers: *const c_char) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, headers) = unsafe { (handle::borrow(job), optional_text(headers, "custom headers")) };
    guard(|| done(job?.set_custom_headers(headers?)))
}

/// Gives the headers that were set; `BG_S_FALSE` and NULL when there are none.
///
/// `headers_out` is freed with `bg_string_free`.
///
/// Errors: `BG_E_POINTER` when `headers_out` is NULL, `BG_E_ACCESSDENIED` to anybody but the owner of the job
/// and after `bg_job_make_custom_headers_write_only`, `BG_E_WIN32_READ_FAULT` when the key to them is lost.
/// BITS: `IBackgroundCopyJobHttpOptions::GetCustomHeaders`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_get_custom_headers(
    job: *mut bg_job,
    headers_out: *mut *mut c_char,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, out) = unsafe { (handle::borrow(job), Out::new(headers_out)) };
    guard(|| {
        let (job, out) = (job?, out?);
        match job.custom_headers()? {
            Some(headers) => out.set(string::give(&headers)?),
            None => Ok(ResultCode::BG_S_FALSE),
        }
    })
}

/// Lets nobody read the custom headers of the job any more, those set later included; they are still sent.
/// Cannot be taken back.
///
/// Errors: `BG_E_ACCESSDENIED` to anybody but the owner of the job.
/// BITS: `IBackgroundCopyJobHttpOptions3::MakeCustomHeadersWriteOnly`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_make_custom_headers_write_only(job: *mut bg_job) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let job = unsafe { handle::borrow(job) };
    guard(|| done(job?.make_custom_headers_write_only()))
}

/// Sets the HTTP method that fetches the files of the job, before its first `bg_job_resume`.
///
/// A method other than `GET` puts the job into the foreground for good. Each file is one request without a
/// body, for all of it, on a connection of its own; no request is repeated by itself: every error is final, and
/// `bg_job_resume` fetches unfinished files from the beginning. `GET` leaves everything as it is.
///
/// Errors: `BG_E_INVALIDARG` when it is NULL, no token of HTTP, or a method that brings no file (HEAD, CONNECT),
/// `BG_E_STRING_TOO_LONG` for more than 256 characters, `BG_E_READ_ONLY_PROPERTY_AFTER_RESUME`,
/// `BG_E_NOT_SUPPORTED_WITH_CUSTOM_HTTP_METHOD` when ranges of its files are fetched,
/// `BG_E_PROPERTY_SUPPORTED_FOR_DOWNLOAD_JOBS_ONLY` for another method of an upload than its own.
/// BITS: `IBackgroundCopyJobHttpOptions2::SetHttpMethod`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_set_http_method(job: *mut bg_job, method: *const c_char) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, method) = unsafe { (handle::borrow(job), text(method, "HTTP method")) };
    guard(|| done(job?.set_http_method(method?.to_owned())))
}

/// Gives the HTTP method that fetches the files of the job; `GET` in a new one.
///
/// `method_out` is freed with `bg_string_free`.
///
/// Errors: `BG_E_POINTER` when `method_out` is NULL. BITS: `IBackgroundCopyJobHttpOptions2::GetHttpMethod`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_get_http_method(job: *mut bg_job, method_out: *mut *mut c_char) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, out) = unsafe { (handle::borrow(job), Out::new(method_out)) };
    guard(|| {
        let (job, out) = (job?, out?);
        out.set(string::give(&job.http_method()?)?)
    })
}
