//! How a job reaches servers, and as whom: plain values.

use std::fmt;
use std::path::PathBuf;

use bgcopy_protocol::enums::{AuthScheme, AuthTarget, CertStoreLocation, ProxyUsage};
use bgcopy_protocol::limits::CERT_HASH_LENGTH;
use serde::{Deserialize, Serialize};

/// Which proxies are used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProxySettings {
    /// Whose proxies.
    pub usage: ProxyUsage,
    /// The proxies of `OVERRIDE`, as the program wrote them.
    pub proxies: Option<String>,
    /// The hosts that `OVERRIDE` reaches without a proxy, as the program wrote them.
    pub bypass: Option<String>,
}

impl Default for ProxySettings {
    fn default() -> ProxySettings {
        ProxySettings { usage: ProxyUsage::Preconfig, proxies: None, bypass: None }
    }
}

/// Proxies that a file names for jobs that name none, as it writes them: see `SetProxySettings` for the lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProxyLists {
    /// The proxies; empty where servers are reached directly.
    pub list: String,
    /// The hosts that are reached without a proxy.
    pub bypass: String,
}

/// The proxies that files name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfiguredProxies {
    /// Those of the administrator, in place of those of the environment.
    pub policy: Option<ProxyLists>,
    /// Those of the user, where the environment names none.
    pub config: Option<ProxyLists>,
}

/// A user name and a password for one kind of challenge. Debug output leaves both out.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    /// Whose challenge.
    pub target: AuthTarget,
    /// Which scheme of HTTP.
    pub scheme: AuthScheme,
    /// `None` for whoever owns the job.
    pub user: Option<String>,
    /// `None` when there is no user name.
    pub password: Option<String>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials({:?}, {:?})", self.target, self.scheme)
    }
}

/// A client certificate in a certificate store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientCertificate {
    /// Whose store.
    pub location: CertStoreLocation,
    /// Name of the store.
    pub store: String,
    /// SHA-1 of the certificate.
    pub hash: [u8; CERT_HASH_LENGTH],
    /// The values of its subject, in the order of the certificate.
    pub subject: String,
}

/// Which certificate of a store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CertificateName {
    /// The one with this SHA-1.
    Hash([u8; CERT_HASH_LENGTH]),
    /// The first for clients with this text in its subject, whatever the case of letters.
    Subject(String),
}

/// Where certificate stores are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CertificateStores {
    /// Those of the user.
    pub user: PathBuf,
    /// Those of the machine.
    pub machine: PathBuf,
}

impl CertificateStores {
    /// `$XDG_CONFIG_HOME/bgcopy/certs`, else `~/.config/bgcopy/certs`, and `/etc/bgcopy/certs`.
    #[must_use]
    pub fn of_process() -> CertificateStores {
        let variable = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let config = variable("XDG_CONFIG_HOME").or_else(|| Some(variable("HOME")?.join(".config")));
        CertificateStores {
            user: config.map(|config| config.join("bgcopy/certs")).unwrap_or_default(),
            machine: PathBuf::from("/etc/bgcopy/certs"),
        }
    }
}

/// What is stored of a job that does not reach servers in the usual way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessRecord {
    /// Which proxies are used.
    pub proxy: ProxySettings,
    /// The user's `.netrc` may answer proxies.
    pub stored_credentials: bool,
    /// [`Credentials`], encrypted.
    pub credentials: Option<Box<[u8]>>,
    /// Shown to servers that ask for one.
    pub certificate: Option<ClientCertificate>,
    /// The program looks at every server certificate.
    pub validated_by_program: bool,
}

impl AccessRecord {
    /// Takes away what is the owner's own.
    pub fn forget_owner(&mut self) {
        *self = AccessRecord { proxy: std::mem::take(&mut self.proxy), ..AccessRecord::default() };
    }
}

/// What an attempt knows of all that.
#[derive(Clone, Debug)]
pub struct Access<'a> {
    /// What is stored.
    pub record: &'a AccessRecord,
    /// Its credentials.
    pub credentials: Vec<Credentials>,
    /// Which registration of a program looks at certificates; its connections are its own.
    pub check: u64,
}
