//! Byte ranges (RFC 9110 section 14).

use std::fmt;
use std::str::FromStr;

/// The value of a `Content-Range` header, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentRange {
    /// `bytes 0-99/1234`: the message carries these bytes.
    Bytes {
        /// First byte, counted from 0.
        start: u64,
        /// Last byte: not below `start`.
        end_inclusive: u64,
        /// Size of the whole file, greater than `end_inclusive`; `None` for `*`.
        total: Option<u64>,
    },
    /// `bytes */1234`: no such bytes, in an answer with status 416.
    Unsatisfied {
        /// Size of the whole file.
        total: u64,
    },
}

/// Why the value of a `Content-Range` header cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidContentRange {
    /// It does not follow the grammar.
    Syntax,
    /// Its unit is not bytes.
    Unit,
    /// A number does not fit 64 bits.
    Overflow,
    /// It ends before it starts.
    Reversed,
    /// It ends outside the file it tells the size of.
    OutsideFile,
}

impl FromStr for ContentRange {
    type Err = InvalidContentRange;

    /// Reads the header value; white space around it is not part of the value.
    ///
    /// As the grammar has it, the unit may be in either case, one space follows it and there is no
    /// other white space; numbers have digits only.
    fn from_str(value: &str) -> Result<ContentRange, InvalidContentRange> {
        let value = value.trim_matches([' ', '\t']);
        let (unit, rest) = value.split_once(' ').ok_or(InvalidContentRange::Syntax)?;
        if !unit.eq_ignore_ascii_case("bytes") {
            return Err(InvalidContentRange::Unit);
        }
        let (range, total) = rest.split_once('/').ok_or(InvalidContentRange::Syntax)?;
        if range == "*" {
            return Ok(ContentRange::Unsatisfied { total: number(total)? });
        }
        let (start, end) = range.split_once('-').ok_or(InvalidContentRange::Syntax)?;
        let (start, end_inclusive) = (number(start)?, number(end)?);
        let total = if total == "*" { None } else { Some(number(total)?) };
        if start > end_inclusive {
            return Err(InvalidContentRange::Reversed);
        }
        if total.is_some_and(|total| end_inclusive >= total) {
            return Err(InvalidContentRange::OutsideFile);
        }
        Ok(ContentRange::Bytes { start, end_inclusive, total })
    }
}

/// One or more digits: `u64::from_str` would take a sign too.
fn number(digits: &str) -> Result<u64, InvalidContentRange> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(InvalidContentRange::Syntax);
    }
    digits.parse().map_err(|_| InvalidContentRange::Overflow)
}

/// The header value.
impl fmt::Display for ContentRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ContentRange::Bytes { start, end_inclusive, total: Some(total) } => {
                write!(f, "bytes {start}-{end_inclusive}/{total}")
            }
            ContentRange::Bytes { start, end_inclusive, total: None } => {
                write!(f, "bytes {start}-{end_inclusive}/*")
            }
            ContentRange::Unsatisfied { total } => write!(f, "bytes */{total}"),
        }
    }
}

impl fmt::Display for InvalidContentRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            InvalidContentRange::Syntax => "Content-Range is malformed",
            InvalidContentRange::Unit => "Content-Range is not in bytes",
            InvalidContentRange::Overflow => "Content-Range has a number beyond 64 bits",
            InvalidContentRange::Reversed => "Content-Range ends before it starts",
            InvalidContentRange::OutsideFile => "Content-Range ends outside the file",
        })
    }
}

impl std::error::Error for InvalidContentRange {}

/// Bytes to request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteRange {
    /// First byte, counted from 0.
    pub start: u64,
    /// Last byte, not below `start`; `None` goes to the end of the file.
    pub end_inclusive: Option<u64>,
}

/// The value of a `Range` header: `bytes=0-99` or `bytes=100-`.
impl fmt::Display for ByteRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        ByteRanges(std::slice::from_ref(self)).fmt(f)
    }
}

/// Several ranges to request at once, at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteRanges<'a>(pub &'a [ByteRange]);

/// The value of a `Range` header: `bytes=0-99,200-299,500-`.
impl fmt::Display for ByteRanges<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bytes")?;
        let mut separator = '=';
        for range in self.0 {
            write!(f, "{separator}{}-", range.start)?;
            if let Some(end) = range.end_inclusive {
                write!(f, "{end}")?;
            }
            separator = ',';
        }
        Ok(())
    }
}
