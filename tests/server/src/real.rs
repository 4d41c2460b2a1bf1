//! The servers people run, each in a directory of its own.

use std::fs::{self, File};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use crate::port;

const PATIENCE: Duration = Duration::from_secs(30);

/// A server that was started for one test.
pub struct RealServer {
    child: Child,
    port: u16,
    dir: tempfile::TempDir,
}

impl Drop for RealServer {
    fn drop(&mut self) {
        // SIGTERM would be kinder, but nothing of a test's server is worth keeping.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How to start a server: its program, and from (directory, port) its configuration and arguments.
pub struct Recipe {
    /// Its name, without a directory.
    pub program: &'static str,
    config: fn(&Path, u16) -> String,
    arguments: fn(&Path, u16) -> Vec<String>,
    modules: &'static str,
}

/// nginx, one process.
pub const NGINX: Recipe = Recipe {
    program: "nginx",
    modules: "",
    config: |dir, port| {
        let dir = dir.display();
        format!(
            "daemon off; master_process off; pid {dir}/pid; error_log {dir}/error;\n\
             events {{}}\n\
             http {{\n\
               log_format t '$request_method $status $http_range';\n\
               access_log {dir}/log t;\n\
               client_body_temp_path {dir}/t1; proxy_temp_path {dir}/t2; fastcgi_temp_path {dir}/t3;\n\
               uwsgi_temp_path {dir}/t4; scgi_temp_path {dir}/t5;\n\
               server {{ listen 127.0.0.1:{port}; root {dir}/www; }}\n\
             }}\n"
        )
    },
    arguments: |dir, _| {
        let dir = dir.display();
        vec!["-p".into(), format!("{dir}"), "-c".into(), format!("{dir}/config")]
    },
};

/// The Apache server with threads.
pub const APACHE: Recipe = Recipe {
    program: "apache2",
    modules: "/usr/lib/apache2/modules/mod_mpm_event.so",
    config: |dir, port| {
        let dir = dir.display();
        let modules = "/usr/lib/apache2/modules";
        format!(
            "ServerRoot {dir}\nServerName localhost\nListen 127.0.0.1:{port}\nPidFile {dir}/pid\n\
             LoadModule mpm_event_module {modules}/mod_mpm_event.so\n\
             LoadModule authz_core_module {modules}/mod_authz_core.so\n\
             ErrorLog {dir}/error\nDocumentRoot {dir}/www\nDefaultRuntimeDir {dir}\n\
             LogFormat \"%m %>s %{{Range}}i\" t\nCustomLog {dir}/log t\n\
             <Directory {dir}/www>\n  Require all granted\n</Directory>\n"
        )
    },
    arguments: |dir, _| {
        vec!["-D".into(), "FOREGROUND".into(), "-f".into(), format!("{}/config", dir.display())]
    },
};

/// lighttpd. Its cache of file attributes gives a replaced file the ETag of the old one for about a second: a
/// server that vouches for the wrong bytes is believed (ARCHITECTURE.md), so the cache is off.
pub const LIGHTTPD: Recipe = Recipe {
    program: "lighttpd",
    modules: "",
    config: |dir, port| {
        let dir = dir.display();
        format!(
            "server.modules = (\"mod_accesslog\")\nserver.document-root = \"{dir}/www\"\n\
             server.bind = \"127.0.0.1\"\nserver.port = {port}\nserver.errorlog = \"{dir}/error\"\n\
             server.stat-cache-engine = \"disable\"\n\
             accesslog.filename = \"{dir}/log\"\naccesslog.format = \"%m %s %{{Range}}i\"\n"
        )
    },
    arguments: |dir, _| vec!["-D".into(), "-f".into(), format!("{}/config", dir.display())],
};

/// The server of Python's standard library, which has no ranges.
pub const PYTHON: Recipe = Recipe {
    program: "python3",
    modules: "",
    config: |_, _| String::new(),
    arguments: |dir, port| {
        let words = ["-m", "http.server", "--bind", "127.0.0.1", "--directory"];
        let mut arguments: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        arguments.extend([format!("{}/www", dir.display()), port.to_string()]);
        arguments
    },
};

/// What squid is told in any case. It changes nothing and keeps nothing.
const SQUID_CONFIG: &str = "cache deny all\nshutdown_lifetime 0 seconds\npinger_enable off\nlogfile_rotate 0\n\
     visible_hostname proxy\nacl here dst 127.0.0.0/8 ::1\nhttp_access deny !here\n\
     acl denied url_regex denied\nhttp_access deny denied\n";

fn squid(dir: &Path, port: u16, more: &str) -> String {
    let dir = dir.display();
    format!(
        "http_port 127.0.0.1:{port}\npid_filename {dir}/pid\ncache_log {dir}/error\ncoredump_dir {dir}\n\
         access_log stdio:{dir}/log\nlogformat t %rm %>Hs %{{Range}}>h %un\n{SQUID_CONFIG}{more}http_access allow all\n"
    )
}

/// squid, a proxy for everybody, to this machine only; it denies what has `denied` in its URL.
pub const SQUID: Recipe = Recipe {
    program: "squid",
    modules: "",
    config: |dir, port| squid(dir, port, ""),
    arguments: |dir, _| vec!["-N".into(), "-f".into(), format!("{}/config", dir.display())],
};

/// The same for ann, whose password is `geheim`; it asks for Basic or Digest.
pub const SQUID_ASKING: Recipe = Recipe {
    modules: "/usr/lib/squid/digest_file_auth",
    config: |dir, port| {
        fs::write(dir.join("users"), "ann:$1$aVQlVPPs$tJ4Aj0AXDtX9UtODOkJKH/\n").unwrap();
        fs::write(dir.join("digests"), "ann:geheim\n").unwrap();
        let (helpers, dir_text) = ("/usr/lib/squid", dir.display());
        let more = format!(
            "auth_param basic program {helpers}/basic_ncsa_auth {dir_text}/users\n\
             auth_param digest program {helpers}/digest_file_auth {dir_text}/digests\n\
             auth_param digest realm proxy\nacl known proxy_auth REQUIRED\nhttp_access deny !known\n"
        );
        squid(dir, port, &more)
    },
    ..SQUID
};

/// Where a program is; services live in directories that are not in every user's search path.
fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/sbin";
    path.split(':').map(|dir| Path::new(dir).join(program)).find(|path| path.is_file())
}

impl RealServer {
    /// Starts the server and waits until it answers; `None` where it is not installed.
    pub fn start(recipe: &Recipe) -> Option<RealServer> {
        let program =
            find(recipe.program).filter(|_| recipe.modules.is_empty() || Path::new(recipe.modules).exists());
        let Some(program) = program else {
            eprintln!("{} is not installed: left out", recipe.program);
            return None;
        };
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("www")).unwrap();
        // Some servers run as another user, and write their logs as that one.
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o777);
        fs::set_permissions(dir.path(), mode).unwrap();
        let port = port::free().port();
        fs::write(dir.path().join("config"), (recipe.config)(dir.path(), port)).unwrap();
        let child = Command::new(program)
            .args((recipe.arguments)(dir.path(), port))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(dir.path().join("stderr")).unwrap())
            .spawn()
            .unwrap();
        let mut server = RealServer { child, port, dir };
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let told = |name: &str| fs::read_to_string(server.dir.path().join(name)).unwrap_or_default();
            assert!(
                server.child.try_wait().unwrap().is_none() && Instant::now() < deadline,
                "{} does not answer: {} {}",
                recipe.program,
                told("stderr"),
                told("error")
            );
            std::thread::yield_now();
        }
        Some(server)
    }

    /// The URL of the file that is published.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/file", self.port)
    }

    /// The port of 127.0.0.1 it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Puts a file there as people do: a new one in place of the old one.
    pub fn publish(&self, content: &[u8], age: Duration) {
        let temp = self.dir.path().join("new");
        fs::write(&temp, content).unwrap();
        File::options().write(true).open(&temp).unwrap().set_modified(SystemTime::now() - age).unwrap();
        fs::rename(&temp, self.dir.path().join("www/file")).unwrap();
    }

    /// (status, Range) of the GET that was logged last.
    pub fn last_get(&mut self) -> (u16, String) {
        // Servers write their logs late; ending is what makes all of them write.
        let pid = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &pid]).status().unwrap();
        self.child.wait().unwrap();
        let log = fs::read_to_string(self.dir.path().join("log")).unwrap();
        let line = log.lines().rfind(|line| line.starts_with("GET ")).expect("a GET was logged");
        let words: Vec<&str> = line.split(' ').collect();
        (words[1].parse().unwrap(), words[2].to_owned())
    }
}
