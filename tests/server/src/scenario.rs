//! Reading the scenarios of tests/scenarios, for the driver in Rust and for checking them.

use std::fs;
use std::io;
use std::path::Path;

/// A scenario: a rule and the steps that check it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// The file's name without its extension.
    pub name: String,
    /// The comment at the top: the rule.
    pub rule: String,
    /// In order.
    pub steps: Vec<Step>,
}

/// One step of a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What to do.
    pub verb: String,
    /// The words after the verb.
    pub words: Vec<String>,
    /// Where it stands, from 1.
    pub line: usize,
}

impl Step {
    /// The value of `key=value` among the words.
    pub fn value(&self, key: &str) -> Option<&str> {
        self.words.iter().find_map(|word| word.strip_prefix(key)?.strip_prefix('='))
    }
}

impl Scenario {
    /// Reads one scenario's text.
    pub fn parse(name: &str, text: &str) -> Self {
        let comments = text.lines().filter_map(|line| line.strip_prefix('#'));
        let rule = comments.map(str::trim).collect::<Vec<_>>().join(" ");
        let steps = text.lines().enumerate().filter(|(_, line)| !line.starts_with('#')).filter_map(
            |(index, line)| {
                let mut words = line.split_whitespace().map(str::to_owned);
                Some(Step { verb: words.next()?, words: words.collect(), line: index + 1 })
            },
        );
        Self { name: name.into(), rule, steps: steps.collect() }
    }

    /// Reads all scenarios of a directory, by name.
    ///
    /// # Errors
    /// The directory or a file could not be read.
    pub fn read_all(dir: &Path) -> io::Result<Vec<Self>> {
        let mut paths = fs::read_dir(dir)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
        paths.sort();
        let read = |path: &std::path::PathBuf| {
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            Ok(Self::parse(&name, &fs::read_to_string(path)?))
        };
        paths.iter().map(read).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scenario_is_a_rule_and_steps() {
        let scenario =
            Scenario::parse("a", "# One\n# rule.\n\nserver PUT /control/a?size=1\nuntil state=ERROR\n");
        assert_eq!(scenario.rule, "One rule.");
        assert_eq!(scenario.steps[0].words, ["PUT", "/control/a?size=1"]);
        assert_eq!((scenario.steps[1].line, scenario.steps[1].value("state")), (5, Some("ERROR")));
        assert_eq!(scenario.steps[1].value("stat"), None);
    }
}
