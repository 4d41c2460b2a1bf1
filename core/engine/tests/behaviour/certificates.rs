//! Certificates of clients, and programs that look at those of servers.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bgcopy_engine::client::{CertificateName, CertificateStores, File, Job, ServerCertificateValidation};
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::{CertStoreLocation, ErrorContext, JobPriority, JobState};
use bgcopy_protocol::flags::{SecurityFlags, TokenFlags};

use crate::stage::{Open, Stage};

const SIZE: usize = 100_000;
const USER: CertStoreLocation = CertStoreLocation::CurrentUser;

/// A stage whose user has the server's client certificate in the store MY; gives its file.
fn stage() -> (Stage, PathBuf) {
    let mut stage = Stage::new();
    stage.settings.certificates =
        CertificateStores { user: stage.path("user"), machine: stage.path("machine") };
    let store = stage.path("user").join("MY");
    std::fs::create_dir_all(&store).unwrap();
    let (certificate, key) = stage.server.client_identity();
    std::fs::write(store.join("client.pem"), format!("{certificate}{key}")).unwrap();
    stage.offer("a", SIZE as u64, "");
    (stage, store.join("client.pem"))
}

/// A suspended job for the file `a` from the port that demands a client certificate.
fn job_for(stage: &Stage, open: &Open) -> Job {
    let job = stage.job(open, &[]);
    let url = format!("https://localhost:{}/r/a", stage.server.ports().https_client_cert);
    job.set_priority(JobPriority::Foreground).unwrap();
    job.set_security_flags(SecurityFlags::IGNORE_UNKNOWN_CA).unwrap();
    job.add_file(&url, stage.path("a").to_str().unwrap()).unwrap();
    job
}

fn client() -> CertificateName {
    CertificateName::Subject("bgcopy-client".to_owned())
}

#[test]
fn a_server_that_demands_a_client_certificate_gets_it_also_from_the_next_process() {
    let (stage, _) = stage();
    let open = stage.open();
    let job = job_for(&stage, &open);
    job.resume().unwrap();
    open.until_state(&job, JobState::Error);
    assert_eq!(job.error().unwrap().code(), ResultCode::BG_E_WINHTTP_CLIENT_AUTH_CERT_NEEDED);
    job.set_client_certificate(USER, "MY", client()).unwrap();
    drop(job);
    open.close().unwrap();
    let open = stage.open();
    let job = open.jobs(false).unwrap().remove(0);
    assert_eq!(job.client_certificate().unwrap().subject, "bgcopy-client");
    stage.finish(&open, &job, SIZE);
}

#[test]
fn a_helper_token_for_the_network_leaves_the_client_certificate_to_the_owner() {
    let (stage, _) = stage();
    let open = stage.open();
    let job = job_for(&stage, &open);
    job.set_client_certificate(USER, "MY", client()).unwrap();
    let directory = std::fs::File::open(stage.dir.path()).unwrap();
    job.set_helper_token(directory).unwrap();
    job.set_helper_token_flags(TokenFlags::NETWORK).unwrap();
    stage.finish(&open, &job, SIZE);
}

#[test]
fn a_certificate_that_is_gone_or_without_its_key_is_an_error_until_it_is_back() {
    let (stage, file) = stage();
    let open = stage.open();
    let job = job_for(&stage, &open);
    job.set_client_certificate(USER, "MY", client()).unwrap();
    let good = std::fs::read_to_string(&file).unwrap();
    let foreign = rcgen::KeyPair::generate().unwrap().serialize_pem();
    let certificate = stage.server.client_identity().0;
    for (content, code) in [
        (String::new(), ResultCode::BG_E_CRYPT_NOT_FOUND),
        (format!("{certificate}{foreign}"), ResultCode::BG_E_WINHTTP_CLIENT_CERT_NO_ACCESS_PRIVATE_KEY),
    ] {
        std::fs::write(&file, content).unwrap();
        job.resume().unwrap();
        open.until_state(&job, JobState::Error);
        assert_eq!(job.error().unwrap().code(), code);
    }
    assert!(stage.server.log().is_empty(), "no request without the certificate");
    std::fs::write(&file, good).unwrap();
    stage.finish(&open, &job, SIZE);
}

#[test]
fn a_job_without_the_certificate_does_not_share_its_connection() {
    let (stage, _) = stage();
    let open = stage.open();
    let job = job_for(&stage, &open);
    job.set_client_certificate(USER, "MY", client()).unwrap();
    stage.finish(&open, &job, SIZE);
    let other = job_for(&stage, &open);
    other.resume().unwrap();
    open.until_state(&other, JobState::Error);
    assert_eq!(other.error().unwrap().code(), ResultCode::BG_E_WINHTTP_CLIENT_AUTH_CERT_NEEDED);
}

#[test]
fn a_certificate_can_be_taken_away() {
    let (stage, _) = stage();
    let open = stage.open();
    let job = job_for(&stage, &open);
    assert_eq!(job.remove_client_certificate().unwrap(), ResultCode::BG_S_FALSE);
    assert_eq!(job.client_certificate().unwrap_err().code, ResultCode::BG_E_RPC_BAD_STUB_DATA);
    job.set_client_certificate(USER, "MY", client()).unwrap();
    assert_eq!(job.remove_client_certificate().unwrap(), ResultCode::BG_S_OK);
    job.resume().unwrap();
    open.until_state(&job, JobState::Error);
    job.cancel().unwrap();
    let refused = job.set_client_certificate(USER, "MY", client()).unwrap_err();
    assert_eq!(refused.code, ResultCode::BG_E_INVALID_STATE);
}

/// A program that looks at certificates: how often it was asked, and what it answers.
struct Program {
    asked: AtomicUsize,
    answer: ResultCode,
}

impl Program {
    fn answering(answer: ResultCode) -> Arc<Program> {
        Arc::new(Program { asked: AtomicUsize::new(0), answer })
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

impl ServerCertificateValidation for Program {
    fn validate_server_certificate(&self, job: &Job, file: &File, chain: &[&[u8]]) -> ResultCode {
        self.asked.fetch_add(1, Ordering::Relaxed);
        assert_eq!(file.index(), 0);
        assert!(!chain.is_empty() && chain[0].len() > 100);
        // Getters and setters are allowed, what would wait for this very transfer is not.
        job.set_description("looked at".to_owned()).unwrap();
        assert_eq!(job.cancel().unwrap_err().code, ResultCode::BG_E_INVALID_STATE);
        self.answer
    }
}

/// A suspended job for the file `a` over https, from a server of an unknown authority.
fn https_job(stage: &Stage, open: &Open) -> Job {
    let job = stage.job(open, &[]);
    let url = format!("https://localhost:{}/r/a", stage.server.ports().https_untrusted);
    job.set_priority(JobPriority::Foreground).unwrap();
    job.add_file(&url, stage.path("a").to_str().unwrap()).unwrap();
    job
}

#[test]
fn a_program_is_asked_after_the_usual_checks_and_before_the_first_request() {
    let (stage, _) = stage();
    let open = stage.open();
    let job = https_job(&stage, &open);
    let declining = Program::answering(ResultCode::BG_E_ACCESSDENIED);
    job.set_server_certificate_validation(Some(declining.clone())).unwrap();
    job.resume().unwrap();
    open.until_state(&job, JobState::Error);
    assert_eq!(job.error().unwrap().code(), ResultCode::BG_E_WINHTTP_SECURE_INVALID_CA);
    assert_eq!(declining.asked(), 0);
    job.set_security_flags(SecurityFlags::IGNORE_UNKNOWN_CA).unwrap();
    job.resume().unwrap();
    open.until_state(&job, JobState::TransientError);
    let error = job.error().unwrap();
    assert_eq!(error.code(), ResultCode::BG_E_ACCESSDENIED);
    assert_eq!(error.context(), ErrorContext::ServerCertificateCallback);
    assert_eq!(declining.asked(), 1);
    assert!(stage.server.log().is_empty(), "no request before the certificate is accepted");
    let busy = job.set_server_certificate_validation(None).unwrap_err();
    assert_eq!(busy.code, ResultCode::BG_E_READ_ONLY_WHEN_JOB_ACTIVE);
    job.suspend().unwrap();
    let accepting = Program::answering(ResultCode::BG_S_OK);
    job.set_server_certificate_validation(Some(accepting.clone())).unwrap();
    stage.finish(&open, &job, SIZE);
    assert_eq!((accepting.asked(), declining.asked()), (1, 1));
    assert_eq!(job.set_server_certificate_validation(None).unwrap_err().code, ResultCode::BG_E_INVALID_STATE);
}

#[test]
fn an_accepted_certificate_is_not_asked_about_again_and_its_connections_are_not_shared() {
    let (stage, _) = stage();
    let open = stage.open();
    let job = https_job(&stage, &open);
    job.set_security_flags(SecurityFlags::IGNORE_UNKNOWN_CA).unwrap();
    let accepting = Program::answering(ResultCode::BG_S_OK);
    job.set_server_certificate_validation(Some(accepting.clone())).unwrap();
    stage.change("a", "close_after=50000&fail_first=1");
    job.resume().unwrap();
    open.until_state(&job, JobState::TransientError);
    stage.finish(&open, &job, SIZE);
    assert_eq!(accepting.asked(), 1, "two connections to the same server with the same certificate");
    let own = stage.server.log().pop().unwrap().connection;
    let other = https_job(&stage, &open);
    other.set_security_flags(SecurityFlags::IGNORE_UNKNOWN_CA).unwrap();
    stage.finish(&open, &other, SIZE);
    assert_ne!(stage.server.log().pop().unwrap().connection, own);
}

#[test]
fn a_registration_ends_with_the_process_and_the_job_does_not_go_without() {
    let (stage, _) = stage();
    let open = stage.open();
    let job = https_job(&stage, &open);
    job.set_security_flags(SecurityFlags::IGNORE_UNKNOWN_CA).unwrap();
    job.set_server_certificate_validation(Some(Program::answering(ResultCode::BG_S_OK))).unwrap();
    drop(job);
    open.close().unwrap();
    let open = stage.open();
    let other = https_job(&stage, &open);
    other.set_security_flags(SecurityFlags::IGNORE_UNKNOWN_CA).unwrap();
    stage.finish(&open, &other, SIZE);
    let job = open.jobs(false).unwrap().remove(0);
    job.resume().unwrap();
    open.until_state(&job, JobState::Error);
    let error = job.error().unwrap();
    assert_eq!(error.code(), ResultCode::BG_E_SERVER_CERT_VALIDATION_INTERFACE_REQUIRED);
    assert_eq!(error.context(), ErrorContext::ServerCertificateCallback);
    job.set_server_certificate_validation(None).unwrap();
    stage.finish(&open, &job, SIZE);
}
