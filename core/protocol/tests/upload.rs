//! The upload protocol: example exchanges, and what is malformed.

use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::ErrorContext;
use bgcopy_protocol::upload::{
    Ack, Answer, FragmentRange, Kind, Packet, Placement, Reaction, Refusal, SessionId, header,
};

const LETTERS: &str = "{5B0A6C5E-92D4-4E0B-8B1D-0C6A2F6E7A11}";

fn session() -> SessionId {
    SessionId::parse(LETTERS).unwrap()
}

/// A request as it is on the wire, without its body.
fn request(lines: &str) -> Result<Packet, Refusal> {
    let headers: Vec<_> = lines.lines().map(|line| line.split_once(": ").expect(line)).collect();
    let length = headers.iter().find(|(name, _)| *name == "Content-Length");
    let length = length.and_then(|(_, value)| value.parse().ok());
    Packet::parse(headers.iter().map(|(name, value)| (*name, value.as_bytes())), length)
}

fn fragment(range: &str, length: u64) -> String {
    format!(
        "Accept: */*\nBITS-Packet-Type: Fragment\nBITS-Session-Id: {LETTERS}\nContent-Name: letters.txt\n\
         Content-Range: {range}\nHost: files.example.net\nContent-Length: {length}"
    )
}

fn response(status: u16, lines: &str) -> Ack {
    Ack::parse(
        status,
        lines.lines().map(|line| line.split_once(": ").expect(line)).map(|(n, v)| (n, v.as_bytes())),
    )
}

fn lines(headers: &[(&'static str, String)]) -> String {
    headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect()
}

/// Rule: a plain upload is read and written as the example exchange has it.
#[test]
fn a_plain_upload_in_two_fragments() {
    let create = "Accept: */*\nBITS-Packet-Type: Create-Session\n\
                  BITS-Supported-Protocols: {7df0354d-249b-430f-820d-3d2a9bef4931}\nContent-Length: 0";
    assert_eq!(request(create), Ok(Packet::CreateSession { supported: true }));
    let packet = Packet::CreateSession { supported: true };
    assert_eq!(
        lines(&packet.headers("letters.txt")),
        "BITS-Packet-Type: Create-Session\nBITS-Supported-Protocols: {7df0354d-249b-430f-820d-3d2a9bef4931}\n"
    );
    let created = Answer::Created { session: session(), host: None };
    assert_eq!(
        lines(&created.headers()),
        format!(
            "Pragma: no-cache\nBITS-Packet-Type: Ack\nBITS-Protocol: {{7df0354d-249b-430f-820d-3d2a9bef4931}}\n\
             BITS-Session-Id: {LETTERS}\nAccept-Encoding: identity\n"
        )
    );
    let ack = response(200, &lines(&created.headers()));
    assert_eq!((ack.session.clone(), ack.is_ack, ack.code), (Some(session()), true, None));
    assert_eq!(Reaction::to(Kind::CreateSession, &ack), Reaction::Done);

    let range = FragmentRange { first: 16, length: 10, total: 26 };
    let packet = Packet::Fragment { session: session(), range };
    assert_eq!(request(&fragment("bytes 16-25/26", 10)), Ok(packet.clone()));
    assert_eq!(
        lines(&packet.headers("letters.txt")),
        format!(
            "BITS-Packet-Type: Fragment\nBITS-Session-Id: {LETTERS}\nContent-Name: letters.txt\n\
             Content-Range: bytes 16-25/26\n"
        )
    );
    assert!(range.is_last());
    let received = Answer::Received { session: session(), received: 26, reply: None };
    assert_eq!(
        lines(&received.headers()),
        format!(
            "Pragma: no-cache\nBITS-Packet-Type: Ack\nBITS-Session-Id: {LETTERS}\n\
             BITS-Received-Content-Range: 26\n"
        )
    );
    assert_eq!(response(200, &lines(&received.headers())).received, Some(26));

    let close = format!("BITS-Packet-Type: Close-Session\nBITS-Session-Id: {LETTERS}\nContent-Length: 0");
    assert_eq!(request(&close), Ok(Packet::CloseSession { session: session() }));
    assert_eq!(
        lines(&Answer::Ended { session: session() }.headers()),
        format!("Pragma: no-cache\nBITS-Packet-Type: Ack\nBITS-Session-Id: {LETTERS}\n")
    );
}

/// Rule: a server that is ahead or behind tells its place, and both answers to an overlap are understood.
#[test]
fn a_lost_ack_is_made_up_for() {
    let range = FragmentRange { first: 0, length: 16, total: 26 };
    assert_eq!(range.place(16), Placement::Held);
    assert_eq!(range.place(8), Placement::Append { skip: 8 });
    assert_eq!(range.place(0), Placement::Append { skip: 0 });
    assert_eq!(FragmentRange { first: 16, length: 10, total: 26 }.place(8), Placement::Gap);

    let refusal = Refusal::out_of_step(8);
    assert_eq!(refusal.status, 416);
    let ack = response(416, &lines(&refusal.headers()));
    assert_eq!((ack.received, ack.code), (Some(8), None));
    assert_eq!(Reaction::to(Kind::Fragment, &ack), Reaction::Done);
    let misspelt =
        response(416, "BITS-Packet-Type: Ack\nBITS-Recieved-Content-Range: 16\nBITS-Error-Code: 0");
    assert_eq!((misspelt.received, misspelt.code), (Some(16), None));
    let lost = Reaction::to(Kind::Fragment, &response(416, "BITS-Packet-Type: Ack"));
    assert_eq!(lost, Reaction::Fatal(ResultCode::from_http_status(416), ErrorContext::RemoteFile));
}

/// Rule: a lost session is made anew, unless it only was to be ended.
#[test]
fn a_lost_session() {
    let refusal = Refusal::session_not_found();
    assert_eq!(
        lines(&refusal.headers()),
        "Pragma: no-cache\nBITS-Packet-Type: Ack\nBITS-Error-Code: 0x8020001F\nBITS-Error-Context: 0x5\n"
    );
    let ack = response(refusal.status, &lines(&refusal.headers()));
    assert_eq!(ack.code, Some(ResultCode::BG_E_SESSION_NOT_FOUND));
    assert_eq!(Reaction::to(Kind::Fragment, &ack), Reaction::NewSession);
    assert_eq!(Reaction::to(Kind::CloseSession, &ack), Reaction::Done);
    assert_eq!(Reaction::to(Kind::CancelSession, &ack), Reaction::Done);
}

/// Rule: host name, time and address of the reply go to the client, and what would lead it astray does not.
#[test]
fn an_upload_reply_through_a_host_id() {
    let host = Some(("node3.farm.example.net".to_owned(), 900));
    let ack = response(200, &lines(&Answer::Created { session: session(), host }.headers()));
    assert_eq!((ack.host.as_deref(), ack.host_fallback), (Some("node3.farm.example.net"), Some(900)));
    let reply = Some(r"BITS-Sessions\Replies\{0D9C1E77}\responsefile.bin".to_owned());
    let answer = Answer::Received { session: session(), received: 14, reply: reply.clone() };
    assert_eq!(response(200, &lines(&answer.headers())).reply, reply);

    for astray in ["evil.example/path", "a b", "user@host", "a\tb", &"h".repeat(301)] {
        assert_eq!(response(200, &format!("BITS-Host-Id: {astray}")).host, None, "{astray}");
    }
    let long = format!("BITS-Reply-URL: http://example.net/{}", "r".repeat(2_200));
    assert_eq!(response(200, &long).reply, None);
}

/// Rule: each refusal has its status, code and context, and the client knows what is for good.
#[test]
fn refusals() {
    let file = ErrorContext::RemoteFile;
    let table = [
        (Refusal::access_denied(), Reaction::Fatal(ResultCode::BG_E_ACCESSDENIED, file)),
        (Refusal::malformed(), Reaction::Fatal(ResultCode::BG_E_INVALIDARG, file)),
        (Refusal::disabled(), Reaction::Fatal(ResultCode::BG_E_ACCESSDENIED, file)),
        (Refusal::too_large(), Reaction::Fatal(ResultCode::BG_E_TOO_LARGE, file)),
        (Refusal::no_directory(), Reaction::Fatal(ResultCode::BG_E_WIN32_PATH_NOT_FOUND, file)),
        (Refusal::disk_full(), Reaction::Transient(ResultCode::BG_E_WIN32_DISK_FULL, file)),
        (
            Refusal::application(502, ResultCode::from_http_status(502)),
            Reaction::Transient(ResultCode::from_http_status(502), ErrorContext::RemoteApplication),
        ),
        (
            Refusal::application(403, ResultCode::from_http_status(403)),
            Reaction::Fatal(ResultCode::from_http_status(403), ErrorContext::RemoteApplication),
        ),
    ];
    for (refusal, reaction) in table {
        let ack = response(refusal.status, &lines(&refusal.headers()));
        assert_eq!(Reaction::to(Kind::Fragment, &ack), reaction, "{refusal:?}");
    }
    assert_eq!(lines(&Refusal::disabled().headers()).lines().nth(2), Some("BITS-Error-Code: 0x80070005"));
}

/// Rule: responses without a code are classed by their status.
#[test]
fn statuses_are_classed() {
    for status in 300..600 {
        let reaction = Reaction::to(Kind::Fragment, &response(status, "Content-Length: 0"));
        let (code, context) = (ResultCode::from_http_status(status), ErrorContext::RemoteFile);
        let expected = match status {
            401 | 407 => Reaction::Challenge,
            413 => Reaction::Smaller,
            300..=305 | 307 | 501 | 505 => Reaction::Fatal(code, context),
            400..=499 if status != 408 && status != 409 => Reaction::Fatal(code, context),
            _ => Reaction::Transient(code, context),
        };
        assert_eq!(reaction, expected, "{status}");
    }
    let success = response(200, "BITS-Packet-Type: Ack\nBITS-Error-Code: 1\nBITS-Error-Context: 0x7");
    assert_eq!((success.code, success.application), (None, false));
}

/// Rule: what differs only in spelling is the same, and what is malformed is refused with 400.
#[test]
fn headers_of_requests() {
    let good =
        Ok(Packet::Fragment { session: session(), range: FragmentRange { first: 0, length: 16, total: 26 } });
    let plain = fragment("bytes 0-15/26", 16);
    assert_eq!(request(&plain), good);
    assert_eq!(request(&plain.replace("Fragment", "fRaGmEnT")), good);
    assert_eq!(request(&plain.replace("bytes", "Bytes")), good);
    assert_eq!(request(&plain.replace("BITS-Packet-Type", "bits-packet-type")), good);
    let lower = plain.replace(LETTERS, "5b0a6c5e-92d4-4e0b-8b1d-0c6a2f6e7a11");
    let Ok(Packet::Fragment { session: spelt, .. }) = request(&lower) else { panic!("{lower}") };
    assert_eq!(spelt.canonical(), session());

    for (range, length) in [
        ("bytes 0-15/*", 16),
        ("*/26", 16),
        ("bytes */26", 16),
        ("bytes 15-0/26", 16),
        ("bytes 0-26/26", 27),
        ("bytes 0-14/26", 16),
        ("bytes 0-15/26", 0),
        ("bytes 0-15/99999999999999999999", 16),
        ("bytes 0-0/0", 1),
        ("lines 0-15/26", 16),
        ("bytes 18446744073709551615-18446744073709551615/18446744073709551615", 1),
    ] {
        assert_eq!(request(&fragment(range, length)), Err(Refusal::malformed()), "{range}");
    }
    let without =
        |name: &str| plain.lines().filter(|line| !line.starts_with(name)).collect::<Vec<_>>().join("\n");
    for name in [header::CONTENT_RANGE, header::PACKET_TYPE, "Content-Length"] {
        assert_eq!(request(&without(name)), Err(Refusal::malformed()), "without {name}");
    }
    assert_eq!(request(&without(header::SESSION_ID)), Err(Refusal::session_not_found()));
    for session in ["a b", "", &"x".repeat(101)] {
        assert_eq!(request(&plain.replace(LETTERS, session)), Err(Refusal::session_not_found()), "{session}");
    }
    assert_eq!(request(&format!("{plain}\nX-Other: {}", "v".repeat(5_000))), Err(Refusal::malformed()));
    assert_eq!(request(&format!("{plain}\nContent-Encoding: gzip")), Err(Refusal::encoding()));
    assert_eq!(request(&format!("{plain}\nContent-Range: bytes 0-15/27")), Err(Refusal::malformed()));
    for kind in ["Create-Session", "Ping", "Close-Session", "Cancel-Session"] {
        assert_eq!(
            request(&plain.replace("Fragment", kind)),
            Err(Refusal::malformed()),
            "{kind} with a body"
        );
    }
    assert_eq!(request("BITS-Packet-Type: Delete-Session\nContent-Length: 0"), Err(Refusal::malformed()));
}

/// Rule: the protocol is found in a list, whatever separates it; of more than a hundred the rest is not read.
#[test]
fn offered_protocols() {
    let offers = |list: &str| {
        request(&format!(
            "BITS-Packet-Type: create-session\nBITS-Supported-Protocols: {list}\nContent-Length: 0"
        )) == Ok(Packet::CreateSession { supported: true })
    };
    let (other, ours) = ("{11111111-2222-3333-4444-555555555555}", "{7DF0354D-249B-430F-820D-3D2A9BEF4931}");
    assert!(
        offers(ours) && offers(&format!("{other}, {other},{ours}")) && offers(&format!("{other} {ours}"))
    );
    assert!(!offers(other) && !offers("nonsense"));
    let many = |count: usize| format!("{}{ours}", "x,".repeat(count));
    assert!(offers(&many(99)) && !offers(&many(100)));
}

/// Rule: an empty file is one Fragment without bytes.
#[test]
fn an_empty_file() {
    let empty = FragmentRange { first: 0, length: 0, total: 0 };
    for range in ["bytes 0-0/0", "Bytes */0"] {
        assert_eq!(FragmentRange::parse(range, 0), Ok(empty), "{range}");
    }
    assert_eq!(empty.to_string(), "bytes 0-0/0");
    assert!(empty.is_last() && empty.place(0) == Placement::Held);
}

/// Rule: a session does not show itself in a log.
#[test]
fn a_session_is_secret() {
    assert_eq!(format!("{:?}", session()), "{5B0A6C5E...");
    assert_eq!(SessionId::from_random([7; 16]).canonical(), SessionId::from_random([7; 16]));
}

/// Rule: no name that needs an encoding goes along.
#[test]
fn content_names() {
    let close = Packet::CloseSession { session: session() };
    for (name, goes) in
        [("a b.txt", true), ("naïve", false), ("a/b", false), ("a\r\nX: 1", false), ("", false)]
    {
        assert_eq!(
            close.headers(name).iter().any(|(header, _)| *header == header::CONTENT_NAME),
            goes,
            "{name}"
        );
    }
}
