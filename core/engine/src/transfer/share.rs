//! Names of Windows shares, and where the shares are found from this machine (pure).

use std::borrow::Cow;
use std::fmt::Write;
use std::path::Path;

use super::http::url::check_url;
use super::remote_name::{RemoteNameError, begins, check_remote_name, decode};

/// Places of shares, as configured. A share is named `\\server\share`, its place is the directory where it is mounted,
/// or an http or https URL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shares(Vec<Share>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Share {
    /// Server, share, and perhaps directories of it.
    parts: Vec<String>,
    place: String,
}

impl Shares {
    /// Adds the place of a share.
    ///
    /// # Errors
    /// What is wrong with the name or the place.
    pub fn add(&mut self, name: &str, place: &str) -> Result<(), String> {
        let parts = match name.starts_with(r"\\").then(|| parts(name.trim_end_matches('\\'))) {
            Some(Ok(parts)) if parts.len() >= 2 => parts,
            _ => return Err(r"must have a name like '\\server\share'".to_owned()),
        };
        if !Path::new(place).is_absolute() && check_url(place).is_err() {
            return Err("must be the directory where the share is mounted, or an http URL".to_owned());
        }
        self.0.push(Share { parts, place: place.trim_end_matches('/').to_owned() });
        Ok(())
    }

    /// These places, and behind them those of `other`.
    #[must_use]
    pub fn over(mut self, other: Shares) -> Shares {
        self.0.extend(other.0);
        self
    }

    /// The name under which a file is fetched: its own, but for those on shares.
    ///
    /// # Errors
    /// The share has no place, or the name is that of no file.
    pub fn resolve<'a>(&self, name: &'a str) -> Result<Cow<'a, str>, RemoteNameError> {
        if !is_share(name) {
            return Ok(Cow::Borrowed(name));
        }
        let parts = parts(name)?;
        let begins = |share: &&Share| {
            let same = |(one, other): (&String, &String)| one.to_lowercase() == other.to_lowercase();
            share.parts.len() < parts.len() && share.parts.iter().zip(&parts).all(same)
        };
        // Of equal ones the first, which is that of the administrator.
        let share = self.0.iter().rev().filter(begins).max_by_key(|share| share.parts.len());
        let share = share.ok_or(RemoteNameError::Share)?;
        let rest = &parts[share.parts.len()..];
        let mut real = share.place.clone();
        for part in rest {
            real.push('/');
            if share.place.starts_with('/') {
                real.push_str(part);
            } else {
                encode(part, &mut real);
            }
        }
        Ok(Cow::Owned(real))
    }

    /// [`check_remote_name`] for names that may be those of files on shares.
    ///
    /// # Errors
    /// The first rule the name breaks.
    pub fn check(&self, name: &str) -> Result<(), RemoteNameError> {
        check_remote_name(&self.resolve(name)?)
    }
}

/// Whether the name is that of a file on a share: `\\server\share\file`, or the same as a URL.
#[must_use]
pub fn is_share(name: &str) -> bool {
    let host = |rest: &str| {
        let host = rest.split('/').next().unwrap_or_default();
        !host.is_empty() && !host.eq_ignore_ascii_case("localhost") && rest.contains('/')
    };
    name.starts_with(r"\\") || begins(name, "smb:") || (begins(name, "file://") && host(&name[7..]))
}

/// Server, share, directories and file.
fn parts(name: &str) -> Result<Vec<String>, RemoteNameError> {
    let parts: Vec<String> = match name.strip_prefix(r"\\") {
        Some(rest) => rest.split('\\').map(str::to_owned).collect(),
        None => {
            let rest = name.split_once("://").ok_or(RemoteNameError::Share)?.1;
            let decoded = rest
                .split('/')
                .map(|part| String::from_utf8(decode(part)?).or(Err(RemoteNameError::Encoding)));
            decoded.collect::<Result<_, _>>()?
        }
    };
    let bad = |part: &String| {
        part.is_empty()
            || part.trim_matches('.').is_empty()
            || part.contains(|c: char| c.is_control() || r#"<>:"/\|?*"#.contains(c))
    };
    if parts.iter().any(bad) { Err(RemoteNameError::SharePart) } else { Ok(parts) }
}

/// Writes a part of a path percent-encoded.
fn encode(part: &str, to: &mut String) {
    for byte in part.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => to.push(char::from(byte)),
            // Writing to a string does not fail.
            _ => drop(write!(to, "%{byte:02X}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares() -> Shares {
        let mut shares = Shares::default();
        for (name, place) in [
            (r"\\Server\Data", "/mnt/data/"),
            (r"\\server\data", "/mnt/other"),
            (r"\\server\data\web\", "https://files.example/pub"),
            (r"\\größe\d$", "/mnt/ä b"),
        ] {
            shares.add(name, place).unwrap();
        }
        shares
    }

    #[test]
    fn names_on_shares_lead_to_their_places_the_longest_and_first_one_first() {
        let shares = shares();
        for (name, real) in [
            (r"\\server\data\a\b.txt", "/mnt/data/a/b.txt"),
            (r"\\SERVER\DATA\A", "/mnt/data/A"),
            (r"\\server\data\web\a b#\ä.txt", "https://files.example/pub/a%20b%23/%C3%A4.txt"),
            (r"\\server\data\website\a", "/mnt/data/website/a"),
            (r"\\Größe\D$\x%41", "/mnt/ä b/x%41"),
            ("smb://server/data/a%20b", "/mnt/data/a b"),
            ("FILE://server/data/a%20b", "/mnt/data/a b"),
            ("file:///a", "file:///a"),
            ("file://localhost/a", "file://localhost/a"),
            ("/a", "/a"),
            ("http://server/data/a", "http://server/data/a"),
        ] {
            assert_eq!(shares.resolve(name).unwrap(), real, "{name}");
            assert_eq!(shares.check(name), Ok(()), "{name}");
        }
    }

    #[test]
    fn no_name_leaves_its_share_and_others_have_no_place() {
        use RemoteNameError as E;
        for (name, why) in [
            (r"\\server\data", E::Share),
            (r"\\server\other\a", E::Share),
            (r"\\stranger\data\a", E::Share),
            ("smb:server", E::Share),
            ("file://stranger/data/a", E::Share),
            (r"\\server\data\", E::SharePart),
            (r"\\server\data\a\", E::SharePart),
            (r"\\server\data\..\..\etc\passwd", E::SharePart),
            (r"\\server\data\...\a", E::SharePart),
            (r"\\server\data\a/../../b", E::SharePart),
            (r"\\server\data\\a", E::SharePart),
            (r"\\server\data\a*", E::SharePart),
            (r"\\server\data\a:stream", E::SharePart),
            (r"\\?\C:\a", E::SharePart),
            (r"\\.\pipe\a", E::SharePart),
            ("smb://server/data/%2e%2e/a", E::SharePart),
            ("smb://server/data/a%5cb", E::SharePart),
            ("smb://server/data/a%2fb", E::Encoding),
            ("smb://server/data/%ff", E::Encoding),
        ] {
            assert_eq!(shares().check(name), Err(why), "{name}");
        }
    }

    #[test]
    fn what_is_no_share_or_no_place_is_refused() {
        let mut shares = Shares::default();
        for (name, place) in [
            (r"\\server", "/a"),
            (r"\\server\", "/a"),
            (r"\server\share", "/a"),
            ("smb://server/share", "/a"),
            (r"\\server\..", "/a"),
            (r"\\server\share", "a"),
            (r"\\server\share", ""),
            (r"\\server\share", "ftp://a/"),
        ] {
            assert!(shares.add(name, place).is_err(), "{name} {place}");
        }
        assert_eq!(shares, Shares::default());
    }
}
