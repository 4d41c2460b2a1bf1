//! The program `bgcopy-server`.

use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bgcopy_server::activation;
use bgcopy_server::command::{self, Answer, Command};
use bgcopy_server::config::Config;
use bgcopy_server::server::{self, Reloader, Server};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::signal::unix::{SignalKind, signal};

/// Where the units for systemd have the local interface.
const CONTROL: &str = "/run/bgcopy-server/control";

const USAGE: &str = "\
usage: bgcopy-server CONFIGURATION      serves what the file says; SIGHUP has it read again
       bgcopy-server --check CONFIGURATION
                                        says what is wrong with the file
       bgcopy-server --share DIRECTORY [ADDRESS:PORT]
                                        serves one directory for everybody, uploads too; 127.0.0.1:8080
       bgcopy-server --clean-up CONFIGURATION
                                        removes old sessions of uploads, once
       bgcopy-server [--control SOCKET] COMMAND
                                        has a running server do something; /run/bgcopy-server/control

commands: group add PREFIX [--anonymous]       URLs like http://+:8080/files/, for users or for everybody
          group remove PREFIX                  with all its URLs
          group list
          group set PREFIX connection-limit|bandwidth-limit NUMBER
          group get PREFIX connection-limit|bandwidth-limit
          group authentication PREFIX [anonymous|users]
          url add PREFIX SUFFIX FILE [USER...] serves a file under PREFIX/SUFFIX
          url remove PREFIX SUFFIX
          url check PREFIX SUFFIX              succeeds if it is there
          url list PREFIX
          certificate set PORT CERTIFICATE KEY for https groups
          certificate get PORT
          certificate remove PORT
          reload                               reads the configuration again, as SIGHUP does
          clean-up                             removes old sessions of uploads
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        ["--help" | "-h"] => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        ["--check", path] => Config::read(path.as_ref()).map(drop).map_err(|error| error.to_string()),
        ["--clean-up", path] => clean_up(path),
        ["--share", directory] => share(directory, "127.0.0.1:8080"),
        ["--share", directory, address] => share(directory, address),
        [path] if !path.starts_with('-') && Command::from_words(&words).is_none() => {
            let config = Config::read(path.as_ref()).map_err(|error| error.to_string());
            config.and_then(|config| run(config, Some(path.as_ref())))
        }
        words => {
            let (socket, words) = match words {
                ["--control", socket, words @ ..] => (*socket, words),
                words => (CONTROL, words),
            };
            match Command::from_words(words) {
                Some(Ok(command)) => ask(socket, &command),
                Some(Err(error)) => Err(error),
                None => {
                    eprint!("{USAGE}");
                    return ExitCode::from(2);
                }
            }
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bgcopy-server: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Has a running server do something, and prints what it answers.
fn ask(socket: &str, command: &Command) -> Result<(), String> {
    match command::ask(socket.as_ref(), command).map_err(|error| error.to_string())? {
        Answer::Done => {}
        Answer::Refused(reason) => return Err(reason),
        Answer::Texts(texts) => texts.iter().for_each(|text| println!("{text}")),
        Answer::Urls(urls) => {
            for url in urls {
                println!("{}\t{}\t{}", url.suffix, url.file.display(), url.users.join(" "));
            }
        }
        Answer::Number(number) => println!("{number}"),
        Answer::Truth(true) => println!("yes"),
        Answer::Truth(false) => return Err("no".to_owned()),
    }
    Ok(())
}

fn clean_up(path: &str) -> Result<(), String> {
    let config = Config::read(path.as_ref()).map_err(|error| error.to_string())?;
    let ended = runtime()?.block_on(server::clean_up(config)).map_err(|error| error.to_string())?;
    match ended {
        Some(ended) => println!("{ended} old sessions removed"),
        None => println!("the server that runs removes old sessions by itself"),
    }
    Ok(())
}

fn runtime() -> Result<tokio::runtime::Runtime, String> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.map_err(|error| error.to_string())
}

fn share(directory: &str, address: &str) -> Result<(), String> {
    let address: SocketAddr =
        address.parse().map_err(|_| format!("{address} is not an address like 127.0.0.1:8080"))?;
    let directory =
        std::fs::canonicalize(PathBuf::from(directory)).map_err(|error| format!("{directory}: {error}"))?;
    run(Config::share(address, &directory).map_err(|error| error.to_string())?, None)
}

/// Serves; `path` is where the configuration is read again on SIGHUP.
fn run(config: Config, path: Option<&Path>) -> Result<(), String> {
    // A connection and its file need descriptors; the usual limit of 1,024 is one for programs that use select.
    let limit = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
    runtime()?.block_on(async {
        let sockets = activation::sockets().map_err(|error| format!("the sockets of systemd: {error}"))?;
        let mut server = Server::open(config, sockets).await.map_err(|error| error.to_string())?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(|error| error.to_string())?;
        let mut terminate = signal(SignalKind::terminate()).map_err(|error| error.to_string())?;
        // Without a file, SIGHUP is that of a terminal that was closed, and ends the program.
        let hang_up = path.map(|_| signal(SignalKind::hangup())).transpose();
        let mut hang_up = hang_up.map_err(|error| error.to_string())?;
        for address in server.addresses().map_err(|error| error.to_string())? {
            println!("listening on {address}");
        }
        let _ = std::io::stdout().flush();
        activation::notify("READY=1");
        let mut reloader = server.reloader();
        let reload = async {
            while let (Some(path), Some(hang_up)) = (path, &mut hang_up) {
                let asked = tokio::select! {
                    _ = hang_up.recv() => None,
                    asked = reloader.asked() => Some(asked),
                };
                activation::notify("RELOADING=1");
                let result = reload(&mut reloader, path).await;
                activation::notify("READY=1");
                if let Some(asked) = asked {
                    let _ = asked.send(result);
                }
                reloader.settle().await;
            }
            std::future::pending::<()>().await;
        };
        server
            .run(async {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                    () = reload => {}
                }
                activation::notify("STOPPING=1");
            })
            .await;
        Ok(())
    })
}

async fn reload(reloader: &mut Reloader, path: &Path) -> Result<(), String> {
    let result = match Config::read(path) {
        Ok(config) => reloader.reload(config).await.map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    match &result {
        Err(error) => eprintln!("bgcopy-server: the configuration stays as it was: {error}"),
        Ok(fixed) => {
            for name in fixed {
                eprintln!("bgcopy-server: {name} has changed: that takes a new start");
            }
            eprintln!("bgcopy-server: the configuration {} was read again", path.display());
        }
    }
    result.map(drop)
}
