//! What a module has that becomes a WASI component: functions of the runtime instead of
//! imports of its host, and the exports that its world asks for.
//!
//! Operations that cross in parts are told apart here, by the program's table: so only
//! those that it performs are part of it.

use std::collections::BTreeMap;

use vera_abi::host::HostFn;
use vera_abi::interface::{CALL, CompoundId, CompoundKind, HostTy, Interface};
use vera_abi::runtime::{RtFn, Wasm};
use vera_abi::wasi::{self, BEGUN, REALLOC, REQUEST, RESPOND, TYPE, World};
use vera_mir::ir::Program;
use wasm_encoder::BlockType;

use crate::code::Code;
use crate::module::Context;
use crate::runtime::StandIns;
use crate::usage::Usage;

/// The export of a command.
const RUN: &str = "wasi:cli/run@0.2.0#run";

/// The export of what answers requests.
const HANDLE: &str = "wasi:http/incoming-handler@0.2.0#handle";

/// The functions of the runtime that stand in for what the program asks its host for.
pub fn stand_ins(program: &Program, usage: &mut Usage, world: World) -> StandIns {
    // The heap, which every component has.
    usage.runtime.insert(RtFn::Init);
    usage.memory = true;
    let of_host = usage.host.iter().filter_map(|func| wasi::stand_in(*func, world));
    let mut names: std::collections::BTreeSet<&'static str> = of_host.collect();
    names.insert(REALLOC);
    let performs = usage.host.contains(&HostFn::Perform) || usage.host.contains(&HostFn::Start);
    if performs {
        names.insert(TYPE);
        names.extend(operations(program, world).flatten());
    }
    if usage.host.contains(&HostFn::Start) {
        names.insert(BEGUN);
    }
    if world == World::Server {
        names.extend([TYPE, REQUEST, RESPOND]);
    }
    StandIns { world, names }
}

/// What performs each operation of the program's table, where the world has it.
fn operations(program: &Program, world: World) -> impl Iterator<Item = Option<&'static str>> {
    let all = program.interface.operations.iter();
    all.map(move |op| wasi::operation(&op.effect, &op.name, world).ok())
}

/// Makes the functions that tell operations apart, and says where all others are.
pub fn link(
    cx: &mut Context<'_>,
    usage: &Usage,
    stand_ins: &BTreeMap<&'static str, u32>,
    world: World,
) {
    cx.stand_ins.clone_from(stand_ins);
    let uses = |func| usage.host.contains(&func);
    if uses(HostFn::Perform) || uses(HostFn::Start) {
        let mut code = Code::default();
        perform(cx, &mut code, world);
        let index = cx.add_glue("perform".into(), &[Wasm::I32], &[], code, &[]);
        cx.host.insert(HostFn::Perform, index);
        if uses(HostFn::Start) {
            // What is begun is done at once; its result waits.
            let mut code = Code::default();
            code.ops().local_get(0).call(index).call(cx.stand_ins[BEGUN]);
            let start = cx.add_glue("start".into(), &[Wasm::I32], &[Wasm::I32], code, &[]);
            cx.host.insert(HostFn::Start, start);
        }
    }
    for func in &usage.host {
        if let Some(name) = wasi::stand_in(*func, world) {
            cx.host.insert(*func, cx.stand_ins[name]);
        }
    }
}

/// `(operation)`: for each, its number is compared.
fn perform(cx: &Context<'_>, code: &mut Code, world: World) {
    let program = cx.program;
    let all = program.interface.operations.iter().zip(operations(program, world));
    for (number, (op, name)) in all.enumerate() {
        let Some(name) = name else { continue };
        let mut ops = code.ops();
        ops.local_get(0).i32_const(number as i32).i32_eq().if_(BlockType::Empty);
        for CompoundId(id) in nodes_within(&program.interface, &op.result) {
            ops.i32_const(id as i32).call(cx.stand_ins[TYPE]);
        }
        ops.call(cx.stand_ins[name]).return_().end();
    }
    code.ops().unreachable();
}

/// The types of the nodes in values of a type, outer ones first, each once.
fn nodes_within(interface: &Interface, ty: &HostTy) -> Vec<CompoundId> {
    let mut nodes = Vec::new();
    let mut work = vec![ty];
    while let Some(ty) = work.pop() {
        let HostTy::Compound(id) = ty else { continue };
        if interface.is_inline(ty) || nodes.contains(id) {
            continue;
        }
        nodes.push(*id);
        match &interface.compound(*id).kind {
            CompoundKind::Array(part) | CompoundKind::Set(part) => work.push(part),
            CompoundKind::Map(keys, values) => work.extend([values, keys]),
            CompoundKind::Tuple(parts) => work.extend(parts.iter().rev()),
            CompoundKind::Data(ctors) => {
                work.extend(ctors.iter().flat_map(|c| &c.fields).rev());
            }
        }
    }
    nodes
}

/// The exports of the world instead of the program's own.
pub fn exports(cx: &mut Context<'_>, own: &[(String, u32)], world: World) -> Vec<(String, u32)> {
    let named = |name: &str| own.iter().find(|(n, _)| n == name).map(|(_, index)| *index);
    let mut exports = vec![(REALLOC.to_owned(), cx.stand_ins[REALLOC])];
    match world {
        World::Cli => {
            let main = named("main").expect("a command has a `main`");
            exports.push((RUN.to_owned(), command(cx, main)));
            if plain_result(cx.program) {
                exports.push(("main".to_owned(), main));
            }
        }
        World::Server => {
            let call = named(&format!("handle{CALL}")).expect("a server has a `handle`");
            exports.push((HANDLE.to_owned(), handler(cx, call)));
        }
    }
    exports
}

/// Whether the result of `main` is one that the component model has as it is.
pub fn plain_result(program: &Program) -> bool {
    let main = program.exports.iter().find(|e| e.name == "main" && !e.in_parts);
    main.is_some_and(|e| {
        matches!(e.result, HostTy::Unit | HostTy::Int | HostTy::Nat | HostTy::Float64)
    })
}

/// `() -> 0`: calls `main`.
fn command(cx: &mut Context<'_>, main: u32) -> u32 {
    let export = cx.program.exports.iter().find(|e| e.name == "main" && !e.in_parts);
    let results = export.map_or(0, |e| match e.result {
        HostTy::Unit => 0,
        HostTy::String => 2,
        _ => 1,
    });
    let mut code = Code::default();
    let mut ops = code.ops();
    ops.call(main);
    for _ in 0..results {
        ops.drop();
    }
    ops.i32_const(0);
    cx.add_glue("run".into(), &[], &[Wasm::I32], code, &[])
}

/// `(request, response)`: hands the request over, calls `handle`, and sends its answer.
fn handler(cx: &mut Context<'_>, call: u32) -> u32 {
    let program = cx.program;
    let export = program.exports.iter().find(|e| e.in_parts).expect("a server has a `handle`");
    let request = &export.params[0];
    let is_text = program.interface.name(request) == "Request";
    let mut code = Code::default();
    let mut ops = code.ops();
    for CompoundId(id) in nodes_within(&program.interface, request) {
        ops.i32_const(id as i32).call(cx.stand_ins[TYPE]);
    }
    ops.local_get(0).i32_const(i32::from(is_text)).call(cx.stand_ins[REQUEST]);
    ops.call(call).local_get(1).call(cx.stand_ins[RESPOND]);
    cx.add_glue("handle request".into(), &[Wasm::I32, Wasm::I32], &[], code, &[])
}
