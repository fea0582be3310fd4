//! The size of data values, which `decreases` compares: the number of their
//! constructor nodes.

use std::collections::HashSet;

use crate::typed::Program;
use crate::types::{Ty, TyKind, Types, for_each_part};

impl Program {
    /// The types that values of a type may hold, itself first, each once. Functions
    /// are not looked into: their values hold what they captured.
    pub fn types_within(&self, types: &mut Types, ty: Ty) -> Vec<Ty> {
        let mut found = vec![ty];
        let mut seen = HashSet::from([ty]);
        let mut next = 0;
        while let Some(ty) = found.get(next).copied() {
            next += 1;
            let mut add = |part: Ty| {
                if seen.insert(part) {
                    found.push(part);
                }
            };
            match types.kind(ty).clone() {
                TyKind::Fn { .. } => {}
                TyKind::Refined(base, ..) => add(base),
                TyKind::Data(data, args) => {
                    for field in self.data(data).ctors.iter().flat_map(|c| &c.fields) {
                        add(types.subst(*field, &args));
                    }
                }
                kind => for_each_part(&kind, &mut add),
            }
        }
        found
    }

    /// Whether the size of a value tells of recursion to its parts: none of the same
    /// type is behind a function, which is not counted.
    pub fn has_size(&self, types: &mut Types, ty: Ty) -> bool {
        let whole = types.plain(ty);
        let mut met = HashSet::new();
        let mut work = self.yielded_within(types, ty);
        while let Some(ret) = work.pop() {
            if !met.insert(ret) {
                continue;
            }
            if self.types_within(types, ret).into_iter().any(|part| types.plain(part) == whole) {
                return false;
            }
            work.extend(self.yielded_within(types, ret));
        }
        true
    }

    /// What functions inside values of a type yield.
    fn yielded_within(&self, types: &mut Types, ty: Ty) -> Vec<Ty> {
        let yields = |part: Ty, types: &Types| match types.kind(part) {
            TyKind::Fn { ret, .. } => Some(*ret),
            _ => None,
        };
        self.types_within(types, ty).into_iter().filter_map(|part| yields(part, types)).collect()
    }
}
