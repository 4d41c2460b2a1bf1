//! The program as tests in other languages see it: a child process, curl, control requests.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use bgcopy_testserver::content;

/// The running program, with a directory of its own.
struct Program {
    child: Child,
    dir: PathBuf,
    line: String,
}

impl Program {
    fn start(name: &str) -> Self {
        let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(dir.join("root/sub")).unwrap();
        fs::write(dir.join("root/sub/hello.txt"), "hello, world").unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_bgcopy-testserver"))
            .current_dir(&dir)
            .args(["--port", "0", "--port-file", "ports", "--root", "root", "--ca-file", "ca.pem"])
            .args(["--client-cert-file", "client.pem", "--client-key-file", "client.key"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { child, dir, line }
    }

    fn port(&self, name: &str) -> &str {
        let field = self.line.split_whitespace().find_map(|field| field.strip_prefix(&format!("{name}=")));
        field.unwrap_or_else(|| panic!("no {name} in {}", self.line))
    }

    /// Runs curl in the directory; `{http}` and the like stand for `scheme://localhost:port`.
    fn curl(&self, arguments: &[&str]) -> (i32, String) {
        let expand = |text: &&str| {
            ["http", "https", "https_expired", "https_wrong_name", "https_untrusted", "https_client_cert"]
                .iter()
                .fold((*text).to_owned(), |text, name| {
                    let scheme = name.split('_').next().unwrap();
                    text.replace(&format!("{{{name}}}"), &format!("{scheme}://localhost:{}", self.port(name)))
                })
        };
        let output = Command::new("curl")
            .current_dir(&self.dir)
            .env("no_proxy", "")
            .args(["-sS", "--max-time", "20", "--cacert", "ca.pem"])
            .args(arguments.iter().map(expand))
            .output()
            .expect("curl is installed");
        (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn text(&self, arguments: &[&str]) -> String {
        let (code, text) = self.curl(arguments);
        assert_eq!(code, 0, "curl {arguments:?}: {text}");
        text
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.dir);
    }
}

#[test]
fn it_ends_when_its_standard_input_closes() {
    let mut program = Program::start("ends");
    assert_eq!(fs::read_to_string(program.dir.join("ports")).unwrap(), program.line);
    drop(program.child.stdin.take());
    assert!(program.child.wait().unwrap().success());
}

#[test]
fn curl_downloads_resumes_and_follows() {
    let program = Program::start("curl");
    program.text(&["-o", "whole", "{http}/file/500000?seed=3"]);
    assert!(fs::read(program.dir.join("whole")).unwrap() == content::bytes(3, 0, 0, 500_000));
    assert_eq!(program.text(&["{http}/sha256/500000?seed=3"]).trim(), content::sha256(3, 0, 500_000));

    let (code, _) = program.curl(&["-o", "part", "{http}/file/500000?seed=3&close_after=1234&fail_first=1"]);
    assert_eq!(code, 18, "curl's code for a partial file");
    program.text(&["-C", "-", "-o", "part", "{http}/file/500000?seed=3&close_after=1234&fail_first=1"]);
    assert!(fs::read(program.dir.join("part")).unwrap() == content::bytes(3, 0, 0, 500_000));
    assert_eq!(program.text(&["{http}/bytes?path=/file/500000"]).trim(), "1000000");

    assert_eq!(
        program.text(&["-L", "{http}/redirect/3?to=/r/a", "-w", "%{num_redirects}", "-o", "none"]),
        "3"
    );
    let (code, _) = program.curl(&["-L", "--max-redirs", "5", "{http}/file/1?redirect_loop=1"]);
    assert_eq!(code, 47, "curl's code for too many redirects");
    for (fault, expected) in [
        ("garbage=1", 1),
        ("reset_headers=1", 56),
        ("close_headers=1", 52),
        ("chunked=1&close_after=5", 18),
        ("claim_length=99", 18),
        ("short=1", 18),
    ] {
        let (code, _) = program.curl(&[&format!("{{http}}/file/10?{fault}"), "-o", "none"]);
        assert_eq!(code, expected, "{fault}");
    }
    assert_eq!(program.text(&["{http}/file/0?chunked=1"]), "");
}

#[test]
fn control_requests_do_what_the_rust_interface_does() {
    let program = Program::start("control");
    program.text(&["--data-binary", "text=one\netag=weak\nstall_after=1\n", "{http}/control/a"]);
    let mut download = Command::new("curl")
        .args(["-sS", "--max-time", "20", &format!("http://127.0.0.1:{}/r/a", program.port("http"))])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    assert_eq!(program.text(&["-f", "{http}/wait?stalled=1&path=/r/a&timeout_ms=15000"]), "ok\n");
    program.text(&["--data-binary", "text=two\n-stall_after\n", "{http}/control/a"]);
    assert_eq!(program.text(&["{http}/control/a"]), "etag=weak\ntext=two\n");
    assert_eq!(program.text(&["-X", "POST", "{http}/release?path=/r/a"]), "1\n");
    let mut first = String::new();
    BufReader::new(download.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert!(download.wait().unwrap().success());
    assert_eq!((first.as_str(), program.text(&["{http}/r/a"]).as_str()), ("one", "two"));

    program.text(&["-f", "{http}/wait?ended=2"]);
    let log = program.text(&["{http}/log"]);
    assert_eq!((log.lines().count(), program.text(&["{http}/requests?path=/r/a"]).as_str()), (2, "2\n"));
    assert!(log.lines().all(|line| line.contains(r#""status":200,"sent":3,"end":"complete""#)), "{log}");
    program.text(&["-X", "POST", "{http}/log/clear"]);
    assert_eq!(program.text(&["{http}/log"]), "");

    program.text(&["-X", "PUT", "--data-binary", "size=3\nseed=9\n", "{http}/control/a"]);
    assert_eq!(program.text(&["-I", "-o", "none", "-w", "%header{content-length}", "{http}/r/a"]), "3");
    program.text(&["-f", "-X", "DELETE", "{http}/control/a"]);
    assert_eq!(program.curl(&["-f", "{http}/r/a"]).0, 22);
    assert_eq!(program.curl(&["-f", "--data", "rnages=off", "{http}/control/a"]).0, 22);

    let relay = program.text(&["-X", "POST", "{http}/relay/net"]);
    let port = relay.split_whitespace().next().unwrap().strip_prefix("port=").unwrap();
    let url = format!("http://127.0.0.1:{port}/file/3?x-relay");
    program.text(&["-o", "none", &url]);
    program.text(&["-f", "-X", "POST", "{http}/relay/net?action=refuse"]);
    assert_eq!(program.curl(&["-o", "none", &url]).0, 7);
    program.text(&["-f", "-X", "POST", "{http}/relay/net?action=resume"]);
    program.text(&["-o", "none", &url]);
}

#[test]
fn files_of_the_root_have_validators_and_ranges() {
    let program = Program::start("root");
    let headers = program.text(&["-D", "-", "-r", "7-", "{http}/sub/hello.txt"]);
    assert!(headers.starts_with("HTTP/1.1 206") && headers.ends_with("\r\n\r\nworld"), "{headers}");
    let etag =
        |program: &Program| program.text(&["-o", "none", "-w", "%header{etag}", "{http}/sub/hello.txt"]);
    let before = etag(&program);
    assert!(before.starts_with('"') && headers.contains("Last-Modified: "), "{before}");
    let if_range = format!("If-Range: {before}");
    assert_eq!(program.text(&["-r", "7-", "-H", &if_range, "{http}/sub/hello.txt"]), "world");
    fs::write(program.dir.join("root/sub/new"), "HELLO, WORLD").unwrap();
    fs::rename(program.dir.join("root/sub/new"), program.dir.join("root/sub/hello.txt")).unwrap();
    assert_ne!(etag(&program), before, "same size, another file");
    assert_eq!(program.text(&["-r", "7-", "-H", &if_range, "{http}/sub/hello.txt"]), "HELLO, WORLD");
    assert_eq!(program.curl(&["-r", "0-", "-o", "none", "{http}/sub/hello.txt?close_after=3"]).0, 18);
    for outside in ["/../ports", "/sub/../../ports", "/%2e%2e/ports", "/sub", "/"] {
        let status = program.text(&[
            "--path-as-is",
            "-o",
            "none",
            "-w",
            "%{http_code}",
            &format!("{{http}}{outside}"),
        ]);
        assert_eq!(status, "404", "{outside}");
    }
}

#[test]
fn the_https_ports_are_good_and_bad_as_named() {
    let program = Program::start("https");
    assert_eq!(program.text(&["{https}/file/500000?seed=3", "-o", "whole", "-w", "%{http_code}"]), "200");
    assert!(fs::read(program.dir.join("whole")).unwrap() == content::bytes(3, 0, 0, 500_000));
    for port in ["{https_expired}", "{https_wrong_name}", "{https_untrusted}"] {
        assert_eq!(program.curl(&[&format!("{port}/file/1"), "-o", "none"]).0, 60, "{port}");
        assert_eq!(program.curl(&["-k", &format!("{port}/file/1"), "-o", "none"]).0, 0, "{port}");
    }
    assert_eq!(program.curl(&["{https_client_cert}/file/1", "-o", "none"]).0, 56);
    let identity =
        ["--cert", "client.pem", "--key", "client.key", "{https_client_cert}/file/1", "-o", "none"];
    assert_eq!(program.curl(&identity).0, 0);
    for fault in ["reset_after=10", "close_after=10", "close_headers=1"] {
        assert_ne!(program.curl(&[&format!("{{https}}/file/1000?{fault}"), "-o", "none"]).0, 0, "{fault}");
    }
    program.text(&["-f", "{http}/wait?ended=5&active=0"]);
}

#[test]
fn it_is_a_proxy_for_plain_and_tunnelled_requests() {
    let program = Program::start("proxy");
    let through = ["--proxy", "{http}", "-o", "none", "-w", "%{http_code} %{http_connect}"];
    let ask = |more: &[&str]| program.curl(&[&through[..], more].concat());
    assert_eq!(ask(&["http://example.test/file/3"]), (0, "200 000".into()));
    assert_eq!(ask(&["{https}/file/3"]), (0, "200 200".into()));
    program.text(&["--data-binary", "user=u\npassword=p\n", "{http}/proxy"]);
    assert_eq!(ask(&["http://example.test/file/3"]), (0, "407 000".into()));
    assert_eq!(ask(&["{https}/file/3"]).1, "000 407");
    assert_eq!(ask(&["--proxy-user", "u:p", "http://example.test/file/3"]), (0, "200 000".into()));
    assert_eq!(ask(&["--proxy-user", "u:p", "{https}/file/3"]), (0, "200 200".into()));
    assert_eq!(
        program.text(&["-o", "none", "-w", "%{http_code}", "{http}/file/3"]),
        "200",
        "no proxy request"
    );
}
