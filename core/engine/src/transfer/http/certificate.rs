//! Server certificates of which a job ignores a fault, or asks whether they were revoked.
//!
//! Each flag switches off the check it names and no other: a certificate with two faults needs two
//! flags. That the server holds the certificate's key is always checked.

use std::fmt;
use std::sync::{Arc, LazyLock};

use bgcopy_protocol::flags::SecurityFlags;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::{
    AlgorithmIdentifier, CertificateDer, Der, InvalidSignature, ServerName, SignatureVerificationAlgorithm,
    TrustAnchor, UnixTime,
};
use rustls::{CertificateError, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme};
use webpki::{EndEntityCert, ExtendedKeyUsageValidator, KeyPurposeIdIter, KeyUsage, RevocationOptions};

/// How many moments are tried to find one at which all certificates of a chain were valid.
const MOST_MOMENTS: usize = 8;

/// Checks a server's certificate except for what the flags of a job say to ignore.
pub(super) struct Lenient {
    ignored: SecurityFlags,
    roots: RootCertStore,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Lenient {
    pub(super) fn new(
        ignored: SecurityFlags,
        roots: RootCertStore,
        algorithms: WebPkiSupportedAlgorithms,
    ) -> Lenient {
        Lenient { ignored, roots, algorithms }
    }

    fn ignores(&self, flag: SecurityFlags) -> bool {
        self.ignored.contains(flag)
    }

    /// Checks a chain, the server's own certificate first, for everything but its name; gives the certificates
    /// between that one and the root.
    pub(super) fn check(
        &self,
        chain: &[CertificateDer<'_>],
        now: UnixTime,
        revocation: Option<RevocationOptions<'_>>,
    ) -> Result<Vec<CertificateDer<'static>>, webpki::Error> {
        let (own, intermediates) = chain.split_first().ok_or(webpki::Error::BadDer)?;
        self.check_chain(&EndEntityCert::try_from(own)?, intermediates, now, revocation)
    }

    /// Checks dates, purpose, issuers and lists of revoked certificates. Where one of the first three fails and is
    /// to be ignored, the check is repeated without it, so that the others still count.
    fn check_chain(
        &self,
        certificate: &EndEntityCert<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
        revocation: Option<RevocationOptions<'_>>,
    ) -> Result<Vec<CertificateDer<'static>>, webpki::Error> {
        let purpose = Purpose { any: self.ignores(SecurityFlags::IGNORE_CERT_WRONG_USAGE) };
        let mut stranger: Option<Vec<TrustAnchor<'static>>> = None;
        let mut time = now;
        let mut tried = vec![now];
        loop {
            let (anchors, algorithms): (&[TrustAnchor<'_>], &[&dyn SignatureVerificationAlgorithm]) =
                match &stranger {
                    None => (&self.roots.roots, self.algorithms.all),
                    Some(stranger) => (stranger, &UNSIGNED),
                };
            let checked = certificate.verify_for_usage(
                algorithms,
                anchors,
                intermediates,
                time,
                &purpose,
                revocation,
                None,
            );
            let why = match checked {
                Ok(path) => {
                    return Ok(path.intermediate_certificates().map(|one| one.der().into_owned()).collect());
                }
                Err(why) => why,
            };
            let moment = match why {
                webpki::Error::CertExpired { not_after, .. } => Some(not_after),
                webpki::Error::CertNotValidYet { not_before, .. } => Some(not_before),
                _ => None,
            };
            match (&why, moment) {
                (_, Some(moment))
                    if self.ignores(SecurityFlags::IGNORE_CERT_DATE_INVALID)
                        && tried.len() < MOST_MOMENTS
                        && !tried.contains(&moment) =>
                {
                    time = moment;
                    tried.push(moment);
                }
                (webpki::Error::UnknownIssuer, _)
                    if self.ignores(SecurityFlags::IGNORE_UNKNOWN_CA) && stranger.is_none() =>
                {
                    // Nobody knows whose signature a list of an unknown authority needs.
                    if revocation.is_some() {
                        return Err(webpki::Error::UnknownRevocationStatus);
                    }
                    stranger = Some(strangers(certificate));
                }
                // A certificate made at home is often its own authority; its dates were checked before.
                (webpki::Error::CaUsedAsEndEntity, _)
                    if self.ignores(SecurityFlags::IGNORE_UNKNOWN_CA)
                        && certificate.issuer() == certificate.subject() =>
                {
                    return match revocation {
                        Some(_) => Err(webpki::Error::UnknownRevocationStatus),
                        None => Ok(Vec::new()),
                    };
                }
                _ => return Err(why),
            }
        }
    }
}

impl fmt::Debug for Lenient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lenient({:?})", self.ignored)
    }
}

impl ServerCertVerifier for Lenient {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let certificate = EndEntityCert::try_from(end_entity).map_err(refused)?;
        self.check_chain(&certificate, intermediates, now, None).map_err(refused)?;
        if !self.ignores(SecurityFlags::IGNORE_CERT_CN_INVALID) {
            certificate.verify_is_valid_for_subject_name(server_name).map_err(refused)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// What a certificate must be meant for.
struct Purpose {
    any: bool,
}

impl ExtendedKeyUsageValidator for Purpose {
    fn validate(&self, mut purposes: KeyPurposeIdIter<'_, '_>) -> Result<(), webpki::Error> {
        if self.any {
            // Unreadable ones stay a fault.
            return purposes.try_for_each(|purpose| purpose.map(drop));
        }
        KeyUsage::server_auth().validate(purposes)
    }
}

/// Signature algorithms that accept everything: the key of an unknown authority is unknown, too.
static UNSIGNED: LazyLock<Vec<&'static dyn SignatureVerificationAlgorithm>> = LazyLock::new(|| {
    let real = rustls::crypto::ring::default_provider().signature_verification_algorithms.all;
    real.iter().map(|real| &*Box::leak(Box::new(Unsigned(*real))) as _).collect()
});

#[derive(Debug)]
struct Unsigned(&'static dyn SignatureVerificationAlgorithm);

impl SignatureVerificationAlgorithm for Unsigned {
    fn verify_signature(&self, _: &[u8], _: &[u8], _: &[u8]) -> Result<(), InvalidSignature> {
        Ok(())
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.0.public_key_alg_id()
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.0.signature_alg_id()
    }
}

/// The unknown issuer of a certificate, with a key of each kind that can have signed it.
fn strangers(certificate: &EndEntityCert<'_>) -> Vec<TrustAnchor<'static>> {
    let key_of = |algorithm: &&dyn SignatureVerificationAlgorithm| {
        // SubjectPublicKeyInfo without its outer header (RFC 5280 section 4.1): the algorithm, and an empty key.
        let algorithm = algorithm.public_key_alg_id();
        let mut key = vec![0x30, u8::try_from(algorithm.len()).unwrap_or(u8::MAX)];
        key.extend_from_slice(&algorithm);
        key.extend_from_slice(&[0x03, 0x01, 0x00]);
        key
    };
    let mut keys: Vec<Vec<u8>> = UNSIGNED.iter().map(key_of).collect();
    keys.sort();
    keys.dedup();
    let anchor = |key: Vec<u8>| TrustAnchor {
        subject: Der::from(certificate.issuer().to_vec()),
        subject_public_key_info: Der::from(key),
        name_constraints: None,
    };
    keys.into_iter().map(anchor).collect()
}

/// The error with which rustls itself refuses such a certificate.
fn refused(why: webpki::Error) -> Error {
    use webpki::Error as Why;
    let error = match why {
        Why::CertExpired { time, not_after } => CertificateError::ExpiredContext { time, not_after },
        Why::CertNotValidYet { time, not_before } => {
            CertificateError::NotValidYetContext { time, not_before }
        }
        Why::UnknownIssuer => CertificateError::UnknownIssuer,
        Why::CertNotValidForName(name) => {
            CertificateError::NotValidForNameContext { expected: name.expected, presented: name.presented }
        }
        Why::RequiredEkuNotFoundContext(_) => CertificateError::InvalidPurpose,
        Why::InvalidSignatureForPublicKey => CertificateError::BadSignature,
        Why::BadDer | Why::BadDerTime | Why::TrailingData(_) => CertificateError::BadEncoding,
        other => CertificateError::Other(OtherError(Arc::new(other))),
    };
    Error::InvalidCertificate(error)
}
