//! Files: whole, in ranges, or only their headers.

use std::collections::VecDeque;
use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::sync::Arc;
use std::time::SystemTime;

use hyper::body::Bytes;
use hyper::header::{
    ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderValue, LAST_MODIFIED,
};
use hyper::{HeaderMap, Response, StatusCode};
use rustix::fs::OFlags;

use crate::byte_range::{Slice, Wanted, wanted};
use crate::precondition::{Outcome, Validators, evaluate};
use crate::response::{self, Payload};
use crate::sender::{Part, Sender};
use crate::tree::Tree;

/// Uploaded files are shown by nobody's browser: they are bytes.
const TYPE: &str = "application/octet-stream";

/// Answers GET, or HEAD, for a file.
pub fn answer(tree: &Tree, names: &[String], headers: &HeaderMap, head: bool) -> Response<Payload> {
    let opened = names.split_last().ok_or(io::ErrorKind::NotFound.into()).and_then(|(name, above)| {
        let flags = OFlags::RDONLY;
        if above.is_empty() {
            tree.open_file(name, flags)
        } else {
            tree.descend(above)?.open_file(name, flags)
        }
    });
    of(opened, headers, head)
}

/// Answers GET, or HEAD, for a file that was opened or not.
pub fn of(opened: io::Result<(File, Metadata)>, headers: &HeaderMap, head: bool) -> Response<Payload> {
    match opened {
        Ok((file, status)) => send(file, &status, headers, head),
        Err(error) => response::empty(match error.kind() {
            io::ErrorKind::PermissionDenied => 403,
            _ if error.raw_os_error() == Some(rustix::io::Errno::MFILE.raw_os_error()) => 503,
            // A link, a directory or nothing: there is no file of that name.
            _ => 404,
        }),
    }
}

fn send(file: File, status: &Metadata, headers: &HeaderMap, head: bool) -> Response<Payload> {
    let size = status.len();
    let modified = status.modified().unwrap_or(SystemTime::UNIX_EPOCH);
    let tag = tag(status);
    let now = SystemTime::now();
    let mut response = Response::new(Payload::empty());
    let told = response.headers_mut();
    told.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    // A time of the future would be no time of a change (RFC 9110 section 8.8.2.1).
    insert(told, LAST_MODIFIED, &httpdate::fmt_http_date(modified.min(now)));
    insert(told, ETAG, &tag);
    let range = match evaluate(headers, &Validators { tag: &tag, modified, now }) {
        Outcome::Failed => return with_status(response, StatusCode::PRECONDITION_FAILED),
        Outcome::NotModified => {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return response;
        }
        Outcome::File(range) => range,
    };
    // A range is one of a GET (RFC 9110 section 14.2).
    let slices = match range.filter(|_| !head).map_or(Wanted::Everything, |range| wanted(range, size)) {
        Wanted::Nothing => {
            insert(response.headers_mut(), CONTENT_RANGE, &format!("bytes */{size}"));
            return with_status(response, StatusCode::RANGE_NOT_SATISFIABLE);
        }
        Wanted::Everything => Vec::new(),
        Wanted::Slices(slices) => slices,
    };
    let mut kind = HeaderValue::from_static(TYPE);
    let parts: VecDeque<Part> = match slices.as_slice() {
        [] => VecDeque::from([Part::File(Slice { start: 0, length: size })]),
        [slice] => {
            insert(response.headers_mut(), CONTENT_RANGE, &content_range(*slice, size));
            VecDeque::from([Part::File(*slice)])
        }
        several => {
            let (boundary, parts) = multipart(several, size);
            let named = HeaderValue::try_from(format!("multipart/byteranges; boundary={boundary}"));
            kind = named.unwrap_or(kind);
            parts
        }
    };
    if !slices.is_empty() {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    let length: u64 = parts.iter().map(Part::length).sum();
    let told = response.headers_mut();
    told.insert(CONTENT_TYPE, kind);
    told.insert(CONTENT_LENGTH, HeaderValue::from(length));
    if !head {
        *response.body_mut() = Payload::File(Sender::new(Arc::new(file), parts, length));
    }
    response
}

/// Changes with every change of the file: a new file has another number, and the time of a change is the kernel's.
fn tag(status: &Metadata) -> String {
    let time = |seconds: i64, nanoseconds: i64| i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds);
    let modified = time(status.mtime(), status.mtime_nsec());
    let changed = time(status.ctime(), status.ctime_nsec());
    format!("\"{:x}-{:x}-{modified:x}-{:x}\"", status.ino(), status.len(), changed - modified)
}

fn multipart(slices: &[Slice], size: u64) -> (String, VecDeque<Part>) {
    // It has to be in none of the parts, which nobody can foresee.
    let mut random = [0; 16];
    let _ = getrandom::fill(&mut random);
    let boundary = format!("{:032x}", u128::from_ne_bytes(random));
    let mut parts = VecDeque::new();
    for (index, slice) in slices.iter().enumerate() {
        let line = if index == 0 { "" } else { "\r\n" };
        let range = content_range(*slice, size);
        parts.push_back(Part::Text(Bytes::from(format!(
            "{line}--{boundary}\r\nContent-Type: {TYPE}\r\nContent-Range: {range}\r\n\r\n"
        ))));
        parts.push_back(Part::File(*slice));
    }
    parts.push_back(Part::Text(Bytes::from(format!("\r\n--{boundary}--\r\n"))));
    (boundary, parts)
}

fn content_range(slice: Slice, size: u64) -> String {
    format!("bytes {}-{}/{size}", slice.start, slice.start + slice.length - 1)
}

fn insert(headers: &mut HeaderMap, name: hyper::header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::try_from(value) {
        headers.insert(name, value);
    }
}

fn with_status(mut response: Response<Payload>, status: StatusCode) -> Response<Payload> {
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    response
}
