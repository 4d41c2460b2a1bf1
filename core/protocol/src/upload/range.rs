//! Which bytes a Fragment carries, and what becomes of them.

use std::fmt;

use crate::range::{ContentRange, InvalidContentRange};

/// The `Content-Range` of a Fragment: bytes of a file of known size.
///
/// An empty file is one Fragment without bytes, `bytes 0-0/0`: the grammar has no empty range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FragmentRange {
    /// First byte, counted from 0.
    pub first: u64,
    /// Number of bytes: 0 only of an empty file.
    pub length: u64,
    /// Size of the whole file.
    pub total: u64,
}

/// What a server does with a Fragment when it has the bytes up to `next`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// The bytes behind the first `skip` ones are appended.
    Append {
        /// Bytes that are there already: they win.
        skip: u64,
    },
    /// All of it is there already.
    Held,
    /// It begins behind what is there: nothing is kept, and the client is told where to go on.
    Gap,
}

impl FragmentRange {
    /// Reads the header of a Fragment whose body has `length` bytes.
    ///
    /// # Errors
    /// It does not follow the grammar, has `*`, or is about another number of bytes.
    pub fn parse(value: &str, length: u64) -> Result<FragmentRange, InvalidContentRange> {
        let bare = value.trim_matches([' ', '\t']);
        let empty = bare.get(..6).is_some_and(|unit| unit.eq_ignore_ascii_case("bytes "))
            && bare.get(6..).is_some_and(|range| range == "0-0/0" || range == "*/0");
        if empty {
            let good = FragmentRange { first: 0, length: 0, total: 0 };
            return if length == 0 { Ok(good) } else { Err(InvalidContentRange::OutsideFile) };
        }
        match value.parse()? {
            ContentRange::Bytes { start, end_inclusive, total: Some(total) }
                if end_inclusive - start == length.wrapping_sub(1) =>
            {
                Ok(FragmentRange { first: start, length, total })
            }
            _ => Err(InvalidContentRange::Syntax),
        }
    }

    /// The byte behind the last one.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.first + self.length
    }

    /// Whether no bytes follow it.
    #[must_use]
    pub fn is_last(&self) -> bool {
        self.end() == self.total
    }

    /// What a server that has the bytes up to `next` does with it.
    #[must_use]
    pub fn place(&self, next: u64) -> Placement {
        if self.first > next {
            Placement::Gap
        } else if self.end() <= next {
            Placement::Held
        } else {
            Placement::Append { skip: next - self.first }
        }
    }
}

/// The header value.
impl fmt::Display for FragmentRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "bytes {}-{}/{}", self.first, self.end().max(1) - 1, self.total)
    }
}
