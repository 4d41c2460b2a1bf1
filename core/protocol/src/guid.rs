//! 16-byte identifiers.

use serde::{Deserialize, Serialize};

/// A GUID in the memory layout of the Windows SDK: `data1`, `data2`, `data3` are native integers.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Default)]
#[repr(C)]
pub struct Guid {
    /// First 32 bits.
    pub data1: u32,
    /// Next 16 bits.
    pub data2: u16,
    /// Next 16 bits.
    pub data3: u16,
    /// Last 64 bits, in text order.
    pub data4: [u8; 8],
}
