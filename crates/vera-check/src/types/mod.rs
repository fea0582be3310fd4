//! The type language: interned types, their printing and the relations on them.

use std::collections::HashMap;

use smol_str::SmolStr;

use crate::typed::{DataId, EffectInst, RefinementId};

mod print;

pub use print::Printer;

/// An interned type; equal types have equal ids.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Ty(u32);

/// The shape of a type. Aliases are already expanded.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum TyKind {
    Int,
    Nat,
    Byte,
    Bool,
    Float64,
    String,
    Unit,
    Never,
    Decimal,
    Array(Ty),
    Set(Ty),
    Map(Ty, Ty),
    Future(Ty),
    /// At least one component.
    Tuple(Vec<Ty>),
    Data(DataId, Vec<Ty>),
    Fn {
        params: Vec<Ty>,
        ret: Ty,
        row: Row,
    },
    /// A base, the refinement, and the types its declaration's parameters stand for.
    Refined(Ty, RefinementId, Vec<Ty>),
    /// Type parameter `index` of the declaration the type stands in.
    Param(u32, SmolStr),
    /// An inference variable; never in a typed program.
    Meta(u32),
    /// A name that nothing declares: equal only to itself. Never in a typed program.
    Undeclared(SmolStr),
    /// The type of an expression that drew an error: fits everywhere. Never in a
    /// typed program.
    Unknown,
}

impl TyKind {
    /// Whether a `State` cell without an initial value can start: as 0, 0.0 or
    /// `false`. Asked of the type behind refinements.
    pub fn has_zero(&self) -> bool {
        matches!(self, TyKind::Int | TyKind::Nat | TyKind::Byte | TyKind::Bool | TyKind::Float64)
    }
}

/// The effects a function value may perform, sorted and without duplicates.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Row {
    pub effects: Vec<EffectInst>,
    /// Effect variables, by name.
    pub vars: Vec<SmolStr>,
}

impl Row {
    pub fn is_pure(&self) -> bool {
        self.effects.is_empty() && self.vars.is_empty()
    }
}

/// How many parts a type may have, counting each occurrence. Aliases and generic
/// calls can double a type with every step; within the limit every walk ends soon.
pub const MAX_PARTS: u32 = 4_096;

/// The interner.
#[derive(Debug, Clone)]
pub struct Types {
    kinds: Vec<TyKind>,
    /// The number of parts of each type, itself included.
    parts: Vec<u32>,
    ids: HashMap<TyKind, Ty>,
    oversized: bool,
}

macro_rules! well_known {
    ($($name:ident = $index:literal, $kind:expr;)*) => {
        impl Ty {
            $(pub const $name: Ty = Ty($index);)*
        }

        impl Default for Types {
            fn default() -> Types {
                let mut types = Types {
                    kinds: Vec::new(),
                    parts: Vec::new(),
                    ids: HashMap::new(),
                    oversized: false,
                };
                $(assert_eq!(types.intern($kind), Ty::$name, "well-known types are interned in order");)*
                types
            }
        }
    };
}

well_known! {
    INT = 0, TyKind::Int;
    NAT = 1, TyKind::Nat;
    BYTE = 2, TyKind::Byte;
    BOOL = 3, TyKind::Bool;
    FLOAT64 = 4, TyKind::Float64;
    STRING = 5, TyKind::String;
    UNIT = 6, TyKind::Unit;
    NEVER = 7, TyKind::Never;
    UNKNOWN = 8, TyKind::Unknown;
    DECIMAL = 9, TyKind::Decimal;
}

impl Types {
    /// The id of a type. One of more than [`MAX_PARTS`] parts is
    /// [`TyKind::Unknown`], and [`Types::take_oversized`] tells of it.
    pub fn intern(&mut self, kind: TyKind) -> Ty {
        if let Some(ty) = self.ids.get(&kind) {
            return *ty;
        }
        let mut parts = 1u32;
        for_each_part(&kind, &mut |part| {
            parts = parts.saturating_add(self.parts[part.0 as usize]);
        });
        if parts > MAX_PARTS {
            self.oversized = true;
            return Ty::UNKNOWN;
        }
        let ty = Ty(self.kinds.len() as u32);
        self.kinds.push(kind.clone());
        self.parts.push(parts);
        self.ids.insert(kind, ty);
        ty
    }

    /// Whether a type was too large since the last [`Types::take_oversized`].
    pub fn is_oversized(&self) -> bool {
        self.oversized
    }

    /// Whether a type was too large since the last call.
    pub fn take_oversized(&mut self) -> bool {
        std::mem::take(&mut self.oversized)
    }

    pub fn kind(&self, ty: Ty) -> &TyKind {
        &self.kinds[ty.0 as usize]
    }

    /// The type without its outer refinements.
    pub fn base(&self, mut ty: Ty) -> Ty {
        while let TyKind::Refined(base, ..) = self.kind(ty) {
            ty = *base;
        }
        ty
    }

    /// The shape of the type without its outer refinements.
    pub fn base_kind(&self, ty: Ty) -> &TyKind {
        self.kind(self.base(ty))
    }

    /// The kind of what values of the type are: without refinements and futures.
    pub fn value_kind(&self, ty: Ty) -> &TyKind {
        self.kind(self.plain(ty))
    }

    /// The type without refinements and futures on the outside.
    pub fn plain(&self, ty: Ty) -> Ty {
        let base = self.base(ty);
        match *self.kind(base) {
            TyKind::Future(inner) => self.plain(inner),
            _ => base,
        }
    }

    /// How many futures are around the values of the type.
    pub fn futures(&self, ty: Ty) -> u32 {
        match *self.base_kind(ty) {
            TyKind::Future(inner) => 1 + self.futures(inner),
            _ => 0,
        }
    }

    /// Whether values of the type take no space (`Unit`, and a future of such).
    pub fn is_zero_size(&self, ty: Ty) -> bool {
        match self.base_kind(ty) {
            TyKind::Unit => true,
            TyKind::Future(inner) => self.is_zero_size(*inner),
            _ => false,
        }
    }

    /// Rebuilds a type bottom-up: `leaf` may replace any type before its parts
    /// are looked at.
    pub fn map(&mut self, ty: Ty, leaf: &mut dyn FnMut(&mut Types, Ty) -> Option<Ty>) -> Ty {
        let mut step = |types: &mut Types, ty| leaf(types, ty).map_or(Step::Into(ty), Step::Done);
        Mapper { types: self, step: &mut step, done: HashMap::new() }.ty(ty)
    }

    /// Rebuilds a type with each part replaced by what it stands for, the parts
    /// of that included.
    pub fn follow(&mut self, ty: Ty, stands_for: &dyn Fn(&Types, Ty) -> Ty) -> Ty {
        let mut step = |types: &mut Types, ty| Step::Into(stands_for(types, ty));
        Mapper { types: self, step: &mut step, done: HashMap::new() }.ty(ty)
    }

    /// [`Types::map`] over the arguments of a row's effects.
    pub fn map_row(
        &mut self,
        row: &Row,
        leaf: &mut dyn FnMut(&mut Types, Ty) -> Option<Ty>,
    ) -> Row {
        let mut step = |types: &mut Types, ty| leaf(types, ty).map_or(Step::Into(ty), Step::Done);
        Mapper { types: self, step: &mut step, done: HashMap::new() }.row(row)
    }

    /// The type with `Param(i)` replaced by `args[i]`; parameters beyond `args` stay.
    pub fn subst(&mut self, ty: Ty, args: &[Ty]) -> Ty {
        if args.is_empty() {
            return ty;
        }
        self.map(ty, &mut |types, ty| match types.kind(ty) {
            TyKind::Param(index, _) => args.get(*index as usize).copied(),
            _ => None,
        })
    }
}

/// What becomes of a part.
enum Step {
    /// It is replaced, and done.
    Done(Ty),
    /// The parts of this type are rebuilt.
    Into(Ty),
}

/// One run over a type. Each different part is rebuilt once: types that share
/// their parts are large only when written out.
struct Mapper<'a> {
    types: &'a mut Types,
    step: &'a mut dyn FnMut(&mut Types, Ty) -> Step,
    done: HashMap<Ty, Ty>,
}

impl Mapper<'_> {
    fn ty(&mut self, ty: Ty) -> Ty {
        let inner = match (self.step)(self.types, ty) {
            Step::Done(replaced) => return replaced,
            Step::Into(inner) => inner,
        };
        if is_leaf(self.types.kind(inner)) {
            return inner;
        }
        if let Some(done) = self.done.get(&inner) {
            return *done;
        }
        let kind = self.types.kind(inner).clone();
        let kind = self.kind(kind);
        let rebuilt = self.types.intern(kind);
        self.done.insert(inner, rebuilt);
        rebuilt
    }

    fn kind(&mut self, kind: TyKind) -> TyKind {
        match kind {
            TyKind::Int
            | TyKind::Nat
            | TyKind::Byte
            | TyKind::Bool
            | TyKind::Float64
            | TyKind::String
            | TyKind::Unit
            | TyKind::Never
            | TyKind::Decimal
            | TyKind::Param(..)
            | TyKind::Meta(_)
            | TyKind::Undeclared(_)
            | TyKind::Unknown => kind,
            TyKind::Array(t) => TyKind::Array(self.ty(t)),
            TyKind::Set(t) => TyKind::Set(self.ty(t)),
            TyKind::Future(t) => TyKind::Future(self.ty(t)),
            TyKind::Map(k, v) => TyKind::Map(self.ty(k), self.ty(v)),
            TyKind::Tuple(parts) => TyKind::Tuple(self.all(&parts)),
            TyKind::Data(id, args) => TyKind::Data(id, self.all(&args)),
            TyKind::Fn { params, ret, row } => {
                TyKind::Fn { params: self.all(&params), ret: self.ty(ret), row: self.row(&row) }
            }
            TyKind::Refined(base, id, args) => TyKind::Refined(self.ty(base), id, self.all(&args)),
        }
    }

    fn all(&mut self, tys: &[Ty]) -> Vec<Ty> {
        tys.iter().map(|t| self.ty(*t)).collect()
    }

    fn row(&mut self, row: &Row) -> Row {
        let mut effects: Vec<EffectInst> = row
            .effects
            .iter()
            .map(|e| EffectInst { effect: e.effect, args: self.all(&e.args) })
            .collect();
        effects.sort();
        effects.dedup();
        Row { effects, vars: row.vars.clone() }
    }
}

/// Whether a type has no parts.
fn is_leaf(kind: &TyKind) -> bool {
    let mut leaf = true;
    for_each_part(kind, &mut |_| leaf = false);
    leaf
}

/// The types a type is directly made of.
pub fn for_each_part(kind: &TyKind, visit: &mut dyn FnMut(Ty)) {
    match kind {
        TyKind::Array(t) | TyKind::Set(t) | TyKind::Future(t) => visit(*t),
        TyKind::Map(k, v) => {
            visit(*k);
            visit(*v);
        }
        TyKind::Tuple(parts) | TyKind::Data(_, parts) => parts.iter().for_each(|t| visit(*t)),
        TyKind::Refined(base, _, args) => {
            visit(*base);
            args.iter().for_each(|t| visit(*t));
        }
        TyKind::Fn { params, ret, row } => {
            params.iter().for_each(|t| visit(*t));
            visit(*ret);
            row.effects.iter().flat_map(|e| &e.args).for_each(|t| visit(*t));
        }
        TyKind::Int
        | TyKind::Nat
        | TyKind::Byte
        | TyKind::Bool
        | TyKind::Float64
        | TyKind::String
        | TyKind::Unit
        | TyKind::Never
        | TyKind::Decimal
        | TyKind::Param(..)
        | TyKind::Meta(_)
        | TyKind::Undeclared(_)
        | TyKind::Unknown => {}
    }
}

/// Calls `f` with the refinements in a type.
pub fn for_each_refinement(types: &Types, ty: Ty, f: &mut dyn FnMut(RefinementId)) {
    any(types, ty, &mut |kind| {
        if let TyKind::Refined(_, id, _) = kind {
            f(*id);
        }
        false
    });
}

/// Whether the type or any part of it satisfies `test`.
pub fn any(types: &Types, ty: Ty, test: &mut dyn FnMut(&TyKind) -> bool) -> bool {
    let kind = types.kind(ty);
    if test(kind) {
        return true;
    }
    let mut found = false;
    for_each_part(kind, &mut |part| found = found || any(types, part, test));
    found
}
