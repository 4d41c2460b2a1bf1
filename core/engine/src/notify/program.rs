//! Running the program that a job names.

use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use bgcopy_protocol::ResultCode;

use crate::model::command_line::CommandLine;

/// Runs a program to its end, without a shell, in the root directory, with no input and output.
/// Anything but the exit code 0 is a failure.
pub fn run(line: &CommandLine) -> ResultCode {
    let arguments = line.arguments();
    let mut command = Command::new(&line.program);
    if let [name, rest @ ..] = &arguments[..] {
        command.arg0(name).args(rest);
    }
    command.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    match command.status() {
        Ok(status) if status.success() => ResultCode::BG_S_OK,
        Ok(status) => {
            log::warn!("{} ended with {status}; it is run again later", line.program);
            ResultCode::BG_E_FAIL
        }
        Err(error) => {
            log::warn!("cannot run {}: {error}; it is tried again later", line.program);
            ResultCode::BG_E_FAIL
        }
    }
}
