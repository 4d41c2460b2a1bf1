//! Downloads through squid, the proxy that people run. Where it is not installed these tests are left out.

use bgcopy_engine::client::{Credentials, Job, ProxySettings};
use bgcopy_protocol::enums::{AuthScheme, AuthTarget, JobPriority, JobState, ProxyUsage};
use bgcopy_protocol::flags::SecurityFlags;
use bgcopy_protocol::{ResultCode, RetryClass};
use bgcopy_testserver::real::{RealServer, SQUID, SQUID_ASKING};

use crate::stage::{Open, Stage};

const SIZE: usize = 3_000_000;

fn through(proxies: &str, bypass: Option<&str>) -> ProxySettings {
    let text = |text: &str| Some(text.to_owned());
    ProxySettings { usage: ProxyUsage::Override, proxies: text(proxies), bypass: bypass.and_then(text) }
}

fn list(squid: &RealServer) -> String {
    format!("127.0.0.1:{}", squid.port())
}

/// A suspended job for the file `a` through squid.
fn job_for(stage: &Stage, open: &Open, squid: &RealServer, url: &str) -> Job {
    let job = stage.job(open, &[]);
    job.set_proxy_settings(through(&list(squid), None)).unwrap();
    job.set_security_flags(SecurityFlags::IGNORE_UNKNOWN_CA).unwrap();
    job.add_file(url, stage.path("a").to_str().unwrap()).unwrap();
    job
}

fn secure(stage: &Stage) -> String {
    format!("https://localhost:{}/r/a", stage.server.ports().https)
}

#[test]
fn http_goes_through_squid_and_https_through_a_way_that_it_opens() {
    let Some(squid) = RealServer::start(&SQUID) else { return };
    for (encrypted, priority) in
        [(false, JobPriority::Normal), (false, JobPriority::Foreground), (true, JobPriority::Foreground)]
    {
        let stage = Stage::new();
        let plain = stage.offer("a", SIZE as u64, "");
        let open = stage.open();
        let job = job_for(&stage, &open, &squid, &(if encrypted { secure(&stage) } else { plain }));
        job.set_priority(priority).unwrap();
        stage.finish(&open, &job, SIZE);
        for request in stage.server.log() {
            let via = request.header("via").is_some_and(|via| via.contains("squid"));
            assert_eq!((via, request.tls), (!encrypted, encrypted), "{request:?}");
        }
    }
}

#[test]
fn a_download_goes_on_through_squid_where_it_was() {
    let Some(squid) = RealServer::start(&SQUID) else { return };
    for encrypted in [false, true] {
        let stage = Stage::new();
        let plain = stage.offer("a", SIZE as u64, "close_after=2000000&fail_first=1");
        let open = stage.open();
        let job = job_for(&stage, &open, &squid, &(if encrypted { secure(&stage) } else { plain }));
        job.set_priority(JobPriority::Foreground).unwrap();
        job.resume().unwrap();
        open.until_state(&job, JobState::TransientError);
        stage.finish(&open, &job, SIZE);
        let last = stage.server.log().pop().unwrap();
        let from = last.header("range").and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-'));
        let from: usize = from.expect("a range").parse().unwrap();
        assert!((1_000_000..=2_000_000).contains(&from), "continued from {from}");
    }
}

#[test]
fn a_squid_that_asks_is_answered_by_digest_or_basic() {
    let Some(squid) = RealServer::start(&SQUID_ASKING) else { return };
    for scheme in [AuthScheme::Basic, AuthScheme::Digest] {
        for encrypted in [false, true] {
            let stage = Stage::new();
            let plain = stage.offer("a", SIZE as u64, "");
            let open = stage.open();
            let job = job_for(&stage, &open, &squid, &(if encrypted { secure(&stage) } else { plain }));
            open.fails(&job, ResultCode::BG_E_HTTP_ERROR_407, "Basic");
            let ann = |password: &str| Credentials {
                target: AuthTarget::Proxy,
                scheme,
                user: Some("ann".to_owned()),
                password: Some(password.to_owned()),
            };
            job.set_credentials(ann("geheim1")).unwrap();
            open.fails(&job, ResultCode::BG_E_HTTP_ERROR_407, "refuses the user name");
            job.set_credentials(ann("geheim")).unwrap();
            assert!(stage.server.log().is_empty());
            stage.finish(&open, &job, SIZE);
            for request in stage.server.log() {
                assert_eq!(request.header("proxy-authorization"), None, "squid keeps it to itself");
            }
        }
    }
}

#[test]
fn what_squid_denies_is_an_error_for_good() {
    let Some(squid) = RealServer::start(&SQUID) else { return };
    let stage = Stage::new();
    stage.offer("a", SIZE as u64, "");
    let open = stage.open();
    let denied = format!("https://denied.localhost:{}/r/a", stage.server.ports().https);
    for url in [stage.server.url("/r/denied"), denied] {
        let job = job_for(&stage, &open, &squid, &url);
        open.fails(&job, ResultCode::BG_E_HTTP_ERROR_403, "403");
        assert_eq!(job.error().unwrap().code().retry_class(), RetryClass::Fatal);
        job.cancel().unwrap();
    }
    assert!(stage.server.log().is_empty());
}

#[test]
fn a_squid_that_is_gone_is_waited_for_and_hosts_of_the_bypass_list_need_none() {
    let Some(squid) = RealServer::start(&SQUID) else { return };
    let stage = Stage::new();
    let url = stage.offer("a", SIZE as u64, "");
    let open = stage.open();
    let job = job_for(&stage, &open, &squid, &url);
    let gone = list(&squid);
    drop(squid);
    job.resume().unwrap();
    open.until_state(&job, JobState::TransientError);
    let error = job.error().unwrap();
    assert_eq!(error.code(), ResultCode::BG_E_WINHTTP_CANNOT_CONNECT);
    assert!(error.text().contains(&format!("through the proxy {gone}")), "{}", error.text());
    assert!(stage.server.log().is_empty());
    job.set_proxy_settings(through(&gone, Some("<local> 127.0.0.1"))).unwrap();
    stage.finish(&open, &job, SIZE);
    assert!(stage.server.log().iter().all(|request| request.header("via").is_none()));
}
