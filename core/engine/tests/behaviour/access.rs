//! How jobs reach servers, and as whom: proxies and credentials.

use bgcopy_engine::client::link::JobCommand;
use bgcopy_engine::client::{Credentials, Job, Manager, ProxySettings};
use bgcopy_engine::sys::seal::Sealer;
use bgcopy_protocol::ResultCode;
use bgcopy_protocol::enums::{AuthScheme, AuthTarget, JobPriority, JobState, ProxyUsage};
use bgcopy_protocol::flags::SecurityFlags;
use bgcopy_testserver::Entry;

use crate::stage::{Open, Stage, eventually};

const SIZE: usize = 100_000;
const WHO: &str = "auth=basic&user=ann&password=geheim";

fn credentials(target: AuthTarget, user: &str, password: &str) -> Credentials {
    Credentials {
        target,
        scheme: AuthScheme::Basic,
        user: Some(user.to_owned()),
        password: Some(password.to_owned()),
    }
}

/// A suspended foreground job for the file `a`, asked for at `url`.
fn job_for(stage: &Stage, open: &Open, url: &str) -> Job {
    let job = stage.job(open, &[]);
    job.set_priority(JobPriority::Foreground).unwrap();
    job.add_file(url, stage.path("a").to_str().unwrap()).unwrap();
    job
}

fn requests(stage: &Stage) -> Vec<Entry> {
    stage.server.log()
}

#[test]
fn a_server_that_asks_is_answered_also_by_the_next_process() {
    let stage = Stage::new();
    let url = stage.offer("a", SIZE as u64, WHO);
    let open = stage.open();
    let job = job_for(&stage, &open, &url);
    job.set_credentials(credentials(AuthTarget::Server, "somebody", "else")).unwrap();
    job.set_credentials(credentials(AuthTarget::Server, "ann", "geheim")).unwrap();
    drop(job);
    open.close().unwrap();

    let open = stage.open();
    let job = open.jobs(false).unwrap().remove(0);
    stage.finish(&open, &job, SIZE);
    let seen = requests(&stage);
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0].header("authorization"), None, "nothing is sent before it is asked for");
    assert_eq!(seen[1].header("authorization"), Some("Basic YW5uOmdlaGVpbQ=="));
}

#[test]
fn a_job_of_many_files_is_asked_once() {
    let mut stage = Stage::new();
    stage.settings.foreground_files_in_flight = 1;
    let names = ["a", "b", "c"];
    for name in names {
        stage.offer(name, SIZE as u64, WHO);
    }
    let open = stage.open();
    let job = stage.job(&open, &names);
    job.set_priority(JobPriority::Foreground).unwrap();
    job.set_credentials(credentials(AuthTarget::Server, "ann", "geheim")).unwrap();
    job.resume().unwrap();
    open.until_state(&job, JobState::Transferred);
    assert_eq!(requests(&stage).len(), names.len() + 1);
}

#[test]
fn without_the_right_credentials_a_job_fails_until_they_are_set() {
    let stage = Stage::new();
    let url = stage.offer("a", SIZE as u64, WHO);
    let open = stage.open();
    let job = job_for(&stage, &open, &url);
    open.fails(&job, ResultCode::BG_E_HTTP_ERROR_401, "has no credentials for it");
    let negotiate =
        Credentials { target: AuthTarget::Server, scheme: AuthScheme::Negotiate, user: None, password: None };
    job.set_credentials(negotiate).unwrap();
    open.fails(&job, ResultCode::BG_E_HTTP_ERROR_401, "credentials for other schemes only");
    job.set_credentials(credentials(AuthTarget::Server, "ann", "geheim1")).unwrap();
    open.fails(&job, ResultCode::BG_E_HTTP_ERROR_401, "refuses the user name or the password");
    job.set_credentials(credentials(AuthTarget::Server, "ann:geheim", "")).unwrap();
    open.fails(&job, ResultCode::BG_E_INVALID_CREDENTIALS, "cannot carry");
    job.set_credentials(credentials(AuthTarget::Server, "ann", "geheim")).unwrap();
    let removed = job.remove_credentials(AuthTarget::Server, AuthScheme::Basic).unwrap();
    assert_eq!(removed, ResultCode::BG_S_OK);
    let again = job.remove_credentials(AuthTarget::Server, AuthScheme::Basic).unwrap();
    assert_eq!(again, ResultCode::BG_S_FALSE);
    open.fails(&job, ResultCode::BG_E_HTTP_ERROR_401, "credentials for other schemes only");
    job.set_credentials(credentials(AuthTarget::Server, "ann", "geheim")).unwrap();
    stage.finish(&open, &job, SIZE);
}

#[test]
fn credentials_stay_with_the_host_of_the_job() {
    let stage = Stage::new();
    stage.offer("a", SIZE as u64, WHO);
    let open = stage.open();
    let elsewhere = stage.server.url("/r/a").replace("127.0.0.1", "localhost");
    let job = job_for(&stage, &open, &stage.server.url(&format!("/redirect/1?to={elsewhere}")));
    job.set_credentials(credentials(AuthTarget::Server, "ann", "geheim")).unwrap();
    open.fails(&job, ResultCode::BG_E_HTTP_ERROR_401, "are for http://127.0.0.1");
    assert!(requests(&stage).iter().all(|request| request.header("authorization").is_none()));
}

#[test]
fn jobs_with_other_credentials_do_not_share_connections() {
    let stage = Stage::new();
    let url = stage.offer("a", SIZE as u64, WHO);
    let open = stage.open();
    for password in [Some("geheim"), None] {
        let job = job_for(&stage, &open, &url);
        match password {
            Some(password) => {
                job.set_credentials(credentials(AuthTarget::Server, "ann", password)).unwrap();
                stage.finish(&open, &job, SIZE);
            }
            None => open.fails(&job, ResultCode::BG_E_HTTP_ERROR_401, "no credentials"),
        }
    }
    let seen = requests(&stage);
    assert_eq!(seen[0].connection, seen[1].connection, "one job keeps its connection");
    assert_ne!(seen[1].connection, seen[2].connection);
}

#[test]
fn credentials_cannot_be_read_on_disk_and_are_never_shown() {
    let stage = Stage::new();
    let open = Open::new(Manager::open(stage.settings.clone()).unwrap()).unwrap();
    let job = stage.job(&open, &[]);
    job.set_credentials(credentials(AuthTarget::Server, "ann", "geheim")).unwrap();
    open.close().unwrap();
    for entry in std::fs::read_dir(&stage.settings.directory).unwrap() {
        let content = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!content.windows(6).any(|window| window == b"geheim"));
    }
    let command = JobCommand::SetCredentials(credentials(AuthTarget::Server, "ann", "geheim"));
    assert!(!format!("{command:?}").contains("geheim"));
}

#[test]
fn a_job_whose_key_is_lost_does_not_go_without_its_credentials() {
    let stage = Stage::new();
    let url = stage.offer("a", SIZE as u64, "");
    let open = stage.open();
    let job = job_for(&stage, &open, &url);
    job.set_credentials(credentials(AuthTarget::Server, "ann", "geheim")).unwrap();
    drop(job);
    open.close().unwrap();
    std::fs::remove_file(stage.settings.directory.join("queue.key")).unwrap();
    let open = stage.open();
    let job = open.jobs(false).unwrap().remove(0);
    open.fails(&job, ResultCode::BG_E_WIN32_READ_FAULT, "set them again");
    assert!(requests(&stage).is_empty());
    job.set_credentials(credentials(AuthTarget::Server, "ann", "geheim")).unwrap();
    stage.finish(&open, &job, SIZE);
    // Nobody else made a key meanwhile.
    assert!(Sealer::new(&stage.settings.directory, None).open(b"", b"").is_err());
}

#[test]
fn new_credentials_count_at_once() {
    let stage = Stage::new();
    let url = stage.offer("a", SIZE as u64, "stall_after=50000&fail_first=1");
    let open = stage.open();
    let job = job_for(&stage, &open, &url);
    job.resume().unwrap();
    stage.wait_stalled("a", 1);
    job.set_credentials(credentials(AuthTarget::Server, "ann", "geheim")).unwrap();
    // Nobody lets the first request go on: it was given up for another one.
    open.until_state(&job, JobState::Transferred);
    job.complete().unwrap();
    stage.assert_file("a", SIZE);
}

fn through(proxies: &str, bypass: Option<&str>) -> ProxySettings {
    ProxySettings {
        usage: ProxyUsage::Override,
        proxies: Some(proxies.to_owned()),
        bypass: bypass.map(str::to_owned),
    }
}

/// The scripted server as a proxy.
fn proxy_of(stage: &Stage) -> String {
    format!("127.0.0.1:{}", stage.server.ports().http)
}

/// A port where nobody listens.
fn nobody() -> String {
    bgcopy_testserver::port::free().to_string()
}

#[test]
fn http_goes_through_a_proxy_which_resolves_the_name() {
    let stage = Stage::new();
    stage.offer("a", SIZE as u64, "");
    let open = stage.open();
    let job = job_for(&stage, &open, "http://nowhere.example:81/r/a?x-query=1");
    job.set_priority(JobPriority::Normal).unwrap();
    job.set_proxy_settings(through(&proxy_of(&stage), None)).unwrap();
    drop(job);
    open.close().unwrap();
    let open = stage.open();
    let job = open.jobs(false).unwrap().remove(0);
    assert_eq!(job.proxy_settings().unwrap(), through(&proxy_of(&stage), None));
    stage.finish(&open, &job, SIZE);
    let seen = requests(&stage);
    assert_eq!(seen.iter().map(|request| request.method.as_str()).collect::<Vec<_>>(), ["HEAD", "GET"]);
    assert_eq!(seen[0].connection, seen[1].connection);
    for request in &seen {
        assert!(request.proxied && request.target == "/r/a?x-query=1");
        assert_eq!(request.header("host"), Some("nowhere.example:81"));
    }
}

#[test]
fn https_passes_the_proxy_unread() {
    let stage = Stage::new();
    stage.offer("a", SIZE as u64, WHO);
    stage.server.proxy_credentials(Some(("proxy", "geheim")));
    let open = stage.open();
    let port = stage.server.ports().https_untrusted;
    let job = job_for(&stage, &open, &format!("https://localhost:{port}/r/a"));
    job.set_security_flags(SecurityFlags::IGNORE_UNKNOWN_CA).unwrap();
    job.set_proxy_settings(through(&format!("https={}", proxy_of(&stage)), None)).unwrap();
    open.fails(&job, ResultCode::BG_E_HTTP_ERROR_407, "has no credentials for it");
    job.set_credentials(credentials(AuthTarget::Proxy, "proxy", "geheim1")).unwrap();
    open.fails(&job, ResultCode::BG_E_HTTP_ERROR_407, "the proxy refuses the user name");
    job.set_credentials(credentials(AuthTarget::Proxy, "proxy", "geheim")).unwrap();
    job.set_credentials(credentials(AuthTarget::Server, "ann", "geheim")).unwrap();
    stage.finish(&open, &job, SIZE);
    let seen = requests(&stage);
    let inside: Vec<_> = seen.iter().filter(|request| request.tls).collect();
    assert_eq!(inside.len(), 2, "asked, and answered");
    assert!(inside.iter().all(|request| request.header("proxy-authorization").is_none()));
    assert!(inside.iter().all(|request| request.target == "/r/a"));
    let outside: Vec<_> = seen.iter().filter(|request| !request.tls).collect();
    assert!(outside.iter().all(|request| request.method == "CONNECT"));
    assert!(outside.iter().all(|request| request.header("authorization").is_none()));
}

#[test]
fn a_proxy_that_asks_gets_its_own_credentials() {
    let stage = Stage::new();
    stage.offer("a", SIZE as u64, WHO);
    stage.server.proxy_credentials(Some(("proxy", "geheim")));
    let open = stage.open();
    let job = job_for(&stage, &open, "http://nowhere.example/r/a");
    job.set_proxy_settings(through(&proxy_of(&stage), None)).unwrap();
    job.set_credentials(credentials(AuthTarget::Server, "ann", "geheim")).unwrap();
    open.fails(&job, ResultCode::BG_E_HTTP_ERROR_407, "the proxy wants to know who asks");
    job.set_credentials(credentials(AuthTarget::Proxy, "proxy", "geheim")).unwrap();
    stage.finish(&open, &job, SIZE);
    let last = requests(&stage).pop().unwrap();
    assert_eq!(last.header("proxy-authorization"), Some("Basic cHJveHk6Z2VoZWlt"));
    assert_eq!(last.header("authorization"), Some("Basic YW5uOmdlaGVpbQ=="));
}

#[test]
fn the_next_proxy_of_the_list_is_tried_when_one_cannot_be_reached() {
    let stage = Stage::new();
    stage.offer("a", SIZE as u64, "");
    let open = stage.open();
    let job = job_for(&stage, &open, "http://nowhere.example/r/a");
    let gone = nobody();
    job.set_minimum_retry_delay(1_000_000).unwrap();
    job.set_no_progress_timeout(0).unwrap();
    job.set_proxy_settings(through(&gone, None)).unwrap();
    open.fails(&job, ResultCode::BG_E_WINHTTP_CANNOT_CONNECT, &format!("through the proxy {gone}"));
    job.set_proxy_settings(through(&format!("{gone} {}", proxy_of(&stage)), None)).unwrap();
    stage.finish(&open, &job, SIZE);
}

#[test]
fn hosts_of_the_bypass_list_and_jobs_without_proxy_go_directly() {
    for settings in [
        through(&nobody(), Some("127.*.1 127.0.0.1")),
        through(&nobody(), Some("127.0.0.1")),
        ProxySettings { usage: ProxyUsage::NoProxy, proxies: None, bypass: None },
        ProxySettings { usage: ProxyUsage::Autodetect, proxies: None, bypass: None },
    ] {
        let stage = Stage::new();
        let url = stage.offer("a", SIZE as u64, "");
        let open = stage.open();
        let job = job_for(&stage, &open, &url);
        job.set_proxy_settings(settings.clone()).unwrap();
        if settings.bypass.is_some_and(|bypass| bypass.contains('*')) {
            open.fails(&job, ResultCode::BG_E_INVALID_PROXY_INFO, "the bypass list is malformed");
            assert!(requests(&stage).is_empty());
            continue;
        }
        stage.finish(&open, &job, SIZE);
        assert!(!requests(&stage)[0].proxied);
    }
}

#[test]
fn proxies_of_a_policy_serve_jobs_that_name_none_and_change_at_once() {
    let stage = Stage::new();
    stage.offer("a", SIZE as u64, "");
    let gone = nobody();
    stage.policy(&format!("[proxy]\nlist = 'http={gone}'\n"));
    stage.config(&format!("[proxy]\nlist = '{}'\n", proxy_of(&stage)));
    let open = stage.open();
    let job = job_for(&stage, &open, "http://nowhere.example/r/a");
    job.resume().unwrap();
    open.until_state(&job, JobState::TransientError);
    let text = job.error().unwrap().text().to_owned();
    assert!(text.contains(&format!("through the proxy {gone}")), "{text}");
    stage.policy(&format!(
        "time_slice_s = 77\n[proxy]\nlist = '{}'\nbypass = 'x.example'\n",
        proxy_of(&stage)
    ));
    eventually("the other proxy", || {
        job.resume().unwrap();
        job.state().unwrap() == JobState::Transferred
    });
    assert!(requests(&stage).iter().all(|request| request.proxied));
    job.complete().unwrap();
    stage.assert_file("a", SIZE);
    // What listens on this machine is reached directly, and so is everything where a job says so.
    let local = job_for(&stage, &open, &stage.server.url("/r/a"));
    stage.finish(&open, &local, SIZE);
    assert!(!requests(&stage).pop().unwrap().proxied);
}

#[test]
fn a_proxy_of_another_protocol_is_refused_by_its_name() {
    let stage = Stage::new();
    let url = stage.offer("a", SIZE as u64, "");
    let open = stage.open();
    let job = job_for(&stage, &open, &url);
    job.set_proxy_settings(through("socks4://127.0.0.1:1080", None)).unwrap();
    open.fails(&job, ResultCode::BG_E_INVALID_PROXY_INFO, "not in socks4");
    assert!(requests(&stage).is_empty());
}

#[test]
fn new_proxies_count_at_once() {
    let stage = Stage::new();
    let url = stage.offer("a", SIZE as u64, "stall_after=50000&fail_first=1");
    let open = stage.open();
    let job = job_for(&stage, &open, &url);
    job.resume().unwrap();
    stage.wait_stalled("a", 1);
    job.set_proxy_settings(through(&proxy_of(&stage), None)).unwrap();
    open.until_state(&job, JobState::Transferred);
    assert!(requests(&stage).pop().unwrap().proxied);
    job.complete().unwrap();
    stage.assert_file("a", SIZE);
}
