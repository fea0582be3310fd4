//! Small functions of the module's own, made when first asked for.

use vera_abi::host::HostFn;
use vera_abi::runtime::Wasm;
use vera_abi::trap::TrapKind;

use crate::code::{Body, Code};
use crate::module::Context;

/// A function that belongs to no source function.
pub struct Glue {
    pub name: String,
    pub ty: u32,
    pub body: Body,
}

impl Context<'_> {
    /// A function that ends the program with the standard message of `kind`.
    pub fn trap_helper(&mut self, kind: TrapKind) -> u32 {
        if let Some(index) = self.trap_helpers.get(&(kind as i32)) {
            return *index;
        }
        let trap = self.host(HostFn::Trap);
        let mut code = Code::default();
        code.i32(kind as u32);
        code.i32(0);
        code.i32(0);
        code.ops().call(trap).unreachable();
        let index = self.add_glue(format!("trap {}", kind.name()), &[], &[], code, &[]);
        self.trap_helpers.insert(kind as i32, index);
        index
    }

    /// `(a, b) -> a * b`, which traps on overflow. The product fits exactly if
    /// its high half is the sign of its low half (Warren, "Hacker's Delight",
    /// 8-2).
    pub fn mul_helper(&mut self) -> u32 {
        if let Some(index) = self.mul_helper {
            return index;
        }
        let overflow = self.trap_helper(TrapKind::Overflow);
        let [a, b, a0, b0, middle, low] = [0, 1, 2, 3, 4, 5];
        const LOW_HALF: i64 = 0xffff_ffff;
        let mut code = Code::default();
        let mut ops = code.ops();
        ops.local_get(a).i64_const(LOW_HALF).i64_and().local_set(a0);
        ops.local_get(b).i64_const(LOW_HALF).i64_and().local_set(b0);
        // middle = (a >> 32) * b0 + (a0 * b0 >>> 32)
        ops.local_get(a).i64_const(32).i64_shr_s().local_get(b0).i64_mul();
        ops.local_get(a0).local_get(b0).i64_mul().i64_const(32).i64_shr_u().i64_add();
        ops.local_set(middle);
        // high = (a >> 32) * (b >> 32) + (middle >> 32)
        //        + (a0 * (b >> 32) + (middle & LOW_HALF) >> 32)
        ops.local_get(a).i64_const(32).i64_shr_s().local_get(b).i64_const(32).i64_shr_s().i64_mul();
        ops.local_get(middle).i64_const(32).i64_shr_s().i64_add();
        ops.local_get(a0).local_get(b).i64_const(32).i64_shr_s().i64_mul();
        ops.local_get(middle).i64_const(LOW_HALF).i64_and().i64_add();
        ops.i64_const(32).i64_shr_s().i64_add();
        ops.local_get(a).local_get(b).i64_mul().local_tee(low).i64_const(63).i64_shr_s();
        ops.i64_ne().if_(wasm_encoder::BlockType::Empty);
        ops.call(overflow).unreachable().end().local_get(low);
        let locals = [Wasm::I64; 4];
        let types = [Wasm::I64, Wasm::I64];
        let index = self.add_glue("mul".into(), &types, &[Wasm::I64], code, &locals);
        self.mul_helper = Some(index);
        index
    }

    pub fn add_glue(
        &mut self,
        name: String,
        params: &[Wasm],
        results: &[Wasm],
        code: Code,
        locals: &[Wasm],
    ) -> u32 {
        let ty = self.types.func(params, results);
        self.glue.push(Glue { name, ty, body: code.finish(locals) });
        self.first_glue + self.glue.len() as u32 - 1
    }
}
