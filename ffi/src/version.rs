//! ## Version
//!
//! `BG_VERSION_NUMBER` is the version of this header, `bg_version_number` that of the library in use.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_char};

/// The version as text, such as "0.1.0". Constant, not to be freed.
#[unsafe(no_mangle)]
pub extern "C" fn bg_version() -> *const c_char {
    const VERSION: &CStr =
        match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
            Ok(text) => text,
            Err(_) => panic!("the version is a plain text"),
        };
    VERSION.as_ptr()
}

/// The version as a number that can be compared: 0x00MMmmpp (major, minor, patch).
///
/// A program built with this header runs with a library of the same major number and this or a
/// later number; while the major number is 0, of the same minor number.
#[unsafe(no_mangle)]
pub extern "C" fn bg_version_number() -> u32 {
    number(env!("CARGO_PKG_VERSION_MAJOR")) << 16
        | number(env!("CARGO_PKG_VERSION_MINOR")) << 8
        | number(env!("CARGO_PKG_VERSION_PATCH"))
}

fn number(text: &str) -> u32 {
    text.bytes().fold(0, |number, digit| number * 10 + u32::from(digit - b'0'))
}
