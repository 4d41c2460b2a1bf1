//! The one place where calls come in from C: panics end here, errors become codes, pointers become values.
#![allow(unsafe_code)]

use std::any::Any;
use std::cell::RefCell;
use std::ffi::{CStr, CString, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;

use bgcopy_engine::client::{Error, Result};
use bgcopy_protocol::ResultCode;

use crate::result::bg_result;

thread_local! {
    /// What the last call on this thread that could fail has to say; nothing after a success.
    static DETAIL: RefCell<Option<CString>> = const { RefCell::new(None) };
}

/// Runs the body of a function: the only way from C into the engine.
///
/// A panic becomes `BG_E_UNEXPECTED`. The detail text of the thread is set and cleared here and
/// nowhere else, so that it can be neither stale nor missing.
pub fn guard(body: impl FnOnce() -> Result<ResultCode>) -> bg_result {
    let outcome = catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|panic| Err(panicked(&*panic)));
    record(outcome.as_ref().err());
    match outcome {
        Ok(code) => code.0,
        Err(error) => error.code.0,
    }
}

/// Runs a body that cannot fail and leaves the detail text alone: releasing, copying, formatting.
/// A panic gives the default.
pub fn guard_infallible<T>(default: T, body: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|panic| {
        log::error!("{}", panicked(&*panic));
        default
    })
}

/// Success without a value.
pub fn done(result: Result<()>) -> Result<ResultCode> {
    result.map(|()| ResultCode::BG_S_OK)
}

/// The detail text of this thread; the pointer holds until the next call on it.
pub fn last_detail() -> *const c_char {
    DETAIL
        .try_with(|detail| detail.borrow().as_ref().map_or(c"".as_ptr(), |text| text.as_ptr()))
        .unwrap_or(c"".as_ptr())
}

fn record(error: Option<&Error>) {
    let detail = error.map(|error| {
        let text = if error.detail.is_empty() { error.code.text() } else { &*error.detail };
        c_string(text)
    });
    // A thread that is ending has no place for it any more.
    let _ = DETAIL.try_with(|slot| *slot.borrow_mut() = detail);
}

/// A text for C; a NUL in it becomes the replacement character.
pub fn c_string(text: &str) -> CString {
    CString::new(text.replace('\0', "\u{fffd}")).unwrap_or_default()
}

fn panicked(panic: &(dyn Any + Send)) -> Error {
    let what = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message");
    Error::new(ResultCode::BG_E_UNEXPECTED, format!("a defect of bgcopy stopped the call: {what}"))
}

/// A bad argument.
pub fn invalid(detail: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ResultCode::BG_E_INVALIDARG, detail)
}

/// A type that C hands over as plain memory.
///
/// # Safety
/// A value of all zero bytes is valid.
pub unsafe trait Plain: Copy {}

// SAFETY: numbers may be zero.
unsafe impl Plain for i32 {}
// SAFETY: numbers may be zero.
unsafe impl Plain for u32 {}
// SAFETY: numbers may be zero.
unsafe impl Plain for u64 {}
// SAFETY: a pointer may be null.
unsafe impl<T> Plain for *mut T {}

fn zeroed<T: Plain>() -> T {
    // SAFETY: zero is valid for every `Plain` type.
    unsafe { std::mem::zeroed() }
}

/// A place C gave for a result; holds zero or NULL until it is set.
pub struct Out<T>(NonNull<T>);

impl<T: Plain> Out<T> {
    /// Takes a place and clears it; NULL gives `BG_E_POINTER`.
    ///
    /// # Safety
    /// NULL, or valid for writing a `T` until the call returns.
    pub unsafe fn new(pointer: *mut T) -> Result<Out<T>> {
        // SAFETY: as promised by the caller.
        unsafe { Out::holding(pointer, zeroed()) }
    }

    /// As [`Out::new`], for results of which zero would be a value: descriptors.
    ///
    /// # Safety
    /// As [`Out::new`].
    pub unsafe fn holding(pointer: *mut T, nothing: T) -> Result<Out<T>> {
        let Some(place) = NonNull::new(pointer) else {
            return Err(Error::new(ResultCode::BG_E_POINTER, "the place for the result is NULL"));
        };
        // SAFETY: not NULL, hence valid for writing. Unaligned, because the address is not ours.
        unsafe { place.write_unaligned(nothing) };
        Ok(Out(place))
    }

    /// Takes a place and clears it, for methods whose documented answer to NULL is `BG_E_INVALIDARG`.
    ///
    /// # Safety
    /// As [`Out::new`].
    pub unsafe fn argument(pointer: *mut T) -> Result<Out<T>> {
        // SAFETY: as promised by the caller.
        unsafe { Out::optional(pointer) }.ok_or_else(|| invalid("the place for the result is NULL"))
    }

    /// Takes a place that may be NULL and clears it.
    ///
    /// # Safety
    /// As [`Out::new`].
    pub unsafe fn optional(pointer: *mut T) -> Option<Out<T>> {
        // SAFETY: as promised by the caller.
        unsafe { Out::new(pointer) }.ok()
    }

    /// Gives the result.
    pub fn set(self, value: T) -> Result<ResultCode> {
        // SAFETY: valid for writing until the call returns, as the constructors were promised.
        unsafe { self.0.write_unaligned(value) };
        Ok(ResultCode::BG_S_OK)
    }
}

/// A structure that can grow: its first member is `uint32_t struct_size`, set by the program.
///
/// # Safety
/// `repr(C)`, a `u32` first, and zero is valid for every other member.
pub unsafe trait Growable: Plain {
    /// Size in the first release that had it; never changes. Smaller is an error.
    const FIRST_SIZE: usize;
}

/// Reads a structure of a program that may be older (members it lacks are zero) or newer (members
/// this library lacks are ignored).
///
/// # Safety
/// NULL, or valid for reading as many bytes as its `struct_size` says, and at least four.
pub unsafe fn read<T: Growable>(pointer: *const T) -> Result<T> {
    // SAFETY: as promised by the caller.
    let size = unsafe { checked_size(pointer)? };
    let mut value = zeroed::<T>();
    // SAFETY: both sides have `size` bytes, and the local one overlaps nothing.
    unsafe { std::ptr::copy_nonoverlapping(pointer.cast::<u8>(), (&raw mut value).cast::<u8>(), size) };
    Ok(value)
}

/// A structure C gave for a result; all but `struct_size` is zero until it is set.
pub struct OutStruct<T> {
    pointer: *mut T,
    /// As much of it as both sides know.
    size: usize,
}

const AFTER_SIZE: usize = size_of::<u32>();

impl<T: Growable> OutStruct<T> {
    /// Takes a structure and clears it. NULL gives `null`; a `struct_size` that is too small gives
    /// `BG_E_INVALIDARG` and leaves the memory alone.
    ///
    /// # Safety
    /// NULL, or valid for reading and writing as many bytes as its `struct_size` says until the
    /// call returns, and at least four.
    pub unsafe fn new(pointer: *mut T, null: ResultCode) -> Result<OutStruct<T>> {
        if pointer.is_null() {
            return Err(Error::new(null, "the place for the result is NULL"));
        }
        // SAFETY: as promised by the caller.
        let size = unsafe { checked_size(pointer)? };
        let place = OutStruct { pointer, size };
        place.write(&zeroed());
        Ok(place)
    }

    /// Gives the result; its `struct_size` stays what the program wrote.
    pub fn set(self, value: T) -> Result<ResultCode> {
        self.write(&value);
        Ok(ResultCode::BG_S_OK)
    }

    fn write(&self, value: &T) {
        let from = std::ptr::from_ref(value).cast::<u8>();
        // SAFETY: both sides have `size` bytes, which is at least four.
        unsafe {
            std::ptr::copy_nonoverlapping(
                from.add(AFTER_SIZE),
                self.pointer.cast::<u8>().add(AFTER_SIZE),
                self.size - AFTER_SIZE,
            );
        }
    }
}

/// How many bytes of a structure both sides know.
///
/// # Safety
/// NULL, or valid for reading four bytes.
unsafe fn checked_size<T: Growable>(pointer: *const T) -> Result<usize> {
    if pointer.is_null() {
        return Err(invalid("a structure is NULL"));
    }
    // SAFETY: not NULL, hence valid for reading four bytes.
    let size = unsafe { pointer.cast::<u32>().read_unaligned() } as usize;
    if size < T::FIRST_SIZE {
        return Err(invalid(format!(
            "struct_size is {size} and must be at least {}; initialise the structure with its _INIT macro",
            T::FIRST_SIZE
        )));
    }
    Ok(size.min(size_of::<T>()))
}

/// Reads a string argument; NULL gives `BG_E_INVALIDARG`.
///
/// # Safety
/// NULL, or NUL-terminated and valid for reading for the rest of the call.
pub unsafe fn text<'a>(pointer: *const c_char, what: &str) -> Result<&'a str> {
    // SAFETY: as promised by the caller.
    match unsafe { optional_text(pointer, what)? } {
        Some(text) => Ok(text),
        None => Err(invalid(format!("the {what} is NULL"))),
    }
}

/// Reads a string argument that may be NULL.
///
/// # Safety
/// As [`text`].
pub unsafe fn optional_text<'a>(pointer: *const c_char, what: &str) -> Result<Option<&'a str>> {
    if pointer.is_null() {
        return Ok(None);
    }
    // SAFETY: not NULL, hence NUL-terminated and valid for the rest of the call.
    match unsafe { CStr::from_ptr(pointer) }.to_str() {
        Ok(text) => Ok(Some(text)),
        Err(error) => Err(invalid(format!("the {what} is not UTF-8 from byte {} on", error.valid_up_to()))),
    }
}

/// Reads an array argument; NULL is right for no elements only.
///
/// # Safety
/// NULL, or aligned and valid for reading `count` elements for the rest of the call.
pub unsafe fn array<'a, T>(pointer: *const T, count: u32, what: &str) -> Result<&'a [T]> {
    if count == 0 {
        return Ok(&[]);
    }
    if pointer.is_null() {
        return Err(invalid(format!("the array of {what} is NULL")));
    }
    if !pointer.is_aligned() {
        return Err(invalid(format!("the array of {what} is not aligned")));
    }
    // SAFETY: not NULL and aligned, hence valid for `count` elements.
    Ok(unsafe { std::slice::from_raw_parts(pointer, count as usize) })
}

/// Takes an array of places and clears them; NULL is right for no places only.
///
/// # Safety
/// NULL, or valid for writing `count` elements until the call returns.
pub unsafe fn slots<T: Plain>(pointer: *mut T, count: u32) -> Result<Vec<Out<T>>> {
    // SAFETY: as promised by the caller; NULL is refused before it is written to.
    (0..count as usize).map(|index| unsafe { Out::new(pointer.wrapping_add(index)) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detail() -> String {
        // SAFETY: the text ends with a NUL and holds until the next call on this thread.
        unsafe { CStr::from_ptr(last_detail()) }.to_str().expect("UTF-8").to_owned()
    }

    /// Rule: a panic ends at the boundary, as `BG_E_UNEXPECTED` with its message.
    #[test]
    fn a_panic_becomes_a_code() {
        let code = guard(|| panic!("the {} broke", "wheel"));
        assert_eq!(ResultCode(code), ResultCode::BG_E_UNEXPECTED);
        assert!(detail().contains("the wheel broke"), "{}", detail());
        assert_eq!(guard_infallible(7, || panic!("again")), 7);
    }

    /// Rule: the detail is that of the last call that can fail; a code without one gives its text.
    #[test]
    fn the_detail_is_set_and_cleared_by_every_call() {
        guard(|| Err(invalid("a \0 in a text")));
        assert_eq!(detail(), "a \u{fffd} in a text");
        guard_infallible((), || ());
        assert_eq!(detail(), "a \u{fffd} in a text");
        guard(|| Err(ResultCode::BG_E_EMPTY.into()));
        assert_eq!(detail(), ResultCode::BG_E_EMPTY.text());
        guard(|| Ok(ResultCode::BG_S_FALSE));
        assert_eq!(detail(), "");
    }
}
