//! Constructor values, tuples and records that nothing keeps become their
//! fields: in locals, through branches and loops, and in what functions return
//! (unboxing by escape analysis; for results, Baker-Finch, Glynn, Peyton Jones,
//! "Constructed product result analysis for Haskell", 2004).
//!
//! References that flow into one another form a *flow* ([`flow`]). A flow all of
//! whose values are made in sight, and which is only ever taken apart, needs no
//! object: it is carried as a tag and one value for each place a field can have
//! ([`shape`]), and [`rewrite`] replaces every value of it by these components.
//! A function whose results are such a flow returns the components; a caller
//! that needs the object makes it.

mod flow;
mod rewrite;
mod shape;

use crate::ir::Program;
use shape::Shapes;

/// Unboxes what can be; whether anything was.
pub(super) fn run(program: &mut Program) -> bool {
    let mut flows = flow::Flows::of(program);
    let Some(shapes) = Shapes::decide(program, &mut flows) else { return false };
    rewrite::run(program, &mut flows, &shapes);
    true
}
