//! The local interface: a Unix socket on which root and the user of the server manage URL groups.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bgcopy_setup::config;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Mutex, Semaphore, mpsc, oneshot};
use tokio::time::timeout;

use crate::command::{Answer, Command, MAX_LINE};
use crate::group::Groups;
use crate::ports::Ports;
use crate::prefix::Prefix;
use crate::server::{Asked, Current};

/// Clients at once; more wait.
const CLIENTS: usize = 16;
/// How long a client may take for a line.
const PATIENCE: Duration = Duration::from_secs(5);

/// The interface of a running server.
pub struct Control {
    socket: UnixListener,
    path: PathBuf,
    desk: Arc<Desk>,
}

/// Carries commands out, one at a time.
pub struct Desk {
    groups: Arc<Groups>,
    ports: Mutex<Ports>,
    current: Current,
    reloads: mpsc::Sender<Asked>,
}

impl Control {
    /// Opens the socket, and the ports of the groups that were kept; a port that cannot be opened is told only.
    ///
    /// # Errors
    /// The socket cannot be made, or another server has it.
    pub async fn open(
        settings: &config::Control,
        groups: Arc<Groups>,
        mut ports: Ports,
        current: Current,
        reloads: mpsc::Sender<Asked>,
    ) -> io::Result<Control> {
        let path = settings.socket.clone();
        let socket = bind(&path)
            .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))?;
        let mut prefixes = groups.prefixes();
        // Those for one address share the port of those for all.
        prefixes.sort_by_key(Ports::is_narrow);
        for prefix in prefixes {
            if let Err(error) = ports.open(&prefix, &groups).await {
                eprintln!("{prefix} is not served: {error}");
            }
        }
        Ok(Control {
            socket,
            path,
            desk: Arc::new(Desk { groups, ports: Mutex::new(ports), current, reloads }),
        })
    }

    /// What carries its commands out.
    pub fn desk(&self) -> Arc<Desk> {
        Arc::clone(&self.desk)
    }

    /// Answers until it is dropped.
    pub async fn run(self) {
        let room = Arc::new(Semaphore::new(CLIENTS));
        loop {
            let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return };
            let Ok((stream, _)) = self.socket.accept().await else {
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            };
            let desk = Arc::clone(&self.desk);
            tokio::spawn(async move {
                // How a conversation ended is of no interest to anybody but its client.
                let _ = desk.converse(stream).await;
                drop(permit);
            });
        }
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Makes the socket; one that nobody listens to any more is replaced.
fn bind(path: &Path) -> io::Result<UnixListener> {
    match UnixListener::bind(path) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            if std::os::unix::net::UnixStream::connect(path).is_ok() {
                return Err(io::Error::new(io::ErrorKind::AddrInUse, "another server answers there"));
            }
            std::fs::remove_file(path)?;
            let socket = UnixListener::bind(path)?;
            private(path)?;
            Ok(socket)
        }
        socket => {
            let socket = socket?;
            private(path)?;
            Ok(socket)
        }
    }
}

fn private(path: &Path) -> io::Result<()> {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
}

impl Desk {
    async fn converse(&self, mut stream: UnixStream) -> io::Result<()> {
        let user = stream.peer_cred()?.uid();
        let allowed = user == 0 || user == rustix::process::geteuid().as_raw();
        if !allowed {
            eprintln!("the user {user} tried to manage the server");
            return dismiss(stream, "only root and the user of the server may manage it").await;
        }
        let mut received = Vec::new();
        loop {
            let line = match timeout(PATIENCE, line(&mut stream, &mut received)).await {
                Ok(line) => line?,
                Err(_) => {
                    return dismiss(stream, "the line did not come to its end in time").await;
                }
            };
            let answer = match line {
                Line::End => return Ok(()),
                Line::Long => return dismiss(stream, "the line is too long").await,
                Line::Whole(line) => match serde_json::from_slice::<Command>(&line) {
                    Err(error) => Answer::Refused(format!("that is no command: {error}")),
                    Ok(command) => self.carry_out(command).await.unwrap_or_else(Answer::Refused),
                },
            };
            tell(&mut stream, answer).await?;
        }
    }

    async fn carry_out(&self, command: Command) -> Result<Answer, String> {
        // One at a time: the ports follow the groups.
        let mut ports = self.ports.lock().await;
        let groups = Arc::clone(&self.groups);
        match command {
            Command::AddGroup { prefix, anonymous } => {
                self.add_group(&mut ports, &Prefix::parse(&prefix)?, anonymous).await?;
                Ok(Answer::Done)
            }
            Command::RemoveGroup { prefix } => {
                let prefix = Prefix::parse(&prefix)?;
                blocking(move || groups.remove(&prefix)).await?;
                ports.keep(&self.groups.prefixes());
                Ok(Answer::Done)
            }
            Command::ListGroups {} => {
                let all = groups.prefixes();
                Ok(Answer::Texts(all.iter().map(Prefix::to_string).collect()))
            }
            Command::AddUrl { prefix, suffix, file, users } => {
                let prefix = Prefix::parse(&prefix)?;
                let new = self.add_group(&mut ports, &prefix, false).await?;
                blocking(move || {
                    let result = groups.add_url(&prefix, &suffix, &file, users);
                    if new && result.is_err() {
                        groups.remove(&prefix)?;
                    }
                    result
                })
                .await
                .inspect_err(|_| ports.keep(&self.groups.prefixes()))?;
                Ok(Answer::Done)
            }
            Command::RemoveUrl { prefix, suffix } => {
                let prefix = Prefix::parse(&prefix)?;
                blocking(move || groups.remove_url(&prefix, &suffix)).await.map(|()| Answer::Done)
            }
            Command::CheckUrl { prefix, suffix } => {
                groups.has_url(&Prefix::parse(&prefix)?, &suffix).map(Answer::Truth)
            }
            Command::ListUrls { prefix } => groups.urls(&Prefix::parse(&prefix)?).map(Answer::Urls),
            Command::SetProperty { prefix, property, value } => {
                let prefix = Prefix::parse(&prefix)?;
                blocking(move || groups.set(&prefix, property, value)).await.map(|()| Answer::Done)
            }
            Command::GetProperty { prefix, property } => {
                groups.get(&Prefix::parse(&prefix)?, property).map(Answer::Number)
            }
            Command::SetAuthentication { prefix, anonymous } => {
                self.may_ask(anonymous)?;
                let prefix = Prefix::parse(&prefix)?;
                blocking(move || groups.set_anonymous(&prefix, anonymous)).await.map(|()| Answer::Done)
            }
            Command::GetAuthentication { prefix } => {
                let anonymous = groups.is_anonymous(&Prefix::parse(&prefix)?)?;
                Ok(Answer::Texts(vec![if anonymous { "anonymous" } else { "users" }.to_owned()]))
            }
            Command::SetCertificate { port, certificate, key } => {
                blocking(move || groups.set_certificate(port, certificate, key)).await?;
                // Groups that could not be served without.
                for prefix in self.groups.prefixes().iter().filter(|prefix| prefix.port == port) {
                    let told = |error| format!("the certificate is set, but {prefix} is not served: {error}");
                    ports.open(prefix, &self.groups).await.map_err(told)?;
                }
                Ok(Answer::Done)
            }
            Command::GetCertificate { port } => {
                let files = groups.certificate(port);
                let (certificate, key) = files.ok_or_else(|| format!("port {port} has no certificate"))?;
                Ok(Answer::Texts([certificate, key].iter().map(|path| path.display().to_string()).collect()))
            }
            Command::RemoveCertificate { port } => {
                blocking(move || groups.remove_certificate(port)).await.map(|()| Answer::Done)
            }
            Command::Reload {} => {
                drop(ports);
                let (asked, done) = oneshot::channel();
                let ends = || "the server is about to end".to_owned();
                self.reloads.send(asked).await.map_err(|_| ends())?;
                done.await.map_err(|_| ends())?.map(|()| Answer::Done)
            }
            Command::CleanUp {} => {
                drop(ports);
                let service = Arc::clone(&self.current.borrow());
                let mut ended = 0;
                for place in service.places.iter().filter(|place| place.storage.is_some()) {
                    ended += service.clean(place).await as u64;
                }
                Ok(Answer::Number(ended))
            }
        }
    }

    /// Makes a group unless it is there; returns whether it is new.
    async fn add_group(&self, ports: &mut Ports, prefix: &Prefix, anonymous: bool) -> Result<bool, String> {
        if self.groups.prefixes().contains(prefix) {
            return Ok(false);
        }
        self.may_ask(anonymous)?;
        ports.open(prefix, &self.groups).await?;
        let (groups, wanted) = (Arc::clone(&self.groups), prefix.clone());
        let result = blocking(move || groups.add(&wanted, anonymous)).await;
        if result.is_err() {
            ports.keep(&self.groups.prefixes());
        }
        result
    }

    /// Who is not everybody has to be able to say who it is.
    fn may_ask(&self, anonymous: bool) -> Result<(), String> {
        let service = self.current.borrow();
        let config = &service.config;
        if anonymous || config.authentication.is_some() || config.proxy.user_header.is_some() {
            return Ok(());
        }
        Err("nobody could use it: say --anonymous, or how users prove who they are, in [authentication] or [proxy] \
             of the configuration"
            .to_owned())
    }

    /// Closes the ports of groups, when requests under way are finished.
    pub async fn close(&self) {
        self.ports.lock().await.close().await;
    }
}

/// Tells a client why it is not listened to any more. What it sends is thrown away for a while: closed with bytes unread,
/// the connection would break before the client has read the answer.
async fn dismiss(mut stream: UnixStream, reason: &str) -> io::Result<()> {
    tell(&mut stream, Answer::Refused(reason.to_owned())).await?;
    stream.shutdown().await?;
    let mut buffer = [0; 4096];
    let drain = async {
        for _ in 0..MAX_LINE {
            if stream.read(&mut buffer).await? == 0 {
                break;
            }
        }
        Ok(())
    };
    timeout(PATIENCE, drain).await?
}

enum Line {
    Whole(Vec<u8>),
    Long,
    End,
}

/// Reads up to the next end of a line; `received` is what was read beyond the last one.
async fn line(stream: &mut UnixStream, received: &mut Vec<u8>) -> io::Result<Line> {
    loop {
        if let Some(at) = received.iter().position(|byte| *byte == b'\n') {
            let rest = received.split_off(at + 1);
            return Ok(Line::Whole(std::mem::replace(received, rest)));
        }
        if received.len() > MAX_LINE {
            return Ok(Line::Long);
        }
        let mut buffer = [0; 4096];
        match stream.read(&mut buffer).await? {
            0 => return Ok(Line::End),
            count => received.extend_from_slice(&buffer[..count]),
        }
    }
}

async fn tell(stream: &mut UnixStream, answer: Answer) -> io::Result<()> {
    let mut line = serde_json::to_string(&answer)?;
    line.push('\n');
    timeout(PATIENCE, stream.write_all(line.as_bytes())).await?
}

/// Runs what waits for a disk on a thread that may wait.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, String> + Send + 'static,
) -> Result<T, String> {
    tokio::task::spawn_blocking(work).await.map_err(|error| error.to_string())?
}
