//! Socket calls the standard library does not offer.

#![allow(unsafe_code)] // socket, connect and setsockopt: named corner of `sys`

use std::io;
use std::mem::size_of;
use std::net::{SocketAddr, TcpStream};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

/// Begins to connect without waiting. The stream is non-blocking; when it becomes writable the
/// connect has ended, and [`TcpStream::take_error`] tells how.
///
/// # Errors
/// The address was refused at once, or no descriptor was left.
pub fn start_connect(address: &SocketAddr) -> io::Result<TcpStream> {
    let family = if address.is_ipv4() { libc::AF_INET } else { libc::AF_INET6 };
    let kind = libc::SOCK_STREAM | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;
    // SAFETY: socket takes no pointers; the result is checked before it is owned.
    let fd = unsafe { libc::socket(family, kind, 0) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: fd was just made by socket and belongs to nobody else.
    let stream = TcpStream::from(unsafe { OwnedFd::from_raw_fd(fd) });
    let result = match address {
        SocketAddr::V4(v4) => {
            // SAFETY: sockaddr_in is plain integers, for which all zeroes is a value.
            let mut raw: libc::sockaddr_in = unsafe { std::mem::zeroed() };
            raw.sin_family = libc::AF_INET as libc::sa_family_t;
            raw.sin_port = v4.port().to_be();
            raw.sin_addr.s_addr = u32::from_ne_bytes(v4.ip().octets());
            // SAFETY: pointer and length describe `raw`, a complete sockaddr_in.
            unsafe {
                libc::connect(fd, (&raw const raw).cast(), size_of::<libc::sockaddr_in>() as libc::socklen_t)
            }
        }
        SocketAddr::V6(v6) => {
            // SAFETY: sockaddr_in6 is plain integers, for which all zeroes is a value.
            let mut raw: libc::sockaddr_in6 = unsafe { std::mem::zeroed() };
            raw.sin6_family = libc::AF_INET6 as libc::sa_family_t;
            raw.sin6_port = v6.port().to_be();
            raw.sin6_flowinfo = v6.flowinfo();
            raw.sin6_addr.s6_addr = v6.ip().octets();
            raw.sin6_scope_id = v6.scope_id();
            // SAFETY: pointer and length describe `raw`, a complete sockaddr_in6.
            unsafe {
                libc::connect(fd, (&raw const raw).cast(), size_of::<libc::sockaddr_in6>() as libc::socklen_t)
            }
        }
    };
    if result < 0 {
        let error = io::Error::last_os_error();
        // EINTR: the connect goes on in the background like EINPROGRESS.
        if !matches!(error.raw_os_error(), Some(libc::EINPROGRESS | libc::EINTR)) {
            return Err(error);
        }
    }
    Ok(stream)
}

/// Sets how many bytes must have arrived before a poll calls the socket readable (`SO_RCVLOWAT`).
///
/// # Errors
/// The kernel refused.
pub fn set_receive_low_water(stream: &TcpStream, bytes: usize) -> io::Result<()> {
    let value = libc::c_int::try_from(bytes).unwrap_or(libc::c_int::MAX);
    // SAFETY: pointer and length describe `value`.
    let result = unsafe {
        libc::setsockopt(
            stream.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_RCVLOWAT,
            (&raw const value).cast(),
            size_of::<libc::c_int>() as libc::socklen_t,
        )
    };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Makes the queue of `listener` as short as it can be: further connects hang.
#[cfg(test)]
pub(crate) fn shorten_queue(listener: &std::net::TcpListener) {
    // SAFETY: the descriptor is open and already listening; listen takes no pointers.
    assert_eq!(unsafe { libc::listen(listener.as_raw_fd(), 0) }, 0);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::poll::{Interest, Wake, wait};
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::time::Duration;

    fn connected(address: &str) -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind(address).unwrap();
        let client = start_connect(&listener.local_addr().unwrap()).unwrap();
        assert_eq!(wait(&client, Interest::Writable, None, None).unwrap(), Wake::Ready);
        assert!(client.take_error().unwrap().is_none());
        (client, listener.accept().unwrap().0)
    }

    #[test]
    fn connects_to_both_families() {
        for address in ["127.0.0.1:0", "[::1]:0"] {
            if address.starts_with('[') && TcpListener::bind(address).is_err() {
                eprintln!("skipped: no IPv6 loopback here");
                continue;
            }
            let (mut client, mut server) = connected(address);
            server.write_all(b"hello").unwrap();
            wait(&client, Interest::Readable, None, None).unwrap();
            let mut bytes = [0; 5];
            client.read_exact(&mut bytes).unwrap();
            assert_eq!(&bytes, b"hello");
        }
    }

    #[test]
    fn below_the_low_water_mark_a_socket_is_not_readable() {
        let (client, mut server) = connected("127.0.0.1:0");
        set_receive_low_water(&client, 1000).unwrap();
        server.write_all(&[0; 999]).unwrap();
        let short = Some(Duration::from_millis(20));
        assert_eq!(wait(&client, Interest::Readable, None, short).unwrap(), Wake::TimedOut);
        server.write_all(&[0; 1]).unwrap();
        assert_eq!(wait(&client, Interest::Readable, None, None).unwrap(), Wake::Ready);
    }
}
