//! What `vera compile` writes for each target.

use std::path::PathBuf;

use vera_abi::interface::HostTy;
use vera_abi::wasi::World;
use vera_diagnostics::{Code, Diagnostic, FileSpan, Span};
use vera_mir::lower;
use vera_targets::{browser, description};

use super::build::Built;
use super::compile::shown;
use crate::cli::{self, BundleKind, Compile, TargetName};
use crate::input::Entry;

/// Where a program starts.
const MAIN: &str = "main";

/// Functions can be called with values of any type, whoever the host is.
pub(super) fn options() -> lower::Options<'static> {
    lower::Options { calls: true, cells: true, ..lower::Options::default() }
}

/// The outcome of a compilation.
pub(super) struct Written {
    /// Made if it is missing, with those around it.
    pub directory: Option<PathBuf>,
    pub files: Vec<(PathBuf, Vec<u8>)>,
    /// The module, for `--wat`.
    pub module: Vec<u8>,
    /// The text of success.
    pub said: String,
}

/// The files of the target asked for.
///
/// # Errors
/// Why the program is none for the target.
pub(super) fn written(
    entry: &Entry,
    built: &Built,
    component: Option<Vec<u8>>,
    args: &Compile,
) -> Result<Written, Vec<Diagnostic>> {
    let described = description::describe(&built.artifact.exports, &built.artifact.interface);
    let module = description::embed(&built.artifact.wasm, &described);
    let mut written = match (component, args.target.target) {
        (Some(component), _) => component_file(entry, args, component),
        (None, TargetName::Browser) => bundle(entry, built, args, module)?,
        (None, TargetName::Wasm | TargetName::WasiP2) => core_module(entry, built, args, module),
    };
    if args.interface {
        interface(entry, built, args, &described, &mut written);
    }
    Ok(written)
}

fn core_module(entry: &Entry, built: &Built, args: &Compile, module: Vec<u8>) -> Written {
    let path = match &args.output {
        Some(path) => PathBuf::from(path),
        None => entry.dir.join(format!("{}.wasm", entry.stem)),
    };
    let count = built.functions().count();
    let noun = if count == 1 { "function" } else { "functions" };
    let said = format!("Compiled: {} ({count} {noun} exported)\n", shown(&path).display());
    Written { directory: None, files: vec![(path, module.clone())], module, said }
}

/// The world of the component asked for.
pub(super) fn world(args: &Compile) -> World {
    match args.target.world {
        Some(cli::World::Server) => World::Server,
        Some(cli::World::Cli) | None => World::Cli,
    }
}

fn component_file(entry: &Entry, args: &Compile, component: Vec<u8>) -> Written {
    let path = match &args.output {
        Some(path) => PathBuf::from(path),
        None => entry.dir.join(format!("{}.component.wasm", entry.stem)),
    };
    let what = match world(args) {
        World::Cli => "WASI Preview 2 component",
        World::Server => "WASI Preview 2 server component (run with: wasmtime serve <file>)",
    };
    let said = format!("Compiled ({what}): {}\n", shown(&path).display());
    Written { directory: None, files: vec![(path, component.clone())], module: component, said }
}

fn bundle(
    entry: &Entry,
    built: &Built,
    args: &Compile,
    module: Vec<u8>,
) -> Result<Written, Vec<Diagnostic>> {
    let artifact = &built.artifact;
    if !built.functions().any(|e| starts(&e.name, &e.params)) && !args.bundle.no_html {
        return Err(vec![no_main(built)]);
    }
    let dir = match &args.output {
        Some(path) => PathBuf::from(path),
        None => entry.dir.join(format!("{}_browser", entry.stem)),
    };
    let options = browser::Options {
        no_html: args.bundle.no_html,
        single: args.bundle.bundle == Some(BundleKind::Single),
        base_url: args.bundle.base_url.clone(),
    };
    let files =
        browser::bundle(&entry.stem, &module, &artifact.exports, &artifact.interface, &options);
    let mut said = format!("Browser bundle: {}/\n", shown(&dir).display());
    for file in &files {
        said.push_str(&format!("  {}\n", file.name));
    }
    let files = files.into_iter().map(|f| (dir.join(f.name), f.contents)).collect();
    Ok(Written { directory: Some(dir), files, module, said })
}

/// Whether an export is where a program starts: it can be called without arguments.
pub(super) fn starts(name: &str, params: &[HostTy]) -> bool {
    name == MAIN && params.iter().all(|ty| *ty == HostTy::Unit)
}

fn no_main(built: &Built) -> Diagnostic {
    let names: Vec<&str> = built.functions().map(|e| e.name.as_str()).collect();
    let exports = if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
    Diagnostic::error(
        Code::E630,
        entry_place(),
        format!("--target browser: no 'main' function without arguments is exported, which the page calls; the program exports {exports}."),
    )
    .rationale("The page of a bundle runs the program's `main` when it is opened.")
    .fix("Declare `public fn main(@Unit -> @Unit)`, or write the bundle without a page with `--no-html` and call its functions from JavaScript.")
    .spec("Chapter 18, Section 18.3 \"Browser bundle\"")
}

/// The first line of the entry file.
pub(super) fn entry_place() -> FileSpan {
    FileSpan { file: vera_diagnostics::FileId(0), span: Span::default() }
}

/// Adds what tells other hosts how to call the module.
fn interface(
    entry: &Entry,
    built: &Built,
    args: &Compile,
    described: &serde_json::Value,
    written: &mut Written,
) {
    let beside = match (&written.directory, &args.output) {
        (Some(dir), _) => dir.join("module"),
        (None, Some(path)) => PathBuf::from(path).with_extension(""),
        (None, None) => entry.dir.join(&entry.stem),
    };
    let artifact = &built.artifact;
    let wit = vera_targets::wit::world(&entry.stem, &artifact.exports, &artifact.interface);
    let json = format!("{described:#}\n");
    for (suffix, text) in [("interface.json", json), ("wit", wit)] {
        // The name may hold dots of its own.
        let mut path = beside.clone().into_os_string();
        path.push(".");
        path.push(suffix);
        let path = PathBuf::from(path);
        written.said.push_str(&format!("Interface: {}\n", shown(&path).display()));
        written.files.push((path, text.into_bytes()));
    }
}
