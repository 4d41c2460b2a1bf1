//! Who asks: Basic authentication against an htpasswd file, or what a trusted proxy says.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::Path;
use std::sync::Arc;

use parking_lot::Mutex;
use ring::{digest, hmac};
use tokio::sync::Semaphore;

/// Passwords that are checked at once: each takes a processor for a while, on purpose.
const AT_ONCE: usize = 2;
/// Right passwords that are remembered, so that not every packet costs that.
const REMEMBERED: usize = 10_000;
/// Compared with the password of a user who is not there, so that time does not tell who is.
const NOBODY: &str = "$2y$05$bvIG6Nmid91Mu9RcmmWZfO5HJIMCT8riNW0hEp8f6/FuA2/mHZFpe";

/// The users of an htpasswd file.
pub struct Users {
    hashes: Arc<HashMap<String, String>>,
    key: hmac::Key,
    right: Mutex<HashSet<[u8; 32]>>,
    room: Semaphore,
}

impl Users {
    /// Reads an htpasswd file: `user:hash` lines with bcrypt, as `htpasswd -B` makes them.
    ///
    /// # Errors
    /// What is wrong, with file and line.
    pub fn read(path: &Path) -> Result<Users, String> {
        let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let mut hashes = HashMap::new();
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            if line.starts_with('#') {
                continue;
            }
            let (user, hash) = line.trim_end().split_once(':').unwrap_or((line, ""));
            let known = ["$2y$", "$2a$", "$2b$"].iter().any(|kind| hash.starts_with(kind));
            if user.is_empty() || !known || hash.len() != 60 {
                let place = format!("{}: line {}", path.display(), number + 1);
                return Err(format!("{place}: not a user with a bcrypt password, as htpasswd -B makes them"));
            }
            hashes.insert(user.to_owned(), hash.to_owned());
        }
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(|error| error.to_string())?;
        Ok(Users {
            hashes: Arc::new(hashes),
            key: hmac::Key::new(hmac::HMAC_SHA256, &secret),
            right: Mutex::default(),
            room: Semaphore::new(AT_ONCE),
        })
    }

    /// The user of an `Authorization` header whose password is right.
    pub async fn check(&self, header: &[u8]) -> Option<String> {
        let (user, password) = credentials(header)?;
        let mut both = digest::Context::new(&digest::SHA256);
        both.update(user.as_bytes());
        both.update(b":");
        both.update(password.as_bytes());
        let proof = hmac::sign(&self.key, both.finish().as_ref());
        let proof: [u8; 32] = proof.as_ref().try_into().ok()?;
        if self.right.lock().contains(&proof) {
            return Some(user);
        }
        let _permit = self.room.acquire().await.ok()?;
        let (hashes, name) = (Arc::clone(&self.hashes), user.clone());
        let right = tokio::task::spawn_blocking(move || {
            let hash = hashes.get(&name).map_or(NOBODY, String::as_str);
            bcrypt::verify(password, hash).unwrap_or(false) && hashes.contains_key(&name)
        });
        if !right.await.unwrap_or(false) {
            return None;
        }
        let mut remembered = self.right.lock();
        if remembered.len() >= REMEMBERED {
            remembered.clear();
        }
        remembered.insert(proof);
        Some(user)
    }
}

/// User and password of a Basic header (RFC 7617).
fn credentials(header: &[u8]) -> Option<(String, String)> {
    let header = std::str::from_utf8(header).ok()?;
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    let both = String::from_utf8(base64(encoded.trim())?).ok()?;
    let (user, password) = both.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

/// Decodes base64 with its padding (RFC 4648 section 4).
fn base64(text: &str) -> Option<Vec<u8>> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if !text.len().is_multiple_of(4) {
        return None;
    }
    let bare = text.trim_end_matches('=');
    if text.len() - bare.len() > 2 {
        return None;
    }
    let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::with_capacity(bare.len()));
    for letter in bare.bytes() {
        let value = ALPHABET.iter().position(|known| *known == letter)?;
        bits = bits << 6 | u32::try_from(value).ok()?;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xFF).ok()?);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_what_the_standard_says() {
        let of = |header: &str| credentials(header.as_bytes());
        let pair = |user: &str, password: &str| Some((user.to_owned(), password.to_owned()));
        assert_eq!(of("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="), pair("Aladdin", "open sesame"));
        assert_eq!(of("basic dGVzdDoxMjPCow=="), pair("test", "123£"));
        assert_eq!(of("Basic dTphOmI="), pair("u", "a:b"));
        for bad in ["", "Basic", "Basic dQ", "Basic dQ==", "Basic ####", "Basic =====", "Digest dTphOmI="] {
            assert_eq!(of(bad), None, "{bad}");
        }
    }
}
