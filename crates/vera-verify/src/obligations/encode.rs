//! Types of the language as sorts of the logic.

use std::collections::HashMap;

use vera_check::typed::{DataId as TypeId, Program};
use vera_check::types::{Printer, Ty, TyKind, Types};

use crate::logic::{ArrayId, Ctor, Data, DataId, Sort, SortId, Sorts, Uninterpreted};

/// A data type that occurs inside itself at ever larger arguments is opaque from
/// this depth on.
const MAX_INSTANCES: usize = 4;

/// The sorts of a program's types; refinements and `Nat` share those of their base.
pub(super) struct Encoder {
    pub sorts: Sorts,
    known: HashMap<Ty, Sort>,
}

impl Encoder {
    pub fn new() -> Encoder {
        Encoder { sorts: Sorts::default(), known: HashMap::new() }
    }

    /// The sort of a closed type.
    pub fn sort(&mut self, program: &Program, types: &mut Types, ty: Ty) -> Sort {
        let before = self.sorts.datas.len();
        let sort = self.nested(program, types, ty, &mut Vec::new());
        // Solvers refuse a datatype without values, so one whose values could never
        // be built gets a value that the program cannot name.
        for index in before..self.sorts.datas.len() {
            if !self.sorts.is_inhabited(DataId(index as u32)) {
                let ctor = Ctor { name: "none".to_owned(), fields: Vec::new() };
                self.sorts.datas[index].ctors.push(ctor);
            }
        }
        sort
    }

    fn nested(
        &mut self,
        program: &Program,
        types: &mut Types,
        ty: Ty,
        path: &mut Vec<TypeId>,
    ) -> Sort {
        let ty = erase(types, ty);
        if let Some(sort) = self.known.get(&ty) {
            return *sort;
        }
        let sort = match types.kind(ty).clone() {
            TyKind::Int | TyKind::Nat | TyKind::Byte => Sort::Int,
            TyKind::Bool => Sort::Bool,
            TyKind::Float64 => Sort::Float,
            TyKind::String => Sort::String,
            TyKind::Array(element) => {
                let element = self.nested(program, types, element, path);
                self.array(element)
            }
            TyKind::Future(inner) => self.nested(program, types, inner, path),
            TyKind::Unit => {
                let ctor = Ctor { name: "()".to_owned(), fields: Vec::new() };
                self.declare("Unit".to_owned(), vec![ctor])
            }
            TyKind::Tuple(parts) => {
                let name = Printer::with_types(program, types).ty(ty);
                let fields = parts.iter().map(|p| self.nested(program, types, *p, path)).collect();
                self.declare(name, vec![Ctor { name: "Tuple".to_owned(), fields }])
            }
            TyKind::Data(data, args) => {
                if path.iter().filter(|d| **d == data).count() >= MAX_INSTANCES {
                    return self.opaque(program, types, ty);
                }
                path.push(data);
                let sort = self.data(program, types, ty, (data, &args), path);
                path.pop();
                return sort;
            }
            TyKind::Never
            | TyKind::Decimal
            | TyKind::Set(_)
            | TyKind::Map(..)
            | TyKind::Fn { .. }
            | TyKind::Refined(..)
            | TyKind::Param(..)
            | TyKind::Meta(_)
            | TyKind::Undeclared(_)
            | TyKind::Unknown => return self.opaque(program, types, ty),
        };
        self.known.insert(ty, sort);
        sort
    }

    fn opaque(&mut self, program: &Program, types: &mut Types, ty: Ty) -> Sort {
        let sort = Sort::Uninterpreted(SortId(self.sorts.uninterpreted.len() as u32));
        let hides_float = program
            .types_within(types, ty)
            .into_iter()
            .any(|part| matches!(types.kind(part), TyKind::Float64 | TyKind::Param(..)));
        let name = Printer::with_types(program, types).ty(ty);
        self.sorts.uninterpreted.push(Uninterpreted { name, hides_float });
        self.known.insert(ty, sort);
        sort
    }

    fn array(&mut self, element: Sort) -> Sort {
        let known = self.sorts.arrays.iter().position(|e| *e == element);
        let index = known.unwrap_or_else(|| {
            self.sorts.arrays.push(element);
            self.sorts.arrays.len() - 1
        });
        Sort::Array(ArrayId(index as u32))
    }

    fn declare(&mut self, name: String, ctors: Vec<Ctor>) -> Sort {
        self.sorts.datas.push(Data { name, ctors });
        Sort::Data(DataId(self.sorts.datas.len() as u32 - 1))
    }

    fn data(
        &mut self,
        program: &Program,
        types: &mut Types,
        ty: Ty,
        (data, args): (TypeId, &[Ty]),
        path: &mut Vec<TypeId>,
    ) -> Sort {
        // The sort is known while its fields are encoded, so recursion ends.
        let name = Printer::with_types(program, types).ty(ty);
        let sort = self.declare(name, Vec::new());
        self.known.insert(ty, sort);
        let Sort::Data(id) = sort else { unreachable!("a declared datatype is a datatype") };
        let mut ctors = Vec::new();
        for ctor in &program.data(data).ctors {
            let fields = ctor
                .fields
                .iter()
                .map(|field| {
                    let field = types.subst(*field, args);
                    self.nested(program, types, field, path)
                })
                .collect();
            ctors.push(Ctor { name: ctor.name.to_string(), fields });
        }
        self.sorts.datas[id.0 as usize].ctors = ctors;
        sort
    }
}

/// The type with refinements replaced by their bases, and `Nat` by `Int`.
fn erase(types: &mut Types, ty: Ty) -> Ty {
    types.map(ty, &mut |types, ty| match types.kind(ty).clone() {
        TyKind::Nat => Some(Ty::INT),
        TyKind::Refined(base, ..) => Some(erase(types, base)),
        _ => None,
    })
}
