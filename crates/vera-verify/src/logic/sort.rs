//! Sorts: the types of the logic.

use std::collections::HashSet;

use vera_faults::Fault;

/// Index of an uninterpreted sort.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct SortId(pub u32);

/// Index of an algebraic datatype.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct DataId(pub u32);

/// Index of an array sort.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct ArrayId(pub u32);

/// The sort of a term.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub enum Sort {
    Bool,
    /// Mathematical integers.
    Int,
    /// IEEE 754 binary64.
    Float,
    /// Sequences of code points.
    String,
    /// Values of which only equality is known.
    Uninterpreted(SortId),
    Data(DataId),
    /// Values with a length and elements.
    Array(ArrayId),
}

/// An algebraic datatype, monomorphic.
#[derive(Clone, Debug, Default)]
pub struct Data {
    /// The type as the source writes it, `Option<Int>`.
    pub name: String,
    pub ctors: Vec<Ctor>,
}

/// A constructor of a [`Data`].
#[derive(Clone, Debug)]
pub struct Ctor {
    pub name: String,
    pub fields: Vec<Sort>,
}

/// A sort of which only equality is known.
#[derive(Clone, Debug)]
pub struct Uninterpreted {
    /// The type, for dumps and values.
    pub name: String,
    /// A float may lie inside its values, so that one may differ from itself.
    pub hides_float: bool,
}

/// The sorts of one program.
#[derive(Clone, Debug, Default)]
pub struct Sorts {
    pub uninterpreted: Vec<Uninterpreted>,
    pub datas: Vec<Data>,
    /// Element sorts.
    pub arrays: Vec<Sort>,
}

impl Sorts {
    pub fn data(&self, id: DataId) -> &Data {
        &self.datas[id.0 as usize]
    }

    pub fn element(&self, id: ArrayId) -> Sort {
        self.arrays[id.0 as usize]
    }

    /// Whether a value of the sort exists that is finitely built.
    pub fn is_inhabited(&self, id: DataId) -> bool {
        let mut known = vec![false; self.datas.len()];
        loop {
            let mut changed = false;
            for (i, data) in self.datas.iter().enumerate() {
                let ready = |sort: &Sort| match sort {
                    Sort::Data(inner) => known[inner.0 as usize],
                    Sort::Bool
                    | Sort::Int
                    | Sort::Float
                    | Sort::String
                    | Sort::Uninterpreted(_)
                    | Sort::Array(_) => true,
                };
                if !known[i] && data.ctors.iter().any(|c| c.fields.iter().all(ready)) {
                    known[i] = true;
                    changed = true;
                }
            }
            if known[id.0 as usize] || !changed {
                return known[id.0 as usize];
            }
        }
    }

    /// Whether a float lies inside values of the datatype, and whether it is recursive.
    pub fn contents(&self, id: DataId) -> Contents {
        let mut found = Contents { float: false, hidden: false, arrays: false, recursive: false };
        let mut path = Vec::new();
        let mut done = Vec::new();
        self.visit(id, &mut path, &mut done, &mut found);
        found
    }

    /// Whether keys of the sort are the same exactly if they are one value of the logic.
    pub fn is_plain_key(&self, sort: Sort) -> bool {
        let plain = match sort {
            Sort::Bool | Sort::Int | Sort::String | Sort::Data(_) | Sort::Array(_) => true,
            Sort::Float | Sort::Uninterpreted(_) => false,
        };
        plain && !self.hides_float(sort)
    }

    /// Whether a float may lie anywhere inside values of the sort.
    pub fn hides_float(&self, sort: Sort) -> bool {
        let holds = self.holds(sort, |inside| match inside {
            Sort::Float => true,
            Sort::Uninterpreted(id) => self.uninterpreted[id.0 as usize].hides_float,
            Sort::Bool | Sort::Int | Sort::String | Sort::Data(_) | Sort::Array(_) => false,
        });
        holds && !Fault::HiddenFloat.planted()
    }

    /// Whether a value of a wanted sort is one of the sort, or may lie anywhere inside one.
    fn holds(&self, sort: Sort, wanted: impl Fn(Sort) -> bool) -> bool {
        let mut seen = HashSet::new();
        let mut work = vec![sort];
        while let Some(sort) = work.pop() {
            if !seen.insert(sort) {
                continue;
            }
            if wanted(sort) {
                return true;
            }
            match sort {
                Sort::Array(id) => work.push(self.element(id)),
                Sort::Data(id) => {
                    work.extend(self.data(id).ctors.iter().flat_map(|c| c.fields.iter().copied()));
                }
                Sort::Uninterpreted(_) | Sort::Bool | Sort::Int | Sort::Float | Sort::String => {}
            }
        }
        false
    }

    fn visit(
        &self,
        id: DataId,
        path: &mut Vec<DataId>,
        done: &mut Vec<DataId>,
        out: &mut Contents,
    ) {
        if path.contains(&id) {
            out.recursive = true;
            return;
        }
        if done.contains(&id) {
            return;
        }
        path.push(id);
        for field in self.data(id).ctors.iter().flat_map(|c| &c.fields) {
            match field {
                Sort::Float => out.float = true,
                Sort::Data(inner) => self.visit(*inner, path, done, out),
                Sort::Array(_) => {
                    out.arrays = true;
                    // Where a float may be inside, elements are not looked at.
                    let hidden = self.hides_float(*field);
                    out.hidden |= hidden;
                    let leads_back =
                        |inside| matches!(inside, Sort::Data(id) if path.contains(&id));
                    out.recursive |= !hidden && self.holds(*field, leads_back);
                }
                Sort::Uninterpreted(_) => out.hidden |= self.hides_float(*field),
                Sort::Bool | Sort::Int | Sort::String => {}
            }
        }
        path.pop();
        done.push(id);
    }
}

/// What values of a datatype contain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contents {
    pub float: bool,
    /// A float may lie where no formula reaches it.
    pub hidden: bool,
    pub arrays: bool,
    pub recursive: bool,
}
