//! ## Job: certificates
//!
//! Client certificates are in stores, which are directories: `$XDG_CONFIG_HOME/bgcopy/certs/<store>` (else below
//! `~/.config`) of `BG_CERT_STORE_LOCATION_CURRENT_USER` and `/etc/bgcopy/certs/<store>` of
//! `BG_CERT_STORE_LOCATION_LOCAL_MACHINE`. An entry is
//!
//! - a PEM file (`.pem`, `.crt`, `.cer`): the certificate, the authorities between it and the root, and its key, which
//!   may be in a file of the same name that ends in `.key` instead; or
//! - a PKCS#12 file (`.p12`, `.pfx`), whose password, if it is not empty, is the first line of a file of the same name
//!   that ends in `.password`.
#![allow(unsafe_code)]

use std::ffi::{c_char, c_void};
use std::mem::offset_of;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bgcopy_engine::client::{CertificateName, Error, File, Job, Result, ServerCertificateValidation};
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::CertStoreLocation;
use bgcopy_protocol::limits::CERT_HASH_LENGTH;

use crate::boundary::{Growable, Out, Plain, done, guard, optional_text, read};
use crate::callback::Borrowed;
use crate::handle::{self, bg_file, bg_job};
use crate::job::undefined;
use crate::result::bg_result;
use crate::{memory, string};

/// Sets the certificate that servers are shown when they ask for one: the one with this SHA-1, 20 bytes.
///
/// `store_location` is a `BG_CERT_STORE_LOCATION`, `store_name` has less than 256 characters. The certificate must be
/// there with its key; it is read again when a server is connected to, and the job fails when it is gone
/// (`BG_E_CRYPT_NOT_FOUND`) or its key does not fit (`BG_E_WINHTTP_CLIENT_CERT_NO_ACCESS_PRIVATE_KEY`). Connections made
/// with it are used by jobs with the same certificate only. A server that asks for a certificate, but does not need
/// one, serves a job without.
///
/// Errors: `BG_E_RPC_NULL_REF_POINTER` when the name or the hash is NULL, `BG_E_NOTIMPL` for other locations than those
/// two, `BG_E_WIN32_FILE_NOT_FOUND` for a store that is not there, `BG_E_CRYPT_NOT_FOUND` for a certificate,
/// `BG_E_STRING_TOO_LONG`, `BG_E_ACCESSDENIED` for a store that cannot be read and to anybody but the owner of the job.
/// BITS: `IBackgroundCopyJobHttpOptions::SetClientCertificateByID`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_set_client_certificate_by_id(
    job: *mut bg_job,
    store_location: i32,
    store_name: *const c_char,
    cert_hash: *const u8,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, store) = unsafe { (handle::borrow(job), optional_text(store_name, "store name")) };
    let hash = if cert_hash.is_null() {
        None
    } else {
        // SAFETY: not NULL, hence valid for reading so many bytes.
        Some(unsafe { cert_hash.cast::<[u8; CERT_HASH_LENGTH]>().read_unaligned() })
    };
    guard(|| {
        let (job, store) = (job?, store?);
        let name = CertificateName::Hash(hash.ok_or_else(|| null("hash"))?);
        set(job, store_location, store, name)
    })
}

/// Sets the certificate that servers are shown when they ask for one: the first of the store, by the names of its
/// files, that is for clients and has `subject_name` in its subject, whatever the case of letters.
///
/// The subject are the values of its names in the order of the certificate, which is the reverse of the usual display:
/// `CN=name1, OU=name2, O=name3` is `name3, name2, name1`. At most 255 characters. All else as
/// `bg_job_set_client_certificate_by_id`.
///
/// Errors: as there, and `BG_E_INVALIDARG` when the subject name is empty.
/// BITS: `IBackgroundCopyJobHttpOptions::SetClientCertificateByName`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_set_client_certificate_by_name(
    job: *mut bg_job,
    store_location: i32,
    store_name: *const c_char,
    subject_name: *const c_char,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, store, subject) = unsafe {
        (
            handle::borrow(job),
            optional_text(store_name, "store name"),
            optional_text(subject_name, "subject name"),
        )
    };
    guard(|| {
        let (job, store, subject) = (job?, store?, subject?);
        let name = CertificateName::Subject(subject.ok_or_else(|| null("subject name"))?.to_owned());
        set(job, store_location, store, name)
    })
}

fn set(job: &Job, store_location: i32, store: Option<&str>, name: CertificateName) -> Result<ResultCode> {
    let store = store.ok_or_else(|| null("store name"))?;
    let location = CertStoreLocation::try_from(store_location)
        .map_err(|_| undefined("certificate store location", store_location))?;
    done(job.set_client_certificate(location, store, name))
}

fn null(what: &str) -> Error {
    Error::new(ResultCode::BG_E_RPC_NULL_REF_POINTER, format!("the {what} is NULL"))
}

/// Takes the client certificate away; `BG_S_FALSE` when there is none.
///
/// Errors: `BG_E_ACCESSDENIED` to anybody but the owner of the job.
/// BITS: `IBackgroundCopyJobHttpOptions::RemoveClientCertificate`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_remove_client_certificate(job: *mut bg_job) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let job = unsafe { handle::borrow(job) };
    guard(|| job?.remove_client_certificate())
}

/// Gives the client certificate: its location, a `BG_CERT_STORE_LOCATION`, its store, its SHA-1 of 20 bytes, and its
/// subject as in `bg_job_set_client_certificate_by_name`.
///
/// `store_name_out` and `subject_name_out` are freed with `bg_string_free`, `cert_hash_out` with `bg_memory_free`.
///
/// Errors: `BG_E_RPC_NULL_REF_POINTER` when a place for a result is NULL, `BG_E_RPC_BAD_STUB_DATA` when the job has none,
/// `BG_E_ACCESSDENIED` to anybody but the owner of the job.
/// BITS: `IBackgroundCopyJobHttpOptions::GetClientCertificate`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_get_client_certificate(
    job: *mut bg_job,
    store_location_out: *mut i32,
    store_name_out: *mut *mut c_char,
    cert_hash_out: *mut *mut u8,
    subject_name_out: *mut *mut c_char,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, location, store, hash, subject) = unsafe {
        (
            handle::borrow(job),
            Out::optional(store_location_out),
            Out::optional(store_name_out),
            Out::optional(cert_hash_out),
            Out::optional(subject_name_out),
        )
    };
    guard(|| {
        let job = job?;
        let (Some(location), Some(store), Some(hash), Some(subject)) = (location, store, hash, subject)
        else {
            return Err(null("place for a result"));
        };
        let certificate = job.client_certificate()?;
        store.set(string::give(&certificate.store)?)?;
        subject.set(string::give(&certificate.subject)?)?;
        hash.set(memory::give(&certificate.hash)?)?;
        location.set(certificate.location.into())
    })
}

/// Who looks at the certificates of servers. Start with `BG_SERVER_CERTIFICATE_VALIDATION_CALLBACK_INIT`.
/// `IBackgroundCopyServerCertificateValidationCallback`
#[repr(C)]
#[derive(Clone, Copy)]
pub struct bg_server_certificate_validation_callback {
    /// Size of this structure in the program; set by `BG_SERVER_CERTIFICATE_VALIDATION_CALLBACK_INIT`.
    pub struct_size: u32,
    /// Always 0.
    pub reserved: u32,
    /// Whether a server is the right one: `BG_S_OK`, or a failure that declines it. `cert_data` is its certificate, in DER
    /// (`cert_encoding_type` is 1, X.509); `cert_store_data` has all certificates that it sent, its own first, in DER, one
    /// after the other. The handles and the data hold until it returns. Needed.
    pub validate_server_certificate: Option<
        unsafe extern "C" fn(
            user_data: *mut c_void,
            job: *mut bg_job,
            file: *mut bg_file,
            cert_length: u32,
            cert_data: *const u8,
            cert_encoding_type: u32,
            cert_store_length: u32,
            cert_store_data: *const u8,
        ) -> bg_result,
    >,
    /// The last call for this `user_data`: free it here. Runs exactly once, on any thread.
    pub destroy: Option<unsafe extern "C" fn(user_data: *mut c_void)>,
}

// SAFETY: a number may be zero and the function pointers are optional.
unsafe impl Plain for bg_server_certificate_validation_callback {}
// SAFETY: repr(C), starts with a u32.
unsafe impl Growable for bg_server_certificate_validation_callback {
    const FIRST_SIZE: usize =
        offset_of!(bg_server_certificate_validation_callback, destroy) + size_of::<usize>();
}

/// `X509_ASN_ENCODING` of Windows.
const X509: u32 = 1;

/// Registers who looks at the certificates of https servers, in place of the one before; NULL clears.
///
/// It is called for each new connection, on the thread of the transfer and without a lock, after the usual checks
/// succeeded and before the first request. A certificate that it accepted for a server and port is not asked about again
/// until the next registration. Its failure is the error of the job, transient, in the context
/// `BG_ERROR_CONTEXT_SERVER_CERTIFICATE_CALLBACK`. Connections made for a registration are used by its job only.
///
/// The transfer waits for it, and whoever stops the transfer, too: to complete or cancel a job or to close the queue from
/// inside is `BG_E_INVALID_STATE`. The structure is copied; `destroy` runs once after the call succeeded, when another one
/// is registered, the job ended or the queue was closed. When the call fails, `user_data` stays with the caller.
///
/// A registration ends with the process. A job that had one then fails with
/// `BG_E_SERVER_CERT_VALIDATION_INTERFACE_REQUIRED` until there is one again, or it is cleared.
///
/// Errors: `BG_E_READ_ONLY_WHEN_JOB_ACTIVE` unless the job is suspended, in error or transferred, `BG_E_NOINTERFACE`
/// without `validate_server_certificate`, `BG_E_INVALIDARG` when `struct_size` is too small, `BG_E_ACCESSDENIED` to anybody
/// but the owner of the job. BITS: `IBackgroundCopyJobHttpOptions3::SetServerCertificateValidationInterface`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_set_server_certificate_validation_callback(
    job: *mut bg_job,
    callback: *const bg_server_certificate_validation_callback,
    user_data: *mut c_void,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, callback) = unsafe {
        (handle::borrow(job), if callback.is_null() { Ok(None) } else { read(callback).map(Some) })
    };
    guard(|| {
        let (job, callback) = (job?, callback?);
        let Some(callback) = callback else { return done(job.set_server_certificate_validation(None)) };
        if callback.validate_server_certificate.is_none() {
            return Err(Error::new(ResultCode::BG_E_NOINTERFACE, "validate_server_certificate is NULL"));
        }
        let validation = Arc::new(Validation { callback, user_data, owns: AtomicBool::new(true) });
        let result = job.set_server_certificate_validation(Some(validation.clone()));
        if result.is_err() {
            validation.owns.store(false, Ordering::Relaxed);
        }
        done(result)
    })
}

/// The function of a C program.
struct Validation {
    callback: bg_server_certificate_validation_callback,
    user_data: *mut c_void,
    /// Whether `destroy` is to run: not after a registration that failed.
    owns: AtomicBool,
}

// SAFETY: the header says that the functions run on any thread; the user data is only passed on.
unsafe impl Send for Validation {}
// SAFETY: as above.
unsafe impl Sync for Validation {}

impl Drop for Validation {
    fn drop(&mut self) {
        if let (true, Some(destroy)) = (*self.owns.get_mut(), self.callback.destroy) {
            // SAFETY: the program gave the function for this data; this is its last use.
            unsafe { destroy(self.user_data) };
        }
    }
}

impl ServerCertificateValidation for Validation {
    fn validate_server_certificate(&self, job: &Job, file: &File, chain: &[&[u8]]) -> ResultCode {
        let Some(call) = self.callback.validate_server_certificate else {
            return ResultCode::BG_E_NOINTERFACE;
        };
        let own = chain.first().copied().unwrap_or_default();
        let store = chain.concat();
        let (Ok(length), Ok(store_length)) = (u32::try_from(own.len()), u32::try_from(store.len())) else {
            return ResultCode::BG_E_TOO_LARGE;
        };
        let (job, file) = (Borrowed::<bg_job>::new(job.clone()), Borrowed::<bg_file>::new(file.clone()));
        // SAFETY: the program gave the function for this data; the arrays have these lengths.
        ResultCode(unsafe {
            call(
                self.user_data,
                job.handle(),
                file.handle(),
                length,
                own.as_ptr(),
                X509,
                store_length,
                store.as_ptr(),
            )
        })
    }
}
