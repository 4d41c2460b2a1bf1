//! Servers whose certificates were revoked, or of which nobody can tell.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use bgcopy_protocol::{ResultCode, RetryClass};
use parking_lot::Mutex;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer,
    CrlDistributionPoint, DnType, IsCa, KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams,
    SerialNumber, date_time_ymd,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::encryption::{NOW, params, serve, serve_with_key};
use super::server::{Reply, Request, Server, Then};
use super::*;
use crate::transfer::access::{Access, AccessRecord, CertificateStores, Credentials};

const CHECKED: SecurityFlags = SecurityFlags::ENABLE_CRL_CHECK;
const REVOKED: ResultCode = ResultCode::BG_E_WINHTTP_SECURE_CERT_REVOKED;
const UNKNOWN: ResultCode = ResultCode::BG_E_WINHTTP_SECURE_CERT_REV_FAILED;

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority(name: &str, serial: u64, list: Option<String>, above: Option<&Authority>) -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.serial_number = Some(serial.into());
    params.crl_distribution_points = points(list);
    let key = KeyPair::generate().unwrap();
    match above {
        None => CertifiedIssuer::self_signed(params, key).unwrap(),
        Some(above) => CertifiedIssuer::signed_by(params, key, above).unwrap(),
    }
}

fn points(list: Option<String>) -> Vec<CrlDistributionPoint> {
    list.into_iter().map(|url| CrlDistributionPoint { uris: vec![url] }).collect()
}

/// The list of an authority, for these years and with these serial numbers.
fn list(authority: &Authority, years: (i32, i32), revoked: &[u64]) -> Vec<u8> {
    let entry = |serial: &u64| RevokedCertParams {
        serial_number: SerialNumber::from(*serial),
        revocation_time: date_time_ymd(2021, 1, 1),
        reason_code: None,
        invalidity_date: None,
    };
    let list = CertificateRevocationListParams {
        this_update: date_time_ymd(years.0, 1, 1),
        next_update: date_time_ymd(years.1, 1, 1),
        crl_number: SerialNumber::from(1),
        issuing_distribution_point: None,
        revoked_certs: revoked.iter().map(entry).collect(),
        key_identifier_method: KeyIdMethod::Sha256,
    };
    list.signed_by(authority).unwrap().der().to_vec()
}

const BETWEEN: u64 = 20;
const LEAF: u64 = 30;

/// A root, an authority below it, a server of that one, and whoever publishes lists.
struct World {
    root: Authority,
    between: Authority,
    server: Server,
    publisher: Server,
    published: Arc<Mutex<HashMap<String, Vec<u8>>>>,
    dir: tempfile::TempDir,
}

impl World {
    /// `names_lists`: the certificates say where their lists are.
    fn new(names_lists: bool) -> World {
        let published = Arc::new(Mutex::new(HashMap::<String, Vec<u8>>::new()));
        let there = published.clone();
        let publisher = Server::start(move |request: &Request| match there.lock().get(&request.path) {
            Some(bytes) => Reply { bytes: bytes.clone(), then: Then::KeepAlive },
            None => Reply::sized("404 None", &[], b""),
        });
        let (of_root, of_between) = (publisher.url("/root"), publisher.url("/between"));
        let named = |url: &str| names_lists.then(|| url.to_owned());
        let root = authority("root", 10, None, None);
        let between = authority("between", BETWEEN, named(&of_root), Some(&root));
        let key = KeyPair::generate().unwrap();
        let mut leaf = params("127.0.0.1", NOW);
        leaf.serial_number = Some(LEAF.into());
        leaf.crl_distribution_points = points(named(&of_between));
        let chain = vec![leaf.signed_by(&key, &between).unwrap().der().clone(), between.der().clone()];
        let server = serve(chain, &key, rustls::DEFAULT_VERSIONS, Arc::default(), |_| {
            Reply::sized("200 OK", &[], b"abc")
        });
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("root.pem"), root.pem()).unwrap();
        let world = World { root, between, server, publisher, published, dir };
        std::fs::create_dir_all(world.store()).unwrap();
        world
    }

    /// Everybody publishes a fresh list without a certificate.
    fn good() -> World {
        let world = World::new(true);
        world.publish("/root", &list(&world.root, NOW, &[]));
        world.publish("/between", &list(&world.between, NOW, &[]));
        world
    }

    fn publish(&self, path: &str, list: &[u8]) {
        self.answer(path, Reply::sized("200 OK", &[], list));
    }

    fn answer(&self, path: &str, reply: Reply) {
        self.published.lock().insert(path.to_owned(), reply.bytes);
    }

    fn store(&self) -> PathBuf {
        self.dir.path().join("certs/CA")
    }

    fn file(&self, name: &str, content: &[u8]) {
        std::fs::write(self.store().join(name), content).unwrap();
    }

    fn settings(&self) -> HttpSettings {
        HttpSettings {
            ca_file: Some(self.dir.path().join("root.pem")),
            certificates: CertificateStores {
                user: self.dir.path().join("certs"),
                machine: self.dir.path().join("none"),
            },
            ..HttpSettings::default()
        }
    }

    fn client(&self) -> HttpClient {
        HttpClient::new(&self.settings())
    }

    fn fetch(&self, client: &HttpClient, security: SecurityFlags) -> Result<(), TransferError> {
        let url = self.server.url("/f");
        let download = Download { security, ..from_start(&url, true) };
        fetch_with(client, &download, &mut Memory::empty()).map(drop)
    }

    /// The checked download is refused for good and before any request, with this code and these words.
    fn refuses(&self, code: ResultCode, words: &[&str]) {
        let error = self.fetch(&self.client(), CHECKED).unwrap_err();
        assert_eq!((error.code, error.class), (code, RetryClass::Fatal), "{error:?}");
        for word in words.iter().chain(&["127.0.0.1"]) {
            assert!(error.text.contains(word), "{word}: {}", error.text);
        }
        assert!(self.server.log().is_empty(), "a request before the certificate is accepted");
    }
}

#[test]
fn lists_are_fetched_from_where_the_certificates_say_and_kept() {
    let world = World::good();
    let client = world.client();
    for _ in 0..3 {
        world.fetch(&client, CHECKED).unwrap();
        world.server.hang_up();
    }
    assert_eq!(world.publisher.log().len(), 2, "one list of each authority");
}

#[test]
fn a_revoked_certificate_is_refused_whosever_of_the_chain_it_is() {
    for (path, serial) in [("/root", BETWEEN), ("/between", LEAF)] {
        let world = World::good();
        let authority = if path == "/root" { &world.root } else { &world.between };
        world.publish(path, &list(authority, NOW, &[1, serial, 99]));
        world.refuses(REVOKED, &["revoked"]);
        world.fetch(&world.client(), SecurityFlags::NONE).unwrap();
    }
}

#[test]
fn a_list_that_cannot_be_used_is_as_bad_as_none() {
    let world = World::good();
    let stranger = authority("between", 1, None, None);
    let other = authority("other", 1, None, None);
    let huge = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", 17 << 20).into_bytes();
    let mut endless = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1100000\r\n".to_vec();
    endless.resize(endless.len() + (17 << 20), 7);
    let location = [("Location", "https://127.0.0.1:1/list")];
    for (reply, words) in [
        (Reply::sized("200 OK", &[], &list(&world.between, (2020, 2021), &[])).bytes, "expired"),
        (Reply::sized("200 OK", &[], &list(&world.between, (2100, 2101), &[])).bytes, "not valid yet"),
        (Reply::sized("200 OK", &[], &list(&stranger, NOW, &[])).bytes, "not signed by its authority"),
        (Reply::sized("200 OK", &[], &list(&other, NOW, &[])).bytes, "no list of its authority"),
        (Reply::sized("200 OK", &[], b"no list").bytes, "no list of revoked certificates"),
        (Reply::sized("200 OK", &[], b"").bytes, "no list of revoked certificates"),
        (
            Reply::sized("200 OK", &[], b"-----BEGIN X509 CRL-----\n!!\n-----END X509 CRL-----\n").bytes,
            "/between",
        ),
        (Reply::sized("404 None", &[], b"").bytes, "404"),
        (Reply::sized("302 There", &location, b"").bytes, "302"),
        (huge, "more than 16777216 bytes"),
        (endless, "more than 16777216 bytes"),
    ] {
        world.answer("/between", Reply { bytes: reply, then: Then::KeepAlive });
        world.refuses(UNKNOWN, &["cannot be found out", words]);
        // What was of no use is not kept: a good list ends the trouble.
        world.publisher.hang_up();
    }
    world.publish("/between", &list(&world.between, NOW, &[]));
    world.fetch(&world.client(), CHECKED).unwrap();
}

#[test]
fn a_useless_list_is_not_kept() {
    let world = World::good();
    let client = world.client();
    let stranger = authority("between", 1, None, None);
    world.publish("/between", &list(&stranger, NOW, &[]));
    assert_eq!(world.fetch(&client, CHECKED).unwrap_err().code, UNKNOWN);
    world.publish("/between", &list(&world.between, NOW, &[]));
    world.fetch(&client, CHECKED).unwrap();
}

#[test]
fn nobody_who_publishes_is_as_bad_as_no_list() {
    let mut world = World::good();
    world.publisher = Server::start(|_| Reply::sized("500 Gone", &[], b""));
    world.refuses(UNKNOWN, &["no connection could be made", "/between"]);
}

#[test]
fn without_a_place_or_a_file_nobody_can_tell() {
    World::new(false).refuses(UNKNOWN, &["names no list over http"]);
}

fn pem(der: &[u8]) -> Vec<u8> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = b"-----BEGIN X509 CRL-----\n".to_vec();
    for three in der.chunks(3) {
        let bits =
            three.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for at in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * at)) as usize & 63];
            text.push(if at <= three.len() { letter } else { b'=' });
        }
    }
    text.extend_from_slice(b"\n-----END X509 CRL-----\n");
    text
}

#[test]
fn lists_of_the_store_are_used_in_pem_and_der_and_read_again_when_they_change() {
    let world = World::new(false);
    let client = world.client();
    let (of_root, of_between) = (list(&world.root, NOW, &[]), list(&world.between, NOW, &[]));
    world.file("both.crl", &[pem(&of_root), pem(&of_between)].concat());
    world.fetch(&client, CHECKED).unwrap();
    // The connection is still open, and checked all the same.
    world.file("both.crl", &[pem(&of_root), pem(&list(&world.between, NOW, &[LEAF]))].concat());
    assert_eq!(world.fetch(&client, CHECKED).unwrap_err().code, REVOKED);
    world.file("both.crl", b"no list");
    let error = world.fetch(&client, CHECKED).unwrap_err();
    assert!(error.code == UNKNOWN && error.text.contains("both.crl"), "{error:?}");
    world.file("both.crl", &of_root);
    world.file("between.crl", &of_between);
    world.fetch(&client, CHECKED).unwrap();
    assert!(world.publisher.log().is_empty());
}

#[test]
fn a_stale_file_does_not_stand_in_the_way_of_a_fresh_list() {
    let world = World::good();
    world.file("between.crl", &list(&world.between, (2020, 2021), &[LEAF]));
    let stranger = authority("root", 1, None, None);
    world.file("root.crl", &list(&stranger, NOW, &[]));
    world.fetch(&world.client(), CHECKED).unwrap();
}

#[test]
fn a_newer_file_that_revokes_counts_beside_what_was_published() {
    let world = World::good();
    let client = world.client();
    world.file("between.crl", &list(&world.between, (2021, 2120), &[LEAF]));
    assert_eq!(world.fetch(&client, CHECKED).unwrap_err().code, REVOKED, "fetched just now");
    std::fs::remove_file(world.store().join("between.crl")).unwrap();
    world.fetch(&client, CHECKED).unwrap();
    world.file("between.crl", &list(&world.between, (2021, 2120), &[LEAF]));
    assert_eq!(world.fetch(&client, CHECKED).unwrap_err().code, REVOKED, "kept from before");
}

#[test]
fn a_pipe_among_the_files_is_not_waited_for() {
    let world = World::good();
    let made = Command::new("mkfifo").arg(world.store().join("pipe.crl")).status().unwrap();
    assert!(made.success());
    world.fetch(&world.client(), CHECKED).unwrap();
}

#[test]
fn of_an_unknown_authority_nobody_can_tell() {
    let world = World::good();
    let settings = HttpSettings { ca_file: None, ..world.settings() };
    let lenient = HttpClient::new(&settings);
    world.fetch(&lenient, SecurityFlags::IGNORE_UNKNOWN_CA).unwrap();
    let error = world.fetch(&lenient, CHECKED | SecurityFlags::IGNORE_UNKNOWN_CA).unwrap_err();
    assert_eq!(error.code, UNKNOWN);
}

#[test]
fn flags_that_ignore_other_faults_do_not_ignore_a_revocation() {
    let world = World::good();
    let others = SecurityFlags::IGNORE_CERT_CN_INVALID
        | SecurityFlags::IGNORE_CERT_DATE_INVALID
        | SecurityFlags::IGNORE_CERT_WRONG_USAGE;
    world.fetch(&world.client(), CHECKED | others).unwrap();
    world.publish("/between", &list(&world.between, NOW, &[LEAF]));
    assert_eq!(world.fetch(&world.client(), CHECKED | others).unwrap_err().code, REVOKED);
}

#[test]
fn who_publishes_lists_learns_nothing_of_the_job() {
    let world = World::good();
    let record = AccessRecord::default();
    let secret = |target| Credentials {
        target,
        scheme: bgcopy_protocol::enums::AuthScheme::Basic,
        user: Some("ann".to_owned()),
        password: Some("geheim".to_owned()),
    };
    let credentials = vec![secret(bgcopy_protocol::enums::AuthTarget::Server)];
    let access = Access { record: &record, credentials, check: 0 };
    let headers = [("X-Key".to_owned(), "geheim".to_owned())];
    world.answer("/between", Reply::sized("401 Who", &[("WWW-Authenticate", "Basic realm=x")], b""));
    let url = world.server.url("/f");
    let download =
        Download { security: CHECKED, headers: &headers, access: Some(&access), ..from_start(&url, true) };
    let error = fetch_with(&world.client(), &download, &mut Memory::empty()).unwrap_err();
    assert!(error.code == UNKNOWN && error.text.contains("401"), "{error:?}");
    for request in world.publisher.log() {
        assert_eq!((request.header("authorization"), request.header("x-key")), (None, None));
    }
}

#[test]
fn silence_of_who_publishes_ends_and_a_cancel_ends_it_at_once() {
    let world = World::new(true);
    let silent = Reply::new("200 OK", &[("Content-Length", "100")], b"");
    world.answer("/root", Reply { bytes: silent.bytes.clone(), then: Then::KeepAlive });
    world.answer("/between", silent);
    let settings = HttpSettings { idle_timeout: Duration::from_millis(200), ..world.settings() };
    let error = world.fetch(&HttpClient::new(&settings), CHECKED).unwrap_err();
    assert!(error.code == UNKNOWN && error.text.contains("timed out"), "{error:?}");

    let cancel = CancelToken::new().unwrap();
    let before = world.publisher.log().len();
    thread::scope(|scope| {
        let attempt = scope.spawn(|| {
            let url = world.server.url("/f");
            let download = Download { security: CHECKED, ..from_start(&url, true) };
            let result = world.client().download(&download, &mut Memory::empty(), &Heard::default(), &cancel);
            (result, Instant::now())
        });
        world.publisher.wait_for(before + 1);
        let cancelled = Instant::now();
        cancel.cancel();
        let (result, ended) = attempt.join().unwrap();
        assert!(result.unwrap_err().cancelled);
        assert!(ended.saturating_duration_since(cancelled) < Duration::from_secs(2));
    });
}

#[test]
fn connections_at_once_fetch_a_list_once() {
    let world = World::good();
    let client = world.client();
    thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| world.fetch(&client, CHECKED).unwrap());
        }
    });
    assert_eq!(world.publisher.log().len(), 2);
}

/// Runs openssl in a directory.
fn openssl(dir: &Path, arguments: &str) {
    let output = Command::new("openssl").args(arguments.split(' ')).current_dir(dir).output().unwrap();
    assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn lists_that_openssl_makes_are_understood() {
    if Command::new("openssl").arg("version").output().is_err() {
        eprintln!("openssl is not installed: left out");
        return;
    }
    let place = tempfile::tempdir().unwrap();
    let dir = place.path();
    let config = "[ca]\ndefault_ca=own\n[own]\ndatabase=index\nserial=serial\nnew_certs_dir=.\ncertificate=root.pem\n\
        private_key=root.key\ndefault_md=sha256\ndefault_days=30\ndefault_crl_days=7\ncrlnumber=number\npolicy=any\n\
        x509_extensions=leaf\ncrl_extensions=list\n[any]\ncommonName=supplied\n[list]\n\
        authorityKeyIdentifier=keyid:always\n[leaf]\nsubjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n\
        [req]\ndistinguished_name=any\n";
    for (name, text) in [("config", config), ("index", ""), ("serial", "01"), ("number", "01")] {
        std::fs::write(dir.join(name), text).unwrap();
    }
    openssl(dir, "req -x509 -newkey rsa:2048 -nodes -subj /CN=root -days 30 -keyout root.key -out root.pem");
    openssl(dir, "req -config config -newkey rsa:2048 -nodes -subj /CN=leaf -keyout leaf.key -out leaf.csr");
    openssl(dir, "ca -batch -config config -in leaf.csr -out leaf.pem -notext");
    let certificate = CertificateDer::from_pem_file(dir.join("leaf.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(dir.join("leaf.key")).unwrap();
    let server = serve_with_key(vec![certificate], key, |_| Reply::sized("200 OK", &[], b"abc"));
    std::fs::create_dir_all(dir.join("certs/CA")).unwrap();
    let client = HttpClient::new(&HttpSettings {
        ca_file: Some(dir.join("root.pem")),
        certificates: CertificateStores { user: dir.join("certs"), machine: dir.join("none") },
        ..HttpSettings::default()
    });
    let url = server.url("/f");
    let fetch = || {
        let download = Download { security: CHECKED, ..from_start(&url, true) };
        fetch_with(&client, &download, &mut Memory::empty()).map_err(|error| (error.code, error.text))
    };
    assert_eq!(fetch().unwrap_err().0, UNKNOWN);
    openssl(dir, "ca -config config -gencrl -out certs/CA/root.crl");
    fetch().unwrap();
    openssl(dir, "ca -config config -revoke leaf.pem");
    openssl(dir, "ca -config config -gencrl -out certs/CA/root.crl");
    assert_eq!(fetch().unwrap_err().0, REVOKED);
}
