//! The table of packets and settings of the server in tests/server-settings.md: the tests that it names are there, and no
//! packet and no key of the configuration is missing in it.

use bgcopy_tidy::table::{Tests, rows};
use bgcopy_tidy::{expect_none, read};

const PACKETS: &[&str] = &["Ping", "Create-Session", "Fragment", "Close-Session", "Cancel-Session", "Ack"];

/// The keys of the configuration: the fields of the structures that are read from it.
fn keys() -> Vec<String> {
    let source = read("core/setup/src/config.rs");
    let mut keys = Vec::new();
    for structure in [
        "struct File",
        "struct Table",
        "struct Tls",
        "struct Authentication",
        "struct Proxy",
        "struct Control",
    ] {
        let (_, rest) =
            source.split_once(&format!("{structure} {{\n")).unwrap_or_else(|| panic!("no {structure}"));
        let (fields, _) = rest.split_once("\n}").expect("an end");
        let names = fields.lines().filter_map(|line| line.trim().trim_start_matches("pub ").split_once(": "));
        let names = names
            .map(|(name, _)| name)
            .filter(|name| name.bytes().all(|byte| byte == b'_' || byte.is_ascii_lowercase()));
        keys.extend(names.map(str::to_owned));
    }
    assert!(keys.len() > 40, "only {} keys were found", keys.len());
    keys
}

#[test]
fn every_packet_and_setting_of_the_server_names_tests_that_are_there() {
    let table = read("tests/server-settings.md");
    let (rows, tests) = (rows(&table), Tests::new());
    let mut complaints = Vec::new();
    for row in &rows {
        if row.tests.is_empty() {
            complaints.push(format!("no test: {}", row.rule));
        }
        complaints.extend(
            row.tests
                .iter()
                .filter(|test| !tests.has(test))
                .map(|test| format!("there is no {test}: {}", row.rule)),
        );
    }
    for name in keys().iter().map(String::as_str).chain(PACKETS.iter().copied()) {
        if !rows.iter().any(|row| row.rule == format!("`{name}`")) {
            complaints.push(format!("{name} is missing"));
        }
    }
    expect_none("tests/server-settings.md", &complaints);
}

#[test]
fn the_manual_page_of_the_server_tells_every_key() {
    let page = read("core/server/install/bgcopy-server.8");
    let words: Vec<_> = page.split(|letter: char| letter != '_' && !letter.is_ascii_lowercase()).collect();
    let missing: Vec<_> = keys().into_iter().filter(|key| !words.contains(&key.as_str())).collect();
    expect_none("keys in the manual page", &missing);
}
