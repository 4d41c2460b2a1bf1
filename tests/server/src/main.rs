//! The scripted test server as a program, for tests in any language.

use std::error::Error;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, thread};

use bgcopy_testserver::{Config, Server};

const USAGE: &str = "\
Usage: bgcopy-testserver [OPTIONS]

Prints its ports on one line once it serves, then runs until its standard input closes.

  --port N               http port; 0, the default, for any
  --root DIR             serve the files of DIR too
  --port-file FILE       write the line of ports to FILE
  --ca-file FILE         write the certificate to trust to FILE (PEM)
  --client-cert-file F   write a client certificate to F (PEM)
  --client-key-file F    write its key to F (PEM)
  --stay                 run until killed, whatever standard input does
";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bgcopy-testserver: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let mut config = Config::default();
    let (mut port_file, mut ca_file, mut cert_file, mut key_file) = (None, None, None, None);
    let mut stay = false;
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("{argument} needs a value"));
        match argument.as_str() {
            "--port" => config.port = value()?.parse().map_err(|error| format!("--port: {error}"))?,
            "--root" => config.root = Some(value()?.into()),
            "--port-file" => port_file = Some(PathBuf::from(value()?)),
            "--ca-file" => ca_file = Some(PathBuf::from(value()?)),
            "--client-cert-file" => cert_file = Some(PathBuf::from(value()?)),
            "--client-key-file" => key_file = Some(PathBuf::from(value()?)),
            "--stay" => stay = true,
            "--help" | "-h" => {
                print!("{USAGE}");
                return Ok(());
            }
            _ => return Err(format!("{argument} is no option\n\n{USAGE}").into()),
        }
    }
    if let Some(root) = config.root.as_deref().filter(|root| !root.is_dir()) {
        return Err(format!("--root {}: no such directory", root.display()).into());
    }

    let server = Server::with(config).map_err(|error| format!("cannot start: {error}"))?;
    let (certificate, key) = server.client_identity();
    for (file, text) in [(&ca_file, server.ca_pem()), (&cert_file, certificate), (&key_file, key)] {
        if let Some(file) = file {
            write(file, text)?;
        }
    }
    let line = format!("{}\n", server.ports());
    // Last: who sees it may use everything else.
    if let Some(file) = &port_file {
        write(file, &line)?;
    }
    io::stdout().write_all(line.as_bytes())?;
    io::stdout().flush()?;

    if stay {
        loop {
            thread::park();
        }
    }
    let mut scrap = [0; 256];
    while io::stdin().read(&mut scrap)? > 0 {}
    Ok(())
}

/// Writes a file so that nobody sees a part of it.
fn write(path: &Path, text: &str) -> Result<(), String> {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    fs::write(&name, text)
        .and_then(|()| fs::rename(&name, path))
        .map_err(|error| format!("cannot write {}: {error}", path.display()))
}
