//! GUIDs: text, storage form and random identifiers.

use bgcopy_protocol::Guid;

const SAMPLE: Guid = Guid::from_u128(0x01234567_89ab_cdef_0123_456789abcdef);
const TEXT: &str = "{01234567-89AB-CDEF-0123-456789ABCDEF}";

#[test]
fn text_has_braces_and_capital_letters() {
    assert_eq!(SAMPLE.to_string(), TEXT);
    assert_eq!(format!("{SAMPLE:?}"), TEXT);
    assert_eq!(Guid::NULL.to_string(), "{00000000-0000-0000-0000-000000000000}");
}

#[test]
fn text_is_read_with_or_without_braces_in_either_case() {
    for text in [TEXT, &TEXT[1..37], &TEXT.to_lowercase(), &TEXT[1..37].to_lowercase()] {
        assert_eq!(text.parse(), Ok(SAMPLE), "{text}");
    }
}

#[test]
fn other_text_is_refused() {
    for text in [
        "",
        "{}",
        "{01234567-89AB-CDEF-0123-456789ABCDEF",
        "01234567-89AB-CDEF-0123-456789ABCDEF}",
        "{{01234567-89AB-CDEF-0123-456789ABCDEF}}",
        "0123456789ABCDEF0123456789ABCDEF",
        "01234567-89AB-CDEF-0123-456789ABCDE",
        "01234567-89AB-CDEF-0123-456789ABCDEF0",
        "01234567-89AB-CDEF-0123-456789ABCDEG",
        "01234567-89AB-CDEF-0123_456789ABCDEF",
        "0123456-789AB-CDEF-0123-456789ABCDEF",
        "+1234567-89AB-CDEF-0123-456789ABCDEF",
        " 01234567-89AB-CDEF-0123-456789ABCDEF",
        "01234567-89AB-CDEF-0123-456789ABCDé",
    ] {
        assert!(text.parse::<Guid>().is_err(), "{text}");
    }
}

#[test]
fn the_storage_form_is_in_the_order_of_the_text() {
    let bytes = SAMPLE.to_bytes();
    assert_eq!(
        bytes,
        [0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef]
    );
    assert_eq!(Guid::from_bytes(bytes), SAMPLE);
}

#[test]
fn the_memory_layout_is_that_of_the_sdk() {
    assert_eq!(size_of::<Guid>(), 16);
    assert_eq!(align_of::<Guid>(), 4);
    assert_eq!((SAMPLE.data1, SAMPLE.data2, SAMPLE.data3), (0x0123_4567, 0x89ab, 0xcdef));
    assert_eq!(SAMPLE.data4, [0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef]);
}

#[test]
fn random_identifiers_are_of_version_4_and_keep_the_other_bits() {
    assert_eq!(Guid::from_random([0; 16]).to_string(), "{00000000-0000-4000-8000-000000000000}");
    assert_eq!(Guid::from_random([0xFF; 16]).to_string(), "{FFFFFFFF-FFFF-4FFF-BFFF-FFFFFFFFFFFF}");
}

#[test]
fn order_is_the_order_of_the_text() {
    let guids: Vec<_> = (0..64).map(|shift| Guid::from_u128(0x9 << (2 * shift))).collect();
    for a in &guids {
        for b in &guids {
            assert_eq!(a.cmp(b), a.to_string().cmp(&b.to_string()));
            assert_eq!(a.cmp(b), a.to_bytes().cmp(&b.to_bytes()));
        }
    }
    assert!(Guid::NULL.is_null() && !SAMPLE.is_null());
}
