//! The body of a 206 response as a row of parts: one, or several as multipart/byteranges (RFC 9110 section 14.6).

use bgcopy_protocol::range::ContentRange;

use super::failure::connection_closed;
use super::response::Response;
use crate::transfer::TransferError;

/// Headers of a part, and what precedes the first one, are no longer than this.
const LONGEST_HEAD: usize = 8 * 1024;
/// How much is received at once while headers are looked for.
const STEP: usize = 512;

/// What comes next in a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// A part with these bytes of the file; they follow.
    Part(ContentRange),
    /// No further part.
    End,
    /// No correct server sends this; the text says what it is.
    Nonsense(String),
}

/// The body of a 206 response.
pub(super) struct Parts<'a> {
    response: Response<'a>,
    /// `None` for a body that is one part.
    boundary: Option<String>,
    /// Received and not consumed.
    ahead: Vec<u8>,
    consumed: usize,
    begun: bool,
}

impl<'a> Parts<'a> {
    pub(super) fn new(response: Response<'a>) -> Parts<'a> {
        let boundary = response.head.boundary.clone();
        Parts { response, boundary, ahead: Vec::new(), consumed: 0, begun: false }
    }

    pub(super) fn response(&self) -> &Response<'a> {
        &self.response
    }

    pub(super) fn into_response(self) -> Response<'a> {
        self.response
    }

    /// Goes on to the next part; the one before was read to its end.
    pub(super) fn next(&mut self) -> Result<Next, TransferError> {
        let first = !std::mem::replace(&mut self.begun, true);
        if self.boundary.is_some() {
            return self.next_of_many(first);
        }
        if !first {
            return Ok(Next::End);
        }
        Ok(match &self.response.head.content_range {
            None if self.response.head.multipart => Next::Nonsense("several parts without a boundary".into()),
            None => Next::Nonsense("a part of the file without Content-Range".into()),
            Some(text) => part(text),
        })
    }

    fn next_of_many(&mut self, first: bool) -> Result<Next, TransferError> {
        let boundary = format!("--{}", self.boundary.as_deref().unwrap_or_default());
        let mut seen = 0;
        // Before the first boundary anything may stand, before the others an empty line.
        let last = loop {
            let Some(line) = self.line(&mut seen)? else { return Ok(too_long()) };
            match line.strip_prefix(&boundary).map(str::trim) {
                Some("") => break false,
                Some("--") => break true,
                _ if first || line.is_empty() => {}
                _ => return Ok(Next::Nonsense("a part that is longer than it says".into())),
            }
        };
        if last {
            return Ok(Next::End);
        }
        let mut range = None;
        loop {
            let Some(line) = self.line(&mut seen)? else { return Ok(too_long()) };
            if line.is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.trim().eq_ignore_ascii_case("content-range")
            {
                range = Some(value.trim().to_owned());
            }
        }
        Ok(range.map_or_else(|| Next::Nonsense("a part without Content-Range".into()), |text| part(&text)))
    }

    /// A line without its end; `None` when there is more before it ends than there should be.
    fn line(&mut self, seen: &mut usize) -> Result<Option<String>, TransferError> {
        let mut searched = 0;
        loop {
            let ahead = &self.ahead[self.consumed..];
            if let Some(end) = ahead[searched..].iter().position(|byte| *byte == b'\n') {
                let line = &ahead[..searched + end];
                let text = String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line)).into_owned();
                self.consumed += searched + end + 1;
                *seen += searched + end + 1;
                return Ok(Some(text).filter(|_| *seen <= LONGEST_HEAD));
            }
            searched = ahead.len();
            if *seen + searched > LONGEST_HEAD {
                return Ok(None);
            }
            self.ahead.drain(..self.consumed);
            self.consumed = 0;
            let mut step = [0; STEP];
            let received = self.response.read(&mut step)?;
            if received == 0 {
                return Err(connection_closed(&self.response.url));
            }
            self.ahead.extend_from_slice(&step[..received]);
        }
    }

    /// Receives bytes of the present part, of which as many are still to come.
    pub(super) fn read(&mut self, into: &mut [u8]) -> Result<usize, TransferError> {
        let ahead = &self.ahead[self.consumed..];
        if ahead.is_empty() {
            return self.response.read(into);
        }
        let len = ahead.len().min(into.len());
        into[..len].copy_from_slice(&ahead[..len]);
        self.consumed += len;
        Ok(len)
    }

    /// Reads what follows the last part, so that the connection can be used again.
    pub(super) fn finish(mut self) {
        if self.boundary.is_some() {
            let mut rest = 0;
            let mut step = [0; STEP];
            while rest < LONGEST_HEAD {
                match self.response.read(&mut step) {
                    Ok(0) | Err(_) => break,
                    Ok(received) => rest += received,
                }
            }
        }
        self.response.finish();
    }
}

fn part(text: &str) -> Next {
    match text.parse() {
        Ok(range @ ContentRange::Bytes { .. }) => Next::Part(range),
        Ok(ContentRange::Unsatisfied { .. }) => Next::Nonsense(format!("a part with Content-Range {text:?}")),
        Err(why) => Next::Nonsense(format!("Content-Range {text:?}: {why}")),
    }
}

fn too_long() -> Next {
    Next::Nonsense(format!("a part with more than {LONGEST_HEAD} bytes of headers"))
}

/// The boundary of a Content-Type of several parts (RFC 2046 section 5.1.1).
pub(super) fn boundary(content_type: &str) -> Option<String> {
    let mut parameters = content_type.split(';').skip(1);
    let value = parameters.find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("boundary").then(|| value.trim())
    })?;
    let value = value.strip_prefix('"').and_then(|quoted| quoted.strip_suffix('"')).unwrap_or(value);
    Some(value.to_owned()).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::boundary;

    #[test]
    fn a_boundary_may_be_quoted() {
        for text in ["multipart/byteranges; boundary=a-b", "multipart/byteranges;x=y; Boundary=\"a-b\""] {
            assert_eq!(boundary(text).as_deref(), Some("a-b"), "{text}");
        }
        for text in
            ["multipart/byteranges", "multipart/byteranges; boundary=", "multipart/byteranges; boundary=\"\""]
        {
            assert_eq!(boundary(text), None, "{text}");
        }
    }
}
