//! ## Server set-up: a directory
//!
//! What a program can do with a directory of the server. Every function reads the configuration anew, and has the errors of
//! `bg_extension_setup_factory_get_object` besides its own.
#![allow(unsafe_code)]

use std::ffi::c_char;
use std::mem::offset_of;

use bgcopy_protocol::ResultCode;
use bgcopy_setup::extension_setup::CleanupTask;

use crate::boundary::{Growable, Out, OutStruct, Plain, done, guard};
use crate::extension_setup_factory::failure;
use crate::handle::{self, bg_extension_setup};
use crate::result::bg_result;
use crate::string;

/// How the server removes what is left of old uploads. Start with `BG_CLEANUP_TASK_INIT`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct bg_cleanup_task {
    /// Size of this structure in the program; set by `BG_CLEANUP_TASK_INIT`.
    pub struct_size: u32,
    /// From one clean-up to the next.
    pub interval_s: u32,
    /// An upload without progress for so long is removed.
    pub session_timeout_s: u32,
    /// Most uploads that a user keeps, the oldest; 0 for no limit.
    pub sessions_per_user: u32,
}

// SAFETY: numbers may be zero.
unsafe impl Plain for bg_cleanup_task {}
// SAFETY: repr(C), starts with a u32.
unsafe impl Growable for bg_cleanup_task {
    const FIRST_SIZE: usize = offset_of!(bg_cleanup_task, sessions_per_user) + size_of::<u32>();
}

/// Takes another reference to a directory of the server and returns it. NULL gives NULL.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_extension_setup_retain(
    setup: *mut bg_extension_setup,
) -> *mut bg_extension_setup {
    // SAFETY: the caller keeps the rules for pointers.
    unsafe { handle::retain(setup) }
}

/// Returns a reference to a directory of the server. NULL is fine.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_extension_setup_release(setup: *mut bg_extension_setup) {
    // SAFETY: the caller keeps the rules for pointers.
    unsafe { handle::release(setup) }
}

/// Enables uploads to the directory, with the settings of the configuration. They stay enabled after a new start of the
/// server and of the machine. Where they are enabled already, it only has the server follow.
///
/// The directory has no scripts, so there is no permission to take away from it as IIS does.
///
/// Errors: as `bg_extension_setup_factory_get_object`, and `BG_E_WIN32_PATH_NOT_FOUND` when the directory is not on disk,
/// `BG_E_WIN32_ALREADY_EXISTS` when another file beside the configuration disables them and has the last word,
/// `BG_E_WIN32_DISK_FULL`, `BG_E_WIN32_FILENAME_EXCED_RANGE` when the path is too long for the name of a file,
/// `BG_E_WIN32_WRITE_FAULT`, `BG_E_WIN32_CAN_NOT_COMPLETE` when the running server says why it cannot follow, and
/// `BG_E_WIN32_TIMEOUT` when it does not answer within a minute. BITS: `IBITSExtensionSetup::EnableBITSUploads`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_extension_setup_enable_bits_uploads(setup: *mut bg_extension_setup) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let setup = unsafe { handle::borrow(setup) };
    guard(|| done(setup?.enable_bits_uploads().map_err(failure)))
}

/// Disables uploads to the directory: those that are not finished are removed, and files that have arrived stay.
/// Jobs that upload there end in error with `BG_E_ACCESSDENIED`.
///
/// Errors: as `bg_extension_setup_enable_bits_uploads`. BITS: `IBITSExtensionSetup::DisableBITSUploads`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_extension_setup_disable_bits_uploads(
    setup: *mut bg_extension_setup,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let setup = unsafe { handle::borrow(setup) };
    guard(|| done(setup?.disable_bits_uploads().map_err(failure)))
}

/// Gives the name of the task that removes what is left of old uploads: the unit of systemd. The
/// server does it by itself, too; `systemctl start` has it done now.
///
/// `task_name_out` is freed with `bg_string_free`. `BG_S_FALSE` and NULL where uploads are disabled: there is no task.
///
/// Errors: as `bg_extension_setup_factory_get_object`, and `BG_E_POINTER` when `task_name_out` is NULL.
/// BITS: `IBITSExtensionSetup::GetCleanupTaskName`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_extension_setup_get_cleanup_task_name(
    setup: *mut bg_extension_setup,
    task_name_out: *mut *mut c_char,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (setup, out) = unsafe { (handle::borrow(setup), Out::new(task_name_out)) };
    guard(|| {
        let (setup, out) = (setup?, out?);
        match setup.cleanup_task_name().map_err(failure)? {
            None => Ok(ResultCode::BG_S_FALSE),
            Some(name) => out.set(string::give(&name)?),
        }
    })
}

/// Gives the task that removes what is left of old uploads: how often, and what it removes.
///
/// The server does it, and not a scheduler of the system, so it is a structure in place of the object of Task Scheduler.
/// `BG_S_FALSE` and zeros where uploads are disabled: there is no task.
///
/// Errors: as `bg_extension_setup_factory_get_object`, `BG_E_INVALIDARG` when `struct_size` is too small, and
/// `BG_E_POINTER` when `task` is NULL. BITS: `IBITSExtensionSetup::GetCleanupTask`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_extension_setup_get_cleanup_task(
    setup: *mut bg_extension_setup,
    task: *mut bg_cleanup_task,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (setup, out) = unsafe { (handle::borrow(setup), OutStruct::new(task, ResultCode::BG_E_POINTER)) };
    guard(|| {
        let (setup, out) = (setup?, out?);
        let Some(task) = setup.cleanup_task().map_err(failure)? else { return Ok(ResultCode::BG_S_FALSE) };
        let CleanupTask { interval, session_timeout, sessions_per_user } = task;
        out.set(bg_cleanup_task {
            struct_size: 0,
            interval_s: interval,
            session_timeout_s: session_timeout,
            sessions_per_user: sessions_per_user.unwrap_or(0),
        })
    })
}
