//! The scenarios can be run: known verbs and words, requests that the server takes.

mod client;

use std::path::Path;

use bgcopy_testserver::{Scenario, Server};

fn scenarios() -> Vec<Scenario> {
    Scenario::read_all(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios")).unwrap()
}

#[test]
fn every_step_is_one_that_a_driver_knows() {
    let verbs = [
        ("server", &[] as &[&str]),
        ("download", &["path", "priority", "mode", "relay"]),
        ("until", &["state"]),
        ("error", &["code", "context"]),
        ("content", &["size", "seed", "version"]),
        ("sent", &["path", "most"]),
        ("requests", &["path", "most"]),
        ("suspend", &[]),
        ("resume", &[]),
        ("cancel", &[]),
        ("complete", &[]),
        ("reopen", &[]),
        ("absent", &[]),
    ];
    let scenarios = scenarios();
    assert!(scenarios.len() > 20);
    for scenario in &scenarios {
        assert!(scenario.rule.ends_with('.'), "{}: the first line states the rule", scenario.name);
        for step in &scenario.steps {
            let place = format!("{}.txt:{}: {}", scenario.name, step.line, step.verb);
            let Some((_, keys)) = verbs.iter().find(|(verb, _)| *verb == step.verb) else {
                panic!("{place}")
            };
            if step.verb == "server" {
                assert_eq!(step.words.len(), 2, "{place}");
                continue;
            }
            for word in &step.words {
                let key = word.split('=').next().unwrap();
                assert!(keys.contains(&key), "{place}: {word}");
            }
            if let Some(state) = step.value("state") {
                assert!(
                    ["TRANSFERRED", "ERROR", "TRANSIENT_ERROR", "SUSPENDED"].contains(&state),
                    "{place}: {state}"
                );
            }
            if let Some(priority) = step.value("priority") {
                assert!(["foreground", "normal"].contains(&priority), "{place}: {priority}");
            }
            if let Some(mode) = step.value("mode") {
                assert!(["dynamic", "high_performance"].contains(&mode), "{place}: {mode}");
            }
        }
    }
}

#[test]
fn the_server_takes_every_request() {
    for scenario in scenarios() {
        let server = Server::start();
        for step in scenario.steps.iter().filter(|step| step.verb == "server") {
            let (method, target) = (step.words[0].as_str(), step.words[1].as_str());
            // Without a client nothing happens that could be waited for; an unknown condition is 400.
            let (target, expected) = match target.strip_prefix("/wait?") {
                Some(condition) => (format!("/wait?requests=1&timeout_ms=0&{condition}"), 504),
                None => (target.to_owned(), 200),
            };
            let reply = client::ask(&server, method, &target, &[]);
            let text = String::from_utf8_lossy(&reply.body);
            assert_eq!(reply.status(), expected, "{}.txt:{}: {text}", scenario.name, step.line);
        }
    }
}
