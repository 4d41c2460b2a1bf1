//! Writes bgcopy.h: one section for each source file, in reading order, each with the words of its
//! module documentation, its constants, and what cbindgen makes of its types and functions.

#![allow(dead_code, reason = "each test program uses its own part")]

use std::fmt::Write;
use std::path::{Path, PathBuf};

use bgcopy_protocol::constants::{CONSTANTS, Constant, Group, Kind};
use bgcopy_protocol::result::TABLE;

/// Source file and the groups of constants that belong into its section.
const SECTIONS: &[(&str, &[&str])] = &[
    ("result", &[]),
    ("version", &[]),
    ("string", &[]),
    ("memory", &[]),
    ("guid", &[]),
    ("enums", ENUMERATIONS),
    ("handle", &[]),
    ("manager", &[]),
    ("job", &[]),
    ("property", &["BG_JOB_PEERCACHING", "BG_COPY_FILE"]),
    ("http_options", &[]),
    ("access", &["BG_JOB_PROXY_USAGE", "BG_AUTH_TARGET", "BG_AUTH_SCHEME"]),
    ("certificate", &["BG_CERT_STORE_LOCATION"]),
    ("token", &[]),
    ("job_property", &["BITS_JOB_PROPERTY_ID", "BITS_COST_STATE"]),
    ("reply", &[]),
    ("file_range", &[]),
    ("callback", &[]),
    ("file", &[]),
    ("error", &[]),
    ("enum_jobs", &[]),
    ("enum_files", &[]),
    ("log", &[]),
    ("qmgr", &[]),
    ("group", &["GROUPPROP", "QM_PROTOCOL", "QM_PROGRESS", "QM_NOTIFY", "QM_STATUS"]),
    ("job1", &[]),
    ("callback1", &[]),
    ("enum_groups", &[]),
    ("enum_jobs1", &[]),
    ("extension_setup_factory", &[]),
    ("extension_setup", &[]),
];

/// Those that no other section has.
const ENUMERATIONS: &[&str] = &[
    "BG_JOB_TYPE",
    "BG_JOB_STATE",
    "BG_JOB_PRIORITY",
    "BG_ERROR_CONTEXT",
    "BITS_JOB_TRANSFER_POLICY",
    "BITS_FILE_PROPERTY_ID",
    "BG_NOTIFY",
    "BG_HTTP_SECURITY",
    "BG_TOKEN",
    "BG_PEERCACHING",
    "BG_JOB_ENUM",
    "BG_SIZE",
];

/// The whole header.
pub fn header() -> String {
    let opening = module_docs(&source("lib"));
    let mut out = format!(
        "{}
/* Generated from the sources of bgcopy-ffi: edit those, then run
 * BGCOPY_BLESS=1 cargo test -p bgcopy-ffi --test header */

#ifndef BGCOPY_H
#define BGCOPY_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern \"C\" {{
#endif
",
        comment(&opening)
    );
    for (name, groups) in SECTIONS {
        let path = source(name);
        out.push_str("\n\n");
        out.push_str(&comment(&module_docs(&path)));
        match *name {
            "result" => out.push_str(&result_codes()),
            "version" => out.push_str(&version()),
            _ => {}
        }
        for group in *groups {
            let group = CONSTANTS.iter().find(|known| known.name == *group);
            out.push_str(&constants(group.expect("the protocol crate has this group")));
        }
        let declarations = declarations(&path);
        out.push('\n');
        out.push_str(&structures(&declarations));
    }
    out.push_str("\n#ifdef __cplusplus\n} /* extern \"C\" */\n#endif\n\n#endif /* BGCOPY_H */\n");
    out
}

/// The examples in the module documentation: C code between fences.
pub fn examples() -> Vec<String> {
    let files = std::iter::once("lib").chain(SECTIONS.iter().map(|(name, _)| *name));
    let mut examples = Vec::new();
    for docs in files.map(|name| module_docs(&source(name))) {
        let mut blocks = docs.split("```");
        blocks.next();
        while let (Some(code), _) = (blocks.next(), blocks.next()) {
            // Other languages are not for the compiler.
            examples.extend(code.strip_prefix("c\n").map(str::to_owned));
        }
    }
    examples
}

fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(name).with_extension("rs")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn module_docs(path: &Path) -> String {
    let text = read(path);
    let lines = text.lines().take_while(|line| line.starts_with("//!"));
    lines.map(|line| line[3..].strip_prefix(' ').unwrap_or("").to_owned() + "\n").collect()
}

/// Module documentation as a C comment; headings are underlined and code is indented.
fn comment(docs: &str) -> String {
    let mut out = String::from("/*");
    let mut code = false;
    for line in docs.lines() {
        if line.starts_with("```") {
            code = !code;
        } else if let Some(heading) = line.strip_prefix("## ") {
            let _ = write!(out, "\n * {heading}\n * {}", "=".repeat(heading.len()));
        } else if line.is_empty() {
            out.push_str("\n *");
        } else {
            let indent = if code { "    " } else { "" };
            let _ = write!(out, "\n * {indent}{line}");
        }
    }
    out.replacen("/*\n * ", "/* ", 1) + "\n */\n"
}

/// What cbindgen makes of one file.
fn declarations(path: &Path) -> String {
    let toml = Path::new(env!("CARGO_MANIFEST_DIR")).join("cbindgen.toml");
    let mut config = cbindgen::Config::from_file(&toml).expect("cbindgen.toml is readable");
    // A type that no function of the same file uses is wanted all the same.
    config.export.include = read(path)
        .lines()
        .filter_map(|line| {
            ["pub struct ", "pub union ", "pub type "].iter().find_map(|start| line.strip_prefix(start))
        })
        .map(|rest| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
        .collect();
    let bindings = cbindgen::Builder::new().with_config(config).with_src(path).generate();
    let mut text = Vec::new();
    bindings.unwrap_or_else(|error| panic!("{}: {error}", path.display())).write(&mut text);
    let text = String::from_utf8(text).expect("cbindgen writes UTF-8");
    on_one_line(&without_safety(&text))
}

/// Leaves out the `# Safety` paragraphs, which are for Rust; the section "Pointers" says it for C.
fn without_safety(text: &str) -> String {
    let mut out = String::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if line == " * # Safety" {
            if out.ends_with(" *\n") {
                out.truncate(out.len() - 3);
            }
            while lines.peek().is_some_and(|line| !line.ends_with("*/")) {
                lines.next();
            }
        } else {
            out.push_str(line.trim_end());
            out.push('\n');
        }
    }
    out
}

/// Writes comments of one sentence on one line.
fn on_one_line(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, comment)) = rest.split_once("/**\n") {
        out.push_str(before);
        let (body, after) = comment.split_once("*/").expect("a comment ends");
        let body = body.trim_end();
        match body.trim_start().strip_prefix("* ") {
            Some(line) if !line.contains('\n') && line.len() <= 100 => {
                let _ = write!(out, "/** {line} */");
            }
            _ => {
                let indent = " ".repeat(body.len() - body.trim_start().len());
                let _ = write!(out, "/**\n{body}\n{indent}*/");
            }
        }
        rest = after;
    }
    out + rest
}

/// Gives structures a tag and, when they begin with `struct_size`, an `_INIT` macro.
fn structures(text: &str) -> String {
    let mut out = String::new();
    for block in text.split_inclusive("\n\n") {
        let structure = block.trim_end().trim_end_matches(';').rsplit_once("\n} ");
        let Some((body, name)) = structure else {
            out.push_str(block);
            continue;
        };
        let tagged = ["struct", "union"].into_iter().fold(block.to_owned(), |block, kind| {
            block.replace(&format!("typedef {kind} {{"), &format!("typedef {kind} {name} {{"))
        });
        out.push_str(&tagged);
        let members = members(body);
        if members.first().is_none_or(|member| member != "uint32_t struct_size") {
            continue;
        }
        let values: Vec<_> = members[1..].iter().map(|member| zero(member)).collect();
        let macro_name = format!("{}_INIT", name.to_uppercase());
        let _ = write!(
            out,
            "/** What a `{name}` starts with. */\n#define {macro_name} \\\n    {{ sizeof({name}), {} }}\n\n",
            values.join(", ")
        );
    }
    out
}

/// The members of a structure as they are declared.
fn members(body: &str) -> Vec<String> {
    let mut code = String::new();
    let mut rest = body;
    while let Some((before, comment)) = rest.split_once("/*") {
        code.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    code.push_str(rest);
    let code = code.split_once('{').map_or("", |(_, members)| members);
    code.split(';')
        .map(|member| member.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|member| !member.is_empty())
        .collect()
}

fn zero(member: &str) -> &'static str {
    if member.contains('*') {
        "NULL"
    } else if member.starts_with("bg_guid ") {
        "{ 0, 0, 0, { 0, 0, 0, 0, 0, 0, 0, 0 } }"
    } else {
        "0"
    }
}

/// The codes as plain `int` constants: `(bg_result)0x80200001` would not work in `#if`, and the bare
/// number would be unsigned.
fn result_codes() -> String {
    let mut out = String::new();
    for entry in TABLE {
        let value = entry.code.0;
        let number =
            if value < 0 { format!("(-0x{:08X})", value.unsigned_abs()) } else { format!("0x{value:08X}") };
        let text = doc(&format!("0x{value:08X}: {}", entry.text));
        let _ = write!(out, "\n{text}#define {} {number}\n", entry.name);
    }
    out
}

/// A comment of one line, or of more where it is too long.
fn doc(text: &str) -> String {
    const WIDTH: usize = 110;
    if text.len() + "/**  */".len() <= WIDTH {
        return format!("/** {text} */\n");
    }
    let mut out = String::from("/**\n *");
    let mut column = 2;
    for word in text.split(' ') {
        if column + 1 + word.len() > WIDTH {
            out.push_str("\n *");
            column = 2;
        }
        let _ = write!(out, " {word}");
        column += 1 + word.len();
    }
    out + "\n */\n"
}

fn version() -> String {
    let [major, minor, patch] =
        [env!("CARGO_PKG_VERSION_MAJOR"), env!("CARGO_PKG_VERSION_MINOR"), env!("CARGO_PKG_VERSION_PATCH")];
    format!(
        "
/** Major version of this header. */
#define BG_VERSION_MAJOR {major}
/** Minor version of this header. */
#define BG_VERSION_MINOR {minor}
/** Patch level of this header. */
#define BG_VERSION_PATCH {patch}
/** Version of this header as `bg_version_number` gives that of the library. */
#define BG_VERSION_NUMBER ((BG_VERSION_MAJOR << 16) | (BG_VERSION_MINOR << 8) | BG_VERSION_PATCH)
"
    )
}

fn constants(group: &Group) -> String {
    let mut out = format!("\n/** {} */\n", group.doc);
    match group.kind {
        Kind::Enumeration => {
            let _ = writeln!(out, "typedef enum {} {{", group.name);
            for Constant { name, value, doc, .. } in group.constants {
                let _ = writeln!(out, "    /** {doc} */\n    {name} = {value},");
            }
            // No comma behind the last one: C++98 and strict C90 programs include this, too.
            out.truncate(out.len() - 2);
            let _ = writeln!(out, "\n}} {};", group.name);
        }
        Kind::Flags => {
            out.clear();
            for Constant { name, value, doc, .. } in group.constants {
                let _ = write!(out, "\n/** {doc} */\n#define {name} 0x{value:04X}u\n");
            }
        }
        Kind::Sizes => {
            out.clear();
            for Constant { name, value, doc, .. } in group.constants {
                let _ = write!(out, "\n/** {doc} */\n#define {name} UINT64_C(0x{value:X})\n");
            }
        }
    }
    out
}
