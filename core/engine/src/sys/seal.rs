//! Encrypts what must not be readable on disk (ChaCha20-Poly1305).
//!
//! Not AES: valgrind does not follow its instructions, and would complain about programs that set headers.
//!
//! The key is a credential of the service manager where there is one, else a file beside the queue that
//! only its owner can read. The kernel's keyring is not used: it is empty after a restart of the machine,
//! which jobs survive.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use parking_lot::Mutex;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

/// Bytes of a key file, and the fewest of a credential.
const KEY_LEN: usize = 32;
const CREDENTIAL: &str = "bgcopy.key";
const KEY_FILE: &str = "queue.key";

/// Seals and opens small secrets. The key is looked for when it is first needed.
#[derive(Debug)]
pub struct Sealer {
    /// The file beside the queue.
    own: PathBuf,
    /// The credential, which need not exist.
    given: Option<PathBuf>,
    keys: Mutex<Keys>,
}

#[derive(Default)]
struct Keys {
    given: Option<LessSafeKey>,
    own: Option<LessSafeKey>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(..)")
    }
}

impl Sealer {
    /// A sealer for the queue in `directory`; `credentials` is `$CREDENTIALS_DIRECTORY`.
    #[must_use]
    pub fn new(directory: &Path, credentials: Option<&Path>) -> Sealer {
        Sealer {
            own: directory.join(KEY_FILE),
            given: credentials.map(|directory| directory.join(CREDENTIAL)),
            keys: Mutex::default(),
        }
    }

    /// Encrypts `plain`, which can be opened in the same `context` only. The key is on disk by then.
    ///
    /// # Errors
    /// There is no key and none can be made.
    pub fn seal(&self, plain: &[u8], context: &[u8]) -> io::Result<Vec<u8>> {
        let mut keys = self.keys.lock();
        self.find(&mut keys)?;
        let key = match keys.given.as_ref().or(keys.own.as_ref()) {
            Some(key) => key,
            None => keys.own.insert(make_key(&self.own)?),
        };
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce).map_err(io::Error::from)?;
        let mut sealed = plain.to_vec();
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(context), &mut sealed)
            .map_err(|_| io::Error::other("the secret is too long to be encrypted"))?;
        sealed.splice(..0, nonce);
        Ok(sealed)
    }

    /// Decrypts what [`Sealer::seal`] gave.
    ///
    /// # Errors
    /// The key it was sealed with is not there any more, or it was changed.
    pub fn open(&self, sealed: &[u8], context: &[u8]) -> io::Result<Vec<u8>> {
        let mut keys = self.keys.lock();
        self.find(&mut keys)?;
        let (nonce, text) = sealed.split_at_checked(NONCE_LEN).ok_or_else(lost)?;
        // A credential may have been given after it was sealed, or taken away.
        for key in [&keys.given, &keys.own].into_iter().flatten() {
            let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| lost())?;
            let mut text = text.to_vec();
            if let Ok(plain) = key.open_in_place(nonce, Aad::from(context), &mut text) {
                return Ok(plain.to_vec());
            }
        }
        Err(lost())
    }

    /// Reads the keys that there are.
    fn find(&self, keys: &mut Keys) -> io::Result<()> {
        if keys.given.is_none()
            && let Some(path) = &self.given
            && let Some(secret) = read(path)?
        {
            if secret.len() < KEY_LEN {
                return Err(io::Error::other(format!(
                    "{} is too short: a key has at least {KEY_LEN} bytes",
                    path.display()
                )));
            }
            log::info!("secrets of jobs are encrypted with the credential {}", path.display());
            keys.given = Some(key(ring::digest::digest(&ring::digest::SHA256, &secret).as_ref())?);
        }
        if keys.own.is_none()
            && let Some(secret) = read(&self.own)?
        {
            if secret.len() != KEY_LEN {
                return Err(io::Error::other(format!("{} is damaged: it is no key", self.own.display())));
            }
            log::info!("secrets of jobs are encrypted with the key file {}", self.own.display());
            keys.own = Some(key(&secret)?);
        }
        Ok(())
    }
}

fn lost() -> io::Error {
    io::Error::other("the key it was encrypted with is lost")
}

fn key(bytes: &[u8]) -> io::Result<LessSafeKey> {
    UnboundKey::new(&CHACHA20_POLY1305, bytes).map(LessSafeKey::new).map_err(|_| lost())
}

/// The content of a file, if it is there.
fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    let mut content = Vec::new();
    match OpenOptions::new().read(true).custom_flags(libc::O_NOFOLLOW).open(path) {
        Ok(file) => file.take(64 * 1024).read_to_end(&mut content).map_err(named)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(named(error)),
    };
    Ok(Some(content))
}

/// Makes a new key file, durably: what is sealed with it is stored next.
fn make_key(path: &Path) -> io::Result<LessSafeKey> {
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
    log::info!("secrets of jobs are encrypted with the new key file {}", path.display());
    key(&secret)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn what_is_sealed_is_opened_by_the_next_process_and_unreadable_otherwise() {
        let directory = tempfile::tempdir().unwrap();
        let sealed = Sealer::new(directory.path(), None).seal(b"X-Secret: geheim", b"job 1").unwrap();
        assert!(!sealed.windows(6).any(|window| window == b"geheim"));
        let next = Sealer::new(directory.path(), None);
        assert_eq!(next.open(&sealed, b"job 1").unwrap(), b"X-Secret: geheim");
        assert!(next.open(&sealed, b"job 2").is_err(), "it belongs to another job");
        assert!(next.open(&sealed[..5], b"job 1").is_err());
        let mode = std::fs::metadata(directory.path().join(KEY_FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_ne!(next.seal(b"same", b"").unwrap(), next.seal(b"same", b"").unwrap());
    }

    #[test]
    fn a_lost_key_is_an_error() {
        let directory = tempfile::tempdir().unwrap();
        let sealed = Sealer::new(directory.path(), None).seal(b"geheim", b"").unwrap();
        std::fs::remove_file(directory.path().join(KEY_FILE)).unwrap();
        let error = Sealer::new(directory.path(), None).open(&sealed, b"").unwrap_err();
        assert!(error.to_string().contains("lost"), "{error}");
        std::fs::write(directory.path().join(KEY_FILE), b"short").unwrap();
        let error = Sealer::new(directory.path(), None).open(&sealed, b"").unwrap_err();
        assert!(error.to_string().contains("damaged"), "{error}");
    }

    #[test]
    fn a_credential_comes_first_and_older_secrets_stay_readable() {
        let (directory, credentials) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let older = Sealer::new(directory.path(), None).seal(b"older", b"").unwrap();
        std::fs::write(credentials.path().join(CREDENTIAL), [7; 40]).unwrap();
        let given = Sealer::new(directory.path(), Some(credentials.path()));
        let newer = given.seal(b"newer", b"").unwrap();
        assert_eq!(
            (given.open(&older, b"").unwrap(), given.open(&newer, b"").unwrap()),
            (b"older".to_vec(), b"newer".to_vec())
        );
        assert!(Sealer::new(directory.path(), None).open(&newer, b"").is_err());
        std::fs::write(credentials.path().join(CREDENTIAL), b"short").unwrap();
        assert!(Sealer::new(directory.path(), Some(credentials.path())).seal(b"", b"").is_err());
    }
}
