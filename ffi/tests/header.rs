//! The header is what the sources say, compiles everywhere, and its examples are code.

mod header {
    pub mod generate;
}
#[path = "support/compiler.rs"]
mod compiler;

use std::path::{Path, PathBuf};

use compiler::{C11, CPP17, Compiler};
use header::generate;

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../include/bgcopy.h")
}

/// Rule: include/bgcopy.h is generated, never edited. `BGCOPY_BLESS=1` writes it.
#[test]
fn committed_header_is_the_generated_one() {
    compiler::compare(&path(), &generate::header());
}

/// Rule: the header has every constant of BITS, once.
#[test]
fn every_constant_of_the_protocol_is_in_the_header_once() {
    let header = generate::header();
    for constant in bgcopy_protocol::constants::CONSTANTS.iter().flat_map(|group| group.constants) {
        let name = constant.name;
        let places = [format!("\n#define {name} "), format!("\n    {name} = ")];
        let count: usize = places.iter().map(|place| header.matches(place.as_str()).count()).sum();
        assert!(count == 1, "{name} is defined {count} times");
    }
}

/// Rule: the header compiles without a warning alone, twice, and in two files of one program.
#[test]
fn header_compiles_strictly_alone_twice_and_in_two_files() {
    let first = "#include \"bgcopy.h\"\n#include \"bgcopy.h\"\n\
                 uint32_t other(void);\nint main(void) { return (int)(other() & 0u); }\n";
    let second =
        "#include \"bgcopy.h\"\nuint32_t other(void);\nuint32_t other(void) { return BG_VERSION_NUMBER; }\n";
    for compiler in Compiler::all() {
        for language in [C11, CPP17] {
            compiler.program(language, &[first, second]);
        }
    }
}

/// Rule: macros that Windows and old programs define do not reach into the header.
#[test]
fn header_survives_the_macros_of_others() {
    let source = "#define GetJob GetJobW\n#define EnumJobs EnumJobsW\n#define interface struct\n\
                  #define IN\n#define OUT\n#define min(a, b) ((a) < (b) ? (a) : (b))\n\
                  #define max(a, b) ((a) > (b) ? (a) : (b))\n#define small char\n#define far\n#define near\n\
                  #include \"bgcopy.h\"\nint main(void) { return 0; }\n";
    for compiler in Compiler::all() {
        for language in [C11, CPP17] {
            compiler.program(language, &[source]);
        }
    }
}

/// Rule: each result code works in `#if`, in `switch` and as a `bg_result` without a conversion.
#[test]
fn result_codes_work_in_the_preprocessor_and_in_switch() {
    let mut source = String::from("#include \"bgcopy.h\"\n");
    let mut cases = String::new();
    let mut seen = std::collections::BTreeSet::new();
    for entry in bgcopy_protocol::result::TABLE {
        let (name, value) = (entry.name, entry.code.0);
        source += &format!(
            "#if {name} != ({value}{})\n#error {name}\n#endif\n",
            if value == i32::MIN { "LL" } else { "" }
        );
        if seen.insert(value) {
            cases += &format!("    case {name}: return 1;\n");
        }
    }
    source += &format!(
        "int known(bg_result code);\nint known(bg_result code) {{\n    switch (code) {{\n{cases}    default: return 0;\n    }}\n}}\n\
         int main(void) {{ const bg_result code = BG_E_NOT_FOUND; return known(code) - 1; }}\n"
    );
    for compiler in Compiler::all() {
        for language in [C11, CPP17] {
            compiler.program(language, &[&source]);
        }
    }
}

/// Rule: every structure that can grow starts with its size and has an `_INIT` macro that clears the rest.
#[test]
fn init_macros_set_the_size_and_clear_the_rest() {
    let header = generate::header();
    let mut source = String::from("#include \"bgcopy.h\"\n#include <string.h>\nint main(void) {\n");
    let mut count = 0;
    for line in header.lines() {
        let Some(name) = line.strip_prefix("#define ").and_then(|rest| rest.split_once("_INIT")) else {
            continue;
        };
        let (upper, lower) = (name.0, name.0.to_lowercase());
        source += &format!(
            "    {{\n        {lower} value = {upper}_INIT, zero;\n        memset(&zero, 0, sizeof zero);\n        \
             zero.struct_size = (uint32_t)sizeof value;\n        \
             if (memcmp(&value, &zero, sizeof value) != 0) return 1;\n    }}\n"
        );
        count += 1;
    }
    source += "    return 0;\n}\n";
    assert_eq!(count, header.matches("uint32_t struct_size;").count());
    for compiler in Compiler::all() {
        for language in [C11, CPP17] {
            compiler.run(language, &source);
        }
    }
}

/// Rule: the examples in the header are code that compiles without a warning.
#[test]
fn examples_of_the_header_compile() {
    let examples = generate::examples();
    assert!(examples.len() >= 5, "the manual has an example for each of its conventions");
    for example in examples {
        // Each stands alone: `static` functions that nobody calls here.
        let source = format!(
            "#include <stdio.h>\n#include \"bgcopy.h\"\n#pragma GCC diagnostic ignored \"-Wunused-function\"\n\
             {example}\nint main(void) {{ return 0; }}\n"
        );
        for compiler in Compiler::all() {
            for language in [C11, CPP17] {
                compiler.object(language, &source);
            }
        }
    }
}
