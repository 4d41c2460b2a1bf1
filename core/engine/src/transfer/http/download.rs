//! One attempt at one file: which requests are made, and what the answers mean.

use std::cell::Cell;

use bgcopy_protocol::enums::ErrorContext;
use bgcopy_protocol::range::ContentRange;
use bgcopy_protocol::{ResultCode, RetryClass};

use super::exchange::{Ahead, Ask, Deaf, Exchange};
use super::failure::{cancelled, connection_closed, invalid_response};
use super::manner::Way;
use super::pool::Pool;
use super::response::Response;
use super::url::Url;
use super::version::{Evidence, Probes, Proof, Verdict, evidence};
use crate::sys::cancel::CancelToken;
use crate::transfer::{Download, Observer, Sink, TransferError, Version};

/// An attempt under way.
pub(super) struct Fetch<'a> {
    exchange: Exchange<'a>,
    download: &'a Download<'a>,
    sink: &'a mut dyn Sink,
    observer: &'a dyn Observer,
}

/// Sends the first request of `download` on an unused connection, if there is one and if that
/// request is a plain GET.
pub(super) fn send_ahead(
    pool: &Pool,
    way: &Way<'_>,
    cancel: &CancelToken,
    url: &Url,
    download: &Download<'_>,
) -> Option<Ahead> {
    let Download { offset, foreground, method, .. } = download;
    if *offset > 0 || !foreground || method.is_some() {
        return None;
    }
    exchange(pool, way, cancel, url, download, &Deaf).send_ahead(&Ask::default())
}

fn exchange<'a>(
    pool: &'a Pool,
    way: &'a Way<'a>,
    cancel: &'a CancelToken,
    url: &'a Url,
    download: &'a Download<'a>,
    observer: &'a dyn Observer,
) -> Exchange<'a> {
    Exchange {
        pool,
        way,
        cancel,
        url,
        headers: download.headers,
        method: download.method,
        security: download.security,
        observer,
        ahead: Cell::new(None),
    }
}

impl<'a> Fetch<'a> {
    pub(super) fn new(
        pool: &'a Pool,
        way: &'a Way<'a>,
        cancel: &'a CancelToken,
        url: &'a Url,
        download: &'a Download<'a>,
        sink: &'a mut dyn Sink,
        observer: &'a dyn Observer,
    ) -> Fetch<'a> {
        let exchange = exchange(pool, way, cancel, url, download, observer);
        Fetch { exchange, download, sink, observer }
    }

    /// The first request may be this one, sent before.
    pub(super) fn after(self, ahead: Option<Ahead>) -> Fetch<'a> {
        self.exchange.ahead.set(ahead);
        self
    }

    pub(super) fn run(mut self) -> Result<Version, TransferError> {
        let Download { offset, version, foreground, .. } = self.download;
        if self.download.dynamic {
            if *offset > 0 {
                self.void("dynamic content is fetched as a whole")?;
            }
            return self.receive_dynamic();
        }
        if let Some(method) = self.download.method {
            // Nothing says that two such requests give the same bytes: parts are never joined.
            return match offset {
                0 => self.begin(Version::default()),
                _ => self.restart(&format!("{method} gives the file as a whole")),
            };
        }
        if *offset == 0 {
            let unknown = *version == Version::default();
            let hint = if unknown && !foreground { self.look()? } else { version.clone() };
            return self.begin(hint);
        }
        match version.size {
            Some(size) if size == *offset => Ok(version.clone()),
            Some(size) if size < *offset => self.restart("there are more bytes here than it has"),
            _ => self.resume(),
        }
    }

    /// Fetches the file from its first byte. `hint` is what is known of it from earlier: its size
    /// helps with a response that does not tell one.
    fn begin(&mut self, hint: Version) -> Result<Version, TransferError> {
        let background = !self.download.foreground && self.download.method.is_none();
        // A range request from the start proves that the download can be continued later.
        let from = if background { Some(0) } else { None };
        let response = self.exchange.run(&Ask { from, ..Ask::default() })?;
        match response.head.status {
            200 => {
                let size = self.size_of_whole(&response, &hint)?;
                if background && size > 0 {
                    return Err(no_ranges(&response));
                }
                self.receive(response, size, 0, None)
            }
            206 if background => {
                let (end, total) = part(&response, 0)?;
                // A total left open can be the end of a part only; a size heard before settles it.
                let heard = hint.size.filter(|size| *size == end);
                let Some(size) = total.or(heard) else { return Err(missing_size(&response)) };
                self.receive(response, size, 0, None)
            }
            206 => Err(invalid_response(&response.url, "a part, where the whole file was asked for")),
            416 if background => match content_range(&response) {
                Some(ContentRange::Unsatisfied { total: 0 }) => self.receive_nothing(&response, hint),
                None if hint.size == Some(0) => self.receive_nothing(&response, hint),
                _ => Err(invalid_range(&response)),
            },
            _ => Err(refused(response)),
        }
    }

    /// Fetches what the server makes while it sends it: the end of the body is the end of the file.
    fn receive_dynamic(&mut self) -> Result<Version, TransferError> {
        let mut response = self.exchange.run(&Ask::default())?;
        match response.head.status {
            200 => {}
            206 => {
                return Err(invalid_response(&response.url, "a part, where the whole file was asked for"));
            }
            _ => return Err(refused(response)),
        }
        // A length that is announced is checked by the body, and counts for nothing else.
        let version = response.head.version(None);
        self.accept(&response, &version)?;
        self.observer.body(response.head.length.unwrap_or(u64::MAX));
        let mut size = 0;
        loop {
            let received = self.receive_portion(&mut response, u64::MAX)?;
            if received == 0 {
                return Ok(Version { size: Some(size), ..version });
            }
            self.sink.commit(received)?;
            size += received as u64;
        }
    }

    /// Asks for the size before anything is fetched.
    fn look(&self) -> Result<Version, TransferError> {
        let response = self.exchange.run(&Ask { head: true, ..Ask::default() })?;
        match response.head.status {
            200 => match response.head.length {
                Some(size) => Ok(response.head.version(Some(size))),
                None => Err(missing_size(&response)),
            },
            // Many servers and signed URLs know GET only; a file that is really missing or
            // forbidden shows again there.
            status if ResultCode::from_http_status(status).retry_class() == RetryClass::Fatal => {
                response.drain();
                Ok(Version::default())
            }
            _ => Err(refused(response)),
        }
    }

    /// Continues at the offset, once it is proven that the rest belongs to what is here.
    fn resume(&mut self) -> Result<Version, TransferError> {
        let offset = self.download.offset;
        let mut known = self.download.version.clone();
        let mut probes = Probes::default();
        let (mut if_range, mut fresh) = (true, false);
        loop {
            let proof = Proof::strongest(&known, if_range);
            let from = offset - proof.overlap(offset);
            let conditional = proof.if_range().map(str::to_owned);
            let ask = Ask { from: Some(from), if_range: conditional, fresh, ..Ask::default() };
            let mut response = self.exchange.run(&ask)?;
            fresh = false;
            let size = match response.head.status {
                200 => response.head.length,
                206 => match (part(&response, from)?, known.size) {
                    ((_, Some(total)), _) => Some(total),
                    ((end, None), Some(_)) => Some(end),
                    ((_, None), None) => return Err(missing_size(&response)),
                },
                416 => return self.beyond_the_end(&response, &known),
                _ => return Err(refused(response)),
            };
            match evidence(&known, &response.head, size) {
                Evidence::Changed(why) => return self.replace(response, &ask, why),
                Evidence::OtherTag => {
                    let tag = response.head.etag.take().unwrap_or_default();
                    match probes.judge(&tag) {
                        Verdict::AskAgain => fresh = true,
                        Verdict::Unusable => known.etag = None,
                        Verdict::Changed => {
                            response.head.etag = Some(tag);
                            return self.replace(response, &ask, "its ETag is another one");
                        }
                    }
                    continue;
                }
                Evidence::Same | Evidence::Compatible => {}
            }
            if response.head.status == 200 {
                if ask.if_range.is_none() {
                    return self.cannot_continue(&response);
                }
                // The same file, and yet all of it: If-Range is not understood here.
                if_range = false;
                continue;
            }
            if matches!(proof, Proof::Tag(_)) && response.head.etag.is_none() {
                // Nothing shows that If-Range was looked at.
                if_range = false;
                continue;
            }
            let Some(size) = size.or(known.size) else { return Err(missing_size(&response)) };
            if !self.overlap_is_equal(&mut response, from)? {
                return self.replace(response, &ask, "its content is another one");
            }
            return self.receive(response, size, offset, Some(known));
        }
    }

    /// Compares what is here from `from` on with the beginning of the body.
    fn overlap_is_equal(&mut self, response: &mut Response, from: u64) -> Result<bool, TransferError> {
        let length = usize::try_from(self.download.offset - from).unwrap_or(usize::MAX);
        let (mut here, mut there) = (vec![0; length], vec![0; length]);
        let mut filled = 0;
        while filled < length {
            let received = self.read(response, &mut there[filled..], (length - filled) as u64)?;
            if received == 0 {
                return Err(connection_closed(&response.url));
            }
            filled += received;
        }
        if length > 0 {
            self.sink.read_back(from, &mut here)?;
        }
        Ok(here == there)
    }

    /// The server has no bytes at the offset.
    fn beyond_the_end(&mut self, response: &Response, known: &Version) -> Result<Version, TransferError> {
        match (content_range(response), known.size) {
            (Some(ContentRange::Unsatisfied { total }), Some(size)) if total == size => {
                Err(invalid_range(response))
            }
            (Some(ContentRange::Unsatisfied { total }), None) if total == self.download.offset => {
                Ok(Version { size: Some(total), ..known.clone() })
            }
            _ => self.restart("it has become shorter"),
        }
    }

    /// Begins again with the new version, with the response at hand where it holds all of it.
    fn replace(&mut self, response: Response, ask: &Ask, why: &str) -> Result<Version, TransferError> {
        // A 200 to a plain range request only shows that there are no ranges.
        let usable = ask.if_range.is_some() || self.download.foreground;
        match response.head.length {
            Some(size) if response.head.status == 200 && usable => {
                self.void(why)?;
                self.receive(response, size, 0, None)
            }
            _ => {
                drop(response);
                self.restart(why)
            }
        }
    }

    fn restart(&mut self, why: &str) -> Result<Version, TransferError> {
        self.void(why)?;
        self.begin(Version::default())
    }

    fn void(&mut self, why: &str) -> Result<(), TransferError> {
        log::info!("{} is fetched again from the beginning: {why}", self.exchange.url);
        self.sink.restart(why)
    }

    fn cannot_continue(&mut self, response: &Response) -> Result<Version, TransferError> {
        if self.download.foreground {
            // A foreground download may use such a server, from the beginning.
            self.void("the server does not support ranges")?;
        }
        Err(no_ranges(response))
    }

    /// Takes the body, which begins at `offset` of the file, into the sink.
    ///
    /// `known` is the version being continued; validators found to be useless are not in it.
    fn receive(
        &mut self,
        mut response: Response,
        size: u64,
        offset: u64,
        known: Option<Version>,
    ) -> Result<Version, TransferError> {
        let version = match known {
            Some(known) => Version { size: Some(size), ..known },
            None => response.head.version(Some(size)),
        };
        self.accept(&response, &version)?;
        let mut left = size - offset;
        self.observer.body(left);
        while left > 0 {
            let received = self.receive_portion(&mut response, left)?;
            if received == 0 {
                return Err(self.ended_early(&response));
            }
            self.sink.commit(received)?;
            left -= received as u64;
        }
        if response.head.chunked && response.head.status == 200 && response.has_more()? {
            return Err(self.wrong_size(&response)?);
        }
        response.finish();
        Ok(version)
    }

    fn receive_portion(&mut self, response: &mut Response, left: u64) -> Result<usize, TransferError> {
        let Fetch { exchange, sink, observer, .. } = self;
        read_allowed(exchange, *observer, response, sink.buffer(), left)
    }

    fn read(&self, response: &mut Response, into: &mut [u8], left: u64) -> Result<usize, TransferError> {
        read_allowed(&self.exchange, self.observer, response, into, left)
    }

    /// The file is empty. The answer that says so carries no validators, an earlier one may have.
    fn receive_nothing(&mut self, response: &Response, hint: Version) -> Result<Version, TransferError> {
        let version = if hint.size == Some(0) { hint } else { response.head.version(Some(0)) };
        self.accept(response, &version)?;
        Ok(version)
    }

    fn accept(&mut self, response: &Response, version: &Version) -> Result<(), TransferError> {
        self.exchange.accepted(response);
        self.sink.begin(version)
    }

    /// A body that ended properly, but not where the size says.
    fn ended_early(&mut self, response: &Response) -> TransferError {
        if response.head.chunked && response.head.status == 200 {
            return self.wrong_size(response).unwrap_or_else(|error| error);
        }
        connection_closed(&response.url)
    }

    /// The size was known from an earlier response only, and this body has another one.
    fn wrong_size(&mut self, response: &Response) -> Result<TransferError, TransferError> {
        let why = "its size is not the one announced before";
        self.void(why)?;
        Ok(invalid_response(&response.url, why))
    }

    /// The size of the file that a whole response carries.
    fn size_of_whole(&self, response: &Response, hint: &Version) -> Result<u64, TransferError> {
        let same_version =
            || matches!(evidence(hint, &response.head, None), Evidence::Same | Evidence::Compatible);
        match (response.head.length, hint.size) {
            (Some(size), _) => Ok(size),
            (None, Some(size)) if same_version() => Ok(size),
            _ => Err(missing_size(response)),
        }
    }
}

/// Checks that a partial response carries the file from `from` on, and returns where it ends and
/// the size of the file, if the server tells it.
fn part(response: &Response, from: u64) -> Result<(u64, Option<u64>), TransferError> {
    let invalid = |what: &str| Err(invalid_response(&response.url, what));
    if response.head.multipart {
        return invalid("several ranges, where one was asked for");
    }
    let Some(text) = &response.head.content_range else {
        return invalid("a part of the file without Content-Range");
    };
    let (start, end, total) = match text.parse() {
        Err(why) => return invalid(&format!("Content-Range {text:?}: {why}")),
        Ok(ContentRange::Unsatisfied { .. }) => {
            return invalid(&format!("a part with Content-Range {text:?}"));
        }
        Ok(ContentRange::Bytes { start, end_inclusive, total }) => {
            (start, end_inclusive.saturating_add(1), total)
        }
    };
    if start != from || total.is_some_and(|total| total != end) {
        return invalid(&format!("Content-Range {text:?}, where the bytes from {from} on were asked for"));
    }
    if response.head.length.is_some_and(|length| length != end - start) {
        return invalid("Content-Length and Content-Range contradict each other");
    }
    Ok((end, total))
}

/// Receives as much of what is left as the observer allows.
fn read_allowed(
    exchange: &Exchange,
    observer: &dyn Observer,
    response: &mut Response,
    into: &mut [u8],
    left: u64,
) -> Result<usize, TransferError> {
    let want = into.len().min(usize::try_from(left).unwrap_or(usize::MAX));
    let allowed = observer.allow(want, exchange.cancel).min(want);
    if allowed == 0 || exchange.cancel.is_cancelled() {
        return Err(cancelled(&response.url));
    }
    let received = response.read(&mut into[..allowed])?;
    observer.unused(allowed - received);
    Ok(received)
}

pub(super) fn content_range(response: &Response) -> Option<ContentRange> {
    response.head.content_range.as_deref()?.parse().ok()
}

pub(super) fn of_file(code: ResultCode, response: &Response, text: String) -> TransferError {
    let error = TransferError::new(code, ErrorContext::RemoteFile, text);
    TransferError { http_status: Some(response.head.status), ..error }
}

fn missing_size(response: &Response) -> TransferError {
    let text = format!("the server does not tell the size of {} (no Content-Length)", response.url);
    of_file(ResultCode::BG_E_MISSING_FILE_SIZE, response, text).fatal()
}

pub(super) fn no_ranges(response: &Response) -> TransferError {
    let text = format!(
        "the server does not support byte ranges for {}: only FOREGROUND downloads from the beginning are possible",
        response.url
    );
    of_file(ResultCode::BG_E_INSUFFICIENT_RANGE_SUPPORT, response, text).fatal()
}

fn invalid_range(response: &Response) -> TransferError {
    let text = format!("the server refuses a range that lies within {}", response.url);
    of_file(ResultCode::BG_E_INVALID_RANGE, response, text).fatal()
}

/// The server answered with an error.
pub(super) fn refused(response: Response) -> TransferError {
    let status = response.head.status;
    let mut text = format!("the server answered {status} for {}", response.url);
    if let Some(why) = &response.refusal {
        text = format!("{text}: {why}");
    }
    let error = of_file(ResultCode::from_http_status(status), &response, text);
    let retry_after = response.head.retry_after.filter(|_| matches!(status, 429 | 503));
    response.drain();
    TransferError { retry_after, ..error }
}
