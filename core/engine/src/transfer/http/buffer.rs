//! Received bytes that HTTP has not consumed yet.

/// The size of a buffer that waits for headers or a small file.
pub(super) const SMALL: usize = 16 * 1024;

/// A window of received bytes in a block that is allocated late and dropped early.
///
/// Blocks come zeroed from the allocator, which for large ones are pages the kernel has not
/// provided yet: only what is received takes memory.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    block: Vec<u8>,
    start: usize,
    end: usize,
}

impl Buffer {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.block[self.start..self.end]
    }

    pub(super) fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.block[self.start..self.end]
    }

    pub(super) fn len(&self) -> usize {
        self.end - self.start
    }

    pub(super) fn is_empty(&self) -> bool {
        self.start == self.end
    }

    pub(super) fn consume(&mut self, amount: usize) {
        self.start += amount.min(self.len());
        if self.is_empty() {
            (self.start, self.end) = (0, 0);
        }
    }

    /// Everything free behind the bytes, at least `room`.
    pub(super) fn space(&mut self, room: usize) -> &mut [u8] {
        if self.block.len() - self.end < room {
            self.make_room(room);
        }
        &mut self.block[self.end..]
    }

    /// Counts in `amount` bytes written to the front of [`Buffer::space`].
    pub(super) fn filled(&mut self, amount: usize) {
        self.end = (self.end + amount).min(self.block.len());
    }

    /// Gives a large block back while the connection waits for its next request.
    pub(super) fn shrink(&mut self) {
        if self.is_empty() && self.block.len() > 2 * SMALL {
            self.block = Vec::new();
        }
    }

    fn make_room(&mut self, room: usize) {
        let len = self.len();
        if self.block.len() >= len + room {
            self.block.copy_within(self.start..self.end, 0);
        } else {
            let mut larger = vec![0; len + room];
            larger[..len].copy_from_slice(self.bytes());
            self.block = larger;
        }
        (self.start, self.end) = (0, len);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(buffer: &mut Buffer, bytes: &[u8]) {
        buffer.space(bytes.len())[..bytes.len()].copy_from_slice(bytes);
        buffer.filled(bytes.len());
    }

    #[test]
    fn bytes_leave_in_the_order_they_came() {
        let mut buffer = Buffer::default();
        put(&mut buffer, b"abcdef");
        buffer.consume(4);
        put(&mut buffer, b"ghij");
        assert_eq!(buffer.bytes(), b"efghij");
        buffer.consume(99);
        assert!(buffer.is_empty());
    }

    #[test]
    fn a_large_block_is_dropped_only_when_empty() {
        let mut buffer = Buffer::default();
        buffer.space(1 << 20);
        put(&mut buffer, b"x");
        buffer.shrink();
        assert_eq!(buffer.bytes(), b"x");
        buffer.consume(1);
        buffer.shrink();
        assert_eq!(buffer.block.capacity(), 0);
    }
}
