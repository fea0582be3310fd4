//! Run-time checks of the contracts of built-in operations: what the caller owes
//! where it performs one, and what a clause of the program owes where it resumes.
//! The host keeps its part by itself.

use vera_abi::trap::TrapKind;
use vera_builtins::{Clause, Contract, Relation, Term};
use vera_check::typed::EffectInst;
use vera_faults::Fault;

use super::functions::FnLower;
use crate::ir::*;

/// An operation whose answer is owed something.
#[derive(Clone, Debug)]
pub(crate) struct Owed {
    contract: Contract,
    /// The arguments the operation was performed with.
    args: Vec<ValueId>,
    /// `Random.random_int(@Int, @Int -> @Int)`
    signature: String,
    params: Vec<String>,
    ret: String,
}

impl FnLower<'_, '_> {
    /// What is owed by and for an operation with these arguments, if anything is.
    pub(super) fn owed(&self, effect: &EffectInst, op: u32, args: &[ValueId]) -> Option<Owed> {
        let declared = &self.lo.program.effects[effect.effect.index()];
        let operation = &declared.ops[op as usize];
        let contract = match declared.module {
            None => vera_builtins::contract(&declared.name, &operation.name)?,
            Some(_) => return None,
        };
        if contract.requires.is_empty() && contract.ensures.is_empty() {
            return None;
        }
        let params: Vec<String> = operation.params.iter().map(|ty| self.lo.show(*ty)).collect();
        let ret = self.lo.show(operation.ret);
        let slots: Vec<String> = params.iter().map(|ty| format!("@{ty}")).collect();
        let (effect, name, slots) = (&declared.name, &operation.name, slots.join(", "));
        let signature = format!("{effect}.{name}({slots} -> @{ret})");
        Some(Owed { contract, args: args.to_vec(), signature, params, ret })
    }

    /// The caller performs the operation.
    pub(super) fn check_requires(&mut self, owed: &Owed) {
        for clause in owed.contract.requires {
            self.check_owed(owed, clause, None, "Precondition", "requires");
        }
    }

    /// Somebody answers it with this value.
    pub(super) fn check_ensures(&mut self, owed: &Owed, result: ValueId) {
        if Fault::RangeOfHandledOperation.planted() {
            return;
        }
        for clause in owed.contract.ensures {
            self.check_owed(owed, clause, Some(result), "Postcondition", "ensures");
        }
    }

    fn check_owed(
        &mut self,
        owed: &Owed,
        clause: &Clause,
        result: Option<ValueId>,
        what: &str,
        word: &str,
    ) {
        let value = |term: Term| match term {
            Term::Param(at) => owed.args.get(at).copied(),
            Term::Result => result,
            Term::Number(_) => None,
        };
        let sides = [clause.left, clause.right];
        let Some(known) = sides.into_iter().find_map(value) else { return };
        let ty = self.b.func.ty(known);
        let [left, right] = sides.map(|term| match (term, value(term)) {
            (_, Some(value)) => value,
            (Term::Number(n), None) if ty == Ty::F64 => self.float(f64::from(n)),
            (Term::Number(n), None) => self.b.i64(i64::from(n)),
            (Term::Param(_) | Term::Result, None) => unreachable!("a contract names its own terms"),
        });
        let op = match (clause.relation, ty) {
            (Relation::AtMost, Ty::F64) => BinaryOp::LeF64,
            (Relation::LessThan, Ty::F64) => BinaryOp::LtF64,
            (Relation::AtMost, Ty::I32 | Ty::I64 | Ty::Ref) => BinaryOp::LeI64,
            (Relation::LessThan, Ty::I32 | Ty::I64 | Ty::Ref) => BinaryOp::LtI64,
        };
        let holds = self.b.binary(op, left, right);
        let params: Vec<&str> = owed.params.iter().map(String::as_str).collect();
        let text = clause.text(&params, &owed.ret);
        let message = format!("{what} violation in {}\n  {word}({text}) failed", owed.signature);
        self.b.guard(holds, TrapKind::ContractViolation, Some(message));
    }
}
