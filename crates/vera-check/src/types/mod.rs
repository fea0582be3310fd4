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

/// The interner.
#[derive(Debug, Clone)]
pub struct Types {
    kinds: Vec<TyKind>,
    ids: HashMap<TyKind, Ty>,
}

macro_rules! well_known {
    ($($name:ident = $index:literal, $kind:expr;)*) => {
        impl Ty {
            $(pub const $name: Ty = Ty($index);)*
        }

        impl Default for Types {
            fn default() -> Types {
                let mut types = Types { kinds: Vec::new(), ids: HashMap::new() };
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
    pub fn intern(&mut self, kind: TyKind) -> Ty {
        if let Some(ty) = self.ids.get(&kind) {
            return *ty;
        }
        let ty = Ty(self.kinds.len() as u32);
        self.kinds.push(kind.clone());
        self.ids.insert(kind, ty);
        ty
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
        if let Some(replaced) = leaf(self, ty) {
            return replaced;
        }
        let kind = match self.kind(ty).clone() {
            kind @ (TyKind::Int
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
            | TyKind::Unknown) => kind,
            TyKind::Array(t) => TyKind::Array(self.map(t, leaf)),
            TyKind::Set(t) => TyKind::Set(self.map(t, leaf)),
            TyKind::Future(t) => TyKind::Future(self.map(t, leaf)),
            TyKind::Map(k, v) => TyKind::Map(self.map(k, leaf), self.map(v, leaf)),
            TyKind::Tuple(parts) => TyKind::Tuple(self.map_all(&parts, leaf)),
            TyKind::Data(id, args) => TyKind::Data(id, self.map_all(&args, leaf)),
            TyKind::Fn { params, ret, row } => TyKind::Fn {
                params: self.map_all(&params, leaf),
                ret: self.map(ret, leaf),
                row: self.map_row(&row, leaf),
            },
            TyKind::Refined(base, id, args) => {
                TyKind::Refined(self.map(base, leaf), id, self.map_all(&args, leaf))
            }
        };
        self.intern(kind)
    }

    fn map_all(
        &mut self,
        tys: &[Ty],
        leaf: &mut dyn FnMut(&mut Types, Ty) -> Option<Ty>,
    ) -> Vec<Ty> {
        tys.iter().map(|t| self.map(*t, leaf)).collect()
    }

    /// [`Types::map`] over the arguments of a row's effects.
    pub fn map_row(
        &mut self,
        row: &Row,
        leaf: &mut dyn FnMut(&mut Types, Ty) -> Option<Ty>,
    ) -> Row {
        let mut effects: Vec<EffectInst> = row
            .effects
            .iter()
            .map(|e| EffectInst { effect: e.effect, args: self.map_all(&e.args, leaf) })
            .collect();
        effects.sort();
        effects.dedup();
        Row { effects, vars: row.vars.clone() }
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

/// Whether the type or any part of it satisfies `test`.
pub fn any(types: &Types, ty: Ty, test: &mut dyn FnMut(&TyKind) -> bool) -> bool {
    let kind = types.kind(ty);
    if test(kind) {
        return true;
    }
    let mut each = |tys: &[Ty]| tys.iter().any(|t| any(types, *t, test));
    match kind {
        TyKind::Array(t) | TyKind::Set(t) | TyKind::Future(t) => each(&[*t]),
        TyKind::Refined(t, _, args) => each(&[*t]) || each(args),
        TyKind::Map(k, v) => each(&[*k, *v]),
        TyKind::Tuple(parts) | TyKind::Data(_, parts) => each(parts),
        TyKind::Fn { params, ret, row } => {
            each(params) || each(&[*ret]) || row.effects.iter().any(|e| each(&e.args))
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
        | TyKind::Unknown => false,
    }
}
