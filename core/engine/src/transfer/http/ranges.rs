//! One attempt at a file that is fetched in parts: several ranges in one request, or one after the other where
//! the server cannot do that.

use std::collections::VecDeque;

use bgcopy_protocol::ResultCode;
use bgcopy_protocol::file_range::{Piece, Plan};
use bgcopy_protocol::limits::LENGTH_TO_EOF;
use bgcopy_protocol::range::{ByteRange, ByteRanges, ContentRange};

use super::download::{content_range, no_ranges, of_file, refused};
use super::exchange::{Ask, Exchange};
use super::failure::{cancelled, connection_closed, invalid_response};
use super::multipart::{Next, Parts};
use super::response::Response;
use super::version::{Evidence, OVERLAP, Probes, Proof, Verdict, evidence};
use crate::transfer::parts::PartSink;
use crate::transfer::{Observer, TransferError, Version};

/// Ranges of one request. Apache answers more than 20 that go back and forth with the whole file.
const MOST_RANGES: usize = 20;
/// A file that changes more often than this during one attempt is left alone for a while.
const MOST_RESTARTS: u32 = 3;

/// An attempt under way.
pub(super) struct FetchParts<'a> {
    pub exchange: Exchange<'a>,
    pub sink: &'a mut dyn PartSink,
    pub observer: &'a dyn Observer,
    /// The version of what is here.
    pub known: Version,
}

/// A stretch of the remote file that is one range of a request.
struct Span {
    start: u64,
    /// The byte behind the last; `u64::MAX` to the end of the file.
    end: u64,
    /// What lies in it, in order.
    pieces: Vec<Wanted>,
}

/// A piece, and whether it is here and only to be compared.
#[derive(Clone, Copy)]
struct Wanted {
    piece: Piece,
    compare: bool,
}

/// What a response has led to.
enum Step {
    /// Ask for what is left.
    On,
    /// The server does not send several ranges as it should.
    Single,
    /// The server does not understand If-Range.
    Unconditional,
    /// Another ETag: ask somebody else.
    Again,
    /// The remote file is another one.
    Changed(&'static str),
}

/// What is known of the server, and what is left to do.
struct Course {
    todo: VecDeque<Piece>,
    /// What is here, until it is shown that it belongs to the remote file.
    here: Option<Piece>,
    single: bool,
    if_range: bool,
    fresh: bool,
    probes: Probes,
}

impl Course {
    fn new(plan: Plan) -> Course {
        Course {
            todo: plan.pieces.into(),
            here: plan.here,
            single: false,
            if_range: true,
            fresh: false,
            probes: Probes::default(),
        }
    }
}

impl FetchParts<'_> {
    pub(super) fn run(mut self) -> Result<Version, TransferError> {
        let mut course = Course::new(self.sink.plan(self.known.size)?);
        let mut restarts = 0;
        loop {
            if course.todo.is_empty() {
                // What was not known before, such as the size, may have shown more to do.
                course.todo = self.sink.plan(self.known.size)?.pieces.into();
                if course.todo.is_empty() {
                    return Ok(self.known);
                }
            }
            match self.ask(&mut course)? {
                Step::On => {}
                Step::Single => course.single = true,
                Step::Unconditional => course.if_range = false,
                Step::Again => course.fresh = true,
                Step::Changed(why) => {
                    restarts += 1;
                    log::info!("{} is fetched again from the beginning: {why}", self.exchange.url);
                    self.sink.restart(why)?;
                    if restarts > MOST_RESTARTS {
                        return Err(connection_closed(self.exchange.url));
                    }
                    self.known = Version::default();
                    let single = course.single;
                    course = Course { single, ..Course::new(self.sink.plan(None)?) };
                }
            }
        }
    }

    /// Makes one request and takes what it brings.
    fn ask(&mut self, course: &mut Course) -> Result<Step, TransferError> {
        let proof = Proof::strongest(&self.known, course.if_range);
        let overlap = course.here.filter(|_| !matches!(proof, Proof::Tag(_))).map(last_bytes);
        let spans = spans(overlap, &course.todo, if course.single { 1 } else { MOST_RANGES });
        let ranges: Vec<ByteRange> = spans.iter().map(Span::range).collect();
        let ask = Ask {
            ranges: Some(ByteRanges(&ranges).to_string()),
            if_range: proof.if_range().map(str::to_owned),
            fresh: std::mem::take(&mut course.fresh),
            ..Ask::default()
        };
        let response = self.exchange.run(&ask)?;
        let (status, length) = (response.head.status, response.head.length);
        let unsatisfied = content_range(&response);
        let mut parts = Parts::new(response);
        let mut first = None;
        let size = match status {
            200 => length,
            206 => match parts.next()? {
                Next::Part(ContentRange::Bytes { start, end_inclusive, total }) => {
                    first = Some((start, end_inclusive.saturating_add(1)));
                    let to_eof = spans.len() == 1 && spans[0].end == u64::MAX;
                    total.or(to_eof.then(|| end_inclusive.saturating_add(1))).or(self.known.size)
                }
                Next::Nonsense(what) => return refuse(&parts, &spans, &what),
                Next::Part(_) | Next::End => return refuse(&parts, &spans, "no part of the file"),
            },
            416 => match unsatisfied {
                Some(ContentRange::Unsatisfied { total }) => Some(total),
                _ => None,
            },
            _ => return Err(refused(parts.into_response())),
        };
        match evidence(&self.known, &parts.response().head, size) {
            Evidence::Changed(why) => return Ok(Step::Changed(why)),
            Evidence::OtherTag => {
                let tag = parts.response().head.etag.clone().unwrap_or_default();
                return Ok(match course.probes.judge(&tag) {
                    Verdict::AskAgain => Step::Again,
                    Verdict::Changed => Step::Changed("its ETag is another one"),
                    Verdict::Unusable => {
                        self.known.etag = None;
                        Step::On
                    }
                });
            }
            Evidence::Same | Evidence::Compatible => {}
        }
        let untagged = matches!(proof, Proof::Tag(_)) && parts.response().head.etag.is_none();
        match status {
            416 => self.plan_anew(course, parts.response(), size),
            // The same file, and yet all of it.
            200 if spans.len() > 1 => Ok(Step::Single),
            200 if ask.if_range.is_some() => Ok(Step::Unconditional),
            200 => Err(no_ranges(parts.response())),
            // Nothing shows that If-Range was looked at.
            _ if untagged => Ok(Step::Unconditional),
            _ => self.receive(course, spans, parts, first.unwrap_or_default(), size),
        }
    }

    /// Something is asked for that the file does not have. Where its size was not known before, that may have
    /// been a guess.
    fn plan_anew(
        &mut self,
        course: &mut Course,
        response: &Response,
        size: Option<u64>,
    ) -> Result<Step, TransferError> {
        if size.is_none() || self.known.size.is_some() {
            return Err(outside(response, size));
        }
        self.known.size = size;
        course.todo = self.sink.plan(size)?.pieces.into();
        Ok(Step::On)
    }

    /// Takes the parts of a response that belongs to the right version.
    fn receive(
        &mut self,
        course: &mut Course,
        mut spans: Vec<Span>,
        mut parts: Parts,
        first: (u64, u64),
        size: Option<u64>,
    ) -> Result<Step, TransferError> {
        if let Some(size) = size {
            spans.iter_mut().for_each(|span| span.resolve(size));
            if spans.iter().any(|span| span.start >= span.end || span.end > size) {
                return self.plan_anew(course, parts.response(), Some(size));
            }
        }
        if first != (spans[0].start, spans[0].end) {
            let what = format!("bytes {} to {}, which were not asked for", first.0, first.1 - 1);
            return refuse(&parts, &spans, &what);
        }
        if self.known == Version::default() {
            self.known = parts.response().head.version(size);
        }
        self.known.size = size.or(self.known.size);
        self.exchange.accepted(parts.response());
        self.sink.begin(&self.known)?;
        let last = spans.len() - 1;
        for (index, span) in spans.iter().enumerate() {
            for wanted in &span.pieces {
                if wanted.compare {
                    if !self.is_equal(&mut parts, wanted.piece)? {
                        return Ok(Step::Changed("its content is another one"));
                    }
                    course.here = None;
                } else {
                    self.take(&mut parts, wanted.piece)?;
                    course.todo.pop_front();
                }
            }
            if index == last {
                break;
            }
            let next = parts.next()?;
            let is_next = |range| {
                matches!(range, ContentRange::Bytes { start, end_inclusive, total }
                if start == spans[index + 1].start
                    && end_inclusive.saturating_add(1) == spans[index + 1].end
                    && (total.is_none() || total == size))
            };
            if !matches!(next, Next::Part(range) if is_next(range)) {
                log::info!("{} does not answer several ranges well: one at a time", parts.response().url);
                return Ok(Step::Single);
            }
        }
        // A strong tag, or nothing there before, is proof as well.
        course.here = None;
        parts.finish();
        Ok(Step::On)
    }

    /// Receives a piece to its place.
    fn take(&mut self, parts: &mut Parts, piece: Piece) -> Result<(), TransferError> {
        self.sink.seek(piece.local)?;
        let mut left = piece.length;
        while left > 0 {
            let received = receive(&self.exchange, self.observer, parts, self.sink.buffer(), left)?;
            self.sink.commit(received)?;
            left -= received as u64;
        }
        Ok(())
    }

    /// Receives a piece that is here already, and compares.
    fn is_equal(&mut self, parts: &mut Parts, piece: Piece) -> Result<bool, TransferError> {
        let length = usize::try_from(piece.length).unwrap_or(usize::MAX);
        let (mut here, mut there) = (vec![0; length], vec![0; length]);
        let mut filled = 0;
        while filled < length {
            let into = &mut there[filled..];
            filled += receive(&self.exchange, self.observer, parts, into, (length - filled) as u64)?;
        }
        self.sink.read_back(piece.local, &mut here)?;
        Ok(here == there)
    }
}

/// Receives as much of what is left as the observer allows, at least one byte.
fn receive(
    exchange: &Exchange,
    observer: &dyn Observer,
    parts: &mut Parts,
    into: &mut [u8],
    left: u64,
) -> Result<usize, TransferError> {
    let want = into.len().min(usize::try_from(left).unwrap_or(usize::MAX));
    let allowed = observer.allow(want, exchange.cancel).min(want);
    if allowed == 0 || exchange.cancel.is_cancelled() {
        return Err(cancelled(&parts.response().url));
    }
    let received = parts.read(&mut into[..allowed])?;
    observer.unused(allowed - received);
    if received == 0 {
        return Err(connection_closed(&parts.response().url));
    }
    Ok(received)
}

impl Span {
    fn range(&self) -> ByteRange {
        ByteRange { start: self.start, end_inclusive: (self.end != u64::MAX).then(|| self.end - 1) }
    }

    /// The end of the file is known now.
    fn resolve(&mut self, size: u64) {
        if self.end == u64::MAX {
            self.end = size;
        }
        if let Some(Wanted { piece, .. }) = self.pieces.last_mut()
            && piece.length == LENGTH_TO_EOF
        {
            piece.length = size.saturating_sub(piece.remote);
        }
    }
}

/// The first pieces as at most so many ranges: what touches is one range.
fn spans(overlap: Option<Piece>, todo: &VecDeque<Piece>, most: usize) -> Vec<Span> {
    let overlap = overlap.map(|piece| Wanted { piece, compare: true });
    let todo = todo.iter().map(|piece| Wanted { piece: *piece, compare: false });
    let mut spans: Vec<Span> = Vec::new();
    for wanted in overlap.into_iter().chain(todo) {
        let (start, end) = (wanted.piece.remote, wanted.piece.remote.saturating_add(wanted.piece.length));
        let full = spans.len() == most;
        match spans.last_mut() {
            Some(span) if span.end == start => {
                span.end = end;
                span.pieces.push(wanted);
            }
            _ if full => break,
            _ => spans.push(Span { start, end, pieces: vec![wanted] }),
        }
    }
    spans
}

/// The end of a piece, as much as is compared.
fn last_bytes(piece: Piece) -> Piece {
    let length = piece.length.min(OVERLAP);
    let skipped = piece.length - length;
    Piece { remote: piece.remote + skipped, local: piece.local + skipped, length }
}

/// The answer is not what was asked for: with several ranges that only means to ask for one at a time.
fn refuse(parts: &Parts, spans: &[Span], what: &str) -> Result<Step, TransferError> {
    if spans.len() > 1 {
        log::info!("{} does not answer several ranges well ({what}): one at a time", parts.response().url);
        return Ok(Step::Single);
    }
    Err(invalid_response(&parts.response().url, what))
}

/// A range is wanted that the file does not have.
fn outside(response: &Response, size: Option<u64>) -> TransferError {
    let size = size.map_or_else(String::new, |size| format!(", which has {size} bytes"));
    let text = format!("a range lies outside {}{size}", response.url);
    of_file(ResultCode::BG_E_INVALID_RANGE, response, text).fatal()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(remote: u64, length: u64) -> Piece {
        Piece { remote, local: remote, length }
    }

    fn asked(overlap: Option<Piece>, todo: &[Piece], most: usize) -> String {
        let ranges: Vec<_> =
            spans(overlap, &todo.iter().copied().collect(), most).iter().map(Span::range).collect();
        ByteRanges(&ranges).to_string()
    }

    #[test]
    fn pieces_that_touch_are_one_range_of_the_request() {
        let todo = [piece(100, 50), piece(150, 50), piece(0, 10), piece(300, LENGTH_TO_EOF)];
        assert_eq!(asked(None, &todo, 20), "bytes=100-199,0-9,300-");
        assert_eq!(asked(None, &todo, 1), "bytes=100-199");
        assert_eq!(asked(Some(piece(90, 10)), &todo, 2), "bytes=90-199,0-9");
        assert_eq!(asked(Some(piece(0, 10)), &todo, 1), "bytes=0-9");
    }

    #[test]
    fn of_what_is_here_the_last_bytes_are_compared() {
        assert_eq!(last_bytes(piece(5, 10)), piece(5, 10));
        assert_eq!(last_bytes(piece(5, OVERLAP + 10)), piece(15, OVERLAP));
    }
}
