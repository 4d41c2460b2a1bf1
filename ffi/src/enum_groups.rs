//! ## Legacy queue manager: the list of groups
//!
//! Its elements are identifiers. Every function of it also fails with `BG_E_INVALIDARG` when `enumerator` is NULL or
//! no `bg_enum_groups`.
#![allow(unsafe_code)]

use crate::boundary::{Out, guard, invalid, slots};
use crate::enumerator::complete;
use crate::guid::bg_guid;
use crate::handle::{self, bg_enum_groups};
use crate::result::bg_result;

/// Takes another reference to an enumerator and returns it. NULL gives NULL.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_enum_groups_retain(enumerator: *mut bg_enum_groups) -> *mut bg_enum_groups {
    // SAFETY: the caller keeps the rules for pointers.
    unsafe { handle::retain(enumerator) }
}

/// Returns a reference to an enumerator. NULL is fine.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_enum_groups_release(enumerator: *mut bg_enum_groups) {
    // SAFETY: the caller keeps the rules for pointers.
    unsafe { handle::release(enumerator) }
}

/// Gives the identifiers of the next `count` groups and moves on.
///
/// `ids` has room for `count` of them; places that are not filled become all 0. `fetched_out` gets the number that was
/// given and may be NULL when `count` is 1.
///
/// Returns `BG_S_OK` when `count` were given, `BG_S_FALSE` when fewer were left.
///
/// Errors: `BG_E_POINTER` when `ids` is NULL and `count` is not 0, `BG_E_INVALIDARG` when `fetched_out` is NULL
/// and `count` is not 1. BITS: `IEnumBackgroundCopyGroups::Next`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_enum_groups_next(
    enumerator: *mut bg_enum_groups,
    count: u32,
    ids: *mut bg_guid,
    fetched_out: *mut u32,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (enumerator, slots, fetched_out) =
        unsafe { (handle::borrow(enumerator), slots(ids, count), Out::optional(fetched_out)) };
    guard(|| {
        let (enumerator, slots) = (enumerator?, slots?);
        if fetched_out.is_none() && count != 1 {
            return Err(invalid("fetched_out may be NULL for a count of 1 only"));
        }
        let taken = enumerator.next(slots.len());
        let all = taken.len() == slots.len();
        let fetched = taken.len() as u32;
        for (slot, id) in slots.into_iter().zip(taken) {
            slot.set((*id).into())?;
        }
        if let Some(fetched_out) = fetched_out {
            fetched_out.set(fetched)?;
        }
        Ok(complete(all))
    })
}

/// Moves on by `count` groups without giving them.
///
/// Returns `BG_S_FALSE` and stops at the end when fewer were left. BITS: `IEnumBackgroundCopyGroups::Skip`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_enum_groups_skip(enumerator: *mut bg_enum_groups, count: u32) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let enumerator = unsafe { handle::borrow(enumerator) };
    guard(|| enumerator?.skip(count as usize))
}

/// Goes back to the first of the groups; the list stays as it was taken.
///
/// BITS: `IEnumBackgroundCopyGroups::Reset`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_enum_groups_reset(enumerator: *mut bg_enum_groups) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let enumerator = unsafe { handle::borrow(enumerator) };
    guard(|| {
        enumerator?.reset();
        Ok(complete(true))
    })
}

/// Makes an enumerator of the same groups at the same place; independent from then on.
///
/// `clone_out` is returned with `bg_enum_groups_release`.
///
/// Errors: `BG_E_POINTER` when `clone_out` is NULL. BITS: `IEnumBackgroundCopyGroups::Clone`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_enum_groups_clone(
    enumerator: *mut bg_enum_groups,
    clone_out: *mut *mut bg_enum_groups,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (enumerator, out) = unsafe { (handle::borrow(enumerator), Out::new(clone_out)) };
    guard(|| {
        let (enumerator, out) = (enumerator?, out?);
        out.set(handle::give(enumerator.duplicate()))
    })
}

/// Gives the number of groups in the list, wherever the place is.
///
/// Errors: `BG_E_POINTER` when `count_out` is NULL. BITS: `IEnumBackgroundCopyGroups::GetCount`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_enum_groups_get_count(
    enumerator: *mut bg_enum_groups,
    count_out: *mut u32,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (enumerator, out) = unsafe { (handle::borrow(enumerator), Out::new(count_out)) };
    guard(|| {
        let (enumerator, out) = (enumerator?, out?);
        out.set(enumerator.count())
    })
}
