//! Lowering: from the typed program to MIR. Generic functions become one
//! function for each instance, closures functions over their captures, `match`
//! decision trees, contracts checks.
//!
//! What the checker accepted is lowered or reported; nothing is dropped. Only
//! what an exported function reaches is lowered.

mod adapt;
mod arrays;
mod builder;
mod builtins;
mod calls;
mod captures;
mod checks;
mod contracts;
mod cycles;
mod data;
mod decision;
mod deep;
mod deep_equality;
mod deferred;
mod descent;
mod effects;
mod explain;
mod expressions;
mod families;
mod functions;
mod futures;
mod handlers;
mod keys;
mod live;
mod maps;
mod matching;
mod measures;
mod operations;
mod operators;
mod rank;
mod resume;
mod show;
mod sort;
mod structural;
mod unwinding;
mod wire;

use std::collections::{HashMap, HashSet};

use vera_abi::interface::HostTy;
use vera_check::typed::{self, Ability, EffectInst, FnId, Visibility};
use vera_check::types::{Printer, Ty as VeraTy, TyKind, Types};
use vera_diagnostics::{Code, Diagnostic, FileSpan, Sources};

use self::cycles::Cycles;
use self::families::FrameKind;
use self::futures::Futures;
use self::operations::Search;
use self::structural::Structural;
use self::unwinding::EffectUse;
use self::wire::{Wire, entries as wire_entries};
use crate::ir::*;

/// Choices of the build that are not in the program.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options<'a> {
    /// Beside each exported function that takes or yields more than numbers and text,
    /// export one whose arguments and result cross in parts, named with [`CALL`] behind.
    pub calls: bool,
    /// Lower the private functions of the entry file too, reached or not.
    pub private_functions: bool,
    /// All operations of host effects cross in parts, so that a host sees each of them in
    /// one place.
    pub recorded: bool,
    /// A host may keep the state cells of an exported function's row between calls.
    pub cells: bool,
    /// Checks that fail tell what values they read, on the standard error; the program
    /// itself writes nothing.
    pub explain: bool,
    /// Export nothing but such calls of these.
    pub only: Option<&'a [FnId]>,
}

/// Lowers everything the public functions of the entry file reach.
///
/// # Errors
/// One diagnostic for each construct that has no code yet, and for typed holes.
pub fn lower(
    program: &typed::Program,
    sources: &Sources,
    options: &Options<'_>,
) -> Result<Program, Vec<Diagnostic>> {
    if let Some(first) = program.holes.first() {
        return Err(vec![holes(*first, program.holes.len())]);
    }
    // Instances bring types of their own, behind those of the program.
    let types = program.types.clone();
    let cycles = Cycles::of(program, &types);
    let effects = EffectUse::of(program);
    let futures = Futures::of(program, &types, &effects.handled, options.recorded);
    let mut lowerer = Lowerer {
        program,
        sources,
        types,
        out: Program::default(),
        instances: HashMap::new(),
        called_at: HashMap::new(),
        structural: HashMap::new(),
        layouts: HashMap::new(),
        statics: HashMap::new(),
        effects,
        cycles,
        frame_kinds: HashMap::new(),
        wire: Wire::of(futures.tasks()),
        futures,
        recorded: options.recorded,
        cells: options.cells,
        explain: options.explain,
        searches: HashMap::new(),
        locs: HashMap::new(),
        work: Vec::new(),
        closures: 0,
        errors: Vec::new(),
    };
    lowerer.exports(options);
    let mut entries = Vec::new();
    let mut searches = Vec::new();
    while let Some(work) = lowerer.work.pop() {
        match work {
            Work::Function(id, args, func) => functions::lower(&mut lowerer, id, args, func),
            Work::Structural(what, ty, func) => structural::lower(&mut lowerer, what, ty, func),
            Work::Search(search, func) => searches.push((search, func)),
            Work::Entry { id, args, func, place } => entries.push((id, args, func, place)),
            Work::Call { id, func, place, source } => {
                wire_entries::lower(&mut lowerer, id, func, place, source);
            }
        }
        if lowerer.work.is_empty() {
            // The functions they call are lowered by now.
            for (id, args, func, place) in entries.drain(..) {
                operations::lower_entry(&mut lowerer, id, &args, func, place);
            }
        }
        if lowerer.work.is_empty() {
            // They know every renaming now.
            for (search, func) in searches.drain(..) {
                operations::lower(&mut lowerer, search, func);
            }
        }
        if lowerer.work.is_empty() {
            lowerer.finish_functions();
        }
        if lowerer.work.is_empty() {
            lowerer.finish_futures();
            lowerer.finish_functions();
        }
        if lowerer.work.is_empty() {
            lowerer.finish_wire();
        }
    }
    let Lowerer { out, errors, .. } = lowerer;
    if errors.is_empty() { Ok(out) } else { Err(errors) }
}

fn holes(at: FileSpan, count: usize) -> Diagnostic {
    let number =
        if count == 1 { "a typed hole".to_owned() } else { format!("{count} typed holes") };
    Diagnostic::error(
        Code::E614,
        at,
        format!("The program contains {number} and cannot be compiled."),
    )
    .rationale("A hole stands for an expression that is still to be written.")
    .fix("Replace each `?`; `vera check` lists the expected type and the bindings in scope.")
    .spec("Chapter 5, Section 5.15 \"Typed holes\"")
}

/// Whether values of the type cross as they are, or as text.
fn is_plain(ty: &HostTy) -> bool {
    match ty {
        HostTy::Unit
        | HostTy::Int
        | HostTy::Nat
        | HostTy::Byte
        | HostTy::Bool
        | HostTy::Float64
        | HostTy::String => true,
        HostTy::Decimal | HostTy::Enum(_) | HostTy::Compound(_) | HostTy::Opaque(_) => false,
    }
}

/// A function whose place is known and whose body is not.
enum Work {
    Function(FnId, Vec<VeraTy>, FuncId),
    Structural(Structural, VeraTy, FuncId),
    Search(Search, FuncId),
    /// What a host calls: the function with the cells and measures it needs.
    Entry {
        id: FnId,
        args: Vec<VeraTy>,
        func: FuncId,
        place: FuncId,
    },
    /// A call whose arguments cross in parts.
    Call {
        id: FnId,
        func: FuncId,
        place: FuncId,
        source: SourceFnId,
    },
}

/// The state of one lowering.
pub(crate) struct Lowerer<'a> {
    program: &'a typed::Program,
    sources: &'a Sources,
    /// The program's, and more behind them.
    types: Types,
    out: Program,
    instances: HashMap<(FnId, Vec<VeraTy>), FuncId>,
    /// Where the program first calls an instance of a function of the prelude.
    called_at: HashMap<FuncId, FileSpan>,
    structural: HashMap<(Structural, VeraTy), FuncId>,
    layouts: HashMap<Layout, LayoutId>,
    statics: HashMap<Static, StaticId>,
    effects: EffectUse,
    cycles: Cycles,
    /// Numbers of the kinds of frames.
    frame_kinds: HashMap<FrameKind, u32>,
    searches: HashMap<Search, FuncId>,
    wire: Wire,
    futures: Futures,
    /// See [`Options::recorded`].
    recorded: bool,
    /// See [`Options::cells`].
    cells: bool,
    /// See [`Options::explain`].
    explain: bool,
    locs: HashMap<Loc, LocId>,
    work: Vec<Work>,
    /// Number of closures so far, for their names.
    closures: u32,
    errors: Vec<Diagnostic>,
}

impl Lowerer<'_> {
    fn exports(&mut self, options: &Options<'_>) {
        if let Some(functions) = options.only {
            return functions.iter().for_each(|id| wire_entries::export(self, *id));
        }
        // A host that looks for the first function takes one without type parameters.
        let (plain, generic): (Vec<FnId>, Vec<FnId>) = (self.program.entry_fns.iter())
            .partition(|id| self.program.function(**id).type_params.is_empty());
        for id in plain.into_iter().chain(generic) {
            let function = self.program.function(id);
            let Some(type_args) = self.program.entry_args(&self.types, id) else { continue };
            if function.visibility != Visibility::Public {
                if options.private_functions && type_args.is_empty() {
                    self.instance(id, type_args);
                }
                continue;
            }
            let name = function.name.to_string();
            let params: Vec<VeraTy> =
                function.params.iter().map(|p| function.body[*p].ty).collect();
            let ret = function.ret;
            let func = self.instance(id, type_args.clone());
            let func = operations::entry(self, id, type_args, func);
            let params: Vec<HostTy> = params.iter().map(|p| self.host_ty(*p)).collect();
            let result = self.host_ty(ret);
            let plain = params.iter().chain([&result]).all(is_plain);
            self.out.exports.push(Export { name, func, params, result, in_parts: false });
            if options.calls && !plain && function.type_params.is_empty() {
                wire_entries::export(self, id);
            }
        }
    }

    /// Whether a closed type has an ability (language reference, chapter 03.9.1):
    /// whether none of the types its values hold lacks it.
    fn has(&mut self, ability: Ability, ty: VeraTy) -> bool {
        let structural = matches!(ability, Ability::Hash | Ability::Show);
        let mut met = HashSet::new();
        let mut work = vec![ty];
        while let Some(ty) = work.pop() {
            if !met.insert(ty) {
                continue;
            }
            let fine = match self.types.base_kind(ty) {
                TyKind::Int | TyKind::Nat | TyKind::Byte | TyKind::Float64 | TyKind::String => true,
                TyKind::Bool | TyKind::Unit | TyKind::Never => ability != Ability::Ord,
                TyKind::Future(inner) => {
                    work.push(*inner);
                    ability != Ability::Ord
                }
                TyKind::Array(inner) | TyKind::Set(inner) => {
                    work.push(*inner);
                    structural
                }
                TyKind::Map(key, value) => {
                    work.extend([*key, *value]);
                    structural
                }
                TyKind::Tuple(parts) => {
                    work.extend(parts);
                    structural
                }
                TyKind::Data(data, args) => {
                    let (data, args) = (*data, args.clone());
                    for field in self.program.data(data).ctors.iter().flat_map(|c| &c.fields) {
                        work.push(self.types.subst(*field, &args));
                    }
                    ability != Ability::Ord
                }
                TyKind::Decimal => structural,
                TyKind::Fn { .. }
                | TyKind::Refined(..)
                | TyKind::Param(..)
                | TyKind::Meta(_)
                | TyKind::Undeclared(_)
                | TyKind::Unknown => false,
            };
            if !fine {
                return false;
            }
        }
        true
    }

    fn lacks_ability(&mut self, at: FileSpan, ability: Ability, ty: VeraTy) {
        let (name, op) = match ability {
            Ability::Eq => ("Eq", "=="),
            Ability::Ord => ("Ord", "compare"),
            Ability::Hash => ("Hash", "hash"),
            Ability::Show => ("Show", "show"),
        };
        let shown = self.show(ty);
        let report = Diagnostic::error(
            Code::E613,
            at,
            format!("An instance of this code needs `{op}` on {shown}, which lacks the ability {name}."),
        )
        .rationale("A generic function is compiled for each type it is used at, and each must have the abilities its code uses.")
        .fix("Call the function with a type that has the ability, or pass the operation as a function parameter.")
        .spec("Chapter 3, Section 3.9.1 \"Who satisfies what\"");
        if !self.errors.contains(&report) {
            self.errors.push(report);
        }
    }

    /// The type as messages print it.
    fn show(&self, ty: VeraTy) -> String {
        Printer::with_types(self.program, &self.types).ty(ty)
    }

    /// The function for this instance, lowered later if it is new.
    fn instance(&mut self, id: FnId, args: Vec<VeraTy>) -> FuncId {
        if let Some(func) = self.instances.get(&(id, args.clone())) {
            return *func;
        }
        let name = self.instance_name(id, &args);
        let function = self.program.function(id);
        let decl = self.at(function.module, function.span);
        let func = self.reserve(name.clone(), name, decl);
        self.instances.insert((id, args.clone()), func);
        self.work.push(Work::Function(id, args, func));
        func
    }

    /// `f`, `outer$where$helper`, `idt$String`.
    fn instance_name(&self, id: FnId, args: &[VeraTy]) -> String {
        let mut name = self.program.function(id).name.to_string();
        let mut parent = self.program.function(id).parent;
        while let Some(outer) = parent {
            name = format!("{}$where${name}", self.program.function(outer).name);
            parent = self.program.function(outer).parent;
        }
        for (param, arg) in self.program.function(id).type_params.iter().zip(args) {
            name.push('$');
            match param.is_any_reference(*arg) {
                true => name.push('_'),
                false => name.push_str(&self.show(*arg)),
            }
        }
        name
    }

    /// Takes a place in the function table; the body comes later.
    fn reserve(&mut self, name: String, shown: String, decl: FileSpan) -> FuncId {
        let source = SourceFnId(self.out.source_fns.len() as u32);
        self.out.source_fns.push(SourceFn { name: shown, decl });
        let loc = self.loc(decl, source);
        self.out.funcs.push(builder::Builder::new(name, source, loc).finish());
        FuncId(self.out.funcs.len() as u32 - 1)
    }

    fn loc(&mut self, at: FileSpan, func: SourceFnId) -> LocId {
        let loc = Loc { at, func, inlined_at: None };
        if let Some(id) = self.locs.get(&loc) {
            return *id;
        }
        let id = LocId(self.out.locs.len() as u32);
        self.out.locs.push(loc.clone());
        self.locs.insert(loc, id);
        id
    }

    fn at(&self, module: typed::ModuleId, span: vera_diagnostics::Span) -> FileSpan {
        FileSpan { file: self.program.modules[module.index()].file, span }
    }

    fn static_(&mut self, object: Static) -> StaticId {
        if let Some(id) = self.statics.get(&object) {
            return *id;
        }
        let id = StaticId(self.out.statics.len() as u32);
        self.out.statics.push(object.clone());
        self.statics.insert(object, id);
        id
    }

    /// Reports a construct that has no code yet.
    fn unsupported(&mut self, at: FileSpan, what: &str) {
        let report = Diagnostic::error(
            Code::E602,
            at,
            format!("The code generator does not support {what} yet."),
        )
        .rationale("The program is well typed, but this construct cannot be compiled by this version.")
        .fix("Check and format the program as it is; to run it, write this part without the construct.");
        if !self.errors.contains(&report) {
            self.errors.push(report);
        }
    }

    fn effect_name(&self, effect: &EffectInst) -> String {
        self.program.effects[effect.effect.index()].name.to_string()
    }
}
