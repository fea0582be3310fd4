//! Facts about a finished program that emission relies on.

mod call_graph;
mod host_uses;
mod live_set;
mod roots;

#[cfg(test)]
mod tests;

use crate::ir::Program;
pub use host_uses::{HostUse, host_uses};

/// Sets [`Func::collects`](crate::ir::Func::collects),
/// [`Func::recursive`](crate::ir::Func::recursive) and
/// [`Inst::roots`](crate::ir::Inst::roots) of the whole program. Run it after
/// the last pass that changes code; linear in the program's size apart from
/// the size of the root lists themselves.
pub fn annotate(program: &mut Program) {
    annotate_calls(program);
    let collects: Vec<bool> = program.funcs.iter().map(|f| f.collects).collect();
    for func in &mut program.funcs {
        roots::annotate(func, &collects);
    }
}

/// The part of [`annotate`] that the call graph says: all but the roots.
pub fn annotate_calls(program: &mut Program) {
    call_graph::annotate(program);
}
