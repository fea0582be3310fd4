//! Effect operations the host answers.

use vera_abi::host::HostFn;
use vera_abi::runtime::{RtFn, Wasm};
use vera_builtins::{Answer, Host};
use vera_check::typed::EffectInst;
use vera_check::types::{Ty as VeraTy, TyKind};

use super::functions::FnLower;
use crate::ir::*;

impl FnLower<'_, '_> {
    /// An operation the host answers.
    pub(super) fn host_operation(
        &mut self,
        effect: &EffectInst,
        op: &str,
        args: &[ValueId],
        ty: VeraTy,
    ) -> Option<ValueId> {
        if self.lo.recorded {
            return self.perform_by_host(effect, op, args, ty);
        }
        let known = vera_builtins::operation(&self.lo.effect_name(effect), op);
        match known.map_or(Host::InParts, |op| op.host) {
            Host::InParts => self.perform_by_host(effect, op, args, ty),
            // The run that explains a trap says nothing by itself.
            Host::By(HostFn::Print | HostFn::Stderr, _) if self.lo.explain => None,
            Host::By(func, answer) => self.ask(func, answer, args, ty),
            Host::Runtime(func) => Some(self.b.rt(func, args.to_vec(), Ty::Ref)),
        }
    }

    /// Address and length of a string or byte array.
    pub(super) fn bytes(&mut self, seq: ValueId) -> Vec<ValueId> {
        vec![self.b.seq_data(seq), self.b.seq_len(seq)]
    }

    /// Calls a host function and makes its answer a value of type `ty`.
    fn ask(
        &mut self,
        func: HostFn,
        answer: Answer,
        args: &[ValueId],
        ty: VeraTy,
    ) -> Option<ValueId> {
        let mut params = Vec::new();
        for arg in args {
            if self.b.func.ty(*arg) == Ty::Ref {
                params.extend(self.bytes(*arg));
            } else {
                params.push(*arg);
            }
        }
        let results: Vec<Ty> = func.results().iter().map(|ty| number(*ty)).collect();
        let result = self.b.host(func, params, &results).first().copied();
        let of = |found: Option<ValueId>| found.expect("this answer comes with a number");
        match answer {
            Answer::AsItIs => result,
            Answer::Never => {
                self.b.end(Terminator::Unreachable);
                None
            }
            Answer::Text => Some(self.host_text()),
            Answer::TextOrError => Some(self.text_result(of(result), ty)),
            Answer::DoneOrError => Some(self.done_result(of(result), ty)),
            Answer::TextOrNone => Some(self.optional_text(of(result), ty)),
        }
    }

    /// The host's pending result.
    pub(super) fn host_text(&mut self) -> ValueId {
        self.b.rt(RtFn::StringFromHost, Vec::new(), Ty::Ref)
    }

    /// `Ok(())` (status 0) or `Err` of the host's pending result.
    fn done_result(&mut self, status: ValueId, ty: VeraTy) -> ValueId {
        self.b.open();
        let err = {
            let text = self.host_text();
            self.prelude_ctor(ty, 1, &[text])
        };
        let then = Box::new(self.b.close(vec![err]));
        self.b.open();
        let ok = self.prelude_ctor(ty, 0, &[]);
        let otherwise = Box::new(self.b.close(vec![ok]));
        self.b.one(Op::If { cond: status, then, otherwise }, Ty::Ref)
    }

    /// `Ok` (status 0) or `Err` of the host's pending result. Strings and byte
    /// arrays have one form.
    fn text_result(&mut self, status: ValueId, ty: VeraTy) -> ValueId {
        let text = self.host_text();
        self.b.open();
        let err = self.prelude_ctor(ty, 1, &[text]);
        let then = Box::new(self.b.close(vec![err]));
        self.b.open();
        let ok = self.prelude_ctor(ty, 0, &[text]);
        let otherwise = Box::new(self.b.close(vec![ok]));
        self.b.one(Op::If { cond: status, then, otherwise }, Ty::Ref)
    }

    fn optional_text(&mut self, found: ValueId, ty: VeraTy) -> ValueId {
        self.b.open();
        let text = self.host_text();
        let some = self.prelude_ctor(ty, 1, &[text]);
        let then = Box::new(self.b.close(vec![some]));
        self.b.open();
        let none = self.prelude_ctor(ty, 0, &[]);
        let otherwise = Box::new(self.b.close(vec![none]));
        self.b.one(Op::If { cond: found, then, otherwise }, Ty::Ref)
    }

    /// A value of constructor `ctor` of a data type, with the fields that take
    /// space.
    pub(super) fn prelude_ctor(&mut self, ty: VeraTy, ctor: u32, values: &[ValueId]) -> ValueId {
        let TyKind::Data(data, args) = self.lo.types.base_kind(ty).clone() else {
            unreachable!("the built-in's result is a data type");
        };
        let shape = self.lo.ctor_shape(data, ctor, &args);
        let fields = shape
            .slots
            .iter()
            .flatten()
            .zip(values)
            .map(|((offset, mem), value)| (*offset, *mem, *value))
            .collect();
        self.make_object(ctor, &shape, fields)
    }
}

/// The type of a number that the host yields.
fn number(ty: Wasm) -> Ty {
    match ty {
        Wasm::I32 => Ty::I32,
        Wasm::I64 => Ty::I64,
        Wasm::F64 => Ty::F64,
    }
}
