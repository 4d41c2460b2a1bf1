//! The list of methods in tests/methods.txt: each has a function in the header, and a C test that calls it.

use bgcopy_tidy::rust::is_word;
use bgcopy_tidy::{expect_none, read, sources};

/// A line of the list.
#[derive(Debug, PartialEq)]
struct Method {
    /// `IBackgroundCopyJob::AddFile`
    name: String,
    /// The function, or the member of a structure that the program fills in.
    means: Means,
}

#[derive(Debug, PartialEq)]
enum Means {
    Function(String),
    Member { of: String, name: String },
}

/// `SetFileACLFlags` is `set_file_acl_flags`, `get_GroupID` is `get_group_id`: an acronym is one word.
fn snake_case(method: &str) -> String {
    let letters: Vec<char> = method.chars().collect();
    let mut name = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let after_small = at > 0 && (letters[at - 1].is_lowercase() || letters[at - 1].is_ascii_digit());
        let before_small = at > 0
            && letters[at - 1].is_uppercase()
            && letters.get(at + 1).is_some_and(|next| next.is_lowercase());
        if letter.is_uppercase() && (after_small || before_small) {
            name.push('_');
        }
        name.extend(letter.to_lowercase());
    }
    name
}

fn methods(list: &str) -> Vec<Method> {
    let (mut interface, mut prefix) = ("", "");
    let mut methods = Vec::new();
    for line in list.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(section) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            (interface, prefix) = section.split_once(": ").expect("[Interface: prefix]");
            continue;
        }
        let (method, function) = match line.split_once(" = ") {
            Some((method, function)) => (method, Some(function.to_owned())),
            None => (line, None),
        };
        let means = match (prefix.strip_suffix('.'), function) {
            (Some(of), _) => Means::Member { of: of.to_owned(), name: snake_case(method) },
            (None, Some(function)) => Means::Function(function),
            (None, None) => Means::Function(format!("{prefix}_{}", snake_case(method))),
        };
        methods.push(Method { name: format!("{interface}::{method}"), means });
    }
    methods
}

/// Whether the text has the name as a word of its own, with this right after it.
fn has(text: &str, name: &str, after: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let before = text[..at].bytes().next_back();
        !before.is_some_and(is_word) && text[at + name.len()..].trim_start().starts_with(after)
    })
}

/// The members of `typedef struct name { ... } name;`.
fn structure<'a>(header: &'a str, name: &str) -> &'a str {
    let start = header.find(&format!("typedef struct {name} {{")).unwrap_or(header.len());
    header[start..].split("\n}").next().unwrap_or_default()
}

#[test]
fn every_method_has_a_function_that_a_c_test_calls() {
    let header = read("include/bgcopy.h");
    let tests: String = sources("tests/c")
        .into_iter()
        .filter(|source| source.path.ends_with(".c") || source.path.ends_with(".h"))
        .map(|source| source.text)
        .collect();
    let methods = methods(&read("tests/methods.txt"));
    assert!(methods.len() > 75, "the list has only {} methods", methods.len());
    let mut complaints = Vec::new();
    for Method { name, means } in methods {
        let (declared, called, what) = match &means {
            Means::Function(function) => {
                (has(&header, function, "("), has(&tests, function, "("), function.clone())
            }
            Means::Member { of, name } => {
                let member = structure(&header, of).contains(&format!("(*{name})("));
                (member, tests.contains(&format!(".{name} = ")), format!("{of}.{name}"))
            }
        };
        if !declared {
            complaints.push(format!("{name}: {what} is not in include/bgcopy.h"));
        } else if !called {
            complaints.push(format!("{name}: {what} is called by no program in tests/c"));
        }
    }
    expect_none("methods without a function or a test", &complaints);
}

#[test]
fn names_follow_from_the_methods() {
    for (method, name) in [
        ("AddFile", "add_file"),
        ("SetFileACLFlags", "set_file_acl_flags"),
        ("SetClientCertificateByID", "set_client_certificate_by_id"),
        ("EnableBITSUploads", "enable_bits_uploads"),
        ("get_GroupID", "get_group_id"),
        ("IsDownloadedFromPeer", "is_downloaded_from_peer"),
    ] {
        assert_eq!(snake_case(method), name);
    }
    let list = "# words\n[IThing: bg_thing]\nGetName\nSetListener = bg_thing_set_callbacks\n[IHeard: bg_callbacks.]\nOnEnd\n";
    let function = |name: &str, function: &str| Method {
        name: name.to_owned(),
        means: Means::Function(function.to_owned()),
    };
    assert_eq!(
        methods(list),
        [
            function("IThing::GetName", "bg_thing_get_name"),
            function("IThing::SetListener", "bg_thing_set_callbacks"),
            Method {
                name: "IHeard::OnEnd".to_owned(),
                means: Means::Member { of: "bg_callbacks".to_owned(), name: "on_end".to_owned() },
            },
        ]
    );
}
