//! Synthetic content: pseudo-random bytes computed at any offset, never stored.
//!
//! Byte `i` is byte `i % 8` of the little-endian word `mix(start + (i / 8 + 1) * GOLDEN)`, where `mix` is the
//! finalizer of SplitMix64 and `start = mix(seed + version * GOLDEN)`. No two places of a file look alike, so a byte
//! written at a wrong place always shows.

use std::fmt::Write as _;

const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// Computes `len` bytes of the content of (`seed`, `version`) from `offset` on.
pub fn bytes(seed: u64, version: u64, offset: u64, len: usize) -> Vec<u8> {
    let mut out = vec![0; len];
    fill(seed, version, offset, &mut out);
    out
}

/// Fills `out` with the content of (`seed`, `version`) from `offset` on.
pub fn fill(seed: u64, version: u64, offset: u64, out: &mut [u8]) {
    let start = mix(seed.wrapping_add(version.wrapping_mul(GOLDEN)));
    let word = |index: u64| mix(start.wrapping_add((index + 1).wrapping_mul(GOLDEN))).to_le_bytes();

    let skip = (offset % 8) as usize;
    let mut index = offset / 8;
    let (head, rest) = out.split_at_mut(if skip == 0 { 0 } else { out.len().min(8 - skip) });
    if !head.is_empty() {
        head.copy_from_slice(&word(index)[skip..skip + head.len()]);
        index += 1;
    }
    let (words, tail) = rest.as_chunks_mut::<8>();
    for chunk in words {
        *chunk = word(index);
        index += 1;
    }
    tail.copy_from_slice(&word(index)[..tail.len()]);
}

/// The SHA-256 of the first `size` bytes of the content of (`seed`, `version`), in lower-case hexadecimal.
pub fn sha256(seed: u64, version: u64, size: u64) -> String {
    let mut hash = ring::digest::Context::new(&ring::digest::SHA256);
    let mut block = vec![0; 256 * 1024];
    let mut offset = 0;
    while offset < size {
        let len = block.len().min(usize::try_from(size - offset).unwrap_or(usize::MAX));
        fill(seed, version, offset, &mut block[..len]);
        hash.update(&block[..len]);
        offset += len as u64;
    }
    hex(hash.finish().as_ref())
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_piece_equals_the_same_piece_of_the_whole() {
        let whole = bytes(7, 0, 0, 100);
        for offset in 0..40 {
            for len in 0..40 {
                assert_eq!(
                    bytes(7, 0, offset as u64, len),
                    whole[offset..offset + len],
                    "{len} bytes at {offset}"
                );
            }
        }
    }

    #[test]
    fn the_first_words_are_fixed_for_other_languages() {
        assert_eq!(hex(&bytes(7, 0, 0, 16)), "4fbd0a4c1f893b8615f4ea82d2fb584d");
    }

    #[test]
    fn seed_and_version_each_change_every_stretch() {
        let base = bytes(7, 0, 1 << 40, 64);
        assert_ne!(base, bytes(8, 0, 1 << 40, 64));
        assert_ne!(base, bytes(7, 1, 1 << 40, 64));
    }

    #[test]
    fn sha256_is_that_of_the_bytes() {
        let whole = bytes(3, 2, 0, 600_000);
        assert_eq!(sha256(3, 2, 600_000), hex(ring::digest::digest(&ring::digest::SHA256, &whole).as_ref()));
        assert_eq!(sha256(3, 2, 0), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }
}
