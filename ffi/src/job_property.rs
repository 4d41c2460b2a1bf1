//! ## Job: properties by number
//!
//! The properties of `IBackgroundCopyJob5`. The errors common to all functions of a job are listed under
//! "Job: life".
#![allow(unsafe_code)]

use bgcopy_engine::client::{Error, Job, Result};
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::{AuthTarget, JobPropertyId};
use bgcopy_protocol::flags::CostFlags;

use crate::boundary::{Out, Plain, done, guard, invalid};
use crate::guid::bg_guid;
use crate::handle::{self, bg_job};
use crate::result::bg_result;

/// The value of a property of a job. Never changes. `BITS_JOB_PROPERTY_VALUE`
#[repr(C)]
#[derive(Clone, Copy)]
pub union bg_job_property_value {
    /// A number or flags.
    pub dword: u32,
    /// A class.
    pub cls_id: bg_guid,
    /// 0 for no, anything else for yes.
    pub enable: i32,
    /// A large number.
    pub uint64: u64,
    /// A `BG_AUTH_TARGET`.
    pub target: i32,
}

// SAFETY: numbers may be zero.
unsafe impl Plain for bg_job_property_value {}

/// Sets a property, a `BITS_JOB_PROPERTY_ID`, from the member of the value that belongs to it:
///
/// - `BITS_JOB_PROPERTY_ID_COST_FLAGS` (`dword`): connections of which costs the job may use, at once and also while
///   it runs. What a connection costs is not known here, each counts as unrestricted: without
///   `BITS_COST_STATE_UNRESTRICTED` the job waits in `BG_JOB_STATE_TRANSIENT_ERROR` with
///   `BG_E_BLOCKED_BY_COST_TRANSFER_POLICY`. A new job has `BITS_COST_STATE_TRANSFER_ALWAYS`.
/// - `BITS_JOB_PROPERTY_NOTIFICATION_CLSID` (`cls_id`): kept with the job for programs that read it; this system
///   has no classes that could be activated.
/// - `BITS_JOB_PROPERTY_MAX_DOWNLOAD_SIZE` (`uint64`): the most bytes of all files together; `BG_SIZE_UNKNOWN`, as
///   in a new job, for no limit. A job with more goes to `BG_JOB_STATE_ERROR` with
///   `BG_E_MAX_DOWNLOAD_SIZE_LIMIT_REACHED` before the file that is too much. Fixed by the first `bg_job_resume`.
/// - `BITS_JOB_PROPERTY_USE_STORED_CREDENTIALS` (`target`): with `BG_AUTH_TARGET_PROXY` the entry of a proxy in
///   `$NETRC`, else `~/.netrc`, answers it where the job has no credentials for it. That file must be readable by its
///   owner only. 0, as in a new job, for no; servers are never answered with it.
/// - `BITS_JOB_PROPERTY_MINIMUM_NOTIFICATION_INTERVAL_MS` (`dword`): the least milliseconds between two
///   `job_modification`; 500 in a new job.
/// - `BITS_JOB_PROPERTY_DYNAMIC_CONTENT` (`enable`): servers may make the content while they send it: neither a size
///   nor ranges are needed. The end of the answer is the end of the file, whose size is `BG_SIZE_UNKNOWN` until then; an
///   interrupted file begins again at 0. Such a job moves in the foreground only, and waits in `BG_JOB_STATE_QUEUED`
///   otherwise. Fixed by the first `bg_job_resume`; not with ranges, on-demand mode or another HTTP method.
/// - `BITS_JOB_PROPERTY_HIGH_PERFORMANCE` (`enable`): the bytes go to the final names at once, in place of what is there,
///   and no progress is stored: after the end of the process an unfinished file begins again at 0. Cancelling leaves
///   all files as they are, completing a part the unfinished ones: they are the program's. Fixed by the first file.
/// - `BITS_JOB_PROPERTY_ON_DEMAND_MODE` (`enable`): only what `bg_file_request_file_ranges` asks for is fetched; may change
///   at any time.
///
/// Errors: `BG_E_UNKNOWN_PROPERTY_ID`, `BG_E_INVALIDARG` for undefined flags, `BG_E_MAX_DOWNLOAD_SIZE_INVALID_VALUE`
/// for 0, `BG_E_READ_ONLY_PROPERTY_AFTER_RESUME`, `BG_E_READ_ONLY_PROPERTY_AFTER_ADDFILE`,
/// `BG_E_NOT_SUPPORTED_WITH_CUSTOM_HTTP_METHOD`, `BG_E_UNSUPPORTED_JOB_CONFIGURATION` for dynamic content together with
/// ranges or on-demand mode, `BG_E_PROPERTY_SUPPORTED_FOR_DOWNLOAD_JOBS_ONLY` for these modes and the largest size of an
/// upload, `BG_E_USE_STORED_CREDENTIALS_NOT_SUPPORTED` for another target than the proxy,
/// `BG_E_INVALID_STATE` after the job ended. BITS: `IBackgroundCopyJob5::SetProperty`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_set_property(
    job: *mut bg_job,
    property_id: i32,
    value: bg_job_property_value,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let job = unsafe { handle::borrow(job) };
    guard(|| done(set(job?, property_id, value)))
}

/// Gives a property, a `BITS_JOB_PROPERTY_ID`, in the member of the value that belongs to it; see
/// `bg_job_set_property`.
///
/// Errors: `BG_E_UNKNOWN_PROPERTY_ID`, `BG_E_POINTER` when `value_out` is NULL.
/// BITS: `IBackgroundCopyJob5::GetProperty`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_get_property(
    job: *mut bg_job,
    property_id: i32,
    value_out: *mut bg_job_property_value,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, out) = unsafe { (handle::borrow(job), Out::new(value_out)) };
    guard(|| {
        let (job, out) = (job?, out?);
        out.set(get(job, property_id)?)
    })
}

fn known(property_id: i32) -> Result<JobPropertyId> {
    JobPropertyId::try_from(property_id).map_err(|_| {
        Error::new(ResultCode::BG_E_UNKNOWN_PROPERTY_ID, format!("{property_id} is no property of a job"))
    })
}

fn set(job: &Job, property_id: i32, value: bg_job_property_value) -> Result<()> {
    match known(property_id)? {
        JobPropertyId::CostFlags => {
            // SAFETY: the member that belongs to the property, a number.
            let dword = unsafe { value.dword };
            let flags = CostFlags::from_bits(dword)
                .ok_or_else(|| invalid(format!("{dword:#x} has undefined cost flags")))?;
            job.set_cost_flags(flags)
        }
        JobPropertyId::NotificationClsid => {
            // SAFETY: the member that belongs to the property, made of numbers.
            job.set_notification_clsid(unsafe { value.cls_id }.into())
        }
        JobPropertyId::MaxDownloadSize => {
            // SAFETY: the member that belongs to the property, a number.
            job.set_max_download_size(unsafe { value.uint64 })
        }
        JobPropertyId::MinimumNotificationIntervalMs => {
            // SAFETY: the member that belongs to the property, a number.
            job.set_minimum_notification_interval(unsafe { value.dword })
        }
        JobPropertyId::UseStoredCredentials => {
            // SAFETY: the member that belongs to the property, a number.
            let target = unsafe { value.target };
            if target != 0 && target != i32::from(AuthTarget::Proxy) {
                return Err(ResultCode::BG_E_USE_STORED_CREDENTIALS_NOT_SUPPORTED.into());
            }
            job.set_stored_credentials(target != 0)
        }
        // SAFETY: the member that belongs to the property, a number.
        JobPropertyId::OnDemandMode => job.set_on_demand_mode(unsafe { value.enable } != 0),
        // SAFETY: the member that belongs to the property, a number.
        JobPropertyId::DynamicContent => job.set_dynamic_content(unsafe { value.enable } != 0),
        // SAFETY: the member that belongs to the property, a number.
        JobPropertyId::HighPerformance => job.set_high_performance(unsafe { value.enable } != 0),
    }
}

fn get(job: &Job, property_id: i32) -> Result<bg_job_property_value> {
    // The bytes behind a smaller member are 0.
    let mut value = bg_job_property_value { cls_id: bgcopy_protocol::Guid::default().into() };
    match known(property_id)? {
        JobPropertyId::CostFlags => value.dword = job.cost_flags()?.bits(),
        JobPropertyId::NotificationClsid => value.cls_id = job.notification_clsid()?.into(),
        JobPropertyId::MaxDownloadSize => value.uint64 = job.max_download_size()?,
        JobPropertyId::MinimumNotificationIntervalMs => {
            value.dword = job.minimum_notification_interval()?;
        }
        JobPropertyId::UseStoredCredentials if job.stored_credentials()? => {
            value.target = AuthTarget::Proxy.into();
        }
        JobPropertyId::OnDemandMode => value.enable = i32::from(job.on_demand_mode()?),
        JobPropertyId::DynamicContent => value.enable = i32::from(job.dynamic_content()?),
        JobPropertyId::HighPerformance => value.enable = i32::from(job.high_performance()?),
        // The answer of other targets is 0.
        JobPropertyId::UseStoredCredentials => {}
    }
    Ok(value)
}
