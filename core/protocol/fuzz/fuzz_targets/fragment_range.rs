//! The ranges of Fragments: inside their files, as long as their bodies, and never written where they do not belong.
#![no_main]

use bgcopy_protocol::upload::{FragmentRange, Placement};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: (u64, u64, &str)| {
    let (length, next, value) = data;
    let Ok(range) = FragmentRange::parse(value, length) else { return };
    assert_eq!(range.length, length);
    assert!(range.end() <= range.total);
    assert_eq!(FragmentRange::parse(&range.to_string(), length), Ok(range));
    match range.place(next) {
        Placement::Append { skip } => assert!(skip < length && range.first + skip == next),
        Placement::Held => assert!(range.end() <= next),
        Placement::Gap => assert!(range.first > next),
    }
});
