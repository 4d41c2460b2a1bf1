//! ## Handles
//!
//! The objects of this interface. A program only ever holds pointers to them.
//!
//! A function that gives a handle gives one reference, which the program returns with the matching
//! `_release`. `_retain` takes another reference and returns its argument. Both take NULL and do
//! nothing then. Handles passed to a callback are borrowed: they hold until it returns, unless it
//! retains them.
//!
//! A handle may be used on any thread and by several at once. It never dangles while it is held:
//! after its job has ended or its queue was closed, calls answer with a code.
#![allow(unsafe_code)]

use std::sync::Arc;

use bgcopy_engine::client::{File, Group, Job, Job1, JobError, Manager, Qmgr, Result};
use bgcopy_protocol::Guid;
use bgcopy_setup::extension_setup::{ExtensionSetup, ExtensionSetupFactory};

use crate::boundary::{guard_infallible, invalid};
use crate::enumerator::Enumerator;

/// An open queue: where jobs live. `IBackgroundCopyManager`
pub struct bg_manager(());

/// A job: files that are transferred together. `IBackgroundCopyJob` and its successors
pub struct bg_job(());

/// A file of a job. `IBackgroundCopyFile` and its successors
pub struct bg_file(());

/// What went wrong with a job: a copy that stays as it is. `IBackgroundCopyError`
pub struct bg_error(());

/// The jobs of a queue as they were at one moment. `IEnumBackgroundCopyJobs`
pub struct bg_enum_jobs(());

/// The files of a job as they were at one moment. `IEnumBackgroundCopyFiles`
pub struct bg_enum_files(());

/// A queue as the legacy queue manager shows it. `IBackgroundCopyQMgr`
pub struct bg_qmgr(());

/// A group of the legacy queue manager. `IBackgroundCopyGroup`
pub struct bg_group(());

/// The job of a group. `IBackgroundCopyJob1`
pub struct bg_job1(());

/// The groups of a queue as they were at one moment. `IEnumBackgroundCopyGroups`
pub struct bg_enum_groups(());

/// The jobs of a group as they were at one moment. `IEnumBackgroundCopyJobs1`
pub struct bg_enum_jobs1(());

/// What finds the directories of a server. `IBITSExtensionSetupFactory`
pub struct bg_extension_setup_factory(());

/// A directory of a server. `IBITSExtensionSetup`
pub struct bg_extension_setup(());

/// A type of handle: what stands behind it, and the mark that tells it from the others.
pub trait Handle {
    /// What the handle gives access to; every thread may do so.
    type Value: Send + Sync;
    /// First eight bytes of the object.
    const TAG: u64;
    /// Its name in C.
    const NAME: &'static str;
}

impl Handle for bg_manager {
    type Value = Manager;
    const TAG: u64 = u64::from_ne_bytes(*b"bgcpyMGR");
    const NAME: &'static str = "bg_manager";
}

impl Handle for bg_job {
    type Value = Job;
    const TAG: u64 = u64::from_ne_bytes(*b"bgcpyJOB");
    const NAME: &'static str = "bg_job";
}

impl Handle for bg_file {
    type Value = File;
    const TAG: u64 = u64::from_ne_bytes(*b"bgcpyFIL");
    const NAME: &'static str = "bg_file";
}

impl Handle for bg_error {
    type Value = JobError;
    const TAG: u64 = u64::from_ne_bytes(*b"bgcpyERR");
    const NAME: &'static str = "bg_error";
}

impl Handle for bg_enum_jobs {
    type Value = Enumerator<Job>;
    const TAG: u64 = u64::from_ne_bytes(*b"bgcpyENJ");
    const NAME: &'static str = "bg_enum_jobs";
}

impl Handle for bg_enum_files {
    type Value = Enumerator<File>;
    const TAG: u64 = u64::from_ne_bytes(*b"bgcpyENF");
    const NAME: &'static str = "bg_enum_files";
}

impl Handle for bg_qmgr {
    type Value = Qmgr;
    const TAG: u64 = u64::from_ne_bytes(*b"bgcpyQMG");
    const NAME: &'static str = "bg_qmgr";
}

impl Handle for bg_group {
    type Value = Group;
    const TAG: u64 = u64::from_ne_bytes(*b"bgcpyGRP");
    const NAME: &'static str = "bg_group";
}

impl Handle for bg_job1 {
    type Value = Job1;
    const TAG: u64 = u64::from_ne_bytes(*b"bgcpyJB1");
    const NAME: &'static str = "bg_job1";
}

impl Handle for bg_enum_groups {
    type Value = Enumerator<Guid>;
    const TAG: u64 = u64::from_ne_bytes(*b"bgcpyENG");
    const NAME: &'static str = "bg_enum_groups";
}

impl Handle for bg_enum_jobs1 {
    type Value = Enumerator<Guid>;
    const TAG: u64 = u64::from_ne_bytes(*b"bgcpyEN1");
    const NAME: &'static str = "bg_enum_jobs1";
}

impl Handle for bg_extension_setup_factory {
    type Value = ExtensionSetupFactory;
    const TAG: u64 = u64::from_ne_bytes(*b"bgcpyESF");
    const NAME: &'static str = "bg_extension_setup_factory";
}

impl Handle for bg_extension_setup {
    type Value = ExtensionSetup;
    const TAG: u64 = u64::from_ne_bytes(*b"bgcpyEXS");
    const NAME: &'static str = "bg_extension_setup";
}

/// What a handle points to. The mark comes first in every kind, so that a handle of another kind is
/// recognised before it is used as the wrong type.
#[repr(C)]
struct Object<V> {
    tag: u64,
    value: V,
}

/// A new handle with one reference.
pub fn give<H: Handle>(value: H::Value) -> *mut H {
    Arc::into_raw(Arc::new(Object { tag: H::TAG, value })).cast_mut().cast()
}

/// The value behind a handle; NULL or a handle of another kind gives `BG_E_INVALIDARG`.
///
/// # Safety
/// NULL, or a handle of this library with a reference that is kept until the call returns.
pub unsafe fn borrow<'a, H: Handle>(handle: *const H) -> Result<&'a H::Value> {
    // SAFETY: as promised by the caller.
    let object = unsafe { checked(handle)? };
    // SAFETY: the mark says that it is an `Object<H::Value>`, and its reference is kept.
    Ok(unsafe { &(*object).value })
}

/// Takes another reference; anything that is not such a handle is left alone.
///
/// # Safety
/// As [`borrow`].
pub unsafe fn retain<H: Handle>(handle: *mut H) -> *mut H {
    // SAFETY: as promised by the caller.
    if let Ok(object) = unsafe { checked(handle) } {
        // SAFETY: it came from `Arc::into_raw` in `give`, and its reference is kept.
        unsafe { Arc::increment_strong_count(object) };
    }
    handle
}

/// Returns a reference; anything that is not such a handle is left alone.
///
/// # Safety
/// NULL, or a handle of this library with a reference that nobody uses after this.
pub unsafe fn release<H: Handle>(handle: *mut H) {
    // SAFETY: as promised by the caller.
    match unsafe { checked(handle) } {
        // SAFETY: it came from `Arc::into_raw` in `give`, and the caller gives up one reference.
        Ok(object) => guard_infallible((), || drop(unsafe { Arc::from_raw(object) })),
        Err(_) if handle.is_null() => {}
        Err(error) => log::error!("{}", error.detail),
    }
}

/// # Safety
/// As [`borrow`].
unsafe fn checked<H: Handle>(handle: *const H) -> Result<*const Object<H::Value>> {
    if handle.is_null() {
        return Err(invalid(format!("the {} is NULL", H::NAME)));
    }
    let tag = handle.cast::<u64>();
    // SAFETY: objects of every kind are aligned and start with the mark.
    if !tag.is_aligned() || unsafe { tag.read() } != H::TAG {
        return Err(invalid(format!("the handle is not a {}", H::NAME)));
    }
    Ok(handle.cast())
}
