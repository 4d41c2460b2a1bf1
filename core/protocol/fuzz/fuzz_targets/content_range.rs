//! Content-Range: what was understood is understood again as it is written, and lies inside the file.
#![no_main]

use bgcopy_protocol::range::ContentRange;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|value: &str| {
    let Ok(range) = value.parse::<ContentRange>() else { return };
    assert_eq!(range.to_string().parse(), Ok(range));
    if let ContentRange::Bytes { start, end_inclusive, total } = range {
        assert!(start <= end_inclusive);
        assert!(total.is_none_or(|total| end_inclusive < total));
    }
});
