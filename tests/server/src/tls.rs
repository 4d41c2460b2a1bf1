//! A certificate authority made at start, and the good and bad certificates of the https ports.

use std::error::Error;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;
type Authority = CertifiedIssuer<'static, KeyPair>;

/// What the https ports present, and what a client needs to trust or to authenticate.
pub(crate) struct Tls {
    pub ca_pem: String,
    pub client_cert_pem: String,
    pub client_key_pem: String,
    pub good: Arc<ServerConfig>,
    pub expired: Arc<ServerConfig>,
    pub wrong_name: Arc<ServerConfig>,
    pub untrusted: Arc<ServerConfig>,
    pub client_cert: Arc<ServerConfig>,
}

impl Tls {
    pub fn new() -> Result<Self> {
        const OURS: &[&str] = &["localhost", "127.0.0.1", "::1"];
        let authority = authority("bgcopy test CA")?;
        let stranger = self::authority("bgcopy unknown CA")?;
        let good = leaf(&authority, OURS, 2100)?;

        let mut roots = RootCertStore::empty();
        roots.add(authority.der().clone())?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider.clone()).build()?;
        let client_cert = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_client_cert_verifier(verifier)
            .with_single_cert(good.0.clone(), good.1.clone_key())?;

        let client_key = KeyPair::generate()?;
        let mut client = params(&["bgcopy-client"], 2100)?;
        client.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        Ok(Self {
            ca_pem: authority.pem(),
            client_cert_pem: client.signed_by(&client_key, &authority)?.pem(),
            client_key_pem: client_key.serialize_pem(),
            good: config(good)?,
            expired: config(leaf(&authority, OURS, 2021)?)?,
            wrong_name: config(leaf(&authority, &["wrong.example"], 2100)?)?,
            untrusted: config(leaf(&stranger, OURS, 2100)?)?,
            client_cert: Arc::new(client_cert),
        })
    }
}

fn authority(name: &str) -> Result<Authority> {
    let mut params = params(&[], 2100)?;
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok(CertifiedIssuer::self_signed(params, KeyPair::generate()?)?)
}

fn params(names: &[&str], until: i32) -> Result<CertificateParams> {
    let mut params = CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    if let Some(name) = names.first() {
        params.distinguished_name.push(DnType::CommonName, *name);
    }
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(until, 1, 1);
    // Strict verifiers, Python's among them, ask for it.
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

type Chain = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn leaf(authority: &Authority, names: &[&str], until: i32) -> Result<Chain> {
    let key = KeyPair::generate()?;
    let mut params = params(names, until)?;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let certificate = params.signed_by(&key, authority)?;
    Ok((vec![certificate.der().clone()], PrivatePkcs8KeyDer::from(key.serialize_der()).into()))
}

fn config((chain, key): Chain) -> Result<Arc<ServerConfig>> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    Ok(Arc::new(config))
}
