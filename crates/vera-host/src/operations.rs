//! Operations of effects whose arguments and results cross in parts.

use std::sync::Arc;

use vera_abi::interface::HostOp;
use vera_abi::trap::TrapKind;

use crate::run::State;
use crate::trap::End;
use crate::value::Value;

/// Performs the operation with this number of the program's table.
pub(crate) fn perform(state: &mut State, number: u32) -> Result<(), End> {
    let interface = Arc::clone(&state.interface);
    let Some(op) = interface.operations.get(number as usize) else {
        return Err(failed(format!("there is no operation {number}")));
    };
    let mut args = Vec::with_capacity(op.params.len());
    for ty in &op.params {
        args.push(state.wire.receive(&interface, ty)?);
    }
    let result = answer(state, op, args)?;
    state.wire.send(&interface, &op.result, result).map_err(failed)
}

fn answer(_state: &mut State, op: &HostOp, _args: Vec<Value>) -> Result<Value, End> {
    Err(failed(format!("this version does not perform `{}.{}`", op.effect, op.name)))
}

/// The end of a program for which the host cannot do what was asked.
fn failed(why: String) -> End {
    End::Trap(TrapKind::HostError, why)
}
