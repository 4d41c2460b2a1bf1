//! Headers made of the bytes of a fuzzer: a line each, a colon between name and value.

/// Names and values, as a library of HTTP gives them to the parsers.
pub fn headers(data: &[u8]) -> Vec<(&str, &[u8])> {
    data.split(|byte| *byte == b'\n')
        .filter_map(|line| {
            let colon = line.iter().position(|byte| *byte == b':')?;
            Some((std::str::from_utf8(&line[..colon]).ok()?, &line[colon + 1..]))
        })
        .collect()
}
