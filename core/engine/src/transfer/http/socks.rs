//! SOCKS 5: a way through a proxy that knows nothing of HTTP (RFC 1928, RFC 1929).
//!
//! The proxy resolves the name of the server, as proxies for HTTP do.

use std::net::IpAddr;

use bgcopy_protocol::ResultCode;

use super::failure::Failure;
use super::proxy::Proxy;
use super::tcp::{Patience, Tcp};

const VERSION: u8 = 5;
const PASSWORD_VERSION: u8 = 1;
const NO_AUTHENTICATION: u8 = 0;
const PASSWORD: u8 = 2;
const CONNECT: u8 = 1;

/// Opens a way to `host` (an IPv6 address in brackets) and `port` over `tcp`, a new connection to the proxy.
pub(super) fn open(
    proxy: &Proxy,
    credentials: Option<(&str, &str)>,
    (host, port): (&str, u16),
    patience: Patience,
    mut tcp: Tcp,
) -> Result<Tcp, Failure> {
    let no_socks = || Failure::Io(std::io::Error::other(format!("the proxy {proxy} does not speak SOCKS 5")));
    let refused =
        |code, why: &str| Failure::Proxy(code, format!("the proxy {proxy} {why} for {host}:{port}"));
    let unknown = |why| refused(ResultCode::BG_E_HTTP_ERROR_407, why);

    let methods: &[u8] = if credentials.is_some() {
        &[VERSION, 2, NO_AUTHENTICATION, PASSWORD]
    } else {
        &[VERSION, 1, NO_AUTHENTICATION]
    };
    tcp.send(methods, patience)?;
    match (receive::<2>(&mut tcp, patience)?, credentials) {
        ([VERSION, NO_AUTHENTICATION], _) => {}
        ([VERSION, PASSWORD], Some((user, password))) => {
            let mut message = vec![PASSWORD_VERSION];
            for text in [user, password] {
                let length = u8::try_from(text.len()).map_err(|_| {
                    let text = "SOCKS 5 cannot carry a user name or password of more than 255 bytes";
                    Failure::Proxy(ResultCode::BG_E_INVALID_CREDENTIALS, text.to_owned())
                })?;
                message.push(length);
                message.extend_from_slice(text.as_bytes());
            }
            tcp.send(&message, patience)?;
            if receive::<2>(&mut tcp, patience)?[1] != 0 {
                return Err(unknown("refuses the user name or the password"));
            }
        }
        ([VERSION, _], None) => {
            return Err(unknown("wants to know who asks, and the job has no credentials"));
        }
        ([VERSION, _], _) => return Err(unknown("accepts neither no user name nor one with a password")),
        _ => return Err(no_socks()),
    }

    let mut request = vec![VERSION, CONNECT, 0];
    match host.trim_start_matches('[').trim_end_matches(']').parse() {
        Ok(IpAddr::V4(address)) => {
            request.push(1);
            request.extend_from_slice(&address.octets());
        }
        Ok(IpAddr::V6(address)) => {
            request.push(4);
            request.extend_from_slice(&address.octets());
        }
        Err(_) => {
            let length = u8::try_from(host.len())
                .map_err(|_| refused(ResultCode::BG_E_WINHTTP_CANNOT_CONNECT, "takes no name so long"))?;
            request.extend_from_slice(&[3, length]);
            request.extend_from_slice(host.as_bytes());
        }
    }
    request.extend_from_slice(&port.to_be_bytes());
    tcp.send(&request, patience)?;

    let [version, reply, _, kind] = receive::<4>(&mut tcp, patience)?;
    if version != VERSION {
        return Err(no_socks());
    }
    match reply {
        0 => {}
        2 => return Err(refused(ResultCode::BG_E_HTTP_ERROR_403, "denies the way")),
        code => {
            let why = match code {
                3 => "cannot reach the network",
                4 => "cannot reach the host",
                5 => "was refused the connection",
                6 => "was too far away",
                _ => "opened no way",
            };
            return Err(refused(ResultCode::BG_E_WINHTTP_CANNOT_CONNECT, why));
        }
    }
    // From which address it connected is of no use.
    let mut left = 2 + match kind {
        1 => 4,
        4 => 16,
        3 => usize::from(receive::<1>(&mut tcp, patience)?[0]),
        _ => return Err(no_socks()),
    };
    while left > 0 {
        receive::<1>(&mut tcp, patience)?;
        left -= 1;
    }
    Ok(tcp)
}

fn receive<const LENGTH: usize>(tcp: &mut Tcp, patience: Patience) -> Result<[u8; LENGTH], Failure> {
    let mut bytes = [0; LENGTH];
    let mut here = 0;
    while here < LENGTH {
        match tcp.receive(&mut bytes[here..], 0, patience)? {
            0 => return Err(Failure::Io(std::io::ErrorKind::UnexpectedEof.into())),
            received => here += received,
        }
    }
    Ok(bytes)
}
