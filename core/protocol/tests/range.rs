//! `Content-Range` is read as RFC 9110 section 14.4 writes it and nothing else.

use bgcopy_protocol::range::InvalidContentRange::{OutsideFile, Overflow, Reversed, Syntax, Unit};
use bgcopy_protocol::range::{ByteRange, ByteRanges, ContentRange, InvalidContentRange};

fn read(value: &str) -> Result<ContentRange, InvalidContentRange> {
    value.parse()
}

fn bytes(start: u64, end_inclusive: u64, total: Option<u64>) -> Result<ContentRange, InvalidContentRange> {
    Ok(ContentRange::Bytes { start, end_inclusive, total })
}

/// Small fixed generator: the same numbers in every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        // Few bits as often as many.
        self.0 >> (self.0 % 64)
    }
}

#[test]
fn the_examples_of_the_standard_are_read() {
    assert_eq!(read("bytes 42-1233/1234"), bytes(42, 1233, Some(1234)));
    assert_eq!(read("bytes 42-1233/*"), bytes(42, 1233, None));
    assert_eq!(read("bytes */1234"), Ok(ContentRange::Unsatisfied { total: 1234 }));
    assert_eq!(read("bytes 0-499/1234"), bytes(0, 499, Some(1234)));
    assert_eq!(read("bytes 734-1233/1234"), bytes(734, 1233, Some(1234)));
}

#[test]
fn edges_are_read() {
    assert_eq!(read("bytes 0-0/1"), bytes(0, 0, Some(1)));
    assert_eq!(read("bytes */0"), Ok(ContentRange::Unsatisfied { total: 0 }));
    assert_eq!(read("BYTES 1-2/3"), bytes(1, 2, Some(3)));
    assert_eq!(read(" \tbytes 1-2/3\t "), bytes(1, 2, Some(3)));
    assert_eq!(read("bytes 007-08/0010"), bytes(7, 8, Some(10)));
    assert_eq!(
        read("bytes 18446744073709551614-18446744073709551614/18446744073709551615"),
        bytes(u64::MAX - 1, u64::MAX - 1, Some(u64::MAX))
    );
    assert_eq!(read("bytes 0-18446744073709551615/*"), bytes(0, u64::MAX, None));
}

#[test]
fn what_the_grammar_does_not_have_is_refused() {
    for value in [
        "",
        "bytes",
        "bytes ",
        "bytes 0-1",
        "bytes /2",
        "bytes -/2",
        "bytes 0-/2",
        "bytes -1/2",
        "bytes 0-1/",
        "bytes */*",
        "bytes */",
        "bytes *-1/2",
        "bytes 0-*/2",
        "bytes **/2",
        "bytes  0-1/2",
        "bytes\t0-1/2",
        "bytes 0 -1/2",
        "bytes 0- 1/2",
        "bytes 0-1 /2",
        "bytes 0-1/ 2",
        "bytes 0-1/2/3",
        "bytes 0-1-1/2",
        "bytes -0-1/2",
        "bytes 0--1/2",
        "bytes +0-1/2",
        "bytes 0-1/+2",
        "bytes 0-1/-2",
        "bytes 0x0-1/2",
        "bytes 0-1.0/2",
        "bytes 0-1/2;",
        "bytes 0-1/2, 3-4/5",
        "bytes 0-\u{0661}/2",
        "bytes=0-1/2",
    ] {
        assert_eq!(read(value), Err(Syntax), "{value:?}");
    }
}

#[test]
fn other_units_are_refused() {
    assert_eq!(read("items 0-1/2"), Err(Unit));
    assert_eq!(read("byte 0-1/2"), Err(Unit));
    assert_eq!(read("bytes: 0-1/2"), Err(Unit));
}

#[test]
fn numbers_beyond_64_bits_are_refused() {
    for value in [
        "bytes 18446744073709551616-18446744073709551617/*",
        "bytes 0-18446744073709551616/*",
        "bytes 0-1/18446744073709551616",
        "bytes */18446744073709551616",
        "bytes 0-1/99999999999999999999999999999999999999999999",
    ] {
        assert_eq!(read(value), Err(Overflow), "{value}");
    }
}

#[test]
fn ranges_that_contradict_themselves_are_refused() {
    assert_eq!(read("bytes 2-1/3"), Err(Reversed));
    assert_eq!(read("bytes 1-0/*"), Err(Reversed));
    assert_eq!(read("bytes 0-1/1"), Err(OutsideFile));
    assert_eq!(read("bytes 5-9/9"), Err(OutsideFile));
    assert_eq!(read("bytes 0-0/0"), Err(OutsideFile));
    assert_eq!(read("bytes 0-18446744073709551615/18446744073709551615"), Err(OutsideFile));
}

#[test]
fn what_is_written_is_read_back() {
    let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15);
    for _ in 0..20_000 {
        let (a, b, c) = (numbers.next(), numbers.next(), numbers.next());
        let (start, end_inclusive) = (a.min(b), a.max(b));
        let total = end_inclusive.checked_add(1).and_then(|least| least.checked_add(c));
        let range = ContentRange::Bytes { start, end_inclusive, total };
        assert_eq!(read(&range.to_string()), Ok(range));
        let unsatisfied = ContentRange::Unsatisfied { total: c };
        assert_eq!(read(&unsatisfied.to_string()), Ok(unsatisfied));
    }
}

#[test]
fn what_is_read_never_contradicts_itself() {
    let pieces = ["bytes", " ", "-", "/", "*", "0", "1", "9", "18446744073709551615", "\t", "x"];
    let mut numbers = Numbers(0x2545_F491_4F6C_DD1D);
    let mut read_count = 0;
    for _ in 0..200_000 {
        // Anything may follow a beginning that is likely to be right.
        let mut value = String::from("bytes ");
        for _ in 0..numbers.next() % 8 {
            value.push_str(pieces[numbers.next() as usize % pieces.len()]);
        }
        match read(&value) {
            Ok(ContentRange::Bytes { start, end_inclusive, total }) => {
                read_count += 1;
                assert!(start <= end_inclusive, "{value:?}");
                assert!(total.is_none_or(|total| end_inclusive < total), "{value:?}");
            }
            Ok(ContentRange::Unsatisfied { .. }) => read_count += 1,
            Err(_) => {}
        }
    }
    assert!(read_count > 100, "the generator makes hardly any valid value: {read_count}");
}

#[test]
fn requests_are_written_as_the_standard_has_them() {
    let first = ByteRange { start: 0, end_inclusive: Some(499) };
    let second = ByteRange { start: 1000, end_inclusive: Some(1000) };
    let rest = ByteRange { start: 9500, end_inclusive: None };
    assert_eq!(first.to_string(), "bytes=0-499");
    assert_eq!(rest.to_string(), "bytes=9500-");
    assert_eq!(ByteRanges(&[first, second, rest]).to_string(), "bytes=0-499,1000-1000,9500-");
}
