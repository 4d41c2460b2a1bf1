//! Encrypts what must not be readable on disk (ChaCha20-Poly1305).
//!
//! Not AES: valgrind does not follow its instructions, and would complain about programs that set headers.
//!
//! The key is in the kernel's keyring, else a credential of the service manager, else a file beside the queue that only
//! its owner can read, and that is made where there is nothing else. What is sealed says which key it needs and where
//! that was: nothing is sealed anew when a better place appears, so that it stays readable as long as its own key is
//! there, and whoever misses a key is told where. The same bytes are the same key in every place.

use std::ffi::{CStr, CString};
use std::fmt;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use parking_lot::Mutex;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::digest::{SHA256, digest};

use super::keyring;

/// Bytes of a key file, and the fewest of a key elsewhere.
const KEY_LEN: usize = 32;
const KEYRING: &CStr = c"bgcopy:queue";
const CREDENTIAL: &str = "bgcopy.key";
const KEY_FILE: &str = "queue.key";

/// What tells keys apart, and does not tell the key.
type KeyId = [u8; 8];

/// What is sealed begins with its place and the key's name.
const PREFIX_LEN: usize = 1 + size_of::<KeyId>();

/// Seals and opens small secrets. The key is looked for when it is first needed.
#[derive(Debug)]
pub struct Sealer {
    /// The description of the key in the keyring.
    description: CString,
    /// The credential, which need not exist.
    given: Option<PathBuf>,
    /// The file beside the queue.
    own: PathBuf,
    /// Every key that was found so far, the one that was used last for sealing at the end.
    keys: Mutex<Vec<Key>>,
}

struct Key {
    place: Place,
    id: KeyId,
    key: LessSafeKey,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({:?}, ..)", self.place)
    }
}

/// Where a key is; the numbers are on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Place {
    Keyring = 1,
    Credential = 2,
    File = 3,
}

/// The places in the order in which they are looked at.
const PLACES: [Place; 3] = [Place::Keyring, Place::Credential, Place::File];

/// Why something sealed cannot be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// What is missing, and what to do.
    pub text: String,
    /// The key was in the keyring, which is empty after a restart of the machine: it may come back.
    pub for_now: bool,
}

impl Unreadable {
    /// It is no use waiting.
    #[must_use]
    pub fn for_good(why: impl fmt::Display) -> Unreadable {
        Unreadable { text: why.to_string(), for_now: false }
    }

    /// The same, saying what cannot be opened.
    #[must_use]
    pub fn of(self, what: &str) -> Unreadable {
        Unreadable { text: format!("{what} cannot be read: {}, or set them again", self.text), ..self }
    }
}

impl Sealer {
    /// A sealer for the queue in `directory`; `credentials` is `$CREDENTIALS_DIRECTORY`.
    #[must_use]
    pub fn new(directory: &Path, credentials: Option<&Path>) -> Sealer {
        Sealer {
            description: KEYRING.to_owned(),
            given: credentials.map(|directory| directory.join(CREDENTIAL)),
            own: directory.join(KEY_FILE),
            keys: Mutex::default(),
        }
    }

    /// Encrypts `plain`, which can be opened in the same `context` only, with the key of the first place that has one
    /// now. A key file is on disk by then.
    ///
    /// # Errors
    /// There is no key and none can be made, or the one that there is cannot be used.
    pub fn seal(&self, plain: &[u8], context: &[u8]) -> io::Result<Vec<u8>> {
        // Held until the key is known: two threads must not make two key files.
        let mut keys = self.keys.lock();
        let mut found = None;
        for place in PLACES {
            found = self.look(place)?;
            if found.is_some() {
                break;
            }
        }
        let new = match found {
            Some(key) => key,
            None => Key::new(Place::File, &make_key(&self.own)?)?,
        };
        let same = |key: &Key| (key.place, key.id) == (new.place, new.id);
        if !keys.last().is_some_and(same) {
            log::info!("secrets of jobs are encrypted with {}", self.name(new.place));
        }
        keys.retain(|key| !same(key));
        keys.push(new);
        let Some(key) = keys.last() else { return Err(io::ErrorKind::NotFound.into()) };
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce).map_err(io::Error::from)?;
        let mut sealed = plain.to_vec();
        key.key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(context), &mut sealed)
            .map_err(|_| io::Error::other("the secret is too long to be encrypted"))?;
        let prefix = [&[key.place as u8][..], &key.id[..], &nonce[..]].concat();
        sealed.splice(..0, prefix);
        Ok(sealed)
    }

    /// Decrypts what [`Sealer::seal`] gave.
    ///
    /// # Errors
    /// The key it was sealed with is not there, or it was changed.
    pub fn open(&self, sealed: &[u8], context: &[u8]) -> Result<Vec<u8>, Unreadable> {
        let damaged = || Unreadable::for_good("what is stored of it is damaged");
        let (prefix, rest) = sealed.split_at_checked(PREFIX_LEN).ok_or_else(damaged)?;
        let (nonce, text) = rest.split_at_checked(NONCE_LEN).ok_or_else(damaged)?;
        let (place, id) = (prefix[0], &prefix[1..]);
        let place = PLACES.into_iter().find(|known| *known as u8 == place).ok_or_else(damaged)?;
        let mut keys = self.keys.lock();
        if !keys.iter().any(|key| key.id == id) {
            self.find(&mut keys, place, id)?;
        }
        let key = keys.iter().find(|key| key.id == id).ok_or_else(damaged)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| damaged())?;
        let mut text = text.to_vec();
        let plain = key.key.open_in_place(nonce, Aad::from(context), &mut text).map_err(|_| damaged())?;
        Ok(plain.to_vec())
    }

    /// Looks for a key in all places: its bytes may have been put into another one than they were in.
    fn find(&self, keys: &mut Vec<Key>, place: Place, id: &[u8]) -> Result<(), Unreadable> {
        let mut there = "not there";
        let mut refused = None;
        for looked_at in PLACES {
            match self.look(looked_at) {
                Ok(Some(key)) if key.id == id => {
                    log::info!("secrets of jobs are decrypted with {}", self.name(looked_at));
                    // Before the one that was used for sealing.
                    keys.insert(0, key);
                    return Ok(());
                }
                Ok(Some(_)) if looked_at == place => there = "another one now",
                Ok(_) => {}
                Err(error) if looked_at == place => refused = Some(error),
                Err(error) => log::warn!("{error}"),
            }
        }
        let name = self.name(place);
        let text = match (refused, place) {
            (Some(error), _) => format!("it was encrypted with {name}, which cannot be read: {error}"),
            (None, Place::Keyring) => format!(
                "it was encrypted with {name}, which is {there}; put the key back, as keyrings are empty after a restart"
            ),
            (None, _) => format!("it was encrypted with {name}, which is {there}: put it back"),
        };
        Err(Unreadable { text, for_now: place == Place::Keyring })
    }

    /// The key that is in a place now.
    fn look(&self, place: Place) -> io::Result<Option<Key>> {
        let secret = match place {
            Place::Keyring => keyring::read(&self.description),
            Place::Credential => self.given.as_deref().map_or(Ok(None), read),
            Place::File => read(&self.own),
        };
        let name = self.name(place);
        let Some(secret) =
            secret.map_err(|error| io::Error::new(error.kind(), format!("{name}: {error}")))?
        else {
            return Ok(None);
        };
        if place == Place::File && secret.len() != KEY_LEN {
            return Err(io::Error::other(format!("{name} is damaged: it is no key")));
        }
        if secret.len() < KEY_LEN {
            return Err(io::Error::other(format!("{name} is too short: a key has at least {KEY_LEN} bytes")));
        }
        Key::new(place, &secret).map(Some)
    }

    /// A place for people.
    fn name(&self, place: Place) -> String {
        match place {
            Place::Keyring => {
                format!("the key {} of the kernel's keyring", self.description.to_string_lossy())
            }
            Place::Credential => match &self.given {
                Some(given) => format!("the credential {}", given.display()),
                None => format!("the credential {CREDENTIAL} of the service"),
            },
            Place::File => format!("the key file {}", self.own.display()),
        }
    }
}

impl Key {
    fn new(place: Place, secret: &[u8]) -> io::Result<Key> {
        let key = digest(&SHA256, secret);
        // Of the digest, so that it is not the beginning of the key.
        let name = digest(&SHA256, &[b"name of ".as_slice(), key.as_ref()].concat());
        let mut id = KeyId::default();
        id.copy_from_slice(&name.as_ref()[..size_of::<KeyId>()]);
        let key = UnboundKey::new(&CHACHA20_POLY1305, key.as_ref())
            .map_err(|_| io::Error::other("the key cannot be used"))?;
        Ok(Key { place, id, key: LessSafeKey::new(key) })
    }
}

/// The content of a file, if it is there.
fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut content = Vec::new();
    match OpenOptions::new().read(true).custom_flags(libc::O_NOFOLLOW).open(path) {
        Ok(file) => file.take(64 * 1024).read_to_end(&mut content)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    Ok(Some(content))
}

/// Makes a new key file, durably: what is sealed with it is stored next.
fn make_key(path: &Path) -> io::Result<[u8; KEY_LEN]> {
    let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    let mut secret = [0; KEY_LEN];
    getrandom::fill(&mut secret).map_err(io::Error::from)?;
    let directory = path.parent().unwrap_or(Path::new("/"));
    DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(named)?;
    // Under another name until it is whole.
    let new = path.with_extension("key.new");
    match std::fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(named(error)),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new).map_err(named)?;
    file.write_all(&secret).and_then(|()| file.sync_all()).map_err(named)?;
    std::fs::rename(&new, path).map_err(named)?;
    File::open(directory).and_then(|directory| directory.sync_all()).map_err(named)?;
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::super::keyring::own::Keyring;
    use super::*;

    /// A sealer as it is where the keyring has no key.
    fn sealer(directory: &Path, credentials: Option<&Path>) -> Sealer {
        let description = c"bgcopy:nobody makes this".to_owned();
        Sealer { description, ..Sealer::new(directory, credentials) }
    }

    #[test]
    fn what_is_sealed_is_opened_by_the_next_process_and_unreadable_otherwise() {
        let directory = tempfile::tempdir().unwrap();
        let sealed = sealer(directory.path(), None).seal(b"X-Secret: geheim", b"job 1").unwrap();
        assert!(!sealed.windows(6).any(|window| window == b"geheim"));
        let next = sealer(directory.path(), None);
        assert_eq!(next.open(&sealed, b"job 1").unwrap(), b"X-Secret: geheim");
        assert!(next.open(&sealed, b"job 2").is_err(), "it belongs to another job");
        for len in 0..sealed.len() {
            assert!(next.open(&sealed[..len], b"job 1").is_err());
        }
        let mode = std::fs::metadata(directory.path().join(KEY_FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_ne!(next.seal(b"same", b"").unwrap(), next.seal(b"same", b"").unwrap());
    }

    #[test]
    fn a_lost_key_is_an_error_that_names_its_place() {
        let directory = tempfile::tempdir().unwrap();
        let sealed = sealer(directory.path(), None).seal(b"geheim", b"").unwrap();
        let path = directory.path().join(KEY_FILE);
        let error = |expected: &str| {
            let error = sealer(directory.path(), None).open(&sealed, b"").unwrap_err();
            assert!(
                error.text.contains(expected) && error.text.contains(path.to_str().unwrap()),
                "{error:?}"
            );
            assert!(!error.for_now);
        };
        std::fs::remove_file(&path).unwrap();
        error("not there");
        std::fs::write(&path, [1; KEY_LEN]).unwrap();
        error("another one");
        std::fs::write(&path, b"short").unwrap();
        error("damaged");
    }

    #[test]
    fn a_credential_comes_before_the_file_and_older_secrets_stay_readable() {
        let (directory, credentials) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let older = sealer(directory.path(), None).seal(b"older", b"").unwrap();
        std::fs::write(credentials.path().join(CREDENTIAL), [7; 40]).unwrap();
        let given = sealer(directory.path(), Some(credentials.path()));
        let newer = given.seal(b"newer", b"").unwrap();
        assert_eq!(
            (given.open(&older, b"").unwrap(), given.open(&newer, b"").unwrap()),
            (b"older".to_vec(), b"newer".to_vec())
        );
        let error = sealer(directory.path(), None).open(&newer, b"").unwrap_err();
        assert!(error.text.contains("credential"), "{error:?}");
        std::fs::write(credentials.path().join(CREDENTIAL), b"short").unwrap();
        assert!(sealer(directory.path(), Some(credentials.path())).seal(b"", b"").is_err());
    }

    /// Empty, filled, emptied by a restart, filled again: what is sealed needs its own key and no other.
    #[test]
    fn the_keyring_comes_first_and_each_secret_keeps_to_its_key() {
        let (directory, credentials) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::write(credentials.path().join(CREDENTIAL), [7; 40]).unwrap();
        Keyring::with_own(|keyring| {
            // Each as a new process.
            let sealer = |credentials| Sealer::new(directory.path(), credentials);
            let given = Some(credentials.path());
            let of_file = sealer(None).seal(b"file", b"").unwrap();
            let of_credential = sealer(given).seal(b"credential", b"").unwrap();
            let all_open = |sealer: &Sealer, sealed: &[&[u8]]| {
                sealed.iter().all(|sealed| sealer.open(sealed, b"").is_ok())
            };
            assert!(all_open(&sealer(given), &[&of_file, &of_credential]));

            let Some(key) = keyring.add(KEYRING, &[9; 32]) else {
                // No keyrings here: they are passed over, as just shown.
                return;
            };
            let running = sealer(given);
            let of_keyring = running.seal(b"keyring", b"").unwrap();
            assert_eq!(of_keyring[0], Place::Keyring as u8);
            assert!(all_open(&sealer(given), &[&of_file, &of_credential, &of_keyring]));

            // The machine was started again.
            keyring.remove(key);
            assert!(all_open(&running, &[&of_keyring]), "who knows the key still knows it");
            assert_eq!(running.seal(b"", b"").unwrap()[0], Place::Credential as u8, "but does not use it");
            let missing = sealer(given).open(&of_keyring, b"").unwrap_err();
            assert!(missing.for_now && missing.text.contains("key bgcopy:queue"), "{missing:?}");
            assert!(missing.text.contains("not there"), "{missing:?}");
            assert!(all_open(&sealer(given), &[&of_file, &of_credential]));

            // Somebody makes another key.
            let key = keyring.add(KEYRING, &[8; 32]).unwrap();
            let other = sealer(given).open(&of_keyring, b"").unwrap_err();
            assert!(other.for_now && other.text.contains("another one"), "{other:?}");
            keyring.remove(key);

            // The bytes count, not the place.
            std::fs::write(directory.path().join("copy"), [9; 32]).unwrap();
            std::fs::rename(directory.path().join("copy"), directory.path().join(KEY_FILE)).unwrap();
            assert!(all_open(&sealer(None), &[&of_keyring]));
            std::fs::remove_file(directory.path().join(KEY_FILE)).unwrap();
            keyring.add(KEYRING, &[9; 32]).unwrap();
            assert!(all_open(&sealer(given), &[&of_keyring, &of_credential]));
            keyring.add(KEYRING, b"short").unwrap();
            let short = sealer(given).seal(b"", b"").unwrap_err();
            assert!(short.to_string().contains("too short"), "{short}");
        });
    }
}
