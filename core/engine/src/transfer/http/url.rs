//! URLs: what a job may ask for, and where a redirect leads (RFC 3986).

use std::fmt;

use bgcopy_protocol::limits::MAX_URL;

/// Why a URL was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UrlError {
    /// Longer than [`MAX_URL`].
    TooLong,
    /// Not `http://` or `https://`.
    Scheme,
    /// A space, control character or non-ASCII character: write it percent-encoded.
    Character(char),
    /// No host, or one that no host can have: wildcards, a bad IPv6 address.
    Host,
    /// Not a port number from 1 to 65535.
    Port,
}

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UrlError::TooLong => write!(f, "the URL is longer than {MAX_URL} characters"),
            UrlError::Scheme => write!(f, "the URL does not begin with http:// or https://"),
            UrlError::Character(c) => {
                write!(f, "the URL contains the character {c:?}; write it percent-encoded")
            }
            UrlError::Host => write!(f, "the URL has no valid host name"),
            UrlError::Port => write!(f, "the port in the URL is not a number from 1 to 65535"),
        }
    }
}

impl std::error::Error for UrlError {}

/// Checks what a program gives as a remote name: legal characters, http or https, a host.
///
/// # Errors
/// The first rule the URL breaks.
pub fn check_url(url: &str) -> Result<(), UrlError> {
    if url.chars().count() > MAX_URL {
        return Err(UrlError::TooLong);
    }
    Url::parse(url).map(drop)
}

/// An http or https URL in parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Url {
    /// https, not http.
    pub secure: bool,
    /// `user:password`, as written.
    pub userinfo: Option<String>,
    /// Lower case; an IPv6 address in brackets.
    pub host: String,
    /// Explicit, or the default of the scheme.
    pub port: u16,
    /// Path and query, beginning with `/`.
    pub target: String,
}

impl Url {
    pub(super) fn parse(url: &str) -> Result<Url, UrlError> {
        let begins = |scheme: &str| url.get(..scheme.len()).is_some_and(|s| s.eq_ignore_ascii_case(scheme));
        let secure = begins("https://");
        if !secure && !begins("http://") {
            return Err(UrlError::Scheme);
        }
        if let Some(bad) = url.chars().find(|c| !c.is_ascii_graphic()) {
            return Err(UrlError::Character(bad));
        }
        let rest = &url[if secure { 8 } else { 7 }..];
        // The fragment is for the reader of the file, the server never sees it.
        let rest = rest.split('#').next().unwrap_or_default();
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at(end);
        let slash = if target.starts_with('/') { "" } else { "/" };
        let target = format!("{slash}{}", encode(target));
        let (userinfo, host_port) = match authority.rsplit_once('@') {
            Some((userinfo, host_port)) => (Some(userinfo.to_owned()), host_port),
            None => (None, authority),
        };
        let (host, port) = host_and_port(host_port)?;
        let port = port.unwrap_or(default_port(secure));
        Ok(Url { secure, userinfo, host: host.to_ascii_lowercase(), port, target })
    }

    /// The URL a `Location` value means, seen from this one (RFC 3986 section 5.2).
    ///
    /// Illegal characters, which servers do send here, are percent-encoded first.
    pub(super) fn join(&self, location: &str) -> Result<Url, UrlError> {
        let location = encode(location.trim());
        if let Some(rest) = location.strip_prefix("//") {
            return Url::parse(&format!("{}://{rest}", self.scheme()));
        }
        if has_scheme(&location) {
            return Url::parse(&location);
        }
        let reference = location.split('#').next().unwrap_or_default();
        let path = self.target.split('?').next().unwrap_or_default();
        let (reference_path, query) = match reference.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (reference, None),
        };
        let mut target = if reference.is_empty() {
            self.target.clone()
        } else if reference_path.is_empty() {
            path.to_owned()
        } else if reference_path.starts_with('/') {
            without_dots(reference_path)
        } else {
            let directory = &path[..=path.rfind('/').unwrap_or(0)];
            without_dots(&format!("{directory}{reference_path}"))
        };
        if let Some(query) = query {
            target.push('?');
            target.push_str(query);
        }
        Ok(Url { target, userinfo: None, ..self.clone() })
    }

    /// The same at another host: a name or an address, perhaps with a port. User name and password stay behind.
    pub(super) fn at_host(&self, host: &str) -> Result<Url, UrlError> {
        let bare = host.parse::<std::net::Ipv6Addr>().is_ok();
        let host = if bare { format!("[{host}]") } else { host.to_owned() };
        let (name, port) = host_and_port(&host)?;
        let (host, port) = (name.to_ascii_lowercase(), port.unwrap_or(self.port));
        let userinfo = self.userinfo.clone().filter(|_| (&host, port) == (&self.host, self.port));
        Ok(Url { host, port, userinfo, ..self.clone() })
    }

    /// Whether both have the same scheme, host and port.
    pub(super) fn same_origin(&self, other: &Url) -> bool {
        (self.secure, &self.host, self.port) == (other.secure, &other.host, other.port)
    }

    /// Whether secrets meant for this URL may go to `other`: the same origin, or the step from
    /// http to https on the default ports of the same host.
    pub(super) fn may_share_secrets_with(&self, other: &Url) -> bool {
        let upgrade = !self.secure && other.secure && self.port == 80 && other.port == 443;
        self.same_origin(other) || (upgrade && self.host == other.host)
    }

    /// The remote name of a file that was found at `other`: a password of this URL goes along where it may.
    pub(super) fn renamed_to(&self, other: &Url) -> String {
        let own = self.userinfo.as_ref().filter(|_| self.may_share_secrets_with(other));
        match other.userinfo.as_ref().or(own) {
            Some(userinfo) => {
                format!("{}://{userinfo}@{}{}", other.scheme(), other.authority(), other.target)
            }
            None => other.to_string(),
        }
    }

    pub(super) fn scheme(&self) -> &'static str {
        if self.secure { "https" } else { "http" }
    }

    /// Scheme, host and port, without user name and password.
    pub(super) fn origin(&self) -> String {
        format!("{}://{}", self.scheme(), self.authority())
    }

    /// `host:port`, without the port where it is the default one.
    pub(super) fn authority(&self) -> String {
        if self.port == default_port(self.secure) {
            self.host.clone()
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

/// Without user name and password: fit for requests, logs and error texts.
impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme(), self.authority(), self.target)
    }
}

fn default_port(secure: bool) -> u16 {
    if secure { 443 } else { 80 }
}

/// A host, an IPv6 address in brackets, and the port where there is one.
pub(super) fn host_and_port(text: &str) -> Result<(&str, Option<u16>), UrlError> {
    let (host, port) = split_port(text)?;
    let port = match port {
        "" => None,
        digits => match digits.parse() {
            Ok(port @ 1..) if digits.bytes().all(|b| b.is_ascii_digit()) => Some(port),
            _ => return Err(UrlError::Port),
        },
    };
    if is_host(host) { Ok((host, port)) } else { Err(UrlError::Host) }
}

fn split_port(host_port: &str) -> Result<(&str, &str), UrlError> {
    let name_end = match host_port.strip_prefix('[') {
        Some(rest) => rest.find(']').ok_or(UrlError::Host)? + 2,
        None => host_port.find(':').unwrap_or(host_port.len()),
    };
    let (host, port) = host_port.split_at(name_end);
    match port.strip_prefix(':') {
        Some(port) => Ok((host, port)),
        None if port.is_empty() => Ok((host, "")),
        None => Err(UrlError::Host),
    }
}

fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')) {
        return address.parse::<std::net::Ipv6Addr>().is_ok();
    }
    !host.is_empty()
        && host.len() <= 253
        && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'))
}

/// Whether a request line may hold the character. Those it may not are used in URLs all the same,
/// and reach the server percent-encoded.
fn is_sendable(c: char) -> bool {
    c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '`' | '{' | '}')
}

fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for c in text.chars() {
        if is_sendable(c) {
            encoded.push(c);
        } else {
            for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                encoded.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    encoded
}

/// The bytes of a text with `%` and two hexadecimal digits in place of some of them.
pub(super) fn percent_decoded(text: &str) -> Vec<u8> {
    let hex = |b: Option<&u8>| b.and_then(|b| char::from(*b).to_digit(16));
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        if bytes[i] == b'%'
            && let (Some(high), Some(low)) = (hex(bytes.get(i + 1)), hex(bytes.get(i + 2)))
        {
            decoded.push((high * 16 + low) as u8);
            i += 3;
        } else {
            decoded.push(bytes[i]);
            i += 1;
        }
    }
    decoded
}

fn has_scheme(reference: &str) -> bool {
    let Some((scheme, _)) = reference.split_once(':') else { return false };
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
}

/// RFC 3986 section 5.2.4 for a path that begins with `/`.
fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let segments: Vec<&str> = path[1..].split('/').collect();
    for (i, segment) in segments.iter().enumerate() {
        let last = i + 1 == segments.len();
        match *segment {
            "." | ".." => {
                if *segment == ".." {
                    kept.pop();
                }
                if last {
                    kept.push("");
                }
            }
            name => kept.push(name),
        }
    }
    format!("/{}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn legal_urls_are_taken() {
        for url in [
            "http://example.com",
            "HTTPS://Example.COM:8443/a%20b?c=d&e=[f]#g",
            "http://user:pass@host/path",
            "http://[::1]:8080/",
            "http://127.0.0.1/~x/!$&'()*+,;=:@",
        ] {
            assert_eq!(check_url(url), Ok(()), "{url}");
        }
    }

    #[test]
    fn each_rule_refuses() {
        let long = format!("http://h/{}", "a".repeat(MAX_URL));
        for (url, error) in [
            (long.as_str(), UrlError::TooLong),
            ("ftp://host/", UrlError::Scheme),
            ("http:/host", UrlError::Scheme),
            ("", UrlError::Scheme),
            ("http:///path", UrlError::Host),
            ("http://*.example.com/", UrlError::Host),
            ("http://[::1/", UrlError::Host),
            ("http://[::zz]/", UrlError::Host),
            ("http://[::1]x/", UrlError::Host),
            ("http://h:0/", UrlError::Port),
            ("http://h:70000/", UrlError::Port),
            ("http://h:+1/", UrlError::Port),
            ("http://h/a b", UrlError::Character(' ')),
            ("http://h/\u{e4}", UrlError::Character('\u{e4}')),
            ("http://h/a\r\nX: y", UrlError::Character('\r')),
        ] {
            assert_eq!(check_url(url), Err(error), "{url}");
        }
    }

    #[test]
    fn the_longest_url_is_taken() {
        let url = format!("http://h/{}", "a".repeat(MAX_URL - 9));
        assert_eq!(check_url(&url), Ok(()));
        assert_eq!(check_url(&format!("{url}a")), Err(UrlError::TooLong));
    }

    #[test]
    fn parts_are_told_apart() {
        let url = Url::parse("https://u:p@Host?q#f").unwrap();
        assert_eq!((url.host.as_str(), url.port, url.target.as_str()), ("host", 443, "/?q"));
        assert_eq!(url.userinfo.as_deref(), Some("u:p"));
        assert_eq!(url.to_string(), "https://host/?q");
        assert_eq!(Url::parse("http://h/{a}?<b>").unwrap().target, "/%7Ba%7D?%3Cb%3E");
        assert_eq!(Url::parse("http://h:8080/").unwrap().to_string(), "http://h:8080/");
    }

    #[test]
    fn references_resolve_as_rfc_3986_says() {
        let base = Url::parse("http://a/b/c/d;p?q").unwrap();
        for (reference, expected) in [
            ("g", "http://a/b/c/g"),
            ("./g", "http://a/b/c/g"),
            ("g/", "http://a/b/c/g/"),
            ("/g", "http://a/g"),
            ("//g", "http://g/"),
            ("?y", "http://a/b/c/d;p?y"),
            ("g?y", "http://a/b/c/g?y"),
            ("g#s", "http://a/b/c/g"),
            ("", "http://a/b/c/d;p?q"),
            (".", "http://a/b/c/"),
            ("..", "http://a/b/"),
            ("../g", "http://a/b/g"),
            ("../../../g", "http://a/g"),
            ("/./g/../h", "http://a/h"),
            ("https://x:444/y z", "https://x:444/y%20z"),
            ("\u{fc}", "http://a/b/c/%C3%BC"),
        ] {
            assert_eq!(base.join(reference).unwrap().to_string(), expected, "{reference}");
        }
        assert_eq!(base.join("ftp://x/"), Err(UrlError::Scheme));
        assert_eq!(base.join("file:///etc/passwd"), Err(UrlError::Scheme));
    }

    #[test]
    fn percent_signs_that_mean_nothing_stay() {
        assert_eq!(percent_decoded("100%25%"), b"100%%");
    }

    #[test]
    fn secrets_stay_with_their_host() {
        let url = |text| Url::parse(text).unwrap();
        assert!(url("http://h/a").may_share_secrets_with(&url("http://h/b")));
        assert!(url("http://h/a").may_share_secrets_with(&url("https://h/b")));
        assert!(!url("http://h/a").may_share_secrets_with(&url("http://other/b")));
        assert!(!url("http://h/a").may_share_secrets_with(&url("http://h:81/b")));
        assert!(!url("https://h/a").may_share_secrets_with(&url("http://h/b")));
    }
}
