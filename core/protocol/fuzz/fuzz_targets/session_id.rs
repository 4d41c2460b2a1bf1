//! Identifiers of sessions: safe as a name of a directory once they are canonical GUIDs, and short as texts.
#![no_main]

use bgcopy_protocol::Guid;
use bgcopy_protocol::upload::{MAX_SESSION_ID, SessionId};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|value: &str| {
    if let Ok(guid) = value.parse::<Guid>() {
        assert_eq!(guid.to_string().parse(), Ok(guid));
    }
    let Some(id) = SessionId::parse(value) else { return };
    assert_eq!(id.as_str(), value);
    assert!(value.len() <= MAX_SESSION_ID);
    let canonical = id.canonical();
    assert_eq!(canonical.canonical(), canonical);
    // Logs must not have the whole of it.
    assert!(format!("{id:?}").len() <= 12);
});
