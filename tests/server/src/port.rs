//! Ports for servers that cannot choose their own.

use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

/// An address of 127.0.0.1 where nobody listens, and nobody will who lets the system choose a port: none of those that
/// the system gives. The port of a listener that was closed again is somebody else's a moment later.
///
/// # Panics
/// No port is free.
#[must_use]
pub fn free() -> SocketAddr {
    const FIRST: u16 = 10_000;
    let range = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap_or_default();
    let given: u16 = range.split_whitespace().next().and_then(|port| port.parse().ok()).unwrap_or(32_768);
    let count = u64::from(given.saturating_sub(FIRST)).max(1);
    // Tests run beside each other, also in other processes: none begins where another does.
    let start = RandomState::new().hash_one(0);
    let port = |number: u64| FIRST + u16::try_from(start.wrapping_add(number) % count).unwrap_or_default();
    let mut addresses = (0..count).map(|number| SocketAddr::from((Ipv4Addr::LOCALHOST, port(number))));
    addresses.find(|address| TcpListener::bind(address).is_ok()).expect("a free port")
}
