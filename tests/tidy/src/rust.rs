//! As much of Rust's syntax as the rules need: what is code, and what is comment, text or test.

/// The code of a file: comments and literals become spaces, so do modules that only tests have.
#[must_use]
pub fn code(text: &str) -> String {
    without_tests(&without_comments(text))
}

/// Comments and the contents of string and character literals become spaces.
fn without_comments(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut code = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let rest = &text[at..];
        let word_before = at > 0 && is_word(bytes[at - 1]);
        let end = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if rest.starts_with('"') {
            string_end(rest)
        } else if !word_before && (rest.starts_with("r\"") || rest.starts_with("r#")) {
            raw_string_end(rest)
        } else if rest.starts_with('\'') {
            character_end(rest)
        } else {
            0
        };
        if end == 0 {
            code.push(bytes[at]);
            at += 1;
        } else {
            code.extend(bytes[at..at + end].iter().map(|&byte| if byte == b'\n' { b'\n' } else { b' ' }));
            at += end;
        }
    }
    String::from_utf8(code).expect("characters are replaced as a whole")
}

fn string_end(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn raw_string_end(text: &str) -> usize {
    let hashes: String = text[1..].chars().take_while(|&c| c == '#').collect();
    // A raw identifier such as r#type is code.
    if !text[1 + hashes.len()..].starts_with('"') {
        return 0;
    }
    let start = 2 + hashes.len();
    let close = format!("\"{hashes}");
    text[start..].find(&close).map_or(text.len(), |end| start + end + close.len())
}

/// The length of a character literal; 0 for a lifetime.
fn character_end(text: &str) -> usize {
    let mut characters = text.char_indices().skip(1);
    match characters.next() {
        Some((_, '\\')) => text[3..].find('\'').map_or(0, |end| end + 4),
        Some(_) => characters.next().filter(|&(_, c)| c == '\'').map_or(0, |(at, _)| at + 1),
        None => 0,
    }
}

/// Inline modules marked `#[cfg(test)]` become spaces.
fn without_tests(code: &str) -> String {
    let mut result = code.to_owned();
    let mut from = 0;
    while let Some(found) = result[from..].find("#[cfg(test)]") {
        let start = from + found;
        let item = start + "#[cfg(test)]".len();
        let end = match result[item..].find(['{', ';']) {
            Some(at) if result.as_bytes()[item + at] == b'{' => block_end(&result, item + at),
            Some(at) => item + at + 1,
            None => result.len(),
        };
        let blank: String = result[start..end].chars().map(|c| if c == '\n' { '\n' } else { ' ' }).collect();
        result.replace_range(start..end, &blank);
        from = end.min(result.len());
    }
    result
}

/// Where the block that opens at `open` is over.
#[must_use]
pub fn block_end(code: &str, open: usize) -> usize {
    let mut depth = 0;
    for (at, byte) in code.bytes().enumerate().skip(open) {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    code.len()
}

/// Whether a byte belongs to a word.
#[must_use]
pub fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Whether `word` stands in a text by itself.
#[must_use]
pub fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let end = at + word.len();
        let bytes = text.as_bytes();
        (at == 0 || !is_word(bytes[at - 1])) && bytes.get(end).is_none_or(|&byte| !is_word(byte))
    })
}

#[cfg(test)]
mod tests {
    use super::{code, has_word};

    #[test]
    fn comments_literals_and_test_modules_are_no_code() {
        let text = "a::b; // c::d\nlet x = \"e::f\\\"\"; let y: &'s u8 = '\"'; /* g */ r#\"h\"\"# ;\n\
                    #[cfg(test)]\nmod tests { use i::j; }\nk";
        let code = code(text);
        for kept in ["a", "b", "s", "u8", "k"] {
            assert!(has_word(&code, kept), "{kept} is missing in {code}");
        }
        for gone in ["c", "e", "g", "h", "i", "tests"] {
            assert!(!has_word(&code, gone), "{gone} is left in {code}");
        }
        assert_eq!(code.lines().count(), text.lines().count());
    }
}
