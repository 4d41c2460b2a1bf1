//! Switches uploads to a directory of the server on and off, as the set-up interfaces of the BITS extension of IIS do.
//!
//! The file of the administrator is never changed: what a program says is in a file of its own beside it, one for each
//! directory, which is read with the configuration and can be deleted.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use std::{env, fmt, process};

use bgcopy_protocol::ResultCode;

use crate::config::{self, Config, Directory, Mistake};
use crate::control::{self, Outcome};
use crate::url_path::{UrlPath, encode};

/// The variable that names the configuration of the server.
pub const CONFIGURATION: &str = "BGCOPY_SERVER_CONFIGURATION";
/// The configuration, where nobody names another one.
pub const DEFAULT_CONFIGURATION: &str = "/etc/bgcopy/server.toml";

/// The unit of systemd that cleans up once, as the package of the server has it.
const CLEAN_UP: &str = "bgcopy-server-clean-up.service";

/// Why a directory was not set up: a code for programs and a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The result code, always a failure.
    pub code: ResultCode,
    /// What failed, on what.
    pub detail: String,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{}]", self.detail, self.code)
    }
}

impl std::error::Error for Error {}

/// The result of a call.
pub type Result<T> = std::result::Result<T, Error>;

fn error(code: ResultCode, detail: impl Into<String>) -> Error {
    Error { code, detail: detail.into() }
}

/// The code of what the system refused.
fn code(kind: ErrorKind, other: ResultCode) -> ResultCode {
    match kind {
        ErrorKind::NotFound => ResultCode::BG_E_WIN32_FILE_NOT_FOUND,
        ErrorKind::NotADirectory => ResultCode::BG_E_WIN32_PATH_NOT_FOUND,
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => ResultCode::BG_E_ACCESSDENIED,
        ErrorKind::IsADirectory => ResultCode::BG_E_WIN32_DIRECTORY,
        ErrorKind::InvalidFilename => ResultCode::BG_E_WIN32_FILENAME_EXCED_RANGE,
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => ResultCode::BG_E_WIN32_DISK_FULL,
        ErrorKind::InvalidData => ResultCode::BG_E_WIN32_INVALID_DATA,
        _ => other,
    }
}

fn failed(path: &Path, reason: &io::Error) -> Error {
    error(code(reason.kind(), ResultCode::BG_E_WIN32_WRITE_FAULT), format!("{}: {reason}", path.display()))
}

impl From<Mistake> for Error {
    fn from(mistake: Mistake) -> Error {
        let code = match mistake.why_unreadable() {
            Some(kind) => code(kind, ResultCode::BG_E_WIN32_READ_FAULT),
            None => ResultCode::BG_E_WIN32_INVALID_DATA,
        };
        error(code, mistake.to_string())
    }
}

/// Finds the directories of a server (`IBITSExtensionSetupFactory`).
#[derive(Clone, Debug)]
pub struct ExtensionSetupFactory {
    configuration: PathBuf,
}

impl ExtensionSetupFactory {
    /// For the server with this configuration file; for `None` the one that `BGCOPY_SERVER_CONFIGURATION` names, else
    /// `/etc/bgcopy/server.toml`. It is read by each call that needs it.
    ///
    /// # Errors
    /// `BG_E_INVALIDARG` when the path is not absolute.
    pub fn open(configuration: Option<&Path>) -> Result<ExtensionSetupFactory> {
        let named = env::var_os(CONFIGURATION).filter(|path| !path.is_empty());
        let configuration = match configuration {
            Some(path) => path.to_owned(),
            None => named.map_or_else(|| PathBuf::from(DEFAULT_CONFIGURATION), PathBuf::from),
        };
        if !configuration.is_absolute() || configuration.file_name().is_none() {
            return Err(error(
                ResultCode::BG_E_INVALIDARG,
                format!(
                    "the configuration must be the absolute path of a file, which {} is not",
                    configuration.display()
                ),
            ));
        }
        Ok(ExtensionSetupFactory { configuration })
    }

    /// Finds a directory by the path that it has in URLs, such as `/orders`, or by the name that IIS gives it, such as
    /// `IIS://localhost/W3SVC/1/ROOT/orders`.
    ///
    /// # Errors
    /// `BG_E_INVALIDARG` for another kind of name or another machine, `BG_E_WIN32_PATH_NOT_FOUND` when the server has no such
    /// directory, `BG_E_WIN32_FILE_NOT_FOUND` when there is no configuration, `BG_E_ACCESSDENIED` when it may not be read,
    /// `BG_E_WIN32_INVALID_DATA` when it says what cannot be, `BG_E_WIN32_READ_FAULT` and its like when it is no file.
    pub fn get_object(&self, path: &str) -> Result<ExtensionSetup> {
        let url_prefix = url_prefix(path)?;
        let setup = ExtensionSetup { configuration: self.configuration.clone(), url_prefix };
        setup.directory()?;
        Ok(setup)
    }
}

/// What a name says of the place in URLs.
fn url_prefix(path: &str) -> Result<UrlPath> {
    let invalid = |why: &str| error(ResultCode::BG_E_INVALIDARG, format!("the path {path:?} {why}"));
    let kinds = "must be one of a URL like \"/orders\", or like \"IIS://localhost/W3SVC/1/ROOT/orders\"";
    let is_iis = path.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("IIS://"));
    if !is_iis {
        return UrlPath::prefix(path).ok_or_else(|| invalid(kinds));
    }
    let names: Vec<&str> = path[6..].trim_end_matches('/').split('/').collect();
    let [machine, service, site, rest @ ..] = names.as_slice() else { return Err(invalid(kinds)) };
    if !service.eq_ignore_ascii_case("W3SVC") || site.parse::<u32>().is_err() {
        return Err(invalid(kinds));
    }
    if !is_this_machine(machine) {
        return Err(invalid("names another machine: only the server of this one can be set up"));
    }
    if site.parse() != Ok(1) {
        return Err(error(
            ResultCode::BG_E_WIN32_PATH_NOT_FOUND,
            format!("{path}: the server has one site, 1"),
        ));
    }
    let rest = match rest {
        [root, rest @ ..] if root.eq_ignore_ascii_case("ROOT") => rest,
        rest => rest,
    };
    // Names of IIS are not those of URLs: a percent sign means itself.
    let encoded: Vec<String> = rest.iter().map(|name| encode(name)).collect();
    UrlPath::prefix(&format!("/{}", encoded.join("/"))).ok_or_else(|| invalid(kinds))
}

fn is_this_machine(name: &str) -> bool {
    let own = || fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    name.eq_ignore_ascii_case("localhost") || name.eq_ignore_ascii_case(own().trim_end())
}

/// A directory of the server (`IBITSExtensionSetup`).
#[derive(Clone, Debug)]
pub struct ExtensionSetup {
    configuration: PathBuf,
    url_prefix: UrlPath,
}

/// The clean-up of a directory as the server does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CleanupTask {
    /// Seconds from one to the next.
    pub interval: u32,
    /// Seconds without progress after which an upload is removed.
    pub session_timeout: u32,
    /// Most uploads that a user keeps.
    pub sessions_per_user: Option<u32>,
}

impl ExtensionSetup {
    /// Enables uploads. They stay enabled when the server or the machine is started again. A server that is running and has
    /// a local interface, `[control]`, has followed when this returns.
    ///
    /// # Errors
    /// `BG_E_WIN32_CAN_NOT_COMPLETE` when the running server cannot follow, `BG_E_WIN32_TIMEOUT` when it does not answer within a
    /// minute, `BG_E_WIN32_PATH_NOT_FOUND` when the directory is not there, on disk or in the configuration any more,
    /// `BG_E_WIN32_ALREADY_EXISTS` when another file beside the configuration says the opposite and has the last word,
    /// `BG_E_ACCESSDENIED`, `BG_E_WIN32_DISK_FULL` and `BG_E_WIN32_WRITE_FAULT` when what the program says cannot be written,
    /// and those of [`ExtensionSetupFactory::get_object`]. Nothing is changed then.
    pub fn enable_bits_uploads(&self) -> Result<()> {
        self.set(true)
    }

    /// Disables uploads: those that are not finished are removed.
    ///
    /// # Errors
    /// As [`ExtensionSetup::enable_bits_uploads`].
    pub fn disable_bits_uploads(&self) -> Result<()> {
        self.set(false)
    }

    /// The unit of systemd that cleans up when it is started; `None` where uploads are disabled.
    ///
    /// # Errors
    /// As [`ExtensionSetupFactory::get_object`].
    pub fn cleanup_task_name(&self) -> Result<Option<String>> {
        Ok(self.directory()?.upload_enabled.then(|| CLEAN_UP.to_owned()))
    }

    /// The clean-up of the directory; `None` where uploads are disabled.
    ///
    /// # Errors
    /// As [`ExtensionSetupFactory::get_object`].
    pub fn cleanup_task(&self) -> Result<Option<CleanupTask>> {
        let directory = self.directory()?;
        // Each was read as a number of 32 bits.
        let seconds = |time: Duration| u32::try_from(time.as_secs()).unwrap_or(u32::MAX);
        Ok(directory.upload_enabled.then(|| CleanupTask {
            interval: seconds(directory.cleanup_interval),
            session_timeout: seconds(directory.session_timeout),
            sessions_per_user: directory
                .sessions_per_user
                .map(|count| u32::try_from(count).unwrap_or(u32::MAX)),
        }))
    }

    /// What the configuration says of the directory now.
    fn directory(&self) -> Result<Directory> {
        let directories = Config::read(&self.configuration)?.directories;
        let found = directories.into_iter().find(|directory| directory.url_prefix == self.url_prefix);
        found.ok_or_else(|| {
            let configuration = self.configuration.display();
            error(
                ResultCode::BG_E_WIN32_PATH_NOT_FOUND,
                format!("{configuration} has no [[directory]] with url_prefix = \"{}\"", self.url_prefix),
            )
        })
    }

    fn set(&self, enabled: bool) -> Result<()> {
        let directory = self.directory()?;
        if directory.upload_enabled == enabled {
            // The server may be behind.
            return self.tell();
        }
        if enabled {
            exists(&directory.path)?;
        }
        let said = self.say(enabled)?;
        let followed = self.follows(enabled, &said.path).and_then(|()| self.tell());
        if followed.is_err() {
            said.take_back().map_err(|reason| failed(&said.path, &reason))?;
        }
        followed
    }

    /// Writes the file of the directory.
    fn say(&self, enabled: bool) -> Result<Said> {
        let directory = config::beside(&self.configuration);
        make_directory(&directory).map_err(|reason| failed(&directory, &reason))?;
        let path = directory.join(self.file_name());
        let before = match fs::read(&path) {
            Ok(text) => Some(text),
            Err(reason) if reason.kind() == ErrorKind::NotFound => None,
            Err(reason) => return Err(failed(&path, &reason)),
        };
        let text = format!(
            "# {} by a program, in place of what {:?} says. Without this file that holds again.\n\
             [[directory]]\nurl_prefix = \"{}\"\nupload_enabled = {enabled}\n",
            if enabled { "Enabled" } else { "Disabled" },
            self.configuration,
            self.url_prefix,
        );
        write(&path, text.as_bytes()).map_err(|reason| failed(&path, &reason))?;
        Ok(Said { path, before })
    }

    /// Checks that the configuration has become what the file of the directory says.
    fn follows(&self, enabled: bool, path: &Path) -> Result<()> {
        if self.directory()?.upload_enabled == enabled {
            return Ok(());
        }
        Err(error(
            ResultCode::BG_E_WIN32_ALREADY_EXISTS,
            format!("another file beside {} says the opposite and has the last word", path.display()),
        ))
    }

    /// Has the running server follow, where the configuration lets it be told.
    fn tell(&self) -> Result<()> {
        let Some(control) = Config::read(&self.configuration)?.control else { return Ok(()) };
        let socket = control.socket.display();
        let (code, reason) = match control::reload(&control.socket) {
            Ok(Outcome::Done | Outcome::NotRunning) => return Ok(()),
            Ok(Outcome::Refused(reason)) => (ResultCode::BG_E_WIN32_CAN_NOT_COMPLETE, reason),
            Err(reason) => {
                let code = match reason.kind() {
                    ErrorKind::WouldBlock | ErrorKind::TimedOut => ResultCode::BG_E_WIN32_TIMEOUT,
                    kind => code(kind, ResultCode::BG_E_WIN32_CAN_NOT_COMPLETE),
                };
                (code, reason.to_string())
            }
        };
        Err(error(code, format!("the server at {socket} does not follow: {reason}")))
    }

    /// The last of the directory: what a program does goes before what was written by hand. Each prefix has its own, as no
    /// name in it has a slash.
    fn file_name(&self) -> String {
        let prefix = self.url_prefix.to_string();
        let name = if prefix == "/" { &prefix } else { prefix.trim_start_matches('/') };
        format!("zz-uploads-{}.toml", name.replace('/', "%2F"))
    }
}

/// A file that was written, and what was in its place.
struct Said {
    path: PathBuf,
    before: Option<Vec<u8>>,
}

impl Said {
    fn take_back(&self) -> io::Result<()> {
        match &self.before {
            Some(text) => write(&self.path, text),
            None => fs::remove_file(&self.path),
        }
    }
}

/// Checks that a directory is on disk.
fn exists(path: &Path) -> Result<()> {
    let missing = |reason: &dyn fmt::Display| {
        error(ResultCode::BG_E_WIN32_PATH_NOT_FOUND, format!("{}: {reason}", path.display()))
    };
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => Ok(()),
        Ok(_) => Err(missing(&"it is not a directory")),
        Err(reason) if reason.kind() == ErrorKind::NotFound => Err(missing(&reason)),
        Err(reason) => Err(failed(path, &reason)),
    }
}

fn make_directory(path: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o755).create(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        // The server reads it, whatever the program's umask.
        made => made.and_then(|()| fs::set_permissions(path, Permissions::from_mode(0o755))),
    }
}

/// Writes a file that a reader sees whole or not at all, and that is there after a loss of power.
fn write(path: &Path, text: &[u8]) -> io::Result<()> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let (Some(directory), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(ErrorKind::InvalidFilename.into());
    };
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    // Hidden: readers leave it out.
    let new = directory.join(format!(".{}.{}.{number}", name.to_string_lossy(), process::id()));
    let written = (|| {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o644).open(&new)?;
        file.set_permissions(Permissions::from_mode(0o644))?;
        file.write_all(text)?;
        file.sync_all()?;
        fs::rename(&new, path)?;
        File::open(directory)?.sync_all()
    })();
    if written.is_err() {
        let _ = fs::remove_file(&new);
    }
    written
}
