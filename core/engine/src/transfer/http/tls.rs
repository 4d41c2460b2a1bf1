//! TLS over a [`Tcp`] connection.
//!
//! The records of one large receive are decrypted where they lie, one after another, and copied
//! straight to where the body goes: system calls are as rare as without TLS.

use std::fmt;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::Arc;

use bgcopy_protocol::ResultCode;
use bgcopy_protocol::flags::SecurityFlags;
use parking_lot::Mutex;
use rustls::client::UnbufferedClientConnection;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::unbuffered::{ConnectionState, EncodeError, EncryptError, UnbufferedStatus};
use rustls::{AlertDescription, CertificateError, CipherSuite, ClientConfig, RootCertStore};

use super::HttpSettings;
use super::buffer::{Buffer, SMALL};
use super::certificate::Lenient;
use super::client_certificate;
use super::failure::Failure;
use super::tcp::{LARGE, Patience, Tcp};
use crate::transfer::access::{CertificateStores, ClientCertificate};

/// The longest TLS record: 16 KiB, expansion and header (RFC 8446 section 5.2).
const RECORD: usize = 16 * 1024 + 256 + 5;
/// Plain text given on at once where nobody said how much is wanted.
const WINDOW: usize = 64 * 1024;

/// The TLS settings of a client: made at the first https connection, for reading the trusted
/// certificates takes milliseconds and memory that http-only programs need not spend.
#[derive(Debug)]
pub(super) struct TlsContext {
    /// Trusted certificates in PEM form, instead of those of the system.
    ca_file: Option<PathBuf>,
    /// Checks of the server's certificate that are left out, and whether one is added.
    checks: SecurityFlags,
    stores: CertificateStores,
    /// Shown to servers that ask.
    certificate: Option<ClientCertificate>,
    made: Mutex<Option<Made>>,
}

/// What is made of the settings at the first connection.
#[derive(Clone, Debug)]
struct Made {
    config: Arc<ClientConfig>,
    /// Checks certificates where that is not done in the usual way.
    verifier: Option<Arc<Lenient>>,
}

impl TlsContext {
    pub(super) fn new(
        settings: &HttpSettings,
        checks: SecurityFlags,
        certificate: Option<ClientCertificate>,
    ) -> TlsContext {
        TlsContext {
            ca_file: settings.ca_file.clone(),
            checks,
            stores: settings.certificates.clone(),
            certificate,
            made: Mutex::new(None),
        }
    }

    /// Shakes hands with `host` over `tcp`.
    pub(super) fn connect(&self, tcp: Tcp, host: &str, patience: Patience) -> Result<Tls, Failure> {
        let literal = host.trim_start_matches('[').trim_end_matches(']');
        let name = ServerName::try_from(literal.to_owned())
            .map_err(|_| Failure::Tls(format!("{host} is not a name a certificate can hold")))?;
        let session = UnbufferedClientConnection::new(self.made()?.config, name)
            .map_err(|error| Failure::Tls(error.to_string()))?;
        let mut tls = Tls { tcp, session, raw: Buffer::default(), out: Vec::new(), ended: false };
        match tls.shake_hands(patience) {
            Ok(()) => Ok(tls),
            Err(Failure::Certificate(code, what)) => {
                tls.send_alert(patience);
                Err(Failure::Certificate(code, format!("{what} (host {host})")))
            }
            Err(other) => Err(other),
        }
    }

    /// What checked the certificates of connections, where their revocation counts.
    pub(super) fn verifier(&self) -> Option<Arc<Lenient>> {
        self.made.lock().as_ref()?.verifier.clone()
    }

    fn made(&self) -> Result<Made, Failure> {
        let mut kept = self.made.lock();
        if let Some(made) = &*kept {
            return Ok(made.clone());
        }
        let mut provider = rustls::crypto::ring::default_provider();
        // AES-128 first, as browsers ask: it is no weaker in practice, and costs both sides less than AES-256.
        provider.cipher_suites.sort_by_key(|suite| !is_aes_128(suite.suite()));
        let algorithms = provider.signature_verification_algorithms;
        let builder = ClientConfig::builder_with_provider(Arc::new(provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| Failure::Tls(error.to_string()))?;
        let mut verifier = None;
        let builder = if self.checks == SecurityFlags::NONE {
            builder.with_root_certificates(self.roots()?)
        } else {
            let roots = match self.roots() {
                // Nobody is known here, and nobody needs to be.
                Err(_) if self.checks.contains(SecurityFlags::IGNORE_UNKNOWN_CA) => RootCertStore::empty(),
                roots => roots?,
            };
            let lenient = Arc::new(Lenient::new(self.checks, roots, algorithms));
            verifier = Some(Arc::clone(&lenient));
            builder.dangerous().with_custom_certificate_verifier(lenient)
        };
        let mut config = match &self.certificate {
            None => builder.with_no_client_auth(),
            Some(certificate) => {
                let refused = |(code, text)| Failure::ClientCertificate(code, text);
                let identity = client_certificate::load(&self.stores, certificate).map_err(refused)?;
                builder.with_client_auth_cert(identity.chain, identity.key).map_err(|error| {
                    let code = ResultCode::BG_E_WINHTTP_CLIENT_CERT_NO_ACCESS_PRIVATE_KEY;
                    Failure::ClientCertificate(code, format!("its key does not fit: {error}"))
                })?
            }
        };
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(kept.insert(Made { config: Arc::new(config), verifier }).clone())
    }

    fn roots(&self) -> Result<RootCertStore, Failure> {
        let mut roots = RootCertStore::empty();
        let problem = match &self.ca_file {
            Some(path) => {
                let failed = |error| Failure::Tls(format!("{}: {error}", path.display()));
                for certificate in CertificateDer::pem_file_iter(path).map_err(failed)? {
                    roots.add_parsable_certificates([certificate.map_err(failed)?]);
                }
                format!("{} holds none", path.display())
            }
            None => {
                let found = rustls_native_certs::load_native_certs();
                roots.add_parsable_certificates(found.certs);
                found.errors.first().map_or_else(|| "the system has none".into(), ToString::to_string)
            }
        };
        if roots.is_empty() {
            // Without this every certificate would be called untrusted, which sends people looking
            // at the server.
            return Err(Failure::Tls(format!(
                "no trusted certificates: {problem}; install ca-certificates or set SSL_CERT_FILE"
            )));
        }
        Ok(roots)
    }
}

/// An open TLS connection.
pub(super) struct Tls {
    tcp: Tcp,
    session: UnbufferedClientConnection,
    /// Received records, from the first that is not decrypted yet.
    raw: Buffer,
    out: Vec<u8>,
    /// The server said that nothing follows.
    ended: bool,
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("tcp", &self.tcp).field("ended", &self.ended).finish_non_exhaustive()
    }
}

/// Where plain text goes: to its place, and what is more than that to the input of the connection.
pub(super) struct Plain<'a> {
    into: &'a mut [u8],
    filled: usize,
    rest: &'a mut Buffer,
    surplus: usize,
}

impl<'a> Plain<'a> {
    pub(super) fn new(into: &'a mut [u8], rest: &'a mut Buffer) -> Plain<'a> {
        Plain { into, filled: 0, rest, surplus: 0 }
    }

    /// Bytes in `into`, or in `rest` where that is the only place.
    fn received(&self) -> usize {
        if self.into.is_empty() { self.surplus } else { self.filled }
    }

    fn is_full(&self) -> bool {
        let wanted = if self.into.is_empty() { WINDOW } else { self.into.len() };
        self.received() >= wanted
    }

    fn put(&mut self, payload: &[u8]) {
        let (here, more) = payload.split_at(payload.len().min(self.into.len() - self.filled));
        self.into[self.filled..][..here.len()].copy_from_slice(here);
        self.filled += here.len();
        if !more.is_empty() {
            self.rest.space(more.len().max(SMALL))[..more.len()].copy_from_slice(more);
            self.rest.filled(more.len());
            self.surplus += more.len();
        }
    }
}

/// What one turn of the TLS machine came to.
enum Turn {
    /// There is more to do with what is here.
    Again,
    /// More bytes are needed from the server.
    Blocked,
    /// The handshake is done: requests may be sent.
    Open,
}

impl Tls {
    fn shake_hands(&mut self, patience: Patience) -> Result<(), Failure> {
        let mut early = Buffer::default();
        loop {
            match self.turn(&mut Plain::new(&mut [], &mut early), None, patience)? {
                Turn::Again => {}
                Turn::Open => return Ok(()),
                Turn::Blocked => {
                    if self.receive_raw(0, patience)? == 0 {
                        return Err(Failure::Tls(
                            "the server ended the connection during the handshake".into(),
                        ));
                    }
                }
            }
        }
    }

    /// Tells the server why the handshake ends: its log is where its owner looks.
    fn send_alert(&mut self, patience: Patience) {
        if let Ok(ConnectionState::EncodeTlsData(mut alert)) = self.session.process_tls_records(&mut []).state
        {
            self.out.resize(RECORD, 0);
            if let Ok(length) = alert.encode(&mut self.out) {
                // The handshake has failed already, a failure here adds nothing.
                let _ = self.tcp.send(&self.out[..length], patience);
            }
        }
    }

    /// What the server showed, its own certificate first.
    pub(super) fn certificates(&self) -> Vec<&[u8]> {
        let chain = self.session.peer_certificates().unwrap_or_default();
        chain.iter().map(|certificate| &**certificate).collect()
    }

    /// Sends all of `plain`.
    pub(super) fn send(&mut self, plain: &[u8], patience: Patience) -> Result<(), Failure> {
        // Nothing is expected before a request; what comes all the same is not lost to TLS, and
        // HTTP has no use for it.
        let mut unasked = Buffer::default();
        loop {
            match self.turn(&mut Plain::new(&mut [], &mut unasked), Some(plain), patience)? {
                Turn::Again => {}
                Turn::Open => return Ok(()),
                Turn::Blocked => return Err(Failure::Io(ErrorKind::BrokenPipe.into())),
            }
        }
    }

    /// Receives plain text, at least one byte; 0 is the end of the stream.
    pub(super) fn receive(
        &mut self,
        plain: &mut Plain<'_>,
        expected: usize,
        patience: Patience,
    ) -> Result<usize, Failure> {
        loop {
            if self.ended || plain.is_full() {
                return Ok(plain.received());
            }
            match self.turn(plain, None, patience)? {
                Turn::Again => {}
                Turn::Open | Turn::Blocked if plain.received() > 0 => return Ok(plain.received()),
                Turn::Open | Turn::Blocked => {
                    // What is left undecided here is the beginning of a record.
                    let expected = expected.saturating_sub(self.raw.len());
                    if self.receive_raw(expected, patience)? == 0 {
                        // Without the alert that says so, anybody may have cut the connection (RFC 8446
                        // section 6.1): a body that ends with it is not known to be whole.
                        return Err(Failure::Io(ErrorKind::UnexpectedEof.into()));
                    }
                }
            }
        }
    }

    pub(super) fn is_quiet(&self) -> bool {
        !self.ended && self.raw.is_empty() && self.tcp.is_quiet()
    }

    pub(super) fn shrink(&mut self) {
        self.raw.shrink();
    }

    fn receive_raw(&mut self, expected: usize, patience: Patience) -> Result<usize, Failure> {
        // One block for the whole body: what is left of the last receive counts in.
        let block = expected.clamp(2 * SMALL, LARGE);
        let room = block.saturating_sub(self.raw.len()).max(SMALL);
        let received = self.tcp.receive(&mut self.raw.space(room)[..room], expected, patience)?;
        self.raw.filled(received);
        Ok(received)
    }

    /// Does the next thing TLS asks for: decrypts a record into `plain`, sends what the handshake
    /// needs, or encrypts and sends `request`.
    fn turn(
        &mut self,
        plain: &mut Plain<'_>,
        request: Option<&[u8]>,
        patience: Patience,
    ) -> Result<Turn, Failure> {
        let Tls { tcp, session, raw, out, ended } = self;
        let UnbufferedStatus { mut discard, state, .. } = session.process_tls_records(raw.bytes_mut());
        let turn = match state.map_err(refused)? {
            ConnectionState::ReadTraffic(mut traffic) => {
                while let Some(record) = traffic.next_record() {
                    let record = record.map_err(refused)?;
                    plain.put(record.payload);
                    discard += record.discard;
                }
                Turn::Again
            }
            ConnectionState::EncodeTlsData(mut data) => {
                let old = out.len();
                out.resize(old + RECORD, 0);
                let written = match data.encode(&mut out[old..]) {
                    Err(EncodeError::InsufficientSize(size)) => {
                        out.resize(old + size.required_size, 0);
                        data.encode(&mut out[old..])
                    }
                    done => done,
                };
                out.truncate(old + written.map_err(|error| Failure::Tls(error.to_string()))?);
                Turn::Again
            }
            ConnectionState::TransmitTlsData(data) => {
                tcp.send(out, patience)?;
                out.clear();
                data.done();
                Turn::Again
            }
            ConnectionState::BlockedHandshake => Turn::Blocked,
            ConnectionState::WriteTraffic(mut traffic) => {
                if let Some(request) = request {
                    out.resize(request.len() + RECORD, 0);
                    let written = match traffic.encrypt(request, out) {
                        Err(EncryptError::InsufficientSize(size)) => {
                            out.resize(size.required_size, 0);
                            traffic.encrypt(request, out)
                        }
                        done => done,
                    };
                    let written = written.map_err(|error| Failure::Tls(error.to_string()))?;
                    tcp.send(&out[..written], patience)?;
                    out.clear();
                }
                Turn::Open
            }
            ConnectionState::PeerClosed | ConnectionState::Closed => {
                *ended = true;
                Turn::Blocked
            }
            other => return Err(Failure::Tls(format!("unexpected state {other:?}"))),
        };
        raw.consume(discard);
        Ok(turn)
    }
}

/// A rustls error in the words and codes a job is told.
fn is_aes_128(suite: CipherSuite) -> bool {
    use CipherSuite as Suite;
    matches!(
        suite,
        Suite::TLS13_AES_128_GCM_SHA256
            | Suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
            | Suite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
    )
}

fn refused(error: rustls::Error) -> Failure {
    use rustls::Error;
    match error {
        Error::InvalidCertificate(why) => certificate_refused(&why),
        Error::NoCertificatesPresented => Failure::Certificate(
            ResultCode::BG_E_WINHTTP_SECURE_FAILURE,
            "the server presented no certificate".into(),
        ),
        Error::AlertReceived(AlertDescription::CertificateRequired) => Failure::Certificate(
            ResultCode::BG_E_WINHTTP_CLIENT_AUTH_CERT_NEEDED,
            "the server wants a client certificate, and the job has none".into(),
        ),
        other => Failure::Tls(other.to_string()),
    }
}

fn certificate_refused(why: &CertificateError) -> Failure {
    use CertificateError as Why;
    let (code, what) = match why {
        Why::Expired | Why::ExpiredContext { .. } => {
            (ResultCode::BG_E_WINHTTP_SECURE_CERT_DATE_INVALID, "it has expired".to_owned())
        }
        Why::NotValidYet | Why::NotValidYetContext { .. } => (
            ResultCode::BG_E_WINHTTP_SECURE_CERT_DATE_INVALID,
            "it is not valid yet; check the clock of this computer".to_owned(),
        ),
        Why::NotValidForName => {
            (ResultCode::BG_E_WINHTTP_SECURE_CERT_CN_INVALID, "it is for another name".to_owned())
        }
        Why::NotValidForNameContext { presented, .. } => (
            ResultCode::BG_E_WINHTTP_SECURE_CERT_CN_INVALID,
            format!("it is for another name: {}", presented.join(", ")),
        ),
        Why::UnknownIssuer => (
            ResultCode::BG_E_WINHTTP_SECURE_INVALID_CA,
            "its issuer is unknown; install the issuer's certificate or set SSL_CERT_FILE".to_owned(),
        ),
        Why::Revoked => (ResultCode::BG_E_WINHTTP_SECURE_CERT_REVOKED, "it was revoked".to_owned()),
        Why::InvalidPurpose | Why::InvalidPurposeContext { .. } => {
            (ResultCode::BG_E_WINHTTP_SECURE_CERT_WRONG_USAGE, "it may not be used by a server".to_owned())
        }
        other => (ResultCode::BG_E_WINHTTP_SECURE_FAILURE, other.to_string()),
    };
    Failure::Certificate(code, what)
}
