//! Client certificates in certificate stores: directories of PEM and PKCS#12 files.
//!
//! A store is a directory of a location, named as the store. An entry is a PEM file with a certificate, the
//! authorities between it and the root, and its key, which may be in a file of the same name that ends in `.key`
//! instead; or a PKCS#12 file, whose password, if it is not empty, is the first line of a file of the same name
//! that ends in `.password`.

use std::io;
use std::path::{Path, PathBuf};

use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::CertStoreLocation;
use bgcopy_protocol::limits::{CERT_HASH_LENGTH, MAX_CERT_STORE_NAME};
use p12_keystore::{KeyStore, Pkcs12ImportPolicy};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::transfer::access::{CertificateName, CertificateStores, ClientCertificate};

/// Larger files are no certificates.
const MOST_BYTES: u64 = 1 << 20;

/// Why a certificate cannot be used: a code, and what to do.
pub type Refused = (ResultCode, String);

/// The directory of a store.
fn directory_of(
    stores: &CertificateStores,
    location: CertStoreLocation,
    name: &str,
) -> Result<PathBuf, Refused> {
    let base = match location {
        CertStoreLocation::CurrentUser => &stores.user,
        CertStoreLocation::LocalMachine => &stores.machine,
        other => {
            let text = format!("there are no certificate stores of {other:?} on this system");
            return Err((ResultCode::BG_E_NOTIMPL, text));
        }
    };
    if name.chars().count() >= MAX_CERT_STORE_NAME {
        let text =
            format!("the name of a certificate store has at most {} characters", MAX_CERT_STORE_NAME - 1);
        return Err((ResultCode::BG_E_STRING_TOO_LONG, text));
    }
    let plain = !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\0']);
    if !plain || base.as_os_str().is_empty() {
        let text =
            format!("there is no certificate store {name:?}: it would be a directory in {}", base.display());
        return Err((ResultCode::BG_E_WIN32_FILE_NOT_FOUND, text));
    }
    Ok(base.join(name))
}

/// A certificate with its authorities and its key.
pub(super) struct Identity {
    pub chain: Vec<CertificateDer<'static>>,
    pub key: PrivateKeyDer<'static>,
}

/// Looks for a certificate in a store.
///
/// # Errors
/// `BG_E_NOTIMPL` for a location that is not there, `BG_E_WIN32_FILE_NOT_FOUND` for a store,
/// `BG_E_CRYPT_NOT_FOUND` for a certificate; `BG_E_ACCESSDENIED`, `BG_E_STRING_TOO_LONG`, `BG_E_INVALIDARG` for an
/// empty subject.
pub fn find(
    stores: &CertificateStores,
    location: CertStoreLocation,
    store: &str,
    wanted: &CertificateName,
) -> Result<ClientCertificate, Refused> {
    if let CertificateName::Subject(text) = wanted {
        if text.is_empty() {
            return Err((ResultCode::BG_E_INVALIDARG, "the subject name is empty".to_owned()));
        }
        if text.chars().count() >= MAX_CERT_STORE_NAME {
            let text = format!("a subject name has at most {} characters", MAX_CERT_STORE_NAME - 1);
            return Err((ResultCode::BG_E_STRING_TOO_LONG, text));
        }
    }
    let directory = directory_of(stores, location, store)?;
    let (_, hash, subject) = search(&directory, wanted)?;
    Ok(ClientCertificate { location, store: store.to_owned(), hash, subject })
}

/// Reads a certificate that was found earlier.
///
/// # Errors
/// As [`find`].
pub(super) fn load(stores: &CertificateStores, certificate: &ClientCertificate) -> Result<Identity, Refused> {
    let directory = directory_of(stores, certificate.location, &certificate.store)?;
    search(&directory, &CertificateName::Hash(certificate.hash)).map(|(identity, ..)| identity)
}

fn search(
    directory: &Path,
    wanted: &CertificateName,
) -> Result<(Identity, [u8; CERT_HASH_LENGTH], String), Refused> {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::PermissionDenied => {
            (ResultCode::BG_E_ACCESSDENIED, format!("{} cannot be read", directory.display()))
        }
        _ => {
            let text = format!("the certificate store {} is not there: {error}", directory.display());
            (ResultCode::BG_E_WIN32_FILE_NOT_FOUND, text)
        }
    };
    let entries = std::fs::read_dir(directory).map_err(failed)?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        let identity = match read(&path) {
            Ok(Some(identity)) => identity,
            Ok(None) => continue,
            Err(why) => {
                log::warn!("{} is not a usable client certificate: {why}", path.display());
                continue;
            }
        };
        let Some(first) = identity.chain.first() else { continue };
        let hash = sha1(first);
        let Some((subject, for_clients)) = describe(first) else { continue };
        let found = match wanted {
            CertificateName::Hash(wanted) => hash == *wanted,
            CertificateName::Subject(text) => {
                for_clients && subject.to_lowercase().contains(&text.to_lowercase())
            }
        };
        if found {
            return Ok((identity, hash, subject));
        }
    }
    let text = format!("{} has no such client certificate with its key", directory.display());
    Err((ResultCode::BG_E_CRYPT_NOT_FOUND, text))
}

/// The identity in a file; `None` where it is another kind of file.
fn read(path: &Path) -> Result<Option<Identity>, String> {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("pem" | "crt" | "cer") => {
            let own = content(path).map_err(|error| error.to_string())?;
            let chain: Vec<_> = CertificateDer::pem_slice_iter(&own)
                .collect::<Result<_, _>>()
                .map_err(|error| error.to_string())?;
            if chain.is_empty() {
                return Ok(None);
            }
            let key = match PrivateKeyDer::from_pem_slice(&own) {
                Ok(key) => key,
                Err(_) => match content(&path.with_extension("key")) {
                    Ok(other) => PrivateKeyDer::from_pem_slice(&other).map_err(|error| error.to_string())?,
                    // The certificate of an authority, perhaps.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                    Err(error) => return Err(format!("its key: {error}")),
                },
            };
            Ok(Some(Identity { chain, key }))
        }
        Some("p12" | "pfx") => {
            let bytes = content(path).map_err(|error| error.to_string())?;
            let password = match content(&path.with_extension("password")) {
                Ok(text) => String::from_utf8_lossy(&text).lines().next().unwrap_or_default().to_owned(),
                Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
                Err(error) => return Err(format!("its password: {error}")),
            };
            let store = KeyStore::from_pkcs12(&bytes, &password, Pkcs12ImportPolicy::Strict)
                .map_err(|error| error.to_string())?;
            let Some((_, chain)) = store.private_key_chain() else { return Err("it has no key".to_owned()) };
            let key = PrivatePkcs8KeyDer::from(chain.key().as_der().to_vec()).into();
            let chain = chain.certs().iter().map(|one| CertificateDer::from(one.as_der().to_vec())).collect();
            Ok(Some(Identity { chain, key }))
        }
        _ => Ok(None),
    }
}

fn content(path: &Path) -> io::Result<Vec<u8>> {
    let length = std::fs::metadata(path)?.len();
    if length > MOST_BYTES {
        return Err(io::Error::other("it is too large"));
    }
    std::fs::read(path)
}

/// SHA-1 of a certificate: how Windows names it, and no proof of anything.
fn sha1(certificate: &CertificateDer<'_>) -> [u8; CERT_HASH_LENGTH] {
    let digest = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, certificate);
    digest.as_ref().try_into().unwrap_or_default()
}

/// The values of the subject, and whether the certificate is for clients.
fn describe(certificate: &CertificateDer<'_>) -> Option<(String, bool)> {
    let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
    let values: Vec<String> = parsed
        .subject()
        .iter()
        .flat_map(|names| names.iter())
        .map(|one| match one.as_str() {
            Ok(text) => text.to_owned(),
            Err(_) => one.attr_value().data.iter().map(|byte| char::from(*byte)).collect(),
        })
        .collect();
    let purposes = parsed.extended_key_usage().ok()?;
    let for_clients = purposes.is_none_or(|purposes| purposes.value.client_auth || purposes.value.any);
    Some((values.join(", "), for_clients))
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair};

    use super::*;

    /// A certificate for these units, in PEM, and its key.
    fn made(unit: &str, name: &str, purpose: ExtendedKeyUsagePurpose) -> (rcgen::Certificate, KeyPair) {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::OrganizationalUnitName, unit);
        params.distinguished_name.push(DnType::CommonName, name);
        params.extended_key_usages = vec![purpose];
        let key = KeyPair::generate().unwrap();
        (params.self_signed(&key).unwrap(), key)
    }

    fn stores() -> (tempfile::TempDir, CertificateStores) {
        let dir = tempfile::tempdir().unwrap();
        let stores = CertificateStores { user: dir.path().join("user"), machine: dir.path().join("machine") };
        std::fs::create_dir_all(stores.user.join("MY")).unwrap();
        (dir, stores)
    }

    fn subject(text: &str) -> CertificateName {
        CertificateName::Subject(text.to_owned())
    }

    const USER: CertStoreLocation = CertStoreLocation::CurrentUser;

    #[test]
    fn a_certificate_is_found_by_its_hash_or_its_subject() {
        let (_dir, stores) = stores();
        let store = stores.user.join("MY");
        let (server, server_key) = made("Web", "Ann of the web", ExtendedKeyUsagePurpose::ServerAuth);
        let (ann, ann_key) = made("Research", "Ann", ExtendedKeyUsagePurpose::ClientAuth);
        std::fs::write(store.join("a.pem"), server.pem() + &server_key.serialize_pem()).unwrap();
        std::fs::write(store.join("b.crt"), ann.pem()).unwrap();
        std::fs::write(store.join("b.key"), ann_key.serialize_pem()).unwrap();
        std::fs::write(store.join("c.txt"), "no certificate").unwrap();
        std::fs::write(store.join("0.p12"), "no PKCS#12").unwrap();
        let found = find(&stores, USER, "MY", &subject("research, ann")).unwrap();
        assert_eq!(found.subject, "Research, Ann");
        assert_eq!(found.hash, sha1(ann.der()));
        assert_eq!(find(&stores, USER, "MY", &subject("ann")).unwrap(), found, "the other is for servers");
        assert_eq!(find(&stores, USER, "MY", &CertificateName::Hash(found.hash)).unwrap(), found);
        let identity = load(&stores, &found).unwrap();
        assert_eq!(identity.chain, [ann.der().clone()]);
        assert_eq!(identity.key.secret_der(), ann_key.serialize_der());
    }

    #[test]
    fn what_is_not_there_has_its_own_code() {
        let (_dir, stores) = stores();
        let code = |location, store: &str, wanted: &CertificateName| {
            find(&stores, location, store, wanted).unwrap_err().0
        };
        let ann = &subject("Ann");
        assert_eq!(code(USER, "MY", ann), ResultCode::BG_E_CRYPT_NOT_FOUND);
        assert_eq!(code(USER, "MY", &CertificateName::Hash([0; 20])), ResultCode::BG_E_CRYPT_NOT_FOUND);
        for name in ["CA", "", ".", "..", "../user/MY", "/etc"] {
            assert_eq!(code(USER, name, ann), ResultCode::BG_E_WIN32_FILE_NOT_FOUND, "{name:?}");
        }
        assert_eq!(code(CertStoreLocation::LocalMachine, "MY", ann), ResultCode::BG_E_WIN32_FILE_NOT_FOUND);
        assert_eq!(code(CertStoreLocation::Services, "MY", ann), ResultCode::BG_E_NOTIMPL);
        assert_eq!(code(USER, "MY", &subject("")), ResultCode::BG_E_INVALIDARG);
        assert_eq!(code(USER, "MY", &subject(&"x".repeat(256))), ResultCode::BG_E_STRING_TOO_LONG);
        assert_eq!(code(USER, &"x".repeat(256), ann), ResultCode::BG_E_STRING_TOO_LONG);
        assert_eq!(code(USER, &"x".repeat(255), ann), ResultCode::BG_E_WIN32_FILE_NOT_FOUND);
    }

    #[test]
    fn a_pkcs12_file_may_have_a_password() {
        let (_dir, stores) = stores();
        let store = stores.user.join("MY");
        let (ann, key) = made("Research", "Ann", ExtendedKeyUsagePurpose::ClientAuth);
        let certificate = p12_keystore::Certificate::from_der(ann.der()).unwrap();
        let private = p12_keystore::PrivateKey::from_der(&key.serialize_der()).unwrap();
        let chain = p12_keystore::PrivateKeyChain::new("1", private, [certificate]);
        let mut keys = KeyStore::new();
        keys.add_entry("ann", p12_keystore::KeyStoreEntry::PrivateKeyChain(chain));
        std::fs::write(store.join("ann.p12"), keys.writer("geheim").write().unwrap()).unwrap();
        let wanted = &subject("Ann");
        assert_eq!(find(&stores, USER, "MY", wanted).unwrap_err().0, ResultCode::BG_E_CRYPT_NOT_FOUND);
        std::fs::write(store.join("ann.password"), "geheim\n").unwrap();
        let found = find(&stores, USER, "MY", wanted).unwrap();
        let identity = load(&stores, &found).unwrap();
        assert_eq!(
            (identity.chain, identity.key.secret_der()),
            (vec![ann.der().clone()], &*key.serialize_der())
        );
    }
}
