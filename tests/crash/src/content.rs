//! What lies in the destination directory.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use bgcopy_testserver::content;

/// Whether a file has exactly the content of (`seed`, `version`) in `size` bytes; the answer says where it differs.
///
/// # Errors
/// What is wrong with it.
pub fn check(path: &Path, seed: u64, version: u64, size: u64) -> Result<(), String> {
    let name = path.display();
    let mut file = File::open(path).map_err(|error| format!("{name}: {error}"))?;
    let (mut there, mut expected) = (vec![0; 64 << 10], vec![0; 64 << 10]);
    let mut at = 0;
    loop {
        let read = file.read(&mut there).map_err(|error| format!("{name}: {error}"))?;
        if read == 0 {
            break;
        }
        content::fill(seed, version, at, &mut expected[..read]);
        if there[..read] != expected[..read] {
            let place = (0..read).find(|place| there[*place] != expected[*place]).unwrap_or(0);
            return Err(format!("{name}: byte {} is not that of version {version}", at + place as u64));
        }
        at += read as u64;
    }
    if at == size { Ok(()) } else { Err(format!("{name}: {at} bytes, not {size}")) }
}

/// The temporary files in a directory.
///
/// # Panics
/// The directory cannot be read.
#[must_use]
pub fn temporary_files(directory: &Path) -> Vec<PathBuf> {
    let is_temporary = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        name.starts_with('.') && name.ends_with(".part")
    };
    let entries = std::fs::read_dir(directory).expect("the destination directory can be read");
    entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_temporary).collect()
}
