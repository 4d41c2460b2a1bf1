//! Sockets that systemd opened, and telling it that the server is ready (sd_listen_fds(3), sd_notify(3)).

use std::env;
use std::io;
use std::net::TcpListener;
use std::os::fd::{OwnedFd, RawFd};
use std::os::unix::net::UnixDatagram;

use rustix::process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open};

const FIRST: RawFd = 3;

/// The sockets for this process, with the names that their units give them.
///
/// # Errors
/// One of them is none.
pub fn sockets() -> io::Result<Vec<(String, TcpListener)>> {
    let number = |name: &str| env::var(name).ok().and_then(|value| value.parse::<i32>().ok());
    if number("LISTEN_PID") != Some(getpid().as_raw_nonzero().get()) {
        return Ok(Vec::new());
    }
    let count = number("LISTEN_FDS").unwrap_or(0);
    let names = env::var("LISTEN_FDNAMES").unwrap_or_default();
    let mut names = names.split(':');
    // A copy of a descriptor by its number is an ordinary descriptor, without a promise that nobody else has it.
    let this = pidfd_open(getpid(), PidfdFlags::empty())?;
    let mut sockets = Vec::new();
    for descriptor in FIRST..FIRST + count {
        let copy: OwnedFd = pidfd_getfd(&this, descriptor, PidfdGetfdFlags::empty())?;
        sockets.push((names.next().unwrap_or_default().to_owned(), TcpListener::from(copy)));
    }
    Ok(sockets)
}

/// Tells systemd something; nobody is told where it does not ask.
pub fn notify(state: &str) {
    let Some(path) = env::var_os("NOTIFY_SOCKET") else { return };
    let send = || -> io::Result<()> {
        let socket = UnixDatagram::unbound()?;
        let name = std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str());
        if let Some(name) = name.strip_prefix(b"@") {
            use std::os::linux::net::SocketAddrExt;
            let address = std::os::unix::net::SocketAddr::from_abstract_name(name)?;
            socket.send_to_addr(state.as_bytes(), &address)?;
        } else {
            socket.send_to(state.as_bytes(), &path)?;
        }
        Ok(())
    };
    if let Err(error) = send() {
        eprintln!("systemd cannot be told {state}: {error}");
    }
}
