//! Functions of a program as others may call them without knowing Vera: JSON Schema
//! (draft 2020-12) of their arguments and results, from types, refinements and contracts.
//!
//! The JSON that a schema describes is that of `vera_host::json`. A schema never refuses
//! what the function accepts, and of a result never promises what the function does not.
//! What of a precondition the schema does not say, the description does.
//!
//! Pure: a typed program in, values out. *Never knows* who calls, or how values cross.
#![forbid(unsafe_code)]

mod constraints;
mod documentation;
mod types;

use serde_json::{Map, Value as Json, json};
use vera_check::slots;
use vera_check::typed::{
    ClauseKind, ExprId, ExprKind, FnId, Function as TypedFunction, LocalId, Program, Visibility,
};
use vera_check::types::{Printer, Ty, TyKind};
use vera_diagnostics::Sources;

use constraints::{Subject, constrain};
use documentation::Documentation;
use types::Schemas;

/// A function that can be called with JSON.
#[derive(Clone, Debug)]
pub struct Function {
    pub id: FnId,
    pub name: String,
    /// All parameters, those of type `Unit` included.
    pub parameters: Vec<Parameter>,
    /// For people and models: the comment above the function, its signature, and what the
    /// schemas do not say.
    pub description: String,
    /// Of an object with the arguments by their keys.
    pub input: Json,
    /// Of an object with the key [`RESULT`].
    pub output: Json,
    pub nature: Nature,
}

/// The key of a result.
pub const RESULT: &str = "result";

/// A parameter of a [`Function`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// The key of the argument: the slot's label, or a name made of its type and index. `None` for a
    /// parameter of type `Unit`, which needs no argument.
    pub key: Option<String>,
    /// `@Int.0`
    pub slot: String,
}

/// What calling a function may do, by its row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Nature {
    /// The same arguments give the same result, and nothing else happens.
    Pure,
    /// Nothing happens, but the result may differ.
    Random,
    /// It acts on the outside world.
    Effectful,
}

/// A public function that cannot be called with JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    pub name: String,
    pub why: String,
}

/// The public functions of the entry file, in source order, and those of them that
/// cannot be called.
pub fn functions(program: &Program, sources: &Sources) -> (Vec<Function>, Vec<LeftOut>) {
    let (mut called, mut left_out) = (Vec::new(), Vec::new());
    let documentation = Documentation::of(program, sources);
    for id in &program.entry_fns {
        let function = program.function(*id);
        if function.visibility != Visibility::Public {
            continue;
        }
        match describe(program, *id, &documentation) {
            Ok(function) => called.push(function),
            Err(why) => left_out.push(LeftOut { name: function.name.to_string(), why }),
        }
    }
    (called, left_out)
}

fn describe(
    program: &Program,
    id: FnId,
    documentation: &Documentation,
) -> Result<Function, String> {
    let function = program.function(id);
    if !function.type_params.is_empty() {
        return Err("it has type parameters".to_owned());
    }
    let labels = documentation.labels(&function.name);
    let parameters = parameters(program, id, &labels.parameters);
    for (parameter, local) in parameters.iter().zip(&function.params) {
        crosses(program, function.body[*local].ty)
            .map_err(|why| format!("its parameter {} {why}", parameter.slot))?;
    }
    crosses(program, function.ret).map_err(|why| format!("its result {why}"))?;
    let mut unsaid = Vec::new();
    let input = input(program, function, &parameters, &mut unsaid)?;
    let output = output(program, function, labels.result.as_deref(), &mut unsaid)?;
    let mut description = documentation.comment(&function.name);
    if !description.is_empty() {
        description.push_str("\n\n");
    }
    description.push_str(&function.signature);
    for line in unsaid {
        description.push('\n');
        description.push_str(&line);
    }
    let name = function.name.to_string();
    let nature = nature(program, function);
    Ok(Function { id, name, parameters, description, input, output, nature })
}

/// The schema of the arguments; what it does not say of the precondition is added to
/// `unsaid`.
fn input(
    program: &Program,
    function: &TypedFunction,
    parameters: &[Parameter],
    unsaid: &mut Vec<String>,
) -> Result<Json, String> {
    let mut schemas = Schemas::new(program);
    let mut properties: Vec<Json> = Vec::new();
    for local in &function.params {
        properties.push(schemas.of(function.body[*local].ty)?);
    }
    let subject = |e: ExprId| match &function.body[e].kind {
        ExprKind::Local(local) => function.params.iter().position(|p| p == local).map(Subject),
        _ => None,
    };
    for clause in &function.clauses {
        let ClauseKind::Requires(predicate) = clause.kind else { continue };
        if !constrain(program, &function.body, predicate, &subject, &mut properties) {
            unsaid.push(format!("Requires: {}", clause.text));
        }
    }
    let mut by_key = Map::new();
    for ((parameter, local), mut schema) in parameters.iter().zip(&function.params).zip(properties)
    {
        let Some(key) = &parameter.key else { continue };
        let ty = Printer::message(program).ty(function.body[*local].ty);
        let said = format!("{} of type {ty}", parameter.slot);
        describe_with(&mut schema, &said);
        by_key.insert(key.clone(), schema);
    }
    let required: Vec<&String> = by_key.keys().collect();
    let mut schema = json!({
        "type": "object",
        "properties": by_key,
        "required": required,
        "additionalProperties": false,
    });
    schemas.define_in(&mut schema);
    Ok(schema)
}

/// The schema of the result; what it does not say of the postcondition is added to
/// `unsaid`.
fn output(
    program: &Program,
    function: &TypedFunction,
    label: Option<&str>,
    unsaid: &mut Vec<String>,
) -> Result<Json, String> {
    let mut schemas = Schemas::new(program);
    let mut result = [schemas.of(function.ret)?];
    let subject =
        |e: ExprId| matches!(function.body[e].kind, ExprKind::Result).then_some(Subject(0));
    for clause in &function.clauses {
        let ClauseKind::Ensures(predicate) = clause.kind else { continue };
        if !constrain(program, &function.body, predicate, &subject, &mut result) {
            unsaid.push(format!("Ensures: {}", clause.text));
        }
    }
    let [mut result] = result;
    if let Some(label) = label {
        describe_with(&mut result, label);
    }
    let mut schema = json!({
        "type": "object",
        "properties": { RESULT: result },
        "required": [RESULT],
        "additionalProperties": false,
    });
    schemas.define_in(&mut schema);
    Ok(schema)
}

/// Puts a sentence before what a schema says in words.
fn describe_with(schema: &mut Json, text: &str) {
    let said = schema.get("description").and_then(Json::as_str);
    let text = match said {
        Some(said) => format!("{text}; {said}"),
        None => text.to_owned(),
    };
    schema["description"] = text.into();
}

/// Longest key of an argument that some models accept.
const MAX_KEY: usize = 64;

fn parameters(program: &Program, id: FnId, labels: &[Option<String>]) -> Vec<Parameter> {
    let function = program.function(id);
    let environment = slots::environments(program)
        .into_iter()
        .find(|environment| environment.signature == function.signature);
    let mut slots = environment.map(|e| e.slots).unwrap_or_default();
    slots.sort_by_key(|slot| slot.parameter);
    let mut parameters: Vec<Parameter> = Vec::new();
    for (i, slot) in slots.iter().enumerate() {
        let needs_no_argument = is_unit(program, function, function.params[i]);
        let label = labels.get(i).cloned().flatten().map(|label| plain(&label));
        let label = label.filter(|label| !label.is_empty() && label.len() <= MAX_KEY);
        // A slot's own name has the predicates of refinements in it.
        let ty = Printer::message(program).ty(function.body[function.params[i]].ty);
        let named = label.unwrap_or_else(|| format!("{}_{}", plain(&ty), slot.index));
        let taken = |key: &str| parameters.iter().any(|p| p.key.as_deref() == Some(key));
        let key = match named.len() > MAX_KEY || taken(&named) {
            true => format!("parameter_{}", i + 1),
            false => named,
        };
        parameters
            .push(Parameter { key: (!needs_no_argument).then_some(key), slot: slot.reference() });
    }
    parameters
}

fn is_unit(program: &Program, function: &TypedFunction, local: LocalId) -> bool {
    matches!(program.types.value_kind(function.body[local].ty), TyKind::Unit)
}

/// A label or type as a key: letters in lower case, digits and single underscores.
fn plain(text: &str) -> String {
    let mut key = String::new();
    for c in text.chars() {
        match c {
            'a'..='z' | '0'..='9' => key.push(c),
            'A'..='Z' => key.push(c.to_ascii_lowercase()),
            _ if key.is_empty() || key.ends_with('_') => {}
            _ => key.push('_'),
        }
    }
    key.trim_end_matches('_').to_owned()
}

/// Whether values of a type can be JSON; the error says why not.
fn crosses(program: &Program, ty: Ty) -> Result<(), String> {
    let mut schemas = Schemas::new(program);
    schemas.of(ty).map(drop)
}

fn nature(program: &Program, function: &TypedFunction) -> Nature {
    let mut nature = Nature::Pure;
    for effect in &function.effects {
        let declared = &program.effects[effect.effect.index()];
        match declared.name.as_str() {
            _ if declared.module.is_some() => return Nature::Effectful,
            "Async" | "Diverge" | "Exn" | "State" | "HttpServer" => {}
            "Random" => nature = Nature::Random,
            _ => return Nature::Effectful,
        }
    }
    nature
}
