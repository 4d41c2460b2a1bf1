//! Rules of the configuration.

use bgcopy_server::config::Config;
use std::time::Duration;

fn mistake(text: &str) -> String {
    Config::parse(text).map(drop).expect_err(text).to_string()
}

fn directory(settings: &str) -> String {
    format!("[[directory]]\nurl_prefix = \"/d\"\npath = \"/srv/d\"\nanonymous = true\n{settings}\n")
}

#[test]
fn defaults_are_those_of_the_extension_of_iis() {
    let config = Config::parse(&directory("")).unwrap();
    let directory = &config.directories[0];
    assert!(!directory.upload_enabled && !directory.allow_overwrites && !directory.lenient_length);
    assert_eq!(directory.session_timeout, Duration::from_secs(1_209_600));
    assert_eq!(directory.maximum_upload_size, u64::MAX);
    assert_eq!(directory.host, None);
    assert_eq!(directory.cleanup_interval, Duration::from_secs(12 * 60 * 60));
    assert_eq!(directory.sessions_per_user, Some(50));
    assert_eq!(directory.notification, None);
}

#[test]
fn every_property_is_read_with_its_unit() {
    let config = Config::parse(&directory(
        "upload_enabled = true\nsession_timeout = 60\nmaximum_upload_size = \"1000\"\nhost_id = \"h\"\n\
         allow_overwrites = true\ncleanup_use_default = false\ncleanup_count = 2\ncleanup_units = 2\n\
         session_limit_enable = true\nnumber_of_sessions_limit = 5\n",
    ))
    .unwrap();
    let directory = &config.directories[0];
    assert!(directory.upload_enabled && directory.allow_overwrites);
    assert_eq!(directory.session_timeout, Duration::from_secs(60));
    assert_eq!(directory.maximum_upload_size, 1_000);
    assert_eq!(directory.host, Some(("h".to_owned(), 86_400)));
    assert_eq!(directory.cleanup_interval, Duration::from_secs(2 * 86_400));
    assert_eq!(directory.sessions_per_user, Some(5));
    let unlimited =
        Config::parse(&self::directory("session_limit_enable = false\nmaximum_upload_size = \"\"\n"));
    let unlimited = unlimited.unwrap().directories.remove(0);
    assert_eq!((unlimited.sessions_per_user, unlimited.maximum_upload_size), (None, u64::MAX));
}

#[test]
fn a_directory_inherits_from_the_next_above_and_from_the_defaults_but_not_that_uploads_are_enabled() {
    let config = Config::parse(
        "[defaults]\nanonymous = true\nsession_timeout = 1\nhost_id_fallback_timeout = 9\n\
         [[directory]]\nurl_prefix = \"/a/b\"\npath = \"/srv/b\"\n\
         [[directory]]\nurl_prefix = \"/a\"\npath = \"/srv/a\"\nupload_enabled = true\nsession_timeout = 2\n\
         host_id = \"h\"\n\
         [[directory]]\nurl_prefix = \"/ab\"\npath = \"/srv/ab\"\n",
    )
    .unwrap();
    let [below, above, other] = &config.directories[..] else { panic!("three directories") };
    assert_eq!((below.session_timeout, below.upload_enabled), (Duration::from_secs(2), false));
    assert_eq!(below.host, Some(("h".to_owned(), 9)));
    assert!(above.upload_enabled);
    assert_eq!((other.session_timeout, other.host.as_ref()), (Duration::from_secs(1), None));
}

#[test]
fn mistakes_are_named_with_their_line() {
    let text = mistake(&directory("uplaod_enabled = true"));
    assert!(text.contains("line 5") && text.contains("uplaod_enabled"), "{text}");
    let text = mistake("listen = [\"localhost\"]\n");
    assert!(text.contains("line 1"), "{text}");
    let text = mistake(&directory("maximum_upload_size = \"many\""));
    assert!(text.contains("line 5") && text.contains("a number of bytes"), "{text}");
    let text = mistake(&directory("maximum_upload_size = -1"));
    assert!(text.contains("line 5"), "{text}");
    let text = mistake("x = = 1\n");
    assert!(text.contains("line 1"), "{text}");
}

#[test]
fn what_makes_no_sense_is_refused() {
    for (settings, reason) in [
        ("cleanup_count = 61\ncleanup_units = 0", "from 1 to 60"),
        ("cleanup_count = 25", "from 1 to 24"),
        ("cleanup_count = 1\ncleanup_units = 3", "cleanup_units must be"),
        ("cleanup_use_default = false", "needs cleanup_count"),
        ("host_id = \"a/b\"", "host_id must be"),
        ("server_notification_type = 3", "must be 0 (none), 1"),
        ("server_notification_type = 1", "needs server_notification_url"),
        ("server_notification_type = 2\nserver_notification_url = \"https://a/\"", "must be an http URL"),
    ] {
        let text = mistake(&directory(settings));
        assert!(text.contains(reason) && text.contains("/d"), "{settings}: {text}");
    }
    assert!(mistake("[[directory]]\npath = \"/a\"\n").contains("needs url_prefix"));
    assert!(mistake("[[directory]]\nurl_prefix = \"/a\"\npath = \"a\"\n").contains("absolute path"));
    assert!(mistake("[[directory]]\nurl_prefix = \"/../a\"\npath = \"/a\"\n").contains("must be a path"));
    assert!(mistake("[defaults]\nupload_enabled = true\n").contains("belong to each"));
    let twice = directory("") + &directory("");
    assert!(mistake(&twice).contains("two directories"));
    assert!(mistake("[[directory]]\nurl_prefix = \"/a\"\npath = \"/a\"\n").contains("anonymous = true"));
    assert!(mistake(&directory("users = [\"a\"]")).contains("cannot have users"));
    assert!(mistake("[control]\nsocket = \"control\"\n").contains("absolute paths"));
    assert!(mistake("[control]\nsocket = \"/c\"\ngroups = \"g\"\n").contains("absolute paths"));
    assert!(mistake("[proxy]\nuser_header = \"X-User\"\n").contains("trusted ="));
}

/// A configuration in `server.toml`, with files beside it.
fn read(main: &str, beside: &[(&str, &str)]) -> Result<Config, String> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("server.toml");
    std::fs::write(&path, main).unwrap();
    std::fs::create_dir(directory.path().join("server.d")).unwrap();
    for (name, text) in beside {
        std::fs::write(directory.path().join("server.d").join(name), text).unwrap();
    }
    Config::read(&path).map_err(|error| error.to_string())
}

#[test]
fn files_beside_the_configuration_add_directories_and_say_something_else_of_them() {
    let enabled = "[[directory]]\nurl_prefix = \"/d\"\nupload_enabled = true\n";
    let disabled = enabled.replace("true", "false");
    let other = directory("").replace("/d", "/e");
    let config =
        read(&directory("session_timeout = 5"), &[("50-d.toml", enabled), ("e.toml", &other)]).unwrap();
    let [d, e] = &config.directories[..] else { panic!("two directories") };
    assert!(d.upload_enabled && d.anonymous && d.path == std::path::Path::new("/srv/d"));
    assert_eq!((d.session_timeout, e.url_prefix.to_string()), (Duration::from_secs(5), "/e".to_owned()));
    // The last one has the last word; what is hidden, or another kind of file, has none.
    let files =
        [("b.toml", disabled.as_str()), ("a.toml", enabled), (".c.toml", enabled), ("d.toml.bak", enabled)];
    let config = read(&directory(""), &files).unwrap();
    assert!(!config.directories[0].upload_enabled);
    let config = read(&directory(""), &[]).unwrap();
    assert!(!config.directories[0].upload_enabled);
}

#[test]
fn a_mistake_in_a_file_beside_the_configuration_is_named_with_that_file() {
    let mistake = |text: &str| read(&directory(""), &[("x.toml", text)]).expect_err(text);
    let text = mistake("[[directory]]\nurl_prefix = \"/d\"\nwrong = 1\n");
    assert!(text.contains("server.d/x.toml") && text.contains("line 3"), "{text}");
    let text = mistake("listen = [\"127.0.0.1:1\"]\n");
    assert!(text.contains("server.d/x.toml") && text.contains("listen"), "{text}");
    let text = mistake("[[directory]]\nupload_enabled = true\n");
    assert!(text.contains("server.d/x.toml") && text.contains("needs url_prefix"), "{text}");
    let twice = "[[directory]]\nurl_prefix = \"/d\"\n".repeat(2);
    assert!(mistake(&twice).contains("two directories"));
    assert!(mistake("[[directory]]\nurl_prefix = \"/new\"\n").contains("path must be"));
}

#[test]
fn a_configuration_can_be_checked_without_serving() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("server.toml");
    std::fs::write(&path, "listen = []\nwrong = 1\n").unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_bgcopy-server"))
        .arg("--check")
        .arg(&path)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && text.contains("server.toml") && text.contains("line 2"), "{text}");
}

#[test]
fn the_configuration_of_the_readme_is_one() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md")).unwrap();
    let (_, rest) = readme.split_once("```toml\n").expect("a configuration in the README");
    let (text, _) = rest.split_once("```").unwrap();
    let config = Config::parse(text).unwrap();
    assert!(config.tls.is_some() && config.directories[0].notification.as_ref().unwrap().by_value);
}
