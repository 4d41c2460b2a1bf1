//! ## Legacy queue manager: group
//!
//! Every function of a group also fails with `BG_E_INVALIDARG` when `group` is NULL or no `bg_group`, with
//! `BG_E_DISCONNECTED` after the queue was closed and in a forked child, and with `BG_E_ACCESSDENIED` when the
//! group belongs to somebody else.
#![allow(unsafe_code)]

use std::ffi::c_char;

use bgcopy_engine::client::{Error, GroupValue, Result};
use bgcopy_protocol::enums::{GroupProperty, QmProgress};
use bgcopy_protocol::interfaces::{
    IID_IBackgroundCopyJob, IID_IBackgroundCopyJob2, IID_IBackgroundCopyJob3, IID_IBackgroundCopyJob4,
    IID_IBackgroundCopyJob5, IID_IBackgroundCopyJobHttpOptions, IID_IBackgroundCopyJobHttpOptions2,
    IID_IBackgroundCopyJobHttpOptions3, IID_IBitsTokenOptions, IID_IUnknown,
};
use bgcopy_protocol::{Guid, ResultCode};

use crate::boundary::{Out, done, guard, optional_text};
use crate::enumerator::Enumerator;
use crate::guid::{self, bg_guid};
use crate::handle::{self, bg_enum_jobs1, bg_group, bg_job, bg_job1};
use crate::job::undefined;
use crate::result::bg_result;
use crate::string;

/// One of the values of `GROUPPROP`.
pub type bg_group_property = i32;

/// Takes another reference to a group and returns it. NULL gives NULL.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_group_retain(group: *mut bg_group) -> *mut bg_group {
    // SAFETY: the caller keeps the rules for pointers.
    unsafe { handle::retain(group) }
}

/// Returns a reference to a group. NULL is fine.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_group_release(group: *mut bg_group) {
    // SAFETY: the caller keeps the rules for pointers.
    unsafe { handle::release(group) }
}

/// Gives a property of the group, a `GROUPPROP`: a number or a text.
///
/// Numbers are `GROUPPROP_PRIORITY`, always 1, `GROUPPROP_PROTOCOLFLAGS`, always `QM_PROTOCOL_HTTP`, and
/// `GROUPPROP_NOTIFYFLAGS`, 0 in a new group. Texts are `GROUPPROP_NOTIFYCLSID`, `GROUPPROP_DISPLAYNAME` and
/// `GROUPPROP_DESCRIPTION`. The place for the other kind of value may be NULL and becomes 0 or NULL. `*text_out` is
/// freed with `bg_string_free`.
///
/// Errors: `BG_E_NOTIMPL` for the other properties, `BG_E_POINTER` when the place for the value is NULL.
/// BITS: `IBackgroundCopyGroup::GetProp`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_group_get_prop(
    group: *mut bg_group,
    property: bg_group_property,
    number_out: *mut u32,
    text_out: *mut *mut c_char,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (group, number, text) =
        unsafe { (handle::borrow(group), Out::optional(number_out), Out::optional(text_out)) };
    guard(|| {
        let value = group?.property(defined(property)?)?;
        match (value, number, text) {
            (GroupValue::Number(value), Some(number), _) => number.set(value),
            (GroupValue::Text(value), _, Some(text)) => text.set(string::give(&value)?),
            (GroupValue::Number(_), None, _) | (GroupValue::Text(_), _, None) => {
                Err(ResultCode::BG_E_POINTER.into())
            }
        }
    })
}

/// Sets a property of the group, a `GROUPPROP`, to a number, or to a text where `text` is not NULL.
///
/// `GROUPPROP_PRIORITY` takes 1 and `GROUPPROP_PROTOCOLFLAGS` `QM_PROTOCOL_HTTP`: nothing else is there.
/// `GROUPPROP_NOTIFYFLAGS` takes `QM_NOTIFY_GROUP_DONE`, to be told of the end too and not only of errors, and
/// `QM_NOTIFY_DISABLE_NOTIFY`. `GROUPPROP_NOTIFYCLSID` is kept; nothing is activated, see
/// `bg_group_set_notification_pointer`. `GROUPPROP_DISPLAYNAME` has at most 256 characters,
/// `GROUPPROP_DESCRIPTION` 1,024.
///
/// Errors: `BG_E_NOTIMPL` for the other properties and flags, `BG_E_INVALIDARG` for a value of the wrong kind or one
/// that is not allowed, `BG_E_STRING_TOO_LONG`, `BG_E_INVALID_STATE` after the group was cancelled.
/// BITS: `IBackgroundCopyGroup::SetProp`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_group_set_prop(
    group: *mut bg_group,
    property: bg_group_property,
    number: u32,
    text: *const c_char,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (group, text) = unsafe { (handle::borrow(group), optional_text(text, "value")) };
    guard(|| {
        let (group, property) = (group?, defined(property)?);
        let value = match text? {
            Some(text) => GroupValue::Text(text.to_owned()),
            None => GroupValue::Number(number),
        };
        done(group.set_property(property, value))
    })
}

fn defined(property: bg_group_property) -> Result<GroupProperty> {
    GroupProperty::try_from(property).map_err(|_| undefined("group properties", property))
}

pub(crate) fn progress_kind(kind: u32) -> Result<QmProgress> {
    let known = i32::try_from(kind).ok().and_then(|kind| QmProgress::try_from(kind).ok());
    known.ok_or_else(|| undefined("kinds of progress", kind))
}

/// Gives how far the group is: in per cent for `QM_PROGRESS_PERCENT_DONE`, 0 while a size is unknown; in bytes for
/// `QM_PROGRESS_SIZE_DONE`, at most 4,294,967,295.
///
/// Errors: `BG_E_NOTIMPL` for `QM_PROGRESS_TIME_DONE` and undefined values, `BG_E_POINTER` when `progress_out` is
/// NULL. BITS: `IBackgroundCopyGroup::GetProgress`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_group_get_progress(
    group: *mut bg_group,
    kind: u32,
    progress_out: *mut u32,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (group, out) = unsafe { (handle::borrow(group), Out::new(progress_out)) };
    guard(|| {
        let (group, out) = (group?, out?);
        out.set(group.progress(progress_kind(kind)?)?)
    })
}

/// Gives what the group is at, a mask of `QM_STATUS_GROUP` flags, and 0 for the index of its job.
///
/// `QM_STATUS_GROUP_COMPLETE`: every file is transferred. `QM_STATUS_GROUP_INCOMPLETE`: not yet, and with
/// `QM_STATUS_GROUP_SUSPENDED` or `QM_STATUS_GROUP_ERROR` not without `bg_group_resume_group`.
/// `QM_STATUS_GROUP_FOREGROUND` comes in addition.
///
/// Errors: `BG_E_POINTER` when a place for a result is NULL. BITS: `IBackgroundCopyGroup::GetStatus`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_group_get_status(
    group: *mut bg_group,
    status_out: *mut u32,
    job_index_out: *mut u32,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (group, status, job_index) =
        unsafe { (handle::borrow(group), Out::new(status_out), Out::new(job_index_out)) };
    guard(|| {
        let (group, status, job_index) = (group?, status?, job_index?);
        status.set(group.status()?.bits())?;
        job_index.set(0)
    })
}

/// Finds the job of the group by its identifier.
///
/// `job_out` is returned with `bg_job1_release`.
///
/// Errors: `QM_E_ITEM_NOT_FOUND` when the group has no such job, `BG_E_INVALIDARG` when `id` is NULL,
/// `BG_E_POINTER` when `job_out` is NULL. BITS: `IBackgroundCopyGroup::GetJob`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_group_get_job(
    group: *mut bg_group,
    id: *const bg_guid,
    job_out: *mut *mut bg_job1,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (group, id, out) = unsafe { (handle::borrow(group), guid::read(id), Out::new(job_out)) };
    guard(|| {
        let (group, id, out) = (group?, id?, out?);
        out.set(handle::give(group.job(id)?))
    })
}

/// Stops the transfer of the group until `bg_group_resume_group`; what arrived is kept.
///
/// Errors: `BG_E_INVALID_STATE` after the group was cancelled. BITS: `IBackgroundCopyGroup::SuspendGroup`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_group_suspend_group(group: *mut bg_group) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let group = unsafe { handle::borrow(group) };
    guard(|| done(group?.suspend()))
}

/// Starts the transfer of the group, or goes on with it after an error.
///
/// Errors: `BG_E_EMPTY` when the group has no file, `BG_E_INVALID_STATE` after the group was cancelled.
/// BITS: `IBackgroundCopyGroup::ResumeGroup`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_group_resume_group(group: *mut bg_group) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let group = unsafe { handle::borrow(group) };
    guard(|| done(group?.resume()))
}

/// Ends the group: files that are transferred get their names, the others are deleted.
///
/// Errors: the code of a file that could not be renamed, the group stays then; `BG_E_TOKEN_REQUIRED`
/// while its job has a helper token to use and none set; `BG_E_INVALID_STATE` after the group was cancelled.
/// BITS: `IBackgroundCopyGroup::CancelGroup`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_group_cancel_group(group: *mut bg_group) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let group = unsafe { handle::borrow(group) };
    guard(|| done(group?.cancel()))
}

/// Gives the bytes of all files of the group, at most 4,294,967,295; 0 while one of them is unknown.
///
/// Errors: `BG_E_POINTER` when `size_out` is NULL. BITS: `IBackgroundCopyGroup::get_Size`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_group_get_size(group: *mut bg_group, size_out: *mut u32) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (group, out) = unsafe { (handle::borrow(group), Out::new(size_out)) };
    guard(|| {
        let (group, out) = (group?, out?);
        out.set(group.size()?)
    })
}

/// Gives the identifier of the group.
///
/// Errors: `BG_E_POINTER` when `id_out` is NULL. BITS: `IBackgroundCopyGroup::get_GroupID`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_group_get_group_id(group: *mut bg_group, id_out: *mut bg_guid) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (group, out) = unsafe { (handle::borrow(group), Out::new(id_out)) };
    guard(|| {
        let (group, out) = (group?, out?);
        out.set(group.id().into())
    })
}

/// Gives the group its job, to which files are added.
///
/// `id` is chosen by the program. `job_out` is returned with `bg_job1_release`.
///
/// Errors: `QM_E_INVALID_STATE` while the group is transferred, `BG_E_NOTIMPL` when it has a job already,
/// `BG_E_INVALIDARG` when `id` is NULL or all 0, `BG_E_POINTER` when `job_out` is NULL,
/// `BG_E_INVALID_STATE` after the group was cancelled. BITS: `IBackgroundCopyGroup::CreateJob`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_group_create_job(
    group: *mut bg_group,
    id: *const bg_guid,
    job_out: *mut *mut bg_job1,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (group, id, out) = unsafe { (handle::borrow(group), guid::read(id), Out::new(job_out)) };
    guard(|| {
        let (group, id, out) = (group?, id?, out?);
        out.set(handle::give(group.create_job(id)?))
    })
}

/// Lists the one job of the group, or none.
///
/// `flags` is 0. `jobs_out` is returned with `bg_enum_jobs1_release`.
///
/// Errors: `BG_E_NOTIMPL` for other flags, `BG_E_POINTER` when `jobs_out` is NULL.
/// BITS: `IBackgroundCopyGroup::EnumJobs`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_group_enum_jobs(
    group: *mut bg_group,
    flags: u32,
    jobs_out: *mut *mut bg_enum_jobs1,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (group, out) = unsafe { (handle::borrow(group), Out::new(jobs_out)) };
    guard(|| {
        let (group, out) = (group?, out?);
        if flags != 0 {
            return Err(undefined("enumeration flags", flags));
        }
        let jobs = group.only_job()?.into_iter().map(|job| job.id()).collect();
        out.set(handle::give(Enumerator::new(jobs)))
    })
}

/// Transfers the group in the foreground from now on. There is no way back.
///
/// Errors: `BG_E_INVALID_STATE` after the group was cancelled. BITS: `IBackgroundCopyGroup::SwitchToForeground`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_group_switch_to_foreground(group: *mut bg_group) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let group = unsafe { handle::borrow(group) };
    guard(|| done(group?.switch_to_foreground()))
}

/// Gives the job of BITS that the group is.
///
/// `iid` is the identifier of `IBackgroundCopyJob` or one of its successors: they have one handle here.
/// `job_out` is returned with `bg_job_release`.
///
/// Errors: `BG_E_NOINTERFACE` for another identifier, `BG_E_INVALIDARG` when `iid` is NULL, `BG_E_POINTER` when
/// `job_out` is NULL. BITS: `IBackgroundCopyGroup::QueryNewJobInterface`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_group_query_new_job_interface(
    group: *mut bg_group,
    iid: *const bg_guid,
    job_out: *mut *mut bg_job,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (group, iid, out) = unsafe { (handle::borrow(group), guid::read(iid), Out::new(job_out)) };
    guard(|| {
        let (group, iid, out) = (group?, iid?, out?);
        if !JOB_INTERFACES.contains(&iid) {
            return Err(Error::new(ResultCode::BG_E_NOINTERFACE, format!("{iid} is no interface of a job")));
        }
        out.set(handle::give(group.bits_job().clone()))
    })
}

/// Every interface of which a `bg_job` is the object.
const JOB_INTERFACES: [Guid; 10] = [
    IID_IUnknown,
    IID_IBackgroundCopyJob,
    IID_IBackgroundCopyJob2,
    IID_IBackgroundCopyJob3,
    IID_IBackgroundCopyJob4,
    IID_IBackgroundCopyJob5,
    IID_IBackgroundCopyJobHttpOptions,
    IID_IBackgroundCopyJobHttpOptions2,
    IID_IBackgroundCopyJobHttpOptions3,
    IID_IBitsTokenOptions,
];
