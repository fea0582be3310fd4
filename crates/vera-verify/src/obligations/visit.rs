//! The parts of an expression.

use vera_check::typed::{Body, ExprId};

/// Calls `f` on `root` and everything below it.
pub(super) fn all(body: &Body, root: ExprId, f: &mut dyn FnMut(ExprId)) {
    let mut work = vec![root];
    while let Some(id) = work.pop() {
        f(id);
        body[id].kind.for_each_child(|child| work.push(child));
    }
}
