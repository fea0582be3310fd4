//! Effect operations the host answers.

use vera_abi::host::HostFn;
use vera_abi::runtime::RtFn;
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
        // Those that have a host function of their own.
        match (self.lo.effect_name(effect).as_str(), op) {
            ("Random", "random_int") => {
                Some(self.b.host(HostFn::RandomInt, args.to_vec(), &[Ty::I64])[0])
            }
            ("Random", "random_float") => {
                Some(self.b.host(HostFn::RandomFloat, Vec::new(), &[Ty::F64])[0])
            }
            ("Random", "random_bool") => {
                Some(self.b.host(HostFn::RandomBool, Vec::new(), &[Ty::I32])[0])
            }
            ("IO", "print" | "stderr") if self.lo.explain => None,
            ("IO", "print") => self.text_op(HostFn::Print, args),
            ("IO", "stderr") => self.text_op(HostFn::Stderr, args),
            ("IO", "read_line") => {
                self.b.host(HostFn::ReadLine, Vec::new(), &[]);
                Some(self.host_text())
            }
            ("IO", "read_char") => {
                let status = self.b.host(HostFn::ReadChar, Vec::new(), &[Ty::I32])[0];
                Some(self.text_result(status, ty))
            }
            ("IO", "read_file") => self.read_op(HostFn::ReadFile, args, ty),
            ("IO", "read_bytes") => self.read_op(HostFn::ReadBytes, args, ty),
            ("IO", "write_file") => self.write(HostFn::WriteFile, args, ty),
            ("IO", "write_bytes") => self.write(HostFn::WriteBytes, args, ty),
            ("IO", "args") => Some(self.b.rt(RtFn::HostArgs, Vec::new(), Ty::Ref)),
            ("IO", "exit") => {
                self.b.host(HostFn::Exit, args.to_vec(), &[]);
                self.b.end(Terminator::Unreachable);
                None
            }
            ("IO", "get_env") => {
                let bytes = self.bytes(args[0]);
                let found = self.b.host(HostFn::GetEnv, bytes, &[Ty::I32])[0];
                Some(self.optional_text(found, ty))
            }
            ("IO", "sleep") => {
                self.b.host(HostFn::Sleep, args.to_vec(), &[]);
                None
            }
            ("IO", "time") => Some(self.b.host(HostFn::Time, Vec::new(), &[Ty::I64])[0]),
            _ => self.perform_by_host(effect, op, args, ty),
        }
    }

    /// Address and length of a string or byte array.
    pub(super) fn bytes(&mut self, seq: ValueId) -> Vec<ValueId> {
        vec![self.b.seq_data(seq), self.b.seq_len(seq)]
    }

    fn text_op(&mut self, func: HostFn, args: &[ValueId]) -> Option<ValueId> {
        let bytes = self.bytes(args[0]);
        self.b.host(func, bytes, &[]);
        None
    }

    /// The host's pending result.
    pub(super) fn host_text(&mut self) -> ValueId {
        self.b.rt(RtFn::StringFromHost, Vec::new(), Ty::Ref)
    }

    fn read_op(&mut self, func: HostFn, args: &[ValueId], ty: VeraTy) -> Option<ValueId> {
        let bytes = self.bytes(args[0]);
        let status = self.b.host(func, bytes, &[Ty::I32])[0];
        Some(self.text_result(status, ty))
    }

    fn write(&mut self, func: HostFn, args: &[ValueId], ty: VeraTy) -> Option<ValueId> {
        let mut bytes = self.bytes(args[0]);
        bytes.extend(self.bytes(args[1]));
        let status = self.b.host(func, bytes, &[Ty::I32])[0];
        self.b.open();
        let err = {
            let text = self.host_text();
            self.prelude_ctor(ty, 1, &[text])
        };
        let then = Box::new(self.b.close(vec![err]));
        self.b.open();
        let ok = self.prelude_ctor(ty, 0, &[]);
        let otherwise = Box::new(self.b.close(vec![ok]));
        Some(self.b.one(Op::If { cond: status, then, otherwise }, Ty::Ref))
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
