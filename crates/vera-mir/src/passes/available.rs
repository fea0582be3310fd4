//! Operations whose result is at hand: the same operation on the same operands was
//! done before, on every way here (common subexpression elimination on structured
//! control, where dominance is nesting).

use std::collections::HashMap;

use vera_faults::Fault;

use crate::ir::*;

/// An operand: constants are alike whichever value holds them.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Operand {
    Value(ValueId),
    /// The constant's type and bits.
    Const(Ty, u64),
}

impl Operand {
    pub fn constant(c: Const) -> Option<Operand> {
        match c {
            Const::I32(n) => Some(Operand::Const(Ty::I32, n as u32 as u64)),
            Const::I64(n) => Some(Operand::Const(Ty::I64, n as u64)),
            Const::F64(bits) => Some(Operand::Const(Ty::F64, bits)),
            Const::Immediate(tag) => Some(Operand::Const(Ty::Ref, u64::from(tag))),
            Const::Static(_) => None,
        }
    }
}

/// An operation that gives the same result whenever it is done. Fields of
/// reference type are not remembered: keeping a reference costs more than loading
/// it again, and so does the address of elements, which keeps its sequence alive.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Key {
    Unary(UnaryOp, Operand),
    Binary(BinaryOp, Operand, Operand),
    Checked(CheckedOp, Operand, Operand),
    Load(ValueId, u32, Mem),
    Tag(ValueId),
    IsImmediate(ValueId),
    SeqLen(ValueId),
}

impl Key {
    fn of(op: &Op, operand: impl Fn(ValueId) -> Operand) -> Option<Key> {
        Some(match op {
            Op::Unary(op, a) => Key::Unary(*op, operand(*a)),
            Op::Binary(op, a, b) => Key::Binary(*op, operand(*a), operand(*b)),
            Op::Checked(op, a, b) => Key::Checked(*op, operand(*a), operand(*b)),
            Op::Load { object, offset, mem } if *mem != Mem::Ref => {
                Key::Load(*object, *offset, *mem)
            }
            Op::Tag { object } => Key::Tag(*object),
            Op::IsImmediate(object) => Key::IsImmediate(*object),
            Op::SeqLen(seq) => Key::SeqLen(*seq),
            _ => return None,
        })
    }
}

/// What a condition is known to be, and the condition that told it.
#[derive(Clone, Copy)]
pub(super) struct Truth {
    pub truth: bool,
    pub by: Reason,
}

/// The results at hand at a point of the walk.
#[derive(Default)]
pub(super) struct Available {
    results: HashMap<Key, ValueId>,
    /// Conditions known to be true or false.
    truths: HashMap<ValueId, Truth>,
    /// What to forget, latest last.
    log: Vec<Entry>,
}

enum Entry {
    Result(Key),
    /// What was known of the condition before.
    Truth(ValueId, Option<Truth>),
}

/// A point to go back to.
#[derive(Clone, Copy)]
pub(super) struct Mark(usize);

impl Available {
    /// The value that `op` would yield; otherwise remembers that `result` is it.
    pub fn find_or_add(
        &mut self,
        op: &Op,
        result: Option<&ValueId>,
        operand: impl Fn(ValueId) -> Operand,
    ) -> Option<ValueId> {
        let key = Key::of(op, operand)?;
        if let Some(known) = self.results.get(&key) {
            return Some(*known);
        }
        self.results.insert(key.clone(), *result?);
        self.log.push(Entry::Result(key));
        None
    }

    /// What a condition is known to be.
    pub fn truth(&self, cond: ValueId) -> Option<Truth> {
        self.truths.get(&cond).copied()
    }

    /// Records what a condition is from here to where the walk is reset.
    pub fn assume(&mut self, cond: ValueId, truth: Truth) {
        let before = self.truths.insert(cond, truth);
        if before.is_none() || !Fault::TruthOutlivesBranch.planted() {
            self.log.push(Entry::Truth(cond, before));
        }
    }

    pub fn mark(&self) -> Mark {
        Mark(self.log.len())
    }

    /// Forgets what was learnt since.
    pub fn reset(&mut self, mark: Mark) {
        for entry in self.log.drain(mark.0..).rev() {
            match entry {
                Entry::Result(key) => {
                    self.results.remove(&key);
                }
                Entry::Truth(cond, Some(before)) => {
                    self.truths.insert(cond, before);
                }
                Entry::Truth(cond, None) => {
                    self.truths.remove(&cond);
                }
            }
        }
    }
}
