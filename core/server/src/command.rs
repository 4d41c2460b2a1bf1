//! What the local interface is asked and answers, one line of JSON each, and the client that asks.

use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::group::{Property, Url};

/// Longest line.
pub const MAX_LINE: usize = 64 * 1024;

/// A request, as `{"command":"add-group","prefix":"http://+:8080/files/"}`. Their names in BITS are those of
/// BitsCompactServerUrlGroup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Command {
    /// CreateUrlGroup.
    AddGroup {
        /// The URL prefix.
        prefix: String,
        /// Everybody may fetch its files.
        #[serde(default)]
        anonymous: bool,
    },
    /// DeleteUrlGroup.
    RemoveGroup {
        /// The URL prefix.
        prefix: String,
    },
    /// EnumerateUrlGroups.
    ListGroups {},
    /// CreateUrl.
    AddUrl {
        /// The URL prefix of the group, which is made if it is not there.
        prefix: String,
        /// What follows it.
        suffix: String,
        /// The file.
        file: PathBuf,
        /// Who may fetch it; empty for all.
        #[serde(default)]
        users: Vec<String>,
    },
    /// DeleteUrl.
    RemoveUrl {
        /// The URL prefix of the group.
        prefix: String,
        /// What follows it.
        suffix: String,
    },
    /// CheckUrl.
    CheckUrl {
        /// The URL prefix of the group.
        prefix: String,
        /// What follows it.
        suffix: String,
    },
    /// The URLs of a group.
    ListUrls {
        /// The URL prefix of the group.
        prefix: String,
    },
    /// SetProperty.
    SetProperty {
        /// The URL prefix of the group.
        prefix: String,
        /// Which one.
        property: Property,
        /// Its value.
        value: u64,
    },
    /// GetProperty.
    GetProperty {
        /// The URL prefix of the group.
        prefix: String,
        /// Which one.
        property: Property,
    },
    /// SetUrlGroupAuthentication: everybody, or the users of the server.
    SetAuthentication {
        /// The URL prefix of the group.
        prefix: String,
        /// Everybody may fetch its files.
        anonymous: bool,
    },
    /// GetUrlGroupAuthentication.
    GetAuthentication {
        /// The URL prefix of the group.
        prefix: String,
    },
    /// SetSslCertificate.
    SetCertificate {
        /// The port.
        port: u16,
        /// The certificate and those that lead to its authority, PEM.
        certificate: PathBuf,
        /// Its private key, PEM.
        key: PathBuf,
    },
    /// GetSslCertificate.
    GetCertificate {
        /// The port.
        port: u16,
    },
    /// RemoveSslCertificate.
    RemoveCertificate {
        /// The port.
        port: u16,
    },
    /// The configuration is read again, as on SIGHUP; the answer comes when it is in force.
    Reload {},
    /// The clean-up of old upload sessions, at once.
    CleanUp {},
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// It was done.
    Done,
    /// Why it was not.
    Refused(String),
    /// Texts: prefixes, or files of a certificate.
    Texts(Vec<String>),
    /// URLs.
    Urls(Vec<Url>),
    /// A number.
    Number(u64),
    /// Yes or no.
    Truth(bool),
}

impl Command {
    /// Reads the words of a command line; none if they are no command. Relative paths are those of this process.
    ///
    /// # Errors
    /// A word is not what it should be.
    pub fn from_words(words: &[&str]) -> Option<Result<Command, String>> {
        let number = |text: &str| text.parse::<u64>().map_err(|_| format!("{text:?} is not a number"));
        let port = |text: &str| text.parse::<u16>().map_err(|_| format!("{text:?} is not a port"));
        let path = |text: &str| std::path::absolute(text).map_err(|error| format!("{text}: {error}"));
        let property = |text: &str| match text {
            "connection-limit" => Ok(Property::ConnectionLimit),
            "bandwidth-limit" => Ok(Property::BandwidthLimit),
            _ => Err(format!("{text:?} is not connection-limit or bandwidth-limit")),
        };
        let owned = |text: &str| text.to_owned();
        Some(Ok(match *words {
            ["group", "add", prefix] => Command::AddGroup { prefix: owned(prefix), anonymous: false },
            ["group", "add", prefix, "--anonymous"] => {
                Command::AddGroup { prefix: owned(prefix), anonymous: true }
            }
            ["group", "remove", prefix] => Command::RemoveGroup { prefix: owned(prefix) },
            ["group", "list"] => Command::ListGroups {},
            ["group", "set", prefix, name, value] => {
                let both = property(name).and_then(|property| Ok((property, number(value)?)));
                match both {
                    Ok((property, value)) => Command::SetProperty { prefix: owned(prefix), property, value },
                    Err(error) => return Some(Err(error)),
                }
            }
            ["group", "get", prefix, name] => match property(name) {
                Ok(property) => Command::GetProperty { prefix: owned(prefix), property },
                Err(error) => return Some(Err(error)),
            },
            ["group", "authentication", prefix] => Command::GetAuthentication { prefix: owned(prefix) },
            ["group", "authentication", prefix, who @ ("anonymous" | "users")] => {
                Command::SetAuthentication { prefix: owned(prefix), anonymous: who == "anonymous" }
            }
            ["url", "add", prefix, suffix, file, ref users @ ..] => match path(file) {
                Ok(file) => {
                    let users = users.iter().map(|user| owned(user)).collect();
                    Command::AddUrl { prefix: owned(prefix), suffix: owned(suffix), file, users }
                }
                Err(error) => return Some(Err(error)),
            },
            ["url", "remove", prefix, suffix] => {
                Command::RemoveUrl { prefix: owned(prefix), suffix: owned(suffix) }
            }
            ["url", "check", prefix, suffix] => {
                Command::CheckUrl { prefix: owned(prefix), suffix: owned(suffix) }
            }
            ["url", "list", prefix] => Command::ListUrls { prefix: owned(prefix) },
            ["certificate", "set", number, certificate, key] => {
                let all = port(number).and_then(|port| Ok((port, path(certificate)?, path(key)?)));
                match all {
                    Ok((port, certificate, key)) => Command::SetCertificate { port, certificate, key },
                    Err(error) => return Some(Err(error)),
                }
            }
            ["certificate", "get", number] => match port(number) {
                Ok(port) => Command::GetCertificate { port },
                Err(error) => return Some(Err(error)),
            },
            ["certificate", "remove", number] => match port(number) {
                Ok(port) => Command::RemoveCertificate { port },
                Err(error) => return Some(Err(error)),
            },
            ["reload"] => Command::Reload {},
            ["clean-up"] => Command::CleanUp {},
            _ => return None,
        }))
    }
}

/// Asks the server that listens at a socket.
///
/// # Errors
/// There is none, or it does not answer; the text names the socket.
pub fn ask(socket: &Path, command: &Command) -> io::Result<Answer> {
    let named = |error: io::Error| {
        let hint = match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => {
                ": no server with [control] runs there"
            }
            io::ErrorKind::PermissionDenied => ": only root and the user of the server may manage it",
            _ => "",
        };
        io::Error::new(error.kind(), format!("{}: {error}{hint}", socket.display()))
    };
    let mut stream = UnixStream::connect(socket).map_err(named)?;
    stream.set_write_timeout(Some(Duration::from_secs(10))).map_err(named)?;
    let mut line = serde_json::to_string(command)?;
    line.push('\n');
    match stream.write_all(line.as_bytes()) {
        // It has said why.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        result => result.map_err(named)?,
    }
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer).map_err(named)?;
    serde_json::from_str(&answer).map_err(|_| named(io::Error::other("the server gave no answer")))
}
