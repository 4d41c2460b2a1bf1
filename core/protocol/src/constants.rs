//! The public constants by their C names: what a header generator prints and bindings iterate over.

use crate::{enums, flags, limits};

/// What kind of C constants a [`Group`] holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Values of an enumeration, passed as `int32_t`.
    Enumeration,
    /// Bits that can be combined, passed as `uint32_t`.
    Flags,
    /// Sizes and lengths, passed as `uint64_t`.
    Sizes,
}

/// The constants that belong to one type.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    /// The C name of the type, such as `BG_JOB_STATE`.
    pub name: &'static str,
    /// How its constants are used.
    pub kind: Kind,
    /// One line on what the type is for.
    pub doc: &'static str,
    /// The constants, in the order of the declaration.
    pub constants: &'static [Constant],
}

/// One named number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Constant {
    /// The C name, such as `BG_JOB_STATE_QUEUED`.
    pub name: &'static str,
    /// The number as C sees it: negative only in an [`Kind::Enumeration`]; `u64::MAX` is -1.
    pub value: i64,
    /// The name of its [`Group`].
    pub group: &'static str,
    /// One line on what it means.
    pub doc: &'static str,
}

/// All constants but the result codes, which are in [`crate::result::TABLE`].
pub const CONSTANTS: &[Group] = &[
    enums::JobType::GROUP,
    enums::JobState::GROUP,
    enums::JobPriority::GROUP,
    enums::ProxyUsage::GROUP,
    enums::ErrorContext::GROUP,
    enums::AuthTarget::GROUP,
    enums::AuthScheme::GROUP,
    enums::CertStoreLocation::GROUP,
    enums::TransferPolicy::GROUP,
    enums::JobPropertyId::GROUP,
    enums::FilePropertyId::GROUP,
    flags::NotifyFlags::GROUP,
    flags::CostFlags::GROUP,
    flags::AclFlags::GROUP,
    flags::SecurityFlags::GROUP,
    flags::TokenFlags::GROUP,
    flags::JobPeerCachingFlags::GROUP,
    flags::PeerCachingFlags::GROUP,
    flags::EnumFlags::GROUP,
    limits::SIZES,
    enums::GroupProperty::GROUP,
    enums::QmProtocol::GROUP,
    enums::QmProgress::GROUP,
    flags::QmNotifyFlags::GROUP,
    flags::QmStatusFlags::GROUP,
];
