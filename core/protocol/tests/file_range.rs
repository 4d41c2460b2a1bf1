//! Sets of bytes of a file, against a plain list of them.

use bgcopy_protocol::file_range::{FileRange, RangeSet};
use bgcopy_protocol::limits::LENGTH_TO_EOF;

fn set(ranges: &[(u64, u64)]) -> RangeSet {
    let mut set = RangeSet::default();
    for (start, end) in ranges {
        set.insert(*start, *end);
    }
    set
}

fn ranges(set: &RangeSet) -> Vec<(u64, u64)> {
    set.to_ranges().iter().map(|range| (range.initial_offset, range.end())).collect()
}

#[test]
fn ranges_that_touch_or_overlap_become_one() {
    assert_eq!(ranges(&set(&[(5, 9), (0, 2), (2, 3)])), [(0, 3), (5, 9)]);
    assert_eq!(ranges(&set(&[(5, 9), (0, 2), (1, 6)])), [(0, 9)]);
    assert_eq!(ranges(&set(&[(5, 5), (7, 3)])), []);
    assert_eq!(RangeSet::prefix(0), RangeSet::default());
}

#[test]
fn a_range_to_the_end_of_the_file_ends_nowhere() {
    let range = FileRange { initial_offset: 7, length: LENGTH_TO_EOF };
    assert!(range.is_to_eof());
    assert_eq!(range.end(), u64::MAX);
    assert_eq!(FileRange { initial_offset: u64::MAX - 1, length: 5 }.end(), u64::MAX);
}

/// Random changes, compared with one flag for each byte.
#[test]
fn a_set_has_exactly_the_bytes_that_were_added() {
    let mut random = 1_u64;
    let mut below = |limit: u64| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % limit
    };
    for _ in 0..200 {
        let (mut one, mut other) = (RangeSet::default(), RangeSet::default());
        let mut flags = [[false; 40]; 2];
        for _ in 0..below(12) {
            let (which, start) = (below(2) as usize, below(40));
            let end = start + below(41 - start);
            [&mut one, &mut other][which].insert(start, end);
            flags[which][start as usize..end as usize].fill(true);
        }
        let list = |flags: &[bool]| -> Vec<u64> { (0..40).filter(|byte| flags[*byte as usize]).collect() };
        let bytes = |ranges: &[(u64, u64)]| -> Vec<u64> {
            ranges.iter().flat_map(|range| range.0..range.1).collect()
        };
        assert_eq!(bytes(&ranges(&one)), list(&flags[0]));
        assert_eq!(one.total(), list(&flags[0]).len() as u64);
        assert_eq!(one.is_empty(), list(&flags[0]).is_empty());
        assert_eq!(one.end(), list(&flags[0]).last().map_or(0, |byte| byte + 1));
        let (start, end) = (below(40), below(41));
        let inside = |byte: &u64| (start..end).contains(byte);
        let missing: Vec<u64> = (0..40).filter(inside).filter(|byte| !flags[0][*byte as usize]).collect();
        assert_eq!(bytes(&one.missing(start, end)), missing);
        assert_eq!(one.contains(start, end), missing.is_empty());
        let only: Vec<bool> = (0..40).map(|byte| flags[0][byte] && !flags[1][byte]).collect();
        assert_eq!(bytes(&ranges(&one.without(&other))), list(&only));
        let both: Vec<bool> = (0..40).map(|byte| flags[0][byte] || flags[1][byte]).collect();
        one.extend(&other);
        assert_eq!(bytes(&ranges(&one)), list(&both));
    }
}
