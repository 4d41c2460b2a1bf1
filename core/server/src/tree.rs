//! A directory that nothing asked for through it can leave.

use std::fs::{File, Metadata};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use rustix::fs::{Access, AtFlags, Mode, OFlags, RawMode, RenameFlags};

/// An open directory. Names are looked up one by one and symbolic links are not followed, so that whatever is renamed or
/// linked meanwhile, nothing outside is reached.
#[derive(Debug)]
pub struct Tree(OwnedFd);

impl Tree {
    /// Opens a directory of the configuration; here links are followed, as the administrator wrote the path.
    pub fn root(path: &Path) -> io::Result<Tree> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(Tree(rustix::fs::open(path, flags, Mode::empty())?))
    }

    /// A directory in it.
    pub fn directory(&self, name: &str) -> io::Result<Tree> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(Tree(rustix::fs::openat(&self.0, name, flags, Mode::empty())?))
    }

    /// The directory that these names lead to.
    pub fn descend(&self, names: &[String]) -> io::Result<Tree> {
        let mut at = Tree(self.0.try_clone()?);
        for name in names {
            at = at.directory(name)?;
        }
        Ok(at)
    }

    /// A directory in it, made with this mode if it is not there.
    pub fn make_directory(&self, name: &str, mode: RawMode) -> io::Result<Tree> {
        match rustix::fs::mkdirat(&self.0, name, Mode::from_raw_mode(mode)) {
            Ok(()) | Err(rustix::io::Errno::EXIST) => self.directory(name),
            Err(error) => Err(error.into()),
        }
    }

    /// Sets the permissions of the directory itself.
    pub fn set_mode(&self, mode: RawMode) -> io::Result<()> {
        Ok(rustix::fs::fchmod(&self.0, Mode::from_raw_mode(mode))?)
    }

    /// Opens a file in it.
    pub fn file(&self, name: &str, flags: OFlags, mode: RawMode) -> io::Result<File> {
        Ok(self.open(name, flags, mode)?.0)
    }

    /// Opens a file that is in it, and what is known of it.
    pub fn open_file(&self, name: &str, flags: OFlags) -> io::Result<(File, Metadata)> {
        self.open(name, flags, 0)
    }

    fn open(&self, name: &str, flags: OFlags, mode: RawMode) -> io::Result<(File, Metadata)> {
        let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let file = File::from(rustix::fs::openat(&self.0, name, flags, Mode::from_raw_mode(mode))?);
        // A pipe or a device that somebody put there is no file to send or to fill.
        let status = file.metadata()?;
        if status.is_file() { Ok((file, status)) } else { Err(rustix::io::Errno::ISDIR.into()) }
    }

    /// What a name in it is; a symbolic link is one.
    pub fn status(&self, name: &str) -> io::Result<rustix::fs::Stat> {
        Ok(rustix::fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW)?)
    }

    /// Moves a file into another directory of the same file system; `replace` says whether over an existing one.
    ///
    /// # Errors
    /// `AlreadyExists` without `replace`.
    pub fn rename(&self, name: &str, to: &Tree, new: &str, replace: bool) -> io::Result<()> {
        let flags = if replace { RenameFlags::empty() } else { RenameFlags::NOREPLACE };
        match rustix::fs::renameat_with(&self.0, name, &to.0, new, flags) {
            // Some file systems cannot do that in one step; a hard link does not replace either.
            Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) if !replace => {
                rustix::fs::linkat(&self.0, name, &to.0, new, AtFlags::empty())?;
                self.remove(name)
            }
            result => Ok(result?),
        }
    }

    /// Removes a file; one that is not there is removed.
    pub fn remove(&self, name: &str) -> io::Result<()> {
        gone(rustix::fs::unlinkat(&self.0, name, AtFlags::empty()))
    }

    /// Removes an empty directory; one that is not there is removed.
    pub fn remove_directory(&self, name: &str) -> io::Result<()> {
        gone(rustix::fs::unlinkat(&self.0, name, AtFlags::REMOVEDIR))
    }

    /// The names in it.
    pub fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in rustix::fs::Dir::read_from(&self.0)? {
            let entry = entry?;
            match entry.file_name().to_str() {
                Ok("." | "..") | Err(_) => {}
                Ok(name) => names.push(name.to_owned()),
            }
        }
        Ok(names)
    }

    /// Takes the directory for this process, until the tree is dropped.
    ///
    /// # Errors
    /// `WouldBlock`: another process has it.
    pub fn lock(&self) -> io::Result<()> {
        Ok(rustix::fs::flock(&self.0, rustix::fs::FlockOperation::NonBlockingLockExclusive)?)
    }

    /// Whether this process may do that in it.
    pub fn allows(&self, access: Access) -> bool {
        rustix::fs::accessat(&self.0, ".", access, AtFlags::empty()).is_ok()
    }

    /// A descriptor of the directory, to make its names durable.
    pub fn descriptor(&self) -> io::Result<OwnedFd> {
        self.0.as_fd().try_clone_to_owned()
    }
}

fn gone(result: rustix::io::Result<()>) -> io::Result<()> {
    match result {
        Ok(()) | Err(rustix::io::Errno::NOENT) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

impl From<Tree> for File {
    fn from(tree: Tree) -> File {
        File::from(tree.0)
    }
}
