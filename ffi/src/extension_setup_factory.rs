//! ## Server set-up
//!
//! Where this machine receives uploads: `bgcopy-server` and its configuration, a TOML file. These functions enable
//! and disable uploads to directories that the configuration has, as a set-up program does. They need no queue, and the
//! right to write beside the configuration, in `/etc/bgcopy/server.d` for `/etc/bgcopy/server.toml`: what a program says is
//! in a file of its own there, and the administrator's file stays as it is. A server that is running has followed when the
//! function returns, if its configuration has a `[control]` socket; else it follows with `systemctl reload bgcopy-server`.
//!
//! ```c
//! static bg_result receive_orders(void)
//! {
//!     bg_extension_setup_factory *factory = NULL;
//!     bg_extension_setup *orders = NULL;
//!     bg_result result = bg_extension_setup_factory_open(NULL, &factory);
//!     if (result >= 0)
//!         result = bg_extension_setup_factory_get_object(factory, "/orders", &orders);
//!     if (result >= 0)
//!         result = bg_extension_setup_enable_bits_uploads(orders);
//!     bg_extension_setup_release(orders);
//!     bg_extension_setup_factory_release(factory);
//!     return result;
//! }
//! ```
#![allow(unsafe_code)]

use std::ffi::c_char;
use std::path::Path;

use bgcopy_engine::client::Error;
use bgcopy_setup::extension_setup::{self, ExtensionSetupFactory};

use crate::boundary::{Out, guard, optional_text, text};
use crate::handle::{self, bg_extension_setup, bg_extension_setup_factory};
use crate::result::bg_result;

/// A failure of the set-up as one of a call.
pub(crate) fn failure(error: extension_setup::Error) -> Error {
    Error::new(error.code, error.detail)
}

/// Makes what finds the directories of the server of this machine.
///
/// `configuration` is the path of the server's configuration file, the one that the server is started with. With NULL it is
/// the one that `$BGCOPY_SERVER_CONFIGURATION` names, else `/etc/bgcopy/server.toml`. It is read by the calls that need it.
/// `factory_out` is returned with `bg_extension_setup_factory_release`.
///
/// Errors: `BG_E_INVALIDARG` when the path is not absolute or not UTF-8, `BG_E_POINTER` when `factory_out` is NULL.
/// BITS: `CoCreateInstance` of `BITSExtensionSetupFactory`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_extension_setup_factory_open(
    configuration: *const c_char,
    factory_out: *mut *mut bg_extension_setup_factory,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (configuration, out) =
        unsafe { (optional_text(configuration, "path of the configuration"), Out::new(factory_out)) };
    guard(|| {
        let (configuration, out) = (configuration?, out?);
        out.set(handle::give(ExtensionSetupFactory::open(configuration.map(Path::new)).map_err(failure)?))
    })
}

/// Takes another reference to a factory and returns it. NULL gives NULL.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_extension_setup_factory_retain(
    factory: *mut bg_extension_setup_factory,
) -> *mut bg_extension_setup_factory {
    // SAFETY: the caller keeps the rules for pointers.
    unsafe { handle::retain(factory) }
}

/// Returns a reference to a factory. NULL is fine.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_extension_setup_factory_release(factory: *mut bg_extension_setup_factory) {
    // SAFETY: the caller keeps the rules for pointers.
    unsafe { handle::release(factory) }
}

/// Finds a directory of the server.
///
/// `path` is where the directory is in URLs, its `url_prefix` in the configuration, such as `/orders`; or its name in
/// IIS, such as `IIS://localhost/W3SVC/1/ROOT/orders`. There is one site, and `ROOT` may be left out. `setup_out` is
/// returned with `bg_extension_setup_release`.
///
/// Errors: `BG_E_INVALIDARG` when `factory` or `path` is NULL, or the path is of another kind or names another machine,
/// `BG_E_WIN32_PATH_NOT_FOUND` when the configuration does not have the directory, `BG_E_WIN32_FILE_NOT_FOUND` when there is
/// no configuration, `BG_E_ACCESSDENIED` when it may not be read, `BG_E_WIN32_INVALID_DATA` when it says what cannot be,
/// `BG_E_WIN32_DIRECTORY`, `BG_E_WIN32_FILENAME_EXCED_RANGE` and `BG_E_WIN32_READ_FAULT` when it is no file, has too long a
/// name or fails, `BG_E_POINTER` when `setup_out` is NULL.
/// BITS: `IBITSExtensionSetupFactory::GetObject`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_extension_setup_factory_get_object(
    factory: *mut bg_extension_setup_factory,
    path: *const c_char,
    setup_out: *mut *mut bg_extension_setup,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (factory, path, out) = unsafe { (handle::borrow(factory), text(path, "path"), Out::new(setup_out)) };
    guard(|| {
        let (factory, path, out) = (factory?, path?, out?);
        out.set(handle::give(factory.get_object(path).map_err(failure)?))
    })
}
