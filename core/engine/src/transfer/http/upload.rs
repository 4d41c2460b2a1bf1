//! One attempt at the upload of a file: which packets are sent, and what the answers mean.
//!
//! Create-Session, Fragments, Close-Session; a session that was interrupted begins with a Ping, and its first Fragment
//! asks where the server is. What the server says it has is where the upload goes on, whatever was sent.

use std::cell::{Ref, RefCell};
use std::time::Instant;

use bgcopy_protocol::enums::ErrorContext;
use bgcopy_protocol::upload::header::REPLY_URL;
use bgcopy_protocol::upload::{Ack, FragmentRange, Packet, Reaction};
use bgcopy_protocol::{ResultCode, RetryClass};

use super::exchange::Exchange;
use super::failure;
use super::fragment::Sizes;
use super::packet::{Answered, Content, Post};
use super::url::Url;
use crate::sys::crash;
use crate::transfer::copy::Source;
use crate::transfer::upload::{Sending, Sent, Session, Stamp, Upload};
use crate::transfer::{TransferError, Version};

/// So many Acks in a row may not get on.
const MOST_STANDSTILLS: u32 = 5;
/// So many sessions in a row may be lost before one of their Fragments is taken.
const MOST_LOSSES: u32 = 3;
/// Read and sent at once.
const PORTION: u64 = 256 * 1024;

/// One attempt.
pub(super) struct Send<'a> {
    exchange: Exchange<'a>,
    upload: &'a Upload<'a>,
    sending: Sending<'a>,
    /// The session is on record durably.
    recorded: bool,
}

/// What became of a packet.
enum Step {
    Done(Ack),
    Lost,
    Smaller(TransferError),
}

impl<'a> Send<'a> {
    pub(super) fn new(exchange: Exchange<'a>, upload: &'a Upload<'a>, sending: Sending<'a>) -> Send<'a> {
        Send { exchange, upload, sending, recorded: false }
    }

    /// Makes the attempt; what is known of the session is in the journal, whatever happens.
    pub(super) fn run(mut self, now: i64) -> Result<Sent, TransferError> {
        self.session().fall_back(now);
        let result = self.send();
        if let Err(error) = &result
            && error.is_unreached()
            && self.sending.session.host.is_some()
        {
            self.session().unreached(now);
            self.record(false)?;
        }
        result
    }

    fn session(&mut self) -> &mut Session {
        &mut self.sending.session
    }

    fn send(&mut self) -> Result<Sent, TransferError> {
        let known = self.sending.session.id.is_some();
        self.recorded = known;
        if known {
            self.ping()?;
        }
        if !self.sending.session.delivered {
            let Some(source) = self.upload.source else {
                return Err(self.invalid("its session has no file"));
            };
            self.deliver(source, known)?;
        }
        if self.upload.keep_open {
            return Ok(Sent::Delivered);
        }
        self.close()?;
        crash::point("session-closed");
        Ok(Sent::Closed)
    }

    /// Brings the server all bytes, in as many sessions as it takes.
    fn deliver(&mut self, source: &Source<'_>, mut interrupted: bool) -> Result<(), TransferError> {
        let stamp = source.stamp()?;
        if self.sending.session.file.is_some_and(|before| before != stamp) {
            return Err(source.changed());
        }
        self.sending.progress.begin(&Version { size: Some(stamp.size), ..Version::default() });
        let mut losses = 0;
        while !self.sending.session.delivered {
            let created = self.sending.session.id.is_some() || self.create(stamp)?;
            if created && self.fragments(source, stamp, interrupted, &mut losses)? {
                continue;
            }
            losses += 1;
            if losses > MOST_LOSSES {
                let code = ResultCode::BG_E_SESSION_NOT_FOUND;
                let text =
                    format!("the server loses the sessions of {} as soon as they are made", self.url());
                return Err(TransferError::new(code, ErrorContext::RemoteFile, text).transient());
            }
            log::info!("{}: the server does not know the session any more; another one begins", self.url());
            self.session().lose();
            self.sending.progress.advance(0);
            (self.recorded, interrupted) = (false, false);
            self.record(false)?;
        }
        Ok(())
    }

    /// Sends Fragments until the server has everything; false when the session is lost.
    fn fragments(
        &mut self,
        source: &Source<'_>,
        stamp: Stamp,
        interrupted: bool,
        losses: &mut u32,
    ) -> Result<bool, TransferError> {
        let mut sizes = Sizes::new(self.sending.session.ceiling, interrupted);
        let mut standstills = 0;
        while !self.sending.session.delivered {
            let Some(id) = self.sending.session.id.clone() else { return Ok(false) };
            let first = self.sending.session.offset;
            let length = sizes.next(stamp.size - first);
            let range = FragmentRange { first, length, total: stamp.size };
            if range.is_last() && !self.recorded {
                // When the server has everything, nobody may forget which session that was.
                self.record(true)?;
                crash::point("session-recorded");
            }
            let began = Instant::now();
            let packet = Packet::Fragment { session: id, range };
            let ack = match self.post_fragment(&packet, source, stamp, range)? {
                Step::Done(ack) => ack,
                Step::Lost => return Ok(false),
                Step::Smaller(error) => {
                    let Some(ceiling) = sizes.refused(length) else { return Err(error) };
                    self.session().ceiling = Some(ceiling);
                    self.record(false)?;
                    continue;
                }
            };
            sizes.took(length, began.elapsed());
            if let Some(header) = ack.malformed.filter(|name| self.upload.keep_open || *name != REPLY_URL) {
                return Err(self.invalid(&format!("its {header} makes no sense")));
            }
            let received = ack.received.unwrap_or(range.end());
            if received > stamp.size {
                return Err(self.invalid("it says that it has more bytes than the file"));
            }
            // A file without bytes gets on by its one Fragment.
            standstills = if received > first || stamp.size == 0 { 0 } else { standstills + 1 };
            if standstills >= MOST_STANDSTILLS {
                return Err(self.invalid("it takes Fragments, and has no byte more after them").transient());
            }
            *losses = 0;
            let delivered = received == stamp.size;
            let session = self.session();
            session.offset = received;
            session.delivered = delivered;
            session.reply = ack.reply.filter(|_| delivered);
            session.unreached_since = None;
            self.sending.progress.advance(received);
            if delivered {
                crash::point("upload-delivered");
            }
            self.record(delivered)?;
            if delivered {
                crash::point("delivery-recorded");
            }
        }
        Ok(true)
    }

    fn post_fragment(
        &mut self,
        packet: &Packet,
        source: &Source<'_>,
        stamp: Stamp,
        range: FragmentRange,
    ) -> Result<Step, TransferError> {
        let url = self.target();
        let buffer = RefCell::new(self.sending.buffer.as_mut());
        let piece = Piece { source, stamp, range, buffer, exchange: &self.exchange };
        let body = Some(&piece as &dyn Content);
        let post = Post { headers: packet.headers(self.upload.name), body, last: range.is_last() };
        let answered = self.exchange.post(&url, &post)?;
        react(packet, &url, answered)
    }

    /// Begins a session, and finds out whether its host can be reached where it has one of its own.
    /// False when the server says that the new session is lost.
    fn create(&mut self, stamp: Stamp) -> Result<bool, TransferError> {
        let Some(ack) = self.packet(&Packet::CreateSession { supported: true })? else { return Ok(false) };
        if ack.other_protocol {
            let code = ResultCode::BG_E_CLIENT_SERVER_PROTOCOL_MISMATCH;
            let text =
                format!("the server of {} takes another upload protocol than that of BITS", self.url());
            return Err(TransferError::new(code, ErrorContext::RemoteFile, text).fatal());
        }
        if ack.session.is_none() {
            return Err(self.invalid("it creates no session"));
        }
        crash::point("session-created");
        let bound = ack.host.is_some();
        let session = self.session();
        session.id = ack.session;
        session.host_fallback = ack.host_fallback.filter(|_| bound && ack.host_fallback != Some(u32::MAX));
        session.host = ack.host;
        session.unreached_since = None;
        session.file = Some(stamp);
        self.record(false)?;
        if bound {
            self.ping()?;
        }
        Ok(true)
    }

    fn ping(&mut self) -> Result<(), TransferError> {
        self.packet(&Packet::Ping).map(drop)
    }

    fn close(&mut self) -> Result<(), TransferError> {
        match self.sending.session.id.clone() {
            Some(session) => self.packet(&Packet::CloseSession { session }).map(drop),
            None => Ok(()),
        }
    }

    /// Sends a packet without a body; none when the session is lost.
    fn packet(&mut self, packet: &Packet) -> Result<Option<Ack>, TransferError> {
        let url = self.target();
        let post = Post { headers: packet.headers(self.upload.name), body: None, last: false };
        let answered = self.exchange.post(&url, &post)?;
        match react(packet, &url, answered)? {
            Step::Done(ack) => {
                self.exchange.observer.connected();
                Ok(Some(ack))
            }
            Step::Lost => Ok(None),
            Step::Smaller(error) => Err(error),
        }
    }

    fn url(&self) -> &'a Url {
        self.exchange.url
    }

    /// Where packets go: to the host of the session, where it has one.
    fn target(&self) -> Url {
        target(self.url(), &self.sending.session)
    }

    fn record(&mut self, durably: bool) -> Result<(), TransferError> {
        self.sending.journal.record(&self.sending.session, durably)?;
        self.recorded |= durably;
        Ok(())
    }

    fn invalid(&self, what: &str) -> TransferError {
        failure::invalid_response(self.url(), what)
    }
}

/// Tells the server that a session is not wanted any more.
pub(super) fn cancel(exchange: &Exchange, session: &mut Session, now: i64) -> Result<(), TransferError> {
    let Some(id) = session.id.clone() else { return Ok(()) };
    session.fall_back(now);
    let url = target(exchange.url, session);
    let packet = Packet::CancelSession { session: id };
    let answered = exchange.post(&url, &Post { headers: packet.headers(""), body: None, last: false });
    let told = answered.and_then(|answered| react(&packet, &url, answered));
    if told.as_ref().is_err_and(TransferError::is_unreached) {
        session.unreached(now);
    }
    told.map(drop)
}

/// Where the packets of a session go.
pub(super) fn target(url: &Url, session: &Session) -> Url {
    let bound = session.host.as_deref().and_then(|host| url.at_host(host).ok());
    bound.unwrap_or_else(|| url.clone())
}

/// The URL that the server means with the name of a reply; servers of Windows write it with backslashes and braces.
pub(super) fn reply_url(url: &Url, session: &Session) -> Result<String, TransferError> {
    let Some(told) = &session.reply else { return Ok(String::new()) };
    let base = target(url, session);
    match base.join(&told.replace('\\', "/")) {
        Ok(found) if base.secure && !found.secure => {
            Err(failure::invalid_response(url, "the reply is to be fetched without encryption"))
        }
        Ok(found) => Ok(url.renamed_to(&found)),
        Err(why) => Err(failure::invalid_response(url, &format!("the URL of the reply: {why}"))),
    }
}

/// What an answer means for the attempt.
fn react(packet: &Packet, url: &Url, answered: Answered) -> Result<Step, TransferError> {
    let Answered { ack, refusal, retry_after } = answered;
    let (kind, status) = (packet.kind(), ack.status);
    let another = match (packet.session(), &ack.session) {
        (Some(own), Some(told)) => own.canonical() != told.canonical(),
        _ => false,
    };
    let says = |code: ResultCode, why: &str| {
        let code = if ack.code.is_some() { format!(" and {code}, {}", code.text()) } else { String::new() };
        let mut text = format!("{url}: the server answers {status}{code} to {}", kind.as_str());
        if !why.is_empty() {
            text = format!("{text}: {why}");
        }
        text
    };
    let refused = |code: ResultCode, context, class, why: &str| TransferError {
        class,
        http_status: Some(status),
        retry_after,
        ..TransferError::new(code, context, says(code, why))
    };
    match Reaction::to(kind, &ack) {
        Reaction::Done if status < 300 && !ack.is_ack => {
            Err(failure::invalid_response(url, "it does not speak the upload protocol of BITS there"))
        }
        Reaction::Done if matches!(status, 200..=299 | 416) && another => {
            Err(failure::invalid_response(url, "it is about another session"))
        }
        Reaction::Done => {
            if status >= 300 && status != 416 {
                log::info!(
                    "{}; it is not sent again",
                    says(ack.code.unwrap_or(ResultCode::from_http_status(status)), "")
                );
            }
            Ok(Step::Done(ack))
        }
        Reaction::NewSession => Ok(Step::Lost),
        Reaction::Challenge => {
            let why = refusal.unwrap_or_default();
            let code = ResultCode::from_http_status(status);
            Err(refused(code, ErrorContext::RemoteFile, RetryClass::Fatal, &why))
        }
        Reaction::Smaller => {
            let code = ResultCode::from_http_status(status);
            let why = "not even the smallest Fragment is small enough";
            Ok(Step::Smaller(refused(code, ErrorContext::RemoteFile, RetryClass::Fatal, why)))
        }
        Reaction::Fatal(code, context) => Err(refused(code, context, RetryClass::Fatal, "")),
        Reaction::Transient(code, context) => Err(refused(code, context, RetryClass::Transient, "")),
    }
}

/// The bytes of one Fragment, read while they are sent.
struct Piece<'a> {
    source: &'a Source<'a>,
    stamp: Stamp,
    range: FragmentRange,
    buffer: RefCell<&'a mut [u8]>,
    exchange: &'a Exchange<'a>,
}

impl Content for Piece<'_> {
    fn length(&self) -> u64 {
        self.range.length
    }

    fn portion(&self, at: u64) -> Result<Ref<'_, [u8]>, TransferError> {
        let want = usize::try_from((self.range.length - at).min(PORTION)).unwrap_or_default();
        let allowed = self.exchange.observer.allow(want, self.exchange.cancel);
        if allowed == 0 {
            return Err(TransferError::local_cancelled(self.source.path()));
        }
        let mut filled = 0;
        {
            let mut buffer = self.buffer.borrow_mut();
            let want = allowed.min(want).min(buffer.len());
            while filled < want {
                let offset = self.range.first + at + filled as u64;
                match self.source.read_at(&mut buffer[filled..want], offset)? {
                    0 => return Err(self.source.changed()),
                    read => filled += read,
                }
            }
        }
        // What was read belongs to the file only if that is still the same afterwards.
        if self.source.stamp()? != self.stamp {
            return Err(self.source.changed());
        }
        Ok(Ref::map(self.buffer.borrow(), |buffer| &buffer[..filled]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(host: Option<&str>, told: &str) -> Result<String, TransferError> {
        let url = Url::parse("https://u:p@farm.example/orders/o42.xml").unwrap();
        let session =
            Session { host: host.map(str::to_owned), reply: Some(told.to_owned()), ..Session::default() };
        reply_url(&url, &session)
    }

    #[test]
    fn the_reply_of_a_windows_server_is_found_beside_the_upload() {
        let told = r"BITS-Sessions\Replies\{0D9C}\responsefile.bin";
        let found = "orders/BITS-Sessions/Replies/%7B0D9C%7D/responsefile.bin";
        assert_eq!(reply(None, told).unwrap(), format!("https://u:p@farm.example/{found}"));
        assert_eq!(reply(Some("node3"), told).unwrap(), format!("https://node3/{found}"));
    }

    #[test]
    fn a_reply_may_be_elsewhere_but_not_unencrypted() {
        assert_eq!(reply(None, "https://other/r").unwrap(), "https://other/r");
        for bad in ["http://farm.example/r", "ftp://other/r"] {
            assert_eq!(reply(None, bad).unwrap_err().code, ResultCode::BG_E_INVALID_SERVER_RESPONSE, "{bad}");
        }
    }

    #[test]
    fn packets_go_to_the_host_of_the_session() {
        let url = Url::parse("http://u:p@farm.example:81/a?b").unwrap();
        for (host, found) in [
            ("node3", "http://node3:81/a?b"),
            ("10.0.0.1:8080", "http://10.0.0.1:8080/a?b"),
            ("2001:db8::1", "http://[2001:db8::1]:81/a?b"),
            ("no host", "http://farm.example:81/a?b"),
        ] {
            let session = Session { host: Some(host.to_owned()), ..Session::default() };
            let target = target(&url, &session);
            assert_eq!(target.to_string(), found);
            assert_eq!(target.userinfo.is_some(), target.host == url.host, "{host}");
        }
    }
}
