//! ## Identifiers
#![allow(unsafe_code)]

use std::ffi::c_char;

use bgcopy_protocol::Guid;

use crate::boundary::{Out, Plain, guard, guard_infallible, invalid, text};
use crate::result::bg_result;
use crate::string;

/// An identifier of 16 bytes, laid out like the `GUID` of the Windows SDK. Never changes.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct bg_guid {
    /// First 32 bits, in the order of this machine.
    pub data1: u32,
    /// Next 16 bits, in the order of this machine.
    pub data2: u16,
    /// Next 16 bits, in the order of this machine.
    pub data3: u16,
    /// Last 64 bits, in the order of the text.
    pub data4: [u8; 8],
}

// SAFETY: numbers may be zero.
unsafe impl Plain for bg_guid {}

impl From<Guid> for bg_guid {
    fn from(guid: Guid) -> bg_guid {
        bg_guid { data1: guid.data1, data2: guid.data2, data3: guid.data3, data4: guid.data4 }
    }
}

impl From<bg_guid> for Guid {
    fn from(guid: bg_guid) -> Guid {
        Guid { data1: guid.data1, data2: guid.data2, data3: guid.data3, data4: guid.data4 }
    }
}

/// Reads an identifier argument.
///
/// # Safety
/// NULL, or valid for reading.
pub unsafe fn read(guid: *const bg_guid) -> bgcopy_engine::client::Result<Guid> {
    if guid.is_null() {
        return Err(invalid("the identifier is NULL"));
    }
    // SAFETY: not NULL, hence valid for reading. Unaligned, because the address is not ours.
    Ok(unsafe { guid.read_unaligned() }.into())
}

/// Writes an identifier as text: "{XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXXXXXX}", upper case.
///
/// `text_out` is freed with `bg_string_free`.
///
/// Errors: `BG_E_INVALIDARG` when `guid` is NULL, `BG_E_POINTER` when `text_out` is.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_guid_to_string(guid: *const bg_guid, text_out: *mut *mut c_char) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (guid, out) = unsafe { (read(guid), Out::new(text_out)) };
    guard(|| out?.set(string::give(&guid?.to_string())?))
}

/// Reads an identifier from text, with or without braces, in upper or lower case.
///
/// Errors: `BG_E_INVALIDARG` when `text` is NULL or no identifier, `BG_E_POINTER` when `guid_out` is
/// NULL.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_guid_from_string(text: *const c_char, guid_out: *mut bg_guid) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (text, out) = unsafe { (self::text(text, "identifier"), Out::new(guid_out)) };
    guard(|| {
        let (text, out) = (text?, out?);
        let guid: Guid = text.parse().map_err(|_| invalid(format!("\"{text}\" is not an identifier")))?;
        out.set(guid.into())
    })
}

/// Compares two identifiers: 1 when they are equal, 0 when they differ or one is NULL.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_guid_equal(a: *const bg_guid, b: *const bg_guid) -> i32 {
    // SAFETY: the caller keeps the rules for pointers.
    let (a, b) = unsafe { (read(a), read(b)) };
    guard_infallible(0, || i32::from(a.is_ok_and(|a| b.is_ok_and(|b| a == b))))
}
