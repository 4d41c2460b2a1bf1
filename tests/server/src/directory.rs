//! Files of a directory, with the validators of a careful file server.

use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path};

use crate::response::Representation;

/// Opens the file that a URL path names below `root`; `None` for what is not a regular file there.
pub(crate) fn open(root: &Path, path: &str) -> Option<(File, Representation)> {
    let relative = Path::new(path.strip_prefix('/')?);
    if !relative.components().all(|part| matches!(part, Component::Normal(_))) {
        return None;
    }
    let full = root.join(relative).canonicalize().ok()?;
    if !full.starts_with(root.canonicalize().ok()?) {
        return None;
    }
    let file = File::open(full).ok()?;
    let data = file.metadata().ok()?;
    if !data.is_file() {
        return None;
    }
    // Nanoseconds and the inode: a file replaced within a second, at the same size, is another version.
    let etag = format!("\"{:x}.{:x}-{:x}-{:x}\"", data.mtime(), data.mtime_nsec(), data.size(), data.ino());
    let representation =
        Representation { size: data.size(), etag: Some(etag), modified: data.modified().ok() };
    Some((file, representation))
}
