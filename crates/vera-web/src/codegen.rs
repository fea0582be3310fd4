//! From a checked program to a module.

use serde_json::{Value, json};
use vera_check::Checked;
use vera_mir::lower;
use vera_mir::passes::{Optimise, optimise};
use vera_targets::description;
use vera_wasm::{Artifact, EmitOptions, Library, runtimes};

use crate::front::Text;
use crate::requests::{Answered, Refusal, invalid, string};
use crate::{Answer, Compiler};

/// Answers a request of this part; `None` of another one.
pub fn answer(compiler: &Compiler, method: &str, params: &Value, bytes: &[u8]) -> Answered {
    Some(match method {
        "runtime" => string(params, "name")
            .and_then(|name| provide(name, bytes.to_vec()))
            .map(|()| json!({}).into()),
        "compile" => Text::of(params).map(|text| compile(compiler, &text)),
        _ => return None,
    })
}

/// Compiles a program, for hosts that call with values of any type.
fn compile(compiler: &Compiler, text: &Text<'_>) -> Answer {
    let Checked { program, sources, mut diagnostics, .. } = text.checked(compiler);
    let Some(program) = program else {
        return text.reported(&diagnostics, &sources).into();
    };
    let options = lower::Options { calls: true, cells: true, ..lower::Options::default() };
    let mut mir = match lower::lower(&program, &sources, &options) {
        Ok(mir) => mir,
        Err(errors) => {
            diagnostics.extend(errors);
            return text.reported(&diagnostics, &sources).into();
        }
    };
    optimise(&mut mir, Optimise::default());
    vera_mir::analysis::annotate(&mut mir);
    let options = EmitOptions::default();
    match vera_wasm::library(&mir, &options) {
        Some(library) if runtimes::bytes(library).is_none() => {
            json!({ "runtime": library.name() }).into()
        }
        Some(_) | None => {
            described(&vera_wasm::emit(&mir, &options), text.reported(&diagnostics, &sources))
        }
    }
}

/// The module with its description, as `vera compile` writes it.
fn described(artifact: &Artifact, mut document: Value) -> Answer {
    let interface = description::describe(&artifact.exports, &artifact.interface);
    let bytes = description::embed(&artifact.wasm, &interface);
    let functions: Vec<&str> =
        description::functions(&artifact.exports).map(|function| function.name).collect();
    document["exports"] = json!(functions);
    document["size"] = bytes.len().into();
    document["interface"] = interface;
    Answer { document, bytes }
}

/// Takes a linked runtime.
///
/// # Errors
/// It is none, or there is none of that name.
fn provide(name: &str, wasm: Vec<u8>) -> Result<(), Refusal> {
    let library = Library::ALL.into_iter().find(|library| library.name() == name);
    let library = library.ok_or_else(|| invalid(format!("there is no runtime `{name}`")))?;
    runtimes::provide(library, wasm)
        .map_err(|error| invalid(format!("the runtime `{name}` cannot be read: {error}")))
}
