//! ## File: ranges
//!
//! Ranges of files over http and https. A file can be made of ranges of the remote one, which lie one behind the other
//! in the local one: `bg_job_add_file_with_ranges`. And of a file that is a copy of the remote one, ranges can be asked
//! for in any order while the job runs: `bg_file_request_file_ranges`. In a job with
//! `BITS_JOB_PROPERTY_ON_DEMAND_MODE` nothing else is fetched.
//!
//! The errors common to all functions of a file are listed under "File".
#![allow(unsafe_code)]

use std::ffi::c_char;

use bgcopy_engine::client::{Error, FileRange, Result};
use bgcopy_protocol::ResultCode;

use crate::boundary::{Out, Plain, array, done, guard, text};
use crate::handle::{self, bg_file, bg_job};
use crate::memory;
use crate::result::bg_result;

/// A part of a file. Never changes. `BG_FILE_RANGE`
#[repr(C)]
#[derive(Clone, Copy)]
pub struct bg_file_range {
    /// First byte, from 0.
    pub initial_offset: u64,
    /// Number of bytes, or `BG_LENGTH_TO_EOF`.
    pub length: u64,
}

// SAFETY: numbers may be zero.
unsafe impl Plain for bg_file_range {}

impl From<FileRange> for bg_file_range {
    fn from(FileRange { initial_offset, length }: FileRange) -> bg_file_range {
        bg_file_range { initial_offset, length }
    }
}

impl From<bg_file_range> for FileRange {
    fn from(bg_file_range { initial_offset, length }: bg_file_range) -> FileRange {
        FileRange { initial_offset, length }
    }
}

fn given(ranges: Result<&[bg_file_range]>) -> Result<Vec<FileRange>> {
    Ok(ranges?.iter().copied().map(Into::into).collect())
}

/// Gives ranges to C: their number and a copy.
fn give(ranges: &[FileRange], count: Out<u32>, place: Out<*mut bg_file_range>) -> Result<ResultCode> {
    let ranges: Vec<bg_file_range> = ranges.iter().copied().map(Into::into).collect();
    let number = u32::try_from(ranges.len()).map_err(|_| Error::from(ResultCode::BG_E_OUTOFMEMORY))?;
    place.set(memory::give(&ranges)?)?;
    count.set(number)
}

/// Adds a file that is made of ranges of the remote one, one behind the other in the order given: of the ranges 100 to
/// 199, 900 to 999 and 400 to 499 comes a file of 300 bytes.
///
/// `ranges` points to `range_count` elements, which are copied. The length `BG_LENGTH_TO_EOF` goes to the end of the
/// remote file. Ranges may touch, but not overlap. Progress counts the bytes of the ranges only. Names as for
/// `bg_job_add_file`, but http and https only.
///
/// Several ranges are asked for with one request where the server can do that. The job goes to `BG_JOB_STATE_ERROR` with
/// `BG_E_INVALID_RANGE` when a range lies outside the remote file, and with `BG_E_INSUFFICIENT_RANGE_SUPPORT` when the
/// server has no ranges.
///
/// Errors: as `bg_job_add_file`; `BG_E_INVALIDARG` when there is no range or `ranges` is NULL, `BG_E_INVALID_RANGE` for a
/// range without bytes or that lies in no file, `BG_E_OVERLAPPING_RANGES`, `BG_E_TOO_MANY_RANGES_IN_FILE` where such a
/// limit is set, `BG_E_NOT_SUPPORTED_WITH_CUSTOM_HTTP_METHOD`, `BG_E_NOTIMPL` for an upload. BITS:
/// `IBackgroundCopyJob3::AddFileWithRanges`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_job_add_file_with_ranges(
    job: *mut bg_job,
    remote_name: *const c_char,
    local_name: *const c_char,
    range_count: u32,
    ranges: *const bg_file_range,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (job, remote, local, ranges) = unsafe {
        (
            handle::borrow(job),
            text(remote_name, "remote name"),
            text(local_name, "local name"),
            array(ranges, range_count, "ranges"),
        )
    };
    guard(|| done(job?.add_file_with_ranges(remote?, local?, &given(ranges)?)))
}

/// Gives the ranges that the file is made of, as they were given to `bg_job_add_file_with_ranges`.
///
/// `ranges_out` is freed with `bg_memory_free`. Returns `BG_S_FALSE`, 0 and NULL for a whole file.
///
/// Errors: `BG_E_POINTER` when a place for a result is NULL. BITS: `IBackgroundCopyFile2::GetFileRanges`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_file_get_file_ranges(
    file: *mut bg_file,
    range_count_out: *mut u32,
    ranges_out: *mut *mut bg_file_range,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (file, count, place) =
        unsafe { (handle::borrow(file), Out::new(range_count_out), Out::new(ranges_out)) };
    guard(|| {
        let (file, count, place) = (file?, count?, place?);
        let ranges = file.ranges()?;
        if ranges.is_empty() { Ok(ResultCode::BG_S_FALSE) } else { give(&ranges, count, place) }
    })
}

/// Asks for ranges of the file before everything else.
///
/// `ranges` points to `range_count` elements. They may overlap with others and with what is here: no byte is
/// fetched twice. The length `BG_LENGTH_TO_EOF` goes to the end of the file. Every byte has its own place in the
/// temporary file, where it can be read as soon as `bg_file_get_filled_file_ranges` or `file_ranges_transferred` tells
/// of it.
///
/// A job with `BITS_JOB_PROPERTY_ON_DEMAND_MODE` fetches nothing else. Once it has all that was requested, it goes to
/// `BG_JOB_STATE_SUSPENDED`, or to `BG_JOB_STATE_TRANSFERRED` when its files are whole; a further request then needs
/// `bg_job_resume`.
///
/// Errors: `BG_E_INVALIDARG` when there is no range or `ranges` is NULL, `BG_E_INVALID_RANGE` for a range without bytes or
/// outside the file (as far as its size is known; otherwise the job goes to `BG_JOB_STATE_ERROR` with that code),
/// `BG_E_RANDOM_ACCESS_NOT_SUPPORTED` for a file that does not come over http or https, is made of ranges, or whose
/// server has no ranges, in an upload, and in a job with an HTTP method of its own, `BG_E_INVALID_STATE` after the job ended.
/// BITS: `IBackgroundCopyFile6::RequestFileRanges`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_file_request_file_ranges(
    file: *mut bg_file,
    range_count: u32,
    ranges: *const bg_file_range,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (file, ranges) = unsafe { (handle::borrow(file), array(ranges, range_count, "ranges")) };
    guard(|| done(file?.request_ranges(&given(ranges)?)))
}

/// Gives what is here of the file, sorted and merged: these bytes can be read from the temporary file.
///
/// `ranges_out` is freed with `bg_memory_free`; 0 and NULL when nothing is here.
///
/// Errors: `BG_E_POINTER` when a place for a result is NULL, `BG_E_RANDOM_ACCESS_NOT_SUPPORTED` as for
/// `bg_file_request_file_ranges`, `BG_E_OUTOFMEMORY`. BITS: `IBackgroundCopyFile6::GetFilledFileRanges`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_file_get_filled_file_ranges(
    file: *mut bg_file,
    range_count_out: *mut u32,
    ranges_out: *mut *mut bg_file_range,
) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let (file, count, place) =
        unsafe { (handle::borrow(file), Out::new(range_count_out), Out::new(ranges_out)) };
    guard(|| {
        let (file, count, place) = (file?, count?, place?);
        give(&file.filled_ranges()?, count, place)
    })
}

/// Lets what is missing of the file come from the byte `offset` on, and what lies before it afterwards. Of a job
/// with `BITS_JOB_PROPERTY_ON_DEMAND_MODE` still only what was requested comes.
///
/// Errors: `BG_E_INVALID_RANGE` for an offset outside the file, `BG_E_RANDOM_ACCESS_NOT_SUPPORTED` as for
/// `bg_file_request_file_ranges`, `BG_E_INVALID_STATE` after the job ended.
/// BITS: `IBackgroundCopyFile6::UpdateDownloadPosition`.
///
/// # Safety
/// As the section "Pointers" of the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_file_update_download_position(file: *mut bg_file, offset: u64) -> bg_result {
    // SAFETY: the caller keeps the rules for pointers.
    let file = unsafe { handle::borrow(file) };
    guard(|| done(file?.update_download_position(offset)))
}
