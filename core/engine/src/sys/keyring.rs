//! Keys in the kernel's keyrings: read, never made.

#![allow(unsafe_code)] // request_key, keyctl: named corner of `sys`

use std::ffi::CStr;
use std::io;

/// Most bytes of a key that are read.
const MOST: usize = 4096;

/// Numbers of operations and keyrings in the system's interface, which the C library has no names for.
const SEARCH: libc::c_long = 10;
const READ: libc::c_long = 11;
const UNLINK: libc::c_long = 9;
const THREAD_KEYRING: libc::c_long = -1;
const USER_KEYRING: libc::c_long = -4;
const USER_SESSION_KEYRING: libc::c_long = -5;

/// The content of the key of type `user` with this description, of at most 4096 bytes: in the keyrings of this thread,
/// process and session, else in that of the user's sessions, else in the user's own.
///
/// `None` where there is none that may be read, it expired or was revoked, or the system has no keyrings or keeps this
/// process from them, as containers do.
///
/// # Errors
/// What else the system answers.
pub fn read(description: &CStr) -> io::Result<Option<Vec<u8>>> {
    // SAFETY: the texts are NUL-terminated; without further information nobody is asked to make the key.
    let found = unsafe {
        libc::syscall(
            libc::SYS_request_key,
            c"user".as_ptr(),
            description.as_ptr(),
            std::ptr::null::<libc::c_char>(),
            0 as libc::c_long,
        )
    };
    if let Some(key) = number(found)? {
        return content(key);
    }
    for keyring in [USER_SESSION_KEYRING, USER_KEYRING] {
        // Only a key that the thread possesses may be read, so it is linked to the thread for that long.
        // SAFETY: the texts are NUL-terminated.
        let found = unsafe {
            libc::syscall(
                libc::SYS_keyctl,
                SEARCH,
                keyring,
                c"user".as_ptr(),
                description.as_ptr(),
                THREAD_KEYRING,
            )
        };
        if let Some(key) = number(found)? {
            let content = content(key);
            // SAFETY: no pointers.
            unsafe { libc::syscall(libc::SYS_keyctl, UNLINK, key, THREAD_KEYRING) };
            return content;
        }
    }
    Ok(None)
}

fn content(key: libc::c_long) -> io::Result<Option<Vec<u8>>> {
    let mut content = vec![0u8; MOST];
    // SAFETY: the buffer is as long as said.
    let read = unsafe { libc::syscall(libc::SYS_keyctl, READ, key, content.as_mut_ptr(), content.len()) };
    Ok(number(read)?.and_then(|len| usize::try_from(len).ok()).map(|len| {
        // Of a longer key the whole length is told.
        content.truncate(len);
        content
    }))
}

/// The number that a call gave, `None` where there is no such key for this process.
fn number(result: libc::c_long) -> io::Result<Option<libc::c_long>> {
    if result >= 0 {
        return Ok(Some(result));
    }
    let error = io::Error::last_os_error();
    match error.raw_os_error() {
        Some(
            libc::ENOKEY
            | libc::EKEYEXPIRED
            | libc::EKEYREVOKED
            | libc::ENOTDIR
            | libc::ENOENT
            | libc::EACCES
            | libc::EPERM
            | libc::ENOSYS,
        ) => Ok(None),
        _ => Err(error),
    }
}

/// A session keyring of a test.
#[cfg(test)]
pub(crate) mod own {
    use super::*;

    const JOIN_SESSION_KEYRING: libc::c_long = 1;
    const SESSION_KEYRING: libc::c_long = -3;

    /// The keyring of a session that one thread, and what it starts, is alone in.
    pub(crate) struct Keyring(());

    impl Keyring {
        /// Runs `test` on a thread with such a keyring.
        pub fn with_own(test: impl FnOnce(&Keyring) + Send) {
            std::thread::scope(|scope| {
                let thread = scope.spawn(|| {
                    // SAFETY: without a name the keyring is new.
                    let joined = unsafe {
                        libc::syscall(libc::SYS_keyctl, JOIN_SESSION_KEYRING, std::ptr::null::<u8>())
                    };
                    if joined < 0 {
                        eprintln!("no keyrings here: {}", io::Error::last_os_error());
                    }
                    test(&Keyring(()));
                });
                if let Err(panic) = thread.join() {
                    std::panic::resume_unwind(panic);
                }
            });
        }

        /// Makes a key, or gives it this content; `None` where the system has no keyrings.
        pub fn add(&self, description: &CStr, content: &[u8]) -> Option<libc::c_long> {
            // SAFETY: the texts are NUL-terminated, and the content as long as said.
            let key = unsafe {
                libc::syscall(
                    libc::SYS_add_key,
                    c"user".as_ptr(),
                    description.as_ptr(),
                    content.as_ptr(),
                    content.len(),
                    SESSION_KEYRING,
                )
            };
            match number(key) {
                Ok(key) => key,
                Err(error) => panic!("adding a key failed: {error}"),
            }
        }

        /// Takes a key away.
        pub fn remove(&self, key: libc::c_long) {
            // SAFETY: no pointers.
            let removed = unsafe { libc::syscall(libc::SYS_keyctl, UNLINK, key, SESSION_KEYRING) };
            assert!(removed >= 0, "{}", io::Error::last_os_error());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::CString;

    use super::own::Keyring;
    use super::*;

    #[test]
    fn a_key_is_read_while_it_is_there() {
        let description = c"bgcopy:test of keyrings";
        Keyring::with_own(|keyring| {
            assert_eq!(read(description).unwrap(), None);
            for content in [&[1; 32][..], &[2; 100]] {
                // Where there are no keyrings there is never a key.
                let key = keyring.add(description, content);
                assert_eq!(read(description).unwrap().as_deref(), key.map(|_| content));
                if let Some(key) = key {
                    keyring.remove(key);
                    assert_eq!(read(description).unwrap(), None);
                }
            }
        });
    }

    /// As after a login that gave the session a keyring without a link to the user's own.
    #[test]
    fn a_key_of_the_user_is_found_from_a_session_that_has_no_link_to_it() {
        let description = CString::new(format!("bgcopy:test {}", std::process::id())).unwrap();
        Keyring::with_own(|_| {
            // SAFETY: the texts are NUL-terminated, and the content as long as said.
            let key = unsafe {
                let (kind, content) = (c"user".as_ptr(), [5u8; 32]);
                libc::syscall(
                    libc::SYS_add_key,
                    kind,
                    description.as_ptr(),
                    content.as_ptr(),
                    content.len(),
                    USER_KEYRING,
                )
            };
            let key = number(key).unwrap();
            for _ in 0..2 {
                assert_eq!(read(&description).unwrap(), key.map(|_| vec![5; 32]));
            }
            if let Some(key) = key {
                // SAFETY: no pointers.
                unsafe { libc::syscall(libc::SYS_keyctl, UNLINK, key, USER_KEYRING) };
                assert_eq!(read(&description).unwrap(), None, "the thread has not kept it");
            }
        });
    }
}
