//! What programs that are already built rely on: exported symbols, layout of structures, values of
//! constants. abi.txt is the baseline; a change to it is a change to think about.

mod header {
    pub mod generate;
}
#[path = "support/compiler.rs"]
mod compiler;

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use compiler::{C11, Compiler};
use header::generate;

/// Rule: the binary interface is the one of the baseline. `BGCOPY_BLESS=1` writes it.
#[test]
fn interface_is_the_one_of_the_baseline() {
    let mut text = String::from(
        "# The binary interface of libbgcopy on 64-bit machines, written by\n\
         # BGCOPY_BLESS=1 cargo test -p bgcopy-ffi --test abi\n\
         # A line that goes or changes breaks programs that are already built.\n",
    );
    let _ = writeln!(text, "\nsoname {}", soname());
    text.push('\n');
    for symbol in symbols() {
        let _ = writeln!(text, "function {symbol}");
    }
    text.push_str(&layout());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("abi.txt");
    compiler::compare(&path, &text);
}

/// Rule: what the header declares is exported, and nothing else is.
#[test]
fn header_and_library_have_the_same_functions() {
    let header = generate::header();
    let declared: BTreeSet<_> = functions(&header).into_iter().collect();
    let exported = symbols();
    let missing: Vec<_> = declared.difference(&exported).collect();
    let surplus: Vec<_> = exported.difference(&declared).collect();
    assert!(missing.is_empty(), "declared and not exported: {missing:?}");
    assert!(surplus.is_empty(), "exported and not declared: {surplus:?}");
}

/// Rule: every function is called by a program of tests/c.
#[test]
fn every_function_is_tested_from_c() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/c");
    let mut calls = String::new();
    for entry in std::fs::read_dir(&directory).expect("tests/c is there") {
        calls += &std::fs::read_to_string(entry.expect("a readable directory").path()).expect("a text");
    }
    let untested: Vec<_> = functions(&generate::header())
        .into_iter()
        .filter(|function| !calls.contains(&format!("{function}(")))
        .collect();
    assert!(untested.is_empty(), "no program of tests/c calls {untested:?}");
}

fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program)
        .args(arguments)
        .arg(compiler::built("libbgcopy.so"))
        .output()
        .unwrap_or_else(|error| panic!("{program} (binutils): {error}"));
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn symbols() -> BTreeSet<String> {
    let table = output("nm", &["--dynamic", "--defined-only", "--format=posix"]);
    table.lines().filter_map(|line| Some(line.split(' ').next()?.to_owned())).collect()
}

fn soname() -> String {
    let dynamic = output("readelf", &["--dynamic", "--wide"]);
    let line = dynamic.lines().find(|line| line.contains("(SONAME)")).expect("the library has a SONAME");
    line.split(['[', ']']).nth(1).expect("a name in brackets").to_owned()
}

/// Names of the functions that a header declares.
fn functions(header: &str) -> Vec<String> {
    let code = without_comments(header);
    let declarations = code.split(';').filter(|text| !text.contains("typedef") && !text.contains('{'));
    let names = declarations.filter_map(|text| {
        let before = text.split_once('(')?.0;
        let name = before.rsplit(|c: char| !c.is_alphanumeric() && c != '_').next()?;
        (name.starts_with("bg_") && !text.trim_start().starts_with('#')).then(|| name.to_owned())
    });
    names.collect()
}

fn without_comments(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, comment)) = rest.split_once("/*") {
        out.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    // Preprocessor lines, macros of several lines included.
    let mut lines = String::new();
    let mut inside = false;
    for line in out.lines() {
        let directive = inside || line.starts_with('#');
        inside = directive && line.ends_with('\\');
        if !directive {
            lines.push_str(line);
            lines.push('\n');
        }
    }
    lines.replace("extern \"C\" {", "")
}

/// Sizes, offsets and constants as a C compiler sees them.
fn layout() -> String {
    let header = generate::header();
    let code = without_comments(&header);
    let mut source = String::from("#include <stdio.h>\n#include \"bgcopy.h\"\nint main(void) {\n");
    for block in code.replace("typedef union ", "typedef struct ").split("typedef struct ").skip(1) {
        let Some((name, rest)) = block.split_once(" {") else { continue };
        if name.contains(';') {
            continue;
        }
        let _ = writeln!(source, "    printf(\"\\nstruct {name} size %zu\\n\", sizeof({name}));");
        let body = rest.split_once("\n}").expect("a structure ends").0;
        for member in body.split(';').filter(|member| !member.trim().is_empty()) {
            let member = member_name(member);
            let _ = writeln!(
                source,
                "    printf(\"member {name}.{member} offset %zu size %zu\\n\", \
                 offsetof({name}, {member}), sizeof((({name} *)0)->{member}));"
            );
        }
    }
    source.push_str("    printf(\"\\n\");\n");
    for constant in constants(&header) {
        let _ = writeln!(source, "    printf(\"constant {constant} %lld\\n\", (long long){constant});");
    }
    source.push_str("    return 0;\n}\n");
    Compiler::all()[0].run(C11, &source)
}

fn member_name(member: &str) -> &str {
    let declarator = match member.split_once("(*") {
        Some((_, rest)) => rest.split_once(')').expect("a function pointer").0,
        None => member.split('[').next().expect("a declarator"),
    };
    declarator.trim().rsplit([' ', '*']).next().expect("a name")
}

fn constants(header: &str) -> Vec<String> {
    let mut names = Vec::new();
    for line in header.lines() {
        let define = line.strip_prefix("#define ").and_then(|rest| rest.split_once(' '));
        let value = line.trim().strip_suffix(',').unwrap_or(line.trim()).split_once(" = ");
        if let Some((name, value)) = define {
            // Macros of structures are not numbers, and versions are meant to change.
            if value != "\\" && !name.starts_with("BG_VERSION_") {
                names.push(name.to_owned());
            }
        } else if let Some((name, _)) = value
            && ["BG_", "BITS_", "GROUPPROP_", "QM_"].iter().any(|start| name.starts_with(start))
        {
            names.push(name.to_owned());
        }
    }
    names
}
