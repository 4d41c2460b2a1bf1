//! User names and passwords that the user keeps in `.netrc`.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Larger files are no `.netrc`.
const MOST_BYTES: u64 = 1 << 20;

/// The login and password for `host`, else the default ones.
///
/// A file that others can read, or that belongs to somebody else, is not looked at.
pub(super) fn look_up(path: &Path, host: &str) -> Option<(String, String)> {
    let metadata = std::fs::metadata(path).ok()?;
    if metadata.mode() & 0o077 != 0 || metadata.uid() != crate::sys::user::effective() {
        log::warn!(
            "{} is not used: it must belong to its user and be readable by nobody else",
            path.display()
        );
        return None;
    }
    if metadata.len() > MOST_BYTES {
        return None;
    }
    entry(&std::fs::read_to_string(path).ok()?, host)
}

fn entry(text: &str, host: &str) -> Option<(String, String)> {
    // A macro goes on to the next empty line.
    let mut macro_body = false;
    let lines = text.lines().filter(|line| {
        if line.trim_start().starts_with("macdef") {
            macro_body = true;
        } else if line.trim().is_empty() {
            macro_body = false;
        }
        !macro_body && !line.trim_start().starts_with('#')
    });
    let mut words = lines.flat_map(str::split_ascii_whitespace);
    let (mut here, mut login, mut password) = (false, None, None);
    while let Some(word) = words.next() {
        match word {
            "machine" | "default" => {
                if here && login.is_some() {
                    break;
                }
                here = word == "default" || words.next().is_some_and(|name| name.eq_ignore_ascii_case(host));
                (login, password) = (None, None);
            }
            "login" => login = words.next(),
            "password" => password = words.next(),
            "account" => drop(words.next()),
            _ => {}
        }
    }
    let login = login.filter(|_| here)?;
    Some((login.to_owned(), password.unwrap_or_default().to_owned()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const TEXT: &str = "machine a.example login ann password secret\n# machine px login no\n\
                        macdef init\nmachine px login macro\n\nmachine px\n  login bob\n  account x\n  password hidden\n\
                        default login anonymous password me";

    #[test]
    fn an_entry_is_found_by_its_machine_or_is_the_default() {
        let found = |host| entry(TEXT, host).unwrap();
        assert_eq!(found("A.example"), ("ann".to_owned(), "secret".to_owned()));
        assert_eq!(found("px"), ("bob".to_owned(), "hidden".to_owned()));
        assert_eq!(found("other"), ("anonymous".to_owned(), "me".to_owned()));
        assert_eq!(entry("machine a login", "a"), None);
        assert_eq!(entry("machine a login x", "b"), None);
    }

    #[test]
    fn a_file_that_others_can_read_is_not_used() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), TEXT).unwrap();
        let mode = |mode| std::fs::set_permissions(file.path(), PermissionsExt::from_mode(mode)).unwrap();
        mode(0o600);
        assert!(look_up(file.path(), "px").is_some());
        mode(0o644);
        assert!(look_up(file.path(), "px").is_none());
    }
}
