//! Headers of answers, kept in little room: the files of a job mostly get the same ones.

/// What `headers` has other than `first`, those of the job's first answer. Both have a line for each header, ended by
/// CR LF; a line that is the same in both is left empty.
#[must_use]
pub fn shorten(headers: &str, first: &str) -> Box<str> {
    let mut first = first.split("\r\n");
    let mut short = String::new();
    for line in headers.split_terminator("\r\n") {
        if first.next() != Some(line) {
            short.push_str(line);
        }
        short.push('\n');
    }
    short.into()
}

/// What [`shorten`] was given.
#[must_use]
pub fn restore(short: &str, first: &str) -> String {
    let mut first = first.split("\r\n");
    let mut headers = String::new();
    for line in short.split_terminator('\n') {
        let same = first.next().unwrap_or_default();
        headers.push_str(if line.is_empty() { same } else { line });
        headers.push_str("\r\n");
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "HTTP/1.1 200 OK\r\nDate: now\r\nETag: \"1\"\r\n";

    #[test]
    fn only_what_differs_is_kept() {
        for (headers, short) in [
            (FIRST, "\n\n\n"),
            ("HTTP/1.1 200 OK\r\nDate: now\r\nETag: \"2\"\r\n", "\n\nETag: \"2\"\n"),
            ("HTTP/1.1 200 OK\r\n", "\n"),
            (
                "HTTP/1.1 200 OK\r\nETag: \"1\"\r\nDate: now\r\nAge: 1\r\n",
                "\nETag: \"1\"\nDate: now\nAge: 1\n",
            ),
            ("", ""),
        ] {
            assert_eq!(&*shorten(headers, FIRST), short);
            assert_eq!(restore(short, FIRST), headers);
        }
    }
}
