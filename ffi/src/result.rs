//! ## Results and errors
//!
//! The numbers are those of Windows on every platform. `BG_E_HTTP_ERROR_404` and its like are made of
//! an HTTP status. Codes starting with `BG_E_WIN32_` and `BG_E_WINHTTP_` carry the numbers of system
//! and network errors. Every code is a plain `int` constant and works in `switch` and `#if`.
#![allow(unsafe_code)]

use std::ffi::{CStr, CString, c_char};
use std::sync::OnceLock;

use bgcopy_protocol::result::TABLE;

use crate::boundary::{guard_infallible, last_detail};

/// What a call answers: 0 success, above 0 success with a remark, below 0 failure.
/// Layout and numbers of an `HRESULT`.
pub type bg_result = i32;

/// Says why the last failed call on this thread failed, in one English sentence for people.
///
/// More precise than the text of the code: it names the argument, file or URL. Empty after a call
/// that succeeded. Never NULL. The text belongs to the library and holds until the next call on this
/// thread that returns a `bg_result`; releasing handles and freeing strings leave it alone.
#[unsafe(no_mangle)]
pub extern "C" fn bg_last_error_detail() -> *const c_char {
    last_detail()
}

/// Gives the name of a code, such as "BG_E_NOT_FOUND"; "unnamed code" for a code without one.
///
/// The text is constant and not to be freed.
#[unsafe(no_mangle)]
pub extern "C" fn bg_result_name(code: bg_result) -> *const c_char {
    const UNNAMED: &CStr = c"unnamed code";
    guard_infallible(UNNAMED.as_ptr(), || {
        let names = names();
        match names.binary_search_by_key(&code, |(code, _)| *code) {
            Ok(index) => names[index].1.as_ptr(),
            Err(_) => UNNAMED.as_ptr(),
        }
    })
}

/// The names of the table with the NUL that C needs, by number.
fn names() -> &'static [(bg_result, CString)] {
    static NAMES: OnceLock<Vec<(bg_result, CString)>> = OnceLock::new();
    NAMES.get_or_init(|| {
        let mut names: Vec<_> =
            TABLE.iter().map(|entry| (entry.code.0, CString::new(entry.name).unwrap_or_default())).collect();
        names.sort_by_key(|(code, _)| *code);
        names
    })
}
