//! https with certificates made for the test.

use std::sync::Arc;

use bgcopy_protocol::{ResultCode, RetryClass};
use parking_lot::Mutex;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{
    HandshakeKind, RootCertStore, ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion,
};
use tempfile::NamedTempFile;

use super::server::{Reply, Resource, Server, Then, Wrap};
use super::*;

struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    pem: NamedTempFile,
}

fn authority() -> Authority {
    authority_named("bgcopy test")
}

fn authority_named(name: &str) -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let pem = NamedTempFile::new().unwrap();
    std::fs::write(pem.path(), issuer.pem()).unwrap();
    Authority { issuer, pem }
}

impl Authority {
    /// An https server with a certificate for `name`.
    fn server(
        &self,
        name: &str,
        years: (i32, i32),
        answer: impl Fn(&server::Request) -> Reply + Send + Sync + 'static,
    ) -> Server {
        self.server_of(name, years, rustls::DEFAULT_VERSIONS, Arc::default(), answer)
    }

    /// The same, which speaks `versions` of TLS and records the kinds of its handshakes.
    fn server_of(
        &self,
        name: &str,
        years: (i32, i32),
        versions: &[&'static SupportedProtocolVersion],
        kinds: Arc<Mutex<Vec<HandshakeKind>>>,
        answer: impl Fn(&server::Request) -> Reply + Send + Sync + 'static,
    ) -> Server {
        let key = KeyPair::generate().unwrap();
        let certificate = params(name, years).signed_by(&key, &self.issuer).unwrap();
        serve(vec![certificate.der().clone()], &key, versions, kinds, answer)
    }

    fn client(&self) -> HttpClient {
        HttpClient::new(&HttpSettings {
            ca_file: Some(self.pem.path().to_owned()),
            ..HttpSettings::default()
        })
    }
}

pub(super) fn params(name: &str, years: (i32, i32)) -> CertificateParams {
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.not_before = date_time_ymd(years.0, 1, 1);
    params.not_after = date_time_ymd(years.1, 1, 1);
    params
}

/// An https server that presents `chain`.
pub(super) fn serve(
    chain: Vec<CertificateDer<'static>>,
    key: &KeyPair,
    versions: &[&'static SupportedProtocolVersion],
    kinds: Arc<Mutex<Vec<HandshakeKind>>>,
    answer: impl Fn(&server::Request) -> Reply + Send + Sync + 'static,
) -> Server {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    serve_with(config, kinds, answer)
}

/// The same with a key in whatever form it is.
pub(super) fn serve_with_key(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    answer: impl Fn(&server::Request) -> Reply + Send + Sync + 'static,
) -> Server {
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    serve_with(config, Arc::default(), answer)
}

fn serve_with(
    config: ServerConfig,
    kinds: Arc<Mutex<Vec<HandshakeKind>>>,
    answer: impl Fn(&server::Request) -> Reply + Send + Sync + 'static,
) -> Server {
    let config = Arc::new(config);
    let wrap: Wrap = Box::new(move |stream| {
        let mut connection = ServerConnection::new(config.clone()).ok()?;
        connection.complete_io(&mut &stream).ok()?;
        kinds.lock().extend(connection.handshake_kind());
        Some(Box::new(StreamOwned::new(connection, stream)))
    });
    Server::wrapped("https", wrap, answer)
}

pub(super) const NOW: (i32, i32) = (2020, 2120);

#[test]
fn files_of_all_sizes_come_through() {
    let authority = authority();
    let client = authority.client();
    for size in [0, 1, 10_000, 16_384, 16_385, 700_000, 5_000_000] {
        let data = content(size, 1);
        let resource = Resource::new(&data);
        let server = authority.server("127.0.0.1", NOW, move |request| resource.reply(request));
        for _ in 0..2 {
            let mut sink = Memory::empty();
            fetch_with(&client, &from_start(&server.url("/f"), false), &mut sink).unwrap();
            assert!(sink.bytes == data, "{size}");
        }
        assert_eq!(server.connections(), 1, "kept alive");
    }
}

#[test]
fn a_limited_read_loses_nothing() {
    let authority = authority();
    let data = content(100_000, 1);
    let resource = Resource::new(&data);
    let server = authority.server("127.0.0.1", NOW, move |request| resource.reply(request));
    let (mut sink, heard) = (Memory::empty(), Heard { most: Some(777), ..Heard::default() });
    let cancel = CancelToken::new().unwrap();
    authority.client().download(&from_start(&server.url("/f"), true), &mut sink, &heard, &cancel).unwrap();
    assert!(sink.bytes == data);
}

#[test]
fn a_connection_closed_while_idle_is_replaced() {
    let authority = authority();
    let server = authority.server("127.0.0.1", NOW, |_| Reply::sized("200 OK", &[], b"abc"));
    let client = authority.client();
    for _ in 0..3 {
        let mut sink = Memory::empty();
        fetch_with(&client, &from_start(&server.url("/f"), true), &mut sink).unwrap();
        assert_eq!(sink.bytes, b"abc");
        server.hang_up();
    }
}

#[test]
fn a_second_connection_resumes_the_session_in_each_version_of_tls() {
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let (authority, kinds) = (authority(), Arc::new(Mutex::new(Vec::new())));
        let data = content(100_000, 1);
        let resource = Resource::new(&data);
        let server = authority
            .server_of("127.0.0.1", NOW, &[version], kinds.clone(), move |request| resource.reply(request));
        let client = authority.client();
        for _ in 0..2 {
            let mut sink = Memory::empty();
            fetch_with(&client, &from_start(&server.url("/f"), true), &mut sink).unwrap();
            assert!(sink.bytes == data);
            server.hang_up();
        }
        assert_eq!(*kinds.lock(), [HandshakeKind::Full, HandshakeKind::Resumed], "{version:?}");
    }
}

fn refused(client: &HttpClient, url: &str) -> TransferError {
    let error = fetch_with(client, &from_start(url, true), &mut Memory::empty()).unwrap_err();
    assert_eq!(error.class, RetryClass::Fatal, "{error:?}");
    error
}

#[test]
fn a_refused_certificate_is_explained() {
    let authority = authority();
    let client = authority.client();
    let answer = |_: &server::Request| Reply::sized("200 OK", &[], b"abc");

    let expired = authority.server("127.0.0.1", (2000, 2001), answer);
    let error = refused(&client, &expired.url("/f"));
    assert_eq!(error.code, ResultCode::BG_E_WINHTTP_SECURE_CERT_DATE_INVALID);
    assert!(error.text.contains("expired") && error.text.contains("127.0.0.1"), "{}", error.text);

    let early = authority.server("127.0.0.1", (2100, 2101), answer);
    let error = refused(&client, &early.url("/f"));
    assert_eq!(error.code, ResultCode::BG_E_WINHTTP_SECURE_CERT_DATE_INVALID);
    assert!(error.text.contains("not valid yet"), "{}", error.text);

    let misnamed = authority.server("example.org", NOW, answer);
    let error = refused(&client, &misnamed.url("/f"));
    assert_eq!(error.code, ResultCode::BG_E_WINHTTP_SECURE_CERT_CN_INVALID);
    assert!(error.text.contains("example.org") && error.text.contains("127.0.0.1"), "{}", error.text);

    let good = authority.server("127.0.0.1", NOW, answer);
    let error = refused(&authority_named("stranger").client(), &good.url("/f"));
    assert_eq!(error.code, ResultCode::BG_E_WINHTTP_SECURE_INVALID_CA);
    assert!(error.text.contains("issuer") && error.text.contains("127.0.0.1"), "{}", error.text);
    assert!(good.log().is_empty(), "no request before the certificate is accepted");
}

#[test]
fn a_server_without_tls_is_transient() {
    let server = Server::start(|_| Reply::sized("200 OK", &[], b"abc"));
    let url = server.url("/f").replace("http:", "https:");
    let error = fetch_with(&authority().client(), &from_start(&url, true), &mut Memory::empty()).unwrap_err();
    assert_eq!(error.code, ResultCode::BG_E_WINHTTP_SECURE_CHANNEL_ERROR);
    assert_eq!(error.class, RetryClass::Transient);
}

#[test]
fn a_redirect_to_http_is_refused() {
    let authority = authority();
    let plain = Server::of(Resource::new(b"abc"));
    let location = plain.url("/f");
    let server = authority.server("127.0.0.1", NOW, move |_| {
        Reply::sized("302 There", &[("Location", location.as_str())], b"")
    });
    let error = refused(&authority.client(), &server.url("/f"));
    assert_eq!(error.code, ResultCode::BG_E_WINHTTP_REDIRECT_FAILED);
    assert!(plain.log().is_empty());
}

/// What can be wrong with a certificate, each with the flag that ignores it and the code of a refusal.
const FAULTS: [(SecurityFlags, ResultCode); 4] = [
    (SecurityFlags::IGNORE_CERT_CN_INVALID, ResultCode::BG_E_WINHTTP_SECURE_CERT_CN_INVALID),
    (SecurityFlags::IGNORE_CERT_DATE_INVALID, ResultCode::BG_E_WINHTTP_SECURE_CERT_DATE_INVALID),
    (SecurityFlags::IGNORE_UNKNOWN_CA, ResultCode::BG_E_WINHTTP_SECURE_INVALID_CA),
    (SecurityFlags::IGNORE_CERT_WRONG_USAGE, ResultCode::BG_E_WINHTTP_SECURE_CERT_WRONG_USAGE),
];

fn faults(bits: usize) -> SecurityFlags {
    let chosen = FAULTS.iter().enumerate().filter(|(i, _)| bits & (1 << i) != 0);
    chosen.fold(SecurityFlags::NONE, |all, (_, (flag, _))| all | *flag)
}

/// A server whose certificate has these faults.
fn faulty(trusted: &Authority, stranger: &Authority, faults: SecurityFlags) -> Server {
    let has = |flag| faults.contains(flag);
    let name = if has(SecurityFlags::IGNORE_CERT_CN_INVALID) { "example.org" } else { "127.0.0.1" };
    let years = if has(SecurityFlags::IGNORE_CERT_DATE_INVALID) { (2000, 2001) } else { NOW };
    let mut params = params(name, years);
    params.extended_key_usages = if has(SecurityFlags::IGNORE_CERT_WRONG_USAGE) {
        vec![ExtendedKeyUsagePurpose::ClientAuth]
    } else {
        vec![ExtendedKeyUsagePurpose::ServerAuth]
    };
    let authority = if has(SecurityFlags::IGNORE_UNKNOWN_CA) { stranger } else { trusted };
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, &authority.issuer).unwrap().der().clone();
    serve(vec![certificate], &key, rustls::DEFAULT_VERSIONS, Arc::default(), |_| {
        Reply::sized("200 OK", &[], b"abc")
    })
}

fn fetch_ignoring(client: &HttpClient, url: &str, security: SecurityFlags) -> Result<(), TransferError> {
    let download = Download { security, ..from_start(url, true) };
    fetch_with(client, &download, &mut Memory::empty()).map(drop)
}

#[test]
fn each_flag_ignores_the_fault_it_names_and_no_other() {
    let (trusted, stranger) = (authority(), authority_named("stranger"));
    let client = trusted.client();
    for wrong in 0..16 {
        let server = faulty(&trusted, &stranger, faults(wrong));
        for ignored in 0..16 {
            let result = fetch_ignoring(&client, &server.url("/f"), faults(ignored));
            let left = wrong & !ignored;
            match result {
                Ok(()) => assert_eq!(left, 0, "{wrong:04b} was accepted with {ignored:04b}"),
                Err(error) => {
                    let of_left = |(i, (_, code)): (usize, &(SecurityFlags, ResultCode))| {
                        left & (1 << i) != 0 && *code == error.code
                    };
                    let named = FAULTS.iter().enumerate().any(of_left);
                    assert!(named, "{wrong:04b} with {ignored:04b}: {error:?}");
                    assert_eq!(error.class, RetryClass::Fatal);
                }
            }
        }
    }
}

#[test]
fn a_connection_made_with_less_care_serves_nobody_else() {
    let (trusted, stranger) = (authority(), authority_named("stranger"));
    let client = trusted.client();
    let server = faulty(&trusted, &stranger, SecurityFlags::IGNORE_UNKNOWN_CA);
    let url = server.url("/f");
    for _ in 0..2 {
        fetch_ignoring(&client, &url, SecurityFlags::IGNORE_UNKNOWN_CA).unwrap();
    }
    assert_eq!(server.connections(), 1, "kept alive");
    for security in [SecurityFlags::NONE, SecurityFlags::IGNORE_CERT_CN_INVALID] {
        let error = fetch_ignoring(&client, &url, security).unwrap_err();
        assert_eq!(error.code, ResultCode::BG_E_WINHTTP_SECURE_INVALID_CA);
    }
}

#[test]
fn a_certificate_that_signed_itself_has_an_unknown_authority() {
    let client = authority().client();
    for is_ca in [IsCa::NoCa, IsCa::Ca(BasicConstraints::Unconstrained)] {
        let mut params = params("127.0.0.1", NOW);
        params.is_ca = is_ca;
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap().der().clone();
        let answer = |_: &server::Request| Reply::sized("200 OK", &[], b"abc");
        let server = serve(vec![certificate], &key, rustls::DEFAULT_VERSIONS, Arc::default(), answer);
        fetch_ignoring(&client, &server.url("/f"), SecurityFlags::IGNORE_UNKNOWN_CA).unwrap();
        let others = faults(0b1011);
        assert!(fetch_ignoring(&client, &server.url("/f"), others).is_err());
    }
}

#[test]
fn a_server_that_only_offers_to_take_a_client_certificate_serves_a_job_without() {
    let authority = authority();
    let mut roots = RootCertStore::empty();
    roots.add(authority.issuer.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider.clone());
    let verifier = verifier.allow_unauthenticated().build().unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = params("127.0.0.1", NOW).signed_by(&key, &authority.issuer).unwrap().der().clone();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![certificate], PrivatePkcs8KeyDer::from(key.serialize_der()).into())
        .unwrap();
    let server = serve_with(config, Arc::default(), |_| Reply::sized("200 OK", &[], b"abc"));
    let mut sink = Memory::empty();
    fetch_with(&authority.client(), &from_start(&server.url("/f"), true), &mut sink).unwrap();
    assert_eq!(sink.bytes, b"abc");
}

#[test]
fn a_body_whose_end_only_the_connection_tells_ends_with_close_notify() {
    let ca = authority();
    let server = ca.server("127.0.0.1", NOW, |_| Reply::new("200 OK", &[], b"abc").then(Then::Close));
    let url = server.url("/f");
    let download = Download { dynamic: true, ..from_start(&url, true) };
    let error = fetch_with(&ca.client(), &download, &mut Memory::empty()).unwrap_err();
    assert_eq!((error.code, error.class), (ResultCode::BG_E_CONNECTION_CLOSED, RetryClass::Transient));
}
