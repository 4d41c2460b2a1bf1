//! 16-byte identifiers.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A GUID in the memory layout of the Windows SDK: `data1`, `data2`, `data3` are native integers.
///
/// Its order is the order of its text.
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

impl Guid {
    /// All zero: no identifier.
    pub const NULL: Guid = Guid::from_u128(0);

    /// The GUID whose 32 hexadecimal digits are those of `value`.
    #[must_use]
    pub const fn from_u128(value: u128) -> Guid {
        Guid {
            data1: (value >> 96) as u32,
            data2: (value >> 80) as u16,
            data3: (value >> 64) as u16,
            data4: (value as u64).to_be_bytes(),
        }
    }

    /// The 32 hexadecimal digits as a number.
    #[must_use]
    pub const fn to_u128(self) -> u128 {
        (self.data1 as u128) << 96
            | (self.data2 as u128) << 80
            | (self.data3 as u128) << 64
            | u64::from_be_bytes(self.data4) as u128
    }

    /// A new identifier (version 4) of 16 random bytes.
    #[must_use]
    pub const fn from_random(bytes: [u8; 16]) -> Guid {
        const VERSION: u128 = 0xF << 76;
        const VARIANT: u128 = 0b11 << 62;
        let random = u128::from_be_bytes(bytes) & !(VERSION | VARIANT);
        Guid::from_u128(random | 4 << 76 | 0b10 << 62)
    }

    /// The form for storing and sending: the same on every computer, in the order of the text.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 16] {
        self.to_u128().to_be_bytes()
    }

    /// The GUID that [`Guid::to_bytes`] gave these bytes for.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Guid {
        Guid::from_u128(u128::from_be_bytes(bytes))
    }

    /// Whether all bytes are zero.
    #[must_use]
    pub const fn is_null(self) -> bool {
        self.to_u128() == 0
    }
}

/// With braces and capital letters, as BITS writes it: `{7DF0354D-249B-430F-820D-3D2A9BEF4931}`.
impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = u64::from_be_bytes(self.data4);
        write!(
            f,
            "{{{:08X}-{:04X}-{:04X}-{:04X}-{:012X}}}",
            self.data1,
            self.data2,
            self.data3,
            last >> 48,
            last & 0xFFFF_FFFF_FFFF
        )
    }
}

impl fmt::Debug for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is not a GUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidGuid;

impl fmt::Display for InvalidGuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an identifier of the form {XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXXXXXX}")
    }
}

impl std::error::Error for InvalidGuid {}

/// Digits of either case; the braces may be left out.
impl FromStr for Guid {
    type Err = InvalidGuid;

    fn from_str(text: &str) -> Result<Guid, InvalidGuid> {
        let digits = match text.strip_prefix('{') {
            Some(rest) => rest.strip_suffix('}').ok_or(InvalidGuid)?,
            None => text,
        };
        if digits.len() != 36 {
            return Err(InvalidGuid);
        }
        let mut value = 0;
        for (at, byte) in digits.bytes().enumerate() {
            if matches!(at, 8 | 13 | 18 | 23) {
                if byte != b'-' {
                    return Err(InvalidGuid);
                }
                continue;
            }
            let digit = char::from(byte).to_digit(16).ok_or(InvalidGuid)?;
            value = value << 4 | u128::from(digit);
        }
        Ok(Guid::from_u128(value))
    }
}
