//! Which proxy a request goes through: lists of jobs, and the variables of the environment (pure).

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use bgcopy_protocol::enums::ProxyUsage;

use super::url::{Url, host_and_port};
use crate::transfer::access::{ConfiguredProxies, ProxyLists, ProxySettings};

/// A proxy.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Proxy {
    /// It speaks SOCKS 5, not HTTP.
    pub socks: bool,
    pub host: String,
    pub port: u16,
    /// `user:password`, as written in the environment.
    pub userinfo: Option<String>,
}

/// Without user name and password.
impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.socks { "socks5://" } else { "" };
        write!(f, "{scheme}{}:{}", self.host, self.port)
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({self})")
    }
}

/// The variables with which a user names proxies for all programs.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ProxyEnvironment {
    /// `http_proxy`; in upper case it could come from a request header (CGI).
    pub http: Option<String>,
    /// `https_proxy`, `HTTPS_PROXY`.
    pub https: Option<String>,
    /// `all_proxy`, `ALL_PROXY`.
    pub all: Option<String>,
    /// `no_proxy`, `NO_PROXY`.
    pub no: Option<String>,
}

impl ProxyEnvironment {
    /// The variables of this process.
    #[must_use]
    pub fn of_process() -> ProxyEnvironment {
        let get = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
        let either = |lower: &str| get(lower).or_else(|| get(&lower.to_ascii_uppercase()));
        ProxyEnvironment {
            http: get("http_proxy"),
            https: either("https_proxy"),
            all: either("all_proxy"),
            no: either("no_proxy"),
        }
    }
}

impl ProxyEnvironment {
    /// Whether a proxy is named at all.
    fn names_one(&self) -> bool {
        self.http.is_some() || self.https.is_some() || self.all.is_some()
    }
}

impl ProxyLists {
    /// Checks the lists.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn check(&self) -> Result<(), String> {
        ProxyRules::of_file(self).map(drop)
    }
}

/// Proxies may have passwords.
impl fmt::Debug for ProxyEnvironment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProxyEnvironment(..)")
    }
}

/// Why settings cannot be followed. Does not repeat what may hold a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Malformed {
    /// The fault is in the environment, not in the settings of the job.
    pub environment: bool,
    pub text: String,
}

/// Which hosts are reached through which proxies; those of a list are tried in turn.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ProxyRules {
    http: Vec<Proxy>,
    https: Vec<Proxy>,
    bypass: Vec<Pattern>,
}

/// Hosts that are reached without a proxy.
#[derive(Debug, PartialEq, Eq)]
enum Pattern {
    /// Every name without a dot.
    Local,
    /// This machine.
    Loopback,
    /// Names that end so.
    Ending(String),
    /// This host, on this port or on all.
    Host(String, Option<u16>),
    /// This name and everything below it.
    Domain(String, Option<u16>),
    /// Addresses with these first bits.
    Network(IpAddr, u32),
}

impl ProxyRules {
    /// The rules of jobs that name no proxies; `None` when everything is reached directly.
    pub(super) fn preconfigured(
        environment: &ProxyEnvironment,
        configured: &ConfiguredProxies,
    ) -> Result<Option<Arc<ProxyRules>>, Malformed> {
        let lists = match (&configured.policy, &configured.config) {
            (Some(lists), _) => Some(lists),
            (None, Some(lists)) if !environment.names_one() => Some(lists),
            _ => None,
        };
        let rules = match lists {
            Some(lists) => ProxyRules::of_file(lists),
            None => ProxyRules::of_environment(environment),
        };
        rules.map(ProxyRules::if_any).map_err(|text| Malformed { environment: true, text })
    }

    /// The rules of a job; `None` when everything is reached directly.
    pub(super) fn new(settings: &ProxySettings) -> Result<Option<Arc<ProxyRules>>, Malformed> {
        let rules = match settings.usage {
            ProxyUsage::Override => ProxyRules::of_lists(
                settings.proxies.as_deref().unwrap_or_default(),
                settings.bypass.as_deref().unwrap_or_default(),
            )
            .map_err(|text| Malformed { environment: false, text })?,
            // There is nobody to ask: the network has no WPAD service known here.
            ProxyUsage::Preconfig | ProxyUsage::NoProxy | ProxyUsage::Autodetect => return Ok(None),
        };
        Ok(rules.if_any())
    }

    fn if_any(self) -> Option<Arc<ProxyRules>> {
        Some(self).filter(|rules| !rules.http.is_empty() || !rules.https.is_empty()).map(Arc::new)
    }

    fn of_file(lists: &ProxyLists) -> Result<ProxyRules, String> {
        if lists.list.trim().is_empty() {
            return Ok(ProxyRules::default());
        }
        let mut rules = ProxyRules::of_lists(&lists.list, &lists.bypass)?;
        // As with those of the environment.
        rules.bypass.push(Pattern::Loopback);
        Ok(rules)
    }

    /// The proxies for a URL, in the order in which they are tried; none when it is reached directly.
    pub(super) fn for_url(&self, url: &Url) -> &[Proxy] {
        let proxies = if url.secure { &self.https } else { &self.http };
        if self.bypass.iter().any(|pattern| pattern.matches(&url.host, url.port)) { &[] } else { proxies }
    }

    /// All proxies.
    pub(super) fn proxies(&self) -> impl Iterator<Item = &Proxy> {
        self.http.iter().chain(&self.https)
    }

    fn of_lists(proxies: &str, bypass: &str) -> Result<ProxyRules, String> {
        let (mut http, mut https, mut others) = (Vec::new(), Vec::new(), Vec::new());
        for entry in entries(proxies) {
            let (list, server) = match entry.split_once('=') {
                Some((protocol, server)) if protocol.eq_ignore_ascii_case("http") => (&mut http, server),
                Some((protocol, server)) if protocol.eq_ignore_ascii_case("https") => (&mut https, server),
                Some((protocol, _)) => {
                    return Err(format!(
                        "the proxy list names a protocol other than http and https: {protocol:?}"
                    ));
                }
                None => (&mut others, entry),
            };
            let proxy = parse_proxy(server).map_err(|why| format!("the proxy list is malformed: {why}"))?;
            if proxy.userinfo.is_some() {
                return Err("the proxy list has a user name; give it with SetCredentials".into());
            }
            list.push(proxy);
        }
        if http.is_empty() && https.is_empty() && others.is_empty() {
            return Err("the proxy list is empty".into());
        }
        for list in [&mut http, &mut https] {
            if list.is_empty() {
                list.clone_from(&others);
            }
        }
        let bypass = entries(bypass).map(parse_bypass).collect::<Result<_, _>>()?;
        Ok(ProxyRules { http, https, bypass })
    }

    fn of_environment(environment: &ProxyEnvironment) -> Result<ProxyRules, String> {
        let one = |name: &str, value: &Option<String>| match value.as_ref().or(environment.all.as_ref()) {
            Some(value) => parse_proxy(value.trim())
                .map(|proxy| vec![proxy])
                .map_err(|why| format!("the environment variable {name} or all_proxy is malformed: {why}")),
            None => Ok(Vec::new()),
        };
        let mut rules = ProxyRules {
            http: one("http_proxy", &environment.http)?,
            https: one("https_proxy", &environment.https)?,
            // No proxy reaches what listens on this machine only.
            bypass: vec![Pattern::Loopback],
        };
        let no = environment.no.as_deref().unwrap_or_default();
        for entry in no.split([',', ' ', '\t']).filter(|entry| !entry.is_empty()) {
            rules.bypass.push(no_proxy(entry));
        }
        Ok(rules)
    }
}

/// Entries are separated by blanks; Windows takes semicolons as well.
fn entries(list: &str) -> impl Iterator<Item = &str> {
    list.split(|c: char| c.is_ascii_whitespace() || c == ';').filter(|entry| !entry.is_empty())
}

/// `[http://|socks5://][user:password@]host[:port]`.
fn parse_proxy(text: &str) -> Result<Proxy, String> {
    let mut socks = false;
    let rest = match text.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => rest,
        // With the h names are resolved by the proxy, which here they always are.
        Some((scheme, rest))
            if ["socks5", "socks5h"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) =>
        {
            socks = true;
            rest
        }
        Some((scheme, _)) if scheme.len() <= 8 && scheme.bytes().all(|b| b.is_ascii_alphanumeric()) => {
            return Err(format!("proxies are spoken to in http or socks5, not in {scheme}"));
        }
        Some(_) => return Err("it has no protocol that is known".into()),
        None => text,
    };
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let (userinfo, host) = match rest.rsplit_once('@') {
        Some((userinfo, host)) => (Some(userinfo.to_owned()), host),
        None => (None, rest),
    };
    let (host, port) = host_and_port(host).map_err(|_| "a proxy is host:port".to_owned())?;
    let port = port.unwrap_or(if socks { 1080 } else { 80 });
    Ok(Proxy { socks, host: host.to_ascii_lowercase(), port, userinfo })
}

fn parse_bypass(entry: &str) -> Result<Pattern, String> {
    if entry.eq_ignore_ascii_case("<local>") {
        return Ok(Pattern::Local);
    }
    let entry = entry.to_ascii_lowercase();
    let malformed = |why: &str| Err(format!("the bypass list is malformed: {entry:?} {why}"));
    if let Some(ending) = entry.strip_prefix('*') {
        return match ending.contains('*') {
            true => malformed("has a second asterisk"),
            false => Ok(Pattern::Ending(ending.to_owned())),
        };
    }
    if entry.contains('*') {
        return malformed("has an asterisk that is not its first character");
    }
    match host_and_port(&entry) {
        Ok((host, port)) => Ok(Pattern::Host(host.to_owned(), port)),
        Err(_) => malformed("is no host"),
    }
}

/// An entry of `no_proxy`. There is no standard for it: what is no host matches nothing, as elsewhere.
fn no_proxy(entry: &str) -> Pattern {
    let entry = entry.to_ascii_lowercase();
    if let Some((address, bits)) = entry.split_once('/')
        && let (Ok(address), Ok(bits)) = (address.parse(), bits.parse())
    {
        return Pattern::Network(address, bits);
    }
    if let Some(ending) = entry.strip_prefix('*') {
        return Pattern::Ending(ending.to_owned());
    }
    // IPv6 addresses stand without brackets here.
    if let Ok(address) = entry.parse::<IpAddr>() {
        return Pattern::Host(bracketed(address), None);
    }
    let name = entry.strip_prefix('.').unwrap_or(&entry);
    match host_and_port(name) {
        Ok((host, port)) => Pattern::Domain(host.to_owned(), port),
        Err(_) => Pattern::Domain(name.to_owned(), None),
    }
}

fn bracketed(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    }
}

impl Pattern {
    /// Whether a host, in lower case and an IPv6 address in brackets, is meant.
    fn matches(&self, host: &str, port: u16) -> bool {
        let address = || host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().ok();
        let on = |wanted: &Option<u16>| wanted.is_none_or(|wanted| wanted == port);
        match self {
            Pattern::Local => !host.contains('.') && !host.starts_with('['),
            Pattern::Loopback => {
                host == "localhost"
                    || host.ends_with(".localhost")
                    || address().is_some_and(|address| address.is_loopback())
            }
            Pattern::Ending(ending) => host.ends_with(ending.as_str()),
            Pattern::Host(name, wanted) => host == name && on(wanted),
            Pattern::Domain(name, wanted) => {
                on(wanted)
                    && host
                        .strip_suffix(name.as_str())
                        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            }
            Pattern::Network(network, bits) => match (network, address()) {
                (IpAddr::V4(network), Some(IpAddr::V4(address))) => {
                    *bits <= 32 && same_bits(network.to_bits().into(), address.to_bits().into(), 32 - bits)
                }
                (IpAddr::V6(network), Some(IpAddr::V6(address))) => {
                    *bits <= 128 && same_bits(network.to_bits(), address.to_bits(), 128 - bits)
                }
                _ => false,
            },
        }
    }
}

/// Whether two numbers agree but for the last bits.
fn same_bits(one: u128, other: u128, but: u32) -> bool {
    (one ^ other).checked_shr(but).unwrap_or(0) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(proxies: &str, bypass: &str) -> Result<Option<Arc<ProxyRules>>, Malformed> {
        let settings = ProxySettings {
            usage: ProxyUsage::Override,
            proxies: Some(proxies.into()),
            bypass: Some(bypass.into()),
        };
        ProxyRules::new(&settings)
    }

    fn chosen(rules: &ProxyRules, url: &str) -> Vec<String> {
        rules.for_url(&Url::parse(url).unwrap()).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_list_names_proxies_by_protocol_or_for_all() {
        let both = rules("http=http://px1:8080 px2 http=px3", "").unwrap().unwrap();
        assert_eq!(chosen(&both, "http://a.example/"), ["px1:8080", "px3:80"]);
        assert_eq!(chosen(&both, "https://a.example/"), ["px2:80"]);
        let socks = rules("http=SOCKS5://px1 https=socks5h://px2:9", "").unwrap().unwrap();
        assert_eq!(chosen(&socks, "http://a.example/"), ["socks5://px1:1080"]);
        assert_eq!(chosen(&socks, "https://a.example/"), ["socks5://px2:9"]);
        let one = rules("https=[::1]:3128", "").unwrap().unwrap();
        assert_eq!(chosen(&one, "https://a.example/"), ["[::1]:3128"]);
        assert!(chosen(&one, "http://a.example/").is_empty(), "no proxy for http");
    }

    #[test]
    fn hosts_of_the_bypass_list_are_reached_directly() {
        let rules =
            rules("px", "<local> *.Example.org 10.1.2.3 exact.example other.example:8080").unwrap().unwrap();
        for direct in [
            "http://intranet/",
            "http://a.example.org/",
            "http://A.B.EXAMPLE.ORG/",
            "http://10.1.2.3:99/",
            "http://exact.example/",
            "http://other.example:8080/",
        ] {
            assert!(chosen(&rules, direct).is_empty(), "{direct}");
        }
        for proxied in [
            "http://example.org/",
            "http://sub.exact.example/",
            "http://10.1.2.4/",
            "http://other.example/",
            "http://[::1]/",
        ] {
            assert_eq!(chosen(&rules, proxied), ["px:80"], "{proxied}");
        }
    }

    #[test]
    fn malformed_lists_are_refused_without_showing_a_password() {
        for (proxies, bypass) in [
            (" ", ""),
            ("ftp=px", ""),
            ("socks4://px", ""),
            ("https://px", ""),
            ("px:0", ""),
            ("px:99999", ""),
            ("http=", ""),
            ("user:geheim@px", ""),
            ("http://user:geheim@px:x", ""),
            ("geheim://px:1/path", ""),
            ("px", "aaa.*"),
            ("px", "*.a*"),
            ("px", "a/b"),
        ] {
            let error = rules(proxies, bypass).unwrap_err();
            assert!(!error.environment && !error.text.contains("user:geheim"), "{error:?}");
        }
    }

    fn preconfigured(environment: &ProxyEnvironment) -> Option<Arc<ProxyRules>> {
        ProxyRules::preconfigured(environment, &ConfiguredProxies::default()).unwrap()
    }

    #[test]
    fn the_environment_names_the_usual_proxies() {
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(preconfigured(&ProxyEnvironment::default()), None);
        let environment = ProxyEnvironment {
            http: text("http://user:pass@px1:3128/"),
            https: None,
            all: text("px2:1"),
            no: text("example.org, .dotted.example,10.0.0.0/8,fd00::/8,::2,host.example:81 *.star.example"),
        };
        let rules = preconfigured(&environment).unwrap();
        assert_eq!(chosen(&rules, "http://a.example/"), ["px1:3128"]);
        let proxy = &rules.for_url(&Url::parse("http://a.example/").unwrap())[0];
        assert_eq!(proxy.userinfo.as_deref(), Some("user:pass"));
        assert!(!format!("{proxy:?} {environment:?}").contains("pass"));
        assert_eq!(chosen(&rules, "https://a.example/"), ["px2:1"]);
        for direct in [
            "http://localhost:8080/",
            "http://127.0.0.9/",
            "http://[::1]/",
            "http://example.org/",
            "http://a.example.org/",
            "http://a.dotted.example/",
            "http://dotted.example/",
            "http://10.200.0.1/",
            "http://[fd12::1]/",
            "http://[::2]/",
            "http://host.example:81/",
            "http://a.star.example/",
        ] {
            assert!(chosen(&rules, direct).is_empty(), "{direct}");
        }
        for proxied in
            ["http://notexample.org/", "http://11.0.0.1/", "http://[fe00::1]/", "http://host.example/"]
        {
            assert_eq!(chosen(&rules, proxied), ["px1:3128"], "{proxied}");
        }
        let broken =
            ProxyEnvironment { http: text("socks4://user:geheim@px"), ..ProxyEnvironment::default() };
        let error = ProxyRules::preconfigured(&broken, &ConfiguredProxies::default()).unwrap_err();
        assert!(error.environment && !error.text.contains("geheim"), "{error:?}");
    }

    #[test]
    fn a_job_may_go_without_the_proxies_of_the_environment() {
        for usage in [ProxyUsage::NoProxy, ProxyUsage::Autodetect] {
            let settings = ProxySettings { usage, ..ProxySettings::default() };
            assert_eq!(ProxyRules::new(&settings).unwrap(), None);
        }
    }

    #[test]
    fn policy_goes_before_the_environment_and_that_before_the_configuration() {
        let lists = |list: &str| Some(ProxyLists { list: list.into(), bypass: "*.direct.example".into() });
        let none = ProxyEnvironment::default();
        let environment = ProxyEnvironment { all: Some("environment".into()), ..none.clone() };
        let chosen_with = |environment: &ProxyEnvironment, policy, config| {
            let configured = ConfiguredProxies { policy, config };
            let rules = ProxyRules::preconfigured(environment, &configured).unwrap();
            rules.map(|rules| {
                assert!(chosen(&rules, "http://localhost/").is_empty());
                chosen(&rules, "http://a.example/").concat()
            })
        };
        let is = |proxy: &str| Some(format!("{proxy}:80"));
        assert_eq!(chosen_with(&environment, lists("policy"), lists("config")), is("policy"));
        assert_eq!(chosen_with(&environment, None, lists("config")), is("environment"));
        assert_eq!(chosen_with(&none, None, lists("config")), is("config"));
        assert_eq!(chosen_with(&environment, lists(""), lists("config")), None);
        let configured = ConfiguredProxies { policy: lists("policy"), config: None };
        let rules = ProxyRules::preconfigured(&none, &configured).unwrap().unwrap();
        assert!(chosen(&rules, "http://a.direct.example/").is_empty());
    }
}
