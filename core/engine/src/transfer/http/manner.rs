//! The manner in which the jobs of a client reach servers: with which care, through whom, as whom.
//!
//! A connection serves only requests of its own manner: nobody gets one that was made with less care about
//! certificates, or in somebody else's name.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::{AuthScheme, AuthTarget, ErrorContext, ProxyUsage};
use bgcopy_protocol::flags::SecurityFlags;
use parking_lot::{Mutex, RwLock};

use super::HttpSettings;
use super::authentication::{Authenticator, Held};
use super::netrc;
use super::proxy::{Malformed, Proxy, ProxyRules};
use super::revocation::Revocation;
use super::tls::TlsContext;
use super::url::{Url, percent_decoded};
use crate::transfer::TransferError;
use crate::transfer::access::{Access, ConfiguredProxies, Credentials};

/// When there are so many manners, they are made anew.
const MOST_MANNERS: usize = 64;
/// A proxy that could not be reached is tried after the others for so long.
const AVOID: Duration = Duration::from_secs(60);

/// What the connections of jobs with the same flags and the same credentials have in common.
#[derive(Debug)]
pub(super) struct Manner {
    pub authenticator: Authenticator,
    pub tls: Arc<TlsContext>,
}

/// Who may share a manner.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    checks: SecurityFlags,
    /// A hash of everything that tells others who asks.
    whom: Option<[u8; 32]>,
}

/// All manners of a client.
#[derive(Debug)]
pub(super) struct Manners {
    settings: HttpSettings,
    /// All checks, in nobody's name.
    usual: Arc<Manner>,
    /// The proxies of jobs that name none.
    preconfigured: RwLock<Result<Option<Arc<ProxyRules>>, Malformed>>,
    made: Mutex<HashMap<Key, Arc<Manner>>>,
    revocation: Revocation,
    unreachable: Mutex<HashMap<Proxy, Instant>>,
}

/// How one attempt reaches servers.
#[derive(Debug)]
pub(super) struct Way<'a> {
    manners: &'a Manners,
    pub manner: Arc<Manner>,
    /// The program looks at the certificates of new connections.
    pub looks: bool,
    /// Revoked certificates are refused.
    pub revocation: Option<&'a Revocation>,
    rules: Option<Arc<ProxyRules>>,
}

impl Manners {
    pub(super) fn new(settings: &HttpSettings) -> Manners {
        let preconfigured = ProxyRules::preconfigured(&settings.proxies, &ConfiguredProxies::default());
        let mut held = Vec::new();
        // Files name no passwords.
        if let Ok(Some(rules)) = &preconfigured {
            hold_those_of_proxies(&mut held, rules, None);
        }
        let tls = Arc::new(TlsContext::new(settings, SecurityFlags::NONE, None));
        Manners {
            settings: settings.clone(),
            usual: Arc::new(Manner { authenticator: Authenticator::new(held), tls }),
            preconfigured: RwLock::new(preconfigured),
            made: Mutex::default(),
            revocation: Revocation::new(settings),
            unreachable: Mutex::default(),
        }
    }

    /// Takes over what files say about proxies, for the next requests.
    pub(super) fn configure(&self, configured: &ConfiguredProxies) {
        *self.preconfigured.write() = ProxyRules::preconfigured(&self.settings.proxies, configured);
    }

    /// How a transfer reaches servers.
    ///
    /// # Errors
    /// The settings of its proxies are malformed.
    pub(super) fn way(
        &self,
        security: SecurityFlags,
        access: Option<&Access>,
    ) -> Result<Way<'_>, TransferError> {
        let rules = match access.map(|access| &access.record.proxy) {
            Some(proxy) if proxy.usage != ProxyUsage::Preconfig => ProxyRules::new(proxy),
            _ => self.preconfigured.read().clone(),
        };
        let rules = rules.map_err(malformed)?;
        let key = Key { checks: security.certificate_checks(), whom: access.and_then(whom) };
        let manner = if key == (Key { checks: SecurityFlags::NONE, whom: None }) {
            Arc::clone(&self.usual)
        } else {
            self.manner(key, access, rules.as_deref())
        };
        let looks = access.is_some_and(|access| access.record.validated_by_program);
        let checked = security.contains(SecurityFlags::ENABLE_CRL_CHECK);
        let revocation = checked.then_some(&self.revocation);
        Ok(Way { manners: self, manner, looks, revocation, rules })
    }

    fn manner(&self, key: Key, access: Option<&Access>, rules: Option<&ProxyRules>) -> Arc<Manner> {
        if let Some(manner) = self.made.lock().get(&key) {
            return Arc::clone(manner);
        }
        let mut held = Vec::new();
        for credentials in access.iter().flat_map(|access| &access.credentials) {
            held.push(Held { place: None, credentials: credentials.clone() });
        }
        if let Some(rules) = rules {
            let stored = access.is_some_and(|access| access.record.stored_credentials);
            let netrc = self.settings.netrc.as_deref().filter(|_| stored);
            hold_those_of_proxies(&mut held, rules, netrc);
        }
        let certificate = access.and_then(|access| access.record.certificate.clone());
        let tls = if key.checks == SecurityFlags::NONE && certificate.is_none() {
            Arc::clone(&self.usual.tls)
        } else {
            Arc::new(TlsContext::new(&self.settings, key.checks, certificate))
        };
        let manner = Arc::new(Manner { authenticator: Authenticator::new(held), tls });
        let mut made = self.made.lock();
        if made.len() >= MOST_MANNERS {
            made.clear();
        }
        Arc::clone(made.entry(key).or_insert(manner))
    }
}

impl Way<'_> {
    /// The proxies for a URL in the order in which they are tried; `None` where it is reached directly.
    pub(super) fn to(&self, url: &Url) -> Option<Vec<Proxy>> {
        let mut proxies = self.rules.as_ref()?.for_url(url).to_vec();
        if proxies.len() > 1 {
            let unreachable = self.manners.unreachable.lock();
            let avoided = |proxy: &Proxy| unreachable.get(proxy).is_some_and(|since| since.elapsed() < AVOID);
            proxies.sort_by_key(avoided);
        }
        Some(proxies).filter(|proxies| !proxies.is_empty())
    }

    /// Notes that a proxy could not be reached.
    pub(super) fn avoid(&self, proxy: &Proxy) {
        let mut unreachable = self.manners.unreachable.lock();
        unreachable.retain(|_, since| since.elapsed() < AVOID);
        unreachable.insert(proxy.clone(), Instant::now());
    }
}

/// Adds what others keep for proxies: user names in their URLs, and those of `.netrc`.
fn hold_those_of_proxies(held: &mut Vec<Held>, rules: &ProxyRules, netrc: Option<&std::path::Path>) {
    for proxy in rules.proxies() {
        let mut hold = |user: String, password: String| {
            for scheme in [AuthScheme::Basic, AuthScheme::Digest] {
                let (user, password) = (Some(user.clone()), Some(password.clone()));
                let credentials = Credentials { target: AuthTarget::Proxy, scheme, user, password };
                held.push(Held { place: Some(proxy.to_string()), credentials });
            }
        };
        if let Some(userinfo) = &proxy.userinfo {
            let (user, password) = userinfo.split_once(':').unwrap_or((userinfo, ""));
            let decoded = |text| String::from_utf8_lossy(&percent_decoded(text)).into_owned();
            hold(decoded(user), decoded(password));
        }
        if let Some((user, password)) = netrc.and_then(|path| netrc::look_up(path, &proxy.host)) {
            hold(user, password);
        }
    }
}

/// A hash of what tells others who asks; `None` where nothing does.
fn whom(access: &Access) -> Option<[u8; 32]> {
    let record = access.record;
    let stored = record.stored_credentials.then_some(&record.proxy);
    if access.credentials.is_empty()
        && record.certificate.is_none()
        && stored.is_none()
        && !record.validated_by_program
    {
        return None;
    }
    let told = postcard::to_allocvec(&(
        &access.credentials,
        &record.certificate,
        stored,
        record.validated_by_program,
        access.check,
    ));
    ring::digest::digest(&ring::digest::SHA256, &told.unwrap_or_default()).as_ref().try_into().ok()
}

fn malformed(why: Malformed) -> TransferError {
    let context = ErrorContext::GeneralTransport;
    if why.environment {
        // The user can repair it while the job waits, as BITS has it.
        let text = format!("no proxy can be chosen: {}", why.text);
        return TransferError::new(ResultCode::BG_E_INVALIDARG, context, text).transient();
    }
    TransferError::new(ResultCode::BG_E_INVALID_PROXY_INFO, context, why.text).fatal()
}
