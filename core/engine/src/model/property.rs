//! Properties of a job that programs set and get, with their limits.

use bgcopy_protocol::enums::{JobPriority, JobState, ProxyUsage};
use bgcopy_protocol::flags::{AclFlags, CostFlags, JobPeerCachingFlags, SecurityFlags, TokenFlags};
use bgcopy_protocol::limits::{LEAST_MINIMUM_RETRY_DELAY_S, MAX_DESCRIPTION, MAX_DISPLAY_NAME};
use bgcopy_protocol::{Guid, ResultCode};
use serde::{Deserialize, Serialize};

use super::command_line::CommandLine;
use super::error::{Error, Result};
use super::job::Job;
use super::state::{JobEvent, step};
use crate::transfer::access::ProxySettings;

/// The HTTP method of a new job.
pub const DEFAULT_METHOD: &str = "GET";
/// Longest HTTP method, in characters.
pub const MAX_METHOD: usize = 256;

/// Longest proxy list and bypass list, in bytes.
pub const MAX_PROXY_LIST_BYTES: usize = 32 * 1024;

/// Which events a job tells (`SetNotifyFlags`).
pub mod notify {
    use bgcopy_protocol::flags::NotifyFlags;

    /// The job is TRANSFERRED.
    pub const JOB_TRANSFERRED: u32 = NotifyFlags::JOB_TRANSFERRED.bits();
    /// The job is in ERROR.
    pub const JOB_ERROR: u32 = NotifyFlags::JOB_ERROR.bits();
    /// Nothing at all.
    pub const DISABLE: u32 = NotifyFlags::DISABLE.bits();
    /// Bytes, properties or state changed.
    pub const JOB_MODIFICATION: u32 = NotifyFlags::JOB_MODIFICATION.bits();
    /// A file is whole.
    pub const FILE_TRANSFERRED: u32 = NotifyFlags::FILE_TRANSFERRED.bits();
    /// Requested ranges arrived.
    pub const FILE_RANGES_TRANSFERRED: u32 = NotifyFlags::FILE_RANGES_TRANSFERRED.bits();
    /// All defined bits.
    pub const ALL: u32 =
        JOB_TRANSFERRED | JOB_ERROR | DISABLE | JOB_MODIFICATION | FILE_TRANSFERRED | FILE_RANGES_TRANSFERRED;
}

/// A property with its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Property {
    /// Name for people, up to 256 characters.
    DisplayName(String),
    /// Description for people, up to 1,024 characters.
    Description(String),
    /// Priority.
    Priority(JobPriority),
    /// [`notify`] flags.
    NotifyFlags(u32),
    /// Seconds before a transient error is tried again; at least 5.
    MinimumRetryDelay(u32),
    /// Seconds without progress after which a transient error becomes final; 0: at once.
    NoProgressTimeout(u32),
    /// Seconds the job may spend in CONNECTING and TRANSFERRING.
    MaximumDownloadTime(u32),
    /// Whether peers may give and take the files.
    PeerCachingFlags(JobPeerCachingFlags),
    /// What of owner and access lists is copied with a file; nothing over HTTP.
    FileAclFlags(AclFlags),
    /// What to run when the job is TRANSFERRED or in ERROR.
    NotifyCmdLine(Option<CommandLine>),
    /// Connections of which costs may be used.
    CostFlags(CostFlags),
    /// Class to activate for notifications.
    NotificationClsid(Guid),
    /// Most bytes of all files together; `SIZE_UNKNOWN` for no limit. Fixed by the first Resume.
    MaxDownloadSize(u64),
    /// Least milliseconds between two notifications of modification.
    MinimumNotificationInterval(u32),
    /// Checks of certificates and handling of redirects.
    SecurityFlags(SecurityFlags),
    /// The HTTP method that fetches files; at most 256 characters.
    HttpMethod(String),
    /// Which proxies are used.
    ProxySettings(ProxySettings),
    /// Whether the user's `.netrc` may answer proxies.
    StoredCredentials(bool),
    /// What the helper token is used for.
    HelperTokenFlags(TokenFlags),
    /// Only what programs request of the files is fetched.
    OnDemandMode(bool),
    /// Servers make the content while they send it. Fixed by the first Resume.
    DynamicContent(bool),
    /// Bytes go to the final names, and progress is not stored. Fixed by the first file.
    HighPerformance(bool),
}

/// Names a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PropertyId {
    /// See [`Property::DisplayName`].
    DisplayName,
    /// See [`Property::Description`].
    Description,
    /// See [`Property::Priority`].
    Priority,
    /// See [`Property::NotifyFlags`].
    NotifyFlags,
    /// See [`Property::MinimumRetryDelay`].
    MinimumRetryDelay,
    /// See [`Property::NoProgressTimeout`].
    NoProgressTimeout,
    /// See [`Property::MaximumDownloadTime`].
    MaximumDownloadTime,
    /// See [`Property::PeerCachingFlags`].
    PeerCachingFlags,
    /// See [`Property::FileAclFlags`].
    FileAclFlags,
    /// See [`Property::NotifyCmdLine`].
    NotifyCmdLine,
    /// See [`Property::CostFlags`].
    CostFlags,
    /// See [`Property::NotificationClsid`].
    NotificationClsid,
    /// See [`Property::MaxDownloadSize`].
    MaxDownloadSize,
    /// See [`Property::MinimumNotificationInterval`].
    MinimumNotificationInterval,
    /// See [`Property::SecurityFlags`].
    SecurityFlags,
    /// See [`Property::HttpMethod`].
    HttpMethod,
    /// See [`Property::ProxySettings`].
    ProxySettings,
    /// See [`Property::StoredCredentials`].
    StoredCredentials,
    /// See [`Property::HelperTokenFlags`].
    HelperTokenFlags,
    /// See [`Property::OnDemandMode`].
    OnDemandMode,
    /// See [`Property::DynamicContent`].
    DynamicContent,
    /// See [`Property::HighPerformance`].
    HighPerformance,
}

impl Property {
    /// Checks the value and brings it into its allowed range.
    ///
    /// # Errors
    /// `BG_E_STRING_TOO_LONG`, or `BG_E_NOTIMPL` for undefined flags.
    pub fn checked(self) -> Result<Property> {
        match self {
            Property::DisplayName(ref name) => {
                check_length(name, MAX_DISPLAY_NAME, "display name")?;
                Ok(self)
            }
            Property::Description(ref text) => {
                check_length(text, MAX_DESCRIPTION, "description")?;
                Ok(self)
            }
            Property::NotifyFlags(flags) if flags & !notify::ALL != 0 => Err(Error::new(
                ResultCode::BG_E_NOTIMPL,
                format!("undefined notify flags {:#x}", flags & !notify::ALL),
            )),
            Property::MinimumRetryDelay(seconds) => {
                Ok(Property::MinimumRetryDelay(seconds.max(LEAST_MINIMUM_RETRY_DELAY_S)))
            }
            Property::HttpMethod(ref method) => {
                check_length(method, MAX_METHOD, "HTTP method")?;
                check_method(method)?;
                Ok(self)
            }
            Property::NotifyCmdLine(Some(ref line)) => {
                line.check()?;
                Ok(self)
            }
            Property::ProxySettings(ref proxy) => {
                check_proxy(proxy)?;
                Ok(self)
            }
            Property::MaxDownloadSize(0) => Err(Error::new(
                ResultCode::BG_E_MAX_DOWNLOAD_SIZE_INVALID_VALUE,
                "a job that may download no byte is of no use",
            )),
            other => Ok(other),
        }
    }

    /// Whether the property may be set in this state.
    ///
    /// # Errors
    /// `BG_E_INVALID_STATE`, `BG_E_READ_ONLY_PROPERTY_AFTER_RESUME`, `BG_E_READ_ONLY_PROPERTY_AFTER_ADDFILE`,
    /// `BG_E_NOT_SUPPORTED_WITH_CUSTOM_HTTP_METHOD`, `BG_E_PROPERTY_SUPPORTED_FOR_DOWNLOAD_JOBS_ONLY`,
    /// `BG_E_UNSUPPORTED_JOB_CONFIGURATION`.
    pub fn settable(&self, job: &Job) -> Result<()> {
        step(&job.view(), JobEvent::Set)?;
        match self {
            // They are applied when a file's transfer ends.
            Property::FileAclFlags(_) if job.state() == JobState::Transferred => {
                Err(ResultCode::BG_E_INVALID_STATE.into())
            }
            Property::HttpMethod(method) if job.is_upload() && *method != job.http_method() => {
                Err(Error::new(
                    ResultCode::BG_E_PROPERTY_SUPPORTED_FOR_DOWNLOAD_JOBS_ONLY,
                    "uploads have a method of their own",
                ))
            }
            Property::MaxDownloadSize(_)
            | Property::DynamicContent(_)
            | Property::HighPerformance(_)
            | Property::OnDemandMode(true)
                if job.is_upload() =>
            {
                Err(ResultCode::BG_E_PROPERTY_SUPPORTED_FOR_DOWNLOAD_JOBS_ONLY.into())
            }
            Property::MaxDownloadSize(_) | Property::DynamicContent(_) if job.record.resumed => {
                Err(ResultCode::BG_E_READ_ONLY_PROPERTY_AFTER_RESUME.into())
            }
            Property::DynamicContent(true) if job.record.http_method.is_some() => Err(Error::new(
                ResultCode::BG_E_NOT_SUPPORTED_WITH_CUSTOM_HTTP_METHOD,
                "dynamic content is fetched with GET, and the job has another HTTP method",
            )),
            Property::DynamicContent(true) if job.needs_ranges() => Err(Error::new(
                ResultCode::BG_E_UNSUPPORTED_JOB_CONFIGURATION,
                "dynamic content has no ranges, and the job has files of which ranges are fetched",
            )),
            Property::OnDemandMode(true) if job.record.dynamic_content => Err(Error::new(
                ResultCode::BG_E_UNSUPPORTED_JOB_CONFIGURATION,
                "dynamic content has no ranges that could be requested",
            )),
            Property::HighPerformance(_) if !job.files().is_empty() => Err(Error::new(
                ResultCode::BG_E_READ_ONLY_PROPERTY_AFTER_ADDFILE,
                "the mode of a job is fixed by its first file",
            )),
            Property::HttpMethod(method) if *method != DEFAULT_METHOD && job.record.dynamic_content => {
                Err(Error::new(
                    ResultCode::BG_E_NOT_SUPPORTED_WITH_CUSTOM_HTTP_METHOD,
                    "the job has dynamic content, which is fetched with GET",
                ))
            }
            Property::HttpMethod(method) if job.record.resumed && *method != job.http_method() => {
                Err(Error::new(
                    ResultCode::BG_E_READ_ONLY_PROPERTY_AFTER_RESUME,
                    "the HTTP method of a job is fixed by its first Resume",
                ))
            }
            Property::HttpMethod(method) if *method != DEFAULT_METHOD && job.needs_ranges() => {
                Err(Error::new(
                    ResultCode::BG_E_NOT_SUPPORTED_WITH_CUSTOM_HTTP_METHOD,
                    "the job has files of which ranges are fetched, and only GET has those",
                ))
            }
            Property::OnDemandMode(true) if job.record.http_method.is_some() => Err(Error::new(
                ResultCode::BG_E_NOT_SUPPORTED_WITH_CUSTOM_HTTP_METHOD,
                "only GET fetches ranges, and the job has another HTTP method",
            )),
            Property::Priority(priority)
                if job.record.http_method.is_some() && *priority != JobPriority::Foreground =>
            {
                Err(Error::new(
                    ResultCode::BG_E_NOT_SUPPORTED_WITH_CUSTOM_HTTP_METHOD,
                    "a job with an HTTP method of its own stays in the foreground",
                ))
            }
            _ => Ok(()),
        }
    }
}

/// Checks the name a job is created with: `CreateJob` answers `BG_E_INVALIDARG` where the setter
/// answers `BG_E_STRING_TOO_LONG`.
///
/// # Errors
/// `BG_E_INVALIDARG`.
pub fn check_new_name(name: &str) -> Result<()> {
    check_length(name, MAX_DISPLAY_NAME, "display name")
        .map_err(|error| Error::new(ResultCode::BG_E_INVALIDARG, error.detail))
}

/// A token (RFC 9110 section 5.6.2), and none that brings no file.
fn check_method(method: &str) -> Result<()> {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if method.is_empty() || !method.bytes().all(token) {
        let text = "an HTTP method has letters, digits and the characters !#$%&'*+-.^_`|~";
        return Err(Error::new(ResultCode::BG_E_INVALIDARG, text));
    }
    if matches!(method, "HEAD" | "CONNECT") {
        let text = format!("the answer to {method} holds no file");
        return Err(Error::new(ResultCode::BG_E_INVALIDARG, text));
    }
    Ok(())
}

/// Lists belong to `OVERRIDE`. Their syntax counts when they are used.
fn check_proxy(proxy: &ProxySettings) -> Result<()> {
    let invalid = |text: &'static str| Err(Error::new(ResultCode::BG_E_INVALIDARG, text));
    match (proxy.usage, &proxy.proxies, &proxy.bypass) {
        (ProxyUsage::Override, None, _) => return invalid("BG_JOB_PROXY_USAGE_OVERRIDE needs a proxy list"),
        (ProxyUsage::Override, Some(_), _) | (_, None, None) => {}
        _ => return invalid("lists of proxies are for BG_JOB_PROXY_USAGE_OVERRIDE only"),
    }
    for (list, what, code) in [
        (&proxy.proxies, "proxy list", ResultCode::BG_E_PROXY_LIST_TOO_LARGE),
        (&proxy.bypass, "bypass list", ResultCode::BG_E_PROXY_BYPASS_LIST_TOO_LARGE),
    ] {
        if list.as_ref().is_some_and(|list| list.len() > MAX_PROXY_LIST_BYTES) {
            return Err(Error::new(code, format!("a {what} has at most {MAX_PROXY_LIST_BYTES} bytes")));
        }
    }
    Ok(())
}

fn check_length(text: &str, limit: usize, what: &str) -> Result<()> {
    // Bytes bound characters from above, so that most texts are not counted.
    if text.len() > limit && text.chars().count() > limit {
        return Err(Error::new(
            ResultCode::BG_E_STRING_TOO_LONG,
            format!("the {what} has {} characters; at most {limit} are allowed", text.chars().count()),
        ));
    }
    Ok(())
}
