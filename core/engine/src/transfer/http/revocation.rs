//! Whether certificates were revoked: the lists of their authorities (RFC 5280 section 5).
//!
//! A list is a file of the certificate store `CA`, of the user or of the machine, or comes from where the certificate
//! says that its authority publishes it, over http. It counts while it is fresh and when the authority signed it. What
//! cannot be found out is refused: whoever can keep a list away would otherwise decide that nothing was revoked.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use bgcopy_protocol::ResultCode;
use bgcopy_protocol::flags::SecurityFlags;
use parking_lot::{Condvar, Mutex};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, UnixTime};
use webpki::{CertRevocationList, ExpirationPolicy, OwnedCertRevocationList, RevocationOptionsBuilder};
use x509_parser::prelude::{
    CertificateRevocationList, DistributionPointName, FromDer, GeneralName, ParsedExtension, X509Certificate,
};

use super::HttpSettings;
use super::certificate::Lenient;
use super::exchange::{Ask, Deaf, Exchange};
use super::failure::Failure;
use super::pool::Pool;
use super::url::Url;
use crate::sys::cancel::CancelToken;

/// The store in which lists are looked for.
const STORE: &str = "CA";
/// Larger lists are refused.
const MOST_BYTES: usize = 16 << 20;
/// A list must have come after this time.
const MOST_TIME: Duration = Duration::from_secs(15);
/// The longest silence of those who publish lists.
const MOST_SILENCE: Duration = Duration::from_secs(10);
/// Places of one certificate that are asked in turn.
const MOST_PLACES: usize = 4;
/// Lists that are kept in memory, in bytes; when there are more, they are fetched anew.
const MOST_KEPT: usize = 64 << 20;
/// How often who waits for the finding of another looks whether he was cancelled.
const GLANCE: Duration = Duration::from_millis(50);

/// The lists that are known to a client.
pub(super) struct Revocation {
    directories: [PathBuf; 2],
    /// Connections to those who publish lists.
    pool: Pool,
    filed: Mutex<HashMap<PathBuf, Filed>>,
    /// By URL; signed by the authority of a chain that was checked with them.
    published: Mutex<HashMap<String, Vec<Arc<List>>>>,
    /// Servers whose lists are being fetched: the other connections of a job wait for the same ones.
    asked: Mutex<HashSet<String>>,
    answered: Condvar,
}

/// A file with lists, as it was when it was read.
struct Filed {
    modified: SystemTime,
    length: u64,
    lists: Read,
}

/// A list, and the time for which it was made, in seconds since 1970.
struct List {
    list: CertRevocationList<'static>,
    from: i64,
    until: i64,
    bytes: usize,
}

type Read = Result<Vec<Arc<List>>, String>;

/// What the known lists say of a chain.
enum Finding {
    Good,
    Revoked,
    Unknown(webpki::Error),
}

impl fmt::Debug for Revocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Revocation").field("directories", &self.directories).finish_non_exhaustive()
    }
}

impl Revocation {
    pub(super) fn new(settings: &HttpSettings) -> Revocation {
        let stores = &settings.certificates;
        let quick = HttpSettings {
            connect_timeout: settings.connect_timeout.min(MOST_SILENCE),
            idle_timeout: settings.idle_timeout.min(MOST_SILENCE),
            ..settings.clone()
        };
        Revocation {
            directories: [stores.user.join(STORE), stores.machine.join(STORE)],
            pool: Pool::new(quick),
            filed: Mutex::default(),
            published: Mutex::default(),
            asked: Mutex::default(),
            answered: Condvar::new(),
        }
    }

    /// Checks the chain that the server of `url` showed for a request of `exchange`, its own certificate first.
    ///
    /// # Errors
    /// A certificate was revoked, or it cannot be found out whether it was; the check was cancelled.
    pub(super) fn check(
        &self,
        exchange: &Exchange<'_>,
        url: &Url,
        verifier: &Lenient,
        chain: &[&[u8]],
    ) -> Result<(), Failure> {
        let chain: Vec<CertificateDer<'_>> = chain.iter().map(|one| CertificateDer::from(*one)).collect();
        let now = UnixTime::now();
        let mut remarks = Vec::new();
        let known = self.known(now, &mut remarks);
        if let finding @ (Finding::Good | Finding::Revoked) = find(verifier, &chain, now, &known) {
            return judge(&finding, &[]);
        }
        let _turn = self.turn(url.origin(), exchange.cancel)?;
        // Perhaps somebody else has just found it out.
        let known = self.known(now, &mut Vec::new());
        if let finding @ (Finding::Good | Finding::Revoked) = find(verifier, &chain, now, &known) {
            return judge(&finding, &[]);
        }
        let fetched = self.fetch(exchange, verifier, &chain, now, &mut remarks)?;
        // The first list of an authority counts. A useless file is no obstacle to what was published, and what was
        // published is none to a newer file that revokes.
        let published: Vec<_> = fetched.values().flatten().cloned().collect();
        let first = find(verifier, &chain, now, &[&*published, &*known].concat());
        let second = find(verifier, &chain, now, &[&*known, &*published].concat());
        let finding = match (first, second) {
            (Finding::Revoked, _) | (_, Finding::Revoked) => Finding::Revoked,
            (Finding::Good, _) | (_, Finding::Good) => Finding::Good,
            (unknown, _) => unknown,
        };
        if matches!(finding, Finding::Good) {
            self.keep(fetched);
        }
        judge(&finding, &remarks)
    }

    /// All fresh lists that are here, the newest first.
    fn known(&self, now: UnixTime, remarks: &mut Vec<String>) -> Vec<Arc<List>> {
        let mut published = self.published.lock();
        published.retain(|_, lists| lists.iter().all(|list| list.is_fresh(now).is_ok()));
        let mut known: Vec<Arc<List>> = published.values().flatten().cloned().collect();
        drop(published);
        for (path, lists) in self.read_files() {
            match lists {
                Ok(lists) => {
                    for list in lists {
                        match list.is_fresh(now) {
                            Ok(()) => known.push(list),
                            Err(why) => remarks.push(format!("{}: {why}", path.display())),
                        }
                    }
                }
                Err(why) => remarks.push(format!("{}: {why}", path.display())),
            }
        }
        known.sort_by_key(|list| std::cmp::Reverse(list.from));
        known
    }

    fn read_files(&self) -> Vec<(PathBuf, Read)> {
        let mut known = self.filed.lock();
        let mut found = HashMap::new();
        for directory in &self.directories {
            // A store that is not there has no lists.
            for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.extension().is_none_or(|extension| extension != "crl") {
                    continue;
                }
                let stamp = fs::metadata(&path).and_then(|data| match data.is_file() {
                    true => Ok((data.modified()?, data.len())),
                    // A pipe would be waited for.
                    false => Err(io::Error::other("it is no regular file")),
                });
                let filed = match (stamp, known.remove(&path)) {
                    (Ok((modified, length)), Some(known))
                        if known.modified == modified && known.length == length =>
                    {
                        known
                    }
                    (Ok((modified, length)), _) => {
                        Filed { modified, length, lists: read_file(&path, length) }
                    }
                    (Err(why), _) => {
                        Filed { modified: SystemTime::UNIX_EPOCH, length: 0, lists: Err(why.to_string()) }
                    }
                };
                found.insert(path, filed);
            }
        }
        *known = found;
        known.iter().map(|(path, filed)| (path.clone(), filed.lists.clone())).collect()
    }

    /// Waits until nobody else fetches the lists for this server.
    fn turn(&self, server: String, cancel: &CancelToken) -> Result<Turn<'_>, Failure> {
        let mut asked = self.asked.lock();
        while !asked.insert(server.clone()) {
            if cancel.is_cancelled() {
                return Err(Failure::Cancelled);
            }
            self.answered.wait_for(&mut asked, GLANCE);
        }
        Ok(Turn { revocation: self, server })
    }

    /// Fetches the lists that the certificates of a chain name, by their URLs.
    fn fetch(
        &self,
        exchange: &Exchange<'_>,
        verifier: &Lenient,
        chain: &[CertificateDer<'_>],
        now: UnixTime,
        remarks: &mut Vec<String>,
    ) -> Result<HashMap<String, Vec<Arc<List>>>, Failure> {
        let mut fetched = HashMap::new();
        // Only of certificates that count: a server may send others along.
        let between = verifier.check(chain, now, None).unwrap_or_default();
        for certificate in chain.iter().take(1).chain(&between) {
            let (name, places) = places(certificate);
            if places.is_empty() {
                remarks.push(format!("the certificate of {name:?} names no list over http"));
            }
            for place in places {
                if fetched.contains_key(&place) {
                    break;
                }
                match self.fetch_one(exchange, &place, now) {
                    Ok(lists) => {
                        fetched.insert(place, lists);
                        break;
                    }
                    Err(_) if exchange.cancel.is_cancelled() => return Err(Failure::Cancelled),
                    Err(why) => remarks.push(format!("{place}: {why}")),
                }
            }
        }
        Ok(fetched)
    }

    fn fetch_one(&self, exchange: &Exchange<'_>, place: &str, now: UnixTime) -> Read {
        let late = Instant::now() + MOST_TIME;
        let large = || format!("the list has more than {MOST_BYTES} bytes");
        let url = Url::parse(place).map_err(|why| why.to_string())?;
        let request = Exchange {
            pool: &self.pool,
            way: exchange.way,
            cancel: exchange.cancel,
            // The credentials of the job are for its own server.
            url: exchange.url,
            headers: &[],
            method: None,
            security: SecurityFlags::NONE,
            observer: &Deaf,
            ahead: Default::default(),
        };
        // Redirects are not followed: one to https would ask for lists again.
        let mut response =
            request.once(&url, &Ask::default(), None).map_err(|error| error.text.to_string())?;
        if response.head.status != 200 {
            return Err(format!("the server answered {}", response.head.status));
        }
        if response.head.length.is_some_and(|length| length > MOST_BYTES as u64) {
            return Err(large());
        }
        let (mut bytes, mut block) = (Vec::new(), vec![0; 64 * 1024]);
        loop {
            match response.read(&mut block).map_err(|error| error.text.to_string())? {
                0 => break,
                received => bytes.extend_from_slice(&block[..received]),
            }
            if bytes.len() > MOST_BYTES {
                return Err(large());
            }
            if Instant::now() > late {
                return Err(format!("the list did not come within {} s", MOST_TIME.as_secs()));
            }
        }
        log::debug!("fetched {place}, a list of revoked certificates of {} bytes", bytes.len());
        let lists = read(&bytes)?;
        lists.iter().try_for_each(|list| list.is_fresh(now))?;
        Ok(lists)
    }

    fn keep(&self, fetched: HashMap<String, Vec<Arc<List>>>) {
        let bytes = |kept: &HashMap<String, Vec<Arc<List>>>| -> usize {
            kept.values().flatten().map(|list| list.bytes).sum()
        };
        let mut published = self.published.lock();
        if bytes(&published) + bytes(&fetched) > MOST_KEPT {
            published.clear();
        }
        published.extend(fetched);
    }
}

/// The right to fetch the lists for a server.
struct Turn<'a> {
    revocation: &'a Revocation,
    server: String,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.revocation.asked.lock().remove(&self.server);
        self.revocation.answered.notify_all();
    }
}

impl List {
    fn new(der: &[u8]) -> Result<List, String> {
        let list = OwnedCertRevocationList::from_der(der).map_err(|why| match why {
            // What openssl makes without crl_extensions.
            webpki::Error::UnsupportedCrlVersion => {
                "the list has version 1; its authority must make lists of version 2, with a number".to_owned()
            }
            why => format!("it is no list of revoked certificates: {why:?}"),
        })?;
        let (_, dates) = CertificateRevocationList::from_der(der).map_err(|why| why.to_string())?;
        let until = dates.next_update().ok_or("it does not say when the next list comes")?;
        Ok(List {
            list: list.into(),
            from: dates.last_update().timestamp(),
            until: until.timestamp(),
            bytes: der.len(),
        })
    }

    /// Whether it is the time for which the list was made.
    fn is_fresh(&self, now: UnixTime) -> Result<(), String> {
        let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        if now >= self.until {
            return Err("the list has expired".to_owned());
        }
        if now < self.from {
            return Err("the list is not valid yet; check the clock of this computer".to_owned());
        }
        Ok(())
    }
}

fn read_file(path: &Path, length: u64) -> Read {
    if length > MOST_BYTES as u64 {
        return Err(format!("the file has more than {MOST_BYTES} bytes"));
    }
    read(&fs::read(path).map_err(|why: io::Error| why.to_string())?)
}

/// A list in DER, or several in PEM.
fn read(bytes: &[u8]) -> Read {
    if !bytes.trim_ascii_start().starts_with(b"-----BEGIN") {
        return Ok(vec![Arc::new(List::new(bytes)?)]);
    }
    let lists = CertificateRevocationListDer::pem_slice_iter(bytes)
        .map(|der| List::new(&der.map_err(|why| why.to_string())?).map(Arc::new))
        .collect::<Result<Vec<_>, String>>()?;
    if lists.is_empty() {
        return Err("it holds no list of revoked certificates".to_owned());
    }
    Ok(lists)
}

/// What these lists say of a chain.
fn find(verifier: &Lenient, chain: &[CertificateDer<'_>], now: UnixTime, lists: &[Arc<List>]) -> Finding {
    let lists: Vec<&CertRevocationList<'_>> = lists.iter().map(|list| &list.list).collect();
    let Ok(options) = RevocationOptionsBuilder::new(&lists) else {
        return Finding::Unknown(webpki::Error::UnknownRevocationStatus);
    };
    // Their dates were checked, with the time that it is: a job that ignores the dates of certificates has another.
    let options = options.with_expiration_policy(ExpirationPolicy::Ignore).build();
    match verifier.check(chain, now, Some(options)) {
        Ok(_) => Finding::Good,
        Err(webpki::Error::CertRevoked) => Finding::Revoked,
        Err(why) => Finding::Unknown(why),
    }
}

fn judge(finding: &Finding, remarks: &[String]) -> Result<(), Failure> {
    let (code, text) = match finding {
        Finding::Good => return Ok(()),
        Finding::Revoked => (
            ResultCode::BG_E_WINHTTP_SECURE_CERT_REVOKED,
            "it, or that of an authority between it and the root, was revoked".to_owned(),
        ),
        Finding::Unknown(why) => {
            let why = match why {
                webpki::Error::UnknownRevocationStatus => "no list of its authority is here".to_owned(),
                webpki::Error::InvalidCrlSignatureForPublicKey => {
                    "the list was not signed by its authority".to_owned()
                }
                webpki::Error::IssuerNotCrlSigner => "its authority may not sign lists".to_owned(),
                other => format!("{other:?}"),
            };
            let remarks: String = remarks.iter().map(|remark| format!("; {remark}")).collect();
            let text = format!("whether it was revoked cannot be found out: {why}{remarks}");
            (ResultCode::BG_E_WINHTTP_SECURE_CERT_REV_FAILED, text)
        }
    };
    Err(Failure::Certificate(code, text))
}

/// Whose certificate it is, and where its authority publishes lists over http.
fn places(certificate: &CertificateDer<'_>) -> (String, Vec<String>) {
    let Ok((_, parsed)) = X509Certificate::from_der(certificate) else { return Default::default() };
    let mut places = Vec::new();
    for extension in parsed.extensions() {
        let ParsedExtension::CRLDistributionPoints(points) = extension.parsed_extension() else { continue };
        for point in &points.points {
            let Some(DistributionPointName::FullName(names)) = &point.distribution_point else { continue };
            places.extend(names.iter().filter_map(|name| match name {
                GeneralName::URI(uri) if Url::parse(uri).is_ok_and(|url| !url.secure) => {
                    Some((*uri).to_owned())
                }
                _ => None,
            }));
        }
    }
    places.truncate(MOST_PLACES);
    (parsed.subject().to_string(), places)
}
