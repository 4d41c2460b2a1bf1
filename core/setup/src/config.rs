//! The configuration file: TOML, with the directory properties of the BITS extension of IIS under their names.
//!
//! ```toml
//! listen = ["127.0.0.1:8080"]
//!
//! [[directory]]
//! url_prefix = "/drop"
//! path = "/srv/drop"
//! upload_enabled = true
//! anonymous = true
//! ```
//!
//! A directory inherits what it does not say from the directory whose `url_prefix` is the next above its own, and that one
//! from `[defaults]`; `upload_enabled` is not inherited. Unknown keys and wrong values are errors that name file and line.
//!
//! Beside `NAME.toml`, the files `NAME.d/*.toml` are read in the order of their names, for `/etc/bgcopy/server.toml` those
//! of `/etc/bgcopy/server.d`. They have `[[directory]]` tables and nothing else: one with a new `url_prefix` is another
//! directory, one with a known `url_prefix` says something else of that directory, and keeps what it does not say. So a
//! program can enable uploads without editing the file of an administrator:
//!
//! ```toml
//! [[directory]]
//! url_prefix = "/drop"
//! upload_enabled = true
//! ```

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fmt, fs, io};

use serde::Deserialize;
use serde::de::{self, Deserializer};

use crate::url_path::UrlPath;

/// Everything that the server is told.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where http is served.
    pub listen: Vec<SocketAddr>,
    /// Most connections at once; more wait.
    pub maximum_connections: usize,
    /// How long a client may be silent in the middle of a request, and a connection between two.
    pub idle_timeout: Duration,
    /// How long requests under way may take when the server ends.
    pub shutdown_timeout: Duration,
    /// https, where it is served.
    pub tls: Option<Tls>,
    /// Who may prove who they are, and how.
    pub authentication: Option<Authentication>,
    /// Proxies that are believed.
    pub proxy: Proxy,
    /// Where a line for each request goes; `-` is the standard output.
    pub access_log: Option<PathBuf>,
    /// Where counters are served, for Prometheus.
    pub metrics_listen: Option<SocketAddr>,
    /// URL groups, and how they are managed.
    pub control: Option<Control>,
    /// What is served.
    pub directories: Vec<Directory>,
}

/// The local interface, through which root and the user of the server manage URL groups.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// The Unix socket.
    pub socket: PathBuf,
    /// Where groups are kept; without it they are gone with the server, as those of BITS Compact Server.
    pub groups: Option<PathBuf>,
    /// Most groups.
    #[serde(default = "maximum_groups")]
    pub maximum_groups: usize,
}

fn maximum_groups() -> usize {
    25
}

/// https.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// Where it is served.
    #[serde(default)]
    pub listen: Vec<SocketAddr>,
    /// The certificate and those that lead to its authority, PEM.
    pub certificate: PathBuf,
    /// Its private key, PEM.
    pub key: PathBuf,
}

/// Basic authentication.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authentication {
    /// Users and bcrypt passwords, as `htpasswd -B` writes them; read with the configuration.
    pub htpasswd: PathBuf,
    /// What users are told that they authenticate for.
    #[serde(default = "realm")]
    pub realm: String,
}

fn realm() -> String {
    "bgcopy".to_owned()
}

/// Proxies that are believed when they say who asks (`user_header`), from where (X-Forwarded-For) and by which scheme
/// (X-Forwarded-Proto).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proxy {
    /// Their addresses.
    #[serde(default)]
    pub trusted: Vec<IpAddr>,
    /// The header with the user that they have authenticated.
    pub user_header: Option<String>,
}

/// A directory that is served below a URL.
#[derive(Clone, Debug)]
pub struct Directory {
    /// Where it is in URLs.
    pub url_prefix: UrlPath,
    /// Where it is on disk.
    pub path: PathBuf,
    /// Uploads are received (BITSUploadEnabled).
    pub upload_enabled: bool,
    /// Its files can be fetched.
    pub download_enabled: bool,
    /// How long a session may be without progress (BITSSessionTimeout).
    pub session_timeout: Duration,
    /// Most bytes of one upload (BITSMaximumUploadSize).
    pub maximum_upload_size: u64,
    /// Name of the server for the rest of a session, and the seconds after which the first name is used again
    /// (BITSHostId, BITSHostIdFallbackTimeout).
    pub host: Option<(String, u32)>,
    /// An upload may replace a file (BITSAllowOverwrites).
    pub allow_overwrites: bool,
    /// How often what is left of old sessions is removed (BITSCleanupUseDefault, BITSCleanupCount, BITSCleanupUnits).
    pub cleanup_interval: Duration,
    /// Most sessions of one user that survive a clean-up (BITSNumberOfSessionsLimit, BITSSessionLimitEnable).
    pub sessions_per_user: Option<usize>,
    /// Most sessions of all users; more are not begun.
    pub maximum_sessions: usize,
    /// Most bytes of one Fragment.
    pub maximum_fragment_size: u64,
    /// Most bytes of all unfinished uploads together.
    pub maximum_temporary_bytes: u64,
    /// Packets without body may come without Content-Length, which a known client does.
    pub lenient_length: bool,
    /// The server application that is told of uploads (BITSServerNotificationType, BITSServerNotificationURL).
    pub notification: Option<Notification>,
    /// Everybody may use it.
    pub anonymous: bool,
    /// Who may use it, where not everybody may; empty for every user.
    pub users: Vec<String>,
}

/// How a server application is told of an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// The file goes along; else its name does.
    pub by_value: bool,
    /// Where the application is: absolute, or relative to the URL of the upload.
    pub url: String,
    /// How long it may take to answer.
    pub timeout: Duration,
}

/// Why a configuration cannot be used.
#[derive(Debug)]
pub struct Mistake {
    text: String,
    unreadable: Option<io::ErrorKind>,
}

impl Mistake {
    fn new(text: impl Into<String>) -> Mistake {
        Mistake { text: text.into(), unreadable: None }
    }

    fn unreadable(path: &Path, error: &io::Error) -> Mistake {
        Mistake { text: format!("{}: {error}", path.display()), unreadable: Some(error.kind()) }
    }

    /// Why a file could not be read; `None` when the files are there, and say what cannot be.
    pub fn why_unreadable(&self) -> Option<io::ErrorKind> {
        self.unreadable
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Mistake {}

impl Config {
    /// Reads a configuration file and the files of the directory beside it.
    ///
    /// # Errors
    /// One cannot be read, or says what cannot be; the text names file, line and what would be right.
    pub fn read(path: &Path) -> Result<Config, Mistake> {
        let named = |path: &Path, text: String| Mistake::new(format!("{}: {text}", path.display()));
        let mut file: File = read(path)?;
        let beside = beside(path);
        for addition in additions(&beside).map_err(|error| Mistake::unreadable(&beside, &error))? {
            let tables: Addition = read(&addition)?;
            file.add(tables.directory).map_err(|text| named(&addition, text))?;
        }
        file.resolve().map_err(|text| named(path, text))
    }

    /// Reads a configuration.
    ///
    /// # Errors
    /// As [`Config::read`], without the name of the file.
    pub fn parse(text: &str) -> Result<Config, Mistake> {
        let file: File = toml::from_str(text).map_err(|error| Mistake::new(error.to_string()))?;
        file.resolve().map_err(Mistake::new)
    }

    /// One directory for everybody, up and down: for a first look.
    ///
    /// # Errors
    /// The URL is malformed.
    pub fn share(listen: SocketAddr, path: &Path) -> Result<Config, Mistake> {
        let table = Table {
            url_prefix: Some("/".to_owned()),
            path: Some(path.to_owned()),
            upload_enabled: Some(true),
            download_enabled: Some(true),
            anonymous: Some(true),
            ..Table::default()
        };
        let file = File { listen: vec![listen], directory: vec![table], ..File::default() };
        file.resolve().map_err(Mistake::new)
    }
}

fn read<T: de::DeserializeOwned>(path: &Path) -> Result<T, Mistake> {
    let text = fs::read_to_string(path).map_err(|error| Mistake::unreadable(path, &error))?;
    toml::from_str(&text).map_err(|error| Mistake::new(format!("{}: {error}", path.display())))
}

/// The directory of the files beside a configuration.
pub(crate) fn beside(path: &Path) -> PathBuf {
    path.with_extension("d")
}

/// The files beside the configuration, in the order of their names; hidden ones are those of editors and of programs
/// that have not finished them.
fn additions(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(paths),
        entries => entries?,
    };
    for entry in entries {
        let path = entry?.path();
        let hidden = path.file_name().is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
        if !hidden && path.extension().is_some_and(|extension| extension == "toml") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// A file beside the configuration.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Addition {
    #[serde(default)]
    directory: Vec<Table>,
}

/// The file as it is written.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    listen: Vec<SocketAddr>,
    maximum_connections: Option<usize>,
    idle_timeout: Option<u32>,
    shutdown_timeout: Option<u32>,
    tls: Option<Tls>,
    authentication: Option<Authentication>,
    #[serde(default)]
    proxy: Proxy,
    access_log: Option<PathBuf>,
    metrics_listen: Option<SocketAddr>,
    control: Option<Control>,
    #[serde(default)]
    defaults: Table,
    #[serde(default)]
    directory: Vec<Table>,
}

/// A directory, or the defaults of all.
#[derive(Deserialize, Default, Clone)]
#[serde(deny_unknown_fields)]
struct Table {
    url_prefix: Option<String>,
    path: Option<PathBuf>,
    upload_enabled: Option<bool>,
    download_enabled: Option<bool>,
    session_timeout: Option<u32>,
    #[serde(default, deserialize_with = "size")]
    maximum_upload_size: Option<u64>,
    host_id: Option<String>,
    host_id_fallback_timeout: Option<u32>,
    allow_overwrites: Option<bool>,
    cleanup_use_default: Option<bool>,
    cleanup_count: Option<u32>,
    cleanup_units: Option<u32>,
    session_limit_enable: Option<bool>,
    number_of_sessions_limit: Option<u32>,
    maximum_sessions: Option<u32>,
    #[serde(default, deserialize_with = "size")]
    maximum_fragment_size: Option<u64>,
    #[serde(default, deserialize_with = "size")]
    maximum_temporary_bytes: Option<u64>,
    lenient_length: Option<bool>,
    server_notification_type: Option<u32>,
    server_notification_url: Option<String>,
    server_notification_timeout: Option<u32>,
    anonymous: Option<bool>,
    users: Option<Vec<String>>,
}

/// A number of bytes: a number, or its text, of which the empty one is "no limit", as in IIS.
fn size<'de, D: Deserializer<'de>>(source: D) -> Result<Option<u64>, D::Error> {
    struct Size;
    impl de::Visitor<'_> for Size {
        type Value = u64;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a number of bytes, or \"\" for no limit")
        }
        fn visit_i64<E: de::Error>(self, number: i64) -> Result<u64, E> {
            u64::try_from(number).map_err(|_| E::invalid_value(de::Unexpected::Signed(number), &self))
        }
        fn visit_u64<E: de::Error>(self, number: u64) -> Result<u64, E> {
            Ok(number)
        }
        fn visit_str<E: de::Error>(self, text: &str) -> Result<u64, E> {
            if text.is_empty() {
                return Ok(u64::MAX);
            }
            text.parse().map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))
        }
    }
    source.deserialize_any(Size).map(Some)
}

const MAX_URL: usize = bgcopy_protocol::limits::MAX_URL;
const DAY: u32 = 24 * 60 * 60;
/// The header of a host must fit a Windows client.
const MAX_HOST_ID: usize = bgcopy_protocol::upload::MAX_HOST_ID;

/// Where directories are in URLs.
fn places(directories: &[Table]) -> Result<Vec<UrlPath>, String> {
    let mut places = Vec::new();
    for table in directories {
        let prefix = table.url_prefix.as_deref().ok_or("a [[directory]] needs url_prefix = \"/...\"")?;
        let place = UrlPath::prefix(prefix)
            .ok_or_else(|| format!("url_prefix {prefix:?} must be a path like \"/drop\""))?;
        if places.contains(&place) {
            return Err(format!("two directories have url_prefix {prefix:?}"));
        }
        places.push(place);
    }
    Ok(places)
}

impl File {
    /// Adds directories, and to directories that are there.
    fn add(&mut self, directories: Vec<Table>) -> Result<(), String> {
        let (known, added) = (places(&self.directory)?, places(&directories)?);
        for (mut table, place) in directories.into_iter().zip(added) {
            match known.iter().position(|known| *known == place) {
                None => self.directory.push(table),
                Some(at) => {
                    let before = &mut self.directory[at];
                    table.path = table.path.or(before.path.take());
                    table.upload_enabled = table.upload_enabled.or(before.upload_enabled);
                    table.inherit(before);
                    *before = table;
                }
            }
        }
        Ok(())
    }

    fn resolve(self) -> Result<Config, String> {
        let defaults = self.defaults;
        if defaults.url_prefix.is_some() || defaults.path.is_some() || defaults.upload_enabled.is_some() {
            return Err("[defaults] cannot have url_prefix, path or upload_enabled: \
                        they belong to each [[directory]]"
                .to_owned());
        }
        let places = places(&self.directory)?;
        let believed = |header: &str| !self.proxy.trusted.is_empty() && is_token(header);
        if self.proxy.user_header.as_deref().is_some_and(|header| !believed(header)) {
            return Err(
                "[proxy] user_header needs the name of a header, and trusted = [\"addresses\"]".to_owned()
            );
        }
        let relative = |path: &Path| !path.is_absolute();
        if let Some(control) = &self.control
            && (relative(&control.socket) || control.groups.as_deref().is_some_and(relative))
        {
            return Err("[control] needs absolute paths for socket and groups".to_owned());
        }
        let authenticated = self.authentication.is_some() || self.proxy.user_header.is_some();
        let mut directories = Vec::new();
        for (table, place) in self.directory.iter().zip(&places) {
            // From the nearest parent outwards.
            let mut above: Vec<usize> = (0..places.len())
                .filter(|&at| places[at] != *place && place.below(&places[at]).is_some())
                .collect();
            above.sort_by_key(|&at| std::cmp::Reverse(places[at].depth()));
            let mut whole = table.clone();
            for parent in above.into_iter().map(|at| &self.directory[at]).chain([&defaults]) {
                whole.inherit(parent);
            }
            directories.push(whole.resolve(place.clone(), authenticated)?);
        }
        Ok(Config {
            listen: self.listen,
            maximum_connections: self.maximum_connections.unwrap_or(16_384).max(1),
            idle_timeout: seconds(self.idle_timeout.unwrap_or(60).max(1)),
            shutdown_timeout: seconds(self.shutdown_timeout.unwrap_or(30)),
            tls: self.tls,
            authentication: self.authentication,
            proxy: self.proxy,
            access_log: self.access_log,
            metrics_listen: self.metrics_listen,
            control: self.control,
            directories,
        })
    }
}

/// The name of a header (RFC 9110 section 5.6.2).
fn is_token(name: &str) -> bool {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(good)
}

fn seconds(number: u32) -> Duration {
    Duration::from_secs(number.into())
}

impl Table {
    fn inherit(&mut self, from: &Table) {
        fn take<T: Clone>(own: &mut Option<T>, from: &Option<T>) {
            if own.is_none() {
                own.clone_from(from);
            }
        }
        take(&mut self.download_enabled, &from.download_enabled);
        take(&mut self.session_timeout, &from.session_timeout);
        take(&mut self.maximum_upload_size, &from.maximum_upload_size);
        take(&mut self.host_id, &from.host_id);
        take(&mut self.host_id_fallback_timeout, &from.host_id_fallback_timeout);
        take(&mut self.allow_overwrites, &from.allow_overwrites);
        take(&mut self.cleanup_use_default, &from.cleanup_use_default);
        take(&mut self.cleanup_count, &from.cleanup_count);
        take(&mut self.cleanup_units, &from.cleanup_units);
        take(&mut self.session_limit_enable, &from.session_limit_enable);
        take(&mut self.number_of_sessions_limit, &from.number_of_sessions_limit);
        take(&mut self.maximum_sessions, &from.maximum_sessions);
        take(&mut self.maximum_fragment_size, &from.maximum_fragment_size);
        take(&mut self.maximum_temporary_bytes, &from.maximum_temporary_bytes);
        take(&mut self.lenient_length, &from.lenient_length);
        take(&mut self.server_notification_type, &from.server_notification_type);
        take(&mut self.server_notification_url, &from.server_notification_url);
        take(&mut self.server_notification_timeout, &from.server_notification_timeout);
        // Who may use a directory is one question.
        if self.anonymous.is_none() && self.users.is_none() {
            self.anonymous = from.anonymous;
            self.users.clone_from(&from.users);
        }
    }

    fn resolve(self, url_prefix: UrlPath, authenticated: bool) -> Result<Directory, String> {
        let named = |text: &str| format!("directory {url_prefix}: {text}");
        let path = self.path.clone().filter(|path| path.is_absolute());
        let path = path.ok_or_else(|| named("path must be an absolute path"))?;
        let cleanup_interval = self.cleanup_interval().map_err(|text| named(&text))?;
        let notification = self.notification().map_err(|text| named(&text))?;
        let fallback = self.host_id_fallback_timeout.unwrap_or(DAY);
        let host = self.host_id.filter(|host| !host.is_empty());
        let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:".contains(&byte);
        if host.as_ref().is_some_and(|host| host.len() > MAX_HOST_ID || !host.bytes().all(is_host)) {
            return Err(named("host_id must be a name or an address of at most 300 characters"));
        }
        let upload_enabled = self.upload_enabled.unwrap_or(false);
        let anonymous = self.anonymous.unwrap_or(false);
        let users = self.users.clone().unwrap_or_default();
        if anonymous && !users.is_empty() {
            return Err(named("anonymous = true lets everybody in: it cannot have users"));
        }
        if !anonymous && !authenticated {
            return Err(named(
                "nobody may use it: say anonymous = true, or how users prove who they are, in [authentication] or [proxy]",
            ));
        }
        let limited = self.session_limit_enable.unwrap_or(true);
        Ok(Directory {
            url_prefix,
            path,
            upload_enabled,
            download_enabled: self.download_enabled.unwrap_or(false),
            session_timeout: seconds(self.session_timeout.unwrap_or(14 * DAY)),
            maximum_upload_size: self.maximum_upload_size.unwrap_or(u64::MAX),
            host: host.map(|host| (host, fallback)),
            allow_overwrites: self.allow_overwrites.unwrap_or(false),
            cleanup_interval,
            sessions_per_user: limited.then(|| self.number_of_sessions_limit.unwrap_or(50) as usize),
            maximum_sessions: self.maximum_sessions.unwrap_or(10_000) as usize,
            maximum_fragment_size: self.maximum_fragment_size.unwrap_or(16 * 1024 * 1024),
            maximum_temporary_bytes: self.maximum_temporary_bytes.unwrap_or(u64::MAX),
            lenient_length: self.lenient_length.unwrap_or(false),
            notification,
            anonymous,
            users,
        })
    }

    fn notification(&self) -> Result<Option<Notification>, String> {
        let by_value = match self.server_notification_type.unwrap_or(0) {
            0 => return Ok(None),
            1 => false,
            2 => true,
            _ => {
                return Err(
                    "server_notification_type must be 0 (none), 1 (by reference) or 2 (by value)".to_owned()
                );
            }
        };
        let url = self.server_notification_url.clone().filter(|url| !url.is_empty());
        let url = url.ok_or("server_notification_type needs server_notification_url")?;
        let good = |byte: u8| byte.is_ascii_graphic() && byte != b'#';
        let scheme = url.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        if url.len() > MAX_URL || !url.bytes().all(good) || scheme.is_some_and(|scheme| scheme != "http") {
            return Err(format!(
                "server_notification_url must be an http URL, or one relative to that of the upload, of at most {MAX_URL} \
                 characters"
            ));
        }
        let timeout = seconds(self.server_notification_timeout.unwrap_or(300).max(1));
        Ok(Some(Notification { by_value, url, timeout }))
    }

    fn cleanup_interval(&self) -> Result<Duration, String> {
        let count = self.cleanup_count;
        if self.cleanup_use_default.unwrap_or(count.is_none()) {
            return Ok(seconds(DAY / 2));
        }
        let (most, unit) = match self.cleanup_units.unwrap_or(1) {
            0 => (60, 60),
            1 => (24, 60 * 60),
            2 => (360, DAY),
            _ => return Err("cleanup_units must be 0 (minutes), 1 (hours) or 2 (days)".to_owned()),
        };
        let count = count.ok_or("cleanup_use_default = false needs cleanup_count")?;
        if !(1..=most).contains(&count) {
            return Err(format!("cleanup_count must be from 1 to {most} with these cleanup_units"));
        }
        Ok(seconds(count * unit))
    }
}
