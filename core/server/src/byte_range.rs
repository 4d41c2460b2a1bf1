//! The ranges that a client asks for (RFC 9110 section 14.2).

/// Most ranges of one request; who asks for more gets the whole file.
const MOST: usize = 500;

/// Bytes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
    /// The first one.
    pub start: u64,
    /// How many: at least one.
    pub length: u64,
}

/// What a `Range` header asks for, of a file of `size` bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The header is malformed, of another unit, or asks for more than there is: it counts as not there.
    Everything,
    /// None of it is in the file.
    Nothing,
    /// These, in the order in which they were asked for.
    Slices(Vec<Slice>),
}

/// Reads a `Range` header.
pub fn wanted(header: &str, size: u64) -> Wanted {
    let Some((unit, list)) = header.split_once('=') else { return Wanted::Everything };
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return Wanted::Everything;
    }
    let mut slices = Vec::new();
    let mut count = 0;
    for entry in
        list.split(',').map(|entry| entry.trim_matches([' ', '\t'])).filter(|entry| !entry.is_empty())
    {
        count += 1;
        let Some(range) = slice(entry, size) else { return Wanted::Everything };
        slices.extend(range);
    }
    let bytes = slices.iter().try_fold(0_u64, |sum, slice| sum.checked_add(slice.length));
    match bytes {
        _ if count == 0 || count > MOST => Wanted::Everything,
        // Overlapping ranges that together are longer than the file are an attack, or a mistake.
        Some(bytes) if bytes <= size => {
            if slices.is_empty() {
                Wanted::Nothing
            } else {
                Wanted::Slices(slices)
            }
        }
        _ => Wanted::Everything,
    }
}

/// One range: none for a malformed one, and an empty option for one that is not in the file.
fn slice(entry: &str, size: u64) -> Option<Option<Slice>> {
    let (first, last) = entry.split_once('-')?;
    if first.is_empty() {
        let length = number(last)?.min(size);
        return Some((length > 0).then(|| Slice { start: size - length, length }));
    }
    let start = number(first)?;
    let end = if last.is_empty() { u64::MAX } else { number(last)? };
    if end < start {
        return None;
    }
    Some((start < size).then(|| Slice { start, length: end.min(size - 1) - start + 1 }))
}

/// Digits only; a number too large for 64 bits is as good as the largest one.
fn number(digits: &str) -> Option<u64> {
    let good = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    good.then(|| digits.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(header: &str, size: u64) -> Option<Vec<(u64, u64)>> {
        match wanted(header, size) {
            Wanted::Everything => None,
            Wanted::Nothing => Some(Vec::new()),
            Wanted::Slices(slices) => Some(slices.iter().map(|slice| (slice.start, slice.length)).collect()),
        }
    }

    #[test]
    fn ranges_are_cut_to_the_file_and_stay_in_order() {
        assert_eq!(of("bytes=0-9", 100), Some(vec![(0, 10)]));
        assert_eq!(of("bytes=5-", 100), Some(vec![(5, 95)]));
        assert_eq!(of("bytes=-3", 100), Some(vec![(97, 3)]));
        assert_eq!(of("bytes=-300", 100), Some(vec![(0, 100)]));
        assert_eq!(of("bytes=90-200", 100), Some(vec![(90, 10)]));
        assert_eq!(of("Bytes=50-59, 0-9,,-1", 100), Some(vec![(50, 10), (0, 10), (99, 1)]));
        assert_eq!(of("bytes=0-99999999999999999999", 100), Some(vec![(0, 100)]));
    }

    #[test]
    fn what_is_outside_is_not_there() {
        assert_eq!(of("bytes=100-", 100), Some(vec![]));
        assert_eq!(of("bytes=-0", 100), Some(vec![]));
        assert_eq!(of("bytes=0-", 0), Some(vec![]));
        assert_eq!(of("bytes=200-300,5-5", 100), Some(vec![(5, 1)]));
    }

    #[test]
    fn what_makes_no_sense_is_everything() {
        for header in [
            "",
            "bytes",
            "items=0-1",
            "bytes=",
            "bytes=1",
            "bytes=a-b",
            "bytes=9-1",
            "bytes=+1-2",
            "bytes=--1",
        ] {
            assert_eq!(of(header, 100), None, "{header}");
        }
        assert_eq!(of("bytes=0-99,0-99", 100), None);
        let many = format!("bytes={}", "0-0,".repeat(501));
        assert_eq!(of(&many, 10_000), None);
    }
}
