//! URL prefixes of groups: `http://+:8080/files/`.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use bgcopy_setup::url_path::UrlPath;

/// A scheme, hosts, a port and at most one name: where the files of a group are. Case does not count.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Prefix {
    /// The scheme is https.
    pub https: bool,
    /// Which hosts.
    pub host: Host,
    /// The port.
    pub port: u16,
    /// The name behind it, in lower case; empty for the root.
    pub name: String,
}

/// Which hosts a prefix is for, in the order in which they are looked at.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Host {
    /// `+`: every host, whoever else is named.
    Every,
    /// This name in the request, in lower case.
    Name(String),
    /// Connections to this address.
    Address(IpAddr),
    /// `*`: every host that nobody else is named for.
    Rest,
}

impl Prefix {
    /// Reads a prefix; the slash at its end may be left out.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Prefix, String> {
        let wrong = |what: &str| format!("{text:?} is no URL prefix like http://+:8080/files/: {what}");
        let (https, rest) = if let Some(rest) = text.strip_prefix("http://") {
            (false, rest)
        } else if let Some(rest) = text.strip_prefix("https://") {
            (true, rest)
        } else {
            return Err(wrong("it must begin with http:// or https://"));
        };
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (host, port) = authority.rsplit_once(':').ok_or_else(|| wrong("the port is missing"))?;
        let digits = !port.starts_with('0') && port.bytes().all(|byte| byte.is_ascii_digit());
        let port =
            port.parse().ok().filter(|_| digits).ok_or_else(|| wrong("the port must be from 1 to 65535"))?;
        let host = Host::parse(host).ok_or_else(|| wrong("the host must be +, *, a name or an address"))?;
        let path = UrlPath::prefix(if path.is_empty() { "/" } else { path });
        let path = path.ok_or_else(|| wrong("its path makes no sense"))?;
        let names = path.names();
        if names.len() > 1 {
            return Err(wrong("one name may follow the port; the rest belongs to the URLs of the group"));
        }
        Ok(Prefix {
            https,
            host,
            port,
            name: names.first().map(|name| name.to_lowercase()).unwrap_or_default(),
        })
    }

    /// The prefixes that a request may mean, the first one that is there first. `host` is what it names, `local` where
    /// it arrived, and `name` the first of its path.
    pub fn meant(https: bool, host: &str, local: IpAddr, port: u16, name: &str) -> [Prefix; 8] {
        let host =
            host.rsplit_once(':').filter(|(_, port)| !port.contains(']')).map_or(host, |(host, _)| host);
        let hosts = [
            Host::Every,
            Host::Name(host.to_ascii_lowercase()),
            Host::Address(local.to_canonical()),
            Host::Rest,
        ];
        let prefix = |at: usize, name: &str| Prefix {
            https,
            host: hosts[at].clone(),
            port,
            name: name.to_lowercase(),
        };
        std::array::from_fn(|at| prefix(at / 2, if at % 2 == 0 { name } else { "" }))
    }
}

impl Host {
    fn parse(text: &str) -> Option<Host> {
        match text {
            "+" => return Some(Host::Every),
            "*" => return Some(Host::Rest),
            _ => {}
        }
        if let Some(address) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
            return address
                .parse::<Ipv6Addr>()
                .ok()
                .map(|address| Host::Address(IpAddr::V6(address).to_canonical()));
        }
        if let Ok(address) = text.parse::<Ipv4Addr>() {
            return Some(Host::Address(address.into()));
        }
        let good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
        let name = !text.is_empty() && text.len() <= 253 && text.bytes().all(good);
        name.then(|| Host::Name(text.to_ascii_lowercase()))
    }
}

/// As it is written, with a slash at its end.
impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.https { "https://" } else { "http://" })?;
        match &self.host {
            Host::Every => f.write_str("+")?,
            Host::Rest => f.write_str("*")?,
            Host::Name(name) => f.write_str(name)?,
            Host::Address(IpAddr::V4(address)) => write!(f, "{address}")?,
            Host::Address(IpAddr::V6(address)) => write!(f, "[{address}]")?,
        }
        write!(f, ":{}/", self.port)?;
        if self.name.is_empty() {
            Ok(())
        } else {
            write!(f, "{}/", bgcopy_setup::url_path::encode(&self.name))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_read_and_written_as_the_grammar_says() {
        for (text, written) in [
            ("http://+:8080/files/", "http://+:8080/files/"),
            ("http://+:80/Files", "http://+:80/files/"),
            ("https://*:443/", "https://*:443/"),
            ("http://Server1:80", "http://server1:80/"),
            ("http://192.0.2.1:80/a", "http://192.0.2.1:80/a/"),
            ("http://[2001:DB8::1]:80/a b", "http://[2001:db8::1]:80/a%20b/"),
            ("http://[::ffff:192.0.2.1]:80/a", "http://192.0.2.1:80/a/"),
        ] {
            assert_eq!(Prefix::parse(text).unwrap().to_string(), written);
            assert_eq!(Prefix::parse(written).unwrap().to_string(), written);
        }
    }

    #[test]
    fn what_is_no_prefix_is_refused_with_a_reason() {
        for (text, reason) in [
            ("", "begin with http"),
            ("HTTP://+:80/", "begin with http"),
            ("ftp://+:80/", "begin with http"),
            ("http://+/a/", "port is missing"),
            ("http://+:0/", "from 1 to 65535"),
            ("http://+:080/", "from 1 to 65535"),
            ("http://+:65536/", "from 1 to 65535"),
            ("http://+:+80/", "from 1 to 65535"),
            ("http://:80/", "host must be"),
            ("http://a b:80/", "host must be"),
            ("http://[::1:80/", "host must be"),
            ("http://+:80/a/b/", "one name"),
            ("http://+:80/../", "makes no sense"),
            ("http://+:80//", "makes no sense"),
            ("http://+:80/a%2fb", "makes no sense"),
        ] {
            let said = Prefix::parse(text).expect_err(text);
            assert!(said.contains(reason), "{text}: {said}");
        }
    }

    #[test]
    fn strong_wildcards_come_before_names_before_addresses_before_weak_ones_and_longer_ones_first() {
        let meant = Prefix::meant(false, "Server1:8080", "::ffff:192.0.2.1".parse().unwrap(), 8080, "Files");
        let meant = meant.map(|prefix| prefix.to_string());
        assert_eq!(
            meant,
            [
                "http://+:8080/files/",
                "http://+:8080/",
                "http://server1:8080/files/",
                "http://server1:8080/",
                "http://192.0.2.1:8080/files/",
                "http://192.0.2.1:8080/",
                "http://*:8080/files/",
                "http://*:8080/",
            ]
        );
    }
}
