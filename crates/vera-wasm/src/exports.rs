//! What the module offers to its host.
//!
//! A host calls an export through a wrapper that starts the runtime if the host
//! has not, passes the shadow pointer, and takes and returns strings as address
//! and length. A function that needs none of this is exported as it is.
//!
//! Strings that a host wants to pass are put where `vera.alloc` says: bytes of a
//! string object that stays on the shadow stack until the next entry call has
//! made its own copy.

use vera_abi::interface::HostTy;
use vera_abi::layout::{SEQ_DATA, SEQ_LEN, SHADOW_STACK_SIZE};
use vera_abi::runtime::{RtFn, Wasm};
use vera_mir::ir::{Export, Ty, value_ty};
use wasm_encoder::BlockType;

use crate::EmitOptions;
use crate::code::{Code, mem_arg};
use crate::func::takes_shadow_pointer;
use crate::module::Context;

/// Exported functions, in order: name and index.
pub fn emit(cx: &mut Context<'_>, options: &EmitOptions) -> Vec<(String, u32)> {
    let program = cx.program;
    let mut exports = Vec::new();
    let init = cx.runtime_globals.map(|globals| init(cx, globals));
    for export in &program.exports {
        exports.push((export.name.clone(), entry(cx, export, init, options)));
    }
    let (Some(globals), Some(init)) = (cx.runtime_globals, init) else { return exports };
    exports.push(("vera.init".into(), init));
    if globals.scratch.is_some() {
        exports.push(("vera.alloc".into(), alloc(cx, globals, init, options)));
    }
    if options.test_hooks {
        exports.push(("vera.high_water".into(), cx.runtime(RtFn::HighWater)));
    }
    exports
}

/// Globals of a module with a runtime.
#[derive(Clone, Copy)]
pub struct RuntimeGlobals {
    /// Bottom of the shadow stack; 0 before the runtime is initialised.
    pub shadow_base: u32,
    /// Shadow pointers above this leave no room for another frame.
    pub shadow_limit: u32,
    /// Top of the strings made by `vera.alloc`, when there is such an export.
    pub scratch: Option<u32>,
}

/// `(flags)`: initialises the runtime, once.
fn init(cx: &mut Context<'_>, globals: RuntimeGlobals) -> u32 {
    let rt_init = cx.runtime(RtFn::Init);
    let reserve = cx.shadow_reserve();
    let mut code = Code::default();
    let mut ops = code.ops();
    ops.global_get(globals.shadow_base).i32_eqz().if_(BlockType::Empty);
    ops.local_get(0).call(rt_init).global_set(globals.shadow_base);
    ops.global_get(globals.shadow_base).i32_const((SHADOW_STACK_SIZE - reserve) as i32);
    ops.i32_add().global_set(globals.shadow_limit);
    if let Some(scratch) = globals.scratch {
        ops.global_get(globals.shadow_base).global_set(scratch);
    }
    ops.end();
    cx.add_glue("vera.init".into(), &[Wasm::I32], &[], code, &[])
}

/// Initialises the runtime unless that has happened.
fn ensure_init(code: &mut Code, globals: RuntimeGlobals, init: u32, options: &EmitOptions) {
    let mut ops = code.ops();
    ops.global_get(globals.shadow_base).i32_eqz().if_(BlockType::Empty);
    ops.i32_const(options.gc as i32).call(init).end();
}

/// `(bytes) -> address`.
fn alloc(cx: &mut Context<'_>, globals: RuntimeGlobals, init: u32, options: &EmitOptions) -> u32 {
    let scratch = globals.scratch.expect("checked by the caller");
    let string_new = cx.runtime(RtFn::StringNew);
    let mut code = Code::default();
    ensure_init(&mut code, globals, init, options);
    let (bytes, object) = (0, 1);
    let mut ops = code.ops();
    ops.local_get(bytes).global_get(scratch).call(string_new).local_set(object);
    ops.global_get(scratch).local_get(object).i32_store(mem_arg(0, 4));
    ops.global_get(scratch).i32_const(4).i32_add().global_set(scratch);
    ops.local_get(object).i32_load(mem_arg(SEQ_DATA, 4));
    cx.add_glue("vera.alloc".into(), &[Wasm::I32], &[Wasm::I32], code, &[Wasm::I32])
}

/// The function to export for `export`.
fn entry(cx: &mut Context<'_>, export: &Export, init: Option<u32>, options: &EmitOptions) -> u32 {
    let func = cx.program.func(export.func);
    let index = cx.func(export.func);
    let takes_sp = takes_shadow_pointer(func);
    let strings = takes_text(export) || yields_text(export);
    if init.is_none() && !takes_sp && !strings {
        return index;
    }
    let mut params = Vec::new();
    for param in wasm_params(export) {
        match param {
            Param::Text => params.extend([Wasm::I32, Wasm::I32]),
            Param::Value(ty) => params.push(ty.wasm()),
        }
    }
    let results: Vec<Wasm> = match &export.result {
        _ if export.in_parts => Vec::new(),
        HostTy::String => vec![Wasm::I32, Wasm::I32],
        other => value_ty(other).map(Ty::wasm).into_iter().collect(),
    };
    let mut code = Code::default();
    if let (Some(globals), Some(init)) = (cx.runtime_globals, init) {
        ensure_init(&mut code, globals, init, options);
    }
    let locals = copy_strings(cx, export, &mut code, params.len() as u32);
    push_params(export, &mut code, params.len() as u32);
    if takes_sp {
        match cx.runtime_globals {
            Some(globals) => _ = code.ops().global_get(globals.shadow_base),
            // Nothing is ever collected, so nobody looks at the shadow stack.
            None => code.i32(0),
        }
    }
    code.ops().call(index);
    let mut local_types = vec![Wasm::I32; locals as usize];
    if yields_text(export) {
        let result = params.len() as u32 + locals;
        local_types.push(Wasm::I32);
        code.set(result);
        code.get(result);
        code.ops().i32_load(mem_arg(SEQ_DATA, 4));
        code.get(result);
        code.ops().i32_load(mem_arg(SEQ_LEN, 4));
    }
    cx.add_glue(format!("export {}", export.name), &params, &results, code, &local_types)
}

/// Copies every string parameter into a new string, each in a local behind the
/// parameters, and forgets the bytes the host had put into scratch strings.
/// Returns the number of locals.
fn copy_strings(cx: &mut Context<'_>, export: &Export, code: &mut Code, first_local: u32) -> u32 {
    if !takes_text(export) {
        return 0;
    }
    let string_new = cx.runtime(RtFn::StringNew);
    let globals = cx.runtime_globals.expect("strings come with the runtime");
    let scratch = globals.scratch.expect("some export takes a string");
    let mut ops = code.ops();
    let (mut param, mut count) = (0, 0);
    for ty in wasm_params(export) {
        if ty == Param::Text {
            let (address, len, copy) = (param, param + 1, first_local + count);
            // Copies already made lie on the shadow stack above the scratch strings.
            ops.local_get(len).global_get(scratch).i32_const(4 * count as i32).i32_add();
            ops.call(string_new).local_set(copy);
            ops.global_get(scratch).local_get(copy).i32_store(mem_arg(4 * count, 4));
            ops.local_get(copy).i32_load(mem_arg(SEQ_DATA, 4)).local_get(address).local_get(len);
            ops.memory_copy(0, 0);
            count += 1;
        }
        param += ty.count();
    }
    ops.global_get(globals.shadow_base).global_set(scratch);
    count
}

fn push_params(export: &Export, code: &mut Code, first_local: u32) {
    let (mut param, mut copy) = (0, first_local);
    for ty in wasm_params(export) {
        match ty {
            Param::Text => {
                code.get(copy);
                copy += 1;
            }
            Param::Value(_) => code.get(param),
        }
        param += ty.count();
    }
}

/// A Vera parameter that is passed to the wasm function.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Param {
    /// As address and length.
    Text,
    Value(Ty),
}

impl Param {
    /// How many wasm parameters it takes.
    fn count(self) -> u32 {
        match self {
            Param::Text => 2,
            Param::Value(_) => 1,
        }
    }
}

fn wasm_params(export: &Export) -> impl Iterator<Item = Param> {
    let params = if export.in_parts { &[][..] } else { &export.params };
    params.iter().filter_map(|ty| match ty {
        HostTy::String => Some(Param::Text),
        other => value_ty(other).map(Param::Value),
    })
}

/// Whether a host passes strings to the wasm function.
pub fn takes_text(export: &Export) -> bool {
    !export.in_parts && export.params.contains(&HostTy::String)
}

/// Whether the wasm function returns a string.
pub fn yields_text(export: &Export) -> bool {
    !export.in_parts && export.result == HostTy::String
}
