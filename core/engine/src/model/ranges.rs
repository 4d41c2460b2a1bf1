//! Files of which not simply everything is fetched from the first byte on: chosen ranges one behind the other
//! (`AddFileWithRanges`), or ranges at their own places, as a program asks for them (`RequestFileRanges`).

use bgcopy_protocol::ResultCode;
use bgcopy_protocol::file_range::{FileRange, Piece, Plan, RangeSet};
use bgcopy_protocol::limits::LENGTH_TO_EOF;
use serde::{Deserialize, Serialize};

use super::error::{Error, Result};

/// What of the remote file is wanted, and where it goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Selection {
    /// These ranges, one behind the other in the local file, in this order. Stored with the file's names.
    Joined(#[serde(skip)] Vec<FileRange>),
    /// Every byte has its own place; some come first, or are the only ones that come.
    Placed {
        /// Asked for by the program, the first ones first.
        requested: Vec<FileRange>,
        /// Where the rest begins, and goes on from the beginning of the file.
        position: u64,
    },
}

/// A file that is fetched in parts. Sets of bytes count in the local file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parts {
    /// What is wanted.
    pub selection: Selection,
    /// What an attempt in this process can build on; not stored.
    #[serde(skip)]
    pub filled: RangeSet,
    /// What is on disk.
    pub durable: RangeSet,
}

/// Checks the ranges of `AddFileWithRanges`.
///
/// # Errors
/// `BG_E_INVALIDARG` for none, `BG_E_INVALID_RANGE` for one without bytes or one that ends beyond every file,
/// `BG_E_OVERLAPPING_RANGES`.
pub fn check_ranges(ranges: &[FileRange]) -> Result<()> {
    if ranges.is_empty() {
        return Err(Error::new(ResultCode::BG_E_INVALIDARG, "a file with ranges needs at least one"));
    }
    ranges.iter().try_for_each(check_bounds)?;
    let mut sorted: Vec<&FileRange> = ranges.iter().collect();
    // By the offset alone, as documented: of two with the same one the first is the one before.
    sorted.sort_by_key(|range| range.initial_offset);
    if let Some(pair) = sorted.windows(2).find(|pair| pair[0].end() > pair[1].initial_offset) {
        let text = format!("{} and {} overlap", name(pair[0]), name(pair[1]));
        return Err(Error::new(ResultCode::BG_E_OVERLAPPING_RANGES, text));
    }
    ranges.iter().try_for_each(check_length)
}

/// Checks the ranges of `RequestFileRanges`; `size` is the size of the file, where it is known.
///
/// # Errors
/// `BG_E_INVALIDARG` for none, `BG_E_INVALID_RANGE` for one without bytes or outside the file.
pub fn check_request(ranges: &[FileRange], size: Option<u64>) -> Result<()> {
    if ranges.is_empty() {
        return Err(Error::new(ResultCode::BG_E_INVALIDARG, "at least one range has to be requested"));
    }
    for range in ranges {
        check_bounds(range)?;
        check_length(range)?;
        if let Some(size) = size {
            check_inside(range, size)?;
        }
    }
    Ok(())
}

fn check_bounds(range: &FileRange) -> Result<()> {
    let overflows = !range.is_to_eof()
        && range.initial_offset.checked_add(range.length).is_none_or(|end| end == u64::MAX);
    if range.initial_offset == LENGTH_TO_EOF || overflows {
        let text = format!("{} lies outside every file", name(range));
        return Err(Error::new(ResultCode::BG_E_INVALID_RANGE, text));
    }
    Ok(())
}

fn check_length(range: &FileRange) -> Result<()> {
    if range.length == 0 {
        return Err(Error::new(ResultCode::BG_E_INVALID_RANGE, format!("{} has no bytes", name(range))));
    }
    Ok(())
}

fn check_inside(range: &FileRange, size: u64) -> Result<()> {
    if range.initial_offset >= size || (!range.is_to_eof() && range.end() > size) {
        let text = format!("{} lies outside the file, which has {size} bytes", name(range));
        return Err(Error::new(ResultCode::BG_E_INVALID_RANGE, text));
    }
    Ok(())
}

fn name(range: &FileRange) -> String {
    match range {
        FileRange { initial_offset, length: LENGTH_TO_EOF } => {
            format!("the range from {initial_offset} to the end of the file")
        }
        FileRange { initial_offset, length } => {
            format!("the range of {length} bytes from {initial_offset} on")
        }
    }
}

impl Parts {
    /// Ranges that become one local file; nothing is here yet.
    #[must_use]
    pub fn joined(ranges: Vec<FileRange>) -> Parts {
        let selection = Selection::Joined(ranges);
        Parts { selection, filled: RangeSet::default(), durable: RangeSet::default() }
    }

    /// A file of which the first bytes are here, and whose rest comes as the program says.
    #[must_use]
    pub fn placed(here: u64, durable: u64) -> Parts {
        let selection = Selection::Placed { requested: Vec::new(), position: 0 };
        Parts { selection, filled: RangeSet::prefix(here), durable: RangeSet::prefix(durable) }
    }

    /// Takes what was stored of the file's progress.
    pub fn restore(&mut self, stored: Parts) {
        self.filled = stored.durable.clone();
        self.durable = stored.durable;
        if let Selection::Placed { .. } = stored.selection {
            self.selection = stored.selection;
        }
    }

    /// The ranges of `AddFileWithRanges`.
    #[must_use]
    pub fn ranges(&self) -> Option<&[FileRange]> {
        match &self.selection {
            Selection::Joined(ranges) => Some(ranges),
            Selection::Placed { .. } => None,
        }
    }

    /// These bytes are on disk; `filled` is missing for those of an attempt that began with the first byte.
    pub fn make_durable(&mut self, filled: Option<RangeSet>, written: u64) {
        self.durable = filled.unwrap_or_else(|| RangeSet::prefix(written));
        self.filled.extend(&self.durable);
    }

    /// Nothing is here any more; what is wanted stays.
    pub fn clear(&mut self) {
        self.filled.clear();
        self.durable.clear();
    }

    /// The size of the local file in bytes, once it is known; `size` is that of the remote file.
    ///
    /// # Errors
    /// `BG_E_INVALID_RANGE` when a range lies outside the remote file.
    pub fn local_size(&self, size: Option<u64>) -> Result<Option<u64>> {
        let Selection::Joined(ranges) = &self.selection else { return Ok(size) };
        let mut sum = Some(0_u64);
        for range in ranges {
            let length = match size {
                Some(size) => {
                    check_inside(range, size)?;
                    Some(range.end().min(size) - range.initial_offset)
                }
                None => Some(range.length).filter(|_| !range.is_to_eof()),
            };
            sum = sum.zip(length).map(|(sum, length)| sum.saturating_add(length));
        }
        Ok(sum)
    }

    /// What is to be fetched next to what is `filled`; all of the file unless only what was `requested`.
    /// `size` is the size of the remote file, where it is known.
    #[must_use]
    pub fn plan(&self, filled: &RangeSet, size: Option<u64>, requested_only: bool) -> Plan {
        match &self.selection {
            Selection::Joined(ranges) => plan_joined(ranges, filled, size),
            Selection::Placed { requested, position } => {
                let ends = |range: &FileRange| (range.initial_offset, range.end());
                let from_position = |(start, end): (u64, u64)| (start.max(*position), end);
                let mut wanted: Vec<(u64, u64)> = requested.iter().map(ends).map(from_position).collect();
                wanted.extend(requested.iter().map(ends));
                if !requested_only {
                    wanted.extend([(*position, u64::MAX), (0, *position)]);
                }
                plan_placed(wanted, filled, size)
            }
        }
    }

    /// Whether a worker has something to do; see [`Parts::plan`].
    #[must_use]
    pub fn wants(&self, size: Option<u64>, requested_only: bool) -> bool {
        match &self.selection {
            // All of it is here, and only has to be closed.
            _ if !requested_only => true,
            Selection::Joined(_) => true,
            Selection::Placed { .. } => !self.plan(&self.filled, size, true).pieces.is_empty(),
        }
    }

    /// Whether every requested byte is on disk.
    #[must_use]
    pub fn is_satisfied(&self, size: Option<u64>) -> bool {
        matches!(self.selection, Selection::Placed { .. })
            && self.plan(&self.durable, size, true).pieces.is_empty()
    }

    /// Whether a program has asked for something.
    #[must_use]
    pub fn was_requested(&self) -> bool {
        matches!(&self.selection, Selection::Placed { requested, .. } if !requested.is_empty())
    }

    /// Takes ranges that a program asks for; earlier ones that are on disk leave the list.
    pub fn request(&mut self, ranges: &[FileRange]) {
        if let Selection::Placed { requested, .. } = &mut self.selection {
            let durable = &self.durable;
            requested.retain(|range| !durable.contains(range.initial_offset, range.end()));
            for range in ranges {
                if !requested.contains(range) {
                    requested.push(*range);
                }
            }
        }
    }

    /// What is missing comes from this byte on first.
    pub fn go_to(&mut self, offset: u64) {
        if let Selection::Placed { position, .. } = &mut self.selection {
            *position = offset;
        }
    }

    /// Takes back requests that lie outside the file; an error if there was one.
    ///
    /// # Errors
    /// `BG_E_INVALID_RANGE`.
    pub fn drop_impossible(&mut self, size: u64) -> Result<()> {
        let Selection::Placed { requested, position } = &mut self.selection else { return Ok(()) };
        *position = (*position).min(size);
        let refused = requested.iter().find_map(|range| check_inside(range, size).err());
        requested.retain(|range| check_inside(range, size).is_ok());
        refused.map_or(Ok(()), Err)
    }
}

fn plan_joined(ranges: &[FileRange], filled: &RangeSet, size: Option<u64>) -> Plan {
    let mut plan = Plan::default();
    let mut local = 0_u64;
    let last = filled.end().checked_sub(1);
    for range in ranges {
        let known = !range.is_to_eof() || size.is_some();
        let length = range.end().min(size.unwrap_or(u64::MAX)).saturating_sub(range.initial_offset);
        let end = if known { local.saturating_add(length) } else { u64::MAX };
        for (from, to) in filled.missing(local, end) {
            let length = if to == u64::MAX { LENGTH_TO_EOF } else { to - from };
            plan.pieces.push(Piece { remote: range.initial_offset + (from - local), local: from, length });
        }
        if let Some((start, after)) =
            last.filter(|last| (local..end).contains(last)).and_then(|last| filled.run_at(last))
        {
            let start = start.max(local);
            plan.here = Some(Piece {
                remote: range.initial_offset + (start - local),
                local: start,
                length: after - start,
            });
        }
        if !known {
            // Where the next range begins here is known once the size is.
            break;
        }
        local = end;
    }
    plan
}

fn plan_placed(wanted: Vec<(u64, u64)>, filled: &RangeSet, size: Option<u64>) -> Plan {
    let mut plan = Plan::default();
    let mut planned = filled.clone();
    for (start, end) in wanted {
        let end = end.min(size.unwrap_or(u64::MAX));
        for (from, to) in planned.missing(start, end) {
            let length = if to == u64::MAX { LENGTH_TO_EOF } else { to - from };
            plan.pieces.push(Piece { remote: from, local: from, length });
        }
        planned.insert(start, end);
    }
    let next = plan.pieces.first().map_or(0, |piece| piece.local);
    // Right before what comes next it costs no request of its own.
    let run = next.checked_sub(1).and_then(|byte| filled.run_at(byte));
    let run = run.or_else(|| filled.run_at(filled.end().checked_sub(1)?));
    plan.here = run.map(|(start, end)| Piece { remote: start, local: start, length: end - start });
    plan
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(initial_offset: u64, length: u64) -> FileRange {
        FileRange { initial_offset, length }
    }

    fn piece(remote: u64, local: u64, length: u64) -> Piece {
        Piece { remote, local, length }
    }

    fn code(ranges: &[FileRange]) -> Option<ResultCode> {
        check_ranges(ranges).err().map(|error| error.code)
    }

    #[test]
    fn ranges_of_a_file_are_checked_as_documented() {
        let (invalid, overlapping) = (ResultCode::BG_E_INVALID_RANGE, ResultCode::BG_E_OVERLAPPING_RANGES);
        assert_eq!(code(&[]), Some(ResultCode::BG_E_INVALIDARG));
        assert_eq!(code(&[range(100, 100), range(900, 100), range(400, 100)]), None);
        assert_eq!(code(&[range(0, 100), range(100, LENGTH_TO_EOF)]), None);
        assert_eq!(code(&[range(LENGTH_TO_EOF, 1)]), Some(invalid));
        assert_eq!(code(&[range(u64::MAX - 1, 1)]), Some(invalid));
        assert_eq!(code(&[range(5, 0)]), Some(invalid));
        assert_eq!(code(&[range(0, 101), range(100, 1)]), Some(overlapping));
        assert_eq!(code(&[range(7, 1), range(7, 1)]), Some(overlapping));
        assert_eq!(code(&[range(9, 1), range(0, LENGTH_TO_EOF)]), Some(overlapping));
        // The documentation's example of two at one offset in the wrong order.
        assert_eq!(code(&[range(100, 5), range(100, 0)]), Some(overlapping));
    }

    #[test]
    fn joined_ranges_lie_one_behind_the_other() {
        let parts = Parts::joined(vec![range(100, 100), range(900, 100), range(400, 100)]);
        let plan = parts.plan(&RangeSet::prefix(150), None, false);
        assert_eq!(plan.pieces, [piece(950, 150, 50), piece(400, 200, 100)]);
        assert_eq!(plan.here, Some(piece(900, 100, 50)));
        assert_eq!(parts.local_size(None), Ok(Some(300)));
        assert_eq!(parts.local_size(Some(1000)), Ok(Some(300)));
        assert_eq!(parts.local_size(Some(999)).unwrap_err().code, ResultCode::BG_E_INVALID_RANGE);
        assert!(parts.plan(&RangeSet::prefix(300), Some(1000), false).pieces.is_empty());
    }

    #[test]
    fn what_follows_a_range_to_the_end_is_planned_once_the_size_is_known() {
        let parts = Parts::joined(vec![range(900, LENGTH_TO_EOF), range(0, 10)]);
        let plan = parts.plan(&RangeSet::prefix(20), None, false);
        assert_eq!(plan.pieces, [piece(920, 20, LENGTH_TO_EOF)]);
        assert_eq!(parts.local_size(None), Ok(None));
        let plan = parts.plan(&RangeSet::prefix(20), Some(1000), false);
        assert_eq!(plan.pieces, [piece(920, 20, 80), piece(0, 100, 10)]);
        assert_eq!(parts.local_size(Some(1000)), Ok(Some(110)));
    }

    #[test]
    fn requested_bytes_come_first_and_none_comes_twice() {
        let mut parts = Parts::placed(100, 100);
        parts.request(&[range(500, 100), range(50, 100), range(550, 100)]);
        let wanted = [piece(500, 500, 100), piece(100, 100, 50), piece(600, 600, 50)];
        assert_eq!(parts.plan(&parts.filled, Some(1000), true).pieces, wanted);
        assert!(!parts.is_satisfied(Some(1000)) && parts.wants(Some(1000), true));
        let all = parts.plan(&parts.filled, Some(1000), false).pieces;
        assert_eq!(all[..3], wanted);
        assert_eq!(all[3..], [piece(150, 150, 350), piece(650, 650, 350)]);
        assert_eq!(parts.plan(&parts.filled, None, false).pieces[4], piece(650, 650, LENGTH_TO_EOF));
        for set in [&mut parts.filled, &mut parts.durable] {
            set.insert(0, 650);
        }
        assert!(parts.is_satisfied(Some(1000)) && !parts.wants(Some(1000), true));
        assert!(parts.was_requested());
    }

    #[test]
    fn the_download_goes_on_from_its_position_and_then_from_the_beginning() {
        let mut parts = Parts::placed(0, 0);
        parts.selection = Selection::Placed { requested: vec![], position: 700 };
        let plan = parts.plan(&parts.filled, Some(1000), false);
        assert_eq!(plan.pieces, [piece(700, 700, 300), piece(0, 0, 700)]);
        assert_eq!(plan.here, None);
    }

    #[test]
    fn the_piece_that_proves_the_version_is_the_one_before_the_next_or_the_last() {
        let mut parts = Parts::placed(100, 100);
        parts.filled.insert(500, 600);
        parts.request(&[range(600, 10)]);
        assert_eq!(parts.plan(&parts.filled, None, true).here, Some(piece(500, 500, 100)));
        parts.request(&[range(600, 10)]);
        let mut parts = Parts::placed(100, 100);
        parts.request(&[range(600, 10)]);
        assert_eq!(parts.plan(&parts.filled, None, true).here, Some(piece(0, 0, 100)));
    }

    #[test]
    fn requests_outside_the_file_are_taken_back_with_an_error() {
        let mut parts = Parts::placed(0, 0);
        parts.request(&[range(10, 10), range(95, 10), range(90, LENGTH_TO_EOF)]);
        assert_eq!(parts.drop_impossible(100).unwrap_err().code, ResultCode::BG_E_INVALID_RANGE);
        assert_eq!(parts.drop_impossible(100), Ok(()));
        let plan = parts.plan(&parts.filled, Some(100), true);
        assert_eq!(plan.pieces, [piece(10, 10, 10), piece(90, 90, 10)]);
    }
}
