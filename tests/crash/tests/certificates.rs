//! Servers whose certificate must not be trusted. Which authorities are trusted is the environment of a process,
//! so each job runs in one of its own.

use std::path::Path;

use bgcopy_crash_tests::client::Client;
use bgcopy_crash_tests::content::check;
use bgcopy_crash_tests::event::Event;
use bgcopy_crash_tests::plan::{Ending, Job, Plan};
use bgcopy_protocol::ResultCode;
use bgcopy_testserver::Server;

const SIZE: u64 = 100_000;

struct Trial {
    directory: tempfile::TempDir,
    server: Server,
    plan: Plan,
}

impl Trial {
    fn new(port: impl Fn(&Server) -> u16) -> Trial {
        let server = Server::start();
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join("files")).unwrap();
        std::fs::write(directory.path().join("ca.pem"), server.ca_pem()).unwrap();
        // Some certificate that has issued nothing.
        std::fs::write(directory.path().join("other.pem"), server.client_identity().0).unwrap();
        let mut job = Job::new("file", true, Ending::Complete);
        let url = format!("https://localhost:{}/file/{SIZE}?seed=5", port(&server));
        job.files.push((url, directory.path().join("files/file")));
        let plan = Plan { queue: directory.path().join("queue"), jobs: vec![job], rate: None };
        Trial { directory, server, plan }
    }

    fn run(&mut self, authorities: &str) -> Vec<Event> {
        let authorities = self.directory.path().join(authorities);
        let nowhere = self.directory.path().join("files");
        let env: [(&str, &Path); 2] = [("SSL_CERT_FILE", &authorities), ("SSL_CERT_DIR", &nowhere)];
        let program = env!("CARGO_BIN_EXE_crash-client");
        Client::start(program, &self.plan, None, &env).finish("the client").events
    }

    /// The job goes to ERROR, before a byte of the request has left.
    fn is_refused(&mut self, authorities: &str, expected: ResultCode) {
        let events = self.run(authorities);
        let error = events.iter().find_map(|event| match event {
            Event::Error { code, context, text, .. } => Some((*code, context.clone(), text.clone())),
            _ => None,
        });
        let (code, context, text) = error.unwrap_or_else(|| panic!("no error: {events:#?}"));
        assert_eq!((ResultCode(code), context.as_str()), (expected, "GeneralTransport"), "{text}");
        assert!(text.contains(&self.plan.jobs[0].files[0].0), "the URL is not in: {text}");
        assert!(!self.plan.jobs[0].files[0].1.exists());
        assert!(self.server.log().is_empty(), "the server has seen a request: {:#?}", self.server.log());
    }
}

#[test]
fn an_expired_certificate_is_refused() {
    Trial::new(|server| server.ports().https_expired)
        .is_refused("ca.pem", ResultCode::BG_E_WINHTTP_SECURE_CERT_DATE_INVALID);
}

#[test]
fn a_certificate_for_another_name_is_refused() {
    Trial::new(|server| server.ports().https_wrong_name)
        .is_refused("ca.pem", ResultCode::BG_E_WINHTTP_SECURE_CERT_CN_INVALID);
}

#[test]
fn a_certificate_of_an_unknown_authority_is_refused() {
    Trial::new(|server| server.ports().https_untrusted)
        .is_refused("ca.pem", ResultCode::BG_E_WINHTTP_SECURE_INVALID_CA);
}

#[test]
fn a_job_goes_on_once_the_authority_is_trusted() {
    let mut trial = Trial::new(|server| server.ports().https);
    trial.is_refused("other.pem", ResultCode::BG_E_WINHTTP_SECURE_INVALID_CA);
    // Not said to be made before: the client resumes it.
    let events = trial.run("ca.pem");
    assert_eq!(events.last(), Some(&Event::Done), "{events:#?}");
    if let Err(why) = check(&trial.plan.jobs[0].files[0].1, 5, 0, SIZE) {
        panic!("{why}; the client said {events:#?}");
    }
}
