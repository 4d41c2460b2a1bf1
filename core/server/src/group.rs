//! URL groups: single files under URLs that are made and taken away while the server runs.

use std::collections::BTreeMap;
use std::fs::{File, Metadata};
use std::io::{self, Write};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bgcopy_setup::config::{Control, Tls};
use bgcopy_setup::url_path::UrlPath;
use parking_lot::RwLock;
use rustix::fs::{CWD, Mode, OFlags, ResolveFlags};
use serde::{Deserialize, Serialize};
use tokio_rustls::TlsAcceptor;

use crate::prefix::Prefix;
use crate::tls;
use crate::traffic::Traffic;

/// Transfers of a group at once, where nobody says otherwise.
const CONNECTIONS: u32 = 3;
/// Slowest pace of a group, in bytes a second.
const SLOWEST: u64 = 1_024;

/// All groups.
pub struct Groups {
    state: RwLock<State>,
    maximum: usize,
    /// Where they are kept over a new start.
    file: Option<PathBuf>,
}

#[derive(Clone, Default)]
struct State {
    groups: BTreeMap<Prefix, Group>,
    certificates: BTreeMap<u16, Certificate>,
}

/// The files below one prefix.
#[derive(Clone)]
struct Group {
    anonymous: bool,
    connection_limit: u32,
    bandwidth_limit: u64,
    /// By suffix, in lower case.
    urls: BTreeMap<String, Url>,
    traffic: Arc<Traffic>,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Url {
    /// What follows the prefix.
    pub suffix: String,
    /// The file: an absolute path without links.
    pub file: PathBuf,
    /// Who may fetch it, where its group wants to know who asks; empty for every user.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<String>,
}

#[derive(Clone)]
struct Certificate {
    files: Tls,
    acceptor: TlsAcceptor,
}

/// What a request for a file of a group needs.
pub struct Hit {
    /// Everybody may fetch the files of the group.
    pub anonymous: bool,
    /// The file, if it is one of the group.
    pub url: Option<Url>,
    /// Transfers at once.
    pub connection_limit: u32,
    /// Bytes a second of all together; 0 for no limit.
    pub bandwidth_limit: u64,
    /// What the group is sending.
    pub traffic: Arc<Traffic>,
}

/// A property of a group that is a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Property {
    /// Most transfers at once.
    ConnectionLimit,
    /// Most bytes a second, of all transfers together; 0 for no limit.
    BandwidthLimit,
}

/// The file of the groups.
#[derive(Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Stored {
    #[serde(default)]
    group: Vec<StoredGroup>,
    #[serde(default)]
    certificate: Vec<StoredCertificate>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredGroup {
    prefix: String,
    anonymous: bool,
    connection_limit: u32,
    bandwidth_limit: u64,
    #[serde(default)]
    url: Vec<Url>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredCertificate {
    port: u16,
    certificate: PathBuf,
    key: PathBuf,
}

impl Groups {
    /// The groups that were kept.
    ///
    /// # Errors
    /// The file cannot be read or makes no sense; the text names it. A certificate that cannot be used is told only.
    pub fn open(control: &Control) -> io::Result<Groups> {
        let state = control.groups.as_deref().map_or_else(|| Ok(State::default()), read)?;
        Ok(Groups {
            state: RwLock::new(state),
            maximum: control.maximum_groups,
            file: control.groups.clone(),
        })
    }

    /// Changes something, on disk first: after an error all is as it was.
    fn change<T>(&self, change: impl FnOnce(&mut State) -> Result<T, String>) -> Result<T, String> {
        let mut next = self.state.read().clone();
        let result = change(&mut next)?;
        if let Some(file) = &self.file {
            write(file, &next)
                .map_err(|error| format!("{}: {error}; nothing was changed", file.display()))?;
        }
        *self.state.write() = next;
        Ok(result)
    }

    /// All prefixes.
    pub fn prefixes(&self) -> Vec<Prefix> {
        self.state.read().groups.keys().cloned().collect()
    }

    /// Makes a group; one that is there stays as it is. Returns whether it is new.
    ///
    /// # Errors
    /// There are as many as there may be, or it cannot be kept.
    pub fn add(&self, prefix: &Prefix, anonymous: bool) -> Result<bool, String> {
        if self.state.read().groups.contains_key(prefix) {
            return Ok(false);
        }
        self.change(|state| {
            if state.groups.len() >= self.maximum {
                return Err(format!(
                    "there are {} groups already: maximum_groups allows no more",
                    state.groups.len()
                ));
            }
            let group = Group {
                anonymous,
                connection_limit: CONNECTIONS,
                bandwidth_limit: 0,
                urls: BTreeMap::new(),
                traffic: Arc::default(),
            };
            state.groups.insert(prefix.clone(), group);
            Ok(true)
        })
    }

    /// Takes a group away, with its URLs; transfers under way are finished.
    ///
    /// # Errors
    /// It is not there, or that cannot be kept.
    pub fn remove(&self, prefix: &Prefix) -> Result<(), String> {
        self.change(|state| state.groups.remove(prefix).map(drop).ok_or_else(|| unknown(prefix)))
    }

    /// Publishes a file under a URL; the same one again changes who may fetch it.
    ///
    /// # Errors
    /// The group or the file is not there, the server cannot read it, or the URL is that of another file.
    pub fn add_url(
        &self,
        prefix: &Prefix,
        suffix: &str,
        file: &Path,
        users: Vec<String>,
    ) -> Result<(), String> {
        let (suffix, key) = normal(suffix)?;
        let told = |error: io::Error| format!("{}: {error}", file.display());
        if !file.is_absolute() {
            return Err(format!("{} is not an absolute path", file.display()));
        }
        let real = file.canonicalize().map_err(told)?;
        open(&real).map_err(|error| format!("the server cannot read {}: {error}", file.display()))?;
        if real.to_str().is_none() {
            return Err(format!("{}: the path is not UTF-8", real.display()));
        }
        self.change(|state| {
            let group = state.groups.get_mut(prefix).ok_or_else(|| unknown(prefix))?;
            if group.anonymous && !users.is_empty() {
                return Err(format!("{prefix} lets everybody in: its URLs cannot have users"));
            }
            match group.urls.get(&key) {
                Some(known) if known.file != real => {
                    let other = known.file.display();
                    return Err(format!("{prefix}{suffix} is {other} already: remove that URL first"));
                }
                _ => group.urls.insert(key, Url { suffix, file: real, users }),
            };
            Ok(())
        })
    }

    /// Takes a URL away; transfers under way are finished.
    ///
    /// # Errors
    /// It is not there, or that cannot be kept.
    pub fn remove_url(&self, prefix: &Prefix, suffix: &str) -> Result<(), String> {
        let (suffix, key) = normal(suffix)?;
        self.change(|state| {
            let group = state.groups.get_mut(prefix).ok_or_else(|| unknown(prefix))?;
            group.urls.remove(&key).map(drop).ok_or_else(|| format!("there is no URL {prefix}{suffix}"))
        })
    }

    /// Whether a URL is there.
    ///
    /// # Errors
    /// Its group is not there.
    pub fn has_url(&self, prefix: &Prefix, suffix: &str) -> Result<bool, String> {
        let (_, key) = normal(suffix)?;
        self.look(prefix, |group| group.urls.contains_key(&key))
    }

    /// The URLs of a group.
    ///
    /// # Errors
    /// It is not there.
    pub fn urls(&self, prefix: &Prefix) -> Result<Vec<Url>, String> {
        self.look(prefix, |group| group.urls.values().cloned().collect())
    }

    /// Sets a property; transfers under way keep their pace.
    ///
    /// # Errors
    /// The group is not there, or the value makes no sense.
    pub fn set(&self, prefix: &Prefix, property: Property, value: u64) -> Result<(), String> {
        self.change(|state| {
            let group = state.groups.get_mut(prefix).ok_or_else(|| unknown(prefix))?;
            match property {
                Property::ConnectionLimit => {
                    let limit = u32::try_from(value).ok().filter(|limit| *limit > 0);
                    group.connection_limit =
                        limit.ok_or_else(|| format!("connection-limit must be from 1 to {}", u32::MAX))?;
                }
                Property::BandwidthLimit if value != 0 && value < SLOWEST => {
                    return Err(format!(
                        "bandwidth-limit must be at least {SLOWEST} bytes a second, or 0 for none"
                    ));
                }
                Property::BandwidthLimit => group.bandwidth_limit = value,
            }
            Ok(())
        })
    }

    /// The value of a property.
    ///
    /// # Errors
    /// The group is not there.
    pub fn get(&self, prefix: &Prefix, property: Property) -> Result<u64, String> {
        self.look(prefix, |group| match property {
            Property::ConnectionLimit => group.connection_limit.into(),
            Property::BandwidthLimit => group.bandwidth_limit,
        })
    }

    /// Says whether everybody may fetch the files of a group.
    ///
    /// # Errors
    /// The group is not there, or some of its URLs are for some users only.
    pub fn set_anonymous(&self, prefix: &Prefix, anonymous: bool) -> Result<(), String> {
        self.change(|state| {
            let group = state.groups.get_mut(prefix).ok_or_else(|| unknown(prefix))?;
            if anonymous && group.urls.values().any(|url| !url.users.is_empty()) {
                return Err(format!("{prefix} has URLs for some users only: it cannot let everybody in"));
            }
            group.anonymous = anonymous;
            Ok(())
        })
    }

    /// Whether everybody may fetch the files of a group.
    ///
    /// # Errors
    /// The group is not there.
    pub fn is_anonymous(&self, prefix: &Prefix) -> Result<bool, String> {
        self.look(prefix, |group| group.anonymous)
    }

    /// Sets the certificate of a port.
    ///
    /// # Errors
    /// It cannot be used; the text names the file.
    pub fn set_certificate(&self, port: u16, certificate: PathBuf, key: PathBuf) -> Result<(), String> {
        let files = Tls { listen: Vec::new(), certificate, key };
        if port == 0 || !files.certificate.is_absolute() || !files.key.is_absolute() {
            return Err("a certificate needs a port and absolute paths of PEM files".to_owned());
        }
        let acceptor = tls::acceptor(&files).map_err(|error| error.to_string())?;
        self.change(|state| {
            state.certificates.insert(port, Certificate { files, acceptor });
            Ok(())
        })
    }

    /// The files of the certificate of a port.
    pub fn certificate(&self, port: u16) -> Option<(PathBuf, PathBuf)> {
        let state = self.state.read();
        let found = state.certificates.get(&port)?;
        Some((found.files.certificate.clone(), found.files.key.clone()))
    }

    /// Takes the certificate of a port away.
    ///
    /// # Errors
    /// There is none, or a group needs it.
    pub fn remove_certificate(&self, port: u16) -> Result<(), String> {
        self.change(|state| {
            if let Some(prefix) = state.groups.keys().find(|prefix| prefix.https && prefix.port == port) {
                return Err(format!("{prefix} needs the certificate of port {port}"));
            }
            state
                .certificates
                .remove(&port)
                .map(drop)
                .ok_or_else(|| format!("port {port} has no certificate"))
        })
    }

    /// What speaks https on a port of groups.
    pub fn acceptor(&self, port: u16) -> Option<TlsAcceptor> {
        Some(self.state.read().certificates.get(&port)?.acceptor.clone())
    }

    /// Reads all certificates again; one that cannot be used is told, and the one before stays.
    pub fn read_certificates(&self) {
        let certificates = self.state.read().certificates.clone();
        for (port, Certificate { files, .. }) in certificates {
            match tls::acceptor(&files) {
                Ok(acceptor) => {
                    if let Some(known) = self.state.write().certificates.get_mut(&port) {
                        known.acceptor = acceptor;
                    }
                }
                Err(error) => eprintln!("the certificate of port {port} stays as it was: {error}"),
            }
        }
    }

    /// The group of a request, and its file; `host` is what it names, `local` and `port` where it arrived.
    pub fn find(&self, https: bool, host: &str, local: IpAddr, port: u16, path: &UrlPath) -> Option<Hit> {
        let state = self.state.read();
        if state.groups.is_empty() {
            return None;
        }
        let names = path.names();
        let first = names.first().map(String::as_str).unwrap_or_default();
        let meant = Prefix::meant(https, host, local, port, first);
        let (prefix, group) = meant.iter().find_map(|prefix| Some((prefix, state.groups.get(prefix)?)))?;
        let rest = if prefix.name.is_empty() { names } else { &names[1..] };
        let url = Some(rest).filter(|_| !path.is_directory()).and_then(|rest| group.urls.get(&key(rest)));
        Some(Hit {
            anonymous: group.anonymous,
            url: url.cloned(),
            connection_limit: group.connection_limit,
            bandwidth_limit: group.bandwidth_limit,
            traffic: Arc::clone(&group.traffic),
        })
    }

    fn look<T>(&self, prefix: &Prefix, look: impl FnOnce(&Group) -> T) -> Result<T, String> {
        self.state.read().groups.get(prefix).map(look).ok_or_else(|| unknown(prefix))
    }
}

impl Url {
    /// Opens the file; a link that was put in its path since is not followed.
    ///
    /// # Errors
    /// It is not there any more, or cannot be read.
    pub fn open(&self) -> io::Result<(File, Metadata)> {
        open(&self.file)
    }
}

fn open(path: &Path) -> io::Result<(File, Metadata)> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let file = match rustix::fs::openat2(CWD, path, flags, Mode::empty(), ResolveFlags::NO_SYMLINKS) {
        // A kernel or a sandbox without that call follows links in front of the last name.
        Err(rustix::io::Errno::NOSYS | rustix::io::Errno::PERM) => {
            rustix::fs::openat(CWD, path, flags, Mode::empty())?
        }
        result => result?,
    };
    let file = File::from(file);
    let status = file.metadata()?;
    if status.is_file() { Ok((file, status)) } else { Err(io::Error::other("it is not a file")) }
}

fn unknown(prefix: &Prefix) -> String {
    format!("there is no group {prefix}")
}

/// A suffix as it is written, and what it is found by.
fn normal(suffix: &str) -> Result<(String, String), String> {
    let path = UrlPath::parse(&format!("/{}", suffix.strip_prefix('/').unwrap_or(suffix)));
    let path = path.filter(|path| !path.is_directory());
    let path =
        path.ok_or_else(|| format!("{suffix:?} is no end of a URL like file.bin or directory/file.bin"))?;
    Ok((path.to_string().split_off(1), key(path.names())))
}

/// Names of a path, for a comparison in which case does not count.
fn key(names: &[String]) -> String {
    names.join("/").to_lowercase()
}

fn read(path: &Path) -> io::Result<State> {
    let named = |text: &dyn std::fmt::Display| io::Error::other(format!("{}: {text}", path.display()));
    let text = match std::fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(State::default()),
        text => text.map_err(|error| named(&error))?,
    };
    let stored: Stored = toml::from_str(&text).map_err(|error| named(&error))?;
    let mut state = State::default();
    for group in stored.group {
        let prefix = Prefix::parse(&group.prefix).map_err(|error| named(&error))?;
        let mut urls = BTreeMap::new();
        for url in group.url {
            let (_, key) = normal(&url.suffix).map_err(|error| named(&error))?;
            urls.insert(key, url);
        }
        let StoredGroup { anonymous, connection_limit, bandwidth_limit, .. } = group;
        let traffic = Arc::default();
        state.groups.insert(prefix, Group { anonymous, connection_limit, bandwidth_limit, urls, traffic });
    }
    for StoredCertificate { port, certificate, key } in stored.certificate {
        let files = Tls { listen: Vec::new(), certificate, key };
        match tls::acceptor(&files) {
            Ok(acceptor) => drop(state.certificates.insert(port, Certificate { files, acceptor })),
            Err(error) => eprintln!("port {port} has no certificate any more: {error}"),
        }
    }
    Ok(state)
}

/// Writes all groups in place of those that were: after a crash, one or the other is there.
fn write(path: &Path, state: &State) -> io::Result<()> {
    let groups = state.groups.iter().map(|(prefix, group)| StoredGroup {
        prefix: prefix.to_string(),
        anonymous: group.anonymous,
        connection_limit: group.connection_limit,
        bandwidth_limit: group.bandwidth_limit,
        url: group.urls.values().cloned().collect(),
    });
    let certificates = state.certificates.iter().map(|(port, certificate)| StoredCertificate {
        port: *port,
        certificate: certificate.files.certificate.clone(),
        key: certificate.files.key.clone(),
    });
    let stored = Stored { group: groups.collect(), certificate: certificates.collect() };
    let text = toml::to_string(&stored).map_err(io::Error::other)?;
    let new = path.with_extension("new");
    let mut file = File::create(&new)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&new, path)?;
    File::open(path.parent().unwrap_or(Path::new("/")))?.sync_all()
}
