//! Randomness for identifiers.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

/// A source of the 16 bytes a job identifier is made from.
pub trait Random: Send + Sync {
    /// 16 bytes nobody can foresee.
    ///
    /// # Errors
    /// The system has no randomness to give.
    fn guid_bytes(&self) -> io::Result<[u8; 16]>;
}

/// The system's generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn guid_bytes(&self) -> io::Result<[u8; 16]> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(io::Error::from)?;
        Ok(bytes)
    }
}

/// A source that counts, so that tests know what comes: the number in big-endian bytes.
#[derive(Debug, Default)]
pub struct CountingRandom(AtomicU64);

impl Random for CountingRandom {
    fn guid_bytes(&self) -> io::Result<[u8; 16]> {
        let number = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        Ok(u128::from(number).to_be_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_identifiers_are_alike() {
        assert_ne!(SystemRandom.guid_bytes().unwrap(), SystemRandom.guid_bytes().unwrap());
        let counting = CountingRandom::default();
        assert_ne!(counting.guid_bytes().unwrap(), counting.guid_bytes().unwrap());
    }
}
