//! The programs of examples/, each with a queue and a place for files.

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use tempfile::TempDir;

use crate::compiler::{self, Compiler};
use crate::program::{Output, Program};

const LIMIT: Duration = Duration::from_secs(60);

/// A compiled example.
pub struct Example {
    program: PathBuf,
    directory: Rc<TempDir>,
    library: Rc<TempDir>,
}

impl Example {
    /// The program of that path below examples/, with a queue of its own.
    pub fn new(name: &str) -> Example {
        let directory = Rc::new(tempfile::tempdir().expect("a directory"));
        Example::build(name, directory, Rc::new(compiler::library()))
    }

    /// Another program with the same queue.
    pub fn beside(&self, name: &str) -> Example {
        Example::build(name, self.directory.clone(), self.library.clone())
    }

    /// With every compiler; what is left is of the first one, with the sanitizers where they are.
    fn build(name: &str, directory: Rc<TempDir>, library: Rc<TempDir>) -> Example {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").join(name);
        let program = directory.path().join(source.file_stem().expect("a name"));
        let compile = |compiler: Compiler, flags: &[&str]| {
            if name.ends_with(".cpp") {
                compiler.cpp_with_library(&source, library.path(), flags, &program);
            } else {
                compiler.with_library(&source, library.path(), flags, &program);
            }
        };
        for compiler in Compiler::all().into_iter().rev() {
            compile(compiler, &[]);
        }
        let (first, flags) =
            (Compiler::all()[0], ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]);
        if first.links("int main(void) { return 0; }\n", &flags) {
            compile(first, &flags);
        }
        Example { program, directory, library }
    }

    /// Where it puts its file.
    pub fn file(&self) -> PathBuf {
        self.directory.path().join("file")
    }

    /// It, about to be run.
    pub fn command(&self, arguments: &[&str]) -> Program {
        let mut command = Program::new(&[], &self.program);
        command.set("BGCOPY_DIRECTORY", self.directory.path().join("queue"));
        for argument in arguments {
            command.arg(argument);
        }
        command
    }

    /// Runs it to its end.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).run(LIMIT)
    }
}
