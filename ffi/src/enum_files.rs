//! ## Enumerator of files
//!
//! Made by `bg_job_enum_files`. An enumerator is a list and a place in it. Every function of an
//! enumerator also fails with `BG_E_INVALIDARG` when `enumerator` is NULL or no `bg_enum_files`.
#![allow(unsafe_code)]

use crate::boundary::{Out, guard, invalid, slots};
use crate::enumerator::complete;
use crate::handle::{self, bg_enum_files, bg_file};
use crate::result::bg_result;

/// Takes another reference to an enumerator and returns it. NULL gives NULL.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_enum_files_retain(enumerator: *mut bg_enum_files) -> *mut bg_enum_files {
    // SAFETY: the caller keeps the rules for pointers.
    unsafe { handle::retain(enumerator) }
}

/// Returns a reference to an enumerator. NULL is fine.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_enum_files_release(enumerator: *mut bg_enum_files) {
    // SAFETY: the caller keeps the rules for pointers.
    unsafe { handle::release(enumerator) }
}

/// Gives the next `count` files and moves on.
///
/// `files` has room for `count` handles, each returned with `bg_file_release`; places that are not filled
/// become NULL. `fetched_out` gets the number of files given and may be NULL when `count` is 1.
///
/// Returns `BG_S_OK` when `count` files were given, `BG_S_FALSE` when fewer were left.
///
/// Errors: `BG_E_POINTER` when `files` is NULL and `count` is not 0, `BG_E_INVALIDARG` when `fetched_out` is
/// NULL and `count` is not 1. BITS: `IEnumBackgroundCopyFiles::Next`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_enum_files_next(
    enumerator: *mut bg_enum_files,
    count: u32,
    files: *mut *mut bg_file,
    fetched_out: *mut u32,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (enumerator, slots, fetched_out) =
        unsafe { (handle::borrow(enumerator), slots(files, count), Out::optional(fetched_out)) };
    guard(|| {
        let (enumerator, slots) = (enumerator?, slots?);
        if fetched_out.is_none() && count != 1 {
            return Err(invalid("fetched_out may be NULL for a count of 1 only"));
        }
        let taken = enumerator.next(slots.len());
        let all = taken.len() == slots.len();
        let fetched = taken.len() as u32;
        for (slot, file) in slots.into_iter().zip(taken) {
            slot.set(handle::give(file.clone()))?;
        }
        if let Some(fetched_out) = fetched_out {
            fetched_out.set(fetched)?;
        }
        Ok(complete(all))
    })
}

/// Moves on by `count` files without giving them.
///
/// Returns `BG_S_FALSE` and stops at the end when fewer were left. BITS: `IEnumBackgroundCopyFiles::Skip`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_enum_files_skip(enumerator: *mut bg_enum_files, count: u32) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let enumerator = unsafe { handle::borrow(enumerator) };
    guard(|| enumerator?.skip(count as usize))
}

/// Goes back to the first of the files; the list stays as it was taken.
///
/// BITS: `IEnumBackgroundCopyFiles::Reset`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_enum_files_reset(enumerator: *mut bg_enum_files) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let enumerator = unsafe { handle::borrow(enumerator) };
    guard(|| {
        enumerator?.reset();
        Ok(complete(true))
    })
}

/// Makes an enumerator of the same files at the same place; independent from then on.
///
/// `clone_out` is returned with `bg_enum_files_release`.
///
/// Errors: `BG_E_POINTER` when `clone_out` is NULL. BITS: `IEnumBackgroundCopyFiles::Clone`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_enum_files_clone(
    enumerator: *mut bg_enum_files,
    clone_out: *mut *mut bg_enum_files,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (enumerator, out) = unsafe { (handle::borrow(enumerator), Out::new(clone_out)) };
    guard(|| {
        let (enumerator, out) = (enumerator?, out?);
        out.set(handle::give(enumerator.duplicate()))
    })
}

/// Gives the number of files in the list, wherever the place is.
///
/// Errors: `BG_E_POINTER` when `count_out` is NULL. BITS: `IEnumBackgroundCopyFiles::GetCount`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_enum_files_get_count(
    enumerator: *mut bg_enum_files,
    count_out: *mut u32,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (enumerator, out) = unsafe { (handle::borrow(enumerator), Out::new(count_out)) };
    guard(|| {
        let (enumerator, out) = (enumerator?, out?);
        out.set(enumerator.count())
    })
}
