//! Requests: what was understood is understood again as it is sent.
#![no_main]

mod headers;

use bgcopy_protocol::upload::Packet;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: (Option<u64>, &[u8])| {
    let (length, data) = data;
    let Ok(packet) = Packet::parse(headers::headers(data), length) else { return };
    let sent = packet.headers("name");
    let sent = sent.iter().map(|(name, value)| (*name, value.as_bytes()));
    let again = Packet::parse(sent, length);
    // Whatever else a client offered: our own request always offers the protocol.
    if matches!(packet, Packet::CreateSession { .. }) {
        assert_eq!(again, Ok(Packet::CreateSession { supported: true }));
    } else {
        assert_eq!(again, Ok(packet));
    }
});
