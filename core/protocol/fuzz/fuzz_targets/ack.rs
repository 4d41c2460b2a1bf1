//! Responses: every one means something to a client, and nothing that is read breaks a limit.
#![no_main]

mod headers;

use bgcopy_protocol::limits::MAX_URL;
use bgcopy_protocol::upload::{Ack, Kind, MAX_HOST_ID, Reaction};
use libfuzzer_sys::fuzz_target;

const KINDS: [Kind; 5] =
    [Kind::CreateSession, Kind::Ping, Kind::Fragment, Kind::CloseSession, Kind::CancelSession];

fuzz_target!(|data: (u16, &[u8])| {
    let (status, data) = data;
    let ack = Ack::parse(status, headers::headers(data));
    assert_eq!(ack.status, status);
    assert!(ack.host.as_ref().is_none_or(|host| !host.is_empty() && host.len() <= MAX_HOST_ID));
    assert!(ack.reply.as_ref().is_none_or(|url| !url.is_empty() && url.len() <= MAX_URL));
    assert!(!(200..300).contains(&status) || (ack.code.is_none() && !ack.application));
    for kind in KINDS {
        match Reaction::to(kind, &ack) {
            Reaction::Fatal(code, _) | Reaction::Transient(code, _) => {
                assert!(code.0 < 0, "{kind:?} with {status} fails with a success, {:#x}", code.0);
            }
            _ => {}
        }
    }
});
