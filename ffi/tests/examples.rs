//! The examples in C and in C++ are compiled as strictly as the header, run with the sanitizers, and do what they say.

#[path = "support/compiler.rs"]
mod compiler;
#[path = "support/example.rs"]
mod example;
#[path = "support/program.rs"]
mod program;

use std::time::Duration;

use bgcopy_testserver::content::{bytes, sha256};
use bgcopy_testserver::real::{NGINX, RealServer};
use bgcopy_testserver::upload::UploadServer;
use bgcopy_testserver::{Condition, Resource, Server};
use example::Example;

const LIMIT: Duration = Duration::from_secs(60);

/// Rule: hello downloads a file, and says what is wrong otherwise.
#[test]
fn hello_downloads() {
    let (server, hello) = (Server::start(), Example::new("c/hello.c"));
    let file = hello.file();
    let output = hello.run(&[&server.url("/file/1000?seed=1"), file.to_str().expect("UTF-8")]);
    assert!(output.success, "{}", output.text);
    assert_eq!(std::fs::metadata(&file).expect("the file").len(), 1000);

    let output = hello.run(&[&server.url("/file/1000?status=404"), file.to_str().expect("UTF-8")]);
    assert!(!output.success && output.text.contains("/file/1000?status=404"), "{}", output.text);

    let output = hello.run(&[&server.url("/file/1000?seed=1"), "relative"]);
    assert!(!output.success && output.text.contains("BG_E_INVALIDARG"), "{}", output.text);
}

/// Rule: download gives the file its name when its SHA-256 is right, and only then.
#[test]
fn download_checks_the_sum() {
    let (server, download) = (Server::start(), Example::new("c/download.c"));
    let (url, file) = (server.url("/file/300000?seed=1"), download.file());
    let path = file.to_str().expect("UTF-8");

    let output = download.run(&[&url, path, &sha256(2, 0, 300_000)]);
    assert!(!output.success && output.text.contains("does not have this SHA-256"), "{}", output.text);
    assert!(!file.exists());

    let output = download.run(&[&url, path, &sha256(1, 0, 300_000)]);
    assert!(output.success, "{}", output.text);
    assert!(!output.text.contains("continuing"), "the wrong file left nothing behind: {}", output.text);
    assert_eq!(std::fs::metadata(&file).expect("the file").len(), 300_000);
}

/// Rule: a download that was killed goes on when the program is started again.
#[test]
fn download_continues_after_being_killed() {
    let (server, download) = (Server::start(), Example::new("c/download.c"));
    let script = "stall_after=2000000&fail_first=1&on=get";
    let url = server.add("/r/film", Resource::seeded(3_000_000, 1).script(script));
    let file = download.file();
    let path = file.to_str().expect("UTF-8");

    let mut child = download.command(&[&url, path]).start();
    let stalled = Condition { stalled: Some(1), ..Condition::default() };
    let reached = server.wait_for(&stalled, LIMIT);
    program::kill(&mut child);
    child.wait().expect("the killed program ends");
    assert!(reached, "the server sent no part of the file");
    assert!(!file.exists());

    let output = download.run(&[&url, path, &sha256(1, 0, 3_000_000)]);
    assert!(output.success, "{}", output.text);
    assert!(output.text.contains("continuing at "), "{}", output.text);
}

/// Rule: an error names the URL, and the job waits in the queue for another try.
#[test]
fn download_explains_an_error() {
    let (server, download) = (Server::start(), Example::new("c/download.c"));
    let url = server.add("/r/later", Resource::seeded(1000, 1).script("status=404&fail_first=1000"));
    let file = download.file();
    let path = file.to_str().expect("UTF-8");
    let output = download.run(&[&url, path]);
    assert!(!output.success && output.text.contains("/r/later"), "{}", output.text);

    server.change("/r/later", "fail_first=0");
    let output = download.run(&[&url, path]);
    assert!(output.success && output.text.contains("continuing at "), "{}", output.text);
    assert!(file.exists());
}

/// Rule: the program of the README for BITS compiles without a warning. It is not run: it would leave this computer.
#[test]
fn hello_of_bits_compiles() {
    Example::new("cpp/mirror/hello.cpp");
}

/// Rule: callback completes the job inside the callback, and is told of an error.
#[test]
fn callback_completes_the_job_and_hears_of_errors() {
    for (name, said) in [
        ("c/callback.c", "/file/1?status=404"),
        ("cpp/callback.cpp", "/file/1?status=404"),
        ("cpp/mirror/callback.cpp", "0x80190194"),
    ] {
        let (server, callback) = (Server::start(), Example::new(name));
        let file = callback.file();
        let path = file.to_str().expect("UTF-8");
        let output = callback.run(&[&server.url("/file/100000?seed=1"), path]);
        assert!(output.success, "{name}: {}", output.text);
        assert_eq!(std::fs::metadata(&file).expect("the file").len(), 100_000);

        let output = callback.run(&[&server.url("/file/1?status=404"), path]);
        assert!(!output.success && output.text.contains(said), "{name}: {}", output.text);
    }
}

/// Rule: download in C++ shows the progress and gives the file its name, or says what is wrong.
#[test]
fn download_shows_progress_and_explains_errors() {
    let (cpp, bits) = ("cpp/download.cpp", "cpp/mirror/download.cpp");
    for (name, missing) in [(cpp, "BG_E_HTTP_ERROR_404"), (bits, "0x80190194")] {
        let (server, download) = (Server::start(), Example::new(name));
        let file = download.file();
        let path = file.to_str().expect("UTF-8");
        let output = download.run(&[&server.url("/file/100000?seed=1"), path]);
        assert!(output.success && output.text.contains("100000 of 100000 bytes"), "{}", output.text);
        assert_eq!(std::fs::metadata(&file).expect("the file").len(), 100_000);
        let output = download.run(&[&server.url("/file/1?status=404"), path]);
        assert!(!output.success && output.text.contains(missing), "{}", output.text);
        if name == bits {
            let output = download.run(&[&server.url("/file/1"), "relative"]);
            assert!(!output.success && output.text.contains("0x80070057"), "{}", output.text);
        }
    }
}

/// Rule: resume goes on where an earlier run was killed.
#[test]
fn resume_continues_after_being_killed() {
    for name in ["c/resume.c", "cpp/resume.cpp", "cpp/mirror/resume.cpp"] {
        let (server, resume) = (Server::start(), Example::new(name));
        let script = "stall_after=2000000&fail_first=1&on=get";
        let url = server.add("/r/film", Resource::seeded(3_000_000, 1).script(script));
        let file = resume.file();
        let path = file.to_str().expect("UTF-8");

        let mut child = resume.command(&[&url, path]).start();
        let stalled = Condition { stalled: Some(1), ..Condition::default() };
        let reached = server.wait_for(&stalled, LIMIT);
        program::kill(&mut child);
        child.wait().expect("the killed program ends");
        assert!(reached && !file.exists(), "{name}: the server sent no part of the file");

        let output = resume.run(&[&url, path]);
        assert!(output.success && output.text.contains("continuing at "), "{name}: {}", output.text);
        assert_eq!(std::fs::metadata(&file).expect("the file").len(), 3_000_000);
    }
}

/// Rule: watch shows the jobs and files that an earlier program has left, until they do not run any more.
#[test]
fn watch_shows_the_queue_until_it_rests() {
    for (name, first, state) in [
        ("c/watch.c", "cpp/resume.cpp", "resume: error"),
        ("cpp/watch.cpp", "cpp/resume.cpp", "resume: error"),
        ("cpp/mirror/watch.cpp", "cpp/mirror/resume.cpp", "MyDownload: error"),
    ] {
        let (server, resume) = (Server::start(), Example::new(first));
        let url = server.add("/r/film", Resource::seeded(1000, 1).script("status=404&fail_first=1"));
        let file = resume.file();
        let output = resume.run(&[&url, file.to_str().expect("UTF-8")]);
        assert!(!output.success, "{}", output.text);

        let output = resume.beside(name).run(&[]);
        assert!(output.success, "{}", output.text);
        for line in ["1 jobs", state, "/r/film: 0 bytes"] {
            assert!(output.text.contains(line), "{name}: {line} is missing in {}", output.text);
        }
    }
}

/// Rule: ranges puts both ends of the remote file, and nothing else, into the local one.
#[test]
fn ranges_fetches_both_ends() {
    for name in ["c/ranges.c", "cpp/ranges.cpp", "cpp/mirror/ranges.cpp"] {
        let (server, ranges) = (Server::start(), Example::new(name));
        let file = ranges.file();
        let path = file.to_str().expect("UTF-8");
        let output = ranges.run(&[&server.url("/file/1000000?seed=1"), path, "1000", "1000000"]);
        assert!(output.success, "{name}: {}", output.text);
        let ends = [bytes(1, 0, 0, 1000), bytes(1, 0, 999_000, 1000)].concat();
        assert!(std::fs::read(&file).expect("the file") == ends, "{name}");

        let output = ranges.run(&[&server.url("/file/10?status=404"), path, "1", "10"]);
        let explained = output.text.contains("404") || output.text.contains("0x80190194");
        assert!(!output.success && explained, "{}", output.text);
    }
}

/// Rule: verify fetches a wrong file again, and gives it its name only when it is right.
#[test]
fn verify_fetches_a_wrong_file_again() {
    let (server, verify) = (Server::start(), Example::new("c/verify.c"));
    let file = verify.file();
    let path = file.to_str().expect("UTF-8");
    // What is served first, as by a bad cache, is another version than that of the sum.
    let url = server.add("/r/film", Resource::seeded(300_000, 1).script("change_after=300000"));
    let output = verify.run(&[&url, path, &sha256(1, 1, 300_000)]);
    assert!(output.success, "{}", output.text);
    assert!(output.text.contains("attempt 1: wrong\nattempt 2: right\n"), "{}", output.text);
    assert!(std::fs::read(&file).expect("the file") == bytes(1, 1, 0, 300_000));

    std::fs::remove_file(&file).expect("the file can be removed");
    let output = verify.run(&[&url, path, &sha256(2, 0, 300_000)]);
    assert!(!output.success && output.text.contains("attempt 3: wrong\n"), "{}", output.text);
    assert!(output.text.contains("invalid") && !file.exists(), "{}", output.text);
}

/// Rule: upload shows how far it is, and puts the reply into its file and prints it, where one is asked for.
#[test]
fn upload_prints_the_reply() {
    for name in ["c/upload.c", "cpp/upload.cpp", "cpp/mirror/upload.cpp"] {
        let (directory, upload) = (tempfile::tempdir().expect("a directory"), Example::new(name));
        let server = UploadServer::start(directory.path());
        server.control(r#"{"reply": "accepted: 42"}"#);
        let (file, reply) = (upload.file(), upload.file().with_extension("reply"));
        let [file_path, reply_path] = [&file, &reply].map(|path| path.to_str().expect("UTF-8"));
        std::fs::write(&file, bytes(1, 0, 0, 300_000)).expect("a file");

        if name != "cpp/mirror/upload.cpp" {
            let output = upload.run(&[file_path, &server.url("/plain")]);
            assert!(output.success && output.text.contains("300000 of 300000 bytes\n"), "{}", output.text);
            assert!(server.file("plain") == Some(bytes(1, 0, 0, 300_000)));
            assert!(!output.text.contains("accepted"), "it did not ask for one: {}", output.text);
        }
        let output = upload.run(&[file_path, &server.url("/order"), reply_path]);
        assert!(output.success && output.text.contains("accepted: 42\n"), "{name}: {}", output.text);
        assert!(server.file("order") == Some(bytes(1, 0, 0, 300_000)));
        assert_eq!(std::fs::read(&reply).expect("the reply"), b"accepted: 42");
    }
}

/// Rule: upload says what is wrong: with a file, with the server, with the place for the reply.
#[test]
fn upload_explains_errors() {
    for (name, no_file, refused) in [
        ("c/upload.c", "/missing", "/refused"),
        ("cpp/upload.cpp", "/missing", "/refused"),
        ("cpp/mirror/upload.cpp", "0x80070002", "0x80070005"),
    ] {
        let (directory, upload) = (tempfile::tempdir().expect("a directory"), Example::new(name));
        let server = UploadServer::start(directory.path());
        let (file, reply) = (upload.file(), upload.file().with_extension("reply"));
        let [file_path, reply_path] = [&file, &reply].map(|path| path.to_str().expect("UTF-8"));
        std::fs::write(&file, "order").expect("a file");
        let output = upload.run(&["/missing", &server.url("/missing"), reply_path]);
        assert!(!output.success && output.text.contains(no_file), "{name}: {}", output.text);
        std::fs::write(directory.path().join("refused"), "there already").expect("a file");
        let output = upload.run(&[file_path, &server.url("/refused"), reply_path]);
        assert!(!output.success && output.text.contains(refused), "{name}: {}", output.text);
        assert!(!reply.exists());
    }
}

/// Rule: mirror goes on at the next server with what the one before has not sent.
#[test]
fn mirror_goes_on_at_the_next_server() {
    let (bad, good) = (Server::start(), Server::start());
    let mirror = Example::new("c/mirror.c");
    let directory = mirror.file();
    std::fs::create_dir(&directory).expect("a directory");
    let path = directory.to_str().expect("UTF-8");
    bad.add("/r/one", Resource::seeded(1000, 1));
    for name in ["/r/one", "/r/two"] {
        good.add(name, Resource::seeded(1000, 1));
    }
    let mirrors = [bad.url("/r/"), good.url("/r/")];
    let output = mirror.run(&[path, "one,two", &mirrors[0], &mirrors[1]]);
    assert!(output.success, "{}", output.text);
    assert!(output.text.contains(&format!("{}two", mirrors[0])), "the failure is told: {}", output.text);
    for name in ["one", "two"] {
        assert!(std::fs::read(directory.join(name)).expect("a file") == bytes(1, 0, 0, 1000), "{name}");
    }

    let output = mirror.run(&[path, "three", &mirrors[0], &mirrors[1]]);
    assert!(!output.success && output.text.contains(&format!("{}three", mirrors[1])), "{}", output.text);
    assert!(!directory.join("three").exists());
}

/// Rule: the examples fetch from a server that people run.
#[test]
fn examples_download_from_nginx() {
    let Some(server) = RealServer::start(&NGINX) else { return compiler::missing("nginx") };
    let content = bytes(1, 0, 0, 500_000);
    server.publish(&content, Duration::from_secs(3600));
    let names = [
        "c/hello.c",
        "c/download.c",
        "c/callback.c",
        "c/resume.c",
        "cpp/download.cpp",
        "cpp/callback.cpp",
        "cpp/resume.cpp",
        "cpp/mirror/download.cpp",
        "cpp/mirror/callback.cpp",
        "cpp/mirror/resume.cpp",
    ];
    for name in names {
        let example = Example::new(name);
        let file = example.file();
        let output = example.run(&[&server.url(), file.to_str().expect("UTF-8")]);
        assert!(output.success, "{name}: {}", output.text);
        assert!(std::fs::read(&file).expect("the file") == content, "{name}");
    }
    for name in ["c/ranges.c", "cpp/ranges.cpp", "cpp/mirror/ranges.cpp"] {
        let example = Example::new(name);
        let file = example.file();
        let output = example.run(&[&server.url(), file.to_str().expect("UTF-8"), "1000", "500000"]);
        assert!(output.success, "{name}: {}", output.text);
        let ends = [&content[..1000], &content[499_000..]].concat();
        assert!(std::fs::read(&file).expect("the file") == ends, "{name}");
    }
    let verify = Example::new("c/verify.c");
    let file = verify.file();
    let output = verify.run(&[&server.url(), file.to_str().expect("UTF-8"), &sha256(1, 0, 500_000)]);
    assert!(output.success && output.text.contains("attempt 1: right"), "{}", output.text);
    let mirror = Example::new("c/mirror.c");
    let directory = file.parent().expect("a directory").to_str().expect("UTF-8");
    let root = server.url().trim_end_matches("file").to_owned();
    let output = mirror.run(&[directory, "file", &format!("{root}missing/"), &root]);
    assert!(output.success && output.text.contains("missing/file"), "{}", output.text);
    assert!(std::fs::read(&file).expect("the file") == content);
}

/// Rule: a program that was written for BITS on Windows and has another include line does what it did there.
#[test]
fn a_program_written_for_windows_downloads_from_nginx() {
    let Some(server) = RealServer::start(&NGINX) else { return compiler::missing("nginx") };
    let content = bytes(1, 0, 0, 500_000);
    server.publish(&content, Duration::from_secs(3600));
    let tutorial = Example::new("../bindings/cpp/tests/tutorial/tutorial.cpp");
    let (first, second) = (tutorial.file(), tutorial.file().with_extension("second"));
    let [first_path, second_path] = [&first, &second].map(|path| path.to_str().expect("UTF-8"));
    let output = tutorial.run(&[&server.url(), first_path, second_path]);
    assert!(output.success, "{}", output.text);
    for path in [&first, &second] {
        assert!(std::fs::read(path).expect("the file") == content);
        assert!(output.text.contains(&format!("{} has arrived.", path.display())), "{}", output.text);
    }
    for line in ["} Tutorial of 20", &format!("  {}", server.url()), "The job is complete."] {
        assert!(output.text.contains(line), "{line} is missing in {}", output.text);
    }

    let output = tutorial.run(&[&server.url().replace("http://", "gopher://"), first_path]);
    assert!(!output.success && output.text.contains("0x80070057\nWin32 error 87"), "{}", output.text);
    let output = tutorial.run(&[&format!("{}.missing", server.url()), first_path]);
    assert!(!output.success && output.text.contains("Error 0x80190194 in context 5"), "{}", output.text);
}
