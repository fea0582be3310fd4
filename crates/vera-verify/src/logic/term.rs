//! Terms: an arena of hash-consed nodes.

use std::collections::{HashMap, HashSet};

use smallvec::SmallVec;
use smol_str::SmolStr;
use vera_builtins::BuiltinId;

use super::sort::{ArrayId, DataId, Sort};

/// Index of a term in its [`Terms`]; equal terms have equal ids.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct TermId(pub u32);

/// Index of a free symbol.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct SymbolId(pub u32);

/// A constant or function the solver may interpret freely.
#[derive(Clone, Debug)]
pub struct Symbol {
    pub name: SmolStr,
    pub params: Vec<Sort>,
    pub result: Sort,
}

impl Symbol {
    /// Whether it joins two texts, as solvers with a theory of texts know.
    pub fn joins_texts(&self) -> bool {
        self.name == BuiltinId::StringConcat.name()
            && self.params == [Sort::String, Sort::String]
            && self.result == Sort::String
    }
}

/// What a term is made of. Comparison and arithmetic without a prefix are on
/// integers, with `Float` on floats.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Op {
    Bool(bool),
    Int(i128),
    /// The bits of a float; every NaN is the canonical one.
    Float(u64),
    String(SmolStr),
    /// A symbol at its arguments.
    Apply(SymbolId),
    /// The integer variable of an enclosing quantifier.
    Bound(u32),
    Not,
    /// Any number of arguments, at least two.
    And,
    /// Any number of arguments, at least two.
    Or,
    Implies,
    Ite,
    /// Identity of values of one sort.
    Equal,
    LessEqual,
    Less,
    Add,
    Subtract,
    Multiply,
    /// Truncating division; anything at a divisor of zero.
    Divide,
    /// The remainder of [`Op::Divide`].
    Remainder,
    FloatAdd,
    FloatSubtract,
    FloatMultiply,
    FloatDivide,
    /// `a - trunc(a / b) * b`, each step rounded.
    FloatRemainder,
    FloatNegate,
    FloatEqual,
    FloatLess,
    FloatLessEqual,
    FloatIsNan,
    FloatIsInfinite,
    FloatIsNegative,
    /// `(text, part)`
    StringContains,
    /// `(text, prefix)`
    StringStartsWith,
    /// `(text, suffix)`
    StringEndsWith,
    Construct(DataId, u32),
    IsCtor(DataId, u32),
    /// Field `.2` of constructor `.1`; anything for values of others.
    Select(DataId, u32, u32),
    /// An array of exactly these elements.
    ArrayLiteral(ArrayId),
    Length,
    Element,
    /// Binds `Bound(.0)` in its argument.
    Forall(u32),
    /// Binds `Bound(.0)` in its argument.
    Exists(u32),
}

/// A term: an operation on earlier terms.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Node {
    pub op: Op,
    pub args: SmallVec<[TermId; 2]>,
    pub sort: Sort,
}

impl Node {
    /// Whether it is a number, a truth value or a text that the source writes as such.
    pub fn is_literal(&self) -> bool {
        matches!(self.op, Op::Int(_) | Op::Bool(_) | Op::String(_))
    }
}

/// The terms and symbols of one unit of verification.
#[derive(Debug, Default)]
pub struct Terms {
    nodes: Vec<Node>,
    /// Of each, whether it contains a variable that is bound outside of it.
    open: Vec<bool>,
    ids: HashMap<Node, TermId>,
    symbols: Vec<Symbol>,
    bound: u32,
}

impl std::ops::Index<TermId> for Terms {
    type Output = Node;
    fn index(&self, id: TermId) -> &Node {
        &self.nodes[id.0 as usize]
    }
}

impl Terms {
    /// The term of this node as it stands, not simplified.
    pub(super) fn intern(&mut self, op: Op, args: &[TermId], sort: Sort) -> TermId {
        let node = Node { op, args: args.into(), sort };
        if let Some(id) = self.ids.get(&node) {
            return *id;
        }
        let id = TermId(self.nodes.len() as u32);
        self.open.push(self.has_free_variable(&node));
        self.nodes.push(node.clone());
        self.ids.insert(node, id);
        id
    }

    /// Forgets every term made after `work` began: for questions asked over and
    /// over. Symbols stay.
    pub fn scratch<T>(&mut self, work: impl FnOnce(&mut Terms) -> T) -> T {
        let before = self.nodes.len();
        let result = work(self);
        for node in self.nodes.drain(before..) {
            self.ids.remove(&node);
        }
        self.open.truncate(before);
        result
    }

    /// Whether a term contains the variable of a quantifier that is not part of it: what
    /// it stands for differs from index to index.
    pub fn is_open(&self, id: TermId) -> bool {
        self.open[id.0 as usize]
    }

    fn has_free_variable(&self, node: &Node) -> bool {
        let inner = node.args.iter().any(|arg| self.is_open(*arg));
        match node.op {
            Op::Bound(_) => true,
            Op::Forall(own) | Op::Exists(own) => {
                inner && self.free_variables(&node.args).iter().any(|v| *v != own)
            }
            _ => inner,
        }
    }

    /// The variables of quantifiers around the terms; each variable is bound once.
    fn free_variables(&self, roots: &[TermId]) -> HashSet<u32> {
        let (mut met, mut bound) = (HashSet::new(), HashSet::new());
        self.visit(roots, &mut |id| match self[id].op {
            Op::Bound(variable) => _ = met.insert(variable),
            Op::Forall(variable) | Op::Exists(variable) => _ = bound.insert(variable),
            _ => {}
        });
        &met - &bound
    }

    pub fn sort(&self, id: TermId) -> Sort {
        self[id].sort
    }

    pub fn symbol(&self, id: SymbolId) -> &Symbol {
        &self.symbols[id.0 as usize]
    }

    /// All symbols.
    pub fn symbols(&self) -> impl Iterator<Item = SymbolId> + use<> {
        (0..self.symbols.len() as u32).map(SymbolId)
    }

    /// How many terms there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// A new symbol; names need not differ.
    pub fn declare(&mut self, name: &str, params: Vec<Sort>, result: Sort) -> SymbolId {
        self.symbols.push(Symbol { name: name.into(), params, result });
        SymbolId(self.symbols.len() as u32 - 1)
    }

    /// A new constant.
    pub fn constant(&mut self, name: &str, sort: Sort) -> TermId {
        let symbol = self.declare(name, Vec::new(), sort);
        self.apply(symbol, &[])
    }

    pub fn apply(&mut self, symbol: SymbolId, args: &[TermId]) -> TermId {
        let sort = self.symbol(symbol).result;
        self.intern(Op::Apply(symbol), args, sort)
    }

    /// A variable for a quantifier, with its number.
    pub fn variable(&mut self) -> (u32, TermId) {
        let number = self.bound;
        self.bound += 1;
        (number, self.intern(Op::Bound(number), &[], Sort::Int))
    }

    /// Visits every term below `roots` once, arguments first.
    pub fn visit(&self, roots: &[TermId], visit: &mut dyn FnMut(TermId)) {
        let mut seen: HashSet<TermId> = HashSet::new();
        let mut work: Vec<(TermId, bool)> = roots.iter().rev().map(|r| (*r, false)).collect();
        while let Some((id, expanded)) = work.pop() {
            if expanded {
                visit(id);
                continue;
            }
            if !seen.insert(id) {
                continue;
            }
            work.push((id, true));
            work.extend(self[id].args.iter().rev().map(|a| (*a, false)));
        }
    }
}
