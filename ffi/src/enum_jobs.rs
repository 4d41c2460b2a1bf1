//! ## Enumerator of jobs
//!
//! Made by `bg_manager_enum_jobs`. An enumerator is a list and a place in it. Every function of an
//! enumerator also fails with `BG_E_INVALIDARG` when `enumerator` is NULL or no `bg_enum_jobs`.
#![allow(unsafe_code)]

use crate::boundary::{Out, guard, invalid, slots};
use crate::enumerator::complete;
use crate::handle::{self, bg_enum_jobs, bg_job};
use crate::result::bg_result;

/// Takes another reference to an enumerator and returns it. NULL gives NULL.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_enum_jobs_retain(enumerator: *mut bg_enum_jobs) -> *mut bg_enum_jobs {
    // SAFETY: the caller keeps the rules for pointers.
    unsafe { handle::retain(enumerator) }
}

/// Returns a reference to an enumerator. NULL is fine.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_enum_jobs_release(enumerator: *mut bg_enum_jobs) {
    // SAFETY: the caller keeps the rules for pointers.
    unsafe { handle::release(enumerator) }
}

/// Gives the next `count` jobs and moves on.
///
/// `jobs` has room for `count` handles, each returned with `bg_job_release`; places that are not filled
/// become NULL. `fetched_out` gets the number of jobs given and may be NULL when `count` is 1.
///
/// Returns `BG_S_OK` when `count` jobs were given, `BG_S_FALSE` when fewer were left.
///
/// Errors: `BG_E_POINTER` when `jobs` is NULL and `count` is not 0, `BG_E_INVALIDARG` when `fetched_out` is
/// NULL and `count` is not 1. BITS: `IEnumBackgroundCopyJobs::Next`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_enum_jobs_next(
    enumerator: *mut bg_enum_jobs,
    count: u32,
    jobs: *mut *mut bg_job,
    fetched_out: *mut u32,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (enumerator, slots, fetched_out) =
        unsafe { (handle::borrow(enumerator), slots(jobs, count), Out::optional(fetched_out)) };
    guard(|| {
        let (enumerator, slots) = (enumerator?, slots?);
        if fetched_out.is_none() && count != 1 {
            return Err(invalid("fetched_out may be NULL for a count of 1 only"));
        }
        let taken = enumerator.next(slots.len());
        let all = taken.len() == slots.len();
        let fetched = taken.len() as u32;
        for (slot, job) in slots.into_iter().zip(taken) {
            slot.set(handle::give(job.clone()))?;
        }
        if let Some(fetched_out) = fetched_out {
            fetched_out.set(fetched)?;
        }
        Ok(complete(all))
    })
}

/// Moves on by `count` jobs without giving them.
///
/// Returns `BG_S_FALSE` and stops at the end when fewer were left. BITS: `IEnumBackgroundCopyJobs::Skip`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_enum_jobs_skip(enumerator: *mut bg_enum_jobs, count: u32) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let enumerator = unsafe { handle::borrow(enumerator) };
    guard(|| enumerator?.skip(count as usize))
}

/// Goes back to the first of the jobs; the list stays as it was taken.
///
/// BITS: `IEnumBackgroundCopyJobs::Reset`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_enum_jobs_reset(enumerator: *mut bg_enum_jobs) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let enumerator = unsafe { handle::borrow(enumerator) };
    guard(|| {
        enumerator?.reset();
        Ok(complete(true))
    })
}

/// Makes an enumerator of the same jobs at the same place; independent from then on.
///
/// `clone_out` is returned with `bg_enum_jobs_release`.
///
/// Errors: `BG_E_POINTER` when `clone_out` is NULL. BITS: `IEnumBackgroundCopyJobs::Clone`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_enum_jobs_clone(
    enumerator: *mut bg_enum_jobs,
    clone_out: *mut *mut bg_enum_jobs,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (enumerator, out) = unsafe { (handle::borrow(enumerator), Out::new(clone_out)) };
    guard(|| {
        let (enumerator, out) = (enumerator?, out?);
        out.set(handle::give(enumerator.duplicate()))
    })
}

/// Gives the number of jobs in the list, wherever the place is.
///
/// Errors: `BG_E_POINTER` when `count_out` is NULL. BITS: `IEnumBackgroundCopyJobs::GetCount`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_enum_jobs_get_count(
    enumerator: *mut bg_enum_jobs,
    count_out: *mut u32,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (enumerator, out) = unsafe { (handle::borrow(enumerator), Out::new(count_out)) };
    guard(|| {
        let (enumerator, out) = (enumerator?, out?);
        out.set(enumerator.count())
    })
}
