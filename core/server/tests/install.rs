//! Installs the server as `make install` does, and looks at it as a stranger would.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/install");

fn install(prefix: &Path, variables: &[(&str, &Path)]) {
    let mut command = Command::new(Path::new(SOURCES).join("install.sh"));
    for name in ["DESTDIR", "BINDIR", "MANDIR", "UNITDIR", "SYSCONFDIR"] {
        command.env_remove(name);
    }
    let built = Path::new(env!("CARGO_BIN_EXE_bgcopy-server")).parent().unwrap();
    command.env("BUILD", built).env("PREFIX", prefix).envs(variables.iter().copied());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

#[test]
fn a_staged_server_is_complete_and_names_the_prefix_only() {
    let stage = tempfile::tempdir().unwrap();
    install(Path::new("/usr"), &[("DESTDIR", stage.path())]);
    let names: Vec<_> = files(stage.path())
        .iter()
        .map(|path| path.strip_prefix(stage.path()).unwrap().display().to_string())
        .collect();
    assert_eq!(
        names,
        [
            "usr/bin/bgcopy-server",
            "usr/lib/systemd/system/bgcopy-server-clean-up.service",
            "usr/lib/systemd/system/bgcopy-server-clean-up.timer",
            "usr/lib/systemd/system/bgcopy-server.service",
            "usr/lib/systemd/system/bgcopy-server.socket",
            "usr/lib/sysusers.d/bgcopy-server.conf",
            "usr/share/doc/bgcopy-server/server.toml",
            "usr/share/man/man8/bgcopy-server.8",
        ]
    );
    let root = stage.path().to_str().unwrap();
    for name in names.iter().filter(|name| !name.ends_with("bin/bgcopy-server")) {
        let text = fs::read_to_string(stage.path().join(name)).unwrap();
        assert!(!text.contains(root) && !text.contains('@'), "{name}: {text}");
    }
    let unit = fs::read_to_string(stage.path().join("usr/lib/systemd/system/bgcopy-server.service")).unwrap();
    assert!(unit.contains("\nExecStart=/usr/bin/bgcopy-server /etc/bgcopy/server.toml\n"), "{unit}");
    let help = Command::new(stage.path().join("usr/bin/bgcopy-server")).arg("--help").output().unwrap();
    assert!(help.status.success() && help.stdout.starts_with(b"usage: "));
}

#[test]
fn the_example_is_a_configuration_and_the_units_are_right() {
    let tree = tempfile::tempdir().unwrap();
    install(tree.path(), &[]);
    let check = Command::new(tree.path().join("bin/bgcopy-server"))
        .arg("--check")
        .arg(tree.path().join("share/doc/bgcopy-server/server.toml"))
        .output()
        .unwrap();
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stderr));
    let units = files(&tree.path().join("lib/systemd/system"));
    match Command::new("systemd-analyze").args(["verify", "--man=no"]).args(&units).output() {
        Err(_) => eprintln!("systemd-analyze is not installed: left out"),
        Ok(output) => {
            let text = String::from_utf8_lossy(&output.stderr);
            // What it says of other units of this machine is not ours.
            let ours: Vec<_> = text.lines().filter(|line| line.contains("bgcopy")).collect();
            assert!(ours.is_empty(), "{ours:#?}");
        }
    }
}

#[test]
fn the_manual_page_tells_every_command() {
    let help = Command::new(env!("CARGO_BIN_EXE_bgcopy-server")).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let page = fs::read_to_string(Path::new(SOURCES).join("bgcopy-server.8")).unwrap().replace("\\-", "-");
    let (_, commands) = help.split_once("commands: ").unwrap();
    let mut count = 0;
    for line in commands.lines() {
        let words: Vec<_> = line
            .split_whitespace()
            .take_while(|word| word.chars().all(|l| l.is_ascii_lowercase() || l == '-'))
            .collect();
        let name = words.iter().take(2).copied().collect::<Vec<_>>().join(" ");
        let single = ["clean-up", "reload"].into_iter().find(|command| words[0] == *command);
        let name = single.unwrap_or(&name);
        assert!(page.contains(name), "{name}");
        count += 1;
    }
    assert!(count >= 14, "{count} commands");
}
