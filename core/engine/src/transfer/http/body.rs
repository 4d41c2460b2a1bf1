//! Where the body of a response ends (RFC 9112 section 6).

use super::connection::Connection;
use super::failure::Failure;
use super::head::Head;
use super::tcp::Patience;

/// The longest line between chunks, trailers included; nobody needs more than a few bytes.
const MAX_LINE: usize = 16 * 1024;
/// So many trailer lines are skipped.
const MAX_TRAILERS: usize = 128;

/// What is left of a body.
#[derive(Debug)]
pub(super) enum Body {
    /// So many bytes.
    Sized(u64),
    Chunked(Chunk),
    /// Up to the end of the connection.
    Unsized,
    /// Nothing, and the connection has ended too.
    Over,
}

/// Where in a chunked body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chunk {
    /// Before the line with the size of the next chunk.
    Size,
    /// So many bytes of a chunk are left, more than 0.
    Data(u64),
    /// Behind the bytes of a chunk.
    End,
    /// Before a line of the trailers, so many of which have come.
    Trailer(usize),
}

impl Body {
    /// The body that follows `head`, which answers a HEAD request or not.
    pub(super) fn of(head: &Head, to_head: bool) -> Body {
        if to_head || matches!(head.status, 204 | 304) {
            Body::Sized(0)
        } else if head.chunked {
            Body::Chunked(Chunk::Size)
        } else {
            head.length.map_or(Body::Unsized, Body::Sized)
        }
    }

    /// Whether everything was received, and the next answer may follow on the connection.
    pub(super) fn is_complete(&self) -> bool {
        matches!(self, Body::Sized(0))
    }

    /// Receives bytes into `into`, which has room; 0 is the end of the body.
    pub(super) fn read(
        &mut self,
        connection: &mut Connection,
        into: &mut [u8],
        patience: Patience,
    ) -> Result<usize, Failure> {
        loop {
            let chunk = match self {
                Body::Over | Body::Sized(0) => return Ok(0),
                Body::Sized(left) => {
                    let received = take(connection, into, *left, patience)?;
                    *left -= received as u64;
                    return Ok(received);
                }
                Body::Unsized => {
                    let received = take(connection, into, u64::MAX, patience);
                    if matches!(received, Err(Failure::Closed)) {
                        *self = Body::Over;
                        return Ok(0);
                    }
                    return received;
                }
                Body::Chunked(chunk) => chunk,
            };
            *chunk = match *chunk {
                Chunk::Data(left) => {
                    let received = take(connection, into, left, patience)?;
                    let left = left - received as u64;
                    *chunk = if left == 0 { Chunk::End } else { Chunk::Data(left) };
                    return Ok(received);
                }
                Chunk::Size => match line(connection, patience, chunk_size)?? {
                    0 => Chunk::Trailer(0),
                    size => Chunk::Data(size),
                },
                Chunk::End => {
                    if !line(connection, patience, <[u8]>::is_empty)? {
                        return Err(not_http("a chunk is longer than it says"));
                    }
                    Chunk::Size
                }
                Chunk::Trailer(MAX_TRAILERS) => return Err(not_http("it has too many trailers")),
                Chunk::Trailer(number) => {
                    if line(connection, patience, <[u8]>::is_empty)? {
                        *self = Body::Sized(0);
                        return Ok(0);
                    }
                    Chunk::Trailer(number + 1)
                }
            };
        }
    }
}

fn take(
    connection: &mut Connection,
    into: &mut [u8],
    left: u64,
    patience: Patience,
) -> Result<usize, Failure> {
    let most = into.len().min(usize::try_from(left).unwrap_or(usize::MAX));
    match connection.receive(&mut into[..most], patience)? {
        0 => Err(Failure::Closed),
        received => Ok(received),
    }
}

/// Receives a line and gives what `read` makes of it, without its end.
fn line<T>(
    connection: &mut Connection,
    patience: Patience,
    read: impl FnOnce(&[u8]) -> T,
) -> Result<T, Failure> {
    let mut searched = 0;
    let end = loop {
        if let Some(at) = connection.input()[searched..].iter().position(|byte| *byte == b'\n') {
            break searched + at;
        }
        searched = connection.input().len();
        if searched > MAX_LINE {
            return Err(not_http("a line between its chunks does not end"));
        }
        if connection.fill(patience)? == 0 {
            return Err(Failure::Closed);
        }
    };
    let line = &connection.input()[..end];
    let result = read(line.strip_suffix(b"\r").unwrap_or(line));
    connection.consume(end + 1);
    Ok(result)
}

/// The size in a chunk's first line; what follows a semicolon is of no concern to us.
fn chunk_size(line: &[u8]) -> Result<u64, Failure> {
    let digits = line.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    let size = std::str::from_utf8(digits)
        .ok()
        .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .and_then(|digits| u64::from_str_radix(digits, 16).ok());
    size.ok_or_else(|| not_http("the size of a chunk is not a number"))
}

fn not_http(why: &str) -> Failure {
    Failure::NotHttp(why.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_of_a_chunk_is_hexadecimal() {
        for (line, size) in
            [("0", 0), ("1f", 31), ("00A ", 10), ("3;name=\"x\"", 3), ("ffffffffffffffff", u64::MAX)]
        {
            assert_eq!(chunk_size(line.as_bytes()).unwrap(), size, "{line}");
        }
        for line in ["", " ", "x", "-1", "+1", "0x1", "1 1", "10000000000000000", ";3"] {
            assert!(matches!(chunk_size(line.as_bytes()), Err(Failure::NotHttp(_))), "{line}");
        }
    }

    #[test]
    fn some_answers_have_no_body_whatever_they_say() {
        let head = |status, length| Head { status, length, ..Head::default() };
        assert!(Body::of(&head(200, Some(9)), true).is_complete());
        assert!(Body::of(&head(304, Some(9)), false).is_complete());
        assert!(Body::of(&head(204, None), false).is_complete());
        assert!(matches!(Body::of(&head(200, Some(9)), false), Body::Sized(9)));
        assert!(matches!(Body::of(&head(200, None), false), Body::Unsized));
    }
}
