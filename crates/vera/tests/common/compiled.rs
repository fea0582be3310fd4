//! Programs compiled and run in the process of the test, for tests of many that compare
//! hosts.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};
use vera_abi::interface::{CompoundKind, HostTy, Interface};
use vera_diagnostics::SourceFile;
use vera_host::{Host, Io, Module, Outcome, RunOptions, Value};
use vera_mir::lower::Options;
use vera_session::{Files, Modules, ReadError};
use vera_targets::description::{self, Function};
use vera_wasm::{Artifact, EmitOptions};

use super::header::{Header, Stage};
use super::{programs, root};

struct Disk;

impl Files for Disk {
    fn read(&self, path: &Path) -> Result<String, ReadError> {
        std::fs::read_to_string(path).map_err(|error| match error.kind() {
            ErrorKind::NotFound => ReadError::Missing,
            _ => ReadError::Other(error.to_string()),
        })
    }

    fn is_file(&self, path: &Path) -> bool {
        path.is_file()
    }

    fn identity(&self, path: &Path) -> PathBuf {
        path.canonicalize().unwrap_or_else(|_| path.to_owned())
    }

    /// These programs are no projects.
    fn sources(&self, _dir: &Path, _deep: bool) -> Vec<PathBuf> {
        Vec::new()
    }
}

/// A program, how it is run, and what a run natively comes to.
pub struct Compiled {
    pub name: String,
    pub artifact: Artifact,
    /// The function that runs.
    pub function: String,
    pub args: Vec<Value>,
    pub words: Vec<String>,
    pub stdin: String,
}

/// How a run ended, in words that every host has.
#[derive(Debug, Clone, PartialEq)]
pub struct Ended {
    pub stdout: String,
    pub stderr: String,
    /// In the form of [`plain`].
    pub value: Json,
    pub exit: Option<i64>,
    pub trap: Option<Ending>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Ending {
    pub kind: &'static str,
    pub message: String,
    pub fix: &'static str,
}

/// A source file with the lines that say how it is run.
pub struct Source {
    pub name: String,
    pub path: PathBuf,
    pub header: Header,
}

/// Every conformance program that runs, and every example.
pub fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    for path in programs(&root().join("tests/conformance")) {
        let text = std::fs::read_to_string(&path).expect("a program");
        let header = Header::parse(&text).expect("a header");
        if header.stage == Stage::Run && header.known.is_none() {
            found.push(source(path, header));
        }
    }
    let examples = root().join("examples");
    let mut paths = programs(&examples);
    for entry in std::fs::read_dir(&examples).expect("examples") {
        let main = entry.expect("an entry").path().join("main.vera");
        paths.extend(main.is_file().then_some(main));
    }
    paths.sort();
    let runs = || Header::parse("-- stage: run\n").expect("a header");
    found.extend(paths.into_iter().map(|path| source(path, runs())));
    found
}

fn source(path: PathBuf, header: Header) -> Source {
    let short = path.strip_prefix(root()).unwrap_or(&path);
    Source { name: short.display().to_string(), path, header }
}

/// The tool's own stack, for programs that nest deeply.
const STACK: usize = 256 << 20;

/// Compiles a program as `vera compile` does.
pub fn artifact(path: &Path) -> Artifact {
    artifact_for(path, &EmitOptions::default(), |_| ()).0
}

/// Compiles a program, after something was asked of, or done to, its lowered form.
pub fn artifact_for<T: Send>(
    path: &Path,
    options: &EmitOptions,
    before: impl FnOnce(&mut vera_mir::ir::Program) -> T + Send,
) -> (Artifact, T) {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK);
        let compiled = thread.spawn_scoped(scope, || compile(path, options, before));
        compiled.expect("a thread").join().expect("the compiler does not panic")
    })
}

fn compile<T>(
    path: &Path,
    emit: &EmitOptions,
    before: impl FnOnce(&mut vera_mir::ir::Program) -> T,
) -> (Artifact, T) {
    let text = std::fs::read_to_string(path).expect("a program");
    let dir = path.parent().expect("a directory");
    let mut modules = Modules::new(&Disk, dir);
    let file = SourceFile::new(&path.display().to_string(), text.trim_start_matches('\u{feff}'));
    let checked = vera_check::check(file, &mut modules);
    let program = checked.program.unwrap_or_else(|| panic!("{}", path.display()));
    let options = Options { calls: true, cells: true, ..Options::default() };
    let mut mir = vera_mir::lower::lower(&program, &checked.sources, &options)
        .unwrap_or_else(|errors| panic!("{}: {errors:?}", path.display()));
    let asked = before(&mut mir);
    (vera_wasm::build(mir, Default::default(), emit), asked)
}

impl Compiled {
    /// `None` when the tool refuses what is to be run: there is no such function, or it
    /// does not take these arguments.
    pub fn new(source: &Source) -> Option<Compiled> {
        let artifact = artifact(&source.path);
        let header = &source.header;
        let functions: Vec<Function<'_>> = description::functions(&artifact.exports).collect();
        let named = |name: &str| functions.iter().find(|f| f.name == name);
        let chosen = match &header.function {
            Some(name) => named(name),
            None => named("main").or(functions.first()),
        }?;
        let params = chosen.export.params.iter();
        let wanted: Vec<&HostTy> = params.filter(|ty| **ty != HostTy::Unit).collect();
        let mut args = Vec::new();
        for (at, ty) in wanted.iter().enumerate() {
            let word = header.args.get(at)?;
            args.push(vera_values::parse(&artifact.interface, ty, word).ok()?);
        }
        if !wanted.is_empty() && wanted.len() != header.args.len() {
            return None;
        }
        let function = chosen.name.to_owned();
        drop(functions);
        let (name, words, stdin) = (source.name.clone(), header.args.clone(), header.stdin.clone());
        Some(Compiled { name, artifact, function, args, words, stdin })
    }

    pub fn function(&self) -> Function<'_> {
        let found =
            description::functions(&self.artifact.exports).find(|f| f.name == self.function);
        found.expect("it was found before")
    }

    /// The module with its description.
    pub fn module(&self) -> Vec<u8> {
        let Artifact { wasm, exports, interface, .. } = &self.artifact;
        description::embed(wasm, &description::describe(exports, interface))
    }

    /// Whether the program asks for operations of an effect.
    pub fn uses(&self, effect: &str) -> bool {
        self.artifact.interface.operations.iter().any(|op| op.effect == effect)
    }

    pub fn run(&self, host: &Host, stdin: &str) -> Ended {
        let module: Module = host.load(&self.artifact).expect("a valid module");
        let export = self.function().export;
        let mut given = self.args.iter().cloned();
        let args = (export.params.iter())
            .filter(|ty| export.in_parts || **ty != HostTy::Unit)
            .map(|ty| match ty {
                HostTy::Unit => Value::Unit,
                _ => given.next().expect("an argument for each parameter"),
            })
            .collect();
        let mut io = Io::null();
        io.args = self.words.clone();
        io.input = vera_host::Input::bytes(stdin);
        io.env = vera_host::Env::Fixed(Default::default());
        let temporary = std::env::temp_dir().display().to_string();
        io.files = vera_host::Files::within(&[temporary]).expect("a directory");
        let run = host.run(&module, &export.name, args, &mut io, &RunOptions::default());
        let interface = &self.artifact.interface;
        let mut ended = Ended {
            stdout: io.captured_stdout(),
            stderr: io.captured_stderr(),
            value: Json::Null,
            exit: None,
            trap: None,
        };
        match run.expect("the run starts").outcome {
            Outcome::Returned(value) => ended.value = plain(interface, &export.result, &value),
            Outcome::Exited(code) => ended.exit = Some(code),
            Outcome::Trapped(trap) => {
                let (kind, fix) = (trap.kind.name(), trap.kind.hint());
                ended.trap = Some(Ending { kind, message: trap.message, fix });
            }
        }
        ended
    }
}

/// How deep values are compared.
const DEPTH: usize = 60;

/// A value in the form in which hosts compare them: integers as text, since JSON has no
/// large ones.
pub fn plain(interface: &Interface, ty: &HostTy, value: &Value) -> Json {
    at_depth(interface, ty, value, 0)
}

fn at_depth(interface: &Interface, ty: &HostTy, value: &Value, depth: usize) -> Json {
    if depth > DEPTH {
        return json!("deep");
    }
    let all = |ty: &HostTy, values: &[Value]| -> Vec<Json> {
        values.iter().map(|value| at_depth(interface, ty, value, depth + 1)).collect()
    };
    let element = |ty: &HostTy| match ty {
        HostTy::Compound(id) => match &interface.compound(*id).kind {
            CompoundKind::Array(element) => element.clone(),
            _ => ty.clone(),
        },
        _ => ty.clone(),
    };
    match value {
        Value::Unit | Value::Opaque => Json::Null,
        Value::Int(n) => json!({ "int": n.to_string() }),
        Value::Byte(n) => json!({ "number": f64::from(*n).to_bits().to_string() }),
        Value::Bool(b) => json!(b),
        Value::Float64(x) if x.is_nan() => json!({ "number": "NaN" }),
        Value::Float64(x) => json!({ "number": x.to_bits().to_string() }),
        Value::String(text) => json!(String::from_utf8_lossy(text)),
        Value::Bytes(bytes) => json!({ "bytes": bytes }),
        Value::Array(values) => json!(all(&element(ty), values)),
        Value::Set(values) => match ty {
            HostTy::Compound(id) => match &interface.compound(*id).kind {
                CompoundKind::Set(elements) => json!({ "set": all(&element(elements), values) }),
                _ => Json::Null,
            },
            _ => Json::Null,
        },
        Value::Map { keys, values } => match ty {
            HostTy::Compound(id) => match &interface.compound(*id).kind {
                CompoundKind::Map(k, v) => {
                    json!({ "keys": all(&element(k), keys), "values": all(&element(v), values) })
                }
                _ => Json::Null,
            },
            _ => Json::Null,
        },
        Value::Data { ctor, fields } => {
            let (HostTy::Enum(id) | HostTy::Compound(id)) = ty else { return Json::Null };
            match &interface.compound(*id).kind {
                CompoundKind::Tuple(types) => {
                    let parts = types.iter().zip(fields.iter());
                    json!(
                        parts
                            .map(|(ty, value)| at_depth(interface, ty, value, depth + 1))
                            .collect::<Vec<_>>()
                    )
                }
                CompoundKind::Data(ctors) => {
                    let ctor = &ctors[*ctor as usize];
                    let parts = ctor.fields.iter().zip(fields.iter());
                    let fields: Vec<Json> = parts
                        .map(|(ty, value)| at_depth(interface, ty, value, depth + 1))
                        .collect();
                    json!({ "tag": ctor.name, "fields": fields })
                }
                CompoundKind::Array(_) | CompoundKind::Set(_) | CompoundKind::Map(..) => Json::Null,
            }
        }
    }
}
