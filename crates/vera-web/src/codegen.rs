//! From a checked program to a module.

use serde_json::{Value, json};
use vera_check::Checked;
use vera_check::typed::{EffectInst, FnId, Function, Program};
use vera_mir::lower;
use vera_mir::passes::{Optimise, optimise};
use vera_targets::description;
use vera_wasm::{Artifact, EmitOptions, Library, SourceMap, runtimes};

use crate::front::Text;
use crate::requests::{Answered, Refusal, invalid, string};
use crate::{Answer, Compiler};

/// What is kept of a module that was made for calls.
#[derive(Default)]
pub struct Codegen {
    /// Where the code of the last one came from.
    replayed: Option<SourceMap>,
}

/// Answers a request of this part; `None` of another one.
pub fn answer(compiler: &mut Compiler, method: &str, params: &Value, bytes: &[u8]) -> Answered {
    Some(match method {
        "runtime" => string(params, "name")
            .and_then(|name| provide(name, bytes.to_vec()))
            .map(|()| json!({}).into()),
        "compile" => Text::of(params).map(|text| compile(compiler, &text, params)),
        "replay" => Text::of(params).and_then(|text| replay(compiler, &text, params)),
        "places" => places(compiler, params).map(Answer::from),
        _ => return None,
    })
}

/// Compiles a program, for hosts that call with values of any type.
fn compile(compiler: &Compiler, text: &Text<'_>, params: &Value) -> Answer {
    let Checked { program, sources, mut diagnostics, .. } = text.checked(compiler);
    let Some(program) = program else {
        return text.reported(&diagnostics, &sources).into();
    };
    let options = lower::Options { calls: true, cells: true, ..lower::Options::default() };
    let mir = match lower::lower(&program, &sources, &options) {
        Ok(mir) => mir,
        Err(errors) => {
            diagnostics.extend(errors);
            return text.reported(&diagnostics, &sources).into();
        }
    };
    match emitted(mir, params["fuel"] == json!(true)) {
        Err(library) => json!({ "runtime": library.name() }).into(),
        Ok(artifact) => described(&artifact, text.reported(&diagnostics, &sources)),
    }
}

/// The module of a program, or the linked runtime that it needs and nobody handed in.
fn emitted(mut mir: vera_mir::ir::Program, fuel: bool) -> Result<Artifact, Library> {
    optimise(&mut mir, Optimise::default());
    vera_mir::analysis::annotate(&mut mir);
    let options = EmitOptions { fuel, ..EmitOptions::default() };
    match vera_wasm::library(&mir, &options) {
        Some(library) if runtimes::bytes(library).is_none() => Err(library),
        Some(_) | None => Ok(vera_wasm::emit(&mir, &options)),
    }
}

/// A module for calls of some functions of the text, private ones too, that counts its work.
/// Functions that do not compile are left out.
fn replay(compiler: &mut Compiler, text: &Text<'_>, params: &Value) -> Result<Answer, Refusal> {
    let starts =
        params["functions"].as_array().ok_or_else(|| invalid("'functions' must be an array"))?;
    let starts: Vec<u64> = starts.iter().filter_map(Value::as_u64).collect();
    let Checked { program, sources, .. } = text.checked(compiler);
    let Some(program) = program else { return Err(invalid("the text has errors")) };
    let wanted = |f: &FnId| starts.contains(&u64::from(program.function(*f).span.start));
    let lowered = |functions: &[FnId]| {
        let options = lower::Options { only: Some(functions), ..lower::Options::default() };
        lower::lower(&program, &sources, &options).ok()
    };
    let mut functions: Vec<FnId> = program.entry_fns.iter().copied().filter(wanted).collect();
    let mut mir = lowered(&functions);
    if mir.is_none() {
        functions.retain(|f| lowered(&[*f]).is_some());
        mir = lowered(&functions);
    }
    let Some(mir) = mir.filter(|_| !functions.is_empty()) else {
        return Ok(json!({ "functions": [], "calls": [] }).into());
    };
    let artifact = match emitted(mir, true) {
        Ok(artifact) => artifact,
        Err(library) => return Ok(json!({ "runtime": library.name() }).into()),
    };
    let interface = description::describe(&artifact.exports, &artifact.interface);
    let bytes = description::embed(&artifact.wasm, &interface);
    let functions: Vec<Value> =
        functions.iter().map(|f| function(&program, program.function(*f))).collect();
    let document =
        json!({ "functions": functions, "calls": description::calls(&artifact.exports) });
    compiler.codegen.replayed = Some(artifact.source_map);
    Ok(Answer { document, bytes })
}

/// A function that can be called: where it begins, how clauses name its parameters, how many
/// state cells it begins with.
fn function(program: &Program, function: &Function) -> Value {
    let slots: Vec<&str> =
        function.params.iter().map(|p| function.body[*p].slot.as_str()).collect();
    let label = |i: usize| {
        let index = slots[i + 1..].iter().filter(|later| **later == slots[i]).count();
        format!("@{}.{index}", slots[i])
    };
    let labels: Vec<String> = (0..slots.len()).map(label).collect();
    let is_state = |effect: &&EffectInst| {
        let declared = &program.effects[effect.effect.index()];
        declared.module.is_none() && declared.name == "State"
    };
    json!({
        "name": function.name.as_str(),
        "start": function.span.start,
        "slots": labels,
        "cells": function.effects.iter().filter(is_state).count(),
    })
}

/// Where the frames of calls were in the text: of each list of offsets in the module that was
/// made last by `replay`, innermost first.
fn places(compiler: &Compiler, params: &Value) -> Result<Value, Refusal> {
    let map = compiler.codegen.replayed.as_ref();
    let map = map.ok_or_else(|| invalid("nothing was compiled to be replayed"))?;
    let traces =
        params["offsets"].as_array().ok_or_else(|| invalid("'offsets' must be an array"))?;
    let places = traces.iter().map(|trace| {
        let offsets = trace.as_array().into_iter().flatten().filter_map(Value::as_u64);
        let frames = offsets.filter_map(|at| u32::try_from(at).ok()).flat_map(|at| map.frames(at));
        let places = frames.filter_map(|frame| frame.at);
        places.map(|at| json!([at.file.0, at.span.start, at.span.end])).collect::<Value>()
    });
    Ok(json!({ "places": places.collect::<Value>() }))
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
