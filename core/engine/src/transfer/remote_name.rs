//! Remote names: URLs of http servers, and files of this machine and of the shares that are mounted on it.

use std::ffi::OsString;
use std::fmt;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use bgcopy_protocol::limits::{MAX_NAME, MAX_URL};

use super::http::url::{UrlError, check_url};
use super::share::is_share;

/// Why a remote name was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemoteNameError {
    /// What begins with http:// or https:// and is no URL.
    Url(UrlError),
    /// Longer than [`MAX_URL`].
    TooLong,
    /// Neither a URL of a known scheme nor an absolute path.
    Scheme,
    /// A name of a Windows share that has no place.
    Share,
    /// Such a name with a part that is none.
    SharePart,
    /// A character that is to be percent-encoded in a URL.
    Character(char),
    /// A percent sign without two hexadecimal digits, or before ones that no file name holds.
    Encoding,
    /// No file is named: a slash at the end, `.` or `..`.
    NoFile,
    /// A part of the path over [`MAX_NAME`] bytes.
    LongName,
    /// A NUL in the path.
    Nul,
}

impl fmt::Display for RemoteNameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RemoteNameError::Url(why) => why.fmt(f),
            RemoteNameError::TooLong => write!(f, "the remote name is longer than {MAX_URL} characters"),
            RemoteNameError::Scheme => {
                write!(f, "the remote name begins neither with http://, https:// or file:// nor with a slash")
            }
            RemoteNameError::Share => {
                write!(
                    f,
                    "the share has no place in [shares] of config.toml; mount it, and name it there or name the path"
                )
            }
            RemoteNameError::SharePart => {
                write!(f, "a part of the name is empty, . or .., or has a character that no share allows")
            }
            RemoteNameError::Character(c) => {
                write!(f, "the URL contains the character {c:?}; write it percent-encoded")
            }
            RemoteNameError::Encoding => {
                write!(f, "the URL contains a % that encodes no character of a name")
            }
            RemoteNameError::NoFile => write!(f, "the remote name is that of a directory"),
            RemoteNameError::LongName => write!(f, "a name in the path is longer than {MAX_NAME} bytes"),
            RemoteNameError::Nul => write!(f, "the path contains a NUL"),
        }
    }
}

impl std::error::Error for RemoteNameError {}

/// Checks what a program gives as a remote name: an http or https URL, a file URL, or an absolute path.
/// Whether there is such a file shows when it is fetched.
///
/// # Errors
/// The first rule the name breaks.
pub fn check_remote_name(name: &str) -> Result<(), RemoteNameError> {
    if is_share(name) {
        return Err(RemoteNameError::Share);
    }
    if is_file(name) {
        if name.chars().count() > MAX_URL {
            return Err(RemoteNameError::TooLong);
        }
        return file_path(name).map(drop);
    }
    check_url(name).map_err(|why| match why {
        UrlError::Scheme => RemoteNameError::Scheme,
        why => RemoteNameError::Url(why),
    })
}

/// Most characters of a name in an error text.
const SHOWN: usize = 200;

/// A refused name for an error text: printable, not too long, and without what may be a password.
///
/// What is no URL has no place for one, so everything before an `@` may be it.
#[must_use]
pub fn shown(name: &str) -> String {
    let visible = match name.rsplit_once('@') {
        Some((before, after)) => {
            let scheme = before.find("://").map_or("", |at| &before[..at + 3]);
            format!("{scheme}...@{after}")
        }
        None => name.to_owned(),
    };
    let mut text: String = visible.chars().take(SHOWN).flat_map(char::escape_debug).collect();
    if visible.chars().count() > SHOWN {
        text += "...";
    }
    text
}

/// Whether the name is that of a file, here or on a share, not one of an http server.
#[must_use]
pub fn is_file(name: &str) -> bool {
    name.starts_with('/') || begins(name, "file:") || is_share(name)
}

/// The protocol of an error with this file: `http`, `https` or `file`.
#[must_use]
pub fn protocol(name: &str) -> String {
    match name.split_once("://") {
        Some((scheme, _)) if !is_file(name) => scheme.to_ascii_lowercase(),
        _ => "file".to_owned(),
    }
}

/// The path that a file's name means: an absolute path as it is, that of a `file:` URL decoded.
///
/// # Errors
/// It is no such name.
pub fn file_path(name: &str) -> Result<PathBuf, RemoteNameError> {
    let path = match name.split_once(':') {
        Some(("", _)) | None => name.as_bytes().to_vec(),
        Some(_) if name.starts_with('/') => name.as_bytes().to_vec(),
        Some((_, rest)) => decode(local(rest)?)?,
    };
    if path.first() != Some(&b'/') {
        return Err(RemoteNameError::Scheme);
    }
    if path.contains(&0) {
        return Err(RemoteNameError::Nul);
    }
    let mut parts = path.split(|byte| *byte == b'/');
    if parts.clone().any(|part| part.len() > MAX_NAME) {
        return Err(RemoteNameError::LongName);
    }
    if matches!(parts.next_back(), None | Some(b"" | b"." | b"..")) {
        return Err(RemoteNameError::NoFile);
    }
    Ok(PathBuf::from(OsString::from_vec(path)))
}

/// The path of what follows `file:` (RFC 8089): of this host only.
fn local(rest: &str) -> Result<&str, RemoteNameError> {
    match rest.strip_prefix("//") {
        None if rest.starts_with('/') => Ok(rest),
        None => Err(RemoteNameError::NoFile),
        Some(rest) => {
            let slash = rest.find('/').ok_or(RemoteNameError::NoFile)?;
            let (host, path) = rest.split_at(slash);
            let here = host.is_empty() || host.eq_ignore_ascii_case("localhost");
            if here { Ok(path) } else { Err(RemoteNameError::Share) }
        }
    }
}

pub(super) fn decode(path: &str) -> Result<Vec<u8>, RemoteNameError> {
    let mut decoded = Vec::with_capacity(path.len());
    let mut rest = path.chars();
    while let Some(c) = rest.next() {
        match c {
            '%' => {
                let mut digit =
                    || rest.next().and_then(|c| c.to_digit(16)).and_then(|d| u8::try_from(d).ok());
                match (digit(), digit()) {
                    // An encoded slash would make one name into two.
                    (Some(high), Some(low)) if !matches!(high << 4 | low, 0 | b'/') => {
                        decoded.push(high << 4 | low);
                    }
                    _ => return Err(RemoteNameError::Encoding),
                }
            }
            // A query or a fragment is of no use with a file: they are part of a name somebody did not encode.
            '?' | '#' => return Err(RemoteNameError::Character(c)),
            c if c.is_ascii_graphic() => decoded.push(c as u8),
            c => return Err(RemoteNameError::Character(c)),
        }
    }
    Ok(decoded)
}

pub(super) fn begins(name: &str, scheme: &str) -> bool {
    name.get(..scheme.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(scheme))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_by_their_path_or_by_a_file_url() {
        for (name, path) in [
            ("/a/b", "/a/b"),
            ("/a b/?#%41:ä\n*", "/a b/?#%41:ä\n*"),
            ("//a/b", "//a/b"),
            ("/a:b", "/a:b"),
            ("file:///a/b", "/a/b"),
            ("FILE://localhost/a/b", "/a/b"),
            ("file:/a/b", "/a/b"),
            ("file:///a%20b/%c3%A4%3f", "/a b/ä?"),
            ("file:///a/../b", "/a/../b"),
        ] {
            assert_eq!(check_remote_name(name), Ok(()), "{name}");
            assert_eq!(file_path(name).unwrap(), PathBuf::from(path), "{name}");
            assert_eq!(protocol(name), "file");
        }
        for name in ["http://host/a", "HTTPS://host/a:b"] {
            assert_eq!(check_remote_name(name), Ok(()), "{name}");
            assert!(!is_file(name));
        }
        assert_eq!((&*protocol("HTTP://host/"), &*protocol("/a://b")), ("http", "file"));
    }

    #[test]
    fn what_names_no_file_is_refused_with_its_reason() {
        use RemoteNameError as E;
        let long_name = format!("/a/{}", "x".repeat(256));
        let long = format!("/{}", "x/".repeat(1100));
        for (name, why) in [
            ("", E::Scheme),
            ("a/b", E::Scheme),
            ("./a", E::Scheme),
            ("C:\\a", E::Scheme),
            ("ftp://host/a", E::Scheme),
            (r"\\server\share\a", E::Share),
            ("smb://server/share/a", E::Share),
            ("file://server/share/a", E::Share),
            ("file://", E::NoFile),
            ("file:a", E::NoFile),
            ("file:///", E::NoFile),
            ("/", E::NoFile),
            ("/a/", E::NoFile),
            ("/a/..", E::NoFile),
            ("file:///a/%2E", E::NoFile),
            ("file:///a b", E::Character(' ')),
            ("file:///ä", E::Character('ä')),
            ("file:///a?b", E::Character('?')),
            ("file:///a%2", E::Encoding),
            ("file:///a%zz", E::Encoding),
            ("file:///a%2Fb", E::Encoding),
            ("file:///a%00", E::Encoding),
            ("/a\0", E::Nul),
            (&long_name, E::LongName),
            (&long, E::TooLong),
            ("http://", E::Url(UrlError::Host)),
        ] {
            assert_eq!(check_remote_name(name), Err(why), "{name}");
        }
    }

    #[test]
    fn refused_names_are_shown_without_passwords() {
        for (name, text) in [
            ("ftp://host/a b", "ftp://host/a b"),
            ("http://user:secret@host:x/a", "http://...@host:x/a"),
            ("http:/user:secret@host", "...@host"),
            ("http://user:s/e@cret@host", "http://...@host"),
            ("a\r\nb\u{1b}", "a\\r\\nb\\u{1b}"),
        ] {
            assert_eq!(shown(name), text);
        }
        assert_eq!(shown(&"x".repeat(3000)).len(), SHOWN + 3);
    }
}
