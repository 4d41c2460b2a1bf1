//! How a job reaches servers, and as whom.

use bgcopy_engine::client::{CertificateName, ClientCertificate, Credentials, ProxySettings};
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::{AuthScheme, AuthTarget, CertStoreLocation, ProxyUsage};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::argument::{Flag, Shape, invalid, optional_text, text, wrong_type};
use crate::enums::{self, Member};
use crate::error::{self, call, result_code};
use crate::job::BackgroundCopyJob;
use crate::job_property::property;

/// What Python sees of the proxy settings: usage, proxies, hosts that are reached without.
type Proxy = (Py<PyAny>, Option<String>, Option<String>);

fn target(value: &Bound<'_, PyAny>) -> PyResult<AuthTarget> {
    enums::take_or(value, "target", ResultCode::BG_E_INVALID_AUTH_TARGET)
}

fn scheme(value: &Bound<'_, PyAny>) -> PyResult<AuthScheme> {
    enums::take_or(value, "scheme", ResultCode::BG_E_INVALID_AUTH_SCHEME)
}

fn text_or_none(value: Option<&Bound<'_, PyAny>>, name: &str) -> PyResult<Option<String>> {
    Ok(value.map(|value| optional_text(value, name)).transpose()?.flatten())
}

#[pymethods]
impl BackgroundCopyJob {
    /// Sets a user name and a password for one kind of challenge, in place of former ones (SetCredentials).
    ///
    /// Encrypted on disk, and sent when a server or proxy asks for them with Basic or Digest; those of other
    /// schemes are kept and never match. None can read them.
    ///
    /// :param target: an AuthTarget
    /// :param scheme: an AuthScheme
    /// :param user_name: at most 300 characters; None with None for whoever owns the job
    /// :param password: at most 65,535 characters
    ///
    /// Raises InvalidArgumentError when either is missing or too long, AccessDeniedError to anybody but the
    /// owner.
    #[pyo3(signature = (target, scheme, user_name = None, password = None))]
    fn set_credentials(
        &self,
        py: Python<'_>,
        target: &Bound<'_, PyAny>,
        scheme: &Bound<'_, PyAny>,
        user_name: Option<&Bound<'_, PyAny>>,
        password: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let credentials = Credentials {
            target: self::target(target)?,
            scheme: self::scheme(scheme)?,
            user: text_or_none(user_name, "user_name")?,
            password: text_or_none(password, "password")?,
        };
        call(py, || self.engine().set_credentials(credentials))
    }

    /// Takes credentials away (RemoveCredentials); gives BG_S_FALSE when there are none.
    fn remove_credentials(
        &self,
        py: Python<'_>,
        target: &Bound<'_, PyAny>,
        scheme: &Bound<'_, PyAny>,
    ) -> PyResult<Py<PyAny>> {
        let (target, scheme) = (self::target(target)?, self::scheme(scheme)?);
        result_code(py, call(py, || self.engine().remove_credentials(target, scheme))?)
    }

    /// Says which proxies are used, also while the job runs (SetProxySettings).
    ///
    /// :param usage: a ProxyUsage
    /// :param proxy_list: of ProxyUsage.OVERRIDE: ``[protocol=][protocol://]server[:port]``, separated by
    ///     spaces; tried in this order
    /// :param proxy_bypass_list: hosts that are reached without a proxy, separated by spaces; ``*`` may
    ///     begin one, ``<local>`` is every host without a dot
    ///
    /// Raises InvalidArgumentError for lists without OVERRIDE, and for OVERRIDE without proxies.
    #[pyo3(signature = (usage, proxy_list = None, proxy_bypass_list = None))]
    fn set_proxy_settings(
        &self,
        py: Python<'_>,
        usage: &Bound<'_, PyAny>,
        proxy_list: Option<&Bound<'_, PyAny>>,
        proxy_bypass_list: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let settings = ProxySettings {
            usage: enums::take::<ProxyUsage>(usage, "usage")?,
            proxies: text_or_none(proxy_list, "proxy_list")?,
            bypass: text_or_none(proxy_bypass_list, "proxy_bypass_list")?,
        };
        call(py, || self.engine().set_proxy_settings(settings))
    }

    /// Gives which proxies are used: ProxyUsage, proxies, hosts that are reached without
    /// (GetProxySettings).
    fn get_proxy_settings(&self, py: Python<'_>) -> PyResult<Proxy> {
        let settings = call(py, || self.engine().proxy_settings())?;
        Ok((enums::give(py, settings.usage)?, settings.proxies, settings.bypass))
    }

    /// Which proxies are used: ProxyUsage, proxies, hosts that are reached without. A ProxyUsage alone can be
    /// assigned too.
    #[getter(proxy_settings)]
    fn read_proxy_settings(&self, py: Python<'_>) -> PyResult<Proxy> {
        self.get_proxy_settings(py)
    }

    #[setter(proxy_settings)]
    fn assign_proxy_settings(&self, py: Python<'_>, settings: &Bound<'_, PyAny>) -> PyResult<()> {
        if settings.is_instance_of::<pyo3::types::PyInt>() {
            return self.set_proxy_settings(py, settings, None, None);
        }
        type Any<'py> = Bound<'py, PyAny>;
        let (usage, list, bypass): (Any<'_>, Any<'_>, Any<'_>) = settings
            .extract()
            .map_err(|_| wrong_type(settings, "proxy_settings", "a ProxyUsage or a tuple of three"))?;
        self.set_proxy_settings(py, &usage, Some(&list), Some(&bypass))
    }
}

/// What Python sees of a client certificate: location, store, SHA-1, subject.
type Certificate = (Py<PyAny>, String, Py<PyBytes>, String);

#[pymethods]
impl BackgroundCopyJob {
    /// Sets the certificate that servers are shown when they ask for one, by its hash
    /// (SetClientCertificateByID).
    ///
    /// It must be in the store with its key, and is read again when a server is connected to.
    ///
    /// :param store_location: CertStoreLocation.CURRENT_USER or LOCAL_MACHINE
    /// :param store_name: name of the store
    /// :param cert_hash: the SHA-1 of the certificate, 20 bytes
    ///
    /// Raises NotFoundError for a store or a certificate that is not there, AccessDeniedError for one that
    /// cannot be read.
    fn set_client_certificate_by_id(
        &self,
        py: Python<'_>,
        store_location: &Bound<'_, PyAny>,
        store_name: &Bound<'_, PyAny>,
        cert_hash: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let location = enums::take::<CertStoreLocation>(store_location, "store_location")?;
        let store = text(store_name, "store_name")?;
        let Ok(hash) = cert_hash.cast::<PyBytes>() else {
            return Err(wrong_type(cert_hash, "cert_hash", "bytes"));
        };
        let hash = hash.as_bytes().try_into().map_err(|_| invalid(py, "cert_hash must have 20 bytes"))?;
        let name = CertificateName::Hash(hash);
        call(py, || self.engine().set_client_certificate(location, &store, name))
    }

    /// Sets the certificate that servers are shown when they ask for one, by its subject
    /// (SetClientCertificateByName): the first of the store for clients that has this text in its subject.
    fn set_client_certificate_by_name(
        &self,
        py: Python<'_>,
        store_location: &Bound<'_, PyAny>,
        store_name: &Bound<'_, PyAny>,
        subject_name: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let location = enums::take::<CertStoreLocation>(store_location, "store_location")?;
        let store = text(store_name, "store_name")?;
        let name = CertificateName::Subject(text(subject_name, "subject_name")?);
        call(py, || self.engine().set_client_certificate(location, &store, name))
    }

    /// Takes the client certificate away (RemoveClientCertificate); gives BG_S_FALSE when there is none.
    fn remove_client_certificate(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        result_code(py, call(py, || self.engine().remove_client_certificate())?)
    }

    /// The client certificate: CertStoreLocation, store, SHA-1 and subject; None when there is none.
    #[getter(client_certificate)]
    fn read_client_certificate(&self, py: Python<'_>) -> PyResult<Option<Certificate>> {
        match py.detach(|| self.engine().client_certificate()) {
            Ok(found) => given(py, found).map(Some),
            Err(error) if error.code == ResultCode::BG_E_RPC_BAD_STUB_DATA => Ok(None),
            Err(error) => Err(error::raise(py, error.code, &error.detail)),
        }
    }

    /// Gives the client certificate: CertStoreLocation, store, SHA-1 and subject (GetClientCertificate).
    ///
    /// Raises BitsError with BG_E_RPC_BAD_STUB_DATA when there is none.
    fn get_client_certificate(&self, py: Python<'_>) -> PyResult<Certificate> {
        given(py, call(py, || self.engine().client_certificate())?)
    }
}

fn given(py: Python<'_>, found: ClientCertificate) -> PyResult<Certificate> {
    let hash = PyBytes::new(py, &found.hash).unbind();
    Ok((enums::give(py, found.location)?, found.store, hash, found.subject))
}

property!(
    /// Whether the user's .netrc may answer proxies.
    stored_credentials(stored_credentials, set_stored_credentials): Flag, read_stored_credentials, assign_stored_credentials;
    /// Gives whether the user's .netrc may answer proxies.
    get_stored_credentials;
    /// Says whether the user's .netrc may answer proxies.
    set_stored_credentials, allowed: Flag
);

/// The value of USE_STORED_CREDENTIALS as BITS has it: a target, or 0.
pub fn stored_target(py: Python<'_>, job: &BackgroundCopyJob) -> PyResult<Py<PyAny>> {
    match call(py, || job.engine().stored_credentials())? {
        true => enums::give(py, AuthTarget::Proxy),
        false => Ok(0_u32.into_pyobject(py)?.into_any().unbind()),
    }
}

/// Sets USE_STORED_CREDENTIALS as BITS does: proxies are the only target that is supported.
pub fn set_stored_target(job: &BackgroundCopyJob, value: &Bound<'_, PyAny>) -> PyResult<()> {
    let py = value.py();
    let target = crate::argument::number_u32(value, "value")?;
    if target != 0 && i64::from(target) != AuthTarget::Proxy.number() {
        let text = "value: stored credentials are for AuthTarget.PROXY only";
        return Err(error::raise(py, ResultCode::BG_E_USE_STORED_CREDENTIALS_NOT_SUPPORTED, text));
    }
    call(py, || job.engine().set_stored_credentials(target != 0))
}
