//! What can be fetched, and what is remembered about it between requests.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::content;
use crate::request::pairs;
use crate::script::Script;

/// A file that the server offers under some path: its content and its script.
#[derive(Clone, Debug, Default)]
pub struct Resource {
    bytes: Option<Arc<[u8]>>,
    pub(crate) pairs: Vec<(String, String)>,
}

impl Resource {
    /// A resource of `size` pseudo-random bytes; see [`content`].
    pub fn seeded(size: u64, seed: u64) -> Self {
        Self {
            bytes: None,
            pairs: vec![("size".into(), size.to_string()), ("seed".into(), seed.to_string())],
        }
    }

    /// A resource of exactly these bytes.
    pub fn bytes(bytes: impl Into<Vec<u8>>) -> Self {
        Self { bytes: Some(bytes.into().into()), pairs: Vec::new() }
    }

    /// Adds behaviour, written as in a URL: `"etag=weak&ranges=off"`.
    #[must_use]
    pub fn script(mut self, query: &str) -> Self {
        self.overlay(pairs(query));
        self
    }

    /// Puts pairs over those already there; a key `-name` removes `name`.
    pub(crate) fn overlay(&mut self, pairs: Vec<(String, String)>) {
        for (key, value) in pairs {
            if let Some(gone) = key.strip_prefix('-') {
                self.pairs.retain(|(key, _)| key != gone);
                continue;
            }
            if matches!(key.as_str(), "size" | "seed" | "text") {
                self.bytes = None;
            }
            if key != "header" {
                self.pairs.retain(|(old, _)| *old != key);
            }
            self.pairs.push((key, value));
        }
    }

    /// The content and the behaviour that the pairs describe.
    pub(crate) fn read(&self) -> Result<(Content, Script), String> {
        let number = |key: &str| match self.pairs.iter().find(|(name, _)| name == key) {
            Some((_, value)) => {
                value.parse().map_err(|_| format!("parameter '{key}': '{value}' is not a number"))
            }
            None => Ok(0),
        };
        let (size, seed) = (number("size")?, number("seed")?);
        let text =
            self.pairs.iter().find(|(key, _)| key == "text").map(|(_, text)| Arc::from(text.as_bytes()));
        let content = match self.bytes.clone().or(text) {
            Some(bytes) => Content::Bytes(bytes),
            None => Content::Seeded { size, seed },
        };
        let behaviour =
            self.pairs.iter().filter(|(key, _)| !matches!(key.as_str(), "size" | "seed" | "text"));
        let script = Script::parse(behaviour.map(|(key, value)| (key.as_str(), value.as_str())))?;
        Ok((content, script))
    }
}

/// Where the bytes come from.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    Seeded { size: u64, seed: u64 },
    Bytes(Arc<[u8]>),
    File { file: Arc<File>, size: u64 },
}

impl Content {
    pub fn size(&self) -> u64 {
        match self {
            Self::Seeded { size, .. } | Self::File { size, .. } => *size,
            Self::Bytes(bytes) => bytes.len() as u64,
        }
    }

    /// Fills `out` with the bytes of `version` from `offset` on; a literal's versions differ in each byte.
    pub fn fill(&self, version: u64, offset: u64, out: &mut [u8]) -> io::Result<()> {
        match self {
            Self::Seeded { seed, .. } => content::fill(*seed, version, offset, out),
            Self::Bytes(bytes) => {
                for (index, byte) in out.iter_mut().enumerate() {
                    let at = usize::try_from(offset).unwrap_or(usize::MAX).saturating_add(index);
                    *byte = bytes.get(at).copied().unwrap_or(0).wrapping_add(version as u8);
                }
            }
            Self::File { file, .. } => file.read_exact_at(out, offset)?,
        }
        Ok(())
    }
}

/// What is remembered about one resource.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    /// Requests answered.
    pub requests: u64,
    /// Those that faults might have hit.
    pub candidates: u64,
    /// Bytes of content sent.
    pub served: u64,
}

/// The resources by path, and the counters by URL.
#[derive(Default)]
pub(crate) struct Registry {
    resources: Mutex<HashMap<String, Resource>>,
    counters: Mutex<HashMap<String, Arc<Mutex<Counters>>>>,
}

impl Registry {
    pub fn get(&self, path: &str) -> Option<Resource> {
        self.resources.lock().get(path).cloned()
    }

    /// Puts a resource in place of the one there, its counters at zero.
    pub fn replace(&self, path: &str, resource: Resource) -> Result<(), String> {
        resource.read()?;
        self.resources.lock().insert(path.into(), resource);
        self.counters.lock().remove(path);
        Ok(())
    }

    /// Changes a resource, or makes it, keeping its counters.
    pub fn change(&self, path: &str, pairs: Vec<(String, String)>) -> Result<(), String> {
        let mut resources = self.resources.lock();
        let mut resource = resources.get(path).cloned().unwrap_or_default();
        resource.overlay(pairs);
        resource.read()?;
        resources.insert(path.into(), resource);
        Ok(())
    }

    pub fn remove(&self, path: &str) -> bool {
        self.counters.lock().remove(path);
        self.resources.lock().remove(path).is_some()
    }

    pub fn counters(&self, key: &str) -> Arc<Mutex<Counters>> {
        self.counters.lock().entry(key.into()).or_default().clone()
    }
}
