//! Reads include/bgcopy.h and writes, for tests/c/random_calls.c, a table of all functions that can fail: how each is
//! called, what its parameters take, and which codes its documentation names.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Functions that end what the test stands on, or change the whole process.
const NOT_CALLED: &[&str] = &["bg_manager_close", "bg_log_set"];

struct Function {
    name: String,
    documentation: String,
    /// (type, name)
    parameters: Vec<(String, String)>,
}

/// The table as a C header.
pub fn table(header: &str) -> String {
    let handles = handles(header);
    let structures = structures(header);
    let functions = functions(header);
    assert!(functions.len() > 100, "only {} functions in the header", functions.len());
    let mut out = String::from("/* Written by ffi/tests/bad_input.rs from bgcopy.h. */\n");
    for (index, handle) in handles.iter().enumerate() {
        let _ = writeln!(out, "#define KIND_{handle} {index}");
    }
    let _ = writeln!(out, "#define KINDS {}", handles.len());
    out += "static void (*const release_of[])(void *) = {\n";
    let mut releases = String::new();
    for handle in &handles {
        let _ = writeln!(
            releases,
            "static void release_{handle}(void *handle) {{ {handle}_release(({handle} *)handle); }}"
        );
        let _ = writeln!(out, "    release_{handle},");
    }
    out += "};\n";
    out = out.replacen("static void (*const", &format!("{releases}static void (*const"), 1);
    for (name, members) in &structures {
        out += &fill(name, members);
    }
    let mut rows = String::new();
    for (index, function) in functions.iter().enumerate() {
        let kinds = parameters(function, &handles, &structures);
        let arguments: Vec<String> = function
            .parameters
            .iter()
            .enumerate()
            .map(|(at, (kind, _))| match structures.contains_key(kind.as_str()) {
                true => format!("*({kind} *)v[{at}].p"),
                false if kind.ends_with('*') => format!("({kind})v[{at}].p"),
                false => format!("({kind})v[{at}].n"),
            })
            .collect();
        let name = &function.name;
        let _ = writeln!(
            out,
            "static bg_result call_{index}(const value *v) {{ (void)v; return {name}({}); }}",
            arguments.join(", ")
        );
        let _ = writeln!(
            out,
            "static const parameter parameters_{index}[] = {{ {}, {{ END, 0, 0, NULL, NULL }} }};",
            kinds.join(", ")
        );
        let codes = codes(function, &functions, header);
        let listed: Vec<&str> = codes.iter().map(String::as_str).collect();
        let _ =
            writeln!(out, "static const bg_result codes_{index}[] = {{ BG_S_OK, {} }};", listed.join(", "));
        let of_files = i32::from(function.documentation.contains("of the file system"));
        let _ = writeln!(
            rows,
            "    {{ \"{name}\", call_{index}, parameters_{index}, codes_{index}, {}, {of_files} }},",
            codes.len() + 1
        );
    }
    let _ = writeln!(out, "static const function functions[] = {{\n{rows}}};");
    out
}

/// The parts of a header that are code, with documentation cut off.
fn without_comments(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, comment)) = rest.split_once("/*") {
        out.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    out + rest
}

/// The opaque types.
fn handles(header: &str) -> Vec<String> {
    let opaque = |line: &str| {
        let (name, again) = line.strip_prefix("typedef struct ")?.strip_suffix(';')?.split_once(' ')?;
        (name == again).then(|| name.to_owned())
    };
    header.lines().filter_map(opaque).collect()
}

/// The structures and unions with their members, without arrays and functions.
fn structures(header: &str) -> BTreeMap<String, Vec<(String, String)>> {
    let code = without_comments(header);
    let mut found = BTreeMap::new();
    for definition in code.split("\ntypedef ").skip(1) {
        let Some((head, rest)) = definition.split_once(" {\n") else { continue };
        let Some(name) = head.strip_prefix("struct ").or_else(|| head.strip_prefix("union ")) else {
            continue;
        };
        let (body, _) = rest.split_once("\n}").expect("a definition ends");
        let member = |line: &str| split(line.trim().strip_suffix(';')?);
        let members = body.lines().filter(|line| !line.contains(['(', '[', ')'])).filter_map(member);
        found.insert(name.to_owned(), members.collect());
    }
    found
}

/// `const char *name` as type and name.
fn split(declaration: &str) -> Option<(String, String)> {
    let words = declaration.split_whitespace().collect::<Vec<_>>().join(" ");
    let start = words.rfind([' ', '*'])? + 1;
    Some((words[..start].trim().to_owned(), words[start..].to_owned()))
}

fn functions(header: &str) -> Vec<Function> {
    let mut found = Vec::new();
    let mut rest = header;
    while let Some((_, after)) = rest.split_once("\nbg_result bg_") {
        let above = &header[..header.len() - after.len()];
        let comment = above.rfind("/**").map_or("", |start| &above[start..]);
        let (name, after) = after.split_once('(').expect("a declaration");
        let (list, after) = after.split_once(");").expect("a declaration ends");
        rest = after;
        let name = format!("bg_{name}");
        if NOT_CALLED.contains(&name.as_str()) {
            continue;
        }
        let documentation = comment.split("*/").next().unwrap_or_default().to_owned();
        let parameters = list.split(',').filter_map(split).collect();
        found.push(Function { name, documentation, parameters });
    }
    found
}

/// The codes that the documentation of a function names, of the functions it refers to, and of the section of its
/// object.
fn codes(function: &Function, functions: &[Function], header: &str) -> BTreeSet<String> {
    let mut texts = Vec::new();
    let mut referred = vec![function];
    while let Some(next) = referred.pop() {
        texts.push(next.documentation.as_str());
        // "as `bg_job_add_file`", of which the comment may break the line.
        let words = words_of(&next.documentation);
        let named = words.split("as `").skip(1).filter_map(|rest| rest.split('`').next());
        let others = named.filter_map(|name| functions.iter().find(|known| known.name == name));
        referred.extend(others.filter(|other| !texts.contains(&other.documentation.as_str())));
    }
    let object = function.parameters.first().map_or("", |(kind, _)| kind.trim_end_matches([' ', '*']));
    let section = format!("no `{object}`");
    texts.extend(header.split("/*").filter_map(|comment| {
        let comment = comment.split("*/").next()?;
        let heading = comment.contains("=====");
        (heading && words_of(comment).contains(&section)).then_some(comment)
    }));
    texts.into_iter().flat_map(names_of_codes).collect()
}

/// The words of a comment without the stars at the beginnings of its lines.
fn words_of(comment: &str) -> String {
    comment.split_whitespace().filter(|word| *word != "*").collect::<Vec<_>>().join(" ")
}

fn names_of_codes(text: &str) -> Vec<String> {
    text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
        .filter(|word| ["BG_E_", "BG_S_", "QM_E_"].iter().any(|start| word.starts_with(start)))
        .map(str::to_owned)
        .collect()
}

/// What each parameter takes.
fn parameters(
    function: &Function,
    handles: &[String],
    structures: &BTreeMap<String, Vec<(String, String)>>,
) -> Vec<String> {
    let row = |kind: &str, handle: &str, size: &str, fill: &str, name: &str| {
        let handle = if handle.is_empty() { "0".to_owned() } else { format!("KIND_{handle}") };
        let size = if size.is_empty() { "0".to_owned() } else { format!("sizeof({size})") };
        let fill = if fill.is_empty() { "NULL".to_owned() } else { format!("fill_{fill}") };
        format!("{{ {kind}, {handle}, {size}, {fill}, \"{name}\" }}")
    };
    let is_handle = |kind: &str| handles.iter().any(|handle| handle == kind);
    let grows =
        |kind: &str| structures.get(kind).is_some_and(|members| members.iter().any(|m| m.1 == "struct_size"));
    let mut rows = Vec::new();
    let mut counted = false;
    for (at, (kind, name)) in function.parameters.iter().enumerate() {
        let pointee = kind.strip_suffix('*').map(str::trim_end);
        let constant = pointee.and_then(|pointee| pointee.strip_prefix("const "));
        let given = name.ends_with("_out");
        let next_is_array = name.ends_with("count")
            && function
                .parameters
                .get(at + 1)
                .is_some_and(|(kind, name)| kind.ends_with('*') && !name.ends_with("_out"));
        rows.push(match (pointee, constant) {
            _ if next_is_array => row("COUNT", "", "", "", name),
            (Some(_), Some("char")) => row("TEXT", "", "", "", name),
            (Some(_), Some("uint8_t")) => row("BYTES", "", "", "", name),
            (Some(_), Some("bg_guid")) => row("IDENTIFIER", "", "", "", name),
            (Some(_), Some(element)) if counted => row("ELEMENTS", "", element, element, name),
            (Some(_), Some(structure)) => row("STRUCTURE", "", structure, structure, name),
            (Some("void"), None) => row("DATA", "", "", "", name),
            (Some(handle), None) if is_handle(handle) => row("HANDLE", handle, "", "", name),
            (Some(pointee), None) if counted => match pointee.strip_suffix('*').map(str::trim_end) {
                Some(handle) => row("PLACES_OF_HANDLES", handle, "void *", "", name),
                None => row("PLACES", "", pointee, "", name),
            },
            (Some(pointee), None) => match pointee.strip_suffix('*').map(str::trim_end) {
                Some("char") => row("TEXT_OUT", "", "char *", "", name),
                Some("void") => row("DATA_OUT", "", "void *", "", name),
                Some(handle) if is_handle(handle) => row("HANDLE_OUT", handle, "void *", "", name),
                Some(_) => row("MEMORY_OUT", "", "void *", "", name),
                // Its one member is a text.
                None if pointee == "bg_file_property_value" => row("TEXT_OUT", "", pointee, "", name),
                None if pointee == "int" => row("DESCRIPTOR_OUT", "", "int", "", name),
                None if grows(pointee) => row("STRUCTURE_OUT", "", pointee, "", name),
                None if given || pointee.starts_with("bg_") => row("VALUE_OUT", "", pointee, "", name),
                None => panic!("{}: what is {kind} {name}?", function.name),
            },
            (None, _) if structures.contains_key(kind) => row("BY_VALUE", "", kind, kind, name),
            (None, _) if name.contains("timeout_ms") => row("TIMEOUT", "", "", "", name),
            (None, _) if name.ends_with("fd") => row("DESCRIPTOR", "", "", "", name),
            (None, _) if name.contains("length") => row("LENGTH", "", "", "", name),
            (None, _) => row("NUMBER", "", "", "", name),
        });
        counted = next_is_array;
    }
    rows
}

/// A function that writes random members into a structure.
fn fill(name: &str, members: &[(String, String)]) -> String {
    let mut out = format!(
        "static void fill_{name}(void *place)\n{{\n    {name} *s = ({name} *)place;\n    memset(s, 0, sizeof *s);\n"
    );
    for (kind, member) in members {
        let value = match kind.as_str() {
            "const char *" => format!("any_text(\"{member}\")"),
            "char *" => format!("(char *)(uintptr_t)any_text(\"{member}\")"),
            "bg_guid" => "any_guid()".to_owned(),
            _ if kind.ends_with('*') => continue,
            _ if member == "struct_size" => "any_size((uint32_t)sizeof *s)".to_owned(),
            _ => format!("({kind})any_number()"),
        };
        let _ = writeln!(out, "    s->{member} = {value};");
    }
    out + "}\n"
}
