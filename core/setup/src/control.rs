//! The local interface of a running server, as far as the set-up needs it: a line of JSON to a Unix socket, and one back.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// The request to read the configuration again.
pub const RELOAD: &str = r#"{"command":"reload"}"#;
/// How long a server may take: it looks through the sessions of new directories.
const PATIENCE: Duration = Duration::from_secs(60);
/// Longest answer.
const MAX_LINE: u64 = 64 * 1024;

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The server has done it.
    Done,
    /// The server says why not.
    Refused(String),
    /// No server runs there.
    NotRunning,
}

/// Has the server that listens at a socket read its configuration again, and waits until it is in force.
///
/// # Errors
/// The socket cannot be used, or the server does not answer in a minute.
pub fn reload(socket: &Path) -> io::Result<Outcome> {
    let mut stream = match UnixStream::connect(socket) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused) => {
            return Ok(Outcome::NotRunning);
        }
        stream => stream?,
    };
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(format!("{RELOAD}\n").as_bytes())?;
    let mut answer = String::new();
    BufReader::new(stream.take(MAX_LINE)).read_line(&mut answer)?;
    match answer.trim_end() {
        "\"done\"" => Ok(Outcome::Done),
        "" => Err(io::Error::new(ErrorKind::UnexpectedEof, "the server closed the connection")),
        answer => Ok(Outcome::Refused(reason(answer).unwrap_or_else(|| answer.to_owned()))),
    }
}

/// The text in `{"refused":"text"}`. A string of JSON is one of TOML, too.
fn reason(answer: &str) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Refused {
        refused: String,
    }
    let text = answer.strip_prefix("{\"refused\":")?.strip_suffix('}')?;
    toml::from_str(&format!("refused = {text}")).ok().map(|answer: Refused| answer.refused)
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;
    use std::thread;

    use super::*;

    fn answered(answer: &'static str) -> io::Result<Outcome> {
        let directory = tempfile::tempdir().unwrap();
        let socket = directory.path().join("control");
        let listener = UnixListener::bind(&socket).unwrap();
        let server = thread::spawn(move || {
            let mut stream = BufReader::new(listener.accept().unwrap().0);
            let mut line = String::new();
            stream.read_line(&mut line).unwrap();
            stream.get_mut().write_all(answer.as_bytes()).unwrap();
            line
        });
        let outcome = reload(&socket);
        assert_eq!(server.join().unwrap(), "{\"command\":\"reload\"}\n");
        outcome
    }

    #[test]
    fn the_answer_of_the_server_is_understood() {
        assert_eq!(answered("\"done\"\n").unwrap(), Outcome::Done);
        let refused = Outcome::Refused("a \"quoted\"\n\u{7}word".to_owned());
        assert_eq!(answered("{\"refused\":\"a \\\"quoted\\\"\\n\\u0007word\"}\n").unwrap(), refused);
        assert_eq!(answered("[1]\n").unwrap(), Outcome::Refused("[1]".to_owned()));
        assert_eq!(answered("").unwrap_err().kind(), ErrorKind::UnexpectedEof);
    }

    #[test]
    fn a_socket_without_a_server_is_no_failure() {
        let directory = tempfile::tempdir().unwrap();
        let socket = directory.path().join("control");
        assert_eq!(reload(&socket).unwrap(), Outcome::NotRunning);
        drop(UnixListener::bind(&socket).unwrap());
        assert_eq!(reload(&socket).unwrap(), Outcome::NotRunning);
    }
}
