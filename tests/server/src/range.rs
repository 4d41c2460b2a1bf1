//! The Range request field (RFC 9110, section 14.2), applied to a known size.

/// What a Range field asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// The field is malformed or in another unit: as if it were not there.
    Everything,
    /// None of the ranges overlaps the file.
    Nothing,
    /// First and last byte of each range.
    Ranges(Vec<(u64, u64)>),
}

pub(crate) fn parse(field: &str, size: u64) -> Wanted {
    let Some(list) = field.trim().strip_prefix("bytes=") else { return Wanted::Everything };
    let mut ranges = Vec::new();
    for spec in list.split(',') {
        let Some((first, last)) = spec.trim().split_once('-') else { return Wanted::Everything };
        let (first, last) = match (first.parse::<u64>(), last.parse::<u64>()) {
            (Ok(first), Ok(last)) if first <= last => (first, last.min(size.wrapping_sub(1))),
            (Ok(first), Err(_)) if last.is_empty() => (first, size.wrapping_sub(1)),
            (Err(_), Ok(0)) if first.is_empty() => continue,
            (Err(_), Ok(length)) if first.is_empty() => (size.saturating_sub(length), size.wrapping_sub(1)),
            _ => return Wanted::Everything,
        };
        if first < size {
            ranges.push((first, last));
        }
    }
    if ranges.is_empty() { Wanted::Nothing } else { Wanted::Ranges(ranges) }
}

#[cfg(test)]
mod tests {
    use super::Wanted::*;
    use super::*;

    #[test]
    fn ranges_are_clipped_to_the_file() {
        assert_eq!(parse("bytes=0-", 10), Ranges(vec![(0, 9)]));
        assert_eq!(parse("bytes=2-3", 10), Ranges(vec![(2, 3)]));
        assert_eq!(parse("bytes=2-99", 10), Ranges(vec![(2, 9)]));
        assert_eq!(parse("bytes=-3", 10), Ranges(vec![(7, 9)]));
        assert_eq!(parse("bytes=-99", 10), Ranges(vec![(0, 9)]));
        assert_eq!(parse("bytes=0-0, 10-, 5-6", 10), Ranges(vec![(0, 0), (5, 6)]));
    }

    #[test]
    fn ranges_outside_the_file_are_unsatisfiable() {
        for field in ["bytes=10-", "bytes=10-20", "bytes=-0"] {
            assert_eq!(parse(field, 10), Nothing, "{field}");
        }
        assert_eq!(parse("bytes=0-", 0), Nothing);
    }

    #[test]
    fn malformed_fields_are_ignored() {
        for field in ["lines=0-1", "bytes=", "bytes=3-2", "bytes=a-b", "bytes=-", "bytes=1", "bytes=0-1,x"] {
            assert_eq!(parse(field, 10), Everything, "{field}");
        }
    }
}
