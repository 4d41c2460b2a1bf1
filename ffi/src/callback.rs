//! ## Callbacks
//!
//! Callbacks run on threads of the library: one at a time for a job and at most four at once for a
//! queue. No lock is held meanwhile, so a callback may call every function of this header; completing the job
//! inside `job_transferred` is the usual pattern. A callback that takes long delays those of other jobs.
//!
//! Handles passed to a callback are borrowed: they hold until it returns, unless it retains them.
//!
//! Anything but `BG_S_OK` from `job_transferred` and `job_error`, and a failure from
//! `file_transferred`, lets the event be told again later. A callback must return: no `longjmp`, no C++
//! exception may leave it.
#![allow(unsafe_code)]

use std::any::Any;
use std::ffi::c_void;
use std::mem::offset_of;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bgcopy_engine::client::{Callback, File, FileRange, Job, JobError};
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::flags::NotifyFlags;

use crate::boundary::{Growable, Out, OutStruct, Plain, done, guard, read};
use crate::file_range::bg_file_range;
use crate::handle::{self, Handle, bg_error, bg_file, bg_job};
use crate::result::bg_result;

/// Who hears the events of a job. Start with `BG_CALLBACKS_INIT`; NULL members are not called, and their events are
/// for the program of the job, where there is one (`bg_job_set_notify_cmd_line`).
///
/// Which events are told is set with `bg_job_set_notify_flags`, too.
/// `IBackgroundCopyCallback` and its successors
#[repr(C)]
#[derive(Clone, Copy)]
pub struct bg_callbacks {
    /// Size of this structure in the program; set by `BG_CALLBACKS_INIT`.
    pub struct_size: u32,
    /// Always 0.
    pub reserved: u32,
    /// All files are transferred; `bg_job_complete` gives them their names.
    pub job_transferred: Option<unsafe extern "C" fn(user_data: *mut c_void, job: *mut bg_job) -> bg_result>,
    /// The job is in `BG_JOB_STATE_ERROR`: repair and resume it, complete what is there, or cancel it.
    pub job_error: Option<
        unsafe extern "C" fn(user_data: *mut c_void, job: *mut bg_job, error: *mut bg_error) -> bg_result,
    >,
    /// Bytes moved, files were added, or the state or a property changed. Merged when they come fast; may be
    /// lost. Needs `BG_NOTIFY_JOB_MODIFICATION`.
    pub job_modification: Option<unsafe extern "C" fn(user_data: *mut c_void, job: *mut bg_job) -> bg_result>,
    /// A file is whole; told in order of addition. Needs `BG_NOTIFY_FILE_TRANSFERRED`.
    pub file_transferred: Option<
        unsafe extern "C" fn(user_data: *mut c_void, job: *mut bg_job, file: *mut bg_file) -> bg_result,
    >,
    /// These ranges of a file arrived since the last call: parts of what was requested, or of what comes by itself.
    /// Merged when they come fast; may be lost. Not told for files with ranges. Needs
    /// `BG_NOTIFY_FILE_RANGES_TRANSFERRED`.
    pub file_ranges_transferred: Option<
        unsafe extern "C" fn(
            user_data: *mut c_void,
            job: *mut bg_job,
            file: *mut bg_file,
            range_count: u32,
            ranges: *const bg_file_range,
        ) -> bg_result,
    >,
    /// The last call for this `user_data`: free it here. Runs exactly once, on any thread, after the last
    /// callback has returned.
    pub destroy: Option<unsafe extern "C" fn(user_data: *mut c_void)>,
}

// SAFETY: a number may be zero and the function pointers are optional.
unsafe impl Plain for bg_callbacks {}
// SAFETY: repr(C), starts with a u32.
unsafe impl Growable for bg_callbacks {
    const FIRST_SIZE: usize = offset_of!(bg_callbacks, destroy) + size_of::<usize>();
}

/// Registers who hears the events of the job, in place of the one before; NULL clears.
///
/// The structure is copied; `user_data` is passed to every callback as it is. When the call has succeeded,
/// `destroy` runs for it once: after another registration, after clearing, or when the job ended or the queue
/// was closed. When the call fails, `destroy` does not run and `user_data` stays with the caller.
///
/// An event that happened before is still told. When the call returns, the callbacks registered before are
/// not called any more, unless it is made from inside one of them. A registration ends with the
/// process: register again after opening the queue.
///
/// Errors: `BG_E_INVALID_STATE` after the job ended, `BG_E_INVALIDARG` when `struct_size` is too small.
/// BITS: `IBackgroundCopyJob::SetNotifyInterface`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_set_callbacks(
    job: *mut bg_job,
    callbacks: *const bg_callbacks,
    user_data: *mut c_void,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, callbacks) = unsafe {
        (handle::borrow(job), if callbacks.is_null() { Ok(None) } else { read(callbacks).map(Some) })
    };
    guard(|| {
        let (job, callbacks) = (job?, callbacks?);
        let Some(callbacks) = callbacks else { return done(job.set_callback(None)) };
        let listener = Arc::new(Listener { callbacks, user_data, owns: AtomicBool::new(true) });
        let result = job.set_callback(Some(listener.clone()));
        if result.is_err() {
            listener.owns.store(false, Ordering::Relaxed);
        }
        done(result)
    })
}

/// Gives who hears the events of the job; all members but `struct_size` and the user data are NULL when nobody does.
///
/// `user_data_out` gets what was registered with them. It is borrowed: `destroy` runs for it as before, when
/// the registration ends.
///
/// Errors: `BG_E_INVALIDARG` when a place for a result is NULL or `callbacks_out` is too small.
/// BITS: `IBackgroundCopyJob::GetNotifyInterface`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_get_callbacks(
    job: *mut bg_job,
    callbacks_out: *mut bg_callbacks,
    user_data_out: *mut *mut c_void,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, callbacks, user_data) = unsafe {
        (
            handle::borrow(job),
            OutStruct::new(callbacks_out, ResultCode::BG_E_INVALIDARG),
            Out::argument(user_data_out),
        )
    };
    guard(|| {
        let (job, callbacks, user_data) = (job?, callbacks?, user_data?);
        let callback: Option<Arc<dyn Any + Send + Sync>> = job.callback()?.map(|callback| callback as _);
        // Callbacks of another language are not for C.
        if let Some(listener) = callback.and_then(|callback| callback.downcast::<Listener>().ok()) {
            callbacks.set(listener.callbacks)?;
            user_data.set(listener.user_data)?;
        }
        Ok(ResultCode::BG_S_OK)
    })
}

/// The callbacks of a C program.
struct Listener {
    callbacks: bg_callbacks,
    user_data: *mut c_void,
    /// Whether `destroy` is to run: not after a registration that failed.
    owns: AtomicBool,
}

// SAFETY: the header says that callbacks and `destroy` run on any thread; the user data is only passed on.
unsafe impl Send for Listener {}
// SAFETY: as above.
unsafe impl Sync for Listener {}

impl Drop for Listener {
    fn drop(&mut self) {
        if let (true, Some(destroy)) = (*self.owns.get_mut(), self.callbacks.destroy) {
            // SAFETY: the program gave the function for this data; this is its last use.
            unsafe { destroy(self.user_data) };
        }
    }
}

/// A handle that a callback borrows.
pub(crate) struct Borrowed<H: Handle>(*mut H);

impl<H: Handle> Borrowed<H> {
    pub(crate) fn new(value: H::Value) -> Borrowed<H> {
        Borrowed(handle::give(value))
    }

    pub(crate) fn handle(&self) -> *mut H {
        self.0
    }
}

impl<H: Handle> Drop for Borrowed<H> {
    fn drop(&mut self) {
        // SAFETY: made in `new`, and this is the reference made there.
        unsafe { handle::release(self.0) };
    }
}

impl Callback for Listener {
    fn hears(&self) -> u32 {
        let there = |flag: NotifyFlags, is_there: bool| if is_there { flag.bits() } else { 0 };
        let callbacks = &self.callbacks;
        there(NotifyFlags::JOB_TRANSFERRED, callbacks.job_transferred.is_some())
            | there(NotifyFlags::JOB_ERROR, callbacks.job_error.is_some())
            | there(NotifyFlags::JOB_MODIFICATION, callbacks.job_modification.is_some())
            | there(NotifyFlags::FILE_TRANSFERRED, callbacks.file_transferred.is_some())
            | there(NotifyFlags::FILE_RANGES_TRANSFERRED, callbacks.file_ranges_transferred.is_some())
    }

    fn job_transferred(&self, job: &Job) -> ResultCode {
        let Some(call) = self.callbacks.job_transferred else { return ResultCode::BG_S_OK };
        let job = Borrowed::<bg_job>::new(job.clone());
        // SAFETY: the program gave the function for this data.
        ResultCode(unsafe { call(self.user_data, job.0) })
    }

    fn job_error(&self, job: &Job, error: &JobError) -> ResultCode {
        let Some(call) = self.callbacks.job_error else { return ResultCode::BG_S_OK };
        let (job, error) = (Borrowed::<bg_job>::new(job.clone()), Borrowed::<bg_error>::new(error.clone()));
        // SAFETY: the program gave the function for this data.
        ResultCode(unsafe { call(self.user_data, job.0, error.0) })
    }

    fn job_modification(&self, job: &Job) -> ResultCode {
        let Some(call) = self.callbacks.job_modification else { return ResultCode::BG_S_OK };
        let job = Borrowed::<bg_job>::new(job.clone());
        // SAFETY: the program gave the function for this data.
        ResultCode(unsafe { call(self.user_data, job.0) })
    }

    fn file_transferred(&self, job: &Job, file: &File) -> ResultCode {
        let Some(call) = self.callbacks.file_transferred else { return ResultCode::BG_S_OK };
        let (job, file) = (Borrowed::<bg_job>::new(job.clone()), Borrowed::<bg_file>::new(file.clone()));
        // SAFETY: the program gave the function for this data.
        ResultCode(unsafe { call(self.user_data, job.0, file.0) })
    }

    fn file_ranges_transferred(&self, job: &Job, file: &File, ranges: &[FileRange]) -> ResultCode {
        let Some(call) = self.callbacks.file_ranges_transferred else { return ResultCode::BG_S_OK };
        let (job, file) = (Borrowed::<bg_job>::new(job.clone()), Borrowed::<bg_file>::new(file.clone()));
        let ranges: Vec<bg_file_range> = ranges.iter().copied().map(Into::into).collect();
        let count = u32::try_from(ranges.len()).unwrap_or(u32::MAX);
        // SAFETY: the program gave the function for this data; the array has `count` elements.
        ResultCode(unsafe { call(self.user_data, job.0, file.0, count, ranges.as_ptr()) })
    }
}
