//! Programs as WASI components: which are, and how they are compiled.

use vera_abi::interface::HostTy;
use vera_abi::wasi::{self, World};
use vera_check::typed::Program;
use vera_diagnostics::{Code, Diagnostic, FileSpan};
use vera_mir::analysis::{HostUse, host_uses};
use vera_mir::lower::Options;
use vera_serve::ResponseForm;
use vera_wasm::{EmitOptions, HostLink};

use super::build::{Built, Failed, declared, emit_options, lowered, optimise};
use super::checked;
use super::serve::handle;
use super::targets::{entry_place, starts};
use crate::cli::Checks;
use crate::input::Entry;

/// A component, and what reports about it need.
pub(super) struct Component {
    pub built: Built,
    pub bytes: Vec<u8>,
}

/// Compiles a program to a component of a world.
pub(super) fn component(entry: &Entry, checks: Checks, world: World) -> Result<Component, Failed> {
    let checked = checked(entry);
    let (sources, mut diagnostics) = (checked.sources, checked.diagnostics);
    let Some(program) = checked.program else {
        return Err(Failed { diagnostics, sources });
    };
    let declared = declared(&program);
    let made = lower(&program, &sources, checks, world).and_then(|mir| {
        let refused = refusals(&mir, world);
        if !refused.is_empty() {
            return Err(refused);
        }
        let main = mir.exports.first().map_or(HostTy::Unit, |e| e.result.clone());
        let options = EmitOptions { host: HostLink::Wasi(world), ..emit_options() };
        let artifact = vera_wasm::build(mir, optimise(), &options);
        let bytes = vera_targets::component::encode(&artifact.wasm, world, &main);
        Ok((artifact, bytes.map_err(|why| vec![defect(why)])?))
    });
    match made {
        Ok((artifact, bytes)) => Ok(Component {
            built: Built { artifact, sources, warnings: diagnostics, declared },
            bytes,
        }),
        Err(errors) => {
            diagnostics.extend(errors);
            Err(Failed { diagnostics, sources })
        }
    }
}

/// What making a command of a program is refused for.
pub(super) fn reports(program: &Program, sources: &vera_diagnostics::Sources) -> Vec<Diagnostic> {
    match lower(program, sources, Checks::All, World::Cli) {
        Ok(mir) => refusals(&mir, World::Cli),
        Err(errors) => errors,
    }
}

/// What the world calls, and what that reaches.
fn lower(
    program: &Program,
    sources: &vera_diagnostics::Sources,
    checks: Checks,
    world: World,
) -> Result<vera_mir::ir::Program, Vec<Diagnostic>> {
    match world {
        World::Cli => {
            let mut mir = lowered(program, sources, &Options::default(), checks)?;
            mir.exports.retain(|e| starts(&e.name, &e.params));
            if mir.exports.is_empty() { Err(vec![no_main()]) } else { Ok(mir) }
        }
        World::Server => {
            let (handle, _, response) = handle(program).map_err(|why| vec![no_handle(&why)])?;
            if matches!(response, ResponseForm::Streamed) {
                let why = "'handle' must return @Response: this target streams none";
                return Err(vec![no_handle(why)]);
            }
            let options = Options { calls: true, only: Some(&[handle]), ..Options::default() };
            lowered(program, sources, &options, checks)
        }
    }
}

/// The words that ask for the world.
fn flags(world: World) -> &'static str {
    match world {
        World::Cli => "--target wasi-p2",
        World::Server => "--target wasi-p2 --world server",
    }
}

fn no_main() -> Diagnostic {
    Diagnostic::error(
        Code::E630,
        entry_place(),
        "--target wasi-p2 requires a public zero-argument `main` entry point.".to_owned(),
    )
    .rationale("A component of the world `cli` is a command, which calls `main`.")
    .fix("Declare `public fn main(@Unit -> @Unit)`, or compile a core module without `--target`, whose functions any host may call.")
    .spec("Chapter 18, Section 18.4 \"WASI components\"")
}

fn no_handle(why: &str) -> Diagnostic {
    let text = format!("{}: {why}.", flags(World::Server));
    Diagnostic::error(Code::E630, entry_place(), text)
        .rationale("A component of the world `server` answers each request with `handle`.")
        .fix("Declare `public fn handle(@Request -> @Response)`.")
        .spec("Chapter 18, Section 18.4 \"WASI components\"")
}

fn defect(why: String) -> Diagnostic {
    Diagnostic::error(Code::E699, entry_place(), why)
        .fix("This is a defect of the compiler, not of the program. Please report it together with the program.")
}

/// What the program asks for that the world does not offer, each once, at its first place.
fn refusals(mir: &vera_mir::ir::Program, world: World) -> Vec<Diagnostic> {
    let mut found: Vec<(String, &'static str, FileSpan)> = Vec::new();
    for (what, at) in host_uses(mir) {
        let refused = match what {
            HostUse::Operation(number) => {
                let op = &mir.interface.operations[number as usize];
                let why = wasi::operation(&op.effect, &op.name, world).err();
                why.map(|why| (format!("{}.{}", op.effect, op.name), why))
            }
            HostUse::Func(func) => {
                wasi::refusal(func, world).map(|why| (format!("IO.{}", func.name()), why))
            }
            HostUse::Arguments => {
                let why = wasi::refusal(vera_abi::host::HostFn::Arg, world);
                why.map(|why| ("IO.args".to_owned(), why))
            }
        };
        let Some((name, why)) = refused else { continue };
        match found.iter_mut().find(|(known, ..)| *known == name) {
            Some((.., first)) if at < *first => *first = at,
            Some(_) => {}
            None => found.push((name, why, at)),
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found.into_iter().map(|(name, why, at)| refusal(&name, why, at, world)).collect()
}

fn refusal(name: &str, why: &str, at: FileSpan, world: World) -> Diagnostic {
    let text = format!("{} does not offer `{name}`: {why}.", flags(world));
    Diagnostic::error(Code::E631, at, text)
        .rationale("A component reaches the outside only through the interfaces of WASI 0.2.")
        .fix("Handle the operation in the program with `handle[...]`, or run the program with `vera run` or `vera serve`, whose host offers it.")
        .spec("Chapter 18, Section 18.4 \"WASI components\"")
}
