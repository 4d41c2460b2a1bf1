//! ## Legacy queue manager
//!
//! What programs had before BITS: groups, each with one job that holds the files. It shows the queue of a
//! `bg_manager` in another way: a group is a job of it, under an identifier that the program chooses, and appears in
//! `bg_manager_enum_jobs` too. Groups download over http and https. New programs use `bg_manager`.
//!
//! The files of a group have their names after `bg_group_cancel_group`, which takes the place of
//! `bg_job_complete`.
#![allow(unsafe_code)]

use bgcopy_engine::client::Qmgr;

use crate::boundary::{Out, guard};
use crate::enumerator::Enumerator;
use crate::guid::{self, bg_guid};
use crate::handle::{self, bg_enum_groups, bg_group, bg_manager, bg_qmgr};
use crate::job::undefined;
use crate::result::bg_result;

/// Shows an open queue as the legacy queue manager does.
///
/// The queue stays open until its manager and this are released, or it is closed. `qmgr_out` is returned with
/// `bg_qmgr_release`.
///
/// Errors: `BG_E_INVALIDARG` when `manager` is NULL or no `bg_manager`, `BG_E_POINTER` when `qmgr_out` is NULL.
/// BITS: `CoCreateInstance` of `BackgroundCopyQMgr`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_qmgr_open(manager: *mut bg_manager, qmgr_out: *mut *mut bg_qmgr) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (manager, out) = unsafe { (handle::borrow(manager), Out::new(qmgr_out)) };
    guard(|| {
        let (manager, out) = (manager?, out?);
        out.set(handle::give(Qmgr::new(manager.clone())))
    })
}

/// Takes another reference to a legacy queue manager and returns it. NULL gives NULL.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_qmgr_retain(qmgr: *mut bg_qmgr) -> *mut bg_qmgr {
    // SAFETY: the caller keeps the rules for pointers.
    unsafe { handle::retain(qmgr) }
}

/// Returns a reference to a legacy queue manager. NULL is fine.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_qmgr_release(qmgr: *mut bg_qmgr) {
    // SAFETY: the caller keeps the rules for pointers.
    unsafe { handle::release(qmgr) }
}

/// Creates a group, suspended and without a job, that belongs to the caller.
///
/// `id` is chosen by the program. `group_out` is returned with `bg_group_release`; the group stays in the queue
/// without it.
///
/// Errors: `BG_E_INVALIDARG` when `qmgr` or `id` is NULL, `id` is all 0 or a job or group of the queue has it,
/// `BG_E_TOO_MANY_JOBS_PER_USER` and `BG_E_TOO_MANY_JOBS_PER_MACHINE` where such a limit is set,
/// `BG_E_POINTER` when `group_out` is NULL, `BG_E_DISCONNECTED`. BITS: `IBackgroundCopyQMgr::CreateGroup`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_qmgr_create_group(
    qmgr: *mut bg_qmgr,
    id: *const bg_guid,
    group_out: *mut *mut bg_group,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (qmgr, id, out) = unsafe { (handle::borrow(qmgr), guid::read(id), Out::new(group_out)) };
    guard(|| {
        let (qmgr, id, out) = (qmgr?, id?, out?);
        out.set(handle::give(qmgr.create_group(id)?))
    })
}

/// Finds a group by its identifier. Root becomes the owner of a group that it finds.
///
/// `group_out` is returned with `bg_group_release`.
///
/// Errors: `QM_E_ITEM_NOT_FOUND` when the queue has no such group, `BG_E_ACCESSDENIED` when it belongs to somebody
/// else, `BG_E_INVALIDARG` when `qmgr` or `id` is NULL, `BG_E_POINTER` when `group_out` is NULL,
/// `BG_E_DISCONNECTED`. BITS: `IBackgroundCopyQMgr::GetGroup`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_qmgr_get_group(
    qmgr: *mut bg_qmgr,
    id: *const bg_guid,
    group_out: *mut *mut bg_group,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (qmgr, id, out) = unsafe { (handle::borrow(qmgr), guid::read(id), Out::new(group_out)) };
    guard(|| {
        let (qmgr, id, out) = (qmgr?, id?, out?);
        out.set(handle::give(qmgr.group(id)?))
    })
}

/// Lists the groups of the caller, for root those of everybody, in order of creation, as they are at this moment.
///
/// `flags` is 0. `groups_out` is returned with `bg_enum_groups_release`.
///
/// Errors: `BG_E_NOTIMPL` for other flags, `BG_E_INVALIDARG` when `qmgr` is NULL, `BG_E_POINTER` when
/// `groups_out` is NULL, `BG_E_DISCONNECTED`. BITS: `IBackgroundCopyQMgr::EnumGroups`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_qmgr_enum_groups(
    qmgr: *mut bg_qmgr,
    flags: u32,
    groups_out: *mut *mut bg_enum_groups,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (qmgr, out) = unsafe { (handle::borrow(qmgr), Out::new(groups_out)) };
    guard(|| {
        let (qmgr, out) = (qmgr?, out?);
        if flags != 0 {
            return Err(undefined("enumeration flags", flags));
        }
        out.set(handle::give(Enumerator::new(qmgr.groups()?)))
    })
}
