//! ## Legacy queue manager: callbacks
//!
//! They run as those of a `bg_job`, whose rules hold here too: on threads of the library, under no lock, with handles
//! that are borrowed.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::mem::offset_of;
use std::ptr::null_mut;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bgcopy_engine::client::{Failure, Group, GroupCallback, Job1};
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::flags::QmStatusFlags;

use crate::boundary::{Growable, Plain, done, guard, read};
use crate::callback::Borrowed;
use crate::handle::{self, bg_group, bg_job1};
use crate::manager::BG_FILE_NONE;
use crate::result::bg_result;

/// Who hears how a group ends. Start with `BG_CALLBACKS1_INIT`; NULL members are not called.
/// `IBackgroundCopyCallback1`
#[repr(C)]
#[derive(Clone, Copy)]
pub struct bg_callbacks1 {
    /// Size of this structure in the program; set by `BG_CALLBACKS1_INIT`.
    pub struct_size: u32,
    /// Always 0.
    pub reserved: u32,
    /// The group is complete, or in error where `status` has `QM_STATUS_GROUP_ERROR`; then the last three are what
    /// `bg_job1_get_status` gives. `job` is NULL when the group has none, `file_index` is `BG_FILE_NONE` when it is
    /// about no file. Told again later unless it returns `BG_S_OK`.
    pub on_status: Option<
        unsafe extern "C" fn(
            user_data: *mut c_void,
            group: *mut bg_group,
            job: *mut bg_job1,
            file_index: u32,
            status: u32,
            retries: u32,
            win32_result: u32,
            transport_result: u32,
        ) -> bg_result,
    >,
    /// Never called, as in BITS: ask `bg_group_get_progress`.
    pub on_progress: Option<
        unsafe extern "C" fn(
            user_data: *mut c_void,
            progress_type: u32,
            group: *mut bg_group,
            job: *mut bg_job1,
            file_index: u32,
            progress_value: u32,
        ) -> bg_result,
    >,
    /// Never called, as in BITS: ask `bg_group_get_progress`.
    pub on_progress_ex: Option<
        unsafe extern "C" fn(
            user_data: *mut c_void,
            progress_type: u32,
            group: *mut bg_group,
            job: *mut bg_job1,
            file_index: u32,
            progress_value: u32,
            byte_count: u32,
            bytes: *const u8,
        ) -> bg_result,
    >,
    /// The last call for this `user_data`: free it here. Runs exactly once, on any thread, after the last
    /// callback has returned.
    pub destroy: Option<unsafe extern "C" fn(user_data: *mut c_void)>,
}

// SAFETY: a number may be zero and the function pointers are optional.
unsafe impl Plain for bg_callbacks1 {}
// SAFETY: repr(C), starts with a u32.
unsafe impl Growable for bg_callbacks1 {
    const FIRST_SIZE: usize = offset_of!(bg_callbacks1, destroy) + size_of::<usize>();
}

/// Registers who hears how the group ends, in place of who did before; NULL clears.
///
/// Errors are told unless `QM_NOTIFY_DISABLE_NOTIFY` is set, the end when `QM_NOTIFY_GROUP_DONE` is set; see
/// `bg_group_set_prop`. What happened before is still told. The structure is copied; `user_data` is passed on and
/// `destroy` runs for it as `bg_job_set_callbacks` says, whose registration this replaces. A registration ends
/// with the process.
///
/// Errors: `BG_E_INVALID_STATE` after the group was cancelled, `BG_E_INVALIDARG` when `struct_size` is too small.
/// BITS: `IBackgroundCopyGroup::SetNotificationPointer`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_group_set_notification_pointer(
    group: *mut bg_group,
    callbacks: *const bg_callbacks1,
    user_data: *mut c_void,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (group, callbacks) = unsafe {
        (handle::borrow(group), if callbacks.is_null() { Ok(None) } else { read(callbacks).map(Some) })
    };
    guard(|| {
        let (group, callbacks) = (group?, callbacks?);
        let Some(callbacks) = callbacks else { return done(group.set_callback(None)) };
        let listener = Arc::new(Listener1 { callbacks, user_data, owns: AtomicBool::new(true) });
        let result = group.set_callback(Some(listener.clone()));
        if result.is_err() {
            listener.owns.store(false, Ordering::Relaxed);
        }
        done(result)
    })
}

/// The callbacks of a C program.
struct Listener1 {
    callbacks: bg_callbacks1,
    user_data: *mut c_void,
    /// Whether `destroy` is to run: not after a registration that failed.
    owns: AtomicBool,
}

// SAFETY: the header says that callbacks and `destroy` run on any thread; the user data is only passed on.
unsafe impl Send for Listener1 {}
// SAFETY: as above.
unsafe impl Sync for Listener1 {}

impl Drop for Listener1 {
    fn drop(&mut self) {
        if let (true, Some(destroy)) = (*self.owns.get_mut(), self.callbacks.destroy) {
            // SAFETY: the program gave the function for this data; this is its last use.
            unsafe { destroy(self.user_data) };
        }
    }
}

impl GroupCallback for Listener1 {
    fn on_status(
        &self,
        group: &Group,
        job: Option<&Job1>,
        status: QmStatusFlags,
        failure: Failure,
    ) -> ResultCode {
        let Some(call) = self.callbacks.on_status else { return ResultCode::BG_S_OK };
        let group = Borrowed::<bg_group>::new(group.clone());
        let job = job.map(|job| Borrowed::<bg_job1>::new(job.clone()));
        let file = failure.file.unwrap_or(BG_FILE_NONE);
        // SAFETY: the program gave the function for this data.
        ResultCode(unsafe {
            call(
                self.user_data,
                group.handle(),
                job.as_ref().map_or(null_mut(), Borrowed::handle),
                file,
                status.bits(),
                failure.retries,
                failure.win32,
                failure.transport,
            )
        })
    }
}
