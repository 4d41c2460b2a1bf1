//! ## Manager: the queue
//!
//! A queue lives in a directory and belongs to one process at a time. Jobs that were under way when
//! the former owner ended go on as soon as the queue is open.
#![allow(unsafe_code)]

use std::ffi::{c_char, c_int};
use std::mem::offset_of;
use std::os::fd::IntoRawFd;
use std::path::PathBuf;
use std::time::Duration;

use bgcopy_engine::client::{EventKind, Manager, Settings, error_description};
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::JobType;
use bgcopy_protocol::flags::{EnumFlags, NotifyFlags};

use crate::boundary::{Growable, Out, OutStruct, Plain, done, guard, invalid, optional_text, read, text};
use crate::enumerator::Enumerator;
use crate::enums::bg_job_type;
use crate::guid::{self, bg_guid};
use crate::handle::{self, bg_enum_jobs, bg_job, bg_manager};
use crate::job::undefined;
use crate::result::bg_result;
use crate::string;

/// `bg_event.file` of an event that is about no particular file.
pub const BG_FILE_NONE: u32 = u32::MAX;

/// How a queue works. Start with `BG_MANAGER_OPTIONS_INIT`; 0 and NULL stand for the default.
///
/// For what the section "Policies" names, the default is what the user's configuration says, and a policy of
/// the administrator goes before the option.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct bg_manager_options {
    /// Size of this structure in the program; set by `BG_MANAGER_OPTIONS_INIT`.
    pub struct_size: u32,
    /// Files of a foreground job under way at once (8). 1 is the strictly serial order of Windows.
    pub foreground_files_in_flight: u32,
    /// Directory of the queue. Default: `$BGCOPY_DIRECTORY`, else `$XDG_STATE_HOME/bgcopy`, else
    /// `~/.local/state/bgcopy`. Made when it is missing.
    pub directory: *const c_char,
    /// Files of a background job under way at once (4).
    pub background_files_in_flight: u32,
    /// Most files under way at once in the whole queue (64).
    pub workers: u32,
    /// Seconds a background job runs before others of its priority have their turn (300).
    pub time_slice_s: u32,
    /// Milliseconds between two times at which progress becomes durable (300).
    pub checkpoint_ms: u32,
    /// Most unfinished jobs of one user other than root (no limit).
    pub max_jobs_per_user: u32,
    /// Most unfinished jobs of all users but root (no limit).
    pub max_jobs_per_machine: u32,
    /// Most files of a job of a user other than root (no limit).
    pub max_files_per_job: u32,
    /// Days after which a job that nobody touched is cancelled (90).
    pub job_inactivity_timeout_days: u32,
    /// Least milliseconds between two `job_modification` callbacks of a new job (500).
    pub notification_interval_ms: u32,
    /// Longest wait for a connection, in milliseconds (60000).
    pub connect_timeout_ms: u32,
    /// Longest wait for a server that sends nothing, in milliseconds (300000).
    pub response_timeout_ms: u32,
    /// What `bg_job_get_minimum_retry_delay` gives for a new job, in seconds (600).
    pub minimum_retry_delay_s: u32,
    /// What `bg_job_get_no_progress_timeout` gives for a new job, in seconds (1209600: 14 days).
    pub no_progress_timeout_s: u32,
    /// What `bg_job_get_maximum_download_time` gives for a job that has no time of its own, in seconds
    /// (7776000: 90 days).
    pub maximum_download_time_s: u32,
    /// Most ranges of a file of a job of a user other than root (no limit).
    pub max_ranges_per_file: u32,
}

// SAFETY: numbers may be zero and pointers null.
unsafe impl Plain for bg_manager_options {}
// SAFETY: repr(C), starts with a u32.
unsafe impl Growable for bg_manager_options {
    const FIRST_SIZE: usize = offset_of!(bg_manager_options, maximum_download_time_s) + size_of::<u32>();
}

/// Something that happened to a job. Start with `BG_EVENT_INIT`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct bg_event {
    /// Size of this structure in the program; set by `BG_EVENT_INIT`.
    pub struct_size: u32,
    /// What happened: one of the flags `BG_NOTIFY_JOB_TRANSFERRED`, `BG_NOTIFY_JOB_ERROR`,
    /// `BG_NOTIFY_JOB_MODIFICATION`, `BG_NOTIFY_FILE_TRANSFERRED`,
    /// `BG_NOTIFY_FILE_RANGES_TRANSFERRED`.
    pub kind: u32,
    /// The job.
    pub job: bg_guid,
    /// Index of the file, or `BG_FILE_NONE`.
    pub file: u32,
    /// The error of `BG_NOTIFY_JOB_ERROR`, otherwise `BG_S_OK`.
    pub code: bg_result,
}

// SAFETY: numbers may be zero.
unsafe impl Plain for bg_event {}
// SAFETY: repr(C), starts with a u32.
unsafe impl Growable for bg_event {
    const FIRST_SIZE: usize = offset_of!(bg_event, code) + size_of::<bg_result>();
}

/// Opens a queue. Blocks until its jobs are read; transfers that were under way go on by themselves.
///
/// `options` may be NULL. `manager_out` is returned with `bg_manager_release`. `BG_S_OVERRIDDEN_BY_POLICY`
/// says that the queue is open, but a policy of the administrator has another value than one of the options.
///
/// Errors: `BG_E_WIN32_SHARING_VIOLATION` when another process has the queue open (the detail text
/// names it), `BG_E_INVALIDARG` for options that are too small or a directory that is not absolute,
/// `BG_E_ACCESSDENIED` and other codes of the file system, `BG_E_POINTER` when `manager_out` is NULL.
/// BITS: `CoCreateInstance` of `BackgroundCopyManager`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_manager_open(
    options: *const bg_manager_options,
    manager_out: *mut *mut bg_manager,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (settings, out) = unsafe { (settings(options), Out::new(manager_out)) };
    guard(|| {
        let (settings, out) = (settings?, out?);
        crate::log::start();
        let manager = Manager::open(settings)?;
        let overridden = manager.is_overridden_by_policy()?;
        let opened = out.set(handle::give(manager))?;
        Ok(if overridden { ResultCode::BG_S_OVERRIDDEN_BY_POLICY } else { opened })
    })
}

/// Reads the options; what they leave at zero keeps its default.
///
/// # Safety
/// NULL, or options as the section "Pointers" of the header says.
unsafe fn settings(options: *const bg_manager_options) -> bgcopy_engine::client::Result<Settings> {
    let mut settings = Settings::default();
    if options.is_null() {
        return Ok(settings);
    }
    // SAFETY: as promised by the caller.
    let options: bg_manager_options = unsafe { read(options)? };
    // SAFETY: as promised by the caller.
    if let Some(directory) = unsafe { optional_text(options.directory, "directory")? } {
        settings.directory = PathBuf::from(directory);
        if !settings.directory.is_absolute() {
            return Err(invalid(format!("the directory \"{directory}\" is not an absolute path")));
        }
    }
    let count = |value: u32, place: &mut usize| {
        if value != 0 {
            *place = value as usize;
        }
    };
    let limit = |value: u32, place: &mut Option<u32>| {
        if value != 0 {
            *place = Some(value);
        }
    };
    let span = |value: u32, unit: Duration, place: &mut Duration| {
        if value != 0 {
            *place = unit * value;
        }
    };
    let optional_span = |value: u32, unit: Duration, place: &mut Option<Duration>| {
        if value != 0 {
            *place = Some(unit * value);
        }
    };
    const MILLISECOND: Duration = Duration::from_millis(1);
    const SECOND: Duration = Duration::from_secs(1);
    const DAY: Duration = Duration::from_secs(24 * 3600);
    count(options.foreground_files_in_flight, &mut settings.foreground_files_in_flight);
    count(options.background_files_in_flight, &mut settings.background_files_in_flight);
    count(options.workers, &mut settings.workers);
    optional_span(options.time_slice_s, SECOND, &mut settings.time_slice);
    span(options.checkpoint_ms, MILLISECOND, &mut settings.checkpoint);
    limit(options.max_jobs_per_user, &mut settings.max_jobs_per_user);
    limit(options.max_jobs_per_machine, &mut settings.max_jobs_per_machine);
    limit(options.max_files_per_job, &mut settings.max_files_per_job);
    limit(options.max_ranges_per_file, &mut settings.max_ranges_per_file);
    optional_span(options.job_inactivity_timeout_days, DAY, &mut settings.job_inactivity_timeout);
    span(options.notification_interval_ms, MILLISECOND, &mut settings.notification_interval);
    span(options.connect_timeout_ms, MILLISECOND, &mut settings.connect_timeout);
    span(options.response_timeout_ms, MILLISECOND, &mut settings.response_timeout);
    limit(options.minimum_retry_delay_s, &mut settings.minimum_retry_delay);
    limit(options.no_progress_timeout_s, &mut settings.no_progress_timeout);
    limit(options.maximum_download_time_s, &mut settings.maximum_download_time);
    Ok(settings)
}

/// Closes the queue: stops all transfers, makes their progress durable and lets other processes
/// open it.
///
/// Handles stay valid and answer `BG_E_DISCONNECTED` from then on. Closing again does nothing. The
/// last `bg_manager_release` closes too; call this to hear whether the last progress was stored. No
/// callback runs after it has returned, unless it is called from inside one.
///
/// Errors: `BG_E_INVALIDARG`, or the code of a write that failed.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_manager_close(manager: *mut bg_manager) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let manager = unsafe { handle::borrow(manager) };
    guard(|| done(manager?.close()))
}

/// Takes another reference to a manager and returns it. NULL gives NULL.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_manager_retain(manager: *mut bg_manager) -> *mut bg_manager {
    // SAFETY: the caller keeps the rules for pointers.
    unsafe { handle::retain(manager) }
}

/// Returns a reference to a manager; the last one closes the queue. NULL is fine.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_manager_release(manager: *mut bg_manager) {
    // SAFETY: the caller keeps the rules for pointers.
    unsafe { handle::release(manager) }
}

/// Creates a job without files, in `BG_JOB_STATE_SUSPENDED`: add files, then `bg_job_resume`.
///
/// `display_name` is for people, has at most 256 characters and need not be unique. `type` is a
/// `BG_JOB_TYPE`. `id_out` may be NULL; `bg_job_get_id` gives the identifier too. `job_out` is
/// returned with `bg_job_release`; the job stays in the queue without it.
///
/// Errors: `BG_E_INVALIDARG` for a name that is NULL, not UTF-8 or too long, `BG_E_NOTIMPL` for a
/// type that is not defined or not available in this version, `BG_E_TOO_MANY_JOBS_PER_USER` and
/// `BG_E_TOO_MANY_JOBS_PER_MACHINE` where such a limit is set, `BG_E_POINTER` when `job_out` is NULL.
/// BITS: `IBackgroundCopyManager::CreateJob`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_manager_create_job(
    manager: *mut bg_manager,
    display_name: *const c_char,
    r#type: bg_job_type,
    id_out: *mut bg_guid,
    job_out: *mut *mut bg_job,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (manager, name, id_out, out) = unsafe {
        (
            handle::borrow(manager),
            text(display_name, "display name"),
            Out::optional(id_out),
            Out::new(job_out),
        )
    };
    guard(|| {
        let (manager, name, out) = (manager?, name?, out?);
        let kind = JobType::try_from(r#type).map_err(|_| undefined("job type", r#type))?;
        let job = manager.create_job(name, kind)?;
        if let Some(id_out) = id_out {
            id_out.set(job.id().into())?;
        }
        out.set(handle::give(job))
    })
}

/// Finds a job of the queue by its identifier.
///
/// `job_out` is returned with `bg_job_release`.
///
/// Errors: `BG_E_NOT_FOUND` when no such job is in the queue (it was completed or cancelled, or never
/// was), `BG_E_ACCESSDENIED` when it belongs to somebody else, `BG_E_INVALIDARG` when `id` is NULL,
/// `BG_E_POINTER` when `job_out` is. BITS: `IBackgroundCopyManager::GetJob`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_manager_get_job(
    manager: *mut bg_manager,
    id: *const bg_guid,
    job_out: *mut *mut bg_job,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (manager, id, out) = unsafe { (handle::borrow(manager), guid::read(id), Out::new(job_out)) };
    guard(|| {
        let (manager, id, out) = (manager?, id?, out?);
        out.set(handle::give(manager.job(id)?))
    })
}

/// Lists the jobs that have not ended, in order of creation, as they are at this moment.
///
/// `flags` is 0 for the jobs of the caller or `BG_JOB_ENUM_ALL_USERS`. The list is a snapshot, its
/// job handles are live. `jobs_out` is returned with `bg_enum_jobs_release`.
///
/// Errors: `BG_E_ACCESSDENIED` for all users' jobs without being root, `BG_E_NOTIMPL` for undefined
/// flags, `BG_E_POINTER` when `jobs_out` is NULL. BITS: `IBackgroundCopyManager::EnumJobs`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_manager_enum_jobs(
    manager: *mut bg_manager,
    flags: u32,
    jobs_out: *mut *mut bg_enum_jobs,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (manager, out) = unsafe { (handle::borrow(manager), Out::new(jobs_out)) };
    guard(|| {
        let (manager, out) = (manager?, out?);
        let flags = EnumFlags::from_bits(flags).ok_or_else(|| undefined("enumeration flags", flags))?;
        let jobs = manager.jobs(flags.contains(EnumFlags::ALL_USERS))?;
        out.set(handle::give(Enumerator::new(jobs)))
    })
}

/// Describes a result code in one sentence for people: what is wrong and what to do.
///
/// `language` is a Windows language identifier such as 0x0409; every language gets the English text.
/// `text_out` is freed with `bg_string_free`.
///
/// Errors: `BG_E_INVALIDARG` for language 0, `BG_E_POINTER` when `text_out` is NULL.
/// BITS: `IBackgroundCopyManager::GetErrorDescription`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_manager_get_error_description(
    manager: *mut bg_manager,
    code: bg_result,
    language: u32,
    text_out: *mut *mut c_char,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (manager, out) = unsafe { (handle::borrow(manager), Out::new(text_out)) };
    guard(|| {
        let (_, out) = (manager?, out?);
        out.set(string::give(&error_description(ResultCode(code), language)?)?)
    })
}

/// Gives a descriptor that is readable while `bg_manager_next_event` has something, for `poll` loops.
///
/// From the first call on, the events of all jobs are kept for it, as their notify flags say. The
/// descriptor is the program's own, closed with `close(2)`; reading from it is not needed. A job with
/// callbacks tells both.
///
/// Errors: `BG_E_DISCONNECTED`, `BG_E_WIN32_TOO_MANY_OPEN_FILES`, `BG_E_POINTER` when `fd_out` is NULL.
/// On failure `*fd_out` is -1.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_manager_get_event_fd(manager: *mut bg_manager, fd_out: *mut c_int) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (manager, out) = unsafe { (handle::borrow(manager), Out::holding(fd_out, -1)) };
    guard(|| {
        let (manager, out) = (manager?, out?);
        out.set(manager.event_fd()?.into_raw_fd())
    })
}

/// Takes the oldest kept event. Does not wait.
///
/// `event_out->struct_size` is set by the program. Returns `BG_S_FALSE` and clears the other members
/// when there is none. Nothing is kept before the first `bg_manager_get_event_fd`.
///
/// Errors: `BG_E_DISCONNECTED`, `BG_E_POINTER` when `event_out` is NULL, `BG_E_INVALIDARG` when it is
/// too small.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_manager_next_event(
    manager: *mut bg_manager,
    event_out: *mut bg_event,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (manager, out) =
        unsafe { (handle::borrow(manager), OutStruct::new(event_out, ResultCode::BG_E_POINTER)) };
    guard(|| {
        let (manager, out) = (manager?, out?);
        let Some(event) = manager.next_event()? else { return Ok(ResultCode::BG_S_FALSE) };
        let (kind, file, code) = match event.kind {
            EventKind::JobTransferred => (NotifyFlags::JOB_TRANSFERRED, None, ResultCode::BG_S_OK),
            EventKind::JobError(error) => (NotifyFlags::JOB_ERROR, error.file, error.code),
            EventKind::JobModification => (NotifyFlags::JOB_MODIFICATION, None, ResultCode::BG_S_OK),
            EventKind::FileTransferred(file) => {
                (NotifyFlags::FILE_TRANSFERRED, Some(file), ResultCode::BG_S_OK)
            }
            EventKind::FileRangesTransferred(file, _) => {
                (NotifyFlags::FILE_RANGES_TRANSFERRED, Some(file), ResultCode::BG_S_OK)
            }
        };
        out.set(bg_event {
            struct_size: 0,
            kind: kind.bits(),
            job: event.job.into(),
            file: file.unwrap_or(BG_FILE_NONE),
            code: code.0,
        })
    })
}
