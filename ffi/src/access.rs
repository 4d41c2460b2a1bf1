//! ## Job: proxies and credentials
//!
//! How a job reaches servers, and who asks. As with other properties, a setter takes effect at once and lasts
//! with the job, and fails with `BG_E_INVALID_STATE` after the job ended. Connections are shared only by jobs
//! with the same proxies and the same credentials.
#![allow(unsafe_code)]

use std::ffi::c_char;
use std::mem::offset_of;

use bgcopy_engine::client::{Credentials, Error, ProxySettings, Result};
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::{AuthScheme, AuthTarget, ProxyUsage};

use crate::boundary::{Growable, Out, Plain, done, guard, optional_text, read};
use crate::handle::{self, bg_job};
use crate::job::undefined;
use crate::result::bg_result;
use crate::string;

/// A user name and a password for one kind of challenge. Start with `BG_AUTH_CREDENTIALS_INIT`.
/// `BG_AUTH_CREDENTIALS` with the `BG_BASIC_CREDENTIALS` in it
#[repr(C)]
#[derive(Clone, Copy)]
pub struct bg_auth_credentials {
    /// Size of this structure in the program; set by `BG_AUTH_CREDENTIALS_INIT`.
    pub struct_size: u32,
    /// Whose challenge, a `BG_AUTH_TARGET`.
    pub target: i32,
    /// Which scheme of HTTP, a `BG_AUTH_SCHEME`.
    pub scheme: i32,
    /// Always 0.
    pub reserved: u32,
    /// At most 300 characters.
    pub user_name: *const c_char,
    /// At most 65,535 characters.
    pub password: *const c_char,
}

// SAFETY: numbers may be zero and pointers null.
unsafe impl Plain for bg_auth_credentials {}
// SAFETY: repr(C), starts with a u32.
unsafe impl Growable for bg_auth_credentials {
    const FIRST_SIZE: usize = offset_of!(bg_auth_credentials, password) + size_of::<usize>();
}

/// Sets the user name and the password for one kind of challenge, in place of those of the same target and
/// scheme. The strings are copied.
///
/// They are encrypted on disk (section "Secrets" of the header) and never appear in errors and logs; there is no function
/// that gives them.
/// Nothing is sent before a server or proxy asks. Of the schemes it offers, the strongest is answered for which the
/// job has credentials and which is implemented: Digest (SHA-256, then MD5), then Basic, which everybody on
/// the way can read without https. NTLM, Negotiate and Passport are kept and never match. Credentials for servers
/// are for the host of the remote name, not for others that redirects lead to.
///
/// A job without credentials for any scheme that is asked for, or whose credentials are refused, fails with
/// `BG_E_HTTP_ERROR_401`, for a proxy `BG_E_HTTP_ERROR_407`; set others and resume it. A user name that the scheme
/// cannot carry gives `BG_E_INVALID_CREDENTIALS` then; a missing key to them `BG_E_WIN32_READ_FAULT`.
///
/// Both strings may be NULL with `BG_AUTH_SCHEME_NTLM` and `BG_AUTH_SCHEME_NEGOTIATE`, meaning whoever owns the job.
///
/// Errors: `BG_E_INVALIDARG` when a string is NULL otherwise or not UTF-8, `BG_E_INVALID_AUTH_TARGET`,
/// `BG_E_INVALID_AUTH_SCHEME`, `BG_E_USERNAME_TOO_LARGE`, `BG_E_PASSWORD_TOO_LARGE`, `BG_E_ACCESSDENIED` to anybody but
/// the owner of the job, `BG_E_WIN32_WRITE_FAULT` when there is no key to encrypt them with.
/// BITS: `IBackgroundCopyJob2::SetCredentials`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_set_credentials(
    job: *mut bg_job,
    credentials: *const bg_auth_credentials,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, given) = unsafe { (handle::borrow(job), read(credentials)) };
    guard(|| {
        let (job, given) = (job?, given?);
        let (target, scheme) = kind(given.target, given.scheme)?;
        // SAFETY: the caller keeps the rules for pointers.
        let (user, password) = unsafe {
            (optional_text(given.user_name, "user name")?, optional_text(given.password, "password")?)
        };
        let (user, password) = (user.map(str::to_owned), password.map(str::to_owned));
        done(job.set_credentials(Credentials { target, scheme, user, password }))
    })
}

/// Takes away the credentials for a `BG_AUTH_TARGET` and a `BG_AUTH_SCHEME`; `BG_S_FALSE` when there are none.
///
/// Errors: `BG_E_INVALID_AUTH_TARGET`, `BG_E_INVALID_AUTH_SCHEME`, `BG_E_ACCESSDENIED` to anybody but the owner of
/// the job. BITS: `IBackgroundCopyJob2::RemoveCredentials`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_remove_credentials(job: *mut bg_job, target: i32, scheme: i32) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let job = unsafe { handle::borrow(job) };
    guard(|| {
        let job = job?;
        let (target, scheme) = kind(target, scheme)?;
        job.remove_credentials(target, scheme)
    })
}

fn kind(target: i32, scheme: i32) -> Result<(AuthTarget, AuthScheme)> {
    let target = AuthTarget::try_from(target).map_err(|_| {
        Error::new(ResultCode::BG_E_INVALID_AUTH_TARGET, format!("{target} is no BG_AUTH_TARGET"))
    })?;
    let scheme = AuthScheme::try_from(scheme).map_err(|_| {
        Error::new(ResultCode::BG_E_INVALID_AUTH_SCHEME, format!("{scheme} is no BG_AUTH_SCHEME"))
    })?;
    Ok((target, scheme))
}

/// Says which proxies the job uses, a `BG_JOB_PROXY_USAGE`:
///
/// - `BG_JOB_PROXY_USAGE_PRECONFIG`, as in a new job: those of `[proxy]` in a policy; else those that the environment
///   of the process names when the queue is opened, with `http_proxy`, `https_proxy` and `all_proxy`, but for the
///   hosts of `no_proxy`; else those of `[proxy]` in the configuration. This machine is reached without.
/// - `BG_JOB_PROXY_USAGE_NO_PROXY`: none.
/// - `BG_JOB_PROXY_USAGE_OVERRIDE`: those of the lists.
/// - `BG_JOB_PROXY_USAGE_AUTODETECT`: none, with a warning in the log; proxies are not detected in this version.
///
/// `proxy_list` has `[protocol=][http://]server[:port]`, separated by blanks; the protocol is http or https,
/// without it the proxy is for the protocols that are not named; the port is 80 if it is not given. A proxy that
/// speaks SOCKS 5 is `[protocol=]socks5://server[:port]`, by itself on port 1080, and gets `BG_AUTH_SCHEME_BASIC`
/// credentials. Several for a
/// protocol are tried in turn until one can be reached. `bypass_list` has host names and addresses that are
/// reached directly, separated by blanks: with an asterisk as the first character for any beginning, with `:port` for
/// one port; `<local>` is every name without a dot. Upper and lower case are the same.
///
/// https goes through proxies unread (CONNECT). Proxies are spoken to in plain HTTP. A malformed list is an error of
/// the job, `BG_E_INVALID_PROXY_INFO`.
///
/// Errors: `BG_E_NOTIMPL` for a usage that is not defined, `BG_E_INVALIDARG` for lists with another usage than
/// OVERRIDE and for OVERRIDE without a proxy list, `BG_E_PROXY_LIST_TOO_LARGE` and
/// `BG_E_PROXY_BYPASS_LIST_TOO_LARGE` beyond 32 KiB. BITS: `IBackgroundCopyJob::SetProxySettings`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_set_proxy_settings(
    job: *mut bg_job,
    proxy_usage: i32,
    proxy_list: *const c_char,
    bypass_list: *const c_char,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, proxies, bypass) = unsafe {
        (
            handle::borrow(job),
            optional_text(proxy_list, "proxy list"),
            optional_text(bypass_list, "bypass list"),
        )
    };
    guard(|| {
        let job = job?;
        let usage = ProxyUsage::try_from(proxy_usage).map_err(|_| undefined("proxy usage", proxy_usage))?;
        let (proxies, bypass) = (proxies?.map(str::to_owned), bypass?.map(str::to_owned));
        done(job.set_proxy_settings(ProxySettings { usage, proxies, bypass }))
    })
}

/// Gives which proxies the job uses, as it was set; lists that were not set are NULL.
///
/// `proxy_list_out` and `bypass_list_out` are freed with `bg_string_free`.
///
/// Errors: `BG_E_POINTER` when a place for a result is NULL. BITS: `IBackgroundCopyJob::GetProxySettings`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_get_proxy_settings(
    job: *mut bg_job,
    proxy_usage_out: *mut i32,
    proxy_list_out: *mut *mut c_char,
    bypass_list_out: *mut *mut c_char,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, usage, proxies, bypass) = unsafe {
        (handle::borrow(job), Out::new(proxy_usage_out), Out::new(proxy_list_out), Out::new(bypass_list_out))
    };
    guard(|| {
        let (job, usage, proxies, bypass) = (job?, usage?, proxies?, bypass?);
        let settings = job.proxy_settings()?;
        let given = [&settings.proxies, &settings.bypass].map(|list| list.as_deref().map(string::give));
        let [proxy_list, bypass_list] = given.map(Option::transpose);
        if let Some(list) = proxy_list? {
            proxies.set(list)?;
        }
        if let Some(list) = bypass_list? {
            bypass.set(list)?;
        }
        usage.set(settings.usage.into())
    })
}
