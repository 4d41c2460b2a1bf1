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

use std::ffi::c_char;

use bgcopy_engine::client::{CertificateName, Error, Result};
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::CertStoreLocation;
use bgcopy_protocol::limits::CERT_HASH_LENGTH;

use crate::boundary::{Out, done, guard, optional_text};
use crate::handle::{self, bg_job};
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

fn set(
    job: &bgcopy_engine::client::Job,
    store_location: i32,
    store: Option<&str>,
    name: CertificateName,
) -> Result<ResultCode> {
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
