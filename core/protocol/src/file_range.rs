//! Parts of a file: what programs ask for, and which bytes are there.

use serde::{Deserialize, Serialize};

use crate::limits::LENGTH_TO_EOF;

/// A part of a file (`BG_FILE_RANGE`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRange {
    /// First byte, counted from 0.
    pub initial_offset: u64,
    /// Number of bytes, or [`LENGTH_TO_EOF`].
    pub length: u64,
}

impl FileRange {
    /// The byte behind the last one; `u64::MAX` for a range that goes to the end of the file, and for one
    /// that ends beyond every file.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.initial_offset.saturating_add(self.length)
    }

    /// Whether it goes to the end of the file, wherever that is.
    #[must_use]
    pub fn is_to_eof(&self) -> bool {
        self.length == LENGTH_TO_EOF
    }
}

/// A piece of a remote file and its place in the local one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// First byte in the remote file.
    pub remote: u64,
    /// First byte in the local file.
    pub local: u64,
    /// Number of bytes, or [`LENGTH_TO_EOF`].
    pub length: u64,
}

/// What is to be fetched of a file, and what is here to prove that it belongs together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Missing pieces, the most urgent first; none when all that is wanted is here.
    pub pieces: Vec<Piece>,
    /// A piece that is here already: its end shows whether the remote file is still the same.
    pub here: Option<Piece>,
}

/// A set of bytes of a file: ranges in order, none of which touches the next.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RangeSet {
    /// (first, byte behind the last).
    ranges: Vec<(u64, u64)>,
}

impl RangeSet {
    /// The first `len` bytes.
    #[must_use]
    pub fn prefix(len: u64) -> RangeSet {
        let mut set = RangeSet::default();
        set.insert(0, len);
        set
    }

    /// Adds the bytes from `start` up to `end`, which is not one of them.
    pub fn insert(&mut self, start: u64, end: u64) {
        if start >= end {
            return;
        }
        // All ranges from `first` to `last` touch the new one.
        let first = self.ranges.partition_point(|range| range.1 < start);
        let last = self.ranges.partition_point(|range| range.0 <= end);
        let (mut start, mut end) = (start, end);
        if first < last {
            start = start.min(self.ranges[first].0);
            end = end.max(self.ranges[last - 1].1);
        }
        self.ranges.splice(first..last, [(start, end)]);
    }

    /// What is not in the set of the bytes from `start` up to `end`.
    #[must_use]
    pub fn missing(&self, start: u64, end: u64) -> Vec<(u64, u64)> {
        let mut gaps = Vec::new();
        let mut from = start;
        let first = self.ranges.partition_point(|range| range.1 <= start);
        for range in &self.ranges[first..] {
            if from >= end || range.0 >= end {
                break;
            }
            if range.0 > from {
                gaps.push((from, range.0));
            }
            from = range.1;
        }
        if from < end {
            gaps.push((from, end));
        }
        gaps
    }

    /// Whether all bytes from `start` up to `end` are in the set.
    #[must_use]
    pub fn contains(&self, start: u64, end: u64) -> bool {
        start >= end || self.run_at(start).is_some_and(|run| run.1 >= end)
    }

    /// The range of the set that `byte` lies in, with the byte behind its end.
    #[must_use]
    pub fn run_at(&self, byte: u64) -> Option<(u64, u64)> {
        let at = self.ranges.partition_point(|range| range.1 <= byte);
        self.ranges.get(at).copied().filter(|range| range.0 <= byte)
    }

    /// The bytes of this set that `other` does not have.
    #[must_use]
    pub fn without(&self, other: &RangeSet) -> RangeSet {
        let ranges = self.ranges.iter().flat_map(|range| other.missing(range.0, range.1)).collect();
        RangeSet { ranges }
    }

    /// Adds all bytes of `other`.
    pub fn extend(&mut self, other: &RangeSet) {
        for range in &other.ranges {
            self.insert(range.0, range.1);
        }
    }

    /// Number of bytes.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.ranges.iter().map(|range| range.1 - range.0).sum()
    }

    /// The byte behind the last one; 0 for the empty set.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.ranges.last().map_or(0, |range| range.1)
    }

    /// Whether there is no byte in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Takes all bytes out.
    pub fn clear(&mut self) {
        self.ranges.clear();
    }

    /// The ranges, in order, as programs see them.
    #[must_use]
    pub fn to_ranges(&self) -> Vec<FileRange> {
        let range = |range: &(u64, u64)| FileRange { initial_offset: range.0, length: range.1 - range.0 };
        self.ranges.iter().map(range).collect()
    }
}
