//! ## Arrays
#![allow(unsafe_code)]

use std::ffi::c_void;

use bgcopy_engine::client::Result;
use bgcopy_protocol::ResultCode;

/// Frees an array that a function of this library gave. NULL is fine.
///
/// # Safety
/// NULL, or an array of this library that nobody uses after this.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_memory_free(memory: *mut c_void) {
    // SAFETY: it is NULL or came from `malloc` in `give`.
    unsafe { libc::free(memory) };
}

/// A copy for C, freed with `bg_memory_free`; NULL for no elements.
pub fn give<T: Copy>(elements: &[T]) -> Result<*mut T> {
    const { assert!(align_of::<T>() <= align_of::<libc::max_align_t>(), "malloc aligns it") };
    if elements.is_empty() {
        return Ok(std::ptr::null_mut());
    }
    // SAFETY: malloc takes any size.
    let copy = unsafe { libc::malloc(size_of_val(elements)) }.cast::<T>();
    if copy.is_null() {
        return Err(ResultCode::BG_E_OUTOFMEMORY.into());
    }
    // SAFETY: the copy is new, aligned, and as long as the elements.
    unsafe { copy.copy_from_nonoverlapping(elements.as_ptr(), elements.len()) };
    Ok(copy)
}
