//! The files that policies and configuration are read from.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::Policy;
use crate::settings::Settings;

/// More than anybody writes by hand; what is longer is no policy.
const MAX_SIZE: u64 = 1 << 20;

/// Where policies and configuration stand.
#[derive(Clone, Debug)]
pub struct Sources {
    directories: Vec<PathBuf>,
    config: Option<PathBuf>,
}

/// What all files say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The policies of the administrator.
    pub policy: Policy,
    /// The configuration of the user.
    pub config: Policy,
}

impl Sources {
    /// The places that the settings name.
    pub fn new(settings: &Settings) -> Sources {
        Sources { directories: settings.policy_directories.clone(), config: settings.config_file.clone() }
    }

    /// Reads all files; what is wrong in them goes to the log.
    pub fn read(&self) -> Found {
        let policy = self.directories.iter().fold(Policy::default(), |first, directory| {
            let mut policy = Policy::default();
            for path in files(directory) {
                read_file(&mut policy, &path);
            }
            first.over(policy)
        });
        let mut config = Policy::default();
        if let Some(path) = &self.config {
            read_file(&mut config, path);
        }
        Found { policy, config }
    }

    /// The paths at which a change means that files are to be read again: directories for files that come
    /// and go, and the files, which may be links to somewhere else.
    pub fn watched(&self) -> Vec<PathBuf> {
        let mut paths = self.directories.clone();
        paths.extend(self.directories.iter().flat_map(|directory| files(directory)));
        if let Some(config) = &self.config {
            paths.extend(config.parent().map(Path::to_owned));
            paths.extend(config.exists().then(|| config.clone()));
        }
        paths
    }
}

/// The policy files of a directory, in order of their names.
fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) => {
            if error.kind() != std::io::ErrorKind::NotFound {
                log::warn!("{}: cannot look for policies: {error}", directory.display());
            }
            return Vec::new();
        }
    };
    let is_policy = |path: &PathBuf| {
        let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        !hidden && path.extension().is_some_and(|extension| extension == "toml")
    };
    let mut files: Vec<PathBuf> =
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_policy).collect();
    files.sort();
    files
}

fn read_file(policy: &mut Policy, path: &Path) {
    let text = match text(path) {
        Ok(Some(text)) => text,
        Ok(None) => return,
        Err(error) => {
            log::warn!("{}: not used: {error}", path.display());
            return;
        }
    };
    for fault in policy.read(&text) {
        log::warn!("{}:{}: {}", path.display(), fault.line, fault.text);
    }
}

/// The text of a file; `None` when there is no such file.
fn text(path: &Path) -> std::io::Result<Option<String>> {
    let is_file = match fs::metadata(path) {
        Ok(found) => found.is_file(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    if !is_file {
        // A pipe would be waited for.
        return Err(std::io::Error::other("no regular file"));
    }
    let mut text = String::new();
    fs::File::open(path)?.take(MAX_SIZE + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MAX_SIZE {
        return Err(std::io::Error::other("longer than 1 MiB"));
    }
    Ok(Some(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(directory: &Path) -> Sources {
        let directories = ["first", "second"].map(|name| directory.join(name));
        for path in &directories {
            fs::create_dir(path).unwrap();
        }
        Sources { directories: directories.to_vec(), config: Some(directory.join("config.toml")) }
    }

    #[test]
    fn files_of_a_directory_are_read_in_order_and_the_first_directory_wins() {
        let place = tempfile::tempdir().unwrap();
        let sources = sources(place.path());
        for (name, text) in [
            ("first/20.toml", "max_jobs_per_user = 20"),
            ("first/10.toml", "max_jobs_per_user = 10\nmax_files_per_job = 10"),
            ("first/30.conf", "max_jobs_per_user = 30"),
            ("first/.40.toml", "max_jobs_per_user = 40"),
            ("second/99.toml", "max_jobs_per_user = 99\nmax_ranges_per_file = 99"),
            ("config.toml", "time_slice_s = 7"),
        ] {
            fs::write(place.path().join(name), text).unwrap();
        }
        let found = sources.read();
        let policy = found.policy;
        assert_eq!(policy.max_jobs_per_user, Some(20));
        assert_eq!((policy.max_files_per_job, policy.max_ranges_per_file), (Some(10), Some(99)));
        assert_eq!((policy.time_slice_s, found.config.time_slice_s), (None, Some(7)));
    }

    #[test]
    fn what_is_no_readable_file_is_left_out() {
        let place = tempfile::tempdir().unwrap();
        let sources = sources(place.path());
        let path = |name: &str| place.path().join("first").join(name);
        fs::create_dir(path("directory.toml")).unwrap();
        fs::write(path("bytes.toml"), b"time_slice_s = 1 # \xff").unwrap();
        fs::write(path("long.toml"), format!("time_slice_s = 1 #{}", "x".repeat(1 << 20))).unwrap();
        let pipe = std::process::Command::new("mkfifo").arg(path("pipe.toml")).status().unwrap();
        assert!(pipe.success());
        fs::write(path("good.toml"), "time_slice_s = 3").unwrap();
        let found = sources.read();
        assert_eq!(found.policy, Policy { time_slice_s: Some(3), ..Policy::default() });
        assert_eq!(found.config, Policy::default());
    }
}
