//! ## Strings
#![allow(unsafe_code)]

use std::ffi::c_char;

use bgcopy_engine::client::{Error, Result};
use bgcopy_protocol::ResultCode;

/// Frees a string that a function of this library gave. NULL is fine.
///
/// Strings passed in are never freed by the library, and the texts of `bg_version`, `bg_result_name`
/// and `bg_last_error_detail` are not to be freed.
///
/// # Safety
/// NULL, or a string of this library that nobody uses after this.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_string_free(string: *mut c_char) {
    // SAFETY: it is NULL or came from `malloc` in `give`.
    unsafe { libc::free(string.cast()) };
}

/// A copy for C, freed with `bg_string_free`.
///
/// It comes from `malloc`, because `CString` may not be written into: freeing one measures it again.
pub fn give(text: &str) -> Result<*mut c_char> {
    if text.contains('\0') {
        return Err(Error::new(ResultCode::BG_E_UNEXPECTED, "the text holds a NUL and cannot be given to C"));
    }
    // SAFETY: malloc takes any size.
    let copy = unsafe { libc::malloc(text.len() + 1) }.cast::<u8>();
    if copy.is_null() {
        return Err(ResultCode::BG_E_OUTOFMEMORY.into());
    }
    // SAFETY: the copy is new and one byte longer than the text.
    unsafe {
        copy.copy_from_nonoverlapping(text.as_ptr(), text.len());
        copy.add(text.len()).write(0);
    }
    Ok(copy.cast())
}
